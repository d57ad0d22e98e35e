/* Wald's sequential probability ratio test. */
#include <math.h>

#include "stats/maxsprt.h"

static enum status wald_thresholds(double rr, double alpha, double beta, struct wald *w, struct err *err)
{
    if (!(alpha > 0 && beta > 0 && alpha + beta < 1)) {
        return err_set(err, E_NUMERIC, "alpha %g and beta %g must be above 0 and together below 1", alpha,
                       beta);
    }
    if (!(rr > 0 && isfinite(rr))) {
        return err_set(err, E_NUMERIC, "relative risk is %g, must be above 0", rr);
    }
    w->upper = log1p(-beta) - log(alpha);
    w->lower = log(beta) - log1p(-alpha);
    return OK;
}

enum status wald_binomial(int64_t c, int64_t n, double z, double rr, double alpha, double beta,
                          struct wald *ret, struct err *err)
{
    struct wald w;
    enum status st = wald_thresholds(rr, alpha, beta, &w, err);

    if (st != OK) {
        return st;
    }
    if (!(z > 0 && isfinite(z))) {
        return err_set(err, E_NUMERIC, "matching ratio is %g, must be above 0", z);
    }
    if (n < 0 || c < 0 || c > n) {
        return err_set(err, E_NUMERIC, "exposed events must be 0 to all events");
    }
    /* p1/p0 = rr (1+z)/(rr+z), (1-p1)/(1-p0) = (1+z)/(rr+z). */
    w.llr = (double)c * log(rr) + (double)n * log((1 + z) / (rr + z));
    *ret = w;
    return OK;
}

enum status wald_poisson(int64_t c, double mu, double rr, double alpha, double beta, struct wald *ret,
                         struct err *err)
{
    struct wald w;
    enum status st = wald_thresholds(rr, alpha, beta, &w, err);

    if (st != OK) {
        return st;
    }
    if (!(mu >= 0 && isfinite(mu)) || c < 0) {
        return err_set(err, E_NUMERIC, "events and expected count must be 0 or more");
    }
    w.llr = (double)c * log(rr) - (rr - 1) * mu;
    *ret = w;
    return OK;
}
