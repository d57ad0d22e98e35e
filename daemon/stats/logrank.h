/*
 * logrank.h - logrank test from risk tables (Mantel 1966; Peto & Peto 1972).
 *
 * One row per distinct event time (per stratum): at risk y1, y0 (events included), events d1, d0.
 * O - E and the hypergeometric variance V; z = (O - E)/sqrt(V), upper is harm in arm 1.  V = 0: E_NUMERIC.
 */
#ifndef DSMB_STATS_LOGRANK_H
#define DSMB_STATS_LOGRANK_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct logrank_row {
    int64_t y1, y0, d1, d0;
};

struct logrank {
    double observed, expected, variance; /* of arm 1 */
    double z;
    double info; /* sum over events of Y1 Y0 / Y^2: the information without the ties correction */
};

enum status logrank_test(const struct logrank_row *rows, size_t n, struct logrank *ret, struct err *err);

#endif
