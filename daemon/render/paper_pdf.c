/*
 * paper_pdf.c - pages, running heads and feet, and the blocks of a page in order.
 */
#include <cairo-pdf.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "render/format.h"
#include "render/pdf.h"

static const double figure_gap = 18;

void pdf_colour(struct pdf *p, enum draw_role role)
{
    unsigned c = draw_colour(role);

    cairo_set_source_rgb(p->cr, (c >> 16 & 0xffU) / 255.0, (c >> 8 & 0xffU) / 255.0, (c & 0xffU) / 255.0);
}

void pdf_rule(struct pdf *p, double x, double y, double w, double thick, enum draw_role role)
{
    if (p->pages == 0) {
        return;
    }
    pdf_colour(p, role);
    cairo_rectangle(p->cr, x, y - thick / 2, w, thick);
    cairo_fill(p->cr);
}

static void shape(struct pdf *p, const char *s, struct pdf_text t)
{
    PangoFontDescription *font = pango_font_description_new();
    PangoAttrList *attributes = pango_attr_list_new();

    pango_font_description_set_family(font, "DejaVu Sans, sans-serif");
    pango_font_description_set_weight(font, t.bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_font_description_set_absolute_size(font, t.size * PANGO_SCALE);
    pango_layout_set_font_description(p->layout, font);
    /* Letters stay letters: "fi" is found by a search for it. */
    pango_attr_list_insert(attributes, pango_attr_font_features_new("liga=0, clig=0"));
    pango_layout_set_attributes(p->layout, attributes);
    pango_layout_set_wrap(p->layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_width(p->layout, t.width > 0 ? (int)(t.width * PANGO_SCALE) : -1);
    pango_layout_set_alignment(p->layout, PANGO_ALIGN_LEFT);
    pango_layout_set_text(p->layout, s, -1);
    pango_cairo_update_layout(p->cr, p->layout);
    pango_attr_list_unref(attributes);
    pango_font_description_free(font);
}

void pdf_shape(struct pdf *p, const char *s, struct pdf_text t, double *w, double *h)
{
    int wide = 0, high = 0;

    shape(p, s, t);
    pango_layout_get_size(p->layout, &wide, &high);
    *w = (double)wide / PANGO_SCALE;
    *h = (double)high / PANGO_SCALE;
}

/* The number of the text so set, from 1; 0 where it cannot be remembered. */
static str_id number_of(struct font_set *f, const char *s, struct pdf_text t)
{
    const double how[] = {t.size, t.width, t.bold ? 1 : 0};
    struct buf key = {0};
    str_id id = 0;

    buf_add(&key, how, sizeof how);
    buf_str(&key, s);
    if (buf_check(&key, NULL) != OK || f->texts == NULL ||
        vec_reserve(&f->extents, &f->cap, f->n + 1, sizeof *f->extents, NULL) != OK ||
        pool_intern(f->texts, key.data, key.len, &id, NULL) != OK) {
        id = 0;
    }
    buf_done(&key);
    return id;
}

/* A page is laid out twice, and a table's cells are measured several times over: each text is shaped once for that. */
void pdf_measure(struct pdf *p, const char *s, struct pdf_text t, double *w, double *h)
{
    struct font_set *f = p->fonts;
    str_id id = number_of(f, s, t);

    if (id > 0 && id <= f->n) {
        *w = f->extents[id - 1].w;
        *h = f->extents[id - 1].h;
        return;
    }
    pdf_shape(p, s, t, w, h);
    if (id > 0) {
        f->extents[f->n++] = (struct pdf_extent){*w, *h};
    }
}

double pdf_set(struct pdf *p, const char *s, struct pdf_text t, enum draw_anchor a, double x, double y)
{
    double w, h;

    if (p->pages == 0) {
        pdf_measure(p, s, t, &w, &h);
        return h;
    }
    pdf_shape(p, s, t, &w, &h);
    switch (a) {
    case ANCHOR_START:
        break;
    case ANCHOR_MIDDLE:
        x -= w / 2;
        break;
    case ANCHOR_END:
        /* Lines of a cell that wrapped end at the same place. */
        if (t.width > 0) {
            x -= t.width;
            pango_layout_set_alignment(p->layout, PANGO_ALIGN_RIGHT);
        } else {
            x -= w;
        }
        break;
    }
    pdf_colour(p, t.colour);
    cairo_move_to(p->cr, x, y);
    pango_cairo_show_layout(p->cr, p->layout);
    cairo_new_path(p->cr);
    return h;
}

static void furniture(struct pdf *p)
{
    const struct pdf_text small = {7.5, false, DRAW_MUTED, 0}, strong = {7.5, true, DRAW_ALARM, 0};
    struct buf b = {0};

    buf_fmt(&b, "%s, %s", p->about->trial, p->about->kind);
    (void)pdf_set(p, buf_cstr(&b), small, ANCHOR_START, PDF_LEFT, 34);
    (void)pdf_set(p, p->about->subject, small, ANCHOR_END, PDF_WIDTH - PDF_LEFT, 34);
    pdf_rule(p, PDF_LEFT, 48, PDF_INNER, 0.5, DRAW_GRID);
    pdf_rule(p, PDF_LEFT, 797, PDF_INNER, 0.5, DRAW_GRID);
    (void)pdf_set(p, p->about->confidential, p->about->closed ? strong : small, ANCHOR_START, PDF_LEFT, 802);
    buf_clear(&b);
    buf_fmt(&b, "Page %d of %d", p->page, p->pages);
    (void)pdf_set(p, buf_cstr(&b), small, ANCHOR_END, PDF_WIDTH - PDF_LEFT, 802);
    buf_done(&b);
    p->y = PDF_TOP;
}

static void end_page(struct pdf *p)
{
    if (p->pages > 0) {
        cairo_show_page(p->cr);
    }
}

void pdf_next_page(struct pdf *p)
{
    end_page(p);
    p->page++;
    furniture(p);
}

void pdf_need(struct pdf *p, double h)
{
    if (p->y + h > PDF_BOTTOM) {
        pdf_next_page(p);
    }
}

static void para(struct pdf *p, const char *s, struct pdf_text t, double before, double after)
{
    double w, h;

    t.width = PDF_INNER;
    pdf_measure(p, s, t, &w, &h);
    p->y += before;
    pdf_need(p, h);
    p->y += pdf_set(p, s, t, ANCHOR_START, PDF_LEFT, p->y) + after;
}

static void heading(struct pdf *p, const char *s)
{
    struct buf at = {0};

    p->y += p->y > PDF_TOP + 1 ? 12 : 0;
    pdf_need(p, 90);
    buf_fmt(&at, "page=%d pos=[%.1f %.1f]", p->page, PDF_LEFT, p->y);
    if (p->pages > 0 && !at.failed) {
        (void)cairo_pdf_surface_add_outline(p->surface, CAIRO_PDF_OUTLINE_ROOT, s, buf_cstr(&at), 0);
    }
    buf_done(&at);
    p->y += pdf_set(p, s, (struct pdf_text){12, true, DRAW_INK, PDF_INNER}, ANCHOR_START, PDF_LEFT, p->y) + 3;
    pdf_rule(p, PDF_LEFT, p->y, PDF_INNER, 1, DRAW_MUTED);
    p->y += 6;
}

/* Two figures beside each other; `left` is where the first of a pair stands. */
static void figures(struct pdf *p, const struct page *page, size_t *i)
{
    double width = (PDF_INNER - figure_gap) / 2;
    struct page_view a = page_at(page, *i), b = {0};
    double ha = pdf_figure_height(p, &a, width), hb = 0;

    if (*i + 1 < page_count(page) && page_at(page, *i + 1).kind == BLOCK_FIGURE) {
        b = page_at(page, ++*i);
        hb = pdf_figure_height(p, &b, width);
    }
    ha = hb > ha ? hb : ha;
    p->y += 4;
    pdf_need(p, ha);
    pdf_figure(p, &a, PDF_LEFT, p->y, width);
    if (b.figure != NULL) {
        pdf_figure(p, &b, PDF_LEFT + width + figure_gap, p->y, width);
    }
    p->y += ha + 12;
}

/* "Magnesium 6/75 (8.0 %)" in large letters, a line for each arm. */
static void counts(struct pdf *p, const struct page_view *v)
{
    const char *s = v->cell;
    struct buf line = {0};

    for (size_t i = 0; i < v->cells; i++, s += strlen(s) + 1) {
        buf_fmt(&line, i % 3 == 0 ? "%s " : i % 3 == 1 ? "%s" : " (%s)", s);
        if (i % 3 == 2) {
            para(p, buf_cstr(&line), (struct pdf_text){13, true, DRAW_INK, 0}, 0, 2);
            buf_clear(&line);
        }
    }
    p->y += 4;
    buf_wipe(&line);
}

static enum status blocks(struct pdf *p, const struct page *page, struct err *err)
{
    const char *title = p->about->title[0] == '\0' ? p->about->trial : p->about->title;
    enum status st = OK;

    furniture(p);
    para(p, p->about->kind, (struct pdf_text){9, true, p->about->closed ? DRAW_ALARM : DRAW_SERIES_0, 0}, 0,
         1);
    para(p, title, (struct pdf_text){16, true, DRAW_INK, 0}, 0, 2);
    para(p, p->about->subject, (struct pdf_text){9, false, DRAW_MUTED, 0}, 0, 10);
    for (size_t i = 0; st == OK && i < page_count(page); i++) {
        struct page_view v = page_at(page, i);

        switch (v.kind) {
        case BLOCK_HEADING:
            heading(p, v.text);
            break;
        case BLOCK_TABLE:
            st = pdf_table(p, &v, err);
            break;
        case BLOCK_FIGURE:
            figures(p, page, &i);
            break;
        case BLOCK_NOTE:
            para(p, v.text, (struct pdf_text){7.8, false, DRAW_MUTED, 0}, 0, 4);
            break;
        case BLOCK_ALARM:
        case BLOCK_NOTICE:
            para(p, v.text,
                 (struct pdf_text){14, true, v.kind == BLOCK_ALARM ? DRAW_ALARM : DRAW_SERIES_0, 0}, 6, 6);
            break;
        case BLOCK_COUNTS:
            counts(p, &v);
            break;
        case BLOCK_LEAD:
            para(p, v.text, (struct pdf_text){10, false, DRAW_INK, 0}, 0, 5);
            break;
        case BLOCK_ACTION:
            para(p, v.text, (struct pdf_text){10, true, DRAW_INK, 0}, 2, 8);
            break;
        case BLOCK_PARA:
            para(p, v.text, (struct pdf_text){8.5, false, DRAW_INK, 0}, 0, 5);
            break;
        case BLOCK_PICTURE: /* of a figure that paper draws itself */
            break;
        }
    }
    end_page(p);
    return st;
}

static cairo_status_t sink(void *out, const unsigned char *bytes, unsigned n)
{
    if (out != NULL) {
        buf_add(out, bytes, n);
    }
    return CAIRO_STATUS_SUCCESS;
}

static void metadata(cairo_surface_t *s, const struct paper *a)
{
    struct buf title = {0};
    char t[28];

    buf_fmt(&title, "%s, %s: %s", a->kind, a->trial, a->subject);
    cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_TITLE, buf_cstr(&title));
    cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_SUBJECT, a->title);
    cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_CREATOR, "dsmbd");
    if (a->written != INSTANT_NONE) { /* else cairo would ask the clock, and the same report be other bytes */
        instant_format(a->written, t); /* 2024-05-01T12:00:00.000000Z */
        memcpy(t + 19, "Z", 2);
    } else {
        memcpy(t, "1970-01-01T00:00:00Z", 21);
    }
    cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_CREATE_DATE, t);
    cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_MOD_DATE, t);
    buf_done(&title);
}

/* Paper has no pixels to fit letters to; a picture is the same on each machine, whatever its screen. */
static void plain_metrics(PangoLayout *layout)
{
    PangoContext *context = pango_layout_get_context(layout);
    cairo_font_options_t *options = cairo_font_options_create();

    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(context, options);
    pango_context_set_round_glyph_positions(context, FALSE);
    pango_layout_context_changed(layout);
    cairo_font_options_destroy(options);
}

enum status font_set_new(struct font_set **ret, struct err *err)
{
    struct font_set *f = calloc(1, sizeof *f);
    PangoFontMap *fonts;
    PangoContext *context;

    if (f == NULL) {
        return err_set(err, E_NOMEM, "fonts");
    }
    /* A font map of our own goes with the document; pango's default one stays until the process ends. */
    fonts = pango_cairo_font_map_new();
    context = pango_font_map_create_context(fonts);
    f->layout = pango_layout_new(context);
    plain_metrics(f->layout);
    (void)pool_new(&f->texts, NULL); /* without it texts are shaped each time */
    g_object_unref(context);
    g_object_unref(fonts);
    *ret = f;
    return OK;
}

void font_set_free(struct font_set *f)
{
    if (f != NULL) {
        g_object_unref(f->layout);
        pool_free(f->texts);
        free(f->extents);
        free(f);
    }
}

/* pages 0: only counts them. */
static enum status pass(const struct page *page, const struct paper *about, struct font_set *fonts,
                        int *pages, struct buf *out, struct err *err)
{
    struct pdf p = {.about = about, .page = 1, .pages = *pages, .fonts = fonts, .layout = fonts->layout};
    cairo_status_t cs;
    enum status st;

    p.surface = cairo_pdf_surface_create_for_stream(sink, out, PDF_WIDTH, PDF_HEIGHT);
    metadata(p.surface, about);
    p.cr = cairo_create(p.surface);
    st = blocks(&p, page, err);
    cairo_destroy(p.cr);
    cairo_surface_finish(p.surface);
    cs = cairo_surface_status(p.surface);
    cairo_surface_destroy(p.surface);
    if (st == OK && cs != CAIRO_STATUS_SUCCESS) {
        st = err_set(err, cs == CAIRO_STATUS_NO_MEMORY ? E_NOMEM : E_INTERNAL, "writing PDF: %s",
                     cairo_status_to_string(cs));
    }
    *pages = p.page;
    return st;
}

enum status paper_pdf(const struct page *p, const struct paper *about, struct font_set *fonts,
                      struct buf *out, struct err *err)
{
    struct font_set *own = NULL;
    int pages = 0;
    enum status st = page_check(p, err);

    if (st == OK && fonts == NULL) {
        st = font_set_new(&own, err);
        fonts = own;
    }
    if (st == OK) {
        st = pass(p, about, fonts, &pages, NULL, err);
    }
    if (st == OK) {
        st = pass(p, about, fonts, &pages, out, err);
    }
    font_set_free(own);
    return st == OK ? buf_check(out, err) : st;
}
