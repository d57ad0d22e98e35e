/*
 * spending.h - alpha-spending functions: cumulative alpha spent, per tail, at spending time t.
 *
 * Lan & DeMets 1983 (OBF-like, Pocock-like); Hwang, Shih & DeCani 1990; Kim & DeMets 1987; exponential as in
 * Anderson & Clark 2010 as methods of the plan name them; user points: linear between the given points.
 * alpha is per tail; t in [0, 1], t <= 0 gives 0 and t >= 1 gives alpha.  Pure.
 */
#ifndef DSMB_STATS_SPENDING_H
#define DSMB_STATS_SPENDING_H

#include <stddef.h>

#include "base/err.h"

enum spending_kind { SPEND_OBF, SPEND_POCOCK, SPEND_HSD, SPEND_KD, SPEND_EXP, SPEND_USER };

enum { SPEND_USER_MAX = 64 };

struct spending {
    enum spending_kind kind;
    double param;  /* HSD gamma, KD rho > 0, EXP nu > 0 */
    size_t n_user; /* USER: fractions of alpha `share` spent at `t`, both rising, the last (1, 1) */
    struct {
        double t, share;
    } user[SPEND_USER_MAX];
};

/* E_NUMERIC naming the argument and its range for anything outside. */
enum status spending_at(const struct spending *s, double alpha, double t, double *ret, struct err *err);

/*
 * What is spent from one time to another, to its own last digits: late in a function that spends early, the difference of two
 * cumulative values would have none.
 */
enum status spending_between(const struct spending *s, double alpha, double from, double to, double *ret,
                             struct err *err);

#endif
