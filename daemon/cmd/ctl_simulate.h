/*
 * ctl_simulate.h - `dsmbctl simulate`: what a plan does in trials as it assumes them, computed and written.
 */
#ifndef DSMB_CMD_CTL_SIMULATE_H
#define DSMB_CMD_CTL_SIMULATE_H

#include "cmd/ctl_rows.h"
#include "monitor/simulate.h"

struct simulation_item {
    const struct scenario *scenario;
    bool no_harm; /* where any crossing is a false alarm */
    struct simulated r;
};

/* A share of the trials and its standard error. */
struct rate {
    double value, se;
};
struct rate simulated_rate(int64_t count, int64_t trials);

enum status simulation_write(const struct plan *p, const struct simulation_item *item, size_t n, int64_t seed,
                             enum ctl_form form, struct buf *out, struct err *err);

/*
 * What the plan promises and the trials do not show, one line each; the count.  A monitor or family that errs more often than
 * its alpha, a simulated_rate of the plan that is another one: each beyond three standard errors.
 */
int simulation_contradicts(const struct plan *p, const struct simulation_item *no_harm, struct buf *out);

#endif
