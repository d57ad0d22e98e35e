/*
 * gs_power.h - looking ahead and looking back: conditional and predictive power, over-running, simulation.
 */
#ifndef DSMB_STATS_GS_POWER_H
#define DSMB_STATS_GS_POWER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * After look `done` (1-based, not stopped there) with statistic z: probability that a later look crosses its upper bound.
 * Bounds as in gs_cross; info rises over all k looks, done < k.  Conditional: under drift theta; predictive: theta by the
 * posterior of a flat prior, N(z / sqrt I, 1 / I).
 */
enum status gs_conditional_power(size_t k, const double *info, const double *lower, const double *upper,
                                 size_t done, double z, double theta, double *ret, struct err *err);
enum status gs_predictive_power(size_t k, const double *info, const double *lower, const double *upper,
                                size_t done, double z, double *ret, struct err *err);

/*
 * Over-running after a crossing at look `stage`: data went on to information info_over > info[stage - 1], statistic
 * z_over.  Deletion p (Sooriyarachchi et al. 2003): the crossing look is replaced by the look at the over-run data.
 */
enum status gs_overrun_deletion_p(size_t stage, const double *info, const double *lower, const double *upper,
                                  double info_over, double z_over, double *ret, struct err *err);
/* Weighted z: sqrt(I_k/I_o) Phi^-1(1 - p_stagewise) + sqrt(1 - I_k/I_o) z of the increment. */
enum status gs_overrun_weighted_z(double info_stop, double p_stagewise, double info_over, double z_increment,
                                  double *ret, struct err *err);

/* gs_cross by simulation of `trials` trials; s.e. of a probability p is sqrt(p (1-p) / trials). */
enum status gs_simulate(size_t k, const double *info, const double *lower, const double *upper, double theta,
                        int64_t trials, uint64_t seed, double *p_upper, double *p_lower,
                        double *expected_info, struct err *err);

#endif
