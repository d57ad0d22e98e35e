#include "stats/fdr.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/num.h"

struct ranked {
    double p;
    size_t at, group;
};

static int by_p(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;

    return x->p != y->p ? (x->p > y->p) - (x->p < y->p) : (x->at > y->at) - (x->at < y->at);
}

static int by_group(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;

    return x->group != y->group ? (x->group > y->group) - (x->group < y->group) : by_p(a, b);
}

static enum status check(const double *p, size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        if (!(p[i] >= 0 && p[i] <= 1)) {
            return err_set(err, E_NUMERIC, "p value %zu is %g, must be in [0, 1]", i + 1, p[i]);
        }
    }
    return OK;
}

/* r[0..n) ascending in p. */
static void step_up(const struct ranked *r, size_t n, double *adjusted)
{
    double least = 1;

    for (size_t i = n; i-- > 0;) {
        least = fmin(least, r[i].p * (double)n / (double)(i + 1));
        adjusted[r[i].at] = least;
    }
}

enum status fdr_adjust(const double *p, size_t n, double *adjusted, struct err *err)
{
    struct ranked *r;
    enum status st = check(p, n, err);

    if (st != OK) {
        return st;
    }
    r = calloc(n + 1, sizeof *r);
    if (r == NULL) {
        return err_set(err, E_NOMEM, "false discovery rate");
    }
    for (size_t i = 0; i < n; i++) {
        r[i] = (struct ranked){.p = p[i], .at = i};
    }
    qsort(r, n, sizeof *r, by_p);
    step_up(r, n, adjusted);
    free(r);
    return OK;
}

/* Each group's smallest adjusted p, and then the groups adjusted over each other. */
static enum status groups(struct ranked *r, size_t n, size_t n_groups, double *scratch, double *group_p,
                          struct err *err)
{
    struct ranked *g = calloc(n_groups + 1, sizeof *g);
    size_t k = 0;

    if (g == NULL) {
        return err_set(err, E_NOMEM, "false discovery rate");
    }
    for (size_t i = 0; i < n_groups; i++) {
        group_p[i] = NUM_NAN;
    }
    qsort(r, n, sizeof *r, by_group);
    for (size_t i = 0, j; i < n; i = j) {
        for (j = i; j < n && r[j].group == r[i].group; j++) {
        }
        step_up(r + i, j - i, scratch);
        g[k++] = (struct ranked){.p = scratch[r[i].at], .at = r[i].group};
    }
    qsort(g, k, sizeof *g, by_p);
    step_up(g, k, group_p);
    free(g);
    return OK;
}

enum status fdr_double(const double *p, const size_t *group, size_t n, size_t n_groups, double alpha_group,
                       double alpha_term, double *group_p, double *adjusted, bool *flagged, struct err *err)
{
    struct ranked *r = NULL;
    double *scratch = NULL;
    size_t k = 0;
    enum status st = check(p, n, err);

    for (size_t i = 0; st == OK && i < n; i++) {
        if (group[i] >= n_groups) {
            st = err_set(err, E_NUMERIC, "term %zu: its group must be below %zu", i + 1, n_groups);
        }
    }
    if (st == OK && !(alpha_group > 0 && alpha_group <= 1 && alpha_term > 0 && alpha_term <= 1)) {
        st = err_set(err, E_NUMERIC, "levels of the false discovery rate must be in (0, 1]");
    }
    if (st != OK) {
        return st;
    }
    r = calloc(n + 1, sizeof *r);
    scratch = calloc(n + 1, sizeof *scratch);
    if (r == NULL || scratch == NULL) {
        st = err_set(err, E_NOMEM, "false discovery rate");
        goto out;
    }
    for (size_t i = 0; i < n; i++) {
        r[i] = (struct ranked){.p = p[i], .at = i, .group = group[i]};
    }
    st = groups(r, n, n_groups, scratch, group_p, err);
    if (st != OK) {
        goto out;
    }
    for (size_t i = 0; i < n; i++) {
        adjusted[i] = NUM_NAN;
        flagged[i] = false;
        if (group_p[group[i]] <= alpha_group) {
            r[k++] = (struct ranked){.p = p[i], .at = i};
        }
    }
    qsort(r, k, sizeof *r, by_p);
    step_up(r, k, adjusted);
    for (size_t i = 0; i < n; i++) {
        flagged[i] = adjusted[i] <= alpha_term; /* false with NaN: outside the family */
    }
out:
    free(r);
    free(scratch);
    return st;
}
