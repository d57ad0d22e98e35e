/*
 * twobytwo.h - two proportions: x1 of n1 experimental against x0 of n0 control.
 *
 * Fisher's exact test (one-sided upper = more in arm 1); odds ratio, conditional maximum likelihood, with the exact
 * interval by inverting the noncentral hypergeometric tails; risk difference with the Miettinen-Nurminen 1985 interval;
 * relative risk with the Koopman (score) interval.  conf in (0, 1), two-sided equal tails.
 * No events at all: p = 1, odds ratio NaN with (0, Inf), relative risk likewise, difference 0 with its finite interval.
 */
#ifndef DSMB_STATS_TWOBYTWO_H
#define DSMB_STATS_TWOBYTWO_H

#include <stdint.h>

#include "base/err.h"

struct estimate {
    double value, lo, hi;
};

struct twobytwo {
    double fisher_upper, fisher_two_sided;
    struct estimate risk_difference, relative_risk, odds_ratio;
};

/* 0 <= x <= n, n1, n0 >= 1, else E_NUMERIC naming the argument. */
enum status twobytwo_all(int64_t x1, int64_t n1, int64_t x0, int64_t n0, double conf, struct twobytwo *ret,
                         struct err *err);
/* Rates: x1 events in t1 person-years against x0 in t0; exact conditional interval of the ratio. t > 0. */
enum status rate_ratio_exact(int64_t x1, double t1, int64_t x0, double t0, double conf, struct estimate *ret,
                             struct err *err);
/* P(X >= x) for X ~ Binomial(n, p). */
enum status binomial_upper(int64_t x, int64_t n, double p, double *ret, struct err *err);

#endif
