/*
 * xpt.h - SAS V5 transport files (.xpt), the form in which regulators get data sets: SAS Technical Support note TS-140.
 *
 * One data set per file, read row by row in the memory of one row.  Records have 80 bytes; the number of rows is nowhere
 * in the file, so a file that was cut off is known by a last record or row that is not whole, and what follows the last
 * row must be blank and shorter than a record.  V8 transport, CPORT files and a second data set are refused by name.
 * Errors name the file, and the record, row or variable that is wrong.
 */
#ifndef DSMB_BASE_XPT_H
#define DSMB_BASE_XPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/feed.h"
#include "base/text.h"

struct xpt;

enum { XPT_NAME_MAX = 8, XPT_NUMBER_MAX = TEXT_DOUBLE_MAX + 1 };

enum status xpt_open(const struct feed *in, struct xpt **ret, struct err *err);
void xpt_close(struct xpt *x);
const char *xpt_member(const struct xpt *x); /* the data set's name, as written */
size_t xpt_cols(const struct xpt *x);
const char *xpt_name(const struct xpt *x, size_t col); /* of a variable, as written */
bool xpt_is_number(const struct xpt *x, size_t col);
/* The next row; *more false after the last.  After an error x is good for xpt_close alone. */
enum status xpt_next(struct xpt *x, bool *more, struct err *err);
size_t xpt_row(const struct xpt *x); /* 1-based, of the row that xpt_next has read */
/*
 * Of that row, until the next call of xpt_cell or xpt_next: bytes in the file's own encoding without the blanks (and NULs)
 * at their end, or a number in decimal.  NULL: missing, as SAS writes it (., ._, .A to .Z).
 */
const char *xpt_cell(struct xpt *x, size_t col, size_t *len);

/*
 * A number as IBM System/360 wrote it, n of its 8 bytes (2 to 8; the rest is zero): the shortest decimal that no other such
 * number is nearer to.  false: a missing value.
 */
bool xpt_number(const unsigned char *p, size_t n, char out[XPT_NUMBER_MAX]);

#endif
