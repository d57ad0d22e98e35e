/*
 * fold.h - a verbatim as the rules read it: one spelling for many.
 *
 * Unicode is decomposed with compatibility and case folding (so NFC and NFD, ligatures and full-width forms agree),
 * marks are dropped, and the Scandinavian letters become ae, oe, aa.  What was a capital is remembered per byte, for
 * abbreviations that are words when small (AF, and Danish "af").  Initials lose their dots: "T.I.A." is TIA; arrows are
 * "increased" and "decreased", a dagger "dead".  Line breaks become ";", so that they end a clause;
 * the usual HTML entities of letters are read.  Text beyond TERM_MAX bytes is not read (`cut`).
 */
#ifndef DSMB_CLASSIFY_FOLD_H
#define DSMB_CLASSIFY_FOLD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* A zeroed struct is empty; reused from text to text. */
struct folded {
    struct buf text;  /* valid UTF-8 */
    struct buf upper; /* one byte for each of text: 1 where it came from a capital */
    struct buf taken; /* one byte for each of text: 1 where a phrase or a cue was found (match.c) */
    bool any_lower;   /* a small letter was there: capitals then mean something */
    bool cut;
    struct buf scratch;
};

enum status fold_text(const char *s, size_t len, struct folded *ret, struct err *err);
void folded_done(struct folded *f); /* overwrites: it held subjects' data */

#endif
