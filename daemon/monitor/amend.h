/*
 * amend.h - may this plan follow that one while the trial runs?  Pure.
 *
 * The design of a monitor that has been looked at is fixed: what was spent stays spent.  A plan that changes it, drops it,
 * or changes arms, populations or the times of looks is refused.  Titles, urgencies and supportive figures may change, and
 *  - the maximum, before the monitor has crossed or closed, where the plan states that it was decided blind to the arms
 *    (max_events_amended); ledger.h says how alpha is spent from there.  A change decided with knowledge of the arms would
 *    need the conditional rejection probability (Mueller & Schaefer 2001) and is refused;
 *  - new monitors that decide, with alpha from the reserve that the running plan declared for their family.
 */
#ifndef DSMB_MONITOR_AMEND_H
#define DSMB_MONITOR_AMEND_H

#include "monitor/ledger.h"
#include "monitor/look.h"
#include "monitor/plan.h"

/* h: the running plan's histories, in its order.  E_STATE names the monitor and what may not change. */
enum status plan_may_follow(const struct plan *running, const struct history *h, const struct plan *next,
                            struct err *err);

/* Appends what of `next` amends a maximum, for the ledger; nothing where nothing does.  running may be NULL. */
enum status plan_amendments(const struct plan *running, const struct plan *next, struct buf *out,
                            struct err *err);

#endif
