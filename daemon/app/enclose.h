/*
 * enclose.h - draws what messages of a look enclose: once for all members who are told of the same alerts.
 */
#ifndef DSMB_APP_ENCLOSE_H
#define DSMB_APP_ENCLOSE_H

#include "app/cycle.h"
#include "render/enclosure.h"

/* The newest that was drawn, and of which alerts.  Zeroed: nothing yet. */
struct drawn {
    struct enclosure e;
    struct alert *of;
    size_t n;
    bool failed;
};
void drawn_done(struct drawn *d);

/* Sets enclosed (borrowed from d, until its next use), or undrawn.  Never fails: an alert does not wait for a drawing. */
void enclose(const struct cycle_world *w, struct drawn *d, struct mail_input *in);

#endif
