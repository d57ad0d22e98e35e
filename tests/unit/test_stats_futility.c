/* Futility and harm bounds: what they spend, by the crossing probabilities of the finished design. */
#include <math.h>
#include <stdlib.h>

#include "stats/gs_cross.h"
#include "stats/gs_design.h"
#include "stats/gs_futility.h"
#include "stats/num.h"
#include "support/t.h"

static void futility_designs_keep_alpha_and_beta(void **state)
{
    double t[3] = {0.3, 0.7, 1}, info[3], up[3], low[3], harm[3], delta, p_up[3], p_low[3], e, none[3],
           beta = 0, alpha = 0;
    struct gs_futility_plan p = {.alpha = 0.025,
                                 .beta = 0.1,
                                 .efficacy = {.kind = SPEND_OBF},
                                 .futility = {.kind = SPEND_HSD, .param = -2},
                                 .harm = {.kind = SPEND_HSD, .param = 1},
                                 .astar = 0.05,
                                 .k = 3,
                                 .t = t};
    struct err err = {0};

    (void)state;
    for (int binding = 0; binding < 2; binding++) {
        p.binding = binding == 1;
        alpha = beta = 0;
        assert_ok(gs_futility(&p, info, up, low, harm, &delta, &err), err);
        for (size_t i = 0; i < 3; i++) {
            none[i] = -NUM_INF;
            assert_true(harm[i] <= low[i]);
        }
        assert_ok(gs_cross(3, info, low, up, delta, p_up, p_low, &e, &err), err);
        for (size_t i = 0; i < 3; i++) {
            beta += p_low[i];
        }
        assert_near(beta, 0.1, 1e-9);
        assert_ok(gs_cross(3, info, binding ? low : none, up, 0, p_up, p_low, &e, &err), err);
        for (size_t i = 0; i < 3; i++) {
            alpha += p_up[i];
        }
        assert_near(alpha, 0.025, 1e-9);
    }
}

/* The efficacy bounds that do not count on futility are those of the design without it, also where the first lie at z = 45. */
static void many_futility_looks_keep_the_efficacy_bounds_of_the_design_without(void **state)
{
    enum { K = 200 };
    double *t = calloc(7 * K, sizeof *t), *info = t + K, *up = t + 2 * K, *low = t + 3 * K, *z = t + 4 * K,
           *p_up = t + 5 * K, *p_low = t + 6 * K, delta, e, beta;
    struct gs_futility_plan p = {.alpha = 0.025,
                                 .beta = 0.1,
                                 .efficacy = {.kind = SPEND_OBF},
                                 .futility = {.kind = SPEND_HSD, .param = -4},
                                 .t = t};
    struct gs_plan plain = {
        .kind = GS_SPENDING, .spending = {.kind = SPEND_OBF}, .sided = 1, .alpha = 0.025, .info = t};
    struct err err = {0};

    (void)state;
    assert_non_null(t);
    for (size_t k = 50; k <= K; k *= 2) {
        for (size_t i = 0; i < k; i++) {
            t[i] = (double)(i + 1) / (double)k;
        }
        p.k = plain.k = k;
        assert_ok(gs_futility(&p, info, up, low, NULL, &delta, &err), err);
        assert_ok(gs_design(&plain, z, NULL, &err), err);
        for (size_t i = 0; i < k; i++) {
            assert_true(up[i] == z[i] || fabs(up[i] - z[i]) <= 1e-12 * fmax(1, z[i]));
        }
        assert_ok(gs_cross(k, info, low, up, delta, p_up, p_low, &e, &err), err);
        beta = 0;
        for (size_t i = 0; i < k; i++) {
            beta += p_low[i];
        }
        assert_near(beta, 0.1, 1e-10);
    }
    free(t);
}

/* Futility that binds takes away most of what a close last look could spend: the design exists all the same. */
static void binding_futility_is_found_at_close_looks(void **state)
{
    static const double second[] = {0.9, 0.95, 0.97, 0.985, 0.99, 0.999, 0.9999};
    static const double gamma[] = {-4, -2, 1};
    double t[3] = {0.5, 0, 1}, info[3], up[3], low[3], delta, p_up[3], p_low[3], e;
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < sizeof second / sizeof second[0] * 6; i++) {
        struct gs_futility_plan p = {.alpha = 0.025,
                                     .beta = 0.1,
                                     .efficacy = {.kind = i % 2 == 0 ? SPEND_OBF : SPEND_POCOCK},
                                     .futility = {.kind = SPEND_HSD, .param = gamma[i / 2 % 3]},
                                     .binding = true,
                                     .k = 3,
                                     .t = t};

        t[1] = second[i / 6];
        assert_ok(gs_futility(&p, info, up, low, NULL, &delta, &err), err);
        assert_ok(gs_cross(3, info, low, up, 0, p_up, p_low, &e, &err), err);
        assert_near(p_up[0] + p_up[1] + p_up[2], 0.025, 1e-11);
        assert_ok(gs_cross(3, info, low, up, delta, p_up, p_low, &e, &err), err);
        assert_near(p_low[0] + p_low[1] + p_low[2], 0.1, 1e-10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(futility_designs_keep_alpha_and_beta),
        cmocka_unit_test(many_futility_looks_keep_the_efficacy_bounds_of_the_design_without),
        cmocka_unit_test(binding_futility_is_found_at_close_looks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
