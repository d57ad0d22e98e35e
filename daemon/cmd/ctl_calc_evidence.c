/* Sets of evidence that adds up: bayes, eprocess, evalue2x2. */
#include "cmd/ctl_calc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/bayes.h"
#include "stats/confseq.h"
#include "stats/evalue2x2.h"
#include "stats/robbins.h"

#define COUNT_MAX   INT64_C(1000000000)
#define LN10_L      2.302585092994045684017991454684364208L
#define SHAPE_RANGE "[1e-9, 1e9]"
/* Points times blocks: seconds of work. */
enum { GRID_WORK_MAX = 50000000 };

static enum status beta_shapes(const struct calc *c, size_t row, const char *const *columns, double *a,
                               double *b, struct err *err)
{
    int64_t x, n;
    double prior_a, prior_b;
    enum status st = calc_int(c, row, columns[1], 0, COUNT_MAX, &n, err);

    if (st == OK) {
        st = calc_int(c, row, columns[0], 0, n, &x, err);
    }
    if (st == OK) {
        st = calc_num_in(c, row, columns[2], SHAPE_RANGE, &prior_a, err);
    }
    if (st == OK) {
        st = calc_num_in(c, row, columns[3], SHAPE_RANGE, &prior_b, err);
    }
    if (st == OK) {
        *a = prior_a + (double)x;
        *b = prior_b + (double)(n - x);
    }
    return st;
}

enum status calc_bayes(struct calc *c, struct err *err)
{
    static const char *const treated[] = {"xT", "nT", "aT", "bT"}, *const control[] = {"xC", "nC", "aC",
                                                                                       "bC"};
    enum status st = OK;

    for (size_t row = 0; st == OK && row < c->rows; row++) {
        double a_t, b_t, a_c, b_c, delta = 0, p = 0;

        st = beta_shapes(c, row, treated, &a_t, &b_t, err);
        if (st == OK) {
            st = beta_shapes(c, row, control, &a_c, &b_c, err);
        }
        if (st == OK && !calc_absent(c, row, "delta")) {
            st = calc_num_in(c, row, "delta", "(-1, 1)", &delta, err);
        }
        if (st != OK) {
            break;
        }
        st = bayes_beta_exceeds(a_t, b_t, a_c, b_c, delta, &p, err);
        st = st == OK ? calc_put(c, row, 0, p, err) : calc_row_failed(c, row, st, err);
    }
    return st;
}

static enum status eprocess_row(struct calc *c, size_t row, struct err *err)
{
    const char *s = calc_text(c, row, "arm_sequence_T1_C0");
    struct confseq_limits limits = {0};
    double alpha, p0, a, b, two = 0, one = 0, max_two = -(double)INFINITY, max_one = -(double)INFINITY;
    int64_t x = 0, n = 0;
    enum status st = calc_num_in(c, row, "p0", "(0, 1)", &p0, err);

    if (st == OK) {
        st = calc_num_in(c, row, "prior_a", SHAPE_RANGE, &a, err);
    }
    if (st == OK) {
        st = calc_num_in(c, row, "prior_b", SHAPE_RANGE, &b, err);
    }
    if (st == OK && (*s == '\0' || s[strspn(s, "01")] != '\0')) {
        err_set(err, E_DATA,
                "column arm_sequence_T1_C0: a string of 1 (treatment) and 0 (control) is needed");
        st = calc_row_failed(c, row, E_DATA, err);
    }
    if (st != OK) {
        return st;
    }
    for (; *s != '\0'; s++) {
        n++;
        x += *s == '1';
        st = robbins_log_e(x, n, p0, a, b, &two, &one, err);
        if (st != OK) {
            return calc_row_failed(c, row, st, err);
        }
        max_two = fmax(max_two, two);
        max_one = fmax(max_one, one);
    }
    const double v[] = {two, one, max_two, max_one, fmin(1, exp(-max_two)), fmin(1, exp(-max_one))};

    for (size_t i = 0; st == OK && i < 6; i++) {
        st = calc_put(c, row, i, v[i], err);
    }
    if (st != OK || calc_absent(c, row, "alpha")) {
        return st;
    }
    /* Column alpha, which is optional: the confidence sequence of arm 1's share of events, at its last event. */
    st = calc_num_in(c, row, "alpha", "[1e-100, 1)", &alpha, err);
    if (st == OK) {
        st = confseq_share(x, n, a, b, alpha, &limits, err);
        st = st == OK ? OK : calc_row_failed(c, row, st, err);
    }
    const double l[] = {limits.lo, limits.hi, limits.lower};

    for (size_t i = 0; st == OK && i < 3; i++) {
        st = calc_put(c, row, 6 + i, l[i], err);
    }
    return st;
}

enum status calc_eprocess(struct calc *c, struct err *err)
{
    enum status st = OK;

    for (size_t row = 0; st == OK && row < c->rows; row++) {
        st = eprocess_row(c, row, err);
    }
    return st;
}

static enum status evalue_plan(const struct calc *c, size_t row, struct evalue_plan *p, struct err *err)
{
    static const struct {
        const char *name;
        enum evalue_restriction restriction;
    } names[] = {{"none", EVALUE_NONE}, {"difference", EVALUE_DIFFERENCE}, {"logOddsRatio", EVALUE_LOG_ODDS}};
    const char *restriction = calc_text(c, row, "restriction");
    size_t i = 0;
    int64_t grid = 0;
    enum status st;

    while (i < 3 && strcmp(restriction, names[i].name) != 0) {
        i++;
    }
    if (i == 3) {
        err_set(err, E_DATA, "column restriction: \"%.40s\" is none of none, difference, logOddsRatio",
                restriction);
        return calc_row_failed(c, row, E_DATA, err);
    }
    p->restriction = names[i].restriction;
    st = calc_int(c, row, "na", 1, COUNT_MAX, &p->na, err);
    if (st == OK) {
        st = calc_int(c, row, "nb", 1, COUNT_MAX, &p->nb, err);
    }
    if (st == OK) {
        st = calc_num_in(c, row, "betaA1", SHAPE_RANGE, &p->a1, err);
    }
    if (st == OK) {
        st = calc_num_in(c, row, "betaA2", SHAPE_RANGE, &p->a2, err);
    }
    if (p->restriction == EVALUE_NONE) {
        if (st == OK) {
            st = calc_num_in(c, row, "betaB1", SHAPE_RANGE, &p->b1, err);
        }
        return st != OK ? st : calc_num_in(c, row, "betaB2", SHAPE_RANGE, &p->b2, err);
    }
    if (st == OK) {
        st = calc_num_in(c, row, "delta", p->restriction == EVALUE_DIFFERENCE ? "(-1, 1)" : "[-600, 600]",
                         &p->delta, err);
    }
    if (st == OK) {
        st = calc_int(c, row, "grid_size", 2, 10000000, &grid, err);
    }
    p->grid = (size_t)grid;
    return st;
}

/* exp(x), also where a double has no room for it. */
static enum status put_exp(struct calc *c, size_t row, size_t out, double x, struct err *err)
{
    struct buf text = {0};
    double tens;
    enum status st;

    if (fabs(x) < 700) {
        return calc_put(c, row, out, exp(x), err);
    }
    tens = floor(x / M_LN10);
    buf_fmt(&text, "%.12fe%+.0f", (double)expl((long double)x - (long double)tens * LN10_L), tens);
    st = buf_check(&text, err);
    if (st == OK) {
        st = calc_put_text(c, row, out, buf_cstr(&text), err);
    }
    buf_done(&text);
    return st;
}

static enum status evalue_row(struct calc *c, size_t row, struct err *err)
{
    struct evalue_plan p = {0};
    int64_t *ya = NULL, *yb = NULL, blocks;
    size_t n_a = 0, n_b = 0;
    double log_e = 0;
    enum status st = evalue_plan(c, row, &p, err);

    if (st == OK) {
        st = calc_int_list(c, row, "ya_control", 0, p.na, false, &ya, &n_a, err);
    }
    if (st == OK) {
        st = calc_int_list(c, row, "yb_treat", 0, p.nb, false, &yb, &n_b, err);
    }
    if (st == OK && !calc_absent(c, row, "n_blocks")) {
        st = calc_int(c, row, "n_blocks", (int64_t)n_a, (int64_t)n_a, &blocks, err);
    }
    if (st == OK && n_a != n_b) {
        err_set(err, E_DATA, "columns ya_control and yb_treat: %zu and %zu blocks", n_a, n_b);
        st = calc_row_failed(c, row, E_DATA, err);
    }
    if (st == OK && p.grid > GRID_WORK_MAX / n_a) {
        err_set(err, E_DATA, "column grid_size: %zu points for %zu blocks, must be at most %d in all", p.grid,
                n_a, GRID_WORK_MAX);
        st = calc_row_failed(c, row, E_DATA, err);
    }
    if (st == OK) {
        st = evalue2x2_log(&p, ya, yb, n_a, &log_e, err);
        st = st == OK ? put_exp(c, row, 0, log_e, err) : calc_row_failed(c, row, st, err);
    }
    free(ya);
    free(yb);
    return st;
}

enum status calc_evalue2x2(struct calc *c, struct err *err)
{
    enum status st = OK;

    for (size_t row = 0; st == OK && row < c->rows; row++) {
        st = evalue_row(c, row, err);
    }
    return st;
}
