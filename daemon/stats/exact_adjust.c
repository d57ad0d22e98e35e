#include "stats/exact_adjust.h"

#include <math.h>
#include <stdbool.h>

#include "stats/exact_seq.h"
#include "stats/num.h"
#include "stats/root.h"

/* Hazard ratios are looked for within exp(+-60): beyond, a probability that moves at all has no digits left. */
static const double LOG_RATIO_END = 60;

/* The days at a hazard ratio; tested by c but for the last day where `last` is false.  *ret is the caller's. */
static enum status walk(const struct exact_day *day, size_t k, const int64_t *c, bool last, double log_ratio,
                        struct exact_seq **ret, double *spent, struct err *err)
{
    struct exact_seq *s = NULL;
    struct exact_bound b = {0};
    enum status st = exact_seq_new(&s, err);

    for (size_t i = 0; st == OK && i < k; i++) {
        st = exact_seq_day_ratio(s, day[i].y1, day[i].y0, day[i].m, log_ratio, err);
        if (st == OK && (last || i + 1 < k)) {
            st = exact_seq_apply(s, c[i], &b, err);
        }
        if (st != OK) {
            st = err_wrap(err, st, "day %zu", i + 1);
        }
    }
    if (st == OK) {
        *ret = s;
        *spent = b.spent;
        s = NULL;
    }
    exact_seq_free(s);
    return st;
}

struct search {
    const struct exact_day *day;
    const int64_t *c;
    size_t k;
    int64_t x;
    double want;
};

/* P(crossed before the last day's end, or x or more there) at a hazard ratio: rises with it. */
static enum status extreme(const struct search *q, double log_ratio, double *ret, struct err *err)
{
    struct exact_seq *s = NULL;
    double spent = 0, tail = 0;
    enum status st = walk(q->day, q->k, q->c, false, log_ratio, &s, &spent, err);

    if (st == OK) {
        st = exact_seq_tail(s, q->x, &tail, err);
        exact_seq_free(s);
    }
    if (st == OK) {
        *ret = fmin(1, spent + tail);
    }
    return st;
}

static enum status gap(void *ctx, double log_ratio, double *value, struct err *err)
{
    const struct search *q = ctx;
    double p = 0;
    enum status st = extreme(q, log_ratio, &p, err);

    *value = p - q->want;
    return st;
}

/* log ratio at which x or more has probability `want`; -Inf or +Inf where it has more, or less, at every ratio. */
static enum status solve(const struct search *from, int64_t x, double want, double *ret, struct err *err)
{
    struct search q = *from;
    struct root_opts opts = {.abs_tol = 1e-12};
    struct root r;
    double lo, hi;
    enum status st;

    q.x = x;
    q.want = want;
    st = gap(&q, -LOG_RATIO_END, &lo, err);
    if (st == OK) {
        st = gap(&q, LOG_RATIO_END, &hi, err);
    }
    if (st != OK) {
        return st;
    }
    if (lo >= 0 || hi <= 0) {
        *ret = lo >= 0 ? -NUM_INF : NUM_INF;
        return OK;
    }
    st = root_bracketed(gap, &q, -LOG_RATIO_END, LOG_RATIO_END, &opts, &r, err);
    if (st == OK) {
        *ret = r.x;
    }
    return st;
}

static int64_t events_of(const struct exact_day *day, size_t k)
{
    int64_t n = 0;

    for (size_t i = 0; i < k; i++) {
        n += day[i].m;
    }
    return n;
}

enum status exact_adjust(const struct exact_day *day, size_t k, const int64_t *c, int64_t x, double tail,
                         struct exact_adjusted *ret, struct err *err)
{
    struct search q = {.day = day, .c = c, .k = k, .x = x};
    struct exact_adjusted a = {0};
    double as_extreme = 0, more = 0, lo = 0, hi = 0;
    enum status st;

    if (k < 1 || x < 0 || x > events_of(day, k) || !(tail > 0 && tail < 0.5)) {
        return err_set(err, E_NUMERIC,
                       "an analysis needs a day, 0 to its events in arm 1, and a level in (0, .5)");
    }
    st = extreme(&q, 0, &a.p_upper, err);
    if (st == OK) {
        st = solve(&q, x, 0.5, &as_extreme, err);
    }
    if (st == OK) {
        st = solve(&q, x + 1, 0.5, &more, err);
    }
    if (st == OK) {
        st = solve(&q, x, tail, &lo, err);
    }
    if (st == OK) {
        st = solve(&q, x + 1, 1 - tail, &hi, err);
    }
    if (st == OK) {
        double mid = isinf(more) ? as_extreme : isinf(as_extreme) ? more : (as_extreme + more) / 2;

        /* Risk sets of one arm only say nothing. */
        a.ratio.value = isinf(as_extreme) && isinf(more) ? NUM_NAN : exp(mid);
        a.ratio.lo = exp(lo);
        a.ratio.hi = exp(hi);
        *ret = a;
    }
    return st;
}

/* The trial as it stands: x of n events in arm 1, for certain. */
static enum status stand_at(int64_t n, int64_t x, struct exact_seq **ret, struct err *err)
{
    struct exact_seq *s = NULL;
    enum status st = exact_seq_new(&s, err);

    for (int64_t i = 0; st == OK && i < n; i++) {
        st = exact_seq_event(s, i < x ? 1 : 0, err);
    }
    if (st != OK) {
        exact_seq_free(s);
        return st;
    }
    *ret = s;
    return OK;
}

enum status exact_conditional_power(const struct exact_day *day, size_t k, const int64_t *c, int64_t x,
                                    const struct exact_rest *rest, double ratio, double *ret, struct err *err)
{
    struct exact_seq *null = NULL, *real = NULL;
    struct exact_bound b = {0};
    double spent = 0, level = 0, p;
    int64_t n = events_of(day, k);
    enum status st;

    if (x < 0 || x > n || !(rest->share > 0 && rest->share < 1) || !(ratio > 0 && isfinite(ratio)) ||
        rest->n_max < 1) {
        return err_set(
            err, E_NUMERIC,
            "power needs 0 to %lld events in arm 1, a share in (0, 1), a ratio above 0 and a maximum",
            (long long)n);
    }
    p = rest->share * ratio / (rest->share * ratio + 1 - rest->share);
    st = walk(day, k, c, true, 0, &null, &spent, err);
    if (st == OK) {
        st = stand_at(n, x, &real, err);
    }
    for (int64_t i = n + 1; st == OK && i <= rest->n_max; i++) {
        st = exact_seq_event(null, rest->share, err);
        if (st == OK) {
            st = exact_seq_event(real, p, err);
        }
        if (st == OK) {
            st = spending_at(rest->spending, rest->alpha, (double)i / (double)rest->n_max, &level, err);
        }
        if (st == OK) {
            st = exact_seq_test(null, level, &b, err);
        }
        if (st == OK) {
            st = exact_seq_apply(real, b.c, &b, err);
        }
    }
    if (st == OK) {
        *ret = n < rest->n_max ? fmin(1, b.spent) : 0;
    }
    exact_seq_free(null);
    exact_seq_free(real);
    return st;
}
