/*
 * gs_adjust.h - inference that knows it was monitored.
 *
 * Stage-wise ordering (Tsiatis, Rosner & Mehta 1984; Fairbanks & Madsen 1982), repeated intervals and p (Jennison &
 * Turnbull 1989).  Upper is harm.  theta is per unit of information: for a logrank z with information events/4, log HR.
 */
#ifndef DSMB_STATS_GS_ADJUST_H
#define DSMB_STATS_GS_ADJUST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "stats/gs_design.h"

struct gs_adjusted {
    size_t stage; /* 1-based: the first crossing, or the last z */
    bool crossed;
    double bound;        /* z bound at that stage */
    double p_upper;      /* stage-wise, one-sided */
    double p_final;      /* one-sided: p_upper; two-sided: min(1, 2 min tail) */
    double estimate;     /* median-unbiased */
    double ci_lo, ci_hi; /* each limit at alpha per tail */
    double rci_lo, rci_hi;
    /* Smallest per-tail alpha whose bound equals z; NaN for designs that spend no function. */
    double repeated_p;
};

/* plan->info holds the whole plan; z[n] are the statistics seen, 1 <= n <= plan->k. */
enum status gs_adjust(const struct gs_plan *plan, const double *z, size_t n, struct gs_adjusted *ret,
                      struct err *err);

/*
 * The same for looks that have been taken, whatever design they came from: information, bounds (as in gs_cross) and the
 * statistic of look `stage`, where the analysis stands.  tail in (0, .5): each limit of both intervals at that level; the
 * repeated interval takes the bound executed, so its level is the design's.  repeated_p stays NaN (gs_repeated_p).
 */
enum status gs_adjust_executed(size_t stage, const double *info, const double *lower, const double *upper,
                               double z, double tail, struct gs_adjusted *ret, struct err *err);
/* Repeated p of a one-sided design that spent by a function at spending times t[stage], rising, apart from the information. */
enum status gs_repeated_p(size_t stage, const double *info, const double *t, const struct spending *spending,
                          double z, double *ret, struct err *err);

/*
 * P(under theta, a result at least as extreme upward as z at look `stage` in the stage-wise ordering); bounds of the
 * looks before it as in gs_cross.  `lower_tail`: the probability of the rest.
 */
enum status gs_stagewise(size_t stage, const double *info, const double *lower, const double *upper, double z,
                         double theta, double *upper_p, double *lower_p, struct err *err);

#endif
