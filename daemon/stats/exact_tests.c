#include "stats/exact_tests.h"

#include <math.h>
#include <stdbool.h>

#include "stats/dist.h"
#include "stats/hyper.h"
#include "stats/num.h"

#define TIE_SLACK 1e-7

enum status fisher_all(int64_t x1, int64_t n1, int64_t x0, int64_t n0, double conf, struct fisher *ret,
                       struct err *err)
{
    struct fisher f;
    struct hyper h;
    double at, alpha = (1 - conf) / 2;
    enum status st;

    if (x1 < 0 || x1 > n1 || x0 < 0 || x0 > n0) {
        return err_set(err, E_NUMERIC, "events of an arm must be 0 to its subjects");
    }
    if (!(conf > 0 && conf < 1)) {
        return err_set(err, E_NUMERIC, "confidence is %g, must be in (0, 1)", conf);
    }
    st = hyper_init(n1, n0, x1 + x0, &h, err);
    if (st != OK) {
        return st;
    }
    f.greater = hyper_tail(&h, x1, 0, TAIL_UPPER);
    f.less = hyper_tail(&h, x1, 0, TAIL_LOWER);
    hyper_two_sided(&h, x1, &f.two_sided, &f.mid_minlik);
    at = hyper_density(&h, x1, 0);
    /* P(X > x) + P(x)/2, formed without taking P(x) from the tail. */
    f.mid_greater = hyper_tail(&h, x1 + 1, 0, TAIL_UPPER) + at / 2;
    f.mid_less = hyper_tail(&h, x1 - 1, 0, TAIL_LOWER) + at / 2;
    f.mid_doubled = fmin(1, 2 * fmin(f.mid_greater, f.mid_less));
    st = hyper_odds_mle(&h, x1, &f.odds_ratio, err);
    if (st == OK) {
        st = hyper_odds_limit(&h, x1, alpha, TAIL_LOWER, &f.lo, err);
    }
    if (st == OK) {
        st = hyper_odds_limit(&h, x1, alpha, TAIL_UPPER, &f.hi, err);
    }
    if (st == OK) {
        *ret = f;
    }
    return st;
}

/* Smallest (largest) count on the far side of the mode that is no likelier than the observed: by halving. */
static int64_t far_side(int64_t lo, int64_t hi, bool upper, int64_t n, double p, double q, double limit)
{
    while (lo < hi) {
        int64_t mid = upper ? lo + (hi - lo) / 2 : hi - (hi - lo) / 2;

        if (density_binomial(mid, n, p, q) <= limit) {
            if (upper) {
                hi = mid;
            } else {
                lo = mid;
            }
        } else if (upper) {
            lo = mid + 1;
        } else {
            hi = mid - 1;
        }
    }
    return lo;
}

enum status binomial_two_sided(int64_t x, int64_t n, double p, double q, double *ret, struct err *err)
{
    double at, limit, sum;
    int64_t mode;

    if (n < 0 || x < 0 || x > n || n > INT64_C(1) << 40) {
        return err_set(err, E_NUMERIC, "events must be 0 to the number of trials");
    }
    if (!(p >= 0 && p <= 1 && fabs(p + q - 1) <= 1e-9)) {
        return err_set(err, E_NUMERIC, "probability is %g, must be in [0, 1]", p);
    }
    if (p == 0 || q == 0) {
        *ret = (p == 0 ? x == 0 : x == n) ? 1 : 0;
        return OK;
    }
    at = density_binomial(x, n, p, q);
    limit = at * (1 + TIE_SLACK);
    mode = (int64_t)floor(((double)n + 1) * p);
    mode = mode > n ? n : mode;
    if (density_binomial(mode, n, p, q) <= limit) {
        *ret = 1;
        return OK;
    }
    if (x < mode) {
        /* n + 1 stands for "none on that side". */
        sum = prob_binomial(x, n, p, q, TAIL_LOWER) +
              prob_binomial(far_side(mode, n + 1, true, n, p, q, limit), n, p, q, TAIL_UPPER);
    } else {
        sum = prob_binomial(x, n, p, q, TAIL_UPPER) +
              prob_binomial(far_side(-1, mode, false, n, p, q, limit), n, p, q, TAIL_LOWER);
    }
    *ret = fmin(1, sum);
    return OK;
}

enum status clopper_pearson(int64_t x, int64_t n, double conf, double *lo, double *hi, struct err *err)
{
    double alpha = (1 - conf) / 2, l = 0, h = 1, rest;
    enum status st = OK;

    if (n < 1 || x < 0 || x > n) {
        return err_set(err, E_NUMERIC, "events must be 0 to the number of trials, and trials 1 or more");
    }
    if (!(conf > 0 && conf < 1)) {
        return err_set(err, E_NUMERIC, "confidence is %g, must be in (0, 1)", conf);
    }
    if (x > 0) {
        st = quant_beta(alpha, TAIL_LOWER, (double)x, (double)(n - x) + 1, &l, &rest, err);
    }
    if (st == OK && x < n) {
        st = quant_beta(alpha, TAIL_UPPER, (double)x + 1, (double)(n - x), &h, &rest, err);
    }
    if (st == OK) {
        *lo = l;
        *hi = h;
    }
    return st;
}

enum status poisson_limits(int64_t x, double conf, double *lo, double *hi, struct err *err)
{
    double alpha = (1 - conf) / 2, l = 0, h;
    enum status st = OK;

    if (x < 0) {
        return err_set(err, E_NUMERIC, "events must be 0 or more");
    }
    if (!(conf > 0 && conf < 1)) {
        return err_set(err, E_NUMERIC, "confidence is %g, must be in (0, 1)", conf);
    }
    if (x > 0) {
        st = quant_gamma(alpha, TAIL_LOWER, (double)x, &l, err);
    }
    if (st == OK) {
        st = quant_gamma(alpha, TAIL_UPPER, (double)x + 1, &h, err);
    }
    if (st == OK) {
        *lo = l;
        *hi = h;
    }
    return st;
}

enum status chisq_2x2(int64_t x1, int64_t n1, int64_t x0, int64_t n0, double *plain, double *yates,
                      struct err *err)
{
    double a = (double)x1, b = (double)(n1 - x1), c = (double)x0, d = (double)(n0 - x0), n = a + b + c + d,
           cross, den;

    if (n1 < 1 || n0 < 1 || x1 < 0 || x1 > n1 || x0 < 0 || x0 > n0) {
        return err_set(err, E_NUMERIC, "events of an arm must be 0 to its subjects, and subjects 1 or more");
    }
    cross = fabs(a * d - b * c);
    den = (a + b) * (c + d) * (a + c) * (b + d);
    if (den == 0) {
        *plain = *yates = NUM_NAN;
        return OK;
    }
    *plain = n * cross / den * cross;
    cross = fmax(0, cross - n / 2);
    *yates = n * cross / den * cross;
    return OK;
}
