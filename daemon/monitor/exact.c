/*
 * exact.c - B2 at a look: the recursion rebuilt from the executed looks, one test more, the corrected count against it.
 */
#include "monitor/judge.h"

#include <math.h>
#include <stdlib.h>

#include "stats/exact_seq.h"

static enum status convolve(struct exact_seq *s, const struct block *b, size_t n, struct err *err)
{
    enum status st = OK;

    for (size_t i = 0; st == OK && i < n; i++) {
        st = exact_seq_day(s, b[i].y1, b[i].y0, b[i].m, err);
    }
    return st;
}

/* All current events in one fixed-sample test: P0(X >= x1) given the risk sets. */
static enum status fixed_p(const struct monitor_data *d, int64_t x1, double *ret, struct err *err)
{
    struct exact_seq *s = NULL;
    struct block *b = NULL;
    size_t n = 0;
    enum status st = judge_blocks(d, 0, false, &b, &n, err);

    if (st == OK) {
        st = exact_seq_new(&s, err);
    }
    if (st == OK) {
        st = convolve(s, b, n, err);
    }
    if (st == OK) {
        st = exact_seq_tail(s, x1, ret, err);
    }
    exact_seq_free(s);
    free(b);
    return st;
}

enum status judge_exact_nominal(const struct monitor_data *d, struct entry *e, struct err *err)
{
    enum status st = OK;

    e->statistic = (double)e->x1;
    if (d->n_events > 0) {
        st = fixed_p(d, e->x1, &e->nominal_p, err);
        if (st == E_NUMERIC || st == E_DATA) {
            err_clear(err);
            e->nominal_p = (double)NAN;
            st = OK;
        }
    }
    return st;
}

/* The recursion as the executed looks left it; *spent may be NULL. */
static enum status replay(struct exact_seq *s, const struct entry *past, size_t n_past, double *spent,
                          struct err *err)
{
    enum status st = OK;

    if (spent != NULL) {
        *spent = 0;
    }
    for (size_t i = 0; st == OK && i < n_past; i++) {
        struct exact_bound b = {0};

        if (!past[i].executed) {
            continue;
        }
        st = convolve(s, past[i].b2, past[i].n_b2, err);
        if (st == OK) {
            st = exact_seq_apply(s, (int64_t)past[i].bound, &b, err);
        }
        if (st == OK && spent != NULL) {
            *spent = b.spent;
        }
    }
    return st;
}

/* Experimental events among the first n known. */
static int64_t first_x(const struct monitor_data *d, int64_t n)
{
    int64_t x = 0;

    for (size_t i = 0; i < d->n_events && (int64_t)i < n; i++) {
        x += d->events[i].exp == 1;
    }
    return x;
}

/* Where no bound was executed at exactly this count, the one below judges the events that it would have judged. */
void judge_exact_again(const struct entry *past, size_t n_past, const struct monitor_data *d, struct entry *e)
{
    const struct entry *in_force = judge_in_force(past, n_past, e->events);

    judge_no_new(in_force, in_force != NULL ? (double)first_x(d, in_force->events) : (double)NAN, e);
}

enum status judge_exact_overrun(const struct entry *past, size_t n_past, const struct monitor_data *d,
                                struct entry *e, struct err *err)
{
    const struct entry *crossing = judge_overrun_from(past, n_past, e->events);
    struct ledger_state before;
    struct exact_seq *s = NULL;
    struct block *b = NULL;
    size_t n = 0, n_before;
    double spent = 0, tail = 0;
    enum status st;

    if (crossing == NULL) {
        return OK;
    }
    n_before = (size_t)(crossing - past);
    judge_state(NULL, past, n_before, &before);
    st = exact_seq_new(&s, err);
    if (st == OK) {
        st = replay(s, past, n_before, &spent, err);
    }
    if (st == OK) {
        st = judge_blocks(d, (size_t)before.used, false, &b, &n, err);
    }
    if (st == OK) {
        st = convolve(s, b, n, err);
    }
    if (st == OK) {
        st = exact_seq_tail(s, e->x1, &tail, err);
    }
    if (st == OK && spent + tail <= 1 + 1e-12) {
        e->overrun_p = spent + tail < 1 ? spent + tail : 1;
    }
    exact_seq_free(s);
    free(b);
    if (st == E_NUMERIC || st == E_DATA) {
        err_clear(err);
        st = OK;
    }
    return st;
}

bool judge_exact_path(const struct entry *past, size_t n_past, const struct monitor_data *d)
{
    for (size_t i = 0; i < n_past; i++) {
        if (past[i].executed && past[i].events <= (int64_t)d->n_events &&
            (double)first_x(d, past[i].events) >= past[i].bound) {
            return true;
        }
    }
    return false;
}

enum status judge_exact(const struct monitor *m, const struct entry *past, size_t n_past,
                        const struct ledger_state *st, const struct monitor_data *d, struct entry *e,
                        struct err *err)
{
    const char *why = "the exact boundary cannot be computed from these risk sets";
    struct exact_seq *s = NULL;
    struct block *b = NULL;
    size_t n = 0;
    double t, target;
    struct exact_bound bound;
    enum status rc;

    if (e->events <= st->used && !judge_closing(m, d)) {
        e->verdict = VERDICT_NO_NEW_INFORMATION;
        judge_reason(e, "the count has not grown since the last bound");
        judge_exact_again(past, n_past, d, e);
        return OK;
    }
    rc = exact_seq_new(&s, err);
    if (rc == OK) {
        rc = replay(s, past, n_past, NULL, err);
    }
    if (rc == OK && e->events > st->used) {
        rc = judge_blocks(d, (size_t)st->used, false, &b, &n, err);
    }
    if (rc == OK) {
        rc = convolve(s, b, n, err);
    }
    if (rc == OK) {
        rc = judge_spend(m, st, d, &t, &target, err);
    }
    if (rc == OK) {
        rc = exact_seq_test(s, target, &bound, err);
    }
    if (rc != OK) {
        rc = judge_refused(rc, err, e, why);
        goto out;
    }
    if (!(bound.spent >= st->alpha_spent - 1e-12 && bound.spent <= 1)) {
        judge_undetermined(e, why);
        goto out;
    }
    /*
     * A closing look after a retraction tests fewer events than the recursion holds: the bound for the larger count is
     * also valid for the smaller one, since dropping events cannot raise the count in the experimental arm.
     */
    e->executed = true;
    e->t = t;
    e->alpha_target = target;
    e->alpha_spent = bound.spent;
    e->bound = (double)bound.c;
    e->b2 = b;
    e->n_b2 = n;
    b = NULL;
    e->verdict = e->x1 >= bound.c ? VERDICT_CROSSED : VERDICT_BELOW;
out:
    exact_seq_free(s);
    free(b);
    return rc;
}

enum status monitor_sensitivity(const struct monitor *m, int64_t n, double *geometric_mean_limit,
                                struct err *err)
{
    double t = (double)n / (double)m->max_events, share;
    enum status st;

    if (m->method != METHOD_EXACT_BINOMIAL || n < 1 || n < m->min_events) {
        *geometric_mean_limit = (double)NAN;
        return OK;
    }
    st = spending_at(&m->spending, m->alpha, t < 1 ? t : 1, &share, err);
    if (st != OK) {
        return st;
    }
    /* Nothing is spent on the way: before the n-th event even a run of all events was not rare enough. */
    *geometric_mean_limit = exp(log(share) / (double)n);
    return OK;
}
