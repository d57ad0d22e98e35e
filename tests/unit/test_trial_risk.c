#include "trial/risk.h"

#include <math.h>
#include <stdlib.h>

#include "support/t.h"
#include "support/t_trial.h"
#include "trial/fault.h"

static void hand_computed_risk_sets(void **state)
{
    /* Days 10..14.  A joins late, C leaves before the second event, E has two events on one day with D. */
    const struct risk_time t[] = {
        {.arm = 1, .enter = 11, .leave = 20, .event = 12},       /* A */
        {.arm = 1, .enter = 10, .leave = 20, .event = DAY_NONE}, /* B */
        {.arm = 0, .enter = 10, .leave = 11, .event = DAY_NONE}, /* C */
        {.arm = 0, .enter = 10, .leave = 20, .event = 14},       /* D */
        {.arm = 1, .enter = 10, .leave = 14, .event = 14},       /* E */
        {.arm = 0, .enter = 13, .leave = 13, .event = 13},       /* F: one day only, and its event on it */
        {.arm = ARM_NONE, .enter = 10, .leave = 20, .event = 12},
        {.arm = 1, .enter = DAY_NONE, .leave = 20, .event = 12},
    };
    struct risk_day *d = NULL;
    size_t n = 0;
    struct err e = {0};

    (void)state;
    assert_ok(risk_by_day(t, sizeof t / sizeof *t, ARM_NONE, &d, &n, &e), e);
    assert_int_equal(n, 3);
    assert_int_equal(d[0].day, 12); /* A, B, E against D (C has left, F not come) */
    assert_int_equal(d[0].y1, 3);
    assert_int_equal(d[0].y0, 1);
    assert_int_equal(d[0].d1, 1);
    assert_int_equal(d[0].d0, 0);
    assert_int_equal(d[1].day, 13); /* B, E against D, F */
    assert_int_equal(d[1].y1, 2);
    assert_int_equal(d[1].y0, 2);
    assert_int_equal(d[1].d0, 1);
    assert_int_equal(d[2].day, 14); /* B, E against D */
    assert_int_equal(d[2].y1, 2);
    assert_int_equal(d[2].y0, 1);
    assert_int_equal(d[2].d1, 1);
    assert_int_equal(d[2].d0, 1);
    assert_int_equal(risk_days(t, sizeof t / sizeof *t, 1), 2 + 11 + 5);
    assert_int_equal(risk_days(t, sizeof t / sizeof *t, 0), 2 + 5 + 1);
    free(d);
}

static void no_subjects_and_no_events_have_no_risk_days(void **state)
{
    const struct risk_time t = {.arm = 0, .enter = 5, .leave = 9, .event = DAY_NONE};
    struct risk_day *d = NULL;
    size_t n = 9;
    struct err e = {0};

    (void)state;
    assert_ok(risk_by_day(NULL, 0, ARM_NONE, &d, &n, &e), e);
    assert_int_equal(n, 0);
    free(d);
    assert_ok(risk_by_day(&t, 1, ARM_NONE, &d, &n, &e), e);
    assert_int_equal(n, 0);
    free(d);
    assert_int_equal(risk_days(NULL, 0, 0), 0);
}

static void one_empty_arm_leaves_the_other_counted(void **state)
{
    const struct risk_time t = {.arm = 2, .enter = 5, .leave = 9, .event = 9};
    struct risk_day *d = NULL;
    size_t n = 0;
    struct err e = {0};

    (void)state;
    assert_ok(risk_by_day(&t, 1, 2, &d, &n, &e), e);
    assert_int_equal(n, 1);
    assert_int_equal(d[0].y1, 1);
    assert_int_equal(d[0].y0, 0);
    free(d);
    assert_ok(risk_by_day(&t, 1, 1, &d, &n, &e), e); /* compared with another arm it is no part of it */
    assert_int_equal(n, 0);
    free(d);
}

static void impossible_times_are_refused(void **state)
{
    const struct risk_time bad[] = {{.arm = 1, .enter = 5, .leave = 4, .event = DAY_NONE},
                                    {.arm = 1, .enter = 5, .leave = 9, .event = 10},
                                    {.arm = 0, .enter = 5, .leave = 9, .event = 4}};
    struct risk_day *d = NULL;
    size_t n = 0;
    struct err e = {0};

    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(risk_by_day(&bad[i], 1, ARM_NONE, &d, &n, &e), E_INTERNAL);
    }
    assert_null(d);
}

static bool at_risk(const struct risk_time *t, day_t day)
{
    return t->enter != DAY_NONE && t->enter <= day && day <= t->leave &&
           (t->event == DAY_NONE || day <= t->event);
}

static void agrees_with_counting_subject_by_subject_in_random_trials(void **state)
{
    uint64_t seed = 7;
    struct err e = {0};

    (void)state;
    for (int trial = 0; trial < 300; trial++) {
        struct risk_time t[60];
        size_t n = t_below(&seed, 61), n_days = 0, found = 0;
        struct risk_day *d = NULL;
        arm_t experimental = (arm_t)((int)t_below(&seed, 3) - 1);
        int64_t days[3] = {0};

        experimental = experimental == 0 ? 2 : experimental;
        for (size_t i = 0; i < n; i++) {
            t[i] = (struct risk_time){.arm = (arm_t)((int)t_below(&seed, 4) - 1),
                                      .enter = (day_t)t_below(&seed, 30),
                                      .event = DAY_NONE};
            t[i].leave = t[i].enter + (day_t)t_below(&seed, 30);
            if (t_below(&seed, 2) == 0) {
                t[i].event = t[i].enter + (day_t)t_below(&seed, (uint64_t)(t[i].leave - t[i].enter) + 1);
            }
            if (t_below(&seed, 12) == 0) {
                t[i].enter = DAY_NONE;
            }
        }
        assert_ok(risk_by_day(t, n, experimental, &d, &n_days, &e), e);
        for (day_t day = 0; day < 60; day++) {
            struct risk_day w = {.day = day};

            for (size_t i = 0; i < n; i++) {
                bool control = t[i].arm == 0;
                bool exper = t[i].arm > 0 && (experimental == ARM_NONE || t[i].arm == experimental);

                if (!at_risk(&t[i], day)) {
                    continue;
                }
                if (t[i].arm >= 0) {
                    days[t[i].arm]++;
                }
                w.y1 += exper;
                w.y0 += control;
                w.d1 += exper && t[i].event == day;
                w.d0 += control && t[i].event == day;
            }
            if (w.d1 + w.d0 > 0) {
                assert_true(found < n_days);
                assert_int_equal(d[found].day, w.day);
                assert_int_equal(d[found].y1, w.y1);
                assert_int_equal(d[found].y0, w.y0);
                assert_int_equal(d[found].d1, w.d1);
                assert_int_equal(d[found].d0, w.d0);
                found++;
            }
        }
        assert_int_equal(found, n_days);
        for (arm_t a = 0; a < 3; a++) {
            assert_int_equal(risk_days(t, n, a), days[a]);
        }
        free(d);
    }
}

static void fault_needs_the_contract_version(void **state)
{
    struct snapshot s = {.contract_version = 1};
    struct shrink sh = {.max_percent = 5};
    struct err e = {0};

    (void)state;
    assert_ok(fault_check(&s, &sh, &e), e);
    s.contract_version = 0;
    assert_int_equal(fault_check(&s, &sh, &e), E_DATA);
    s.contract_version = 2;
    assert_int_equal(fault_check(&s, &sh, &e), E_DATA);
}

static void fault_is_shrinking_by_more_than_five_rows_and_more_than_the_percentage(void **state)
{
    const struct {
        struct shrink sh;
        enum status want;
    } cases[] = {
        {{.subjects_before = 20, .subjects_now = 15, .max_percent = 2}, OK},
        {{.subjects_before = 20, .subjects_now = 14, .max_percent = 2}, E_DATA},
        {{.subjects_before = 5, .subjects_now = 0, .max_percent = 2}, OK},
        {{.events_before = 1000, .events_now = 980, .max_percent = 2}, OK},
        {{.events_before = 1000, .events_now = 979, .max_percent = 2}, E_DATA},
        {{.events_before = 1000, .events_now = 5000, .max_percent = 0}, OK},
        {{.events_before = 1000, .events_now = 0, .max_percent = 100}, OK},
        {{.events_before = 1000, .events_now = 900, .max_percent = (double)NAN}, E_DATA},
    };
    struct snapshot s = {.contract_version = 1};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(fault_check(&s, &cases[i].sh, NULL), cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hand_computed_risk_sets),
        cmocka_unit_test(no_subjects_and_no_events_have_no_risk_days),
        cmocka_unit_test(one_empty_arm_leaves_the_other_counted),
        cmocka_unit_test(impossible_times_are_refused),
        cmocka_unit_test(agrees_with_counting_subject_by_subject_in_random_trials),
        cmocka_unit_test(fault_needs_the_contract_version),
        cmocka_unit_test(fault_is_shrinking_by_more_than_five_rows_and_more_than_the_percentage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
