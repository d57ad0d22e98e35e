#include "stats/followup.h"

#include <math.h>
#include <stdlib.h>

#include "stats/incidence.h"
#include "stats/num.h"

static enum status reverse(const double *time, const int *event, size_t n, struct incidence_step **steps,
                           size_t *n_steps, struct err *err)
{
    struct incidence_time *t = calloc(n + 1, sizeof *t);
    enum status st = OK;

    if (t == NULL) {
        return err_set(err, E_NOMEM, "follow-up");
    }
    if (n == 0) {
        st = err_set(err, E_NUMERIC, "follow-up: there are no subjects");
    }
    for (size_t i = 0; st == OK && i < n; i++) {
        if (!(time[i] >= 0 && isfinite(time[i])) || (event[i] != 0 && event[i] != 1)) {
            st = err_set(err, E_NUMERIC, "subject %zu: time must be 0 or more and finite, event 0 or 1",
                         i + 1);
        } else {
            t[i] = (struct incidence_time){time[i], event[i] == 1 ? CAUSE_CENSORED : CAUSE_EVENT};
        }
    }
    if (st == OK) {
        st = incidence_steps(t, n, steps, n_steps, err);
    }
    free(t);
    return st;
}

enum status followup_share(const double *time, const int *event, size_t n, double t, double *ret,
                           struct err *err)
{
    struct incidence_step *s = NULL;
    size_t k = 0;
    double lost = 0;
    enum status st = reverse(time, event, n, &s, &k, err);

    if (st == OK && isnan(t)) {
        st = err_set(err, E_NUMERIC, "follow-up: the time is not a number");
    }
    for (size_t i = 0; st == OK && i < k && s[i].t <= t; i++) {
        lost = s[i].incidence;
    }
    free(s);
    if (st == OK) {
        *ret = 1 - lost;
    }
    return st;
}

enum status followup_quantile(const double *time, const int *event, size_t n, double q, double *ret,
                              struct err *err)
{
    struct incidence_step *s = NULL;
    size_t k = 0, i = 0;
    enum status st = reverse(time, event, n, &s, &k, err);

    if (st == OK && !(q > 0 && q < 1)) {
        st = err_set(err, E_NUMERIC, "quantile is %g, must be in (0, 1)", q);
    }
    if (st == OK) {
        /* Rounding must not move a quantile by a subject. */
        while (i < k && s[i].incidence < q - 1e-12) {
            i++;
        }
        *ret = i < k ? s[i].t : NUM_INF;
    }
    free(s);
    return st;
}

enum status followup_completeness(const double *time, const int *event, const double *cut, size_t n,
                                  double *ret, struct err *err)
{
    double seen = 0, could = 0;

    for (size_t i = 0; i < n; i++) {
        if (!(time[i] >= 0 && time[i] <= cut[i] && isfinite(cut[i])) || (event[i] != 0 && event[i] != 1)) {
            return err_set(err, E_NUMERIC, "subject %zu: time must be 0 to its cut, event 0 or 1", i + 1);
        }
        seen += time[i];
        could += event[i] == 1 ? time[i] : cut[i];
    }
    if (!(could > 0)) {
        return err_set(err, E_NUMERIC, "follow-up: nobody could have been followed");
    }
    *ret = seen / could;
    return OK;
}
