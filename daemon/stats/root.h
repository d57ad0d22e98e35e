/*
 * root.h - a root of a function of one variable between two points where its sign differs.
 *
 * Chandrupatla 1997: bisection guarded, inverse quadratic where that is safe.  The bracket is kept and returned: evidence.
 * E_NUMERIC when the signs do not differ, a value is NaN or the iterations run out: never a number without a bracket.
 */
#ifndef DSMB_STATS_ROOT_H
#define DSMB_STATS_ROOT_H

#include "base/err.h"

/* Value of the function at x, or a failure that ends the search and is passed on. */
typedef enum status root_fn(void *ctx, double x, double *value, struct err *err);

struct root_opts {
    double abs_tol,
        rel_tol; /* the bracket ends at |width| <= 2 (abs_tol + rel_tol |x|); both may be 0: machine limit */
    int max_iterations; /* 0: 200 */
};

struct root {
    double x;
    double residual; /* the function at x */
    double width;    /* of the last bracket: |x - other end|; 0 when the residual is */
    int iterations;
};

enum status root_bracketed(root_fn *f, void *ctx, double lo, double hi, const struct root_opts *opts,
                           struct root *ret, struct err *err);
/*
 * The same for a monotone function without a bracket: steps from `start` by `step`, doubling, to both sides until the
 * sign changes, within [min, max].  E_NUMERIC when it does not.
 */
enum status root_search(root_fn *f, void *ctx, double start, double step, double min, double max,
                        const struct root_opts *opts, struct root *ret, struct err *err);

#endif
