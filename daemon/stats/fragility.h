/*
 * fragility.h - the fewest events that make the difference: removed, or moved between arms (Walsh et al. 2014).
 *
 * A verdict is a function of the two counts.  Removed: events of either arm that prove not to be events.  Moved: events
 * credited to the other arm.  The smallest number that changes the verdict, 0 when none does.
 */
#ifndef DSMB_STATS_FRAGILITY_H
#define DSMB_STATS_FRAGILITY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* Whether x1 events in arm 1 and x0 in arm 0 cross. */
typedef enum status fragility_fn(void *ctx, int64_t x1, int64_t x0, bool *crossed, struct err *err);

enum { FRAGILITY_EVENTS_MAX = 2000 };

struct fragility {
    bool crossed;
    int64_t removed,
        removed_from_1; /* of `removed`, how many from arm 1 in a smallest set; most from arm 1 */
    int64_t moved;      /* from arm 1 to arm 0 when crossed, else the other way */
};

/* x1, x0 >= 0, together at most FRAGILITY_EVENTS_MAX. */
enum status fragility_of(fragility_fn *f, void *ctx, int64_t x1, int64_t x0, struct fragility *ret,
                         struct err *err);
/* The verdict is Fisher's one-sided p (more in arm 1) <= alpha, n1 and n0 subjects. */
enum status fragility_fisher(int64_t x1, int64_t n1, int64_t x0, int64_t n0, double alpha,
                             struct fragility *ret, struct err *err);

#endif
