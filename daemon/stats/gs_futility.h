/*
 * gs_futility.h - efficacy, futility and harm bounds by spending alpha, beta and the harm level.
 *
 * Here, as in the literature of these designs, upper is efficacy: the opposite of the monitoring convention.
 * Fixed-sample drift delta = z_alpha + z_beta; information is in units of the fixed design's.  The last futility bound
 * meets the last efficacy bound: that sets the maximum information.
 * Harm: P0(Z <= h, no efficacy before, futility ignored) spends the harm level; h is never above the futility bound.
 */
#ifndef DSMB_STATS_GS_FUTILITY_H
#define DSMB_STATS_GS_FUTILITY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "stats/spending.h"

struct gs_futility_plan {
    double alpha, beta;
    struct spending efficacy, futility, harm;
    bool binding; /* the efficacy bound counts on stopping for futility */
    double astar; /* harm level; 0: no harm bound */
    size_t k;
    const double *t; /* rising, the last 1 */
};

/* info[k]: over the fixed design; harm[k] is not written when astar is 0. */
enum status gs_futility(const struct gs_futility_plan *plan, double *info, double *upper, double *lower,
                        double *harm, double *delta, struct err *err);

#endif
