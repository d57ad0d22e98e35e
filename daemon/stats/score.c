#include "stats/score.h"

#include <float.h>
#include <math.h>

#include "stats/dist.h"
#include "stats/num.h"
#include "stats/root.h"

struct table {
    double x1, n1, x0, n0; /* n: subjects or person-time */
    double z2;             /* square of the critical value, with the variance factor in it */
    double side;           /* of a difference: 1 upper limit, -1 lower */
};

static enum status check_table(int64_t x1, int64_t n1, int64_t x0, int64_t n0, struct err *err)
{
    if (n1 < 1 || n0 < 1 || n1 > INT64_C(1) << 40 || n0 > INT64_C(1) << 40) {
        return err_set(err, E_NUMERIC, "subjects of an arm must be 1 to 2^40");
    }
    if (x1 < 0 || x1 > n1 || x0 < 0 || x0 > n0) {
        return err_set(err, E_NUMERIC, "events of an arm must be 0 to its subjects");
    }
    return OK;
}

static enum status critical(double conf, double *z, struct err *err)
{
    if (!(conf > 0 && conf < 1)) {
        return err_set(err, E_NUMERIC, "confidence is %g, must be in (0, 1)", conf);
    }
    return quant_normal((1 - conf) / 2, TAIL_UPPER, z, err);
}

/*
 * Constrained MLE of p0 given p1 = p0 + d: the root of L3 p^3 + L2 p^2 + L1 p + L0 in [max(0,-d), min(1,1-d)].
 * The trigonometric root loses half its digits where roots almost meet; a bracketing search on the score equation,
 * which is monotone there, does not.
 */
struct constrained {
    const struct table *t;
    double d;
};

/* count / p; at the very end of the range, where rounding makes p 0, as large as can be. */
static double pull(double count, double p)
{
    return count > 0 ? count / fmax(p, 1e-290) : 0;
}

static enum status rd_score_eq(void *ctx, double p0, double *value, struct err *err)
{
    const struct constrained *c = ctx;
    const struct table *t = c->t;
    double p1 = p0 + c->d, s = 0;

    (void)err;
    /* d logL / dp; falls in p. A term with no events (or nothing but events) has no pole. */
    s += pull(t->x0, p0) - pull(t->n0 - t->x0, 1 - p0);
    s += pull(t->x1, p1) - pull(t->n1 - t->x1, 1 - p1);
    *value = s;
    return OK;
}

static double cubic_root(const struct table *t, double d)
{
    double n = t->n1 + t->n0, m = t->x1 + t->x0;
    double l3 = n, l2 = (t->n1 + 2 * t->n0) * d - n - m, l1 = (t->n0 * d - n - 2 * t->x0) * d + m,
           l0 = t->x0 * d * (1 - d);
    double q = pow(l2 / (3 * l3), 3) - l1 * l2 / (6 * l3 * l3) + l0 / (2 * l3);
    double under = pow(l2 / (3 * l3), 2) - l1 / (3 * l3);
    double p = copysign(sqrt(fmax(0, under)), q), a;

    if (p == 0) {
        return -l2 / (3 * l3);
    }
    a = (M_PI + acos(fmax(-1, fmin(1, q / (p * p * p))))) / 3;
    return 2 * p * cos(a) - l2 / (3 * l3);
}

/* Polishes the closed form inside its domain. */
static enum status rd_constrained(const struct table *t, double d, double *p0, struct err *err)
{
    struct constrained c = {t, d};
    struct root_opts opts = {.abs_tol = 0};
    struct root r;
    double lo = fmax(0, -d), hi = fmin(1, 1 - d), p = fmin(hi, fmax(lo, cubic_root(t, d))), inner, outer, v,
           w;
    enum status st;

    /* A corner: the likelihood falls or rises over the whole interval. */
    inner = lo + (hi - lo) * 1e-13;
    outer = hi - (hi - lo) * 1e-13;
    if (!(inner < outer)) {
        *p0 = p;
        return OK;
    }
    st = rd_score_eq(&c, inner, &v, err);
    if (st == OK && v <= 0) {
        *p0 = lo;
        return OK;
    }
    if (st == OK) {
        st = rd_score_eq(&c, outer, &w, err);
    }
    if (st == OK && w >= 0) {
        *p0 = hi;
        return OK;
    }
    if (st != OK) {
        return st;
    }
    {
        double half = fmax(1e-7 * (hi - lo), 1e-7 * p), a = fmax(inner, p - half), b = fmin(outer, p + half),
               fa, fb;

        st = rd_score_eq(&c, a, &fa, err);
        if (st == OK) {
            st = rd_score_eq(&c, b, &fb, err);
        }
        if (st != OK) {
            return st;
        }
        st = a < b && fa >= 0 && fb <= 0 ? root_bracketed(rd_score_eq, &c, a, b, &opts, &r, err)
                                         : root_bracketed(rd_score_eq, &c, inner, outer, &opts, &r, err);
    }
    if (st != OK) {
        return st;
    }
    *p0 = r.x;
    return OK;
}

/* Observed difference less d, and z standard errors towards the limit: falls through 0 there. */
static enum status rd_gap(void *ctx, double d, double *value, struct err *err)
{
    const struct table *t = ctx;
    double p0, p1, gap, var;
    enum status st = rd_constrained(t, d, &p0, err);

    if (st != OK) {
        return st;
    }
    p1 = fmin(1, fmax(0, p0 + d));
    gap = t->x1 / t->n1 - t->x0 / t->n0 - d;
    var = p1 * (1 - p1) / t->n1 + p0 * (1 - p0) / t->n0;
    *value = gap + t->side * sqrt(t->z2 * var);
    return OK;
}

/*
 * The limit between `at` (the estimate, inside the interval) and `end` of the parameter space; the end itself when the
 * score does not reject there.
 */
static enum status limit_between(root_fn *f, struct table *t, double at, double end, double *ret,
                                 struct err *err)
{
    struct root_opts opts = {.abs_tol = 1e-15};
    struct root r;
    double near = at + (end - at) * 1e-14, v;
    enum status st = f(t, end, &v, err);

    if (st != OK) {
        return st;
    }
    if (at == end || (end > at ? v >= 0 : v <= 0)) {
        *ret = end;
        return OK;
    }
    st = root_bracketed(f, t, near, end, &opts, &r, err);
    if (st == OK) {
        *ret = r.x;
    }
    return st;
}

enum status score_rd_limits(int64_t x1, int64_t n1, int64_t x0, int64_t n0, double conf, double *lo,
                            double *hi, struct err *err)
{
    struct table t = {.x1 = (double)x1, .n1 = (double)n1, .x0 = (double)x0, .n0 = (double)n0};
    double z, at, l, h, n = t.n1 + t.n0;
    enum status st = check_table(x1, n1, x0, n0, err);

    if (st == OK) {
        st = critical(conf, &z, err);
    }
    if (st != OK) {
        return st;
    }
    at = t.x1 / t.n1 - t.x0 / t.n0;
    t.z2 = z * z * n / (n - 1);
    t.side = -1;
    st = limit_between(rd_gap, &t, at, -1, &l, err);
    t.side = 1;
    if (st == OK) {
        st = limit_between(rd_gap, &t, at, 1, &h, err);
    }
    if (st != OK) {
        return err_wrap(err, st, "Miettinen-Nurminen interval");
    }
    *lo = l;
    *hi = h;
    return OK;
}

/*
 * Koopman's score at relative risk exp(t), signed.  The constrained p0 is the smaller root of
 * N r p^2 - (A + C) p + x1 + x0 = 0, A = r (n1 + x0), C = x1 + n0; its discriminant is written as a sum of positive terms.
 */
static enum status rr_gap(void *ctx, double log_rr, double *value, struct err *err)
{
    const struct table *t = ctx;
    double r = exp(log_rr), a = r * (t->n1 + t->x0), c = t->x1 + t->n0, p0, p1, gap, var;

    (void)err;
    p0 = 2 * (t->x1 + t->x0) / (a + c + sqrt((a - c) * (a - c) + 4 * r * (t->n1 - t->x1) * (t->n0 - t->x0)));
    p0 = fmin(p0, 1);
    p1 = fmin(1, r * p0);
    gap = t->x1 / t->n1 - r * t->x0 / t->n0;
    var = p1 * (1 - p1) / t->n1 + r * r * p0 * (1 - p0) / t->n0;
    /* Divided by what keeps both ends of the scale finite. */
    *value = (gap - copysign(sqrt(t->z2 * var), gap)) / (1 + r);
    return OK;
}

enum status score_rr_limits(int64_t x1, int64_t n1, int64_t x0, int64_t n0, double conf, double *lo,
                            double *hi, struct err *err)
{
    struct table t = {.x1 = (double)x1, .n1 = (double)n1, .x0 = (double)x0, .n0 = (double)n0};
    struct root_opts opts = {.abs_tol = 1e-14};
    double z, l = 0, h = NUM_INF, far = 80, log_l, log_h;
    struct root r;
    enum status st = check_table(x1, n1, x0, n0, err);

    if (st == OK) {
        st = critical(conf, &z, err);
    }
    if (st != OK) {
        return st;
    }
    t.z2 = z * z;
    /* Where the score points from: the estimate, or an end of the scale that it sits at. */
    log_l = x0 == 0 ? far : log(t.x1 / t.n1) - log(t.x0 / t.n0) - 1e-12;
    log_h = x1 == 0 ? -far : log(t.x1 / t.n1) - log(t.x0 / t.n0) + 1e-12;
    if (x1 > 0) {
        st = root_bracketed(rr_gap, &t, -far, log_l, &opts, &r, err);
        l = st == OK ? exp(r.x) : 0;
    }
    if (st == OK && x0 > 0) {
        st = root_bracketed(rr_gap, &t, log_h, far, &opts, &r, err);
        h = st == OK ? exp(r.x) : 0;
    }
    if (st != OK) {
        return err_wrap(err, st, "interval of the relative risk");
    }
    *lo = l;
    *hi = h;
    return OK;
}

static void wilson(double x, double n, double z, double *lo, double *hi)
{
    double p = x / n, mid = p + z * z / (2 * n), half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)),
           scale = 1 + z * z / n;

    /* At the ends mid equals half up to rounding: exact there. */
    *lo = x == 0 ? 0 : (mid - half) / scale;
    *hi = x == n ? 1 : (mid + half) / scale;
}

enum status newcombe_rd_limits(int64_t x1, int64_t n1, int64_t x0, int64_t n0, double conf, double *lo,
                               double *hi, struct err *err)
{
    double z, p1, p0, l1, u1, l0, u0;
    enum status st = check_table(x1, n1, x0, n0, err);

    if (st == OK) {
        st = critical(conf, &z, err);
    }
    if (st != OK) {
        return st;
    }
    p1 = (double)x1 / (double)n1;
    p0 = (double)x0 / (double)n0;
    wilson((double)x1, (double)n1, z, &l1, &u1);
    wilson((double)x0, (double)n0, z, &l0, &u0);
    *lo = p1 - p0 - hypot(p1 - l1, u0 - p0);
    *hi = p1 - p0 + hypot(u1 - p1, p0 - l0);
    return OK;
}

enum status score_pooled_z(int64_t x1, int64_t n1, int64_t x0, int64_t n0, double *z, struct err *err)
{
    double a = (double)x1, n = (double)n1 + (double)n0, m = (double)x1 + (double)x0, var;
    enum status st = check_table(x1, n1, x0, n0, err);

    if (st != OK) {
        return st;
    }
    /* (x1 n0 - x0 n1) / sqrt(n1 n0 m (n - m) / n): one subtraction of whole numbers. */
    var = (double)n1 * (double)n0 * m * (n - m) / n;
    *z = var > 0 ? (a * (double)n0 - (double)x0 * (double)n1) / sqrt(var) : 0;
    return OK;
}

/* Constrained rate of arm 0 given rate 1 = rate 0 + d: (t1+t0) r^2 + ((t1+t0) d - x1 - x0) r - x0 d = 0. */
static enum status poisson_gap(void *ctx, double d, double *value, struct err *err)
{
    const struct table *t = ctx;
    double a = t->n1 + t->n0, b = a * d - t->x1 - t->x0, c = -t->x0 * d,
           root = sqrt(fmax(0, b * b - 4 * a * c));
    double r0 = b > 0 ? -2 * c / (b + root) : (-b + root) / (2 * a), r1, gap, var;

    (void)err;
    r0 = fmax(r0, fmax(0, -d));
    r1 = fmax(0, r0 + d);
    gap = t->x1 / t->n1 - t->x0 / t->n0 - d;
    var = r1 / t->n1 + r0 / t->n0;
    *value = gap - copysign(sqrt(t->z2 * var), gap);
    return OK;
}

enum status score_poisson_rd_limits(int64_t x1, double t1, int64_t x0, double t0, double conf, double *lo,
                                    double *hi, struct err *err)
{
    struct table t = {.x1 = (double)x1, .n1 = t1, .x0 = (double)x0, .n0 = t0};
    struct root_opts opts = {.rel_tol = 1e-14};
    struct root r;
    double z, at, scale, near, l, h;
    enum status st;

    if (!(t1 > 0 && t0 > 0 && isfinite(t1) && isfinite(t0))) {
        return err_set(err, E_NUMERIC, "person-time of an arm must be above 0");
    }
    if (x1 < 0 || x0 < 0) {
        return err_set(err, E_NUMERIC, "events of an arm must be 0 or more");
    }
    st = critical(conf, &z, err);
    if (st != OK) {
        return st;
    }
    t.z2 = z * z;
    at = t.x1 / t1 - t.x0 / t0;
    /* Far enough to reject on either side: the interval of a single event more in each arm is inside. */
    scale = (z + 2) * (z + 2) * (sqrt(t.x1 + 1) / t1 + sqrt(t.x0 + 1) / t0) * 4;
    near = fmax(scale * 1e-14, 4 * DBL_EPSILON * fabs(at));
    st = root_bracketed(poisson_gap, &t, at - scale, at - near, &opts, &r, err);
    l = st == OK ? r.x : 0;
    if (st == OK) {
        st = root_bracketed(poisson_gap, &t, at + near, at + scale, &opts, &r, err);
    }
    h = st == OK ? r.x : 0;
    if (st != OK) {
        return err_wrap(err, st, "interval of the difference of rates");
    }
    *lo = l;
    *hi = h;
    return OK;
}
