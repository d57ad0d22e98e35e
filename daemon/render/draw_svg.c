/*
 * draw_svg.c - a figure as SVG: inside a page, whose style sheet gives the roles their colours, or as a file, where each
 * mark carries its own, because what shows files (an editor, a word processor) need not know style sheets.
 */
#include <string.h>

#include "render/draw.h"
#include "render/html.h"

static const struct {
    unsigned light, dark;
} palette[DRAW_ROLES] = {[DRAW_NONE] = {0, 0},
                         [DRAW_INK] = {0x16202c, 0xe6ebf0},
                         [DRAW_MUTED] = {0x4a5868, 0xa9b6c3},
                         [DRAW_GRID] = {0xd9dfe6, 0x364250},
                         [DRAW_PAPER] = {0xffffff, 0x171e26},
                         [DRAW_BOUND] = {0x4a5868, 0xb4c0cc},
                         [DRAW_ALARM] = {0xa3121f, 0xff8f8f},
                         [DRAW_SERIES_0] = {0x1d5fa6, 0x7db8f2},
                         [DRAW_SERIES_1] = {0xb0440a, 0xffa063},
                         [DRAW_SERIES_2] = {0x2f7035, 0x86cc80},
                         [DRAW_SERIES_3] = {0x7a4fa0, 0xcba9ec}};

unsigned draw_colour(enum draw_role role)
{
    return palette[role].light;
}

/* Hundredths are enough; 12.50 is 12.5 and 3.00 is 3. */
static void number(struct buf *out, double v)
{
    struct buf b = {0};
    size_t n;

    buf_fmt(&b, "%.2f", v);
    n = b.len;
    while (n > 0 && b.data[n - 1] == '0') {
        n--;
    }
    if (n > 0 && b.data[n - 1] == '.') {
        n--;
    }
    if (n == 2 && memcmp(b.data, "-0", 2) == 0) {
        buf_char(out, '0');
    } else {
        buf_add(out, buf_cstr(&b), n);
    }
    out->failed = out->failed || b.failed;
    buf_done(&b);
}

static void attribute(struct buf *out, const char *name, double v)
{
    buf_fmt(out, " %s=\"", name);
    number(out, v);
    buf_char(out, '"');
}

static void paint(struct buf *out, const char *name, enum draw_role role)
{
    if (role == DRAW_NONE) {
        buf_fmt(out, " %s=\"none\"", name);
    } else {
        buf_fmt(out, " %s=\"#%06x\"", name, palette[role].light);
    }
}

static void style(struct buf *out, const struct draw_style *s, bool file)
{
    const double *dash;
    int n = 0;

    if (file) {
        paint(out, "fill", s->fill);
        paint(out, "stroke", s->stroke);
    } else {
        buf_fmt(out, " class=\"f%d k%d\"", (int)s->fill, (int)s->stroke);
    }
    if (s->stroke == DRAW_NONE) {
        return;
    }
    if (s->width < 0.995 || s->width > 1.005) {
        attribute(out, "stroke-width", s->width);
    }
    dash = draw_dash_of(s->dash, &n);
    if (n > 0) {
        buf_str(out, " stroke-dasharray=\"");
        number(out, dash[0]);
        buf_char(out, ' ');
        number(out, dash[1]);
        buf_char(out, '"');
    }
}

static void path(struct buf *out, const struct draw_item *x, bool file)
{
    buf_str(out, "<path");
    style(out, &x->style, file);
    buf_str(out, " d=\"");
    for (size_t i = 0; i < x->n; i++) {
        buf_char(out, i == 0 ? 'M' : 'L');
        number(out, x->point[i].x);
        buf_char(out, ' ');
        number(out, x->point[i].y);
    }
    buf_str(out, x->closed ? "Z\"/>\n" : "\"/>\n");
}

static void words(struct buf *out, const struct draw_item *x, bool file)
{
    static const char *const anchor[] = {"", " text-anchor=\"middle\"", " text-anchor=\"end\""};

    buf_str(out, "<text");
    if (file) {
        paint(out, "fill", x->style.fill);
        buf_str(out, x->bold ? " font-weight=\"600\"" : "");
    } else {
        buf_fmt(out, " class=\"f%d%s\"", (int)x->style.fill, x->bold ? " b" : "");
    }
    buf_str(out, anchor[x->anchor]);
    if (x->upright) {
        buf_str(out, " transform=\"translate(");
        number(out, x->x);
        buf_char(out, ' ');
        number(out, x->y);
        buf_str(out, ") rotate(-90)\"");
    } else {
        attribute(out, "x", x->x);
        attribute(out, "y", x->y);
    }
    buf_char(out, '>');
    html_text(out, x->text);
    buf_str(out, "</text>\n");
}

static void marks(const struct draw *d, bool file, struct buf *out)
{
    for (size_t i = 0; i < draw_count(d); i++) {
        struct draw_item x = draw_at(d, i);

        switch (x.kind) {
        case DRAW_PATH:
            path(out, &x, file);
            break;
        case DRAW_RECT:
            buf_str(out, "<rect");
            style(out, &x.style, file);
            attribute(out, "x", x.x);
            attribute(out, "y", x.y);
            attribute(out, "width", x.w);
            attribute(out, "height", x.h);
            buf_str(out, "/>\n");
            break;
        case DRAW_CIRCLE:
            buf_str(out, "<circle");
            style(out, &x.style, file);
            attribute(out, "cx", x.x);
            attribute(out, "cy", x.y);
            attribute(out, "r", x.w);
            buf_str(out, "/>\n");
            break;
        case DRAW_WORDS:
            words(out, &x, file);
            break;
        }
    }
}

static enum status svg(const struct draw *d, const char *id, bool file, struct buf *out, struct err *err)
{
    enum status st = draw_check(d, err);

    if (st != OK) {
        return st;
    }
    buf_str(out, "<svg");
    if (file) {
        buf_str(out, " xmlns=\"http://www.w3.org/2000/svg\"");
        attribute(out, "width", draw_get_width(d));
        attribute(out, "height", draw_get_height(d));
        buf_fmt(out, " font-family=\"sans-serif\" font-size=\"%.0f\" stroke-linejoin=\"round\"", DRAW_TEXT);
    } else {
        buf_str(out, " class=\"d\"");
    }
    buf_fmt(out, " role=\"img\" aria-labelledby=\"%s-t\" aria-describedby=\"%s-d\" viewBox=\"0 0 ", id, id);
    number(out, draw_get_width(d));
    buf_char(out, ' ');
    number(out, draw_get_height(d));
    buf_fmt(out, "\">\n<title id=\"%s-t\">", id);
    html_text(out, draw_get_title(d));
    buf_fmt(out, "</title>\n<desc id=\"%s-d\">", id);
    html_text(out, draw_get_description(d));
    buf_str(out, "</desc>\n");
    if (file) {
        buf_str(out, "<rect");
        paint(out, "fill", DRAW_PAPER);
        buf_str(out, " width=\"100%\" height=\"100%\"/>\n");
    }
    marks(d, file, out);
    buf_str(out, "</svg>\n");
    return buf_check(out, err);
}

enum status draw_svg(const struct draw *d, const char *id, struct buf *out, struct err *err)
{
    return svg(d, id, false, out, err);
}

enum status draw_svg_file(const struct draw *d, struct buf *out, struct err *err)
{
    return svg(d, "figure", true, out, err);
}

static void colours(struct buf *out, bool dark)
{
    buf_str(out, ":root{");
    for (int i = 1; i < DRAW_ROLES; i++) {
        buf_fmt(out, "%s--d%d:#%06x", i == 1 ? "" : ";", i, dark ? palette[i].dark : palette[i].light);
    }
    buf_str(out, "}\n");
}

void draw_css(struct buf *out)
{
    colours(out, false);
    buf_str(out, "@media screen and (prefers-color-scheme:dark){");
    colours(out, true);
    buf_str(out, "}\n.d{display:block;width:100%;height:auto;stroke-linejoin:round}\n");
    buf_fmt(out,
            ".d text{font-size:%.0fpx;font-variant-numeric:tabular-nums}\n.d .b{font-weight:600}\n.d "
            ".k0{stroke:none}.d .f0{fill:none}\n",
            DRAW_TEXT);
    for (int i = 1; i < DRAW_ROLES; i++) {
        buf_fmt(out, ".d .k%d{stroke:var(--d%d)}.d .f%d{fill:var(--d%d)}\n", i, i, i, i);
    }
}
