#include "render/page.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "render/html.h"
#include "render/table.h"

enum { PICTURE_WIDTH = 480 }; /* for mail programs that drop the style sheet */
enum { SHORT_CELL = 14 };     /* columns: dates, numbers, ids; such a cell is not broken */

struct item {
    enum page_block kind;
    size_t text;        /* offset into strings */
    size_t cols, cells; /* TABLE, COUNTS */
    size_t first;       /* offset of the first cell; the others follow it */
    unsigned right;
    struct draw *figure; /* owned */
};

struct page {
    struct item *items;
    size_t n, cap;
    struct buf strings; /* each ended by NUL */
    bool failed;
};

enum status page_new(struct page **ret, struct err *err)
{
    struct page *p = calloc(1, sizeof(*p));

    if (p == NULL) {
        return err_set(err, E_NOMEM, "a document");
    }
    *ret = p;
    return OK;
}

void page_free(struct page *p)
{
    if (p != NULL) {
        for (size_t i = 0; i < p->n; i++) {
            draw_free(p->items[i].figure);
        }
        buf_wipe(&p->strings);
        free(p->items);
        free(p);
    }
}

static struct item *push(struct page *p, enum page_block kind, const char *text)
{
    struct item *it;

    if (p->failed || VEC_PUSH_ROOM(p->items, p->n, p->cap, NULL) != OK) {
        p->failed = true;
        return NULL;
    }
    it = &p->items[p->n++];
    *it = (struct item){.kind = kind, .text = p->strings.len};
    buf_add(&p->strings, text, strlen(text) + 1);
    it->first = p->strings.len;
    return it;
}

void page_add(struct page *p, enum page_block kind, const char *text)
{
    struct item *it = push(p, kind, text);

    if (it != NULL && kind == BLOCK_COUNTS) {
        it->cols = 3;
    }
}

void page_take(struct page *p, enum page_block kind, struct buf *text)
{
    p->failed = p->failed || text->failed;
    page_add(p, kind, buf_cstr(text));
    buf_wipe(text);
}

void page_table(struct page *p, const char *caption, size_t cols, unsigned right)
{
    struct item *it = push(p, BLOCK_TABLE, caption);

    if (it != NULL) {
        it->cols = cols;
        it->right = right;
    }
}

void page_table_take(struct page *p, struct buf *caption, size_t cols, unsigned right)
{
    p->failed = p->failed || caption->failed;
    page_table(p, buf_cstr(caption), cols, right);
    buf_wipe(caption);
}

void page_link(struct page *p, const char *label, const char *url)
{
    struct item *it = push(p, BLOCK_NOTE, label);

    if (it != NULL) {
        it->cols = 1;
        page_cell(p, url);
    }
}

void page_figure(struct page *p, struct draw *figure)
{
    struct item *it = push(p, BLOCK_FIGURE, draw_get_title(figure));

    if (it == NULL) {
        draw_free(figure);
    } else {
        it->figure = figure;
    }
}

void page_picture(struct page *p, const char *alt, const char *cid)
{
    struct item *it = push(p, BLOCK_PICTURE, alt);

    if (it != NULL) {
        it->cols = 1;
        page_cell(p, cid);
    }
}

void page_cell(struct page *p, const char *s)
{
    if (p->n > 0 && !p->failed) {
        buf_add(&p->strings, s, strlen(s) + 1);
        p->items[p->n - 1].cells++;
    }
}

void page_cell_take(struct page *p, struct buf *s)
{
    p->failed = p->failed || s->failed;
    page_cell(p, buf_cstr(s));
    buf_wipe(s);
}

void page_lost(struct page *p, const struct buf *b)
{
    p->failed = p->failed || b->failed;
}

enum status page_check(const struct page *p, struct err *err)
{
    if (p->failed || p->strings.failed) {
        return err_set(err, E_NOMEM, "a document");
    }
    for (size_t i = 0; i < p->n; i++) {
        if (p->items[i].cells > 0 && (p->items[i].cols == 0 || p->items[i].cells % p->items[i].cols != 0)) {
            return err_set(err, E_INTERNAL, "a document with an incomplete row");
        }
        if (p->items[i].figure != NULL && draw_check(p->items[i].figure, err) != OK) {
            return E_NOMEM;
        }
    }
    return OK;
}

size_t page_count(const struct page *p)
{
    return p->n;
}

static const char *string_at(const struct page *p, size_t offset)
{
    return p->strings.data + offset;
}

struct page_view page_at(const struct page *p, size_t i)
{
    const struct item *it = &p->items[i];

    return (struct page_view){it->kind,  string_at(p, it->text),  it->cols,
                              it->cells, string_at(p, it->first), it->right,
                              it->figure};
}

static enum status text_table(const struct page *p, const struct item *it, struct buf *out, struct err *err)
{
    const char *s = string_at(p, it->first);
    struct table *t = NULL;
    enum status st = table_new(it->cols, &t, err);

    if (st != OK) {
        return st;
    }
    for (size_t c = 0; c < it->cols && c < 32; c++) {
        if ((it->right >> c & 1U) != 0) {
            table_right(t, c);
        }
    }
    for (size_t i = 0; i < it->cells; i++, s += strlen(s) + 1) {
        table_cell(t, s);
    }
    st = table_write(t, "", out, err);
    table_free(t);
    return st;
}

/* "Magnesium 6/75 (8.0 %) v Placebo 0/73 (0 %)" */
static void text_counts(const struct page *p, const struct item *it, size_t width, struct buf *out)
{
    const char *s = string_at(p, it->first);
    struct buf line = {0};

    for (size_t i = 0; i < it->cells; i++, s += strlen(s) + 1) {
        buf_str(&line, i == 0 ? "" : i % 3 == 0 ? " v " : i % 3 == 1 ? " " : " (");
        buf_str(&line, s);
        buf_str(&line, i % 3 == 2 ? ")" : "");
    }
    text_wrap(out, buf_cstr(&line), width, "  ");
    out->failed = out->failed || line.failed;
    buf_wipe(&line);
}

enum status page_text(const struct page *p, size_t width, struct buf *out, struct err *err)
{
    enum status st = page_check(p, err);
    bool lead = true; /* the first lines stand together, without blank lines between */

    for (size_t i = 0; st == OK && i < p->n; i++) {
        const struct item *it = &p->items[i];
        const char *text = string_at(p, it->text);

        switch (it->kind) {
        case BLOCK_ALARM:
        case BLOCK_NOTICE:
        case BLOCK_LEAD:
        case BLOCK_ACTION:
            buf_str(out, i == 0 || lead ? "" : "\n");
            text_wrap(out, text, width, it->kind == BLOCK_ALARM || it->kind == BLOCK_NOTICE ? "" : "  ");
            break;
        case BLOCK_COUNTS:
            text_counts(p, it, width, out);
            break;
        case BLOCK_HEADING:
            lead = false;
            buf_fmt(out, "%s%s\n", i == 0 ? "" : "\n", text);
            buf_fill(out, '=', display_width(text));
            buf_char(out, '\n');
            break;
        case BLOCK_PARA:
        case BLOCK_NOTE:
            buf_str(out, i == 0 || p->items[i - 1].kind == BLOCK_HEADING ? "" : "\n");
            text_wrap(out, text, width, "");
            if (it->cells > 0) {
                buf_fmt(out, "  %s\n", string_at(p, it->first));
            }
            break;
        case BLOCK_TABLE:
            buf_str(out, i == 0 || p->items[i - 1].kind == BLOCK_HEADING ? "" : "\n");
            if (text[0] != '\0') {
                text_wrap(out, text, width, "");
            }
            st = text_table(p, it, out, err);
            break;
        case BLOCK_FIGURE:
        case BLOCK_PICTURE:
            break;
        }
    }
    return st != OK ? st : buf_check(out, err);
}

static void html_element(struct buf *out, const char *open, const char *text, const char *close)
{
    buf_str(out, open);
    html_text(out, text);
    buf_str(out, close);
}

/* Text up to `end` between tags. */
static void html_span(struct buf *out, const char *open, const char *text, const char *end, const char *close)
{
    struct buf part = {0};

    buf_add(&part, text, (size_t)(end - text));
    html_element(out, open, buf_cstr(&part), close);
    out->failed = out->failed || part.failed;
    buf_wipe(&part);
}

/* "BOUNDARY CROSSED: Cardiovascular events - TRIAL": the kind, what it is about, where. */
static void html_headline(struct buf *out, const char *class, const char *text)
{
    const char *colon = strstr(text, ": "), *dash = NULL, *end = text + strlen(text);

    buf_fmt(out, "<h1 class=\"%s\">", class);
    if (colon != NULL) {
        html_span(out, "<span class=\"kind\">", text, colon, "</span> ");
        text = colon + 2;
    }
    for (const char *p = strstr(text, " - "); p != NULL; p = strstr(p + 1, " - ")) {
        dash = p;
    }
    html_span(out, "<span class=\"what\">", text, dash == NULL ? end : dash, "</span>");
    if (dash != NULL) {
        html_element(out, " <span class=\"trial\">", dash + 3, "</span>");
    }
    buf_str(out, "</h1>\n");
}

/* "What to do: ...": the words before the colon are bold. */
static void html_action(struct buf *out, const char *text)
{
    const char *colon = strstr(text, ": ");

    buf_str(out, "<p class=\"action\">");
    if (colon != NULL) {
        html_span(out, "<strong>", text, colon + 1, "</strong>");
        text = colon + 1;
    }
    html_element(out, "", text, "</p>\n");
}

static void html_link(struct buf *out, const char *text, const char *url)
{
    buf_str(out, "<p><a href=\"");
    html_text(out, url);
    html_element(out, "\">", text, "</a></p>\n");
}

/* White paper in dark mode too; the words in its place are set like words. */
static void html_picture(struct buf *out, const char *alt, const char *cid)
{
    buf_str(out, "<p class=\"picture\"><img src=\"cid:");
    html_text(out, cid);
    buf_fmt(out, "\" width=\"%d\" alt=\"", (int)PICTURE_WIDTH);
    html_text(out, alt);
    buf_str(out, "\"></p>\n");
}

static void html_counts(const struct page *p, const struct item *it, struct buf *out)
{
    static const char *const open[] = {"<td><span class=\"arm\">", " <span class=\"n\">",
                                       " <span class=\"pc\">"};
    static const char *const close[] = {"</span>", "</span>", "</span></td>\n"};
    const char *s = string_at(p, it->first);

    buf_str(out, "<table class=\"counts\" role=\"presentation\"><tr>\n");
    for (size_t i = 0; i < it->cells; i++, s += strlen(s) + 1) {
        html_element(out, open[i % 3], s, close[i % 3]);
    }
    buf_str(out, "</tr></table>\n");
}

/* What a table is called that scrolls by itself: its caption, else the heading it stands under. */
static const char *table_name(const struct page *p, const struct item *it)
{
    const char *name = string_at(p, it->text);

    for (const struct item *before = it; name[0] == '\0' && before > p->items; before--) {
        if (before[-1].kind == BLOCK_HEADING) {
            name = string_at(p, before[-1].text);
        }
    }
    return name;
}

static void html_table(const struct page *p, const struct item *it, struct buf *out)
{
    const char *s = string_at(p, it->first);
    bool headless = true;

    if (string_at(p, it->text)[0] != '\0') {
        html_element(out, "<p class=\"caption\">", string_at(p, it->text), "</p>\n");
    }
    html_element(out, "<div class=\"scroll\" role=\"group\" tabindex=\"0\" aria-label=\"", table_name(p, it),
                 "\">");
    buf_str(out, "<table class=\"t\">\n");
    for (size_t i = 0; i < it->cols && i < it->cells; i++, s += strlen(s) + 1) {
        headless = headless && s[0] == '\0';
    }
    s = string_at(p, it->first);
    for (size_t i = 0; i < it->cells; i++, s += strlen(s) + 1) {
        size_t col = i % it->cols;
        bool head = i < it->cols, right = col < 32 && (it->right >> col & 1U) != 0, kept;

        if (head && headless) {
            continue;
        }
        buf_str(out, col == 0 ? "<tr>" : "");
        buf_str(out, head ? "<th scope=\"col\"" : "<td");
        /* Words may wrap on a phone; dates and counts are read at one glance or not at all. */
        kept = display_width(s) <= SHORT_CELL && strpbrk(s, "0123456789") != NULL;
        if (right || kept) {
            buf_fmt(out, " class=\"%s%s%s\"", right ? "r" : "", right && kept ? " " : "", kept ? "k" : "");
        }
        html_element(out, ">", s, head ? "</th>" : "</td>");
        buf_str(out, col + 1 == it->cols ? "</tr>\n" : "");
    }
    buf_str(out, "</table></div>\n");
}

enum status page_html(const struct page *p, const char *title, struct buf *out, struct err *err)
{
    enum status st = page_check(p, err);
    bool inside = false;

    if (st != OK) {
        return st;
    }
    html_begin(out, title);
    for (size_t i = 0; i < p->n; i++) {
        const struct item *it = &p->items[i];
        const char *text = string_at(p, it->text);

        if (!inside && it->kind != BLOCK_ALARM && it->kind != BLOCK_NOTICE) {
            buf_str(out, "<div class=\"in\">\n");
            inside = true;
        }
        switch (it->kind) {
        case BLOCK_ALARM:
            html_headline(out, "alarm", text);
            break;
        case BLOCK_NOTICE:
            html_headline(out, "notice", text);
            break;
        case BLOCK_COUNTS:
            html_counts(p, it, out);
            break;
        case BLOCK_LEAD:
            html_element(out, "<p class=\"lead\">", text, "</p>\n");
            break;
        case BLOCK_ACTION:
            html_action(out, text);
            break;
        case BLOCK_HEADING:
            html_element(out, "<h2>", text, "</h2>\n");
            break;
        case BLOCK_PARA:
            html_element(out, "<p>", text, "</p>\n");
            break;
        case BLOCK_NOTE:
            if (it->cells > 0) {
                html_link(out, text, string_at(p, it->first));
            } else {
                html_element(out, "<p class=\"note\">", text, "</p>\n");
            }
            break;
        case BLOCK_TABLE:
            html_table(p, it, out);
            break;
        case BLOCK_PICTURE:
            html_picture(out, text, string_at(p, it->first));
            break;
        case BLOCK_FIGURE: /* in mails they are pictures */
            break;
        }
    }
    buf_str(out, inside ? "</div>\n" : "");
    html_end(out);
    return buf_check(out, err);
}
