/*
 * outbox.h - port/outbox.h over PostgreSQL: the five functions of schema dsmb_out, and nothing else.
 *
 * Connects lazily, and again when the connection is gone: in take_office and in outcome.
 */
#ifndef DSMB_PG_OUTBOX_H
#define DSMB_PG_OUTBOX_H

#include "base/err.h"
#include "port/outbox.h"

struct pg_outbox;

/* Does not connect yet.  conninfo is copied; tick as in pgconn_opts. */
enum status pg_outbox_new(const char *conninfo, int64_t statement_timeout_us, void (*tick)(void *ctx),
                          void *tick_ctx, struct pg_outbox **ret, struct err *err);
void pg_outbox_free(struct pg_outbox *o);
void pg_outbox_port(struct pg_outbox *o, struct outbox *ret);
/* For poll(): readable means that a message was queued, or that the connection ended; -1: not connected. */
int pg_outbox_fd(const struct pg_outbox *o);
/* Reads what made the socket readable. */
void pg_outbox_drain(struct pg_outbox *o);

#endif
