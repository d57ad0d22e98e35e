/*
 * evalue2x2.h - e-value of two proportions block by block: Turner, Ly & Grunwald 2024.
 *
 * Arm A is control, B experimental.  Before each block thetaA and thetaB are chosen from what was seen, and the block is
 * weighed against theta0 = (na thetaA + nb thetaB)/(na + nb).
 */
#ifndef DSMB_STATS_EVALUE2X2_H
#define DSMB_STATS_EVALUE2X2_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum evalue_restriction {
    EVALUE_NONE,       /* posterior means, prior A for control, B for treatment */
    EVALUE_DIFFERENCE, /* thetaB = thetaA + delta */
    EVALUE_LOG_ODDS    /* logit thetaB = logit thetaA + delta */
};

struct evalue_plan {
    int64_t na, nb; /* subjects of a block */
    enum evalue_restriction restriction;
    double delta;
    double a1, a2, b1, b2; /* beta priors */
    size_t grid;           /* points of the restricted prior, >= 2 */
};

enum status evalue2x2_log(const struct evalue_plan *plan, const int64_t *ya, const int64_t *yb, size_t blocks,
                          double *log_e, struct err *err);

#endif
