/* Sets of counts: exact, exact_spending. */
#include "cmd/ctl_calc.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/dist.h"
#include "stats/exact_design.h"
#include "stats/exact_tests.h"
#include "stats/fragility.h"
#include "stats/needed.h"
#include "stats/score.h"
#include "stats/twobytwo.h"

/* Events of a sequential design: seconds of work. */
enum { EVENTS_MAX = 200000 };
#define COUNT_MAX  INT64_C(1000000000)
#define TIME_RANGE "[1e-100, 1e100]"

/* One row of `exact`: what its test may need. What a test does not need is not read. */
struct exact_row {
    const struct calc *c;
    size_t row;
    int64_t x1, n1, x2, n2;
    double t1, t2, null_value, conf;
};

static enum status read_counts(struct exact_row *r, struct err *err)
{
    enum status st = calc_int(r->c, r->row, "n1", 1, COUNT_MAX, &r->n1, err);

    if (st == OK) {
        st = calc_int(r->c, r->row, "n2", 1, COUNT_MAX, &r->n2, err);
    }
    if (st == OK) {
        st = calc_int(r->c, r->row, "x1", 0, r->n1, &r->x1, err);
    }
    if (st == OK) {
        st = calc_int(r->c, r->row, "x2", 0, r->n2, &r->x2, err);
    }
    return st;
}

static enum status read_rates(struct exact_row *r, struct err *err)
{
    enum status st = calc_int(r->c, r->row, "x1", 0, COUNT_MAX, &r->x1, err);

    if (st == OK) {
        st = calc_int(r->c, r->row, "x2", 0, COUNT_MAX, &r->x2, err);
    }
    if (st == OK) {
        st = calc_num_in(r->c, r->row, "t1", TIME_RANGE, &r->t1, err);
    }
    if (st == OK) {
        st = calc_num_in(r->c, r->row, "t2", TIME_RANGE, &r->t2, err);
    }
    return st;
}

static enum status pick(const struct exact_row *r, const char *const *names, const double *values, size_t n,
                        double *ret, struct err *err)
{
    const char *output = calc_text(r->c, r->row, "output");

    for (size_t i = 0; i < n; i++) {
        if (strcmp(output, names[i]) == 0) {
            *ret = values[i];
            return OK;
        }
    }
    return err_set(err, E_DATA, "column output: \"%.40s\" is not an output of test %.40s", output,
                   calc_text(r->c, r->row, "test"));
}

enum { OUTPUTS_MAX = 8 };

static enum status do_fisher(struct exact_row *r, double *v, struct err *err)
{
    struct fisher f = {0};
    enum status st = read_counts(r, err);

    if (st == OK) {
        st = fisher_all(r->x1, r->n1, r->x2, r->n2, r->conf, &f, err);
    }
    v[0] = f.greater;
    v[1] = f.less;
    v[2] = f.two_sided;
    v[3] = f.odds_ratio;
    v[4] = f.lo;
    v[5] = f.hi;
    return st;
}

static enum status do_midp(struct exact_row *r, double *v, struct err *err)
{
    struct fisher f = {0};
    enum status st = read_counts(r, err);

    if (st == OK) {
        st = fisher_all(r->x1, r->n1, r->x2, r->n2, r->conf, &f, err);
    }
    v[0] = f.mid_greater;
    v[1] = f.mid_doubled;
    v[2] = f.mid_minlik;
    v[3] = f.mid_less;
    return st;
}

static enum status do_mn(struct exact_row *r, double *v, struct err *err)
{
    enum status st = read_counts(r, err);

    return st != OK ? st : score_rd_limits(r->x1, r->n1, r->x2, r->n2, r->conf, &v[0], &v[1], err);
}

static enum status do_newcombe(struct exact_row *r, double *v, struct err *err)
{
    enum status st = read_counts(r, err);

    return st != OK ? st : newcombe_rd_limits(r->x1, r->n1, r->x2, r->n2, r->conf, &v[0], &v[1], err);
}

/* P(X >= x), two-sided, P(X <= x). */
static enum status binomial_p(int64_t x, int64_t n, double p, double q, double *greater, double *two_sided,
                              double *less, struct err *err)
{
    *greater = prob_binomial(x, n, p, q, TAIL_UPPER);
    *less = prob_binomial(x, n, p, q, TAIL_LOWER);
    return binomial_two_sided(x, n, p, q, two_sided, err);
}

static enum status do_cond_binomial(struct exact_row *r, double *v, struct err *err)
{
    enum status st = calc_int(r->c, r->row, "x1", 0, COUNT_MAX, &r->x1, err);

    if (st == OK) {
        st = calc_int(r->c, r->row, "x2", 0, COUNT_MAX, &r->x2, err);
    }
    if (st == OK) {
        st = calc_num_in(r->c, r->row, "null_value", "[0, 1]", &r->null_value, err);
    }
    return st != OK
               ? st
               : binomial_p(r->x1, r->x1 + r->x2, r->null_value, 1 - r->null_value, &v[0], &v[1], &v[2], err);
}

static enum status do_clopper(struct exact_row *r, double *v, struct err *err)
{
    enum status st = calc_int(r->c, r->row, "n1", 1, COUNT_MAX, &r->n1, err);

    if (st == OK) {
        st = calc_int(r->c, r->row, "x1", 0, r->n1, &r->x1, err);
    }
    return st != OK ? st : clopper_pearson(r->x1, r->n1, r->conf, &v[0], &v[1], err);
}

static enum status do_chi2(struct exact_row *r, double *v, struct err *err)
{
    enum status st = read_counts(r, err);

    if (st == OK) {
        st = chisq_2x2(r->x1, r->n1, r->x2, r->n2, &v[0], &v[2], err);
    }
    if (st == OK) {
        v[1] = prob_chisq1(v[0], TAIL_UPPER);
        v[3] = prob_chisq1(v[2], TAIL_UPPER);
    }
    return st;
}

static enum status do_score(struct exact_row *r, double *v, struct err *err)
{
    enum status st = read_counts(r, err);

    return st != OK ? st : score_pooled_z(r->x1, r->n1, r->x2, r->n2, &v[0], err);
}

static enum status do_rate_ratio(struct exact_row *r, double *v, struct err *err)
{
    struct estimate e = {0};
    enum status st = read_rates(r, err);

    if (st == OK && calc_absent(r->c, r->row, "null_value")) {
        r->null_value = 1;
    } else if (st == OK) {
        st = calc_num_in(r->c, r->row, "null_value", TIME_RANGE, &r->null_value, err);
    }
    if (st == OK) {
        st = rate_ratio_exact(r->x1, r->t1, r->x2, r->t2, r->conf, &e, err);
    }
    if (st == OK) {
        double odds = r->null_value * (r->t1 / r->t2); /* of arm 1 at an event */

        st = binomial_p(r->x1, r->x1 + r->x2, 1 / (1 + 1 / odds), 1 / (1 + odds), &v[0], &v[1], &v[7], err);
    }
    if (st == OK) {
        st = poisson_limits(r->x1, r->conf, &v[5], &v[6], err);
    }
    if (st == OK) {
        v[2] = e.value;
        v[3] = e.lo;
        v[4] = e.hi;
        v[5] /= r->t1;
        v[6] /= r->t1;
    }
    return st;
}

static enum status do_poisson_score(struct exact_row *r, double *v, struct err *err)
{
    enum status st = read_rates(r, err);

    return st != OK ? st : score_poisson_rd_limits(r->x1, r->t1, r->x2, r->t2, r->conf, &v[0], &v[1], err);
}

static enum status do_koopman(struct exact_row *r, double *v, struct err *err)
{
    enum status st = read_counts(r, err);

    if (st == OK) {
        st = score_rr_limits(r->x1, r->n1, r->x2, r->n2, r->conf, &v[0], &v[1], err);
    }
    v[2] = st == OK ? ((double)r->x1 / (double)r->n1) / ((double)r->x2 / (double)r->n2) : 0;
    return st;
}

/* From the risk difference and its Miettinen-Nurminen limits. */
static enum status do_needed(struct exact_row *r, double *v, struct err *err)
{
    struct estimate rd;
    struct needed n = {0};
    enum status st = do_mn(r, v, err);

    if (st == OK) {
        rd = (struct estimate){(double)r->x1 / (double)r->n1 - (double)r->x2 / (double)r->n2, v[0], v[1]};
        st = needed_to_harm(&rd, &n, err);
    }
    v[0] = n.number.value;
    v[1] = n.number.lo;
    v[2] = n.number.hi;
    v[3] = n.through_infinity ? 1 : 0;
    return st;
}

/* Of Fisher's one-sided test at half of what conf_level leaves. */
static enum status do_fragility(struct exact_row *r, double *v, struct err *err)
{
    struct fragility f = {0};
    enum status st = read_counts(r, err);

    if (st == OK && r->x1 + r->x2 > FRAGILITY_EVENTS_MAX) {
        st = err_set(err, E_DATA, "columns x1 and x2: together at most %d events", FRAGILITY_EVENTS_MAX);
    }
    if (st == OK) {
        st = fragility_fisher(r->x1, r->n1, r->x2, r->n2, (1 - r->conf) / 2, &f, err);
    }
    v[0] = f.crossed ? 1 : 0;
    v[1] = (double)f.removed;
    v[2] = (double)f.removed_from_1;
    v[3] = (double)f.moved;
    return st;
}

static const struct {
    const char *name;
    enum status (*run)(struct exact_row *r, double *v, struct err *err);
    size_t n;
    const char *outputs[OUTPUTS_MAX];
} tests[] = {
    {"fisher", do_fisher, 6, {"p_greater", "p_less", "p_two_sided", "or_cond_mle", "or_ci_lo", "or_ci_hi"}},
    {"fisher_midp", do_midp, 4, {"p_greater", "p_two_sided_doubled", "p_two_sided_minlik", "p_less"}},
    {"miettinen_nurminen_rd", do_mn, 2, {"ci_lo", "ci_hi"}},
    {"newcombe10_rd", do_newcombe, 2, {"ci_lo", "ci_hi"}},
    {"cond_binomial_given_total", do_cond_binomial, 3, {"p_greater", "p_two_sided", "p_less"}},
    {"clopper_pearson", do_clopper, 2, {"ci_lo", "ci_hi"}},
    {"chi2", do_chi2, 4, {"X2_uncorrected", "p_uncorrected", "X2_yates", "p_yates"}},
    {"score_pooled", do_score, 1, {"z"}},
    {"poisson_rate_ratio",
     do_rate_ratio,
     8,
     {"p_greater", "p_two_sided", "ratio", "ratio_ci_lo", "ratio_ci_hi", "rate1_ci_lo", "rate1_ci_hi",
      "p_less"}},
    {"poisson_score_rd", do_poisson_score, 2, {"ci_lo", "ci_hi"}},
    {"koopman_rr", do_koopman, 3, {"ci_lo", "ci_hi", "ratio"}},
    {"needed_to_harm", do_needed, 4, {"number", "ci_lo", "ci_hi", "through_infinity"}},
    {"fragility_fisher", do_fragility, 4, {"crossed", "removed", "removed_from_1", "moved"}},
};

static enum status exact_row(struct exact_row *r, double *ret, struct err *err)
{
    const char *name = calc_text(r->c, r->row, "test");

    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        if (strcmp(name, tests[i].name) == 0) {
            double v[OUTPUTS_MAX] = {0};
            enum status st = tests[i].run(r, v, err);

            if (st == OK) {
                st = pick(r, tests[i].outputs, v, tests[i].n, ret, err);
            }
            /* Readers of cells name the line themselves. */
            return st == OK || strncmp(err->msg, r->c->file, strlen(r->c->file)) == 0
                       ? st
                       : calc_row_failed(r->c, r->row, st, err);
        }
    }
    err_set(err, E_DATA, "column test: there is no test \"%.40s\"", name);
    return calc_row_failed(r->c, r->row, E_DATA, err);
}

enum status calc_exact(struct calc *c, struct err *err)
{
    enum status st = OK;

    for (size_t row = 0; st == OK && row < c->rows; row++) {
        struct exact_row r = {.c = c, .row = row, .conf = 0.95};
        double v = 0;

        if (!calc_absent(c, row, "conf_level")) {
            st = calc_num_in(c, row, "conf_level", "[0.0001, 1)", &r.conf, err);
        }
        if (st == OK) {
            st = exact_row(&r, &v, err);
        }
        if (st == OK) {
            st = calc_put(c, row, 0, v, err);
        }
    }
    return st;
}

static enum status exact_spending_row(struct calc *c, size_t row, struct err *err)
{
    struct exact_plan p = {0};
    int64_t *n = NULL, *bounds = NULL;
    double *cum = NULL, theta, signal = 0, expected = 0;
    const char *range;
    enum status st = calc_num_in(c, row, "p0", "[0, 1]", &p.p0, err);

    if (st == OK) {
        st = calc_int(c, row, "n_max", 1, EVENTS_MAX, &p.n_max, err);
    }
    if (st == OK) {
        st = calc_int_list(c, row, "n_looks", 1, p.n_max, true, &n, &p.k, err);
    }
    if (st == OK) {
        st = calc_num_in(c, row, "alpha_one_sided", "(0, 1)", &p.alpha, err);
    }
    if (st == OK) {
        st = calc_num_in(c, row, "theta", "[0, 1]", &theta, err);
    }
    if (st == OK && !calc_spending(calc_text(c, row, "spending"), &p.spending)) {
        err_set(err, E_DATA, "column spending: \"%.40s\" is none of LDOF, LDPocock, HSD, KD, EXP",
                calc_text(c, row, "spending"));
        st = calc_row_failed(c, row, E_DATA, err);
    }
    range = st == OK ? calc_spending_range(&p.spending) : NULL;
    if (range != NULL) {
        st = calc_num_in(c, row, "param", range, &p.spending.param, err);
    }
    if (st != OK) {
        goto out;
    }
    p.n = n;
    bounds = calloc(p.k, sizeof *bounds);
    cum = calloc(p.k, sizeof *cum);
    if (bounds == NULL || cum == NULL) {
        st = err_set(err, E_NOMEM, "%s: exact design", c->file);
        goto out;
    }
    st = exact_design(&p, bounds, cum, err);
    if (st == OK) {
        st = exact_operating(&p, bounds, theta, &signal, &expected, err);
    }
    if (st != OK) {
        st = calc_row_failed(c, row, st, err);
        goto out;
    }
    st = calc_put_list(c, row, 1, cum, p.k, err);
    for (size_t i = 0; i < p.k; i++) {
        cum[i] = (double)bounds[i];
    }
    if (st == OK) {
        st = calc_put_list(c, row, 0, cum, p.k, err);
    }
    if (st == OK) {
        st = calc_put(c, row, 2, signal, err);
    }
    if (st == OK) {
        st = calc_put(c, row, 3, expected, err);
    }
out:
    free(n);
    free(bounds);
    free(cum);
    return st;
}

enum status calc_exact_spending(struct calc *c, struct err *err)
{
    enum status st = OK;

    for (size_t row = 0; st == OK && row < c->rows; row++) {
        st = exact_spending_row(c, row, err);
    }
    return st;
}
