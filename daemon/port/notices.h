/*
 * notices.h - what the mailer remembers of its own notices to operations, outside the database: it must know them when
 * the store is away.
 */
#ifndef DSMB_PORT_NOTICES_H
#define DSMB_PORT_NOTICES_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "port/anchor.h"

/* Who is silent. */
enum silence { SILENCE_NONE, SILENCE_DSMBD, SILENCE_STORE };

struct notices_mark {
    instant_t apart_since;           /* wall clock; INSTANT_NONE: the store was reached */
    enum silence told;               /* what operations was told last, or is to be told */
    char silence_id[MESSAGE_ID_LEN]; /* of that notice while no relay has taken it; "": taken */
    char return_id[MESSAGE_ID_LEN];  /* of the notice that a message came back, likewise */
};

struct notices_file {
    void *ctx;
    /* Nothing there, or nothing that can be read: as at the first start. */
    enum status (*load)(void *ctx, struct notices_mark *ret, struct err *err);
    enum status (*save)(void *ctx, const struct notices_mark *mark, struct err *err);
};

/* The ids of the messages that left last, oldest first; `bytes` of them, each 36 letters and a line feed. */
struct left_file {
    void *ctx;
    enum status (*load)(void *ctx, struct buf *ret, struct err *err);
    enum status (*save)(void *ctx, const char *bytes, size_t len, struct err *err);
};

#endif
