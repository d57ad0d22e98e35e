/*
 * gs_design.h - whole group sequential designs, planned before they start.
 *
 * One-sided: stops above z.  Two-sided: symmetric, stops outside (-z, z), alpha is over both tails.
 * Information is in any unit and rises; the spending time of a look is its share of max_info.
 */
#ifndef DSMB_STATS_GS_DESIGN_H
#define DSMB_STATS_GS_DESIGN_H

#include <stddef.h>

#include "base/err.h"
#include "stats/spending.h"

enum gs_kind {
    GS_SPENDING, /* by `spending` */
    GS_CUM,      /* cumulative share of alpha given look by look */
    GS_WT,       /* Wang & Tsiatis 1987: z = C t^(param - 1/2) */
    GS_HP        /* Haybittle-Peto: interim z = param, the last adjusted to keep alpha */
};

struct gs_plan {
    enum gs_kind kind;
    struct spending spending;
    const double *cum; /* GS_CUM: k shares in [0, 1], rising */
    double param;
    int sided;    /* 1 or 2 */
    double alpha; /* in all tails together */
    size_t k;
    const double *info;
    double max_info; /* spending time 1; 0: the last look's information */
};

/*
 * z[k] and the alpha spent so far in all tails, cum[k] (either may be NULL).  |z error| <= 1e-9 where z < 8.
 * A look at which nothing is spent has z = Inf.
 */
enum status gs_design(const struct gs_plan *plan, double *z, double *cum, struct err *err);

#endif
