/*
 * Cumulative incidence against hand-computed cases and R.  Reference values: survival 3.x (survfit: Kaplan-Meier with
 * conf.type "log-log", and the Aalen-Johansen pstate), printed to 12 digits; data of `aml` as R's survival ships them.
 */
#include "support/t.h"

#include <math.h>
#include <stdlib.h>

#include "stats/incidence.h"

static const double t10[] = {2, 3, 3, 5, 8, 8, 9, 12, 15, 20};
static const int s10[] = {1, 1, 0, 1, 2, 1, 0, 1, 2, 0};

enum { N10 = 10, AML = 23 };

static struct incidence_step *steps_of(const double *t, const int *cause, size_t n, size_t *k)
{
    struct incidence_time *x = calloc(n, sizeof(*x));
    struct incidence_step *s = NULL;
    struct err err = {0};

    assert_non_null(x);
    for (size_t i = 0; i < n; i++) {
        x[n - 1 - i] = (struct incidence_time){t[i], (enum incidence_cause)cause[i]}; /* any order will do */
    }
    assert_ok(incidence_steps(x, n, &s, k, &err), err);
    free(x);
    return s;
}

static void two_causes_by_hand(void **state)
{
    /* 10 at risk at 2, 9 at 3, 7 at 5, 6 at 8 (one of each cause), 3 at 12, 2 at 15 */
    static const double s_before[] = {
        1, 0.9, 0.8, 0.8 * 6 / 7, 0.8 * 6 / 7 * 4 / 6, 0.8 * 6 / 7 * 4 / 6 * 2 / 3};
    static const double n[] = {10, 9, 7, 6, 3, 2}, d1[] = {1, 1, 1, 1, 1, 0};
    size_t k = 0;
    struct incidence_step *s = steps_of(t10, s10, N10, &k);
    double f = 0;

    (void)state;
    assert_int_equal(k, 6);
    for (size_t i = 0; i < k; i++) {
        f += s_before[i] * d1[i] / n[i];
        assert_near(s[i].incidence, f, 1e-15);
        assert_int_equal(s[i].at_risk, n[i]);
        assert_int_equal(s[i].d1, d1[i]);
    }
    assert_int_equal(s[3].d2, 1);
    assert_int_equal(s[5].events, 5);
    free(s);
}

static void two_causes_are_those_of_r(void **state)
{
    /* summary(survfit(Surv(t, factor(s)) ~ 1))$pstate; the variance by its definition as a double sum, in R */
    static const struct {
        size_t step;
        double f, v;
    } want[] = {
        {1, 0.2, 0.016}, {3, 0.428571428571, 0.026822157434402}, {5, 0.580952380952, 0.031065327718389}};
    size_t k = 0;
    struct incidence_step *s = steps_of(t10, s10, N10, &k);

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_near(s[want[i].step].incidence, want[i].f, 5e-13);
        assert_rel(s[want[i].step].variance, want[i].v, 1e-12);
    }
    free(s);
}

static void one_cause_is_kaplan_meier_with_greenwoods_variance(void **state)
{
    static const double t[] = {9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161, 5,
                               5, 8,  8,  12, 16, 23, 27, 30, 33, 43, 45};
    static const int c[] = {1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1};
    static const struct {
        double t, f, v, lo, hi;
    } want[] = {{5, 0.08695652174, 0.003451960220, 0.02248433010, 0.3050524625},
                {12, 0.26086956522, 0.008383331964, 0.12662421830, 0.4907905612},
                {31, 0.61352657005, 0.011850238663, 0.41252308558, 0.8171633814},
                {160, 0.91718426501, 0.005279737252, 0.71323963202, 0.9930440332}};
    size_t k = 0;
    struct incidence_step *s = steps_of(t, c, AML, &k);
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
        struct estimate e;

        assert_ok(incidence_at(s, k, want[i].t, 0.95, &e, &err), err);
        assert_near(e.value, want[i].f, 5e-11);
        assert_near(e.lo, want[i].lo, 5e-10);
        assert_near(e.hi, want[i].hi, 5e-10);
    }
    assert_near(s[0].variance, want[0].v, 5e-12);
    free(s);
}

static void everybody_with_the_event_ends_at_one(void **state)
{
    static const double t[] = {1, 2, 3};
    static const int c[] = {1, 1, 1};
    size_t k = 0;
    struct incidence_step *s = steps_of(t, c, 3, &k);
    struct estimate e;
    struct err err = {0};

    (void)state;
    assert_near(s[2].incidence, 1, 1e-15);
    assert_near(s[2].variance, 0, 1e-15);
    assert_ok(incidence_at(s, k, 9, 0.95, &e, &err), err);
    assert_true(isnan(e.lo) && isnan(e.hi));
    assert_ok(incidence_at(s, k, 0.5, 0.95, &e, &err), err);
    assert_true(e.value == 0 && isnan(e.hi));
    free(s);
}

static void nobody_and_no_event_give_no_steps(void **state)
{
    static const double t[] = {1, 2};
    static const int c[] = {0, 0};
    struct incidence_step *s;
    struct err err = {0};
    size_t k = 9;

    (void)state;
    s = steps_of(t, c, 2, &k);
    assert_null(s);
    assert_int_equal(k, 0);
    assert_ok(incidence_steps(NULL, 0, &s, &k, &err), err);
    assert_int_equal(k, 0);
}

static void a_time_that_is_no_number_is_refused(void **state)
{
    struct incidence_time x[] = {{1, CAUSE_EVENT}, {(double)NAN, CAUSE_EVENT}};
    struct incidence_step *s = NULL;
    struct err err = {0};
    size_t k = 0;

    (void)state;
    assert_int_equal(incidence_steps(x, 2, &s, &k, &err), E_NUMERIC);
    assert_null(s);
}

static void at_risk_counts_those_whose_time_has_not_passed(void **state)
{
    struct incidence_time x[] = {
        {1, CAUSE_EVENT}, {2, CAUSE_CENSORED}, {2, CAUSE_EVENT}, {5, CAUSE_CENSORED}};

    (void)state;
    assert_int_equal(incidence_at_risk(x, 4, 0), 4);
    assert_int_equal(incidence_at_risk(x, 4, 2), 3);
    assert_int_equal(incidence_at_risk(x, 4, 2.5), 1);
    assert_int_equal(incidence_at_risk(x, 4, 6), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_causes_by_hand),
        cmocka_unit_test(two_causes_are_those_of_r),
        cmocka_unit_test(one_cause_is_kaplan_meier_with_greenwoods_variance),
        cmocka_unit_test(everybody_with_the_event_ends_at_one),
        cmocka_unit_test(nobody_and_no_event_give_no_steps),
        cmocka_unit_test(a_time_that_is_no_number_is_refused),
        cmocka_unit_test(at_risk_counts_those_whose_time_has_not_passed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
