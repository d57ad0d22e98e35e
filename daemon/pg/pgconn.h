/*
 * pgconn.h - the one place where PostgreSQL is talked to.
 *
 * A connection knows the list of catalogued queries (sql/queries/NAME.sql, enum sql_id) it will run: opening prepares
 * all of them and compares what the server says of their parameters and columns with what the file declares, so that
 * schema drift stops the start (E_DATA with file and column) instead of misreading a row.  pgconn_reconnect() does the
 * same again, LISTEN included.
 *
 * The session is pinned: search_path, UTC, ISO dates, UTF8 (or the server's own encoding), notices swallowed,
 * statement_timeout, jit off.  Waits end (connect_timeout, statement_timeout plus a grace) and call opts.tick about
 * once a second meanwhile, so that a watchdog can be fed; only name resolution inside libpq cannot be ticked.  A copy
 * may take as long as it likes while rows move: its limit is for silence.
 *
 * Messages carry the SQLSTATE and its meaning in plain words, names of our tables and constraints, never the server's
 * text, which may hold data (a server that refuses a connection is quoted: it has seen no query).
 * Codes: E_RETRY connection lost, conflict, shutdown, timeout, lock not available; E_DENIED rights and passwords;
 * E_DATA schema or value not as declared; E_CONFIG unreadable conninfo; E_STATE raised by our own functions.
 * A COMMIT that fails with E_RETRY may or may not have happened: what is written must bear a second attempt.
 *
 * Not for threads.  Text is borrowed from results until pgrows_free.
 */
#ifndef DSMB_PG_PGCONN_H
#define DSMB_PG_PGCONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"

struct pgconn;
struct pgrows;

struct pgconn_opts {
    const char *conninfo; /* libpq keywords or URI; its password never reaches a message */
    const char *application_name;
    const char *search_path; /* NULL: "pg_catalog, pg_temp", so every name in sql/ is qualified */
    const int *queries;      /* enum sql_id; copied */
    size_t n_queries;
    int64_t statement_timeout_us; /* 0: 60 s; -1: none (dsmbctl migrate) */
    int64_t lock_timeout_us;      /* 0: as statement_timeout */
    int connect_timeout_s;        /* 0: 10 s */
    bool server_encoding; /* texts come as the server stores them (pgconn_encoding names it), else UTF8 */
    /* The database is our store: messages of SQLSTATE class DS are ours and may be shown. */
    bool own_functions;
    void (*tick)(void *ctx); /* NULL: none; must not use the connection */
    void *tick_ctx;
};

/* All strings of opts are copied. */
enum status pgconn_open(const struct pgconn_opts *opts, struct pgconn **ret, struct err *err);
void pgconn_free(struct pgconn *c);
/* Drops what is there and opens again: session settings, queries, LISTEN.  An open transaction is gone. */
enum status pgconn_reconnect(struct pgconn *c, struct err *err);
/* false after any failure that lost the connection; only pgconn_reconnect helps then. */
bool pgconn_alive(const struct pgconn *c);
bool pgconn_in_tx(const struct pgconn *c);
/* Socket for poll(); -1 when not connected.  Readable while idle: call pgconn_notified. */
int pgconn_fd(const struct pgconn *c);
const char *pgconn_encoding(const struct pgconn *c); /* server_encoding as the server names it */

/* --- parameters --------------------------------------------------------------------------------------------------
 * Zeroed struct: none yet.  Added in the order $1, $2, ...  Texts and bytes are borrowed until the call. */
enum { PGARGS_MAX = 24, PGARGS_TEXT = 40 };
struct pgargs {
    int n;
    const char *value[PGARGS_MAX];
    int len[PGARGS_MAX];
    int format[PGARGS_MAX];
    char own[PGARGS_MAX][PGARGS_TEXT];
};

void pgargs_null(struct pgargs *a);
void pgargs_text(struct pgargs *a, const char *s); /* NULL: SQL NULL */
void pgargs_bytes(struct pgargs *a, const void *p,
                  size_t n);                    /* binary bytea; also binary text, uuid; p NULL: NULL */
void pgargs_int(struct pgargs *a, int64_t v);   /* any integer type */
void pgargs_double(struct pgargs *a, double v); /* round-trips; NaN, Infinity as they are */
void pgargs_bool(struct pgargs *a, bool v);
void pgargs_instant(struct pgargs *a, instant_t t); /* timestamptz; INSTANT_NONE: NULL */
void pgargs_day(struct pgargs *a, day_t d);         /* date; DAY_NONE: NULL */
void pgargs_interval(struct pgargs *a, int64_t us);

/* --- running -----------------------------------------------------------------------------------------------------
 * args NULL: none.  ret NULL: the rows are dropped.  query must be in opts.queries. */
enum status pgconn_exec(struct pgconn *c, int query, const struct pgargs *args, struct pgrows **ret,
                        struct err *err);
/* Exactly one row: none is E_NOTFOUND, more is E_DATA. */
enum status pgconn_exec_one(struct pgconn *c, int query, const struct pgargs *args, struct pgrows **ret,
                            struct err *err);
/* A statement not in the catalog (identifiers that a site chooses, quoted by pgconn_add_ident).  `what` names it in
 * messages.  Text with args is one statement. */
enum status pgconn_query(struct pgconn *c, const char *what, const char *sql, const struct pgargs *args,
                         struct pgrows **ret, struct err *err);
/* The same for a statement that answers with one boolean. */
enum status pgconn_ask(struct pgconn *c, const char *what, const char *sql, const struct pgargs *args,
                       bool *ret, struct err *err);
/* Any number of statements, results dropped: migrations.  The message says at which character it stopped. */
enum status pgconn_script(struct pgconn *c, const char *what, const char *sql, struct err *err);
/* Appends "quoted" identifier. */
void pgconn_add_ident(struct buf *out, const char *name);
/* Appends 'quoted' literal, for statements that take no parameters; standard_conforming_strings is on. */
void pgconn_add_literal(struct buf *out, const char *text);

enum pg_tx {
    PG_TX_WRITE /* read committed */,
    PG_TX_SNAPSHOT /* repeatable read, read only */,
    PG_TX_SERIAL
};
enum status pgconn_begin(struct pgconn *c, enum pg_tx mode, struct err *err);
/* A transaction that the server turned into a rollback is E_STATE, not success. */
enum status pgconn_commit(struct pgconn *c, struct err *err);
void pgconn_rollback(struct pgconn *c); /* no transaction open: nothing */

/* --- rows --------------------------------------------------------------------------------------------------------
 * col counts from 0 in the order of the @column lines.  NULL or an unreadable value is E_DATA naming the column. */
void pgrows_free(struct pgrows *r); /* overwrites nothing: libpq owns the memory */
int pgrows_n(const struct pgrows *r);
int pgrows_n_cols(const struct pgrows *r);
const char *pgrows_col_name(const struct pgrows *r, int col);
bool pgrows_null(const struct pgrows *r, int row, int col);
enum status pgrows_text(const struct pgrows *r, int row, int col, const char **ret, struct err *err);
enum status pgrows_text_null(const struct pgrows *r, int row, int col, const char **ret,
                             struct err *err); /* or NULL */
/* A copy, the caller's (free()). */
enum status pgrows_dup(const struct pgrows *r, int row, int col, char **ret, struct err *err);
size_t pgrows_len(const struct pgrows *r, int row, int col);
enum status pgrows_int(const struct pgrows *r, int row, int col, int64_t *ret, struct err *err);
enum status pgrows_double(const struct pgrows *r, int row, int col, double *ret, struct err *err);
enum status pgrows_bool(const struct pgrows *r, int row, int col, bool *ret, struct err *err);
enum status pgrows_instant(const struct pgrows *r, int row, int col, instant_t *ret, struct err *err);
enum status pgrows_day(const struct pgrows *r, int row, int col, day_t *ret, struct err *err);
/* bytea, appended to out */
enum status pgrows_bytes(const struct pgrows *r, int row, int col, struct buf *out, struct err *err);

/* --- COPY --------------------------------------------------------------------------------------------------------*/
struct pgfield {
    const unsigned char *p; /* binary value as the server sends it, big endian */
    int32_t len;            /* -1: NULL */
};
/* Not OK ends the copy with that status; err is filled by the callback. */
typedef enum status (*pgcopy_row_fn)(void *ctx, const struct pgfield *fields, int n_fields, struct err *err);
/* Asked first where it is given, with the bytes of all fields, each after its length: true when there is nothing to tell. */
typedef bool (*pgcopy_known_fn)(void *ctx, const unsigned char *row, size_t len);
/* sql: COPY (SELECT ...) TO STDOUT (FORMAT binary).  Each row must have n_fields fields (E_DATA). */
enum status pgconn_copy_new(struct pgconn *c, const char *what, const char *sql, int n_fields,
                            pgcopy_known_fn known, pgcopy_row_fn row, void *ctx, int64_t *n_rows,
                            struct err *err);
/* The same with nothing known. */
enum status pgconn_copy_out(struct pgconn *c, const char *what, const char *sql, int n_fields,
                            pgcopy_row_fn row, void *ctx, int64_t *n_rows, struct err *err);
/* Reading of binary fields: false when NULL or not of that width. */
bool pgfield_int16(const struct pgfield *f, int16_t *ret);
bool pgfield_int32(const struct pgfield *f, int32_t *ret);
bool pgfield_int64(const struct pgfield *f, int64_t *ret);
bool pgfield_bool(const struct pgfield *f, bool *ret);
bool pgfield_day(const struct pgfield *f,
                 day_t *ret); /* false also for infinite dates and years out of range */
bool pgfield_instant(const struct pgfield *f, instant_t *ret); /* false also for infinity */

/* sql: COPY table (columns) FROM STDIN (text format).  Then any number of puts, then end, or abort. */
enum status pgconn_copy_in(struct pgconn *c, const char *what, const char *sql, struct err *err);
/* Whole rows, made with the pgcopy_* below; b is cleared. */
enum status pgconn_copy_put(struct pgconn *c, struct buf *b, struct err *err);
enum status pgconn_copy_end(struct pgconn *c, int64_t *n_rows, struct err *err);
void pgconn_copy_abort(struct pgconn *c);
/* One row: fields in order, each preceded by pgcopy_sep except the first; pgcopy_end_row. */
void pgcopy_sep(struct buf *b);
void pgcopy_null(struct buf *b);
void pgcopy_text(struct buf *b, const char *s,
                 size_t len); /* s NULL: NULL.  NUL bytes are the caller's to repair */
void pgcopy_bytes(struct buf *b, const void *p, size_t n); /* bytea */
void pgcopy_int(struct buf *b, int64_t v);
void pgcopy_double(struct buf *b, double v);
void pgcopy_bool(struct buf *b, bool v);
void pgcopy_instant(struct buf *b, instant_t t); /* INSTANT_NONE: NULL */
void pgcopy_day(struct buf *b, day_t d);         /* DAY_NONE: NULL */
void pgcopy_end_row(struct buf *b);

/* --- LISTEN ------------------------------------------------------------------------------------------------------*/
/* One channel, quoted; kept over reconnects. */
enum status pgconn_listen(struct pgconn *c, const char *channel, struct err *err);
/* Reads what has arrived without waiting; *ret: a notification was there (payloads are ignored).  E_RETRY: lost. */
enum status pgconn_notified(struct pgconn *c, bool *ret, struct err *err);

#endif
