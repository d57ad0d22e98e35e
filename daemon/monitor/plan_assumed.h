/*
 * plan_assumed.h - what a plan assumes of its trial for simulation: how many subjects, for how long, what happens how often.
 *
 * Section `simulation` of the plan: part of the adopted text, read by no look.  Each subject enters on a day uniform over
 * the recruitment and is followed for follow_up days at most.  From then on each cause, and leaving early, has an
 * exponential time of its own; a fatal one ends all.  What happens on a day is in the trial's database after an exponential
 * lag; deaths are known with their row, who left or completed at once.
 */
#ifndef DSMB_MONITOR_PLAN_ASSUMED_H
#define DSMB_MONITOR_PLAN_ASSUMED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/doc.h"
#include "base/err.h"
#include "classify/rules.h"
#include "monitor/plan.h"

enum { CAUSES_MAX = 16, SCENARIOS_MAX = 8 };

/* One kind of first event; what a row of it counts as. */
struct cause {
    char name[NAME_MAX_LEN + 1];
    uint32_t categories; /* bits of the ruleset */
    uint64_t subtypes;
    bool fatal; /* it counts as `death` */
    /* Share of control subjects that would have it by the end of a whole follow-up, were there nothing else; in (0, 1). */
    double control;
};

struct scenario {
    char name[TITLE_MAX_LEN + 1];
    double ratio[CAUSES_MAX]; /* hazard ratio of each cause, every experimental arm against control; > 0 */
};

struct assumed {
    int64_t subjects;           /* of all arms */
    int recruitment, follow_up; /* days */
    double lag;                 /* median, days; 0: all is known on its day */
    double
        drop_out[2]; /* share that leaves by the end of a whole follow-up: control, experimental; in [0, 1) */
    size_t n_causes;
    struct cause cause[CAUSES_MAX];
    size_t n_scenarios; /* the first is always `no harm`, all ratios 1 */
    struct scenario scenario[SCENARIOS_MAX];
};

/* The section; map NULL: none, *ret NULL and OK.  E_CONFIG with file:line:col.  *ret is the caller's (free()). */
enum status plan_assumed_read(const struct node *map, const struct ruleset *rules, struct assumed **ret,
                              struct err *err);
/* Before a simulation: a monitor whose category no cause counts as is E_CONFIG, it would seem never to err. */
enum status plan_assumed_check(const struct plan *p, struct err *err);

#endif
