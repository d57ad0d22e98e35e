/*
 * slot.h - mail to the board in time: a look's letters, and one message for every member in every slot.
 *
 * With sealed mail a look's letters wait in the store, out of the mailer's sight, until their slot, unless the plan says
 * that urgent alerts leave at once.  Without (encryption: none, a relay on this host) there are no slots: each alert
 * leaves at once, and nothing is said while all is quiet; reminders and escalations come when they are due, but only where
 * members can answer by mail (mail.acknowledge_to).
 */
#ifndef DSMB_APP_SLOT_H
#define DSMB_APP_SLOT_H

#include "app/cycle.h"
#include "render/mail.h"

/* What the cycle knows; borrowed. */
struct slot_view {
    const struct cycle_world *w;
    const struct plan *plan;
    const struct board *board;
    const struct history *history; /* plan order */
    const struct alert *alerts;    /* all that are stored */
    size_t n_alerts;
    const struct look_head *last;
    uint64_t epoch;
    bool test;  /* a test may have been asked for: matters where it leaves at once */
    bool again; /* and so may an alert's message */
};

/* Messages with what they rest on; slot_batch_done() frees it all. */
struct slot_batch {
    struct outgoing *out;
    struct buf *bodies;
    struct slot_item **items;
    size_t n, cap;
};
void slot_batch_done(struct slot_batch *b);

/*
 * The letters of a look that raised `alerts` (numbered already).  in: rules, result, snapshot, look, cut, data_cutoff, now;
 * the rest is filled in here.  With slots, one letter to each member, of every alert he has not been told of yet.
 */
enum status slot_letters(const struct slot_view *v, const struct mail_input *in, const struct alert *alerts,
                         size_t n, struct slot_batch *ret, struct err *err);

/* For the metrics; -1: not to be told. */
struct slot_news {
    int64_t unreached; /* as of the last slot that was written: members whom mail did not reach */
    int64_t waiting;   /* messages that have not left yet; never where one may leave for an alert alone */
};

/*
 * Each poll: records answers; when a slot begins, or something is due where there are none, writes its messages.
 * news->unreached is touched when a slot was written, news->waiting at every call.
 */
enum status slot_step(const struct slot_view *v, instant_t now, struct slot_news *news, struct err *err);

/*
 * What is said of a test that was asked for: when its messages leave.  They take the place of quiet messages, so that they
 * look like them on the wire and to the mailer; at once where the plan lets urgent alerts leave at once, like one of those.
 */
enum status slot_test(const struct slot_view *v, instant_t now, struct buf *said, struct err *err);

/*
 * By request: an alert's message goes again to one member, or to all who have not acknowledged it.  Body "NUMBER" or "NUMBER
 * MEMBER".  Where the plan lets urgent alerts leave at once, or without slots, the same bytes leave at once.  Else a reminder
 * takes the place of the member's quiet message in the next slot: the same bytes a second time would show on the wire that
 * there is an alert, as no quiet message is ever sent again.  E_DATA with the remedy.
 */
enum status slot_resend(const struct slot_view *v, const struct request *r, instant_t now, struct err *err);

/* A member's answer by request: body "NUMBER DECISION", --by names the member.  E_DATA with the remedy. */
enum status slot_acknowledge(const struct slot_view *v, const struct request *r, struct err *err);

#endif
