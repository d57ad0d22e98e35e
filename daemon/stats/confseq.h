/*
 * confseq.h - confidence sequences: limits that hold at every moment together (B4).
 *
 * The limits hold every null value whose e-process has not reached 1 / alpha (Robbins 1970; Darling & Robbins 1967; for
 * the safe logrank test, ter Schure et al. 2024).  Coverage at all times at once is at least 1 - alpha.  Two-sided: the
 * prior over all values; lower: the prior cut to the values above the null value, as the one-sided e-process cuts it.
 */
#ifndef DSMB_STATS_CONFSEQ_H
#define DSMB_STATS_CONFSEQ_H

#include <stdint.h>

#include "base/err.h"

struct confseq_limits {
    double lo, hi; /* two-sided */
    double lower;  /* one-sided */
};

/* Probability of arm 1 at each event, x of n events in it; prior Beta(a, b).  n = 0: (0, 1), lower 0. */
enum status confseq_share(int64_t x, int64_t n, double a, double b, double alpha, struct confseq_limits *ret,
                          struct err *err);

/*
 * Hazard ratio on risk sets as in eprocess.h.  Prior pi ~ Beta(a, b), theta = pi (1 - pi*) / ((1 - pi) pi*), 64-point
 * Gauss-Legendre.  No information: (0, Inf), lower 0.
 */
struct confseq;
enum status confseq_new(double prior_a, double prior_b, double pi_star, struct confseq **ret,
                        struct err *err);
void confseq_free(struct confseq *s);
/* A day as in eprocess_day: m events of y1 + y0 at risk, x of them in arm 1. */
enum status confseq_day(struct confseq *s, int64_t y1, int64_t y0, int64_t m, int64_t x, struct err *err);
/* The limits of this moment; the intersection with those of earlier moments holds as well. */
enum status confseq_ratio(const struct confseq *s, double alpha, struct confseq_limits *ret, struct err *err);

#endif
