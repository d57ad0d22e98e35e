#include "stats/dist.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

#define MATHLIB_STANDALONE 1
#include <Rmath.h>

#include "stats/num.h"
#include "stats/root.h"

/* libRmath is correct to about 1e-14; a quantile whose inverse misses by more than this is not handed out. */
#define QUANTILE_CHECK 1e-11

const char *dist_library(void)
{
    return "libRmath " R_VERSION_STRING;
}

static int is_lower(enum tail tail)
{
    return tail == TAIL_LOWER;
}

/* Counts beyond 2^53 are not whole numbers any more as double. */
static bool is_count(int64_t n)
{
    return n >= 0 && n <= (INT64_C(1) << 53);
}

static bool is_share(double p, double q)
{
    return p >= 0 && q >= 0 && p <= 1 && q <= 1 && fabs(p + q - 1) <= 1e-9;
}

double prob_normal(double z, enum tail tail)
{
    return 0.5 * erfc((is_lower(tail) ? -z : z) * M_SQRT1_2);
}

double density_normal(double z)
{
    return M_1_SQRT_2PI * exp(-0.5 * z * z);
}

double prob_beta(double x, double y, double a, double b, enum tail tail)
{
    if (!is_share(x, y) || !(a > 0 && b > 0 && isfinite(a) && isfinite(b))) {
        return NUM_NAN;
    }
    /* The smaller of x and 1 - x carries the digits. */
    return x <= y ? pbeta(x, a, b, is_lower(tail), 0) : pbeta(y, b, a, !is_lower(tail), 0);
}

double log_prob_beta(double x, double y, double a, double b, enum tail tail)
{
    if (!is_share(x, y) || !(a > 0 && b > 0 && isfinite(a) && isfinite(b))) {
        return NUM_NAN;
    }
    return x <= y ? pbeta(x, a, b, is_lower(tail), 1) : pbeta(y, b, a, !is_lower(tail), 1);
}

double prob_gamma(double x, double shape, enum tail tail)
{
    if (!(x >= 0) || !(shape > 0 && isfinite(shape))) {
        return NUM_NAN;
    }
    return pgamma(x, shape, 1.0, is_lower(tail), 0);
}

double prob_binomial(int64_t x, int64_t n, double p, double q, enum tail tail)
{
    if (!is_count(n) || !is_share(p, q)) {
        return NUM_NAN;
    }
    if (is_lower(tail)) {
        return x < 0 ? 0 : x >= n ? 1 : prob_beta(p, q, (double)x + 1, (double)(n - x), TAIL_UPPER);
    }
    return x <= 0 ? 1 : x > n ? 0 : prob_beta(p, q, (double)x, (double)(n - x) + 1, TAIL_LOWER);
}

double prob_poisson(int64_t x, double mu, enum tail tail)
{
    if (!(mu >= 0 && isfinite(mu)) || (x > 0 && !is_count(x))) {
        return NUM_NAN;
    }
    if (is_lower(tail)) {
        return x < 0 ? 0 : prob_gamma(mu, (double)x + 1, TAIL_UPPER);
    }
    return x <= 0 ? 1 : prob_gamma(mu, (double)x, TAIL_LOWER);
}

double density_binomial(int64_t x, int64_t n, double p, double q)
{
    if (!is_count(n) || !is_share(p, q)) {
        return NUM_NAN;
    }
    if (x < 0 || x > n) {
        return 0;
    }
    return p <= q ? dbinom((double)x, (double)n, p, 0) : dbinom((double)(n - x), (double)n, q, 0);
}

double density_poisson(int64_t x, double mu)
{
    if (!(mu >= 0 && isfinite(mu))) {
        return NUM_NAN;
    }
    return x < 0 ? 0 : dpois((double)x, mu, 0);
}

double density_hypergeometric(int64_t x, int64_t y1, int64_t y0, int64_t m)
{
    if (!is_count(y1) || !is_count(y0) || !is_count(m) || m > y1 + y0) {
        return NUM_NAN;
    }
    if (x < 0 || x > y1 || x > m || m - x > y0) {
        return 0;
    }
    return dhyper((double)x, (double)y1, (double)y0, (double)m, 0);
}

double prob_chisq1(double x, enum tail tail)
{
    if (!(x >= 0)) {
        return NUM_NAN;
    }
    return is_lower(tail) ? erf(sqrt(0.5 * x)) : erfc(sqrt(0.5 * x));
}

double log_beta(double a, double b)
{
    return a > 0 && b > 0 ? lbeta(a, b) : NUM_NAN;
}

double log_choose(double n, double k)
{
    if (!(n >= 0 && k >= 0 && k <= n)) {
        return NUM_NAN;
    }
    return -log1p(n) - lbeta(n - k + 1, k + 1);
}

static enum status check_share(double p, const char *what, struct err *err)
{
    if (!(p > 0 && p < 1)) {
        return err_set(err, E_NUMERIC, "%s: probability %g is outside (0, 1)", what, p);
    }
    return OK;
}

enum status quant_normal(double p, enum tail tail, double *ret, struct err *err)
{
    enum status st = check_share(p, "normal quantile", err);
    double z, back;

    if (st != OK) {
        return st;
    }
    z = qnorm(p, 0.0, 1.0, is_lower(tail), 0);
    back = prob_normal(z, tail);
    /* One Newton step on log p repairs the last digits of the rational approximation, in the tails above all. */
    if (back > 0 && density_normal(z) > 0) {
        double step = log(back / p) * back / density_normal(z);

        z += is_lower(tail) ? -step : step;
        back = prob_normal(z, tail);
    }
    if (!(fabs(back - p) <= QUANTILE_CHECK * p)) {
        return err_set(err, E_NUMERIC, "normal quantile of %g: the inverse does not agree", p);
    }
    *ret = z;
    return OK;
}

/*
 * The probability as a function of a transformed argument, and what it should be.  The argument is log odds (beta) or
 * log (gamma), less that of the mean: near zero, so that a large shape costs no digits.
 */
struct quantile {
    double a, b, log_p;
    enum tail tail;
};

static void from_odds(double odds, double *x, double *y)
{
    *x = odds < 1 ? odds / (1 + odds) : 1 / (1 + 1 / odds);
    *y = 1 / (1 + odds);
}

static enum status beta_gap(void *ctx, double t, double *value, struct err *err)
{
    const struct quantile *q = ctx;
    double x, y;

    (void)err;
    from_odds(q->a / q->b * exp(t), &x, &y);
    *value = log_prob_beta(x, y, q->a, q->b, q->tail) - q->log_p;
    return OK;
}

enum status quant_beta(double p, enum tail tail, double a, double b, double *x, double *y, struct err *err)
{
    struct quantile q = {.a = a, .b = b, .tail = tail};
    struct root_opts opts = {.abs_tol = 1e-17};
    struct root r;
    double rx, ry;
    enum status st = check_share(p, "beta quantile", err);

    if (st != OK) {
        return st;
    }
    if (!(a > 0 && b > 0 && isfinite(a) && isfinite(b))) {
        return err_set(err, E_NUMERIC, "beta quantile: shapes %g and %g must be above 0", a, b);
    }
    q.log_p = log(p);
    st = root_search(beta_gap, &q, 0, sqrt(1 / a + 1 / b), -690 - log(a / b), 690 - log(a / b), &opts, &r,
                     err);
    if (st != OK) {
        return err_wrap(err, st, "beta quantile of %g at shapes %g, %g", p, a, b);
    }
    if (!(fabs(r.residual) <= QUANTILE_CHECK)) {
        return err_set(err, E_NUMERIC, "beta quantile of %g: the inverse does not agree", p);
    }
    from_odds(a / b * exp(r.x), &rx, &ry);
    *x = rx;
    *y = ry;
    return OK;
}

static enum status gamma_gap(void *ctx, double t, double *value, struct err *err)
{
    const struct quantile *q = ctx;

    (void)err;
    *value = pgamma(q->a * exp(t), q->a, 1.0, is_lower(q->tail), 1) - q->log_p;
    return OK;
}

enum status quant_gamma(double p, enum tail tail, double shape, double *ret, struct err *err)
{
    struct quantile q = {.a = shape, .tail = tail};
    struct root_opts opts = {.abs_tol = 1e-17};
    struct root r;
    enum status st = check_share(p, "gamma quantile", err);

    if (st != OK) {
        return st;
    }
    if (!(shape > 0 && isfinite(shape))) {
        return err_set(err, E_NUMERIC, "gamma quantile: shape %g must be above 0", shape);
    }
    q.log_p = log(p);
    st = root_search(gamma_gap, &q, 0, 1 / sqrt(shape), -690 - log(shape), 690 - log(shape), &opts, &r, err);
    if (st != OK) {
        return err_wrap(err, st, "gamma quantile of %g at shape %g", p, shape);
    }
    if (!(fabs(r.residual) <= QUANTILE_CHECK)) {
        return err_set(err, E_NUMERIC, "gamma quantile of %g: the inverse does not agree", p);
    }
    *ret = shape * exp(r.x);
    return OK;
}
