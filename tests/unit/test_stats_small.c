/* Single-arm limits, confidence sequences, graphs, double false discovery rate, fragility and small measures. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "stats/bayes.h"
#include "stats/confseq.h"
#include "stats/dist.h"
#include "stats/eprocess.h"
#include "stats/fdr.h"
#include "stats/fragility.h"
#include "stats/graph.h"
#include "stats/needed.h"
#include "stats/num.h"
#include "stats/robbins.h"
#include "stats/rng.h"
#include "stats/single_arm.h"
#include "stats/score.h"
#include "support/t.h"

/* Every path of 12 subjects, one by one: nothing shared with the recursion. */
static double brute(const int64_t *n, size_t k, const int64_t *c, double p)
{
    double sum = 0;

    for (unsigned path = 0; path < 1U << 12; path++) {
        double weight = 1;
        int64_t x = 0;
        size_t look = 0;
        bool stopped = false;

        for (int i = 0; i < 12; i++) {
            bool event = (path >> i & 1U) != 0;

            weight *= event ? p : 1 - p;
            x += event;
            if (look < k && n[look] == i + 1) {
                stopped = stopped || x >= c[look];
                look++;
            }
        }
        sum += stopped ? weight : 0;
    }
    return sum;
}

static void single_arm_limits_keep_alpha_and_none_are_looser(void **state)
{
    static const int64_t n[] = {2, 4, 6, 8, 10, 12};
    static const double rates[] = {0.1, 0.25, 0.5}, alphas[] = {0.01, 0.05, 0.2};
    struct err err = {0};

    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        for (size_t i = 0; i < 9; i++) {
            int64_t c[6], looser[6];
            double cum[6], p0 = rates[i / 3], alpha = alphas[i % 3], most = 0;

            assert_ok(single_arm_binomial((enum single_arm_kind)kind, n, 6, p0, alpha, c, cum, &err), err);
            assert_near(cum[5], brute(n, 6, c, p0), 1e-13);
            assert_true(cum[5] <= alpha);
            if (kind == SINGLE_POCOCK) {
                /* The next looser nominal level is the smallest tail one below a limit: it must break alpha. */
                for (size_t j = 0; j < 6; j++) {
                    double up = prob_binomial(c[j] - 1, n[j], p0, 1 - p0, TAIL_UPPER);

                    most = j == 0 || up < most ? up : most;
                }
                for (size_t j = 0; j < 6; j++) {
                    looser[j] = c[j];
                    while (looser[j] > 1 &&
                           prob_binomial(looser[j] - 1, n[j], p0, 1 - p0, TAIL_UPPER) <= most * (1 + 1e-12)) {
                        looser[j]--;
                    }
                }
                assert_true(brute(n, 6, looser, p0) > alpha);
            }
        }
    }
}

static void obf_type_limits_are_strict_early(void **state)
{
    int64_t n[40], p[40], o[40];
    double cum[40], power[40];
    struct err err = {0};

    (void)state;
    for (int i = 0; i < 40; i++) {
        n[i] = i + 1;
    }
    assert_ok(single_arm_binomial(SINGLE_POCOCK, n, 40, 0.2, 0.05, p, cum, &err), err);
    assert_ok(single_arm_binomial(SINGLE_OBF, n, 40, 0.2, 0.05, o, cum, &err), err);
    assert_true(o[9] >= p[9] && o[39] <= p[39] && cum[39] <= 0.05);
    for (int i = 1; i < 40; i++) {
        assert_true(o[i] >= o[i - 1] - 1 && cum[i] >= cum[i - 1]);
    }
    assert_ok(single_arm_binomial_power(n, 40, o, 0.2, power, &err), err);
    assert_near(power[39], cum[39], 1e-14);
    assert_ok(single_arm_binomial_power(n, 40, o, 0.5, power, &err), err);
    assert_true(power[39] > 0.95);
}

static void poisson_limits_keep_alpha_by_simulation_too(void **state)
{
    enum { TRIALS = 40000 };
    static const double mu[] = {0.5, 1, 2, 3.5, 5};
    struct err err = {0};
    struct rng r;

    (void)state;
    rng_init(&r, 7);
    for (int kind = 0; kind < 2; kind++) {
        int64_t c[5];
        double cum[5], power[5];
        int hits = 0;

        assert_ok(single_arm_poisson((enum single_arm_kind)kind, mu, 5, 0.05, c, cum, &err), err);
        assert_true(cum[4] <= 0.05 && cum[4] > 0.01);
        assert_ok(single_arm_poisson_power(mu, 5, c, 1, power, &err), err);
        assert_near(power[4], cum[4], 1e-14);
        assert_ok(single_arm_poisson_power(mu, 5, c, 2, power, &err), err);
        assert_true(power[4] > cum[4]);
        for (int i = 0; i < TRIALS; i++) {
            double t = 0;
            int64_t x = 0;
            size_t look = 0;
            bool stopped = false;

            while (look < 5 && !stopped) {
                t -= log(rng_uniform(&r));
                while (look < 5 && t > mu[look] && !stopped) {
                    stopped = x >= c[look++];
                }
                x++;
            }
            hits += stopped;
        }
        assert_near((double)hits / TRIALS, cum[4], 4 * sqrt(cum[4] / TRIALS));
    }
}

static void single_arm_nonsense_is_refused(void **state)
{
    static const int64_t falls[] = {3, 2}, good[] = {2, 3};
    static const double mu[] = {1, NUM_NAN};
    int64_t c[2];
    double cum[2];
    struct err err = {0};

    (void)state;
    assert_int_equal(single_arm_binomial(SINGLE_OBF, falls, 2, 0.1, 0.05, c, cum, &err), E_NUMERIC);
    assert_int_equal(single_arm_binomial(SINGLE_OBF, good, 2, 0, 0.05, c, cum, &err), E_NUMERIC);
    assert_int_equal(single_arm_binomial(SINGLE_OBF, good, 2, 0.1, 2, c, cum, &err), E_NUMERIC);
    assert_int_equal(single_arm_binomial(SINGLE_OBF, good, 0, 0.1, 0.05, c, cum, &err), E_NUMERIC);
    assert_int_equal(single_arm_poisson(SINGLE_POCOCK, mu, 2, 0.05, c, cum, &err), E_NUMERIC);
}

static void limits_of_a_share_are_where_the_e_value_is(void **state)
{
    static const int64_t data[][2] = {{6, 6}, {0, 9}, {5, 7}, {35, 44}, {500, 1000}, {1, 1000000}};
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < sizeof data / sizeof data[0]; i++) {
        struct confseq_limits l;
        double two, one;
        int64_t x = data[i][0], n = data[i][1];

        assert_ok(confseq_share(x, n, 1, 1, 0.05, &l, &err), err);
        assert_true(l.lo <= (double)x / (double)n && l.hi >= (double)x / (double)n);
        if (l.lo > 0) {
            assert_ok(robbins_log_e(x, n, l.lo, 1, 1, &two, &one, &err), err);
            assert_near(two, log(20), 1e-6);
        } else {
            assert_true(x <= 1);
        }
        if (l.hi < 1) {
            assert_ok(robbins_log_e(x, n, l.hi, 1, 1, &two, &one, &err), err);
            assert_near(two, log(20), 1e-6);
        } else {
            assert_true(x == n);
        }
        if (l.lower > 0) {
            assert_ok(robbins_log_e(x, n, l.lower, 1, 1, &two, &one, &err), err);
            assert_near(one, log(20), 1e-6);
        }
    }
}

static void no_events_leave_all_open(void **state)
{
    struct confseq_limits l;
    struct confseq *s = NULL;
    struct err err = {0};

    (void)state;
    assert_ok(confseq_share(0, 0, 1, 1, 0.05, &l, &err), err);
    assert_true(l.lo == 0 && l.hi == 1 && l.lower == 0);
    assert_int_equal(confseq_share(2, 1, 1, 1, 0.05, &l, &err), E_NUMERIC);
    assert_int_equal(confseq_share(1, 2, 1, 1, 0, &l, &err), E_NUMERIC);
    assert_ok(confseq_new(1, 1, 0.5, &s, &err), err);
    assert_ok(confseq_day(s, 5, 0, 1, 1, &err), err); /* one arm at risk: certain */
    assert_ok(confseq_ratio(s, 0.05, &l, &err), err);
    assert_true(l.lo == 0 && isinf(l.hi) && l.lower == 0);
    assert_int_equal(confseq_day(s, 5, 5, 1, 2, &err), E_NUMERIC);
    assert_int_equal(confseq_day(s, 5, 5, 11, 5, &err), E_NUMERIC);
    confseq_free(s);
    assert_int_equal(confseq_new(1, 1, 1, &s, &err), E_NUMERIC);
}

/* The one-sided limit passes 1 exactly when the e-process of eprocess.h reaches 1 / alpha. */
static void the_lower_limit_of_the_ratio_agrees_with_the_e_process(void **state)
{
    struct rng r;
    struct err err = {0};

    (void)state;
    rng_init(&r, 3);
    for (int rep = 0; rep < 12; rep++) {
        struct confseq *s = NULL;
        struct eprocess *e = NULL;
        int64_t y1 = 75, y0 = 73;
        double theta = rep % 3 == 0 ? 1 : 3;

        assert_ok(confseq_new(1, 1, 0.5, &s, &err), err);
        assert_ok(eprocess_new(1, 1, 0.5, &e, &err), err);
        for (int day = 0; day < 30; day++) {
            int64_t m = rng_uniform(&r) < 0.15 ? 2 : 1, x = 0, a = y1, b = y0;
            struct confseq_limits l;
            double now, max;

            for (int64_t i = 0; i < m; i++) {
                bool one = rng_uniform(&r) < theta * (double)a / (theta * (double)a + (double)b);

                x += one;
                a -= one;
                b -= !one;
            }
            assert_ok(confseq_day(s, y1, y0, m, x, &err), err);
            assert_ok(eprocess_day(e, y1, y0, m, x, &err), err);
            y1 = a;
            y0 = b;
            if (day % 5 == 4) {
                assert_ok(confseq_ratio(s, 0.05, &l, &err), err);
                assert_ok(eprocess_log_e(e, &now, &max, &err), err);
                assert_int_equal(l.lower > 1, now > log(20));
                assert_true(l.lo < l.hi && l.lower >= 0);
            }
        }
        confseq_free(s);
        eprocess_free(e);
    }
}

static void limits_of_the_ratio_cover_at_all_times_together(void **state)
{
    enum { TRIALS = 120 };
    struct rng r;
    struct err err = {0};
    int missed = 0;

    (void)state;
    rng_init(&r, 11);
    for (int rep = 0; rep < TRIALS; rep++) {
        struct confseq *s = NULL;
        bool out = false;

        assert_ok(confseq_new(1, 1, 0.5, &s, &err), err);
        for (int day = 0; day < 40; day++) {
            struct confseq_limits l;

            assert_ok(confseq_day(s, 60, 60, 1, rng_uniform(&r) < 2.0 / 3, &err), err);
            if (day % 4 == 3) {
                assert_ok(confseq_ratio(s, 0.1, &l, &err), err);
                out = out || l.lo > 2 || l.hi < 2;
            }
        }
        missed += out;
        confseq_free(s);
    }
    assert_true(missed <= 0.1 * TRIALS + 3 * sqrt(0.09 * TRIALS));
}

/* Bretz, Maurer, Brannath & Posch 2009: Holm's procedure is the graph of equal weights and equal edges. */
static void a_full_graph_is_holm(void **state)
{
    struct rng r;
    struct err err = {0};

    (void)state;
    rng_init(&r, 5);
    for (int rep = 0; rep < 300; rep++) {
        struct graph g = {.n = 4};
        double p[4], sorted[4];
        int rejected = 0, holm = 0;

        for (int i = 0; i < 4; i++) {
            p[i] = 0.05 * rng_uniform(&r);
            sorted[i] = p[i];
            g.weight[i] = 0.25;
            for (int j = 0; j < 4; j++) {
                g.transition[i][j] = i == j ? 0 : 1.0 / 3;
            }
        }
        for (int i = 0; i < 4; i++) {
            for (int j = i + 1; j < 4; j++) {
                if (sorted[j] < sorted[i]) {
                    double keep = sorted[i];

                    sorted[i] = sorted[j];
                    sorted[j] = keep;
                }
            }
        }
        while (holm < 4 && sorted[holm] <= 0.025 / (4 - holm)) {
            holm++;
        }
        assert_ok(graph_test(&g, p, 0.025, &err), err);
        for (int i = 0; i < 4; i++) {
            rejected += g.rejected[i];
        }
        assert_int_equal(rejected, holm);
    }
}

static void a_rejected_monitor_passes_its_weight_on(void **state)
{
    /* Two primary, two secondary: the parallel gatekeeping graph of Bretz et al. 2009, figure 4. */
    struct graph g = {.n = 4,
                      .weight = {0.5, 0.5, 0, 0},
                      .transition = {{0, 0, 0.5, 0.5}, {0, 0, 0.5, 0.5}, {0, 0, 0, 1}, {0, 0, 1, 0}}};
    struct err err = {0};

    (void)state;
    assert_ok(graph_reject(&g, 0, &err), err);
    assert_near(g.weight[1], 0.5, 0);
    assert_near(g.weight[2], 0.25, 0);
    assert_near(g.weight[3], 0.25, 0);
    assert_ok(graph_reject(&g, 2, &err), err);
    assert_near(g.weight[3], 0.5, 1e-15);
    assert_near(g.transition[1][3], 1, 1e-15); /* .5 + .5 x 1 */
    assert_int_equal(graph_reject(&g, 2, &err), E_NUMERIC);
    g.weight[1] = 0.9;
    assert_int_equal(graph_check(&g, &err), E_NUMERIC);
    g.weight[1] = NUM_NAN;
    assert_int_equal(graph_check(&g, &err), E_NUMERIC);
}

/* Example 4.1 of Mehrotra & Adewale 2012; expected values by base R's p.adjust, step by step. */
static void double_false_discovery_of_the_published_example(void **state)
{
    static const double p[] = {0.031, 0.023, 0.029, 0.005, 0.031, 0.000, 0.874, 0.399, 0.293, 0.077, 0.216,
                               0.843, 0.864, 1,     0.878, 0.766, 0.598, 0.011, 0.864, 0.889, 0.557, 0.767,
                               0.009, 0.644, 1,     0.583, 0.147, 0.789, 0.217, 1,     0.02,  0.784, 0.579,
                               0.439, 0.898, 0.619, 0.193, 0.806, 0.611, 0.526, 0.702, 0.196};
    static const size_t sizes[] = {10, 3, 6, 5, 10, 8};
    static const double groups[] = {0, 0.7776, 0.132, 0.132, 0.3, 0.784};
    size_t group[42], n = 0, flags = 0;
    double group_p[6], adjusted[42];
    bool flagged[42];
    struct err err = {0};

    (void)state;
    for (size_t g = 0; g < 6; g++) {
        for (size_t i = 0; i < sizes[g]; i++) {
            group[n++] = g;
        }
    }
    assert_ok(fdr_double(p, group, n, 6, 0.1, 0.1, group_p, adjusted, flagged, &err), err);
    for (size_t g = 0; g < 6; g++) {
        assert_near(group_p[g], groups[g], 1e-14);
    }
    for (size_t i = 0; i < n; i++) {
        flags += flagged[i];
        assert_true(isnan(adjusted[i]) == (i >= 10));
    }
    assert_int_equal(flags, 6);
    assert_near(adjusted[0], 0.031 * 10 / 6, 1e-15);
    assert_ok(fdr_double(p, group, n, 6, 0.15, 0.1, group_p, adjusted, flagged, &err), err);
    assert_near(adjusted[0], 0.081375, 1e-14);
    assert_near(adjusted[17], 0.05775, 1e-14); /* 0.011 */
    assert_near(adjusted[22], 0.05775, 1e-14); /* 0.009 */
}

static void false_discovery_at_its_edges(void **state)
{
    static const double p[] = {0.2, 1.5}, one[] = {0.03};
    static const size_t group[] = {1, 5};
    double adjusted[2], group_p[3];
    bool flagged[2];
    struct err err = {0};

    (void)state;
    assert_int_equal(fdr_adjust(p, 2, adjusted, &err), E_NUMERIC);
    assert_ok(fdr_adjust(p, 0, adjusted, &err), err);
    assert_int_equal(fdr_double(one, group + 1, 1, 3, 0.1, 0.1, group_p, adjusted, flagged, &err), E_NUMERIC);
    assert_ok(fdr_double(one, group, 1, 3, 0.1, 0.1, group_p, adjusted, flagged, &err), err);
    assert_true(isnan(group_p[0]) && isnan(group_p[2]) && flagged[0]);
    assert_near(adjusted[0], 0.03, 0);
}

/* Against every pair of removals, and by hand. */
static void fragility_is_the_fewest(void **state)
{
    struct fragility f;
    struct err err = {0};

    (void)state;
    /* 6 v 0 of 75 v 73: p .0153; 5 v 0 .0314; 4 v 0 .0639. */
    assert_ok(fragility_fisher(6, 75, 0, 73, 0.05, &f, &err), err);
    assert_true(f.crossed);
    assert_int_equal(f.removed, 2);
    assert_int_equal(f.removed_from_1, 2);
    assert_int_equal(f.moved, 1); /* 5 v 1: p .110 */
    assert_ok(fragility_fisher(5, 75, 2, 73, 0.05, &f, &err), err);
    assert_true(!f.crossed);
    assert_int_equal(f.removed, 2); /* 5 v 0 */
    assert_int_equal(f.removed_from_1, 0);
    assert_int_equal(f.moved, 2); /* 7 v 0; 6 v 1 is p .063 */
    assert_ok(fragility_fisher(0, 75, 0, 73, 0.05, &f, &err), err);
    assert_true(!f.crossed && f.removed == 0 && f.moved == 0);
    assert_int_equal(fragility_fisher(76, 75, 0, 73, 0.05, &f, &err), E_NUMERIC);
    assert_int_equal(fragility_fisher(1, 75, 0, 73, NUM_NAN, &f, &err), E_NUMERIC);
}

static void needed_to_harm_passes_through_infinity(void **state)
{
    struct estimate rd = {0.1, 0.05, 0.2};
    struct needed n;
    struct err err = {0};

    (void)state;
    assert_ok(needed_to_harm(&rd, &n, &err), err);
    assert_true(!n.through_infinity);
    assert_near(n.number.value, 10, 1e-12);
    assert_near(n.number.lo, 5, 1e-12);
    assert_near(n.number.hi, 20, 1e-12);
    rd = (struct estimate){0.1, -0.05, 0.2};
    assert_ok(needed_to_harm(&rd, &n, &err), err);
    assert_true(n.through_infinity);
    assert_near(n.number.lo, -20, 1e-12);
    assert_near(n.number.hi, 5, 1e-12);
    rd = (struct estimate){0, 0, 0.2};
    assert_ok(needed_to_harm(&rd, &n, &err), err);
    assert_true(isinf(n.number.value) && isinf(n.number.hi) && !n.through_infinity);
    rd = (struct estimate){-0.1, -0.2, -0.05};
    assert_ok(needed_to_harm(&rd, &n, &err), err);
    assert_near(n.number.lo, -20, 1e-12);
    assert_near(n.number.hi, -5, 1e-12);
    rd.value = NUM_NAN;
    assert_int_equal(needed_to_harm(&rd, &n, &err), E_NUMERIC);
}

static void rates_and_their_score(void **state)
{
    struct estimate e;
    double z, info, mirror;
    struct err err = {0};

    (void)state;
    /* Garwood 1936: 0 events (0, 3.6889), 10 events (4.7954, 18.3904). */
    assert_ok(rate_exact(0, 2, 1, 0.95, &e, &err), err);
    assert_near(e.lo, 0, 0);
    assert_near(e.hi, 3.6889 / 2, 5e-5);
    assert_ok(rate_exact(10, 1, 100, 0.95, &e, &err), err);
    assert_near(e.lo, 479.54, 5.1e-3);
    assert_near(e.hi, 1839.04, 5.1e-3);
    assert_int_equal(rate_exact(1, 0, 1, 0.95, &e, &err), E_NUMERIC);
    assert_ok(rate_score(15, 100, 5, 100, &z, &info, &err), err);
    assert_near(z, 10 / sqrt(20), 1e-14);
    assert_near(info, 5, 1e-14);
    assert_ok(rate_score(5, 100, 15, 100, &mirror, &info, &err), err);
    assert_near(mirror, -z, 1e-14);
    assert_ok(rate_score(0, 1, 0, 1, &z, &info, &err), err);
    assert_true(z == 0 && info == 0);
    assert_int_equal(rate_score(-1, 1, 0, 1, &z, &info, &err), E_NUMERIC);
}

/* P(gamma ratio > rho) by simulation, and exactly where shapes are 1: rho' / (1 + rho') form. */
static void gamma_poisson_is_exact(void **state)
{
    double p, back;
    struct err err = {0};

    (void)state;
    assert_ok(bayes_gamma_ratio_exceeds(1, 3, 1, 5, 2, &p, &err), err);
    assert_near(p, 5.0 / (5 + 2 * 3), 1e-14); /* exponentials of rates 3 and 5: P(T > 2 C) */
    assert_ok(bayes_gamma_ratio_exceeds(4.5, 30, 2.5, 31, 1, &p, &err), err);
    assert_ok(bayes_gamma_ratio_exceeds(2.5, 31, 4.5, 30, 1, &back, &err), err);
    assert_near(p + back, 1, 1e-13);
    assert_int_equal(bayes_gamma_ratio_exceeds(0, 1, 1, 1, 1, &p, &err), E_NUMERIC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(single_arm_limits_keep_alpha_and_none_are_looser),
        cmocka_unit_test(obf_type_limits_are_strict_early),
        cmocka_unit_test(poisson_limits_keep_alpha_by_simulation_too),
        cmocka_unit_test(single_arm_nonsense_is_refused),
        cmocka_unit_test(limits_of_a_share_are_where_the_e_value_is),
        cmocka_unit_test(no_events_leave_all_open),
        cmocka_unit_test(the_lower_limit_of_the_ratio_agrees_with_the_e_process),
        cmocka_unit_test(limits_of_the_ratio_cover_at_all_times_together),
        cmocka_unit_test(a_full_graph_is_holm),
        cmocka_unit_test(a_rejected_monitor_passes_its_weight_on),
        cmocka_unit_test(double_false_discovery_of_the_published_example),
        cmocka_unit_test(false_discovery_at_its_edges),
        cmocka_unit_test(fragility_is_the_fewest),
        cmocka_unit_test(needed_to_harm_passes_through_infinity),
        cmocka_unit_test(rates_and_their_score),
        cmocka_unit_test(gamma_poisson_is_exact),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
