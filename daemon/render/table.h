/*
 * table.h - a text table aligned by what a terminal shows: columns by display width, not by bytes.  Pure.
 *
 * Cells are copied and must be fit to be shown (text_show, or our own words): one line each.
 */
#ifndef DSMB_RENDER_TABLE_H
#define DSMB_RENDER_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct table;

size_t display_width(const char *s);

/* The first row is the header; one of empty cells is not written.  1 <= cols <= 64. */
enum status table_new(size_t cols, struct table **ret, struct err *err);
void table_free(struct table *t);              /* overwrites what it held */
void table_right(struct table *t, size_t col); /* numbers */
/* Cells from left to right, rows from top to bottom.  Lost memory shows in table_write. */
void table_cell(struct table *t, const char *s);
/* Each line starts with `indent`; columns are two blanks apart; no blanks at a line's end. */
enum status table_write(const struct table *t, const char *indent, struct buf *out, struct err *err);
/* Appends text wrapped at blanks to lines of at most `width` columns; later lines start with `hang`. */
void text_wrap(struct buf *out, const char *text, size_t width, const char *hang);

#endif
