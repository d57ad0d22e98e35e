/*
 * gs_grid.h - the density of a score process with independent increments, not stopped so far.
 *
 * S_k = Z_k sqrt(I_k), S_k - S_{k-1} ~ N(theta d, d), d = I_k - I_{k-1}.  After look k the grid holds
 * f_k(s) ds at the nodes of 12-point Gauss-Legendre panels over the continuation region, which is cut where nothing
 * of weight is left.  Panels are no wider than sqrt of the increment before and after the look.
 *
 * One step costs, per pair of panels in reach of each other, one 12 x 12 product and no exponential: within a look all
 * panels have one width, so phi((s-u)/sqrt d) factorises into panel centre, target node, source node and one 12 x 12
 * matrix of the step.
 *
 * Where looks are close, panels are narrow, and the steps to and from such a pair need nothing so narrow: the mass is then
 * gathered into wider panels before a step, and the density after it is read between the nodes of wider ones.
 *
 * Usage: init, then for each look in turn gs_grid_tail() at will for bounds at the next information, then
 * gs_grid_advance() with the bounds chosen.  Memory: one look.
 */
#ifndef DSMB_STATS_GS_GRID_H
#define DSMB_STATS_GS_GRID_H

#include <stddef.h>

#include "base/err.h"
#include "stats/dist.h"

enum { GS_NODES = 12, GS_MAX_LOOKS = 5000 };
/* Relative growth of information below which a look is no new look. */
#define GS_MIN_GROWTH 1e-6

struct gs_grid {
    double theta;
    /*
     * Score per information by which the farthest bounds still to come lie above (below) the drift; 0: the usual 10 sd.
     * Keeps the relative accuracy of tails far below 1e-16; the caller may lower them from look to look.
     */
    double reach_up, reach_down;
    double info;   /* of the last look; 0 before any */
    size_t panels; /* 0: nothing goes on any more (or no look yet) */
    double first;  /* centre of the first panel */
    double width;  /* of every panel */
    double *mass;  /* panels * GS_NODES: density times quadrature weight */
};

void gs_grid_init(struct gs_grid *g, double theta, double reach_up, double reach_down);
void gs_grid_done(struct gs_grid *g);
/* P(not stopped before, Z at `info` above (below) z): info > g->info.  z may be infinite. */
double gs_grid_tail(const struct gs_grid *g, double info, double z, enum tail tail);
/* P(not stopped so far). */
double gs_grid_alive(const struct gs_grid *g);
/*
 * Goes on inside (lower, upper), z scale, at `info`.  `next_info` is the information of the look after (0: none is
 * planned, any later one is as far away as this one was).
 */
enum status gs_grid_advance(struct gs_grid *g, double info, double lower, double upper, double next_info,
                            struct err *err);

#endif
