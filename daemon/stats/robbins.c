#include "stats/robbins.h"

#include <math.h>

#include "stats/dist.h"

/* Beyond it neighbouring counts are one double. */
#define EVENTS_MAX (INT64_C(1) << 40)

enum status robbins_log_e(int64_t x, int64_t n, double p0, double a, double b, double *two_sided,
                          double *one_sided, struct err *err)
{
    double xd = (double)x, yd = (double)(n - x), two, one;

    if (n < 0 || n > EVENTS_MAX || x < 0 || x > n) {
        return err_set(err, E_NUMERIC, "events of arm 1 must be 0 to all events, and these at most 2^40");
    }
    if (!(p0 > 0 && p0 < 1)) {
        return err_set(err, E_NUMERIC, "null probability is %g, must be in (0, 1)", p0);
    }
    if (!(a > 0 && b > 0 && isfinite(a) && isfinite(b))) {
        return err_set(err, E_NUMERIC, "prior shapes %g and %g must be above 0", a, b);
    }
    two = log_beta(a + xd, b + yd) - log_beta(a, b) - xd * log(p0) - yd * log1p(-p0);
    one = two + log_prob_beta(p0, 1 - p0, a + xd, b + yd, TAIL_UPPER) -
          log_prob_beta(p0, 1 - p0, a, b, TAIL_UPPER);
    if (isnan(two) || isnan(one)) {
        return err_set(err, E_NUMERIC, "the e-value is not a number");
    }
    *two_sided = two;
    *one_sided = one;
    return OK;
}

enum status robbins_bounds(int64_t n_max, double p0, double a, double b, double log_threshold, int64_t *c,
                           struct err *err)
{
    int64_t at = 0;

    if (!isfinite(log_threshold)) {
        return err_set(err, E_NUMERIC, "the threshold must be a number");
    }
    for (int64_t n = 1; n <= n_max; n++) {
        /* More events with the same count are weaker evidence: the bound never falls. */
        for (;; at++) {
            double two, one;
            enum status st;

            if (at > n) {
                break;
            }
            st = robbins_log_e(at, n, p0, a, b, &two, &one, err);
            if (st != OK) {
                return st;
            }
            if (one >= log_threshold) {
                break;
            }
        }
        c[n - 1] = at > n ? n + 1 : at;
    }
    return OK;
}
