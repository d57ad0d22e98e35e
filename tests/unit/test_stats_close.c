/*
 * Many looks in pairs that all but coincide, and MaxSPRT up to thousands of expected events: against tests/reference/dense.py,
 * another program in another language, which prints the values below (numpy 1.24, scipy 1.10; 13 digits).
 */
#include "support/t.h"

#include "stats/gs_cross.h"
#include "stats/gs_design.h"
#include "stats/maxsprt.h"

enum { LOOKS = 7, PAIRS = 20 };

/* Two looks of a pair are 2e-5 apart, the pairs 1/4: panels of one step are a hundred times narrower than the other asks. */
static const double info[LOOKS] = {0.25, 0.25002, 0.5, 0.50002, 0.75, 0.75002, 1};

static void bounds_of_pairs_agree_with_a_dense_rule(void **state)
{
    static const struct {
        struct spending spending;
        int sided;
        double alpha, z[LOOKS];
    } cases[] = {
        {{.kind = SPEND_POCOCK},
         1,
         0.025,
         {2.3683277035239, 2.38965115923177, 2.36754893999138, 2.38209075413351, 2.35819276863222,
          2.36987421037937, 2.35005903003468}},
        {{.kind = SPEND_OBF},
         2,
         0.001,
         {6.86321539603551, 6.8761569874563, 4.78514715180837, 4.79617728674828, 3.85410067502482,
          3.86390971693391, 3.30168554217778}},
        {{.kind = SPEND_HSD, .param = -20},
         1,
         1e-6,
         {7.19874734046097, 7.21747774942441, 6.48251047029085, 6.49477054214867, 5.68070154980083,
          5.6900836516492, 4.75380341971925}},
    };
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct gs_plan p = {.kind = GS_SPENDING,
                                  .spending = cases[i].spending,
                                  .sided = cases[i].sided,
                                  .alpha = cases[i].alpha,
                                  .k = LOOKS,
                                  .info = info};
        double z[LOOKS];

        assert_ok(gs_design(&p, z, NULL, &err), err);
        for (size_t k = 0; k < LOOKS; k++) {
            assert_near(z[k], cases[i].z[k], 1e-9);
        }
    }
}

static void crossing_of_pairs_agrees_with_a_dense_rule(void **state)
{
    static const double lower[LOOKS] = {-3, -2.9, -1, -0.9, 0, 0.1, 1.5},
                        upper[LOOKS] = {3, 3.1, 2.5, 2.6, 2.2, 2.1, 1.5},
                        want_up[LOOKS] = {0.0668072012688581,   2.58599912702905e-33, 0.291907770317228,
                                          1.99435770373658e-60, 0.30933521785553,     0.0322262606700292,
                                          0.234332988055373},
                        want_down[LOOKS] = {3.39767312473005e-06, 2.01337446214615e-06, 0.000897100167262945,
                                            0.00035769848882458,  0.00398235565126411,  0.0014751953321363,
                                            0.0586728011459061};
    double up[LOOKS], down[LOOKS], mean;
    struct err err = {0};

    (void)state;
    assert_ok(gs_cross(LOOKS, info, lower, upper, 3, up, down, &mean, &err), err);
    for (size_t k = 0; k < LOOKS; k++) {
        assert_near(up[k], want_up[k], 1e-10);
        assert_near(down[k], want_down[k], 1e-10);
    }
    assert_near(mean, 0.716555180122126, 1e-10);
}

/* The level is spent, also as seen from another region, and so on other panels. */
static void pairs_a_millionth_apart_spend_their_level(void **state)
{
    double t[2 * PAIRS + 1], z[2 * PAIRS + 1], cum[2 * PAIRS + 1], low[2 * PAIRS + 1], up[2 * PAIRS + 1],
        down[2 * PAIRS + 1], mean, sum = 0;
    struct gs_plan p = {.kind = GS_SPENDING,
                        .spending = {.kind = SPEND_POCOCK},
                        .sided = 1,
                        .alpha = 0.025,
                        .k = 2 * PAIRS + 1,
                        .info = t};
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < PAIRS; i++) {
        t[2 * i] = (double)(i + 1) / (PAIRS + 1);
        t[2 * i + 1] = t[2 * i] + 2e-6;
    }
    t[2 * PAIRS] = 1;
    assert_ok(gs_design(&p, z, cum, &err), err);
    for (size_t i = 0; i < p.k; i++) {
        low[i] = -6;
    }
    assert_ok(gs_cross(p.k, t, low, z, 0, up, down, &mean, &err), err);
    for (size_t i = 0; i < p.k; i++) {
        sum += up[i];
        /* 1e-9 a look ends at -6, and hardly any of that would have crossed later. */
        assert_near(sum, cum[i], 1e-10);
    }
}

static void maxsprt_of_thousands_agrees_with_another_chain(void **state)
{
    struct maxsprt m;
    struct err err = {0};

    (void)state;
    assert_ok(maxsprt_poisson(1000, 0.05, 1, 0, &m, &err), err);
    assert_near(m.cv, 4.32491732176989, 1e-9);
    assert_near(m.alpha, 0.05, 1e-10);
    assert_ok(maxsprt_poisson(3000, 0.01, 3, 10, &m, &err), err);
    assert_near(m.cv, 5.78736457160083, 1e-9);
    assert_near(m.alpha, 0.01, 1e-10);
}

/* mpmath: p = erfc(erfinv(1 - .001) / sqrt(t)), and the z of p by Newton. */
static void a_first_bound_is_known_to_the_end_of_the_range(void **state)
{
    static const double z1[][2] = {{0.008, 36.7703752972725}, {0.0077, 37.480556487978039}};
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const double t[2] = {z1[i][0], 1};
        const struct gs_plan p = {.kind = GS_SPENDING,
                                  .spending = {.kind = SPEND_OBF},
                                  .sided = 1,
                                  .alpha = 0.001,
                                  .k = 2,
                                  .info = t};
        double z[2];

        assert_ok(gs_design(&p, z, NULL, &err), err);
        assert_near(z[0], z1[i][1], 1e-9);
        assert_near(z[1], 3.090232306167813, 1e-9);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds_of_pairs_agree_with_a_dense_rule),
        cmocka_unit_test(crossing_of_pairs_agrees_with_a_dense_rule),
        cmocka_unit_test(pairs_a_millionth_apart_spend_their_level),
        cmocka_unit_test(a_first_bound_is_known_to_the_end_of_the_range),
        cmocka_unit_test(maxsprt_of_thousands_agrees_with_another_chain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
