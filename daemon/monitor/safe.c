/*
 * safe.c - the e-process as seen: each look adds the events that nobody knew before, and nothing is ever revised.
 */
#include "monitor/judge.h"

#include <math.h>
#include <stdlib.h>

#include "stats/eprocess.h"

static enum status take(struct eprocess *p, const struct block *b, size_t n, struct err *err)
{
    enum status st = OK;

    for (size_t i = 0; st == OK && i < n; i++) {
        st = eprocess_day(p, b[i].y1, b[i].y0, b[i].m, b[i].x, err);
    }
    return st;
}

enum status judge_safe(const struct monitor *m, const struct entry *past, size_t n_past,
                       const struct monitor_data *d, struct entry *e, struct err *err)
{
    struct eprocess *p = NULL;
    struct block *b = NULL;
    size_t n = 0;
    double now, max;
    enum status st;

    if (!m->e.on) {
        return OK;
    }
    st = judge_blocks(d, 0, true, &b, &n, err);
    if (st == OK) {
        st = eprocess_new(m->e.prior_a, m->e.prior_b, d->pi_star, &p, err);
    }
    for (size_t i = 0; st == OK && i < n_past; i++) {
        st = take(p, past[i].seen, past[i].n_seen, err);
    }
    if (st == OK) {
        st = take(p, b, n, err);
    }
    if (st == OK) {
        st = eprocess_log_e(p, &now, &max, err);
    }
    if (st == OK) {
        e->log_e = now;
        e->log_e_max = max;
    } else if (st == E_NUMERIC || st == E_DATA) {
        err_clear(err);
        st = OK;
    }
    if (st == OK) {
        e->seen = b; /* as seen, even where the numbers failed: the record is what was known */
        e->n_seen = n;
        b = NULL;
    }
    eprocess_free(p);
    free(b);
    return st;
}

/* Would the corrected events, day by day, have reached the threshold at some time? */
static enum status corrected_reaches(const struct monitor *m, const struct monitor_data *d, double threshold,
                                     bool *ret, struct err *err)
{
    struct eprocess *p = NULL;
    struct block *b = NULL;
    size_t n = 0;
    double now, max = (double)NAN;
    enum status st = judge_blocks(d, 0, false, &b, &n, err);

    if (st == OK) {
        st = eprocess_new(m->e.prior_a, m->e.prior_b, d->pi_star, &p, err);
    }
    if (st == OK) {
        st = take(p, b, n, err);
    }
    if (st == OK) {
        st = eprocess_log_e(p, &now, &max, err);
    }
    if (st == E_NUMERIC || st == E_DATA) {
        err_clear(err);
        max = (double)NAN;
        st = OK;
    }
    if (st == OK) {
        *ret = max >= threshold;
    }
    eprocess_free(p);
    free(b);
    return st;
}

enum status judge_safe_verdict(const struct monitor *m, const struct ledger_state *st,
                               const struct monitor_data *d, struct entry *e, struct err *err)
{
    /* The largest E so far: the bound holds at every moment at once, so also at the day between two looks. */
    e->statistic = e->log_e_max;
    e->bound = m->role == ROLE_DECISIVE ? -log(m->alpha) : log(m->e.reference);
    e->nominal_p = isnan(e->log_e_max) ? (double)NAN : fmin(1, exp(-e->log_e_max));
    if (st->crossed) {
        e->verdict = VERDICT_CROSSED;
        judge_reason(e, "crossed at an earlier look: descriptive since");
        return corrected_reaches(m, d, e->bound, &e->current_crosses, err);
    }
    if (d->n1 <= 0 || d->n0 <= 0) {
        judge_undetermined(e, "one side of the comparison has no subjects");
    } else if (isnan(e->log_e_max) || isnan(e->bound)) {
        judge_undetermined(e, "the e-process cannot be computed from these risk sets");
    } else if (e->log_e_max >= e->bound) {
        e->verdict = VERDICT_CROSSED;
    } else if (e->n_seen == 0) {
        e->verdict = VERDICT_NO_NEW_INFORMATION;
        judge_reason(e, e->events == 0 ? "no events yet" : "no event that was not known before");
    } else {
        e->verdict = VERDICT_BELOW;
    }
    return OK;
}
