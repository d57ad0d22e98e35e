/* Group sequential sets: boundaries, crossing, inflation, adjusted. */
#include "cmd/ctl_calc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "stats/dist.h"
#include "stats/gs_adjust.h"
#include "stats/gs_cross.h"
#include "stats/gs_design.h"
#include "stats/gs_grid.h"
#include "stats/gs_power.h"

#define INFO_RANGE  "[1e-50, 1e50]"
#define DRIFT_RANGE "[-1e6, 1e6]"
enum { INFLATION_K_MAX = 1000 };

/* Several rows of a set share a design: worked out once, found again by the row that stood for it first. */
struct memo {
    size_t *rows;
    double **values;
    size_t n, cap, cap_values;
};

static const double *memo_find(const struct memo *m, const struct calc *c, size_t row, const char *const *key)
{
    for (size_t i = m->n; i-- > 0;) {
        if (calc_same(c, m->rows[i], row, key)) {
            return m->values[i];
        }
    }
    return NULL;
}

/* Takes the values over, also when it fails. */
static enum status memo_add(struct memo *m, size_t row, double *values, struct err *err)
{
    enum status st = VEC_PUSH_ROOM(m->rows, m->n, m->cap, err);

    if (st == OK) {
        st = VEC_PUSH_ROOM(m->values, m->n, m->cap_values, err);
    }
    if (st != OK) {
        free(values);
        return st;
    }
    m->rows[m->n] = row;
    m->values[m->n++] = values;
    return OK;
}

static void memo_done(struct memo *m)
{
    for (size_t i = 0; i < m->n; i++) {
        free(m->values[i]);
    }
    free(m->values);
    free(m->rows);
}

static enum status unknown_type(const struct calc *c, size_t row, struct err *err)
{
    err_set(err, E_DATA,
            "column type: \"%.40s\" is none of LDOF, LDPocock, HSD, KD, EXP, WT, HP, User (asOF, asP, "
            "asHSD, asKD, P, OF)",
            calc_text(c, row, "type"));
    return calc_row_failed(c, row, E_DATA, err);
}

/* NULL: the type has no parameter. P and OF are Wang-Tsiatis with theirs fixed. */
static const char *param_range(const struct gs_plan *p, const char *type)
{
    switch (p->kind) {
    case GS_CUM:
        return NULL;
    case GS_WT:
        return strcmp(type, "WT") == 0 ? "[-5, 5]" : NULL;
    case GS_HP:
        return "(0, 37]";
    case GS_SPENDING:
        break;
    }
    return calc_spending_range(&p->spending);
}

/* type, param, sided, alpha of a row; the looks are the caller's. */
static enum status read_plan(const struct calc *c, size_t row, struct gs_plan *p, struct err *err)
{
    const char *type = calc_text(c, row, "type"), *range;
    int64_t sided;
    enum status st = calc_int(c, row, "sided", 1, 2, &sided, err);

    memset(p, 0, sizeof *p);
    if (st == OK) {
        st = calc_num_in(c, row, "alpha", ALPHA_RANGE, &p->alpha, err);
    }
    if (st != OK) {
        return st;
    }
    p->sided = (int)sided;
    if (strcmp(type, "User") == 0) {
        p->kind = GS_CUM;
    } else if (strcmp(type, "HP") == 0) {
        p->kind = GS_HP;
    } else if (strcmp(type, "WT") == 0) {
        p->kind = GS_WT;
    } else if (strcmp(type, "P") == 0 || strcmp(type, "OF") == 0) {
        p->kind = GS_WT;
        p->param = strcmp(type, "P") == 0 ? 0.5 : 0;
    } else if (calc_spending(type, &p->spending)) {
        p->kind = GS_SPENDING;
    } else {
        return unknown_type(c, row, err);
    }
    range = param_range(p, type);
    if (range != NULL) {
        st = calc_num_in(c, row, "param", range, &p->param, err);
        p->spending.param = p->param;
    }
    return st;
}

static enum status check_k(const struct calc *c, size_t row, size_t n, const char *column, struct err *err)
{
    int64_t k;
    enum status st = calc_int(c, row, "K", 1, GS_MAX_LOOKS, &k, err);

    if (st == OK && (size_t)k != n) {
        err_set(err, E_DATA, "column %s: %zu values for K %lld", column, n, (long long)k);
        st = calc_row_failed(c, row, E_DATA, err);
    }
    return st;
}

/* z[k] then cum[k]. */
static enum status boundary_design(const struct calc *c, size_t row, double **ret, struct err *err)
{
    struct gs_plan p;
    double *info = NULL, *cum = NULL, *out = NULL;
    size_t n_cum = 0;
    enum status st = read_plan(c, row, &p, err);

    if (st == OK) {
        st = calc_list(c, row, "info_fractions", INFO_RANGE, GS_MIN_GROWTH, &info, &p.k, err);
    }
    if (st == OK) {
        st = check_k(c, row, p.k, "info_fractions", err);
    }
    if (st == OK && p.kind == GS_CUM) {
        st = calc_list(c, row, "user_cum_fraction", "[0, 1]", 0, &cum, &n_cum, err);
        if (st == OK) {
            st = check_k(c, row, n_cum, "user_cum_fraction", err);
        }
    }
    if (st != OK) {
        goto out;
    }
    out = calloc(2 * p.k, sizeof *out);
    if (out == NULL) {
        st = err_set(err, E_NOMEM, "%s: design", c->file);
        goto out;
    }
    p.info = info;
    p.cum = cum;
    p.max_info = 1; /* the column holds fractions of the maximum */
    st = gs_design(&p, out, out + p.k, err);
    if (st != OK) {
        st = calc_row_failed(c, row, st, err);
        goto out;
    }
    *ret = out;
    out = NULL;
out:
    free(info);
    free(cum);
    free(out);
    return st;
}

enum status calc_boundaries(struct calc *c, struct err *err)
{
    static const char *const key[] = {
        "type", "param", "sided", "alpha", "K", "info_fractions", "user_cum_fraction", NULL};
    struct memo memo = {0};
    enum status st = OK;

    for (size_t row = 0; st == OK && row < c->rows; row++) {
        const double *d = memo_find(&memo, c, row, key);
        int64_t k, look;

        if (d == NULL) {
            double *fresh = NULL;

            st = boundary_design(c, row, &fresh, err);
            if (st == OK) {
                st = memo_add(&memo, row, fresh, err);
            }
            d = fresh;
        }
        if (st == OK) {
            st = calc_int(c, row, "K", 1, GS_MAX_LOOKS, &k, err);
        }
        if (st == OK) {
            st = calc_int(c, row, "look", 1, k, &look, err);
        }
        if (st == OK) {
            /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): a failed design leaves st as its failure */
            st = calc_put(c, row, 0, d[look - 1], err);
        }
        if (st == OK) {
            st = calc_put(c, row, 1, prob_normal(d[look - 1], TAIL_UPPER), err);
        }
        if (st == OK) {
            st = calc_put(c, row, 2, d[k + look - 1], err);
        }
    }
    memo_done(&memo);
    return st;
}

/* p_upper[k], p_lower[k], expected. */
static enum status crossing_case(const struct calc *c, size_t row, double **ret, struct err *err)
{
    double *info = NULL, *lower = NULL, *upper = NULL, *out = NULL, drift;
    size_t k = 0, n_lower = 0, n_upper = 0;
    enum status st = calc_list(c, row, "info_fractions", INFO_RANGE, GS_MIN_GROWTH, &info, &k, err);

    if (st == OK) {
        st = check_k(c, row, k, "info_fractions", err);
    }
    if (st == OK) {
        st = calc_list(c, row, "lower_z", "[-Inf, Inf]", -1, &lower, &n_lower, err);
    }
    if (st == OK) {
        st = check_k(c, row, n_lower, "lower_z", err);
    }
    if (st == OK) {
        st = calc_list(c, row, "upper_z", "[-Inf, Inf]", -1, &upper, &n_upper, err);
    }
    if (st == OK) {
        st = check_k(c, row, n_upper, "upper_z", err);
    }
    if (st == OK) {
        st = calc_num_in(c, row, "drift_theta_sqrtImax", DRIFT_RANGE, &drift, err);
    }
    if (st != OK) {
        goto out;
    }
    out = calloc(2 * k + 1, sizeof *out);
    if (out == NULL) {
        st = err_set(err, E_NOMEM, "%s: crossing probabilities", c->file);
        goto out;
    }
    st = gs_cross(k, info, lower, upper, drift, out, out + k, out + 2 * k, err);
    if (st != OK) {
        st = calc_row_failed(c, row, st, err);
        goto out;
    }
    *ret = out;
    out = NULL;
out:
    free(info);
    free(lower);
    free(upper);
    free(out);
    return st;
}

/* Column z_now, which is optional: the power to cross later, from this look's z; under the drift and under a flat prior. */
static enum status power_from(struct calc *c, size_t row, int64_t look, struct err *err)
{
    double *info = NULL, *lower = NULL, *upper = NULL, z, drift, conditional = 0, predictive = 0;
    size_t k = 0, n;
    enum status st = calc_num_in(c, row, "z_now", "[-37, 37]", &z, err);

    if (st == OK) {
        st = calc_num_in(c, row, "drift_theta_sqrtImax", DRIFT_RANGE, &drift, err);
    }
    if (st == OK) {
        st = calc_list(c, row, "info_fractions", INFO_RANGE, GS_MIN_GROWTH, &info, &k, err);
    }
    if (st == OK) {
        st = calc_list(c, row, "lower_z", "[-Inf, Inf]", -1, &lower, &n, err);
    }
    if (st == OK) {
        st = calc_list(c, row, "upper_z", "[-Inf, Inf]", -1, &upper, &n, err);
    }
    if (st == OK && (size_t)look >= k) {
        err_set(err, E_DATA, "column z_now: look %lld is the last, and none is left to cross at",
                (long long)look);
        st = calc_row_failed(c, row, E_DATA, err);
    }
    if (st != OK) {
        goto out;
    }
    st = gs_conditional_power(k, info, lower, upper, (size_t)look, z, drift, &conditional, err);
    if (st == OK) {
        st = gs_predictive_power(k, info, lower, upper, (size_t)look, z, &predictive, err);
    }
    if (st != OK) {
        st = calc_row_failed(c, row, st, err);
        goto out;
    }
    st = calc_put(c, row, 4, conditional, err);
    if (st == OK) {
        st = calc_put(c, row, 5, predictive, err);
    }
out:
    free(info);
    free(lower);
    free(upper);
    return st;
}

enum status calc_crossing(struct calc *c, struct err *err)
{
    static const char *const key[] = {"K",       "info_fractions",       "lower_z",
                                      "upper_z", "drift_theta_sqrtImax", NULL};
    struct memo memo = {0};
    enum status st = OK;

    for (size_t row = 0; st == OK && row < c->rows; row++) {
        const double *d = memo_find(&memo, c, row, key);
        int64_t k = 1, look = 1;
        double cum = 0;

        if (d == NULL) {
            double *fresh = NULL;

            st = crossing_case(c, row, &fresh, err);
            if (st == OK) {
                st = memo_add(&memo, row, fresh, err);
            }
            d = fresh;
        }
        if (st == OK) {
            st = calc_int(c, row, "K", 1, GS_MAX_LOOKS, &k, err);
        }
        if (st == OK) {
            st = calc_int(c, row, "look", 1, k, &look, err);
        }
        for (int64_t i = 0; st == OK && i < look; i++) {
            /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): a failed case leaves st as its failure */
            cum += d[i];
        }
        if (st == OK) {
            /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): as above */
            const double v[] = {d[look - 1], d[k + look - 1], cum, d[2 * k]};

            for (size_t i = 0; st == OK && i < 4; i++) {
                st = calc_put(c, row, i, v[i], err);
            }
        }
        if (st == OK && !calc_absent(c, row, "z_now")) {
            st = power_from(c, row, look, err);
        }
    }
    memo_done(&memo);
    return st;
}

enum status calc_inflation(struct calc *c, struct err *err)
{
    enum status st = OK;

    for (size_t row = 0; st == OK && row < c->rows; row++) {
        struct gs_plan p;
        struct gs_size s = {0};
        double beta, *info;
        int64_t k;

        st = read_plan(c, row, &p, err);
        if (st == OK) {
            st = calc_int(c, row, "K", 1, INFLATION_K_MAX, &k, err);
        }
        if (st == OK) {
            st = calc_num_in(c, row, "beta", "(0, 1)", &beta, err);
        }
        if (st != OK) {
            break;
        }
        info = calloc((size_t)k, sizeof *info);
        if (info == NULL) {
            return err_set(err, E_NOMEM, "%s: inflation", c->file);
        }
        for (int64_t i = 0; i < k; i++) {
            info[i] = (double)(i + 1) / (double)k;
        }
        p.k = (size_t)k;
        p.info = info;
        st = gs_inflation(&p, beta, &s, err);
        free(info);
        if (st != OK) {
            return calc_row_failed(c, row, st, err);
        }
        const double v[] = {s.drift, s.inflation, s.asn0, s.asn01, s.asn1};

        for (size_t i = 0; st == OK && i < 5; i++) {
            st = calc_put(c, row, i, v[i], err);
        }
    }
    return st;
}

static enum status adjusted_row(struct calc *c, size_t row, struct err *err)
{
    struct gs_plan p;
    struct gs_adjusted a = {0};
    double *events = NULL, *z = NULL;
    size_t n = 0;
    enum status st = read_plan(c, row, &p, err);

    if (st == OK) {
        st = calc_list(c, row, "events", INFO_RANGE, GS_MIN_GROWTH, &events, &p.k, err);
    }
    if (st == OK) {
        st = check_k(c, row, p.k, "events", err);
    }
    if (st == OK) {
        st = calc_list(c, row, "z_observed", "[-37, 37]", -1, &z, &n, err);
    }
    if (st == OK && n > p.k) {
        err_set(err, E_DATA, "column z_observed: %zu values, must be 1 to the %zu looks of K", n, p.k);
        st = calc_row_failed(c, row, E_DATA, err);
    }
    if (st != OK) {
        goto out;
    }
    for (size_t i = 0; i < p.k; i++) {
        events[i] /= 4; /* information of a log hazard ratio at equal allocation */
    }
    p.info = events;
    st = gs_adjust(&p, z, n, &a, err);
    if (st != OK) {
        st = calc_row_failed(c, row, st, err);
        goto out;
    }
    st = calc_put(c, row, 0, (double)a.stage, err);
    if (st == OK) {
        st = calc_put_text(c, row, 1, a.crossed ? "TRUE" : "FALSE", err);
    }
    const double v[] = {a.bound, a.p_upper, a.p_final, a.estimate,  a.ci_lo,
                        a.ci_hi, a.rci_lo,  a.rci_hi,  a.repeated_p};

    for (size_t i = 0; st == OK && i < 9; i++) {
        st = calc_put(c, row, i + 2, v[i], err);
    }
out:
    free(events);
    free(z);
    return st;
}

enum status calc_adjusted(struct calc *c, struct err *err)
{
    enum status st = OK;

    for (size_t row = 0; st == OK && row < c->rows; row++) {
        st = adjusted_row(c, row, err);
    }
    return st;
}
