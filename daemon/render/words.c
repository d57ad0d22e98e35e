#include "render/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "render/format.h"

const char *words_verdict(enum verdict v)
{
    switch (v) {
    case VERDICT_BELOW:
        return "not crossed";
    case VERDICT_CROSSED:
        return "CROSSED";
    case VERDICT_CROSSED_LOWER:
        return "LOWER BOUNDARY CROSSED";
    case VERDICT_UNDETERMINED:
        return "could not be determined";
    case VERDICT_NO_NEW_INFORMATION:
        return "nothing new to test";
    case VERDICT_NOT_DUE:
        return "no test due";
    case VERDICT_CLOSED:
        return "closed: all its alpha is spent";
    }
    return "could not be determined";
}

const char *words_look(enum look_kind k)
{
    switch (k) {
    case LOOK_CUT:
        return "planned look";
    case LOOK_ADHOC:
        return "ad hoc look";
    case LOOK_FINAL:
        return "closing look";
    }
    return "look";
}

const char *words_method(enum method m)
{
    switch (m) {
    case METHOD_SPENDING_Z:
        return "Group sequential logrank test";
    case METHOD_EXACT_BINOMIAL:
        return "Exact sequential test";
    case METHOD_E_PROCESS:
        return "Safe test (e-process)";
    }
    return "Test";
}

void words_spending(struct buf *out, const struct spending *s)
{
    switch (s->kind) {
    case SPEND_OBF:
        buf_str(out, "O'Brien-Fleming-like alpha spending");
        break;
    case SPEND_POCOCK:
        buf_str(out, "Pocock-like alpha spending");
        break;
    case SPEND_HSD:
        buf_str(out, "Hwang-Shih-DeCani alpha spending, gamma ");
        text_add_double(out, s->param);
        break;
    case SPEND_KD:
        buf_str(out, "Kim-DeMets alpha spending, rho ");
        text_add_double(out, s->param);
        break;
    case SPEND_EXP:
        buf_str(out, "exponential alpha spending, nu ");
        text_add_double(out, s->param);
        break;
    case SPEND_USER:
        buf_str(out, "alpha spending by the plan's own points");
        break;
    }
}

void words_clock(struct buf *out, const struct monitor *m)
{
    switch (m->clock) {
    case CLOCK_EVERY_EVENT:
        buf_str(out, "a look at every new event");
        break;
    case CLOCK_CALENDAR:
        buf_fmt(out, m->months == 1 ? "a look every month" : "a look every %d months", m->months);
        break;
    case CLOCK_FRACTIONS:
        buf_fmt(out, "%zu looks at planned fractions of the maximum", m->n_fractions);
        break;
    }
}

void words_statistic(struct buf *out, const struct monitor *m, const struct entry *e)
{
    switch (m->method) {
    case METHOD_SPENDING_Z:
        fmt_fixed(out, e->statistic, 2);
        break;
    case METHOD_EXACT_BINOMIAL:
        buf_fmt(out, "%lld of %lld", (long long)e->x1, (long long)e->events);
        break;
    case METHOD_E_PROCESS:
        fmt_e_value(out, e->log_e_max);
        break;
    }
}

void words_bound(struct buf *out, const struct monitor *m, const struct entry *e)
{
    if (isnan(e->bound)) {
        buf_str(out, "none");
        return;
    }
    switch (m->method) {
    case METHOD_SPENDING_Z:
        if (isinf(e->bound)) {
            buf_str(out, "out of reach");
        } else {
            fmt_fixed(out, e->bound, 2);
        }
        break;
    case METHOD_EXACT_BINOMIAL:
        if (e->bound > (double)e->events) {
            buf_str(out, "out of reach");
        } else {
            fmt_fixed(out, e->bound, 0);
        }
        break;
    case METHOD_E_PROCESS:
        fmt_e_value(out, e->bound);
        break;
    }
}

static void e_value(struct buf *out, const struct monitor *m, const struct entry *e)
{
    if (m->method == METHOD_E_PROCESS || !m->e.on) {
        return;
    }
    buf_str(out, "; e-value ");
    fmt_e_value(out, e->log_e);
    buf_str(out, " (reference ");
    text_add_double(out, m->e.reference);
    buf_char(out, ')');
}

void words_test(struct buf *out, const struct monitor *m, const struct entry *e,
                const struct arm_names *names)
{
    buf_fmt(out, "%s%s: ", words_method(m->method),
            e->kind == LOOK_CUT     ? ""
            : e->kind == LOOK_FINAL ? " (closing look)"
                                    : " (ad hoc look, nominal)");
    if (e->verdict == VERDICT_UNDETERMINED) {
        buf_fmt(out, "could not be determined: %s", e->reason[0] == '\0' ? "no reason recorded" : e->reason);
        e_value(out, m, e);
        buf_char(out, '.');
        return;
    }
    switch (m->method) {
    case METHOD_SPENDING_Z:
        buf_str(out, "z = ");
        words_statistic(out, m, e);
        buf_fmt(out, " from %lld first events, %lld of them in %s", (long long)e->events, (long long)e->x1,
                arm_names_side(names, m));
        break;
    case METHOD_EXACT_BINOMIAL:
        words_statistic(out, m, e);
        buf_fmt(out, " first events in %s", arm_names_side(names, m));
        break;
    case METHOD_E_PROCESS:
        buf_str(out, "e-value ");
        words_statistic(out, m, e);
        buf_fmt(out, " from %lld first events, %lld of them in %s", (long long)e->events, (long long)e->x1,
                arm_names_side(names, m));
        break;
    }
    if (isnan(e->bound)) {
        buf_str(out, "; no boundary was set at this count");
    } else {
        buf_str(out, m->method == METHOD_E_PROCESS ? "; threshold " : "; boundary ");
        words_bound(out, m, e);
    }
    buf_str(out, m->method == METHOD_E_PROCESS ? "; anytime-valid " : "; one-sided ");
    fmt_p(out, e->nominal_p);
    e_value(out, m, e);
    buf_char(out, '.');
}

static bool crossed(const struct entry *e)
{
    return e->verdict == VERDICT_CROSSED || e->verdict == VERDICT_CROSSED_LOWER;
}

const struct entry *words_crossing(const struct history *past, const struct entry *now)
{
    for (size_t i = 0; past != NULL && i < past->n; i++) {
        if (crossed(&past->entries[i])) {
            return &past->entries[i];
        }
    }
    return now != NULL && crossed(now) ? now : NULL;
}

enum status words_standing(struct buf *out, const struct monitor *m, const struct history *past,
                           const struct entry *now, struct err *err)
{
    size_t n_past = past == NULL ? 0 : past->n;
    const struct entry *first = words_crossing(past, now);
    struct entry *all;
    enum verdict v;

    if (first != NULL) {
        buf_fmt(out, "%s at look %lld",
                m->role == ROLE_SUPPORTIVE ? "reference reached" : words_verdict(first->verdict),
                (long long)first->look);
        if (now != NULL && now != first && crossed(now) && !now->current_crosses &&
            m->method != METHOD_E_PROCESS) {
            buf_str(out, "; on the corrected data it would not be crossed");
        }
        return OK;
    }
    all = calloc(n_past + 1, sizeof(*all));
    if (all == NULL) {
        return err_set(err, E_NOMEM, "the standing of a monitor");
    }
    if (n_past > 0) {
        memcpy(all, past->entries, n_past * sizeof(*all));
    }
    if (now != NULL) {
        all[n_past++] = *now;
    }
    v = monitor_standing(all, n_past);
    switch (v) {
    case VERDICT_CLOSED:
        buf_str(out, "not crossed; closed, all its alpha is spent");
        break;
    case VERDICT_NO_NEW_INFORMATION:
        buf_str(out, "no event to test yet");
        break;
    case VERDICT_NOT_DUE:
        buf_str(out, "no test due yet");
        break;
    case VERDICT_UNDETERMINED:
    case VERDICT_BELOW:
    case VERDICT_CROSSED:
    case VERDICT_CROSSED_LOWER:
        buf_str(out, words_verdict(v));
        break;
    }
    free(all);
    return OK;
}

const char *words_why(const struct history *past, const struct entry *now)
{
    if (now == NULL || words_crossing(past, now) != NULL) {
        return "";
    }
    if (now->verdict == VERDICT_UNDETERMINED) {
        return now->reason;
    }
    /* Between looks the last judgement stands, and with it why it could not be made. */
    for (size_t i = past == NULL ? 0 : past->n; i-- > 0;) {
        enum verdict v = past->entries[i].verdict;

        if (v == VERDICT_UNDETERMINED && now->verdict != VERDICT_BELOW && now->verdict != VERDICT_CLOSED) {
            return past->entries[i].reason;
        }
        if (v == VERDICT_BELOW || v == VERDICT_CLOSED) {
            break;
        }
    }
    return "";
}

void words_design(struct buf *out, const struct monitor *m)
{
    buf_fmt(out, "%s on %s; ", words_method(m->method), m->title);
    if (m->method == METHOD_E_PROCESS) {
        if (m->role == ROLE_SUPPORTIVE) {
            buf_str(out, "supportive, never alerts; reference ");
            text_add_double(out, m->e.reference);
        } else {
            buf_str(out, "one-sided alpha ");
            text_add_double(out, m->alpha);
        }
    } else {
        words_spending(out, &m->spending);
        buf_str(out, ", one-sided alpha ");
        text_add_double(out, m->alpha);
        buf_fmt(out, ", at most %lld events", (long long)m->max_events);
        if (m->amended_from > 0) {
            buf_fmt(out, " (amended from %lld, decided blind)", (long long)m->amended_from);
        }
        if (m->min_events > 1) {
            buf_fmt(out, ", at least %lld", (long long)m->min_events);
        }
    }
    buf_str(out, "; ");
    words_clock(out, m);
    buf_str(out, m->window == WINDOW_TE ? "; treatment-emergent events" : "; all events");
    buf_char(out, '.');
}
