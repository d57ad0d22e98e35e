/*
 * tally.h - populations, windows, first events, episodes, person-time: counts by arm.  Pure.
 *
 * Target.  What is counted: any event (TALLY_ANY), a category, or a category's subtypes.  Deleted events never count.
 *
 * Population.  Randomised: rand is known and not after the cut.  Dosed: also first_dose.  A subject whose arm is not
 * known (ARM_NONE) is in no arm; it is in the "arm unknown" row and in the total.
 *
 * Days under observation, [enter, leave].  enter = randomisation; first dose for the dosed population and for
 * treatment-emergent counts (never dosed: no day).  leave = the earliest of cut_day, fu_end, the day of death (the last
 * possible day where it is partial) and, treatment-emergent, last_dose + te_days.  A subject without fu_end is still
 * followed, up to the cut; one known to have died or left on an unknown day, up to the last day anything was recorded
 * of it.  Dates that contradict each other (a data query) never make it shorter than the day of entry.
 *
 * Window.  All: every onset, before randomisation too.  Treatment-emergent: onset on or after first dose, through
 * last_dose + te_days.  A partial or missing onset counts unless it is certain that it lies outside.  The default,
 * TE_NO_END, has no end: whatever began under treatment or after it.  So the sponsor's flag AETRTEM of the CDISC pilot
 * has it, row for row (1126 Y and 65 N; an end 30 days after the last dose would drop four of its Y and, with them, one
 * subject of the high-dose arm).  On-treatment counts are te_days 0.
 *
 * Cut.  An onset certainly after cut_day does not count yet.  An onset certainly after read_day, the day the data were
 * read, is a typing error (and a data query): it is taken as unknown, so that the event counts now.
 *
 * Day of a first event, for risk sets: the earliest possible day of its onset, moved into [enter, leave] where it lies
 * outside (an event before randomisation or after the end of follow-up still counts).  An unknown onset: the day of
 * entry, which does not move from look to look; used only where the subject has no dated event of the target.
 * The category `death` (death_category) goes by the day of death, from the subject, else from the end of its fatal
 * event, else from the onset of the fatal event; an undated death is put on the last day under observation.
 *
 * Episodes: distinct episode_id of a subject; a row without one is an episode of its own, and so is a death known from
 * the subject's own row only.
 * Units: days as int64_t; tally_years() makes person-years of 365.25 days.
 */
#ifndef DSMB_TALLY_TALLY_H
#define DSMB_TALLY_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/date.h"
#include "base/err.h"
#include "classify/classes.h"
#include "trial/arms.h"
#include "trial/risk.h"
#include "trial/snapshot.h"

enum population { POP_RANDOMISED, POP_DOSED };
enum basis { BASIS_PLANNED, BASIS_ACTUAL };
enum window { WINDOW_ALL, WINDOW_TE };

enum { TE_NO_END = -1, TALLY_ANY = -1, NO_SUBTYPE = -1, NO_CATEGORY = -2 };
/* Values of tally_row.arm and population_counts.arm beside 0..n-1. */
enum { ROW_ARM_UNKNOWN = ARM_NONE, ROW_TOTAL = -2 };

#define NO_EVENT UINT32_MAX

struct tally_options {
    enum population population;
    enum basis basis;
    enum window window;
    int32_t te_days; /* >= 0, or TE_NO_END */
    day_t cut_day;   /* the last day that counts, and the last under observation of who is still followed */
    day_t read_day;  /* the day the data were read; DAY_NONE: meta.data_cutoff's day, or unknown */
    int death_category; /* ruleset_find_category(rs, "death"), or NO_CATEGORY */
};

/* Randomised, planned arm, all events, no end, no read_day, no death category. */
struct tally_options tally_defaults(day_t cut_day);

struct tally_target {
    int category;      /* of the ruleset, or TALLY_ANY */
    uint64_t subtypes; /* 0: the whole category; else any of these subtypes */
};

enum first_flag {
    FIRST_PARTIAL = 1, /* the onset is partial: day is the earliest possible */
    FIRST_UNKNOWN =
        2, /* the onset is not known, or impossible: day is the day of entry; of a death the last day */
    FIRST_OUTSIDE = 4,    /* the onset lies outside [enter, leave]: day was moved to its nearer end */
    FIRST_UNVERIFIED = 8, /* the event is of an INCOMPLETE form */
    FIRST_SUSPECTED = 16
};

struct first_event {
    uint32_t subject;   /* index into snapshot.subjects */
    uint32_t event;     /* index into snapshot.events, or NO_EVENT: by the subject's own row (death) */
    arm_t arm;          /* on the basis asked for; ARM_NONE: unknown */
    struct pdate onset; /* as the source says it, whatever day became of it */
    day_t day;
    unsigned flags; /* enum first_flag */
};

/* One per subject of the population that has the target, in the snapshot's order.  *ret is the caller's (free()). */
enum status tally_first_events(const struct snapshot *s, const struct classes *c, struct tally_target target,
                               const struct tally_options *o, struct first_event **ret, size_t *n_ret,
                               struct err *err);

/*
 * One per subject of the snapshot, in its order (n_subjects of them); enter DAY_NONE where it is not in the population
 * or has no day under observation.  What risk_by_day and risk_days take.  *ret is the caller's (free()).
 */
enum status tally_risk_times(const struct snapshot *s, const struct classes *c, struct tally_target target,
                             const struct tally_options *o, struct risk_time **ret, struct err *err);

/* Both, by one pass over the events. */
enum status tally_events_and_times(const struct snapshot *s, const struct classes *c,
                                   struct tally_target target, const struct tally_options *o,
                                   struct first_event **first, size_t *n_first, struct risk_time **times,
                                   struct err *err);

struct episode {
    uint32_t subject; /* index into snapshot.subjects */
    day_t day;        /* the earliest of its rows, in [enter, leave] as of a first event */
};

/*
 * Every episode of the target that tally_counts counts among subjects of the population with a day under observation, by
 * subject, then day.  The category `death` goes by its events' rows alone.  *ret is the caller's (free()).
 */
enum status tally_episodes(const struct snapshot *s, const struct classes *c, struct tally_target target,
                           const struct tally_options *o, struct episode **ret, size_t *n_ret,
                           struct err *err);

struct tally_row {
    int category; /* of the ruleset, or TALLY_ANY */
    int subtype;  /* of the ruleset, or NO_SUBTYPE */
    enum population population;
    enum window window;
    enum basis basis;
    int arm;          /* 0..n-1, ROW_ARM_UNKNOWN or ROW_TOTAL */
    int64_t n;        /* subjects of the population: the denominator */
    int64_t subjects; /* with at least one */
    int64_t episodes, rows;
    int64_t unverified;    /* of the rows, those of INCOMPLETE forms */
    int64_t suspected;     /* of the rows */
    int64_t review;        /* rows, not counted, that may belong to the category: the review queue's */
    int64_t risk_days;     /* at risk of the first event */
    int64_t observed_days; /* under observation */
};

/* What the ruleset has; subtype_category[i] is the category of subtype i (borrowed). */
struct tally_shape {
    int n_arms, n_categories, n_subtypes;
    const int *subtype_category;
};

/*
 * Every target x population x window x basis x arm, in that nesting order; targets: any, then each category followed by
 * its subtypes; arms 0..n-1, unknown, total.  Of `o` only te_days, cut_day, read_day and death_category are read.
 * Events of subjects that are not there count as rows and episodes in the rows "arm unknown" and total of the randomised
 * population, all events.  *ret is the caller's (free()).
 */
enum status tally_counts(const struct snapshot *s, const struct classes *c, const struct tally_shape *shape,
                         const struct tally_options *o, struct tally_row **ret, size_t *n_ret,
                         struct err *err);

/* NULL when there is no such row. */
const struct tally_row *tally_find(const struct tally_row *rows, size_t n, int category, int subtype,
                                   enum population population, enum window window, enum basis basis, int arm);

/* Disposition of one arm (or unknown, or all) at the cut. */
struct population_counts {
    int arm; /* 0..n-1, ROW_ARM_UNKNOWN or ROW_TOTAL */
    int64_t randomised, dosed;
    int64_t ongoing, completed, withdrawn, lost, died,
        other;               /* sum to randomised; died goes before the rest */
    int64_t undated_deaths;  /* of died */
    int64_t treatment_ended; /* dosed, and last_dose is known and not after the cut */
    int64_t exposed_days;    /* first dose to last dose (still on treatment: to the end of observation) */
    int64_t followed_days;   /* randomisation to the end of observation */
    /* As followed; for who left early, to the cut: followed/potential is Clark's index. */
    int64_t potential_days;
};

/* Arms 0..n_arms-1, unknown, total: n_arms + 2 of them.  Of `o` basis, cut_day and read_day are read. */
enum status tally_populations(const struct snapshot *s, int n_arms, const struct tally_options *o,
                              struct population_counts **ret, struct err *err);

double tally_years(int64_t days);
const char *population_name(enum population p); /* "randomised", "dosed" */
const char *basis_name(enum basis b);           /* "planned", "actual" */
const char *window_name(enum window w);         /* "all", "treatment-emergent" */

#endif
