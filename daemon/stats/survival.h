/*
 * survival.h - two groups with right-censored times: risk tables, Cox's hazard ratio, weighted logrank.
 *
 * Arm 1 is experimental.  A subject censored at a time is at risk for the events of that time.
 */
#ifndef DSMB_STATS_SURVIVAL_H
#define DSMB_STATS_SURVIVAL_H

#include <stddef.h>

#include "base/err.h"
#include "stats/logrank.h"
#include "stats/twobytwo.h"

/* One row per distinct event time, ascending; *rows is the caller's (free()). Times finite, event and arm 0 or 1. */
enum status survival_table(const double *time, const int *event, const int *arm, size_t n,
                           struct logrank_row **rows, size_t *n_rows, struct err *err);
/*
 * The same by stratum (NULL: one): rows of one stratum after those of another, so that logrank_test of them is the
 * stratified logrank (Mantel 1966), and *times the time of each row (NULL: not wanted); both are the caller's.
 */
enum status survival_table_strata(const double *time, const int *event, const int *arm, const int *stratum,
                                  size_t n, struct logrank_row **rows, double **times, size_t *n_rows,
                                  struct err *err);
/*
 * log hazard ratio by Efron's partial likelihood, to 1e-12.  +Inf or -Inf where the likelihood is monotone; NaN when it
 * is flat (no event with both arms at risk).
 */
enum status cox_efron(const struct logrank_row *rows, size_t n, double *log_hr, struct err *err);
/*
 * The hazard ratio itself with its profile-likelihood limits (Cox & Oakes 1984, section 3.3): where twice the fall of the
 * log partial likelihood from its top is the chi-square quantile of conf in (0, 1).  Rows of several strata: stratified.
 * Monotone likelihood: the ratio is 0 or Inf with one finite limit.  Flat likelihood: NaN, (0, Inf).
 */
enum status cox_hazard_ratio(const struct logrank_row *rows, size_t n, double conf, struct estimate *ret,
                             struct err *err);
/* Peto's hazard ratio exp((O - E) / V) with its limits (Yusuf, Peto, Lewis, Collins & Sleight 1985); V = 0: E_NUMERIC. */
enum status peto_hazard_ratio(const struct logrank *lr, double conf, struct estimate *ret, struct err *err);
/* Chi-square of the logrank weighted by S(t-) of both arms together (Peto & Peto 1972, rho = 1). */
enum status logrank_rho1(const struct logrank_row *rows, size_t n, double *chisq, struct err *err);

#endif
