/*
 * page.h - a document as a list of blocks, and its two writers: plain text and HTML.  Pure.
 *
 * Whoever composes a document says each thing once; text and HTML then hold the same words and numbers.  Strings are
 * copied and must be fit to be shown (our own words, or text_show); the HTML writer escapes them once more for HTML.
 * The HTML asks nothing of any network: no font, no script, no link but mailto:, no image but those that travel with it.
 */
#ifndef DSMB_RENDER_PAGE_H
#define DSMB_RENDER_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "render/draw.h"

enum page_block {
    BLOCK_ALARM,  /* the headline of something that calls for action */
    BLOCK_NOTICE, /* the headline of something to know */
    BLOCK_COUNTS, /* cells in threes: label, "6/75", "8.0 %" */
    BLOCK_LEAD,   /* the lines that carry the decision */
    BLOCK_ACTION, /* what to do */
    BLOCK_HEADING,
    BLOCK_PARA,
    BLOCK_NOTE,   /* small print */
    BLOCK_TABLE,  /* the first row is the header; one of empty cells is not shown */
    BLOCK_FIGURE, /* not in plain text: its numbers stand in tables */
    BLOCK_PICTURE /* a figure that travels beside the HTML: in HTML alone */
};

/* A block as a writer sees it; borrowed from the page. */
struct page_view {
    enum page_block kind;
    const char *text;   /* caption of TABLE, COUNTS and FIGURE */
    size_t cols, cells; /* TABLE, COUNTS */
    const char *cell;   /* the first; each is ended by NUL and followed by the next */
    unsigned right;     /* bit i set: column i holds numbers */
    const struct draw *figure;
};

struct page;

enum status page_new(struct page **ret, struct err *err);
void page_free(struct page *p); /* overwrites */
/* Appends a block; for TABLE and COUNTS `text` is the caption (may be ""), cells follow. */
void page_add(struct page *p, enum page_block kind, const char *text);
/* As page_add, taking the buffer's text and leaving the buffer empty. */
void page_take(struct page *p, enum page_block kind, struct buf *text);
/* Begins a table; bit i of `right` set: column i holds numbers. */
void page_table(struct page *p, const char *caption, size_t cols, unsigned right);
void page_table_take(struct page *p, struct buf *caption, size_t cols, unsigned right);
/* "label: url" in small print, a link in HTML; url is of our own making. */
void page_link(struct page *p, const char *label, const char *url);
void page_cell(struct page *p, const char *s);
void page_cell_take(struct page *p, struct buf *s);
/* Owns the figure from now on, and it is lost only with the page. */
void page_figure(struct page *p, struct draw *figure);
/* cid: the Content-ID of an image in the same message, of our own making; alt: for who does not see it. */
void page_picture(struct page *p, const char *alt, const char *cid);
/* Something of the page was made in this buffer: when it lost bytes, so did the page. */
void page_lost(struct page *p, const struct buf *b);
/* For writers of other formats: E_NOMEM when anything was lost on the way, E_INTERNAL for an incomplete row. */
enum status page_check(const struct page *p, struct err *err);
size_t page_count(const struct page *p);
struct page_view page_at(const struct page *p, size_t i);
/* `width` columns for paragraphs; tables are as wide as they are. E_NOMEM when anything was lost on the way. */
enum status page_text(const struct page *p, size_t width, struct buf *out, struct err *err);
enum status page_html(const struct page *p, const char *title, struct buf *out, struct err *err);

#endif
