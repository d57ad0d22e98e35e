#include "stats/needed.h"

#include <math.h>

#include "stats/exact_tests.h"
#include "stats/num.h"

static double reciprocal(double d, double at_zero)
{
    return d == 0 ? at_zero : 1 / d;
}

enum status needed_to_harm(const struct estimate *rd, struct needed *ret, struct err *err)
{
    struct needed r;

    if (!(rd->value >= -1 && rd->value <= 1 && rd->lo >= -1 && rd->hi <= 1 && rd->lo <= rd->hi)) {
        return err_set(err, E_NUMERIC, "a risk difference and its limits lie in [-1, 1], in order");
    }
    r.number.value = reciprocal(rd->value, NUM_INF);
    r.through_infinity = rd->lo < 0 && rd->hi > 0;
    if (r.through_infinity) {
        r.number.lo = 1 / rd->lo;
        r.number.hi = 1 / rd->hi;
    } else {
        r.number.lo = reciprocal(rd->hi, -NUM_INF);
        r.number.hi = reciprocal(rd->lo, NUM_INF);
    }
    *ret = r;
    return OK;
}

static enum status check_time(double t, struct err *err)
{
    return t > 0 && isfinite(t) ? OK
                                : err_set(err, E_NUMERIC, "person-time is %g, must be above 0 and finite", t);
}

enum status rate_exact(int64_t x, double time, double per, double conf, struct estimate *ret, struct err *err)
{
    struct estimate e;
    enum status st = check_time(time, err);

    if (st == OK && !(per > 0 && isfinite(per))) {
        st = err_set(err, E_NUMERIC, "the unit of a rate is %g, must be above 0 and finite", per);
    }
    if (st == OK) {
        st = poisson_limits(x, conf, &e.lo, &e.hi, err);
    }
    if (st == OK) {
        *ret = (struct estimate){(double)x / time * per, e.lo / time * per, e.hi / time * per};
    }
    return st;
}

enum status rate_score(int64_t x1, double t1, int64_t x0, double t0, double *z, double *info, struct err *err)
{
    double n = (double)x1 + (double)x0, s;
    enum status st = check_time(t1, err);

    if (st == OK) {
        st = check_time(t0, err);
    }
    if (st == OK && (x1 < 0 || x0 < 0)) {
        st = err_set(err, E_NUMERIC, "events of an arm must be 0 or more");
    }
    if (st != OK) {
        return st;
    }
    s = t1 / (t1 + t0);
    if (!(s > 0 && s < 1)) {
        return err_set(err, E_NUMERIC, "person-time of the arms is too different to be compared");
    }
    *z = n > 0 ? ((double)x1 * (1 - s) - (double)x0 * s) / sqrt(n * s * (1 - s)) : 0;
    *info = n * s * (1 - s);
    return OK;
}
