/*
 * deliver_notice.h - what the mailer says to operations by itself: four fixed texts without content.
 *
 * dsmbd silent for two slots, the store out of reach, all heard again, a message to a member refused or come back.  Which
 * one depends on nothing that differs between a quiet look and one that is not.  Each silence is told once, and so is its
 * end: what was told is a file (port/notices.h), so a restart does not tell it again.  The relay's refusals are waited
 * for without end.  A file that cannot be written, and a notice that does not leave, hold up no mail to the board.
 *
 * How long the store was out of reach is measured on the monotonic clock; only over a restart the wall clock bridges, and
 * one that stepped back counts as no time.  A mailer that stands by tells only of the store.
 */
#ifndef DSMB_APP_DELIVER_NOTICE_H
#define DSMB_APP_DELIVER_NOTICE_H

#include "app/deliver.h"
#include "port/clock.h"
#include "port/notices.h"

/* Borrowed; alive as long as the notices. */
struct notices_world {
    const struct notices_file *file;
    const struct transport *transport;
    const struct journal *journal;
    const struct clock *clock;
    enum status (*uuid)(char out[37], struct err *err);
    const char *trial, *from, *operations;
    int64_t patience_us; /* with a store that is out of reach */
    int64_t backoff_min_us, backoff_max_us;
};

struct notices;

enum status notices_new(const struct notices_world *w, struct notices **ret, struct err *err);
void notices_free(struct notices *n);
void notices_set_world(struct notices *n, const struct notices_world *w);
/* After each step of deliver, with what it saw.  At most one notice leaves.  *wait_us is shortened to when one may be due. */
void notices_step(struct notices *n, const struct deliver_sight *s, double u, int64_t *wait_us);

#endif
