/*
 * html.h - text into HTML, escaped.  Pure.
 */
#ifndef DSMB_RENDER_HTML_H
#define DSMB_RENDER_HTML_H

#include "base/buf.h"

/* For content and double-quoted attributes: & < > " ' escaped, control bytes and ill-formed UTF-8 shown. */
void html_text(struct buf *out, const char *s);
/* The style sheet and everything before the first block, and what closes the document. */
void html_begin(struct buf *out, const char *title);
void html_end(struct buf *out);

#endif
