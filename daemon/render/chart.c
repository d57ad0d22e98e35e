#include "render/chart.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "render/table.h"

static const struct draw_style frame = {DRAW_MUTED, DRAW_NONE, 1, DASH_SOLID};
static const struct draw_style grid = {DRAW_GRID, DRAW_NONE, 1, DASH_SOLID};

double axis_at(const struct axis *a, double v)
{
    double lo = a->log ? log(a->lo) : a->lo, hi = a->log ? log(a->hi) : a->hi;
    double at = v <= a->lo ? lo : v >= a->hi ? hi : a->log ? log(v) : v;

    return hi > lo ? a->from + (a->to - a->from) * (at - lo) / (hi - lo) : a->from;
}

/* 1, 2 or 5 times a power of ten: the least that gives no more than `want` steps. */
static double round_step(double span, size_t want)
{
    double raw = span / (double)want, unit = pow(10, floor(log10(raw)));

    return raw <= unit ? unit : raw <= 2 * unit ? 2 * unit : raw <= 5 * unit ? 5 * unit : 10 * unit;
}

static size_t log_ticks(const struct axis *a, size_t want, double tick[CHART_TICKS])
{
    int lo = (int)ceil(log10(a->lo) - 1e-9), hi = (int)floor(log10(a->hi) + 1e-9);
    int decades = hi - lo + 1, every = decades > (int)want ? (decades + (int)want - 1) / (int)want : 1;
    size_t n = 0;

    if (decades <= 2) { /* 1, 2, 5 in each decade, too */
        static const double part[] = {1, 2, 5};

        for (int x = lo - 1; x <= hi; x++) {
            for (size_t i = 0; i < 3 && n < CHART_TICKS; i++) {
                double v = part[i] * pow(10, x);

                if (v >= a->lo * (1 - 1e-9) && v <= a->hi * (1 + 1e-9)) {
                    tick[n++] = v;
                }
            }
        }
        return n;
    }
    for (int x = lo; x <= hi && n < CHART_TICKS; x++) {
        if (x % every == 0) {
            tick[n++] = pow(10, x);
        }
    }
    return n;
}

size_t axis_ticks(const struct axis *a, size_t want, double tick[CHART_TICKS])
{
    double step, first;
    size_t n = 0;

    if (a->log) {
        return log_ticks(a, want, tick);
    }
    step = round_step(a->hi - a->lo, want);
    first = ceil(a->lo / step - 1e-9);
    while (n < CHART_TICKS && (first + (double)n) * step <= a->hi + 1e-9 * step) {
        tick[n] = (first + (double)n) * step;
        n++;
    }
    return n;
}

void axis_round(struct axis *a, size_t want)
{
    double step;

    if (a->log) {
        a->lo = pow(10, floor(log10(a->lo) + 1e-9));
        a->hi = pow(10, ceil(log10(a->hi) - 1e-9));
        if (a->hi <= a->lo) {
            a->hi = 10 * a->lo;
        }
        return;
    }
    if (!(a->hi > a->lo)) {
        a->hi = a->lo + 1;
    }
    step = round_step(a->hi - a->lo, want);
    a->lo = floor(a->lo / step + 1e-9) * step;
    a->hi = ceil(a->hi / step - 1e-9) * step;
}

/* 10 with its exponent raised. */
static void power(struct buf *out, int exponent)
{
    static const char *const raised[] = {"\xe2\x81\xb0", "\xc2\xb9",     "\xc2\xb2",     "\xc2\xb3",
                                         "\xe2\x81\xb4", "\xe2\x81\xb5", "\xe2\x81\xb6", "\xe2\x81\xb7",
                                         "\xe2\x81\xb8", "\xe2\x81\xb9"};
    struct buf digits = {0};

    buf_fmt(&digits, "%d", exponent);
    buf_str(out, "10");
    for (const char *s = buf_cstr(&digits); *s != '\0'; s++) {
        buf_str(out, *s == '-' ? "\xe2\x81\xbb" : raised[*s - '0']);
    }
    out->failed = out->failed || digits.failed;
    buf_done(&digits);
}

void tick_text(struct buf *out, double v)
{
    if (v != 0 && (fabs(v) >= 1e4 || fabs(v) < 1e-3)) {
        int x = (int)lround(log10(fabs(v)));

        if (fabs(v / pow(10, x) - 1) < 1e-9) {
            power(out, x);
            return;
        }
    }
    text_add_double(out, fabs(v) < 1e-12 ? 0 : round(v * 1e6) / 1e6);
}

static void tick_words(struct draw *d, enum draw_anchor a, double x, double y, double v)
{
    struct buf b = {0};

    tick_text(&b, v);
    draw_words(d, DRAW_MUTED, a, x, y, buf_cstr(&b));
    draw_lost(d, &b);
    buf_done(&b);
}

void chart_x_axis(struct draw *d, const struct axis *x, double top, double bottom, const char *name)
{
    double tick[CHART_TICKS];
    size_t n = axis_ticks(x, 7, tick);

    for (size_t i = 0; i < n; i++) {
        double at = axis_at(x, tick[i]);

        draw_line(d, grid, at, top, at, bottom);
        tick_words(d, ANCHOR_MIDDLE, at, bottom + 15, tick[i]);
    }
    draw_line(d, frame, x->from, bottom, x->to, bottom);
    draw_words(d, DRAW_INK, ANCHOR_MIDDLE, (x->from + x->to) / 2, bottom + 32, name);
}

void chart_axes(struct draw *d, const struct axis *x, const char *x_name, const struct axis *y,
                const char *y_name)
{
    double tick[CHART_TICKS];
    size_t n = axis_ticks(y, 6, tick);

    for (size_t i = 0; i < n; i++) {
        double at = axis_at(y, tick[i]);

        draw_line(d, grid, x->from, at, x->to, at);
        tick_words(d, ANCHOR_END, x->from - 6, at + 4, tick[i]);
    }
    chart_x_axis(d, x, y->from, y->from, x_name);
    draw_line(d, frame, x->from, y->from, x->from, y->to);
    draw_upright(d, DRAW_INK, ANCHOR_MIDDLE, 11, (y->from + y->to) / 2, y_name);
}

const struct fact *fact_find(const struct facts *f, const char *section, const char *item, const char *group,
                             const char *statistic)
{
    for (size_t i = 0; i < facts_count(f); i++) {
        const struct fact *x = facts_at(f, i);

        if (strcmp(x->section, section) == 0 && strcmp(x->item, item) == 0 &&
            (group == NULL || strcmp(x->group, group) == 0) && strcmp(x->statistic, statistic) == 0) {
            return x;
        }
    }
    return NULL;
}

const char *fact_text(const struct facts *f, const char *section, const char *item, const char *group,
                      const char *statistic)
{
    const struct fact *x = fact_find(f, section, item, group, statistic);

    return x == NULL ? "" : x->text;
}

double fact_number(const struct fact *x)
{
    if (x == NULL) {
        return (double)NAN;
    }
    switch (x->kind) {
    case FACT_TEXT:
        break;
    case FACT_INT:
        return (double)x->i;
    case FACT_REAL:
        return x->r;
    }
    return (double)NAN;
}

void chart_short(struct buf *out, const char *s, size_t max)
{
    size_t n = strlen(s), k = 0;

    if (display_width(s) <= max) {
        buf_str(out, s);
        return;
    }
    /* Whole characters: continuation bytes go with what they continue. */
    for (size_t i = 0; i < n && k + 1 < max; k++) {
        buf_char(out, s[i++]);
        while (i < n && ((unsigned char)s[i] & 0xc0U) == 0x80U) {
            buf_char(out, s[i++]);
        }
    }
    buf_str(out, "\xe2\x80\xa6");
}
