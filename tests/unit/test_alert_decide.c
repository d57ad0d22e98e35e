/* What a look gives rise to: raised once, amended when corrected data say otherwise, never withdrawn, never made up. */
#include "support/t.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alert/alert.h"

enum { MONITORS = 3, LOOKS_MAX = 16 };

static struct plan *make_plan(void)
{
    static const char *const name[MONITORS] = {"deaths", "cv", "safe"};
    struct plan *p = calloc(1, sizeof(*p));

    assert_non_null(p);
    p->n_monitors = MONITORS;
    for (size_t i = 0; i < MONITORS; i++) {
        (void)snprintf(p->monitors[i].name, sizeof(p->monitors[i].name), "%s", name[i]);
        p->monitors[i].method = i == 2 ? METHOD_E_PROCESS : METHOD_EXACT_BINOMIAL;
        p->monitors[i].role = ROLE_DECISIVE;
        p->monitors[i].urgency = i == 0 ? ALERT_NEXT_REPORT : ALERT_URGENT;
    }
    return p;
}

struct course {
    struct plan *plan;
    struct alert all[LOOKS_MAX * MONITORS];
    size_t n;
    int64_t look;
};

/* One look: what each monitor says; returns how many alerts it added. */
static size_t look(struct course *c, const struct entry e[MONITORS])
{
    struct entry copy[MONITORS];
    struct look_result r = {.entries = copy, .n_entries = MONITORS};
    struct alert *added = NULL;
    struct err err = {0};
    size_t n = 0;

    memcpy(copy, e, sizeof(copy));
    c->look++;
    assert_ok(alert_decide(c->plan, &r, c->look, c->all, c->n, &added, &n, &err), err);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(added[i].look, c->look);
        assert_int_equal(added[i].id, 0);
        c->all[c->n++] = added[i];
    }
    free(added);
    return n;
}

#define BELOW                                    \
    {                                            \
        .verdict = VERDICT_BELOW, .statistic = 1 \
    }
#define CROSSED(current)                                                         \
    {                                                                            \
        .verdict = VERDICT_CROSSED, .statistic = 6, .current_crosses = (current) \
    }

static void a_crossing_is_raised_once_however_many_looks_follow(void **state)
{
    struct course c = {.plan = make_plan()};

    (void)state;
    assert_int_equal(look(&c, (struct entry[]){BELOW, BELOW, BELOW}), 0);
    assert_int_equal(look(&c, (struct entry[]){BELOW, CROSSED(true), BELOW}), 1);
    assert_string_equal(c.all[0].monitor, "cv");
    assert_int_equal(c.all[0].kind, ALERT_RAISED);
    assert_int_equal(c.all[0].urgency, ALERT_URGENT);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(look(&c, (struct entry[]){BELOW, CROSSED(true), BELOW}), 0);
    }
    /* Another monitor has its own alert, in the plan's order and urgency. */
    assert_int_equal(look(&c, (struct entry[]){CROSSED(true), CROSSED(true), CROSSED(true)}), 2);
    assert_string_equal(c.all[1].monitor, "deaths");
    assert_int_equal(c.all[1].urgency, ALERT_NEXT_REPORT);
    assert_string_equal(c.all[2].monitor, "safe");
    plan_free(c.plan);
}

static void corrected_data_amend_and_amend_again(void **state)
{
    struct course c = {.plan = make_plan()};

    (void)state;
    assert_int_equal(look(&c, (struct entry[]){CROSSED(true), BELOW, BELOW}), 1);
    assert_int_equal(look(&c, (struct entry[]){CROSSED(false), BELOW, BELOW}), 1);
    assert_int_equal(c.all[1].kind, ALERT_AMENDED_BELOW);
    assert_int_equal(look(&c, (struct entry[]){CROSSED(false), BELOW, BELOW}), 0);
    assert_int_equal(look(&c, (struct entry[]){CROSSED(true), BELOW, BELOW}), 1);
    assert_int_equal(c.all[2].kind, ALERT_AMENDED_AGAIN);
    assert_int_equal(look(&c, (struct entry[]){CROSSED(true), BELOW, BELOW}), 0);
    assert_int_equal(look(&c, (struct entry[]){CROSSED(false), BELOW, BELOW}), 1);
    assert_int_equal(c.all[3].kind, ALERT_AMENDED_BELOW);
    plan_free(c.plan);
}

static void not_knowing_amends_nothing(void **state)
{
    static const enum verdict unknown[] = {VERDICT_UNDETERMINED, VERDICT_NOT_DUE, VERDICT_NO_NEW_INFORMATION,
                                           VERDICT_CLOSED, VERDICT_BELOW};
    struct course c = {.plan = make_plan()};

    (void)state;
    assert_int_equal(look(&c, (struct entry[]){CROSSED(true), BELOW, BELOW}), 1);
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        assert_int_equal(look(&c, (struct entry[]){{.verdict = unknown[i]}, BELOW, BELOW}), 0);
    }
    assert_int_equal(
        look(&c, (struct entry[]){{.verdict = VERDICT_CROSSED, .statistic = (double)NAN}, BELOW, BELOW}), 0);
    /* And what cannot be determined raises nothing either. */
    assert_int_equal(look(&c, (struct entry[]){CROSSED(true), {.verdict = VERDICT_UNDETERMINED}, BELOW}), 0);
    plan_free(c.plan);
}

static void supportive_monitors_never_alert_and_e_processes_are_never_amended(void **state)
{
    struct course c = {.plan = make_plan()};

    (void)state;
    c.plan->monitors[1].role = ROLE_SUPPORTIVE;
    assert_int_equal(look(&c, (struct entry[]){BELOW, CROSSED(true), CROSSED(true)}), 1);
    assert_string_equal(c.all[0].monitor, "safe");
    assert_int_equal(look(&c, (struct entry[]){BELOW, CROSSED(false), CROSSED(false)}), 0);
    plan_free(c.plan);
}

static void a_lower_crossing_is_raised_too(void **state)
{
    struct course c = {.plan = make_plan()};

    (void)state;
    assert_int_equal(
        look(&c, (struct entry[]){{.verdict = VERDICT_CROSSED_LOWER, .statistic = -3}, BELOW, BELOW}), 1);
    plan_free(c.plan);
}

static void a_look_of_another_plan_is_refused(void **state)
{
    struct plan *p = make_plan();
    struct entry e[1] = {BELOW};
    struct look_result r = {.entries = e, .n_entries = 1};
    struct alert *added = NULL;
    struct err err = {0};
    size_t n = 7;

    (void)state;
    assert_int_equal(alert_decide(p, &r, 1, NULL, 0, &added, &n, &err), E_INTERNAL);
    assert_null(added);
    assert_int_equal(n, 7);
    plan_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_crossing_is_raised_once_however_many_looks_follow),
        cmocka_unit_test(corrected_data_amend_and_amend_again),
        cmocka_unit_test(not_knowing_amends_nothing),
        cmocka_unit_test(supportive_monitors_never_alert_and_e_processes_are_never_amended),
        cmocka_unit_test(a_lower_crossing_is_raised_too),
        cmocka_unit_test(a_look_of_another_plan_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
