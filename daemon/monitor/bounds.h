/*
 * bounds.h - what a plan's monitor means in numbers, before any look: its boundary look by look, and its power.
 *
 * As planned: each event falls in the experimental arm with the share of the allocation (risk sets move it later), a
 * logrank's information is share (1 - share) per event.  An alternative is a relative risk (hazard ratio) r: an event is
 * then experimental with probability r s / (r s + 1 - s), and the z drifts by log r per unit of information.
 * Within the planned trial the number of events is Poisson about what is expected under the alternative in question,
 * and looks past the maximum do not exist.  Pure.
 */
#ifndef DSMB_MONITOR_BOUNDS_H
#define DSMB_MONITOR_BOUNDS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "monitor/plan.h"

enum { ALTERNATIVES_MAX = 8, BOUND_LOOKS_MAX = 2000 };

struct bounds_ask {
    double alternative[ALTERNATIVES_MAX]; /* > 0 */
    size_t n_alternatives;
    const int64_t *
        looks; /* events at the looks, rising; NULL: as the clock says, a calendar's at quarters of the maximum */
    size_t n_looks;
    double expected; /* events in the planned trial; NaN: not stated */
};

struct bounds_look {
    int64_t events;
    double t;     /* spending time; NaN for an e-process */
    double bound; /* count (B2, B4) or z (B1); Inf: no crossing is possible at this look */
    /* Experimental events of `events` that cross, z at planned shares; events + 1: not possible. */
    int64_t needed;
    double nominal_p; /* one-sided p at the bound, as if there were no other look; NaN without a bound */
    double alpha_cum; /* probability under the null of having crossed by here */
    double crossed[ALTERNATIVES_MAX]; /* the same under each alternative */
};

struct bounds {
    double share;     /* of an event to be experimental, as planned */
    double threshold; /* of E; NaN for B1 and B2 */
    struct bounds_look *look;
    size_t n;
    struct {
        double full;    /* power given that all looks happen */
        double planned; /* within the planned trial; NaN where nothing is expected */
        double events;  /* expected at the end, given all looks */
    } power[ALTERNATIVES_MAX];
};

/* E_CONFIG names what of the ask cannot be. */
enum status bounds_of(const struct plan *p, const struct monitor *m, const struct bounds_ask *ask,
                      struct bounds *ret, struct err *err);
void bounds_done(struct bounds *b);

#endif
