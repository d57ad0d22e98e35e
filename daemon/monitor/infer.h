/*
 * infer.h - what a monitor's looks say once it is taken into account that there were several.  Pure.
 *
 * Of B1 and B2, at the look that crossed, else at the newest look that tested.  Stage-wise ordering: daemon/stats/
 * gs_adjust.h and exact_adjust.h name the sources.  The ratio is of hazards: B1's is exp(theta), theta per unit of logrank
 * information; B2's is exact given the risk sets.  Limits each at the monitor's own alpha, so that the interval leaves 1 out
 * just when the boundary was crossed.
 *
 * Power: the probability to cross by the maximum from the newest look that tested, for a monitor that has not crossed and
 * has not come to its maximum.  B1: with one look more, at the maximum, its information in proportion to the events.  B2:
 * with a test after each event, at the geometric mean of the shares at risk so far.
 */
#ifndef DSMB_MONITOR_INFER_H
#define DSMB_MONITOR_INFER_H

#include "monitor/ledger.h"
#include "stats/twobytwo.h"

struct inference {
    int64_t look;             /* 0: nothing has been tested, and nothing else is set */
    int64_t events;           /* first events at that look */
    double tail;              /* of each limit */
    double p;                 /* stage-wise, one-sided */
    struct estimate ratio;    /* median-unbiased */
    struct estimate repeated; /* B1: estimate z / sqrt I and (z -+ bound) / sqrt I, as ratios; B2: NaN */
    double repeated_p;        /* B1, while the maximum was never amended; else NaN */
    double power_null, power_estimate, power_predictive; /* NaN where there is none; predictive: B1 */
};

/* past: the monitor's entries in look order, the newest included.  What cannot be computed is NaN, not a failure. */
enum status monitor_infer(const struct monitor *m, const struct entry *past, size_t n_past,
                          struct inference *ret, struct err *err);

#endif
