/*
 * proportional.h - is the hazard ratio the same at all times?  Grambsch & Therneau 1994, as a score test.
 *
 * The Cox model (Efron) gets a second term, arm times g(t); the test is the score test that its coefficient is 0, at the
 * fitted log hazard ratio.  With one coefficient this is the trend of Schoenfeld's residuals over g.
 */
#ifndef DSMB_STATS_PROPORTIONAL_H
#define DSMB_STATS_PROPORTIONAL_H

#include <stddef.h>

#include "base/err.h"
#include "stats/logrank.h"

enum proportional_scale {
    SCALE_TIME,        /* g(t) = t */
    SCALE_LOG,         /* g(t) = log t; t > 0 */
    SCALE_KAPLAN_MEIER /* g(t) = 1 - S(t-), S the Kaplan-Meier estimate of both arms together */
};

struct proportional {
    double log_hr, chisq, p; /* 1 degree of freedom */
    double trend;            /* one-step estimate of the coefficient of g: how log HR moves */
};

/*
 * rows: a risk table as survival_table gives it, time: of each row, ascending.  E_NUMERIC where nothing can be said: the
 * likelihood is monotone or flat, or all events fall at one time.
 */
enum status proportional_test(const struct logrank_row *rows, const double *time, size_t n,
                              enum proportional_scale scale, struct proportional *ret, struct err *err);

#endif
