#include "stats/single_arm.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "stats/dist.h"
#include "stats/exact_seq.h"

struct design {
    enum single_arm_kind kind;
    const int64_t *n; /* binomial, else NULL */
    const double *mu; /* Poisson */
    size_t k;
    double p0;
};

static double tail(const struct design *d, size_t i, int64_t c)
{
    return d->n != NULL ? prob_binomial(c, d->n[i], d->p0, 1 - d->p0, TAIL_UPPER)
                        : prob_poisson(c, d->mu[i], TAIL_UPPER);
}

static int64_t most(const struct design *d, size_t i)
{
    return d->n != NULL ? d->n[i] + 1 : (int64_t)(d->mu[i] + 60 * sqrt(d->mu[i]) + 800);
}

static int64_t limit_at(const struct design *d, size_t i, double level)
{
    int64_t lo = 1, hi = most(d, i);

    while (lo < hi) {
        int64_t mid = lo + (hi - lo) / 2;

        if (tail(d, i, mid) <= level) {
            hi = mid;
        } else {
            lo = mid + 1;
        }
    }
    return lo;
}

/* The limits of parameter z: the nominal level is that of z, or of z / sqrt t. */
static void limits(const struct design *d, double z, int64_t *c)
{
    for (size_t i = 0; i < d->k; i++) {
        double t = d->n != NULL ? (double)d->n[i] / (double)d->n[d->k - 1] : d->mu[i] / d->mu[d->k - 1];

        c[i] = limit_at(d, i, prob_normal(d->kind == SINGLE_OBF ? z / sqrt(t) : z, TAIL_UPPER));
    }
}

static enum status binomial_path(const int64_t *n, size_t k, const int64_t *c, double p, double *cum,
                                 struct err *err)
{
    struct exact_seq *s = NULL;
    int64_t at = 0;
    enum status st = exact_seq_new(&s, err);

    for (size_t i = 0; st == OK && i < k; i++) {
        struct exact_bound b;

        while (st == OK && at < n[i]) {
            st = exact_seq_event(s, p, err);
            at++;
        }
        if (st == OK) {
            st = exact_seq_apply(s, c[i], &b, err);
        }
        if (st == OK) {
            cum[i] = b.spent;
        }
    }
    exact_seq_free(s);
    return st;
}

/* v(x): x events so far, not stopped.  Only counts below the limit are kept; what leaves is spent. */
static enum status poisson_path(const double *mu, size_t k, const int64_t *c, double ratio, double *cum,
                                struct err *err)
{
    int64_t top = 1;
    double *v, *w, *terms, spent = 0;

    for (size_t i = 0; i < k; i++) {
        top = c[i] > top ? c[i] : top;
    }
    v = calloc(3 * (size_t)top, sizeof *v);
    if (v == NULL) {
        return err_set(err, E_NOMEM, "Poisson limits");
    }
    w = v + top;
    terms = v + 2 * top;
    v[0] = 1;
    for (size_t i = 0; i < k; i++) {
        double step = ratio * (mu[i] - (i > 0 ? mu[i - 1] : 0));

        memset(w, 0, (size_t)top * sizeof *w);
        for (int64_t x = 0; x < top; x++) {
            terms[x] = density_poisson(x, step);
        }
        for (int64_t x = 0; x < top; x++) {
            if (v[x] > 0) {
                for (int64_t y = x; y < c[i] && y < top; y++) {
                    w[y] += v[x] * terms[y - x];
                }
                spent += v[x] * (c[i] > x ? prob_poisson(c[i] - x, step, TAIL_UPPER) : 1);
            }
        }
        memcpy(v, w, (size_t)top * sizeof *v);
        cum[i] = fmin(1, spent);
    }
    free(v);
    return OK;
}

static enum status path(const struct design *d, const int64_t *c, double *cum, struct err *err)
{
    return d->n != NULL ? binomial_path(d->n, d->k, c, d->p0, cum, err)
                        : poisson_path(d->mu, d->k, c, 1, cum, err);
}

/* Halving down to neighbouring limits: between two parameters with the same limits there is nothing to find. */
static enum status solve(const struct design *d, double alpha, int64_t *c, double *cum, struct err *err)
{
    int64_t *mid = calloc(2 * d->k, sizeof *mid), *strict = mid == NULL ? NULL : mid + d->k;
    double *p = calloc(2 * d->k, sizeof *p), *kept = p == NULL ? NULL : p + d->k, lo = -8, hi = 38;
    enum status st = OK;

    if (mid == NULL || p == NULL) {
        st = err_set(err, E_NOMEM, "single-arm limits");
        goto out;
    }
    limits(d, hi, strict);
    st = path(d, strict, kept, err);
    if (st == OK && kept[d->k - 1] > alpha) {
        st = err_set(err, E_NUMERIC, "single-arm limits: alpha %g is too small to be kept", alpha);
    }
    for (int i = 0; st == OK && i < 100 && hi - lo > 1e-14 * fmax(1, fabs(hi)); i++) {
        double z = lo + (hi - lo) / 2;

        limits(d, z, mid);
        if (memcmp(mid, strict, d->k * sizeof *mid) == 0) {
            hi = z;
            continue;
        }
        st = path(d, mid, p, err);
        if (st == OK && p[d->k - 1] <= alpha) {
            hi = z;
            memcpy(strict, mid, d->k * sizeof *mid);
            memcpy(kept, p, d->k * sizeof *p);
        } else {
            lo = z;
        }
    }
    if (st == OK) {
        memcpy(c, strict, d->k * sizeof *c);
        memcpy(cum, kept, d->k * sizeof *cum);
    }
out:
    free(mid);
    free(p);
    return st;
}

static enum status check_looks(const int64_t *n, const double *mu, size_t k, double alpha, struct err *err)
{
    if (!(alpha > 0 && alpha < 1)) {
        return err_set(err, E_NUMERIC, "alpha is %g, must be in (0, 1)", alpha);
    }
    if (k < 1 || k > SINGLE_LOOKS_MAX) {
        return err_set(err, E_NUMERIC, "looks: %zu, must be 1 to %d", k, SINGLE_LOOKS_MAX);
    }
    for (size_t i = 0; i < k; i++) {
        bool ok = n != NULL ? n[i] > (i > 0 ? n[i - 1] : 0) && n[i] <= 100000
                            : mu[i] > (i > 0 ? mu[i - 1] : 0) && mu[i] <= 1e4;

        if (!ok) {
            return err_set(err, E_NUMERIC, "look %zu: %s", i + 1,
                           n != NULL ? "subjects must rise, from 1 to at most 100000"
                                     : "expected counts must rise, above 0 and at most 10000");
        }
    }
    return OK;
}

static enum status check_limits(const int64_t *c, const int64_t *n, size_t k, struct err *err)
{
    for (size_t i = 0; i < k; i++) {
        if (c[i] < 0 || c[i] > (n != NULL ? n[i] + 1 : 1000000)) {
            return err_set(err, E_NUMERIC, "look %zu: the limit must be 0 or more and within reach", i + 1);
        }
    }
    return OK;
}

enum status single_arm_binomial(enum single_arm_kind kind, const int64_t *n, size_t k, double p0,
                                double alpha, int64_t *c, double *cum, struct err *err)
{
    struct design d = {.kind = kind, .n = n, .k = k, .p0 = p0};
    enum status st = check_looks(n, NULL, k, alpha, err);

    if (st == OK && !(p0 > 0 && p0 < 1)) {
        st = err_set(err, E_NUMERIC, "background probability is %g, must be in (0, 1)", p0);
    }
    return st == OK ? solve(&d, alpha, c, cum, err) : st;
}

enum status single_arm_poisson(enum single_arm_kind kind, const double *mu, size_t k, double alpha,
                               int64_t *c, double *cum, struct err *err)
{
    struct design d = {.kind = kind, .mu = mu, .k = k};
    enum status st = check_looks(NULL, mu, k, alpha, err);

    return st == OK ? solve(&d, alpha, c, cum, err) : st;
}

enum status single_arm_binomial_power(const int64_t *n, size_t k, const int64_t *c, double p, double *power,
                                      struct err *err)
{
    enum status st = check_looks(n, NULL, k, 0.5, err);

    if (st == OK) {
        st = check_limits(c, n, k, err);
    }
    if (st == OK && !(p >= 0 && p <= 1)) {
        st = err_set(err, E_NUMERIC, "probability is %g, must be in [0, 1]", p);
    }
    return st == OK ? binomial_path(n, k, c, p, power, err) : st;
}

enum status single_arm_poisson_power(const double *mu, size_t k, const int64_t *c, double ratio,
                                     double *power, struct err *err)
{
    enum status st = check_looks(NULL, mu, k, 0.5, err);

    if (st == OK) {
        st = check_limits(c, NULL, k, err);
    }
    if (st == OK && !(ratio > 0 && ratio <= 1e4)) {
        st = err_set(err, E_NUMERIC, "rate ratio is %g, must be above 0 and at most 10000", ratio);
    }
    return st == OK ? poisson_path(mu, k, c, ratio, power, err) : st;
}
