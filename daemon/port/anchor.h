/*
 * anchor.h - what the mailer remembers outside the database, so that a restored backup sends nothing by itself.
 *
 * The anchor names the newest message and the newest epoch this mailer has seen.  A store that does not know that
 * message, or whose epochs stand behind, was restored or exchanged; so may be a store with messages when there is no
 * anchor.  Then all mail is held until a person says otherwise in the store, in a row made after the hold began:
 * hold_epoch is the epoch the store had then.
 */
#ifndef DSMB_PORT_ANCHOR_H
#define DSMB_PORT_ANCHOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum { MESSAGE_ID_LEN = 37 }; /* a UUID and its NUL */

struct anchor_mark {
    bool present; /* false: never written */
    uint64_t epoch;
    int64_t number;          /* 0: no message yet */
    char id[MESSAGE_ID_LEN]; /* of that message; "" when number is 0 */
    uint64_t hold_epoch;     /* 0: not holding */
};

struct anchor {
    void *ctx;
    enum status (*load)(void *ctx, struct anchor_mark *ret, struct err *err);
    /* On disk when it returns. */
    enum status (*save)(void *ctx, const struct anchor_mark *mark, struct err *err);
};

#endif
