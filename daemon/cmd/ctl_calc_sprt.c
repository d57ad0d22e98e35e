/* The set maxsprt. */
#include "cmd/ctl_calc.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "stats/exact_design.h"
#include "stats/maxsprt.h"
#include "stats/num.h"

/* Events of a sequential design: seconds of work. */
enum { SPRT_EVENTS_MAX = 20000 };
#define COUNT_MAX INT64_C(1000000000)
/* Controls per exposed: 1 - p0 keeps its digits. */
#define RATIO_RANGE "[0.0001, 1e6]"

/* "beta=0.05;lower=...": the number after "beta=". */
static enum status read_beta(const struct calc *c, size_t row, double *ret, struct err *err)
{
    const char *s = strstr(calc_text(c, row, "groups"), "beta=");

    s = s == NULL ? calc_text(c, row, "groups") : s + 5;
    s += strspn(s, " ");
    if (!text_double(s, strcspn(s, ";"), ret) || !(*ret > 0 && *ret < 1)) {
        err_set(err, E_DATA, "column groups: beta=NUMBER, in (0, 1), is needed for Wald's test");
        return calc_row_failed(c, row, E_DATA, err);
    }
    return OK;
}

static enum status wald_row(struct calc *c, size_t row, bool binomial, double size, double alpha,
                            struct err *err)
{
    struct wald w = {0};
    double beta = 0, rr = 0, z = 0;
    int64_t m = 0, n = 0;
    enum status st = calc_int(c, row, "M", 0, COUNT_MAX, &m, err);

    if (st == OK) {
        st = calc_num_in(c, row, "D", "[1e-6, 1e6]", &rr, err);
    }
    if (st == OK) {
        st = read_beta(c, row, &beta, err);
    }
    if (st == OK && binomial) {
        st = calc_int(c, row, "T_or_N", 1, COUNT_MAX, &n, err);
    }
    if (st == OK && binomial) {
        st = calc_num_in(c, row, "z", RATIO_RANGE, &z, err);
    }
    if (st == OK && binomial && m > n) {
        err_set(err, E_DATA, "column M: %lld exposed events, must be 0 to the %lld of column T_or_N",
                (long long)m, (long long)n);
        st = calc_row_failed(c, row, E_DATA, err);
    }
    if (st != OK) {
        return st;
    }
    st = binomial ? wald_binomial(m, n, z, rr, alpha, beta, &w, err)
                  : wald_poisson(m, size, rr, alpha, beta, &w, err);
    if (st != OK) {
        return calc_row_failed(c, row, st, err);
    }
    st = calc_put(c, row, 0, w.upper, err);
    if (st == OK) {
        st = calc_put(c, row, 2, w.lower, err);
    }
    return st != OK ? st : calc_put(c, row, 3, w.llr, err);
}

/* Column rr, which is optional: what the design does at that relative risk. */
static enum status put_operating(struct calc *c, size_t row, const struct maxsprt_operating *op,
                                 struct err *err)
{
    enum status st = calc_put(c, row, 4, op->signal, err);

    if (st == OK) {
        st = calc_put(c, row, 5, op->at_signal, err);
    }
    return st != OK ? st : calc_put(c, row, 6, op->at_end, err);
}

static enum status binomial_operating(struct calc *c, size_t row, int64_t n_max, const int64_t *groups,
                                      size_t k, double z, double cv, int64_t m, struct err *err)
{
    struct exact_plan plan = {.k = groups == NULL ? (size_t)n_max : k, .n_max = n_max};
    struct maxsprt_operating op = {.at_signal = NUM_NAN};
    int64_t *work;
    double rr;
    enum status st = calc_num_in(c, row, "rr", "[1e-6, 1e6]", &rr, err);

    if (st != OK) {
        return st;
    }
    work = calloc(2 * plan.k, sizeof *work);
    if (work == NULL) {
        return err_set(err, E_NOMEM, "%s: operating characteristics", c->file);
    }
    for (size_t i = 0; i < plan.k; i++) {
        work[i] = groups == NULL ? (int64_t)i + 1 : groups[i];
    }
    plan.n = work;
    st = maxsprt_binomial_bounds(work, plan.k, 1 / (1 + z), cv, m, work + plan.k, err);
    if (st == OK) {
        st = exact_operating(&plan, work + plan.k, rr / (rr + z), &op.signal, &op.at_end, err);
    }
    if (st != OK) {
        st = calc_row_failed(c, row, st, err);
        goto out;
    }
    if (op.signal > 0) {
        op.at_signal = (op.at_end - (1 - op.signal) * (double)n_max) / op.signal;
    }
    st = put_operating(c, row, &op, err);
out:
    free(work);
    return st;
}

static enum status poisson_operating(struct calc *c, size_t row, double t_max, const double *mu, size_t k,
                                     double d, double cv, int64_t m, struct err *err)
{
    struct maxsprt_operating op;
    double rr;
    enum status st = calc_num_in(c, row, "rr", "[1e-6, 1000]", &rr, err);

    if (st == OK) {
        st = mu != NULL ? maxsprt_poisson_grouped_operating(mu, k, cv, m, rr, &op, err)
                        : maxsprt_poisson_operating(t_max, cv, m, d, rr, &op, err);
        st = st == OK ? OK : calc_row_failed(c, row, st, err);
    }
    return st != OK ? st : put_operating(c, row, &op, err);
}

static enum status binomial_row(struct calc *c, size_t row, bool grouped, double alpha, int64_t m,
                                struct maxsprt *ret, struct err *err)
{
    int64_t *n = NULL, n_max;
    size_t k = 0;
    double z;
    enum status st = calc_int(c, row, "T_or_N", 1, SPRT_EVENTS_MAX, &n_max, err);

    if (st == OK) {
        st = calc_num_in(c, row, "z", RATIO_RANGE, &z, err);
    }
    if (st == OK && grouped) {
        st = calc_int_list(c, row, "groups", 1, n_max, false, &n, &k, err);
        for (size_t i = 1; st == OK && i < k; i++) {
            n[i] += n[i - 1];
            if (n[i] > n_max) {
                err_set(err, E_DATA,
                        "column groups: %lld events by group %zu, must be at most the %lld of T_or_N",
                        (long long)n[i], i + 1, (long long)n_max);
                st = calc_row_failed(c, row, E_DATA, err);
            }
        }
    }
    if (st == OK) {
        st = maxsprt_binomial(n_max, n, k, 1 / (1 + z), alpha, m, ret, err);
        if (st != OK) {
            st = calc_row_failed(c, row, st, err);
        }
    }
    if (st == OK && !calc_absent(c, row, "rr")) {
        st = binomial_operating(c, row, n_max, n, k, z, ret->cv, m, err);
    }
    free(n);
    return st;
}

static enum status poisson_row(struct calc *c, size_t row, bool grouped, double t_max, double alpha,
                               int64_t m, struct maxsprt *ret, struct err *err)
{
    double *mu = NULL, d = 0;
    size_t k = 0;
    enum status st = OK;

    if (grouped) {
        st = calc_list(c, row, "groups", "(0, 10000]", -1, &mu, &k, err);
        for (size_t i = 1; st == OK && i < k; i++) {
            mu[i] += mu[i - 1];
        }
        if (st == OK) {
            st = maxsprt_poisson_grouped(mu, k, alpha, m, ret, err);
            st = st == OK ? OK : calc_row_failed(c, row, st, err);
        }
    } else {
        if (!calc_absent(c, row, "D")) {
            st = calc_num_in(c, row, "D", "[0, 10000]", &d, err);
        }
        if (st == OK && d > t_max) {
            err_set(err, E_DATA, "column D: delay %g, must be 0 to the %g of column T_or_N", d, t_max);
            st = calc_row_failed(c, row, E_DATA, err);
        }
        if (st == OK) {
            st = maxsprt_poisson(t_max, alpha, m, d, ret, err);
            st = st == OK ? OK : calc_row_failed(c, row, st, err);
        }
    }
    if (st == OK && !calc_absent(c, row, "rr")) {
        st = poisson_operating(c, row, t_max, mu, k, d, ret->cv, m, err);
    }
    free(mu);
    return st;
}

static enum status maxsprt_row(struct calc *c, size_t row, struct err *err)
{
    const char *kind = calc_text(c, row, "kind");
    struct maxsprt m = {0};
    double size, alpha;
    int64_t least = 1;
    bool wald = strncmp(kind, "wald_sprt_", 10) == 0;
    enum status st = calc_num_in(c, row, "T_or_N", wald ? "[0, 1e9]" : "(0, 20000]", &size, err);

    if (st == OK && !wald && strncmp(kind, "poisson", 7) == 0) {
        st = calc_num_in(c, row, "T_or_N", "(0, 10000]", &size, err);
    }
    if (st == OK) {
        st = calc_num_in(c, row, "alpha", "(0, 1)", &alpha, err);
    }
    if (st != OK) {
        return st;
    }
    if (wald && (strcmp(kind + 10, "binomial") == 0 || strcmp(kind + 10, "poisson") == 0)) {
        return wald_row(c, row, kind[10] == 'b', size, alpha, err);
    }
    if (!calc_absent(c, row, "M")) {
        st = calc_int(c, row, "M", 1, SPRT_EVENTS_MAX / 2, &least, err);
    }
    if (st != OK) {
        return st;
    }
    if (strcmp(kind, "binomial_continuous") == 0 || strcmp(kind, "binomial_group") == 0) {
        st = binomial_row(c, row, kind[9] == 'g', alpha, least, &m, err);
    } else if (strcmp(kind, "poisson_continuous") == 0 || strcmp(kind, "poisson_group") == 0) {
        st = poisson_row(c, row, kind[8] == 'g', size, alpha, least, &m, err);
    } else {
        err_set(err, E_DATA, "column kind: there is no kind \"%.40s\"", kind);
        st = calc_row_failed(c, row, E_DATA, err);
    }
    if (st == OK) {
        st = calc_put(c, row, 0, m.cv, err);
    }
    return st != OK ? st : calc_put(c, row, 1, m.alpha, err);
}

enum status calc_maxsprt(struct calc *c, struct err *err)
{
    enum status st = OK;

    for (size_t row = 0; st == OK && row < c->rows; row++) {
        st = maxsprt_row(c, row, err);
    }
    return st;
}
