/*
 * import.h - writes tables of text into a trial database: all of them in one transaction, or nothing.
 *
 * The role that dsmbd reads with may only SELECT; here the connection is of somebody who may create tables.  A table that
 * is there already is refused (E_STATE), or replaced: emptied where its columns are the same, so that views, grants and a
 * reader at work do not notice; else dropped and made again.  Who else writes to it waits until the end.
 * Messages name tables and columns, never a value.
 */
#ifndef DSMB_PG_IMPORT_H
#define DSMB_PG_IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "pg/script.h"

struct pg_import;

struct pg_import_opts {
    const char *conninfo; /* "": what libpq takes from the environment */
    const char *schema;   /* for the tables; made where it is missing; borrowed */
    const char *views; /* schema of the contract's views that a mapping will make again, or NULL; borrowed */
    bool replace;
};

/* Connects and begins. */
enum status pg_import_open(const struct pg_import_opts *o, struct pg_import **ret, struct err *err);
/* Without pg_import_commit nothing has happened. */
void pg_import_free(struct pg_import *im);
/* Makes or empties a table and opens its copy: any number of puts (pgcopy_* rows; b is cleared), then end. */
enum status pg_import_table(struct pg_import *im, const char *name, const char *const columns[], size_t n,
                            struct err *err);
enum status pg_import_put(struct pg_import *im, struct buf *b, struct err *err);
enum status pg_import_end(struct pg_import *im, int64_t *n_rows, struct err *err);
/* For a table that is not written this time: refused, or emptied, as pg_import_table would. */
enum status pg_import_absent(struct pg_import *im, const char *name, struct err *err);
/* The text of an embedded script, "sql/source/sdtm.sql" or "sql/setup/source.sql". */
const char *pg_import_text(const char *file);
/* Runs it. */
enum status pg_import_script(struct pg_import *im, const char *file, const struct script_var *vars, size_t n,
                             struct err *err);
enum status pg_import_commit(struct pg_import *im, struct err *err);

#endif
