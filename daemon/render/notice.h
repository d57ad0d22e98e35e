/*
 * notice.h - mails without any content of the trial.  Pure.
 *
 * They go in clear, so they say nothing that depends on data: not what happened, not whether anything did.
 */
#ifndef DSMB_RENDER_NOTICE_H
#define DSMB_RENDER_NOTICE_H

#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"

struct notice {
    const char *trial;
    const char *from, *from_name;
    const char *to, *to_name; /* to_name may be NULL */
    const char *message_id;   /* random UUID, no angle brackets */
    instant_t now;
};

/*
 * To a member for whom a message cannot be sealed: whom to call.  `number` as of the message it stands for; exactly
 * `size` bytes, as a sealed message has.
 */
enum status notice_member(const struct notice *n, int64_t number, const char *phone, size_t size,
                          struct buf *out, struct err *err);
/* To somebody who is no member of the board any more: since when, by whose adoption, and whom to call if that is news. */
enum status notice_removed(const struct notice *n, const char *by, const char *phone, struct buf *out,
                           struct err *err);
/* To operations: whose certificate (an address, or "the signing certificate") is to be seen to, and why. */
enum status notice_operations(const struct notice *n, const char *whose, const char *why, struct buf *out,
                              struct err *err);

#endif
