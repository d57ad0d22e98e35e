/*
 * source_priv.h - what the files of pg/source share.  Nobody else includes this.
 */
#ifndef DSMB_PG_SOURCE_PRIV_H
#define DSMB_PG_SOURCE_PRIV_H

#include "base/buf.h"
#include "pg/pgconn.h"
#include "pg/source.h"

/* --- source_shape.c: the contract against the catalog ----------------------------------------------------------- */
struct source_shape {
    bool view[SRC_OFFERED];
    bool column[SRC_OFFERED][SRC_COLUMNS_MAX];
};

/* Says what is well and what is not; *worst is OK, E_DENIED or E_DATA. */
enum status source_shape_read(struct pgconn *c, const char *schema, source_say_fn *say, void *ctx,
                              struct source_shape *shape, enum status *worst, struct err *err);
/* Is there anything in the views that changes without a transaction of this database?  say: each cause; may be NULL. */
enum status source_gateless(struct pgconn *c, const char *schema, source_say_fn *say, void *ctx, bool *ret,
                            struct err *err);
/* COPY (SELECT every column of the contract, cast) TO STDOUT (FORMAT binary) */
void source_copy_sql(const char *schema, const struct source_shape *shape, enum src_view v, struct buf *sql);

/* --- source_text.c: binary fields to the contract's canonical text ---------------------------------------------- */
struct source_text;

/* encoding as PostgreSQL names it; E_DATA for one that cannot be converted. */
enum status source_text_new(const char *encoding, struct source_text **ret, struct err *err);
void source_text_free(struct source_text *t);
/* Different for encodings in which the same bytes are different text. */
uint64_t source_text_sense(const struct source_text *t);
/* out has room for the view's columns; borrowed from t and from the row until the next call. */
enum status source_text_row(struct source_text *t, enum src_view view, const struct pgfield *in,
                            struct field *out, struct err *err);

#endif
