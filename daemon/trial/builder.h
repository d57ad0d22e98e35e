/*
 * builder.h - a snapshot in the making: builder.c reads rows, finish.c resolves them; for those and for reading.c only.
 *
 * A builder that has finished may go on from its snapshot (builder_resume): it is then given only the rows that came,
 * went (builder_gone) or changed, of a key all rows or none.  What it makes is what it would make of all rows.
 */
#ifndef DSMB_TRIAL_BUILDER_H
#define DSMB_TRIAL_BUILDER_H

#include "base/buf.h"
#include "trial/canon.h"
#include "trial/snapshot.h"

struct subject_row {
    struct subject s;
    uint64_t rank;
};

struct arm_row {
    str_id subject;
    arm_t planned, actual;
    uint64_t rank;
};

struct adjudication_row {
    str_id key, ae, category;
    uint8_t verdict;
    bool again;
    uint64_t rank;
};

struct adjudication_rows {
    struct adjudication_row *row;
    size_t n, cap;
    size_t old; /* of earlier readings */
};

struct meta_row {
    str_id name, value;
    uint64_t rank;
};

struct builder {
    const struct arms *arms;
    struct pool *pool;
    struct buf key; /* scratch */
    struct subject_row *subjects;
    size_t n_subjects, cap_subjects;
    struct arm_row *arm_rows;
    size_t n_arm_rows, cap_arm_rows;
    struct event *events; /* new ones; .subject is UNRESOLVED until finish */
    size_t n_events, cap_events;
    uint64_t *ranks; /* of the events */
    size_t cap_ranks;
    struct adjudication_rows adjudications, reviews;
    struct meta_row *meta;
    size_t n_meta, cap_meta;
    struct query *queries; /* of rows, then those of finish */
    size_t n_queries, cap_queries;
    struct query *kept; /* of rows of earlier readings that still stand */
    size_t n_kept, cap_kept;
    /* Going on from a snapshot: */
    struct snapshot *base; /* owns the pool; NULL: from nothing */
    size_t cap_base_events;
    size_t old_subjects, old_arm_rows, old_meta; /* of the rows above, those of earlier readings */
    uint8_t *dirty;                              /* by str_id, a bit a view: rows of that key are dropped */
    size_t cap_dirty;
    str_id *dirty_ids;
    size_t n_dirty, cap_dirty_ids;
    bool touched[SRC_VIEWS];
};

#define UNRESOLVED (NO_SUBJECT - 1)

/* Takes the snapshot that builder_finish made of this builder. */
void builder_resume(struct builder *b, struct snapshot *s);
/* A row of an earlier reading is not there any more, or not as it was. */
enum status builder_gone(struct builder *b, enum src_view view, const char *key, size_t len, struct err *err);

enum { COLUMN_ROW = -1 }; /* the row as a whole */

/* Adds a query; `column` is a number of the view, or COLUMN_ROW. */
enum status builder_ask(struct builder *b, enum query_code code, enum src_view view, str_id key, int column,
                        str_id value, struct err *err);

/* ---- of finish.c, for its parts ---- */

struct sorted {
    struct canon_item *items; /* the caller's (free()) */
    size_t n;
};

/* The rows' ids, each the first of `stride` bytes, in canonical order. */
enum status builder_sort(const struct pool *p, const str_id *first, size_t stride, size_t n,
                         struct sorted *ret, struct err *err);
/* Equal ids lie side by side and, being interned, have equal pointers: [from, end) is one key. */
size_t builder_end_of_key(const struct sorted *s, size_t from);
int builder_compare(const struct pool *p, str_id a, str_id b); /* of their texts; NULL comes first */
bool builder_is_dirty(const struct builder *b, enum src_view view, str_id id);

/* finish_events.c: the new events take their places among those that stand. */
enum status builder_finish_events(struct builder *b, struct snapshot *s, struct err *err);
/* finish_checks.c: what only rows together tell; then all queries, in order, into the snapshot. */
enum status builder_check(struct builder *b, const struct snapshot *s, struct err *err);
enum status builder_finish_queries(struct builder *b, struct snapshot *s, struct err *err);

#endif
