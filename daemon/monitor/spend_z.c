/*
 * spend_z.c - B1 at a look: logrank z and information of the corrected data, the next bound after the executed looks.
 */
#include "monitor/judge.h"

#include <math.h>
#include <stdlib.h>

#include "stats/dist.h"
#include "stats/gs_power.h"
#include "stats/logrank.h"

/* Less relative growth than this is no new look (methods, B1). */
static const double no_growth = 1e-6;

enum status judge_z_nominal(const struct monitor_data *d, struct entry *e, struct err *err)
{
    struct logrank lr;
    enum status st;

    if (d->n_days == 0) {
        return OK;
    }
    st = logrank_test(d->days, d->n_days, &lr, err);
    if (st == E_NUMERIC || st == E_DATA) {
        err_clear(err);
        return OK; /* statistic and information stay NaN: UNDETERMINED where a verdict is asked for */
    }
    if (st != OK) {
        return st;
    }
    e->statistic = lr.z;
    e->info = lr.info;
    e->nominal_p = prob_normal(lr.z, TAIL_UPPER);
    return OK;
}

static bool grew(double info, double than)
{
    return info - than > no_growth * info;
}

void judge_z_again(const struct entry *past, size_t n_past, struct entry *e)
{
    judge_no_new(judge_in_force(past, n_past, e->events), e->statistic, e);
}

/* z of the first n events known, on today's risk sets; NaN where it cannot be had. */
static enum status first_z(const struct monitor_data *d, int64_t n, double *ret, struct err *err)
{
    struct monitor_data first = *d;
    struct block *b = NULL;
    struct logrank_row *rows = NULL;
    struct logrank lr = {.z = (double)NAN};
    size_t n_b = 0;
    enum status st;

    first.n_events = (size_t)n;
    st = judge_blocks(&first, 0, false, &b, &n_b, err);
    if (st != OK || n_b == 0) {
        goto out;
    }
    rows = calloc(n_b, sizeof *rows);
    if (rows == NULL) {
        st = err_set(err, E_NOMEM, "logrank of the first events");
        goto out;
    }
    for (size_t i = 0; i < n_b; i++) {
        rows[i] = (struct logrank_row){b[i].y1, b[i].y0, b[i].x, b[i].m - b[i].x};
    }
    st = logrank_test(rows, n_b, &lr, err);
out:
    if (st == E_NUMERIC || st == E_DATA) {
        err_clear(err);
        lr.z = (double)NAN;
        st = OK;
    }
    if (st == OK) {
        *ret = lr.z;
    }
    free(rows);
    free(b);
    return st;
}

enum status judge_z_path(const struct entry *past, size_t n_past, const struct monitor_data *d,
                         const struct entry *e, bool *ret, struct err *err)
{
    bool crosses = e->statistic >= e->bound; /* false with NaN */

    for (size_t i = 0; !crosses && i < n_past; i++) {
        double z;
        enum status st;

        if (!past[i].executed || past[i].events > e->events) {
            continue;
        }
        st = first_z(d, past[i].events, &z, err);
        if (st != OK) {
            return st;
        }
        crosses = z >= past[i].bound;
    }
    *ret = crosses;
    return OK;
}

enum status judge_z_looks(const struct entry *past, size_t n_past, struct gs_look **ret, size_t *n_ret,
                          struct err *err)
{
    struct gs_look *looks = calloc(n_past + 1, sizeof *looks);
    size_t n = 0;

    if (looks == NULL) {
        return err_set(err, E_NOMEM, "rebuilding the executed looks");
    }
    for (size_t i = 0; i < n_past; i++) {
        const struct entry *p = &past[i];

        if (!p->executed) {
            continue;
        }
        if (n > 0 && !grew(p->info, looks[n - 1].info)) {
            looks[n - 1].upper = p->bound;
        } else {
            looks[n++] = (struct gs_look){p->info, -(double)INFINITY, p->bound};
        }
    }
    *ret = looks;
    *n_ret = n;
    return OK;
}

enum status judge_z_overrun(const struct entry *past, size_t n_past, struct entry *e, struct err *err)
{
    const struct entry *crossing = judge_overrun_from(past, n_past, e->events);
    struct gs_look *looks = NULL;
    double *info = NULL, *lower, *upper;
    size_t n = 0;
    enum status st;

    if (crossing == NULL || !isfinite(e->statistic) || !(e->info > crossing->info)) {
        return OK;
    }
    st = judge_z_looks(past, n_past, &looks, &n, err);
    if (st != OK) {
        return st;
    }
    info = calloc(3 * n, sizeof *info);
    if (info == NULL) {
        st = err_set(err, E_NOMEM, "over-running");
        goto out;
    }
    lower = info + n;
    upper = lower + n;
    for (size_t i = 0; i < n; i++) {
        info[i] = looks[i].info;
        lower[i] = looks[i].lower;
        upper[i] = looks[i].upper;
    }
    st = gs_overrun_deletion_p(n, info, lower, upper, e->info, e->statistic, &e->overrun_p, err);
    if (st == E_NUMERIC || st == E_DATA) {
        err_clear(err);
        e->overrun_p = (double)NAN;
        st = OK;
    }
out:
    free(info);
    free(looks);
    return st;
}

enum status judge_z(const struct monitor *m, const struct entry *past, size_t n_past,
                    const struct ledger_state *st, const struct monitor_data *d, struct entry *e,
                    struct err *err)
{
    struct gs_look *looks = NULL;
    size_t n = 0;
    double t, target, bound, before, now, info;
    bool closing = judge_closing(m, d), growth;
    enum status rc;

    if (!(isfinite(e->statistic) && isfinite(e->info) && e->info > 0)) {
        judge_undetermined(e, "the logrank statistic cannot be computed from these risk sets");
        return OK;
    }
    rc = judge_z_looks(past, n_past, &looks, &n, err);
    if (rc != OK) {
        return rc;
    }
    growth = n == 0 || grew(e->info, looks[n - 1].info);
    if (!closing && (e->events <= st->used || !growth)) {
        e->verdict = VERDICT_NO_NEW_INFORMATION;
        judge_reason(e, growth ? "the count has not grown since the last bound"
                               : "the information has not grown since the last bound");
        judge_z_again(past, n_past, e);
        goto out;
    }
    rc = judge_spend(m, st, d, &t, &target, err);
    if (rc != OK) {
        goto refused;
    }
    info = e->info;
    if (!growth) {
        /* Closing without new information: that look once more, with its increment enlarged by what is left. */
        n--;
        info = looks[n].info;
    }
    /* What the executed looks spent, by the recursion itself: a ledger and its bounds cannot drift apart. */
    rc = gs_next_upper(looks, n, info, 0, &bound, &before, err);
    now = rc == OK && target > before ? target - before : 0;
    if (rc == OK && now > 0) {
        rc = gs_next_upper(looks, n, info, now, &bound, &before, err);
    }
refused:
    if (rc != OK) {
        rc = judge_refused(rc, err, e, "the boundary of this look cannot be computed");
        goto out;
    }
    if (isnan(bound)) {
        judge_undetermined(e, "the boundary of this look cannot be computed");
        goto out;
    }
    e->executed = true;
    e->t = t;
    e->alpha_target = target;
    e->alpha_spent = before + now;
    e->bound = bound;
    e->verdict = e->statistic >= bound ? VERDICT_CROSSED : VERDICT_BELOW;
out:
    free(looks);
    return rc;
}
