/* Operating characteristics as text, CSV and JSON. */
#include <math.h>
#include <string.h>

#include "cmd/ctl_json.h"
#include "cmd/ctl_simulate.h"
#include "render/table.h"

struct rate simulated_rate(int64_t count, int64_t trials)
{
    double p = (double)count / (double)trials;

    return (struct rate){p, sqrt(p * (1 - p) / (double)trials)};
}

/* ---- what the plan says of it ---- */

/* Against a rate of exactly v: the standard error under v, so that no crossing at all can contradict, too. */
static bool beyond(int64_t count, int64_t trials, double v, int sides)
{
    double d = (double)count / (double)trials - v, se = sqrt(v * (1 - v) / (double)trials);

    return d > 3 * se || (sides == 2 && d < -3 * se);
}

static void above(struct buf *out, const char *what, const char *name, int64_t count, int64_t trials,
                  double alpha)
{
    struct rate r = simulated_rate(count, trials);

    buf_fmt(out,
            "dsmbctl simulate: %s %s errs in %.4f (s.e. %.4f) of the trials without harm, above its %g\n",
            what, name, r.value, r.se, alpha);
}

int simulation_contradicts(const struct plan *p, const struct simulation_item *no_harm, struct buf *out)
{
    const struct simulated *r = &no_harm->r;
    int n = 0;

    for (size_t i = 0; i < p->n_monitors; i++) {
        const struct monitor *m = &p->monitors[i];

        if (m->role == ROLE_DECISIVE && beyond(r->monitor[i].crossed, r->trials, m->alpha, 1)) {
            above(out, "monitor", m->name, r->monitor[i].crossed, r->trials, m->alpha);
            n++;
        }
    }
    for (size_t f = 0; f < p->n_families; f++) {
        const struct family *x = &p->families[f];

        if (beyond(r->family[f], r->trials, x->alpha, 1)) {
            above(out, "family", x->name, r->family[f], r->trials, x->alpha);
            n++;
        }
        /* A figure of few digits is right to half of the last that matters, .0005. */
        if (x->simulated > 0 && beyond(r->family[f], r->trials, x->simulated, 2) &&
            fabs((double)r->family[f] / (double)r->trials - x->simulated) > .0005) {
            struct rate now = simulated_rate(r->family[f], r->trials);

            buf_fmt(out,
                    "dsmbctl simulate: the plan's simulated_rate of family %s is %g; these trials give %.4f "
                    "(s.e. %.4f)\n",
                    x->name, x->simulated, now.value, now.se);
            n++;
        }
    }
    return n;
}

/* ---- text ---- */

static void cell(struct table *t, struct buf *w, int decimals, double v)
{
    buf_clear(w);
    if (isfinite(v)) {
        buf_fmt(w, "%.*f", decimals, v);
    }
    table_cell(t, buf_cstr(w));
}

static double mean(double sum, int64_t n)
{
    return n > 0 ? sum / (double)n : (double)NAN;
}

static enum status monitors_text(const struct plan *p, const struct simulated *r, struct buf *out,
                                 struct err *err)
{
    static const char *const heads[] = {"monitor", "crosses", "s.e.",  "at closing", "cannot tell", "alpha",
                                        "tests",   "events",  "event", "month",      "e-value"};
    enum { COLS = sizeof heads / sizeof heads[0] };
    struct table *t = NULL;
    struct buf w = {0};
    enum status st = table_new(COLS, &t, err);

    for (size_t c = 0; st == OK && c < COLS; c++) {
        if (c > 0) {
            table_right(t, c);
        }
        table_cell(t, heads[c]);
    }
    for (size_t i = 0; st == OK && i < p->n_monitors; i++) {
        const struct monitor *m = &p->monitors[i];
        const struct simulated_monitor *s = &r->monitor[i];
        struct rate rate = simulated_rate(s->crossed, r->trials);

        table_cell(t, m->name);
        cell(t, &w, 4, rate.value);
        cell(t, &w, 4, rate.se);
        cell(t, &w, 4, mean((double)s->at_closing, r->trials));
        cell(t, &w, 4, mean((double)s->undetermined, r->trials));
        cell(t, &w, 4, m->role == ROLE_DECISIVE ? m->alpha : (double)NAN);
        cell(t, &w, 1, mean((double)s->looks, r->trials));
        cell(t, &w, 1, mean(s->events, r->trials));
        cell(t, &w, 1, mean(s->events_crossed, s->crossed));
        cell(t, &w, 1, mean(s->days_crossed, s->crossed) / (365.25 / 12));
        cell(t, &w, 4, m->e.on ? mean((double)s->e_reached, r->trials) : (double)NAN);
    }
    if (st == OK) {
        st = table_write(t, "  ", out, err);
    }
    table_free(t);
    buf_done(&w);
    return st;
}

static const char legend[] =
    "crosses: share of the trials; at closing: of all trials, only at the closing look; cannot tell: "
    "neither, "
    "to the end (too few events).\ntests, events: on average, to the crossing or the end; event, month: of "
    "those that crossed, on average, the first event and the month since the first randomisation.\ne-value: "
    "the e-process reached its reference.\n";

static void families_text(const struct plan *p, const struct simulation_item *it, struct buf *out)
{
    struct rate any = simulated_rate(it->r.any, it->r.trials);

    for (size_t f = 0; f < p->n_families; f++) {
        const struct family *x = &p->families[f];
        struct rate r = simulated_rate(it->r.family[f], it->r.trials);

        buf_fmt(out, "  family %s: a monitor of it crosses in %.4f (s.e. %.4f)", x->name, r.value, r.se);
        if (it->no_harm) {
            buf_fmt(out, "; the shares sum to %g (Bonferroni), declared is %g", plan_family_sum(p, (int)f),
                    x->alpha);
        }
        buf_char(out, '\n');
    }
    buf_fmt(out, "  any deciding monitor: %.4f (s.e. %.4f)\n\n", any.value, any.se);
}

static enum status text(const struct plan *p, const struct simulation_item *item, size_t n, int64_t seed,
                        struct buf *out, struct err *err)
{
    const struct assumed *a = p->assumed;
    enum status st = OK;

    buf_fmt(out,
            "%s\nAssumed: %lld subjects over %d days, each followed for %d; %g (control) and %g "
            "(experimental) leave early; entered after %g days (median).\n%lld trials in each scenario, seed "
            "%lld.\n\n",
            p->title, (long long)a->subjects, a->recruitment, a->follow_up, a->drop_out[0], a->drop_out[1],
            a->lag, (long long)item[0].r.trials, (long long)seed);
    for (size_t i = 0; st == OK && i < n; i++) {
        const struct scenario *s = item[i].scenario;

        buf_str(out, s->name);
        for (size_t c = 0; c < a->n_causes; c++) {
            buf_fmt(out, "%s%s %g x %g", c == 0 ? ": " : ", ", a->cause[c].name, a->cause[c].control,
                    s->ratio[c]);
        }
        buf_char(out, '\n');
        st = monitors_text(p, &item[i].r, out, err);
        if (st == OK) {
            families_text(p, &item[i], out);
        }
    }
    buf_str(out, legend);
    return st;
}

/* ---- a row for each monitor, family and for all ---- */

static const char *const columns[] = {"scenario",
                                      "of",
                                      "name",
                                      "trials",
                                      "crossed",
                                      "rate",
                                      "standard_error",
                                      "alpha",
                                      "at_closing_look",
                                      "cannot_tell",
                                      "tests",
                                      "events",
                                      "crossed_at_event",
                                      "crossed_at_day",
                                      "e_reached",
                                      NULL};

static json_t *row(const struct simulation_item *it, const char *of, const char *name, int64_t crossed,
                   double alpha)
{
    struct rate r = simulated_rate(crossed, it->r.trials);

    return json_pack("{s:s, s:s, s:s, s:I, s:I, s:o, s:o, s:o}", "scenario", it->scenario->name, "of", of,
                     "name", name, "trials", (json_int_t)it->r.trials, "crossed", (json_int_t)crossed, "rate",
                     ctl_json_real(r.value), "standard_error", ctl_json_real(r.se), "alpha",
                     ctl_json_real(alpha));
}

static void add_nulls(json_t **o)
{
    for (size_t k = 8; columns[k] != NULL; k++) {
        ctl_json_set(o, columns[k], json_null());
    }
}

static json_t *rows(const struct plan *p, const struct simulation_item *item, size_t n)
{
    json_t *list = json_array();

    for (size_t k = 0; k < n; k++) {
        const struct simulated *r = &item[k].r;
        json_t *o;

        for (size_t i = 0; i < p->n_monitors; i++) {
            const struct monitor *m = &p->monitors[i];
            const struct simulated_monitor *s = &r->monitor[i];
            const double more[] = {mean((double)s->at_closing, r->trials),
                                   mean((double)s->undetermined, r->trials),
                                   mean((double)s->looks, r->trials),
                                   mean(s->events, r->trials),
                                   mean(s->events_crossed, s->crossed),
                                   mean(s->days_crossed, s->crossed),
                                   m->e.on ? mean((double)s->e_reached, r->trials) : (double)NAN};

            o = row(&item[k], "monitor", m->name, s->crossed,
                    m->role == ROLE_DECISIVE ? m->alpha : (double)NAN);
            for (size_t c = 0; c < sizeof more / sizeof more[0]; c++) {
                ctl_json_set(&o, columns[8 + c], ctl_json_real(more[c]));
            }
            ctl_json_add(&list, o);
        }
        for (size_t f = 0; f < p->n_families; f++) {
            o = row(&item[k], "family", p->families[f].name, r->family[f], p->families[f].alpha);
            add_nulls(&o);
            ctl_json_add(&list, o);
        }
        o = row(&item[k], "plan", "any", r->any, (double)NAN);
        add_nulls(&o);
        ctl_json_add(&list, o);
    }
    return list;
}

enum status simulation_write(const struct plan *p, const struct simulation_item *item, size_t n, int64_t seed,
                             enum ctl_form form, struct buf *out, struct err *err)
{
    enum status st = form == CTL_FORM_TEXT ? text(p, item, n, seed, out, err)
                                           : ctl_json_table(rows(p, item, n), columns, form, out, err);

    return st == OK ? buf_check(out, err) : st;
}
