#include "stats/hyper.h"

#include <math.h>
#include <stdbool.h>

#include "stats/num.h"
#include "stats/root.h"

#define TIE_SLACK 1e-7
/* Terms below this share of the mode's cannot change a sum any more. */
#define NEGLIGIBLE 1e-22
#define COUNT_MAX  (INT64_C(1) << 40)
/* The logarithm of what is 0 in any double: farther out nothing needs to be known. */
#define LOG_ZERO (-800.0)

enum status hyper_init(int64_t y1, int64_t y0, int64_t m, struct hyper *ret, struct err *err)
{
    if (y1 < 0 || y0 < 0 || y1 > COUNT_MAX || y0 > COUNT_MAX) {
        return err_set(err, E_NUMERIC, "subjects must be 0 to 2^40 in each arm");
    }
    if (m < 0 || m > y1 + y0) {
        return err_set(err, E_NUMERIC, "events must be 0 to the number of subjects");
    }
    *ret = (struct hyper){.y1 = y1, .y0 = y0, .m = m, .lo = m > y0 ? m - y0 : 0, .hi = m < y1 ? m : y1};
    return OK;
}

/* P(x + 1) / P(x). */
static double up(const struct hyper *h, int64_t x, double omega)
{
    return omega * ((double)(h->y1 - x) / (double)(x + 1)) *
           ((double)(h->m - x) / (double)(h->y0 - h->m + x + 1));
}

static int64_t mode_of(const struct hyper *h, double omega)
{
    int64_t lo = h->lo, hi = h->hi;

    /* The first x with P(x + 1) <= P(x): the ratio falls in x. */
    while (lo < hi) {
        int64_t mid = lo + (hi - lo) / 2;

        if (up(h, mid, omega) <= 1) {
            hi = mid;
        } else {
            lo = mid + 1;
        }
    }
    return lo;
}

/* Sums relative to P(mode) = 1. */
struct sums {
    double all, moment; /* of 1 and of x - mode */
    int64_t mode;
};

static void sums_of(const struct hyper *h, double omega, struct sums *s)
{
    double p = 1;

    s->mode = mode_of(h, omega);
    s->all = 1;
    s->moment = 0;
    for (int64_t x = s->mode; x < h->hi && p > NEGLIGIBLE; x++) {
        p *= up(h, x, omega);
        s->all += p;
        s->moment += p * (double)(x + 1 - s->mode);
    }
    p = 1;
    for (int64_t x = s->mode; x > h->lo && p > NEGLIGIBLE; x--) {
        p /= up(h, x - 1, omega);
        s->all += p;
        s->moment -= p * (double)(s->mode - x + 1);
    }
}

/*
 * log of P(x) / P(mode): may be far below the smallest double, so as a mantissa and a logarithm kept apart.  Ends where
 * it is LOG_ZERO or less.
 */
static double log_relative(const struct hyper *h, int64_t x, int64_t mode, double omega)
{
    double p = 1, log_p = 0;

    for (int64_t k = mode; k < x; k++) {
        p *= up(h, k, omega);
        if (p < 1e-200) {
            log_p += log(p);
            p = 1;
            if (log_p < LOG_ZERO) {
                return log_p;
            }
        }
    }
    for (int64_t k = mode; k > x; k--) {
        p /= up(h, k - 1, omega);
        if (p < 1e-200) {
            log_p += log(p);
            p = 1;
            if (log_p < LOG_ZERO) {
                return log_p;
            }
        }
    }
    return log_p + log(p);
}

double hyper_density(const struct hyper *h, int64_t x, double log_omega)
{
    struct sums s;
    double omega = exp(log_omega);

    if (isnan(log_omega)) {
        return log_omega;
    }
    if (x < h->lo || x > h->hi) {
        return 0;
    }
    sums_of(h, omega, &s);
    return exp(log_relative(h, x, s.mode, omega)) / s.all;
}

double hyper_tail(const struct hyper *h, int64_t x, double log_omega, enum tail tail)
{
    struct sums s;
    double omega = exp(log_omega), p = 1, sum = 1, rest;
    bool upper = tail == TAIL_UPPER;

    if (isnan(log_omega)) {
        return log_omega;
    }
    if (upper ? x <= h->lo : x >= h->hi) {
        return 1;
    }
    if (upper ? x > h->hi : x < h->lo) {
        return 0;
    }
    sums_of(h, omega, &s);
    /* The side away from the mode falls from its first term on; the other is all minus that side, and is not small. */
    if (upper ? x > s.mode : x < s.mode) {
        for (int64_t k = x; (upper ? k < h->hi : k > h->lo) && p > NEGLIGIBLE; k += upper ? 1 : -1) {
            p *= upper ? up(h, k, omega) : 1 / up(h, k - 1, omega);
            sum += p;
        }
        return exp(log_relative(h, x, s.mode, omega) + log(sum)) / s.all;
    }
    rest = hyper_tail(h, upper ? x - 1 : x + 1, log_omega, upper ? TAIL_LOWER : TAIL_UPPER);
    return 1 - rest; /* rest excludes the mode */
}

double hyper_mean(const struct hyper *h, double log_omega)
{
    struct sums s;

    sums_of(h, exp(log_omega), &s);
    return (double)s.mode + s.moment / s.all;
}

void hyper_two_sided(const struct hyper *h, int64_t x, double *minlik, double *minlik_mid)
{
    struct sums s;
    double at, below = 0, ties = 0;

    sums_of(h, 1, &s);
    at = log_relative(h, x, s.mode, 1);
    if (at < LOG_ZERO) {
        *minlik = *minlik_mid = 0;
        return;
    }
    /* Everything relative to P(x): the far tail keeps its digits however small it is. */
    for (int side = 0; side < 2; side++) {
        double base = -at, scale = exp(base); /* P(mode) / P(x), and its logarithm */

        double p = 1;
        for (int64_t k = s.mode;;) {
            double r = p * scale;

            if ((side == 0 || k != s.mode) && r <= 1 + TIE_SLACK) {
                if (r < 1 - TIE_SLACK) {
                    below += r;
                } else {
                    ties += r;
                }
                if (r < NEGLIGIBLE) {
                    break;
                }
            }
            if (side == 0 ? k == h->hi : k == h->lo) {
                break;
            }
            p *= side == 0 ? up(h, k, 1) : 1 / up(h, k - 1, 1);
            k += side == 0 ? 1 : -1;
            if (p < 1e-200) {
                base += log(p);
                scale = exp(base);
                p = 1;
            }
        }
    }
    *minlik = fmin(1, (below + ties) * exp(at) / s.all);
    *minlik_mid = (below + ties / 2) * exp(at) / s.all;
}

struct inverse {
    const struct hyper *h;
    int64_t x;
    double want;
    enum tail tail;
};

static enum status mean_gap(void *ctx, double log_omega, double *value, struct err *err)
{
    const struct inverse *i = ctx;

    (void)err;
    *value = hyper_mean(i->h, log_omega) - (double)i->x;
    return OK;
}

static enum status tail_gap(void *ctx, double log_omega, double *value, struct err *err)
{
    const struct inverse *i = ctx;

    (void)err;
    *value = log(hyper_tail(i->h, i->x, log_omega, i->tail)) - i->want;
    return OK;
}

/* Where the search starts: the sample odds ratio with a half in every cell. */
static double log_odds_start(const struct hyper *h, int64_t x, double *se)
{
    double a = (double)x + 0.5, b = (double)(h->y1 - x) + 0.5, c = (double)(h->m - x) + 0.5,
           d = (double)(h->y0 - h->m + x) + 0.5;

    *se = sqrt(1 / a + 1 / b + 1 / c + 1 / d);
    return log(a) - log(b) - log(c) + log(d);
}

enum status hyper_odds_mle(const struct hyper *h, int64_t x, double *ret, struct err *err)
{
    struct inverse i = {.h = h, .x = x};
    struct root_opts opts = {.abs_tol = 1e-14};
    struct root r;
    double start, se;
    enum status st;

    if (x < h->lo || x > h->hi) {
        return err_set(err, E_NUMERIC, "events of arm 1 do not fit the margins");
    }
    if (h->lo == h->hi || x == h->lo || x == h->hi) {
        *ret = h->lo == h->hi ? NUM_NAN : x == h->lo ? 0 : NUM_INF;
        return OK;
    }
    start = log_odds_start(h, x, &se);
    st = root_search(mean_gap, &i, start, 0.2 * se, -690, 690, &opts, &r, err);
    if (st != OK) {
        return err_wrap(err, st, "odds ratio");
    }
    *ret = exp(r.x);
    return OK;
}

enum status hyper_odds_limit(const struct hyper *h, int64_t x, double alpha, enum tail limit, double *ret,
                             struct err *err)
{
    struct inverse i = {
        .h = h, .x = x, .want = log(alpha), .tail = limit == TAIL_LOWER ? TAIL_UPPER : TAIL_LOWER};
    struct root_opts opts = {.abs_tol = 1e-14};
    struct root r;
    double start, se;
    enum status st;

    if (!(alpha > 0 && alpha < 1)) {
        return err_set(err, E_NUMERIC, "tail probability of a limit is %g, must be in (0, 1)", alpha);
    }
    if (x < h->lo || x > h->hi) {
        return err_set(err, E_NUMERIC, "events of arm 1 do not fit the margins");
    }
    if (limit == TAIL_LOWER ? x == h->lo : x == h->hi) {
        *ret = limit == TAIL_LOWER ? 0 : NUM_INF;
        return OK;
    }
    start = log_odds_start(h, x, &se) + (limit == TAIL_LOWER ? -2 : 2) * se;
    st = root_search(tail_gap, &i, start, 0.3 * se, -690, 690, &opts, &r, err);
    if (st != OK) {
        return err_wrap(err, st, "limit of the odds ratio");
    }
    *ret = exp(r.x);
    return OK;
}
