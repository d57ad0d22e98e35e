#include "stats/eprocess.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "stats/num.h"
#include "stats/quad.h"

enum { PRIOR_NODES = 64 };

struct eprocess {
    double log_theta[PRIOR_NODES]; /* odds ratio at each node of the prior */
    double log_w[PRIOR_NODES];     /* prior weight times the likelihood ratio so far */
    double max;
    bool any;
};

static double log_sum(const double *v, size_t n)
{
    double top = v[0], sum = 0;

    for (size_t i = 1; i < n; i++) {
        top = fmax(top, v[i]);
    }
    if (isinf(top)) {
        return top;
    }
    for (size_t i = 0; i < n; i++) {
        sum += exp(v[i] - top);
    }
    return top + log(sum);
}

enum status eprocess_new(double prior_a, double prior_b, double pi_star, struct eprocess **ret,
                         struct err *err)
{
    double x[PRIOR_NODES], w[PRIOR_NODES], total;
    struct eprocess *e;

    if (!(prior_a > 0 && prior_b > 0 && isfinite(prior_a) && isfinite(prior_b))) {
        return err_set(err, E_NUMERIC, "prior shapes %g and %g must be above 0", prior_a, prior_b);
    }
    if (!(pi_star > 0 && pi_star < 1)) {
        return err_set(err, E_NUMERIC, "planned allocation to arm 1 is %g, must be in (0, 1)", pi_star);
    }
    e = calloc(1, sizeof *e);
    if (e == NULL) {
        return err_set(err, E_NOMEM, "e-process");
    }
    quad_legendre(PRIOR_NODES, x, w);
    for (size_t i = 0; i < PRIOR_NODES; i++) {
        double above = (1 - pi_star) * (1 + x[i]) / 2; /* pi - pi*; 1 - pi is formed from the other side */
        double pi = pi_star + above, rest = (1 - pi_star) * (1 - x[i]) / 2;

        e->log_theta[i] = log(pi) - log(rest) + log1p(-pi_star) - log(pi_star);
        e->log_w[i] = log(w[i]) + (prior_a - 1) * log(pi) + (prior_b - 1) * log(rest);
    }
    /* The prior that is used is the one on the nodes, and it sums to 1: the expectation of E under the null is 1. */
    total = log_sum(e->log_w, PRIOR_NODES);
    for (size_t i = 0; i < PRIOR_NODES; i++) {
        e->log_w[i] -= total;
    }
    *ret = e;
    return OK;
}

void eprocess_free(struct eprocess *e)
{
    free(e);
}

/* log of sum over k of P_central(k) theta^(k - x). */
static double log_mean_ratio(double log_theta, int64_t y1, int64_t y0, int64_t m, int64_t x,
                             const double *log_p)
{
    int64_t lo = m > y0 ? m - y0 : 0, hi = m < y1 ? m : y1;
    double top = -NUM_INF, sum = 0;

    for (int64_t k = lo; k <= hi; k++) {
        top = fmax(top, log_p[k - lo] + (double)(k - x) * log_theta);
    }
    for (int64_t k = lo; k <= hi; k++) {
        sum += exp(log_p[k - lo] + (double)(k - x) * log_theta - top);
    }
    /* cppcheck-suppress invalidFunctionArg ; lo <= hi, and the largest term is exp(0) */
    return top + log(sum);
}

static enum status day_of_many(struct eprocess *e, int64_t y1, int64_t y0, int64_t m, int64_t x,
                               struct err *err)
{
    int64_t lo = m > y0 ? m - y0 : 0, hi = m < y1 ? m : y1;
    size_t n = (size_t)(hi - lo + 1);
    double total, *log_p = calloc(n, sizeof *log_p);

    if (log_p == NULL) {
        return err_set(err, E_NOMEM, "e-process");
    }
    /* Relative to the first, then scaled to sum 1. */
    for (int64_t k = lo; k < hi; k++) {
        log_p[k + 1 - lo] = log_p[k - lo] + log((double)(y1 - k)) + log((double)(m - k)) -
                            log((double)(k + 1)) - log((double)(y0 - m + k + 1));
    }
    total = log_sum(log_p, n);
    for (size_t i = 0; i < n; i++) {
        log_p[i] -= total;
    }
    for (size_t i = 0; i < PRIOR_NODES; i++) {
        e->log_w[i] -= log_mean_ratio(e->log_theta[i], y1, y0, m, x, log_p);
    }
    free(log_p);
    return OK;
}

static void day_of_one(struct eprocess *e, int64_t y1, int64_t y0, int64_t x)
{
    double p = (double)y1 / (double)(y1 + y0), q = (double)y0 / (double)(y1 + y0);

    for (size_t i = 0; i < PRIOR_NODES; i++) {
        /* theta^x / (theta p + q) */
        double t = e->log_theta[i];

        e->log_w[i] -= x == 1 ? log(p + q * exp(-t)) : log(q) + log1p(exp(t + log(p) - log(q)));
    }
}

static enum status check_day(int64_t y1, int64_t y0, int64_t m, struct err *err)
{
    if (y1 < 0 || y0 < 0 || y1 > INT64_C(1) << 40 || y0 > INT64_C(1) << 40) {
        return err_set(err, E_NUMERIC, "subjects at risk must be 0 or more in each arm");
    }
    if (m < 1 || m > y1 + y0) {
        return err_set(err, E_NUMERIC, "events of a day must be 1 to the subjects at risk");
    }
    return OK;
}

static enum status weigh(struct eprocess *e, int64_t y1, int64_t y0, int64_t m, int64_t x, struct err *err)
{
    if (y1 == 0 || y0 == 0) {
        return OK;
    }
    if (m > 1) {
        return day_of_many(e, y1, y0, m, x, err);
    }
    day_of_one(e, y1, y0, x);
    return OK;
}

enum status eprocess_day(struct eprocess *e, int64_t y1, int64_t y0, int64_t m, int64_t x, struct err *err)
{
    double now;
    enum status st = check_day(y1, y0, m, err);

    if (st == OK && (x < 0 || x > m || x > y1 || m - x > y0)) {
        st = err_set(err, E_NUMERIC,
                     "events of arm 1 must fit the events of the day and the subjects at risk");
    }
    if (st == OK) {
        st = weigh(e, y1, y0, m, x, err);
    }
    if (st != OK) {
        return st;
    }
    now = log_sum(e->log_w, PRIOR_NODES);
    e->max = e->any ? fmax(e->max, now) : now;
    e->any = true;
    return OK;
}

enum status eprocess_log_e(const struct eprocess *e, double *now, double *max, struct err *err)
{
    double log_e = e->any ? log_sum(e->log_w, PRIOR_NODES) : 0;

    if (isnan(log_e) || isnan(e->max)) {
        return err_set(err, E_NUMERIC, "the e-value is not a number");
    }
    *now = log_e;
    *max = e->any ? e->max : 0;
    return OK;
}

enum status eprocess_bounds(double prior_a, double prior_b, double pi_star, const struct exact_day *day,
                            size_t k, double log_threshold, int64_t *c, struct err *err)
{
    struct eprocess *e = NULL;
    int64_t n = 0, at = 0, certain = 0;
    enum status st;

    if (!isfinite(log_threshold)) {
        return err_set(err, E_NUMERIC, "the threshold must be a number");
    }
    st = eprocess_new(prior_a, prior_b, pi_star, &e, err);
    for (size_t i = 0; st == OK && i < k; i++) {
        double v[PRIOR_NODES];

        st = check_day(day[i].y1, day[i].y0, day[i].m, err);
        if (st == OK) {
            /* As if none were in arm 1; x of them multiply a node by theta^x. */
            st = weigh(e, day[i].y1, day[i].y0, day[i].m, 0, err);
        }
        if (st != OK) {
            st = err_wrap(err, st, "day %zu", i + 1);
            break;
        }
        n += day[i].m;
        if (day[i].y0 == 0) {
            certain += day[i].m; /* in arm 1 for sure: they count in x and say nothing */
        }
        /* More events with the same count are weaker evidence: the bound never falls. */
        for (; at <= n; at++) {
            for (size_t j = 0; j < PRIOR_NODES; j++) {
                v[j] = e->log_w[j] + (double)(at - certain) * e->log_theta[j];
            }
            if (log_sum(v, PRIOR_NODES) >= log_threshold) {
                break;
            }
        }
        c[i] = at > n ? n + 1 : at;
    }
    eprocess_free(e);
    return st;
}
