/*
 * fault.h - DATA FAULT: when a reading must not be believed.
 *
 * Structural only.  Contract version missing or not ours; subjects or events fewer than at the last committed look by
 * more than max(5 rows, max_shrink_percent).  Views, columns, types and rights are judged by the reader (pg/), which
 * fails with E_DATA or E_DENIED.  Pure.
 */
#ifndef DSMB_TRIAL_FAULT_H
#define DSMB_TRIAL_FAULT_H

#include "base/err.h"
#include "trial/snapshot.h"

struct shrink {
    size_t subjects_before, subjects_now, events_before, events_now;
    double max_percent; /* 0..100 */
};

/* OK, or E_DATA with a message that names the cause and the remedy and no arm-level content. */
enum status fault_check(const struct snapshot *s, const struct shrink *sh, struct err *err);

#endif
