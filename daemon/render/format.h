/*
 * format.h - numbers as a physician reads them.  Pure; every function appends to `out`.
 *
 * p with two significant digits, "< 0.0001" below that; percentages with one decimal; e-values with three significant
 * digits; NaN is never a number: "not estimable".  The decimal sign is a point, whatever the locale.
 */
#ifndef DSMB_RENDER_FORMAT_H
#define DSMB_RENDER_FORMAT_H

#include <stdint.h>

#include "base/buf.h"
#include "base/date.h"
#include "stats/twobytwo.h"

void fmt_p_value(struct buf *out, double p);   /* 0.017, < 0.0001 */
void fmt_p(struct buf *out, double p);         /* p = 0.017, p < 0.0001, p not estimable */
void fmt_alpha(struct buf *out, double alpha); /* spent: 0.0169, < 0.0001 */
void fmt_percent(struct buf *out, int64_t x,
                 int64_t n); /* 8.0 %; 0 % and 100 % only when exact; "-" of n = 0 */
void fmt_count(struct buf *out, int64_t x, int64_t n);       /* 6/75 (8.0 %) */
void fmt_significant(struct buf *out, double v, int digits); /* without exponent from 1e-4 up to 1e6 */
void fmt_e_value(struct buf *out, double log_e);         /* from the logarithm; 17.0, < 0.001, 2.30 x 10^7 */
void fmt_fixed(struct buf *out, double v, int decimals); /* "infinite", "minus infinite", "not estimable" */
void fmt_rate(struct buf *out, double v);                /* per 100 person-years: 8.56, 12.3 */
void fmt_ratio(struct buf *out,
               const struct estimate *e); /* 3.89 (2.01 to 7.60); infinite (at least 1.57); (no limit) */
void fmt_points(struct buf *out,
                const struct estimate *e);      /* +8.0 (1.5 to 16.4) percentage points, from fractions */
void fmt_instant(struct buf *out, instant_t t); /* 2024-05-01 12:00 UTC; "unknown" */
void fmt_day(struct buf *out, day_t d);         /* 2024-05-01; "unknown" */
void fmt_pdate(struct buf *out, const struct pdate *d); /* 2024, 2024-05, 2024-05-01; "unknown" */

#endif
