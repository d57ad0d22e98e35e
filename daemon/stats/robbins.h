/*
 * robbins.h - e-process for a fixed null probability p0 of arm 1 at each event: Robbins' beta mixture, in closed form.
 */
#ifndef DSMB_STATS_ROBBINS_H
#define DSMB_STATS_ROBBINS_H

#include <stdint.h>

#include "base/err.h"

/* log E after x events in arm 1 of n <= 2^40: prior Beta(a, b), and the prior cut to (p0, 1). */
enum status robbins_log_e(int64_t x, int64_t n, double p0, double a, double b, double *two_sided,
                          double *one_sided, struct err *err);

/*
 * The counts at which log E reaches log_threshold: c[n - 1] after n events, n = 1..n_max (n + 1: none); the one-sided E rises
 * in x.  exact_operating() takes them: the test's exact power to a horizon, under any probability.
 */
enum status robbins_bounds(int64_t n_max, double p0, double a, double b, double log_threshold, int64_t *c,
                           struct err *err);

#endif
