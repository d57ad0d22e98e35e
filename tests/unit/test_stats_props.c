/* Properties of the statistics over random designs, and agreement with other ways to compute the same. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "stats/dist.h"
#include "stats/eprocess.h"
#include "stats/exact_design.h"
#include "stats/exact_seq.h"
#include "stats/exact_tests.h"
#include "stats/gs.h"
#include "stats/gs_adjust.h"
#include "stats/gs_cross.h"
#include "stats/gs_design.h"
#include "stats/gs_power.h"
#include "stats/maxsprt.h"
#include "stats/num.h"
#include "stats/quad.h"
#include "stats/score.h"
#include "stats/survival.h"
#include "support/t.h"

enum { LOOKS_MAX = 24 };

/* xorshift64*: the same numbers on every machine. */
static uint64_t seed = 88172645463325252u;

static double uniform(void)
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return ((double)((seed * 2685821657736338717u) >> 11) + 0.5) / 9007199254740992.0;
}

static double gauss(void)
{
    return sqrt(-2 * log(uniform())) * cos(2 * M_PI * uniform());
}

static size_t random_plan(struct gs_plan *p, double *info)
{
    static const double alphas[] = {0.001, 0.01, 0.025, 0.05, 0.1, 0.2};
    double sum = 0;

    memset(p, 0, sizeof *p);
    p->kind = uniform() < 0.15 ? GS_WT : GS_SPENDING;
    p->param = 0.5 * uniform();
    p->spending.kind = (enum spending_kind)(int)(uniform() * 5);
    p->spending.param = p->spending.kind == SPEND_HSD ? 8 * uniform() - 6 : 0.5 + 3 * uniform();
    p->sided = uniform() < 0.5 ? 1 : 2;
    p->alpha = alphas[(int)(uniform() * 6)];
    p->k = 1 + (size_t)(uniform() * 8);
    for (size_t i = 0; i < p->k; i++) {
        sum += uniform() < 0.2 ? 0.001 + 0.01 * uniform() : 0.1 + uniform();
        info[i] = sum * 37;
    }
    p->info = info;
    return p->k;
}

static void designs_spend_exactly_alpha(void **state)
{
    struct err err = {0};

    (void)state;
    for (int rep = 0; rep < 150; rep++) {
        struct gs_plan p;
        double info[LOOKS_MAX], z[LOOKS_MAX], lower[LOOKS_MAX], cum[LOOKS_MAX], up[LOOKS_MAX],
            down[LOOKS_MAX], sum = 0, e;
        size_t k = random_plan(&p, info);

        assert_ok(gs_design(&p, z, cum, &err), err);
        for (size_t i = 0; i < k; i++) {
            lower[i] = p.sided == 2 ? -z[i] : -NUM_INF;
        }
        assert_ok(gs_cross(k, info, lower, z, 0, up, down, &e, &err), err);
        for (size_t i = 0; i < k; i++) {
            sum += up[i] + down[i];
            assert_near(sum, cum[i], 1e-11);
            assert_near(down[i], p.sided == 2 ? up[i] : 0, 1e-12);
        }
        assert_near(sum, p.alpha, 1e-11);
    }
}

static void bounds_fall_as_alpha_rises(void **state)
{
    struct err err = {0};

    (void)state;
    for (int rep = 0; rep < 60; rep++) {
        struct gs_plan p;
        double info[LOOKS_MAX], a[LOOKS_MAX], b[LOOKS_MAX];
        size_t k = random_plan(&p, info);

        assert_ok(gs_design(&p, a, NULL, &err), err);
        p.alpha *= 1.3;
        assert_ok(gs_design(&p, b, NULL, &err), err);
        assert_true(b[0] <= a[0] + 1e-12);
        /* Beyond the first look a spending family may trade looks; the whole of alpha may not be lost. */
        assert_true(k == 1 || p.kind != GS_WT || b[k - 1] < a[k - 1]);
    }
}

static void a_look_more_never_lowers_the_crossing_probability(void **state)
{
    struct err err = {0};

    (void)state;
    for (int rep = 0; rep < 100; rep++) {
        double info[LOOKS_MAX], z[LOOKS_MAX], lower[LOOKS_MAX], up[LOOKS_MAX], down[LOOKS_MAX],
            with = 0, without = 0, e;
        double theta = 2 * uniform() - 0.5;
        size_t k = 2 + (size_t)(uniform() * 6), out = (size_t)(uniform() * (double)k);

        for (size_t i = 0; i < k; i++) {
            info[i] = (i > 0 ? info[i - 1] : 0) + 0.01 + uniform();
            z[i] = 1 + 3 * uniform();
            lower[i] = -NUM_INF;
        }
        assert_ok(gs_cross(k, info, lower, z, theta, up, down, &e, &err), err);
        for (size_t i = 0; i < k; i++) {
            with += up[i];
        }
        memmove(&info[out], &info[out + 1], (k - out - 1) * sizeof info[0]);
        memmove(&z[out], &z[out + 1], (k - out - 1) * sizeof z[0]);
        assert_ok(gs_cross(k - 1, info, lower, z, theta, up, down, &e, &err), err);
        for (size_t i = 0; i + 1 < k; i++) {
            without += up[i];
        }
        assert_true(with >= without - 1e-12);
    }
}

/* The third look's crossing probability by nested adaptive quadrature over s1 and s2: nothing shared with the grid. */
struct nested {
    double i1, i2, i3, b1, b2, b3, s1;
};

static double inner(const void *ctx, double s2)
{
    const struct nested *n = ctx;
    double d2 = n->i2 - n->i1, d3 = n->i3 - n->i2;

    return density_normal((s2 - n->s1) / sqrt(d2)) / sqrt(d2) *
           prob_normal((n->b3 * sqrt(n->i3) - s2) / sqrt(d3), TAIL_UPPER);
}

static double outer(const void *ctx, double s1)
{
    struct nested n = *(const struct nested *)ctx;
    double sd = sqrt(n.i2 - n.i1), top = n.b2 * sqrt(n.i2), sum = 0, at[6];
    struct err err = {0};

    n.s1 = s1;
    for (int i = 0; i < 6; i++) {
        at[i] = fmin(top, s1 + (double)(i * 4 - 10) * sd);
    }
    assert_ok(quad_adaptive(inner, &n, at, 6, 1e-13, &sum, &err), err);
    return sum * density_normal(s1 / sqrt(n.i1)) / sqrt(n.i1);
}

static void close_looks_agree_with_nested_quadrature(void **state)
{
    static const double hs[] = {0.05, 0.01, 0.005, 0.001, 1e-4};
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        double info[3] = {0.5, 0.5 + hs[i], 1}, z[3], cum[3], p = 0, at[8], top, slope;
        struct gs_plan plan = {.kind = GS_SPENDING,
                               .spending = {.kind = SPEND_POCOCK},
                               .sided = 1,
                               .alpha = 0.025,
                               .k = 3,
                               .info = info};
        struct nested n = {.i1 = info[0], .i2 = info[1], .i3 = 1};

        assert_ok(gs_design(&plan, z, cum, &err), err);
        n.b1 = z[0];
        n.b2 = z[1];
        n.b3 = z[2];
        top = n.b1 * sqrt(n.i1);
        /* The integrand bends within a few sd of the second increment below the bound. */
        at[0] = -7;
        at[1] = 0;
        at[2] = 1;
        for (int j = 0; j < 5; j++) {
            at[3 + j] = top - (double)(16 - 4 * j) * sqrt(hs[i]) * (j == 4 ? 0 : 0.5);
        }
        for (int j = 1; j < 8; j++) {
            at[j] = fmax(at[j], at[j - 1]);
        }
        assert_ok(quad_adaptive(outer, &n, at, 8, 1e-13, &p, &err), err);
        /* An error of p over the density at the bound is an error of z. */
        slope = density_normal(z[2]) / 2;
        assert_near((p - (cum[2] - cum[1])) / slope, 0, 1e-9);
    }
}

static void simulation_agrees_within_its_error(void **state)
{
    double info[4] = {0.2, 0.35, 0.36, 1}, z[4], cum[4], lower[4], up[4], down[4], e, theta = 2.2;
    struct gs_plan p = {.kind = GS_SPENDING,
                        .spending = {.kind = SPEND_HSD, .param = -2},
                        .sided = 2,
                        .alpha = 0.05,
                        .k = 4,
                        .info = info};
    enum { TRIALS = 200000 };
    double hits[4] = {0}, low = 0, mean = 0;
    struct err err = {0};

    (void)state;
    assert_ok(gs_design(&p, z, cum, &err), err);
    for (size_t i = 0; i < 4; i++) {
        lower[i] = -z[i];
    }
    assert_ok(gs_cross(4, info, lower, z, theta, up, down, &e, &err), err);
    for (int r = 0; r < TRIALS; r++) {
        double s = 0, before = 0;

        for (size_t i = 0; i < 4; i++) {
            double d = info[i] - before, zi;

            s += theta * d + sqrt(d) * gauss();
            before = info[i];
            zi = s / sqrt(info[i]);
            if (zi >= z[i]) {
                hits[i]++;
                break;
            }
            if (zi <= lower[i]) {
                low++;
                break;
            }
        }
        mean += before;
    }
    for (size_t i = 0; i < 4; i++) {
        assert_near(hits[i] / TRIALS, up[i], 5 * sqrt(up[i] * (1 - up[i]) / TRIALS));
    }
    assert_near(low / TRIALS, down[0] + down[1] + down[2] + down[3], 2e-4);
    assert_near(mean / TRIALS, e, 5 * 0.4 / sqrt(TRIALS));
}

static void adjusted_inference_mirrors_and_orders(void **state)
{
    double info[3] = {10, 22, 40}, z[3] = {0.4, -0.3, 0};
    struct gs_plan p = {.kind = GS_SPENDING,
                        .spending = {.kind = SPEND_OBF},
                        .sided = 2,
                        .alpha = 0.05,
                        .k = 3,
                        .info = info};
    struct gs_adjusted a, b;
    struct err err = {0};
    double before = 2;

    (void)state;
    for (double last = -3; last < 3; last += 0.5) {
        z[2] = last;
        assert_ok(gs_adjust(&p, z, 3, &a, &err), err);
        assert_true(a.p_upper < before);
        before = a.p_upper;
        assert_true(a.ci_lo < a.estimate && a.estimate < a.ci_hi);
        for (size_t i = 0; i < 3; i++) {
            z[i] = -z[i];
        }
        assert_ok(gs_adjust(&p, z, 3, &b, &err), err);
        for (size_t i = 0; i < 3; i++) {
            z[i] = -z[i];
        }
        assert_near(b.p_upper, 1 - a.p_upper, 1e-12);
        assert_near(b.estimate, -a.estimate, 1e-11);
        assert_near(b.ci_lo, -a.ci_hi, 1e-11);
        assert_near(b.p_final, a.p_final, 1e-12);
        assert_near(b.rci_lo, -a.rci_hi, 1e-11);
    }
    /* At the bound the repeated p is alpha per tail, and the stage-wise p at the last look too. */
    assert_ok(gs_adjust(&p, z, 3, &a, &err), err);
    z[2] = a.bound;
    assert_ok(gs_adjust(&p, z, 3, &a, &err), err);
    assert_near(a.repeated_p, 0.025, 1e-9);
    assert_near(a.p_upper, 0.025, 1e-11);
    assert_int_equal(gs_adjust(&p, z, 4, &a, &err), E_NUMERIC);
    z[1] = NUM_NAN;
    assert_int_equal(gs_adjust(&p, z, 3, &a, &err), E_NUMERIC);
}

static void exact_designs_spend_at_most_alpha_whatever_the_risk_sets(void **state)
{
    struct err err = {0};

    (void)state;
    for (int rep = 0; rep < 200; rep++) {
        struct spending f = {.kind = uniform() < 0.5 ? SPEND_POCOCK : SPEND_OBF};
        struct exact_seq *s = NULL;
        struct exact_bound b = {0};
        int64_t y1 = 20 + (int64_t)(uniform() * 60), y0 = 20 + (int64_t)(uniform() * 60), n = 0;
        double alpha = 0.2 * uniform() + 0.001, level = NUM_NAN, before = 0;

        assert_ok(exact_seq_new(&s, &err), err);
        while (n < 40 && y1 > 3 && y0 > 3) {
            int64_t m = 1 + (int64_t)(uniform() * 3);

            assert_ok(exact_seq_day(s, y1, y0, m, &err), err);
            n += m;
            y1 -= (int64_t)(uniform() * 2);
            y0 -= (int64_t)(uniform() * 2);
            assert_ok(spending_at(&f, alpha, (double)n / 40, &level, &err), err);
            assert_ok(exact_seq_test(s, level, &b, &err), err);
            assert_true(b.spent <= level * (1 + 1e-9) && b.spent >= before);
            assert_true(b.n == n && b.c >= 0 && b.c <= n + 1);
            before = b.spent;
        }
        exact_seq_free(s);
    }
}

static void replayed_bounds_spend_what_chosen_ones_spent(void **state)
{
    int64_t n[10], c[10];
    double cum[10], signal, expected, at_null;
    struct exact_plan p = {
        .p0 = 0.45, .alpha = 0.05, .spending = {.kind = SPEND_POCOCK}, .n = n, .k = 10, .n_max = 50};
    struct err err = {0};

    (void)state;
    for (int64_t i = 0; i < 10; i++) {
        n[i] = 5 * (i + 1);
    }
    assert_ok(exact_design(&p, c, cum, &err), err);
    assert_ok(exact_operating(&p, c, 0.45, &at_null, &expected, &err), err);
    assert_near(at_null, cum[9], 1e-14);
    assert_ok(exact_operating(&p, c, 0.7, &signal, &expected, &err), err);
    assert_true(signal > 0.8 && expected < 50);
    n[3] = n[2];
    assert_int_equal(exact_design(&p, c, cum, &err), E_NUMERIC);
}

/* Expectation of E over every path of `left` events on shrinking risk sets, by recursion. */
static double expectation(int64_t y1, int64_t y0, const int64_t *arms, size_t n, size_t left)
{
    struct err err = {0};
    double now = NUM_NAN, max = NUM_NAN;

    if (left == 0) {
        struct eprocess *e = NULL;
        int64_t a = 5, b = 4;

        assert_ok(eprocess_new(1, 1, 0.55, &e, &err), err);
        for (size_t i = 0; i < n; i++) {
            assert_ok(eprocess_day(e, a, b, 1, arms[i], &err), err);
            a -= arms[i];
            b -= 1 - arms[i];
        }
        assert_ok(eprocess_log_e(e, &now, &max, &err), err);
        eprocess_free(e);
        return exp(now);
    }
    double sum = 0;

    for (int64_t x = 0; x <= 1; x++) {
        int64_t path[8];
        double p = (double)(x == 1 ? y1 : y0) / (double)(y1 + y0);

        memcpy(path, arms, n * sizeof *path);
        path[n] = x;
        if (p > 0) {
            sum += p * expectation(y1 - x, y0 - (1 - x), path, n + 1, left - 1);
        }
    }
    return sum;
}

static void e_process_has_expectation_one_under_the_null(void **state)
{
    int64_t none[8] = {0};

    (void)state;
    assert_near(expectation(5, 4, none, 0, 6), 1, 1e-12);
}

static void maxsprt_takes_the_smallest_value_that_keeps_alpha(void **state)
{
    struct maxsprt a, b;
    struct err err = {0};
    double mu[3] = {2.5, 6.6, 9.9};

    (void)state;
    for (double alpha = 0.01; alpha < 0.2; alpha += 0.013) {
        assert_ok(maxsprt_binomial(40, NULL, 0, 0.4, alpha, 1, &a, &err), err);
        assert_true(a.alpha <= alpha);
        /* What it spends is a level at which it would be chosen itself; a little less asks for more. */
        assert_ok(maxsprt_binomial(40, NULL, 0, 0.4, a.alpha * (1 + 1e-9), 1, &b, &err), err);
        assert_near(b.cv, a.cv, 1e-9);
        assert_ok(maxsprt_binomial(40, NULL, 0, 0.4, a.alpha * (1 - 1e-6), 1, &b, &err), err);
        assert_true(b.cv > a.cv);
        assert_ok(maxsprt_poisson(12, alpha, 1, 0, &a, &err), err);
        assert_near(a.alpha, alpha, 1e-10);
        assert_ok(maxsprt_poisson_grouped(mu, 3, alpha, 1, &a, &err), err);
        assert_true(a.alpha <= alpha);
    }
    /* methods.md section 6: a run of CV events, alpha .05, N = 20, p0 = 75/148, signals at event 5. */
    assert_ok(maxsprt_binomial(20, NULL, 0, 75.0 / 148, 0.05, 1, &a, &err), err);
    assert_true(maxsprt_llr_binomial(4, 4, 75.0 / 148) < a.cv &&
                maxsprt_llr_binomial(5, 5, 75.0 / 148) >= a.cv);
    assert_int_equal(maxsprt_binomial(0, NULL, 0, 0.5, 0.05, 1, &a, &err), E_NUMERIC);
    assert_int_equal(maxsprt_binomial(20, NULL, 0, 1.5, 0.05, 1, &a, &err), E_NUMERIC);
    assert_int_equal(maxsprt_poisson(NUM_NAN, 0.05, 1, 0, &a, &err), E_NUMERIC);
    assert_int_equal(maxsprt_poisson(5, 2, 1, 0, &a, &err), E_NUMERIC);
}

static void score_limits_hold_the_level_and_mirror(void **state)
{
    struct err err = {0};

    (void)state;
    for (int rep = 0; rep < 400; rep++) {
        int64_t n1 = 1 + (int64_t)(uniform() * 60), n0 = 1 + (int64_t)(uniform() * 60),
                x1 = (int64_t)(uniform() * (double)(n1 + 1)), x0 = (int64_t)(uniform() * (double)(n0 + 1));
        double lo, hi, mlo, mhi, at = (double)x1 / (double)n1 - (double)x0 / (double)n0,
                                 conf = 0.5 + 0.499 * uniform();

        assert_ok(score_rd_limits(x1, n1, x0, n0, conf, &lo, &hi, &err), err);
        assert_true(lo >= -1 && lo <= at && at <= hi && hi <= 1);
        assert_ok(score_rd_limits(x0, n0, x1, n1, conf, &mlo, &mhi, &err), err);
        assert_near(mlo, -hi, 1e-11);
        assert_ok(score_poisson_rd_limits(x1, 10, x0, 20, conf, &lo, &hi, &err), err);
        assert_ok(score_poisson_rd_limits(x0, 20, x1, 10, conf, &mlo, &mhi, &err), err);
        assert_near(mlo, -hi, 1e-10);
    }
}

static void fisher_is_fast_and_sums_to_one(void **state)
{
    struct err err = {0};

    (void)state;
    for (int rep = 0; rep < 300; rep++) {
        int64_t n1 = 1 + (int64_t)(uniform() * 90), n0 = 1 + (int64_t)(uniform() * 90),
                x1 = (int64_t)(uniform() * (double)(n1 + 1)), x0 = (int64_t)(uniform() * (double)(n0 + 1));
        struct fisher f, g;

        assert_ok(fisher_all(x1, n1, x0, n0, 0.95, &f, &err), err);
        assert_ok(fisher_all(x0, n0, x1, n1, 0.95, &g, &err), err);
        assert_near(f.greater, g.less, 1e-13);
        assert_near(f.two_sided, g.two_sided, 1e-13);
        assert_near(f.greater + f.less, 1 + density_hypergeometric(x1, n1, n0, x1 + x0), 1e-13);
        assert_true(f.lo <= f.hi && (isnan(f.odds_ratio) || (f.lo <= f.odds_ratio && f.odds_ratio <= f.hi)));
    }
}

static void cox_is_infinite_where_the_likelihood_is_monotone(void **state)
{
    struct logrank_row rows[2] = {{.y1 = 4, .y0 = 4, .d1 = 1}, {.y1 = 3, .y0 = 4, .d1 = 1}};
    struct err err = {0};
    double b = 0;

    (void)state;
    assert_ok(cox_efron(rows, 2, &b, &err), err);
    assert_true(isinf(b) && b > 0);
    rows[0].d1 = rows[1].d1 = 0;
    rows[0].d0 = 1;
    assert_ok(cox_efron(rows, 2, &b, &err), err);
    assert_true(isinf(b) && b < 0);
    rows[0].d0 = 0;
    assert_ok(cox_efron(rows, 2, &b, &err), err);
    assert_true(isnan(b));
    /* One event in each arm at mirrored risk sets. */
    rows[0] = (struct logrank_row){.y1 = 2, .y0 = 3, .d1 = 1};
    rows[1] = (struct logrank_row){.y1 = 3, .y0 = 2, .d0 = 1};
    assert_ok(cox_efron(rows, 2, &b, &err), err);
    assert_near(b, 0, 1e-12);
}

static void power_to_one_more_look_is_the_closed_form(void **state)
{
    double info[2] = {12, 40}, lower[2] = {-NUM_INF, -NUM_INF}, upper[2] = {3, 2}, z = 1.3, theta = 0.2,
           p = NUM_NAN, s = z * sqrt(12), d = 28, want;
    struct err err = {0};

    (void)state;
    assert_ok(gs_conditional_power(2, info, lower, upper, 1, z, theta, &p, &err), err);
    assert_near(p, prob_normal((2 * sqrt(40) - s - theta * d) / sqrt(d), TAIL_UPPER), 1e-13);
    assert_ok(gs_predictive_power(2, info, lower, upper, 1, z, &p, &err), err);
    want = prob_normal((2 * sqrt(40) - s * 40 / 12) / sqrt(d * 40 / 12), TAIL_UPPER);
    assert_near(p, want, 1e-12);
    assert_int_equal(gs_conditional_power(2, info, lower, upper, 2, z, theta, &p, &err), E_NUMERIC);
    assert_int_equal(gs_conditional_power(2, info, lower, upper, 1, NUM_NAN, theta, &p, &err), E_NUMERIC);
}

static void conditional_power_averages_to_power(void **state)
{
    double info[3] = {0.4, 0.7, 1}, lower[3] = {-1, -0.5, -NUM_INF}, upper[3] = {2.6, 2.4, 2.1}, theta = 2,
           sum = 0, e, up[3], down[3], x[64], w[64];
    struct err err = {0};

    (void)state;
    assert_ok(gs_cross(3, info, lower, upper, theta, up, down, &e, &err), err);
    quad_legendre(64, x, w);
    for (size_t i = 0; i < 64; i++) {
        double z = -1 + 3.6 * (1 + x[i]) / 2, cp = NUM_NAN;

        assert_ok(gs_conditional_power(3, info, lower, upper, 1, z, theta, &cp, &err), err);
        sum += w[i] * 1.8 * cp * density_normal(z - theta * sqrt(0.4));
    }
    assert_near(sum, up[1] + up[2], 1e-12);
}

static void over_running_by_nothing_changes_nothing(void **state)
{
    double info[2] = {10, 20}, lower[2] = {-NUM_INF, -NUM_INF}, upper[2] = {2.8, 2}, up, down, p = NUM_NAN,
           z = NUM_NAN;
    struct err err = {0};

    (void)state;
    assert_ok(gs_stagewise(2, info, lower, upper, 2.3, 0, &up, &down, &err), err);
    assert_ok(gs_overrun_deletion_p(2, info, lower, upper, 20.0001, 2.3, &p, &err), err);
    assert_near(p, up, 1e-6);
    assert_ok(gs_overrun_weighted_z(20, up, 20.0000001, 0.3, &z, &err), err);
    assert_near(prob_normal(z, TAIL_UPPER), up, 1e-5);
    assert_int_equal(gs_overrun_weighted_z(20, up, 19, 0.3, &z, &err), E_NUMERIC);
    assert_int_equal(gs_overrun_deletion_p(2, info, lower, upper, 15, 2.3, &p, &err), E_NUMERIC);
}

static void simulated_trials_cross_as_computed(void **state)
{
    double info[3] = {0.3, 0.6, 1}, lower[3] = {-3, -2.5, -2}, upper[3] = {3, 2.5, 2}, up[3], down[3], e,
           sup[3], sdown[3], se, theta = 1;
    enum { TRIALS = 100000 };
    struct err err = {0};

    (void)state;
    assert_ok(gs_cross(3, info, lower, upper, theta, up, down, &e, &err), err);
    assert_ok(gs_simulate(3, info, lower, upper, theta, TRIALS, 7, sup, sdown, &se, &err), err);
    for (size_t i = 0; i < 3; i++) {
        assert_near(sup[i], up[i], 5 * sqrt(up[i] * (1 - up[i]) / TRIALS));
        assert_near(sdown[i], down[i], 5 * sqrt(down[i] * (1 - down[i]) / TRIALS) + 1e-9);
    }
    assert_near(se, e, 0.005);
    assert_int_equal(gs_simulate(3, info, lower, upper, theta, 0, 7, sup, sdown, &se, &err), E_NUMERIC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(designs_spend_exactly_alpha),
        cmocka_unit_test(bounds_fall_as_alpha_rises),
        cmocka_unit_test(a_look_more_never_lowers_the_crossing_probability),
        cmocka_unit_test(close_looks_agree_with_nested_quadrature),
        cmocka_unit_test(simulation_agrees_within_its_error),
        cmocka_unit_test(adjusted_inference_mirrors_and_orders),
        cmocka_unit_test(exact_designs_spend_at_most_alpha_whatever_the_risk_sets),
        cmocka_unit_test(replayed_bounds_spend_what_chosen_ones_spent),
        cmocka_unit_test(e_process_has_expectation_one_under_the_null),
        cmocka_unit_test(maxsprt_takes_the_smallest_value_that_keeps_alpha),
        cmocka_unit_test(score_limits_hold_the_level_and_mirror),
        cmocka_unit_test(fisher_is_fast_and_sums_to_one),
        cmocka_unit_test(power_to_one_more_look_is_the_closed_form),
        cmocka_unit_test(conditional_power_averages_to_power),
        cmocka_unit_test(over_running_by_nothing_changes_nothing),
        cmocka_unit_test(simulated_trials_cross_as_computed),
        cmocka_unit_test(cox_is_infinite_where_the_likelihood_is_monotone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
