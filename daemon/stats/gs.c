#include "stats/gs.h"

#include <math.h>

#include "stats/gs_bound.h"
#include "stats/gs_grid.h"

/* The steepest rays, score per information, that looks i.. and the bound to come ask the grid to follow. */
static void set_reach(struct gs_grid *g, const struct gs_look *past, size_t i, size_t n, double last)
{
    g->reach_up = last;
    g->reach_down = 0;
    for (; i < n; i++) {
        g->reach_up = fmax(g->reach_up, gs_ray(past[i].upper, past[i].info));
        g->reach_down = fmax(g->reach_down, -gs_ray(past[i].lower, past[i].info));
    }
}

static enum status check_past(const struct gs_look *past, size_t n, double info, struct err *err)
{
    double before = 0;

    if (n > GS_MAX_LOOKS) {
        return err_set(err, E_NUMERIC, "%zu looks, at most %d", n, GS_MAX_LOOKS);
    }
    for (size_t i = 0; i <= n; i++) {
        double now = i < n ? past[i].info : info;

        if (!(now > 0 && isfinite(now))) {
            return err_set(err, E_NUMERIC, "look %zu: information %g must be above 0", i + 1, now);
        }
        if (!(now - before >= GS_MIN_GROWTH * now)) {
            return err_set(err, E_NUMERIC, "look %zu: information %.9g does not grow (from %.9g)", i + 1, now,
                           before);
        }
        if (i < n && !(past[i].lower < past[i].upper)) {
            return err_set(err, E_NUMERIC, "look %zu: the lower bound is not below the upper", i + 1);
        }
        before = now;
    }
    return OK;
}

enum status gs_next_upper(const struct gs_look *past, size_t n, double info, double alpha_now, double *bound,
                          double *spent_before, struct err *err)
{
    struct gs_grid g;
    double spent = 0, b;
    enum status st;

    if (!(alpha_now >= 0 && alpha_now < 1)) {
        return err_set(err, E_NUMERIC, "alpha at this look is %g, must be in [0, 1)", alpha_now);
    }
    st = check_past(past, n, info, err);
    if (st != OK) {
        return st;
    }
    gs_grid_init(&g, 0, 0, 0);
    for (size_t i = 0; i < n; i++) {
        set_reach(&g, past, i, n, gs_reach(alpha_now, info));
        spent += gs_grid_tail(&g, past[i].info, past[i].upper, TAIL_UPPER);
        st = gs_grid_advance(&g, past[i].info, past[i].lower, past[i].upper,
                             i + 1 < n ? past[i + 1].info : info, err);
        if (st != OK) {
            goto out;
        }
    }
    set_reach(&g, past, n, n, gs_reach(alpha_now, info));
    st = gs_bound_at(&g, info, alpha_now, TAIL_UPPER, &b, err);
    if (st != OK) {
        goto out;
    }
    *bound = b;
    *spent_before = spent;
out:
    gs_grid_done(&g);
    return st;
}
