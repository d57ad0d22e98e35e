#include "render/curve.h"

#include <stdlib.h>

#include "render/figures.h"

const int curve_month[CURVE_MONTHS] = {3, 6, 12, 18, 24, 36, 48, 60};

void curve_done(struct curve *c)
{
    free(c->times);
    free(c->steps);
    *c = (struct curve){0};
}

double curve_days(int months)
{
    return months * 365.25 / 12;
}

int64_t curve_events(const struct curve *c, double t)
{
    int64_t n = 0;

    for (size_t i = 0; i < c->n_steps && c->steps[i].t <= t; i++) {
        n = c->steps[i].events;
    }
    return n;
}

static struct incidence_time time_of(const struct risk_time *r, const struct risk_time *death)
{
    struct incidence_time t = {(double)(r->leave - r->enter + 1), CAUSE_CENSORED};

    if (r->event != DAY_NONE) {
        t.t = (double)(r->event - r->enter + 1);
        t.cause = CAUSE_EVENT;
    } else if (death != NULL && death->event != DAY_NONE) {
        t.t = (double)(death->event - r->enter + 1);
        t.cause = CAUSE_COMPETING;
    }
    return t;
}

enum status curve_of(const struct report_input *in, int category, int arm, struct curve *ret, struct err *err)
{
    struct tally_options o = look_options(in->plan, in->rules, WINDOW_ALL, in->cut);
    const struct classes *k = &in->result->classes;
    struct risk_time *risk = NULL, *death = NULL;
    struct curve c = {0};
    enum status st = tally_risk_times(in->snapshot, k, (struct tally_target){category, 0}, &o, &risk, err);

    if (st == OK && o.death_category != NO_CATEGORY && o.death_category != category) {
        st = tally_risk_times(in->snapshot, k, (struct tally_target){o.death_category, 0}, &o, &death, err);
    }
    if (st == OK) {
        c.times = calloc(in->snapshot->n_subjects + 1, sizeof(*c.times));
        st = c.times == NULL ? err_set(err, E_NOMEM, "cumulative incidence") : OK;
    }
    for (size_t i = 0; st == OK && i < in->snapshot->n_subjects; i++) {
        if (risk[i].enter != DAY_NONE && (arm == ROW_TOTAL || risk[i].arm == arm)) {
            double t = (double)(risk[i].leave - risk[i].enter + 1);

            c.last = t > c.last ? t : c.last;
            c.times[c.n++] = time_of(&risk[i], death == NULL ? NULL : &death[i]);
        }
    }
    if (st == OK) {
        st = incidence_steps(c.times, c.n, &c.steps, &c.n_steps, err);
    }
    free(risk);
    free(death);
    if (st != OK) {
        curve_done(&c);
        return st;
    }
    *ret = c;
    return OK;
}
