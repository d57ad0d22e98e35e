/*
 * simulate.h - operating characteristics of a plan: trials made up as it assumes, judged look by look by the code that runs
 * live (look_judge), from subjects and events on.  Only classification is left out: a cause says what its rows count as.
 *
 * A monitor is judged on each day on which one of its events becomes known or its calendar comes due, and by a closing look
 * when all is known: every look at which its state could change.  After its crossing it is judged only for the e-process
 * beside it, until that has reached its reference, too.
 */
#ifndef DSMB_MONITOR_SIMULATE_H
#define DSMB_MONITOR_SIMULATE_H

#include <stdint.h>

#include "base/err.h"
#include "monitor/plan_assumed.h"
#include "monitor/plan.h"

/* Sums over trials; add two of them for more trials. */
struct simulated_monitor {
    int64_t crossed;
    int64_t at_closing; /* of these, at the closing look */
    int64_t
        undetermined;  /* did not cross, and the closing look could not tell: too few events, an empty arm */
    int64_t e_reached; /* the e-process beside it came to its reference */
    int64_t looks;     /* that tested */
    double events;     /* first events known at the end, or at the crossing */
    double events_crossed,
        days_crossed; /* of those that crossed: events; days since the first randomisation */
};

struct simulated {
    int64_t trials;
    struct simulated_monitor monitor[MONITORS_MAX]; /* plan's order */
    int64_t family[FAMILIES_MAX]; /* trials in which a deciding monitor of the family crossed */
    int64_t any;                  /* any deciding monitor of the plan */
};

/*
 * Trials first..first + n - 1 of a scenario.  A trial is the same whatever range it is asked in: it depends on seed,
 * scenario and its number.  p->assumed is there, rules are as the plan was read with.  E_CONFIG as plan_assumed_check; E_NOMEM; a
 * monitor that cannot tell is counted, as live.
 */
enum status simulate(const struct plan *p, struct ruleset *rules, size_t scenario, uint64_t seed,
                     int64_t first, int64_t n, struct simulated *ret, struct err *err);
void simulated_add(struct simulated *to, const struct simulated *more);

#endif
