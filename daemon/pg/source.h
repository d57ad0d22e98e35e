/*
 * source.h - the trial database behind port/source.h.
 *
 * Connects when it is first used and again after a loss: every call may give E_RETRY, and backing off is the caller's.
 * Everything is read by binary COPY of explicitly cast columns in one REPEATABLE READ READ ONLY transaction, one row at a
 * time; nothing is kept.  Texts come in the server's encoding and are converted here; what is no text becomes U+FFFD and
 * the field says so.  An identifier longer than SOURCE_ID_MAX bytes stands as its beginning and its SHA-256 (and counts
 * as repaired), so that one wild cell cannot break an index.  Dates that no trial has ("infinity", year 20241) come as
 * text that no reader takes for a date: a data query, not an error.
 */
#ifndef DSMB_PG_SOURCE_H
#define DSMB_PG_SOURCE_H

#include "port/source.h"

enum { SOURCE_ID_MAX = 512 };

struct pg_source;

struct pg_source_opts {
    const char *conninfo;
    const char *schema;
    const char *listen;           /* channel that wakes early; NULL: none */
    int64_t statement_timeout_us; /* 0: 10 min */
    void (*tick)(void *ctx);      /* feeds the watchdog while waiting; NULL: none */
    void *tick_ctx;
};

/* Strings are copied.  *port is filled and stays valid until pg_source_free. */
enum status pg_source_new(const struct pg_source_opts *o, struct source *port, struct pg_source **ret,
                          struct err *err);
void pg_source_free(struct pg_source *s);

/*
 * The contract against the database, thing by thing, for people: say is called with OK for what is well, E_DATA or
 * E_DENIED for what is not (the message names it and the remedy).  Returns E_RETRY and the like only where nothing could
 * be found out; the worst of what was said comes back in *worst.
 */
typedef void source_say_fn(void *ctx, enum status st, const char *message);
enum status pg_source_check(struct pg_source *s, source_say_fn *say, void *ctx, enum status *worst,
                            struct err *err);

#endif
