/* The set single_arm: limits of one arm against a declared background (B6). */
#include "cmd/ctl_calc.h"

#include <stdlib.h>
#include <string.h>

#include "stats/single_arm.h"

enum { SUBJECTS_MAX = 20000 };

struct limits {
    size_t k;
    int64_t *n; /* binomial: subjects at the looks */
    double *mu; /* Poisson: expected counts */
    int64_t *c; /* found */
    double *cum, *power;
};

static void limits_done(struct limits *l)
{
    free(l->n);
    free(l->mu);
    free(l->c);
    free(l->cum);
    free(l->power);
}

/* At the rate that column `rate` (a proportion) or `ratio` (times the background) says; both are optional. */
static enum status put_power(struct calc *c, size_t row, const struct limits *l, struct err *err)
{
    const char *column = l->n != NULL ? "rate" : "ratio";
    double v;
    enum status st;

    if (calc_absent(c, row, column)) {
        return OK;
    }
    st = calc_num_in(c, row, column, l->n != NULL ? "[0, 1]" : "[1e-6, 1000]", &v, err);
    if (st == OK) {
        st = l->n != NULL ? single_arm_binomial_power(l->n, l->k, l->c, v, l->power, err)
                          : single_arm_poisson_power(l->mu, l->k, l->c, v, l->power, err);
        st = st == OK ? OK : calc_row_failed(c, row, st, err);
    }
    return st != OK ? st : calc_put_list(c, row, 2, l->power, l->k, err);
}

static enum status single_row(struct calc *c, size_t row, struct limits *l, struct err *err)
{
    const char *kind = calc_text(c, row, "kind"), *type = calc_text(c, row, "type");
    enum single_arm_kind of = strcmp(type, "OBF") == 0 ? SINGLE_OBF : SINGLE_POCOCK;
    bool binomial = strcmp(kind, "binomial") == 0;
    double alpha, p0 = 0;
    enum status st = OK;

    if (!binomial && strcmp(kind, "poisson") != 0) {
        err_set(err, E_DATA, "column kind: \"%.40s\" is neither binomial nor poisson", kind);
        return calc_row_failed(c, row, E_DATA, err);
    }
    if (of != SINGLE_OBF && strcmp(type, "Pocock") != 0) {
        err_set(err, E_DATA, "column type: \"%.40s\" is neither Pocock nor OBF", type);
        return calc_row_failed(c, row, E_DATA, err);
    }
    st = calc_num_in(c, row, "alpha", "(0, 1)", &alpha, err);
    if (st == OK && binomial) {
        st = calc_num_in(c, row, "p0", "(0, 1)", &p0, err);
    }
    if (st == OK) {
        st = binomial ? calc_int_list(c, row, "looks", 1, SUBJECTS_MAX, true, &l->n, &l->k, err)
                      : calc_list(c, row, "looks", "(0, 10000]", 0, &l->mu, &l->k, err);
    }
    if (st != OK) {
        return st;
    }
    l->c = calloc(l->k, sizeof *l->c);
    l->cum = calloc(l->k, sizeof *l->cum);
    l->power = calloc(l->k, sizeof *l->power);
    if (l->c == NULL || l->cum == NULL || l->power == NULL) {
        return err_set(err, E_NOMEM, "%s: limits", c->file);
    }
    st = binomial ? single_arm_binomial(of, l->n, l->k, p0, alpha, l->c, l->cum, err)
                  : single_arm_poisson(of, l->mu, l->k, alpha, l->c, l->cum, err);
    if (st != OK) {
        return calc_row_failed(c, row, st, err);
    }
    for (size_t i = 0; i < l->k; i++) {
        l->power[i] = (double)l->c[i];
    }
    st = calc_put_list(c, row, 0, l->power, l->k, err);
    if (st == OK) {
        st = calc_put_list(c, row, 1, l->cum, l->k, err);
    }
    return st != OK ? st : put_power(c, row, l, err);
}

enum status calc_single_arm(struct calc *c, struct err *err)
{
    enum status st = OK;

    for (size_t row = 0; st == OK && row < c->rows; row++) {
        struct limits l = {0};

        st = single_row(c, row, &l, err);
        limits_done(&l);
    }
    return st;
}
