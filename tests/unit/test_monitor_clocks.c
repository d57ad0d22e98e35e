/* Rules 1 and 2 of the look ledger (methods, section 4): when a look may spend, and what brings nothing new. */
#include "support/t.h"

#include <math.h>

#include "support/t_ledger.h"

/* ---- rule 1: clocks ---- */

static void a_calendar_clock_looks_every_six_months_and_not_between(void **state)
{
    struct trial t;
    struct monitor m = b1(.025, 60);

    (void)state;
    m.clock = CLOCK_CALENDAR;
    m.months = 6;
    m.clock_from = day_from_ymd(2015, 1, 31);
    trial_open(&t, m);
    for (int i = 0; i < 12; i++) {
        event(&t, i % 2);
    }
    t.day = day_from_ymd(2015, 1, 29);
    assert_int_equal(look(&t)->verdict, VERDICT_NOT_DUE);
    t.day = day_from_ymd(2015, 2, 3);
    assert_int_equal(look(&t)->verdict, VERDICT_BELOW);
    for (int i = 0; i < 12; i++) {
        event(&t, i % 2);
    }
    t.day = day_from_ymd(2015, 7, 29);
    assert_int_equal(look(&t)->verdict, VERDICT_NOT_DUE);
    t.day = day_from_ymd(2015, 7, 30);
    assert_int_equal(look(&t)->verdict, VERDICT_BELOW);
    event(&t, 1);
    t.day = day_from_ymd(2015, 8, 30);
    assert_int_equal(look(&t)->verdict, VERDICT_NOT_DUE);
    trial_close(&t);
}

/* The first look at this. */
static bool not_due(const struct monitor *m, const struct monitor_data *d)
{
    struct entry e = {0};
    struct err err = {0};
    bool not_yet;

    assert_ok(monitor_judge(m, NULL, 0, d, &e, &err), err);
    not_yet = e.verdict == VERDICT_NOT_DUE;
    entry_done(&e);
    return not_yet;
}

static void a_clock_without_first_look_counts_from_the_first_randomisation(void **state)
{
    struct trial t;
    struct monitor m = b1(.025, 60);
    struct logrank_row rows[EVENTS_MAX];
    struct monitor_data d;

    (void)state;
    m.clock = CLOCK_CALENDAR;
    m.months = 6;
    trial_open(&t, m);
    d = view(&t, rows, LOOK_CUT);
    d.first_rand = day_from_ymd(2014, 3, 10);
    d.cut = day_from_ymd(2014, 9, 9);
    assert_true(not_due(&t.m, &d));
    d.cut = day_from_ymd(2014, 9, 10);
    assert_false(not_due(&t.m, &d));
    d.first_rand = DAY_NONE;
    assert_true(not_due(&t.m, &d));
    trial_close(&t);
}

static void a_fraction_clock_looks_when_the_next_fraction_is_reached(void **state)
{
    struct trial t;
    struct monitor m = b2(.05, 20);

    (void)state;
    m.clock = CLOCK_FRACTIONS;
    m.n_fractions = 2;
    m.fractions[0] = .5;
    m.fractions[1] = 1;
    trial_open(&t, m);
    assert_int_equal(run(&t, "010101010")->verdict, VERDICT_NOT_DUE);
    assert_int_equal(run(&t, "1")->verdict, VERDICT_BELOW);
    assert_near(t.past[t.n_past - 1].t, .5, 1e-15);
    assert_int_equal(run(&t, "010101010")->verdict, VERDICT_NOT_DUE);
    assert_int_equal(run(&t, "1")->verdict, VERDICT_BELOW);
    assert_near(t.past[t.n_past - 1].t, 1, 0);
    trial_close(&t);
}

static void one_cut_is_tested_once_and_cuts_never_step_back(void **state)
{
    struct trial t;
    day_t day;

    (void)state;
    trial_open(&t, b2(.05, 20));
    run(&t, "11");
    day = t.day;
    events(&t, "1");
    t.day = day - 1; /* the same cut again */
    assert_int_equal(look(&t)->verdict, VERDICT_NOT_DUE);
    t.day = day - 2;
    assert_int_equal(look(&t)->verdict, VERDICT_NOT_DUE);
    t.day = day + 5;
    assert_int_equal(look(&t)->verdict, VERDICT_BELOW);
    assert_int_equal(t.past[t.n_past - 1].events, 3);
    trial_close(&t);
}

static void an_ad_hoc_look_spends_nothing_and_is_nominal(void **state)
{
    struct trial t;
    const struct entry *e;

    (void)state;
    trial_open(&t, b2(.05, 20));
    events(&t, "1111111");
    e = look_at(&t, LOOK_ADHOC);
    assert_int_equal(e->verdict, VERDICT_NOT_DUE);
    assert_true(e->nominal && !e->executed && e->n_b2 == 0);
    assert_near(e->nominal_p, pow(75.0 / 148, 7), 1e-12);
    assert_true(e->log_e > 0);
    /* The clock is not disturbed: the next cut tests as if nobody had looked. */
    e = look(&t);
    assert_int_equal(e->verdict, VERDICT_CROSSED);
    assert_true(e->executed);
    trial_close(&t);
}

static void an_ad_hoc_look_of_an_e_process_has_its_verdict(void **state)
{
    struct trial t;

    (void)state;
    trial_open(&t, b4(.05));
    events(&t, "1111111");
    assert_int_equal(look_at(&t, LOOK_ADHOC)->verdict, VERDICT_CROSSED);
    trial_close(&t);
}

/* ---- rule 2: no new information, corrections ---- */

static void a_count_that_did_not_grow_spends_nothing(void **state)
{
    struct trial t;
    const struct entry *e;
    double t_before, spent;

    (void)state;
    trial_open(&t, b2(.05, 20));
    e = run(&t, "1011");
    t_before = e->t;
    spent = e->alpha_spent;
    for (int i = 0; i < 3; i++) {
        t.touched = i == 1;
        e = look(&t);
        assert_int_equal(e->verdict, VERDICT_NO_NEW_INFORMATION);
        assert_false(e->executed);
        assert_near(e->t, t_before, 0);
        assert_near(e->alpha_spent, spent, 0);
        assert_int_equal(e->n_b2, 0);
        assert_int_equal(e->n_seen, 0);
    }
    assert_int_equal(monitor_standing(t.past, t.n_past), VERDICT_BELOW);
    trial_close(&t);
}

static void a_corrected_arm_crosses_on_correction_at_the_executed_bound(void **state)
{
    struct trial t;
    const struct entry *e;

    (void)state;
    trial_open(&t, b2(.05, 20));
    assert_int_equal(run(&t, "111110")->verdict, VERDICT_BELOW);
    correct_arm(&t, 5);
    e = look(&t);
    assert_int_equal(e->verdict, VERDICT_CROSSED);
    assert_true(e->on_correction && !e->executed && e->current_crosses);
    assert_near(e->bound, 6, 0);
    assert_near(e->alpha_spent, t.past[5].alpha_spent, 0);
    /* as seen, never revised: the sixth event was a control event when it came */
    assert_near(e->log_e, t.past[5].log_e, 0);
    trial_close(&t);
}

static void a_correction_first_seen_by_an_ad_hoc_look_is_judged_at_the_next_cut(void **state)
{
    struct trial t;

    (void)state;
    trial_open(&t, b2(.05, 20));
    run(&t, "111110");
    correct_arm(&t, 5);
    assert_int_equal(look_at(&t, LOOK_ADHOC)->verdict, VERDICT_NOT_DUE);
    assert_int_equal(look(&t)->verdict, VERDICT_CROSSED);
    assert_true(t.past[t.n_past - 1].on_correction);
    trial_close(&t);
}

static void a_correction_that_stays_below_is_no_new_information(void **state)
{
    struct trial t;

    (void)state;
    trial_open(&t, b2(.05, 20));
    run(&t, "111100");
    correct_arm(&t, 5);
    assert_int_equal(look(&t)->verdict, VERDICT_NO_NEW_INFORMATION);
    trial_close(&t);
}

static void below_every_executed_count_there_is_no_bound(void **state)
{
    struct trial t;
    const struct entry *e;

    (void)state;
    trial_open(&t, b2(.05, 20));
    events(&t, "11010");
    look(&t);
    retract(&t, 4);
    correct_arm(&t, 2);
    e = look(&t);
    assert_int_equal(e->verdict, VERDICT_NO_NEW_INFORMATION);
    assert_true(isnan(e->bound));
    trial_close(&t);
}

static void a_retraction_and_a_new_event_do_not_test_again_until_the_count_grows(void **state)
{
    struct trial t;
    const struct entry *e;

    (void)state;
    trial_open(&t, b2(.05, 20));
    run(&t, "10101");
    retract(&t, 0);
    assert_int_equal(look(&t)->verdict, VERDICT_NO_NEW_INFORMATION);
    e = run(&t, "1"); /* five again */
    assert_int_equal(e->verdict, VERDICT_NO_NEW_INFORMATION);
    assert_int_equal(e->n_seen, 1); /* but the e-process takes it in */
    e = run(&t, "1");
    assert_int_equal(e->verdict, VERDICT_BELOW);
    assert_true(e->executed);
    assert_int_equal(e->n_b2, 1);
    assert_int_equal(e->events, 6);
    assert_near(e->t, .3, 1e-15);
    trial_close(&t);
}

static void spending_time_never_falls(void **state)
{
    struct trial t;
    double last = 0;

    (void)state;
    trial_open(&t, b1(.025, 40));
    for (int i = 0; i < 30; i++) {
        const struct entry *e;

        event(&t, i % 2);
        if (i % 7 == 6) {
            retract(&t, (size_t)i / 3);
        }
        e = look(&t);
        assert_true(e->t >= last);
        last = e->t;
    }
    trial_close(&t);
}

static void information_that_did_not_grow_is_no_new_look(void **state)
{
    struct trial t;
    const struct entry *e;

    (void)state;
    trial_open(&t, b1(.025, 60));
    for (int i = 0; i < 12; i++) {
        event(&t, i % 2);
    }
    look(&t);
    t.y0 = 0; /* an event when nobody of the other arm is at risk says nothing */
    event(&t, 1);
    e = look(&t);
    assert_int_equal(e->events, 13);
    assert_int_equal(e->verdict, VERDICT_NO_NEW_INFORMATION);
    assert_false(e->executed);
    trial_close(&t);
}

static void information_that_grew_without_a_new_event_is_no_new_look(void **state)
{
    struct trial t;
    const struct entry *e;

    (void)state;
    trial_open(&t, b1(.025, 60));
    t.y0 = 20;
    for (int i = 0; i < 12; i++) {
        event(&t, i % 2);
    }
    look(&t);
    for (size_t i = 0; i < t.n_ev; i++) {
        t.ev[i].y0 = 70; /* late subjects entered: every risk set grew */
    }
    e = look(&t);
    assert_true(e->info > t.past[0].info * 1.01);
    assert_int_equal(e->verdict, VERDICT_NO_NEW_INFORMATION);
    assert_false(e->executed);
    trial_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_calendar_clock_looks_every_six_months_and_not_between),
        cmocka_unit_test(a_clock_without_first_look_counts_from_the_first_randomisation),
        cmocka_unit_test(a_fraction_clock_looks_when_the_next_fraction_is_reached),
        cmocka_unit_test(one_cut_is_tested_once_and_cuts_never_step_back),
        cmocka_unit_test(an_ad_hoc_look_spends_nothing_and_is_nominal),
        cmocka_unit_test(an_ad_hoc_look_of_an_e_process_has_its_verdict),
        cmocka_unit_test(a_count_that_did_not_grow_spends_nothing),
        cmocka_unit_test(a_corrected_arm_crosses_on_correction_at_the_executed_bound),
        cmocka_unit_test(a_correction_first_seen_by_an_ad_hoc_look_is_judged_at_the_next_cut),
        cmocka_unit_test(a_correction_that_stays_below_is_no_new_information),
        cmocka_unit_test(below_every_executed_count_there_is_no_bound),
        cmocka_unit_test(a_retraction_and_a_new_event_do_not_test_again_until_the_count_grows),
        cmocka_unit_test(spending_time_never_falls),
        cmocka_unit_test(information_that_did_not_grow_is_no_new_look),
        cmocka_unit_test(information_that_grew_without_a_new_event_is_no_new_look),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
