/*
 * fdr.h - flags over many terms: Benjamini & Hochberg 1995, and the double false discovery rate of Mehrotra & Adewale
 * 2012 for terms that come in groups (body systems).
 *
 * Double: p values are adjusted within each group; a group stands for its smallest adjusted p; the groups are adjusted
 * over all groups; the terms of the groups at or below alpha_group are one family, adjusted together, and those at or
 * below alpha_term are flagged.
 */
#ifndef DSMB_STATS_FDR_H
#define DSMB_STATS_FDR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* p in [0, 1]; adjusted[n]. */
enum status fdr_adjust(const double *p, size_t n, double *adjusted, struct err *err);
/*
 * group[i] in 0..n_groups-1.  group_p[n_groups]: the groups' adjusted p (NaN for a group without terms); adjusted[n]: of
 * the second step, NaN outside the family; flagged[n].
 */
enum status fdr_double(const double *p, const size_t *group, size_t n, size_t n_groups, double alpha_group,
                       double alpha_term, double *group_p, double *adjusted, bool *flagged, struct err *err);

#endif
