/*
 * backoff.h - how long to wait before trying again.  Pure: the random number is passed in.
 */
#ifndef DSMB_BASE_BACKOFF_H
#define DSMB_BASE_BACKOFF_H

#include <stdint.h>

/* min * 2^(attempt-1), at most max, then 50 to 100 % of it by u in [0, 1).  attempt counts from 1; never gives up. */
int64_t backoff_delay(int32_t attempt, int64_t min_us, int64_t max_us, double u);

#endif
