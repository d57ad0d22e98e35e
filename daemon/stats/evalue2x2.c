#include "stats/evalue2x2.h"

#include <math.h>
#include <stdlib.h>

/* A probability and what it leaves to 1: near either end the smaller of the two carries the digits. */
struct share {
    double p, q;
};

struct grid {
    size_t n;
    struct share *a, *b;
    double *log_w;
};

static struct share shifted(const struct evalue_plan *p, struct share s)
{
    double odds;

    if (p->restriction == EVALUE_DIFFERENCE) {
        return (struct share){s.p + p->delta, s.q - p->delta};
    }
    odds = s.p / s.q * exp(p->delta);
    return (struct share){1 / (1 + 1 / odds), 1 / (1 + odds)};
}

static enum status grid_init(struct grid *g, const struct evalue_plan *p, struct err *err)
{
    double n = (double)p->grid;

    if (p->grid < 2 || p->grid > 10000000) {
        return err_set(err, E_NUMERIC, "grid size must be 2 to 10000000");
    }
    g->a = calloc(2 * p->grid, sizeof *g->a);
    g->log_w = calloc(p->grid, sizeof *g->log_w);
    if (g->a == NULL || g->log_w == NULL) {
        return err_set(err, E_NOMEM, "e-value grid");
    }
    g->n = p->grid;
    g->b = g->a + p->grid;
    for (size_t i = 0; i < p->grid; i++) {
        double rho = 1 / n + (double)i * (1 - 2 / n) / (n - 1);
        struct share at = {rho, 1 - rho};

        if (p->restriction == EVALUE_DIFFERENCE) {
            double scale = 1 - fabs(p->delta);

            at = (struct share){rho * scale - fmin(p->delta, 0), (1 - rho) * scale + fmax(p->delta, 0)};
        }
        g->a[i] = at;
        g->b[i] = shifted(p, at);
        g->log_w[i] = (p->a1 - 1) * log(rho) + (p->a2 - 1) * log1p(-rho);
    }
    return OK;
}

static void grid_done(struct grid *g)
{
    free(g->a);
    free(g->log_w);
}

static double log_lik(double y, double n, struct share s)
{
    return (y > 0 ? y * log(s.p) : 0) + (n > y ? (n - y) * log(s.q) : 0);
}

static struct share grid_mean(const struct grid *g)
{
    double top = g->log_w[0], sum = 0;
    struct share mean = {0, 0};

    for (size_t i = 1; i < g->n; i++) {
        top = fmax(top, g->log_w[i]);
    }
    for (size_t i = 0; i < g->n; i++) {
        double w = exp(g->log_w[i] - top);

        sum += w;
        mean.p += w * g->a[i].p;
        mean.q += w * g->a[i].q;
    }
    return (struct share){mean.p / sum, mean.q / sum};
}

static enum status check_plan(const struct evalue_plan *p, struct err *err)
{
    if (p->na < 1 || p->nb < 1 || p->na > INT64_C(1) << 40 || p->nb > INT64_C(1) << 40) {
        return err_set(err, E_NUMERIC, "subjects of a block must be 1 or more in each arm");
    }
    if (!(p->a1 > 0 && p->a2 > 0)) {
        return err_set(err, E_NUMERIC, "prior shapes of control must be above 0");
    }
    if (p->restriction == EVALUE_NONE && !(p->b1 > 0 && p->b2 > 0)) {
        return err_set(err, E_NUMERIC, "prior shapes of treatment must be above 0");
    }
    if (p->restriction == EVALUE_DIFFERENCE && !(p->delta > -1 && p->delta < 1)) {
        return err_set(err, E_NUMERIC, "delta is %g, must be in (-1, 1)", p->delta);
    }
    if (p->restriction == EVALUE_LOG_ODDS && !(fabs(p->delta) <= 600)) {
        return err_set(err, E_NUMERIC, "delta is %g, must be in [-600, 600]", p->delta);
    }
    return OK;
}

static struct share posterior(double a, double b)
{
    return (struct share){a / (a + b), b / (a + b)};
}

enum status evalue2x2_log(const struct evalue_plan *plan, const int64_t *ya, const int64_t *yb, size_t blocks,
                          double *log_e, struct err *err)
{
    struct grid g = {0};
    double na = (double)plan->na, nb = (double)plan->nb, sum_a = 0, sum_b = 0, seen = 0;
    long double total = 0; /* an e-value is its exponential: every digit counts */
    enum status st = check_plan(plan, err);

    if (st == OK && plan->restriction != EVALUE_NONE) {
        st = grid_init(&g, plan, err);
    }
    if (st != OK) {
        grid_done(&g);
        return st;
    }
    for (size_t i = 0; i < blocks; i++) {
        double a = (double)ya[i], b = (double)yb[i];
        struct share theta_a, theta_b, theta_0;

        if (ya[i] < 0 || ya[i] > plan->na || yb[i] < 0 || yb[i] > plan->nb) {
            st = err_set(err, E_NUMERIC, "block %zu: events must be 0 to the subjects of the arm", i + 1);
            goto out;
        }
        if (plan->restriction == EVALUE_NONE) {
            theta_a = posterior(plan->a1 + sum_a, plan->a2 + seen * na - sum_a);
            theta_b = posterior(plan->b1 + sum_b, plan->b2 + seen * nb - sum_b);
        } else {
            theta_a = grid_mean(&g);
            theta_b = shifted(plan, theta_a);
        }
        theta_0.p = (na * theta_a.p + nb * theta_b.p) / (na + nb);
        theta_0.q = (na * theta_a.q + nb * theta_b.q) / (na + nb);
        total += (long double)(log_lik(a, na, theta_a) + log_lik(b, nb, theta_b) -
                               log_lik(a + b, na + nb, theta_0));
        sum_a += a;
        sum_b += b;
        seen += 1;
        for (size_t j = 0; j < g.n; j++) {
            g.log_w[j] += log_lik(a, na, g.a[j]) + log_lik(b, nb, g.b[j]);
        }
    }
    if (isnan((double)total)) {
        st = err_set(err, E_NUMERIC, "the e-value is not a number");
        goto out;
    }
    *log_e = (double)total;
out:
    grid_done(&g);
    return st;
}
