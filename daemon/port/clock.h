/*
 * clock.h - the two times there are.
 *
 * Durations are measured on the monotonic clock, which suspend and NTP do not move; the wall clock names an instant for
 * people.  Leases are neither: they use the store's clock.
 */
#ifndef DSMB_PORT_CLOCK_H
#define DSMB_PORT_CLOCK_H

#include <stdint.h>

#include "base/date.h"

struct clock {
    void *ctx;
    int64_t (*monotonic_us)(void *ctx);
    instant_t (*wall)(void *ctx);
};

#endif
