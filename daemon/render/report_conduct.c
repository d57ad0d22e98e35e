/*
 * report_conduct.c - how the data of each arm came in, and what happened while on treatment.  Closed report only.
 */
#include "render/report_parts.h"

#include <stdlib.h>

#include "base/vec.h"
#include "render/curve.h"
#include "render/format.h"
#include "stats/followup.h"
#include "stats/num.h"

struct conduct {
    int64_t incomplete, pending;
    int32_t *lag; /* days from onset to entry, of events with both */
    size_t n_lag, cap_lag;
    double *time; /* days followed, and whether death ended that */
    int *died;
    size_t n;
};

static void conduct_done(struct conduct *c)
{
    free(c->lag);
    free(c->time);
    free(c->died);
}

static int ascending(const void *a, const void *b)
{
    const int32_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static arm_t arm_of(const struct report_input *in, const struct event *e)
{
    const struct subject *s = e->subject == NO_SUBJECT ? NULL : &in->snapshot->subjects[e->subject];

    return s == NULL ? (arm_t)ARM_NONE : in->plan->basis == BASIS_ACTUAL ? s->arm_actual : s->arm_planned;
}

static enum status events_of(const struct report_input *in, int arm, struct conduct *c, struct err *err)
{
    const struct snapshot *s = in->snapshot;
    enum status st = OK;

    for (size_t i = 0; st == OK && i < s->n_events; i++) {
        const struct event *e = &s->events[i];

        if (e->deleted || arm_of(in, e) != arm) {
            continue;
        }
        c->incomplete += e->form == FORM_INCOMPLETE;
        if (e->entered != INSTANT_NONE && e->onset.prec >= DATE_DAY &&
            instant_day(e->entered) >= e->onset.first) {
            st = VEC_PUSH_ROOM(c->lag, c->n_lag, c->cap_lag, err);
            if (st == OK) {
                c->lag[c->n_lag++] = instant_day(e->entered) - e->onset.first;
            }
        }
    }
    for (size_t i = 0; i < s->n_adjudications; i++) {
        const struct event *e = &s->events[s->adjudications[i].event];

        c->pending += s->adjudications[i].verdict == ADJ_PENDING && !e->deleted && arm_of(in, e) == arm;
    }
    if (c->n_lag > 1) {
        qsort(c->lag, c->n_lag, sizeof *c->lag, ascending);
    }
    return st;
}

/* Everybody of the arm until death or the end of observation. */
static enum status followed(const struct report_input *in, int arm, struct conduct *c, struct err *err)
{
    struct tally_options o = look_options(in->plan, in->rules, WINDOW_ALL, in->cut);
    struct tally_target target = {o.death_category == NO_CATEGORY ? TALLY_ANY : o.death_category, 0};
    struct risk_time *r = NULL;
    enum status st = tally_risk_times(in->snapshot, &in->result->classes, target, &o, &r, err);

    if (st == OK) {
        c->time = calloc(in->snapshot->n_subjects + 1, sizeof *c->time);
        c->died = calloc(in->snapshot->n_subjects + 1, sizeof *c->died);
        st = c->time == NULL || c->died == NULL ? err_set(err, E_NOMEM, "follow-up") : OK;
    }
    for (size_t i = 0; st == OK && i < in->snapshot->n_subjects; i++) {
        if (r[i].enter != DAY_NONE && r[i].arm == arm) {
            c->time[c->n] = (double)(r[i].leave - r[i].enter + 1);
            c->died[c->n++] = o.death_category != NO_CATEGORY && r[i].event != DAY_NONE;
        }
    }
    free(r);
    return st;
}

/* The smallest value that at least that share of the sorted ones does not exceed. */
static int32_t quantile(const struct conduct *c, double share)
{
    size_t k = (size_t)(share * (double)c->n_lag);

    return c->lag[(double)k < share * (double)c->n_lag ? k : k - 1];
}

static void lag_fact(struct facts *f, struct place at, const struct conduct *c)
{
    struct buf b = {0};

    facts_label(f, at.item, "Days from onset to entry, median (90 % within)");
    if (c->n_lag == 0) {
        facts_real(f, at, "value", NUM_NAN, "not known");
        return;
    }
    buf_fmt(&b, "%d (%d)", (int)quantile(c, 0.5), (int)quantile(c, 0.9));
    facts_int_take(f, at, "value", quantile(c, 0.5), &b);
    facts_detail(f, true);
    facts_int(f, at, "within_90_percent", quantile(c, 0.9), NULL);
    facts_int(f, at, "events_with_both_dates", (int64_t)c->n_lag, NULL);
    facts_detail(f, false);
}

static enum status follow_up_fact(struct facts *f, struct place at, const struct conduct *c, struct err *err)
{
    double days;
    struct buf b = {0};
    enum status st = followup_quantile(c->time, c->died, c->n, 0.5, &days, err);

    facts_label(f, at.item, "Months of follow-up, median (reverse Kaplan-Meier)");
    if (st == OK) {
        fmt_fixed(&b, days / curve_days(1), 1);
        facts_real_take(f, at, "value", days / curve_days(1), &b);
    }
    return report_left_out(st, err);
}

/* Facts of one item stand together: items outside, arms inside. */
static enum status by_arm(const struct arm_names *names, const struct conduct *c, struct facts *f,
                          struct err *err)
{
    enum status st = OK;

    for (int arm = names->n; arm-- > 0;) {
        lag_fact(f, (struct place){"conduct", "reporting_lag", names->arm[arm]}, &c[arm]);
    }
    facts_label(f, "incomplete_forms", "Events on incomplete forms");
    for (int arm = names->n; arm-- > 0;) {
        facts_int(f, (struct place){"conduct", "incomplete_forms", names->arm[arm]}, "value",
                  c[arm].incomplete, NULL);
    }
    facts_label(f, "adjudication_pending", "Events awaiting adjudication");
    for (int arm = names->n; arm-- > 0;) {
        facts_int(f, (struct place){"conduct", "adjudication_pending", names->arm[arm]}, "value",
                  c[arm].pending, NULL);
    }
    for (int arm = names->n; st == OK && arm-- > 0;) {
        st = follow_up_fact(f, (struct place){"conduct", "follow_up_months", names->arm[arm]}, &c[arm], err);
    }
    return st;
}

/* Beside the counts of the whole study: onset from the first dose to the last. */
static enum status on_treatment(const struct report_input *in, const struct arm_names *names, struct facts *f,
                                struct err *err)
{
    struct tally_options o = look_options(in->plan, in->rules, WINDOW_TE, in->cut);
    struct tally_row *rows = NULL;
    size_t n = 0;
    enum status st;

    o.te_days = 0;
    st = look_tally(in->plan, in->rules, in->snapshot, &in->result->classes, &o, &rows, &n, err);
    for (int k = TALLY_ANY; st == OK && k < ruleset_categories(in->rules); k++) {
        const char *item = k == TALLY_ANY ? "any" : ruleset_category(in->rules, k);

        for (int arm = names->n; arm-- > 0;) {
            const struct tally_row *t =
                tally_find(rows, n, k, NO_SUBTYPE, in->plan->population, WINDOW_TE, in->plan->basis, arm);
            struct buf b = {0};

            if (t != NULL) {
                fmt_count(&b, t->subjects, t->n);
                facts_int_take(f, (struct place){"categories_on_treatment", item, names->arm[arm]},
                               "subjects", t->subjects, &b);
            }
        }
    }
    free(rows);
    return st;
}

enum status report_conduct(const struct report_input *in, const struct arm_names *names, struct facts *f,
                           struct err *err)
{
    struct conduct c[ARMS_MAX] = {{0}};
    enum status st = OK;

    for (int arm = 0; st == OK && arm < names->n; arm++) {
        st = events_of(in, arm, &c[arm], err);
        if (st == OK) {
            st = followed(in, arm, &c[arm], err);
        }
    }
    if (st == OK) {
        st = by_arm(names, c, f, err);
    }
    if (st == OK) {
        st = on_treatment(in, names, f, err);
    }
    for (int arm = 0; arm < ARMS_MAX; arm++) {
        conduct_done(&c[arm]);
    }
    return st;
}
