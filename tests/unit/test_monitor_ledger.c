/* Rules 3 to 8 of the look ledger, and the verdict table of the example plan (methods, sections 4 and 7). */
#include "support/t.h"

#include <math.h>

#include "support/t_ledger.h"

/* ---- the verdict table ---- */

static void a_run_of_cardiovascular_events_crosses_at_the_sixth(void **state)
{
    struct trial t;
    const struct entry *e;

    (void)state;
    trial_open(&t, b2(.05, 20));
    e = run(&t, "11111");
    assert_int_equal(e->verdict, VERDICT_BELOW);
    assert_near(e->alpha_spent, 0, 0);
    e = run(&t, "1");
    assert_int_equal(e->verdict, VERDICT_CROSSED);
    assert_near(e->bound, 6, 0);
    assert_near(e->alpha_target, .0208, 5e-5);
    assert_near(e->nominal_p, .0169, 5e-5);
    assert_true(e->executed && e->current_crosses && !e->on_correction);
    assert_near(exp(e->log_e), 16.96, .005); /* methods, section 6: stays below the reference of 20 */
    assert_int_equal(monitor_standing(t.past, t.n_past), VERDICT_CROSSED);
    trial_close(&t);
}

static void less_alpha_or_a_larger_maximum_crosses_only_at_the_closing_look(void **state)
{
    const struct {
        double alpha;
        int64_t max;
        enum verdict closing;
    } c[] = {{.025, 20, VERDICT_CROSSED}, {.05, 44, VERDICT_CROSSED}, {.0167, 20, VERDICT_BELOW}};

    (void)state;
    for (size_t i = 0; i < sizeof c / sizeof c[0]; i++) {
        struct trial t;
        const struct entry *e;

        trial_open(&t, b2(c[i].alpha, c[i].max));
        e = run(&t, "111111");
        assert_int_equal(e->verdict, VERDICT_BELOW);
        e = look_at(&t, LOOK_FINAL);
        assert_int_equal(e->verdict, c[i].closing);
        assert_true(e->executed);
        assert_near(e->t, 1, 0);
        assert_near(e->alpha_target, c[i].alpha, 1e-15);
        assert_true(e->alpha_spent <= c[i].alpha * (1 + 1e-12));
        trial_close(&t);
    }
}

static void five_deaths_against_two_stay_below_in_any_order(void **state)
{
    (void)state;
    for (unsigned bits = 0; bits < 128; bits++) {
        struct trial t;
        char order[8] = {0};
        const struct entry *e;

        if (__builtin_popcount(bits) != 5) {
            continue;
        }
        for (int i = 0; i < 7; i++) {
            order[i] = bits >> i & 1 ? '1' : '0';
        }
        trial_open(&t, b2(.05, 20));
        e = run(&t, order);
        for (size_t i = 0; i < t.n_past; i++) {
            assert_int_equal(t.past[i].verdict, VERDICT_BELOW);
        }
        assert_near(t.past[4].bound, 6, 0); /* at five events no count crosses */
        assert_near(t.past[5].bound, 6, 0);
        assert_near(e->bound, 7, 0);
        assert_near(e->nominal_p, .238, 5e-4);
        assert_int_equal(look_at(&t, LOOK_FINAL)->verdict, VERDICT_BELOW);
        trial_close(&t);
    }
}

static void gastrointestinal_bounds_are_those_of_the_plan(void **state)
{
    const size_t at[] = {15, 22, 30, 37, 43};
    const double bound[] = {4.33, 3.53, 2.98, 2.67, 2.47};
    struct trial t;

    (void)state;
    trial_open(&t, b1(.025, 60));
    for (size_t k = 0; k < 5; k++) {
        const struct entry *e;

        while (t.n_ev < at[k]) {
            event(&t, t.n_ev % 2 == 0);
        }
        e = look(&t);
        assert_int_equal(e->verdict, VERDICT_BELOW);
        assert_near(e->bound, bound[k], .005);
        assert_near(e->alpha_spent, e->alpha_target, 1e-10);
    }
    trial_close(&t);
}

static void gastrointestinal_35_against_9_crosses(void **state)
{
    struct trial t;
    const struct entry *e = NULL;
    size_t ones = 0;

    (void)state;
    trial_open(&t, b1(.025, 60));
    for (size_t i = 1; i <= 44; i++) {
        bool one = i * 35 / 44 > ones; /* spread evenly */

        ones += one;
        event(&t, one);
        if (i == 15 || i == 22 || i == 30 || i == 37 || i == 44) {
            e = look(&t);
        }
    }
    assert_int_equal(ones, 35);
    assert_int_equal(e->verdict, VERDICT_CROSSED);
    assert_true(e->current_crosses);
    trial_close(&t);
}

static void sensitivity_of_the_cardiovascular_verdict(void **state)
{
    struct monitor m = b2(.05, 20);
    struct err err = {0};
    double limit;

    (void)state;
    assert_ok(monitor_sensitivity(&m, 6, &limit, &err), err);
    assert_near(limit, .524, 5e-4);
    assert_ok(monitor_sensitivity(&m, 5, &limit, &err), err);
    assert_near(limit, .447, 5e-4);
    assert_ok(monitor_sensitivity(&m, 0, &limit, &err), err);
    assert_true(isnan(limit));
    m = b1(.025, 60);
    assert_ok(monitor_sensitivity(&m, 6, &limit, &err), err);
    assert_true(isnan(limit));
}

static void the_sensitivity_limit_is_where_the_verdict_turns(void **state)
{
    (void)state;
    for (int above = 0; above <= 1; above++) {
        struct trial t;

        trial_open(&t, b2(.05, 20));
        t.y1 = above ? 5250 : 5235; /* of 10000: p_j .525 and .5235, about the limit of .5244 */
        t.y0 = 10000 - t.y1;
        assert_int_equal(run(&t, "111111")->verdict, above ? VERDICT_BELOW : VERDICT_CROSSED);
        trial_close(&t);
    }
}

/* ---- rule 3: one record decides ---- */

static void the_e_process_is_as_seen_and_never_revised(void **state)
{
    struct trial t;
    double log_e;

    (void)state;
    trial_open(&t, b4(.05));
    assert_int_equal(run(&t, "111111")->verdict, VERDICT_BELOW);
    log_e = t.past[5].log_e;
    correct_arm(&t, 0);
    retract(&t, 5);
    assert_near(look(&t)->log_e, log_e, 0);
    assert_int_equal(t.past[6].verdict, VERDICT_NO_NEW_INFORMATION);
    assert_int_equal(run(&t, "1")->verdict,
                     VERDICT_CROSSED); /* the seventh of a run as seen; methods, section 6 */
    assert_near(t.past[7].bound, log(20), 1e-12);
    trial_close(&t);
}

static void the_threshold_of_an_e_process_is_its_share_or_its_reference(void **state)
{
    struct trial t;

    (void)state;
    trial_open(&t, b4(.01));
    run(&t, "1111111"); /* E about 30 */
    assert_int_equal(t.past[6].verdict, VERDICT_BELOW);
    assert_near(t.past[6].bound, log(100), 1e-12);
    trial_close(&t);
    trial_open(&t, b4(0));
    t.m.role = ROLE_SUPPORTIVE;
    t.m.e.reference = 25;
    run(&t, "1111111");
    assert_near(t.past[6].bound, log(25), 1e-12);
    assert_int_equal(t.past[6].verdict, VERDICT_CROSSED);
    trial_close(&t);
}

static void an_e_process_crosses_on_a_day_between_two_looks(void **state)
{
    struct trial t;
    const struct entry *e;

    (void)state;
    trial_open(&t, b4(.05));
    events(&t, "1111111000"); /* all at one look: above 20 after the seventh day, below at the end */
    e = look(&t);
    assert_true(e->log_e < log(20));
    assert_true(e->log_e_max >= log(20));
    assert_int_equal(e->verdict, VERDICT_CROSSED);
    trial_close(&t);
}

static void a_crossing_latches_and_says_what_corrected_data_say(void **state)
{
    struct trial t;
    const struct entry *e;

    (void)state;
    trial_open(&t, b2(.05, 20));
    assert_int_equal(run(&t, "111111")->verdict, VERDICT_CROSSED);
    e = run(&t, "000");
    assert_int_equal(e->verdict, VERDICT_CROSSED);
    assert_false(e->executed);
    assert_true(e->current_crosses); /* more events are no correction */
    retract(&t, 3);
    e = look(&t);
    assert_int_equal(e->verdict, VERDICT_CROSSED);
    assert_false(e->current_crosses);
    correct_arm(&t, 5); /* of the events known, the first six are again all of one arm */
    assert_true(look(&t)->current_crosses);
    trial_close(&t);
}

static void a_z_crossing_is_not_taken_back_by_new_events_but_by_corrections(void **state)
{
    struct trial t;
    const struct entry *e;

    (void)state;
    trial_open(&t, b1(.025, 60));
    for (int i = 0; i < 30; i++) {
        event(&t, i % 5 != 0);
    }
    assert_int_equal(look(&t)->verdict, VERDICT_CROSSED);
    for (int i = 0; i < 12; i++) {
        event(&t, 0);
    }
    e = look(&t);
    assert_true(e->statistic < e->bound);
    assert_true(e->current_crosses);
    for (size_t i = 1; i < 10; i++) {
        if (i % 5 != 0) {
            correct_arm(&t, i);
        }
    }
    e = look(&t);
    assert_int_equal(e->verdict, VERDICT_CROSSED);
    assert_false(e->current_crosses);
    trial_close(&t);
}

/* ---- rule 4: maximum and closing look ---- */

static void the_first_look_past_the_maximum_spends_the_rest_then_closed(void **state)
{
    struct trial t;
    const struct entry *e;

    (void)state;
    trial_open(&t, b2(.05, 10));
    run(&t, "01010101");
    events(&t, "010");
    e = look(&t); /* from 8 to 11 of 10 */
    assert_true(e->executed);
    assert_near(e->t, 1, 0);
    assert_near(e->alpha_target, .05, 1e-15);
    e = run(&t, "1");
    assert_int_equal(e->verdict, VERDICT_CLOSED);
    assert_false(e->executed);
    assert_int_equal(e->n_seen, 1); /* the e-process goes on */
    assert_int_equal(look_at(&t, LOOK_FINAL)->verdict, VERDICT_CLOSED);
    assert_int_equal(monitor_standing(t.past, t.n_past), VERDICT_CLOSED);
    trial_close(&t);
}

static void a_closed_monitor_still_sees_a_correction(void **state)
{
    struct trial t;

    (void)state;
    trial_open(&t, b2(.05, 6));
    run(&t, "110111");
    assert_int_equal(monitor_standing(t.past, t.n_past), VERDICT_BELOW);
    correct_arm(&t, 2);
    assert_int_equal(look(&t)->verdict, VERDICT_CROSSED);
    assert_true(t.past[t.n_past - 1].on_correction);
    trial_close(&t);
}

static void the_warning_at_80_percent_is_given_once(void **state)
{
    struct trial t;

    (void)state;
    trial_open(&t, b2(.05, 10));
    run(&t, "010101010");
    for (size_t i = 0; i < t.n_past; i++) {
        assert_int_equal(t.past[i].warn_80, i == 7);
    }
    trial_close(&t);
}

/* P(Z1 >= b1) + P(Z1 < b1, Z2 >= b2) where the first look had half of the information: Simpson, written out here. */
static double two_look_error(double b1_, double b2_)
{
    const int n = 4000;
    double h = (b1_ + 9) / n, sum = 0;

    for (int i = 0; i <= n; i++) {
        double u = -9 + h * i;
        double f = exp(-u * u / 2) / sqrt(2 * acos(-1)) * erfc((b2_ - u * sqrt(.5)) / sqrt(.5) / sqrt(2)) / 2;

        sum += f * (i == 0 || i == n ? 1 : i % 2 ? 4 : 2);
    }
    return sum * h / 3 + erfc(b1_ / sqrt(2)) / 2;
}

static void a_closing_look_of_z_without_new_events_lowers_the_newest_bound(void **state)
{
    struct trial t;
    const struct entry *live, *closing;

    (void)state;
    /* At one look only, the re-solved bound is the fixed-sample bound: P(Z >= b) = .025. */
    trial_open(&t, b1(.025, 60));
    for (int i = 0; i < 30; i++) {
        event(&t, i % 3 != 0);
    }
    live = look(&t);
    assert_int_equal(live->verdict, VERDICT_BELOW);
    closing = look_at(&t, LOOK_FINAL);
    assert_near(closing->bound, 1.959963984540054, 1e-8);
    assert_true(closing->executed);
    assert_near(closing->alpha_spent, .025, 1e-12);
    assert_true(live->statistic < live->bound);
    trial_close(&t);
    /* After two looks the error of the first bound and the lowered second one together is alpha. */
    trial_open(&t, b1(.025, 40));
    for (int i = 0; i < 15; i++) {
        event(&t, i % 2);
    }
    look(&t);
    for (int i = 0; i < 15; i++) {
        event(&t, i % 2);
    }
    live = look(&t);
    closing = look_at(&t, LOOK_FINAL);
    assert_true(closing->bound < live->bound);
    assert_near(two_look_error(t.past[0].bound, live->bound), live->alpha_target, 1e-10);
    assert_near(two_look_error(t.past[0].bound, closing->bound), .025, 1e-10);
    trial_close(&t);
}

static void a_closing_look_counts_fewer_events_after_a_retraction(void **state)
{
    struct trial t;
    const struct entry *e;

    (void)state;
    trial_open(&t, b2(.05, 44));
    run(&t, "1111110");
    retract(&t, 6);
    e = look_at(&t, LOOK_FINAL);
    assert_true(e->executed);
    assert_int_equal(e->events, 6);
    assert_near(e->bound, 7, 0); /* as for the seven that the recursion holds: never lower than for six */
    assert_int_equal(e->verdict, VERDICT_BELOW);
    trial_close(&t);
}

static void a_plan_without_closing_look_spends_nothing_extra_at_the_end(void **state)
{
    struct trial t;
    const struct entry *e;

    (void)state;
    trial_open(&t, b2(.05, 44));
    t.m.closing_look = false;
    run(&t, "111111");
    e = look_at(&t, LOOK_FINAL);
    assert_int_equal(e->verdict, VERDICT_NO_NEW_INFORMATION);
    assert_false(e->executed);
    trial_close(&t);
}

/* ---- rule 7: do not know is not below ---- */

static void few_events_are_undetermined_and_spend_nothing(void **state)
{
    struct trial t;
    const struct entry *e;

    (void)state;
    trial_open(&t, b1(.025, 60));
    e = run(&t, "111111111");
    assert_int_equal(e->verdict, VERDICT_UNDETERMINED);
    assert_near(e->t, 0, 0);
    assert_near(e->alpha_spent, 0, 0);
    assert_true(e->reason[0] != '\0');
    assert_int_equal(look_at(&t, LOOK_FINAL)->verdict, VERDICT_UNDETERMINED);
    trial_close(&t);
}

static void no_events_is_no_information_and_an_empty_arm_is_undetermined(void **state)
{
    struct trial t;
    const struct entry *e;

    (void)state;
    trial_open(&t, b2(.05, 20));
    e = look(&t);
    assert_int_equal(e->verdict, VERDICT_NO_NEW_INFORMATION);
    assert_string_equal(e->reason, "no events yet");
    t.n0 = 0;
    assert_int_equal(look(&t)->verdict, VERDICT_UNDETERMINED);
    event(&t, 1);
    assert_int_equal(look(&t)->verdict, VERDICT_UNDETERMINED);
    trial_close(&t);
    trial_open(&t, b4(.05));
    t.n1 = 0;
    assert_int_equal(look(&t)->verdict, VERDICT_UNDETERMINED);
    trial_close(&t);
}

static void contradicting_counts_and_nan_are_undetermined(void **state)
{
    struct trial t;
    const struct entry *e;

    (void)state;
    trial_open(&t, b2(.05, 20));
    t.y1 = 0; /* an experimental event with nobody of that arm at risk */
    e = run(&t, "1");
    assert_int_equal(e->verdict, VERDICT_UNDETERMINED);
    assert_false(e->executed);
    assert_true(isnan(e->log_e));
    trial_close(&t);
    trial_open(&t, b4(.05));
    t.pi_star = (double)NAN;
    assert_int_equal(run(&t, "1")->verdict, VERDICT_UNDETERMINED);
    trial_close(&t);
    trial_open(&t, b1(.025, 60));
    t.y0 = 0; /* no variance */
    assert_int_equal(run(&t, "111111111111")->verdict, VERDICT_UNDETERMINED);
    trial_close(&t);
    trial_open(&t, b2((double)NAN, 20));
    assert_int_equal(run(&t, "1")->verdict, VERDICT_UNDETERMINED);
    trial_close(&t);
}

static void a_numeric_refusal_is_made_good_at_the_next_look(void **state)
{
    struct trial t;
    const struct entry *e;

    (void)state;
    trial_open(&t, b2(.05, 20));
    run(&t, "11111");
    event(&t, 1);
    t.ev[5].y1 = 0;
    assert_int_equal(look(&t)->verdict, VERDICT_UNDETERMINED);
    t.ev[5].y1 = 75;
    e = look(&t);
    assert_int_equal(e->verdict, VERDICT_CROSSED);
    assert_true(e->executed);
    trial_close(&t);
}

/* ---- blocks, state, determinism ---- */

static void events_of_one_day_enter_as_one_block(void **state)
{
    struct trial t;
    const struct entry *e;

    (void)state;
    trial_open(&t, b2(.05, 20));
    events(&t, "110");
    for (size_t i = 0; i < 3; i++) {
        t.ev[i].day = 16001;
    }
    e = look(&t);
    assert_int_equal(e->n_b2, 1);
    assert_int_equal(e->b2[0].m, 3);
    assert_int_equal(e->b2[0].x, 2);
    assert_int_equal(e->b2[0].y1, 75);
    assert_int_equal(e->n_seen, 1);
    /* One more event of that day is known later: who had the event already is not at risk again. */
    event(&t, 1);
    t.ev[3].day = 16001;
    e = look(&t);
    assert_int_equal(e->n_b2, 1);
    assert_int_equal(e->b2[0].m, 1);
    assert_int_equal(e->b2[0].y1, 73);
    assert_int_equal(e->b2[0].y0, 72);
    assert_int_equal(e->seen[0].y1, 73);
    assert_int_equal(e->seen[0].y0, 72);
    trial_close(&t);
}

static void the_order_in_which_a_looks_events_are_given_changes_no_byte(void **state)
{
    struct trial t, u;

    (void)state;
    trial_open(&t, b2(.05, 20));
    trial_open(&u, b2(.05, 20));
    for (int k = 0; k < 4; k++) {
        struct known_event swap;
        const struct entry *a, *b;

        events(&t, "101");
        events(&u, "101");
        swap = u.ev[u.n_ev - 1];
        u.ev[u.n_ev - 1] = u.ev[u.n_ev - 3];
        u.ev[u.n_ev - 3] = swap;
        a = look(&t);
        b = look(&u);
        assert_memory_equal(&a->t, &b->t, sizeof a->t);
        assert_memory_equal(&a->alpha_spent, &b->alpha_spent, sizeof a->alpha_spent);
        assert_memory_equal(&a->bound, &b->bound, sizeof a->bound);
        assert_memory_equal(&a->log_e, &b->log_e, sizeof a->log_e);
        assert_memory_equal(&a->nominal_p, &b->nominal_p, sizeof a->nominal_p);
        assert_memory_equal(a->seen, b->seen, a->n_seen * sizeof *a->seen);
    }
    trial_close(&t);
    trial_close(&u);
}

static void bounds_follow_from_risk_sets_and_not_from_arms(void **state)
{
    struct trial t, u;

    (void)state;
    trial_open(&t, b2(.05, 20));
    trial_open(&u, b2(.05, 20));
    run(&t, "0101010101");
    run(&u, "1010101010");
    for (size_t i = 0; i < t.n_past; i++) {
        assert_near(t.past[i].bound, u.past[i].bound, 0);
        assert_near(t.past[i].alpha_spent, u.past[i].alpha_spent, 0);
    }
    trial_close(&t);
    trial_close(&u);
}

static void every_kind_of_standing(void **state)
{
    struct entry e[4] = {{.verdict = VERDICT_NOT_DUE},
                         {.verdict = VERDICT_NO_NEW_INFORMATION},
                         {.verdict = VERDICT_UNDETERMINED},
                         {.verdict = VERDICT_NO_NEW_INFORMATION}};

    (void)state;
    assert_int_equal(monitor_standing(e, 0), VERDICT_NOT_DUE);
    assert_int_equal(monitor_standing(e, 1), VERDICT_NOT_DUE);
    assert_int_equal(monitor_standing(e, 2), VERDICT_NO_NEW_INFORMATION);
    assert_int_equal(monitor_standing(e, 4), VERDICT_UNDETERMINED);
    e[0].verdict = VERDICT_CROSSED;
    assert_int_equal(monitor_standing(e, 4), VERDICT_CROSSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_of_cardiovascular_events_crosses_at_the_sixth),
        cmocka_unit_test(less_alpha_or_a_larger_maximum_crosses_only_at_the_closing_look),
        cmocka_unit_test(five_deaths_against_two_stay_below_in_any_order),
        cmocka_unit_test(gastrointestinal_bounds_are_those_of_the_plan),
        cmocka_unit_test(gastrointestinal_35_against_9_crosses),
        cmocka_unit_test(sensitivity_of_the_cardiovascular_verdict),
        cmocka_unit_test(the_sensitivity_limit_is_where_the_verdict_turns),
        cmocka_unit_test(the_e_process_is_as_seen_and_never_revised),
        cmocka_unit_test(the_threshold_of_an_e_process_is_its_share_or_its_reference),
        cmocka_unit_test(an_e_process_crosses_on_a_day_between_two_looks),
        cmocka_unit_test(a_crossing_latches_and_says_what_corrected_data_say),
        cmocka_unit_test(a_z_crossing_is_not_taken_back_by_new_events_but_by_corrections),
        cmocka_unit_test(the_first_look_past_the_maximum_spends_the_rest_then_closed),
        cmocka_unit_test(a_closed_monitor_still_sees_a_correction),
        cmocka_unit_test(the_warning_at_80_percent_is_given_once),
        cmocka_unit_test(a_closing_look_of_z_without_new_events_lowers_the_newest_bound),
        cmocka_unit_test(a_closing_look_counts_fewer_events_after_a_retraction),
        cmocka_unit_test(a_plan_without_closing_look_spends_nothing_extra_at_the_end),
        cmocka_unit_test(few_events_are_undetermined_and_spend_nothing),
        cmocka_unit_test(no_events_is_no_information_and_an_empty_arm_is_undetermined),
        cmocka_unit_test(contradicting_counts_and_nan_are_undetermined),
        cmocka_unit_test(a_numeric_refusal_is_made_good_at_the_next_look),
        cmocka_unit_test(events_of_one_day_enter_as_one_block),
        cmocka_unit_test(the_order_in_which_a_looks_events_are_given_changes_no_byte),
        cmocka_unit_test(bounds_follow_from_risk_sets_and_not_from_arms),
        cmocka_unit_test(every_kind_of_standing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
