/*
 * store.h - the trial's memory in PostgreSQL, behind port/store.h.
 *
 * One connection, one role (dsmb_TRIAL_daemon: SELECT and INSERT).  lead() connects, takes the session's advisory lock
 * and a new fencing epoch; when the connection is lost, so is the lead, and every other call gives E_RETRY until lead()
 * succeeds again.  Each writing transaction first asks whether this epoch is still the newest.
 */
#ifndef DSMB_PG_STORE_H
#define DSMB_PG_STORE_H

#include "port/store.h"

struct pg_store;

struct pg_store_opts {
    const char *conninfo;
    int64_t statement_timeout_us; /* 0: 60 s */
    void (*tick)(void *ctx);      /* feeds the watchdog while waiting; NULL: none */
    void *tick_ctx;
};

/* Strings are copied; connects at lead().  *port stays valid until pg_store_free. */
enum status pg_store_new(const struct pg_store_opts *o, struct store *port, struct pg_store **ret,
                         struct err *err);
void pg_store_free(struct pg_store *s);

#endif
