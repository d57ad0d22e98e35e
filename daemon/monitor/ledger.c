/*
 * ledger.c - the order of the questions asked at a look, and what an entry carries on from its past.
 */
#include "monitor/judge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void entry_done(struct entry *e)
{
    free(e->b2);
    free(e->seen);
    e->b2 = NULL;
    e->seen = NULL;
    e->n_b2 = 0;
    e->n_seen = 0;
}

void judge_reason(struct entry *e, const char *why)
{
    size_t len = strlen(why);

    if (len >= sizeof e->reason) {
        len = sizeof e->reason - 1;
    }
    memcpy(e->reason, why, len);
    e->reason[len] = '\0';
}

void judge_undetermined(struct entry *e, const char *why)
{
    e->verdict = VERDICT_UNDETERMINED;
    e->executed = false;
    judge_reason(e, why);
}

enum status judge_refused(enum status st, struct err *err, struct entry *e, const char *why)
{
    if (st != E_NUMERIC && st != E_DATA) {
        return st;
    }
    err_clear(err);
    judge_undetermined(e, why);
    return OK;
}

/* The maximum was amended: what was tested and spent under the one before is where the new one begins. */
static void amended(struct ledger_state *s)
{
    s->from = s->used;
    s->from_spent = s->alpha_spent;
    s->t = 0;
}

void judge_state(const struct monitor *m, const struct entry *past, size_t n_past, struct ledger_state *ret)
{
    struct ledger_state s = {0};

    for (size_t i = 0; i < n_past; i++) {
        const struct entry *e = &past[i];

        if (i > 0 && e->max_events != past[i - 1].max_events) {
            amended(&s);
        }

        if (e->verdict == VERDICT_CROSSED || e->verdict == VERDICT_CROSSED_LOWER) {
            s.crossed = true;
        }
        if (e->events > s.seen) {
            s.seen = e->events;
        }
        if (!e->executed) {
            continue;
        }
        s.alpha_target = e->alpha_target;
        s.alpha_spent = e->alpha_spent;
        if (e->t > s.t) {
            s.t = e->t;
        }
        if (e->events > s.used) {
            s.used = e->events;
        }
        if (e->t >= 1) {
            s.closed = true;
        }
    }
    if (m != NULL && n_past > 0 && past[n_past - 1].max_events != m->max_events) {
        amended(&s);
    }
    *ret = s;
}

const struct entry *judge_in_force(const struct entry *past, size_t n_past, int64_t events)
{
    const struct entry *best = NULL;

    for (size_t i = 0; i < n_past; i++) {
        if (past[i].executed && past[i].events <= events &&
            (best == NULL || past[i].events >= best->events)) {
            best = &past[i];
        }
    }
    return best;
}

const struct entry *judge_overrun_from(const struct entry *past, size_t n_past, int64_t events)
{
    for (size_t i = 0; i < n_past; i++) {
        if (past[i].verdict == VERDICT_CROSSED || past[i].verdict == VERDICT_CROSSED_LOWER) {
            return past[i].executed && events > past[i].events ? &past[i] : NULL;
        }
    }
    return NULL;
}

enum status judge_spend(const struct monitor *m, const struct ledger_state *st, const struct monitor_data *d,
                        double *t, double *target, struct err *err)
{
    double now = (double)d->n_events / (double)m->max_events, then, f = 0, f0 = 0;
    enum status rc;

    if (judge_closing(m, d) || now >= 1) {
        now = 1;
    }
    if (now < st->t) {
        now = st->t;
    }
    rc = spending_at(&m->spending, m->alpha, now, &f, err);
    if (rc != OK) {
        return rc;
    }
    if (st->from > 0 && now < 1) {
        then = (double)st->from / (double)m->max_events;
        rc = spending_at(&m->spending, m->alpha, then < 1 ? then : 1, &f0, err);
        if (rc != OK) {
            return rc;
        }
        f = f0 < m->alpha && f > f0
                ? st->from_spent + (m->alpha - st->from_spent) * (f - f0) / (m->alpha - f0)
                : st->from_spent;
    }
    *target = f;
    *t = now;
    return OK;
}

void judge_no_new(const struct entry *in_force, double statistic, struct entry *e)
{
    if (in_force == NULL) {
        return;
    }
    /*
     * Compared whether or not this look brought the change: an ad hoc look, or a cut that was not due, may have taken the
     * correction in before.  On unchanged data the comparison is that of the look which executed the bound.
     */
    e->bound = in_force->bound;
    if (isnan(statistic)) {
        judge_undetermined(e, "the corrected statistic cannot be computed");
    } else if (statistic >= in_force->bound) {
        e->verdict = VERDICT_CROSSED;
        e->on_correction = true;
        judge_reason(e, "on the corrected data the boundary of an earlier look is crossed");
    }
}

static void compare_again(const struct monitor *m, const struct entry *past, size_t n_past,
                          const struct monitor_data *d, struct entry *e)
{
    if (m->method == METHOD_EXACT_BINOMIAL) {
        judge_exact_again(past, n_past, d, e);
    } else {
        judge_z_again(past, n_past, e);
    }
}

/* After a crossing: what the corrected data say of it. */
static enum status latched(const struct monitor *m, const struct entry *past, size_t n_past,
                           const struct monitor_data *d, struct entry *e, struct err *err)
{
    const struct entry *in_force = judge_in_force(past, n_past, e->events);
    enum status st;

    e->verdict = VERDICT_CROSSED;
    e->bound = in_force != NULL ? in_force->bound : (double)NAN;
    judge_reason(e, "crossed at an earlier look: descriptive since");
    if (m->method == METHOD_EXACT_BINOMIAL) {
        e->current_crosses = judge_exact_path(past, n_past, d);
        return judge_exact_overrun(past, n_past, d, e, err);
    }
    st = judge_z_path(past, n_past, d, e, &e->current_crosses, err);
    return st == OK ? judge_z_overrun(past, n_past, e, err) : st;
}

/* The look that spends, or why it does not. */
static enum status judge_fixed(const struct monitor *m, const struct entry *past, size_t n_past,
                               const struct ledger_state *st, const struct monitor_data *d, struct entry *e,
                               struct err *err)
{
    const char *why;
    bool due = judge_due(m, past, n_past, d, &why);

    if (st->crossed) {
        return latched(m, past, n_past, d, e, err);
    }
    if (st->closed) {
        e->verdict = VERDICT_CLOSED;
        judge_reason(e, "all alpha is spent");
        if (due && e->events <= st->used) {
            compare_again(m, past, n_past, d, e);
        }
        return OK;
    }
    if (!due) {
        e->verdict = VERDICT_NOT_DUE;
        judge_reason(e, why);
        return OK;
    }
    if (d->n1 <= 0 || d->n0 <= 0) {
        judge_undetermined(e, "one side of the comparison has no subjects");
        return OK;
    }
    if (e->events == 0 && st->used == 0) {
        e->verdict = VERDICT_NO_NEW_INFORMATION;
        judge_reason(e, "no events yet");
        return OK;
    }
    if (e->events < m->min_events && st->used == 0) {
        judge_undetermined(e, "fewer events than the plan's minimum: nothing is spent");
        return OK;
    }
    if (m->method == METHOD_EXACT_BINOMIAL) {
        return judge_exact(m, past, n_past, st, d, e, err);
    }
    return judge_z(m, past, n_past, st, d, e, err);
}

static void entry_begin(const struct monitor *m, const struct ledger_state *st, const struct monitor_data *d,
                        struct entry *e)
{
    double reach = 0.8 * (double)m->max_events;

    memset(e, 0, sizeof *e);
    e->look = d->look;
    e->cut = d->cut;
    e->kind = d->kind;
    e->verdict = VERDICT_UNDETERMINED;
    e->events = (int64_t)d->n_events;
    for (size_t i = 0; i < d->n_events; i++) {
        e->x1 += d->events[i].exp == 1;
    }
    e->t = st->t;
    e->alpha_target = st->alpha_target;
    e->alpha_spent = st->alpha_spent;
    e->info = (double)NAN;
    e->statistic = (double)NAN;
    e->bound = (double)NAN;
    e->nominal_p = (double)NAN;
    e->log_e = (double)NAN;
    e->log_e_max = (double)NAN;
    e->max_events = m->max_events;
    e->overrun_p = (double)NAN;
    e->nominal = d->kind == LOOK_ADHOC && m->method != METHOD_E_PROCESS;
    e->warn_80 = m->max_events > 0 && (double)e->events >= reach && (double)st->seen < reach;
}

enum status monitor_judge(const struct monitor *m, const struct entry *past, size_t n_past,
                          const struct monitor_data *d, struct entry *ret, struct err *err)
{
    struct ledger_state state;
    struct entry e;
    enum status st;

    judge_state(m, past, n_past, &state);
    entry_begin(m, &state, d, &e);
    st = judge_safe(m, past, n_past, d, &e, err);
    if (st != OK) {
        goto out;
    }
    switch (m->method) {
    case METHOD_E_PROCESS:
        st = judge_safe_verdict(m, &state, d, &e, err);
        break;
    case METHOD_EXACT_BINOMIAL:
        st = judge_exact_nominal(d, &e, err);
        break;
    case METHOD_SPENDING_Z:
        st = judge_z_nominal(d, &e, err);
        break;
    }
    if (st == OK && m->method != METHOD_E_PROCESS) {
        st = judge_fixed(m, past, n_past, &state, d, &e, err);
    }
    if (st != OK) {
        goto out;
    }
    if (e.verdict == VERDICT_CROSSED && !state.crossed) {
        e.current_crosses = true;
    }
    *ret = e;
    memset(&e, 0, sizeof e);
out:
    entry_done(&e);
    return st;
}

enum verdict monitor_standing(const struct entry *past, size_t n)
{
    enum verdict standing = VERDICT_NOT_DUE;

    for (size_t i = 0; i < n; i++) {
        switch (past[i].verdict) {
        case VERDICT_CROSSED:
        case VERDICT_CROSSED_LOWER:
            return past[i].verdict;
        case VERDICT_BELOW:
        case VERDICT_UNDETERMINED:
        case VERDICT_CLOSED:
            standing = past[i].verdict;
            break;
        case VERDICT_NO_NEW_INFORMATION:
            standing = standing == VERDICT_NOT_DUE ? VERDICT_NO_NEW_INFORMATION : standing;
            break;
        case VERDICT_NOT_DUE:
            break;
        }
    }
    return standing;
}

const char *verdict_name(enum verdict v)
{
    switch (v) {
    case VERDICT_BELOW:
        return "BELOW";
    case VERDICT_CROSSED:
        return "CROSSED";
    case VERDICT_CROSSED_LOWER:
        return "CROSSED_LOWER";
    case VERDICT_UNDETERMINED:
        return "UNDETERMINED";
    case VERDICT_NO_NEW_INFORMATION:
        return "NO_NEW_INFORMATION";
    case VERDICT_NOT_DUE:
        return "NOT_DUE";
    case VERDICT_CLOSED:
        return "CLOSED";
    }
    return "UNDETERMINED";
}

const char *look_kind_name(enum look_kind k)
{
    switch (k) {
    case LOOK_CUT:
        return "CUT";
    case LOOK_ADHOC:
        return "ADHOC";
    case LOOK_FINAL:
        return "FINAL";
    }
    return "CUT";
}
