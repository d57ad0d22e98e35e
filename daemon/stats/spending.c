#include "stats/spending.h"

#include <math.h>

#include "stats/dist.h"

static enum status user_at(const struct spending *s, double alpha, double t, double *ret, struct err *err)
{
    double t0 = 0, share0 = 0;

    if (s->n_user < 1 || s->n_user > SPEND_USER_MAX) {
        return err_set(err, E_NUMERIC, "spending: %zu user points, need 1 to %d", s->n_user, SPEND_USER_MAX);
    }
    for (size_t i = 0; i < s->n_user; i++) {
        double t1 = s->user[i].t, share1 = s->user[i].share;

        if (!(t1 > t0 && t1 <= 1 && share1 >= share0 && share1 <= 1)) {
            return err_set(err, E_NUMERIC, "spending: user point %zu must rise in t and share, within (0, 1]",
                           i + 1);
        }
        t0 = t1;
        share0 = share1;
    }
    if (t0 < 1 || share0 < 1) {
        return err_set(err, E_NUMERIC, "spending: the last user point must be t 1, share 1");
    }
    t0 = share0 = 0;
    for (size_t i = 0; i < s->n_user; i++) {
        double t1 = s->user[i].t, share1 = s->user[i].share;

        if (t <= t1) {
            *ret = alpha * (t == t1 ? share1 : share0 + (share1 - share0) * (t - t0) / (t1 - t0));
            return OK;
        }
        t0 = t1;
        share0 = share1;
    }
    *ret = alpha;
    return OK;
}

static enum status check_param(const struct spending *s, const char *what, struct err *err)
{
    if (!(s->param > 0 && isfinite(s->param))) {
        return err_set(err, E_NUMERIC, "spending: %s is %g, must be above 0", what, s->param);
    }
    return OK;
}

/* alpha (1 - e^{-g t}) / (1 - e^{-g}); for g < 0 both are turned so that nothing overflows. */
static double hsd(double alpha, double g, double t)
{
    if (g == 0) {
        return alpha * t;
    }
    if (g > 0) {
        return alpha * (expm1(-g * t) / expm1(-g));
    }
    return alpha * exp(-g * (t - 1)) * (expm1(g * t) / expm1(g));
}

enum status spending_at(const struct spending *s, double alpha, double t, double *ret, struct err *err)
{
    double spent = 0, z;
    enum status st = OK;

    if (!(alpha > 0 && alpha < 1)) {
        return err_set(err, E_NUMERIC, "spending: alpha is %g, must be in (0, 1)", alpha);
    }
    if (isnan(t)) {
        return err_set(err, E_NUMERIC, "spending: the spending time is not a number");
    }
    /* The ends hold for every kind, but a wrong parameter is refused at the ends too. */
    t = fmin(1, fmax(0, t));
    switch (s->kind) {
    case SPEND_OBF:
        st = quant_normal(alpha / 2, TAIL_UPPER, &z, err);
        if (st == OK && t > 0) {
            spent = 2 * prob_normal(z / sqrt(t), TAIL_UPPER);
        }
        break;
    case SPEND_POCOCK:
        spent = alpha * log1p((M_E - 1) * t);
        break;
    case SPEND_HSD:
        if (!isfinite(s->param)) {
            return err_set(err, E_NUMERIC, "spending: gamma must be finite");
        }
        spent = hsd(alpha, s->param, t);
        break;
    case SPEND_KD:
        st = check_param(s, "rho", err);
        spent = alpha * pow(t, s->param);
        break;
    case SPEND_EXP:
        st = check_param(s, "nu", err);
        spent = t > 0 ? pow(alpha, pow(t, -s->param)) : 0;
        break;
    case SPEND_USER:
        st = user_at(s, alpha, t, &spent, err);
        break;
    }
    if (st != OK) {
        return st;
    }
    *ret = t <= 0 ? 0 : t >= 1 ? alpha : fmin(alpha, spent);
    return OK;
}

enum status spending_between(const struct spending *s, double alpha, double from, double to, double *ret,
                             struct err *err)
{
    double a, b, g = s->param, t0 = fmin(1, fmax(0, from)), t1 = fmin(1, fmax(0, to));
    enum status st = spending_at(s, alpha, from, &a, err);

    if (st == OK) {
        st = spending_at(s, alpha, to, &b, err);
    }
    if (st != OK) {
        return st;
    }
    if (!(t1 > t0)) {
        *ret = 0;
        return OK;
    }
    switch (s->kind) {
    case SPEND_POCOCK:
        b = alpha * log1p((M_E - 1) * (t1 - t0) / (1 + (M_E - 1) * t0));
        break;
    case SPEND_HSD:
        if (g > 0) {
            b = alpha * exp(-g * t0) * (expm1(-g * (t1 - t0)) / expm1(-g));
        } else if (g < 0) {
            b = alpha * exp(-g * (t1 - 1)) * (expm1(g * (t1 - t0)) / expm1(g));
        } else {
            b = alpha * (t1 - t0);
        }
        break;
    case SPEND_KD:
        b = t0 > 0 ? -alpha * pow(t1, g) * expm1(g * log(t0 / t1)) : b;
        break;
    case SPEND_EXP:
        b = t0 > 0 ? -b * expm1(log(alpha) * (pow(t0, -g) - pow(t1, -g))) : b;
        break;
    case SPEND_OBF:
    case SPEND_USER:
        b -= a; /* tails of different orders, and what the user wrote */
        break;
    }
    *ret = fmax(0, b);
    return OK;
}
