/*
 * reading.h - one reading of the source after another: what changed, and the snapshot, at the price of what changed.
 *
 * The bytes of each row as the server sent them (a tuple) are known by a 128-bit hash under a secret key.  A tuple that
 * came at the last reading too says what it said then, so it is neither converted nor parsed nor hashed again: rows.h is
 * told that the row is there, and the snapshot keeps what it has of it.  Every other row goes through rows_see (SHA-256 of
 * its content, as stored) and builder_row.
 *
 * Odds.  A changed row is taken for an unchanged one only if its hash equals that of another tuple of its view at the last
 * reading: with n tuples at most n * 2^-128 for each changed row (10 million tuples, a million changed rows a day for a
 * hundred years: 1e-21).  The key is random for each process and never leaves it, so no one can aim at a collision.
 * Stored hashes and the snapshot's hash do not depend on any of this.
 *
 * A reading goes rows_begin and reading_begin, reading_same and, where that is false, reading_row for every row,
 * reading_finish; then rows_commit or rows_abort and reading_close.  Whatever fails, and a reading that was not closed,
 * leaves nothing to rely on: the next reading takes every row in full.  Pure.
 */
#ifndef DSMB_TRIAL_READING_H
#define DSMB_TRIAL_READING_H

#include "trial/rows.h"
#include "trial/snapshot.h"

struct reading;

/* rows and arms are borrowed; key is random. */
enum status reading_new(struct rows *rows, const struct arms *arms, const struct sha256 *key,
                        struct reading **ret, struct err *err);
void reading_free(struct reading *r);
enum status reading_begin(struct reading *r, struct err *err);
/*
 * The tuple's row is as it was: nothing more to do.  Else reading_row must follow with the same row.  A tuple is known by
 * its bytes and by its sense: what its meaning hangs on beside them (the encoding they came in).
 */
bool reading_same(struct reading *r, enum src_view view, uint64_t sense, const void *tuple, size_t len);
enum status reading_row(struct reading *r, enum src_view view, const struct field *f, struct err *err);
/*
 * The snapshot is the reading's, and stays as it is until the next reading_begin.  *again: a second row with the key of a
 * row that was not shown in full came; read once more (rows_abort, reading_close, rows_begin, reading_begin): *ret is
 * NULL then, and everything will be taken in full.
 */
enum status reading_finish(struct reading *r, const struct snapshot **ret, bool *again, struct err *err);
void reading_close(struct reading *r);

#endif
