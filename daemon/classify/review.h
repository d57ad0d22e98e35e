/*
 * review.h - which events wait for a person's decision, and why.  Pure.
 *
 * An event is listed once for each category that is in doubt.  What it counts as meanwhile is in struct classes.
 */
#ifndef DSMB_CLASSIFY_REVIEW_H
#define DSMB_CLASSIFY_REVIEW_H

#include "classify/rules.h"

enum review_why {
    WHY_WORDS = 1, /* an ambiguous abbreviation, a SOC alone, or words that could not be read to their end */
    WHY_CODED = 2, /* the site's coding and the verbatim disagree */
    WHY_SUSPECTED = 4, /* counted on suspicion */
    WHY_PENDING = 8,   /* the source's adjudication is not done */
    WHY_AGAIN = 16     /* decided by a review, and the event's row was changed since */
};

struct review_item {
    uint32_t event; /* of the snapshot */
    int category;
    bool counted; /* in that category, meanwhile */
    uint8_t why;  /* of enum review_why */
};

struct review_list {
    struct review_item *item; /* by event, then category */
    size_t n, cap;
};
void review_list_done(struct review_list *l);

/*
 * Of the events for which `wanted` says so, NULL: of all.  c: what classify_snapshot said of the same snapshot with the
 * same options.
 */
enum status review_list_of(struct ruleset *rs, const struct snapshot *s, const struct classify_options *o,
                           const struct classes *c, bool (*wanted)(const void *ctx, const char *ae_id),
                           const void *ctx, struct review_list *ret, struct err *err);
/* Appends the reasons in words, joined by "; ". */
void review_why_text(uint8_t why, struct buf *out);

#endif
