/*
 * rowkey.h - what a row is called, and which of two rows with one name counts.
 *
 * rows.c (what is stored) and builder.c (what is counted) must agree on both, or a look could not be repeated from the
 * store.  Pure.
 */
#ifndef DSMB_TRIAL_ROWKEY_H
#define DSMB_TRIAL_ROWKEY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "trial/contract.h"

/* 64 bits of the content.  Of two rows with one key the one of smaller rank counts; equal rank means equal rows. */
uint64_t row_rank(enum src_view view, const struct field *f);
/*
 * Puts the key into out (cleared first): key columns joined by U+001F.  Where one of them is NULL or empty the row is
 * called after its content, "?" and the rank in hexadecimal, so that rows without an id still count, each once: false.
 */
bool row_key(enum src_view view, const struct field *f, uint64_t rank, struct buf *out);

#endif
