/*
 * stats.c - how long the statistics take, ours and a plain scalar version of the same: one line each,
 * "work;method;first ms;median ms;value", in processor time, which other programs of the machine disturb least.  The value is compared across methods by stats.sh.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "stats/dist.h"
#include "stats/exact_tests.h"
#include "stats/gs_cross.h"
#include "stats/gs_design.h"
#include "stats/gs_power.h"
#include "stats/hyper.h"
#include "stats/maxsprt.h"
#include "stats/rng.h"

enum { RUNS = 9, GRID_MAX = 1200, TESTS = 10000, TRIALS = 100000 };

typedef enum status work_fn(const void *arg, double *value, struct err *err);

static double now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static int run(const char *work, const char *method, int runs, work_fn *f, const void *arg)
{
    double took[RUNS], first = 0, value = 0;
    struct err err = {0};

    for (int i = 0; i < runs; i++) {
        double from = now_ms();

        if (f(arg, &value, &err) != OK) {
            (void)fprintf(stderr, "%s, %s: %s\n", work, method, err.msg);
            return 1;
        }
        took[i] = now_ms() - from;
    }
    first = took[0];
    qsort(took, (size_t)runs, sizeof took[0], ascending);
    (void)printf("%s;%s;%.4g;%.4g;%.15g\n", work, method, first, took[runs / 2], value);
    return 0;
}

/* Fractions i/k, or moved so that no two steps are alike. */
static void fractions(size_t k, int equal, double *t)
{
    for (size_t i = 0; i < k; i++) {
        t[i] = ((double)(i + 1) + (equal ? 0 : 0.35 * sin(1.7 * (double)(i + 1)))) / (double)k;
    }
    t[k - 1] = 1;
}

struct looks {
    size_t k;
    int equal;
};

static enum status spending_ours(const void *arg, double *value, struct err *err)
{
    const struct looks *l = arg;
    double info[128], z[128];
    struct gs_plan p = {.kind = GS_SPENDING, .spending = {.kind = SPEND_POCOCK}, .sided = 1, .alpha = 0.025};
    enum status st;

    fractions(l->k, l->equal, info);
    p.k = l->k;
    p.info = info;
    st = gs_design(&p, z, NULL, err);
    *value = z[l->k - 1];
    return st;
}

/* Simpson's rule over the continuation region, an exponential for every pair of points, halving for the bound. */
static enum status spending_plain(const void *arg, double *value, struct err *err)
{
    static double s[2][GRID_MAX], f[2][GRID_MAX];
    const struct looks *l = arg;
    double info[128], before = 0, spent = 0, b = 0;
    struct spending pocock = {.kind = SPEND_POCOCK};
    size_t n = 0;
    enum status st = OK;

    fractions(l->k, l->equal, info);
    for (size_t k = 0; st == OK && k < l->k; k++) {
        double d = info[k] - before, level, lo = -9, hi = 9, top, low, h;
        double *from = s[k % 2], *mass = f[k % 2], *to = s[(k + 1) % 2], *next = f[(k + 1) % 2];
        size_t m;

        st = spending_at(&pocock, 0.025, info[k], &level, err);
        while (st == OK && hi - lo > 1e-11) {
            double tail = 0;

            b = (lo + hi) / 2;
            if (k == 0) {
                tail = prob_normal(b, TAIL_UPPER);
            }
            for (size_t i = 0; k > 0 && i < n; i++) {
                tail += mass[i] * prob_normal((b * sqrt(info[k]) - from[i]) / sqrt(d), TAIL_UPPER);
            }
            if (tail > level - spent) {
                lo = b;
            } else {
                hi = b;
            }
        }
        spent = level;
        top = b * sqrt(info[k]);
        low = -8 * sqrt(info[k]);
        m = 2 * (size_t)((top - low) / sqrt(k + 1 < l->k ? fmin(d, info[k + 1] - info[k]) : d) * 4) + 1;
        m = m < 65 ? 65 : m > GRID_MAX ? GRID_MAX - 1 : m;
        h = (top - low) / (double)(m - 1);
        for (size_t j = 0; j < m; j++) {
            double sum = 0, w = h / 3 * (j == 0 || j + 1 == m ? 1 : j % 2 == 1 ? 4 : 2);

            to[j] = low + h * (double)j;
            if (k == 0) {
                sum = density_normal(to[j] / sqrt(d)) / sqrt(d);
            }
            for (size_t i = 0; k > 0 && i < n; i++) {
                sum += mass[i] * density_normal((to[j] - from[i]) / sqrt(d)) / sqrt(d);
            }
            next[j] = w * sum;
        }
        n = m;
        before = info[k];
    }
    *value = b;
    return st;
}

static enum status sprt_binomial_ours(const void *arg, double *value, struct err *err)
{
    struct maxsprt m = {0};
    enum status st = maxsprt_binomial(300, NULL, 0, 0.5, 0.05, 1, &m, err);

    (void)arg;
    *value = m.cv;
    return st;
}

/* The whole recursion anew for each trial of the critical value. */
static enum status sprt_binomial_plain(const void *arg, double *value, struct err *err)
{
    enum { N = 300 };
    double lo = 0, hi = 12;

    (void)arg;
    (void)err;
    while (hi - lo > 1e-9) {
        double cv = (lo + hi) / 2, v[N + 2] = {1}, alpha = 0;

        for (int n = 1; n <= N; n++) {
            for (int x = n; x >= 0; x--) {
                v[x] = 0.5 * (v[x] + (x > 0 ? v[x - 1] : 0));
            }
            for (int x = 1; x <= n; x++) {
                if (v[x] > 0 && maxsprt_llr_binomial(x, n, 0.5) >= cv) {
                    alpha += v[x];
                    v[x] = 0;
                }
            }
        }
        if (alpha <= 0.05) {
            hi = cv;
        } else {
            lo = cv;
        }
    }
    *value = hi;
    return OK;
}

static enum status sprt_poisson_ours(const void *arg, double *value, struct err *err)
{
    struct maxsprt m = {0};
    enum status st = maxsprt_poisson(100, 0.05, 1, 0, &m, err);

    (void)arg;
    *value = m.cv;
    return st;
}

/* tau by halving, every transition by its own density. */
static enum status sprt_poisson_plain(const void *arg, double *value, struct err *err)
{
    enum { C = 260 };
    double lo = 0.1, hi = 12;

    (void)arg;
    (void)err;
    while (hi - lo > 1e-7) {
        double cv = (lo + hi) / 2, v[C + 1] = {1}, w[C + 1], at = 0, alpha = 0;

        for (int c = 1; c <= C && at < 100; c++) {
            double a = at, b = fmin(100, (double)c), d, gone = 0;

            while (b - a > 1e-12) { /* LLR(c, tau) falls in tau */
                double t = (a + b) / 2;

                if (maxsprt_llr_poisson(c, t) >= cv) {
                    a = t;
                } else {
                    b = t;
                }
            }
            d = a - at;
            memset(w, 0, sizeof w);
            for (int x = 0; x < c; x++) {
                for (int y = x; v[x] > 0 && y < c; y++) {
                    w[y] += v[x] * density_poisson(y - x, d);
                }
            }
            for (int x = 0; x < c; x++) {
                gone += v[x] - w[x];
            }
            alpha += gone;
            memcpy(v, w, sizeof v);
            at = a;
        }
        if (alpha <= 0.05) {
            hi = cv;
        } else {
            lo = cv;
        }
    }
    *value = hi;
    return OK;
}

static void table_of(int i, int64_t *x1, int64_t *x0)
{
    *x1 = i % 76;
    *x0 = (i / 76) % 74;
}

static enum status fisher_ours(const void *arg, double *value, struct err *err)
{
    double sum = 0;

    (void)arg;
    for (int i = 0; i < TESTS; i++) {
        int64_t x1, x0;
        struct hyper h;
        double p, mid;
        enum status st;

        table_of(i, &x1, &x0);
        st = hyper_init(75, 73, x1 + x0, &h, err);
        if (st != OK) {
            return st;
        }
        hyper_two_sided(&h, x1, &p, &mid);
        sum += p;
    }
    *value = sum;
    return OK;
}

static enum status fisher_plain(const void *arg, double *value, struct err *err)
{
    double sum = 0;

    (void)arg;
    (void)err;
    for (int i = 0; i < TESTS; i++) {
        int64_t x1, x0, m;
        double at, p = 0;

        table_of(i, &x1, &x0);
        m = x1 + x0;
        at = density_hypergeometric(x1, 75, 73, m);
        for (int64_t x = m > 73 ? m - 73 : 0; x <= m && x <= 75; x++) {
            double q = density_hypergeometric(x, 75, 73, m);

            p += q <= at * (1 + 1e-7) ? q : 0;
        }
        sum += fmin(1, p);
    }
    *value = sum;
    return OK;
}

static const double three_t[3] = {1.0 / 3, 2.0 / 3, 1};

static enum status three_bounds(double *z, double *drift, struct err *err)
{
    struct gs_plan p = {.kind = GS_SPENDING,
                        .spending = {.kind = SPEND_OBF},
                        .sided = 1,
                        .alpha = 0.025,
                        .k = 3,
                        .info = three_t};
    struct gs_size size;
    enum status st = gs_design(&p, z, NULL, err);

    if (st == OK) {
        st = gs_inflation(&p, 0.2, &size, err);
    }
    *drift = st == OK ? size.drift : 0;
    return st;
}

static enum status simulate_ours(const void *arg, double *value, struct err *err)
{
    const double low[3] = {-(double)INFINITY, -(double)INFINITY, -(double)INFINITY};
    double z[3], drift, up[3], down[3], info;
    enum status st = three_bounds(z, &drift, err);

    (void)arg;
    if (st == OK) {
        st = gs_simulate(3, three_t, low, z, drift, TRIALS, 1, up, down, &info, err);
    }
    *value = st == OK ? up[0] + up[1] + up[2] : 0;
    return st;
}

static enum status simulate_plain(const void *arg, double *value, struct err *err)
{
    struct rng r;
    double z[3], drift;
    int hits = 0;
    enum status st = three_bounds(z, &drift, err);

    (void)arg;
    rng_init(&r, 1);
    for (int i = 0; st == OK && i < TRIALS; i++) {
        double s = 0, before = 0;

        for (int k = 0; k < 3; k++) {
            double d = three_t[k] - before;

            s += drift * d + sqrt(d) * sqrt(-2 * log(rng_uniform(&r))) * cos(2 * M_PI * rng_uniform(&r));
            before = three_t[k];
            if (s / sqrt(three_t[k]) >= z[k]) {
                hits++;
                break;
            }
        }
    }
    *value = (double)hits / TRIALS;
    return st;
}

int main(void)
{
    static const struct looks k20 = {20, 1}, k100 = {100, 1}, k100u = {100, 0};
    int bad = 0;

    bad += run("alpha spending K=20", "ours", RUNS, spending_ours, &k20);
    bad += run("alpha spending K=20", "plain C", 3, spending_plain, &k20);
    bad += run("alpha spending K=100", "ours", RUNS, spending_ours, &k100);
    bad += run("alpha spending K=100", "plain C", 3, spending_plain, &k100);
    bad += run("alpha spending K=100 unequal", "ours", RUNS, spending_ours, &k100u);
    bad += run("alpha spending K=100 unequal", "plain C", 3, spending_plain, &k100u);
    bad += run("MaxSPRT binomial N=300", "ours", RUNS, sprt_binomial_ours, NULL);
    bad += run("MaxSPRT binomial N=300", "plain C", 3, sprt_binomial_plain, NULL);
    bad += run("MaxSPRT Poisson T=100", "ours", RUNS, sprt_poisson_ours, NULL);
    bad += run("MaxSPRT Poisson T=100", "plain C", 1, sprt_poisson_plain, NULL);
    bad += run("1e4 Fisher tests", "ours", RUNS, fisher_ours, NULL);
    bad += run("1e4 Fisher tests", "plain C", 3, fisher_plain, NULL);
    bad += run("1e5 three-look trials", "ours", RUNS, simulate_ours, NULL);
    bad += run("1e5 three-look trials", "plain C", 3, simulate_plain, NULL);
    return bad == 0 ? 0 : 1;
}
