/*
 * gs_cross.h - what given bounds do under a drift: crossing probabilities, expected information, sample size.
 */
#ifndef DSMB_STATS_GS_CROSS_H
#define DSMB_STATS_GS_CROSS_H

#include <stddef.h>

#include "base/err.h"
#include "stats/gs_design.h"

/*
 * Stops at look i when Z >= upper[i] or Z <= lower[i]; theta is the drift per unit of information.
 * p_upper[k], p_lower[k]: probability of stopping there and then; *expected_info: information at the end, a trial that
 * never stops ends at info[k-1].
 */
enum status gs_cross(size_t k, const double *info, const double *lower, const double *upper, double theta,
                     double *p_upper, double *p_lower, double *expected_info, struct err *err);

struct gs_size {
    double drift;     /* theta sqrt(I_max) at which the upper bounds are crossed with probability 1 - beta */
    double inflation; /* I_max over the information of a fixed design of the same alpha and beta */
    double asn0, asn01, asn1; /* expected information over the fixed design's, at no, half and full drift */
};

/* Power counts the upper tail only.  0 < beta < 1 - alpha/sided. */
enum status gs_inflation(const struct gs_plan *plan, double beta, struct gs_size *ret, struct err *err);

#endif
