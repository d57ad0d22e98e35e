/*
 * score.h - score statistics and intervals of two proportions and two Poisson rates.
 *
 * Arm 1 against arm 0.  z is positive when arm 1 has more than the null value says.
 */
#ifndef DSMB_STATS_SCORE_H
#define DSMB_STATS_SCORE_H

#include <stdint.h>

#include "base/err.h"

/* Miettinen & Nurminen 1985: risk difference, variance factor N/(N-1); limits in [-1, 1]. conf two-sided. */
enum status score_rd_limits(int64_t x1, int64_t n1, int64_t x0, int64_t n0, double conf, double *lo,
                            double *hi, struct err *err);
/* Koopman 1984: relative risk; lo 0 when x1 = 0, hi Inf when x0 = 0. */
enum status score_rr_limits(int64_t x1, int64_t n1, int64_t x0, int64_t n0, double conf, double *lo,
                            double *hi, struct err *err);
/* Newcombe 1998, method 10: risk difference from two Wilson intervals. */
enum status newcombe_rd_limits(int64_t x1, int64_t n1, int64_t x0, int64_t n0, double conf, double *lo,
                               double *hi, struct err *err);
/* Pooled score z, (p1 - p0) / sqrt(p(1-p)(1/n1 + 1/n0)); 0 when there is no event or nothing else. */
enum status score_pooled_z(int64_t x1, int64_t n1, int64_t x0, int64_t n0, double *z, struct err *err);
/* Difference of Poisson rates x1/t1 - x0/t0 by the score with the constrained MLE. */
enum status score_poisson_rd_limits(int64_t x1, double t1, int64_t x0, double t0, double conf, double *lo,
                                    double *hi, struct err *err);

#endif
