/*
 * num.h - the two values of a double that are no number of the line.  <math.h> has them as float.
 */
#ifndef DSMB_STATS_NUM_H
#define DSMB_STATS_NUM_H

#include <math.h>

#define NUM_NAN ((double)NAN)
#define NUM_INF ((double)INFINITY)

#endif
