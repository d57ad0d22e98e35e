/*
 * sites.h - leave one site out: does a comparison of two proportions rest on a single site?
 *
 * Each site in turn is left out and the rest is one table (twobytwo.h).  What needs times is left out by its stratum: the
 * caller passes the other subjects on.
 */
#ifndef DSMB_STATS_SITES_H
#define DSMB_STATS_SITES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "stats/twobytwo.h"

struct site {
    int64_t x1, n1, x0, n0; /* 0 <= x <= n; an arm may be empty at a site */
};

struct site_out {
    bool empty;        /* without this site an arm has nobody: there is no table */
    struct twobytwo t; /* of the others */
};

struct sites {
    size_t weakest, strongest; /* without which the one-sided p is largest, smallest; n: no table is left */
    double p_weakest, p_strongest;
};

/* out[n] (may be NULL).  No site: E_NUMERIC. */
enum status sites_leave_one_out(const struct site *s, size_t n, double conf, struct site_out *out,
                                struct sites *ret, struct err *err);

#endif
