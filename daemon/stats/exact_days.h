/*
 * exact_days.h - a test of counts along given risk sets, and what it does at any hazard ratio: B2 and B4 when the risk sets
 * move.
 *
 * Exact given the risk sets: a day's events in arm 1 are noncentral hypergeometric at the hazard ratio (central at 1),
 * convolved day by day; what reaches a day's bound leaves as crossed.
 */
#ifndef DSMB_STATS_EXACT_DAYS_H
#define DSMB_STATS_EXACT_DAYS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "stats/spending.h"

/* y1, y0 at risk in the arms, m events of theirs: 1 <= m <= y1 + y0. */
struct exact_day {
    int64_t y1, y0, m;
};

/*
 * B2's bounds, tested each day at spending time events / n_max: c[k] (events so far + 1: none), cum[k] alpha spent so far.
 * The first day at or past the maximum spends the rest; later ones have no bound.
 */
enum status exact_days_design(const struct exact_day *day, size_t k, const struct spending *spending,
                              double alpha, int64_t n_max, int64_t *c, double *cum, struct err *err);

struct exact_days_operating {
    double signal;    /* P(crossed on some day) */
    double at_signal; /* expected events at the crossing, given one; NaN without */
    double at_end;    /* at the crossing or the last day, whichever comes first */
};

/* At `ratio`, the hazard ratio of arm 1 (> 0): cum[k], P(crossed by that day); NULL: not wanted. */
enum status exact_days_operating(const struct exact_day *day, size_t k, const int64_t *c, double ratio,
                                 double *cum, struct exact_days_operating *ret, struct err *err);

#endif
