/* The set operating: what a rule does when arm 1 runs another risk; B5, and B2 and B4 along risk sets that move. */
#include "cmd/ctl_calc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/bayes_design.h"
#include "stats/eprocess.h"
#include "stats/exact_days.h"

#define SHAPE_RANGE "[1e-9, 1e9]"
#define TIME_RANGE  "[0, 1e12]"
#define RATIO_RANGE "[1e-6, 1e6]"
/* Days, and events in all: seconds of work. */
enum { DAYS_MAX = 20000, EVENTS_MAX = 20000 };
#define AT_RISK_MAX INT64_C(1000000000)

struct results {
    double signal, at_signal, at_end;
    const double *cum;
    const int64_t *bounds; /* NULL: the rule has none */
    size_t k;
};

static enum status put(struct calc *c, size_t row, const struct results *r, struct err *err)
{
    double *b;
    enum status st = calc_put(c, row, 0, r->signal, err);

    if (st == OK) {
        st = calc_put(c, row, 1, r->at_signal, err);
    }
    if (st == OK) {
        st = calc_put(c, row, 2, r->at_end, err);
    }
    if (st == OK) {
        st = calc_put_list(c, row, 3, r->cum, r->k, err);
    }
    if (st != OK || r->bounds == NULL) {
        return st;
    }
    b = calloc(r->k, sizeof *b);
    if (b == NULL) {
        return err_set(err, E_NOMEM, "%s: bounds", c->file);
    }
    for (size_t i = 0; i < r->k; i++) {
        b[i] = (double)r->bounds[i];
    }
    st = calc_put_list(c, row, 4, b, r->k, err);
    free(b);
    return st;
}

static enum status differ(const struct calc *c, size_t row, const char *a, size_t n_a, const char *b,
                          size_t n_b, struct err *err)
{
    err_set(err, E_DATA, "column %s: %zu values for the %zu of column %s", b, n_b, n_a, a);
    return calc_row_failed(c, row, E_DATA, err);
}

static enum status read_rule(const struct calc *c, size_t row, bool rates, struct bayes_rule *r,
                             struct err *err)
{
    enum status st = calc_num_in(c, row, "aT", SHAPE_RANGE, &r->a_t, err);

    if (st == OK) {
        st = calc_num_in(c, row, "bT", SHAPE_RANGE, &r->b_t, err);
    }
    if (st == OK) {
        st = calc_num_in(c, row, "aC", SHAPE_RANGE, &r->a_c, err);
    }
    if (st == OK) {
        st = calc_num_in(c, row, "bC", SHAPE_RANGE, &r->b_c, err);
    }
    r->margin = rates ? 1 : 0;
    if (st == OK && !calc_absent(c, row, "margin")) {
        st = calc_num_in(c, row, "margin", rates ? RATIO_RANGE : "(-1, 1)", &r->margin, err);
    }
    return st != OK ? st : calc_num_in(c, row, "cut", "(0, 1)", &r->cut, err);
}

static enum status truths(const struct calc *c, size_t row, const char *range, double *t, double *ctl,
                          struct err *err)
{
    enum status st = calc_num_in(c, row, "true_T", range, t, err);

    return st != OK ? st : calc_num_in(c, row, "true_C", range, ctl, err);
}

/* What the method said, or that it refused. */
static enum status put_bayes(struct calc *c, size_t row, enum status st, const struct bayes_operating *op,
                             const double *cum, size_t k, struct err *err)
{
    return st == OK ? put(c, row, &(struct results){op->signal, op->at_signal, op->at_end, cum, NULL, k}, err)
                    : calc_row_failed(c, row, st, err);
}

static enum status bayes_row(struct calc *c, size_t row, struct err *err)
{
    struct bayes_rule rule = {0};
    struct bayes_operating op = {0};
    int64_t *n_t = NULL, *n_c = NULL;
    double *cum = NULL, p_t, p_c;
    size_t k = 0, k_c = 0;
    enum status st = read_rule(c, row, false, &rule, err);

    if (st == OK) {
        st = truths(c, row, "[0, 1]", &p_t, &p_c, err);
    }
    if (st == OK) {
        st = calc_int_list(c, row, "looks_T", 0, BAYES_SIZE_MAX, false, &n_t, &k, err);
    }
    if (st == OK) {
        st = calc_int_list(c, row, "looks_C", 0, BAYES_SIZE_MAX, false, &n_c, &k_c, err);
    }
    if (st == OK && k != k_c) {
        st = differ(c, row, "looks_T", k, "looks_C", k_c, err);
    }
    if (st != OK) {
        goto out;
    }
    cum = calloc(k, sizeof *cum);
    if (cum == NULL) {
        st = err_set(err, E_NOMEM, "%s: operating characteristics", c->file);
        goto out;
    }
    st = bayes_beta_operating(&rule, n_t, n_c, k, p_t, p_c, cum, &op, err);
    st = put_bayes(c, row, st, &op, cum, k, err);
out:
    free(n_t);
    free(n_c);
    free(cum);
    return st;
}

static enum status rate_row(struct calc *c, size_t row, struct err *err)
{
    struct bayes_rule rule = {0};
    struct bayes_operating op = {0};
    double *t_t = NULL, *t_c = NULL, *cum = NULL, rate_t, rate_c;
    size_t k = 0, k_c = 0;
    enum status st = read_rule(c, row, true, &rule, err);

    if (st == OK) {
        st = truths(c, row, TIME_RANGE, &rate_t, &rate_c, err);
    }
    if (st == OK) {
        st = calc_list(c, row, "looks_T", TIME_RANGE, 0, &t_t, &k, err);
    }
    if (st == OK) {
        st = calc_list(c, row, "looks_C", TIME_RANGE, 0, &t_c, &k_c, err);
    }
    if (st == OK && k != k_c) {
        st = differ(c, row, "looks_T", k, "looks_C", k_c, err);
    }
    if (st != OK) {
        goto out;
    }
    cum = calloc(k, sizeof *cum);
    if (cum == NULL) {
        st = err_set(err, E_NOMEM, "%s: operating characteristics", c->file);
        goto out;
    }
    st = bayes_gamma_operating(&rule, t_t, t_c, k, rate_t, rate_c, cum, &op, err);
    st = put_bayes(c, row, st, &op, cum, k, err);
out:
    free(t_t);
    free(t_c);
    free(cum);
    return st;
}

/* Columns y1, y0 and m, which is 1 where it is absent. */
static enum status read_days(const struct calc *c, size_t row, struct exact_day **ret, size_t *k,
                             struct err *err)
{
    int64_t *y1 = NULL, *y0 = NULL, *m = NULL, events = 0;
    struct exact_day *day = NULL;
    size_t n = 0, n_0 = 0, n_m = 0;
    enum status st = calc_int_list(c, row, "y1", 0, AT_RISK_MAX, false, &y1, &n, err);

    if (st == OK) {
        st = calc_int_list(c, row, "y0", 0, AT_RISK_MAX, false, &y0, &n_0, err);
    }
    if (st == OK && n_0 != n) {
        st = differ(c, row, "y1", n, "y0", n_0, err);
    }
    n_m = n;
    if (st == OK && !calc_absent(c, row, "m")) {
        st = calc_int_list(c, row, "m", 1, EVENTS_MAX, false, &m, &n_m, err);
    }
    if (st == OK && n_m != n) {
        st = differ(c, row, "y1", n, "m", n_m, err);
    }
    if (st != OK) {
        goto out;
    }
    day = calloc(n, sizeof *day);
    if (day == NULL) {
        st = err_set(err, E_NOMEM, "%s: days", c->file);
        goto out;
    }
    for (size_t i = 0; i < n; i++) {
        day[i] = (struct exact_day){y1[i], y0[i], m == NULL ? 1 : m[i]};
        events += day[i].m;
        if (n > DAYS_MAX || events > EVENTS_MAX || day[i].m > y1[i] + y0[i]) {
            err_set(err, E_DATA,
                    "column %s: day %zu: the events of a day must be at most those at risk, and %d in all",
                    m == NULL ? "y1" : "m", i + 1, EVENTS_MAX);
            st = calc_row_failed(c, row, E_DATA, err);
            goto out;
        }
    }
    *ret = day;
    *k = n;
    day = NULL;
out:
    free(y1);
    free(y0);
    free(m);
    free(day);
    return st;
}

static enum status e_bounds(const struct calc *c, size_t row, const struct exact_day *day, size_t k,
                            int64_t *bounds, struct err *err)
{
    double a, b, pi, e;
    enum status st = calc_num_in(c, row, "prior_a", SHAPE_RANGE, &a, err);

    if (st == OK) {
        st = calc_num_in(c, row, "prior_b", SHAPE_RANGE, &b, err);
    }
    if (st == OK) {
        st = calc_num_in(c, row, "pi_star", "(0, 1)", &pi, err);
    }
    if (st == OK) {
        st = calc_num_in(c, row, "e_signal", "(1, 1e300]", &e, err);
    }
    if (st == OK) {
        st = eprocess_bounds(a, b, pi, day, k, log(e), bounds, err);
        st = st == OK ? OK : calc_row_failed(c, row, st, err);
    }
    return st;
}

static enum status exact_bounds(const struct calc *c, size_t row, const struct exact_day *day, size_t k,
                                int64_t *bounds, double *work, struct err *err)
{
    struct spending f = {0};
    const char *range;
    int64_t n_max;
    double alpha;
    enum status st = calc_num_in(c, row, "alpha_one_sided", "(0, 1)", &alpha, err);

    if (st == OK) {
        st = calc_int(c, row, "n_max", 1, EVENTS_MAX, &n_max, err);
    }
    if (st == OK && !calc_spending(calc_text(c, row, "spending"), &f)) {
        err_set(err, E_DATA, "column spending: \"%.40s\" is none of LDOF, LDPocock, HSD, KD, EXP",
                calc_text(c, row, "spending"));
        st = calc_row_failed(c, row, E_DATA, err);
    }
    range = st == OK ? calc_spending_range(&f) : NULL;
    if (range != NULL) {
        st = calc_num_in(c, row, "param", range, &f.param, err);
    }
    if (st == OK) {
        st = exact_days_design(day, k, &f, alpha, n_max, bounds, work, err);
        st = st == OK ? OK : calc_row_failed(c, row, st, err);
    }
    return st;
}

static enum status days_row(struct calc *c, size_t row, bool e, struct err *err)
{
    struct exact_days_operating op = {0};
    struct exact_day *day = NULL;
    int64_t *bounds = NULL;
    double *cum = NULL, ratio;
    size_t k = 0;
    enum status st = read_days(c, row, &day, &k, err);

    if (st == OK) {
        st = calc_num_in(c, row, "hazard_ratio", RATIO_RANGE, &ratio, err);
    }
    if (st != OK) {
        goto out;
    }
    bounds = calloc(k, sizeof *bounds);
    cum = calloc(k, sizeof *cum);
    if (bounds == NULL || cum == NULL) {
        st = err_set(err, E_NOMEM, "%s: operating characteristics", c->file);
        goto out;
    }
    st = e ? e_bounds(c, row, day, k, bounds, err) : exact_bounds(c, row, day, k, bounds, cum, err);
    if (st == OK) {
        st = exact_days_operating(day, k, bounds, ratio, cum, &op, err);
        st = st == OK ? OK : calc_row_failed(c, row, st, err);
    }
    if (st == OK) {
        st = put(c, row, &(struct results){op.signal, op.at_signal, op.at_end, cum, bounds, k}, err);
    }
out:
    free(day);
    free(bounds);
    free(cum);
    return st;
}

enum status calc_operating(struct calc *c, struct err *err)
{
    enum status st = OK;

    for (size_t row = 0; st == OK && row < c->rows; row++) {
        const char *kind = calc_text(c, row, "kind");

        if (strcmp(kind, "bayes") == 0) {
            st = bayes_row(c, row, err);
        } else if (strcmp(kind, "bayes_rate") == 0) {
            st = rate_row(c, row, err);
        } else if (strcmp(kind, "eprocess") == 0 || strcmp(kind, "exact") == 0) {
            st = days_row(c, row, strcmp(kind, "eprocess") == 0, err);
        } else {
            err_set(err, E_DATA, "column kind: \"%.40s\" is none of bayes, bayes_rate, eprocess, exact",
                    kind);
            st = calc_row_failed(c, row, E_DATA, err);
        }
    }
    return st;
}
