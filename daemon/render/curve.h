/*
 * curve.h - the first events of a category since entry, in one group: what cumulative incidence is made of.  Pure.
 *
 * Time is counted in days under observation, the day of entry being day 1, as person-time is (tally.h).  Death before
 * the event is the competing cause; on one day the event goes first.  Where the ruleset has no category `death`, or the
 * category is death itself, nothing competes.
 */
#ifndef DSMB_RENDER_CURVE_H
#define DSMB_RENDER_CURVE_H

#include "render/report.h"
#include "stats/incidence.h"

enum { CURVE_MONTHS = 8 };
extern const int curve_month[CURVE_MONTHS]; /* 3, 6, 12 ... 60 */

struct curve {
    struct incidence_time *times; /* sorted */
    size_t n;
    struct incidence_step *steps;
    size_t n_steps;
    double last; /* the longest time under observation, in days */
};

void curve_done(struct curve *c);
/* arm: 0..n-1, or ROW_TOTAL: everybody, and nothing of it depends on arms. */
enum status curve_of(const struct report_input *in, int category, int arm, struct curve *ret,
                     struct err *err);
double curve_days(int months);
/* First events up to and including t. */
int64_t curve_events(const struct curve *c, double t);

#endif
