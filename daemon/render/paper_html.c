/* A report as one page of HTML, to be read and printed. */
#include <string.h>

#include "render/html.h"
#include "render/paper.h"
#include "render/paper_css.h"
#include "render/table.h"

enum { SHORT_CELL = 16 }; /* columns: dates, numbers, ids; such a cell is not broken */

struct writer {
    const struct page *page;
    struct buf *out;
    size_t sections, tables, figures;
    bool in_section, in_figures;
};

static void element(struct buf *out, const char *open, const char *text, const char *close)
{
    buf_str(out, open);
    html_text(out, text);
    buf_str(out, close);
}

static void head(const struct paper *a, struct buf *out)
{
    buf_str(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                 "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                 "style-src 'unsafe-inline'\">\n"
                 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                 "<meta name=\"color-scheme\" content=\"light dark\">\n"
                 "<meta name=\"format-detection\" content=\"telephone=no, date=no, address=no\">\n"
                 "<meta name=\"robots\" content=\"noindex\">\n<title>");
    html_text(out, a->kind);
    element(out, ", ", a->trial, "");
    element(out, ": ", a->subject, "</title>\n<style>\n");
    buf_str(out, paper_css_screen);
    buf_str(out, paper_css_print);
    draw_css(out);
    buf_fmt(out, "</style>\n</head>\n<body class=\"%s\">\n<div class=\"page\">\n<header>\n<p class=\"band\">",
            a->closed ? "closed" : "open");
    html_text(out, a->confidential);
    element(out, "</p>\n<div class=\"in\">\n<h1>", a->kind, ": ");
    html_text(out, a->title[0] == '\0' ? a->trial : a->title);
    element(out, "</h1>\n<p class=\"trial\">", a->trial, ". ");
    element(out, "", a->subject, "</p>\n</div>\n</header>\n");
}

static void contents(const struct page *p, struct buf *out)
{
    size_t n = 0;

    buf_str(out, "<div class=\"in\">\n<nav aria-label=\"Contents\">\n<ul>\n");
    for (size_t i = 0; i < page_count(p); i++) {
        struct page_view v = page_at(p, i);

        if (v.kind == BLOCK_HEADING) {
            buf_fmt(out, "<li><a href=\"#s%zu\">", ++n);
            element(out, "", v.text, "</a></li>\n");
        }
    }
    buf_str(out, "</ul>\n</nav>\n</div>\n");
}

static bool headless(const struct page_view *v)
{
    const char *s = v->cell;

    for (size_t i = 0; i < v->cols && i < v->cells; i++, s += strlen(s) + 1) {
        if (s[0] != '\0') {
            return false;
        }
    }
    return true;
}

/* A table of two columns without header: names and what they are. */
static void list(struct writer *w, const struct page_view *v)
{
    const char *s = v->cell;

    if (v->text[0] != '\0') {
        element(w->out, "<p class=\"cap\">", v->text, "</p>\n");
    }
    buf_str(w->out, "<dl>\n");
    for (size_t i = 0; i < v->cells; i++, s += strlen(s) + 1) {
        if (i >= v->cols) {
            element(w->out, i % 2 == 0 ? "<div><dt>" : "<dd>", s, i % 2 == 0 ? "</dt>" : "</dd></div>\n");
        }
    }
    buf_str(w->out, "</dl>\n");
}

static bool alarms(const char *s)
{
    return strncmp(s, "CROSSED", 7) == 0 || strncmp(s, "LOWER BOUNDARY CROSSED", 22) == 0 ||
           strncmp(s, "could not be determined", 23) == 0;
}

static void cell(struct writer *w, const char *s, bool header, bool row, bool right)
{
    bool sub = row && strncmp(s, "  ", 2) == 0, narrow = display_width(s) <= SHORT_CELL;
    const char *tag = (header && s[0] != '\0') || row ? "th" : "td";

    buf_fmt(w->out, "<%s", tag);
    if (tag[1] == 'h') {
        buf_str(w->out, row ? " scope=\"row\"" : " scope=\"col\"");
    }
    if (sub || right || narrow || (!header && alarms(s))) {
        buf_str(w->out, " class=\"");
        buf_str(w->out, right ? "r " : "");
        buf_str(w->out, sub ? "sub " : "");
        buf_str(w->out, !header && alarms(s) ? "x " : "");
        buf_str(w->out, narrow ? "k " : "");
        w->out->len--; /* the last blank */
        buf_char(w->out, '"');
    }
    buf_char(w->out, '>');
    html_text(w->out, sub ? s + 2 : s);
    buf_fmt(w->out, "</%s>", tag);
}

static void table(struct writer *w, const struct page_view *v)
{
    const char *s = v->cell;
    bool captioned = v->text[0] != '\0';

    if (v->cols == 2 && headless(v)) {
        list(w, v);
        return;
    }
    w->tables++;
    /* The box scrolls: it can be reached by keyboard and has the table's name. */
    if (captioned) {
        buf_fmt(w->out,
                "<div class=\"scroll\" role=\"group\" tabindex=\"0\" aria-labelledby=\"t%zu\">\n<table>\n",
                w->tables);
        buf_fmt(w->out, "<caption id=\"t%zu\"><span>", w->tables);
        element(w->out, "", v->text, "</span></caption>\n");
    } else {
        buf_fmt(w->out,
                "<div class=\"scroll\" role=\"group\" tabindex=\"0\" aria-labelledby=\"s%zu\">\n"
                "<table aria-labelledby=\"s%zu\">\n",
                w->sections, w->sections);
    }
    buf_str(w->out, "<thead>\n");
    for (size_t i = 0; i < v->cells; i++, s += strlen(s) + 1) {
        size_t c = i % v->cols;
        bool header = i < v->cols;

        buf_str(w->out, c == 0 ? i == v->cols ? "</thead>\n<tbody>\n<tr>" : "<tr>" : "");
        cell(w, s, header, !header && c == 0, c < 32 && (v->right >> c & 1U) != 0);
        buf_str(w->out, c + 1 == v->cols ? "</tr>\n" : "");
    }
    buf_str(w->out, v->cells > v->cols ? "</tbody>\n</table>\n</div>\n" : "</thead>\n</table>\n</div>\n");
}

static enum status figure(struct writer *w, const struct page_view *v, struct err *err)
{
    struct buf id = {0};
    enum status st;

    if (!w->in_figures) {
        buf_str(w->out, "<div class=\"figures\">\n");
        w->in_figures = true;
    }
    buf_fmt(&id, "f%zu", ++w->figures);
    element(w->out, "<figure>\n<figcaption>", v->text, "</figcaption>\n");
    st = buf_check(&id, err);
    if (st == OK) {
        st = draw_svg(v->figure, buf_cstr(&id), w->out, err);
    }
    buf_str(w->out, "</figure>\n");
    buf_done(&id);
    return st;
}

static void heading(struct writer *w, const char *text)
{
    buf_str(w->out, w->in_section ? "</section>\n" : "");
    w->sections++;
    w->in_section = true;
    buf_fmt(w->out, "<section aria-labelledby=\"s%zu\">\n<h2 id=\"s%zu\">", w->sections, w->sections);
    element(w->out, "", text, "</h2>\n");
}

static enum status block(struct writer *w, const struct page_view *v, struct err *err)
{
    if (w->in_figures && v->kind != BLOCK_FIGURE) {
        buf_str(w->out, "</div>\n");
        w->in_figures = false;
    }
    switch (v->kind) {
    case BLOCK_HEADING:
        heading(w, v->text);
        break;
    case BLOCK_TABLE:
        table(w, v);
        break;
    case BLOCK_FIGURE:
        return figure(w, v, err);
    case BLOCK_NOTE:
        element(w->out, "<p class=\"note\">", v->text, "</p>\n");
        break;
    case BLOCK_ALARM:
    case BLOCK_NOTICE:
    case BLOCK_COUNTS:
    case BLOCK_LEAD:
    case BLOCK_ACTION:
    case BLOCK_PARA:
        element(w->out, "<p>", v->text, "</p>\n");
        break;
    case BLOCK_PICTURE: /* a figure of this document needs none */
        break;
    }
    return OK;
}

enum status paper_html(const struct page *p, const struct paper *about, struct buf *out, struct err *err)
{
    struct writer w = {.page = p, .out = out};
    enum status st = page_check(p, err);

    if (st != OK) {
        return st;
    }
    head(about, out);
    contents(p, out);
    buf_str(out, "<main class=\"in\">\n");
    for (size_t i = 0; st == OK && i < page_count(p); i++) {
        struct page_view v = page_at(p, i);

        st = block(&w, &v, err);
    }
    buf_str(out, w.in_figures ? "</div>\n" : "");
    buf_str(out, w.in_section ? "</section>\n" : "");
    buf_str(out, "</main>\n<footer class=\"in\">\n");
    element(out, "<p>", about->trial, ". ");
    element(out, "", about->subject, ". ");
    element(out, "", about->confidential, "</p>\n</footer>\n</div>\n</body>\n</html>\n");
    return st != OK ? st : buf_check(out, err);
}
