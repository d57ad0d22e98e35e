/*
 * bayes.h - posterior probability that one rate exceeds another by more than delta (B5).
 *
 * Beta priors for proportions, gamma priors for Poisson rates.
 */
#ifndef DSMB_STATS_BAYES_H
#define DSMB_STATS_BAYES_H

#include <stdint.h>

#include "base/err.h"

/*
 * P(pT > pC + delta), pT ~ Beta(aT, bT), pC ~ Beta(aC, bC), -1 < delta < 1; shapes in (0, 1e12];
 * |error| <= 1e-11, and 1e-9 above shapes of 1e9.
 */
enum status bayes_beta_exceeds(double a_t, double b_t, double a_c, double b_c, double delta, double *ret,
                               struct err *err);
/* The same for rates, ratio above rho: rate T ~ Gamma(a_t, rate b_t), rate C alike; rho > 0. */
enum status bayes_gamma_ratio_exceeds(double a_t, double b_t, double a_c, double b_c, double rho, double *ret,
                                      struct err *err);

#endif
