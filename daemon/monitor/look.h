/*
 * look.h - one look from snapshot to verdicts: the pure part of the cycle, and the record that is stored.
 */
#ifndef DSMB_MONITOR_LOOK_H
#define DSMB_MONITOR_LOOK_H

#include "base/sha256.h"
#include "classify/rules.h"
#include "monitor/ledger.h"
#include "monitor/plan.h"
#include "tally/tally.h"
#include "trial/snapshot.h"

/* Who qualified for a monitor when: the first look at which the subject was seen to (knowledge time). */
struct known_row {
    char *monitor; /* name; owned */
    char *subject; /* subject id; owned */
    int64_t look;  /* first look */
};

struct known_set {
    struct known_row *rows; /* sorted by monitor, then subject */
    size_t n, cap;
};

void known_set_done(struct known_set *k);
/* Moves the rows of `more` into k, keeping its order. */
enum status known_set_take(struct known_set *k, struct known_set *more, struct err *err);

/* A monitor's past, as loaded from the store. */
struct history {
    char monitor[NAME_MAX_LEN + 1];
    struct entry *entries; /* look order */
    size_t n, cap;
};

void history_done(struct history *h);

struct look_input {
    const struct plan *plan;
    struct ruleset *rules; /* its memo grows */
    const struct snapshot *snapshot;
    const struct history *history; /* one per monitor of the plan, in the plan's order */
    const struct known_set *known; /* all earlier looks */
    enum look_kind kind;
    int64_t look; /* number of this look */
    day_t cut;
    bool changed;
};

struct look_result {
    struct classes classes;
    struct tally_row *tallies;
    size_t n_tallies;
    struct entry *entries; /* one per monitor, in the plan's order */
    size_t n_entries;
    struct known_set newly_known; /* rows this look adds */
};

void look_result_done(struct look_result *r);
/* How a look counts: the plan's population, basis and window of treatment emergence at this cut. */
struct tally_options look_options(const struct plan *p, const struct ruleset *rs, enum window window,
                                  day_t cut);
/* Counts of every target of the ruleset, as tally_counts; *ret is the caller's (free()). */
enum status look_tally(const struct plan *p, const struct ruleset *rs, const struct snapshot *s,
                       const struct classes *c, const struct tally_options *o, struct tally_row **ret,
                       size_t *n_ret, struct err *err);
/* Classes and tallies only: of `in` plan, rules, snapshot and cut are read. */
enum status look_count(const struct look_input *in, struct look_result *ret, struct err *err);
/* The day a look counts to: by trial_clock that of meta.data_cutoff, or that of `now`.  E_DATA, fit for the journal, when the
 * source does not say its own. */
enum status look_day(const struct plan *p, const struct snapshot *s, instant_t now, day_t *ret,
                     struct err *err);
/* Are reports stored with this look?  At the closing look, and at the first look on or after each date of the plan's
 * calendar.  last_cut: of the look before; DAY_NONE for none. */
bool look_reports_due(const struct plan *p, const struct snapshot *s, enum look_kind kind, day_t last_cut,
                      day_t cut);
/*
 * One monitor (its place in the plan) of a look whose events are classified already.  *ret: entry_done; newly: the rows this
 * look adds are appended, to be sorted by whoever keeps them.
 */
enum status look_judge(const struct look_input *in, const struct classes *classes, size_t monitor,
                       struct entry *ret, struct known_set *newly, struct err *err);
enum status look_run(const struct look_input *in, struct look_result *ret, struct err *err);

#endif
