/*
 * source.h - what the cycle needs of the trial database.
 */
#ifndef DSMB_PORT_SOURCE_H
#define DSMB_PORT_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/date.h"
#include "base/err.h"
#include "trial/contract.h"

/* Called once a row; fields borrowed for the call.  A failure stops the reading and is what read() returns. */
typedef enum status source_row_fn(void *ctx, enum src_view view, const struct field *f, struct err *err);

/*
 * Asked before a row is converted, with its bytes as the server sent them: true when it is known what they say (the same
 * came at the last reading), and the row is then not given to source_row_fn.  sense: what the bytes' meaning hangs on
 * beside themselves (the encoding); the same bytes in another sense are another row.
 */
typedef bool source_same_fn(void *ctx, enum src_view view, uint64_t sense, const void *bytes, size_t len);

/* Where and when the reading stood: kept with the look, and compared to tell whether there is anything new. */
struct source_gate {
    char token
        [160]; /* system identifier / timeline / pg_current_snapshot() or replay LSN: equal means nothing new */
    instant_t read_at; /* the server's clock at the reading's start */
};

struct source {
    void *ctx;
    /*
     * Does the database stand where the token says?  At most two round trips, no WAL written.  A reading is due when
     * this gives *changed or the full-look interval is over.
     */
    enum status (*gate)(void *ctx, const char *last_token, bool *changed, struct err *err);
    /*
     * Reads all views in one REPEATABLE READ READ ONLY transaction.  E_DATA: view, column or type wrong (a DATA FAULT,
     * message names it and the remedy); E_DENIED: a right is missing; E_RETRY: connection or conflict.
     */
    enum status (*read)(void *ctx, source_row_fn *row, void *row_ctx, struct source_gate *gate,
                        struct err *err);
    /* From the next read on each row is asked about first, with row_ctx; NULL: none is.  NULL where a source cannot. */
    void (*ask)(void *ctx, source_same_fn *same);
    int (*socket)(void *ctx); /* to poll for a wake-up; -1 none */
    bool (*woken)(void *ctx); /* drains notifications: was there one? */
};

#endif
