/*
 * classes.h - what the rules said of each event and each subject.
 *
 * Categories and subtypes are numbered by the ruleset (rules.h).  Subtypes of all categories share one numbering, so a
 * set of them is one 64-bit mask; composites (MACE-3) are subtypes whose bit is set along with their members'.
 */
#ifndef DSMB_CLASSIFY_CLASSES_H
#define DSMB_CLASSIFY_CLASSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/date.h"

enum { CATEGORIES_MAX = 32, SUBTYPES_MAX = 64 };

enum class_flag {
    CLASS_REVIEW = 1,     /* a person should look: ambiguous, coded against verbatim, suspected */
    CLASS_SUSPECTED = 2,  /* counted as suspected */
    CLASS_UNVERIFIED = 4, /* from an INCOMPLETE form: counted, flagged */
    CLASS_UNKNOWN = 8,    /* seriousness unanswered: counted as unknown, not as serious */
    CLASS_SIGN = 16       /* cardiovascular sign: shown, not counted */
};

struct event_class {
    uint32_t categories; /* bit per category: counts */
    uint64_t subtypes;   /* bit per subtype */
    uint32_t review;     /* bit per category it may belong to and was not counted in, for the review queue */
    uint16_t flags;      /* enum class_flag */
    uint16_t rule;       /* of the ruleset: the first that decided, for --explain; 0 none */
};

/* What a subject has apart from any event (death by flag or disposition). */
struct subject_class {
    uint32_t categories;
    uint64_t subtypes;
    day_t first, last; /* when: bounds of the day; DAY_NONE unknown */
};

struct classes {
    struct event_class *events; /* snapshot's order; all zero for deleted events */
    size_t n_events;
    struct subject_class *subjects;
    size_t n_subjects;
};

void classes_done(struct classes *c);

#endif
