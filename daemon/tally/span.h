/*
 * span.h - days under observation and days of events, as tally.h defines them; for tally's own files only.
 */
#ifndef DSMB_TALLY_SPAN_H
#define DSMB_TALLY_SPAN_H

#include "tally/tally.h"

/* What the events say of a subject's end. */
struct subject_facts {
    bool dead;
    day_t death_lo, death_hi; /* DAY_NONE: not known, or impossible */
    day_t last_heard;         /* the last day anything was recorded of it; DAY_NONE: nothing */
};

struct span {
    bool in;            /* in the population */
    day_t enter, leave; /* DAY_NONE: no day under observation */
};

/* Where a day lies: unknown bounds are DAY_NONE. */
struct bounds {
    day_t lo, hi;
};

/* read_day as the options say it, else meta.data_cutoff's day, else DAY_NONE. */
day_t span_read_day(const struct snapshot *s, const struct tally_options *o);
/* One per subject; the caller's (free()). */
enum status span_facts(const struct snapshot *s, const struct tally_options *o, struct subject_facts **ret,
                       struct err *err);
struct span span_of(const struct subject *sub, const struct subject_facts *f, const struct tally_options *o);

struct bounds bounds_of_event(const struct event *e, const struct subject_facts *f, bool death,
                              day_t read_day);
struct bounds bounds_of_subject(day_t first, day_t last, const struct subject_facts *f, bool death,
                                day_t read_day);
/* Inside cut and window, as far as anyone can tell. */
bool bounds_count(struct bounds b, const struct subject *sub, const struct tally_options *o);
/* The day for risk sets, and what had to be assumed; sp->enter must be known. */
day_t bounds_day(struct bounds b, const struct span *sp, bool death, unsigned *flags);

/* Of the category, or any; of the subtypes, where some are asked for. */
bool in_target(uint32_t categories, uint64_t subtypes, struct tally_target t);
arm_t subject_arm(const struct subject *sub, enum basis basis);

#endif
