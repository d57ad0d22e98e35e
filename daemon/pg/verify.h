/*
 * verify.h - does the ledger still say what was written, and do the tables still hold it?
 *
 * The chain is recomputed here, not by the server: every entry's number, predecessor and SHA-256.  Then every look's
 * tables against the digests in its entry, every other kept row against its entry, and the triggers that keep history.
 * A role that may not read arms (audit) gets the chain only, and is told so.
 */
#ifndef DSMB_PG_VERIFY_H
#define DSMB_PG_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/sha256.h"

struct verify_result {
    int64_t entries, looks; /* checked */
    int64_t faults;         /* each was said */
    bool rows;              /* tables were compared too */
    char head[SHA256_HEX];  /* of the chain; "" when there is none: compare it with the newest message's */
};

/* Each fault, for people: which entry, look, table.  No values. */
typedef void verify_say_fn(void *ctx, const char *fault);

struct pgconn;
extern const int verify_queries[];
extern const int verify_n_queries;

/* Reads in one snapshot.  Faults are no error: the status is of the reading. */
enum status verify_ledger(struct pgconn *c, verify_say_fn *say, void *ctx, struct verify_result *ret,
                          struct err *err);

#endif
