#include "stats/gs_bound.h"

#include <float.h>
#include <math.h>

#include "stats/num.h"
#include "stats/root.h"

/* Below this a sum over the grid has no relative digits left in a double: nothing is spent. */
#define P_MIN       1e-290
#define LOG_P_CHECK 1e-9

struct search {
    const struct gs_grid *g;
    double info, log_p;
    enum tail tail;
};

static enum status log_gap(void *ctx, double z, double *value, struct err *err)
{
    const struct search *s = ctx;

    (void)err;
    *value = log(gs_grid_tail(s->g, s->info, z, s->tail)) - s->log_p;
    return OK;
}

double gs_ray(double z, double info)
{
    /* Beyond this z no probability is left in a double; information that is none is refused by the grid. */
    return fabs(z) < 38 && info > 0 ? z / sqrt(info) : 0;
}

double gs_reach(double p, double info)
{
    double z;

    /* A bound at p >= 1/2 or at next to nothing asks for nothing. */
    if (!(p > P_MIN && p < 0.5 && info > 0) || quant_normal(p, TAIL_UPPER, &z, NULL) != OK) {
        return 0;
    }
    return z / sqrt(info);
}

enum status gs_bound_at(const struct gs_grid *g, double info, double p, enum tail tail, double *bound,
                        struct err *err)
{
    struct search s = {.g = g, .info = info, .log_p = log(p), .tail = tail};
    struct root_opts opts = {.abs_tol = 1e-13, .rel_tol = 4 * DBL_EPSILON};
    struct root r;
    double z, sign = tail == TAIL_UPPER ? 1 : -1, alive = gs_grid_alive(g);
    enum status st;

    if (!(p >= 0 && p < 1)) {
        return err_set(err, E_NUMERIC, "probability %g to spend at a look is outside [0, 1)", p);
    }
    /* The first look needs no grid: one tail keeps its digits to the end of the range. */
    if (p < (g->info == 0 ? DBL_MIN : P_MIN)) {
        *bound = sign * NUM_INF;
        return OK;
    }
    if (!(p < alive)) {
        return err_set(err, E_NUMERIC,
                       "alpha asks for more at this look than the probability of reaching it");
    }
    /* Without earlier looks the bound would be z + drift: it can only lie nearer. */
    st = quant_normal(p, tail, &z, err);
    if (st != OK) {
        return st;
    }
    z += g->theta * sqrt(info);
    st = root_search(log_gap, &s, z, 0.01, z - 80, z + 80, &opts, &r, err);
    if (st != OK) {
        return err_wrap(err, st, "bound at information %.9g", info);
    }
    if (!(fabs(r.residual) <= LOG_P_CHECK)) {
        return err_set(err, E_NUMERIC, "bound at information %.9g: the solver missed by %g", info,
                       r.residual);
    }
    *bound = r.x;
    return OK;
}
