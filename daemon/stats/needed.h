/*
 * needed.h - small measures of harm: number needed to harm, rates per person-time and their score test.
 */
#ifndef DSMB_STATS_NEEDED_H
#define DSMB_STATS_NEEDED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "stats/twobytwo.h"

/*
 * Number needed to harm, 1 / risk difference (Altman 1998), from a difference and its limits.  Positive: subjects treated
 * for one more harmed; negative: for one fewer.  Where the difference's interval holds 0 the numbers pass through
 * infinity: `through_infinity`, and the set is x <= lo (fewer harmed) together with x >= hi.  Difference 0: value Inf.
 */
struct needed {
    struct estimate number;
    bool through_infinity;
};
enum status needed_to_harm(const struct estimate *risk_difference, struct needed *ret, struct err *err);

/* Events per `per` units of person-time, with exact Poisson limits (Garwood 1936).  time > 0; no events: (0, hi). */
enum status rate_exact(int64_t x, double time, double per, double conf, struct estimate *ret,
                       struct err *err);

/*
 * Score test of equal Poisson rates given the total: z = (x1 - n s) / sqrt(n s (1 - s)), s = t1 / (t1 + t0); its
 * information on the log rate ratio is n s (1 - s) (Przyborowski & Wilenski 1940, in its normal form).  n = 0: z is 0.
 */
enum status rate_score(int64_t x1, double t1, int64_t x0, double t0, double *z, double *info,
                       struct err *err);

#endif
