/*
 * metrics.h - numbers for whoever watches the machine, who is blinded.
 *
 * Age of the last look and poll, how long they took, what the program is doing, how often a poll failed.  Nothing here
 * may depend on an arm, a boundary or an alert.  Hence these limits:
 * - A look's duration ends where its numbers stand: one that writes mail takes longer than one that does not.  And it is
 *   told coarsely (see host/metrics.h).
 * - How many members mail did not reach, and how many messages have not left yet, are told where every slot has its
 *   message for each member, quiet ones included, and nothing leaves outside its slot: then both are the same whatever the
 *   messages say.  Without slots, or with urgent alerts that leave at once, a message is an alert, and neither is told.
 * - The days until the first certificate ends follow from the calendar and the board.
 */
#ifndef DSMB_PORT_METRICS_H
#define DSMB_PORT_METRICS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/date.h"
#include "base/err.h"

enum metrics_state {
    METRICS_STANDBY,
    METRICS_NO_PLAN,
    METRICS_NO_BOARD,
    METRICS_WATCHING,
    METRICS_DATA_FAULT
};

struct metrics_poll {
    instant_t at;    /* wall clock at its end */
    int64_t mono_us; /* monotonic clock at its end */
    int64_t us;      /* how long it took; of a look, until its numbers stood */
    bool ok;
    enum metrics_state state;
    int64_t look;      /* number of the newest look, 0: none known */
    instant_t look_at; /* when its data were read; INSTANT_NONE where look is 0 */
    /* -1: not known, or not to be told */
    int64_t unreached;        /* members that mail did not reach, as of the last slot */
    int64_t waiting;          /* messages that have not left yet */
    int64_t certificate_days; /* until the first of the members' certificates and our own ends */
};

struct metrics {
    void *ctx;
    /* Not OK: the numbers could not be told; that is no reason to do anything else differently. */
    enum status (*polled)(void *ctx, const struct metrics_poll *p, struct err *err);
};

#endif
