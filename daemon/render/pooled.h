/*
 * pooled.h - all that an open report may know.  Pure.
 *
 * The open report is written from this struct alone: it holds totals over all subjects and no number by arm, no code or
 * label of an arm, no monitor, boundary, verdict or alert, no hash of anything that holds arms, no free text of the plan,
 * no subject, site or stratum, and no number of looks (a look ordered by the unblinded board would show in it).
 * Swapping the arms of all subjects changes no byte of it.
 */
#ifndef DSMB_RENDER_POOLED_H
#define DSMB_RENDER_POOLED_H

#include "render/curve.h"
#include "render/report.h"

enum { POOLED_QUERIES = Q_SERIOUS_UNANSWERED + 1, POOLED_TERMS = 60 };

struct pooled_point {
    int month;
    int64_t events, at_risk; /* first events until then, and subjects still at risk of one */
    double incidence;        /* a fraction */
};

struct pooled_count {
    const char *name, *title; /* borrowed from the ruleset */
    int64_t n, subjects, episodes, risk_days;
    size_t n_points;
    struct pooled_point point[CURVE_MONTHS];
};

struct pooled_term {
    const char *name; /* as the site has it, borrowed from the snapshot; "" where there is none */
    int64_t subjects;
};

struct pooled {
    const char *trial, *title, *population; /* borrowed */
    day_t cut;
    instant_t current_to, now;
    int64_t subjects, events, deleted, incomplete; /* of the snapshot */
    int64_t queries[POOLED_QUERIES];
    int64_t randomised, dosed;
    int64_t ongoing, completed, withdrawn, lost, died, other; /* sum to randomised */
    int64_t followed_days;
    size_t n_counts;
    struct pooled_count count[CATEGORIES_MAX + 1]; /* any event, then the categories */
    size_t n_terms;
    struct pooled_term term[POOLED_TERMS]; /* those that most subjects have, most first */
};

enum status pooled_of(const struct report_input *in, struct pooled *ret, struct err *err);

#endif
