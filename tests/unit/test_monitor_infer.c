/* What a monitor's looks say together: against what the ledger itself found, and where nothing can be said. */
#include <math.h>
#include <string.h>

#include "monitor/infer.h"
#include "stats/gs_adjust.h"
#include "support/t.h"
#include "support/t_ledger.h"

static struct inference of(struct trial *t)
{
    struct inference f;
    struct err err = {0};

    assert_ok(monitor_infer(&t->m, t->past, t->n_past, &f, &err), err);
    return f;
}

static void six_of_six_leave_one_out_and_have_no_upper_limit(void **state)
{
    struct trial t;
    struct inference f;

    (void)state;
    trial_open(&t, b2(.05, 20));
    (void)run(&t, "111111");
    f = of(&t);
    assert_int_equal(f.look, t.past[5].look);
    assert_int_equal(f.events, 6);
    /* No bound could be reached before: the stage-wise p is the look's own. */
    assert_near(f.p, t.past[5].nominal_p, 1e-14);
    assert_true(f.ratio.lo > 1 && isinf(f.ratio.hi) && isfinite(f.ratio.value));
    /* Clopper and Pearson at the days' shares, which fall from 75/148 as events leave: near .05^(1/6) of one share. */
    assert_true(f.ratio.lo > 1.4 && f.ratio.lo < 1.75);
    assert_true(isnan(f.power_null) && isnan(f.repeated.value) && isnan(f.repeated_p));
    /* What comes after the crossing moves nothing. */
    (void)run(&t, "0000");
    assert_near(of(&t).p, f.p, 0);
    assert_int_equal(of(&t).events, 6);
    trial_close(&t);
}

static void five_of_seven_leave_one_in_and_look_ahead(void **state)
{
    struct trial t;
    struct inference f;

    (void)state;
    trial_open(&t, b2(.05, 20));
    (void)run(&t, "1101101");
    f = of(&t);
    assert_true(f.ratio.lo < 1 && f.ratio.value > 1 && f.ratio.hi > f.ratio.value && isfinite(f.ratio.hi));
    assert_true(f.p > .05 && f.p < .3);
    assert_true(f.power_null > 0 && f.power_null < f.power_estimate && f.power_estimate < 1);
    (void)look_at(&t, LOOK_FINAL);
    f = of(&t);
    assert_true(isnan(f.power_null)); /* closed: nothing is to come */
    trial_close(&t);
}

/* The interval leaves 1 out just when the boundary is crossed, whatever the order of the events. */
static void interval_and_boundary_agree(void **state)
{
    (void)state;
    for (unsigned bits = 0; bits < 256; bits++) {
        struct trial t;
        char order[9] = {0};
        struct inference f;
        bool crossed = false;

        for (int i = 0; i < 8; i++) {
            order[i] = bits >> i & 1 ? '1' : '0';
        }
        trial_open(&t, b2(.05, 8));
        (void)run(&t, order);
        for (size_t i = 0; i < t.n_past; i++) {
            crossed = crossed || t.past[i].verdict == VERDICT_CROSSED;
        }
        f = of(&t);
        assert_true(crossed == (f.p <= .05 * (1 + 1e-9)));
        assert_true(crossed == (f.ratio.lo >= 1 - 1e-9));
        trial_close(&t);
    }
}

static void logrank_looks_agree_with_their_boundary(void **state)
{
    struct trial t;
    struct inference f;

    (void)state;
    trial_open(&t, b1(.025, 60));
    (void)run(&t, "110110101011011");
    f = of(&t);
    assert_int_equal(f.events, 15);
    assert_true(f.p > .025 && f.ratio.lo < 1 && f.ratio.value > 1 && f.ratio.hi > 1);
    assert_true(f.repeated.lo < f.ratio.lo && f.repeated.hi > f.ratio.hi);
    assert_near(f.repeated.value, exp(t.past[14].statistic / sqrt(t.past[14].info)), 1e-12);
    assert_true(f.repeated_p > .025);
    assert_true(f.power_null < f.power_predictive && f.power_predictive < f.power_estimate);
    (void)run(&t, "111111111111111");
    f = of(&t);
    assert_true(f.p < .025 && f.ratio.lo > 1 && f.repeated.lo >= 1 && f.repeated_p <= .025);
    assert_true(isnan(f.power_null));
    trial_close(&t);
}

static void two_looks(struct trial *t, double alpha)
{
    trial_open(t, b1(alpha, 60));
    events(t, "010101010101");
    (void)look(t);
    events(t, "11011101");
    (void)look(t);
}

static void repeated_p_is_the_level_whose_bound_is_met(void **state)
{
    struct trial t;
    struct inference f;

    (void)state;
    two_looks(&t, .025);
    f = of(&t);
    trial_close(&t);
    /* The same trial judged at that level has its newest bound where the statistic is. */
    two_looks(&t, f.repeated_p);
    assert_true(t.past[1].executed);
    assert_near(t.past[1].bound, t.past[1].statistic, 1e-9);
    trial_close(&t);
}

/* So early that nothing is spent: the bound is out of reach, and the repeated interval holds everything. */
static void a_look_that_spends_nothing_excludes_nothing(void **state)
{
    struct trial t;
    struct inference f;

    (void)state;
    trial_open(&t, b1(.025, 6000));
    events(&t, "110110101011");
    (void)look(&t);
    assert_true(t.past[0].executed && isinf(t.past[0].bound));
    f = of(&t);
    assert_near(f.p, t.past[0].nominal_p, 1e-12);
    assert_true(f.ratio.lo < f.ratio.value && f.ratio.value < f.ratio.hi && isfinite(f.ratio.hi));
    assert_near(f.repeated.lo, 0, 0);
    assert_true(isinf(f.repeated.hi));
    assert_true(f.power_null > 0 && f.power_null < .03);
    trial_close(&t);
}

static void nothing_tested_says_nothing(void **state)
{
    struct trial t;
    struct inference f;

    (void)state;
    trial_open(&t, b1(.025, 60));
    f = of(&t);
    assert_int_equal(f.look, 0);
    (void)run(&t, "1101"); /* fewer than min_events */
    f = of(&t);
    assert_int_equal(f.look, 0);
    assert_true(isnan(f.p) && isnan(f.ratio.value));
    trial_close(&t);
    trial_open(&t, b4(.05));
    (void)run(&t, "1111");
    assert_int_equal(of(&t).look, 0);
    trial_close(&t);
}

static void an_amended_maximum_has_no_repeated_p(void **state)
{
    struct trial t;
    struct inference f;

    (void)state;
    trial_open(&t, b1(.025, 60));
    (void)run(&t, "110110101011");
    assert_true(isfinite(of(&t).repeated_p) != 0);
    t.m.max_events = 80;
    t.m.amended_from = 60;
    (void)run(&t, "1010");
    f = of(&t);
    assert_true(isnan(f.repeated_p));
    assert_true(f.ratio.lo < f.ratio.value && f.ratio.value < f.ratio.hi);
    trial_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(six_of_six_leave_one_out_and_have_no_upper_limit),
        cmocka_unit_test(five_of_seven_leave_one_in_and_look_ahead),
        cmocka_unit_test(interval_and_boundary_agree),
        cmocka_unit_test(logrank_looks_agree_with_their_boundary),
        cmocka_unit_test(repeated_p_is_the_level_whose_bound_is_met),
        cmocka_unit_test(a_look_that_spends_nothing_excludes_nothing),
        cmocka_unit_test(nothing_tested_says_nothing),
        cmocka_unit_test(an_amended_maximum_has_no_repeated_p),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
