#include "monitor/infer.h"

#include <math.h>
#include <stdlib.h>

#include "monitor/judge.h"
#include "stats/exact_adjust.h"
#include "stats/gs_adjust.h"
#include "stats/gs_power.h"
#include "stats/num.h"

/* Beyond this the power of an exact test is a matter for the plan's simulation, not for each report. */
enum { POWER_EVENTS_MAX = 20000 };

/* What cannot be computed stays NaN. */
static enum status not_estimable(enum status st, struct err *err)
{
    if (st == E_NUMERIC || st == E_DATA) {
        err_clear(err);
        return OK;
    }
    return st;
}

/* Entries up to the one at which the analysis stands; 0: none tested. */
static size_t stage_end(const struct entry *past, size_t n)
{
    size_t end = 0;

    for (size_t i = 0; i < n; i++) {
        if (past[i].executed) {
            end = i + 1;
            if (past[i].statistic >= past[i].bound) {
                break;
            }
        }
    }
    return end;
}

/* One spending function from the first look on. */
static bool never_amended(const struct entry *past, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (past[i].max_events != past[0].max_events) {
            return false;
        }
    }
    return true;
}

static bool goes_on(const struct monitor *m, const struct entry *past, size_t n)
{
    struct ledger_state s;

    judge_state(m, past, n, &s);
    return !s.crossed && !s.closed && s.used > 0 && s.used < m->max_events &&
           m->max_events <= POWER_EVENTS_MAX;
}

/* ---- B1 ---- */

/* The looks taken, as rows and as columns with room for one to come. */
struct looks {
    struct gs_look *g;
    double *info, *lower, *upper, *t; /* in one piece of memory */
    size_t n;
};

static void looks_done(struct looks *l)
{
    free(l->g);
    free(l->info);
}

static enum status looks_of(const struct entry *past, size_t n, struct looks *ret, struct err *err)
{
    struct looks l = {0};
    enum status st = judge_z_looks(past, n, &l.g, &l.n, err);

    if (st != OK) {
        return st;
    }
    l.info = calloc(4 * (l.n + 1), sizeof *l.info);
    if (l.info == NULL) {
        looks_done(&l);
        return err_set(err, E_NOMEM, "what the looks say");
    }
    l.lower = l.info + l.n + 1;
    l.upper = l.lower + l.n + 1;
    l.t = l.upper + l.n + 1;
    for (size_t i = 0; i < l.n; i++) {
        l.info[i] = l.g[i].info;
        l.lower[i] = l.g[i].lower;
        l.upper[i] = l.g[i].upper;
        for (size_t k = 0; k < n; k++) {
            if (past[k].executed && past[k].bound == l.g[i].upper) {
                l.t[i] = past[k].t;
            }
        }
    }
    *ret = l;
    return OK;
}

static enum status z_power(const struct monitor *m, const struct entry *last, struct looks *l, double theta,
                           struct inference *f, struct err *err)
{
    size_t n = l->n;
    double bound = NUM_INF, before = 0, z = last->statistic;
    enum status st;

    l->info[n] = l->info[n - 1] * (double)m->max_events / (double)last->events;
    l->lower[n] = -NUM_INF;
    st = gs_next_upper(l->g, n, l->info[n], 0, &bound, &before, err);
    if (st == OK && m->alpha > before) {
        st = gs_next_upper(l->g, n, l->info[n], m->alpha - before, &bound, &before, err);
    }
    l->upper[n] = bound;
    if (st == OK) {
        st = gs_conditional_power(n + 1, l->info, l->lower, l->upper, n, z, 0, &f->power_null, err);
    }
    if (st == OK) {
        st = gs_conditional_power(n + 1, l->info, l->lower, l->upper, n, z, theta, &f->power_estimate, err);
    }
    if (st == OK) {
        st = gs_predictive_power(n + 1, l->info, l->lower, l->upper, n, z, &f->power_predictive, err);
    }
    return not_estimable(st, err);
}

static enum status z_infer(const struct monitor *m, const struct entry *past, size_t end, bool on,
                           struct inference *f, struct err *err)
{
    const struct entry *e = &past[end - 1];
    struct looks l = {0};
    struct gs_adjusted a;
    enum status st = looks_of(past, end, &l, err);

    if (st != OK) {
        return st;
    }
    st = gs_adjust_executed(l.n, l.info, l.lower, l.upper, e->statistic, f->tail, &a, err);
    if (st != OK) {
        st = not_estimable(st, err);
        goto out;
    }
    f->p = a.p_upper;
    f->ratio = (struct estimate){exp(a.estimate), exp(a.ci_lo), exp(a.ci_hi)};
    f->repeated = (struct estimate){exp(e->statistic / sqrt(l.info[l.n - 1])), exp(a.rci_lo), exp(a.rci_hi)};
    if (never_amended(past, end)) {
        st = not_estimable(gs_repeated_p(l.n, l.info, l.t, &m->spending, e->statistic, &f->repeated_p, err),
                           err);
    }
    if (st == OK && on) {
        st = z_power(m, e, &l, a.estimate, f, err);
    }
out:
    looks_done(&l);
    return st;
}

/* ---- B2 ---- */

struct days {
    struct exact_day *day;
    int64_t *c;
    size_t n;
    double log_share, events; /* sum over events of log(Y1 / (Y1 + Y0)), and how many */
};

static void days_done(struct days *d)
{
    free(d->day);
    free(d->c);
}

static enum status days_of(const struct entry *past, size_t n, struct days *ret, struct err *err)
{
    struct days d = {0};
    size_t room = 0;
    int64_t events = 0;

    for (size_t i = 0; i < n; i++) {
        room += past[i].executed ? past[i].n_b2 : 0;
    }
    d.day = calloc(room + 1, sizeof *d.day);
    d.c = calloc(room + 1, sizeof *d.c);
    if (d.day == NULL || d.c == NULL) {
        days_done(&d);
        return err_set(err, E_NOMEM, "what the looks say");
    }
    for (size_t i = 0; i < n; i++) {
        const struct entry *e = &past[i];

        for (size_t k = 0; e->executed && k < e->n_b2; k++) {
            const struct block *b = &e->b2[k];

            events += b->m;
            d.day[d.n] = (struct exact_day){b->y1, b->y0, b->m};
            d.c[d.n++] = events + 1;
            d.log_share += (double)b->m * log((double)b->y1 / (double)(b->y1 + b->y0));
            d.events += (double)b->m;
        }
        /* A closing look without new events tests the same day once more. */
        if (e->executed && d.n > 0 && e->bound < (double)d.c[d.n - 1]) {
            d.c[d.n - 1] = (int64_t)e->bound;
        }
    }
    *ret = d;
    return OK;
}

static enum status exact_power(const struct monitor *m, const struct days *d, int64_t x, double ratio,
                               struct inference *f, struct err *err)
{
    struct exact_rest rest = {.share = exp(d->log_share / d->events),
                              .spending = &m->spending,
                              .alpha = m->alpha,
                              .n_max = m->max_events};
    enum status st = exact_conditional_power(d->day, d->n, d->c, x, &rest, 1, &f->power_null, err);

    if (st == OK && ratio > 0 && isfinite(ratio)) {
        st = exact_conditional_power(d->day, d->n, d->c, x, &rest, ratio, &f->power_estimate, err);
    }
    return not_estimable(st, err);
}

static enum status exact_infer(const struct monitor *m, const struct entry *past, size_t end, bool on,
                               struct inference *f, struct err *err)
{
    const struct entry *e = &past[end - 1];
    struct days d = {0};
    struct exact_adjusted a;
    enum status st = days_of(past, end, &d, err);

    if (st != OK) {
        return st;
    }
    st = exact_adjust(d.day, d.n, d.c, e->x1, f->tail, &a, err);
    if (st != OK) {
        st = not_estimable(st, err);
        goto out;
    }
    f->p = a.p_upper;
    f->ratio = a.ratio;
    if (on && never_amended(past, end)) {
        st = exact_power(m, &d, e->x1, a.ratio.value, f, err);
    }
out:
    days_done(&d);
    return st;
}

enum status monitor_infer(const struct monitor *m, const struct entry *past, size_t n_past,
                          struct inference *ret, struct err *err)
{
    static const struct estimate none = {NUM_NAN, NUM_NAN, NUM_NAN};
    struct inference f = {.tail = m->alpha,
                          .p = NUM_NAN,
                          .ratio = none,
                          .repeated = none,
                          .repeated_p = NUM_NAN,
                          .power_null = NUM_NAN,
                          .power_estimate = NUM_NAN,
                          .power_predictive = NUM_NAN};
    size_t end = m->method == METHOD_E_PROCESS ? 0 : stage_end(past, n_past);
    enum status st = OK;

    if (end > 0) {
        f.look = past[end - 1].look;
        f.events = past[end - 1].events;
        st = m->method == METHOD_SPENDING_Z ? z_infer(m, past, end, goes_on(m, past, n_past), &f, err)
                                            : exact_infer(m, past, end, goes_on(m, past, n_past), &f, err);
    }
    if (st == OK) {
        *ret = f;
    }
    return st;
}
