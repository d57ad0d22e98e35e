/* The boundaries of a plan as text, CSV, JSON and SVG. */
#include <math.h>
#include <string.h>

#include "base/csv.h"
#include "base/text.h"
#include "cmd/ctl_bounds.h"
#include "cmd/ctl_json.h"
#include "render/chart.h"
#include "render/table.h"
#include "render/words.h"

static void number(struct buf *b, double v, int digits)
{
    buf_clear(b);
    if (isfinite(v)) {
        buf_fmt(b, "%.*g", digits, v);
    }
}

static void bound_words(struct buf *b, const struct bounds_look *l, const struct monitor *m)
{
    buf_clear(b);
    if (!isfinite(l->bound)) {
        buf_str(b, "none");
    } else {
        buf_fmt(b, m->method == METHOD_SPENDING_Z ? "%.4f" : "%.0f", l->bound);
    }
}

static void heading(struct buf *out, const struct bounds_item *it)
{
    const struct monitor *m = it->m;

    buf_fmt(out, "%s: %s\n  ", m->name, m->title);
    words_design(out, m);
    buf_fmt(out, "\n  As planned, an event is experimental with probability %.4g", it->b.share);
    if (isfinite(it->b.threshold)) {
        buf_fmt(out, "; the bound is the smallest count with E >= %.4g", it->b.threshold);
    } else if (m->method == METHOD_SPENDING_Z) {
        buf_str(out, "; the bound is a z");
    } else {
        buf_str(out, "; the bound is a count");
    }
    if (m->clock == CLOCK_CALENDAR && m->method != METHOD_E_PROCESS && it->ask.n_looks == 0) {
        buf_str(out,
                ".\n  A calendar does not say how many events there will be: quarters of the maximum are "
                "shown; --looks names others");
    }
    buf_str(out, ".\n");
}

static enum status text_item(const struct bounds_item *it, struct buf *out, struct err *err)
{
    static const char *const heads[] = {"look",          "events",    "spending time", "bound",
                                        "events needed", "nominal p", "alpha so far"};
    const struct bounds_ask *ask = &it->ask;
    const struct bounds *b = &it->b;
    struct table *t = NULL;
    struct buf w = {0};
    enum status st = table_new(7 + ask->n_alternatives, &t, err);

    if (st != OK) {
        return st;
    }
    heading(out, it);
    for (size_t i = 0; i < 7; i++) {
        table_right(t, i);
        table_cell(t, heads[i]);
    }
    for (size_t a = 0; a < ask->n_alternatives; a++) {
        table_right(t, 7 + a);
        buf_clear(&w);
        buf_fmt(&w, "power, ratio %.4g", ask->alternative[a]);
        table_cell(t, buf_cstr(&w));
    }
    for (size_t i = 0; i < b->n; i++) {
        const struct bounds_look *l = &b->look[i];

        buf_clear(&w);
        buf_fmt(&w, "%zu", i + 1);
        table_cell(t, buf_cstr(&w));
        buf_clear(&w);
        buf_fmt(&w, "%lld", (long long)l->events);
        table_cell(t, buf_cstr(&w));
        number(&w, l->t, 4);
        table_cell(t, buf_cstr(&w));
        bound_words(&w, l, it->m);
        table_cell(t, buf_cstr(&w));
        buf_clear(&w);
        if (l->needed <= l->events) {
            buf_fmt(&w, "%lld", (long long)l->needed);
        }
        table_cell(t, buf_cstr(&w));
        number(&w, l->nominal_p, 4);
        table_cell(t, buf_cstr(&w));
        number(&w, l->alpha_cum, 4);
        table_cell(t, buf_cstr(&w));
        for (size_t a = 0; a < ask->n_alternatives; a++) {
            number(&w, l->crossed[a], 4);
            table_cell(t, buf_cstr(&w));
        }
    }
    st = table_write(t, "  ", out, err);
    for (size_t a = 0; a < ask->n_alternatives; a++) {
        buf_fmt(out, "  ratio %.4g: power %.3f if %lld events occur, %.1f events on average",
                ask->alternative[a], b->power[a].full, (long long)b->look[b->n - 1].events,
                b->power[a].events);
        if (isfinite(b->power[a].planned)) {
            buf_fmt(out, "; %.3f within the planned trial (%.4g events expected)", b->power[a].planned,
                    ask->expected);
        }
        buf_char(out, '\n');
    }
    if (isnan(ask->expected) && ask->n_alternatives > 0) {
        buf_str(out,
                "  Fewer events give less power; --expect says how many the planned trial would give.\n");
    }
    buf_char(out, '\n');
    table_free(t);
    buf_done(&w);
    return st;
}

static void csv_number(struct buf *out, struct buf *w, double v)
{
    buf_clear(w);
    if (isfinite(v)) {
        text_add_double(w, v);
    }
    csv_put(out, false, buf_cstr(w), w->len);
}

static void csv_items(const struct bounds_item *item, size_t n, struct buf *out)
{
    struct buf w = {0};

    buf_str(out, "monitor,method,look,events,spending_time,bound,events_needed,nominal_p,alpha_cum");
    for (size_t a = 0; n > 0 && a < item[0].ask.n_alternatives; a++) {
        buf_fmt(out, ",power_%.6g", item[0].ask.alternative[a]);
    }
    csv_end(out);
    for (size_t k = 0; k < n; k++) {
        for (size_t i = 0; i < item[k].b.n; i++) {
            const struct bounds_look *l = &item[k].b.look[i];
            const char *method = method_name(item[k].m->method);

            csv_put(out, true, item[k].m->name, strlen(item[k].m->name));
            csv_put(out, false, method, strlen(method));
            csv_number(out, &w, (double)(i + 1));
            csv_number(out, &w, (double)l->events);
            csv_number(out, &w, l->t);
            csv_number(out, &w, l->bound);
            csv_number(out, &w, l->needed <= l->events ? (double)l->needed : (double)NAN);
            csv_number(out, &w, l->nominal_p);
            csv_number(out, &w, l->alpha_cum);
            for (size_t a = 0; a < item[k].ask.n_alternatives; a++) {
                csv_number(out, &w, l->crossed[a]);
            }
            csv_end(out);
        }
    }
    buf_done(&w);
}

static json_t *json_item(const struct bounds_item *it)
{
    json_t *looks = json_array(), *power = json_array();

    for (size_t i = 0; i < it->b.n; i++) {
        const struct bounds_look *l = &it->b.look[i];
        json_t *crossed = json_array();

        for (size_t a = 0; a < it->ask.n_alternatives; a++) {
            ctl_json_add(&crossed, json_real(l->crossed[a]));
        }
        ctl_json_add(&looks,
                     json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "events", (json_int_t)l->events,
                               "spending_time", ctl_json_real(l->t), "bound", ctl_json_real(l->bound),
                               "events_needed",
                               ctl_json_real(l->needed <= l->events ? (double)l->needed : (double)NAN),
                               "nominal_p", ctl_json_real(l->nominal_p), "alpha_cum",
                               ctl_json_real(l->alpha_cum), "power", crossed));
    }
    for (size_t a = 0; a < it->ask.n_alternatives; a++) {
        ctl_json_add(&power, json_pack("{s:f, s:f, s:o, s:f}", "ratio", it->ask.alternative[a],
                                       "given_all_looks", it->b.power[a].full, "within_planned_trial",
                                       ctl_json_real(it->b.power[a].planned), "expected_events",
                                       it->b.power[a].events));
    }
    return json_pack("{s:s, s:s, s:s, s:f, s:f, s:o, s:o, s:o, s:o}", "monitor", it->m->name, "title",
                     it->m->title, "method", method_name(it->m->method), "alpha_one_sided", it->m->alpha,
                     "share", it->b.share, "threshold", ctl_json_real(it->b.threshold), "events_expected",
                     ctl_json_real(it->ask.expected), "looks", looks, "power", power);
}

static enum status json_items(const struct bounds_item *item, size_t n, struct buf *out, struct err *err)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n; i++) {
        ctl_json_add(&list, json_item(&item[i]));
    }
    return ctl_json(list, JSON_INDENT(2) | JSON_REAL_PRECISION(15), out, err);
}

enum status bounds_write(const struct plan *p, const struct bounds_item *item, size_t n,
                         enum bounds_format format, struct buf *out, struct err *err)
{
    enum status st = OK;

    switch (format) {
    case BOUNDS_TEXT:
        buf_fmt(out, "%s\n", p->title);
        if (p->note[0] != '\0') {
            buf_fmt(out, "%s\n", p->note);
        }
        buf_char(out, '\n');
        for (size_t i = 0; st == OK && i < n; i++) {
            st = text_item(&item[i], out, err);
        }
        break;
    case BOUNDS_CSV:
        csv_items(item, n, out);
        break;
    case BOUNDS_JSON:
        st = json_items(item, n, out, err);
        break;
    case BOUNDS_SVG:
        st = bounds_draw(p, item, n, out, err);
        break;
    }
    return st == OK ? buf_check(out, err) : st;
}
