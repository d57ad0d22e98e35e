#include "stats/confseq.h"

#include <math.h>
#include <stdlib.h>

#include "base/vec.h"
#include "stats/eprocess.h"
#include "stats/hyper.h"
#include "stats/num.h"
#include "stats/quad.h"
#include "stats/robbins.h"
#include "stats/root.h"

#define FAR 690.0 /* log odds and log ratios beyond this are the ends */

enum { NODES = 64 };

static double logit_to(double t)
{
    return t < 0 ? exp(t) / (1 + exp(t)) : 1 / (1 + exp(-t));
}

struct share {
    int64_t x, n;
    double a, b, limit;
};

/* log E at null share p, less log 1/alpha, over the log odds of p. */
static enum status share_two(void *ctx, double t, double *value, struct err *err)
{
    const struct share *s = ctx;
    double two, one;
    enum status st = robbins_log_e(s->x, s->n, logit_to(t), s->a, s->b, &two, &one, err);

    if (st == OK) {
        *value = two - s->limit;
    }
    return st;
}

static enum status share_one(void *ctx, double t, double *value, struct err *err)
{
    const struct share *s = ctx;
    double two, one;
    enum status st = robbins_log_e(s->x, s->n, logit_to(t), s->a, s->b, &two, &one, err);

    if (st == OK) {
        *value = one - s->limit;
    }
    return st;
}

/* The root between a value outside the set and one inside; `end` where the set reaches it. */
static enum status edge(root_fn *f, void *ctx, double outside, double inside, double end, double *ret,
                        struct err *err)
{
    struct root_opts opts = {.abs_tol = 1e-13};
    struct root r;
    double v;
    enum status st = f(ctx, outside, &v, err);

    if (st != OK) {
        return st;
    }
    if (!(v > 0)) {
        *ret = end;
        return OK;
    }
    st = f(ctx, inside, &v, err);
    if (st == OK && v >= 0) {
        return err_set(err, E_NUMERIC, "confidence sequence: no value is inside");
    }
    if (st == OK) {
        st = root_bracketed(f, ctx, outside, inside, &opts, &r, err);
    }
    if (st == OK) {
        *ret = r.x;
    }
    return st;
}

static enum status check_alpha(double alpha, struct err *err)
{
    return alpha > 0 && alpha < 1 ? OK : err_set(err, E_NUMERIC, "alpha is %g, must be in (0, 1)", alpha);
}

enum status confseq_share(int64_t x, int64_t n, double a, double b, double alpha, struct confseq_limits *ret,
                          struct err *err)
{
    struct share s = {x, n, a, b, -log(alpha)};
    struct confseq_limits r = {0, 1, 0};
    double two, one, best, lo = -FAR, hi = FAR, lower = -FAR;
    enum status st = check_alpha(alpha, err);

    if (st == OK) {
        st = robbins_log_e(x, n, 0.5, a, b, &two, &one, err); /* its checks are ours */
    }
    if (st != OK || n == 0) {
        if (st == OK) {
            *ret = r;
        }
        return st;
    }
    best = x == 0 ? -36 : x == n ? 36 : log((double)x / (double)(n - x)); /* the least E */
    if (x > 0) {
        st = edge(share_two, &s, -36, best, -FAR, &lo, err);
        if (st == OK) {
            /* E of the cut prior falls to below 1 at the best value. */
            st = edge(share_one, &s, -36, best, -FAR, &lower, err);
        }
    }
    if (st == OK && x < n) {
        st = edge(share_two, &s, 36, best, FAR, &hi, err);
    }
    if (st == OK) {
        r.lo = lo <= -FAR ? 0 : logit_to(lo);
        r.hi = hi >= FAR ? 1 : logit_to(hi);
        r.lower = lower <= -FAR ? 0 : logit_to(lower);
        *ret = r;
    }
    return st;
}

struct day {
    int64_t y1, y0, m, x;
};

struct confseq {
    double a, b, log_odds; /* of pi* */
    struct day *day;
    size_t n, cap;
    double log_theta[NODES], log_lik[NODES], log_w[NODES];
};

/* log of the likelihood of one day at log ratio t. */
static double log_day(const struct day *d, double t)
{
    struct hyper h = {.y1 = d->y1, .y0 = d->y0, .m = d->m};
    double p;

    if (d->m == 1) {
        double a = (double)d->y1, b = (double)d->y0;

        /* t x - log(a e^t + b) */
        return t >= 0 ? (d->x == 1 ? log(a) : log(b) - t) - log(a + b * exp(-t))
                      : (d->x == 1 ? log(a) + t : log(b)) - log(a * exp(t) + b);
    }
    h.lo = d->m > d->y0 ? d->m - d->y0 : 0;
    h.hi = d->m < d->y1 ? d->m : d->y1;
    p = hyper_density(&h, d->x, t);
    return p > 0 ? log(p) : -NUM_INF;
}

static double log_lik(const struct confseq *s, double t)
{
    double sum = 0;

    for (size_t i = 0; i < s->n; i++) {
        sum += log_day(&s->day[i], t);
    }
    return sum;
}

static double log_sum(const double *v, const double *w)
{
    double top = -NUM_INF, sum = 0;

    for (size_t i = 0; i < NODES; i++) {
        top = fmax(top, v[i] + w[i]);
    }
    for (size_t i = 0; i < NODES; i++) {
        sum += exp(v[i] + w[i] - top);
    }
    return top + log(sum);
}

/* Nodes of the prior above pi = logit_to(from), from given as log odds; weights sum to 1. */
static void nodes(const struct confseq *s, double from, double *log_theta, double *log_w)
{
    double x[NODES], w[NODES], total, low = logit_to(from), rest = logit_to(-from), zero[NODES] = {0};

    quad_legendre(NODES, x, w);
    for (size_t i = 0; i < NODES; i++) {
        double pi = low + rest * (1 + x[i]) / 2, q = rest * (1 - x[i]) / 2;

        log_theta[i] = log(pi) - log(q) - s->log_odds;
        log_w[i] = log(w[i]) + (s->a - 1) * log(pi) + (s->b - 1) * log(q);
    }
    total = log_sum(log_w, zero);
    for (size_t i = 0; i < NODES; i++) {
        log_w[i] -= total;
    }
}

enum status confseq_new(double prior_a, double prior_b, double pi_star, struct confseq **ret, struct err *err)
{
    struct eprocess *check = NULL;
    struct confseq *s;
    enum status st = eprocess_new(prior_a, prior_b, pi_star, &check, err); /* its checks are ours */

    eprocess_free(check);
    if (st != OK) {
        return st;
    }
    s = calloc(1, sizeof *s);
    if (s == NULL) {
        return err_set(err, E_NOMEM, "confidence sequence");
    }
    s->a = prior_a;
    s->b = prior_b;
    s->log_odds = log(pi_star) - log1p(-pi_star);
    nodes(s, -NUM_INF, s->log_theta, s->log_w);
    *ret = s;
    return OK;
}

void confseq_free(struct confseq *s)
{
    if (s != NULL) {
        free(s->day);
        free(s);
    }
}

enum status confseq_day(struct confseq *s, int64_t y1, int64_t y0, int64_t m, int64_t x, struct err *err)
{
    struct hyper h;
    enum status st;

    if (y1 < 0 || y0 < 0 || m < 1 || m > y1 + y0) {
        return err_set(err, E_NUMERIC, "a day needs 1 or more events, at most the subjects at risk");
    }
    st = hyper_init(y1, y0, m, &h, err);
    if (st == OK && (x < h.lo || x > h.hi)) {
        st = err_set(err, E_NUMERIC, "events of arm 1 contradict the subjects at risk");
    }
    if (st != OK || h.lo == h.hi) {
        return st; /* a certain day says nothing */
    }
    st = VEC_PUSH_ROOM(s->day, s->n, s->cap, err);
    if (st != OK) {
        return st;
    }
    s->day[s->n] = (struct day){.y1 = y1, .y0 = y0, .m = m, .x = x};
    for (size_t i = 0; i < NODES; i++) {
        s->log_lik[i] += log_day(&s->day[s->n], s->log_theta[i]);
    }
    s->n++;
    return OK;
}

struct at {
    const struct confseq *s;
    double mix, limit;
};

static enum status ratio_two(void *ctx, double t, double *value, struct err *err)
{
    const struct at *a = ctx;

    (void)err;
    *value = a->mix - log_lik(a->s, t) - a->limit;
    return OK;
}

static enum status ratio_one(void *ctx, double t, double *value, struct err *err)
{
    const struct at *a = ctx;
    double theta[NODES], w[NODES], lik[NODES];

    (void)err;
    nodes(a->s, t + a->s->log_odds, theta, w);
    for (size_t i = 0; i < NODES; i++) {
        lik[i] = log_lik(a->s, theta[i]);
    }
    *value = log_sum(w, lik) - log_lik(a->s, t) - a->limit;
    return OK;
}

/* Where the likelihood is largest: its logarithm is concave in the log ratio; golden section. */
static double peak(const struct confseq *s)
{
    double lo = -30, hi = 30, g = (sqrt(5) - 1) / 2, a = hi - g * (hi - lo), b = lo + g * (hi - lo),
           fa = log_lik(s, a), fb = log_lik(s, b);

    while (hi - lo > 1e-6) {
        if (fa > fb) {
            hi = b;
            b = a;
            fb = fa;
            a = hi - g * (hi - lo);
            fa = log_lik(s, a);
        } else {
            lo = a;
            a = b;
            fa = fb;
            b = lo + g * (hi - lo);
            fb = log_lik(s, b);
        }
    }
    return (lo + hi) / 2;
}

enum status confseq_ratio(const struct confseq *s, double alpha, struct confseq_limits *ret, struct err *err)
{
    struct at a = {.s = s, .limit = -log(alpha)};
    struct confseq_limits r = {0, NUM_INF, 0};
    double best, lo, hi, lower;
    enum status st = check_alpha(alpha, err);

    if (st != OK || s->n == 0) {
        if (st == OK) {
            *ret = r;
        }
        return st;
    }
    a.mix = log_sum(s->log_w, s->log_lik);
    best = peak(s);
    st = edge(ratio_two, &a, -30, best, -FAR, &lo, err);
    if (st == OK) {
        st = edge(ratio_two, &a, 30, best, FAR, &hi, err);
    }
    if (st == OK) {
        st = edge(ratio_one, &a, -30, best, -FAR, &lower, err);
    }
    if (st == OK) {
        r.lo = lo <= -FAR ? 0 : exp(lo);
        r.hi = hi >= FAR ? NUM_INF : exp(hi);
        r.lower = lower <= -FAR ? 0 : exp(lower);
        *ret = r;
    }
    return st;
}
