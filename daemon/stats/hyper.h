/*
 * hyper.h - X of m drawn from y1 + y0 when the odds of the y1 are multiplied by omega (Fisher's noncentral
 * hypergeometric): tails, mean, Fisher's tests and what inverts them.
 *
 * By ratios of neighbours outward from the mode: no table, no cancellation, time about the square root of the variance
 * times 20, whatever the margins.
 */
#ifndef DSMB_STATS_HYPER_H
#define DSMB_STATS_HYPER_H

#include <stdint.h>

#include "base/err.h"
#include "stats/dist.h"

struct hyper {
    int64_t y1, y0, m; /* margins */
    int64_t lo, hi;    /* support */
};

/* y1, y0 >= 0, 0 <= m <= y1 + y0, all at most 2^40. */
enum status hyper_init(int64_t y1, int64_t y0, int64_t m, struct hyper *ret, struct err *err);
/* P(X >= x) or P(X <= x), and P(X = x). omega > 0 as its logarithm. */
double hyper_tail(const struct hyper *h, int64_t x, double log_omega, enum tail tail);
double hyper_density(const struct hyper *h, int64_t x, double log_omega);
double hyper_mean(const struct hyper *h, double log_omega);
/* Sum of the null probabilities that are at most P(x)(1 + 1e-7), and of those below the observed plus half the ties. */
void hyper_two_sided(const struct hyper *h, int64_t x, double *minlik, double *minlik_mid);
/* Odds ratio: conditional MLE (0 or Inf at the ends, NaN when the support is one point), exact limits at tail alpha. */
enum status hyper_odds_mle(const struct hyper *h, int64_t x, double *ret, struct err *err);
enum status hyper_odds_limit(const struct hyper *h, int64_t x, double alpha, enum tail limit, double *ret,
                             struct err *err);

#endif
