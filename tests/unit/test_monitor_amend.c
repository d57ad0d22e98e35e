/* Amended maxima, reserves for new monitors, over-running (methods, section 4, rules 5 and 6). */
#include "support/t.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "monitor/amend.h"
#include "support/t_ledger.h"
#include "support/t_plan.h"
#include "support/t_trial.h"

/* ---- how alpha is spent from an amendment on ---- */

static double pocock(double t)
{
    return log(1 + (exp(1) - 1) * t); /* share of alpha */
}

static void a_larger_maximum_spends_what_is_left_over_what_is_left(void **state)
{
    struct trial t;
    const struct entry *e;
    double spent, f0 = pocock(8 / 44.0);

    (void)state;
    trial_open(&t, b2(.05, 20));
    e = run(&t, "10110100");
    spent = e->alpha_spent;
    assert_true(spent > 0);
    t.m.max_events = 44;
    for (int n = 9; n <= 43; n++) {
        double want = spent + (.05 - spent) * (pocock(n / 44.0) - f0) / (1 - f0);

        e = run(&t, n % 2 == 0 ? "1" : "0");
        assert_near(e->t, n / 44.0, 0);
        assert_near(e->alpha_target, want, 1e-15);
        assert_true(e->alpha_spent <= e->alpha_target + 1e-15);
        assert_int_equal(e->max_events, 44);
        assert_int_equal(e->verdict, VERDICT_BELOW);
    }
    e = run(&t, "1");
    assert_near(e->alpha_target, .05, 0);
    e = run(&t, "0");
    assert_int_equal(e->verdict, VERDICT_CLOSED);
    trial_close(&t);
}

static void a_smaller_maximum_spends_the_rest_sooner(void **state)
{
    struct trial t;
    const struct entry *e;

    (void)state;
    trial_open(&t, b2(.05, 40));
    e = run(&t, "101100");
    t.m.max_events = 10;
    e = run(&t, "101");
    assert_true(e->t < 1 && e->alpha_target < .05);
    e = run(&t, "0");
    assert_near(e->alpha_target, .05, 0);
    assert_int_equal(run(&t, "1")->verdict, VERDICT_CLOSED);
    trial_close(&t);
}

static void an_amendment_before_any_test_is_the_new_design(void **state)
{
    struct trial a, b;
    const struct entry *x, *y;

    (void)state;
    trial_open(&a, b1(.025, 60));
    trial_open(&b, b1(.025, 90));
    x = run(&a, "110100");
    y = run(&b, "110100");
    assert_int_equal(x->verdict, VERDICT_UNDETERMINED);
    a.m.max_events = 90;
    x = run(&a, "1011010");
    y = run(&b, "1011010");
    assert_true(x->executed);
    assert_null(entry_difference(x, y));
    trial_close(&a);
    trial_close(&b);
}

/* Blind amendments at any time, any number of them: what is spent never goes above alpha, and never falls. */
static void no_sequence_of_amendments_spends_more_than_alpha(void **state)
{
    static const enum spending_kind kinds[] = {SPEND_POCOCK, SPEND_OBF};
    uint64_t random = 20261;
    int amendments = 0, closed = 0;

    (void)state;
    for (int k = 0; k < 120; k++) {
        struct trial t;
        double spent = 0;
        int looks = 0;

        trial_open(&t, k % 2 == 0 ? b2(.05, 20) : b1(.05, 20));
        t.m.spending.kind = kinds[(k / 2) % 2];
        t.m.min_events = 1;
        for (; looks < 60; looks++) {
            const struct entry *e;

            if (looks > 0 && t_below(&random, 8) == 0) {
                t.m.max_events = (int64_t)t.n_ev + 1 + (int64_t)t_below(&random, 30);
                amendments++;
            }
            e = run(&t, t_below(&random, 2) == 0 ? "1" : "0");
            assert_true(e->alpha_spent >= spent - 1e-12);
            assert_true(e->alpha_spent <= .05 + 1e-9);
            assert_true(e->t >= 0 && e->t <= 1);
            spent = e->alpha_spent;
            if (e->verdict == VERDICT_CLOSED) {
                closed++;
                break;
            }
            if (e->verdict == VERDICT_CROSSED) {
                break;
            }
        }
        trial_close(&t);
    }
    assert_true(amendments > 100 && closed > 20);
}

/* ---- over-running ---- */

/* P0(a path of n fair-weighted events crosses an executed bound at or before look k, or ends at x or more): by all paths. */
static double all_paths(const struct trial *t, int n, int64_t x, double p)
{
    double sum = 0;

    for (unsigned path = 0; path < 1U << n; path++) {
        int64_t count = 0;
        double weight = 1;
        bool hit = false;

        for (int i = 0; i < n; i++) {
            bool exp = (path >> i & 1) != 0;

            count += exp;
            weight *= exp ? p : 1 - p;
            /* the looks before the crossing one, each after one event */
            hit = hit || (t->past[i].executed && t->past[i].verdict == VERDICT_BELOW &&
                          (double)count >= t->past[i].bound);
        }
        sum += hit || count >= x ? weight : 0;
    }
    return sum;
}

static void over_running_of_the_exact_test_counts_every_path(void **state)
{
    struct trial t;
    const struct entry *e;
    double p = 75.0 / 148;

    (void)state;
    trial_open(&t, b2(.05, 20));
    e = run(&t, "0111111");
    while (e->verdict == VERDICT_BELOW) {
        e = run(&t, "1");
    }
    assert_int_equal(e->verdict, VERDICT_CROSSED);
    assert_true(e->executed && isnan(e->overrun_p));
    for (int i = 0; i < 4; i++) {
        e = run(&t, i % 2 == 0 ? "0" : "1");
        assert_int_equal(e->verdict, VERDICT_CROSSED);
        assert_near(e->overrun_p, all_paths(&t, (int)t.n_ev, e->x1, p), 1e-13);
    }
    /* events on the other side weaken it */
    e = run(&t, "0000");
    assert_true(e->overrun_p > all_paths(&t, (int)t.n_ev, e->x1 + 1, p));
    trial_close(&t);
}

static void over_running_of_z_without_earlier_looks_is_the_fixed_p(void **state)
{
    struct trial t;
    const struct entry *e;

    (void)state;
    trial_open(&t, b1(.025, 20));
    events(&t, "111111111110111");
    e = look(&t);
    assert_int_equal(e->verdict, VERDICT_CROSSED);
    assert_true(isnan(e->overrun_p));
    events(&t, "1001");
    e = look(&t);
    assert_near(e->overrun_p, e->nominal_p, 1e-12);
    trial_close(&t);
}

/* ---- what may follow what ---- */

static const char base[] =
    "format: 1\n"
    "trial: t\n"
    "title: T\n"
    "trial_clock: wall\n"
    "arms:\n"
    "  - {code: A, label: A, role: experimental, allocation: 1}\n"
    "  - {code: B, label: B, role: control, allocation: 1}\n"
    "population: randomised\n"
    "arm_basis: planned\n"
    "treatment_emergent: {days_after_last_dose: 30 d}\n"
    "unknown_death_is_cardiovascular: false\n"
    "cut: {every: day, at: \"00:00\"}\n"
    "families:\n"
    "  - {name: harm, alpha_one_sided: 0.15, alpha_reserve: 0.05}\n"
    "defaults: {closing_look: true, alert: urgent, e_process: none}\n"
    "monitors:\n"
    "  - {name: cv, title: CV, category: cardiovascular, method: exact_binomial, spending: pocock,"
    " alpha_one_sided: 0.05, max_events: 20, looks: every_event, family: harm}\n";

static struct plan *plan_with(const char *from, const char *to)
{
    struct ruleset *rules = t_rules();
    char text[4096];
    const char *at = strstr(base, from);
    struct plan *p = NULL;
    struct err err = {0};

    assert_non_null(at);
    (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(at - base), base, to, at + strlen(from));
    assert_ok(t_plan(rules, text, &p, &err), err);
    ruleset_free(rules);
    return p;
}

/* The running plan's one monitor after so many events and looks. */
static enum status follow(struct plan *next, const char *arms, struct err *err)
{
    struct plan *running = plan_with("", "");
    struct trial t;
    struct history h = {0};
    enum status st;

    trial_open(&t, running->monitors[0]);
    if (arms[0] != '\0') {
        (void)run(&t, arms);
    }
    h.entries = t.past;
    h.n = t.n_past;
    *err = (struct err){0};
    st = plan_may_follow(running, &h, next, err);
    trial_close(&t);
    plan_free(running);
    plan_free(next);
    return st;
}

static void refused(struct plan *next, const char *arms, const char *says)
{
    struct err err;

    assert_int_equal(follow(next, arms, &err), E_STATE);
    if (strstr(err.msg, says) == NULL) {
        print_error("'%s' is not in '%s'\n", says, err.msg);
    }
    assert_non_null(strstr(err.msg, says));
}

static void may(struct plan *next, const char *arms)
{
    struct err err;

    assert_ok(follow(next, arms, &err), err);
}

static void a_maximum_changes_only_where_it_is_said_to_be_blind(void **state)
{
    static const char said[] = "max_events: 44, max_events_amended: {from: 20, decided_blind: true}";

    (void)state;
    may(plan_with("max_events: 20", "max_events: 44"), "");
    refused(plan_with("max_events: 20", "max_events: 44"), "101",
            "max_events_amended: {from: 20, decided_blind: true}");
    may(plan_with("max_events: 20", said), "101");
    refused(
        plan_with("max_events: 20", "max_events: 44, max_events_amended: {from: 30, decided_blind: true}"),
        "101", "from 20 to 44");
    refused(plan_with("max_events: 20", "max_events: 5, max_events_amended: {from: 20, decided_blind: true}"),
            "10101", "above the number of first events");
    refused(plan_with("max_events: 20", said), "111111", "can change no more");
    refused(plan_with("max_events: 20", said), "01010101010101010101", "can change no more");
    /* carried on in the text of a later plan, it changes nothing */
    may(plan_with("max_events: 20", "max_events: 20, max_events_amended: {from: 10, decided_blind: true}"),
        "101");
}

static void the_design_and_the_times_of_looks_stay(void **state)
{
    (void)state;
    refused(plan_with("spending: pocock", "spending: obf"), "1", "its spending cannot change");
    refused(plan_with("0.05, max", "0.04, max"), "1", "its alpha_one_sided cannot change");
    refused(plan_with("name: cv", "name: heart"), "1", "cannot be dropped");
    refused(plan_with("every: day, at: \"00:00\"", "every: change"), "1", "cut and first_look");
    refused(plan_with("trial_clock: wall", "trial_clock: source"), "1", "trial_clock");
    refused(plan_with("population: randomised", "population: dosed"), "1", "population");
    may(plan_with("title: CV", "title: Heart"), "1");
    may(plan_with("spending: pocock", "spending: obf"), "");
}

#define DEATHS(alpha, more)                                                                    \
    "  - {name: deaths, title: D, category: death, method: exact_binomial, spending: pocock, " \
    "alpha_one_sided: " alpha ", max_events: 20, looks: every_event" more "}\n"

static void a_new_monitor_draws_on_the_reserve(void **state)
{
    static const char last[] = "looks: every_event, family: harm}\n";

    struct plan *p;

    (void)state;
    may(plan_with(last, "looks: every_event, family: harm}\n" DEATHS("0.1", "")), "");
    refused(plan_with(last, "looks: every_event, family: harm}\n" DEATHS("0.01", "")), "1",
            "keeps in reserve");
    /* drawn, but the reserve is still declared in full */
    refused(plan_with(last, "looks: every_event, family: harm}\n" DEATHS("0.03", ", family: harm")), "1",
            "above the running plan's alpha_reserve");

    p = plan_with(last, "looks: every_event, family: harm}\n" DEATHS("0.03", ", family: harm"));
    p->families[0].reserve = 0.02;
    may(p, "1");
    p = plan_with(last, "looks: every_event, family: harm}\n" DEATHS("0.05", ", family: harm"));
    p->families[0].reserve = 0.01;
    refused(p, "1", "above the running plan's alpha_reserve");
    p = plan_with("title: CV", "title: CV");
    p->families[0].alpha = 0.2;
    refused(p, "1", "alpha_one_sided of family harm cannot change");
}

static void what_is_amended_is_written_down(void **state)
{
    struct plan *was = plan_with("", "");
    struct plan *is =
        plan_with("max_events: 20", "max_events: 44, max_events_amended: {from: 20, decided_blind: true}");
    struct buf b = {0};
    struct err err = {0};

    (void)state;
    assert_ok(plan_amendments(NULL, was, &b, &err), err);
    assert_ok(plan_amendments(was, was, &b, &err), err);
    assert_int_equal(b.len, 0);
    assert_ok(plan_amendments(was, is, &b, &err), err);
    assert_string_equal(buf_cstr(&b),
                        "monitor cv: max_events amended from 20 to 44, stated to be decided blind");
    buf_done(&b);
    plan_free(was);
    plan_free(is);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_larger_maximum_spends_what_is_left_over_what_is_left),
        cmocka_unit_test(a_smaller_maximum_spends_the_rest_sooner),
        cmocka_unit_test(an_amendment_before_any_test_is_the_new_design),
        cmocka_unit_test(no_sequence_of_amendments_spends_more_than_alpha),
        cmocka_unit_test(over_running_of_the_exact_test_counts_every_path),
        cmocka_unit_test(over_running_of_z_without_earlier_looks_is_the_fixed_p),
        cmocka_unit_test(a_maximum_changes_only_where_it_is_said_to_be_blind),
        cmocka_unit_test(the_design_and_the_times_of_looks_stay),
        cmocka_unit_test(a_new_monitor_draws_on_the_reserve),
        cmocka_unit_test(what_is_amended_is_written_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
