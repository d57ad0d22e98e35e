/*
 * outbox.h - all that the mailer may ask of the store: claim, body, phase, outcome, ack.
 *
 * One mailer at a time holds office; taking it gives an epoch that fences off whoever held it before.  A claim is a
 * lease by the store's clock.  E_STATE: another holds it now.  E_RETRY: the connection is gone and with it the office;
 * take_office connects again, outcome too (a delivery is a fact that must be told).
 */
#ifndef DSMB_PORT_OUTBOX_H
#define DSMB_PORT_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "port/anchor.h"
#include "port/transport.h"

struct office {
    bool granted; /* false: another mailer holds it, nothing else is set */
    uint64_t epoch;
    bool anchor_known;       /* the store knows the anchor's message, and its epochs are not behind */
    uint64_t recovery_epoch; /* newest epoch a person has said to go on after; 0: never */
    int64_t last_number;     /* newest message; 0: the outbox is empty */
    char last_id[MESSAGE_ID_LEN];
};

struct claim {
    bool any;
    char id[MESSAGE_ID_LEN];
    char address[256];
    int32_t attempt;         /* from 1 */
    bool resend;             /* an earlier attempt ended UNCERTAIN */
    int64_t wait_us;         /* to the next that will be due; INT64_MAX: none is waiting */
    bool silent;             /* dsmbd has given no sign for two slots */
    uint64_t recovery_epoch; /* as in struct office */
    int64_t last_number;
    char last_id[MESSAGE_ID_LEN];
};

struct outbox {
    void *ctx;
    enum status (*take_office)(void *ctx, const struct anchor_mark *mark, struct office *ret,
                               struct err *err);
    /* lease_us 0: looks only, any is false. */
    enum status (*claim)(void *ctx, uint64_t epoch, int64_t lease_us, struct claim *ret, struct err *err);
    enum status (*body)(void *ctx, uint64_t epoch, const char *id, struct buf *ret, struct err *err);
    enum status (*phase_body)(void *ctx, uint64_t epoch, const char *id, int64_t lease_us, struct err *err);
    enum status (*outcome)(void *ctx, uint64_t epoch, const struct claim *claim, const struct delivery *how,
                           int64_t again_in_us, struct err *err);
    /* A message that the relay took came back: it has failed.  Saying it again changes nothing. */
    enum status (*returned)(void *ctx, uint64_t epoch, const char *id, struct err *err);
    enum status (*ack)(void *ctx, const char *token, struct err *err);
};

#endif
