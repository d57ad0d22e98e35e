/*
 * maxsprt.h - MaxSPRT (Kulldorff et al. 2011) and Wald's SPRT: critical values on the log likelihood ratio.
 *
 * Binomial: p0 the null probability that an event is exposed; Poisson: mu the expected count.  M: events needed before a
 * signal.  The critical value is the smallest with type I error at most alpha: for discrete looks the smallest of the
 * values that the statistic can take, any value down to the next lower one rejects the same.
 */
#ifndef DSMB_STATS_MAXSPRT_H
#define DSMB_STATS_MAXSPRT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct maxsprt {
    double cv;
    double alpha; /* what it spends */
};

double maxsprt_llr_binomial(int64_t c, int64_t n, double p0);
double maxsprt_llr_poisson(int64_t c, double mu);

/* Looks after n[0] < n[1] < ... events; NULL: after each of 1..n_max. */
enum status maxsprt_binomial(int64_t n_max, const int64_t *n, size_t k, double p0, double alpha, int64_t m,
                             struct maxsprt *ret, struct err *err);
/* Watched continuously until expected count t_max, from expected count d on. */
enum status maxsprt_poisson(double t_max, double alpha, int64_t m, double d, struct maxsprt *ret,
                            struct err *err);
/* Looks at expected counts mu[0] < mu[1] < ... */
enum status maxsprt_poisson_grouped(const double *mu, size_t k, double alpha, int64_t m, struct maxsprt *ret,
                                    struct err *err);

/*
 * What a design does when arm 1 runs another risk.  Binomial: its bounds c[k] (n + 1: none), which exact_operating() takes.
 * Poisson: `ratio` times the expected rate; time in expected counts, the signal being when the event comes that makes it.
 */
struct maxsprt_operating {
    double signal;    /* P(signal) */
    double at_signal; /* expected count at the signal, given one; NaN without */
    double at_end;    /* at the signal or the end, whichever comes first */
};

enum status maxsprt_binomial_bounds(const int64_t *n, size_t k, double p0, double cv, int64_t m, int64_t *c,
                                    struct err *err);
enum status maxsprt_poisson_operating(double t_max, double cv, int64_t m, double d, double ratio,
                                      struct maxsprt_operating *ret, struct err *err);
enum status maxsprt_poisson_grouped_operating(const double *mu, size_t k, double cv, int64_t m, double ratio,
                                              struct maxsprt_operating *ret, struct err *err);

struct wald {
    double upper, lower; /* log thresholds ln((1-beta)/alpha), ln(beta/(1-alpha)) */
    double llr;          /* of c events at relative risk rr */
};

/* Binomial: z = control:exposed ratio, p0 = 1/(1+z), p1 = rr/(rr+z); Poisson: expected mu. */
enum status wald_binomial(int64_t c, int64_t n, double z, double rr, double alpha, double beta,
                          struct wald *ret, struct err *err);
enum status wald_poisson(int64_t c, double mu, double rr, double alpha, double beta, struct wald *ret,
                         struct err *err);

#endif
