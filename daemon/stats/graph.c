#include "stats/graph.h"

#include <math.h>

/* Sums of declared thirds and the like may miss 1 by this. */
static const double slack = 1e-9;

enum status graph_check(const struct graph *g, struct err *err)
{
    double sum = 0;

    if (g->n < 1 || g->n > GRAPH_MAX) {
        return err_set(err, E_NUMERIC, "graph: %zu monitors, must be 1 to %d", g->n, GRAPH_MAX);
    }
    for (size_t i = 0; i < g->n; i++) {
        double row = 0;

        if (!(g->weight[i] >= 0)) {
            return err_set(err, E_NUMERIC, "graph: weight %zu must be 0 or more", i + 1);
        }
        sum += g->weight[i];
        for (size_t j = 0; j < g->n; j++) {
            if (!(g->transition[i][j] >= 0) || (i == j && g->transition[i][j] > 0)) {
                return err_set(err, E_NUMERIC,
                               "graph: row %zu of the transitions must be 0 or more, and 0 towards itself",
                               i + 1);
            }
            row += g->transition[i][j];
        }
        if (!(row <= 1 + slack)) {
            return err_set(err, E_NUMERIC, "graph: row %zu of the transitions sums to more than 1", i + 1);
        }
    }
    return sum <= 1 + slack ? OK : err_set(err, E_NUMERIC, "graph: the weights sum to more than 1");
}

enum status graph_reject(struct graph *g, size_t i, struct err *err)
{
    struct graph next;
    enum status st = graph_check(g, err);

    if (st == OK && (i >= g->n || g->rejected[i])) {
        st = err_set(err, E_NUMERIC, "graph: monitor %zu is not there, or was rejected before", i + 1);
    }
    if (st != OK) {
        return st;
    }
    next = *g;
    next.rejected[i] = true;
    next.weight[i] = 0;
    for (size_t j = 0; j < g->n; j++) {
        next.transition[i][j] = next.transition[j][i] = 0;
        if (j == i || g->rejected[j]) {
            continue;
        }
        next.weight[j] = g->weight[j] + g->weight[i] * g->transition[i][j];
        for (size_t k = 0; k < g->n; k++) {
            double loop = g->transition[j][i] * g->transition[i][j];

            if (k == i || k == j || g->rejected[k]) {
                continue;
            }
            next.transition[j][k] =
                loop < 1 ? (g->transition[j][k] + g->transition[j][i] * g->transition[i][k]) / (1 - loop) : 0;
        }
    }
    *g = next;
    return OK;
}

enum status graph_test(struct graph *g, const double *p, double alpha, struct err *err)
{
    bool again = true;
    enum status st = graph_check(g, err);

    if (st == OK && !(alpha > 0 && alpha < 1)) {
        st = err_set(err, E_NUMERIC, "alpha is %g, must be in (0, 1)", alpha);
    }
    for (size_t i = 0; st == OK && i < g->n; i++) {
        if (!(p[i] >= 0 && p[i] <= 1)) {
            st = err_set(err, E_NUMERIC, "p value %zu must be in [0, 1]", i + 1);
        }
    }
    while (st == OK && again) {
        again = false;
        for (size_t i = 0; st == OK && i < g->n; i++) {
            if (!g->rejected[i] && g->weight[i] > 0 && p[i] <= g->weight[i] * alpha) {
                st = graph_reject(g, i, err);
                again = true;
            }
        }
    }
    return st;
}
