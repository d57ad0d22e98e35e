#include "monitor/amend.h"

#include <string.h>

#include "monitor/judge.h"

static bool executed_any(const struct history *h)
{
    for (size_t i = 0; i < h->n; i++) {
        if (h->entries[i].executed || h->entries[i].n_seen > 0) {
            return true;
        }
    }
    return false;
}

static bool same_arms(const struct arms *a, const struct arms *b)
{
    if (a->n != b->n) {
        return false;
    }
    for (int i = 0; i < a->n; i++) {
        if (!secret_same(a->arm[i].code, b->arm[i].code) || a->arm[i].allocation != b->arm[i].allocation) {
            return false;
        }
    }
    return true;
}

static bool same_spending(const struct spending *a, const struct spending *b)
{
    if (a->kind != b->kind || a->param != b->param || a->n_user != b->n_user) {
        return false;
    }
    for (size_t i = 0; i < a->n_user; i++) {
        if (a->user[i].t != b->user[i].t || a->user[i].share != b->user[i].share) {
            return false;
        }
    }
    return true;
}

/* The first thing that differs in design, or NULL. */
static const char *design_change(const struct monitor *a, const struct monitor *b)
{
    if (strcmp(a->category, b->category) != 0 || strcmp(a->subtype, b->subtype) != 0) {
        return "category";
    }
    if (a->window != b->window) {
        return "window";
    }
    if (a->comparison != b->comparison) {
        return "comparison";
    }
    if (a->method != b->method) {
        return "method";
    }
    if (a->role != b->role) {
        return "role";
    }
    if (!same_spending(&a->spending, &b->spending)) {
        return "spending";
    }
    if (a->alpha != b->alpha) {
        return "alpha_one_sided";
    }
    if (a->min_events != b->min_events) {
        return "min_events";
    }
    if (a->clock != b->clock || a->months != b->months || a->n_fractions != b->n_fractions ||
        memcmp(a->fractions, b->fractions, a->n_fractions * sizeof a->fractions[0]) != 0) {
        return "looks";
    }
    if (a->e.on != b->e.on || (a->e.on && (a->e.prior_a != b->e.prior_a || a->e.prior_b != b->e.prior_b))) {
        return "e_process";
    }
    return NULL;
}

/* Another maximum keeps alpha only if it was chosen blind, and while there is alpha left to spend. */
static enum status maximum_may_change(const struct monitor *m, const struct history *h,
                                      const struct monitor *to, struct err *err)
{
    struct ledger_state past;

    judge_state(NULL, h->entries, h->n, &past);
    if (m->max_events == to->max_events) {
        return OK;
    }
    if (past.crossed || past.closed) { /* which of them is not for everybody who reads what was answered */
        return err_set(err, E_STATE,
                       "monitor %s: its max_events can change no more; add a new monitor under another name "
                       "that draws on "
                       "its family's alpha_reserve",
                       m->name);
    }
    if (to->amended_from != m->max_events) {
        return err_set(
            err, E_STATE,
            "monitor %s has been looked at: its max_events may change from %lld to %lld only if that was "
            "decided without knowledge of the arms; if so, say it: max_events_amended: {from: %lld, "
            "decided_blind: true}",
            m->name, (long long)m->max_events, (long long)to->max_events, (long long)m->max_events);
    }
    if (to->max_events <= past.seen) {
        return err_set(
            err, E_STATE,
            "monitor %s: the new max_events must lie above the number of first events already counted",
            m->name);
    }
    return OK;
}

static int family_of(const struct plan *p, const char *name)
{
    for (size_t f = 0; f < p->n_families; f++) {
        if (strcmp(p->families[f].name, name) == 0) {
            return (int)f;
        }
    }
    return -1;
}

/* What monitors that are not in the running plan take of a family. */
static double newly_drawn(const struct plan *running, const struct plan *next, int family)
{
    double sum = 0;

    for (size_t i = 0; i < next->n_monitors; i++) {
        const struct monitor *m = &next->monitors[i];

        if (m->family == family && m->role == ROLE_DECISIVE && plan_monitor(running, m->name) == NULL) {
            sum += m->alpha;
        }
    }
    return sum;
}

/* New monitors draw on what was declared for them before anything was known. */
static enum status reserves_suffice(const struct plan *running, const struct plan *next, struct err *err)
{
    const double slack = 1e-12;

    for (size_t i = 0; i < next->n_monitors; i++) {
        const struct monitor *m = &next->monitors[i];

        if (m->role == ROLE_DECISIVE && plan_monitor(running, m->name) == NULL &&
            (m->family < 0 || family_of(running, next->families[m->family].name) < 0)) {
            return err_set(
                err, E_STATE,
                "looks have been taken: the new monitor %s may decide only with alpha that the running "
                "plan keeps in reserve; give it a family of that plan which has an alpha_reserve, or "
                "write role: supportive",
                m->name);
        }
    }
    for (size_t f = 0; f < next->n_families; f++) {
        const struct family *to = &next->families[f];
        int was = family_of(running, to->name);
        double drawn;

        if (was < 0) {
            continue;
        }
        if (to->alpha != running->families[was].alpha) {
            return err_set(err, E_STATE, "looks have been taken: alpha_one_sided of family %s cannot change",
                           to->name);
        }
        drawn = newly_drawn(running, next, (int)f);
        if (drawn + to->reserve > running->families[was].reserve + slack) {
            return err_set(
                err, E_STATE,
                "looks have been taken: new monitors of family %s take %g and its alpha_reserve is to be "
                "%g, together above the running plan's alpha_reserve of %g; lower them",
                to->name, drawn, to->reserve, running->families[was].reserve);
        }
    }
    return OK;
}

enum status plan_may_follow(const struct plan *running, const struct history *h, const struct plan *next,
                            struct err *err)
{
    bool any = false;
    enum status st;

    for (size_t i = 0; i < running->n_monitors; i++) {
        const struct monitor *m = &running->monitors[i], *to = plan_monitor(next, m->name);
        const char *what;

        if (!executed_any(&h[i])) {
            continue;
        }
        any = true;
        if (to == NULL) {
            return err_set(err, E_STATE,
                           "monitor %s has been looked at and cannot be dropped: keep it in the plan",
                           m->name);
        }
        what = design_change(m, to);
        if (what != NULL) {
            return err_set(
                err, E_STATE,
                "monitor %s has been looked at: its %s cannot change; add a new monitor under another name",
                m->name, what);
        }
        st = maximum_may_change(m, &h[i], to, err);
        if (st != OK) {
            return st;
        }
    }
    if (any && (!same_arms(&running->arms, &next->arms) || running->population != next->population ||
                running->basis != next->basis || running->te_days != next->te_days)) {
        return err_set(err, E_STATE,
                       "looks have been taken: arms, population, arm_basis and the treatment-emergent window "
                       "cannot change");
    }
    if (any && (running->trial_clock != next->trial_clock || running->cut != next->cut ||
                running->first_look != next->first_look)) {
        return err_set(
            err, E_STATE,
            "looks have been taken: trial_clock, cut and first_look, from which their times come, cannot "
            "change");
    }
    return any ? reserves_suffice(running, next, err) : OK;
}

enum status plan_amendments(const struct plan *running, const struct plan *next, struct buf *out,
                            struct err *err)
{
    for (size_t i = 0; running != NULL && i < running->n_monitors; i++) {
        const struct monitor *m = &running->monitors[i], *to = plan_monitor(next, m->name);

        if (to != NULL && to->max_events != m->max_events && to->amended_from == m->max_events) {
            buf_fmt(out, "%smonitor %s: max_events amended from %lld to %lld, stated to be decided blind",
                    out->len > 0 ? "; " : "", m->name, (long long)m->max_events, (long long)to->max_events);
        }
    }
    return buf_check(out, err);
}
