/*
 * pgconn_priv.h - what the files of pgconn share.  Nobody else includes this.
 */
#ifndef DSMB_PG_PGCONN_PRIV_H
#define DSMB_PG_PGCONN_PRIV_H

#include <libpq-fe.h>

#include "pg/pgconn.h"

enum { PGCONN_CHANNELS = 4 };

struct pgconn {
    PGconn *pg; /* NULL: lost */
    char *conninfo, *application_name, *search_path;
    int *queries;
    size_t n_queries;
    int64_t statement_timeout_us, lock_timeout_us;
    int connect_timeout_s;
    bool server_encoding, own_functions;
    void (*tick)(void *ctx);
    void *tick_ctx;
    char *channel[PGCONN_CHANNELS];
    int n_channels;
    int64_t copy_began_us;
    const char *copy_what; /* owned by the caller of pgconn_copy_in until its end */
};

struct pgrows {
    PGresult *res;
    char what[96];
};

/* CLOCK_MONOTONIC, microseconds. */
int64_t pgconn_now(void);
/* When the running statement is given up; INT64_MAX: never. */
int64_t pgconn_deadline(const struct pgconn *c);
/* poll() on the socket until one of events, ticking; E_RETRY at the deadline, the connection is then dropped. */
enum status pgconn_wait(struct pgconn *c, short events, int64_t deadline_us, const char *what,
                        struct err *err);
/* Sends what libpq still holds. */
enum status pgconn_flush(struct pgconn *c, int64_t deadline_us, const char *what, struct err *err);
/* The next result, NULL after the last. */
enum status pgconn_result(struct pgconn *c, int64_t deadline_us, const char *what, PGresult **ret,
                          struct err *err);
/* Reads to the end: the first error wins, else the last result. */
enum status pgconn_drain(struct pgconn *c, int64_t deadline_us, const char *what, PGresult **ret,
                         struct err *err);
/* Turns a failed result, or NULL, into a status and a message without data. */
enum status pgconn_fail(struct pgconn *c, const PGresult *res, const char *what, struct err *err);
/* After PQsend...(): `sent` is what it returned.  Flushes and drains. */
enum status pgconn_send_done(struct pgconn *c, int sent, const char *what, PGresult **ret, struct err *err);
/* Constant text without results. */
enum status pgconn_simple(struct pgconn *c, const char *what, const char *sql, struct err *err);
/* Prepares one query of the catalog and compares its shape. */
enum status pgconn_prepare(struct pgconn *c, int id, struct err *err);
bool pgconn_good(const PGresult *res);
/* Control bytes become blanks: the text goes into one line of a log. */
void pgconn_clean(const char *s, char *out, size_t size);
enum status pgconn_lost(struct pgconn *c, const char *what, struct err *err);

#endif
