/*
 * followup.h - how complete follow-up is: the reverse Kaplan-Meier estimate (Schemper & Smith 1996).
 *
 * Being censored is the event, the event censors: the estimate is of the time to which a subject would have been watched
 * had nothing happened.  A subject with an event at a time is at risk for the censorings of that time.
 */
#ifndef DSMB_STATS_FOLLOWUP_H
#define DSMB_STATS_FOLLOWUP_H

#include <stddef.h>

#include "base/err.h"

/*
 * P(still under observation after t), and the smallest time at which it is at most 1 - q (Inf where it never is).
 * time >= 0 and finite, event 0 or 1; n = 0: E_NUMERIC.
 */
enum status followup_share(const double *time, const int *event, size_t n, double t, double *ret,
                           struct err *err);
enum status followup_quantile(const double *time, const int *event, size_t n, double q, double *ret,
                              struct err *err);
/* Clark, Altman & De Stavola 2002: observed over potential person-time, potential until `cut` (the event's time for those
 * with one).  time <= cut[i]; no potential time: E_NUMERIC. */
enum status followup_completeness(const double *time, const int *event, const double *cut, size_t n,
                                  double *ret, struct err *err);

#endif
