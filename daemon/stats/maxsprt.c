#include "stats/maxsprt.h"

#include <math.h>
#include <stdlib.h>

#include "stats/maxsprt_solve.h"
#include "stats/num.h"

#define CV_WIDTH 2e-13

double maxsprt_llr_binomial(int64_t c, int64_t n, double p0)
{
    double x = (double)c, y = (double)(n - c), nn = (double)n;

    if (!(x > nn * p0)) {
        return 0;
    }
    return x * log(x / (nn * p0)) + (y > 0 ? y * log(y / (nn * (1 - p0))) : 0);
}

double maxsprt_llr_poisson(int64_t c, double mu)
{
    double x = (double)c;

    return x > mu ? x * log(x / mu) - (x - mu) : 0;
}

enum status maxsprt_check(double alpha, int64_t m, struct err *err)
{
    if (!(alpha > 0 && alpha < 1)) {
        return err_set(err, E_NUMERIC, "alpha is %g, must be in (0, 1)", alpha);
    }
    if (m < 1 || m > MAXSPRT_EVENTS_MAX) {
        return err_set(err, E_NUMERIC, "minimum of events must be 1 to %d", MAXSPRT_EVENTS_MAX);
    }
    return OK;
}

enum status maxsprt_check_design(double cv, int64_t m, struct err *err)
{
    if (!(cv > 0 && cv <= 1e4)) {
        return err_set(err, E_NUMERIC, "critical value is %g, must be in (0, 10000]", cv);
    }
    return maxsprt_check(0.5, m, err);
}

/* Around the critical value: `lo` spends more than alpha, `hi` does not. */
struct bracket {
    double lo, hi, at_lo, at_hi;
};

/*
 * Type I error falls in the critical value, where any value can be taken mostly without jumps and almost as an exponential:
 * inverse quadratic interpolation of its logarithm, or halving where that is not safe (Chandrupatla 1997).
 */
static enum status narrow(const struct maxsprt_kind *k, double alpha, struct bracket *r, struct err *err)
{
    /* (a, fa) the newest point, (b, fb) the other end, (c, fc) the one before. */
    double a = r->hi, fa = log(r->at_hi / alpha), b = r->lo, fb = log(r->at_lo / alpha), c, fc, t = 0.5;

    while (r->hi - r->lo > CV_WIDTH * fmax(1, r->hi)) {
        double x = a + t * (b - a), at, limit;
        enum status st;

        if (x <= r->lo || x >= r->hi) {
            x = (r->lo + r->hi) / 2;
        }
        if (x <= r->lo || x >= r->hi) {
            break;
        }
        st = k->type_1(k->ctx, x, &at, err);
        if (st != OK) {
            return st;
        }
        if ((at > alpha) == (a == r->lo)) {
            c = a;
            fc = fa;
        } else {
            c = b;
            fc = fb;
            b = a;
            fb = fa;
        }
        a = x;
        fa = log(at / alpha);
        if (at > alpha) {
            r->lo = x;
            r->at_lo = at;
        } else {
            r->hi = x;
            r->at_hi = at;
        }
        t = 0.5;
        if (isfinite(fa) && isfinite(fb) && isfinite(fc) && fc != fb && fc != fa && fb != fa && c != b) {
            double xi = (a - b) / (c - b), phi = (fa - fb) / (fc - fb);

            if (phi * phi < xi && (1 - phi) * (1 - phi) < 1 - xi) {
                t = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb);
            }
        }
        /* A step short of the root by less than this ends beyond it, and closes the bracket from its other side. */
        limit = fmin(0.5, CV_WIDTH * fmax(1, r->hi) / 2 / (r->hi - r->lo));
        t = fmin(1 - limit, fmax(limit, t));
    }
    return OK;
}

static enum status halve(const struct maxsprt_kind *k, double alpha, struct bracket *r, struct err *err)
{
    while (r->hi - r->lo > CV_WIDTH * fmax(1, r->hi)) {
        double mid = (r->lo + r->hi) / 2, at;
        enum status st;

        if (mid <= r->lo || mid >= r->hi) {
            break;
        }
        st = k->type_1(k->ctx, mid, &at, err);
        if (st != OK) {
            return st;
        }
        if (at > alpha) {
            r->lo = mid;
        } else {
            r->hi = mid;
            r->at_hi = at;
        }
    }
    return OK;
}

enum status maxsprt_solve(const struct maxsprt_kind *k, double alpha, struct maxsprt *ret, struct err *err)
{
    struct bracket r = {.lo = 0, .hi = 1, .at_lo = NUM_INF};
    enum status st = k->type_1(k->ctx, r.hi, &r.at_hi, err);

    while (st == OK && r.at_hi > alpha) {
        r.lo = r.hi;
        r.at_lo = r.at_hi;
        r.hi *= 2;
        if (r.hi > 1e4) {
            return err_set(err, E_NUMERIC, "no critical value spends at most alpha %g", alpha);
        }
        st = k->type_1(k->ctx, r.hi, &r.at_hi, err);
    }
    if (st == OK) {
        st = k->next_value == NULL ? narrow(k, alpha, &r, err) : halve(k, alpha, &r, err);
    }
    if (st == OK && k->next_value != NULL) {
        r.hi = k->next_value(k->ctx, r.hi);
        if (!isfinite(r.hi)) {
            return err_set(
                err, E_NUMERIC,
                "no critical value spends at most alpha %g: even the rarest result is likelier, or the "
                "minimum M is beyond the maximum",
                alpha);
        }
        st = k->type_1(k->ctx, r.hi, &r.at_hi, err);
    }
    if (st == OK) {
        ret->cv = r.hi;
        ret->alpha = r.at_hi;
    }
    return st;
}

struct binomial {
    const int64_t *n;
    size_t k;
    double p0;
    int64_t m;
    double *v;       /* n_max + 1 */
    double *x_log_x; /* of 0..n_max: an evaluation costs few logarithms */
};

static double llr_table(const struct binomial *b, int64_t c, int64_t n)
{
    double x = (double)c, y = (double)(n - c);

    if (!(x > (double)n * b->p0)) {
        return 0;
    }
    return b->x_log_x[c] + b->x_log_x[n - c] - b->x_log_x[n] - x * log(b->p0) - y * log1p(-b->p0);
}

/* Smallest count at n whose statistic reaches cv; n + 1: none. Counts grow by at most n - from since the last look. */
static int64_t bound_at(const struct binomial *b, int64_t n, int64_t from, double cv)
{
    int64_t c = from;

    while (c <= n && !(llr_table(b, c, n) >= cv * (1 - MAXSPRT_SAME))) {
        c++;
    }
    return c < b->m ? b->m : c;
}

static enum status binomial_type_1(void *ctx, double cv, double *alpha, struct err *err)
{
    struct binomial *b = ctx;
    double spent = 0, p = b->p0, q = 1 - b->p0;
    int64_t top = 0, c = 0, low = 0;

    (void)err;
    b->v[0] = 1;
    for (size_t i = 0; i < b->k; i++) {
        for (int64_t n = i > 0 ? b->n[i - 1] : 0; n < b->n[i]; n++) {
            b->v[++top] = 0;
            for (int64_t x = top; x > low; x--) {
                b->v[x] = b->v[x] * q + b->v[x - 1] * p;
            }
            b->v[low] *= q;
            /* What can hardly be reached any more weighs nothing. */
            if (b->v[low] < 1e-40) {
                b->v[low++] = 0;
            }
        }
        /* The bound never falls with n: the same count among more events is weaker evidence. */
        c = bound_at(b, b->n[i], c, cv);
        for (; top >= c; top--) {
            spent += b->v[top];
        }
    }
    *alpha = spent;
    return OK;
}

static double binomial_next(void *ctx, double cv)
{
    const struct binomial *b = ctx;
    double best = NUM_INF;

    for (size_t i = 0; i < b->k; i++) {
        int64_t n = b->n[i], c = (int64_t)floor((double)n * b->p0);

        for (c = c < b->m ? b->m : c; c <= n; c++) {
            double v = maxsprt_llr_binomial(c, n, b->p0);

            if (v > cv * (1 + MAXSPRT_SAME)) {
                best = fmin(best, v);
                break;
            }
        }
    }
    return best;
}

enum status maxsprt_binomial(int64_t n_max, const int64_t *n, size_t k, double p0, double alpha, int64_t m,
                             struct maxsprt *ret, struct err *err)
{
    struct binomial b = {.p0 = p0, .m = m};
    const struct maxsprt_kind kind = {binomial_type_1, binomial_next, &b};
    int64_t *looks = NULL;
    enum status st = maxsprt_check(alpha, m, err);

    if (st != OK) {
        return st;
    }
    if (!(p0 > 0 && p0 < 1)) {
        return err_set(err, E_NUMERIC, "null probability is %g, must be in (0, 1)", p0);
    }
    if (n_max < 1 || n_max > MAXSPRT_EVENTS_MAX || (n != NULL && k < 1)) {
        return err_set(err, E_NUMERIC, "maximum of events must be 1 to %d, with a look", MAXSPRT_EVENTS_MAX);
    }
    b.k = n == NULL ? (size_t)n_max : k;
    looks = calloc(b.k, sizeof *looks);
    b.v = calloc((size_t)n_max + 2, sizeof *b.v);
    b.x_log_x = calloc((size_t)n_max + 1, sizeof *b.x_log_x);
    if (looks == NULL || b.v == NULL || b.x_log_x == NULL) {
        st = err_set(err, E_NOMEM, "MaxSPRT");
        goto out;
    }
    for (size_t i = 0; i < b.k; i++) {
        looks[i] = n == NULL ? (int64_t)i + 1 : n[i];
        if (looks[i] <= (i > 0 ? looks[i - 1] : 0) || looks[i] > n_max) {
            st = err_set(err, E_NUMERIC, "look %zu: events must rise and stay within the maximum", i + 1);
            goto out;
        }
    }
    for (int64_t i = 1; i <= n_max; i++) {
        b.x_log_x[i] = (double)i * log((double)i);
    }
    b.n = looks;
    st = maxsprt_solve(&kind, alpha, ret, err);
out:
    free(looks);
    free(b.v);
    free(b.x_log_x);
    return st;
}

enum status maxsprt_binomial_bounds(const int64_t *n, size_t k, double p0, double cv, int64_t m, int64_t *c,
                                    struct err *err)
{
    int64_t at = 0;
    enum status st = maxsprt_check_design(cv, m, err);

    if (st != OK) {
        return st;
    }
    if (!(p0 > 0 && p0 < 1)) {
        return err_set(err, E_NUMERIC, "null probability is %g, must be in (0, 1)", p0);
    }
    for (size_t i = 0; i < k; i++) {
        if (n[i] <= (i > 0 ? n[i - 1] : 0) || n[i] > MAXSPRT_EVENTS_MAX) {
            return err_set(err, E_NUMERIC, "look %zu: events must rise within 1 to %d", i + 1,
                           MAXSPRT_EVENTS_MAX);
        }
    }
    for (size_t i = 0; i < k; i++) {
        while (at <= n[i] && !(maxsprt_llr_binomial(at, n[i], p0) >= cv * (1 - MAXSPRT_SAME))) {
            at++;
        }
        c[i] = at > n[i] ? n[i] + 1 : at < m ? (m <= n[i] ? m : n[i] + 1) : at;
    }
    return OK;
}
