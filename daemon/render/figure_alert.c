/*
 * figure_alert.c - the two figures of an alert: where its monitor went, and the table by arm.
 */
#include <string.h>

#include "base/text.h"
#include "render/alert_parts.h"
#include "render/chart.h"
#include "render/format.h"
#include "render/report_parts.h"

enum { ARM_SHOWN = 18 };

static const double left = 10, first = 26, row = 27;
static const double subjects_at = 180, percent_at = 238, right = CHART_WIDTH - 10;
static const struct draw_style rule = {DRAW_MUTED, DRAW_NONE, 1, DASH_SOLID};
static const struct draw_style line = {DRAW_GRID, DRAW_NONE, 1, DASH_SOLID};

/* A cell of numbers, which is then empty. */
static void cell(struct draw *d, double x, double y, struct buf *b)
{
    draw_words(d, DRAW_INK, ANCHOR_END, x, y, buf_cstr(b));
    draw_lost(d, b);
    buf_wipe(b);
}

static void arm_row(struct draw *d, double y, const char *arm, enum draw_role role, const struct side *s,
                    struct buf *said)
{
    struct buf b = {0};

    chart_short(&b, arm, ARM_SHOWN);
    draw_mark(d, MARK_CIRCLE, role, role == DRAW_SERIES_0, left + 4, y - 4, 4);
    draw_bold(d, DRAW_INK, ANCHOR_START, left + 14, y, buf_cstr(&b));
    draw_lost(d, &b);
    buf_clear(&b);
    buf_fmt(said, " %s: ", arm);
    fmt_count(said, s->subjects, s->n);
    buf_fmt(&b, "%lld/%lld", (long long)s->subjects, (long long)s->n);
    cell(d, subjects_at, y, &b);
    fmt_percent(&b, s->subjects, s->n);
    cell(d, percent_at, y, &b);
    buf_str(said, ", ");
    fmt_rate(said, rate_100(s->subjects, s->risk_days));
    buf_str(said, " per 100 person-years.");
    fmt_rate(&b, rate_100(s->subjects, s->risk_days));
    cell(d, right, y, &b);
    draw_line(d, line, left, y + 10, right, y + 10);
}

static void effect(struct draw *d, double y, const char *what, struct buf *value, struct buf *said)
{
    draw_words(d, DRAW_INK, ANCHOR_START, left, y, what);
    buf_fmt(said, " %s: %s.", what, buf_cstr(value));
    cell(d, right, y, value);
}

/* The arms of the comparison, experimental first, control last; then how large the difference is. */
static double rows(struct alert_ctx *c, struct draw *d, const struct contrast *x, struct buf *said)
{
    struct side s;
    struct buf b = {0};
    double y = first;

    for (int arm = ARM_CONTROL + 1; arm < c->names.n; arm++) {
        if (c->m->comparison == ARM_NONE || c->m->comparison == arm) {
            s = side_of(c->in->result, &c->measure, arm);
            arm_row(d, y += row, c->names.arm[arm],
                    arm == 1   ? DRAW_SERIES_1
                    : arm == 2 ? DRAW_SERIES_2
                               : DRAW_SERIES_3,
                    &s, said);
        }
    }
    s = side_of(c->in->result, &c->measure, ARM_CONTROL);
    arm_row(d, y += row, c->names.arm[ARM_CONTROL], DRAW_SERIES_0, &s, said);
    if (x->ok) {
        fmt_points(&b, &x->t.risk_difference);
        effect(d, y += row, "Risk difference, points", &b, said);
        fmt_ratio(&b, &x->t.relative_risk);
        effect(d, y += row - 6, "Risk ratio (95 % CI)", &b, said);
    }
    return y + 12;
}

static enum status counts(struct alert_ctx *c, struct err *err)
{
    struct side e = side_experimental(c->in->result, &c->measure, c->names.n, c->m->comparison);
    struct side k = side_of(c->in->result, &c->measure, ARM_CONTROL);
    struct buf title = {0}, said = {0};
    struct draw *d = NULL;
    struct contrast x;
    enum status st = contrast_of(&e, &k, &x, err);

    text_show(&title, c->m->title, strlen(c->m->title), TITLE_MAX_LEN);
    buf_str(&title, ": subjects by arm");
    if (st == OK) {
        st = buf_check(&title, err);
    }
    if (st == OK) {
        st = draw_new(CHART_WIDTH, 100, buf_cstr(&title), &d, err);
    }
    buf_done(&title);
    if (st != OK) {
        return st;
    }
    draw_words(d, DRAW_MUTED, ANCHOR_START, left + 14, first - 6, "Arm");
    draw_words(d, DRAW_MUTED, ANCHOR_END, subjects_at, first - 6, "With event");
    draw_words(d, DRAW_MUTED, ANCHOR_END, percent_at, first - 6, "Share");
    draw_words(d, DRAW_MUTED, ANCHOR_END, right, first - 6, "Per 100 person-years");
    draw_line(d, rule, left, first + 2, right, first + 2);
    draw_height(d, rows(c, d, &x, &said));
    draw_describe(d, &said);
    page_figure(c->p, d);
    return OK;
}

static enum status course(struct alert_ctx *c, struct err *err)
{
    const struct mail_input *in = c->in;
    struct report_input r = {.plan = in->plan,
                             .rules = in->rules,
                             .snapshot = in->snapshot,
                             .result = in->result,
                             .history = in->history,
                             .look = in->look,
                             .cut = in->cut,
                             .data_cutoff = in->data_cutoff,
                             .now = in->now};
    struct facts *f = NULL;
    enum status st = facts_new(&f, err);

    if (st == OK) {
        st = report_monitor(&r, (size_t)(c->m - in->plan->monitors), &c->names, f, err);
    }
    if (st == OK) {
        st = facts_check(f, err);
    }
    if (st == OK) {
        st = figures_monitor(f, c->m->name, c->p, err);
    }
    facts_free(f);
    return st;
}

enum status alert_figures(struct alert_ctx *c, struct err *err)
{
    enum status st = counts(c, err);

    return st == OK ? course(c, err) : st;
}
