/*
 * transport.h - hands one message to a relay for one address.
 *
 * The verdict is the first reply after 354: 2xx SENT, 4xx RETRY, 5xx FAILED.  Without 354, or when the message was not
 * handed over whole, RETRY is safe, whatever a relay says to what it did get.  Handed over whole and no reply, or a 2xx
 * that came before: UNCERTAIN, the relay may have it.
 */
#ifndef DSMB_PORT_TRANSPORT_H
#define DSMB_PORT_TRANSPORT_H

#include <stddef.h>

#include "base/err.h"

enum delivery_verdict { DELIVERY_SENT, DELIVERY_RETRY, DELIVERY_FAILED, DELIVERY_UNCERTAIN };
enum { DELIVERY_REPLY_MAX = 200 };

struct delivery {
    enum delivery_verdict verdict;
    int code;                           /* the reply that decided; 0: none */
    char reply[DELIVERY_REPLY_MAX + 1]; /* printable ASCII: the reply, or what failed in words */
};

/* Called once, before the last bytes are handed over.  Not OK: they are not, and the delivery is a RETRY. */
typedef enum status transport_body_fn(void *ctx, struct err *err);

struct transport {
    void *ctx;
    /* E_DATA: the address or the message must not be sent at all.  Any other trouble is a verdict, and OK. */
    enum status (*send)(void *ctx, const char *address, const char *bytes, size_t len,
                        transport_body_fn *before_body, void *body_ctx, struct delivery *ret,
                        struct err *err);
    /* After the outcome is recorded: says goodbye to the relay without waiting for it. */
    void (*finish)(void *ctx);
};

const char *delivery_verdict_name(enum delivery_verdict v); /* as the outbox calls it */

#endif
