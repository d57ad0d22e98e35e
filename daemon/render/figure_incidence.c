/*
 * figure_incidence.c - cumulative incidence by arm, or pooled, with numbers at risk below.
 *
 * Where the facts hold each step, steps are drawn; where they hold months alone (the open report), these are joined.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "render/chart.h"
#include "render/report_parts.h"

enum { GROUPS_MAX = 12 };

static const double month_days = 365.25 / 12;
static const char *const dash_names[] = {"solid", "dashed", "dashed", "dotted"};

struct groups {
    const char *name[GROUPS_MAX];
    size_t n;
};

struct points {
    struct draw_point *p; /* months, percent */
    size_t n, cap;
};

/* Of "month_12" 12 with what = "month_"; -1: something else ("month_12_low"). */
static int number_of(const char *statistic, const char *what)
{
    size_t n = strlen(what);
    char *end = NULL;
    long v;

    if (strncmp(statistic, what, n) != 0 || statistic[n] < '0' || statistic[n] > '9') {
        return -1;
    }
    v = strtol(statistic + n, &end, 10);
    return *end == '\0' && v >= 0 && v < 1000000 ? (int)v : -1;
}

/* Control comes last among the facts, and has the first role. */
static enum draw_role role_of(const struct groups *a, size_t i)
{
    static const enum draw_role role[] = {DRAW_SERIES_0, DRAW_SERIES_1, DRAW_SERIES_2, DRAW_SERIES_3};

    return role[(a->n - 1 - i) % 4];
}

static enum draw_dash dash_of(const struct groups *a, size_t i)
{
    static const enum draw_dash dash[] = {DASH_LONG, DASH_SOLID, DASH_SHORT, DASH_DOTS};

    return a->n == 1 ? DASH_SOLID : dash[(a->n - 1 - i) % 4];
}

static struct groups arms_of(const struct facts *f, const char *item)
{
    struct groups a = {.n = 0};

    for (size_t i = 0; i < facts_count(f); i++) {
        const struct fact *x = facts_at(f, i);

        if (strcmp(x->section, "incidence_at_risk") == 0 && strcmp(x->item, item) == 0 && a.n < GROUPS_MAX &&
            (a.n == 0 || strcmp(a.name[a.n - 1], x->group) != 0)) {
            a.name[a.n++] = x->group;
        }
    }
    return a;
}

static enum status add(struct points *p, double x, double y, struct err *err)
{
    enum status st = VEC_PUSH_ROOM(p->p, p->n, p->cap, err);

    if (st == OK) {
        p->p[p->n++] = (struct draw_point){x, y};
    }
    return st;
}

/* *stepped: each step is known. */
static enum status points_of(const struct facts *f, const char *item, const char *group, struct points *p,
                             bool *stepped, struct err *err)
{
    double last = 0;
    enum status st = add(p, 0, 0, err);

    *stepped = fact_find(f, "incidence_curve", item, group, "last_day") != NULL;
    for (size_t i = 0; st == OK && i < facts_count(f); i++) {
        const struct fact *x = facts_at(f, i);
        int at;

        if (strcmp(x->item, item) != 0 || strcmp(x->group, group) != 0 || isnan(fact_number(x))) {
            continue;
        }
        if (*stepped && strcmp(x->section, "incidence_curve") == 0) {
            at = number_of(x->statistic, "day_");
            if (at >= 0) {
                last = fact_number(x);
                st = add(p, at / month_days, last, err);
            } else if (strcmp(x->statistic, "last_day") == 0) {
                st = add(p, fact_number(x) / month_days, last, err);
            }
        } else if (!*stepped && strcmp(x->section, "incidence") == 0 &&
                   (at = number_of(x->statistic, "month_")) >= 0) {
            st = add(p, at, fact_number(x), err);
        }
    }
    return st;
}

static void whiskers(struct draw *d, const struct facts *f, const char *item, const char *group,
                     enum draw_role role, double aside, const struct axis *x, const struct axis *y)
{
    const struct draw_style s = {role, DRAW_NONE, 1.2, DASH_SOLID};

    for (size_t i = 0; i < facts_count(f); i++) {
        const struct fact *e = facts_at(f, i);
        int month =
            strcmp(e->section, "incidence") == 0 && strcmp(e->item, item) == 0 && strcmp(e->group, group) == 0
                ? number_of(e->statistic, "month_")
                : -1;
        char low[32], high[32];
        double lo, hi, at;

        if (month < 0) {
            continue;
        }
        (void)snprintf(low, sizeof(low), "month_%d_low", month);
        (void)snprintf(high, sizeof(high), "month_%d_high", month);
        lo = fact_number(fact_find(f, "incidence", item, group, low));
        hi = fact_number(fact_find(f, "incidence", item, group, high));
        at = axis_at(x, month) + aside;
        if (lo < hi) {
            draw_line(d, s, at, axis_at(y, lo), at, axis_at(y, hi));
            draw_line(d, s, at - 2.5, axis_at(y, lo), at + 2.5, axis_at(y, lo));
            draw_line(d, s, at - 2.5, axis_at(y, hi), at + 2.5, axis_at(y, hi));
        }
    }
}

/* Each arm's name with its line, and below it how many are still at risk; names serve as the key. */
static double at_risk(struct draw *d, const struct facts *f, const char *item, const struct groups *a,
                      const struct axis *x, double top)
{
    double y = top;

    draw_words(d, DRAW_MUTED, ANCHOR_START, 14, y, "Still at risk of a first event");
    for (size_t g = 0; g < a->n; g++) {
        double last = -100;
        struct buf b = {0};

        y += 19;
        draw_line(d, (struct draw_style){role_of(a, g), DRAW_NONE, 2.2, dash_of(a, g)}, 14, y - 4, 38, y - 4);
        chart_short(&b, a->name[g], 44);
        draw_bold(d, role_of(a, g), ANCHOR_START, 44, y, buf_cstr(&b));
        draw_lost(d, &b);
        buf_wipe(&b);
        y += 16;
        for (size_t i = 0; i < facts_count(f); i++) {
            const struct fact *n = facts_at(f, i);
            int month = strcmp(n->section, "incidence_at_risk") == 0 && strcmp(n->item, item) == 0 &&
                                strcmp(n->group, a->name[g]) == 0
                            ? number_of(n->statistic, "month_")
                            : -1;

            if (month >= 0 && month <= x->hi && axis_at(x, month) - last > 30) {
                last = axis_at(x, month);
                draw_words(d, DRAW_INK, ANCHOR_MIDDLE, last, y, n->text);
            }
        }
    }
    return y;
}

/* Ticks where the tables have their columns. */
static void months_axis(struct draw *d, const struct axis *x, double bottom)
{
    static const int month[] = {0, 3, 6, 12, 18, 24, 36, 48, 60};
    double last = -100;

    for (size_t i = 0; i < sizeof(month) / sizeof(month[0]); i++) {
        char s[8];

        if (month[i] > x->hi || axis_at(x, month[i]) - last <= 30) {
            continue;
        }
        last = axis_at(x, month[i]);
        (void)snprintf(s, sizeof(s), "%d", month[i]);
        draw_line(d, (struct draw_style){DRAW_MUTED, DRAW_NONE, 1, DASH_SOLID}, last, bottom, last,
                  bottom + 4);
        draw_words(d, DRAW_MUTED, ANCHOR_MIDDLE, last, bottom + 16, s);
    }
    draw_line(d, (struct draw_style){DRAW_MUTED, DRAW_NONE, 1, DASH_SOLID}, x->from, bottom, x->to, bottom);
    draw_words(d, DRAW_INK, ANCHOR_MIDDLE, (x->from + x->to) / 2, bottom + 32, "Months since entry");
}

static void describe(struct draw *d, const struct facts *f, const char *item, const struct groups *a)
{
    struct buf b = {0};

    buf_fmt(&b, "Cumulative incidence in percent, %s.", facts_label_of(f, item));
    for (size_t g = 0; g < a->n; g++) {
        bool any = false;

        for (size_t i = 0; i < facts_count(f); i++) {
            const struct fact *x = facts_at(f, i);

            if (strcmp(x->section, "incidence") == 0 && strcmp(x->item, item) == 0 &&
                strcmp(x->group, a->name[g]) == 0 && number_of(x->statistic, "month_") >= 0) {
                if (any) {
                    buf_str(&b, "; ");
                } else {
                    buf_fmt(&b, " %s (%s): ", a->name[g], dash_names[a->n == 1 ? 0 : dash_of(a, g)]);
                }
                buf_fmt(&b, "%d months %s", number_of(x->statistic, "month_"), x->text);
                any = true;
            }
        }
        buf_str(&b, any ? "." : "");
    }
    draw_describe(d, &b);
}

static void grid_lines(struct draw *d, const struct axis *x, const struct axis *y)
{
    double tick[CHART_TICKS];
    size_t n = axis_ticks(y, 6, tick);

    for (size_t i = 0; i < n; i++) {
        struct buf b = {0};

        draw_line(d, (struct draw_style){DRAW_GRID, DRAW_NONE, 1, DASH_SOLID}, x->from, axis_at(y, tick[i]),
                  x->to, axis_at(y, tick[i]));
        tick_text(&b, tick[i]);
        draw_words(d, DRAW_MUTED, ANCHOR_END, x->from - 6, axis_at(y, tick[i]) + 4, buf_cstr(&b));
        draw_lost(d, &b);
        buf_done(&b);
    }
    draw_line(d, (struct draw_style){DRAW_MUTED, DRAW_NONE, 1, DASH_SOLID}, x->from, y->from, x->from, y->to);
    draw_upright(d, DRAW_INK, ANCHOR_MIDDLE, 11, (y->from + y->to) / 2, "Percent with an event");
}

static void curves(struct draw *d, const struct facts *f, const char *item, const struct groups *a,
                   const struct points *p, const bool *stepped, const struct axis *x, const struct axis *y)
{
    for (size_t g = 0; g < a->n; g++) {
        const struct draw_style s = {role_of(a, g), DRAW_NONE, 2.2, dash_of(a, g)};

        for (size_t i = 0; i < p[g].n; i++) {
            p[g].p[i] = (struct draw_point){axis_at(x, p[g].p[i].x), axis_at(y, p[g].p[i].y)};
        }
        whiskers(d, f, item, a->name[g], role_of(a, g), 6.0 * ((double)g - (double)(a->n - 1) / 2), x, y);
        if (stepped[g]) {
            draw_steps(d, s, p[g].p, p[g].n);
            continue;
        }
        draw_polyline(d, s, p[g].p, p[g].n);
        for (size_t i = 1; i < p[g].n; i++) {
            draw_mark(d, MARK_CIRCLE, s.stroke, false, p[g].p[i].x, p[g].p[i].y, 3);
        }
    }
}

static enum status figure(const struct facts *f, const char *item, struct page *page, struct err *err)
{
    struct groups a = arms_of(f, item);
    struct axis x = {0, 3, 52, CHART_WIDTH - 14, false}, y = {0, 5, 196, 8, false};
    struct points p[GROUPS_MAX] = {{0}};
    bool stepped[GROUPS_MAX] = {0};
    struct draw *d = NULL;
    bool any = false;
    enum status st = OK;

    for (size_t g = 0; st == OK && g < a.n; g++) {
        st = points_of(f, item, a.name[g], &p[g], &stepped[g], err);
        for (size_t i = 0; i < p[g].n; i++) {
            x.hi = p[g].p[i].x > x.hi ? p[g].p[i].x : x.hi;
            y.hi = p[g].p[i].y > y.hi ? p[g].p[i].y : y.hi;
            any = any || p[g].p[i].y > 0;
        }
    }
    for (size_t i = 0; i < facts_count(f); i++) { /* the limits that fit well are shown whole */
        const struct fact *e = facts_at(f, i);

        if (strcmp(e->section, "incidence") == 0 && strcmp(e->item, item) == 0 &&
            strstr(e->statistic, "_high") != NULL && fact_number(e) > y.hi) {
            y.hi = fact_number(e);
        }
    }
    if (!any) { /* every month is withheld: an empty frame would say that nothing happened */
        goto out;
    }
    axis_round(&y, 6);
    y.hi = y.hi > 100 ? 100 : y.hi;
    if (st == OK) {
        st = draw_new(CHART_WIDTH, 300, facts_label_of(f, item), &d, err);
    }
    if (st == OK) {
        grid_lines(d, &x, &y);
        months_axis(d, &x, y.from);
        curves(d, f, item, &a, p, stepped, &x, &y);
        draw_height(d, at_risk(d, f, item, &a, &x, y.from + 52) + 8);
        describe(d, f, item, &a);
        page_figure(page, d);
    }
out:
    for (size_t g = 0; g < a.n; g++) {
        free(p[g].p);
    }
    return st;
}

enum status figures_incidence(const struct facts *f, struct page *p, struct err *err)
{
    const char *last = NULL;
    enum status st = OK;

    for (size_t i = 0; st == OK && i < facts_count(f); i++) {
        const struct fact *x = facts_at(f, i);

        if (strcmp(x->section, "incidence_at_risk") == 0 && (last == NULL || strcmp(last, x->item) != 0)) {
            last = x->item;
            st = figure(f, x->item, p, err);
        }
    }
    return st;
}
