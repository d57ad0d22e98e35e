/*
 * figure_monitors.c - where a monitor went: statistic and executed boundary by first events, and the e-value's path.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "render/chart.h"
#include "render/report_parts.h"

/* One look of a monitor, read back from the ledger's facts. */
struct seen {
    const char *look, *cut, *verdict;
    double events, exp, statistic, bound, e;
    bool executed, crossed;
};

struct course {
    struct seen *look;
    size_t n, cap;
    size_t first_crossed; /* n: none */
};

static bool is(const struct fact *x, const char *statistic)
{
    return strcmp(x->statistic, statistic) == 0;
}

static void note(struct seen *s, const struct fact *x)
{
    if (is(x, "events")) {
        s->events = fact_number(x);
    } else if (is(x, "experimental_events")) {
        s->exp = fact_number(x);
    } else if (is(x, "statistic")) {
        s->statistic = fact_number(x);
    } else if (is(x, "bound")) {
        s->bound = fact_number(x);
    } else if (is(x, "e_value")) {
        s->e = fact_number(x);
    } else if (is(x, "executed")) {
        s->executed = x->i != 0;
    } else if (is(x, "cut")) {
        s->cut = x->text;
    } else if (is(x, "verdict")) {
        s->verdict = x->text;
    } else if (is(x, "verdict_code")) {
        s->crossed = strncmp(x->text, "CROSSED", 7) == 0;
    }
}

static enum status course_of(const struct facts *f, const char *item, struct course *ret, struct err *err)
{
    struct course c = {0};

    for (size_t i = 0; i < facts_count(f); i++) {
        const struct fact *x = facts_at(f, i);

        if (strcmp(x->section, "ledger") != 0 || strcmp(x->item, item) != 0) {
            continue;
        }
        if (c.n == 0 || strcmp(c.look[c.n - 1].look, x->group) != 0) {
            enum status st = VEC_PUSH_ROOM(c.look, c.n, c.cap, err);

            if (st != OK) {
                free(c.look);
                return st;
            }
            c.look[c.n++] = (struct seen){.look = x->group,
                                          .cut = "",
                                          .verdict = "",
                                          .events = (double)NAN,
                                          .exp = (double)NAN,
                                          .statistic = (double)NAN,
                                          .bound = (double)NAN,
                                          .e = (double)NAN};
        }
        note(&c.look[c.n - 1], x);
    }
    c.first_crossed = c.n;
    for (size_t i = c.n; i-- > 0;) {
        c.first_crossed = c.look[i].crossed ? i : c.first_crossed;
    }
    *ret = c;
    return OK;
}

static double most_events(const struct course *c)
{
    double most = 0;

    for (size_t i = 0; i < c->n; i++) {
        most = c->look[i].events > most ? c->look[i].events : most;
    }
    return most;
}

/* Events on the x axis: the plan's maximum where it is in sight, else twice what there is. */
static struct axis events_axis(const struct facts *f, const char *item, const struct course *c)
{
    double most = most_events(c), max = fact_number(fact_find(f, "monitors", item, "", "max_events"));
    struct axis x = {0, most < 5 ? 10 : 2 * most, 52, CHART_WIDTH - 14, false};

    if (max >= most && max <= x.hi * 1.7) {
        x.hi = max;
    }
    axis_round(&x, 7);
    return x;
}

static struct draw_point place(const struct axis *x, double vx, const struct axis *y, double vy)
{
    return (struct draw_point){axis_at(x, vx), axis_at(y, vy)};
}

static void key_line(struct draw *d, double x, struct draw_style s, const char *words)
{
    draw_line(d, s, x, 12, x + 22, 12);
    draw_words(d, DRAW_INK, ANCHOR_START, x + 27, 16, words);
}

static const struct draw_style path = {DRAW_SERIES_1, DRAW_NONE, 1.8, DASH_SOLID};
static const struct draw_style limit = {DRAW_BOUND, DRAW_NONE, 1.4, DASH_SHORT};

/* The bound executed at each count; out of reach is drawn open, just above what could have been. */
static void bounds(struct draw *d, const struct course *c, bool counts, const struct axis *x,
                   const struct axis *y)
{
    struct draw_point last = {0, 0};
    bool any = false;

    for (size_t i = 0; i < c->n; i++) {
        const struct seen *s = &c->look[i];
        bool out = isinf(s->bound) || (counts && s->bound > s->events);
        double at = isinf(s->bound) ? counts ? s->events + 1 : y->hi : s->bound;
        struct draw_point p;

        if (!s->executed || isnan(s->bound)) {
            continue;
        }
        p = place(x, s->events, y, at);
        if (any) {
            draw_line(d, limit, last.x, last.y, p.x, p.y);
        }
        draw_mark(d, MARK_SQUARE, DRAW_BOUND, out, p.x, p.y, 3.4);
        last = p;
        any = true;
    }
}

static void statistics(struct draw *d, const struct course *c, const struct axis *x, const struct axis *y)
{
    struct draw_point last = {0, 0};
    bool any = false;

    for (size_t i = 0; i < c->n; i++) {
        const struct seen *s = &c->look[i];
        struct draw_point p = place(x, s->events, y, s->statistic);

        if (isnan(s->statistic) || !(s->events > 0)) {
            continue;
        }
        if (any) {
            draw_line(d, path, last.x, last.y, p.x, p.y);
        }
        last = p;
        any = true;
    }
    for (size_t i = 0; i < c->n; i++) {
        const struct seen *s = &c->look[i];
        struct draw_point p = place(x, s->events, y, s->statistic);

        if (isnan(s->statistic) || !(s->events > 0) || i == c->first_crossed) {
            continue;
        }
        if (s->executed || i + 1 == c->n) {
            draw_mark(d, MARK_CIRCLE, DRAW_SERIES_1, !s->executed, p.x, p.y, 3.6);
        }
    }
}

/* The label keeps clear of what is near: of counts the boundary is above, of z and E the path goes on to the right. */
static void crossing(struct draw *d, const struct course *c, const struct axis *x, const struct axis *y,
                     bool counts, bool e)
{
    const struct seen *s = &c->look[c->first_crossed < c->n ? c->first_crossed : 0];
    double v = e ? s->e : s->statistic;
    struct draw_point p;
    struct buf b = {0};
    bool left;

    if (c->first_crossed == c->n || isnan(v)) {
        return;
    }
    p = place(x, s->events, y, v);
    left = p.x > x->from + (counts ? 0.65 : 0.35) * (x->to - x->from);
    draw_mark(d, MARK_DIAMOND, DRAW_ALARM, false, p.x, p.y, 5);
    buf_fmt(&b, "crossed, look %s", s->look);
    draw_bold(d, DRAW_ALARM, left ? ANCHOR_END : ANCHOR_START, p.x + (left ? -9 : 9),
              p.y + (left && !counts ? -9 : 18), buf_cstr(&b));
    draw_lost(d, &b);
    buf_done(&b);
}

/* "Deaths: 7 first events, 5 of them in Magnesium; not crossed." and a sentence for each look that tested. */
static void describe(struct draw *d, const struct facts *f, const char *item, const struct course *c, bool e)
{
    struct buf b = {0};

    buf_fmt(&b, "%s: %s.", facts_label_of(f, item), fact_text(f, "monitors", item, "", "standing"));
    for (size_t i = 0; i < c->n; i++) {
        const struct seen *s = &c->look[i];

        if (!s->executed && i != c->first_crossed && i + 1 < c->n) {
            continue;
        }
        buf_fmt(&b, " Look %s, %s, %.0f first events: ", s->look, s->cut, s->events);
        if (e) {
            buf_fmt(&b, "e-value %s.", fact_text(f, "ledger", item, s->look, "e_value"));
        } else {
            buf_fmt(&b, "statistic %s, boundary %s, %s.", fact_text(f, "ledger", item, s->look, "statistic"),
                    fact_text(f, "ledger", item, s->look, "bound"), s->verdict);
        }
    }
    draw_describe(d, &b);
}

static enum status begin(const struct facts *f, const char *item, const char *what, struct draw **ret,
                         struct err *err)
{
    struct buf title = {0};
    enum status st;

    buf_fmt(&title, "%s: %s", facts_label_of(f, item), what);
    st = buf_check(&title, err);
    if (st == OK) {
        st = draw_new(CHART_WIDTH, 286, buf_cstr(&title), ret, err);
    }
    buf_done(&title);
    return st;
}

static enum status boundary(const struct facts *f, const char *item, const struct course *c, struct page *p,
                            struct err *err)
{
    bool counts = strcmp(fact_text(f, "monitors", item, "", "method"), "exact_binomial") == 0;
    struct axis x = events_axis(f, item, c), y = {0, counts ? 3 : 3.2, 236, 30, false};
    double at = counts ? 130 : 236; /* the second key */
    struct buf b = {0};
    struct draw *d = NULL;
    enum status st = begin(f, item, "statistic and boundary", &d, err);

    if (st != OK) {
        return st;
    }
    for (size_t i = 0; i < c->n; i++) {
        const struct seen *s = &c->look[i];

        y.hi = isfinite(s->statistic) && s->statistic + 0.4 > y.hi ? s->statistic + 0.4 : y.hi;
        y.lo = isfinite(s->statistic) && s->statistic < y.lo ? s->statistic : y.lo;
        y.hi = s->executed && isfinite(s->bound) && s->bound + 0.4 > y.hi ? s->bound + 0.4 : y.hi;
    }
    axis_round(&y, 6);
    if (counts) {
        const struct draw_style all = {DRAW_MUTED, DRAW_NONE, 1, DASH_DOTS};
        double top = fmin(x.hi, y.hi);

        buf_str(&b, "Of them in ");
        chart_short(&b, fact_text(f, "monitors", item, "", "experimental_side"), 22);
        chart_axes(d, &x, "First events", &y, buf_cstr(&b));
        draw_polyline(d, all, (const struct draw_point[]){place(&x, 0, &y, 0), place(&x, top, &y, top)}, 2);
        draw_words(d, DRAW_MUTED, ANCHOR_START, axis_at(&x, top) + 6, axis_at(&y, top) + 10, "all of them");
    } else {
        chart_axes(d, &x, "First events", &y, "Logrank z");
    }
    key_line(d, 52, path, counts ? "count" : "z, dots where tested");
    draw_mark(d, MARK_CIRCLE, DRAW_SERIES_1, false, 63, 12, 3.6);
    key_line(d, at, limit, counts ? "boundary (open: out of reach)" : "boundary");
    draw_mark(d, MARK_SQUARE, DRAW_BOUND, false, at + 11, 12, 3.4);
    bounds(d, c, counts, &x, &y);
    statistics(d, c, &x, &y);
    crossing(d, c, &x, &y, counts, false);
    describe(d, f, item, c, false);
    draw_lost(d, &b);
    buf_done(&b);
    page_figure(p, d);
    return OK;
}

static enum status e_path(const struct facts *f, const char *item, const struct course *c, struct page *p,
                          struct err *err)
{
    double reference = fact_number(fact_find(f, "monitors", item, "", "e_reference"));
    bool decisive = strcmp(fact_text(f, "monitors", item, "", "method"), "e_process") == 0;
    struct axis x = events_axis(f, item, c), y = {0.5, 2, 236, 30, true};
    struct draw_point last;
    struct buf b = {0};
    struct draw *d = NULL;
    enum status st = begin(f, item, "e-value", &d, err);

    if (st != OK) {
        return st;
    }
    for (size_t i = 0; i < c->n; i++) {
        double e = c->look[i].e;

        y.hi = isfinite(e) && 1.2 * e > y.hi ? 1.2 * e : y.hi;
        y.lo = e > 0 && e < y.lo ? e : y.lo;
    }
    y.hi = reference * 1.2 > y.hi ? reference * 1.2 : y.hi;
    y.hi = y.hi > 1e30 ? 1e30 : y.hi;
    y.lo = y.lo < 1e-12 ? 1e-12 : y.lo;
    axis_round(&y, 6);
    chart_axes(d, &x, "First events", &y, "e-value");
    draw_line(d, (struct draw_style){DRAW_MUTED, DRAW_NONE, 1, DASH_DOTS}, x.from, axis_at(&y, 1), x.to,
              axis_at(&y, 1));
    key_line(d, 52, path, "e-value");
    if (reference > 0) {
        draw_line(d, limit, x.from, axis_at(&y, reference), x.to, axis_at(&y, reference));
        buf_str(&b, decisive ? "threshold " : "reference ");
        tick_text(&b, reference);
        key_line(d, 156, limit, buf_cstr(&b));
    }
    last = place(&x, 0, &y, 1);
    for (size_t i = 0; i < c->n; i++) {
        const struct seen *s = &c->look[i];
        struct draw_point q = place(&x, s->events, &y, s->e);

        if (!isnan(s->e) && s->events > 0 && (fabs(q.x - last.x) > 1e-9 || fabs(q.y - last.y) > 1e-9)) {
            draw_line(d, path, last.x, last.y, q.x, q.y);
            draw_mark(d, MARK_CIRCLE, DRAW_SERIES_1, false, q.x, q.y, 2.6);
            last = q;
        }
    }
    if (decisive) {
        crossing(d, c, &x, &y, false, true);
    }
    describe(d, f, item, c, true);
    draw_lost(d, &b);
    buf_done(&b);
    page_figure(p, d);
    return OK;
}

static bool by_e(const struct facts *f, const char *item)
{
    return strcmp(fact_text(f, "monitors", item, "", "method"), "e_process") == 0;
}

enum status figures_monitor(const struct facts *f, const char *item, struct page *p, struct err *err)
{
    struct course c = {0};
    enum status st = course_of(f, item, &c, err);

    if (st == OK && c.n > 0) {
        st = by_e(f, item) ? e_path(f, item, &c, p, err) : boundary(f, item, &c, p, err);
    }
    free(c.look);
    return st;
}

enum status figures_monitors(const struct facts *f, struct page *p, struct err *err)
{
    enum status st = OK;

    for (size_t i = 0; st == OK && i < facts_count(f); i++) {
        const struct fact *m = facts_at(f, i);
        struct course c = {0};

        if (strcmp(m->section, "monitors") != 0 || !is(m, "title")) {
            continue;
        }
        st = course_of(f, m->item, &c, err);
        if (st == OK && c.n > 0 && !by_e(f, m->item)) {
            st = boundary(f, m->item, &c, p, err);
        }
        if (st == OK && c.n > 0 && fact_find(f, "monitors", m->item, "", "e_reference") != NULL) {
            st = e_path(f, m->item, &c, p, err);
        }
        free(c.look);
    }
    return st;
}
