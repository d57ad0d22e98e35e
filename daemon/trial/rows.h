/*
 * rows.h - which source rows changed since the last committed look.
 *
 * Rows are known by (view, key) and compared by the SHA-256 of their canonical content.  A reading goes
 * rows_begin, rows_see for every row, then rows_changes; nothing counts as known until rows_commit, so a look that
 * fails leaves the state as it was (rows_abort).  A key known and not seen is a deletion.
 *
 * Seeing one key twice in a reading keeps the row of smaller rank (rowkey.h), whichever came first, and reports the
 * second as a duplicate.  Two arm rows of one subject that differ are kept as one row without codes: a subject with two
 * arms counts in neither.  A row whose key is NULL is known by its content.  The builder (snapshot.h) decides likewise by
 * itself: give it every row, the duplicates too.
 */
#ifndef DSMB_TRIAL_ROWS_H
#define DSMB_TRIAL_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/sha256.h"
#include "trial/contract.h"

struct rows;

struct row_change {
    enum src_view view;
    /* Key columns joined by U+001F; NUL-terminated, owned by rows until the next rows_begin. */
    const char *key;
    struct sha256 hash; /* of the content; of the last content known when deleted */
    bool deleted;
    const char *
        content; /* n fields, each: 4-byte big-endian length (0xffffffff: NULL) then the bytes; NULL if deleted */
    size_t content_len;
};

enum status rows_new(struct rows **ret, struct err *err);
void rows_free(struct rows *r);

/* Loads the stored state at start, before any reading: one call for every live row of the newest look. */
enum status rows_load(struct rows *r, enum src_view view, const char *key, size_t key_len,
                      const struct sha256 *hash, struct err *err);
enum status rows_begin(struct rows *r, struct err *err);
enum status rows_see(struct rows *r, enum src_view view, const struct field *f, bool *duplicate,
                     struct err *err);
/* In canonical order: view, then key bytewise.  Owned by rows, valid (after commit or abort too) until rows_begin. */
enum status rows_changes(struct rows *r, const struct row_change **ret, size_t *n, struct err *err);
/* SHA-256 over all rows seen, in canonical order: each as view number, key, hash. */
enum status rows_snapshot_hash(struct rows *r, struct sha256 *ret, struct err *err);
/* Live rows seen in this reading, and known before it, of one view. */
size_t rows_seen(const struct rows *r, enum src_view view);
size_t rows_known(const struct rows *r, enum src_view view);
/*
 * SHA-256 of the content of the row of that key: as seen in the reading that is under way, else as the last look knew it.
 * False: there is no such row.
 */
bool rows_hash(const struct rows *r, enum src_view view, const char *key, size_t len, struct sha256 *ret);
void rows_commit(struct rows *r); /* what was seen is what is known */
void rows_abort(struct rows *r);

/*
 * For reading.h, which tells rows that came as before from others without their content.  A row is known by its number.
 * rows_last: the row that rows_see was last told of.  rows_same: `row` is here again with the content known; false when
 * it has to be shown in full, because it was seen already in this reading or nothing is known of it.  rows_settled:
 * after commit or abort, what the last reading saw of it is what is known, and it came once.
 */
size_t rows_last(const struct rows *r);
bool rows_same(struct rows *r, size_t row);
bool rows_settled(const struct rows *r, size_t row);
bool rows_unshown(const struct rows *r, size_t row); /* rows_same was told of it in this reading */
const char *rows_key(const struct rows *r, size_t row, size_t *len);

/* A row's content as row_change has it; `out` is cleared first. */
void row_encode(enum src_view view, const struct field *f, struct buf *out);
/* The other way: content bytes back to fields (borrowing from content). E_DATA when it is not n_columns fields. */
enum status row_decode(enum src_view view, const char *content, size_t len, struct field out[SRC_COLUMNS_MAX],
                       struct err *err);

#endif
