/* The plan reader: the example as it stands, and everything that a plan must not say. */
#include "support/t.h"

#include <stdlib.h>
#include <string.h>

#include "monitor/ledger.h"
#include "monitor/plan.h"
#include "support/t_plan.h"

struct world {
    struct ruleset *rules;
    char *example;
};

static int open_world(void **state)
{
    static struct world w;
    size_t len;

    w.rules = t_rules();
    w.example = t_slurp("packaging/examples/plan.yaml", &len);
    *state = &w;
    return 0;
}

static int close_world(void **state)
{
    struct world *w = *state;

    ruleset_free(w->rules);
    free(w->example);
    return 0;
}

/* The example with the first `from` after `after` replaced by `to`. */
static char *edited(const struct world *w, const char *after, const char *from, const char *to)
{
    const char *at = strstr(w->example, after);
    char *out;
    size_t head;

    assert_non_null(at);
    at = strstr(at, from);
    assert_non_null(at);
    out = malloc(strlen(w->example) + strlen(to) + 1);
    assert_non_null(out);
    head = (size_t)(at - w->example);
    memcpy(out, w->example, head);
    strcpy(out + head, to);
    strcat(out, at + strlen(from));
    return out;
}

static void refused(const struct world *w, const char *after, const char *from, const char *to,
                    const char *says)
{
    char *text = edited(w, after, from, to);
    struct plan *p = NULL;
    struct err err = {0};
    enum status st = t_plan(w->rules, text, &p, &err);

    if (st != E_CONFIG || strstr(err.msg, says) == NULL || strncmp(err.msg, "plan.yaml:", 10) != 0) {
        print_error("'%s' -> '%s': status %s, message: %s\n", from, to, status_name(st), err.msg);
    }
    assert_int_equal(st, E_CONFIG);
    assert_non_null(strstr(err.msg, says));
    assert_int_equal(strncmp(err.msg, "plan.yaml:", 10), 0);
    assert_null(strstr(err.msg, "Magnesium"));
    assert_null(strstr(err.msg, "MG"));
    assert_null(strstr(err.msg, "PBO"));
    assert_null(p);
    free(text);
}

static struct plan *accepted(const struct world *w, const char *after, const char *from, const char *to)
{
    char *text = edited(w, after, from, to);
    struct plan *p = NULL;
    struct err err = {0};

    assert_ok(t_plan(w->rules, text, &p, &err), err);
    free(text);
    return p;
}

static void the_example_is_the_plan_of_the_methods(void **state)
{
    const struct world *w = *state;
    struct plan *p = NULL;
    struct err err = {0};
    const struct monitor *m;

    assert_ok(t_plan(w->rules, w->example, &p, &err), err);
    assert_string_equal(p->trial, "magical-ckd");
    assert_int_equal(p->arms.n, 2);
    assert_true(secret_is(p->arms.arm[ARM_CONTROL].code, "PBO", 3)); /* second in the file */
    assert_true(secret_is(p->arms.arm[1].label, "Magnesium hydroxide", 19));
    assert_near(p->arms.arm[1].allocation, .5, 0);
    assert_int_equal(p->population, POP_RANDOMISED);
    assert_int_equal(p->basis, BASIS_PLANNED);
    assert_int_equal(p->te_days, 30);
    assert_int_equal(p->cut, CUT_DAILY);
    assert_int_equal(p->trial_clock, TRIAL_CLOCK_WALL);
    assert_int_equal(p->first_look, DAY_NONE);
    assert_false(p->classify.unknown_death_is_cv);
    assert_int_equal(p->n_families, 2);
    assert_int_equal(p->n_monitors, 4);
    m = &p->monitors[1];
    assert_string_equal(m->name, "cv");
    assert_int_equal(m->method, METHOD_EXACT_BINOMIAL);
    assert_int_equal(m->spending.kind, SPEND_POCOCK);
    assert_near(m->alpha, .05, 0);
    assert_int_equal(m->max_events, 20);
    assert_int_equal(m->min_events, 1);
    assert_int_equal(m->clock, CLOCK_EVERY_EVENT);
    assert_int_equal(m->urgency, ALERT_URGENT);
    assert_int_equal(m->role, ROLE_DECISIVE);
    assert_int_equal(m->comparison, ARM_NONE);
    assert_int_equal(m->target.category, ruleset_find_category(w->rules, "cardiovascular"));
    assert_true(m->target.subtypes == 0);
    assert_true(m->closing_look && m->e.on && m->daily_cut);
    assert_near(m->e.reference, 20, 0);
    m = &p->monitors[3];
    assert_int_equal(m->method, METHOD_SPENDING_Z);
    assert_int_equal(m->spending.kind, SPEND_OBF);
    assert_int_equal(m->clock, CLOCK_CALENDAR);
    assert_int_equal(m->months, 6);
    assert_int_equal(m->min_events, 10);
    assert_int_equal(m->family, 1);
    assert_int_equal(m->urgency, ALERT_NEXT_REPORT);
    plan_free(p);
}

static void the_plan_of_the_demonstration_is_read(void **state)
{
    const struct world *w = *state;
    struct plan *p = NULL;
    struct err err = {0};
    size_t len;
    char *text = t_slurp("packaging/demo/plan.yaml", &len);

    assert_ok(t_plan(w->rules, text, &p, &err), err);
    assert_int_equal(p->trial_clock, TRIAL_CLOCK_SOURCE);
    assert_int_equal(p->monitors[0].window, WINDOW_ALL);
    plan_free(p);
    free(text);
}

static void the_notes_tell_what_the_example_means(void **state)
{
    const struct world *w = *state;
    struct plan *p = NULL;
    struct err err = {0};
    struct buf out = {0};

    assert_ok(t_plan(w->rules, w->example, &p, &err), err);
    assert_ok(plan_notes(p, &out, &err), err);
    assert_non_null(strstr(buf_cstr(&out), "family harm: shares sum to 0.15 of at most 0.15\n"));
    assert_non_null(strstr(buf_cstr(&out),
                           "cv: exact_binomial, decides, one-sided alpha 0.05, at most 20 events; a run "
                           "of 6 on one side is the first that can cross; an alert is urgent\n"));
    assert_non_null(strstr(buf_cstr(&out), "gi: alpha_spending"));
    assert_null(strstr(buf_cstr(&out), "PBO"));
    buf_done(&out);
    plan_free(p);
}

static void every_spelling_of_a_choice_is_read(void **state)
{
    const struct world *w = *state;
    struct plan *p;

    p = accepted(w, "name: cv", "spending: pocock", "spending: {hsd: -4}");
    assert_int_equal(p->monitors[1].spending.kind, SPEND_HSD);
    assert_near(p->monitors[1].spending.param, -4, 0);
    plan_free(p);
    p = accepted(w, "name: cv", "spending: pocock", "spending: {kim_demets: 3}");
    assert_int_equal(p->monitors[1].spending.kind, SPEND_KD);
    plan_free(p);
    p = accepted(w, "name: cv", "spending: pocock", "spending: {exponential: 0.5}");
    assert_int_equal(p->monitors[1].spending.kind, SPEND_EXP);
    plan_free(p);
    p = accepted(w, "name: cv", "spending: pocock", "spending: {points: [[0.5, 0.25], [1, 1]]}");
    assert_int_equal(p->monitors[1].spending.kind, SPEND_USER);
    assert_int_equal(p->monitors[1].spending.n_user, 2);
    assert_near(p->monitors[1].spending.user[0].share, .25, 0);
    plan_free(p);
    p = accepted(w, "name: cv", "looks: every_event", "looks: {fractions: [0.5, 1]}");
    assert_int_equal(p->monitors[1].clock, CLOCK_FRACTIONS);
    assert_int_equal(p->monitors[1].n_fractions, 2);
    plan_free(p);
    p = accepted(w, "name: gi", "{every_months: 6}", "every_event");
    assert_int_equal(p->monitors[3].clock, CLOCK_EVERY_EVENT);
    plan_free(p);
    p = accepted(w, "\ncut:", "{every: day, at: \"00:00\"}", "{every: change}");
    assert_int_equal(p->cut, CUT_EVERY_CHANGE);
    assert_false(p->monitors[0].daily_cut);
    plan_free(p);
    p = accepted(w, "treatment_emergent", "30 d", "no_end");
    assert_int_equal(p->te_days, TE_NO_END);
    plan_free(p);
    p = accepted(w, "# first_look", "# first_look: 2016-01-01", "first_look: 2016-01-01");
    assert_int_equal(p->monitors[3].clock_from, day_from_ymd(2016, 1, 1));
    plan_free(p);
    p = accepted(w, "name: cv", "alert: urgent",
                 "alert: urgent\n    comparison: MG\n    window: treatment_emergent");
    assert_int_equal(p->monitors[1].comparison, 1);
    assert_int_equal(p->monitors[1].window, WINDOW_TE);
    plan_free(p);
    p = accepted(w, "name: gi", "category: gastrointestinal",
                 "category: gastrointestinal\n    subtype: OTHER");
    assert_true(p->monitors[3].target.subtypes ==
                UINT64_C(1) << ruleset_find_subtype(w->rules, p->monitors[3].target.category, "OTHER"));
    plan_free(p);
    p = accepted(w, "name: cv", "alert: urgent", "alert: urgent\n    e_process: none");
    assert_false(p->monitors[1].e.on);
    plan_free(p);
}

static void e_process_monitors_decide_with_alpha_or_support_without(void **state)
{
    const struct world *w = *state;
    const char *old =
        "method: exact_binomial\n    spending: pocock\n    alpha_one_sided: 0.05\n    max_events: 20\n    "
        "looks: every_event";
    struct plan *p = accepted(w, "name: cv", old, "method: e_process\n    alpha_one_sided: 0.05");

    assert_int_equal(p->monitors[1].method, METHOD_E_PROCESS);
    assert_near(p->monitors[1].alpha, .05, 0);
    assert_true(p->monitors[1].e.on);
    plan_free(p);
    p = accepted(w, "name: cv", old, "method: e_process\n    role: supportive");
    assert_int_equal(p->monitors[1].role, ROLE_SUPPORTIVE);
    assert_near(p->monitors[1].alpha, 0, 0);
    plan_free(p);
    refused(w, "name: cv", old, "method: e_process", "a decisive e-process needs alpha_one_sided");
    refused(w, "name: cv", old, "method: e_process\n    role: supportive\n    alpha_one_sided: 0.05",
            "a supportive e-process has no share of alpha");
    refused(w, "name: cv", old, "method: e_process\n    alpha_one_sided: 0.05\n    max_events: 20",
            "takes no maximum");
    refused(w, "name: cv", old, "method: e_process\n    alpha_one_sided: 0.05\n    e_process: none",
            "needs the prior and the reference");
}

static void statistics_that_would_be_wrong_are_refused_with_the_reason(void **state)
{
    const struct world *w = *state;

    refused(w, "name: cv", "alpha_one_sided: 0.05", "alpha_one_sided: 0.051",
            "the shares of its monitors sum to 0.151");
    refused(w, "name: cv", "alert: urgent", "alert: urgent\n    count: episodes", "not independent");
    refused(w, "name: gi", "alert: next_report", "alert: next_report\n    count: episodes",
            "robust rate statistic");
    refused(w, "name: gi", "    min_events: 10\n", "", "min_events");
    refused(w, "name: gi", "min_events: 10", "min_events: 61", "out of range");
    refused(w, "name: gi", "max_events: 60", "max_events: 60\n    max_events_amended: {from: 40}",
            "decided_blind");
    refused(w, "name: gi", "max_events: 60",
            "max_events: 60\n    max_events_amended: {from: 40, decided_blind: false}",
            "does not keep alpha");
    refused(w, "name: gi", "max_events: 60",
            "max_events: 60\n    max_events_amended: {from: 60, decided_blind: true}",
            "is the maximum itself");
    refused(w, "name: harm", "0.15", "0.15, alpha_reserve: 0.01", "and its alpha_reserve sum to 0.16");
    refused(w, "name: harm", "0.15", "0.15, alpha_reserve: 0.2", "out of range");
    refused(w, "name: gi", "    statistic: logrank\n", "", "'statistic' is missing");
    refused(w, "name: cv", "spending: pocock", "spending: pocock\n    statistic: logrank",
            "tests the count itself");
    refused(w, "name: cv", "alpha_one_sided: 0.05", "alpha_one_sided: 5%", "percentage");
    refused(w, "name: cv", "alpha_one_sided: 0.05", "alpha_one_sided: 0", "out of range");
    refused(w, "name: cv", "    alpha_one_sided: 0.05\n", "", "'alpha_one_sided' is missing");
    refused(w, "name: cv", "max_events: 20", "max_events: 0", "out of range");
    refused(w, "name: cv", "spending: pocock", "spending: pockock", "did you mean pocock?");
    refused(w, "name: cv", "spending: pocock", "spending: {points: [[0.5, 0.5]]}", "must end with [1, 1]");
    refused(w, "name: cv", "spending: pocock", "spending: {points: [[0.5, 0.5], [0.4, 1]]}",
            "after the point before it");
    refused(w, "name: cv", "looks: every_event", "looks: {fractions: [0.5, 0.5]}",
            "above the fraction before");
    refused(w, "name: cv", "alert: urgent", "alert: urgent\n    sided: both", "upper");
    refused(w, "defaults:", "role: supportive", "role: decisive", "its own alpha_one_sided");
}

static void places_and_words_are_checked(void **state)
{
    const struct world *w = *state;

    refused(w, "\ncut:", "00:00", "06:00", "00:00 UTC");
    refused(w, "\ncut:", ", at: \"00:00\"", "", "00:00 UTC");
    refused(w, "treatment_emergent", "30 d", "30", "no unit");
    refused(w, "treatment_emergent", "30 d", "36 h", "whole days");
    refused(w, "format", "format: 1", "format: 2", "out of range");
    refused(w, "trial:", "trial: magical-ckd", "trial: MAGiCAL CKD", "is no name");
    refused(w, "name: cv", "category: cardiovascular", "category: cardio", "no category 'cardio'");
    refused(w, "name: gi", "category: gastrointestinal", "category: gastrointestinal\n    subtype: XX",
            "no subtype 'XX'");
    refused(w, "name: cv", "family: harm", "family: hurt", "is no family");
    refused(w, "name: cv", "name: cv", "name: deaths", "earlier monitor");
    refused(w, "name: cv", "max_events", "maximum", "'max_events' is missing");
    refused(w, "name: cv", "alert: urgent", "alert: urgent\n    colour: red", "colour");
    refused(w, "population", "randomised", "randomized", "did you mean randomised?");
    refused(w, "unknown_death", "unknown_death_is_cardiovascular: false", "",
            "'unknown_death_is_cardiovascular'");
    refused(w, "# first_look", "# first_look: 2016-01-01", "first_look: 2016-13-01", "YYYY-MM-DD");
    refused(w, "format", "format: 1", "format: 1\nfoo: 1", "foo");
}

/* `refused` also checks that no code and no label is in the message. */
static void messages_about_arms_name_no_arm(void **state)
{
    const struct world *w = *state;

    refused(w, "arms:", "code: \"PBO\"", "code: \"MG\"", "is the code of an earlier arm");
    refused(w, "arms:", "label: \"Placebo\"", "label: \"Magnesium hydroxide\"",
            "is the label of an earlier arm");
    refused(w, "arms:", "role: control", "role: experimental", "no control arm");
    refused(w, "arms:", "role: experimental", "role: control", "exactly one");
    refused(w, "arms:", "role: control", "role: MG", "must be control or experimental");
    refused(w, "arms:", "allocation: 1", "allocation: MG", "must be a number above 0");
    refused(w, "arms:", "allocation: 1", "allocation: 1, MG: 1", "a key that is not known");
    refused(w, "arms:", "code: \"MG\"", "code: [MG]", "must be a text");
    refused(w, "arms:", "code: \"MG\"", "code: pooled", "a word of the plan");
    refused(w, "arms:", ", label: \"Placebo\"", "", "has no label");
    refused(w, "name: cv", "alert: urgent", "alert: urgent\n    comparison: PBO",
            "code of an experimental arm");
    refused(w, "name: cv", "alert: urgent", "alert: urgent\n    comparison: MGO",
            "code of an experimental arm");
}

static void three_arms_need_a_comparison_and_keep_their_order(void **state)
{
    const struct world *w = *state;
    const char *arms =
        "- {code: \"MG\", label: \"Magnesium hydroxide\", role: experimental, allocation: 1}\n";
    struct plan *p = accepted(w, "arms:", arms,
                              "- {code: LOW, label: low, role: experimental, allocation: 1}\n"
                              "  - {code: HI, label: high, role: experimental, allocation: 2}\n");

    assert_int_equal(p->arms.n, 3);
    assert_true(secret_is(p->arms.arm[0].code, "PBO", 3));
    assert_true(secret_is(p->arms.arm[1].code, "LOW", 3));
    assert_true(secret_is(p->arms.arm[2].code, "HI", 2));
    assert_near(p->arms.arm[2].allocation, .5, 1e-15);
    plan_free(p);
}

static void an_empty_plan_says_where_to_start(void **state)
{
    const struct world *w = *state;
    struct plan *p = NULL;
    struct err err = {0};

    assert_int_equal(t_plan(w->rules, "", &p, &err), E_CONFIG);
    assert_non_null(strstr(err.msg, "packaging/examples/plan.yaml"));
    assert_int_equal(t_plan(w->rules, "[1, 2]", &p, &err), E_CONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_is_the_plan_of_the_methods),
        cmocka_unit_test(the_plan_of_the_demonstration_is_read),
        cmocka_unit_test(the_notes_tell_what_the_example_means),
        cmocka_unit_test(every_spelling_of_a_choice_is_read),
        cmocka_unit_test(e_process_monitors_decide_with_alpha_or_support_without),
        cmocka_unit_test(statistics_that_would_be_wrong_are_refused_with_the_reason),
        cmocka_unit_test(places_and_words_are_checked),
        cmocka_unit_test(messages_about_arms_name_no_arm),
        cmocka_unit_test(three_arms_need_a_comparison_and_keep_their_order),
        cmocka_unit_test(an_empty_plan_says_where_to_start),
    };

    return cmocka_run_group_tests(tests, open_world, close_world);
}
