/*
 * figure_terms.c - volcano of terms: how much more often against how surely, one dot a term; the surest are named.
 */
#include <math.h>
#include <string.h>

#include "render/chart.h"
#include "render/report_parts.h"
#include "render/table.h"

enum { NAMED = 6, NAME_WIDTH = 20 };

static const double top = 12, bottom = 262, left = 46, letter = 6.2, notable = 0.05;

struct dot {
    const char *item;
    const struct fact *difference, *p;
    double subjects; /* of both sides */
    bool flagged;
};

struct volcano {
    struct draw *d;
    struct axis x, y; /* y: -log10 p, from bottom to top */
    struct box {
        double x1, x2, y;
    } name[NAMED];
    size_t n_names;
};

static bool of(const struct fact *x, const char *group)
{
    return strcmp(x->section, "terms") == 0 && strcmp(x->group, group) == 0;
}

/* The next term of a comparison, from *at on: the facts of one stand together. */
static bool next(const struct facts *f, const char *group, size_t *at, struct dot *ret)
{
    struct dot t = {0};

    for (; *at < facts_count(f); ++*at) {
        const struct fact *x = facts_at(f, *at);

        if (!of(x, group)) {
            continue;
        }
        if (t.item != NULL && strcmp(t.item, x->item) != 0) {
            break;
        }
        if (strcmp(x->statistic, "experimental") == 0 && t.item != NULL) {
            break; /* another term that reads the same where it is cut */
        }
        t.item = x->item;
        t.subjects += strcmp(x->statistic, "experimental") == 0 || strcmp(x->statistic, "control") == 0
                          ? fact_number(x)
                          : 0;
        if (strcmp(x->statistic, "risk_difference") == 0) {
            t.difference = x;
        } else if (strcmp(x->statistic, "fisher_two_sided") == 0) {
            t.p = x;
        } else if (strcmp(x->statistic, "fdr_adjusted") == 0) {
            t.flagged = strstr(x->text, "flagged") != NULL;
        }
    }
    *ret = t;
    return t.item != NULL;
}

static double surely(const struct dot *t)
{
    double p = fact_number(t->p);

    return p > 1e-300 ? -log10(p) : 300;
}

static bool drawn(const struct dot *t)
{
    return t->p != NULL && !isnan(fact_number(t->p)) && !isnan(fact_number(t->difference));
}

static void axes(struct volcano *v, const char *name)
{
    const struct draw_style grid = {DRAW_GRID, DRAW_NONE, 1, DASH_SOLID};
    const struct draw_style frame = {DRAW_MUTED, DRAW_NONE, 1, DASH_SOLID};
    const struct draw_style line = {DRAW_BOUND, DRAW_NONE, 1.4, DASH_SHORT};
    const struct axis p = {pow(10, -v->y.hi), 1, top, bottom, true}; /* for its ticks */
    double tick[CHART_TICKS], at = axis_at(&v->y, -log10(notable));
    size_t n = axis_ticks(&p, 6, tick);

    chart_x_axis(v->d, &v->x, top, bottom, name);
    for (size_t i = 0; i < n; i++) {
        struct buf b = {0};
        double y = axis_at(&v->y, -log10(tick[i]));

        draw_line(v->d, grid, left, y, v->x.to, y);
        tick_text(&b, tick[i]);
        draw_words(v->d, DRAW_MUTED, ANCHOR_END, left - 6, y + 4, buf_cstr(&b));
        draw_lost(v->d, &b);
        buf_done(&b);
    }
    draw_line(v->d, frame, axis_at(&v->x, 0), top, axis_at(&v->x, 0), bottom);
    draw_upright(v->d, DRAW_INK, ANCHOR_MIDDLE, 11, (top + bottom) / 2, "p, two-sided, not adjusted");
    draw_line(v->d, line, left, at, v->x.to, at);
}

/* Flagged: a diamond.  Below the line: filled, in the colour of the side that has more.  Else hollow. */
static void mark(struct volcano *v, const struct dot *t)
{
    double x = axis_at(&v->x, 100 * fact_number(t->difference)), y = axis_at(&v->y, surely(t));
    double r = fmin(9, 2 + 0.7 * sqrt(t->subjects));
    bool sure = fact_number(t->p) <= notable;
    enum draw_role role = !sure ? DRAW_MUTED : fact_number(t->difference) > 0 ? DRAW_SERIES_1 : DRAW_SERIES_0;

    draw_mark(v->d, t->flagged ? MARK_DIAMOND : MARK_CIRCLE, role, !sure, x, y, r);
}

static bool free_of_names(const struct volcano *v, const struct box *own)
{
    bool clear = own->x1 > left && own->x2 < CHART_WIDTH && own->y > top && own->y < bottom;

    for (size_t i = 0; i < v->n_names; i++) {
        clear = clear && (fabs(v->name[i].y - own->y) > DRAW_TEXT + 1 || own->x1 > v->name[i].x2 ||
                          own->x2 < v->name[i].x1);
    }
    return clear;
}

/* Beside its dot, rather to the middle; a name that finds no room is left out: the table has it. */
static void label(struct volcano *v, const struct dot *t)
{
    static const struct {
        double side, down;
    } place[] = {{1, 0}, {-1, 0}, {1, -10}, {1, 10}, {-1, -10}, {-1, 10}};
    double x = axis_at(&v->x, 100 * fact_number(t->difference)), y = axis_at(&v->y, surely(t)) + 4, width;
    double inward = x < (v->x.from + v->x.to) / 2 ? 1 : -1;
    struct buf b = {0};

    chart_short(&b, t->item, NAME_WIDTH);
    width = letter * (double)display_width(buf_cstr(&b));
    for (size_t i = 0; i < sizeof place / sizeof place[0]; i++) {
        double side = place[i].side * inward, from = x + 12 * side;
        struct box own = {side > 0 ? from : from - width, side > 0 ? from + width : from, y + place[i].down};

        if (free_of_names(v, &own)) {
            v->name[v->n_names++] = own;
            draw_words(v->d, DRAW_INK, side > 0 ? ANCHOR_START : ANCHOR_END, from, own.y, buf_cstr(&b));
            break;
        }
    }
    draw_lost(v->d, &b);
    buf_wipe(&b);
}

/* The surest, in order; equal p: in the table's order. */
static size_t surest(const struct facts *f, const char *group, struct dot *best)
{
    struct dot t;
    size_t n = 0;

    for (size_t at = 0; next(f, group, &at, &t);) {
        size_t k = n;

        if (!drawn(&t) || fact_number(t.p) > notable) {
            continue;
        }
        while (k > 0 && fact_number(best[k - 1].p) > fact_number(t.p)) {
            k--;
        }
        if (k < NAMED) {
            n = n < NAMED ? n + 1 : NAMED;
            memmove(best + k + 1, best + k, (n - 1 - k) * sizeof *best);
            best[k] = t;
        }
    }
    return n;
}

static void describe(struct volcano *v, const char *group, const struct dot *best, size_t n)
{
    struct buf b = {0};

    buf_fmt(&b, "One dot a term, %s: risk difference against p.", group);
    for (size_t i = 0; i < n; i++) {
        buf_fmt(&b, " %s: %s, p %s.", best[i].item, best[i].difference->text, best[i].p->text);
    }
    buf_str(&b, n == 0 ? " No term lies beyond the line." : "");
    draw_describe(v->d, &b);
}

static enum status plot(const struct facts *f, const char *group, struct page *p, struct err *err)
{
    struct volcano v = {.x = {-5, 5, left, CHART_WIDTH - 14, false}, .y = {0, 2, bottom, top, false}};
    struct dot t, best[NAMED];
    struct buf title = {0};
    size_t n = 0, named;
    enum status st;

    for (size_t at = 0; next(f, group, &at, &t);) {
        if (drawn(&t)) {
            double x = fabs(100 * fact_number(t.difference));

            v.x.hi = fmax(v.x.hi, x);
            v.y.hi = fmax(v.y.hi, fmin(surely(&t), 12));
            n++;
        }
    }
    if (n == 0) {
        return OK;
    }
    v.x.lo = -v.x.hi;
    axis_round(&v.x, 6);
    v.y.hi = ceil(v.y.hi);
    buf_fmt(&title, "Terms, %s", group);
    st = buf_check(&title, err);
    if (st == OK) {
        st = draw_new(CHART_WIDTH, bottom + 40, buf_cstr(&title), &v.d, err);
    }
    buf_wipe(&title);
    if (st != OK) {
        return st;
    }
    axes(&v, "Risk difference, percentage points");
    for (size_t at = 0; next(f, group, &at, &t);) {
        if (drawn(&t)) {
            mark(&v, &t);
        }
    }
    named = surest(f, group, best);
    for (size_t i = 0; i < named; i++) {
        label(&v, &best[i]);
    }
    describe(&v, group, best, named);
    page_figure(p, v.d);
    return OK;
}

enum status figures_terms(const struct facts *f, struct page *p, struct err *err)
{
    const char *group[ARMS_MAX];
    size_t n = 0;
    enum status st = OK;

    for (size_t i = 0; i < facts_count(f); i++) {
        const struct fact *x = facts_at(f, i);
        bool known = strcmp(x->section, "terms") != 0 || strcmp(x->statistic, "fisher_two_sided") != 0;

        for (size_t k = 0; k < n; k++) {
            known = known || strcmp(group[k], x->group) == 0;
        }
        if (!known && n < ARMS_MAX) {
            group[n++] = x->group;
        }
    }
    for (size_t i = 0; st == OK && i < n; i++) {
        st = plot(f, group[i], p, err);
    }
    return st;
}
