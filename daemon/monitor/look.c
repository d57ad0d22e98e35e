/*
 * look.c - classify, count, and judge each monitor on its own events: values in, values out.
 */
#include "monitor/look.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "monitor/judge.h"
#include "stats/logrank.h"
#include "trial/risk.h"

void known_set_done(struct known_set *k)
{
    for (size_t i = 0; i < k->n; i++) {
        free(k->rows[i].monitor);
        free(k->rows[i].subject);
    }
    free(k->rows);
    *k = (struct known_set){0};
}

void history_done(struct history *h)
{
    for (size_t i = 0; i < h->n; i++) {
        entry_done(&h->entries[i]);
    }
    free(h->entries);
    h->entries = NULL;
    h->n = 0;
    h->cap = 0;
}

void look_result_done(struct look_result *r)
{
    classes_done(&r->classes);
    free(r->tallies);
    for (size_t i = 0; i < r->n_entries; i++) {
        entry_done(&r->entries[i]);
    }
    free(r->entries);
    known_set_done(&r->newly_known);
    *r = (struct look_result){0};
}

/* ---- knowledge time ---- */

struct knowledge {
    const struct known_row **rows; /* sorted by monitor, then subject */
    size_t n;
};

static int by_name(const char *monitor, const char *subject, const struct known_row *r)
{
    int c = strcmp(monitor, r->monitor);

    return c != 0 ? c : strcmp(subject, r->subject);
}

static int by_row(const void *a, const void *b)
{
    const struct known_row *const *x = a, *const *y = b;

    return by_name((*x)->monitor, (*x)->subject, *y);
}

static enum status knowledge_of(const struct known_set *k, struct knowledge *ret, struct err *err)
{
    size_t n = k != NULL ? k->n : 0;
    const struct known_row **rows = calloc(n + 1, sizeof *rows);

    if (rows == NULL) {
        return err_set(err, E_NOMEM, "knowledge of earlier looks");
    }
    for (size_t i = 0; i < n; i++) {
        rows[i] = &k->rows[i];
    }
    qsort(rows, n, sizeof *rows, by_row);
    ret->rows = rows;
    ret->n = n;
    return OK;
}

static const struct known_row *knowledge_find(const struct knowledge *k, const char *monitor,
                                              const char *subject)
{
    size_t lo = 0, hi = k->n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int c = by_name(monitor, subject, k->rows[mid]);

        if (c == 0) {
            return k->rows[mid];
        }
        if (c < 0) {
            hi = mid;
        } else {
            lo = mid + 1;
        }
    }
    return NULL;
}

static enum status known_add(struct known_set *k, const char *monitor, const char *subject, int64_t look,
                             struct err *err)
{
    struct known_row row = {strdup(monitor), strdup(subject), look};
    enum status st = OK;

    if (row.monitor == NULL || row.subject == NULL) {
        st = err_set(err, E_NOMEM, "newly known events");
    }
    if (st == OK) {
        st = VEC_PUSH_ROOM(k->rows, k->n, k->cap, err);
    }
    if (st != OK) {
        free(row.monitor);
        free(row.subject);
        return st;
    }
    k->rows[k->n++] = row;
    return OK;
}

static int by_known_row(const void *a, const void *b)
{
    const struct known_row *x = a, *y = b;

    return by_name(x->monitor, x->subject, y);
}

enum status known_set_take(struct known_set *k, struct known_set *more, struct err *err)
{
    enum status st = vec_reserve(&k->rows, &k->cap, k->n + more->n, sizeof *k->rows, err);

    if (st == OK && more->n > 0) {
        memcpy(&k->rows[k->n], more->rows, more->n * sizeof *k->rows);
        k->n += more->n;
        more->n = 0;
        qsort(k->rows, k->n, sizeof *k->rows, by_known_row);
    }
    return st;
}

/* ---- one monitor ---- */

/* 1 experimental, 0 control, -1 not in this comparison. */
static int side(const struct monitor *m, arm_t arm)
{
    if (arm == ARM_NONE) {
        return -1;
    }
    if (arm == ARM_CONTROL) {
        return 0;
    }
    return m->comparison == ARM_NONE || m->comparison == arm ? 1 : -1;
}

static double planned_share(const struct monitor *m, const struct arms *arms)
{
    double experimental = 0;

    for (int i = 1; i < arms->n; i++) {
        experimental += side(m, (arm_t)i) == 1 ? arms->arm[i].allocation : 0;
    }
    return experimental / (experimental + arms->arm[ARM_CONTROL].allocation);
}

static day_t first_randomisation(const struct snapshot *s)
{
    day_t first = DAY_NONE;

    for (size_t i = 0; i < s->n_subjects; i++) {
        day_t d = s->subjects[i].rand;

        if (d != DAY_NONE && (first == DAY_NONE || d < first)) {
            first = d;
        }
    }
    return first;
}

enum status look_day(const struct plan *p, const struct snapshot *s, instant_t now, day_t *ret,
                     struct err *err)
{
    if (p->trial_clock == TRIAL_CLOCK_SOURCE && s->data_cutoff == INSTANT_NONE) {
        return err_set(err, E_DATA,
                       "meta.data_cutoff is missing or unreadable, and the plan's trial_clock is source: "
                       "the source must say to what day its data are current");
    }
    *ret = instant_day(p->trial_clock == TRIAL_CLOCK_SOURCE ? s->data_cutoff : now);
    return OK;
}

bool look_reports_due(const struct plan *p, const struct snapshot *s, enum look_kind kind, day_t last_cut,
                      day_t cut)
{
    day_t first_rand = first_randomisation(s);

    return kind == LOOK_FINAL || judge_dates(p->first_look, first_rand, p->report_months, cut) >
                                     judge_dates(p->first_look, first_rand, p->report_months, last_cut);
}

struct ordered {
    int64_t look;
    struct known_event ev;
};

/* Subjects are in the order of their ids, so their index stands for the id. */
static int by_knowledge(const void *a, const void *b)
{
    const struct ordered *x = a, *y = b;

    if (x->look != y->look) {
        return x->look < y->look ? -1 : 1;
    }
    if (x->ev.day != y->ev.day) {
        return x->ev.day < y->ev.day ? -1 : 1;
    }
    return (x->ev.subject > y->ev.subject) - (x->ev.subject < y->ev.subject);
}

static const struct risk_day *risk_find(const struct risk_day *days, size_t n, day_t day)
{
    size_t lo = 0, hi = n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (days[mid].day < day) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo < n && days[lo].day == day ? &days[lo] : NULL;
}

/* What a monitor is judged on; the arrays belong to the caller of gather(). */
struct evidence {
    struct known_event *events;
    size_t n_events;
    struct logrank_row *days;
    size_t n_days;
    int64_t n1, n0;
};

static void evidence_done(struct evidence *e)
{
    free(e->events);
    free(e->days);
}

/* The events of the comparison in knowledge order, each with the risk set of its day.  No risk set found: 0 and 0,
 * which the judge refuses. */
static enum status order_events(const struct look_input *in, const struct monitor *m,
                                const struct knowledge *k, const struct first_event *first, size_t n,
                                const struct risk_day *days, size_t n_days, struct evidence *ev,
                                struct known_set *newly, struct err *err)
{
    struct ordered *o = calloc(n + 1, sizeof *o);
    size_t n_o = 0;
    enum status st = OK;

    ev->events = calloc(n + 1, sizeof *ev->events);
    if (o == NULL || ev->events == NULL) {
        st = err_set(err, E_NOMEM, "first events of a monitor");
        goto out;
    }
    for (size_t i = 0; i < n; i++) {
        const char *id = pool_str(in->snapshot->pool, in->snapshot->subjects[first[i].subject].id);
        const struct risk_day *r = risk_find(days, n_days, first[i].day);
        const struct known_row *known;
        int which = side(m, first[i].arm);

        if (which < 0) {
            continue;
        }
        known = knowledge_find(k, m->name, id);
        if (known == NULL) {
            st = known_add(newly, m->name, id, in->look, err);
            if (st != OK) {
                goto out;
            }
        }
        o[n_o].look = known != NULL ? known->look : in->look;
        o[n_o].ev = (struct known_event){.subject = first[i].subject,
                                         .day = first[i].day,
                                         .exp = (int8_t)which,
                                         .is_new = known == NULL,
                                         .y1 = r != NULL ? r->y1 : 0,
                                         .y0 = r != NULL ? r->y0 : 0};
        n_o++;
    }
    qsort(o, n_o, sizeof *o, by_knowledge);
    for (size_t i = 0; i < n_o; i++) {
        ev->events[i] = o[i].ev;
    }
    ev->n_events = n_o;
out:
    free(o);
    return st;
}

static enum status gather(const struct look_input *in, const struct classes *classes, const struct monitor *m,
                          const struct tally_options *options, const struct knowledge *k,
                          struct evidence *ret, struct known_set *newly, struct err *err)
{
    struct tally_options o = *options;
    struct evidence ev = {0};
    struct first_event *first = NULL;
    struct risk_time *times = NULL;
    struct risk_day *days = NULL;
    size_t n_first = 0, n_days = 0, n_times = in->snapshot->n_subjects;
    enum status st;

    o.window = m->window;
    st = tally_events_and_times(in->snapshot, classes, m->target, &o, &first, &n_first, &times, err);
    if (st == OK) {
        st = risk_by_day(times, n_times, m->comparison, &days, &n_days, err);
    }
    if (st == OK) {
        st = order_events(in, m, k, first, n_first, days, n_days, &ev, newly, err);
    }
    if (st != OK) {
        goto out;
    }
    ev.days = calloc(n_days + 1, sizeof *ev.days);
    if (ev.days == NULL) {
        st = err_set(err, E_NOMEM, "event days of a monitor");
        goto out;
    }
    for (size_t i = 0; i < n_days; i++) {
        ev.days[ev.n_days++] = (struct logrank_row){days[i].y1, days[i].y0, days[i].d1, days[i].d0};
    }
    for (size_t i = 0; i < n_times; i++) {
        if (times[i].enter != DAY_NONE) {
            ev.n1 += side(m, times[i].arm) == 1;
            ev.n0 += side(m, times[i].arm) == 0;
        }
    }
    *ret = ev;
    ev = (struct evidence){0};
out:
    evidence_done(&ev);
    free(first);
    free(times);
    free(days);
    return st;
}

/* ---- the look ---- */

struct tally_options look_options(const struct plan *p, const struct ruleset *rs, enum window window,
                                  day_t cut)
{
    struct tally_options o = tally_defaults(cut);
    int death = ruleset_find_category(rs, "death");

    o.population = p->population;
    o.basis = p->basis;
    o.window = window;
    o.te_days = p->te_days;
    o.death_category = death >= 0 ? death : NO_CATEGORY;
    /*
     * On the wall clock data are read on the day of the cut or the day after; an onset later than that is a typing error
     * and counts now.  On the source's clock tally takes its data_cutoff.
     */
    if (p->trial_clock == TRIAL_CLOCK_WALL && cut != DAY_NONE) {
        o.read_day = cut + 1;
    }
    return o;
}

enum status look_tally(const struct plan *p, const struct ruleset *rs, const struct snapshot *s,
                       const struct classes *c, const struct tally_options *o, struct tally_row **ret,
                       size_t *n_ret, struct err *err)
{
    int n = ruleset_subtypes(rs);
    int *category = calloc((size_t)n + 1, sizeof *category);
    struct tally_shape shape = {p->arms.n, ruleset_categories(rs), n, category};
    enum status st;

    if (category == NULL) {
        return err_set(err, E_NOMEM, "counting");
    }
    for (int i = 0; i < n; i++) {
        category[i] = ruleset_subtype_category(rs, i);
    }
    st = tally_counts(s, c, &shape, o, ret, n_ret, err);
    free(category);
    return st;
}

enum status look_count(const struct look_input *in, struct look_result *ret, struct err *err)
{
    struct look_result r = {0};
    struct tally_options o = look_options(in->plan, in->rules, WINDOW_ALL, in->cut);
    enum status st = classify_snapshot(in->rules, in->snapshot, &in->plan->classify, &r.classes, err);

    if (st == OK) {
        st = look_tally(in->plan, in->rules, in->snapshot, &r.classes, &o, &r.tallies, &r.n_tallies, err);
    }
    if (st != OK) {
        look_result_done(&r);
        return st;
    }
    *ret = r;
    return OK;
}

static enum status judge(const struct look_input *in, const struct classes *classes,
                         const struct tally_options *o, const struct knowledge *k, size_t i,
                         struct entry *ret, struct known_set *newly, struct err *err)
{
    const struct monitor *m = &in->plan->monitors[i];
    const struct history *h = &in->history[i];
    struct evidence ev = {0};
    struct monitor_data d;
    enum status st = gather(in, classes, m, o, k, &ev, newly, err);

    if (st == OK) {
        d = (struct monitor_data){.events = ev.events,
                                  .n_events = ev.n_events,
                                  .days = ev.days,
                                  .n_days = ev.n_days,
                                  .cut = in->cut,
                                  .first_rand = first_randomisation(in->snapshot),
                                  .changed = in->changed,
                                  .kind = in->kind,
                                  .look = in->look,
                                  .pi_star = planned_share(m, &in->plan->arms),
                                  .n1 = ev.n1,
                                  .n0 = ev.n0};
        st = monitor_judge(m, h->entries, h->n, &d, ret, err);
        evidence_done(&ev);
    }
    return st == OK ? OK : err_wrap(err, st, "monitor %s", m->name);
}

enum status look_judge(const struct look_input *in, const struct classes *classes, size_t monitor,
                       struct entry *ret, struct known_set *newly, struct err *err)
{
    struct tally_options o = look_options(in->plan, in->rules, WINDOW_ALL, in->cut);
    struct knowledge k = {0};
    enum status st = knowledge_of(in->known, &k, err);

    if (st == OK) {
        st = judge(in, classes, &o, &k, monitor, ret, newly, err);
    }
    free(k.rows);
    return st;
}

enum status look_run(const struct look_input *in, struct look_result *ret, struct err *err)
{
    struct look_result r = {0};
    struct knowledge k = {0};
    struct tally_options o = look_options(in->plan, in->rules, WINDOW_ALL, in->cut);
    enum status st = knowledge_of(in->known, &k, err);

    if (st != OK) {
        return st;
    }
    st = look_count(in, &r, err);
    if (st != OK) {
        goto out;
    }
    r.entries = calloc(in->plan->n_monitors + 1, sizeof *r.entries);
    if (r.entries == NULL) {
        st = err_set(err, E_NOMEM, "a look");
        goto out;
    }
    for (size_t i = 0; st == OK && i < in->plan->n_monitors; i++) {
        st = judge(in, &r.classes, &o, &k, i, &r.entries[i], &r.newly_known, err);
        r.n_entries += st == OK;
    }
    if (st != OK) {
        goto out;
    }
    if (r.newly_known.n > 1) {
        qsort(r.newly_known.rows, r.newly_known.n, sizeof *r.newly_known.rows, by_known_row);
    }
    *ret = r;
    r = (struct look_result){0};
out:
    free(k.rows);
    look_result_done(&r);
    return st;
}
