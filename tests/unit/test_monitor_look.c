/* One look from a snapshot to verdicts: who is new, whose risk set, which comparison. */
#include "support/t.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "monitor/look.h"
#include "support/t_plan.h"
#include "support/t_trial.h"

static const char head[] = "format: 1\n"
                           "trial: small\n"
                           "title: A small trial\n"
                           "trial_clock: wall\n"
                           "population: randomised\n"
                           "arm_basis: planned\n"
                           "treatment_emergent: {days_after_last_dose: 30 d}\n"
                           "cut: {every: day, at: \"00:00\"}\n"
                           "unknown_death_is_cardiovascular: false\n"
                           "defaults:\n"
                           "  window: all\n"
                           "  closing_look: true\n"
                           "  alert: urgent\n"
                           "  e_process: {prior: [1, 1], reference: 20, role: supportive}\n";
static const char two_arms[] = "arms:\n"
                               "  - {code: P, label: placebo, role: control, allocation: 1}\n"
                               "  - {code: A, label: active, role: experimental, allocation: 2}\n";
static const char three_arms[] = "arms:\n"
                                 "  - {code: P, label: placebo, role: control, allocation: 1}\n"
                                 "  - {code: A, label: active, role: experimental, allocation: 2}\n"
                                 "  - {code: B, label: other, role: experimental, allocation: 1}\n";
static const char gi[] =
    "  - {name: gi, title: Gut, category: gastrointestinal, method: exact_binomial, spending: pocock,\n"
    "     alpha_one_sided: 0.05, max_events: 20, looks: every_event, comparison: pooled}\n";
static const char gi_a[] =
    "  - {name: gi_a, title: Gut, category: gastrointestinal, method: exact_binomial,\n"
    "     spending: pocock, alpha_one_sided: 0.05, max_events: 20, looks: every_event,\n"
    "     comparison: A}\n";
static const char cv[] =
    "  - {name: cv, title: Heart, category: cardiovascular, method: alpha_spending,\n"
    "     statistic: logrank, spending: obf, alpha_one_sided: 0.025, max_events: 20, min_events: 2,\n"
    "     looks: every_event, comparison: pooled}\n";

/* A trial in the making, its plan and all that its earlier looks left. */
struct world {
    struct ruleset *rules;
    struct plan *plan;
    struct builder *b;
    struct history h[MONITORS_MAX];
    struct known_set known;
    struct look_result last;
    int64_t look;
};

static void open_world(struct world *w, const char *arms, const char *m1, const char *m2)
{
    char text[4096];
    struct err err = {0};

    memset(w, 0, sizeof *w);
    w->rules = t_rules();
    strcpy(text, head);
    strcat(text, arms);
    strcat(text, "monitors:\n");
    strcat(text, m1);
    strcat(text, m2);
    assert_ok(t_plan(w->rules, text, &w->plan, &err), err);
}

static void close_world(struct world *w)
{
    for (size_t i = 0; i < w->plan->n_monitors; i++) {
        history_done(&w->h[i]);
    }
    known_set_done(&w->known);
    look_result_done(&w->last);
    plan_free(w->plan);
    ruleset_free(w->rules);
}

static void begin(struct world *w)
{
    struct err err = {0};

    assert_ok(builder_new(&w->plan->arms, &w->b, &err), err);
}

/* Four subjects on each of the arms given, randomised on 1 January 2020: P1..P4, A1..A4 ... */
static void subjects(struct world *w, const char *arms)
{
    for (; *arms != '\0'; arms++) {
        for (char k = '1'; k <= '4'; k++) {
            const char id[] = {*arms, k, '\0'}, code[] = {*arms, '\0'};

            t_subject(w->b, id, "2020-01-01", "2020-01-02", NULL, NULL);
            t_arm(w->b, id, code, NULL);
        }
    }
}

/* As the cycle does: judges, then remembers. */
static const struct look_result *look(struct world *w, int day)
{
    struct look_input in = {
        .plan = w->plan, .rules = w->rules, .history = w->h, .known = &w->known, .kind = LOOK_CUT};
    struct snapshot *s = t_finish(w->b);
    struct err err = {0};

    for (size_t i = 0; i < w->last.n_entries; i++) {
        struct history *h = &w->h[i];

        assert_ok(VEC_PUSH_ROOM(h->entries, h->n, h->cap, &err), err);
        h->entries[h->n++] = w->last.entries[i];
    }
    w->last.n_entries = 0;
    for (size_t i = 0; i < w->last.newly_known.n; i++) {
        assert_ok(VEC_PUSH_ROOM(w->known.rows, w->known.n, w->known.cap, &err), err);
        w->known.rows[w->known.n++] = w->last.newly_known.rows[i];
    }
    w->last.newly_known.n = 0;
    look_result_done(&w->last);
    in.snapshot = s;
    in.look = ++w->look;
    in.cut = day_from_ymd(2020, 3, day);
    in.changed = true;
    assert_ok(look_run(&in, &w->last, &err), err);
    snapshot_free(s);
    return &w->last;
}

static void an_event_is_new_once_and_its_risk_set_is_that_of_its_day(void **state)
{
    struct world w;
    const struct look_result *r;
    const struct entry *e;

    (void)state;
    open_world(&w, two_arms, gi, cv);
    begin(&w);
    subjects(&w, "PA");
    t_event(w.b, "1", "A1", "1", "diarrhoea", "2020-02-01");
    t_event(w.b, "2", "A1", "2", "diarrhoea", "2020-02-20"); /* a second episode counts no more */
    t_event(w.b, "3", "P2", "3", "headache", "2020-02-02");
    r = look(&w, 1);
    assert_int_equal(r->n_entries, 2);
    e = &r->entries[0];
    assert_int_equal(e->verdict, VERDICT_BELOW);
    assert_int_equal(e->events, 1);
    assert_int_equal(e->x1, 1);
    assert_int_equal(e->n_b2, 1);
    assert_int_equal(e->b2[0].day, day_from_ymd(2020, 2, 1));
    assert_int_equal(e->b2[0].y1, 4);
    assert_int_equal(e->b2[0].y0, 4);
    assert_int_equal(e->n_seen, 1);
    assert_int_equal(r->entries[1].verdict, VERDICT_NO_NEW_INFORMATION);
    assert_int_equal(r->newly_known.n, 1);
    assert_string_equal(r->newly_known.rows[0].monitor, "gi");
    assert_string_equal(r->newly_known.rows[0].subject, "A1");
    assert_int_equal(r->newly_known.rows[0].look, 1);
    assert_int_equal(r->classes.n_events, 3);
    assert_int_equal(tally_find(r->tallies, r->n_tallies, ruleset_find_category(w.rules, "gastrointestinal"),
                                NO_SUBTYPE, POP_RANDOMISED, WINDOW_ALL, BASIS_PLANNED, 1)
                         ->subjects,
                     1);

    begin(&w);
    subjects(&w, "PA");
    t_event(w.b, "1", "A1", "1", "diarrhoea", "2020-02-01");
    t_event(w.b, "4", "P3", "4", "diarrhoea", "2020-01-20"); /* earlier onset, known later */
    r = look(&w, 2);
    e = &r->entries[0];
    assert_int_equal(e->events, 2);
    assert_int_equal(e->n_b2, 1);
    assert_int_equal(e->b2[0].day, day_from_ymd(2020, 1, 20));
    assert_int_equal(e->b2[0].y1, 4);
    assert_int_equal(e->b2[0].y0, 4);
    assert_int_equal(e->n_seen, 1);
    assert_int_equal(r->newly_known.n, 1);
    assert_string_equal(r->newly_known.rows[0].subject, "P3");

    begin(&w);
    subjects(&w, "PA");
    t_event(w.b, "1", "A1", "1", "diarrhoea", "2020-02-01");
    t_event(w.b, "4", "P3", "4", "diarrhoea", "2020-01-20");
    t_event(w.b, "5", "A2", "5", "diarrhoea", "2020-02-10"); /* P3 and A1 are no longer at risk */
    r = look(&w, 3);
    e = &r->entries[0];
    assert_int_equal(e->b2[0].y1, 3);
    assert_int_equal(e->b2[0].y0, 3);
    close_world(&w);
}

static void a_subject_without_arm_enters_when_its_arm_is_known(void **state)
{
    struct world w;
    const struct look_result *r;

    (void)state;
    open_world(&w, two_arms, gi, "");
    begin(&w);
    subjects(&w, "PA");
    t_subject(w.b, "X", "2020-01-01", NULL, NULL, NULL);
    t_event(w.b, "1", "X", "1", "diarrhoea", "2020-02-01");
    r = look(&w, 1);
    assert_int_equal(r->entries[0].events, 0);
    assert_int_equal(r->newly_known.n, 0);
    begin(&w);
    subjects(&w, "PA");
    t_subject(w.b, "X", "2020-01-01", NULL, NULL, NULL);
    t_arm(w.b, "X", "A", NULL);
    t_event(w.b, "1", "X", "1", "diarrhoea", "2020-02-01");
    r = look(&w, 2);
    assert_int_equal(r->entries[0].events, 1);
    assert_int_equal(r->entries[0].n_seen, 1);
    assert_int_equal(r->entries[0].seen[0].y1, 5);
    close_world(&w);
}

static void a_comparison_sees_its_own_arms_only(void **state)
{
    struct world w;
    const struct look_result *r;

    (void)state;
    open_world(&w, three_arms, gi, gi_a);
    begin(&w);
    subjects(&w, "PAB");
    t_event(w.b, "1", "A1", "1", "diarrhoea", "2020-02-01");
    t_event(w.b, "2", "B1", "2", "diarrhoea", "2020-02-03");
    t_event(w.b, "3", "P1", "3", "diarrhoea", "2020-02-05");
    r = look(&w, 1);
    assert_int_equal(r->entries[0].events, 3);
    assert_int_equal(r->entries[0].x1, 2);
    assert_int_equal(r->entries[0].b2[0].y1, 8);
    assert_int_equal(r->entries[0].b2[2].y1, 6);
    assert_int_equal(r->entries[1].events, 2);
    assert_int_equal(r->entries[1].x1, 1);
    assert_int_equal(r->entries[1].b2[0].y1, 4);
    assert_int_equal(r->entries[1].b2[1].y1, 3);
    assert_int_equal(r->newly_known.n, 5);
    assert_string_equal(r->newly_known.rows[0].subject, "A1"); /* by monitor, then subject */
    assert_string_equal(r->newly_known.rows[3].monitor, "gi_a");
    close_world(&w);
}

static void the_planned_share_is_that_of_the_comparison(void **state)
{
    struct world w;
    const struct look_result *r;
    double pi = 2.0 / 3, lo = pi, step, sum = 0;
    enum { STEPS = 100000 };

    (void)state;
    open_world(&w, three_arms, gi, gi_a);
    begin(&w);
    subjects(&w, "PAB");
    t_event(w.b, "1", "A1", "1", "diarrhoea", "2020-02-01");
    r = look(&w, 1);
    /* One event, 4 against 4 at risk, prior uniform on (2/3, 1): E = mean of theta/(theta+1) over 1/2; midpoint rule. */
    step = (1 - lo) / STEPS;
    for (int i = 0; i < STEPS; i++) {
        double p = lo + step * (i + .5), theta = p * (1 - pi) / ((1 - p) * pi);

        sum += theta / (theta + 1) * 2 / STEPS;
    }
    assert_near(r->entries[1].log_e, log(sum), 1e-8);
    close_world(&w);
}

static void an_empty_trial_is_undetermined(void **state)
{
    struct world w;
    const struct look_result *r;

    (void)state;
    open_world(&w, two_arms, gi, cv);
    begin(&w);
    r = look(&w, 1);
    assert_int_equal(r->entries[0].verdict, VERDICT_UNDETERMINED);
    assert_int_equal(r->entries[1].verdict, VERDICT_UNDETERMINED);
    begin(&w);
    subjects(&w, "A"); /* nobody on control */
    t_event(w.b, "1", "A1", "1", "diarrhoea", "2020-02-01");
    r = look(&w, 2);
    assert_int_equal(r->entries[0].verdict, VERDICT_UNDETERMINED);
    close_world(&w);
}

static void a_retracted_event_leaves_the_count_and_a_date_error_does_not(void **state)
{
    struct world w;
    const struct look_result *r;

    (void)state;
    open_world(&w, two_arms, gi, cv);
    begin(&w);
    subjects(&w, "PA");
    t_event(w.b, "1", "A1", "1", "diarrhoea", "2020-02-01");
    t_event(w.b, "2", "A2", "2", "diarrhoea", "2032-02-01"); /* typed wrongly: counts all the same */
    r = look(&w, 1);
    assert_int_equal(r->entries[0].events, 2);
    begin(&w);
    subjects(&w, "PA");
    t_event(w.b, "2", "A2", "2", "diarrhoea", "2020-02-01");
    r = look(&w, 2);
    assert_int_equal(r->entries[0].events, 1);
    assert_int_equal(r->entries[0].verdict, VERDICT_NO_NEW_INFORMATION);
    assert_int_equal(r->entries[0].n_seen, 0);
    close_world(&w);
}

/* Subjects and events entered forwards or backwards. */
static void crowd(struct world *w, bool backwards)
{
    char id[8], ae[8];

    begin(w);
    for (int k = 0; k < 40; k++) {
        int i = backwards ? 39 - k : k;
        char day[] = "2020-02-00";

        id[0] = 'S';
        id[1] = (char)('0' + i / 10);
        id[2] = (char)('0' + i % 10);
        id[3] = '\0';
        memcpy(ae, id, sizeof id);
        ae[0] = 'E';
        t_subject(w->b, id, "2020-01-01", NULL, NULL, NULL);
        t_arm(w->b, id, i % 2 ? "P" : "A", NULL);
        day[8] = (char)('0' + i % 7 / 4);
        day[9] = (char)('1' + i % 5);
        if (i % 3 == 0) {
            t_event(w->b, ae, id, ae, i % 2 ? "stroke" : "diarrhoea", day);
        }
    }
}

static void rows_in_another_order_give_the_same_entries(void **state)
{
    struct world a, b;

    (void)state;
    open_world(&a, two_arms, gi, cv);
    open_world(&b, two_arms, gi, cv);
    crowd(&a, false);
    crowd(&b, true);
    look(&a, 1);
    look(&b, 1);
    for (size_t i = 0; i < 2; i++) {
        const struct entry *x = &a.last.entries[i], *y = &b.last.entries[i];

        assert_true(x->events > 3);
        assert_int_equal(x->verdict, y->verdict);
        assert_memory_equal(&x->t, &y->t, sizeof x->t);
        assert_memory_equal(&x->alpha_spent, &y->alpha_spent, sizeof x->alpha_spent);
        assert_memory_equal(&x->statistic, &y->statistic, sizeof x->statistic);
        assert_memory_equal(&x->bound, &y->bound, sizeof x->bound);
        assert_memory_equal(&x->log_e, &y->log_e, sizeof x->log_e);
        assert_int_equal(x->n_seen, y->n_seen);
        assert_memory_equal(x->seen, y->seen, x->n_seen * sizeof *x->seen);
    }
    assert_int_equal(a.last.newly_known.n, b.last.newly_known.n);
    for (size_t i = 0; i < a.last.newly_known.n; i++) {
        assert_string_equal(a.last.newly_known.rows[i].subject, b.last.newly_known.rows[i].subject);
    }
    close_world(&a);
    close_world(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_is_new_once_and_its_risk_set_is_that_of_its_day),
        cmocka_unit_test(a_subject_without_arm_enters_when_its_arm_is_known),
        cmocka_unit_test(a_comparison_sees_its_own_arms_only),
        cmocka_unit_test(the_planned_share_is_that_of_the_comparison),
        cmocka_unit_test(an_empty_trial_is_undetermined),
        cmocka_unit_test(a_retracted_event_leaves_the_count_and_a_date_error_does_not),
        cmocka_unit_test(rows_in_another_order_give_the_same_entries),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
