/* What B2 says after it was looked at: every outcome enumerated, closed forms, and the law of total probability. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "stats/dist.h"
#include "stats/exact_adjust.h"
#include "stats/num.h"
#include "support/t.h"

enum { DAYS = 5 };

/* Ties, risk sets that fall, one day that cannot tell. */
static const struct exact_day days[DAYS] = {{10, 9, 2}, {8, 9, 1}, {8, 8, 3}, {6, 7, 1}, {5, 7, 2}};
static const int64_t bounds[DAYS] = {3, 3, 5, 6, 8}; /* reached on days 2 to 4 */

static double choose(int64_t n, int64_t k)
{
    double c = 1;

    for (int64_t i = 0; i < k; i++) {
        c = c * (double)(n - i) / (double)(i + 1);
    }
    return k < 0 || k > n ? 0 : c;
}

static double of_day(const struct exact_day *d, int64_t x, double ratio)
{
    double sum = 0;

    for (int64_t i = 0; i <= d->m; i++) {
        sum += choose(d->y1, i) * choose(d->y0, d->m - i) * pow(ratio, (double)i);
    }
    return choose(d->y1, x) * choose(d->y0, d->m - x) * pow(ratio, (double)x) / sum;
}

/* P(stop at day `stage` with `x`): by walking every outcome of every day.  stage DAYS - 1 is the end, crossed or not. */
static double stops(size_t stage, int64_t x, double ratio, size_t from, int64_t so_far)
{
    double p = 0;

    for (int64_t i = 0; i <= days[from].m; i++) {
        int64_t now = so_far + i;
        double q = of_day(&days[from], i, ratio);
        bool ends = now >= bounds[from] || from == DAYS - 1;

        if (q > 0 && ends) {
            p += from == stage && now == x ? q : 0;
        } else if (q > 0) {
            p += q * stops(stage, x, ratio, from + 1, now);
        }
    }
    return p;
}

/* P(an outcome that is more extreme, or this one where `same`). */
static double extreme(size_t stage, int64_t x, bool same, double ratio)
{
    double p = 0;

    for (size_t s = 0; s <= stage; s++) {
        for (int64_t k = 0; k <= 9; k++) {
            if (s < stage || k > x || (same && k == x)) {
                /* At an earlier stage only a crossing ends the trial. */
                p += stops(s, k, ratio, 0, 0);
            }
        }
    }
    return p;
}

static struct exact_adjusted adjusted(size_t stage, int64_t x, double tail)
{
    struct exact_adjusted a;
    struct err err = {0};

    assert_ok(exact_adjust(days, stage + 1, bounds, x, tail, &a, &err), err);
    return a;
}

static bool possible(size_t stage, int64_t x)
{
    return stops(stage, x, 1, 0, 0) > 0;
}

static void p_and_limits_are_those_of_every_outcome_enumerated(void **state)
{
    int seen = 0;

    (void)state;
    for (size_t stage = 0; stage < DAYS; stage++) {
        for (int64_t x = 0; x <= 9; x++) {
            struct exact_adjusted a;

            if (!possible(stage, x)) {
                continue;
            }
            seen++;
            a = adjusted(stage, x, .05);
            assert_near(a.p_upper, extreme(stage, x, true, 1), 1e-13);
            if (a.ratio.lo > 0) {
                assert_near(extreme(stage, x, true, a.ratio.lo), .05, 1e-10);
            } else {
                assert_true(extreme(stage, x, true, 1e-9) > .05);
            }
            if (isfinite(a.ratio.hi)) {
                assert_near(extreme(stage, x, false, a.ratio.hi), .95, 1e-10);
            } else {
                assert_true(extreme(stage, x, false, 1e9) < .95);
            }
            assert_true(a.ratio.lo < a.ratio.value && a.ratio.value < a.ratio.hi);
        }
    }
    assert_true(seen >= 10);
}

static void limits_cover_every_ratio_as_often_as_they_say(void **state)
{
    static const double ratio[] = {.2, .7, 1, 1.6, 3, 8};
    int loose = 0;

    (void)state;
    for (size_t r = 0; r < sizeof ratio / sizeof ratio[0]; r++) {
        double all = 0, below = 0, above = 0;

        for (size_t stage = 0; stage < DAYS; stage++) {
            for (int64_t x = 0; x <= 9; x++) {
                double p = stops(stage, x, ratio[r], 0, 0);

                if (p > 0) {
                    struct exact_adjusted a = adjusted(stage, x, .1);

                    all += p;
                    below += ratio[r] < a.ratio.lo ? p : 0;
                    above += ratio[r] > a.ratio.hi ? p : 0;
                }
            }
        }
        assert_near(all, 1, 1e-12);
        assert_true(below <= .1 && above <= .1);
        loose += below + above < .02;
    }
    /* Conservative, as an exact interval of so few events is, but not empty talk. */
    assert_true(loose < 4);
}

static void without_earlier_tests_it_is_clopper_and_pearson(void **state)
{
    struct exact_day day[7];
    int64_t c[7];
    struct exact_adjusted a;
    struct err err = {0};
    const double p0 = 75.0 / 148;
    double lo, hi, rest;

    (void)state;
    for (int i = 0; i < 7; i++) {
        day[i] = (struct exact_day){75, 73, 1};
        c[i] = i + 2;
    }
    assert_ok(exact_adjust(day, 7, c, 5, .025, &a, &err), err);
    assert_near(a.p_upper, prob_binomial(5, 7, p0, 1 - p0, TAIL_UPPER), 1e-14);
    assert_ok(quant_beta(.025, TAIL_LOWER, 5, 3, &lo, &rest, &err), err);
    assert_near(a.ratio.lo, lo / rest * 73 / 75, 1e-10);
    assert_ok(quant_beta(.025, TAIL_UPPER, 6, 2, &hi, &rest, &err), err);
    assert_near(a.ratio.hi, hi / rest * 73 / 75, 1e-9);
    /* All in one arm: no upper limit, and the one median that there is. */
    assert_ok(exact_adjust(day, 7, c, 7, .025, &a, &err), err);
    assert_true(isinf(a.ratio.hi) && isfinite(a.ratio.value));
    assert_near(a.ratio.value * 75 / 73, pow(.5, 1.0 / 7) / (1 - pow(.5, 1.0 / 7)), 1e-9);
    assert_ok(exact_adjust(day, 7, c, 0, .025, &a, &err), err);
    assert_near(a.ratio.lo, 0, 0);
}

/* Power from where the trial stands, over all the places it may stand at, is the power of the whole. */
static void conditional_power_averages_to_power(void **state)
{
    enum { NOW = 6, MAX = 20 };
    struct exact_day day[MAX];
    int64_t c[MAX];
    double cum[MAX];
    struct spending pocock = {.kind = SPEND_POCOCK};
    struct exact_rest rest = {.share = 75.0 / 148, .spending = &pocock, .alpha = .05, .n_max = MAX};
    struct err err = {0};
    static const double ratio[] = {.5, 1, 3};

    (void)state;
    for (int i = 0; i < MAX; i++) {
        day[i] = (struct exact_day){75, 73, 1};
    }
    assert_ok(exact_days_design(day, MAX, &pocock, .05, MAX, c, cum, &err), err);
    for (size_t r = 0; r < 3; r++) {
        double p = 75 * ratio[r] / (75 * ratio[r] + 73), at[NOW + 2] = {1}, sum = 0, by[MAX], cp;
        struct exact_days_operating op;

        for (int n = 1; n <= NOW; n++) {
            for (int x = n; x >= 0; x--) {
                at[x] = at[x] * (1 - p) + (x > 0 ? at[x - 1] * p : 0);
                if (x >= c[n - 1]) {
                    sum += at[x];
                    at[x] = 0;
                }
            }
        }
        for (int x = 0; x <= NOW; x++) {
            if (at[x] > 0) {
                assert_ok(exact_conditional_power(day, NOW, c, x, &rest, ratio[r], &cp, &err), err);
                sum += at[x] * cp;
            }
        }
        assert_ok(exact_days_operating(day, MAX, c, ratio[r], by, &op, &err), err);
        assert_near(sum, op.signal, 1e-12);
    }
    /* At the maximum nothing is to come. */
    assert_ok(exact_conditional_power(day, MAX, c, 10, &rest, 3, &cum[0], &err), err);
    assert_near(cum[0], 0, 0);
}

static void nonsense_is_refused_by_name(void **state)
{
    struct exact_adjusted a;
    struct spending s = {.kind = SPEND_POCOCK};
    struct exact_rest rest = {.share = 1, .spending = &s, .alpha = .05, .n_max = 20};
    struct err err = {0};
    double p;

    (void)state;
    assert_int_equal(exact_adjust(days, 0, bounds, 0, .05, &a, &err), E_NUMERIC);
    assert_int_equal(exact_adjust(days, 1, bounds, 3, .05, &a, &err), E_NUMERIC);
    assert_int_equal(exact_adjust(days, 1, bounds, 1, .5, &a, &err), E_NUMERIC);
    assert_int_equal(exact_adjust(days, 1, bounds, 1, NUM_NAN, &a, &err), E_NUMERIC);
    assert_int_equal(exact_conditional_power(days, 1, bounds, 1, &rest, 2, &p, &err), E_NUMERIC);
    rest.share = .5;
    assert_int_equal(exact_conditional_power(days, 1, bounds, 1, &rest, 0, &p, &err), E_NUMERIC);
    assert_non_null(strstr(err.msg, "ratio above 0"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(p_and_limits_are_those_of_every_outcome_enumerated),
        cmocka_unit_test(limits_cover_every_ratio_as_often_as_they_say),
        cmocka_unit_test(without_earlier_tests_it_is_clopper_and_pearson),
        cmocka_unit_test(conditional_power_averages_to_power),
        cmocka_unit_test(nonsense_is_refused_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
