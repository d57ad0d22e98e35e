/*
 * report_monitors.c - where each monitor stands, and the ledger of its looks, as facts.  Closed report only.
 */
#include "render/report_parts.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "render/figures.h"
#include "render/format.h"
#include "render/words.h"

static void real(struct facts *f, struct place at, const char *statistic, double v, struct buf *b)
{
    facts_real_take(f, at, statistic, v, b);
}

/* How far the verdict of an exact test hangs on its risk sets: only for runs of events in one arm is there a limit. */
static enum status sensitivity(struct facts *f, struct place at, const struct monitor *m,
                               const struct history *past, const struct entry *now, struct err *err)
{
    const struct entry *e = words_crossing(past, now);
    double limit = (double)NAN, share;
    struct buf b = {0};
    enum status st;

    if (m->method != METHOD_EXACT_BINOMIAL) {
        return OK;
    }
    share = risk_share(past, now);
    if (!isnan(share)) {
        fmt_fixed(&b, share, 3);
        real(f, at, "share_at_risk", share, &b);
    }
    e = e == NULL ? now : e;
    if (e->events == 0 || e->x1 != e->events) {
        return OK;
    }
    st = monitor_sensitivity(m, e->events, &limit, err);
    if (st == E_NUMERIC) {
        err_clear(err);
        return OK;
    }
    if (st == OK && !isnan(limit)) {
        buf_fmt(&b, "%lld of %lld cross while the mean share at risk is at most ", (long long)e->events,
                (long long)e->events);
        fmt_fixed(&b, limit, 3);
        real(f, at, "sensitivity", limit, &b);
    }
    return st;
}

static enum status standing(const struct report_input *in, size_t i, const struct arm_names *names,
                            struct facts *f, struct err *err)
{
    const struct monitor *m = &in->plan->monitors[i];
    const struct entry *e = &in->result->entries[i];
    struct place at = {"monitors", m->name, ""};
    struct buf b = {0};
    enum status st;

    text_show(&b, m->title, strlen(m->title), TITLE_MAX_LEN);
    facts_lost(f, &b);
    facts_label(f, m->name, buf_cstr(&b));
    facts_text_take(f, at, "title", &b);
    facts_text(f, at, "category", m->category);
    facts_text(f, at, "subtype", m->subtype);
    facts_text(f, at, "method", method_name(m->method));
    facts_text(f, at, "role", m->role == ROLE_DECISIVE ? "decisive" : "supportive");
    facts_text(f, at, "experimental_side", arm_names_side(names, m));
    st = words_standing(&b, m, &in->history[i], e, err);
    if (st != OK) {
        return st;
    }
    if (words_why(&in->history[i], e)[0] != '\0') {
        buf_fmt(&b, ": %s", words_why(&in->history[i], e));
    }
    facts_text_take(f, at, "standing", &b);
    buf_fmt(&b, "%lld of %lld", (long long)e->x1, (long long)e->events);
    facts_int_take(f, at, "experimental_events", e->x1, &b);
    facts_int(f, at, "events", e->events, NULL);
    if (m->method != METHOD_E_PROCESS) {
        facts_int(f, at, "max_events", m->max_events, NULL);
        buf_fmt(&b, "%lld of %lld%s", (long long)e->events, (long long)m->max_events,
                10 * e->events >= 8 * m->max_events ? " (80 % reached)" : "");
        facts_real_take(f, at, "fraction_of_maximum", (double)e->events / (double)m->max_events, &b);
        facts_real(f, at, "alpha", m->alpha, NULL);
        fmt_alpha(&b, e->alpha_spent);
        buf_str(&b, " of ");
        text_add_double(&b, m->alpha);
        real(f, at, "alpha_spent", e->alpha_spent, &b);
    }
    words_bound(&b, m, e);
    real(f, at, "bound", m->method == METHOD_E_PROCESS ? exp(e->bound) : e->bound, &b);
    if (!isnan(e->log_e)) {
        fmt_e_value(&b, e->log_e);
        real(f, at, "e_value", exp(e->log_e), &b);
        fmt_e_value(&b, e->log_e_max);
        real(f, at, "e_value_max", exp(e->log_e_max), &b);
        facts_real(f, at, "e_reference",
                   m->role == ROLE_DECISIVE && m->method == METHOD_E_PROCESS ? 1 / m->alpha : m->e.reference,
                   NULL);
    }
    if (!isnan(e->overrun_p)) {
        const struct entry *crossing = words_crossing(&in->history[i], e);

        facts_int(f, at, "overrun_events", crossing == NULL ? 0 : e->events - crossing->events, NULL);
        fmt_p_value(&b, e->overrun_p);
        real(f, at, "overrun_p", e->overrun_p, &b);
    }
    words_design(&b, m);
    facts_text_take(f, at, "design", &b);
    return OK;
}

/* The text report shows the looks that tested, and where a verdict could not be given; CSV and JSON hold all. */
static bool tells(const struct entry *e, const struct entry *before, bool newest)
{
    if (e->executed || e->on_correction || newest || e->kind != LOOK_CUT) {
        return true;
    }
    return e->verdict == VERDICT_UNDETERMINED &&
           (before == NULL || before->verdict != VERDICT_UNDETERMINED || before->events != e->events);
}

static void look(struct facts *f, const struct monitor *m, const struct entry *e, bool shown)
{
    struct buf group = {0}, b = {0};
    struct place at = {"ledger", m->name, ""};

    buf_fmt(&group, "%lld", (long long)e->look);
    facts_lost(f, &group);
    at.group = buf_cstr(&group);
    facts_detail(f, !shown);
    fmt_day(&b, e->cut);
    facts_text_take(f, at, "cut", &b);
    facts_text(f, at, "kind", words_look(e->kind));
    facts_int(f, at, "events", e->events, NULL);
    facts_int(f, at, "experimental_events", e->x1, NULL);
    fmt_fixed(&b, e->t, 3);
    real(f, at, "spending_time", e->t, &b);
    fmt_alpha(&b, e->alpha_spent);
    real(f, at, "alpha_spent", e->alpha_spent, &b);
    if (m->method == METHOD_SPENDING_Z) {
        fmt_fixed(&b, e->info, 2);
        real(f, at, "information", e->info, &b);
    }
    words_bound(&b, m, e);
    real(f, at, "bound", e->bound, &b);
    words_statistic(&b, m, e);
    real(f, at, "statistic", e->statistic, &b);
    fmt_p_value(&b, e->nominal_p);
    real(f, at, "nominal_p", e->nominal_p, &b);
    if (!isnan(e->log_e)) {
        fmt_e_value(&b, e->log_e);
        real(f, at, "e_value", exp(e->log_e), &b);
    }
    facts_int(f, at, "executed", e->executed, e->executed ? "yes" : "no");
    facts_int(f, at, "current_crosses", e->current_crosses, e->current_crosses ? "yes" : "no");
    buf_str(&b, words_verdict(e->verdict));
    if (e->on_correction) {
        buf_str(&b, " on correction");
    }
    if (e->nominal) {
        buf_str(&b, " (nominal)");
    }
    facts_text(f, at, "verdict_code", verdict_name(e->verdict));
    if (e->reason[0] != '\0' && e->verdict == VERDICT_UNDETERMINED) {
        buf_fmt(&b, ": %s", e->reason);
    }
    facts_text_take(f, at, "verdict", &b);
    facts_text(f, at, "reason", e->reason);
    facts_detail(f, false);
    buf_done(&group);
}

static void looks(const struct report_input *in, size_t i, struct facts *f)
{
    const struct history *h = &in->history[i];
    const struct entry *now = &in->result->entries[i];

    for (size_t k = 0; k < h->n; k++) {
        if (h->entries[k].look < now->look) {
            look(f, &in->plan->monitors[i], &h->entries[k],
                 tells(&h->entries[k], k > 0 ? &h->entries[k - 1] : NULL, false));
        }
    }
    look(f, &in->plan->monitors[i], now, true);
}

enum status report_monitor(const struct report_input *in, size_t i, const struct arm_names *names,
                           struct facts *f, struct err *err)
{
    enum status st = standing(in, i, names, f, err);

    if (st == OK) {
        looks(in, i, f);
    }
    return st;
}

/* What the monitors of a family may spend together, and have: the bound of Bonferroni holds however they overlap. */
static void family(const struct report_input *in, int which, struct facts *f)
{
    const struct family *x = &in->plan->families[which];
    struct place at = {"families", x->name, ""};
    double spent = 0;
    struct buf members = {0};

    for (size_t i = 0; i < in->plan->n_monitors; i++) {
        const struct monitor *m = &in->plan->monitors[i];

        if (m->family == which && m->role == ROLE_DECISIVE) {
            buf_str(&members, members.len == 0 ? "" : ", ");
            text_show(&members, m->title, strlen(m->title), TITLE_MAX_LEN);
            spent += in->result->entries[i].alpha_spent;
        }
    }
    facts_text_take(f, at, "monitors", &members);
    facts_real(f, at, "alpha_declared", x->alpha, NULL);
    facts_real(f, at, "alpha_of_monitors", plan_family_sum(in->plan, which), NULL);
    facts_real(f, at, "alpha_reserve", x->reserve, NULL);
    if (x->simulated > 0) {
        facts_real(f, at, "simulated_rate", x->simulated, NULL);
    }
    fmt_alpha(&members, spent);
    real(f, at, "alpha_spent", spent, &members);
}

enum status report_monitors(const struct report_input *in, const struct arm_names *names, struct facts *f,
                            struct err *err)
{
    enum status st = OK;

    for (size_t i = 0; st == OK && i < in->plan->n_monitors; i++) {
        const struct monitor *m = &in->plan->monitors[i];

        st = standing(in, i, names, f, err);
        if (st == OK) {
            st = sensitivity(f, (struct place){"monitors", m->name, ""}, m, &in->history[i],
                             &in->result->entries[i], err);
        }
    }
    for (size_t i = 0; st == OK && i < in->plan->n_families; i++) {
        family(in, (int)i, f);
    }
    for (size_t i = 0; st == OK && i < in->plan->n_monitors; i++) {
        looks(in, i, f);
    }
    return st;
}
