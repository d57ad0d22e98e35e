#include "stats/twobytwo.h"

#include <math.h>

#include "stats/dist.h"
#include "stats/hyper.h"
#include "stats/num.h"
#include "stats/score.h"

enum status twobytwo_all(int64_t x1, int64_t n1, int64_t x0, int64_t n0, double conf, struct twobytwo *ret,
                         struct err *err)
{
    struct twobytwo t = {0};
    struct hyper h;
    double mid, alpha = (1 - conf) / 2;
    enum status st;

    st = score_rd_limits(x1, n1, x0, n0, conf, &t.risk_difference.lo, &t.risk_difference.hi, err);
    if (st != OK) {
        return st;
    }
    st = hyper_init(n1, n0, x1 + x0, &h, err);
    if (st != OK) {
        return st;
    }
    t.fisher_upper = hyper_tail(&h, x1, 0, TAIL_UPPER);
    hyper_two_sided(&h, x1, &t.fisher_two_sided, &mid);
    t.risk_difference.value = (double)x1 / (double)n1 - (double)x0 / (double)n0;
    if (x1 + x0 == 0) {
        t.relative_risk = (struct estimate){NUM_NAN, 0, NUM_INF};
    } else {
        t.relative_risk.value = x0 == 0 ? NUM_INF : ((double)x1 * (double)n0) / ((double)x0 * (double)n1);
        st = score_rr_limits(x1, n1, x0, n0, conf, &t.relative_risk.lo, &t.relative_risk.hi, err);
        if (st != OK) {
            return st;
        }
    }
    st = hyper_odds_mle(&h, x1, &t.odds_ratio.value, err);
    if (st == OK) {
        st = hyper_odds_limit(&h, x1, alpha, TAIL_LOWER, &t.odds_ratio.lo, err);
    }
    if (st == OK) {
        st = hyper_odds_limit(&h, x1, alpha, TAIL_UPPER, &t.odds_ratio.hi, err);
    }
    if (st == OK) {
        *ret = t;
    }
    return st;
}

enum status rate_ratio_exact(int64_t x1, double t1, int64_t x0, double t0, double conf, struct estimate *ret,
                             struct err *err)
{
    struct estimate e = {NUM_NAN, 0, NUM_INF};
    double alpha = (1 - conf) / 2, x, y;
    enum status st = OK;

    if (!(conf > 0 && conf < 1)) {
        return err_set(err, E_NUMERIC, "confidence is %g, must be in (0, 1)", conf);
    }
    if (!(t1 > 0 && t0 > 0 && isfinite(t1) && isfinite(t0))) {
        return err_set(err, E_NUMERIC, "person-time of an arm must be above 0");
    }
    if (x1 < 0 || x0 < 0) {
        return err_set(err, E_NUMERIC, "events of an arm must be 0 or more");
    }
    if (x1 > 0 || x0 > 0) {
        e.value = x0 == 0 ? NUM_INF : ((double)x1 / t1) / ((double)x0 / t0);
    }
    if (x1 > 0) {
        st = quant_beta(alpha, TAIL_LOWER, (double)x1, (double)x0 + 1, &x, &y, err);
        e.lo = st == OK ? x / y * (t0 / t1) : 0;
    }
    if (st == OK && x0 > 0) {
        st = quant_beta(alpha, TAIL_UPPER, (double)x1 + 1, (double)x0, &x, &y, err);
        e.hi = st == OK ? x / y * (t0 / t1) : 0;
    }
    if (st == OK) {
        *ret = e;
    }
    return st;
}

enum status binomial_upper(int64_t x, int64_t n, double p, double *ret, struct err *err)
{
    double r;

    if (!(p >= 0 && p <= 1)) {
        return err_set(err, E_NUMERIC, "probability is %g, must be in [0, 1]", p);
    }
    r = prob_binomial(x, n, p, 1 - p, TAIL_UPPER);
    if (isnan(r)) {
        return err_set(err, E_NUMERIC, "number of events must be 0 or more");
    }
    *ret = r;
    return OK;
}
