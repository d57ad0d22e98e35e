/* What a plan means in numbers: against the methods' own figures for the example plan, and against other code. */
#include "support/t.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/bounds.h"
#include "stats/exact_design.h"
#include "support/t_plan.h"

static const char text[] =
    "format: 1\n"
    "trial: t\n"
    "title: T\n"
    "trial_clock: wall\n"
    "arms:\n"
    "  - {code: A, label: A, role: experimental, allocation: 75}\n"
    "  - {code: B, label: B, role: control, allocation: 73}\n"
    "population: randomised\n"
    "arm_basis: planned\n"
    "treatment_emergent: {days_after_last_dose: 30 d}\n"
    "cut: {every: day, at: \"00:00\"}\n"
    "unknown_death_is_cardiovascular: false\n"
    "defaults: {closing_look: true, alert: urgent, e_process: {prior: [1, 1], reference: 20, role: "
    "supportive}}\n"
    "monitors:\n"
    "  - {name: deaths, title: D, category: death, method: exact_binomial, spending: pocock,\n"
    "     alpha_one_sided: 0.05, max_events: 20, looks: every_event}\n"
    "  - {name: gi, title: G, category: gastrointestinal, method: alpha_spending, statistic: logrank,\n"
    "     spending: obf, alpha_one_sided: 0.025, max_events: 60, min_events: 10, looks: {every_months: 6}}\n"
    "  - {name: safe, title: S, category: serious, method: e_process, alpha_one_sided: 0.05}\n";

struct fixture {
    struct ruleset *rules;
    struct plan *plan;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct err err = {0};

    assert_non_null(f);
    f->rules = t_rules();
    assert_ok(t_plan(f->rules, text, &f->plan, &err), err);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    plan_free(f->plan);
    ruleset_free(f->rules);
    free(f);
    return 0;
}

/* Methods, sections 2, 3 and 7: no crossing at 5, 6 at 6, 7 at 7; power for a ratio of 3 .616 at N = 20. */
static void deaths_of_the_example_cannot_cross_before_six(void **state)
{
    const struct fixture *f = *state;
    struct bounds_ask ask = {.alternative = {3}, .n_alternatives = 1, .expected = 14};
    struct bounds b;
    struct err err = {0};

    assert_ok(bounds_of(f->plan, &f->plan->monitors[0], &ask, &b, &err), err);
    assert_int_equal(b.n, 20);
    for (size_t i = 0; i < 5; i++) {
        assert_true(isinf(b.look[i].bound) && isnan(b.look[i].nominal_p));
        assert_true(b.look[i].needed > b.look[i].events);
    }
    assert_near(b.look[5].bound, 6, 0);
    assert_near(b.look[6].bound, 7, 0);
    assert_near(b.look[5].nominal_p, pow(75.0 / 148, 6), 1e-15);
    assert_near(b.look[5].alpha_cum, pow(75.0 / 148, 6), 1e-15);
    assert_true(b.look[19].alpha_cum <= 0.05);
    assert_near(b.power[0].full, 0.616, 5e-4);
    /* Between what exactly 14 events give and what 20 give. */
    assert_true(b.power[0].planned > b.look[12].crossed[0] && b.power[0].planned < 0.5);
    bounds_done(&b);
}

static void a_count_boundary_agrees_with_its_operating_characteristics(void **state)
{
    const struct fixture *f = *state;
    const struct monitor *m = &f->plan->monitors[0];
    struct bounds_ask ask = {.alternative = {2}, .n_alternatives = 1, .expected = (double)NAN};
    struct bounds b;
    struct err err = {0};
    int64_t n[20], c[20];
    double cum[20], signal, events, s = 75.0 / 148;
    struct exact_plan plan = {.p0 = s, .alpha = 0.05, .spending = m->spending, .n = n, .k = 20, .n_max = 20};

    for (int i = 0; i < 20; i++) {
        n[i] = i + 1;
    }
    assert_ok(exact_design(&plan, c, cum, &err), err);
    assert_ok(exact_operating(&plan, c, 2 * s / (1 + s), &signal, &events, &err), err);
    assert_ok(bounds_of(f->plan, m, &ask, &b, &err), err);
    assert_near(b.power[0].full, signal, 1e-14);
    assert_near(b.power[0].events, events, 1e-12);
    assert_true(isnan(b.power[0].planned));
    bounds_done(&b);
}

/* Methods, section 7: 4.33/3.53/2.98/2.67/2.47 at 15/22/30/37/43 of 60 events. */
static void z_bounds_of_the_example_are_those_of_the_methods(void **state)
{
    static const int64_t looks[] = {5, 15, 22, 30, 37, 43, 60};
    static const double z[] = {4.33, 3.53, 2.98, 2.67, 2.47};
    const struct fixture *f = *state;
    struct bounds_ask ask = {
        .alternative = {1, 3}, .n_alternatives = 2, .looks = looks, .n_looks = 7, .expected = 1000};
    struct bounds b;
    struct err err = {0};

    assert_ok(bounds_of(f->plan, &f->plan->monitors[1], &ask, &b, &err), err);
    assert_int_equal(b.n, 6); /* below 10 events nothing is tested */
    for (size_t i = 0; i < 5; i++) {
        assert_near(b.look[i].bound, z[i], 0.0051);
    }
    assert_near(b.look[5].alpha_cum, 0.025, 1e-11);
    assert_near(b.look[5].crossed[0], 0.025, 1e-11);         /* a ratio of 1 is the null */
    assert_near(b.power[1].planned, b.power[1].full, 1e-12); /* far more events than the maximum */
    assert_true(b.look[0].needed > b.look[0].events);        /* 15 of 15 is z 3.9 */
    bounds_done(&b);
}

static void an_e_process_never_spends_more_than_its_threshold_says(void **state)
{
    const struct fixture *f = *state;
    struct bounds_ask ask = {.alternative = {3}, .n_alternatives = 1, .expected = (double)NAN};
    struct bounds b;
    struct err err = {0};

    assert_ok(bounds_of(f->plan, &f->plan->monitors[2], &ask, &b, &err), err);
    assert_near(b.threshold, 20, 1e-12);
    assert_true(b.look[b.n - 1].alpha_cum > 0 && b.look[b.n - 1].alpha_cum <= 0.05);
    /* Methods, section 6: a run of events in the experimental arm signals at event 7. */
    assert_true(isinf(b.look[5].bound));
    assert_near(b.look[6].bound, 7, 0);
    bounds_done(&b);
}

static void what_cannot_be_is_refused(void **state)
{
    static const int64_t falls[] = {5, 4}, past[] = {21};
    const struct fixture *f = *state;
    const struct monitor *m = &f->plan->monitors[0];
    struct bounds b;
    struct err err = {0};
    struct bounds_ask none = {.expected = (double)NAN}, ask = none;

    ask.alternative[0] = -1;
    ask.n_alternatives = 1;
    assert_int_equal(bounds_of(f->plan, m, &ask, &b, &err), E_CONFIG);
    ask = none;
    ask.looks = falls;
    ask.n_looks = 2;
    assert_int_equal(bounds_of(f->plan, m, &ask, &b, &err), E_CONFIG);
    ask.looks = past;
    ask.n_looks = 1;
    assert_int_equal(bounds_of(f->plan, m, &ask, &b, &err), E_CONFIG);
    ask = none;
    ask.expected = -3;
    assert_int_equal(bounds_of(f->plan, m, &ask, &b, &err), E_CONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deaths_of_the_example_cannot_cross_before_six),
        cmocka_unit_test(a_count_boundary_agrees_with_its_operating_characteristics),
        cmocka_unit_test(z_bounds_of_the_example_are_those_of_the_methods),
        cmocka_unit_test(an_e_process_never_spends_more_than_its_threshold_says),
        cmocka_unit_test(what_cannot_be_is_refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
