/*
 * pdf.h - a pen on A4 pages: what the files of the PDF writer share.  Pure: cairo writes into memory.
 *
 * Units are points (1/72 inch).  Everything is laid out twice: first to count the pages, then to write "page n of m".
 */
#ifndef DSMB_RENDER_PDF_H
#define DSMB_RENDER_PDF_H

#include <cairo.h>
#include <pango/pangocairo.h>

#include "base/pool.h"
#include "render/paper.h"

#define PDF_WIDTH  595.28
#define PDF_HEIGHT 841.89
#define PDF_LEFT   42.0
#define PDF_TOP    62.0
#define PDF_BOTTOM 786.0
#define PDF_INNER  (PDF_WIDTH - 2 * PDF_LEFT)

struct pdf {
    cairo_surface_t *surface;
    cairo_t *cr;
    struct font_set *fonts;
    PangoLayout *layout; /* the font set's */
    const struct paper *about;
    double y;
    int page, pages; /* this one, from 1; all, 0 while they are counted: nothing is drawn then */
};

struct pdf_text {
    double size;
    bool bold;
    enum draw_role colour;
    double width; /* wraps there; 0: one line */
};

struct pdf_extent {
    double w, h;
};

/* Fonts that are loaded, which takes longer than to write with them; and how large texts were that were measured. */
struct font_set {
    PangoLayout *layout;
    struct pool *texts;         /* each with its size, weight and width before it; NULL: none is remembered */
    struct pdf_extent *extents; /* of text i at i - 1 */
    size_t n, cap;
};
/* Ends the page and begins the next. */
void pdf_next_page(struct pdf *p);
/* A new page where less than h is left of this one. */
void pdf_need(struct pdf *p, double h);
void pdf_colour(struct pdf *p, enum draw_role role);
void pdf_rule(struct pdf *p, double x, double y, double w, double thick, enum draw_role role);
/* Width (of the widest line) and height as it would be set; where nothing is scaled or turned. */
void pdf_measure(struct pdf *p, const char *s, struct pdf_text t, double *w, double *h);
/* The same anywhere; the layout then holds the text. */
void pdf_shape(struct pdf *p, const char *s, struct pdf_text t, double *w, double *h);
/* From the left, the middle or the right of x, top at y; returns the height. */
double pdf_set(struct pdf *p, const char *s, struct pdf_text t, enum draw_anchor a, double x, double y);

/* Its header is repeated on each page it reaches. */
enum status pdf_table(struct pdf *p, const struct page_view *v, struct err *err);
/* With its title above; x, y: upper left; returns how high it was. */
double pdf_figure_height(struct pdf *p, const struct page_view *v, double width);
void pdf_figure(struct pdf *p, const struct page_view *v, double x, double y, double width);
/* The same without its title. */
void pdf_marks(struct pdf *p, const struct draw *figure, double x, double y, double width);

#endif
