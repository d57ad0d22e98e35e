/*
 * maxsprt_solve.h - what the kinds of MaxSPRT share: checks, and the search for the critical value.
 */
#ifndef DSMB_STATS_MAXSPRT_SOLVE_H
#define DSMB_STATS_MAXSPRT_SOLVE_H

#include "stats/maxsprt.h"

/* Values of the statistic closer than this, in relation, are the same value computed along two ways. */
#define MAXSPRT_SAME 1e-11

enum { MAXSPRT_EVENTS_MAX = 20000 };

/* What a kind of MaxSPRT must offer: type I error at a critical value, and the smallest value it can take above one. */
struct maxsprt_kind {
    enum status (*type_1)(void *ctx, double cv, double *alpha, struct err *err);
    double (*next_value)(void *ctx, double cv); /* NULL: any value can be taken */
    void *ctx;
};

enum status maxsprt_check(double alpha, int64_t m, struct err *err);
enum status maxsprt_check_design(double cv, int64_t m, struct err *err);
enum status maxsprt_solve(const struct maxsprt_kind *k, double alpha, struct maxsprt *ret, struct err *err);

#endif
