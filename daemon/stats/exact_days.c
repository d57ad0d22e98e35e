#include "stats/exact_days.h"

#include <math.h>
#include <stdbool.h>

#include "stats/exact_seq.h"
#include "stats/num.h"

static enum status a_day(struct exact_seq *s, const struct exact_day *day, size_t i, double log_ratio,
                         struct err *err)
{
    enum status st = exact_seq_day_ratio(s, day[i].y1, day[i].y0, day[i].m, log_ratio, err);

    return st == OK ? OK : err_wrap(err, st, "day %zu", i + 1);
}

enum status exact_days_design(const struct exact_day *day, size_t k, const struct spending *spending,
                              double alpha, int64_t n_max, int64_t *c, double *cum, struct err *err)
{
    struct exact_seq *s = NULL;
    bool closed = false;
    enum status st;

    if (k < 1 || n_max < 1) {
        return err_set(err, E_NUMERIC, "a design needs a day and a maximum of 1 or more events");
    }
    st = exact_seq_new(&s, err);
    for (size_t i = 0; st == OK && i < k; i++) {
        struct exact_bound b = {0};
        double level = 0, t;

        st = a_day(s, day, i, 0, err);
        if (st != OK) {
            break;
        }
        t = fmin(1, (double)exact_seq_events(s) / (double)n_max);
        st = spending_at(spending, alpha, t, &level, err);
        if (st == OK) {
            st = closed ? exact_seq_apply(s, exact_seq_events(s) + 1, &b, err)
                        : exact_seq_test(s, level, &b, err);
        }
        closed = t >= 1;
        if (st == OK) {
            c[i] = b.c;
            cum[i] = b.spent;
        }
    }
    exact_seq_free(s);
    return st;
}

enum status exact_days_operating(const struct exact_day *day, size_t k, const int64_t *c, double ratio,
                                 double *cum, struct exact_days_operating *ret, struct err *err)
{
    struct exact_days_operating op = {.at_signal = NUM_NAN};
    struct exact_seq *s = NULL;
    double sum = 0;
    enum status st;

    if (k < 1) {
        return err_set(err, E_NUMERIC, "operating characteristics need a day with events");
    }
    if (!(ratio > 0 && isfinite(ratio))) {
        return err_set(err, E_NUMERIC, "hazard ratio is %g, must be above 0 and finite", ratio);
    }
    st = exact_seq_new(&s, err);
    for (size_t i = 0; st == OK && i < k; i++) {
        struct exact_bound b = {0};

        st = a_day(s, day, i, log(ratio), err);
        if (st == OK) {
            st = exact_seq_apply(s, c[i], &b, err);
        }
        if (st == OK) {
            sum += (b.spent - op.signal) * (double)b.n;
            op.signal = b.spent;
            if (cum != NULL) {
                cum[i] = b.spent;
            }
        }
    }
    if (st == OK) {
        op.at_signal = op.signal > 0 ? sum / op.signal : NUM_NAN;
        op.at_end = sum + (1 - op.signal) * (double)exact_seq_events(s);
        *ret = op;
    }
    exact_seq_free(s);
    return st;
}
