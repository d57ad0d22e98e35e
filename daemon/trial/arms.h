/*
 * arms.h - the trial's arms, known below render/ only by number.
 *
 * Arm 0 is the control arm; the others are experimental, in the plan's order.  Codes and labels are `secret`.
 */
#ifndef DSMB_TRIAL_ARMS_H
#define DSMB_TRIAL_ARMS_H

#include <stdint.h>

#include "base/err.h"
#include "base/secret.h"

enum { ARMS_MAX = 8, ARM_NONE = -1, ARM_CONTROL = 0 };

typedef int8_t arm_t; /* 0..n-1, or ARM_NONE */

struct arms {
    int n; /* 2..ARMS_MAX */
    struct {
        struct secret *code;  /* as the source's arm.arm_code spells it */
        struct secret *label; /* as the closed documents show it */
        double allocation;    /* planned share of randomisations, > 0; the shares sum to 1 */
    } arm[ARMS_MAX];
};

void arms_done(struct arms *a);
arm_t arms_find(const struct arms *a, const char *code, size_t len); /* ARM_NONE when unknown */

#endif
