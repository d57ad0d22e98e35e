#include "stats/exact_seq.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "stats/dist.h"

/*
 * Rounding of sums of many terms must not refuse a bound that spends its level exactly (0.1^3 against 0.001): levels are
 * compared with this relative slack, far below any level that matters and far above the rounding.
 */
#define LEVEL_SLACK 1e-12
/* Below this a level has no digits to be compared with: nothing can be spent. */
#define LEVEL_MIN 1e-290

/* Beyond this the odds of a day leave the range of a double. */
#define LOG_RATIO_MAX 100.0

/* More events than any trial of subjects has; keeps n + 1 and sizes far from overflow. */
enum { EVENTS_MAX = 10000000 };
/* Few events in arm 1 less likely than this are dropped: they can never carry a tail that matters. */
#define NEGLIGIBLE 1e-60

struct exact_seq {
    double *v; /* v[0..n] */
    double *work;
    size_t cap, work_cap;
    int64_t n;
    int64_t low, top; /* v counts as zero below and above */
    double spent;
};

enum status exact_seq_new(struct exact_seq **ret, struct err *err)
{
    struct exact_seq *s = calloc(1, sizeof *s);
    enum status st;

    if (s == NULL) {
        return err_set(err, E_NOMEM, "exact sequential test");
    }
    st = vec_reserve(&s->v, &s->cap, 1, sizeof *s->v, err);
    if (st != OK) {
        goto out;
    }
    s->v[0] = 1;
    *ret = s;
    s = NULL;
out:
    exact_seq_free(s);
    return st;
}

void exact_seq_free(struct exact_seq *s)
{
    if (s != NULL) {
        free(s->v);
        free(s->work);
        free(s);
    }
}

static enum status grow(struct exact_seq *s, int64_t m, struct err *err)
{
    enum status st;

    if (m > EVENTS_MAX - s->n) {
        return err_set(err, E_NUMERIC, "more than %d events", EVENTS_MAX);
    }
    st = vec_reserve(&s->v, &s->cap, (size_t)(s->n + m + 1), sizeof *s->v, err);
    if (st != OK) {
        return st;
    }
    memset(s->v + s->n + 1, 0, (size_t)m * sizeof *s->v);
    return OK;
}

static void trim(struct exact_seq *s)
{
    while (s->low < s->top && s->v[s->low] < NEGLIGIBLE) {
        s->v[s->low++] = 0;
    }
    /* At the other end tails are what counts: only what is no number of full precision goes. */
    while (s->top > s->low && s->v[s->top] < DBL_MIN) {
        s->v[s->top--] = 0;
    }
}

enum status exact_seq_event(struct exact_seq *s, double p, struct err *err)
{
    enum status st;

    if (!(p >= 0 && p <= 1)) {
        return err_set(err, E_NUMERIC, "probability of arm 1 at an event is %g, must be in [0, 1]", p);
    }
    st = grow(s, 1, err);
    if (st != OK) {
        return st;
    }
    for (int64_t x = s->top + 1; x > s->low; x--) {
        s->v[x] = s->v[x] * (1 - p) + s->v[x - 1] * p;
    }
    s->v[s->low] *= 1 - p;
    s->n++;
    s->top++;
    trim(s);
    return OK;
}

/* P(x + 1) over P(x) of m drawn from y1 + y0, the odds of the y1 multiplied by w. */
static double step_ratio(int64_t y1, int64_t y0, int64_t m, double w, int64_t x)
{
    return (double)(y1 - x) * (double)(m - x) / ((double)(x + 1) * (double)(y0 - m + x + 1)) * w;
}

/* h[0..hi-lo] = P(X = lo + i): by ratios of neighbours from the mode, then scaled to sum 1. */
static void hypergeometric_all(double *h, int64_t y1, int64_t y0, int64_t m, double w, int64_t lo, int64_t hi)
{
    int64_t mode = lo, above = hi;
    double sum = 0;

    /* The ratios fall: the mode is the first x that has none above 1. */
    while (mode < above) {
        int64_t mid = mode + (above - mode) / 2;

        if (step_ratio(y1, y0, m, w, mid) > 1) {
            mode = mid + 1;
        } else {
            above = mid;
        }
    }
    h[mode - lo] = 1;
    for (int64_t x = mode; x < hi; x++) {
        h[x + 1 - lo] = h[x - lo] * step_ratio(y1, y0, m, w, x);
    }
    for (int64_t x = mode; x > lo; x--) {
        h[x - 1 - lo] = h[x - lo] / step_ratio(y1, y0, m, w, x - 1);
    }
    for (int64_t x = lo; x <= hi; x++) {
        sum += h[x - lo];
    }
    for (int64_t x = lo; x <= hi; x++) {
        h[x - lo] /= sum;
    }
}

enum status exact_seq_day(struct exact_seq *s, int64_t y1, int64_t y0, int64_t m, struct err *err)
{
    return exact_seq_day_ratio(s, y1, y0, m, 0, err);
}

int64_t exact_seq_events(const struct exact_seq *s)
{
    return s->n;
}

enum status exact_seq_day_ratio(struct exact_seq *s, int64_t y1, int64_t y0, int64_t m, double log_ratio,
                                struct err *err)
{
    double w;
    int64_t lo, hi;
    enum status st;

    if (y1 < 0 || y0 < 0 || y1 > INT64_C(1) << 40 || y0 > INT64_C(1) << 40) {
        return err_set(err, E_NUMERIC, "subjects at risk must be 0 or more in each arm");
    }
    if (m < 1 || m > y1 + y0) {
        return err_set(err, E_NUMERIC, "events of a day must be 1 to the subjects at risk");
    }
    if (!(fabs(log_ratio) <= LOG_RATIO_MAX)) {
        return err_set(err, E_NUMERIC, "logarithm of the hazard ratio is %g, must be -%g to %g", log_ratio,
                       LOG_RATIO_MAX, LOG_RATIO_MAX);
    }
    w = exp(log_ratio);
    if (m == 1) {
        return exact_seq_event(s, (double)y1 * w / ((double)y1 * w + (double)y0), err);
    }
    st = grow(s, m, err);
    if (st != OK) {
        return st;
    }
    lo = m > y0 ? m - y0 : 0;
    hi = m < y1 ? m : y1;
    st = vec_reserve(&s->work, &s->work_cap, (size_t)(hi - lo + 1), sizeof *s->work, err);
    if (st != OK) {
        return st;
    }
    hypergeometric_all(s->work, y1, y0, m, w, lo, hi);
    for (int64_t x = s->top + hi; x >= s->low; x--) {
        double sum = 0;

        for (int64_t k = lo; k <= hi; k++) {
            if (x - k >= s->low && x - k <= s->top) {
                sum += s->v[x - k] * s->work[k - lo];
            }
        }
        s->v[x] = sum;
    }
    s->n += m;
    s->top += hi;
    trim(s);
    return OK;
}

/* Removes what lies at and above c, and counts it as spent. */
static void remove_from(struct exact_seq *s, int64_t c, double mass)
{
    for (int64_t x = c < 0 ? 0 : c; x <= s->top; x++) {
        s->v[x] = 0;
    }
    s->top = c - 1 < s->top ? c - 1 : s->top;
    s->spent += mass;
}

enum status exact_seq_test(struct exact_seq *s, double alpha_cum, struct exact_bound *ret, struct err *err)
{
    double tail = 0;
    int64_t c = s->n + 1;

    if (!(alpha_cum >= 0 && alpha_cum < 1)) {
        return err_set(err, E_NUMERIC, "cumulative alpha is %g, must be in [0, 1)", alpha_cum);
    }
    /* An impossible count belongs to the crossing side for as long as the rule lets it: when there is a level at all. */
    if (alpha_cum >= LEVEL_MIN && s->spent <= alpha_cum * (1 + LEVEL_SLACK)) {
        c = s->top + 1;
    }
    while (alpha_cum >= LEVEL_MIN && c > 0 && c <= s->top + 1) {
        double more = s->v[c - 1];

        if (!(s->spent + tail + more <= alpha_cum * (1 + LEVEL_SLACK))) {
            break;
        }
        tail += more;
        c--;
    }
    remove_from(s, c, tail);
    *ret = (struct exact_bound){.n = s->n, .c = c, .spent = s->spent};
    return OK;
}

enum status exact_seq_apply(struct exact_seq *s, int64_t c, struct exact_bound *ret, struct err *err)
{
    double tail;
    enum status st;

    if (c < 0 || c > s->n + 1) {
        return err_set(err, E_NUMERIC, "an executed bound must be 0 to the events so far plus 1");
    }
    st = exact_seq_tail(s, c, &tail, err);
    if (st != OK) {
        return st;
    }
    remove_from(s, c, tail);
    *ret = (struct exact_bound){.n = s->n, .c = c, .spent = s->spent};
    return OK;
}

enum status exact_seq_tail(const struct exact_seq *s, int64_t x, double *ret, struct err *err)
{
    double tail = 0;

    (void)err;
    /* From the far end: small terms first. */
    for (int64_t k = s->top; k >= (x < 0 ? 0 : x); k--) {
        tail += s->v[k];
    }
    *ret = tail;
    return OK;
}
