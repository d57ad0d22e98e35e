/*
 * draw_png.c - the third back end of draw.h: a figure as a PNG on white paper, its title above it.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "render/pdf.h"
#include "render/picture.h"

/* Pixels for each unit: twice what a phone's style sheet calls a pixel. */
static const double scale = 1.5, margin = 8, gap = 4;

/* What PNG asks for, and no more: eight bits a pixel, an index into at most 256 colours. */
enum { COLOURS_MAX = 256, LEVELS = 16, STEP = 255 / (LEVELS - 1), SQUEEZE = 6 };

struct indexed {
    /* Levels of red, green and blue, four bits each, in the order in which they come. */
    unsigned colour[COLOURS_MAX];
    size_t n;
    short at[LEVELS * LEVELS * LEVELS]; /* where a colour is, from 1; 0: nowhere yet */
    int width, height;
    struct buf rows; /* each begins with its filter, 0 */
};

/*
 * Sixteen levels of each colour (0, 17, ... 255): no eye sees it at the edges of letters, and there are few enough colours
 * for an index.  All messages have one size, and figures should have room in it.
 */
static unsigned levels(unsigned c)
{
    unsigned r = (c >> 16 & 0xffU) + STEP / 2, g = (c >> 8 & 0xffU) + STEP / 2, b = (c & 0xffU) + STEP / 2;

    return r / STEP << 8 | g / STEP << 4 | b / STEP;
}

static int apart(unsigned a, unsigned b)
{
    int sum = 0;

    for (int shift = 0; shift < 12; shift += 4) {
        sum += abs((int)(a >> shift & 15U) - (int)(b >> shift & 15U));
    }
    return sum;
}

/* More than 256: the nearest that there is. */
static size_t index_of(struct indexed *x, unsigned c)
{
    size_t best = 0;

    if (x->at[c] == 0 && x->n < COLOURS_MAX) {
        x->colour[x->n++] = c;
        x->at[c] = (short)x->n;
    }
    for (size_t i = 1; x->at[c] == 0 && i < x->n; i++) {
        best = apart(x->colour[i], c) < apart(x->colour[best], c) ? i : best;
    }
    if (x->at[c] == 0) {
        x->at[c] = (short)(best + 1);
    }
    return (size_t)(x->at[c] - 1);
}

static void index_surface(cairo_surface_t *s, struct indexed *x)
{
    const unsigned char *data;
    size_t stride = (size_t)cairo_image_surface_get_stride(s);

    cairo_surface_flush(s);
    data = cairo_image_surface_get_data(s);
    x->width = cairo_image_surface_get_width(s);
    x->height = cairo_image_surface_get_height(s);
    for (int y = 0; data != NULL && y < x->height; y++) {
        buf_char(&x->rows, 0);
        for (int i = 0; i < x->width; i++) {
            unsigned pixel;

            memcpy(&pixel, data + (size_t)y * stride + 4 * (size_t)i, sizeof pixel);
            buf_char(&x->rows, (char)index_of(x, levels(pixel)));
        }
    }
}

static void chunk(struct buf *out, const char *name, const struct buf *body)
{
    size_t from;

    buf_u32be(out, (uint32_t)body->len);
    from = out->len;
    buf_str(out, name);
    buf_add(out, buf_cstr(body), body->len);
    if (!out->failed) {
        buf_u32be(out,
                  (uint32_t)crc32(0, (const unsigned char *)out->data + from, (unsigned)(out->len - from)));
    }
    out->failed = out->failed || body->failed;
}

static void squeeze(const struct buf *rows, struct buf *out)
{
    uLongf room = compressBound(rows->len);

    buf_fill(out, 0, room);
    if (out->failed || rows->failed ||
        compress2((unsigned char *)out->data, &room, (const unsigned char *)rows->data, rows->len, SQUEEZE) !=
            Z_OK) {
        out->failed = true;
        return;
    }
    out->len = room;
}

/* ISO/IEC 15948: header, palette, data, end; nothing that tells of time or of who made it. */
static void write_indexed(const struct indexed *x, struct buf *out)
{
    struct buf head = {0}, palette = {0}, data = {0}, none = {0};

    buf_u32be(&head, (uint32_t)x->width);
    buf_u32be(&head, (uint32_t)x->height);
    buf_add(&head, "\x08\x03\0\0\0", 5); /* 8 bits, indexed, deflate, no interlace */
    for (size_t i = 0; i < x->n; i++) {
        for (int shift = 8; shift >= 0; shift -= 4) {
            buf_char(&palette, (char)((x->colour[i] >> shift & 15U) * STEP));
        }
    }
    squeeze(&x->rows, &data);
    buf_add(out, "\x89PNG\r\n\x1a\n", 8);
    chunk(out, "IHDR", &head);
    chunk(out, "PLTE", &palette);
    chunk(out, "IDAT", &data);
    chunk(out, "IEND", &none);
    buf_done(&head);
    buf_done(&palette);
    buf_wipe(&data);
}

static double height_of(struct pdf *p, const struct draw *d, const struct pdf_text *title)
{
    double w, h;

    pdf_shape(p, draw_get_title(d), *title, &w, &h);
    return margin + h + gap + draw_get_height(d) + margin;
}

static void paint(struct pdf *p, const struct draw *d, const struct pdf_text *title)
{
    double y = margin;

    cairo_scale(p->cr, scale, scale);
    pdf_colour(p, DRAW_PAPER);
    cairo_paint(p->cr);
    y += pdf_set(p, draw_get_title(d), *title, ANCHOR_START, margin, y) + gap;
    pdf_marks(p, d, margin, y, draw_get_width(d));
}

static cairo_surface_t *canvas(const struct draw *d, double height)
{
    return cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)ceil(scale * (draw_get_width(d) + 2 * margin)),
                                      (int)ceil(scale * height));
}

static enum status write_png(const struct draw *d, const struct font_set *fonts, struct buf *out,
                             struct err *err)
{
    const struct pdf_text title = {DRAW_TEXT + 1, true, DRAW_INK, draw_get_width(d)};
    struct pdf p = {.page = 1, .pages = 1, .layout = fonts->layout};
    cairo_surface_t *ruler = canvas(d, 1);
    struct indexed x = {0};
    cairo_status_t cs;

    p.cr = cairo_create(ruler);
    p.surface = canvas(d, height_of(&p, d, &title));
    cairo_destroy(p.cr);
    cairo_surface_destroy(ruler);
    p.cr = cairo_create(p.surface);
    paint(&p, d, &title);
    cairo_destroy(p.cr);
    cs = cairo_surface_status(p.surface);
    if (cs == CAIRO_STATUS_SUCCESS) {
        index_surface(p.surface, &x);
        write_indexed(&x, out);
    }
    cairo_surface_destroy(p.surface);
    buf_wipe(&x.rows);
    if (cs != CAIRO_STATUS_SUCCESS) {
        return err_set(err, cs == CAIRO_STATUS_NO_MEMORY ? E_NOMEM : E_INTERNAL, "writing PNG: %s",
                       cairo_status_to_string(cs));
    }
    return OK;
}

enum status draw_png(const struct draw *d, struct font_set *fonts, struct buf *out, struct err *err)
{
    struct font_set *own = NULL;
    struct buf bytes = {0};
    enum status st = draw_check(d, err);

    if (st == OK && fonts == NULL) {
        st = font_set_new(&own, err);
        fonts = own;
    }
    if (st == OK) {
        st = write_png(d, fonts, &bytes, err);
    }
    if (st == OK) {
        buf_add(out, bytes.data, bytes.len);
        st = buf_check(&bytes, err) == OK ? buf_check(out, err) : E_NOMEM;
    }
    font_set_free(own);
    buf_wipe(&bytes);
    return st;
}
