/*
 * gs_bound.h - the bound at the next look that leaves a given probability beyond it.
 */
#ifndef DSMB_STATS_GS_BOUND_H
#define DSMB_STATS_GS_BOUND_H

#include "stats/gs_grid.h"

/* P(not stopped before, Z at info beyond bound) = p.  p = 0: the infinity of that tail.  E_NUMERIC when less is alive. */
enum status gs_bound_at(const struct gs_grid *g, double info, double p, enum tail tail, double *bound,
                        struct err *err);
/* The ray (score per information) a bound can at most lie on when p is spent at info; 0 when there is none. */
double gs_reach(double p, double info);

/* The ray of a bound that is there already; 0 for one that nothing can reach. */
double gs_ray(double z, double info);

#endif
