/*
 * pdf_figure.c - the second back end of draw.h: a figure on a page of the PDF.
 */
#include <math.h>

#include "render/pdf.h"

static const struct pdf_text title = {8.5, true, DRAW_INK, 0};

static void stroke_and_fill(struct pdf *p, const struct draw_style *s)
{
    int n = 0;
    const double *dash = draw_dash_of(s->dash, &n);

    if (s->fill != DRAW_NONE) {
        pdf_colour(p, s->fill);
        cairo_fill_preserve(p->cr);
    }
    if (s->stroke != DRAW_NONE) {
        pdf_colour(p, s->stroke);
        cairo_set_line_width(p->cr, s->width);
        cairo_set_dash(p->cr, dash, n, 0);
        cairo_stroke_preserve(p->cr);
        cairo_set_dash(p->cr, NULL, 0, 0);
    }
    cairo_new_path(p->cr);
}

static void words(struct pdf *p, const struct draw_item *x)
{
    struct pdf_text t = {x->h, x->bold, x->style.fill, 0};
    double w, h;

    pdf_shape(p, x->text, t, &w, &h);
    cairo_save(p->cr);
    cairo_translate(p->cr, x->x, x->y);
    if (x->upright) {
        cairo_rotate(p->cr, -acos(-1.0) / 2);
    }
    /* x->y is the base line; pdf_set wants the top. */
    (void)pdf_set(p, x->text, t, x->anchor, 0, -(double)pango_layout_get_baseline(p->layout) / PANGO_SCALE);
    cairo_restore(p->cr);
}

double pdf_figure_height(struct pdf *p, const struct page_view *v, double width)
{
    struct pdf_text t = title;
    double w, h;

    t.width = width;
    pdf_measure(p, v->text, t, &w, &h);
    return h + 3 + width / draw_get_width(v->figure) * draw_get_height(v->figure);
}

void pdf_figure(struct pdf *p, const struct page_view *v, double x, double y, double width)
{
    struct pdf_text t = title;

    t.width = width;
    y += pdf_set(p, v->text, t, ANCHOR_START, x, y) + 3;
    pdf_marks(p, v->figure, x, y, width);
}

void pdf_marks(struct pdf *p, const struct draw *figure, double x, double y, double width)
{
    double scale = width / draw_get_width(figure);

    if (p->pages == 0) {
        return;
    }
    cairo_save(p->cr);
    cairo_translate(p->cr, x, y);
    cairo_scale(p->cr, scale, scale);
    cairo_set_line_join(p->cr, CAIRO_LINE_JOIN_ROUND);
    for (size_t i = 0; i < draw_count(figure); i++) {
        struct draw_item d = draw_at(figure, i);

        switch (d.kind) {
        case DRAW_PATH:
            for (size_t k = 0; k < d.n; k++) {
                cairo_line_to(p->cr, d.point[k].x, d.point[k].y);
            }
            if (d.closed) {
                cairo_close_path(p->cr);
            }
            stroke_and_fill(p, &d.style);
            break;
        case DRAW_RECT:
            cairo_rectangle(p->cr, d.x, d.y, d.w, d.h);
            stroke_and_fill(p, &d.style);
            break;
        case DRAW_CIRCLE:
            cairo_new_sub_path(p->cr);
            cairo_arc(p->cr, d.x, d.y, d.w, 0, 2 * acos(-1.0));
            stroke_and_fill(p, &d.style);
            break;
        case DRAW_WORDS:
            words(p, &d);
            break;
        }
    }
    cairo_restore(p->cr);
}
