/*
 * judge.h - the parts of a verdict: what ledger.c and the files of the three methods share.  Only for monitor/.
 */
#ifndef DSMB_MONITOR_JUDGE_H
#define DSMB_MONITOR_JUDGE_H

#include "monitor/ledger.h"
#include "stats/gs.h"

/* What the past of a monitor amounts to. */
struct ledger_state {
    double t, alpha_target,
        alpha_spent; /* of the newest executed look; 0 before any; t under the maximum in force */
    int64_t used;    /* largest count at which a bound was executed; 0 before any */
    int64_t seen;    /* largest count of any look */
    bool crossed;
    bool closed; /* all alpha is spent */
    /* Where the maximum in force began: the largest count tested under another one, and the alpha spent by then; else 0. */
    int64_t from;
    double from_spent;
};

/* m: the monitor as it is now; NULL: as its last entry had it. */
void judge_state(const struct monitor *m, const struct entry *past, size_t n_past, struct ledger_state *ret);
/* The bound executed at the largest count that is not above `events`; the newest of several.  NULL: none. */
const struct entry *judge_in_force(const struct entry *past, size_t n_past, int64_t events);
/* Whether the clock wants a look at this cut; *why is a sentence when it does not. */
bool judge_due(const struct monitor *m, const struct entry *past, size_t n_past, const struct monitor_data *d,
               const char **why);
/* Dates of a calendar clock at or before day: `from`, then every `months`; from DAY_NONE: `months` after first_rand, ... */
int64_t judge_dates(day_t from, day_t first_rand, int months, day_t day);
/* This look gives the rest of alpha. */
bool judge_closing(const struct monitor *m, const struct monitor_data *d);
/* Cumulative alpha at this look; *t never falls, and is 1 from the maximum on or at a closing look. */
enum status judge_spend(const struct monitor *m, const struct ledger_state *st, const struct monitor_data *d,
                        double *t, double *target, struct err *err);

void judge_reason(struct entry *e, const char *why);
void judge_undetermined(struct entry *e, const char *why);
/* A numeric refusal is a verdict (UNDETERMINED, OK is returned); any other failure is passed on. */
enum status judge_refused(enum status st, struct err *err, struct entry *e, const char *why);
/* The executed look that crossed, when more has become known since: over-running is measured from it.  NULL: none. */
const struct entry *judge_overrun_from(const struct entry *past, size_t n_past, int64_t events);
/* Nothing grew: the corrected statistic against the bound executed at this count (or NULL). */
void judge_no_new(const struct entry *in_force, double statistic, struct entry *e);

/*
 * Events from position `from` on (only the new ones where only_new) as one block per onset day, days ascending.  The risk
 * set of a day is reduced by its earlier events that are not taken.  E_DATA when counts contradict each other.
 * *ret is the caller's (free()), NULL for no block.
 */
enum status judge_blocks(const struct monitor_data *d, size_t from, bool only_new, struct block **ret,
                         size_t *n_ret, struct err *err);

/* B2: what the data say by themselves (count, p), then the look that spends. */
enum status judge_exact_nominal(const struct monitor_data *d, struct entry *e, struct err *err);
enum status judge_exact(const struct monitor *m, const struct entry *past, size_t n_past,
                        const struct ledger_state *st, const struct monitor_data *d, struct entry *e,
                        struct err *err);
/* The corrected count against the bound executed at it. */
void judge_exact_again(const struct entry *past, size_t n_past, const struct monitor_data *d,
                       struct entry *e);
/* All events now in place of the look that crossed: P0(crossed before it, or as many as now).  NaN where it cannot be had. */
enum status judge_exact_overrun(const struct entry *past, size_t n_past, const struct monitor_data *d,
                                struct entry *e, struct err *err);
/* Would the corrected data, in the order they became known, have crossed any executed bound? */
bool judge_exact_path(const struct entry *past, size_t n_past, const struct monitor_data *d);
/* B1: likewise (z, information, p). */
enum status judge_z_nominal(const struct monitor_data *d, struct entry *e, struct err *err);
enum status judge_z(const struct monitor *m, const struct entry *past, size_t n_past,
                    const struct ledger_state *st, const struct monitor_data *d, struct entry *e,
                    struct err *err);
/* The executed looks as the recursion sees them: a bound re-solved at the same information replaces the one before. *ret is
 * the caller's (free()), room for one more. */
enum status judge_z_looks(const struct entry *past, size_t n_past, struct gs_look **ret, size_t *n_ret,
                          struct err *err);
void judge_z_again(const struct entry *past, size_t n_past, struct entry *e);
enum status judge_z_overrun(const struct entry *past, size_t n_past, struct entry *e, struct err *err);
/*
 * As for B2, with z of the first events known by each executed look; or the current z against the bound in force, so
 * that follow-up corrected elsewhere does not by itself take a narrow crossing back.
 */
enum status judge_z_path(const struct entry *past, size_t n_past, const struct monitor_data *d,
                         const struct entry *e, bool *ret, struct err *err);
/* The e-process as seen: this look's blocks, log E; numbers that cannot be had stay NaN. */
enum status judge_safe(const struct monitor *m, const struct entry *past, size_t n_past,
                       const struct monitor_data *d, struct entry *e, struct err *err);
/* B4's verdict, after judge_safe. */
enum status judge_safe_verdict(const struct monitor *m, const struct ledger_state *st,
                               const struct monitor_data *d, struct entry *e, struct err *err);

#endif
