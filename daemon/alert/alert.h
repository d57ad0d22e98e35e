/*
 * alert.h - what a look gives rise to: raise, amend.  Pure.
 *
 * One alert per monitor and crossing.  CROSSED latches, so it is raised once; when later corrected data would not cross,
 * one amendment says so, and another when they would again.  Nothing is withdrawn silently.
 */
#ifndef DSMB_ALERT_ALERT_H
#define DSMB_ALERT_ALERT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "monitor/look.h"

enum alert_kind { ALERT_RAISED, ALERT_AMENDED_BELOW, ALERT_AMENDED_AGAIN };

struct alert {
    int64_t id; /* 0 before it is stored; the store numbers it */
    int64_t look;
    char monitor[NAME_MAX_LEN + 1];
    enum alert_kind kind;
    enum alert_urgency urgency;
};

/* alerts: all earlier ones.  *ret (free()) are those this look adds, in the plan's order. */
enum status alert_decide(const struct plan *plan, const struct look_result *result, int64_t look,
                         const struct alert *past, size_t n_past, struct alert **ret, size_t *n,
                         struct err *err);

#endif
