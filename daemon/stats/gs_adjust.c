#include "stats/gs_adjust.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "stats/dist.h"
#include "stats/gs_bound.h"
#include "stats/gs_cross.h"
#include "stats/gs_grid.h"
#include "stats/num.h"
#include "stats/root.h"

enum status gs_stagewise(size_t stage, const double *info, const double *lower, const double *upper, double z,
                         double theta, double *upper_p, double *lower_p, struct err *err)
{
    double up = 0, down = 0, ray;
    struct gs_grid g;
    enum status st = OK;

    if (stage < 1 || stage > GS_MAX_LOOKS || isnan(z) || !isfinite(theta)) {
        return err_set(err, E_NUMERIC,
                       "look %zu, statistic %g and drift %g: must be 1 to %d, a number and finite", stage, z,
                       theta, GS_MAX_LOOKS);
    }
    for (size_t i = 0; i < stage; i++) {
        double growth = info[i] - (i > 0 ? info[i - 1] : 0);

        if (!(growth > 0 && growth >= GS_MIN_GROWTH * info[i] && isfinite(info[i]))) {
            return err_set(err, E_NUMERIC,
                           "look %zu: information %g must be above the one before by 1e-6 of itself", i + 1,
                           info[i]);
        }
    }
    ray = gs_ray(z, info[stage - 1]) - theta;
    gs_grid_init(&g, theta, fmax(0, ray), fmax(0, -ray));
    for (size_t i = 0; i + 1 < stage; i++) {
        up += gs_grid_tail(&g, info[i], upper[i], TAIL_UPPER);
        down += gs_grid_tail(&g, info[i], lower[i], TAIL_LOWER);
        st = gs_grid_advance(&g, info[i], lower[i], upper[i], info[i + 1], err);
        if (st != OK) {
            goto out;
        }
    }
    up += gs_grid_tail(&g, info[stage - 1], z, TAIL_UPPER);
    down += gs_grid_tail(&g, info[stage - 1], z, TAIL_LOWER);
    *upper_p = up;
    *lower_p = down;
out:
    gs_grid_done(&g);
    return st;
}

struct search {
    const struct gs_plan *plan;
    const double *lower, *upper;
    size_t stage;
    double z, want; /* log odds of the stage-wise p that is looked for */
    double *work;   /* plan->k */
};

static enum status theta_gap(void *ctx, double theta, double *value, struct err *err)
{
    const struct search *s = ctx;
    double up, down;
    enum status st = gs_stagewise(s->stage, s->plan->info, s->lower, s->upper, s->z, theta, &up, &down, err);

    /* Log odds from both tails: finite and well-conditioned at either end. */
    *value = st == OK ? log(fmax(up, 1e-300)) - log(fmax(down, 1e-300)) - s->want : 0;
    return st;
}

/* theta at which the stage-wise p is p (TAIL_LOWER) or falls short of 1 by p (TAIL_UPPER). */
static enum status solve_theta(struct search *s, double p, enum tail tail, double *ret, struct err *err)
{
    double i = s->plan->info[s->stage - 1], zp;
    struct root_opts opts = {.abs_tol = 1e-13 / sqrt(i), .rel_tol = 1e-14};
    struct root r;
    enum status st = quant_normal(p, tail, &zp, err);

    if (st != OK) {
        return st;
    }
    s->want = (tail == TAIL_LOWER ? 1 : -1) * (log(p) - log1p(-p));
    st = root_search(theta_gap, s, (s->z + zp) / sqrt(i), 0.25 / sqrt(i),
                     (s->z - 60) / sqrt(s->plan->info[0]) - 60, (s->z + 60) / sqrt(s->plan->info[0]) + 60,
                     &opts, &r, err);
    if (st == OK) {
        *ret = r.x;
    }
    return st;
}

/* Bound at the stage, less z, when alpha over all tails is expit(log_odds): per tail below 1, or below 1/2. */
static enum status repeated_gap(void *ctx, double log_odds, double *value, struct err *err)
{
    const struct search *s = ctx;
    struct gs_plan p = *s->plan;
    enum status st;

    /* Later looks have no part in it, and may ask for more than is left when alpha is large. */
    p.max_info = p.max_info > 0 ? p.max_info : p.info[p.k - 1];
    p.k = s->stage;
    p.alpha = 1 / (1 + exp(-log_odds));
    st = gs_design(&p, s->work, NULL, err);
    *value = st == OK ? s->work[s->stage - 1] - s->z : 0;
    return st;
}

/* The bound falls as alpha rises: the side to search is known, and where alpha would have to be 1 there is no root. */
static enum status repeated_p(struct search *s, double *ret, struct err *err)
{
    const double start = -3, ends[2] = {-600, 35};
    struct root_opts opts = {.abs_tol = 1e-14};
    struct root r;
    double at = start, gap, step = 1;
    enum status st = repeated_gap(s, start, &gap, err);
    bool up = gap > 0;

    while (st == OK) {
        double next = up ? fmin(ends[1], at + step) : fmax(ends[0], at - step), v;

        st = repeated_gap(s, next, &v, err);
        if (st == OK && (v > 0) != up) {
            st = root_bracketed(repeated_gap, s, fmin(at, next), fmax(at, next), &opts, &r, err);
            break;
        }
        if (st == OK && (next == ends[0] || next == ends[1])) {
            st = err_set(err, E_NUMERIC, "repeated p: no level has its bound at %g", s->z);
        }
        at = next;
        step *= 2;
    }
    if (st == OK) {
        *ret = 1 / (1 + exp(-r.x)) / s->plan->sided;
    }
    return st;
}

static enum status check_z(const struct gs_plan *plan, const double *z, size_t n, struct err *err)
{
    if (n < 1 || n > plan->k) {
        return err_set(err, E_NUMERIC, "%zu statistics for a plan of %zu looks", n, plan->k);
    }
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(z[i])) {
            return err_set(err, E_NUMERIC, "statistic of look %zu must be finite", i + 1);
        }
    }
    return OK;
}

enum status gs_adjust(const struct gs_plan *plan, const double *z, size_t n, struct gs_adjusted *ret,
                      struct err *err)
{
    struct gs_adjusted a = {.repeated_p = NUM_NAN};
    struct search s = {.plan = plan};
    double *work, tail, down;
    enum status st = check_z(plan, z, n, err);

    if (st == OK && !(plan->alpha < 0.5 * plan->sided)) {
        st = err_set(err, E_NUMERIC, "alpha is %g: an interval needs less than .5 in each tail", plan->alpha);
    }
    if (st != OK) {
        return st;
    }
    work = calloc(3 * plan->k, sizeof *work);
    if (work == NULL) {
        return err_set(err, E_NOMEM, "adjusted inference");
    }
    s.upper = work;
    s.lower = work + plan->k;
    s.work = work + 2 * plan->k;
    st = gs_design(plan, work, NULL, err);
    if (st != OK) {
        goto out;
    }
    tail = plan->alpha / plan->sided;
    for (size_t i = 0; i < plan->k; i++) {
        work[plan->k + i] = plan->sided == 2 ? -work[i] : -NUM_INF;
    }
    for (size_t i = 0; i < n && !a.crossed; i++) {
        a.stage = i + 1;
        a.crossed = z[i] >= s.upper[i] || z[i] <= s.lower[i];
    }
    s.stage = a.stage;
    s.z = z[a.stage - 1];
    a.bound = s.upper[a.stage - 1];
    a.rci_lo = (s.z - a.bound) / sqrt(plan->info[a.stage - 1]);
    a.rci_hi = (s.z + a.bound) / sqrt(plan->info[a.stage - 1]);
    st = gs_stagewise(s.stage, plan->info, s.lower, s.upper, s.z, 0, &a.p_upper, &down, err);
    if (st == OK) {
        a.p_final = plan->sided == 2 ? fmin(1, 2 * fmin(a.p_upper, down)) : a.p_upper;
        st = solve_theta(&s, 0.5, TAIL_LOWER, &a.estimate, err);
    }
    if (st == OK) {
        st = solve_theta(&s, tail, TAIL_LOWER, &a.ci_lo, err);
    }
    if (st == OK) {
        st = solve_theta(&s, tail, TAIL_UPPER, &a.ci_hi, err);
    }
    if (st == OK && plan->kind == GS_SPENDING) {
        st = repeated_p(&s, &a.repeated_p, err);
        /* Where no level gives this z (a two-sided bound is never below 0), there is no repeated p: NaN. */
        if (st == E_NUMERIC) {
            a.repeated_p = NUM_NAN;
            st = OK;
        }
    }
    if (st == OK) {
        *ret = a;
    }
out:
    free(work);
    return st;
}
