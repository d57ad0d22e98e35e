/*
 * pdf_table.c - tables across pages: columns as wide as they want to be, narrower where they must.
 */
#include <stdlib.h>
#include <string.h>

#include "render/pdf.h"
#include "render/table.h"

enum { COLUMNS_MAX = 32 };

static const double gap = 9, size = 7.4, pad = 2.2;

struct columns {
    size_t n;
    unsigned right;
    double x[COLUMNS_MAX], width[COLUMNS_MAX];
};

static bool alarms(const char *s)
{
    return strncmp(s, "CROSSED", 7) == 0 || strncmp(s, "LOWER BOUNDARY", 14) == 0 ||
           strncmp(s, "could not be", 12) == 0;
}

static struct pdf_text text_of(const char *s, bool header, double width)
{
    bool alarm = !header && alarms(s);

    return (struct pdf_text){size, header || alarm,
                             header  ? DRAW_MUTED
                             : alarm ? DRAW_ALARM
                                     : DRAW_INK,
                             width};
}

/* The widest piece that stays whole: a word, or all of a text of at most `whole` columns. */
static double widest_piece(struct pdf *p, const char *s, bool header, size_t whole)
{
    struct pdf_text t = text_of(s, header, 0);
    struct buf word = {0};
    double most = 0, w, h;

    if (display_width(s) <= whole) {
        pdf_measure(p, s, t, &w, &h);
        return w;
    }
    while (*s != '\0') {
        size_t n = strcspn(s, " ");

        buf_clear(&word);
        buf_add(&word, s, n);
        pdf_measure(p, buf_cstr(&word), t, &w, &h);
        most = w > most ? w : most;
        s += n + (s[n] == ' ' ? 1 : 0);
    }
    buf_done(&word);
    return most;
}

/* Each column gets what it cannot do without, and of what is left a share as it wants more. */
static void fit(struct columns *c, const double *wish, const double *least, double room)
{
    double wishes = 0, leasts = 0, x = PDF_LEFT;

    for (size_t i = 0; i < c->n; i++) {
        wishes += wish[i];
        leasts += least[i];
    }
    for (size_t i = 0; i < c->n; i++) {
        if (wishes <= room) {
            c->width[i] = wish[i];
        } else if (leasts >= room) {
            c->width[i] = room * least[i] / leasts;
        } else {
            c->width[i] = least[i] + (wish[i] - least[i]) * (room - leasts) / (wishes - leasts);
        }
        c->x[i] = x;
        x += c->width[i] + gap;
    }
}

static void layout(struct pdf *p, const struct page_view *v, struct columns *c)
{
    static const size_t whole[] = {24, 14, 0}; /* numbers stay on a line, as long as there is room for it */
    double room = PDF_INNER - gap * (double)(v->cols - 1), sum = room + 1;

    c->n = v->cols;
    c->right = v->right;
    for (size_t attempt = 0; sum > room && attempt < sizeof(whole) / sizeof(whole[0]); attempt++) {
        double wish[COLUMNS_MAX] = {0}, least[COLUMNS_MAX] = {0}, w, h;
        const char *s = v->cell;

        sum = 0;
        for (size_t i = 0; i < v->cells; i++, s += strlen(s) + 1) {
            size_t k = i % v->cols;
            bool header = i < v->cols;

            /* Half a point more: what just fits must not wrap for want of a rounding. */
            pdf_measure(p, s, text_of(s, header, 0), &w, &h);
            wish[k] = w + 0.5 > wish[k] ? w + 0.5 : wish[k];
            w = widest_piece(p, s, header, whole[attempt]) + 0.5;
            least[k] = w > least[k] ? w : least[k];
        }
        for (size_t k = 0; k < c->n; k++) { /* a word longer than a third of the page may break */
            least[k] = least[k] > PDF_INNER / 3 ? PDF_INNER / 3 : least[k];
            sum += least[k];
        }
        fit(c, wish, least, room);
    }
}

static double row_height(struct pdf *p, const struct columns *c, const char *s, bool header)
{
    double most = 0, w, h;

    for (size_t i = 0; i < c->n; i++, s += strlen(s) + 1) {
        pdf_measure(p, s, text_of(s, header, c->width[i]), &w, &h);
        most = h > most ? h : most;
    }
    return most + 2 * pad;
}

static const char *set_row(struct pdf *p, const struct columns *c, const char *s, double h, bool header)
{
    for (size_t i = 0; i < c->n; i++, s += strlen(s) + 1) {
        struct pdf_text t = text_of(s, header, c->width[i]);
        bool right = i < 32 && (c->right >> i & 1U) != 0;

        (void)pdf_set(p, s, t, right ? ANCHOR_END : ANCHOR_START, right ? c->x[i] + c->width[i] : c->x[i],
                      p->y + pad);
    }
    p->y += h;
    pdf_rule(p, PDF_LEFT, p->y, c->x[c->n - 1] + c->width[c->n - 1] - PDF_LEFT, header ? 0.8 : 0.3,
             header ? DRAW_MUTED : DRAW_GRID);
    return s;
}

enum status pdf_table(struct pdf *p, const struct page_view *v, struct err *err)
{
    const struct pdf_text caption = {8, true, DRAW_MUTED, PDF_INNER};
    const char *s = v->cell, *head = v->cell;
    struct columns c = {0};
    double head_height = 0, h, w, top = 0;
    bool headless = true;

    if (v->cols > COLUMNS_MAX) {
        return err_set(err, E_INTERNAL, "a table of %zu columns", v->cols);
    }
    if (v->cells == 0) {
        return OK;
    }
    layout(p, v, &c);
    for (size_t i = 0; i < v->cols; i++, s += strlen(s) + 1) {
        headless = headless && s[0] == '\0';
    }
    head_height = headless ? 0 : row_height(p, &c, head, true);
    if (v->text[0] != '\0') {
        pdf_measure(p, v->text, caption, &w, &top);
    }
    pdf_need(p, top + head_height + 40);
    if (v->text[0] != '\0') {
        p->y += pdf_set(p, v->text, caption, ANCHOR_START, PDF_LEFT, p->y) + 2;
    }
    if (!headless) {
        (void)set_row(p, &c, head, head_height, true);
    }
    for (size_t i = v->cols; i < v->cells; i += v->cols) {
        h = row_height(p, &c, s, false);
        if (p->y + h > PDF_BOTTOM && p->y > PDF_TOP + head_height + 1) {
            pdf_next_page(p);
            if (!headless) {
                (void)set_row(p, &c, head, head_height, true);
            }
        }
        s = set_row(p, &c, s, h, false);
    }
    p->y += 10;
    return OK;
}
