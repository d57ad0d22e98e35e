/*
 * risk.h - who was at risk on which day.  Pure.
 *
 * A subject is at risk of a first event on day d when  enter <= d <= leave  and the event has not happened on an earlier
 * day: enter = randomisation (or first dose), leave = the last day under observation inside the count's window.  The
 * event's own day is a day at risk.  Person-time is leave - enter + 1 days, cut at the event's day for first events.
 */
#ifndef DSMB_TRIAL_RISK_H
#define DSMB_TRIAL_RISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/date.h"
#include "base/err.h"
#include "trial/arms.h"

struct risk_time {
    arm_t arm;   /* ARM_NONE: left out */
    day_t enter; /* DAY_NONE: left out */
    day_t leave; /* >= enter */
    day_t event; /* day of the first event in [enter, leave], or DAY_NONE */
};

/* One event day on the calendar scale: at risk and events, experimental (1) against control (0). */
struct risk_day {
    day_t day;
    int64_t y1, y0; /* at risk that day, the day's events included */
    int64_t d1, d0; /* first events that day */
};

/*
 * Risk sets on the calendar scale at each day with an event, ascending.  `experimental` is the arm compared with
 * control, or ARM_NONE for all experimental arms pooled.  *ret is the caller's (free()).  O(n log n).
 */
enum status risk_by_day(const struct risk_time *t, size_t n, arm_t experimental, struct risk_day **ret,
                        size_t *n_ret, struct err *err);
/* Days at risk of one arm, until event or leave. */
int64_t risk_days(const struct risk_time *t, size_t n, arm_t arm);

#endif
