/*
 * plan_notes.c - what a plan means, in the words of the person who is about to adopt it.
 */
#include <math.h>

#include "base/text.h"
#include "monitor/ledger.h"
#include "monitor/plan.h"

static void add_number(struct buf *out, double v)
{
    buf_fmt(out, "%.6g", v);
}

/* The smallest run of events, all on the experimental side with risk sets as planned, that crosses; 0: none can. */
static enum status smallest_run(const struct plan *p, const struct monitor *m, int64_t *ret, struct err *err)
{
    double experimental = 0, control = p->arms.arm[ARM_CONTROL].allocation;

    for (int i = 1; i < p->arms.n; i++) {
        experimental += m->comparison == ARM_NONE || m->comparison == i ? p->arms.arm[i].allocation : 0;
    }
    for (int64_t n = 1; n <= m->max_events; n++) {
        double limit;
        enum status st = monitor_sensitivity(m, n, &limit, err);

        if (st != OK) {
            return st;
        }
        if (experimental / (experimental + control) <= limit) {
            *ret = n;
            return OK;
        }
    }
    *ret = 0;
    return OK;
}

static enum status monitor_note(const struct plan *p, const struct monitor *m, struct buf *out,
                                struct err *err)
{
    int64_t run = 0;
    enum status st = OK;

    buf_fmt(out, "%s: %s, %s", m->name, method_name(m->method),
            m->role == ROLE_DECISIVE ? "decides" : "supportive");
    if (m->alpha > 0) {
        buf_str(out, ", one-sided alpha ");
        add_number(out, m->alpha);
    }
    switch (m->method) {
    case METHOD_EXACT_BINOMIAL:
        st = smallest_run(p, m, &run, err);
        buf_fmt(out, ", at most %lld events; ", (long long)m->max_events);
        if (run > 0) {
            buf_fmt(out, "a run of %lld on one side is the first that can cross", (long long)run);
        } else {
            buf_str(out, "no run of events on one side can cross before the closing look");
        }
        break;
    case METHOD_SPENDING_Z:
        buf_fmt(out, ", at most %lld events; nothing is tested below %lld", (long long)m->max_events,
                (long long)m->min_events);
        break;
    case METHOD_E_PROCESS:
        buf_str(out, "; threshold ");
        add_number(out, m->role == ROLE_DECISIVE ? 1 / m->alpha : m->e.reference);
        break;
    }
    if (m->amended_from > 0) {
        buf_fmt(
            out,
            "; the maximum was %lld: by adopting you state that it was changed without knowledge of the arms",
            (long long)m->amended_from);
    }
    if (m->urgency == ALERT_URGENT) {
        buf_str(out, "; an alert is urgent");
    }
    buf_char(out, '\n');
    return st;
}

enum status plan_notes(const struct plan *p, struct buf *out, struct err *err)
{
    enum status st = OK;

    for (size_t f = 0; f < p->n_families; f++) {
        buf_fmt(out, "family %s: shares sum to ", p->families[f].name);
        add_number(out, plan_family_sum(p, (int)f));
        buf_str(out, " of at most ");
        add_number(out, p->families[f].alpha);
        if (p->families[f].reserve > 0) {
            buf_str(out, ", ");
            add_number(out, p->families[f].reserve);
            buf_str(out, " kept for monitors that are added later");
        }
        buf_char(out, '\n');
    }
    for (size_t i = 0; st == OK && i < p->n_monitors; i++) {
        st = monitor_note(p, &p->monitors[i], out, err);
    }
    return st == OK ? buf_check(out, err) : st;
}
