/*
 * figures.h - the numbers a closed document shows, taken from a look's tallies.  Pure.
 */
#ifndef DSMB_RENDER_FIGURES_H
#define DSMB_RENDER_FIGURES_H

#include <stdbool.h>

#include "base/buf.h"
#include "monitor/look.h"
#include "stats/twobytwo.h"

/* What is counted, and among whom. */
struct measure {
    int category, subtype; /* subtype NO_SUBTYPE: the whole category */
    enum population population;
    enum window window;
    enum basis basis;
};

/* One side of a comparison: an arm, or several pooled. */
struct side {
    int64_t n, subjects, episodes, rows, risk_days, observed_days;
};

struct contrast {
    bool ok;      /* both sides have subjects, and the numbers could be computed */
    bool rate_ok; /* both sides have time at risk */
    struct twobytwo t;
    struct estimate rate_ratio;
};

struct measure measure_of_monitor(const struct plan *p, const struct ruleset *rs, const struct monitor *m);
struct measure measure_of_category(const struct plan *p, int category);
/* arm: 0..n-1, ROW_ARM_UNKNOWN or ROW_TOTAL. All zero when the look has no such row. */
struct side side_of(const struct look_result *r, const struct measure *m, int arm);
/* The experimental side: arm `comparison`, or with ARM_NONE all experimental arms pooled. */
struct side side_experimental(const struct look_result *r, const struct measure *m, int n_arms,
                              arm_t comparison);
/* 95 % intervals.  Only want of memory or a defect fails. */
enum status contrast_of(const struct side *exp, const struct side *control, struct contrast *ret,
                        struct err *err);
/* Per 100 person-years, NaN without time. */
double rate_100(int64_t x, int64_t days);

/* Days of the risk sets' proportion: geometric mean of Y1/(Y1+Y0) over an entry's and its past's events; NaN: none. */
double risk_share(const struct history *past, const struct entry *now);

#endif
