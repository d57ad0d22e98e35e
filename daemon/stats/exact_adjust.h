/*
 * exact_adjust.h - what the exact sequential test (B2) says once it has been looked at: p, hazard ratio with its interval,
 * and what is still to come.
 *
 * Exact given the risk sets, as the test is.  Stage-wise ordering: whatever crossed at an earlier test is more extreme than
 * all that came later (Tsiatis, Rosner & Mehta 1984; for a discrete count Jennison & Turnbull 1983, Technometrics 25:49).
 */
#ifndef DSMB_STATS_EXACT_ADJUST_H
#define DSMB_STATS_EXACT_ADJUST_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "stats/exact_days.h"
#include "stats/twobytwo.h"

struct exact_adjusted {
    double p_upper; /* stage-wise, one-sided */
    /*
     * Median-unbiased hazard ratio of arm 1: the geometric mean of the ratios at which "as extreme or more" and "more
     * extreme" have probability 1/2, or the one of them that there is (Hirji, Tsiatis & Mehta 1989).  Limits: at which
     * those probabilities are `tail` and 1 - tail; 0 and Inf where no ratio has them.
     */
    struct estimate ratio;
};

/*
 * day[k] with their events, x of all in arm 1; c[k]: the bound tested after each day, or its events so far + 1 for none.
 * c[k - 1] is not used: there the analysis stands.  tail in (0, .5).
 */
enum status exact_adjust(const struct exact_day *day, size_t k, const int64_t *c, int64_t x, double tail,
                         struct exact_adjusted *ret, struct err *err);

struct exact_rest {
    double share;                    /* of those at risk in arm 1 from now on, (0, 1) */
    const struct spending *spending; /* tested after each event to come, to n_max, where the rest is spent */
    double alpha;
    int64_t n_max;
};

/*
 * Probability to cross by n_max events, x of the events so far in arm 1 and no crossing yet, at hazard ratio `ratio` from now
 * on.  c as above, c[k - 1] included.  The events so far at or past n_max: 0.
 */
enum status exact_conditional_power(const struct exact_day *day, size_t k, const int64_t *c, int64_t x,
                                    const struct exact_rest *rest, double ratio, double *ret,
                                    struct err *err);

#endif
