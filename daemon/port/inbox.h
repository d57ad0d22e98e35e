/*
 * inbox.h - the mailbox that members' answers come to, and what the mail system sends back.  Only subjects are ever
 * fetched; which message came back is asked of the mail server, id by id.
 */
#ifndef DSMB_PORT_INBOX_H
#define DSMB_PORT_INBOX_H

#include <stddef.h>

#include "base/err.h"

struct inbox_visitor {
    void *ctx;
    /* The Subject header of a message, with its name and folds.  Not OK: the message stays for the next time. */
    enum status (*subject)(void *ctx, const char *header, size_t len, struct err *err);
    /* A report of failure that holds this id, one of `ids`; NULL: none of them.  Not OK: likewise. */
    enum status (*returned)(void *ctx, const char *id, struct err *err);
    const char *ids; /* of messages that left, each of 36 letters and a line feed */
};

struct inbox {
    void *ctx;
    /* Every message that was not seen here before, once each has been taken.  E_RETRY: the mailbox cannot be reached. */
    enum status (*poll)(void *ctx, const struct inbox_visitor *v, struct err *err);
};

#endif
