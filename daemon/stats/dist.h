/*
 * dist.h - distribution functions with their tail named.
 *
 * TAIL_LOWER is P(X <= x), TAIL_UPPER is P(X > x) for continuous and P(X >= x) for counts: both include the observed
 * count, because that is what a p-value needs.  Relative accuracy holds in either tail: never write 1 - p.
 * The functions that return a double are total: an argument outside its domain (or NaN) gives NaN, and NaN never reads
 * as a small p.  Quantiles return a status and are checked by their inverse before they are handed out.
 * The only file that calls libRmath is dist.c.  Pure.
 */
#ifndef DSMB_STATS_DIST_H
#define DSMB_STATS_DIST_H

#include <stdint.h>

#include "base/err.h"

/* Name and version of the library behind these functions. */
const char *dist_library(void);

enum tail { TAIL_LOWER, TAIL_UPPER };

double prob_normal(double z, enum tail tail);
double density_normal(double z);
/* x in [0, 1], a, b > 0. `y` is 1 - x, given apart so that x near 1 keeps its digits. */
double prob_beta(double x, double y, double a, double b, enum tail tail);
/* x >= 0, shape > 0, scale 1. */
double prob_gamma(double x, double shape, enum tail tail);
/* 0 <= p <= 1, q = 1 - p given apart; any x. */
double prob_binomial(int64_t x, int64_t n, double p, double q, enum tail tail);
double prob_poisson(int64_t x, double mu, enum tail tail);
double density_binomial(int64_t x, int64_t n, double p, double q);
double density_poisson(int64_t x, double mu);
/* P(X = x), X of m drawn from y1 + y0. */
double density_hypergeometric(int64_t x, int64_t y1, int64_t y0, int64_t m);
double prob_chisq1(double x, enum tail tail);

double log_beta(double a, double b);
double log_choose(double n, double k);
double log_prob_beta(double x, double y, double a, double b, enum tail tail);

/* 0 < p < 1 for all quantiles; p is the probability of the named tail. */
enum status quant_normal(double p, enum tail tail, double *ret, struct err *err);
/* Also y = 1 - x, to full relative precision. */
enum status quant_beta(double p, enum tail tail, double a, double b, double *x, double *y, struct err *err);
enum status quant_gamma(double p, enum tail tail, double shape, double *ret, struct err *err);

#endif
