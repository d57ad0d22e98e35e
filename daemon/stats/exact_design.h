/*
 * exact_design.h - a B2 design with one null probability: its boundary, and what it does under another.
 */
#ifndef DSMB_STATS_EXACT_DESIGN_H
#define DSMB_STATS_EXACT_DESIGN_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "stats/spending.h"

struct exact_plan {
    double p0;
    double alpha; /* one-sided */
    struct spending spending;
    const int64_t *n; /* events at each look, rising from 1 */
    size_t k;
    int64_t n_max; /* spending time is n / n_max */
};

/* c[k] (n + 1: no stopping possible), cum[k]: alpha spent so far. */
enum status exact_design(const struct exact_plan *plan, int64_t *c, double *cum, struct err *err);
/* Under probability theta: P(signal), expected events at the end (n_max without a signal). */
enum status exact_operating(const struct exact_plan *plan, const int64_t *c, double theta, double *signal,
                            double *expected, struct err *err);

#endif
