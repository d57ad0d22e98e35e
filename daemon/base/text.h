/*
 * text.h - bytes that should be UTF-8, and numbers written in text.
 */
#ifndef DSMB_BASE_TEXT_H
#define DSMB_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Length of the longest well-formed prefix (Unicode 15 table 3-7: no surrogates, no overlong forms). */
size_t utf8_valid_prefix(const char *s, size_t len);
/* Appends s with U+FFFD for each ill-formed piece and for NUL; returns how many were replaced. */
size_t utf8_repair(struct buf *out, const char *s, size_t len);
/*
 * Appends s fit to be shown on a terminal or in a plain-text mail: control characters, bidirectional overrides and
 * ill-formed bytes as \n, \t, \x1b, \u{202e}; at most max_chars characters, then an ellipsis and the count left out.
 */
void text_show(struct buf *out, const char *s, size_t len, size_t max_chars);
/* Whole string, strict: sign and digits only, in [lo, hi]. */
bool text_int(const char *s, size_t len, int64_t lo, int64_t hi, int64_t *ret);
/* Whole string, C locale, as strtod without hex; "nan" is refused, "inf" and "-inf" are taken. */
bool text_double(const char *s, size_t len, double *ret);
enum { TEXT_DOUBLE_MAX = 48 };
/* Shortest text that reads back to the same double; "NA" for NaN, "Inf", "-Inf". */
void text_add_double(struct buf *out, double v);
void text_put_double(double v, char out[TEXT_DOUBLE_MAX]);
/* The same for numbers that a double does not hold: the first decimal (15 digits and more) less than half_step from v. */
void text_put_near(long double v, long double half_step, char out[TEXT_DOUBLE_MAX]);
bool text_is(const char *s, size_t len, const char *word); /* ASCII case-insensitive equality */
/* The word of the n that s was probably meant to be (a typing error or two away), or NULL. */
const char *text_nearest(const char *s, size_t len, const char *const words[], size_t n);

#endif
