/*
 * single_arm.h - stopping limits of one arm against a declared background rate (B6): binomial and Poisson, exact.
 *
 * At look k the arm stops when its count reaches c[k], the smallest count whose one-sided p under the background is at
 * most g_k.  Pocock-type: g_k the same at every look (Ivanova, Qaqish & Schell 2005, continuous toxicity monitoring).
 * OBF-type: g_k = Phibar(C / sqrt(t_k)), t_k the look's share of the last look's information.  The parameter is the least
 * strict that keeps the exact probability of ever stopping, under the background, at most alpha.
 */
#ifndef DSMB_STATS_SINGLE_ARM_H
#define DSMB_STATS_SINGLE_ARM_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum single_arm_kind { SINGLE_POCOCK, SINGLE_OBF };

enum { SINGLE_LOOKS_MAX = 5000 };

/*
 * Looks after n[0] < n[1] < ... subjects whose outcome is known; p0 in (0, 1).  c[k] (n[k] + 1: no stopping possible),
 * cum[k]: probability of having stopped by then under p0.
 */
enum status single_arm_binomial(enum single_arm_kind kind, const int64_t *n, size_t k, double p0,
                                double alpha, int64_t *c, double *cum, struct err *err);
/* Looks at expected counts mu[0] < mu[1] < ... under the background. */
enum status single_arm_poisson(enum single_arm_kind kind, const double *mu, size_t k, double alpha,
                               int64_t *c, double *cum, struct err *err);
/* What the limits do when the rate is another: power[k], probability of having stopped by look k. */
enum status single_arm_binomial_power(const int64_t *n, size_t k, const int64_t *c, double p, double *power,
                                      struct err *err);
/* ratio > 0 times the background. */
enum status single_arm_poisson_power(const double *mu, size_t k, const int64_t *c, double ratio,
                                     double *power, struct err *err);

#endif
