#include "stats/bayes.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "stats/dist.h"
#include "stats/num.h"
#include "stats/quad.h"

/* Log odds beyond which p or 1 - p leaves the range of a double; what lies there is added in closed form. */
#define FAR 640.0
#define TOL 1e-12
/* Shapes from which the density is formed from its peak. */
#define LARGE 20.0
/* Beyond it a share has no digits left to tell it from its neighbours. */
#define SHAPE_MAX 1e12

enum { BREAKS = 40 };

struct posterior {
    double a_t, b_t, a_c, b_c, delta;
    double log_norm; /* log B(a_c, b_c) */
    bool large;      /* the density is then taken from its peak, at log odds `centre` */
    double centre, log_peak;
};

/* log Gamma(x) less Stirling's main terms, x >= LARGE: the next term is below 1e-15. */
static double stirling_rest(double x)
{
    double r = 1 / (x * x);

    return (1.0 / 12 - r * (1.0 / 360 - r * (1.0 / 1260 - r * (1.0 / 1680 - r / 1188)))) / x;
}

/*
 * Density of the control's log odds.  Formed from a log p + b log r it would lose as many digits as the shapes have; from
 * its peak, a log(p/p0) + b log(r/r0) with the first orders cancelled by their signs, it keeps them.
 */
static double log_density(const struct posterior *q, double t, double log_p, double log_r)
{
    double n = q->a_c + q->b_c, u = t - q->centre;

    if (!q->large || fabs(u) > 1) {
        return q->a_c * log_p + q->b_c * log_r - q->log_norm;
    }
    return q->log_peak - q->a_c * log1p(q->b_c / n * expm1(-u)) - q->b_c * log1p(q->a_c / n * expm1(u));
}

/* Density of the control's log odds times the probability that the other exceeds it by delta. */
static double integrand(const void *ctx, double t)
{
    const struct posterior *q = ctx;
    double e = exp(-fabs(t)), small = e / (1 + e), p = t < 0 ? small : 1 - small,
           r = t < 0 ? 1 - small : small;
    double log_p = (t < 0 ? t : 0) - log1p(e), log_r = (t < 0 ? 0 : -t) - log1p(e), x = p + q->delta,
           y = r - q->delta;
    double above;

    if (y <= 0 || x <= 0) {
        above = y <= 0 ? 0 : 1;
    } else {
        above = prob_beta(fmin(x, 1), fmin(y, 1), q->a_t, q->b_t, TAIL_UPPER);
    }
    return exp(log_density(q, t, log_p, log_r)) * above;
}

static int ascending(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

/* Marks where a beta in log odds has its bulk and its shoulders. */
static size_t mark(double *out, double a, double b, double shift)
{
    static const double at[] = {-40, -12, -6, -3, 0, 3, 6, 12, 40};
    double mean = a / (a + b) - shift, sd = sqrt(1 / a + 1 / b), centre;
    size_t n = 0;

    if (!(mean > 0 && mean < 1)) {
        return 0;
    }
    centre = shift == 0 ? log(a / b) : log(mean) - log1p(-mean);
    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
        out[n++] = fmax(-FAR, fmin(FAR, centre + at[i] * sd));
    }
    return n;
}

/* Mass that lies beyond log odds -FAR and +FAR, where the betas are powers. */
static double ends(const struct posterior *q)
{
    double x = exp(-FAR), low = prob_beta(x, 1, q->a_c, q->b_c, TAIL_LOWER),
           high = prob_beta(1, x, q->a_c, q->b_c, TAIL_UPPER), log_t = log_beta(q->a_t, q->b_t), sum = 0;

    if (q->delta == 0) {
        sum = low - exp(-FAR * (q->a_c + q->a_t) - log(q->a_t) - log(q->a_c + q->a_t) - q->log_norm - log_t);
        sum += exp(-FAR * (q->b_c + q->b_t) - log(q->b_t) - log(q->b_c + q->b_t) - q->log_norm - log_t);
        return sum;
    }
    /* The control's rate is 0 (or 1) for all that delta can tell. */
    sum += low * (q->delta < 0 ? 1 : prob_beta(q->delta, 1 - q->delta, q->a_t, q->b_t, TAIL_UPPER));
    sum += high * (q->delta > 0 ? 0 : prob_beta(1 + q->delta, -q->delta, q->a_t, q->b_t, TAIL_UPPER));
    return sum;
}

enum status bayes_beta_exceeds(double a_t, double b_t, double a_c, double b_c, double delta, double *ret,
                               struct err *err)
{
    struct posterior q = {.a_t = a_t, .b_t = b_t, .a_c = a_c, .b_c = b_c, .delta = delta};
    double breaks[BREAKS], sum, kink;
    size_t n = 0;
    enum status st;

    if (!(a_t > 0 && b_t > 0 && a_c > 0 && b_c > 0 && a_t <= SHAPE_MAX && b_t <= SHAPE_MAX &&
          a_c <= SHAPE_MAX && b_c <= SHAPE_MAX)) {
        return err_set(err, E_NUMERIC, "shapes of a beta distribution must be above 0 and at most %g",
                       SHAPE_MAX);
    }
    if (!(delta > -1 && delta < 1)) {
        return err_set(err, E_NUMERIC, "delta is %g, must be in (-1, 1)", delta);
    }
    q.log_norm = log_beta(a_c, b_c);
    q.large = a_c >= LARGE && b_c >= LARGE;
    if (q.large) {
        q.centre = log(a_c / b_c);
        q.log_peak = (log(a_c) + log(b_c) - log(a_c + b_c) - log(2 * M_PI)) / 2 + stirling_rest(a_c + b_c) -
                     stirling_rest(a_c) - stirling_rest(b_c);
    }
    breaks[n++] = -FAR;
    breaks[n++] = FAR;
    n += mark(breaks + n, a_c, b_c, 0);
    n += mark(breaks + n, a_t, b_t, delta);
    if (delta != 0) {
        /* Beyond this log odds the answer is 0 (delta > 0), or before it 1. */
        kink = delta > 0 ? log1p(-delta) - log(delta) : log(-delta) - log1p(delta);
        breaks[n++] = fmax(-FAR, fmin(FAR, kink));
    }
    qsort(breaks, n, sizeof breaks[0], ascending);
    st = quad_adaptive(integrand, &q, breaks, n, TOL, &sum, err);
    if (st != OK) {
        return err_wrap(err, st, "posterior probability");
    }
    sum += ends(&q);
    if (!(sum >= -1e-10 && sum <= 1 + 1e-10)) {
        return err_set(err, E_NUMERIC, "posterior probability: the integral left [0, 1]");
    }
    *ret = fmax(0, fmin(1, sum));
    return OK;
}

enum status bayes_gamma_ratio_exceeds(double a_t, double b_t, double a_c, double b_c, double rho, double *ret,
                                      struct err *err)
{
    double x, y, p;

    if (!(a_t > 0 && b_t > 0 && a_c > 0 && b_c > 0 && rho > 0 && isfinite(a_t + b_t + a_c + b_c + rho))) {
        return err_set(err, E_NUMERIC,
                       "shapes and rates of a gamma distribution, and the ratio, must be above 0");
    }
    /* b_t T and b_c C are standard gammas: b_t T / (b_t T + b_c C) ~ Beta(a_t, a_c), against the same at ratio rho. */
    x = b_t * rho / (b_t * rho + b_c);
    y = b_c / (b_t * rho + b_c);
    p = prob_beta(x, y, a_t, a_c, TAIL_UPPER);
    if (isnan(p)) {
        return err_set(err, E_NUMERIC, "posterior probability is not a number");
    }
    *ret = p;
    return OK;
}
