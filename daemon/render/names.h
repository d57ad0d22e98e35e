/*
 * names.h - what a closed document calls the arms.  The only place of render/ that reveals them.  Pure.
 */
#ifndef DSMB_RENDER_NAMES_H
#define DSMB_RENDER_NAMES_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "monitor/plan.h"
#include "trial/arms.h"

struct arm_names {
    int n;
    char *arm[ARMS_MAX]; /* owned; fit to be shown */
    char *experimental;  /* all experimental arms together: the only one's name, or "Experimental arms" */
    char *unknown;       /* "Arm unknown" */
    /* Who is compared with control: each experimental arm, and where there are several all of them together. */
    int n_versus;
    struct versus {
        arm_t arm;  /* ARM_NONE: all experimental arms */
        char *name; /* "Magnesium v Placebo"; owned */
    } versus[ARMS_MAX];
};

/* coded: "Arm A", "Arm B", ... in the plan's order, control first, instead of the labels. */
enum status arm_names_reveal(const struct arms *arms, bool coded, struct arm_names *ret, struct err *err);
void arm_names_done(struct arm_names *n); /* overwrites */
/* The experimental side of a monitor's comparison. */
const char *arm_names_side(const struct arm_names *n, const struct monitor *m);
/* Of a row of tallies: an arm, ROW_ARM_UNKNOWN or ROW_TOTAL. */
const char *arm_names_of(const struct arm_names *n, int arm);

#endif
