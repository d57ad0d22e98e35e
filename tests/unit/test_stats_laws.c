/* Laws that every design obeys, tried on random ones: levels, order, mirrors, expectation. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "stats/bayes.h"
#include "stats/gs_adjust.h"
#include "stats/gs_power.h"
#include "stats/dist.h"
#include "stats/exact_design.h"
#include "stats/exact_tests.h"
#include "stats/gs_cross.h"
#include "stats/logrank.h"
#include "stats/maxsprt.h"
#include "stats/num.h"
#include "stats/recurrent.h"
#include "stats/rng.h"
#include "stats/robbins.h"
#include "stats/score.h"
#include "stats/spending.h"
#include "stats/twobytwo.h"
#include "support/t.h"

enum { LOOKS_MAX = 60 };

static struct rng r;

static int seeded(void **state)
{
    (void)state;
    rng_init(&r, 20);
    return 0;
}

static int64_t up_to(int64_t n)
{
    return (int64_t)(rng_uniform(&r) * (double)(n + 1));
}

static struct spending random_spending(void)
{
    struct spending s = {.kind = (enum spending_kind)up_to(5)};

    s.param = s.kind == SPEND_HSD ? 10 * rng_uniform(&r) - 6 : 0.3 + 3 * rng_uniform(&r);
    if (s.kind == SPEND_USER) {
        double a = rng_uniform(&r), b = rng_uniform(&r);

        s.n_user = 3;
        s.user[0].t = fmin(a, b);
        s.user[1].t = fmax(a, b);
        s.user[2].t = 1;
        a = rng_uniform(&r);
        b = rng_uniform(&r);
        s.user[0].share = fmin(a, b);
        s.user[1].share = fmax(a, b);
        s.user[2].share = 1;
    }
    return s;
}

static void spending_rises_in_time_and_in_alpha(void **state)
{
    struct err err = {0};

    (void)state;
    for (int rep = 0; rep < 400; rep++) {
        struct spending s = random_spending();
        double alpha = 0.001 + 0.2 * rng_uniform(&r), t = rng_uniform(&r),
               later = t + (1 - t) * rng_uniform(&r);
        double a, b, c, end;

        assert_ok(spending_at(&s, alpha, t, &a, &err), err);
        assert_ok(spending_at(&s, alpha, later, &b, &err), err);
        assert_ok(spending_at(&s, 1.2 * alpha, t, &c, &err), err);
        assert_ok(spending_at(&s, alpha, 1, &end, &err), err);
        assert_true(a >= 0 && a <= b && b <= alpha && c >= a);
        assert_near(end, alpha, 0);
        assert_ok(spending_between(&s, alpha, t, later, &end, &err), err);
        assert_near(end, b - a, 1e-15);
        assert_ok(spending_between(&s, alpha, 0, later, &end, &err), err);
        assert_near(end, b, 1e-15);
        assert_ok(spending_between(&s, alpha, later, t, &end, &err), err);
        assert_near(end, 0, 0);
    }
}

/* Late in a function that spends early, an increment is far below the last digit of what was spent. */
static void what_a_late_look_spends_keeps_its_digits(void **state)
{
    struct spending s = {.kind = SPEND_HSD, .param = 50};
    struct err err = {0};
    double p;

    (void)state;
    assert_ok(spending_between(&s, 0.05, 0.9, 1, &p, &err), err);
    assert_rel(p, 1.4216155410348772e-21, 1e-13); /* mpmath: .05 (e^-45 - e^-50)/(1 - e^-50) */
    s.param = NUM_NAN;
    assert_int_equal(spending_between(&s, 0.05, 0.9, 1, &p, &err), E_NUMERIC);
}

/* The estimate lies a millionth from the end of the parameter space, and the interval has both its limits. */
static void an_interval_at_the_edge_is_found(void **state)
{
    struct err err = {0};
    double lo, hi, l, h;

    (void)state;
    assert_ok(score_rd_limits(3, 3, 1, 1000000, 0.95, &lo, &hi, &err), err);
    assert_near(lo, 0.43850172202362868, 1e-12); /* mpmath, by bisection */
    assert_near(hi, 0.99999982347554681, 1e-12);
    assert_ok(score_rd_limits(1, 1000000, 3, 3, 0.95, &l, &h, &err), err);
    assert_near(l, -hi, 1e-12);
    assert_near(h, -lo, 1e-12);
}

/* B2: the boundary against its own simulation, and alpha by a recursion of another shape: by paths of the walk. */
static void exact_designs_keep_alpha_and_agree_with_simulation(void **state)
{
    enum { TRIALS = 4000 };
    struct err err = {0};

    (void)state;
    for (int rep = 0; rep < 25; rep++) {
        int64_t n[LOOKS_MAX], c[LOOKS_MAX], events = 0;
        double cum[LOOKS_MAX], signal, expected, theta = 0.3 + 0.6 * rng_uniform(&r), mean = 0;
        struct exact_plan p = {.p0 = 0.2 + 0.6 * rng_uniform(&r),
                               .alpha = 0.01 + 0.2 * rng_uniform(&r),
                               .spending = random_spending(),
                               .n = n,
                               .k = 1 + (size_t)up_to(11)};
        int hits = 0;

        for (size_t i = 0; i < p.k; i++) {
            events += 1 + up_to(5);
            n[i] = events;
        }
        p.n_max = events;
        assert_ok(exact_design(&p, c, cum, &err), err);
        for (size_t i = 0; i < p.k; i++) {
            double level;

            assert_ok(spending_at(&p.spending, p.alpha, (double)n[i] / (double)p.n_max, &level, &err), err);
            assert_true(cum[i] <= level * (1 + 1e-12) && cum[i] >= (i > 0 ? cum[i - 1] : 0));
        }
        assert_ok(exact_operating(&p, c, p.p0, &signal, &expected, &err), err);
        assert_near(signal, cum[p.k - 1], 1e-13);
        assert_ok(exact_operating(&p, c, theta, &signal, &expected, &err), err);
        for (int t = 0; t < TRIALS; t++) {
            int64_t x = 0, at = 0;
            bool stopped = false;

            for (size_t i = 0; i < p.k && !stopped; i++) {
                for (; at < n[i]; at++) {
                    x += rng_uniform(&r) < theta;
                }
                stopped = x >= c[i];
            }
            hits += stopped;
            mean += (double)at;
        }
        assert_near((double)hits / TRIALS, signal, 4.5 * sqrt((signal * (1 - signal) + 1e-4) / TRIALS));
        assert_near(mean / TRIALS, expected, 4.5 * (double)events / 2 / sqrt(TRIALS));
    }
}

static void maxsprt_keeps_alpha_whatever_the_design(void **state)
{
    struct err err = {0};

    (void)state;
    for (int rep = 0; rep < 40; rep++) {
        double alpha = 0.005 + 0.2 * rng_uniform(&r), mu[8], sum = 0;
        struct maxsprt m, strict;
        size_t k = 1 + (size_t)up_to(7);
        int64_t n;
        double p0;
        enum status st;

        n = 5 + up_to(60);
        p0 = 0.1 + 0.8 * rng_uniform(&r);
        st = maxsprt_binomial(n, NULL, 0, p0, alpha, 1 + up_to(3), &m, &err);
        if (st == OK) {
            assert_true(m.alpha <= alpha && m.cv > 0);
        } else {
            assert_true(pow(p0, (double)n) > alpha); /* not even a run of all events is rare enough */
        }
        for (size_t i = 0; i < k; i++) {
            sum += 0.1 + 3 * rng_uniform(&r);
            mu[i] = sum;
        }
        assert_ok(maxsprt_poisson_grouped(mu, k, alpha, 1, &m, &err), err);
        assert_ok(maxsprt_poisson_grouped(mu, k, alpha / 2, 1, &strict, &err), err);
        assert_true(m.alpha <= alpha && strict.alpha <= alpha / 2 && strict.cv >= m.cv);
        assert_ok(maxsprt_poisson(0.5 + 10 * rng_uniform(&r), alpha, 1, 0, &m, &err), err);
        assert_true(m.alpha <= alpha * (1 + 1e-9));
    }
}

/* Sum over x of P0(x) E(x) is 1: two-sided, and with the prior cut. */
static void robbins_mixture_has_expectation_one(void **state)
{
    struct err err = {0};

    (void)state;
    for (int rep = 0; rep < 60; rep++) {
        double p0 = 0.05 + 0.9 * rng_uniform(&r), a = 0.3 + 3 * rng_uniform(&r),
               b = 0.3 + 3 * rng_uniform(&r);
        double two_sum = 0, one_sum = 0;
        int64_t n = 1 + up_to(80);

        for (int64_t x = 0; x <= n; x++) {
            double two, one, log_p;

            assert_ok(robbins_log_e(x, n, p0, a, b, &two, &one, &err), err);
            log_p = log_choose((double)n, (double)x) + (double)x * log(p0) + (double)(n - x) * log1p(-p0);
            two_sum += exp(log_p + two);
            one_sum += exp(log_p + one);
        }
        assert_near(two_sum, 1, 1e-10);
        assert_near(one_sum, 1, 1e-10);
    }
}

static void exchanging_the_arms_mirrors_every_statistic(void **state)
{
    struct err err = {0};

    (void)state;
    for (int rep = 0; rep < 200; rep++) {
        int64_t n1 = 1 + up_to(90), n0 = 1 + up_to(90), x1 = up_to(n1), x0 = up_to(n0);
        double t1 = 0.1 + 50 * rng_uniform(&r), t0 = 0.1 + 50 * rng_uniform(&r), z, back;
        struct twobytwo a, b;
        struct fisher f, g;
        struct estimate e, h;

        assert_ok(twobytwo_all(x1, n1, x0, n0, 0.95, &a, &err), err);
        assert_ok(twobytwo_all(x0, n0, x1, n1, 0.95, &b, &err), err);
        assert_near(a.risk_difference.lo, -b.risk_difference.hi, 1e-9);
        assert_rel(a.fisher_two_sided, b.fisher_two_sided, 1e-11);
        if (a.odds_ratio.lo > 0) {
            assert_rel(a.odds_ratio.lo, 1 / b.odds_ratio.hi, 1e-9);
        }
        assert_ok(fisher_all(x1, n1, x0, n0, 0.95, &f, &err), err);
        assert_ok(fisher_all(x0, n0, x1, n1, 0.95, &g, &err), err);
        assert_rel(f.greater, g.less, 1e-12);
        assert_rel(f.mid_greater, g.mid_less, 1e-12);
        assert_ok(score_pooled_z(x1, n1, x0, n0, &z, &err), err);
        assert_ok(score_pooled_z(x0, n0, x1, n1, &back, &err), err);
        assert_near(z, -back, 1e-12);
        assert_ok(rate_ratio_exact(x1, t1, x0, t0, 0.95, &e, &err), err);
        assert_ok(rate_ratio_exact(x0, t0, x1, t1, 0.95, &h, &err), err);
        if (e.lo > 0) {
            assert_rel(e.lo, 1 / h.hi, 1e-9);
        }
    }
}

static void nonsense_is_refused_by_name(void **state)
{
    int64_t n[] = {1, 2}, c[2];
    double cum[2];
    struct exact_plan p = {
        .p0 = 0.5, .alpha = 2, .spending = {.kind = SPEND_POCOCK}, .n = n, .k = 2, .n_max = 2};
    double info[] = {1, 0.5}, z[2];
    struct gs_plan g = {.kind = GS_SPENDING,
                        .spending = {.kind = SPEND_OBF},
                        .sided = 1,
                        .alpha = 0.025,
                        .k = 2,
                        .info = info};
    struct twobytwo t;
    struct maxsprt m;
    struct err err = {0};

    (void)state;
    assert_int_equal(exact_design(&p, c, cum, &err), E_NUMERIC);
    assert_non_null(strstr(err.msg, "alpha"));
    p.alpha = 0.05;
    p.p0 = NUM_NAN;
    assert_int_equal(exact_design(&p, c, cum, &err), E_NUMERIC);
    assert_int_equal(gs_design(&g, z, NULL, &err), E_NUMERIC);
    assert_non_null(strstr(err.msg, "look 2"));
    info[1] = 2;
    g.alpha = 0;
    assert_int_equal(gs_design(&g, z, NULL, &err), E_NUMERIC);
    assert_non_null(strstr(err.msg, "(0, 1)"));
    g.alpha = 0.025;
    g.k = 1000000000;
    assert_int_equal(gs_design(&g, z, NULL, &err), E_NUMERIC);
    assert_non_null(strstr(err.msg, "looks"));
    assert_int_equal(twobytwo_all(5, 4, 0, 4, 0.95, &t, &err), E_NUMERIC);
    assert_int_equal(twobytwo_all(-1, 4, 0, 4, 0.95, &t, &err), E_NUMERIC);
    assert_int_equal(maxsprt_poisson(NUM_NAN, 0.05, 1, 0, &m, &err), E_NUMERIC);
    assert_int_equal(maxsprt_binomial(1000000000, NULL, 0, 0.5, 0.05, 1, &m, &err), E_NUMERIC);
}

/* What fuzzing found: a region that nothing goes on from, and looks that do not grow. */
static void an_empty_region_stays_empty(void **state)
{
    static const double info[] = {1, 2, 3}, upper[] = {1, 2, 3}, lower[] = {1, -2, -3}, same[] = {1, 1, 2};
    double up[3], down[3], e;
    struct err err = {0};

    (void)state;
    assert_ok(gs_cross(3, info, lower, upper, 0, up, down, &e, &err), err);
    assert_near(up[0] + down[0], 1, 1e-12);
    assert_near(up[1] + down[1] + up[2] + down[2], 0, 0);
    assert_near(e, 1, 1e-12);
    assert_int_equal(gs_cross(3, same, lower, upper, 0, up, down, &e, &err), E_NUMERIC);
}

static void over_running_from_nowhere_is_refused(void **state)
{
    static const double below[] = {-7}, falls[] = {2, 1}, lower[] = {-9, -9}, upper[] = {3, 2};
    double p;
    struct err err = {0};

    (void)state;
    assert_int_equal(gs_overrun_deletion_p(1, below, lower, upper, -1, 2, &p, &err), E_NUMERIC);
    assert_int_equal(gs_overrun_deletion_p(2, falls, lower, upper, 1.5, 2, &p, &err), E_NUMERIC);
    assert_int_equal(gs_stagewise(0, falls, lower, upper, 2, 0, &p, &p, &err), E_NUMERIC);
    assert_int_equal(gs_stagewise(1, falls, lower, upper, NUM_NAN, 0, &p, &p, &err), E_NUMERIC);
    assert_int_equal(gs_stagewise(2, falls, lower, upper, 2, 0, &p, &p, &err), E_NUMERIC);
}

/* The same posterior twice: 1/2, whatever the counts; and either order adds up to 1. */
static void large_posteriors_keep_their_digits(void **state)
{
    struct err err = {0};

    (void)state;
    for (double n = 10; n < 3e9; n *= 7) {
        double a, b;

        assert_ok(bayes_beta_exceeds(n, 2 * n, n, 2 * n, 0, &a, &err), err);
        assert_near(a, 0.5, 2e-12);
        assert_ok(bayes_beta_exceeds(n, 2 * n, n + sqrt(n), 2 * n, 0, &a, &err), err);
        assert_ok(bayes_beta_exceeds(n + sqrt(n), 2 * n, n, 2 * n, 0, &b, &err), err);
        assert_near(a + b, 1, 1e-11);
    }
    for (double n = 1e10; n <= 1e12; n *= 10) {
        double a;

        assert_ok(bayes_beta_exceeds(n, n, n, n, 0, &a, &err), err);
        assert_near(a, 0.5, 1e-9);
    }
    for (double n = 1e13; n < 1e290; n *= 1e20) {
        double a;

        assert_int_equal(bayes_beta_exceeds(n, 1, 2, n, 0.1, &a, &err), E_NUMERIC);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(over_running_from_nowhere_is_refused),
        cmocka_unit_test(large_posteriors_keep_their_digits),
        cmocka_unit_test(spending_rises_in_time_and_in_alpha),
        cmocka_unit_test(what_a_late_look_spends_keeps_its_digits),
        cmocka_unit_test(an_interval_at_the_edge_is_found),
        cmocka_unit_test(exact_designs_keep_alpha_and_agree_with_simulation),
        cmocka_unit_test(maxsprt_keeps_alpha_whatever_the_design),
        cmocka_unit_test(robbins_mixture_has_expectation_one),
        cmocka_unit_test(exchanging_the_arms_mirrors_every_statistic),
        cmocka_unit_test(nonsense_is_refused_by_name),
        cmocka_unit_test(an_empty_region_stays_empty),
    };

    return cmocka_run_group_tests(tests, seeded, NULL);
}
