#include "stats/incidence.h"

#include <math.h>
#include <stdlib.h>

#include "stats/dist.h"

static int by_time(const void *a, const void *b)
{
    const struct incidence_time *x = a, *y = b;

    return (x->t > y->t) - (x->t < y->t);
}

/* Sums over the steps so far, of which the variance of F(t) is a quadratic in F(t). */
struct sums {
    double g, gf, gff, h, c, cf;
};

static double variance(const struct sums *s, double f)
{
    double v = f * f * s->g - 2 * f * s->gf + s->gff + s->h - 2 * (f * s->c - s->cf);

    return v > 0 ? v : 0;
}

enum status incidence_steps(struct incidence_time *times, size_t n, struct incidence_step **ret,
                            size_t *n_ret, struct err *err)
{
    struct incidence_step *steps;
    struct sums sum = {0};
    double surviving = 1, f = 0;
    int64_t events = 0;
    size_t k = 0;

    for (size_t i = 0; i < n; i++) {
        if (!isfinite(times[i].t) || times[i].t < 0) {
            return err_set(err, E_NUMERIC, "cumulative incidence: a time that is not finite or below 0");
        }
    }
    steps = calloc(n + 1, sizeof(*steps));
    if (steps == NULL) {
        return err_set(err, E_NOMEM, "cumulative incidence");
    }
    if (n > 0) {
        qsort(times, n, sizeof(*times), by_time);
    }
    for (size_t i = 0, next; i < n; i = next) {
        int64_t d1 = 0, d2 = 0;
        double at_risk = (double)(n - i), d, e;

        for (next = i; next < n && times[next].t <= times[i].t; next++) {
            d1 += times[next].cause == CAUSE_EVENT;
            d2 += times[next].cause == CAUSE_COMPETING;
        }
        if (d1 + d2 == 0) {
            continue;
        }
        d = (double)(d1 + d2);
        e = (double)d1;
        f += surviving * e / at_risk;
        if (d < at_risk) { /* else nobody is left, and F stays where it is: the term is 0 for every later t */
            double g = d / (at_risk * (at_risk - d));

            sum.g += g;
            sum.gf += g * f;
            sum.gff += g * f * f;
        }
        sum.h += surviving * surviving * e * (at_risk - e) / (at_risk * at_risk * at_risk);
        sum.c += surviving * e / (at_risk * at_risk);
        sum.cf += surviving * e / (at_risk * at_risk) * f;
        surviving *= (at_risk - d) / at_risk;
        events += d1;
        steps[k++] = (struct incidence_step){.t = times[i].t,
                                             .at_risk = (int64_t)(n - i),
                                             .d1 = d1,
                                             .d2 = d2,
                                             .events = events,
                                             .incidence = f,
                                             .variance = variance(&sum, f)};
    }
    if (k == 0) {
        free(steps);
        steps = NULL;
    }
    *ret = steps;
    *n_ret = k;
    return OK;
}

enum status incidence_at(const struct incidence_step *s, size_t n, double t, double level,
                         struct estimate *ret, struct err *err)
{
    struct estimate e = {0, (double)NAN, (double)NAN};
    const struct incidence_step *at = NULL;
    double z = 0, width;
    enum status st = quant_normal((1 - level) / 2, TAIL_UPPER, &z, err);

    for (size_t i = 0; i < n && s[i].t <= t; i++) {
        at = &s[i];
    }
    if (st != OK) {
        return st;
    }
    if (at != NULL) {
        e.value = at->incidence;
    }
    if (at != NULL && e.value > 0 && e.value < 1) {
        width = z * sqrt(at->variance) / fabs((1 - e.value) * log1p(-e.value));
        e.lo = -expm1(exp(-width) * log1p(-e.value));
        e.hi = -expm1(exp(width) * log1p(-e.value));
    }
    *ret = e;
    return OK;
}

int64_t incidence_at_risk(const struct incidence_time *times, size_t n, double t)
{
    size_t lo = 0, hi = n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (times[mid].t < t) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return (int64_t)(n - lo);
}
