/*
 * gs.h - group sequential boundaries on a z statistic with independent increments (B1).
 *
 * Armitage, McPherson & Rowe 1969; Jennison & Turnbull 2000, ch. 19, on the score scale S = Z sqrt(I), by composite
 * Gauss-Legendre panels (see daemon/stats/README.md).  Numbers in, numbers out.
 */
#ifndef DSMB_STATS_GS_H
#define DSMB_STATS_GS_H

#include <stddef.h>

#include "base/err.h"

/* An executed look: information > 0 and rising; continuation region (lower, upper) on the z scale, may be infinite. */
struct gs_look {
    double info;
    double lower, upper;
};

/*
 * The next upper z bound of a one-sided design: after the n executed looks, at information `info`, such that
 * P0(not stopped before, Z >= bound) = alpha_now, to |z error| <= 1e-9 where z < 8.
 * alpha_now = 0 gives +Inf.  *spent_before: sum of crossing probabilities of the executed looks under the null.
 * E_NUMERIC when info does not grow (relative growth < 1e-6 of info), an argument is outside its range, or the solver
 * does not converge: never a number it cannot defend.
 */
enum status gs_next_upper(const struct gs_look *past, size_t n, double info, double alpha_now, double *bound,
                          double *spent_before, struct err *err);

#endif
