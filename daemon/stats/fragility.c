#include "stats/fragility.h"

#include <math.h>

#include "stats/hyper.h"

enum status fragility_of(fragility_fn *f, void *ctx, int64_t x1, int64_t x0, struct fragility *ret,
                         struct err *err)
{
    struct fragility r = {0};
    bool now;
    int64_t most;
    enum status st;

    if (x1 < 0 || x0 < 0 || x1 > FRAGILITY_EVENTS_MAX || x0 > FRAGILITY_EVENTS_MAX ||
        x1 + x0 > FRAGILITY_EVENTS_MAX) {
        return err_set(err, E_NUMERIC, "events of the arms must be 0 or more, together at most %d",
                       FRAGILITY_EVENTS_MAX);
    }
    st = f(ctx, x1, x0, &r.crossed, err);
    for (int64_t k = 1; st == OK && r.removed == 0 && k <= x1 + x0; k++) {
        for (int64_t from_1 = k < x1 ? k : x1; st == OK && r.removed == 0 && from_1 >= 0 && k - from_1 <= x0;
             from_1--) {
            st = f(ctx, x1 - from_1, x0 - (k - from_1), &now, err);
            if (st == OK && now != r.crossed) {
                r.removed = k;
                r.removed_from_1 = from_1;
            }
        }
    }
    most = r.crossed ? x1 : x0;
    for (int64_t k = 1; st == OK && r.moved == 0 && k <= most; k++) {
        st = f(ctx, r.crossed ? x1 - k : x1 + k, r.crossed ? x0 + k : x0 - k, &now, err);
        if (st == OK && now != r.crossed) {
            r.moved = k;
        }
    }
    if (st == OK) {
        *ret = r;
    }
    return st;
}

struct fisher_verdict {
    int64_t n1, n0;
    double alpha;
};

/* An arm cannot have more events than subjects: such a table does not exist, and keeps the verdict of the fullest. */
static enum status fisher_crosses(void *ctx, int64_t x1, int64_t x0, bool *crossed, struct err *err)
{
    const struct fisher_verdict *v = ctx;
    struct hyper h;
    enum status st;

    x1 = x1 < v->n1 ? x1 : v->n1;
    x0 = x0 < v->n0 ? x0 : v->n0;
    st = hyper_init(v->n1, v->n0, x1 + x0, &h, err);
    if (st == OK) {
        *crossed = hyper_tail(&h, x1, 0, TAIL_UPPER) <= v->alpha;
    }
    return st;
}

enum status fragility_fisher(int64_t x1, int64_t n1, int64_t x0, int64_t n0, double alpha,
                             struct fragility *ret, struct err *err)
{
    struct fisher_verdict v = {n1, n0, alpha};

    if (x1 < 0 || x1 > n1 || x0 < 0 || x0 > n0) {
        return err_set(err, E_NUMERIC, "events of an arm must be 0 to its subjects");
    }
    if (!(alpha > 0 && alpha < 1)) {
        return err_set(err, E_NUMERIC, "alpha is %g, must be in (0, 1)", alpha);
    }
    return fragility_of(fisher_crosses, &v, x1, x0, ret, err);
}
