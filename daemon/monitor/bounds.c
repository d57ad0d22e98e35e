#include "monitor/bounds.h"

#include <math.h>
#include <stdlib.h>

#include "stats/dist.h"
#include "stats/exact_design.h"
#include "stats/exact_seq.h"
#include "stats/gs_cross.h"
#include "stats/gs_design.h"
#include "stats/robbins.h"

/* An e-process has no maximum: its boundary is drawn this far where nothing else is stated. */
static const int64_t horizon = 60;

void bounds_done(struct bounds *b)
{
    free(b->look);
    *b = (struct bounds){0};
}

static double planned_share(const struct plan *p, const struct monitor *m)
{
    double experimental = 0;

    for (int i = 1; i < p->arms.n; i++) {
        experimental += m->comparison == ARM_NONE || m->comparison == i ? p->arms.arm[i].allocation : 0;
    }
    return experimental / (experimental + p->arms.arm[ARM_CONTROL].allocation);
}

static double share_under(double share, double ratio)
{
    return ratio * share / (ratio * share + 1 - share);
}

static enum status check_ask(const struct monitor *m, const struct bounds_ask *ask, struct err *err)
{
    int64_t before = 0, max = m->method == METHOD_E_PROCESS ? BOUND_LOOKS_MAX : m->max_events;

    for (size_t i = 0; i < ask->n_alternatives; i++) {
        if (!(ask->alternative[i] > 0 && isfinite(ask->alternative[i]))) {
            return err_set(err, E_CONFIG, "an alternative is a ratio above 0, not %g", ask->alternative[i]);
        }
    }
    for (size_t i = 0; i < ask->n_looks; i++) {
        if (ask->looks[i] <= before || ask->looks[i] > max) {
            return err_set(err, E_CONFIG, "%s: events at the looks must rise and stay within 1 to %lld",
                           m->name, (long long)max);
        }
        before = ask->looks[i];
    }
    if (!isnan(ask->expected) && !(ask->expected > 0 && ask->expected <= 1e6)) {
        return err_set(err, E_CONFIG, "%s: events expected must be above 0 and at most 1e6", m->name);
    }
    return OK;
}

/* Events at the looks, those below the monitor's minimum left out. */
static enum status look_times(const struct monitor *m, const struct bounds_ask *ask, struct bounds *b,
                              struct err *err)
{
    int64_t max = m->method == METHOD_E_PROCESS ? horizon : m->max_events;
    bool each = m->method == METHOD_E_PROCESS || m->clock == CLOCK_EVERY_EVENT;
    size_t want = ask->looks != NULL            ? ask->n_looks
                  : each                        ? (size_t)max
                  : m->clock == CLOCK_FRACTIONS ? m->n_fractions
                                                : 4;

    if (want > BOUND_LOOKS_MAX) {
        return err_set(err, E_CONFIG, "%s: more than %d looks; name fewer with --looks", m->name,
                       BOUND_LOOKS_MAX);
    }
    b->look = calloc(want + 1, sizeof *b->look);
    if (b->look == NULL) {
        return err_set(err, E_NOMEM, "boundaries");
    }
    for (size_t i = 0; i < want; i++) {
        double fraction = m->clock == CLOCK_FRACTIONS ? m->fractions[i] : (double)(i + 1) / 4;
        int64_t n = ask->looks != NULL ? ask->looks[i]
                    : each             ? (int64_t)i + 1
                                       : (int64_t)ceil(fraction * (double)max - 1e-9);

        if (n >= m->min_events && n > (b->n > 0 ? b->look[b->n - 1].events : 0)) {
            b->look[b->n++] = (struct bounds_look){.events = n, .t = (double)n / (double)max};
        }
    }
    return b->n > 0
               ? OK
               : err_set(err, E_CONFIG, "%s: no look reaches the %lld events below which nothing is tested",
                         m->name, (long long)m->min_events);
}

static int64_t *event_counts(const struct bounds *b)
{
    int64_t *n = calloc(b->n, sizeof *n);

    for (size_t i = 0; n != NULL && i < b->n; i++) {
        n[i] = b->look[i].events;
    }
    return n;
}

/* A boundary of counts under another probability: crossed by each look, expected events. */
static enum status count_path(const struct bounds *b, const int64_t *c, double theta, double *crossed,
                              double *expected, struct err *err)
{
    struct exact_seq *s = NULL;
    double mean = 0, before = 0;
    int64_t n = 0;
    enum status st = exact_seq_new(&s, err);

    for (size_t i = 0; st == OK && i < b->n; i++) {
        struct exact_bound now;

        while (st == OK && n < b->look[i].events) {
            st = exact_seq_event(s, theta, err);
            n++;
        }
        if (st == OK) {
            st = exact_seq_apply(s, c[i], &now, err);
        }
        if (st == OK) {
            mean += (now.spent - before) * (double)n;
            before = crossed[i] = now.spent;
        }
    }
    exact_seq_free(s);
    if (st == OK) {
        *expected = mean + fmax(0, 1 - before) * (double)n;
    }
    return st;
}

static enum status counts_under(struct bounds *b, const struct bounds_ask *ask, const int64_t *c,
                                struct err *err)
{
    double *crossed = calloc(b->n, sizeof *crossed), expected;
    enum status st = crossed == NULL ? err_set(err, E_NOMEM, "boundaries") : OK;

    for (size_t a = 0; st == OK && a <= ask->n_alternatives; a++) {
        double theta = a == 0 ? b->share : share_under(b->share, ask->alternative[a - 1]);

        st = count_path(b, c, theta, crossed, &expected, err);
        for (size_t i = 0; st == OK && i < b->n; i++) {
            if (a == 0) {
                b->look[i].alpha_cum = crossed[i];
            } else {
                b->look[i].crossed[a - 1] = crossed[i];
            }
        }
        if (st == OK && a > 0) {
            b->power[a - 1].events = expected;
        }
    }
    for (size_t i = 0; st == OK && i < b->n; i++) {
        struct bounds_look *l = &b->look[i];

        l->needed = c[i];
        l->bound = c[i] <= l->events ? (double)c[i] : (double)INFINITY;
        l->nominal_p = c[i] <= l->events ? prob_binomial(c[i], l->events, b->share, 1 - b->share, TAIL_UPPER)
                                         : (double)NAN;
    }
    free(crossed);
    return st;
}

static enum status exact_bounds(const struct monitor *m, const struct bounds_ask *ask, struct bounds *b,
                                struct err *err)
{
    struct exact_plan plan = {.p0 = b->share,
                              .alpha = m->alpha,
                              .spending = m->spending,
                              .n = NULL,
                              .k = b->n,
                              .n_max = m->max_events};
    int64_t *n = event_counts(b), *c = calloc(b->n, sizeof *c);
    double *cum = calloc(b->n, sizeof *cum);
    enum status st = n == NULL || c == NULL || cum == NULL ? err_set(err, E_NOMEM, "boundaries") : OK;

    plan.n = n;
    if (st == OK) {
        st = exact_design(&plan, c, cum, err);
    }
    if (st == OK) {
        st = counts_under(b, ask, c, err);
    }
    free(n);
    free(c);
    free(cum);
    return st;
}

/* The smallest count of n at which Robbins' one-sided mixture reaches the threshold: it rises with the count. */
static enum status robbins_bound(const struct monitor *m, const struct bounds *b, int64_t n, int64_t *ret,
                                 struct err *err)
{
    int64_t lo = 0, hi = n + 1;

    while (lo < hi) {
        int64_t mid = lo + (hi - lo) / 2;
        double both, one;
        enum status st = robbins_log_e(mid, n, b->share, m->e.prior_a, m->e.prior_b, &both, &one, err);

        if (st != OK) {
            return st;
        }
        if (one >= log(b->threshold)) {
            hi = mid;
        } else {
            lo = mid + 1;
        }
        if (lo > n) {
            break;
        }
    }
    *ret = lo;
    return OK;
}

static enum status e_bounds(const struct monitor *m, const struct bounds_ask *ask, struct bounds *b,
                            struct err *err)
{
    int64_t *c = calloc(b->n, sizeof *c);
    enum status st = c == NULL ? err_set(err, E_NOMEM, "boundaries") : OK;

    b->threshold = m->role == ROLE_DECISIVE ? 1 / m->alpha : m->e.reference;
    for (size_t i = 0; st == OK && i < b->n; i++) {
        b->look[i].t = (double)NAN;
        st = robbins_bound(m, b, b->look[i].events, &c[i], err);
    }
    if (st == OK) {
        st = counts_under(b, ask, c, err);
    }
    free(c);
    return st;
}

struct z_work {
    double *info, *z, *lower, *up, *down;
};

static enum status z_under(struct bounds *b, const struct bounds_ask *ask, const struct z_work *w,
                           struct err *err)
{
    double v = b->share * (1 - b->share);
    enum status st = OK;

    for (size_t a = 0; st == OK && a <= ask->n_alternatives; a++) {
        double sum = 0, expected, theta = a == 0 ? 0 : log(ask->alternative[a - 1]);

        st = gs_cross(b->n, w->info, w->lower, w->z, theta, w->up, w->down, &expected, err);
        for (size_t i = 0; st == OK && i < b->n; i++) {
            sum += w->up[i];
            if (a == 0) {
                b->look[i].alpha_cum = sum;
            } else {
                b->look[i].crossed[a - 1] = sum;
            }
        }
        if (st == OK && a > 0) {
            b->power[a - 1].events = expected / v;
        }
    }
    for (size_t i = 0; st == OK && i < b->n; i++) {
        struct bounds_look *l = &b->look[i];
        double n = (double)l->events, x = ceil(n * b->share + w->z[i] * sqrt(n * v) - 1e-9);

        l->bound = w->z[i];
        l->needed = x <= n ? (int64_t)x : l->events + 1;
        l->nominal_p = isfinite(w->z[i]) ? prob_normal(w->z[i], TAIL_UPPER) : (double)NAN;
    }
    return st;
}

static enum status z_bounds(const struct monitor *m, const struct bounds_ask *ask, struct bounds *b,
                            struct err *err)
{
    double v = b->share * (1 - b->share), *all = calloc(5 * b->n, sizeof *all);
    struct z_work w;
    struct gs_plan plan = {.kind = GS_SPENDING,
                           .spending = m->spending,
                           .sided = 1,
                           .alpha = m->alpha,
                           .k = b->n,
                           .max_info = v * (double)m->max_events};
    enum status st;

    if (all == NULL) {
        return err_set(err, E_NOMEM, "boundaries");
    }
    w = (struct z_work){all, all + b->n, all + 2 * b->n, all + 3 * b->n, all + 4 * b->n};
    for (size_t i = 0; i < b->n; i++) {
        w.info[i] = v * (double)b->look[i].events;
        w.lower[i] = -(double)INFINITY;
    }
    plan.info = w.info;
    st = gs_design(&plan, w.z, NULL, err);
    if (st == OK) {
        st = z_under(b, ask, &w, err);
    }
    free(all);
    return st;
}

/* P(crossed) when the number of events is Poisson: the look that n events reach is the last at or below n. */
static double within(const struct bounds *b, size_t a, double expected)
{
    double sum = 0;

    for (size_t i = 0; i < b->n; i++) {
        double from = prob_poisson(b->look[i].events, expected, TAIL_UPPER),
               to = i + 1 < b->n ? prob_poisson(b->look[i + 1].events, expected, TAIL_UPPER) : 0;

        sum += b->look[i].crossed[a] * fmax(0, from - to);
    }
    return sum;
}

enum status bounds_of(const struct plan *p, const struct monitor *m, const struct bounds_ask *ask,
                      struct bounds *ret, struct err *err)
{
    struct bounds b = {.share = planned_share(p, m), .threshold = (double)NAN};
    enum status st = check_ask(m, ask, err);

    if (st == OK) {
        st = look_times(m, ask, &b, err);
    }
    if (st == OK) {
        switch (m->method) {
        case METHOD_SPENDING_Z:
            st = z_bounds(m, ask, &b, err);
            break;
        case METHOD_EXACT_BINOMIAL:
            st = exact_bounds(m, ask, &b, err);
            break;
        case METHOD_E_PROCESS:
            st = e_bounds(m, ask, &b, err);
            break;
        }
    }
    if (st != OK) {
        bounds_done(&b);
        return st;
    }
    for (size_t a = 0; a < ask->n_alternatives; a++) {
        b.power[a].full = b.look[b.n - 1].crossed[a];
        b.power[a].planned = isnan(ask->expected) ? (double)NAN : within(&b, a, ask->expected);
    }
    *ret = b;
    return OK;
}
