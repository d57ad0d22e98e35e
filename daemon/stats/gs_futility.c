#include "stats/gs_futility.h"

#include <math.h>
#include <stdlib.h>

#include "stats/gs_bound.h"
#include "stats/gs_grid.h"
#include "stats/num.h"
#include "stats/root.h"

struct work {
    const struct gs_futility_plan *plan;
    double delta;
    double *info, *upper, *lower, *alpha, *beta, *harm_level;
    double *reach_alpha, *reach_beta; /* scratch: see far() */
};

/* How far any bound from look i on will lie: what the grids must hold until then. */
static void far(const struct work *w, const double *levels, double *reach)
{
    for (size_t i = w->plan->k; i-- > 0;) {
        reach[i] = fmax(gs_reach(levels[i], w->info[i]), i + 1 < w->plan->k ? reach[i + 1] : 0);
    }
}

/* What each look may spend. */
static enum status levels_of(struct work *w, struct err *err)
{
    const struct gs_futility_plan *p = w->plan;
    enum status st = OK;

    for (size_t i = 0; st == OK && i < p->k; i++) {
        double from = i > 0 ? p->t[i - 1] : 0;

        st = spending_between(&p->efficacy, p->alpha, from, p->t[i], &w->alpha[i], err);
        if (st == OK) {
            st = spending_between(&p->futility, p->beta, from, p->t[i], &w->beta[i], err);
        }
        if (st == OK && p->astar > 0) {
            st = spending_between(&p->harm, p->astar, from, p->t[i], &w->harm_level[i], err);
        }
    }
    return st;
}

/*
 * Bounds for a maximum information: efficacy under no drift, futility under delta.  *gap is positive when the trial is
 * too small: more than beta is lost below the last efficacy bound.
 */
static enum status bounds_for(struct work *w, double i_max, double *gap, struct err *err)
{
    const struct gs_futility_plan *p = w->plan;
    struct gs_grid null, alt;
    size_t last = p->k - 1;
    enum status st = OK;

    gs_grid_init(&null, 0, 0, 0);
    gs_grid_init(&alt, w->delta, 0, 0);
    for (size_t i = 0; i < p->k; i++) {
        w->info[i] = p->t[i] * i_max;
    }
    far(w, w->alpha, w->reach_alpha);
    far(w, w->beta, w->reach_beta);
    for (size_t i = 0; i < p->k; i++) {
        double next = i < last ? w->info[i + 1] : 0, lost;

        null.reach_up = w->reach_alpha[i];
        alt.reach_down = w->reach_beta[i];
        if (w->alpha[i] >= gs_grid_alive(&null)) {
            /* Futility has stopped so many already that alpha cannot be spent: larger than it needs to be. */
            *gap = -1 - (double)(last - i);
            goto out;
        }
        st = gs_bound_at(&null, w->info[i], w->alpha[i], TAIL_UPPER, &w->upper[i], err);
        if (st != OK) {
            goto out;
        }
        lost = gs_grid_tail(&alt, w->info[i], w->upper[i], TAIL_LOWER);
        if (i == last) {
            w->lower[i] = w->upper[i];
            *gap = log(lost) - log(w->beta[i]);
            break;
        }
        if (lost <= w->beta[i]) {
            /* All that has not crossed would stop here: the trial is larger than it needs to be. */
            *gap = -1 - (double)(last - i);
            goto out;
        }
        st = gs_bound_at(&alt, w->info[i], w->beta[i], TAIL_LOWER, &w->lower[i], err);
        if (st == OK) {
            st = gs_grid_advance(&alt, w->info[i], w->lower[i], w->upper[i], next, err);
        }
        if (st == OK) {
            st = gs_grid_advance(&null, w->info[i], p->binding ? w->lower[i] : -NUM_INF, w->upper[i], next,
                                 err);
        }
        if (st != OK) {
            goto out;
        }
    }
out:
    gs_grid_done(&null);
    gs_grid_done(&alt);
    return st;
}

static enum status size_gap(void *ctx, double i_max, double *value, struct err *err)
{
    return bounds_for(ctx, i_max, value, err);
}

static enum status harm_bounds(const struct work *w, double *harm, struct err *err)
{
    const struct gs_futility_plan *p = w->plan;
    struct gs_grid g;
    enum status st = OK;

    gs_grid_init(&g, 0, 0, 0);
    far(w, w->harm_level, w->reach_beta);
    for (size_t i = 0; i < p->k; i++) {
        double h;

        g.reach_down = w->reach_beta[i];

        st = gs_bound_at(&g, w->info[i], w->harm_level[i], TAIL_LOWER, &h, err);
        if (st != OK) {
            break;
        }
        harm[i] = fmin(h, w->lower[i]);
        st = gs_grid_advance(&g, w->info[i], harm[i], w->upper[i], i + 1 < p->k ? w->info[i + 1] : 0, err);
        if (st != OK) {
            break;
        }
    }
    gs_grid_done(&g);
    return st;
}

static enum status check_futility(const struct gs_futility_plan *p, struct err *err)
{
    if (!(p->alpha > 0 && p->alpha < 1 && p->beta > 0 && p->beta < 1 - p->alpha)) {
        return err_set(err, E_NUMERIC, "alpha %g and beta %g must be above 0 and together below 1", p->alpha,
                       p->beta);
    }
    if (!(p->astar >= 0 && p->astar < 1)) {
        return err_set(err, E_NUMERIC, "harm level is %g, must be in [0, 1)", p->astar);
    }
    if (p->k < 1 || p->k > GS_MAX_LOOKS) {
        return err_set(err, E_NUMERIC, "%zu looks, must be 1 to %d", p->k, GS_MAX_LOOKS);
    }
    for (size_t i = 0; i < p->k; i++) {
        if (!(p->t[i] > 0 && p->t[i] <= 1 && p->t[i] - (i > 0 ? p->t[i - 1] : 0) >= GS_MIN_GROWTH)) {
            return err_set(err, E_NUMERIC, "look %zu: information fraction %g must rise within (0, 1]", i + 1,
                           p->t[i]);
        }
    }
    if (p->t[p->k - 1] < 1) {
        return err_set(err, E_NUMERIC, "the last information fraction must be 1");
    }
    return OK;
}

enum status gs_futility(const struct gs_futility_plan *plan, double *info, double *upper, double *lower,
                        double *harm, double *delta, struct err *err)
{
    struct work w = {.plan = plan};
    struct root_opts opts = {.abs_tol = 1e-13};
    struct root r;
    double za, zb, *mem = NULL, gap;
    enum status st = check_futility(plan, err);

    if (st == OK) {
        st = quant_normal(plan->alpha, TAIL_UPPER, &za, err);
    }
    if (st == OK) {
        st = quant_normal(plan->beta, TAIL_UPPER, &zb, err);
    }
    if (st != OK) {
        return st;
    }
    mem = calloc(9 * plan->k, sizeof *mem);
    if (mem == NULL) {
        return err_set(err, E_NOMEM, "futility bounds");
    }
    w.delta = za + zb;
    w.info = mem;
    w.upper = mem + plan->k;
    w.lower = mem + 2 * plan->k;
    w.alpha = mem + 3 * plan->k;
    w.beta = mem + 4 * plan->k;
    w.harm_level = mem + 5 * plan->k;
    w.reach_alpha = mem + 7 * plan->k;
    w.reach_beta = mem + 8 * plan->k;
    st = levels_of(&w, err);
    if (st == OK) {
        st = root_search(size_gap, &w, 1.05, 0.1, 0.2, 20, &opts, &r, err);
    }
    if (st == OK) {
        st = bounds_for(&w, r.x, &gap, err);
    }
    if (st == OK && !(fabs(gap) <= 1e-9)) {
        st = err_set(err, E_NUMERIC, "futility bounds: no maximum information meets alpha and beta");
    }
    if (st == OK && plan->astar > 0) {
        st = harm_bounds(&w, mem + 6 * plan->k, err);
    }
    if (st != OK) {
        st = err_wrap(err, st, "futility and harm bounds");
        goto out;
    }
    for (size_t i = 0; i < plan->k; i++) {
        info[i] = w.info[i];
        upper[i] = w.upper[i];
        lower[i] = w.lower[i];
        if (plan->astar > 0) {
            harm[i] = mem[6 * plan->k + i];
        }
    }
    *delta = w.delta;
out:
    free(mem);
    return st;
}
