/* The logrank set: JSON in, JSON out. */
#include "cmd/ctl_calc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/ctl_json.h"
#include "stats/dist.h"
#include "stats/logrank.h"
#include "stats/num.h"
#include "stats/survival.h"

struct data {
    double *time;
    int *event, *arm;
    size_t n;
};

static void data_done(struct data *d)
{
    free(d->time);
    free(d->event);
    free(d->arm);
}

static bool indicator(const json_t *v, int *ret)
{
    double x;

    if (json_is_boolean(v)) {
        *ret = json_is_true(v);
        return true;
    }
    x = json_number_value(v);
    *ret = x == 1;
    return json_is_number(v) && (x == 0 || x == 1);
}

static enum status read_data(const json_t *set, size_t at, const char *file, struct data *d, struct err *err)
{
    const json_t *time = json_object_get(set, "time"), *event = json_object_get(set, "event"),
                 *arm = json_object_get(set, "arm");

    if (!json_is_array(time) || !json_is_array(event) || !json_is_array(arm)) {
        return err_set(err, E_DATA, "%s: data set %zu: arrays time, event and arm are needed", file, at + 1);
    }
    d->n = json_array_size(time);
    if (json_array_size(event) != d->n || json_array_size(arm) != d->n) {
        return err_set(err, E_DATA, "%s: data set %zu: time, event and arm differ in length", file, at + 1);
    }
    d->time = calloc(d->n + 1, sizeof *d->time);
    d->event = calloc(d->n + 1, sizeof *d->event);
    d->arm = calloc(d->n + 1, sizeof *d->arm);
    if (d->time == NULL || d->event == NULL || d->arm == NULL) {
        return err_set(err, E_NOMEM, "%s: data set %zu", file, at + 1);
    }
    for (size_t i = 0; i < d->n; i++) {
        const json_t *t = json_array_get(time, i);

        d->time[i] = json_number_value(t);
        if (!json_is_number(t) || !indicator(json_array_get(event, i), &d->event[i]) ||
            !indicator(json_array_get(arm, i), &d->arm[i])) {
            return err_set(err, E_DATA,
                           "%s: data set %zu: subject %zu: time must be a number, event and arm 0 or 1", file,
                           at + 1, i + 1);
        }
    }
    return OK;
}

/* JSON has no infinity: it is written as the text "Inf" or "-Inf", and no number as null. */
static json_t *number(double v)
{
    return isnan(v) ? json_null() : isinf(v) ? json_string(v > 0 ? "Inf" : "-Inf") : json_real(v);
}

/* Each event was certain to be where it was: observed is expected, there is no z, and p is 1. */
static void uninformative(const struct logrank_row *rows, size_t n, struct logrank *ret)
{
    *ret = (struct logrank){.z = NUM_NAN};
    for (size_t i = 0; i < n; i++) {
        ret->observed += (double)rows[i].d1;
    }
    ret->expected = ret->observed;
}

static enum status one_set(json_t *set, size_t at, const char *file, struct err *err)
{
    struct data d = {0};
    struct logrank_row *rows = NULL;
    struct logrank lr = {NUM_NAN, NUM_NAN, NUM_NAN, NUM_NAN, NUM_NAN};
    double cox = NUM_NAN, rho1 = NUM_NAN;
    size_t n = 0;
    enum status st = read_data(set, at, file, &d, err);

    if (st != OK) {
        goto out;
    }
    st = survival_table(d.time, d.event, d.arm, d.n, &rows, &n, err);
    if (st == OK) {
        st = cox_efron(rows, n, &cox, err);
    }
    /* The table is sound: these fail only where no event had both arms at risk. */
    if (st == OK && logrank_test(rows, n, &lr, NULL) != OK) {
        uninformative(rows, n, &lr);
    } else if (st == OK && logrank_rho1(rows, n, &rho1, NULL) != OK) {
        rho1 = NUM_NAN;
    }
    if (st != OK) {
        st = err_wrap(err, st, "%s: data set %zu", file, at + 1);
        goto out;
    }
    const struct {
        const char *name;
        double v;
    } results[] = {{"calc_obs1", lr.observed},
                   {"calc_exp1", lr.expected},
                   {"calc_var1", lr.variance},
                   {"calc_z", lr.z},
                   {"calc_chisq", lr.z * lr.z},
                   {"calc_p_two_sided", lr.variance > 0 ? 2 * prob_normal(fabs(lr.z), TAIL_UPPER) : 1},
                   {"calc_p_upper_harm", lr.variance > 0 ? prob_normal(lr.z, TAIL_UPPER) : 1},
                   {"calc_peto_logHR", lr.variance > 0 ? (lr.observed - lr.expected) / lr.variance : NUM_NAN},
                   {"calc_peto_rho1_chisq", rho1},
                   {"calc_cox_logHR_efron", cox}};

    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++) {
        if (json_object_set_new(set, results[i].name, number(results[i].v)) != 0) {
            st = err_set(err, E_NOMEM, "%s: data set %zu", file, at + 1);
            goto out;
        }
    }
out:
    free(rows);
    data_done(&d);
    return st;
}

enum status calc_logrank(const char *file, const char *bytes, size_t len, struct buf *out, struct err *err)
{
    const size_t mark = len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0; /* of the byte order */
    json_error_t je;
    json_t *root = json_loadb(bytes + mark, len - mark, JSON_REJECT_DUPLICATES, &je), *set;
    size_t i;
    enum status st = OK;

    if (root == NULL) {
        return err_set(err, E_DATA, "%s:%d:%d: %s", file, je.line, je.column, je.text);
    }
    if (json_is_array(root)) {
        json_array_foreach(root, i, set)
        {
            st = st == OK ? one_set(set, i, file, err) : st;
        }
    } else {
        st = one_set(root, 0, file, err);
    }
    if (st != OK) {
        json_decref(root);
        return st;
    }
    return ctl_json(root, JSON_INDENT(1) | JSON_REAL_PRECISION(17), out, err);
}
