#include "trial/risk.h"

#include <stdlib.h>
#include <string.h>

/* Days a group enters, leaves the risk set after, and has its events on: each sorted by itself. */
struct group {
    day_t *enter, *exit, *event;
    size_t n, n_event;
    size_t at_enter, at_exit, at_event; /* how far the sweep has come */
};

static int by_day(const void *a, const void *b)
{
    day_t x, y;

    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

static void sort_days(day_t *d, size_t n)
{
    if (n > 1) {
        qsort(d, n, sizeof *d, by_day);
    }
}

static void group_done(struct group *g)
{
    free(g->enter);
    free(g->exit);
    free(g->event);
}

static bool left_out(const struct risk_time *t)
{
    return t->arm == ARM_NONE || t->enter == DAY_NONE;
}

/* The day after which the subject is no longer at risk of a first event. */
static day_t exit_day(const struct risk_time *t)
{
    return t->event != DAY_NONE ? t->event : t->leave;
}

static enum status group_fill(struct group *g, const struct risk_time *t, size_t n, arm_t experimental,
                              bool control, struct err *err)
{
    g->enter = malloc((n + 1) * sizeof *g->enter);
    g->exit = malloc((n + 1) * sizeof *g->exit);
    g->event = malloc((n + 1) * sizeof *g->event);
    if (g->enter == NULL || g->exit == NULL || g->event == NULL) {
        return err_set(err, E_NOMEM, "risk sets of %zu subjects", n);
    }
    for (size_t i = 0; i < n; i++) {
        bool mine = control
                        ? t[i].arm == ARM_CONTROL
                        : t[i].arm != ARM_CONTROL && (experimental == ARM_NONE || t[i].arm == experimental);

        if (left_out(&t[i]) || !mine) {
            continue;
        }
        if (t[i].leave < t[i].enter ||
            (t[i].event != DAY_NONE && (t[i].event < t[i].enter || t[i].event > t[i].leave))) {
            return err_set(err, E_INTERNAL,
                           "a time at risk ends before it begins, or its event lies outside it");
        }
        g->enter[g->n] = t[i].enter;
        g->exit[g->n++] = exit_day(&t[i]);
        if (t[i].event != DAY_NONE) {
            g->event[g->n_event++] = t[i].event;
        }
    }
    sort_days(g->enter, g->n);
    sort_days(g->exit, g->n);
    sort_days(g->event, g->n_event);
    return OK;
}

/* Moves the sweep to `day`; days must not fall from call to call. */
static void group_at(struct group *g, day_t day, int64_t *at_risk, int64_t *events)
{
    int64_t d = 0;

    while (g->at_enter < g->n && g->enter[g->at_enter] <= day) {
        g->at_enter++;
    }
    while (g->at_exit < g->n && g->exit[g->at_exit] < day) {
        g->at_exit++;
    }
    while (g->at_event < g->n_event && g->event[g->at_event] == day) {
        g->at_event++;
        d++;
    }
    *at_risk = (int64_t)g->at_enter - (int64_t)g->at_exit;
    *events = d;
}

enum status risk_by_day(const struct risk_time *t, size_t n, arm_t experimental, struct risk_day **ret,
                        size_t *n_ret, struct err *err)
{
    struct group g1 = {0}, g0 = {0};
    struct risk_day *days = NULL;
    size_t k = 0;
    enum status st = group_fill(&g1, t, n, experimental, false, err);

    if (st == OK) {
        st = group_fill(&g0, t, n, experimental, true, err);
    }
    if (st != OK) {
        goto out;
    }
    days = calloc(g1.n_event + g0.n_event + 1, sizeof *days);
    if (days == NULL) {
        st = err_set(err, E_NOMEM, "risk sets of %zu subjects", n);
        goto out;
    }
    while (g1.at_event < g1.n_event || g0.at_event < g0.n_event) {
        bool from1 = g0.at_event >= g0.n_event ||
                     (g1.at_event < g1.n_event && g1.event[g1.at_event] <= g0.event[g0.at_event]);
        struct risk_day *d = &days[k++];

        d->day = from1 ? g1.event[g1.at_event] : g0.event[g0.at_event];
        group_at(&g1, d->day, &d->y1, &d->d1);
        group_at(&g0, d->day, &d->y0, &d->d0);
    }
    *ret = days;
    *n_ret = k;
out:
    group_done(&g1);
    group_done(&g0);
    return st;
}

int64_t risk_days(const struct risk_time *t, size_t n, arm_t arm)
{
    int64_t days = 0;

    for (size_t i = 0; i < n; i++) {
        if (!left_out(&t[i]) && t[i].arm == arm) {
            days += (int64_t)exit_day(&t[i]) - t[i].enter + 1;
        }
    }
    return days;
}
