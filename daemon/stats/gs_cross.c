#include "stats/gs_cross.h"

#include <math.h>
#include <stdlib.h>

#include "stats/gs_grid.h"
#include "stats/num.h"
#include "stats/root.h"

enum status gs_cross(size_t k, const double *info, const double *lower, const double *upper, double theta,
                     double *p_upper, double *p_lower, double *expected_info, struct err *err)
{
    double expected = 0, alive = 1, before = 0, *out;
    struct gs_grid g;
    enum status st = OK;

    if (k < 1 || k > GS_MAX_LOOKS) {
        return err_set(err, E_NUMERIC, "%zu looks, must be 1 to %d", k, GS_MAX_LOOKS);
    }
    if (!isfinite(theta)) {
        return err_set(err, E_NUMERIC, "the drift must be finite");
    }
    for (size_t i = 0; i < k; i++) {
        if (!(info[i] > 0 && isfinite(info[i]) &&
              info[i] - (i > 0 ? info[i - 1] : 0) >= GS_MIN_GROWTH * info[i])) {
            return err_set(err, E_NUMERIC,
                           "look %zu: information %.9g must be above 0 and grow by 1e-6 or more", i + 1,
                           info[i]);
        }
        if (!(lower[i] <= upper[i])) {
            return err_set(err, E_NUMERIC, "look %zu: the lower bound must not be above the upper", i + 1);
        }
    }
    out = calloc(2 * k, sizeof *out);
    if (out == NULL) {
        return err_set(err, E_NOMEM, "crossing probabilities");
    }
    gs_grid_init(&g, theta, 0, 0);
    for (size_t i = 0; i < k; i++) {
        expected += (info[i] - before) * alive;
        out[i] = gs_grid_tail(&g, info[i], upper[i], TAIL_UPPER);
        out[k + i] = gs_grid_tail(&g, info[i], lower[i], TAIL_LOWER);
        if (i + 1 < k) {
            st = gs_grid_advance(&g, info[i], lower[i], upper[i], info[i + 1], err);
            if (st != OK) {
                st = err_wrap(err, st, "look %zu", i + 1);
                goto out;
            }
            alive = gs_grid_alive(&g);
        }
        before = info[i];
    }
    for (size_t i = 0; i < k; i++) {
        p_upper[i] = out[i];
        p_lower[i] = out[k + i];
    }
    *expected_info = expected;
out:
    gs_grid_done(&g);
    free(out);
    return st;
}

struct sizing {
    const struct gs_plan *p;
    double *t, *lower, *upper, *p_upper, *p_lower;
    double power;
};

static enum status power_gap(void *ctx, double drift, double *value, struct err *err)
{
    struct sizing *s = ctx;
    double expected, sum = 0;
    enum status st =
        gs_cross(s->p->k, s->t, s->lower, s->upper, drift, s->p_upper, s->p_lower, &expected, err);

    for (size_t i = 0; st == OK && i < s->p->k; i++) {
        sum += s->p_upper[i];
    }
    *value = sum - s->power;
    return st;
}

static enum status asn_at(struct sizing *s, double drift, double *ret, struct err *err)
{
    return gs_cross(s->p->k, s->t, s->lower, s->upper, drift, s->p_upper, s->p_lower, ret, err);
}

enum status gs_inflation(const struct gs_plan *plan, double beta, struct gs_size *ret, struct err *err)
{
    struct sizing s = {.p = plan, .power = 1 - beta};
    struct root_opts opts = {.abs_tol = 1e-13};
    struct root r;
    struct gs_size size;
    double za, zb, fixed, *work = NULL;
    enum status st;

    if (!(plan->sided >= 1 && beta > 0 && beta < 1 - plan->alpha / plan->sided)) {
        return err_set(err, E_NUMERIC, "beta is %g, must be above 0 and below 1 - alpha per tail", beta);
    }
    if (plan->k < 1 || plan->k > GS_MAX_LOOKS) {
        return err_set(err, E_NUMERIC, "%zu looks, must be 1 to %d", plan->k, GS_MAX_LOOKS);
    }
    work = calloc(5 * plan->k, sizeof *work);
    if (work == NULL) {
        return err_set(err, E_NOMEM, "inflation factor");
    }
    s.t = work;
    s.upper = work + plan->k;
    s.lower = work + 2 * plan->k;
    s.p_upper = work + 3 * plan->k;
    s.p_lower = work + 4 * plan->k;
    st = gs_design(plan, s.upper, NULL, err);
    if (st != OK) {
        goto out;
    }
    for (size_t i = 0; i < plan->k; i++) {
        s.t[i] = plan->info[i] / plan->info[plan->k - 1];
        s.lower[i] = plan->sided == 2 ? -s.upper[i] : -NUM_INF;
    }
    st = quant_normal(plan->alpha / plan->sided, TAIL_UPPER, &za, err);
    if (st == OK) {
        st = quant_normal(beta, TAIL_UPPER, &zb, err);
    }
    if (st == OK) {
        st = root_search(power_gap, &s, za + zb, 0.1, 0, 60, &opts, &r, err);
    }
    if (st != OK) {
        goto out;
    }
    fixed = (za + zb) * (za + zb);
    size.drift = r.x;
    size.inflation = r.x * r.x / fixed;
    st = asn_at(&s, 0, &size.asn0, err);
    if (st == OK) {
        st = asn_at(&s, r.x / 2, &size.asn01, err);
    }
    if (st == OK) {
        st = asn_at(&s, r.x, &size.asn1, err);
    }
    if (st != OK) {
        goto out;
    }
    size.asn0 *= size.inflation;
    size.asn01 *= size.inflation;
    size.asn1 *= size.inflation;
    *ret = size;
out:
    free(work);
    return st;
}
