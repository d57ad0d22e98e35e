#include "stats/gs_design.h"

#include <math.h>
#include <stdlib.h>

#include "stats/gs_bound.h"
#include "stats/gs_grid.h"
#include "stats/num.h"
#include "stats/root.h"

static enum status check_plan(const struct gs_plan *p, struct err *err)
{
    double before = 0;

    if (p->sided != 1 && p->sided != 2) {
        return err_set(err, E_NUMERIC, "sided is %d, must be 1 or 2", p->sided);
    }
    if (!(p->alpha > 0 && p->alpha < 1)) {
        return err_set(err, E_NUMERIC, "alpha is %g, must be in (0, 1)", p->alpha);
    }
    if (p->k < 1 || p->k > GS_MAX_LOOKS) {
        return err_set(err, E_NUMERIC, "%zu looks, must be 1 to %d", p->k, GS_MAX_LOOKS);
    }
    for (size_t i = 0; i < p->k; i++) {
        if (!(p->info[i] > 0 && isfinite(p->info[i]) && p->info[i] - before >= GS_MIN_GROWTH * p->info[i])) {
            return err_set(err, E_NUMERIC,
                           "look %zu: information %.9g must be above 0 and grow by 1e-6 or more", i + 1,
                           p->info[i]);
        }
        before = p->info[i];
    }
    return OK;
}

/* Alpha per tail that may have been spent by look i. */
static enum status level(const struct gs_plan *p, size_t i, double *ret, struct err *err)
{
    double tail = p->alpha / p->sided;

    if (p->kind == GS_CUM) {
        if (!(p->cum[i] >= (i > 0 ? p->cum[i - 1] : 0) && p->cum[i] <= 1)) {
            return err_set(err, E_NUMERIC, "look %zu: share of alpha %g must rise within [0, 1]", i + 1,
                           p->cum[i]);
        }
        *ret = tail * p->cum[i];
        return OK;
    }
    return spending_at(&p->spending, tail, p->info[i] / (p->max_info > 0 ? p->max_info : p->info[p->k - 1]),
                       ret, err);
}

/* What look i may spend per tail. */
static enum status increment(const struct gs_plan *p, size_t i, const double *levels, double *ret,
                             struct err *err)
{
    double max = p->max_info > 0 ? p->max_info : p->info[p->k - 1];

    if (p->kind == GS_CUM) {
        *ret = fmax(0, levels[i] - (i > 0 ? levels[i - 1] : 0));
        return OK;
    }
    return spending_between(&p->spending, p->alpha / p->sided, i > 0 ? p->info[i - 1] / max : 0,
                            p->info[i] / max, ret, err);
}

static double next_of(const struct gs_plan *p, size_t i)
{
    return i + 1 < p->k ? p->info[i + 1] : 0;
}

/* What any look from i on asks for. */
static void suffix_max(double *v, size_t n)
{
    for (size_t i = n; i-- > 1;) {
        v[i - 1] = fmax(v[i - 1], v[i]);
    }
}

static enum status by_spending(const struct gs_plan *p, double *z, double *cum, struct err *err)
{
    double *levels = calloc(3 * p->k, sizeof *levels), *reach, *now;
    struct gs_grid g;
    enum status st = OK;

    if (levels == NULL) {
        return err_set(err, E_NOMEM, "design of %zu looks", p->k);
    }
    reach = levels + p->k;
    now = levels + 2 * p->k;
    gs_grid_init(&g, 0, 0, 0);
    for (size_t i = 0; i < p->k; i++) {
        st = level(p, i, &levels[i], err);
        if (st != OK) {
            goto out;
        }
        st = increment(p, i, levels, &now[i], err);
        if (st != OK) {
            goto out;
        }
        reach[i] = gs_reach(now[i], p->info[i]);
    }
    suffix_max(reach, p->k);
    for (size_t i = 0; i < p->k; i++) {
        double b;

        g.reach_up = reach[i];
        g.reach_down = p->sided == 2 ? reach[i] : 0;
        st = gs_bound_at(&g, p->info[i], now[i], TAIL_UPPER, &b, err);
        if (st == OK) {
            st = gs_grid_advance(&g, p->info[i], p->sided == 2 ? -b : -NUM_INF, b, next_of(p, i), err);
        }
        if (st != OK) {
            st = err_wrap(err, st, "look %zu", i + 1);
            goto out;
        }
        z[i] = b;
        cum[i] = levels[i] * p->sided;
    }
out:
    gs_grid_done(&g);
    free(levels);
    return st;
}

/* Crossing probabilities of given bounds, per tail, cumulative. */
static enum status spend_of(const struct gs_plan *p, const double *z, size_t n, struct gs_grid *g,
                            double *cum, struct err *err)
{
    double spent = 0;

    gs_grid_done(g);
    gs_grid_init(g, 0, 0, 0);
    for (size_t i = 0; i < n; i++) {
        enum status st;

        g->reach_up = 0;
        for (size_t j = i; j < n; j++) {
            g->reach_up = fmax(g->reach_up, gs_ray(z[j], p->info[j]));
        }
        g->reach_down = p->sided == 2 ? g->reach_up : 0;
        spent += gs_grid_tail(g, p->info[i], z[i], TAIL_UPPER);
        cum[i] = spent;
        if (i + 1 == p->k) {
            break; /* nothing comes after the last look */
        }
        st = gs_grid_advance(g, p->info[i], p->sided == 2 ? -z[i] : -NUM_INF, z[i], next_of(p, i), err);
        if (st != OK) {
            return st;
        }
    }
    return OK;
}

struct wt {
    const struct gs_plan *p;
    struct gs_grid g;
    double *z, *cum;
};

static enum status wt_gap(void *ctx, double log_c, double *value, struct err *err)
{
    struct wt *w = ctx;
    const struct gs_plan *p = w->p;
    enum status st;

    for (size_t i = 0; i < p->k; i++) {
        w->z[i] = exp(log_c) * pow(p->info[i] / p->info[p->k - 1], p->param - 0.5);
    }
    st = spend_of(p, w->z, p->k, &w->g, w->cum, err);
    *value = st == OK ? log(w->cum[p->k - 1]) - log(p->alpha / p->sided) : 0;
    return st;
}

static enum status by_wt(const struct gs_plan *p, double *z, double *cum, struct err *err)
{
    struct wt w = {.p = p, .z = z, .cum = cum};
    struct root_opts opts = {.abs_tol = 1e-14};
    struct root r;
    double start;
    enum status st;

    if (!(p->param >= -5 && p->param <= 5)) {
        return err_set(err, E_NUMERIC, "Wang-Tsiatis Delta is %g, must be in [-5, 5]", p->param);
    }
    if (!(p->alpha / p->sided < 0.5)) {
        return err_set(err, E_NUMERIC, "alpha per tail must be below 1/2 for Wang-Tsiatis bounds");
    }
    st = quant_normal(p->alpha / p->sided, TAIL_UPPER, &start, err);
    if (st != OK) {
        return st;
    }
    gs_grid_init(&w.g, 0, 0, 0);
    st = root_search(wt_gap, &w, log(start) + 0.1, 0.1, -20, 8, &opts, &r, err);
    if (st == OK) {
        double at;

        st = wt_gap(&w, r.x, &at, err); /* leaves z and cum of the root */
        if (st == OK && !(fabs(at) <= 1e-9)) {
            st = err_set(err, E_NUMERIC, "Wang-Tsiatis constant: the solver missed by %g", at);
        }
    }
    gs_grid_done(&w.g);
    for (size_t i = 0; st == OK && i < p->k; i++) {
        cum[i] *= p->sided;
    }
    return st;
}

static enum status by_hp(const struct gs_plan *p, double *z, double *cum, struct err *err)
{
    double tail = p->alpha / p->sided, spent;
    struct gs_grid g;
    enum status st;

    if (!(p->param > 0 && isfinite(p->param))) {
        return err_set(err, E_NUMERIC, "Haybittle-Peto interim z is %g, must be above 0", p->param);
    }
    for (size_t i = 0; i + 1 < p->k; i++) {
        z[i] = p->param;
    }
    gs_grid_init(&g, 0, 0, 0);
    st = spend_of(p, z, p->k - 1, &g, cum, err);
    spent = p->k > 1 ? cum[p->k - 2] : 0;
    if (st == OK && !(spent < tail)) {
        st = err_set(err, E_NUMERIC,
                     "the interim looks alone spend alpha %g: their z (param) %g must be higher", p->alpha,
                     p->param);
    }
    if (st == OK) {
        st = gs_bound_at(&g, p->info[p->k - 1], tail - spent, TAIL_UPPER, &z[p->k - 1], err);
    }
    gs_grid_done(&g);
    if (st != OK) {
        return st;
    }
    cum[p->k - 1] = tail;
    for (size_t i = 0; i < p->k; i++) {
        cum[i] *= p->sided;
    }
    return OK;
}

enum status gs_design(const struct gs_plan *plan, double *z, double *cum, struct err *err)
{
    double *work = NULL;
    enum status st = check_plan(plan, err);

    if (st != OK) {
        return st;
    }
    /* Worked out aside: on failure the caller's arrays are as they were. */
    work = calloc(2 * plan->k, sizeof *work);
    if (work == NULL) {
        return err_set(err, E_NOMEM, "design of %zu looks", plan->k);
    }
    switch (plan->kind) {
    case GS_SPENDING:
    case GS_CUM:
        st = by_spending(plan, work, work + plan->k, err);
        break;
    case GS_WT:
        st = by_wt(plan, work, work + plan->k, err);
        break;
    case GS_HP:
        st = by_hp(plan, work, work + plan->k, err);
        break;
    }
    for (size_t i = 0; st == OK && i < plan->k; i++) {
        if (z != NULL) {
            z[i] = work[i];
        }
        if (cum != NULL) {
            cum[i] = work[plan->k + i];
        }
    }
    free(work);
    return st;
}
