/*
 * exact_seq.h - exact sequential test of first events, one event or one onset day at a time (B2).
 *
 * v(x) = P0(x events in arm 1 so far, not stopped).  Each event (day) is convolved in with its own null probability:
 * Bernoulli(p), or the central hypergeometric of m events among Y1 + Y0 at risk.  A test at cumulative level A picks
 * c = min{c : spent + sum_{x >= c} v(x) <= A}, the mass at and above c is removed and counts as spent; what A leaves over
 * is carried forward.  O(N) memory, O(N) an event.  Conditional on the risk sets it is given.
 */
#ifndef DSMB_STATS_EXACT_SEQ_H
#define DSMB_STATS_EXACT_SEQ_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct exact_seq;

struct exact_bound {
    int64_t n;    /* events so far */
    int64_t c;    /* smallest count in arm 1 that crosses; n + 1: no crossing is possible at this test */
    double spent; /* cumulative probability of having crossed, this test included */
};

enum status exact_seq_new(struct exact_seq **ret, struct err *err);
void exact_seq_free(struct exact_seq *s);
/* m >= 1 events of one day among y1 + y0 at risk (y1, y0 >= 0, m <= y1 + y0). */
enum status exact_seq_day(struct exact_seq *s, int64_t y1, int64_t y0, int64_t m, struct err *err);
/* The same where arm 1 runs exp(log_ratio) times the hazard: m drawn noncentrally (Fisher's). */
enum status exact_seq_day_ratio(struct exact_seq *s, int64_t y1, int64_t y0, int64_t m, double log_ratio,
                                struct err *err);
/* One event, probability p in [0, 1] of arm 1. */
enum status exact_seq_event(struct exact_seq *s, double p, struct err *err);
/* Tests at cumulative level alpha_cum (0 <= alpha_cum < 1) and removes what crosses. */
enum status exact_seq_test(struct exact_seq *s, double alpha_cum, struct exact_bound *ret, struct err *err);
/* Replays an executed bound c (from a ledger) instead of choosing one. */
enum status exact_seq_apply(struct exact_seq *s, int64_t c, struct exact_bound *ret, struct err *err);
/* Events so far. */
int64_t exact_seq_events(const struct exact_seq *s);
/* P0(X >= x now, not stopped before): with the spent probability, the stage-wise p of x events. */
enum status exact_seq_tail(const struct exact_seq *s, int64_t x, double *ret, struct err *err);

#endif
