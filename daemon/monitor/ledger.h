/*
 * ledger.h - one monitor at one look: what was known, what was tested, what the verdict is.
 *
 * The look ledger is append-only; the state of a monitor (spent alpha, recursion, e-value) is a pure function of its
 * past entries, so that a restart, a replay and an inspector all get the same.  Rules: methods section 4.
 *  - looks come from the plan's clock at the plan's cuts, never from the trend;
 *  - a count that did not grow spends nothing; if the data changed it is compared with the bound executed at that count;
 *  - B1 and B2 are judged on the current, corrected data against executed bounds; B4 on the E as seen, never revised;
 *  - CROSSED latches: later entries are descriptive, a correction below it is told, never a silent withdrawal;
 *  - the first look past the maximum, or the closing look, spends the rest; afterwards CLOSED;
 *  - NaN, no convergence, too few data: UNDETERMINED, never BELOW.
 */
#ifndef DSMB_MONITOR_LEDGER_H
#define DSMB_MONITOR_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/date.h"
#include "base/err.h"
#include "monitor/plan.h"
#include "stats/logrank.h"

enum verdict {
    VERDICT_BELOW,
    VERDICT_CROSSED,
    VERDICT_CROSSED_LOWER,
    VERDICT_UNDETERMINED,
    VERDICT_NO_NEW_INFORMATION,
    VERDICT_NOT_DUE,
    VERDICT_CLOSED
};

enum look_kind { LOOK_CUT, LOOK_ADHOC, LOOK_FINAL };

/* m first events of one onset day entering the tests, x of them in the experimental arm, among y1 + y0 at risk. */
struct block {
    day_t day;
    int64_t y1, y0, m, x;
};

/* A first event as the current data have it, in knowledge order (see monitor_data). */
struct known_event {
    uint32_t subject;
    day_t day;      /* onset day for the risk set */
    int8_t exp;     /* 1 experimental, 0 control */
    bool is_new;    /* subject never qualified at any earlier look */
    int64_t y1, y0; /* at risk on its day, itself and the day's other events included */
};

/* What the monitor sees of one look.  All arrays borrowed. */
struct monitor_data {
    const struct known_event
        *events; /* current first events; order: first look known, then day, then subject id */
    size_t n_events;
    const struct logrank_row *days; /* all event days of the current data, for B1 */
    size_t n_days;
    day_t cut;        /* trial day of this look's cut */
    day_t first_rand; /* of the snapshot; DAY_NONE for an empty trial */
    bool changed; /* any row of the snapshot differs from the previous look's; verdicts do not depend on it */
    enum look_kind kind;
    int64_t look;
    double pi_star; /* planned allocation to the experimental side of this comparison */
    int64_t n1, n0; /* population by arm: an arm with nobody is UNDETERMINED, not BELOW */
};

struct entry {
    int64_t look;
    day_t cut;
    enum look_kind kind;
    enum verdict verdict;
    bool executed;        /* alpha was spent here: it is part of the recursion */
    bool on_correction;   /* the crossing was found against a bound executed earlier */
    bool nominal;         /* ad hoc: B1/B2 figures are nominal, the verdict is B4's */
    bool current_crosses; /* of a crossing: it would also happen on the corrected data (see below) */
    char reason[160];     /* of UNDETERMINED, CLOSED, NOT_DUE: for people, no arm-level content */

    int64_t events, x1;  /* first events now, of them in the experimental arm */
    double t;            /* spending time, cumulative, never falls */
    double alpha_target; /* spending function at t */
    double alpha_spent;  /* cumulative, executed looks */
    /* B1 */
    double info;      /* logrank information */
    double statistic; /* z; for B2 the count x1; for B4 the largest log E so far */
    /*
     * z bound; for B2 the critical count (+Inf, or more than the events: no crossing possible); for B4 log of the threshold.
     * executed: solved at this look.  Otherwise the bound executed earlier at this count, or NaN where there is none.
     */
    double bound;
    /* One-sided p of the statistic by itself, as if this were the only look; B4: anytime p. */
    double nominal_p;
    /* the blocks this look added to B2's recursion, and to the e-process (as seen) */
    struct block *b2;
    size_t n_b2;
    struct block *seen;
    size_t n_seen;
    double log_e, log_e_max; /* NaN where no e-process is planned */
    bool warn_80;            /* events passed 80 % of max_events at this look */
    /* The maximum in force; 0 for B4.  Where it changes, the plan was amended in between. */
    int64_t max_events;
    /* After a crossing: one-sided p of all data, the looks before it kept (see below); or NaN. */
    double overrun_p;
};

void entry_done(struct entry *e);
/* The first field in which two entries differ, bit by bit, or NULL: a replay must give the same. */
const char *entry_difference(const struct entry *a, const struct entry *b);

/*
 * Where the rules leave room:
 *  - clocks: with `every_event` each look is judged and says NO_NEW_INFORMATION when the count did not grow; calendar and
 *    fraction clocks say NOT_DUE between their dates.  With a daily cut nothing is tested twice on one cut, and no look
 *    is made at a cut before the newest one.  The e-process takes in new events at every look, due or not.
 *  - a closing look of a monitor whose plan has closing_look false is an ordinary look at that cut;
 *  - closing look without new events: B2 tests again at the same count with what is left; B1 has no new increment, so it
 *    re-solves its newest bound with that look's increment enlarged by all that is left (the total stays alpha exactly)
 *    and compares the current z with it;
 *  - ad hoc looks spend nothing: B1 and B2 give nominal figures and NOT_DUE (or their latched CROSSED); the verdict of an
 *    ad hoc look is that of the monitors whose method is B4.  A supportive e-process is shown, it gives no verdict;
 *  - a supportive B4 has no share of alpha: its threshold is the plan's reference, and its role says that it never alerts;
 *  - after a crossing, current_crosses asks whether the corrected events, in the order they became known, reach any
 *    executed bound; more events without a correction do not take a crossing back;
 *  - NaN, or counts that contradict each other, are UNDETERMINED, and nothing is spent;
 *  - an amended maximum N' takes effect after the last look under the old one, made at n0 events with `spent` used up:
 *    from there alpha(n) = spent + (alpha - spent) (f(n/N') - f(n0/N')) / (1 - f(n0/N')), f the spending function's share
 *    (valid where N' was chosen blind to the arms; see amend.h).  Spending time is n/N' from then on, and never falls
 *    under one maximum;
 *  - over-running: after a crossing of B1 or B2 the p of all data now is that of a design whose looks before the crossing
 *    stand and whose crossing look is replaced by today's: sum over them of P0(cross) + P0(no crossing, as extreme as now)
 *    (deletion method; Sooriyarachchi, Whitehead, Matsushita, Bolland & Whitehead 2003).  Of the current, corrected data.
 *
 * Judges one look.  past: this monitor's entries in look order.  Allocates the blocks of *ret (entry_done).
 * Fails only for want of memory or a defect: whatever the numbers do is a verdict.
 */
enum status monitor_judge(const struct monitor *m, const struct entry *past, size_t n_past,
                          const struct monitor_data *d, struct entry *ret, struct err *err);

/*
 * The verdict that stands: CROSSED if any entry crossed, else the last one that judged something (BELOW, UNDETERMINED,
 * CLOSED), else NO_NEW_INFORMATION if there was one, else NOT_DUE.
 */
enum verdict monitor_standing(const struct entry *past, size_t n);
const char *verdict_name(enum verdict v); /* BELOW ... ; a closed document's word */
const char *look_kind_name(enum look_kind k);

/*
 * The sensitivity of an exact binomial verdict to its risk sets: the largest geometric mean of p_j at which n events,
 * all in the experimental arm and each tested as it came, would cross at the n-th by the spending of the plan.
 * NaN where that cannot be (fewer than min_events, another method).
 */
enum status monitor_sensitivity(const struct monitor *m, int64_t n, double *geometric_mean_limit,
                                struct err *err);

#endif
