/*
 * Simulated trials: what they hold against closed forms, what they find against the methods' table, and what the section of
 * the plan must not say.  Seeded: the same always.
 */
#include "support/t.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/simulate.h"
#include "support/t_plan.h"

static const char head[] =
    "format: 1\n"
    "trial: t\n"
    "title: T\n"
    "trial_clock: wall\n"
    "arms:\n"
    "  - {code: \"A\", label: \"Drug\", role: experimental, allocation: 75}\n"
    "  - {code: \"B\", label: \"Placebo\", role: control, allocation: 73}\n"
    "population: randomised\n"
    "arm_basis: planned\n"
    "treatment_emergent: {days_after_last_dose: no_end}\n"
    "cut: {every: day, at: \"00:00\"}\n"
    "unknown_death_is_cardiovascular: false\n"
    "families:\n"
    "  - {name: harm, alpha_one_sided: 0.1}\n"
    "defaults: {closing_look: true, alert: urgent, e_process: {prior: [1, 1], reference: 20, role: "
    "supportive}}\n"
    "monitors:\n"
    "  - {name: deaths, title: D, category: death, method: exact_binomial, spending: pocock, looks: "
    "every_event,\n"
    "     alpha_one_sided: 0.05, max_events: 20, family: harm}\n"
    "  - {name: serious, title: S, category: serious, method: exact_binomial, spending: pocock,\n"
    "     looks: every_event, alpha_one_sided: 0.05, max_events: 20, family: harm}\n";

static const char usual[] = "simulation:\n"
                            "  subjects: 148\n"
                            "  recruitment: 730 d\n"
                            "  follow_up: 365 d\n"
                            "  entry_lag: 11 d\n"
                            "  drop_out: {control: 0.1, experimental: 0.1}\n"
                            "  causes:\n"
                            "    - {name: dying, counts_as: [death, serious], control: 0.04}\n"
                            "    - {name: ward, counts_as: [serious], control: 0.15}\n"
                            "  scenarios:\n"
                            "    - {name: harm, ratios: {dying: 3}}\n";

static enum status read_plan(struct ruleset *rules, const char *section, struct plan **p, struct err *err)
{
    char text[4096];

    assert_in_range(snprintf(text, sizeof text, "%s%s", head, section), 1, sizeof text - 1);
    return t_plan(rules, text, p, err);
}

/* The usual section with `from` replaced by `to`. */
static const char *edited(const char *from, const char *to)
{
    static char text[2048];
    const char *at = strstr(usual, from);

    assert_non_null(at);
    assert_in_range(snprintf(text, sizeof text, "%.*s%s%s", (int)(at - usual), usual, to, at + strlen(from)),
                    1, sizeof text - 1);
    return text;
}

static struct simulated run_plan(const char *section, bool e, size_t scenario, int64_t first, int64_t n)
{
    struct ruleset *rules = t_rules();
    struct plan *p = NULL;
    struct simulated r;
    struct err err = {0};

    assert_ok(read_plan(rules, section, &p, &err), err);
    for (size_t i = 0; i < p->n_monitors; i++) {
        p->monitors[i].e.on = e;
    }
    assert_ok(simulate(p, rules, scenario, 7, first, n, &r, &err), err);
    assert_int_equal(r.trials, n);
    plan_free(p);
    ruleset_free(rules);
    return r;
}

static struct simulated run(const char *section, size_t scenario, int64_t first, int64_t n)
{
    return run_plan(section, true, scenario, first, n);
}

static double share(int64_t count, const struct simulated *r)
{
    return (double)count / (double)r->trials;
}

enum { DEATHS, SERIOUS };

/* A first event before leaving: of hazards l and d, followed for one year, l / (l + d) (1 - exp(-(l + d))). */
static double expected(double by, double drop)
{
    double l = -log1p(-by), d = -log1p(-drop);

    return l / (l + d) * -expm1(-(l + d));
}

static void as_many_events_as_the_hazards_say(void **state)
{
    enum { TRIALS = 300 };
    struct simulated r = run_plan(usual, false, 0, 0, TRIALS);
    double deaths = 148 * expected(.04, .1), any = 1 - (1 - .04) * (1 - .15),
           serious = 148 * expected(any, .1);

    (void)state;
    /* Binomial over 148 subjects; days are whole, which moves a mean by less than a third of these bounds. */
    assert_near(r.monitor[DEATHS].events / TRIALS, deaths, 4 * sqrt(deaths / TRIALS));
    assert_near(r.monitor[SERIOUS].events / TRIALS, serious, 4 * sqrt(serious / TRIALS) + .05);
}

static void lag_delays_what_is_known_and_loses_nothing(void **state)
{
    struct simulated with = run(usual, 1, 0, 150),
                     without = run(edited("entry_lag: 11 d", "entry_lag: 0 d"), 1, 0, 150);

    (void)state;
    assert_true(without.monitor[DEATHS].crossed > 30);
    assert_true(with.monitor[DEATHS].days_crossed / (double)with.monitor[DEATHS].crossed >
                without.monitor[DEATHS].days_crossed / (double)without.monitor[DEATHS].crossed);
}

static void a_trial_is_the_same_in_whatever_range(void **state)
{
    struct simulated all = run(usual, 1, 0, 60), part = run(usual, 1, 0, 25), rest = run(usual, 1, 25, 35);

    (void)state;
    simulated_add(&part, &rest);
    assert_int_equal(all.trials, part.trials);
    assert_int_equal(all.any, part.any);
    assert_int_equal(all.family[0], part.family[0]);
    for (size_t i = 0; i < 2; i++) {
        const struct simulated_monitor *a = &all.monitor[i], *b = &part.monitor[i];

        assert_int_equal(a->crossed, b->crossed);
        assert_int_equal(a->at_closing, b->at_closing);
        assert_int_equal(a->e_reached, b->e_reached);
        assert_int_equal(a->looks, b->looks);
        assert_near(a->events, b->events, 0);
        assert_near(a->days_crossed, b->days_crossed, 0);
    }
}

/* Methods, section 2: .047 for a nominal .05 at 30 % incidence, at risk, 148 subjects; their s.e. is at most .001. */
static void the_error_is_that_of_the_methods_table(void **state)
{
    enum { TRIALS = 1500 };
    static const char section[] = "simulation:\n"
                                  "  subjects: 148\n"
                                  "  recruitment: 730 d\n"
                                  "  follow_up: 365 d\n"
                                  "  entry_lag: 0 d\n"
                                  "  drop_out: {control: 0, experimental: 0}\n"
                                  "  causes:\n"
                                  "    - {name: dying, counts_as: [death], control: 0.02}\n"
                                  "    - {name: ward, counts_as: [serious], control: 0.3}\n";
    struct simulated r = run_plan(section, false, 0, 0, TRIALS);
    double se = sqrt(.047 * .953 / TRIALS + 1e-6);

    (void)state;
    assert_near(share(r.monitor[SERIOUS].crossed, &r), .047, 4 * se);
    assert_true(share(r.monitor[DEATHS].crossed, &r) < .05 + 3 * se);
    /* Independent causes: the family errs nearly as often as both monitors together, never more. */
    assert_true(r.family[0] <= r.monitor[DEATHS].crossed + r.monitor[SERIOUS].crossed);
    assert_true(r.family[0] >= r.monitor[SERIOUS].crossed && r.any == r.family[0]);
}

static void harm_is_found_where_it_is(void **state)
{
    struct simulated none = run(usual, 0, 0, 250), harm = run(usual, 1, 0, 250);

    (void)state;
    assert_true(share(none.monitor[DEATHS].crossed, &none) < .1);
    /* An e-process reaches 20 in at most a twentieth of the trials (Ville 1939). */
    assert_true(share(none.monitor[SERIOUS].e_reached, &none) < .05 + 3 * sqrt(.05 * .95 / 250));
    assert_true(share(harm.monitor[DEATHS].crossed, &harm) > .3);
    assert_true(harm.monitor[DEATHS].e_reached > none.monitor[DEATHS].e_reached);
    /* Deaths are serious: what kills more is seen there, too, among much else. */
    assert_true(harm.monitor[SERIOUS].crossed > none.monitor[SERIOUS].crossed);
    assert_true(harm.monitor[DEATHS].events_crossed > 0 && harm.monitor[DEATHS].at_closing >= 0);
}

static void one_subject_an_arm_never_crosses(void **state)
{
    struct simulated r = run(edited("subjects: 148", "subjects: 2"), 1, 0, 300);

    (void)state;
    assert_true(r.monitor[SERIOUS].events > 0 && r.monitor[SERIOUS].events <= 600);
    assert_int_equal(r.any + r.monitor[SERIOUS].crossed + r.monitor[DEATHS].crossed, 0);
}

static void refused(const char *from, const char *to, const char *says)
{
    struct ruleset *rules = t_rules();
    struct plan *p = NULL;
    struct err err = {0};
    enum status st = read_plan(rules, edited(from, to), &p, &err);

    if (st != E_CONFIG || strstr(err.msg, says) == NULL) {
        print_error("'%s' -> '%s': %s\n", from, to, err.msg);
    }
    assert_int_equal(st, E_CONFIG);
    assert_non_null(strstr(err.msg, says));
    assert_int_equal(strncmp(err.msg, "plan.yaml:", 10), 0);
    assert_null(p);
    ruleset_free(rules);
}

static void what_the_section_must_not_say(void **state)
{
    (void)state;
    refused("subjects: 148", "subjects: 1", "simulation.subjects");
    refused("subjects: 148", "people: 148", "subjects");
    refused("730 d", "0 d", "simulation.recruitment");
    refused("730 d", "730", "unit");
    refused("365 d", "36 h", "whole days");
    refused("entry_lag: 11 d\n", "entry_lag: 11 d\n  lag: 3 d\n", "lag");
    refused("experimental: 0.1}", "experimental: 1}", "drop_out.experimental");
    refused("experimental: 0.1}", "other: 0.1}", "experimental");
    refused("control: 0.04", "control: 0", ".control: '0'");
    refused("name: ward", "name: dying", "earlier cause");
    refused("name: ward", "name: The ward", "name");
    refused("counts_as: [serious]", "counts_as: []", "is empty");
    refused("counts_as: [serious]", "counts_as: [grave]", "no category 'grave'");
    refused("counts_as: [serious]", "counts_as: [gastrointestinal/TOE]", "no subtype 'TOE'");
    refused("ratios: {dying: 3}", "ratios: {living: 3}", "living");
    refused("ratios: {dying: 3}", "ratios: {dying: 0}", "dying");
    refused("ratios: {dying: 3}", "ratio: 3", "ratios");
}

/* Adopted it may be, simulated not. */
static void a_monitor_that_nothing_counts_for_is_not_simulated(void **state)
{
    struct ruleset *rules = t_rules();
    struct plan *p = NULL;
    struct simulated r;
    struct err err = {0};

    (void)state;
    assert_ok(read_plan(rules, edited("counts_as: [death, serious]", "counts_as: [serious]"), &p, &err), err);
    assert_int_equal(simulate(p, rules, 0, 1, 0, 1, &r, &err), E_CONFIG);
    assert_non_null(strstr(err.msg, "counts as death, which monitor deaths watches"));
    plan_free(p);
    ruleset_free(rules);
}

static void a_plan_without_the_section_has_none(void **state)
{
    struct ruleset *rules = t_rules();
    struct plan *p = NULL;
    struct err err = {0};

    (void)state;
    assert_ok(read_plan(rules, "", &p, &err), err);
    assert_null(p->assumed);
    plan_free(p);
    assert_ok(read_plan(rules, usual, &p, &err), err);
    assert_int_equal(p->assumed->n_scenarios, 2);
    assert_string_equal(p->assumed->scenario[0].name, "no harm");
    assert_true(p->assumed->cause[0].fatal && !p->assumed->cause[1].fatal);
    assert_near(p->assumed->scenario[1].ratio[0], 3, 0);
    assert_near(p->assumed->scenario[1].ratio[1], 1, 0);
    plan_free(p);
    ruleset_free(rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_many_events_as_the_hazards_say),
        cmocka_unit_test(lag_delays_what_is_known_and_loses_nothing),
        cmocka_unit_test(a_trial_is_the_same_in_whatever_range),
        cmocka_unit_test(the_error_is_that_of_the_methods_table),
        cmocka_unit_test(harm_is_found_where_it_is),
        cmocka_unit_test(one_subject_an_arm_never_crosses),
        cmocka_unit_test(what_the_section_must_not_say),
        cmocka_unit_test(a_monitor_that_nothing_counts_for_is_not_simulated),
        cmocka_unit_test(a_plan_without_the_section_has_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
