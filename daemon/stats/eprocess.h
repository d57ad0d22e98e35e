/*
 * eprocess.h - safe tests for live monitoring (B4): ter Schure, Perez-Ortiz, Ly & Grunwald 2024 (safe logrank test).
 *
 * Prior pi ~ Beta(a, b) truncated to (pi*, 1), pi* = planned allocation to arm 1; theta = pi (1-pi*) / ((1-pi) pi*);
 * 64-point Gauss-Legendre over pi.  The step of an onset day with m events, x of them in arm 1, is the noncentral over
 * the central hypergeometric probability at (y1, y0, m); for m = 1: theta y1/(theta y1 + y0) against y1/(y1 + y0).
 * Everything is kept as log e.  A day with y1 = 0 or y0 = 0 carries no information: factor 1.
 */
#ifndef DSMB_STATS_EPROCESS_H
#define DSMB_STATS_EPROCESS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "stats/exact_days.h"

struct eprocess;

enum status eprocess_new(double prior_a, double prior_b, double pi_star, struct eprocess **ret,
                         struct err *err);
void eprocess_free(struct eprocess *e);
enum status eprocess_day(struct eprocess *e, int64_t y1, int64_t y0, int64_t m, int64_t x, struct err *err);
/* log E now, and its maximum over the days so far (0 before any). */
enum status eprocess_log_e(const struct eprocess *e, double *now, double *max, struct err *err);

/*
 * The counts in arm 1 at which log E reaches log_threshold along given risk sets: c[i] after day i (events so far + 1:
 * none).  Given the risk sets E depends on the count alone, and rises with it: exact_days_operating() takes the counts.
 */
enum status eprocess_bounds(double prior_a, double prior_b, double pi_star, const struct exact_day *day,
                            size_t k, double log_threshold, int64_t *c, struct err *err);

#endif
