/* The reference sets that dsmbctl validate runs in full, here straight through the library. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/bayes.h"
#include "stats/evalue2x2.h"
#include "stats/exact_tests.h"
#include "stats/gs_adjust.h"
#include "stats/gs_cross.h"
#include "stats/maxsprt.h"
#include "stats/robbins.h"
#include "stats/score.h"
#include "stats/twobytwo.h"
#include "unit/test_stats_ref.h"

#define OPEN_OR_SKIP(c, rel)       \
    struct csv *c = ref_open(rel); \
    if ((c) == NULL) {             \
        skip();                    \
        return;                    \
    }

static bool cell_is(const struct csv *c, size_t row, const char *column, const char *text)
{
    return strcmp(ref_text(c, row, column), text) == 0;
}

static void crossing_probabilities_are_met(void **state)
{
    OPEN_OR_SKIP(c, "reference/crossing.csv")
    struct err err = {0};

    (void)state;
    for (size_t row = 0; row < csv_rows(c); row++) {
        double info[32], lower[32], upper[32], up[32], down[32], e = NUM_NAN;
        size_t k = ref_list(c, row, "info_fractions", info), look = (size_t)ref_int(c, row, "look") - 1;

        (void)ref_list(c, row, "lower_z", lower);
        (void)ref_list(c, row, "upper_z", upper);
        assert_ok(
            gs_cross(k, info, lower, upper, ref_num(c, row, "drift_theta_sqrtImax"), up, down, &e, &err),
            err);
        assert_near(up[look], ref_num(c, row, "p_cross_upper"), 1e-10);
        assert_near(down[look], ref_num(c, row, "p_cross_lower"), 1e-10);
        assert_near(e, ref_num(c, row, "expected_info_fraction"), 1e-10);
    }
    csv_free(c);
}

static void adjusted_inference_is_met(void **state)
{
    static const struct {
        const char *name;
        enum gs_kind kind;
        enum spending_kind spending;
        double param;
    } types[] = {{"asOF", GS_SPENDING, SPEND_OBF, 0},  {"asP", GS_SPENDING, SPEND_POCOCK, 0},
                 {"asHSD", GS_SPENDING, SPEND_HSD, 0}, {"asKD", GS_SPENDING, SPEND_KD, 0},
                 {"P", GS_WT, SPEND_OBF, 0.5},         {"OF", GS_WT, SPEND_OBF, 0}};
    OPEN_OR_SKIP(c, "reference/adjusted.csv")
    struct err err = {0};

    (void)state;
    for (size_t row = 0; row < csv_rows(c); row++) {
        double info[16], z[16];
        size_t t = 0, n = ref_list(c, row, "z_observed", z);
        struct gs_plan p = {.sided = (int)ref_int(c, row, "sided"),
                            .alpha = ref_num(c, row, "alpha"),
                            .k = ref_list(c, row, "events", info),
                            .info = info};
        struct gs_adjusted a = {0};

        while (!cell_is(c, row, "type", types[t].name)) {
            t++;
            assert_true(t < 6);
        }
        for (size_t i = 0; i < p.k; i++) {
            info[i] /= 4;
        }
        p.kind = types[t].kind;
        p.param = types[t].param;
        p.spending.kind = types[t].spending;
        p.spending.param = ref_num(c, row, "param");
        assert_ok(gs_adjust(&p, z, n, &a, &err), err);
        assert_int_equal(a.stage, ref_int(c, row, "stop_stage"));
        assert_int_equal(a.crossed, cell_is(c, row, "crossed", "TRUE"));
        assert_near(a.p_upper, ref_num(c, row, "stagewise_p_upper"), 1e-10);
        assert_near(a.rci_lo, ref_num(c, row, "rci_lo_logHR"), 1e-8);
        if (!isnan(ref_num(c, row, "mue_logHR"))) {
            assert_near(a.estimate, ref_num(c, row, "mue_logHR"), 1e-8);
        }
        if (!isnan(ref_num(c, row, "final_ci_hi_logHR"))) {
            assert_near(a.ci_hi, ref_num(c, row, "final_ci_hi_logHR"), 1e-8);
        }
        if (!isnan(ref_num(c, row, "repeated_p_one_sided"))) {
            assert_near(a.repeated_p, ref_num(c, row, "repeated_p_one_sided"), 1e-8);
        }
    }
    csv_free(c);
}

static void maxsprt_regions_are_met(void **state)
{
    OPEN_OR_SKIP(c, "reference/maxsprt.csv")
    struct err err = {0};

    (void)state;
    for (size_t row = 0; row < csv_rows(c); row++) {
        double size = ref_num(c, row, "T_or_N"), alpha = ref_num(c, row, "alpha"), z = ref_num(c, row, "z"),
               groups[64];
        int64_t m = ref_int(c, row, "M"), looks[64];
        struct maxsprt s = {0};
        size_t k = 0;

        if (strstr(ref_text(c, row, "kind"), "wald") != NULL) {
            continue;
        }
        if (strstr(ref_text(c, row, "kind"), "group") != NULL) {
            k = ref_list(c, row, "groups", groups);
            for (size_t i = 0; i < k; i++) {
                groups[i] += i > 0 ? groups[i - 1] : 0;
                looks[i] = (int64_t)groups[i];
            }
        }
        if (*ref_text(c, row, "kind") == 'b') {
            assert_ok(
                maxsprt_binomial((int64_t)size, k > 0 ? looks : NULL, k, 1 / (1 + z), alpha, m, &s, &err),
                err);
        } else if (k > 0) {
            assert_ok(maxsprt_poisson_grouped(groups, k, alpha, m, &s, &err), err);
        } else {
            assert_ok(maxsprt_poisson(size, alpha, m, ref_num(c, row, "D"), &s, &err), err);
        }
        assert_near(s.cv, ref_num(c, row, "cv"), 1e-9);
        assert_near(s.alpha, ref_num(c, row, "actual_alpha"), 1e-10);
    }
    csv_free(c);
}

static void posterior_probabilities_are_met(void **state)
{
    OPEN_OR_SKIP(c, "reference/bayes.csv")
    struct err err = {0};

    (void)state;
    for (size_t row = 0; row < csv_rows(c); row++) {
        double x_t = ref_num(c, row, "xT"), n_t = ref_num(c, row, "nT"), x_c = ref_num(c, row, "xC"),
               n_c = ref_num(c, row, "nC"), p = NUM_NAN;

        assert_ok(bayes_beta_exceeds(ref_num(c, row, "aT") + x_t, ref_num(c, row, "bT") + n_t - x_t,
                                     ref_num(c, row, "aC") + x_c, ref_num(c, row, "bC") + n_c - x_c,
                                     ref_num(c, row, "delta"), &p, &err),
                  err);
        assert_near(p, ref_num(c, row, "prob_pT_gt_pC_plus_delta"), 1e-10);
    }
    csv_free(c);
}

static void posterior_probabilities_complement_each_other(void **state)
{
    static const double shapes[][4] = {{0.001, 0.001, 0.001, 0.001}, {0.001, 80, 0.002, 90},
                                       {3, 0.01, 5, 0.02},           {1, 1, 1, 1},
                                       {2e5, 8e5, 2.001e5, 8e5},     {0.5, 0.5, 900, 3}};
    struct err err = {0};
    double p = NUM_NAN, q = NUM_NAN;

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        const double *s = shapes[i];

        for (double delta = -0.3; delta < 0.4; delta += 0.15) {
            double d = fabs(delta) < 1e-9 ? 0 : delta;

            assert_ok(bayes_beta_exceeds(s[0], s[1], s[2], s[3], d, &p, &err), err);
            assert_ok(bayes_beta_exceeds(s[2], s[3], s[0], s[1], -d, &q, &err), err);
            assert_near(p + q, 1, 1e-10);
        }
    }
    assert_ok(bayes_beta_exceeds(1, 1, 1, 1, 0.2, &p, &err), err);
    assert_near(p, 0.32, 1e-12); /* (1 - delta)^2 / 2 */
    assert_ok(bayes_gamma_ratio_exceeds(3, 2, 3, 2, 1, &p, &err), err);
    assert_near(p, 0.5, 1e-13);
    assert_int_equal(bayes_beta_exceeds(0, 1, 1, 1, 0, &p, &err), E_NUMERIC);
    assert_int_equal(bayes_beta_exceeds(1, 1, 1, 1, NUM_NAN, &p, &err), E_NUMERIC);
}

static void e_values_are_met(void **state)
{
    OPEN_OR_SKIP(c, "reference/eprocess.csv")
    struct err err = {0};

    (void)state;
    for (size_t row = 0; row < csv_rows(c); row++) {
        const char *s = ref_text(c, row, "arm_sequence_T1_C0");
        double two = NUM_NAN, one = NUM_NAN, max_two = -NUM_INF, max_one = -NUM_INF;
        int64_t x = 0, n = 0;

        for (; *s != '\0'; s++) {
            x += *s == '1';
            n++;
            assert_ok(robbins_log_e(x, n, ref_num(c, row, "p0"), ref_num(c, row, "prior_a"),
                                    ref_num(c, row, "prior_b"), &two, &one, &err),
                      err);
            max_two = fmax(max_two, two);
            max_one = fmax(max_one, one);
        }
        assert_near(two, ref_num(c, row, "log_e_two_sided"), 1e-10);
        assert_near(one, ref_num(c, row, "log_e_one_sided_harm"), 1e-10);
        assert_near(max_two, ref_num(c, row, "max_log_e_two_sided"), 1e-10);
        assert_near(max_one, ref_num(c, row, "max_log_e_one_sided"), 1e-10);
    }
    csv_free(c);
}

static void e_values_of_two_proportions_are_met(void **state)
{
    OPEN_OR_SKIP(c, "reference/evalue2x2.csv")
    double list[REF_LIST_MAX];
    struct err err = {0};

    (void)state;
    for (size_t row = 0; row < csv_rows(c); row++) {
        int64_t ya[REF_LIST_MAX], yb[REF_LIST_MAX];
        struct evalue_plan p = {.na = ref_int(c, row, "na"),
                                .nb = ref_int(c, row, "nb"),
                                .a1 = ref_num(c, row, "betaA1"),
                                .a2 = ref_num(c, row, "betaA2"),
                                .b1 = ref_num(c, row, "betaB1"),
                                .b2 = ref_num(c, row, "betaB2"),
                                .delta = ref_num(c, row, "delta"),
                                .grid = (size_t)ref_int(c, row, "grid_size")};
        size_t n = ref_list(c, row, "ya_control", list);
        double log_e = NUM_NAN;

        for (size_t i = 0; i < n; i++) {
            ya[i] = (int64_t)list[i];
        }
        (void)ref_list(c, row, "yb_treat", list);
        for (size_t i = 0; i < n; i++) {
            yb[i] = (int64_t)list[i];
        }
        p.restriction = cell_is(c, row, "restriction", "none")         ? EVALUE_NONE
                        : cell_is(c, row, "restriction", "difference") ? EVALUE_DIFFERENCE
                                                                       : EVALUE_LOG_ODDS;
        assert_ok(evalue2x2_log(&p, ya, yb, n, &log_e, &err), err);
        assert_rel(exp(log_e), ref_num(c, row, "e_value"), 1e-10);
    }
    csv_free(c);
}

static void exact_tests_are_met(void **state)
{
    OPEN_OR_SKIP(c, "reference/exact.csv")
    struct err err = {0};
    size_t checked = 0;

    (void)state;
    for (size_t row = 0; row < csv_rows(c); row++) {
        int64_t x1 = ref_int(c, row, "x1");
        double want = ref_num(c, row, "value"), conf = ref_num(c, row, "conf_level"), lo = NUM_NAN,
               hi = NUM_NAN;
        bool low = cell_is(c, row, "output", "ci_lo"), high = cell_is(c, row, "output", "ci_hi");

        if (cell_is(c, row, "test", "fisher")) {
            struct fisher f = {0};
            double got = NUM_NAN;

            assert_ok(fisher_all(x1, ref_int(c, row, "n1"), ref_int(c, row, "x2"), ref_int(c, row, "n2"),
                                 conf, &f, &err),
                      err);
            got = cell_is(c, row, "output", "p_greater")     ? f.greater
                  : cell_is(c, row, "output", "p_less")      ? f.less
                  : cell_is(c, row, "output", "p_two_sided") ? f.two_sided
                  : cell_is(c, row, "output", "or_ci_lo")    ? f.lo
                  : cell_is(c, row, "output", "or_ci_hi")    ? f.hi
                                                             : f.odds_ratio;
            if (!isnan(want)) {
                assert_rel(got, want, 1e-10);
                checked++;
            }
        } else if (cell_is(c, row, "test", "clopper_pearson") && (low || high)) {
            assert_ok(clopper_pearson(x1, ref_int(c, row, "n1"), conf, &lo, &hi, &err), err);
            assert_rel(low ? lo : hi, want, 1e-10);
            checked++;
        } else if (cell_is(c, row, "test", "miettinen_nurminen_rd") && (low || high)) {
            assert_ok(score_rd_limits(x1, ref_int(c, row, "n1"), ref_int(c, row, "x2"), ref_int(c, row, "n2"),
                                      conf, &lo, &hi, &err),
                      err);
            assert_near(low ? lo : hi, want, 1e-9);
            checked++;
        } else if (cell_is(c, row, "test", "cond_binomial_given_total") &&
                   cell_is(c, row, "output", "p_two_sided")) {
            assert_ok(binomial_two_sided(x1, x1 + ref_int(c, row, "x2"), ref_num(c, row, "null_value"),
                                         1 - ref_num(c, row, "null_value"), &lo, &err),
                      err);
            assert_rel(lo, want, 1e-10);
            checked++;
        }
    }
    print_message("%zu values\n", checked);
    assert_true(checked > 350);
    csv_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crossing_probabilities_are_met),
        cmocka_unit_test(adjusted_inference_is_met),
        cmocka_unit_test(maxsprt_regions_are_met),
        cmocka_unit_test(posterior_probabilities_are_met),
        cmocka_unit_test(posterior_probabilities_complement_each_other),
        cmocka_unit_test(e_values_are_met),
        cmocka_unit_test(e_values_of_two_proportions_are_met),
        cmocka_unit_test(exact_tests_are_met),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
