/* What a walk came to: as text, CSV and JSON. */
#include <math.h>
#include <string.h>

#include "cmd/ctl.h"
#include "cmd/ctl_json.h"
#include "cmd/ctl_walk.h"

/* Looks that tested, and of the others those that say something new. */
static bool tells(const struct entry *e, const struct entry *told)
{
    if (e->verdict == VERDICT_NOT_DUE || e->verdict == VERDICT_NO_NEW_INFORMATION) {
        return false;
    }
    return e->executed || e->on_correction || e->kind != LOOK_CUT || told == NULL ||
           told->verdict != e->verdict || told->events != e->events || told->x1 != e->x1;
}

/* One entry, as far as it is a row for programs. */
static json_t *entry_record(const char *monitor, const struct entry *e)
{
    char day[11];

    day_format(e->cut, day);
    return json_pack("{s:s, s:I, s:s, s:s, s:I, s:I, s:o, s:o, s:o, s:o, s:s, s:b}", "monitor", monitor,
                     "look", (json_int_t)e->look, "cut", day, "kind", look_kind_name(e->kind), "events",
                     (json_int_t)e->events, "experimental_events", (json_int_t)e->x1, "statistic",
                     ctl_json_real(e->statistic), "bound", ctl_json_real(e->bound), "alpha_spent",
                     ctl_json_real(e->alpha_spent), "e_value", ctl_json_real(exp(e->log_e)), "verdict",
                     verdict_name(e->verdict), "on_correction", (int)e->on_correction);
}

static void print_entry(const char *monitor, const struct entry *e)
{
    char day[11];

    day_format(e->cut, day);
    (void)printf("%-12s %5lld %-10s %-7s %7lld %5lld %10.4g %10.4g %10.4g %10.4g  %s%s\n", monitor,
                 (long long)e->look, day, look_kind_name(e->kind), (long long)e->events, (long long)e->x1,
                 e->statistic, e->bound, e->alpha_spent, exp(e->log_e), verdict_name(e->verdict),
                 e->on_correction ? " (on correction)" : "");
}

/* Takes list. */
static enum status put_table(json_t *list, const char *const *columns, enum ctl_form form, struct err *err)
{
    struct buf out = {0};
    enum status st = ctl_json_table(list, columns, form, &out, err);

    if (st == OK) {
        ctl_put(&out);
    }
    buf_done(&out);
    return st;
}

enum status walk_print(const struct walked *o, const char *only, enum ctl_form form, struct err *err)
{
    static const char *const columns[] = {
        "monitor",   "look",  "cut",         "kind",    "events",  "experimental_events",
        "statistic", "bound", "alpha_spent", "e_value", "verdict", "on_correction",
        NULL};
    json_t *list = form == CTL_FORM_TEXT ? NULL : json_array();

    if (form == CTL_FORM_TEXT) {
        (void)printf("%-12s %5s %-10s %-7s %7s %5s %10s %10s %10s %10s  %s\n", "monitor", "look", "cut",
                     "kind", "events", "exp.", "statistic", "bound", "alpha", "e", "verdict");
    }
    for (size_t i = 0; i < o->n; i++) {
        const struct entry *told = NULL;

        if (only != NULL && strcmp(only, o->h[i].monitor) != 0) {
            continue;
        }
        for (size_t k = 0; k < o->h[i].n; k++) {
            const struct entry *e = &o->h[i].entries[k];

            if (!tells(e, told)) {
                continue;
            }
            told = e;
            if (form == CTL_FORM_TEXT) {
                print_entry(o->h[i].monitor, e);
            } else {
                ctl_json_add(&list, entry_record(o->h[i].monitor, e));
            }
        }
    }
    return form == CTL_FORM_TEXT ? OK : put_table(list, columns, form, err);
}

/* What one variant came to. */
struct conclusion {
    enum verdict live, close; /* before the closing look, and with it */
    int64_t first;            /* events at the first crossing; 0: none */
};

static struct conclusion conclusion_of(const struct history *h)
{
    struct conclusion o = {.close = monitor_standing(h->entries, h->n)};
    size_t n_live = h->n;

    while (n_live > 0 && h->entries[n_live - 1].kind == LOOK_FINAL) {
        n_live--;
    }
    o.live = monitor_standing(h->entries, n_live);
    for (size_t k = 0; k < h->n && o.first == 0; k++) {
        if (h->entries[k].verdict == VERDICT_CROSSED) {
            o.first = h->entries[k].events;
        }
    }
    return o;
}

/* Geometric mean of p_j = y1/(y1 + y0) over the events the exact test has taken in. */
static double geometric_mean(const struct history *h)
{
    double sum = 0;
    int64_t n = 0;

    for (size_t k = 0; k < h->n; k++) {
        for (size_t b = 0; b < h->entries[k].n_b2; b++) {
            const struct block *x = &h->entries[k].b2[b];

            sum += (double)x->m * log((double)x->y1 / (double)(x->y1 + x->y0));
            n += x->m;
        }
    }
    return n == 0 ? (double)NAN : exp(sum / (double)n);
}

void walk_print_crossings(const struct walk *w, const struct plan *plan, const struct walked *o,
                          const char *only, enum ctl_form form)
{
    /* Beside a table for programs, what people are to know of it goes where people look. */
    FILE *to = form == CTL_FORM_TEXT ? stdout : stderr;

    for (size_t i = 0; i < o->n; i++) {
        const struct history *h = &o->h[i];
        const struct entry *e = NULL;
        char day[11];

        if (only != NULL && strcmp(only, h->monitor) != 0) {
            continue;
        }
        for (size_t k = 0; k < h->n && e == NULL; k++) {
            if (h->entries[k].verdict == VERDICT_CROSSED || h->entries[k].verdict == VERDICT_CROSSED_LOWER) {
                e = &h->entries[k];
            }
        }
        (void)fprintf(to, "%s: ", plan->monitors[i].title);
        if (e == NULL) {
            (void)fprintf(to, "the boundary would not have been crossed; at the end the verdict is %s\n",
                          verdict_name(monitor_standing(h->entries, h->n)));
            continue;
        }
        day_format(e->cut, day);
        (void)fprintf(
            to,
            "the boundary would have been crossed at %s of %s, with %lld first events, %lld of them in the "
            "experimental arm%s\n",
            e->kind == LOOK_FINAL ? "the closing look" : "the look", day, (long long)e->events,
            (long long)e->x1, plan->monitors[i].comparison == ARM_NONE && plan->arms.n > 2 ? "s" : "");
    }
    if (w->asof != NULL) {
        (void)fprintf(to, "On corrected data: %zu events by the day they were entered",
                      w->span.events - w->span.by_onset - w->span.at_the_end);
        if (w->span.by_onset > 0) {
            (void)fprintf(to, ", %zu without one by their onset", w->span.by_onset);
        }
        if (w->span.at_the_end > 0) {
            (void)fprintf(to, ", %zu without either at the last look", w->span.at_the_end);
        }
        (void)fprintf(to,
                      ".\nA trial watched while it runs also sees what was corrected or removed later.\n");
    }
}

static json_t *variant_record(const struct monitor *m, bool adopted, const struct conclusion *o)
{
    return json_pack("{s:s, s:f, s:I, s:b, s:s, s:s, s:o}", "monitor", m->name, "alpha_one_sided", m->alpha,
                     "max_events", (json_int_t)m->max_events, "adopted", (int)adopted, "live",
                     verdict_name(o->live), "closing_look", verdict_name(o->close), "first_crossing_events",
                     o->first > 0 ? json_integer(o->first) : json_null());
}

static void print_variant(const struct monitor *m, bool adopted, const struct conclusion *o)
{
    char label[64], at[32] = "none";

    (void)snprintf(label, sizeof label, "alpha %.4f one-sided, max_events %lld%s", m->alpha,
                   (long long)m->max_events, adopted ? " (adopted)" : "");
    if (o->first > 0) {
        (void)snprintf(at, sizeof at, "at %lld events", (long long)o->first);
    }
    (void)printf("%-50s %-14s %-14s %s\n", label, verdict_name(o->live), verdict_name(o->close), at);
}

/* How far the exact test's chances could be off before what crosses no longer would. */
static enum status print_margin(const struct monitor *m, int64_t first, const struct history *h, FILE *to,
                                struct err *err)
{
    double limit = (double)NAN;
    enum status st = monitor_sensitivity(m, first, &limit, err);

    if (st == OK) {
        (void)fprintf(to,
                      "  crosses at event %lld, were all in the experimental arm, if the geometric mean of "
                      "p_j is <= %.3f; here it is %.3f\n",
                      (long long)first, limit, geometric_mean(h));
    }
    return st;
}

struct variant {
    double alpha_factor;
    double max_factor;
};

enum status walk_sensitivity(const struct walk *w, struct plan *plan, struct ruleset *rules, const char *name,
                             enum ctl_form form, struct err *err)
{
    static const struct variant variants[] = {{1, 1}, {0.5, 1}, {1.0 / 3, 1}, {1, 2.2}};
    static const char *const columns[] = {
        "monitor",      "alpha_one_sided",       "max_events", "adopted", "live",
        "closing_look", "first_crossing_events", NULL};
    const struct monitor *named = name == NULL ? NULL : plan_monitor(plan, name);
    struct monitor *m, as_planned;
    json_t *list;
    enum status st = OK;

    if (named == NULL || named->method == METHOD_E_PROCESS) {
        return err_set(err, E_USAGE,
                       "--sensitivity needs --monitor NAME, a monitor of the plan that spends alpha");
    }
    m = &plan->monitors[named - plan->monitors];
    as_planned = *m;
    list = form == CTL_FORM_TEXT ? NULL : json_array();
    if (form == CTL_FORM_TEXT) {
        (void)printf("%-50s %-14s %-14s %s\n", "plan", "live", "closing look", "first crossing");
    }
    for (size_t v = 0; st == OK && v < sizeof variants / sizeof variants[0]; v++) {
        struct walked o = {0};

        m->alpha = as_planned.alpha * variants[v].alpha_factor;
        m->max_events = (int64_t)((double)as_planned.max_events * variants[v].max_factor + 0.5);
        st = walk_run(w, plan, rules, &o, err);
        if (st == OK) {
            const struct history *h = &o.h[m - plan->monitors];
            struct conclusion came = conclusion_of(h);

            if (form == CTL_FORM_TEXT) {
                print_variant(m, v == 0, &came);
            } else {
                ctl_json_add(&list, variant_record(m, v == 0, &came));
            }
            if (v == 0 && m->method == METHOD_EXACT_BINOMIAL && came.first > 0) {
                st = print_margin(m, came.first, h, form == CTL_FORM_TEXT ? stdout : stderr, err);
            }
        }
        walked_done(&o);
    }
    *m = as_planned;
    if (form == CTL_FORM_TEXT || st != OK) {
        json_decref(list);
        return st;
    }
    return put_table(list, columns, form, err);
}
