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
    const double *info, *lower, *upper;
    size_t stage;
    double z, want; /* log odds of the stage-wise p that is looked for */
};

static enum status theta_gap(void *ctx, double theta, double *value, struct err *err)
{
    const struct search *s = ctx;
    double up, down;
    enum status st = gs_stagewise(s->stage, s->info, s->lower, s->upper, s->z, theta, &up, &down, err);

    /* Log odds from both tails: finite and well-conditioned at either end. */
    *value = st == OK ? log(fmax(up, 1e-300)) - log(fmax(down, 1e-300)) - s->want : 0;
    return st;
}

/* theta at which the stage-wise p is p (TAIL_LOWER) or falls short of 1 by p (TAIL_UPPER). */
static enum status solve_theta(struct search *s, double p, enum tail tail, double *ret, struct err *err)
{
    double i = s->info[s->stage - 1], zp;
    struct root_opts opts = {.abs_tol = 1e-13 / sqrt(i), .rel_tol = 1e-14};
    struct root r;
    enum status st = quant_normal(p, tail, &zp, err);

    if (st != OK) {
        return st;
    }
    s->want = (tail == TAIL_LOWER ? 1 : -1) * (log(p) - log1p(-p));
    st = root_search(theta_gap, s, (s->z + zp) / sqrt(i), 0.25 / sqrt(i), (s->z - 60) / sqrt(s->info[0]) - 60,
                     (s->z + 60) / sqrt(s->info[0]) + 60, &opts, &r, err);
    if (st == OK) {
        *ret = r.x;
    }
    return st;
}

/* A design whose level is looked for: the one that has its bound at z. */
struct level {
    struct gs_plan plan; /* of the looks until the stage */
    const double *t;     /* spending times; NULL: as the plan has them */
    double *cum, *bound; /* of each look */
    double z;
};

/* Bound at the stage, less z, when alpha over all tails is expit(log_odds): per tail below 1, or below 1/2. */
static enum status repeated_gap(void *ctx, double log_odds, double *value, struct err *err)
{
    struct level *v = ctx;
    enum status st = OK;

    v->plan.alpha = 1 / (1 + exp(-log_odds));
    for (size_t i = 0; v->t != NULL && st == OK && i < v->plan.k; i++) {
        st = spending_at(&v->plan.spending, v->plan.alpha, v->t[i], &v->cum[i], err);
        v->cum[i] /= v->plan.alpha;
    }
    if (st == OK) {
        st = gs_design(&v->plan, v->bound, NULL, err);
    }
    *value = st == OK ? v->bound[v->plan.k - 1] - v->z : 0;
    return st;
}

/* The bound falls as alpha rises: the side to search is known, and where alpha would have to be 1 there is no root. */
static enum status find_level(struct level *v, double *ret, struct err *err)
{
    const double start = -3, ends[2] = {-600, 35};
    struct root_opts opts = {.abs_tol = 1e-14};
    struct root r;
    double at = start, gap, step = 1;
    enum status st = repeated_gap(v, start, &gap, err);
    bool up = gap > 0;

    while (st == OK) {
        double next = up ? fmin(ends[1], at + step) : fmax(ends[0], at - step), g;

        st = repeated_gap(v, next, &g, err);
        if (st == OK && (g > 0) != up) {
            st = root_bracketed(repeated_gap, v, fmin(at, next), fmax(at, next), &opts, &r, err);
            break;
        }
        if (st == OK && (next == ends[0] || next == ends[1])) {
            st = err_set(err, E_NUMERIC, "repeated p: no level has its bound at %g", v->z);
        }
        at = next;
        step *= 2;
    }
    if (st == OK) {
        *ret = 1 / (1 + exp(-r.x)) / v->plan.sided;
    }
    return st;
}

static enum status repeated_p(const struct gs_plan *plan, size_t stage, double z, double *ret,
                              struct err *err)
{
    struct level v = {.plan = *plan, .z = z, .bound = calloc(stage, sizeof(double))};
    enum status st = v.bound == NULL ? err_set(err, E_NOMEM, "repeated p") : OK;

    /* Later looks have no part in it, and may ask for more than is left when alpha is large. */
    v.plan.max_info = plan->max_info > 0 ? plan->max_info : plan->info[plan->k - 1];
    v.plan.k = stage;
    if (st == OK) {
        st = find_level(&v, ret, err);
    }
    free(v.bound);
    return st;
}

enum status gs_repeated_p(size_t stage, const double *info, const double *t, const struct spending *spending,
                          double z, double *ret, struct err *err)
{
    struct level v = {.t = t, .z = z};
    enum status st;

    if (stage < 1 || stage > GS_MAX_LOOKS || !isfinite(z)) {
        return err_set(err, E_NUMERIC, "look %zu and statistic %g: must be 1 to %d, and finite", stage, z,
                       GS_MAX_LOOKS);
    }
    v.cum = calloc(2 * stage, sizeof *v.cum);
    if (v.cum == NULL) {
        return err_set(err, E_NOMEM, "repeated p");
    }
    v.bound = v.cum + stage;
    v.plan = (struct gs_plan){
        .kind = GS_CUM, .spending = *spending, .cum = v.cum, .sided = 1, .k = stage, .info = info};
    st = find_level(&v, ret, err);
    free(v.cum);
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

static enum status infer(struct search *s, double tail, int sided, struct gs_adjusted *a, struct err *err)
{
    double down, root_info = sqrt(s->info[s->stage - 1]);
    enum status st = gs_stagewise(s->stage, s->info, s->lower, s->upper, s->z, 0, &a->p_upper, &down, err);

    a->stage = s->stage;
    a->bound = s->upper[s->stage - 1];
    a->rci_lo = (s->z - a->bound) / root_info;
    a->rci_hi = (s->z + a->bound) / root_info;
    a->repeated_p = NUM_NAN;
    if (st == OK) {
        a->p_final = sided == 2 ? fmin(1, 2 * fmin(a->p_upper, down)) : a->p_upper;
        st = solve_theta(s, 0.5, TAIL_LOWER, &a->estimate, err);
    }
    if (st == OK) {
        st = solve_theta(s, tail, TAIL_LOWER, &a->ci_lo, err);
    }
    if (st == OK) {
        st = solve_theta(s, tail, TAIL_UPPER, &a->ci_hi, err);
    }
    return st;
}

enum status gs_adjust_executed(size_t stage, const double *info, const double *lower, const double *upper,
                               double z, double tail, struct gs_adjusted *ret, struct err *err)
{
    struct search s = {.info = info, .lower = lower, .upper = upper, .stage = stage, .z = z};
    struct gs_adjusted a = {0};
    int sided = 1;
    enum status st;

    if (stage < 1 || !isfinite(z) || !(tail > 0 && tail < 0.5)) {
        return err_set(err, E_NUMERIC,
                       "look %zu, statistic %g and level %g: must be 1 or more, finite and in (0, .5)", stage,
                       z, tail);
    }
    for (size_t i = 0; i < stage; i++) {
        sided = isfinite(lower[i]) ? 2 : sided;
    }
    st = infer(&s, tail, sided, &a, err);
    if (st == OK) {
        a.crossed = z >= upper[stage - 1] || z <= lower[stage - 1];
        *ret = a;
    }
    return st;
}

enum status gs_adjust(const struct gs_plan *plan, const double *z, size_t n, struct gs_adjusted *ret,
                      struct err *err)
{
    struct gs_adjusted a = {0};
    struct search s = {.info = plan->info};
    double *work, repeated = NUM_NAN;
    size_t stage = 0;
    bool crossed = false;
    enum status st = check_z(plan, z, n, err);

    if (st == OK && !(plan->alpha < 0.5 * plan->sided)) {
        st = err_set(err, E_NUMERIC, "alpha is %g: an interval needs less than .5 in each tail", plan->alpha);
    }
    if (st != OK) {
        return st;
    }
    work = calloc(2 * plan->k, sizeof *work);
    if (work == NULL) {
        return err_set(err, E_NOMEM, "adjusted inference");
    }
    s.upper = work;
    s.lower = work + plan->k;
    st = gs_design(plan, work, NULL, err);
    if (st != OK) {
        goto out;
    }
    for (size_t i = 0; i < plan->k; i++) {
        work[plan->k + i] = plan->sided == 2 ? -work[i] : -NUM_INF;
    }
    for (; stage < n && !crossed; stage++) {
        crossed = z[stage] >= s.upper[stage] || z[stage] <= s.lower[stage];
    }
    s.stage = stage;
    s.z = z[stage - 1];
    st = infer(&s, plan->alpha / plan->sided, plan->sided, &a, err);
    if (st == OK && plan->kind == GS_SPENDING) {
        st = repeated_p(plan, stage, s.z, &repeated, err);
        /* Where no level gives this z (a two-sided bound is never below 0), there is no repeated p: NaN. */
        if (st == E_NUMERIC) {
            err_clear(err);
            repeated = NUM_NAN;
            st = OK;
        }
    }
    if (st == OK) {
        a.crossed = crossed;
        a.repeated_p = repeated;
        *ret = a;
    }
out:
    free(work);
    return st;
}
