/*
 * paper.h - a report's page as a document to keep: one HTML file, or a PDF.  Pure.
 *
 * Both hold what the text report holds, and the figures.  The HTML asks nothing of any network, runs no script, follows
 * the reader's light or dark system, and is laid out for a phone, a wide screen and print.  The PDF is A4, each page
 * with trial, look, page n of m and the line of confidentiality; the same page gives the same bytes.
 */
#ifndef DSMB_RENDER_PAPER_H
#define DSMB_RENDER_PAPER_H

#include "base/date.h"
#include "render/page.h"

struct paper {
    bool closed;
    const char *kind; /* "Closed report" */
    const char *trial, *title;
    const char *subject;      /* "Look 14, counted to 2024-03-01" */
    const char *confidential; /* on every page */
    instant_t written;
};

enum status paper_html(const struct page *p, const struct paper *about, struct buf *out, struct err *err);
/* Fonts for several documents and pictures; NULL where one is asked for: its own. */
struct font_set;
enum status font_set_new(struct font_set **ret, struct err *err);
void font_set_free(struct font_set *f);

/* In a file of its own, so that only who makes PDF links cairo; glib ends the process when memory runs out. */
enum status paper_pdf(const struct page *p, const struct paper *about, struct font_set *fonts,
                      struct buf *out, struct err *err);

#endif
