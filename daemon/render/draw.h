/*
 * draw.h - a figure described once: marks and words in colour roles, not colours.  Pure.
 *
 * The description has two back ends, SVG (below) and PDF (pdf.h).  Coordinates are in units of which a line of text is
 * DRAW_TEXT high; y grows downwards.  A colour role is what a mark means; light, dark and print give it a colour, all of
 * them at least 4.5:1 against the paper (grid lines apart).  Nothing is told by colour alone: series differ in dash and
 * marker too.  Title and description are what a reader hears who cannot see the figure.
 * Memory that was lost shows in draw_check and in every back end.
 */
#ifndef DSMB_RENDER_DRAW_H
#define DSMB_RENDER_DRAW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

#define DRAW_TEXT 12.0

enum draw_role {
    DRAW_NONE,
    DRAW_INK,
    DRAW_MUTED,
    DRAW_GRID,
    DRAW_PAPER,
    DRAW_BOUND,    /* boundaries and reference lines */
    DRAW_ALARM,    /* where something was crossed */
    DRAW_SERIES_0, /* the control arm, or all subjects together */
    DRAW_SERIES_1,
    DRAW_SERIES_2,
    DRAW_SERIES_3,
    DRAW_ROLES
};
enum draw_dash { DASH_SOLID, DASH_LONG, DASH_SHORT, DASH_DOTS };
enum draw_anchor { ANCHOR_START, ANCHOR_MIDDLE, ANCHOR_END };
enum draw_marker { MARK_CIRCLE, MARK_SQUARE, MARK_DIAMOND, MARK_TRIANGLE };
enum draw_kind { DRAW_PATH, DRAW_RECT, DRAW_CIRCLE, DRAW_WORDS };

struct draw_point {
    double x, y;
};

struct draw_style {
    enum draw_role stroke, fill;
    double width;
    enum draw_dash dash;
};

/* One mark, as a back end sees it. */
struct draw_item {
    enum draw_kind kind;
    struct draw_style style;
    const struct draw_point *point; /* PATH */
    size_t n;
    bool closed;
    double x, y, w, h; /* RECT; CIRCLE: centre and radius w; WORDS: the base line's anchor, size h */
    enum draw_anchor anchor;
    bool bold, upright; /* upright: turned to read from below */
    const char *text;
};

struct draw;

enum status draw_new(double width, double height, const char *title, struct draw **ret, struct err *err);
void draw_free(struct draw *d);                       /* overwrites */
void draw_describe(struct draw *d, struct buf *text); /* takes the text; the buffer is then empty */
/* A label was made in this buffer: when it lost bytes, so did the figure. */
void draw_lost(struct draw *d, const struct buf *b);
void draw_height(struct draw *d, double height); /* when it is known only at the end */

void draw_line(struct draw *d, struct draw_style s, double x1, double y1, double x2, double y2);
void draw_polyline(struct draw *d, struct draw_style s, const struct draw_point *p, size_t n);
/* Right, then up or down: the value of a point holds until the next. */
void draw_steps(struct draw *d, struct draw_style s, const struct draw_point *p, size_t n);
void draw_rect(struct draw *d, struct draw_style s, double x, double y, double w, double h);
void draw_circle(struct draw *d, struct draw_style s, double x, double y, double r);
/* Filled with its own colour, or hollow: paper inside. */
void draw_mark(struct draw *d, enum draw_marker m, enum draw_role role, bool hollow, double x, double y,
               double r);
void draw_words(struct draw *d, enum draw_role role, enum draw_anchor a, double x, double y,
                const char *text);
void draw_bold(struct draw *d, enum draw_role role, enum draw_anchor a, double x, double y, const char *text);
void draw_upright(struct draw *d, enum draw_role role, enum draw_anchor a, double x, double y,
                  const char *text);

enum status draw_check(const struct draw *d, struct err *err);
double draw_get_width(const struct draw *d);
double draw_get_height(const struct draw *d);
const char *draw_get_title(const struct draw *d);
const char *draw_get_description(const struct draw *d);
size_t draw_count(const struct draw *d);
struct draw_item draw_at(const struct draw *d, size_t i);
/* The light colours, 0xRRGGBB; of NONE 0. */
unsigned draw_colour(enum draw_role role);
/* Lengths of dash and gap, in units; n is 0 for a solid line. */
const double *draw_dash_of(enum draw_dash dash, int *n);

/* For a page that holds draw_css: role="img", named by its title and described; ids begin with `id`. */
enum status draw_svg(const struct draw *d, const char *id, struct buf *out, struct err *err);
/* The same as a file of its own, light: every mark with its colour, no style sheet, so that any viewer shows it. */
enum status draw_svg_file(const struct draw *d, struct buf *out, struct err *err);
/* Style rules of the roles: light, dark where the reader's system is, light again in print. */
void draw_css(struct buf *out);

#endif
