#include "stats/root.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

enum { DEFAULT_ITERATIONS = 200 };

static enum status value_at(root_fn *f, void *ctx, double x, double *v, struct err *err)
{
    enum status st = f(ctx, x, v, err);

    if (st == OK && isnan(*v)) {
        st = err_set(err, E_NUMERIC, "root: the function is not a number at %.17g", x);
    }
    return st;
}

static bool differ(double a, double b)
{
    return (a <= 0 && b >= 0) || (a >= 0 && b <= 0);
}

enum status root_bracketed(root_fn *f, void *ctx, double lo, double hi, const struct root_opts *opts,
                           struct root *ret, struct err *err)
{
    /* (a, fa) the newest point, (b, fb) the other end of the bracket, (c, fc) the one before. */
    double a = hi, b = lo, c, fa, fb, fc, t = 0.5;
    int max = opts->max_iterations > 0 ? opts->max_iterations : DEFAULT_ITERATIONS;
    enum status st;

    st = value_at(f, ctx, a, &fa, err);
    if (st != OK) {
        return st;
    }
    st = value_at(f, ctx, b, &fb, err);
    if (st != OK) {
        return st;
    }
    if (!differ(fa, fb)) {
        return err_set(err, E_NUMERIC, "root: no change of sign between %.17g and %.17g", lo, hi);
    }
    for (int i = 1; i <= max; i++) {
        double x, fx, best, fbest, tol, limit;

        x = a + t * (b - a);
        st = value_at(f, ctx, x, &fx, err);
        if (st != OK) {
            return st;
        }
        if ((fx > 0) == (fa > 0) && fx != 0) {
            c = a;
            fc = fa;
        } else {
            c = b;
            b = a;
            fc = fb;
            fb = fa;
        }
        a = x;
        fa = fx;
        best = fabs(fa) < fabs(fb) ? a : b;
        fbest = fabs(fa) < fabs(fb) ? fa : fb;
        tol = 2 * DBL_EPSILON * fabs(best) + opts->rel_tol * fabs(best) + opts->abs_tol + DBL_MIN;
        limit = fabs(b - a) > 0 ? tol / fabs(b - a) : 1;
        if (fbest == 0 || limit > 0.5) {
            ret->x = best;
            ret->residual = fbest;
            ret->width = fbest == 0 ? 0 : fabs(b - a);
            ret->iterations = i;
            return OK;
        }
        t = 0.5;
        if (isfinite(fa) && isfinite(fb) && isfinite(fc) && fc != fb && c != b) {
            double xi = (a - b) / (c - b), phi = (fa - fb) / (fc - fb);

            if (phi * phi < xi && (1 - phi) * (1 - phi) < 1 - xi) {
                t = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb);
            }
        }
        if (!(t > limit)) {
            t = limit;
        } else if (t > 1 - limit) {
            t = 1 - limit;
        }
    }
    return err_set(err, E_NUMERIC, "root: no convergence in %d steps between %.17g and %.17g", max, lo, hi);
}

enum status root_search(root_fn *f, void *ctx, double start, double step, double min, double max,
                        const struct root_opts *opts, struct root *ret, struct err *err)
{
    double lo = start, hi = start, flo, fhi, f0;
    enum status st = value_at(f, ctx, start, &f0, err);

    if (st != OK) {
        return st;
    }
    flo = fhi = f0;
    while (lo > min || hi < max) {
        if (hi < max) {
            double next = fmin(max, hi + step), fn;

            st = value_at(f, ctx, next, &fn, err);
            if (st != OK) {
                return st;
            }
            if (differ(fhi, fn)) {
                return root_bracketed(f, ctx, hi, next, opts, ret, err);
            }
            hi = next;
            fhi = fn;
        }
        if (lo > min) {
            double next = fmax(min, lo - step), fn;

            st = value_at(f, ctx, next, &fn, err);
            if (st != OK) {
                return st;
            }
            if (differ(flo, fn)) {
                return root_bracketed(f, ctx, next, lo, opts, ret, err);
            }
            lo = next;
            flo = fn;
        }
        step *= 2;
    }
    return err_set(err, E_NUMERIC, "root: no change of sign between %.17g and %.17g", min, max);
}
