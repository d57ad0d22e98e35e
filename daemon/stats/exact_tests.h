/*
 * exact_tests.h - tests and limits of counts, one at a time.
 *
 * "Two-sided" of a binomial or Poisson is by minimum likelihood: the sum of probabilities at most the observed one's
 * (1 + 1e-7), as binom.test and poisson.test do.
 */
#ifndef DSMB_STATS_EXACT_TESTS_H
#define DSMB_STATS_EXACT_TESTS_H

#include <stdint.h>

#include "base/err.h"

struct fisher {
    double greater, less, two_sided;
    double mid_greater, mid_less, mid_doubled,
        mid_minlik; /* minlik: probabilities below the observed plus half of the ties */
    double odds_ratio, lo, hi;
};

enum status fisher_all(int64_t x1, int64_t n1, int64_t x0, int64_t n0, double conf, struct fisher *ret,
                       struct err *err);
/* Of x events in n when each is of arm 1 with probability p; q = 1 - p is given apart and keeps its digits near p = 1. */
enum status binomial_two_sided(int64_t x, int64_t n, double p, double q, double *ret, struct err *err);
enum status clopper_pearson(int64_t x, int64_t n, double conf, double *lo, double *hi, struct err *err);
/* Exact limits of a Poisson mean (Garwood 1936). */
enum status poisson_limits(int64_t x, double conf, double *lo, double *hi, struct err *err);
/* Pearson's chi-square of a 2 x 2 table, without and with Yates' correction; NaN when a margin is empty. */
enum status chisq_2x2(int64_t x1, int64_t n1, int64_t x0, int64_t n0, double *plain, double *yates,
                      struct err *err);

#endif
