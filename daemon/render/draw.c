#include "render/draw.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

struct mark {
    struct draw_item item;
    size_t first, text; /* offsets: points and strings move as they grow */
};

struct draw {
    double width, height;
    size_t title, description;
    struct mark *mark;
    size_t n, cap;
    struct draw_point *point;
    size_t n_points, cap_points;
    struct buf strings; /* each ended by NUL */
    bool failed;
};

static size_t keep(struct draw *d, const char *s)
{
    size_t at = d->strings.len;

    buf_add(&d->strings, s, strlen(s) + 1);
    return at;
}

enum status draw_new(double width, double height, const char *title, struct draw **ret, struct err *err)
{
    struct draw *d = calloc(1, sizeof(*d));

    if (d == NULL) {
        return err_set(err, E_NOMEM, "a figure");
    }
    d->width = width;
    d->height = height;
    d->title = keep(d, title);
    d->description = keep(d, "");
    *ret = d;
    return OK;
}

void draw_free(struct draw *d)
{
    if (d == NULL) {
        return;
    }
    buf_wipe(&d->strings);
    if (d->point != NULL) {
        explicit_bzero(d->point, d->cap_points * sizeof(*d->point));
    }
    if (d->mark != NULL) {
        explicit_bzero(d->mark, d->cap * sizeof(*d->mark));
    }
    free(d->point);
    free(d->mark);
    free(d);
}

void draw_describe(struct draw *d, struct buf *text)
{
    d->failed = d->failed || text->failed;
    d->description = keep(d, buf_cstr(text));
    buf_wipe(text);
}

void draw_lost(struct draw *d, const struct buf *b)
{
    d->failed = d->failed || b->failed;
}

void draw_height(struct draw *d, double height)
{
    d->height = height;
}

static struct mark *push(struct draw *d, enum draw_kind kind, struct draw_style s)
{
    struct mark *m;

    if (d->failed || VEC_PUSH_ROOM(d->mark, d->n, d->cap, NULL) != OK) {
        d->failed = true;
        return NULL;
    }
    m = &d->mark[d->n++];
    *m = (struct mark){.item = {.kind = kind, .style = s}};
    return m;
}

static void point(struct draw *d, struct mark *m, double x, double y)
{
    if (VEC_PUSH_ROOM(d->point, d->n_points, d->cap_points, NULL) != OK) {
        d->failed = true;
        return;
    }
    d->point[d->n_points++] = (struct draw_point){x, y};
    m->item.n++;
}

static struct mark *path(struct draw *d, struct draw_style s)
{
    struct mark *m = push(d, DRAW_PATH, s);

    if (m != NULL) {
        m->first = d->n_points;
    }
    return m;
}

void draw_polyline(struct draw *d, struct draw_style s, const struct draw_point *p, size_t n)
{
    struct mark *m = n < 2 ? NULL : path(d, s);

    for (size_t i = 0; m != NULL && i < n; i++) {
        point(d, m, p[i].x, p[i].y);
    }
}

void draw_line(struct draw *d, struct draw_style s, double x1, double y1, double x2, double y2)
{
    const struct draw_point p[] = {{x1, y1}, {x2, y2}};

    draw_polyline(d, s, p, 2);
}

void draw_steps(struct draw *d, struct draw_style s, const struct draw_point *p, size_t n)
{
    struct mark *m = n < 2 ? NULL : path(d, s);

    for (size_t i = 0; m != NULL && i < n; i++) {
        if (i > 0) {
            point(d, m, p[i].x, p[i - 1].y);
        }
        point(d, m, p[i].x, p[i].y);
    }
}

void draw_rect(struct draw *d, struct draw_style s, double x, double y, double w, double h)
{
    struct mark *m = push(d, DRAW_RECT, s);

    if (m != NULL) {
        m->item.x = x;
        m->item.y = y;
        m->item.w = w;
        m->item.h = h;
    }
}

void draw_circle(struct draw *d, struct draw_style s, double x, double y, double r)
{
    struct mark *m = push(d, DRAW_CIRCLE, s);

    if (m != NULL) {
        m->item.x = x;
        m->item.y = y;
        m->item.w = r;
    }
}

void draw_mark(struct draw *d, enum draw_marker k, enum draw_role role, bool hollow, double x, double y,
               double r)
{
    struct draw_style s = {role, hollow ? DRAW_PAPER : role, 1.4, DASH_SOLID};
    struct mark *m;

    switch (k) {
    case MARK_CIRCLE:
        draw_circle(d, s, x, y, r);
        return;
    case MARK_SQUARE:
        draw_rect(d, s, x - 0.9 * r, y - 0.9 * r, 1.8 * r, 1.8 * r);
        return;
    case MARK_DIAMOND:
        if ((m = path(d, s)) != NULL) {
            point(d, m, x, y - 1.25 * r);
            point(d, m, x + 1.25 * r, y);
            point(d, m, x, y + 1.25 * r);
            point(d, m, x - 1.25 * r, y);
            m->item.closed = true;
        }
        return;
    case MARK_TRIANGLE:
        if ((m = path(d, s)) != NULL) {
            point(d, m, x, y - 1.15 * r);
            point(d, m, x + 1.1 * r, y + 0.8 * r);
            point(d, m, x - 1.1 * r, y + 0.8 * r);
            m->item.closed = true;
        }
        return;
    }
}

static struct mark *words(struct draw *d, enum draw_role role, enum draw_anchor a, double x, double y,
                          const char *text)
{
    struct mark *m = push(d, DRAW_WORDS, (struct draw_style){.fill = role});

    if (m != NULL) {
        m->item.x = x;
        m->item.y = y;
        m->item.h = DRAW_TEXT;
        m->item.anchor = a;
        m->text = keep(d, text);
    }
    return m;
}

void draw_words(struct draw *d, enum draw_role role, enum draw_anchor a, double x, double y, const char *text)
{
    (void)words(d, role, a, x, y, text);
}

void draw_bold(struct draw *d, enum draw_role role, enum draw_anchor a, double x, double y, const char *text)
{
    struct mark *m = words(d, role, a, x, y, text);

    if (m != NULL) {
        m->item.bold = true;
    }
}

void draw_upright(struct draw *d, enum draw_role role, enum draw_anchor a, double x, double y,
                  const char *text)
{
    struct mark *m = words(d, role, a, x, y, text);

    if (m != NULL) {
        m->item.upright = true;
    }
}

enum status draw_check(const struct draw *d, struct err *err)
{
    return d->failed || d->strings.failed ? err_set(err, E_NOMEM, "a figure") : OK;
}

double draw_get_width(const struct draw *d)
{
    return d->width;
}

double draw_get_height(const struct draw *d)
{
    return d->height;
}

const char *draw_get_title(const struct draw *d)
{
    return d->strings.failed ? "" : d->strings.data + d->title;
}

const char *draw_get_description(const struct draw *d)
{
    return d->strings.failed ? "" : d->strings.data + d->description;
}

size_t draw_count(const struct draw *d)
{
    return d->n;
}

struct draw_item draw_at(const struct draw *d, size_t i)
{
    const struct mark *m = &d->mark[i];
    struct draw_item x = m->item;

    x.point = x.kind == DRAW_PATH ? d->point + m->first : NULL;
    x.text = x.kind == DRAW_WORDS ? d->strings.data + m->text : "";
    return x;
}

const double *draw_dash_of(enum draw_dash dash, int *n)
{
    static const double pattern[][4] = {{0}, {8, 4}, {4, 3}, {1.5, 3}};

    *n = dash == DASH_SOLID ? 0 : 2;
    return pattern[dash];
}
