/*
 * graph.h - the graphical procedure for several monitors (Bretz, Maurer, Brannath & Posch 2009; group sequential: Maurer
 * & Bretz 2013).
 *
 * Monitor i tests at weight[i] times alpha.  When it crosses, its weight goes to the others along transition[i][], and
 * the graph without it is (Bretz et al. 2009, algorithm 1):
 *   w_j += w_i g_ij,   g_jk = (g_jk + g_ji g_ik) / (1 - g_ji g_ij), 0 where the denominator is.
 * The familywise error stays at most alpha whatever the dependence.  Recycled alpha applies from the next look only: take
 * a look with the weights as they are, then reject what crossed.
 */
#ifndef DSMB_STATS_GRAPH_H
#define DSMB_STATS_GRAPH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum { GRAPH_MAX = 32 };

struct graph {
    size_t n;
    double weight[GRAPH_MAX];                /* >= 0, sum at most 1 */
    double transition[GRAPH_MAX][GRAPH_MAX]; /* >= 0, rows sum to at most 1, no loops */
    bool rejected[GRAPH_MAX];
};

/* E_NUMERIC naming the row that breaks the rules above. */
enum status graph_check(const struct graph *g, struct err *err);
/* Rejects i (E_NUMERIC when it is rejected already) and passes its weight on. */
enum status graph_reject(struct graph *g, size_t i, struct err *err);
/* All that can be rejected at one time with one-sided p values; g is changed. */
enum status graph_test(struct graph *g, const double *p, double alpha, struct err *err);

#endif
