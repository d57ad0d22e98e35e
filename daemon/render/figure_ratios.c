/*
 * figure_ratios.c - dot plots of the comparisons: risk ratio on a logarithmic scale, risk difference in points.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "render/chart.h"
#include "render/report_parts.h"

struct dots {
    const char *statistic, *title, *axis;
    double scale, neutral;
    bool log;
};

static const double row_height = 34;

static bool comparison(const struct fact *x, const char *statistic)
{
    return strcmp(x->section, "comparisons") == 0 && strcmp(x->statistic, statistic) == 0;
}

static double limit_of(const struct facts *f, const struct fact *x, const char *which)
{
    char name[64];

    (void)snprintf(name, sizeof(name), "%s_%s", x->statistic, which);
    return fact_number(fact_find(f, "comparisons", x->item, x->group, name));
}

static void widen(struct axis *a, double v, double least, double most)
{
    if (isnan(v) || isinf(v)) {
        return;
    }
    v = v < least ? least : v > most ? most : v;
    a->lo = v < a->lo ? v : a->lo;
    a->hi = v > a->hi ? v : a->hi;
}

static struct axis axis_of(const struct facts *f, const struct dots *k)
{
    struct axis a = {k->log ? 0.5 : -10, k->log ? 2 : 10, 14, CHART_WIDTH - 14, k->log};

    for (size_t i = 0; i < facts_count(f); i++) {
        const struct fact *x = facts_at(f, i);

        if (comparison(x, k->statistic) && !isnan(fact_number(x))) {
            widen(&a, k->scale * fact_number(x), k->log ? 0.02 : -100, 100);
            widen(&a, k->scale * limit_of(f, x, "low"), k->log ? 0.02 : -100, 100);
            widen(&a, k->scale * limit_of(f, x, "high"), k->log ? 0.02 : -100, 100);
        }
    }
    if (k->log) { /* as far to one side as round ticks ask, not a whole decade */
        a.lo = a.lo < 0.1 ? 0.02 : a.lo < 0.2 ? 0.1 : a.lo < 0.5 ? 0.2 : 0.5;
        a.hi = a.hi > 50 ? 100 : a.hi > 20 ? 50 : a.hi > 10 ? 20 : a.hi > 5 ? 10 : a.hi > 2 ? 5 : 2;
    } else {
        axis_round(&a, 6);
    }
    return a;
}

/* An arrowhead where the interval goes on beyond the axis. */
static void arrow(struct draw *d, double x, double y, double towards)
{
    const struct draw_style s = {DRAW_SERIES_1, DRAW_NONE, 1.6, DASH_SOLID};

    draw_polyline(d, s,
                  (const struct draw_point[]){{x - 6 * towards, y - 4}, {x, y}, {x - 6 * towards, y + 4}}, 3);
}

static void interval(struct draw *d, const struct axis *a, double v, double lo, double hi, double y)
{
    const struct draw_style s = {DRAW_SERIES_1, DRAW_NONE, 1.8, DASH_SOLID};

    draw_line(d, s, axis_at(a, lo), y, axis_at(a, hi), y);
    if (lo < a->lo) {
        arrow(d, a->from, y, -1);
    }
    if (hi > a->hi) {
        arrow(d, a->to, y, 1);
    }
    if (v >= a->lo && v <= a->hi) {
        draw_mark(d, MARK_CIRCLE, DRAW_SERIES_1, false, axis_at(a, v), y, 4.2);
    }
}

static void row(struct draw *d, const struct facts *f, const struct dots *k, const struct axis *a,
                const struct fact *x, bool many, double y)
{
    double v = k->scale * fact_number(x), lo = k->scale * limit_of(f, x, "low"),
           hi = k->scale * limit_of(f, x, "high");
    struct buf b = {0}, shown = {0};

    buf_str(&b, facts_label_of(f, x->item));
    if (many) {
        buf_fmt(&b, ", %s", x->group);
    }
    chart_short(&shown, buf_cstr(&b), 32);
    draw_words(d, DRAW_INK, ANCHOR_START, 14, y + 12, buf_cstr(&shown));
    draw_words(d, DRAW_MUTED, ANCHOR_END, CHART_WIDTH - 14, y + 12, x->text);
    if (!isnan(v) && !isnan(lo) && !isnan(hi)) {
        interval(d, a, v, lo, hi, y + 23);
    }
    draw_lost(d, &b);
    draw_lost(d, &shown);
    buf_wipe(&b);
    buf_wipe(&shown);
}

static enum status plot(const struct facts *f, const struct dots *k, struct page *p, struct err *err)
{
    struct axis a = axis_of(f, k);
    struct buf b = {0};
    const char *first = NULL;
    bool many = false;
    size_t n = 0;
    double bottom, y = 4;
    struct draw *d = NULL;
    enum status st;

    for (size_t i = 0; i < facts_count(f); i++) {
        const struct fact *x = facts_at(f, i);

        if (comparison(x, k->statistic)) {
            many = many || (first != NULL && strcmp(first, x->group) != 0);
            first = first == NULL ? x->group : first;
            n++;
        }
    }
    if (n == 0) {
        return OK;
    }
    bottom = y + row_height * (double)n + 4;
    buf_str(&b, k->title);
    if (!many) {
        buf_fmt(&b, ", %s", first);
    }
    st = buf_check(&b, err);
    if (st == OK) {
        st = draw_new(CHART_WIDTH, bottom + 40, buf_cstr(&b), &d, err);
    }
    buf_clear(&b);
    if (st != OK) {
        buf_done(&b);
        return st;
    }
    chart_x_axis(d, &a, y, bottom, k->axis);
    draw_line(d, (struct draw_style){DRAW_BOUND, DRAW_NONE, 1.4, DASH_SHORT}, axis_at(&a, k->neutral), y,
              axis_at(&a, k->neutral), bottom);
    buf_fmt(&b, "%s by category with 95 %% confidence intervals.", k->title);
    for (size_t i = 0; i < facts_count(f); i++) {
        const struct fact *x = facts_at(f, i);

        if (comparison(x, k->statistic)) {
            /* Words stand on paper, not on grid lines. */
            draw_rect(d, (struct draw_style){DRAW_NONE, DRAW_PAPER, 0, DASH_SOLID}, 12, y, CHART_WIDTH - 24,
                      16);
            row(d, f, k, &a, x, many, y);
            buf_fmt(&b, " %s, %s: %s.", facts_label_of(f, x->item), x->group, x->text);
            y += row_height;
        }
    }
    draw_describe(d, &b);
    page_figure(p, d);
    return OK;
}

enum status figures_ratios(const struct facts *f, struct page *p, struct err *err)
{
    static const struct dots ratio = {
        "risk_ratio", "Risk ratio", "Risk ratio (logarithmic scale), 95 % interval", 1, 1, true};
    static const struct dots points = {
        "risk_difference", "Risk difference", "Percentage points, 95 % interval", 100, 0, false};
    enum status st = plot(f, &ratio, p, err);

    return st == OK ? plot(f, &points, p, err) : st;
}
