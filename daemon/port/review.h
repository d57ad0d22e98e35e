/*
 * review.h - what people decided of events (dsmbctl review decide), as the store remembers it.
 */
#ifndef DSMB_PORT_REVIEW_H
#define DSMB_PORT_REVIEW_H

#include "base/date.h"
#include "base/sha256.h"
#include "trial/snapshot.h"

/* Holds now: the newest of its event and name, and not taken back. */
struct review_decision {
    char *ae_id, *name; /* name: a category or a subtype; owned */
    enum adj verdict;   /* ADJ_CONFIRMED or ADJ_REFUTED */
    instant_t at;
    struct sha256 row; /* of the event's row as it was judged */
};

struct review_decisions {
    struct review_decision *item; /* by event, then name */
    size_t n, cap;
};
void review_decisions_done(struct review_decisions *d);

/* One to be recorded; borrowed. */
struct review_order {
    const char *ae_id, *name, *category; /* category: that of name */
    enum adj verdict;                    /* ADJ_NONE: what was decided of event and name is taken back */
    const char *row;                     /* hexadecimal: the event's row as the person saw it */
};

#endif
