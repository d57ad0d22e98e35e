#include "stats/quad.h"

#include <float.h>
#include <math.h>

void quad_legendre(size_t n, double *x, double *w)
{
    for (size_t i = 0; i < (n + 1) / 2; i++) {
        double z = cos(M_PI * ((double)i + 0.75) / ((double)n + 0.5)), slope = 1, step = 1;

        for (int it = 0; it < 100 && fabs(step) > 1e-16; it++) {
            double p1 = 1, p2 = 0;

            for (size_t j = 1; j <= n; j++) {
                double p3 = p2, dj = (double)j;

                p2 = p1;
                p1 = ((2 * dj - 1) * z * p2 - (dj - 1) * p3) / dj;
            }
            slope = (double)n * (z * p1 - p2) / (z * z - 1);
            step = p1 / slope;
            z -= step;
        }
        x[i] = -z;
        x[n - 1 - i] = z;
        w[i] = w[n - 1 - i] = 2 / ((1 - z * z) * slope * slope);
    }
    if (n % 2 == 1) {
        x[n / 2] = 0;
    }
}

enum { POINTS = 16, DEPTH = 45, PANELS_MAX = 40000 };

struct rule {
    double x[POINTS], w[POINTS];
    quad_fn *f;
    const void *ctx;
    size_t panels; /* worked out so far */
};

static double panel(struct rule *r, double a, double b)
{
    double sum = 0, mid = (a + b) / 2, half = (b - a) / 2;

    r->panels++;
    for (size_t i = 0; i < POINTS; i++) {
        sum += r->w[i] * r->f(r->ctx, mid + half * r->x[i]);
    }
    return sum * half;
}

static double halve(struct rule *r, double a, double b, double whole, double tol, int depth)
{
    double mid = (a + b) / 2, left = panel(r, a, mid), right = panel(r, mid, b);

    /* Not a number ends here too: it passes into the sum, where it is seen.  Below rounding nothing is gained. */
    if (!(fabs(left + right - whole) > fmax(tol, 4 * DBL_EPSILON * (fabs(left) + fabs(right)))) ||
        depth == DEPTH || r->panels > PANELS_MAX) {
        return left + right;
    }
    return halve(r, a, mid, left, tol, depth + 1) + halve(r, mid, b, right, tol, depth + 1);
}

enum status quad_adaptive(quad_fn *f, const void *ctx, const double *breaks, size_t n, double abs_tol,
                          double *ret, struct err *err)
{
    struct rule r = {.f = f, .ctx = ctx};
    double sum = 0;

    quad_legendre(POINTS, r.x, r.w);
    for (size_t i = 0; i + 1 < n; i++) {
        double a = breaks[i], b = breaks[i + 1];

        if (b > a) {
            sum += halve(&r, a, b, panel(&r, a, b), abs_tol / (double)n, 0);
        }
    }
    if (r.panels > PANELS_MAX) {
        return err_set(err, E_NUMERIC, "the integral does not settle in %d panels", PANELS_MAX);
    }
    if (!isfinite(sum)) {
        return err_set(err, E_NUMERIC, "the integral is not a number");
    }
    *ret = sum;
    return OK;
}
