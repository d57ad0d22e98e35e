/*
 * incidence.h - cumulative incidence of a first event, death competing: the estimator of Aalen and Johansen.
 *
 * One cause of interest (1) against one that makes it impossible (2); 0 is censored.  A subject censored at a time is
 * at risk for the events of that time.  Without competing events this is 1 - Kaplan-Meier.
 *   F(t) = sum over t_j <= t of S(t_j-) d1_j / n_j,   S: Kaplan-Meier of either event.
 * Variance: Dinse and Larson (1986), which is Greenwood's where nothing competes.  Limits: complementary log-log, so
 * that they stay inside (0, 1).
 */
#ifndef DSMB_STATS_INCIDENCE_H
#define DSMB_STATS_INCIDENCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "stats/twobytwo.h"

enum incidence_cause { CAUSE_CENSORED, CAUSE_EVENT, CAUSE_COMPETING };

struct incidence_time {
    double t; /* finite, >= 0 */
    enum incidence_cause cause;
};

/* A step: one distinct time with an event of either cause. */
struct incidence_step {
    double t;
    int64_t at_risk;  /* just before t */
    int64_t d1, d2;   /* events at t */
    int64_t events;   /* of cause 1, up to and including t */
    double incidence; /* F(t) */
    double variance;  /* of F(t) */
};

/* Ascending.  `times` is sorted in place; *ret is the caller's (free()), NULL when there are no events. */
enum status incidence_steps(struct incidence_time *times, size_t n, struct incidence_step **ret,
                            size_t *n_ret, struct err *err);
/* F at t with its limits (NaN while F is 0 or 1).  level: 0.95. */
enum status incidence_at(const struct incidence_step *s, size_t n, double t, double level,
                         struct estimate *ret, struct err *err);
/* How many are at risk just before t.  times: sorted, as incidence_steps leaves them. */
int64_t incidence_at_risk(const struct incidence_time *times, size_t n, double t);

#endif
