/*
 * csv.h - RFC 4180 in and out.
 *
 * Reading keeps everything as text: a cell is bytes, quoted or not.  Lines may end in CRLF; a BOM is skipped.
 * Errors name source, line and column: "x.csv:12: 7 cells where the header has 8".
 * A table is read whole (struct csv), or row by row in the memory of its longest row (struct csv_stream), with the same
 * cells and the same errors.
 */
#ifndef DSMB_BASE_CSV_H
#define DSMB_BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/feed.h"

struct csv; /* a whole table, header apart */

/* `name` is for messages only.  The bytes are copied. */
enum status csv_parse(const char *name, const char *bytes, size_t len, struct csv **ret, struct err *err);
void csv_free(struct csv *c);
size_t csv_rows(const struct csv *c);
size_t csv_cols(const struct csv *c);
const char *csv_header(const struct csv *c, size_t col);
/* -1 when there is no such column. */
int csv_find(const struct csv *c, const char *header);
const char *csv_cell(const struct csv *c, size_t row, size_t col,
                     size_t *len);                /* NUL-terminated; len may be NULL */
size_t csv_line(const struct csv *c, size_t row); /* 1-based line of the row's start */

struct csv_stream;

/* Reads the header.  row_max: bytes that a row may have; one of more than twice as many is refused. */
enum status csv_open(const struct feed *in, size_t row_max, struct csv_stream **ret, struct err *err);
void csv_close(struct csv_stream *s);
/* The header, a table without rows; borrowed. */
const struct csv *csv_stream_header(const struct csv_stream *s);
/* The next row; *more false after the last.  After an error the stream is good for csv_close alone. */
enum status csv_next(struct csv_stream *s, bool *more, struct err *err);
/* Of the row that csv_next has read, as long as it is the last one. */
const char *csv_stream_cell(const struct csv_stream *s, size_t col, size_t *len);
size_t csv_stream_line(const struct csv_stream *s); /* 1-based line of the row's start */

/* Writing: cells are quoted only when they must be; rows end in "\n". */
void csv_put(struct buf *out, bool first_in_row, const char *s, size_t len);
void csv_end(struct buf *out);

#endif
