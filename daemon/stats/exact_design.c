#include "stats/exact_design.h"

#include <math.h>

#include "stats/exact_seq.h"

static enum status check_plan(const struct exact_plan *p, struct err *err)
{
    if (p->k < 1 || p->n_max < 1) {
        return err_set(err, E_NUMERIC, "a design needs a look and a maximum of 1 or more events");
    }
    for (size_t i = 0; i < p->k; i++) {
        if (p->n[i] <= (i > 0 ? p->n[i - 1] : 0) || p->n[i] > p->n_max) {
            return err_set(err, E_NUMERIC, "look %zu: events must rise and stay within the maximum", i + 1);
        }
    }
    return OK;
}

static enum status events_to(struct exact_seq *s, int64_t from, int64_t to, double p, struct err *err)
{
    enum status st = OK;

    for (int64_t n = from; st == OK && n < to; n++) {
        st = exact_seq_event(s, p, err);
    }
    return st;
}

enum status exact_design(const struct exact_plan *plan, int64_t *c, double *cum, struct err *err)
{
    struct exact_seq *s = NULL;
    enum status st = check_plan(plan, err);

    if (st == OK) {
        st = exact_seq_new(&s, err);
    }
    for (size_t i = 0; st == OK && i < plan->k; i++) {
        struct exact_bound b;
        double level;

        st = events_to(s, i > 0 ? plan->n[i - 1] : 0, plan->n[i], plan->p0, err);
        if (st == OK) {
            st = spending_at(&plan->spending, plan->alpha, (double)plan->n[i] / (double)plan->n_max, &level,
                             err);
        }
        if (st == OK) {
            st = exact_seq_test(s, level, &b, err);
        }
        if (st == OK) {
            c[i] = b.c;
            cum[i] = b.spent;
        }
    }
    exact_seq_free(s);
    return st;
}

enum status exact_operating(const struct exact_plan *plan, const int64_t *c, double theta, double *signal,
                            double *expected, struct err *err)
{
    struct exact_seq *s = NULL;
    double mean = 0, spent = 0;
    enum status st = check_plan(plan, err);

    if (st == OK) {
        st = exact_seq_new(&s, err);
    }
    for (size_t i = 0; st == OK && i < plan->k; i++) {
        struct exact_bound b;

        st = events_to(s, i > 0 ? plan->n[i - 1] : 0, plan->n[i], theta, err);
        if (st == OK) {
            st = exact_seq_apply(s, c[i], &b, err);
        }
        if (st == OK) {
            mean += (b.spent - spent) * (double)plan->n[i];
            spent = b.spent;
        }
    }
    exact_seq_free(s);
    if (st == OK) {
        *signal = spent;
        *expected = mean + (1 - spent) * (double)plan->n_max;
    }
    return st;
}
