/* The boundaries of a plan as a figure: one panel a monitor, the bound by first events. */
#include <math.h>

#include "cmd/ctl_bounds.h"
#include "render/chart.h"

static const double panel_height = 250;

static const struct draw_style limit = {DRAW_BOUND, DRAW_NONE, 1.4, DASH_SHORT};
static const struct draw_style most = {DRAW_MUTED, DRAW_NONE, 1, DASH_DOTS};

static void panel(struct draw *d, const struct bounds_item *it, double top)
{
    const struct bounds *b = &it->b;
    bool counts = it->m->method != METHOD_SPENDING_Z, any = false;
    struct axis x = {0, (double)b->look[b->n - 1].events, 46, CHART_WIDTH - 14, false},
                y = {0, counts ? 3 : 3.2, top + 204, top + 34, false};
    struct draw_point last = {0, 0};

    for (size_t i = 0; i < b->n; i++) {
        double v = b->look[i].bound;

        y.hi = isfinite(v) && v + 0.4 > y.hi ? fmin(v + 0.4, 12) : y.hi;
        if (counts && isfinite(v) && v + 0.4 > y.hi) {
            y.hi = v + 0.4;
        }
    }
    axis_round(&x, 7);
    axis_round(&y, 6);
    draw_bold(d, DRAW_INK, ANCHOR_START, 12, top + 18, it->m->title);
    chart_axes(d, &x, "First events", &y, counts ? "Experimental events" : "z");
    if (counts) {
        double end = fmin(x.hi, y.hi);

        draw_line(d, most, axis_at(&x, 0), axis_at(&y, 0), axis_at(&x, end), axis_at(&y, end));
    }
    for (size_t i = 0; i < b->n; i++) {
        const struct bounds_look *l = &b->look[i];
        bool out = !isfinite(l->bound) || l->bound > y.hi;
        /* Out of reach is drawn open, just above what there can be. */
        double at = !out ? l->bound : counts ? (double)l->events + 1 : y.hi;
        struct draw_point p = {axis_at(&x, (double)l->events), axis_at(&y, at)};

        if (any) {
            draw_line(d, limit, last.x, last.y, p.x, p.y);
        }
        draw_mark(d, MARK_SQUARE, DRAW_BOUND, out, p.x, p.y, b->n > 40 ? 2 : 3.4);
        last = p;
        any = true;
    }
}

static void describe(struct draw *d, const struct bounds_item *item, size_t n)
{
    struct buf b = {0};

    for (size_t k = 0; k < n; k++) {
        buf_fmt(&b, "%s%s.", k > 0 ? " " : "", item[k].m->title);
        for (size_t i = 0; i < item[k].b.n; i++) {
            const struct bounds_look *l = &item[k].b.look[i];

            if (isfinite(l->bound)) {
                buf_fmt(&b, " %lld events: %.4g.", (long long)l->events, l->bound);
            }
        }
    }
    buf_str(&b, " At counts not named no crossing is possible, or there is no look.");
    draw_describe(d, &b);
    buf_done(&b);
}

enum status bounds_draw(const struct plan *p, const struct bounds_item *item, size_t n, struct buf *out,
                        struct err *err)
{
    struct buf title = {0};
    struct draw *d = NULL;
    enum status st;

    buf_fmt(&title, "Boundaries of the plan: %s", p->title);
    st = buf_check(&title, err);
    if (st == OK) {
        st = draw_new(CHART_WIDTH, panel_height * (double)n, buf_cstr(&title), &d, err);
    }
    if (st == OK) {
        for (size_t i = 0; i < n; i++) {
            panel(d, &item[i], panel_height * (double)i);
        }
        describe(d, item, n);
        st = draw_svg_file(d, out, err);
    }
    draw_free(d);
    buf_done(&title);
    return st;
}
