#include "stats/gs_grid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Region kept about the mean, kernel kept about the increment's mean (sd), and what is added about a far bound. */
#define REGION_SD 10.0
#define KERNEL_SD 9.5
#define FAR_SD    7.0
/* Steps by which the exponential factors are carried on by multiplication before they are computed anew. */
enum { CARRY = 32, PANELS_MAX = 4000000 };
/* Pairs of panels of one step: some ten seconds. */
#define PAIRS_MAX 1e8
/*
 * Panels this much narrower than a step's kernel needs are gathered into wider ones; an exponential over such a panel may
 * change by exp(+-SMOOTH / 2), which 12 nodes hold to 5e-11 at the far end of the kernel and to 1e-14 in its bulk.
 */
#define GATHER 4.0
#define SMOOTH 2.4
/* Squares and quotients of information in this range stay numbers. */
#define INFO_MIN 1e-100
#define INFO_MAX 1e100

enum { HALF = GS_NODES / 2 };
/* Abramowitz & Stegun 25.4.30, n = 12, positive half. */
static const double node[HALF] = {0.125233408511468915472441369464, 0.367831498998180193752691536644,
                                  0.587317954286617447296702418941, 0.769902674194304687036893833213,
                                  0.904117256370474856678465866119, 0.981560634246719250690549090149};
static const double weight[HALF] = {0.249147045813402785000562436043, 0.233492536538354808760849898925,
                                    0.203167426723065921749064455810, 0.160078328543346226334652529543,
                                    0.106939325995318430960254718194, 0.047175336386511827194615961485};

static double node_at(size_t i)
{
    return i < HALF ? -node[HALF - 1 - i] : node[i - HALF];
}

static double weight_at(size_t i)
{
    return i < HALF ? weight[HALF - 1 - i] : weight[i - HALF];
}

void gs_grid_init(struct gs_grid *g, double theta, double reach_up, double reach_down)
{
    memset(g, 0, sizeof *g);
    g->theta = theta;
    g->reach_up = reach_up;
    g->reach_down = reach_down;
}

void gs_grid_done(struct gs_grid *g)
{
    free(g->mass);
    memset(g, 0, sizeof *g);
}

/* How far an increment over d can matter, beyond its mean. */
static double kernel_reach(double reach, double d)
{
    double sd = sqrt(d);

    return fmax(KERNEL_SD * sd, reach * d + FAR_SD * sd);
}

double gs_grid_tail(const struct gs_grid *g, double info, double z, enum tail tail)
{
    double d = info - g->info, sd = sqrt(d), b = z * sqrt(info), sum = 0, far, sign;

    if (g->info == 0) {
        return prob_normal(z - g->theta * sqrt(info), tail);
    }
    if (isinf(z)) {
        return (z > 0) == (tail == TAIL_UPPER) ? 0 : gs_grid_alive(g);
    }
    sign = tail == TAIL_UPPER ? 1 : -1;
    far = kernel_reach(tail == TAIL_UPPER ? g->reach_up : g->reach_down, d);
    for (size_t p = 0; p < g->panels; p++) {
        double centre = g->first + (double)p * g->width;
        /* How far the process has to go to pass the bound, from the panel's centre. */
        double gap = sign * (b - centre - g->theta * d);
        const double *m = g->mass + p * GS_NODES;

        if (gap - g->width / 2 > far) {
            continue;
        }
        if (gap + g->width / 2 < -KERNEL_SD * sd) {
            for (size_t j = 0; j < GS_NODES; j++) {
                sum += m[j];
            }
            continue;
        }
        for (size_t j = 0; j < GS_NODES; j++) {
            if (m[j] > 0) {
                sum += m[j] * prob_normal((gap - sign * node_at(j) * g->width / 2) / sd, TAIL_UPPER);
            }
        }
    }
    return sum;
}

double gs_grid_alive(const struct gs_grid *g)
{
    double sum = 0;

    if (g->info == 0) {
        return 1;
    }
    for (size_t i = 0; i < g->panels * GS_NODES; i++) {
        sum += g->mass[i];
    }
    return sum;
}

/* One step: what is the same for all pairs of panels. */
struct step {
    double d, drift, width_from, width_to, far_up, far_down;
    double x[GS_NODES], y[GS_NODES]; /* nodes about the centre: target, source */
    double g[GS_NODES][GS_NODES];    /* [source][target] exp(-(x - y)^2 / 2d) */
    /* Factors of exp(D y / d) and exp(-D x / d) from one source panel to the next. */
    double carry_y[GS_NODES], carry_x[GS_NODES];
};

static void step_init(struct step *s, const struct gs_grid *from, double info, double width_to)
{
    s->d = info - from->info;
    s->drift = from->theta * s->d;
    s->width_from = from->width;
    s->width_to = width_to;
    s->far_up = kernel_reach(from->reach_up, s->d);
    s->far_down = kernel_reach(from->reach_down, s->d);
    for (size_t i = 0; i < GS_NODES; i++) {
        s->x[i] = node_at(i) * width_to / 2;
        s->y[i] = node_at(i) * from->width / 2;
    }
    for (size_t j = 0; j < GS_NODES; j++) {
        s->carry_y[j] = exp(-from->width * s->y[j] / s->d);
        s->carry_x[j] = exp(from->width * s->x[j] / s->d);
        for (size_t i = 0; i < GS_NODES; i++) {
            double u = s->x[i] - s->y[j];

            s->g[j][i] = exp(-u * u / (2 * s->d));
        }
    }
}

/* Density at the nodes of the target panel about `centre`, without the factor 1/sqrt(2 pi d). */
static void step_panel(const struct step *s, const struct gs_grid *from, double centre, double *out)
{
    double ey[GS_NODES], ex[GS_NODES], acc[GS_NODES], mid = centre - s->drift - from->first;
    double lo = ceil((mid - s->far_up) / s->width_from - 0.5),
           hi = floor((mid + s->far_down) / s->width_from + 0.5);
    size_t p0 = lo > 0 ? (size_t)fmin(lo, (double)from->panels) : 0;
    size_t p1 = hi < 0 ? 0 : (size_t)fmin(hi + 1, (double)from->panels);

    memset(out, 0, GS_NODES * sizeof *out);
    for (size_t p = p0; p < p1; p++) {
        const double *m = from->mass + p * GS_NODES;
        double gap = mid - (double)p * s->width_from, outer = exp(-gap * gap / (2 * s->d));

        if ((p - p0) % CARRY == 0) {
            for (size_t j = 0; j < GS_NODES; j++) {
                ey[j] = exp(gap * s->y[j] / s->d);
                ex[j] = exp(-gap * s->x[j] / s->d);
            }
        } else {
            for (size_t j = 0; j < GS_NODES; j++) {
                ey[j] *= s->carry_y[j];
                ex[j] *= s->carry_x[j];
            }
        }
        memset(acc, 0, sizeof acc);
        for (size_t j = 0; j < GS_NODES; j++) {
            double v = ey[j] * m[j];

            for (size_t i = 0; i < GS_NODES; i++) {
                acc[i] += v * s->g[j][i];
            }
        }
        for (size_t i = 0; i < GS_NODES; i++) {
            out[i] += acc[i] * ex[i] * outer;
        }
    }
}

/* Values at u in [-1, 1] of the polynomials that are 1 at one node and 0 at the others. */
static void lagrange(double u, double *out)
{
    double sum = 0;

    for (size_t i = 0; i < GS_NODES; i++) {
        double gap = u - node_at(i);

        if (gap == 0) {
            memset(out, 0, GS_NODES * sizeof *out);
            out[i] = 1;
            return;
        }
        /* Barycentric weights of Gauss-Legendre nodes: alternating sqrt((1 - x^2) w). */
        out[i] = (i % 2 == 0 ? 1 : -1) * sqrt((1 - node_at(i) * node_at(i)) * weight_at(i)) / gap;
        sum += out[i];
    }
    for (size_t i = 0; i < GS_NODES; i++) {
        out[i] /= sum;
    }
}

/* How wide panels may be in a step over d. */
static double smooth_width(const struct gs_grid *from, double d)
{
    return SMOOTH * d / fmax(kernel_reach(from->reach_up, d), kernel_reach(from->reach_down, d));
}

/* 0: the panels of `width` over `span` do as they are; else how many wider ones stand for them. */
static size_t gathered(double span, double width, double smooth)
{
    return width * GATHER <= smooth ? (size_t)ceil(span / smooth) : 0;
}

/*
 * The same mass in n panels: what a smooth kernel, which is a polynomial over a panel, makes of it is the same.  The masses
 * are the caller's.
 */
static enum status gather(const struct gs_grid *from, size_t n, struct gs_grid *ret, struct err *err)
{
    double lo = from->first - from->width / 2, basis[GS_NODES];

    *ret = *from;
    ret->panels = n;
    ret->width = (double)from->panels * from->width / (double)n;
    ret->first = lo + ret->width / 2;
    ret->mass = calloc(n * GS_NODES, sizeof *ret->mass);
    if (ret->mass == NULL) {
        return err_set(err, E_NOMEM, "boundary grid");
    }
    for (size_t p = 0; p < from->panels; p++) {
        for (size_t j = 0; j < GS_NODES; j++) {
            double at = (((double)p + 0.5) + node_at(j) / 2) * from->width / ret->width, m, *to;
            size_t q = (size_t)at < n ? (size_t)at : n - 1;

            m = from->mass[p * GS_NODES + j];
            to = ret->mass + q * GS_NODES;
            lagrange(2 * (at - (double)q) - 1, basis);
            for (size_t i = 0; i < GS_NODES; i++) {
                to[i] += m * basis[i];
            }
        }
    }
    return OK;
}

/* Density at the nodes of n panels from `lo` on. */
static void densities(double *out, const struct gs_grid *from, double info, double lo, double width, size_t n)
{
    struct step s;

    step_init(&s, from, info, width);
    for (size_t p = 0; p < n; p++) {
        step_panel(&s, from, lo + ((double)p + 0.5) * width, out + p * GS_NODES);
    }
}

/* The same on narrower panels: wider ones are worked out, and read between their nodes. */
static enum status spread(double *out, const struct gs_grid *from, double info, double lo, double width,
                          size_t panels, size_t n, struct err *err)
{
    double wide = (double)panels * width / (double)n, *held = calloc(n * GS_NODES, sizeof *held),
           basis[GS_NODES];

    if (held == NULL) {
        return err_set(err, E_NOMEM, "boundary grid");
    }
    densities(held, from, info, lo, wide, n);
    for (size_t p = 0; p < panels; p++) {
        for (size_t j = 0; j < GS_NODES; j++) {
            double at = (((double)p + 0.5) + node_at(j) / 2) * width / wide, sum = 0;
            size_t q = (size_t)at < n ? (size_t)at : n - 1;

            lagrange(2 * (at - (double)q) - 1, basis);
            for (size_t i = 0; i < GS_NODES; i++) {
                sum += held[q * GS_NODES + i] * basis[i];
            }
            out[p * GS_NODES + j] = fmax(0, sum);
        }
    }
    free(held);
    return OK;
}

/* The masses of a look: of the first, or of a step. */
static enum status fill(double *mass, const struct gs_grid *from, double info, double lo, double width,
                        size_t panels, struct err *err)
{
    double d = info - from->info, scale, sd = sqrt(info);
    struct gs_grid wide = {0};
    enum status st = OK;

    if (from->info == 0) {
        scale = width / 2 / sd;
        for (size_t p = 0; p < panels; p++) {
            for (size_t j = 0; j < GS_NODES; j++) {
                double s = lo + ((double)p + 0.5 + node_at(j) / 2) * width;

                mass[p * GS_NODES + j] = density_normal((s - from->theta * info) / sd);
            }
        }
    } else {
        double smooth = smooth_width(from, d);
        size_t n = gathered((double)from->panels * from->width, from->width, smooth);

        scale = 1 / sqrt(2 * M_PI * d) * width / 2;
        if (n > 0) {
            st = gather(from, n, &wide, err);
            from = &wide;
        }
        n = gathered((double)panels * width, width, smooth);
        if (st == OK && n > 0) {
            st = spread(mass, from, info, lo, width, panels, n, err);
        } else if (st == OK) {
            densities(mass, from, info, lo, width, panels);
        }
        free(wide.mass);
    }
    for (size_t i = 0; i < panels * GS_NODES; i++) {
        mass[i] *= scale * weight_at(i % GS_NODES);
    }
    return st;
}

/* Pairs of panels that a step meets. */
static double pairs_of(const struct gs_grid *from, double d, double span, double panels)
{
    double smooth = smooth_width(from, d),
           reach = kernel_reach(from->reach_up, d) + kernel_reach(from->reach_down, d);
    double width = fmax(from->width, from->width * GATHER <= smooth ? smooth : 0),
           n = fmin(panels, span / panels * GATHER <= smooth ? ceil(span / smooth) : panels);

    return n * fmin((double)from->panels, reach / width + 2);
}

enum status gs_grid_advance(struct gs_grid *g, double info, double lower, double upper, double next_info,
                            struct err *err)
{
    double d = info - g->info, sd = sqrt(info), widest, lo, hi, n, *mass;
    size_t panels;
    enum status st;

    if (!(info > 0 && isfinite(info) && d > GS_MIN_GROWTH * info * 0.999)) {
        return err_set(err, E_NUMERIC, "information must grow by more than %g of itself from look to look",
                       GS_MIN_GROWTH);
    }
    if (!(info >= INFO_MIN && info <= INFO_MAX)) {
        return err_set(err, E_NUMERIC, "information %g is outside %g to %g: choose another unit", info,
                       INFO_MIN, INFO_MAX);
    }
    if (next_info > 0 && !(next_info - info > GS_MIN_GROWTH * next_info * 0.999)) {
        return err_set(err, E_NUMERIC, "information must grow by more than %g of itself from look to look",
                       GS_MIN_GROWTH);
    }
    if (isnan(lower) || isnan(upper) || isnan(next_info)) {
        return err_set(err, E_NUMERIC, "a bound or the information is not a number");
    }
    widest = sqrt(next_info > 0 ? fmin(d, next_info - info) : d);
    lo = fmax(lower * sd, g->theta * info - fmax(REGION_SD * sd, g->reach_down * info + FAR_SD * sd));
    hi = fmin(upper * sd, g->theta * info + fmax(REGION_SD * sd, g->reach_up * info + FAR_SD * sd));
    n = hi > lo ? ceil((hi - lo) / widest) : 0;
    if (!(n <= PANELS_MAX)) {
        return err_set(err, E_NUMERIC, "looks too close together for the range of information: %g panels", n);
    }
    if (g->info > 0 && g->panels > 0 && n > 0 && pairs_of(g, d, hi - lo, n) > PAIRS_MAX) {
        return err_set(err, E_NUMERIC, "looks too close together, too often: leave some of them out");
    }
    panels = (size_t)n;
    if (panels == 0 || (g->info > 0 && g->panels == 0)) {
        /* Nothing goes on, here or since an earlier look. */
        free(g->mass);
        g->mass = NULL;
        g->panels = 0;
        g->info = info;
        return OK;
    }
    mass = calloc(panels * GS_NODES, sizeof *mass);
    if (mass == NULL) {
        return err_set(err, E_NOMEM, "boundary grid");
    }
    st = fill(mass, g, info, lo, (hi - lo) / n, panels, err);
    if (st != OK) {
        free(mass);
        return st;
    }
    free(g->mass);
    g->mass = mass;
    g->panels = panels;
    g->width = (hi - lo) / n;
    g->first = lo + g->width / 2;
    g->info = info;
    return OK;
}
