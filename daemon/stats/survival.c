#include "stats/survival.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/dist.h"
#include "stats/num.h"
#include "stats/root.h"

struct person {
    double time;
    int event, arm, stratum;
};

static int by_time(const void *a, const void *b)
{
    const struct person *x = a, *y = b;

    return x->stratum != y->stratum ? (x->stratum > y->stratum) - (x->stratum < y->stratum)
                                    : (x->time > y->time) - (x->time < y->time);
}

/* The rows of one stratum, its n people ascending in time; returns how many. */
static size_t one_stratum(const struct person *p, size_t n, struct logrank_row *out, double *when)
{
    int64_t y1 = 0, y0 = 0;
    size_t k = 0;

    for (size_t i = 0; i < n; i++) {
        y1 += p[i].arm;
        y0 += 1 - p[i].arm;
    }
    for (size_t i = 0, j; i < n; i = j) {
        struct logrank_row r = {.y1 = y1, .y0 = y0};

        for (j = i; j < n && p[j].time == p[i].time; j++) {
            r.d1 += p[j].event * p[j].arm;
            r.d0 += p[j].event * (1 - p[j].arm);
            y1 -= p[j].arm;
            y0 -= 1 - p[j].arm;
        }
        if (r.d1 + r.d0 > 0) {
            when[k] = p[i].time;
            out[k++] = r;
        }
    }
    return k;
}

enum status survival_table_strata(const double *time, const int *event, const int *arm, const int *stratum,
                                  size_t n, struct logrank_row **rows, double **times, size_t *n_rows,
                                  struct err *err)
{
    struct person *p = calloc(n + 1, sizeof *p);
    struct logrank_row *out = calloc(n + 1, sizeof *out);
    double *when = calloc(n + 1, sizeof *when);
    size_t k = 0;
    enum status st = OK;

    if (p == NULL || out == NULL || when == NULL) {
        st = err_set(err, E_NOMEM, "risk table of %zu subjects", n);
        goto out;
    }
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(time[i]) || (event[i] != 0 && event[i] != 1) || (arm[i] != 0 && arm[i] != 1)) {
            st = err_set(err, E_NUMERIC, "subject %zu: time must be finite, event and arm 0 or 1", i + 1);
            goto out;
        }
        p[i] = (struct person){time[i], event[i], arm[i], stratum != NULL ? stratum[i] : 0};
    }
    qsort(p, n, sizeof *p, by_time);
    for (size_t i = 0, j; i < n; i = j) {
        for (j = i; j < n && p[j].stratum == p[i].stratum; j++) {
        }
        k += one_stratum(p + i, j - i, out + k, when + k);
    }
    *rows = out;
    *n_rows = k;
    out = NULL;
    if (times != NULL) {
        *times = when;
        when = NULL;
    }
out:
    free(p);
    free(out);
    free(when);
    return st;
}

enum status survival_table(const double *time, const int *event, const int *arm, size_t n,
                           struct logrank_row **rows, size_t *n_rows, struct err *err)
{
    return survival_table_strata(time, event, arm, NULL, n, rows, NULL, n_rows, err);
}

struct cox {
    const struct logrank_row *rows;
    size_t n;
};

/* Efron's score; falls in beta. */
static enum status cox_score(void *ctx, double beta, double *value, struct err *err)
{
    const struct cox *c = ctx;
    double score = 0, e = exp(-fabs(beta));

    (void)err;
    for (size_t i = 0; i < c->n; i++) {
        const struct logrank_row *r = &c->rows[i];
        int64_t d = r->d1 + r->d0;

        if (r->y1 == 0 || r->y0 == 0) {
            continue; /* certain: no score */
        }
        score += (double)r->d1;
        for (int64_t l = 0; l < d; l++) {
            double share = (double)l / (double)d, a = (double)r->y1 - share * (double)r->d1,
                   b = (double)r->y0 - share * (double)r->d0;

            score -= beta >= 0 ? a / (a + b * e) : a * e / (a * e + b);
        }
    }
    *value = score;
    return OK;
}

enum status cox_efron(const struct logrank_row *rows, size_t n, double *log_hr, struct err *err)
{
    struct cox c = {rows, n};
    struct root_opts opts = {.abs_tol = 1e-13};
    struct root r;
    int64_t for_1 = 0, for_0 = 0;
    enum status st;

    for (size_t i = 0; i < n; i++) {
        if (rows[i].d1 < 0 || rows[i].d0 < 0 || rows[i].y1 < rows[i].d1 || rows[i].y0 < rows[i].d0) {
            return err_set(err, E_NUMERIC, "risk table row %zu: events must be 0 to the subjects at risk",
                           i + 1);
        }
        if (rows[i].y1 > 0 && rows[i].y0 > 0) {
            int64_t d = rows[i].d1 + rows[i].d0;

            /* All at risk have their event at once: Efron's terms still weigh the arms, but towards neither end. */
            for_1 += rows[i].d1;
            for_0 += rows[i].d0;
            if (d > 100000000) {
                return err_set(err, E_NUMERIC, "risk table row %zu: too many tied events", i + 1);
            }
        }
    }
    if (for_1 == 0 || for_0 == 0) {
        *log_hr = for_1 == for_0 ? NUM_NAN : for_1 > 0 ? NUM_INF : -NUM_INF;
        return OK;
    }
    st = root_search(cox_score, &c, 0, 0.5, -700, 700, &opts, &r, err);
    if (st != OK) {
        return err_wrap(err, st, "Cox hazard ratio");
    }
    *log_hr = r.x;
    return OK;
}

/* The log partial likelihood at log hazard ratio b, terms that do not move with b left out; ends: b may be +-Inf. */
static double cox_likelihood(const struct cox *c, double b)
{
    double sum = 0, e = exp(-fabs(b));

    for (size_t i = 0; i < c->n; i++) {
        const struct logrank_row *r = &c->rows[i];
        int64_t d = r->d1 + r->d0, lost = b >= 0 ? r->d0 : r->d1;

        if (r->y1 == 0 || r->y0 == 0) {
            continue;
        }
        /* The arm that b favours has weight 1, the other one e: nothing overflows, and 0 events times Inf is not asked. */
        sum -= lost > 0 ? (double)lost * fabs(b) : 0;
        for (int64_t l = 0; l < d; l++) {
            double share = (double)l / (double)d, a = (double)r->y1 - share * (double)r->d1,
                   o = (double)r->y0 - share * (double)r->d0;

            sum -= log(b >= 0 ? a + o * e : a * e + o);
        }
    }
    return sum;
}

struct profile {
    struct cox cox;
    double top, fall;
};

static enum status profile_gap(void *ctx, double b, double *value, struct err *err)
{
    const struct profile *p = ctx;

    (void)err;
    *value = p->top - cox_likelihood(&p->cox, b) - p->fall;
    return OK;
}

/* Outward from the estimate the likelihood falls without end; from an infinite one it falls from its far top towards 0. */
static enum status profile_limit(struct profile *p, double log_hr, int side, double *ret, struct err *err)
{
    struct root_opts opts = {.abs_tol = 1e-13};
    double from = log_hr, to = log_hr, step = 0.5, gap = -1;
    struct root r;
    enum status st = OK;

    if (isinf(log_hr)) {
        from = -side * 700.0;
        to = side * 700.0;
        gap = 0;
    }
    while (st == OK && gap < 0 && fabs(to) <= 700) {
        to += side * step;
        step *= 2;
        st = profile_gap(p, to, &gap, err);
    }
    if (st == OK) {
        st = root_bracketed(profile_gap, p, fmin(from, to), fmax(from, to), &opts, &r, err);
    }
    if (st == OK) {
        *ret = exp(r.x);
    }
    return st;
}

enum status cox_hazard_ratio(const struct logrank_row *rows, size_t n, double conf, struct estimate *ret,
                             struct err *err)
{
    struct profile p = {.cox = {rows, n}};
    struct estimate e = {NUM_NAN, 0, NUM_INF};
    double log_hr, z;
    enum status st;

    if (!(conf > 0 && conf < 1)) {
        return err_set(err, E_NUMERIC, "confidence is %g, must be in (0, 1)", conf);
    }
    st = cox_efron(rows, n, &log_hr, err);
    if (st == OK) {
        st = quant_normal((1 - conf) / 2, TAIL_UPPER, &z, err);
    }
    if (st != OK || isnan(log_hr)) {
        goto out;
    }
    e.value = exp(log_hr);
    p.top = cox_likelihood(&p.cox, log_hr);
    p.fall = z * z / 2;
    if (log_hr > -NUM_INF) {
        st = profile_limit(&p, log_hr, -1, &e.lo, err);
    }
    if (st == OK && log_hr < NUM_INF) {
        st = profile_limit(&p, log_hr, 1, &e.hi, err);
    }
    if (st != OK) {
        return err_wrap(err, st, "limits of the hazard ratio");
    }
out:
    if (st == OK) {
        *ret = e;
    }
    return st;
}

enum status peto_hazard_ratio(const struct logrank *lr, double conf, struct estimate *ret, struct err *err)
{
    double b, z;
    enum status st;

    if (!(lr->variance > 0)) {
        return err_set(err, E_NUMERIC, "Peto's hazard ratio: no event with both arms at risk");
    }
    if (!(conf > 0 && conf < 1)) {
        return err_set(err, E_NUMERIC, "confidence is %g, must be in (0, 1)", conf);
    }
    st = quant_normal((1 - conf) / 2, TAIL_UPPER, &z, err);
    if (st == OK) {
        b = (lr->observed - lr->expected) / lr->variance;
        z /= sqrt(lr->variance);
        *ret = (struct estimate){exp(b), exp(b - z), exp(b + z)};
    }
    return st;
}

enum status logrank_rho1(const struct logrank_row *rows, size_t n, double *chisq, struct err *err)
{
    double surv = 1, u = 0, v = 0;

    for (size_t i = 0; i < n; i++) {
        const struct logrank_row *r = &rows[i];
        double y1 = (double)r->y1, y0 = (double)r->y0, y = y1 + y0, d = (double)(r->d1 + r->d0);

        if (r->d1 < 0 || r->d0 < 0 || r->y1 < r->d1 || r->y0 < r->d0) {
            return err_set(err, E_NUMERIC, "risk table row %zu: events must be 0 to the subjects at risk",
                           i + 1);
        }
        if (d == 0) {
            continue;
        }
        u += surv * ((double)r->d1 - d * y1 / y);
        if (y > 1) {
            v += surv * surv * d * (y1 / y) * (y0 / y) * ((y - d) / (y - 1));
        }
        surv *= (y - d) / y;
    }
    if (!(v > 0)) {
        return err_set(err, E_NUMERIC, "weighted logrank: no event with both arms at risk");
    }
    *chisq = u * u / v;
    return OK;
}
