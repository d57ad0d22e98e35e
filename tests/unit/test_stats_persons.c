/* Statistics of persons, their times and their episodes, against R (tests/reference/survival.R) and edge by edge. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/followup.h"
#include "stats/incidence.h"
#include "stats/proportional.h"
#include "stats/recurrent.h"
#include "stats/sites.h"
#include "stats/survival.h"
#include "test_stats_ref.h"

enum { PEOPLE_MAX = 256 };

static struct csv *own(const char *name)
{
    char path[128];
    struct csv *c = NULL;
    struct err err = {0};
    size_t len;
    char *bytes;

    (void)snprintf(path, sizeof path, "tests/reference/%s", name);
    bytes = t_slurp(path, &len);
    assert_ok(csv_parse(path, bytes, len, &c, &err), err);
    free(bytes);
    return c;
}

/* Compares with a row of survival.csv, to the tolerance it states. */
static void meets(const char *item, double got)
{
    struct csv *c = own("survival.csv");
    bool found = false;

    for (size_t i = 0; i < csv_rows(c); i++) {
        if (strcmp(ref_text(c, i, "item"), item) == 0) {
            double want = ref_num(c, i, "value");

            if (!(fabs(got - want) <= ref_num(c, i, "tolerance") * fmax(1, fabs(want)))) {
                fail_msg("%s: got %.17g, R says %.17g", item, got, want);
            }
            found = true;
        }
    }
    csv_free(c);
    assert_true(found);
}

struct people {
    double time[PEOPLE_MAX];
    int event[PEOPLE_MAX], arm[PEOPLE_MAX], stratum[PEOPLE_MAX];
    size_t n;
};

static void people_of(struct people *p)
{
    struct csv *c = own("persons.csv");

    p->n = csv_rows(c);
    assert_true(p->n > 0 && p->n <= PEOPLE_MAX);
    for (size_t i = 0; i < p->n; i++) {
        p->time[i] = ref_num(c, i, "time");
        p->event[i] = (int)ref_int(c, i, "event");
        p->arm[i] = (int)ref_int(c, i, "arm");
        p->stratum[i] = (int)ref_int(c, i, "stratum");
    }
    csv_free(c);
}

/* The risk table of people, by stratum or not; *ret is the caller's. */
static size_t table_of(const struct people *p, bool strata, struct logrank_row **ret)
{
    struct err err = {0};
    size_t n = 0;

    assert_ok(survival_table_strata(p->time, p->event, p->arm, strata ? p->stratum : NULL, p->n, ret, NULL,
                                    &n, &err),
              err);
    return n;
}

static void hazard_ratio(const struct people *p, bool strata, const char *name)
{
    struct logrank_row *rows = NULL;
    struct estimate e;
    struct err err = {0};
    char item[64];
    size_t n = table_of(p, strata, &rows);

    assert_ok(cox_hazard_ratio(rows, n, .95, &e, &err), err);
    free(rows);
    (void)snprintf(item, sizeof item, "%s_lo", name);
    meets(item, e.lo);
    if (isinf(e.value)) {
        assert_true(isinf(e.hi));
        return;
    }
    (void)snprintf(item, sizeof item, "%s_hi", name);
    meets(item, e.hi);
    (void)snprintf(item, sizeof item, "%s_value", name);
    meets(item, e.value);
}

static void hazard_ratios_have_the_profile_limits_of_r(void **state)
{
    struct people p;

    (void)state;
    people_of(&p);
    hazard_ratio(&p, false, "profile");
    hazard_ratio(&p, true, "profile_strata");
    for (size_t i = 0; i < p.n; i++) {
        p.event[i] = p.arm[i] == 1 ? p.event[i] : 0;
    }
    hazard_ratio(&p, false, "profile_monotone");
}

static void petos_hazard_ratio_is_that_of_r(void **state)
{
    struct people p;
    struct logrank_row *rows = NULL;
    struct logrank lr;
    struct estimate e;
    struct err err = {0};
    size_t n;

    (void)state;
    people_of(&p);
    n = table_of(&p, false, &rows);
    assert_ok(logrank_test(rows, n, &lr, &err), err);
    assert_ok(peto_hazard_ratio(&lr, .95, &e, &err), err);
    free(rows);
    meets("peto_value", e.value);
    meets("peto_lo", e.lo);
    meets("peto_hi", e.hi);
    lr.variance = 0;
    assert_int_equal(peto_hazard_ratio(&lr, .95, &e, &err), E_NUMERIC);
}

static void hazard_ratios_mirror_when_the_arms_change_places(void **state)
{
    struct people p;
    struct logrank_row *rows = NULL, *mirrored = NULL;
    struct estimate e, m;
    struct err err = {0};
    size_t n;

    (void)state;
    people_of(&p);
    n = table_of(&p, true, &rows);
    mirrored = calloc(n, sizeof *mirrored);
    assert_non_null(mirrored);
    for (int only = -1; only < 2; only++) { /* both arms have events, then only one of them */
        for (size_t i = 0; i < n; i++) {
            rows[i].d1 = only == 0 ? 0 : rows[i].d1;
            rows[i].d0 = only == 1 ? 0 : rows[i].d0;
            mirrored[i] = (struct logrank_row){rows[i].y0, rows[i].y1, rows[i].d0, rows[i].d1};
        }
        assert_ok(cox_hazard_ratio(rows, n, .9, &e, &err), err);
        assert_ok(cox_hazard_ratio(mirrored, n, .9, &m, &err), err);
        assert_near(m.lo * (isinf(e.hi) ? 1 : e.hi), isinf(e.hi) ? 0 : 1, 1e-11);
        assert_near((isinf(m.hi) ? 1 : m.hi) * e.lo, isinf(m.hi) ? 0 : 1, 1e-11);
    }
    assert_true(isnan(e.value) && isinf(e.hi)); /* no event at all in the last round */
    assert_near(e.lo, 0, 0);
    assert_int_equal(cox_hazard_ratio(rows, n, 1, &e, &err), E_NUMERIC);
    free(rows);
    free(mirrored);
}

static void a_stratified_logrank_is_that_of_r(void **state)
{
    struct people p;
    struct logrank_row *rows = NULL;
    struct logrank lr;
    struct err err = {0};
    size_t n = 0;

    (void)state;
    people_of(&p);
    assert_ok(survival_table_strata(p.time, p.event, p.arm, p.stratum, p.n, &rows, NULL, &n, &err), err);
    assert_ok(logrank_test(rows, n, &lr, &err), err);
    meets("stratified_observed_less_expected", lr.observed - lr.expected);
    meets("stratified_variance", lr.variance);
    free(rows);
}

static void a_stratum_of_one_arm_says_nothing(void **state)
{
    static const double time[] = {1, 2, 3, 4, 1, 2};
    static const int event[] = {1, 1, 0, 1, 1, 1}, arm[] = {1, 0, 1, 0, 1, 1}, stratum[] = {1, 1, 1, 1, 2, 2};
    struct logrank_row *all = NULL, *one = NULL;
    struct logrank a, b;
    struct err err = {0};
    size_t n = 0, m = 0;

    (void)state;
    assert_ok(survival_table_strata(time, event, arm, stratum, 6, &all, NULL, &n, &err), err);
    assert_ok(survival_table(time, event, arm, 4, &one, &m, &err), err);
    assert_int_equal(n, m + 2);
    assert_ok(logrank_test(all, n, &a, &err), err);
    assert_ok(logrank_test(one, m, &b, &err), err);
    assert_near(a.z, b.z, 1e-14);
    free(all);
    free(one);
}

static void proportionality_is_judged_as_r_does(void **state)
{
    static const struct {
        enum proportional_scale scale;
        const char *chisq, *p;
    } scales[] = {{SCALE_TIME, "zph_identity", "zph_p_identity"},
                  {SCALE_LOG, "zph_log", "zph_p_log"},
                  {SCALE_KAPLAN_MEIER, "zph_km", "zph_p_km"}};
    struct people p;
    struct logrank_row *rows = NULL;
    double *times = NULL;
    struct proportional r;
    struct err err = {0};
    size_t n = 0;

    (void)state;
    people_of(&p);
    assert_ok(survival_table_strata(p.time, p.event, p.arm, NULL, p.n, &rows, &times, &n, &err), err);
    for (size_t i = 0; i < 3; i++) {
        assert_ok(proportional_test(rows, times, n, scales[i].scale, &r, &err), err);
        meets(scales[i].chisq, r.chisq);
        meets(scales[i].p, r.p);
    }
    /* One event time, or a hazard ratio without end: there is no trend to speak of. */
    assert_int_equal(proportional_test(rows, times, 1, SCALE_TIME, &r, &err), E_NUMERIC);
    times[0] = -1;
    assert_int_equal(proportional_test(rows, times, n, SCALE_LOG, &r, &err), E_NUMERIC);
    times[0] = times[1];
    assert_int_equal(proportional_test(rows, times, n, SCALE_TIME, &r, &err), E_NUMERIC);
    free(rows);
    free(times);
}

static void follow_up_is_that_of_r(void **state)
{
    struct people p;
    struct err err = {0};
    double v;

    (void)state;
    people_of(&p);
    assert_ok(followup_share(p.time, p.event, p.n, 40, &v, &err), err);
    meets("reverse_km_40", v);
    assert_ok(followup_quantile(p.time, p.event, p.n, 0.5, &v, &err), err);
    meets("reverse_km_median", v);
}

static void follow_up_at_its_edges(void **state)
{
    static const double time[] = {3, 5}, cut[] = {6, 10};
    static const int events[] = {1, 1}, none[] = {0, 0}, first[] = {1, 0};
    struct err err = {0};
    double v;

    (void)state;
    assert_ok(followup_quantile(time, events, 2, 0.5, &v, &err), err);
    assert_true(isinf(v)); /* all had events: nobody was censored */
    assert_ok(followup_quantile(time, none, 2, 0.5, &v, &err), err);
    assert_near(v, 3, 0);
    assert_ok(followup_share(time, none, 1, 3, &v, &err), err);
    assert_near(v, 0, 0);
    assert_ok(followup_completeness(time, first, cut, 2, &v, &err), err);
    assert_near(v, 8.0 / 13, 1e-15);
    assert_int_equal(followup_share(time, none, 0, 1, &v, &err), E_NUMERIC);
    assert_int_equal(followup_quantile(time, none, 2, 1, &v, &err), E_NUMERIC);
    assert_int_equal(followup_completeness(cut, none, time, 2, &v, &err), E_NUMERIC);
}

struct episodes {
    struct recurrent_subject subject[PEOPLE_MAX];
    struct recurrent_event event[PEOPLE_MAX];
    struct recurrent r;
};

static void episodes_of(struct episodes *e, bool deaths)
{
    struct csv *s = own("subjects.csv"), *c = own("episodes.csv");

    e->r = (struct recurrent){e->subject, csv_rows(s), e->event, csv_rows(c)};
    assert_true(e->r.n_subjects <= PEOPLE_MAX && e->r.n_events <= PEOPLE_MAX);
    for (size_t i = 0; i < e->r.n_subjects; i++) {
        e->subject[i] = (struct recurrent_subject){
            ref_num(s, i, "end"), deaths ? (int)ref_int(s, i, "died") : 0, (int)ref_int(s, i, "arm")};
    }
    for (size_t i = 0; i < e->r.n_events; i++) {
        e->event[i] = (struct recurrent_event){(size_t)ref_int(c, i, "subject") - 1, ref_num(c, i, "time")};
    }
    csv_free(s);
    csv_free(c);
}

static void the_mean_of_episodes_is_that_of_r(void **state)
{
    static const int times[] = {20, 50};
    struct episodes e;
    struct estimate m;
    struct err err = {0};
    char item[64];
    double v;

    (void)state;
    episodes_of(&e, false);
    for (int arm = 0; arm < 2; arm++) {
        for (size_t i = 0; i < 2; i++) {
            assert_ok(recurrent_mean(&e.r, arm, times[i], 0.95, &m, &v, &err), err);
            (void)snprintf(item, sizeof item, "mcf_%d_%d", arm, times[i]);
            meets(item, m.value);
            (void)snprintf(item, sizeof item, "mcf_variance_%d_%d", arm, times[i]);
            meets(item, v);
            assert_true(m.lo > 0 && m.lo < m.value && m.value < m.hi);
        }
    }
}

static void deaths_end_the_mean_as_ghosh_and_lin_say(void **state)
{
    static const int times[] = {20, 50, 95};
    struct episodes e;
    struct estimate m;
    struct err err = {0};
    char item[64];
    double v;

    (void)state;
    episodes_of(&e, true);
    for (int arm = 0; arm < 2; arm++) {
        for (size_t i = 0; i < 3; i++) {
            assert_ok(recurrent_mean(&e.r, arm, times[i], 0.95, &m, &v, &err), err);
            (void)snprintf(item, sizeof item, "ghosh_lin_%d_%d", arm, times[i]);
            meets(item, m.value);
            (void)snprintf(item, sizeof item, "ghosh_lin_variance_%d_%d", arm, times[i]);
            meets(item, v);
        }
    }
}

static void the_robust_rate_is_that_of_r(void **state)
{
    struct episodes e;
    struct rate_z z, mirror;
    struct err err = {0};

    (void)state;
    episodes_of(&e, false);
    assert_ok(recurrent_rate(&e.r, &z, &err), err);
    meets("lwyy_log_ratio", z.log_ratio);
    meets("lwyy_std_error", z.std_error);
    meets("lwyy_score_z", z.z);
    for (size_t i = 0; i < e.r.n_subjects; i++) {
        e.subject[i].arm = 1 - e.subject[i].arm;
    }
    assert_ok(recurrent_rate(&e.r, &mirror, &err), err);
    assert_near(mirror.z, -z.z, 1e-12);
    assert_near(mirror.info, z.info, 1e-10);
    assert_near(mirror.log_ratio, -z.log_ratio, 1e-11);
    assert_near(mirror.std_error, z.std_error, 1e-11);
}

static void episodes_at_their_edges(void **state)
{
    struct recurrent_subject s[] = {{10, 0, 1}, {10, 1, 0}};
    struct recurrent_event ev[] = {{0, 4}, {0, 10}};
    struct recurrent r = {s, 2, ev, 0};
    struct estimate m;
    struct rate_z z;
    struct err err = {0};
    double v;

    (void)state;
    assert_ok(recurrent_mean(&r, -1, 10, 0.95, &m, &v, &err), err);
    assert_true(m.value == 0 && v == 0 && isnan(m.lo)); /* no events */
    assert_int_equal(recurrent_rate(&r, &z, &err), E_NUMERIC);
    r.n_events = 2;
    assert_ok(recurrent_mean(&r, 1, 10, 0.95, &m, &v, &err), err);
    assert_near(m.value, 2, 1e-15); /* one subject: its own count, and no variance to be had */
    assert_near(v, 0, 1e-15);
    assert_ok(recurrent_rate(&r, &z, &err), err);
    assert_true(isinf(z.log_ratio) && z.log_ratio > 0 && isnan(z.std_error) && z.z > 0);
    r.n_subjects = 1;
    assert_int_equal(recurrent_mean(&r, 0, 10, 0.95, &m, &v, &err), E_NUMERIC); /* an arm without subjects */
    assert_int_equal(recurrent_rate(&r, &z, &err), E_NUMERIC);
    ev[1].time = 11;
    assert_int_equal(recurrent_mean(&r, 1, 10, 0.95, &m, &v, &err), E_NUMERIC); /* after the end */
    ev[1] = (struct recurrent_event){7, 5};
    assert_int_equal(recurrent_mean(&r, 1, 10, 0.95, &m, &v, &err), E_NUMERIC); /* of nobody */
    assert_int_equal(recurrent_mean(&r, 2, 10, 0.95, &m, &v, &err), E_NUMERIC);
    s[0].end = NUM_NAN;
    assert_int_equal(recurrent_rate(&r, &z, &err), E_NUMERIC);
}

static void a_million_subjects_take_a_moment(void **state)
{
    enum { MANY = 1000000 };
    struct recurrent_subject *s = calloc(MANY, sizeof *s);
    struct recurrent_event *e = calloc(MANY, sizeof *e);
    struct recurrent r = {s, MANY, e, MANY};
    struct estimate m;
    struct err err = {0};
    double v;

    (void)state;
    assert_true(s != NULL && e != NULL);
    for (size_t i = 0; i < MANY; i++) {
        s[i] = (struct recurrent_subject){100 + (double)(i % 97), i % 5 == 0, (int)(i % 2)};
        e[i] = (struct recurrent_event){i, 1 + (double)(i % 89)};
    }
    assert_ok(recurrent_mean(&r, -1, 95, 0.95, &m, &v, &err), err);
    assert_near(m.value, 1, 1e-9); /* each had one event, and nobody left before */
    assert_near(v, 0, 1e-12);
    free(s);
    free(e);
}

static void leaving_out_the_site_that_carries_all_shows_it(void **state)
{
    /* One site has every event of arm 1; one has subjects of one arm only. */
    const struct site s[] = {{6, 20, 0, 20}, {0, 30, 1, 28}, {0, 25, 1, 25}, {0, 3, 0, 0}};
    const struct site lone[] = {{1, 5, 0, 0}, {0, 0, 1, 5}}, wrong[] = {{3, 2, 0, 5}};
    struct site_out out[4];
    struct sites r;
    struct err err = {0};
    double p;

    (void)state;
    assert_ok(sites_leave_one_out(s, 4, 0.95, out, &r, &err), err);
    assert_int_equal(r.weakest, 0);
    assert_near(r.p_weakest, 1, 1e-15); /* no event is left in arm 1 */
    assert_near(out[0].t.risk_difference.value, -2.0 / 53, 1e-15);
    /* Without the second site: 6 of 48 against 1 of 45, by the sum written down. */
    p = 0;
    for (int k = 6; k <= 7; k++) {
        p += exp(lgamma(49) - lgamma(k + 1) - lgamma(49 - k) + lgamma(46) - lgamma(8 - k) - lgamma(39 + k) -
                 (lgamma(94) - lgamma(8) - lgamma(87)));
    }
    assert_near(out[1].t.fisher_upper, p, 1e-12);
    assert_int_equal(r.strongest, 1);
    assert_true(out[1].t.fisher_upper < out[2].t.fisher_upper &&
                out[2].t.fisher_upper < out[3].t.fisher_upper);
    assert_ok(sites_leave_one_out(lone, 2, 0.95, out, &r, &err), err);
    assert_true(out[0].empty && out[1].empty);
    assert_int_equal(r.weakest, 2);
    assert_true(isnan(r.p_weakest));
    assert_int_equal(sites_leave_one_out(wrong, 1, 0.95, NULL, &r, &err), E_NUMERIC);
    assert_int_equal(sites_leave_one_out(wrong, 0, 0.95, NULL, &r, &err), E_NUMERIC);
    assert_int_equal(sites_leave_one_out(s, 4, 1.5, NULL, &r, &err), E_NUMERIC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hazard_ratios_have_the_profile_limits_of_r),
        cmocka_unit_test(petos_hazard_ratio_is_that_of_r),
        cmocka_unit_test(hazard_ratios_mirror_when_the_arms_change_places),
        cmocka_unit_test(a_stratified_logrank_is_that_of_r),
        cmocka_unit_test(a_stratum_of_one_arm_says_nothing),
        cmocka_unit_test(proportionality_is_judged_as_r_does),
        cmocka_unit_test(follow_up_is_that_of_r),
        cmocka_unit_test(follow_up_at_its_edges),
        cmocka_unit_test(the_mean_of_episodes_is_that_of_r),
        cmocka_unit_test(deaths_end_the_mean_as_ghosh_and_lin_say),
        cmocka_unit_test(the_robust_rate_is_that_of_r),
        cmocka_unit_test(episodes_at_their_edges),
        cmocka_unit_test(a_million_subjects_take_a_moment),
        cmocka_unit_test(leaving_out_the_site_that_carries_all_shows_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
