/*
 * chart.h - what the figures of a report share: facts looked up, axes, and words about them.  Pure.
 *
 * All figures are CHART_WIDTH wide: one to a phone's width, two beside each other on a page.
 */
#ifndef DSMB_RENDER_CHART_H
#define DSMB_RENDER_CHART_H

#include "render/draw.h"
#include "render/facts.h"

#define CHART_WIDTH 400.0
enum { CHART_TICKS = 12 };

/* From value to place; log: both ends > 0. */
struct axis {
    double lo, hi;   /* values */
    double from, to; /* places */
    bool log;
};

double axis_at(const struct axis *a, double v); /* values outside are put on the nearer end */
/* About `want` round values inside; returns how many. */
size_t axis_ticks(const struct axis *a, size_t want, double tick[CHART_TICKS]);
/* The axis widened to round values, so that data do not touch its ends. */
void axis_round(struct axis *a, size_t want);
void tick_text(struct buf *out, double v);

/* Frame lines, grid, ticks and names of both axes; the plot is x->from..x->to, y->to..y->from. */
void chart_axes(struct draw *d, const struct axis *x, const char *x_name, const struct axis *y,
                const char *y_name);
/* One axis below the plot, grid lines up to `top`. */
void chart_x_axis(struct draw *d, const struct axis *x, double top, double bottom, const char *name);

/* NULL: no such fact.  group NULL: of any group. */
const struct fact *fact_find(const struct facts *f, const char *section, const char *item, const char *group,
                             const char *statistic);
const char *fact_text(const struct facts *f, const char *section, const char *item, const char *group,
                      const char *statistic);
/* The number, whatever its kind; NaN where there is none. */
double fact_number(const struct fact *x);
/* At most `max` columns wide, an ellipsis in place of what is cut. */
void chart_short(struct buf *out, const char *s, size_t max);

#endif
