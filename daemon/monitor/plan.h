/*
 * plan.h - the statistical part of a trial's safety surveillance plan, as one immutable struct.
 *
 * Read from a doc (YAML), adopted under the closed role, versioned by its SHA-256.  Every number here is the plan's;
 * nothing has a hidden default: packaging/examples/plan.yaml shows each key.  Pure.
 */
#ifndef DSMB_MONITOR_PLAN_H
#define DSMB_MONITOR_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/doc.h"
#include "base/err.h"
#include "classify/rules.h"
#include "stats/spending.h"
#include "tally/tally.h"
#include "trial/arms.h"

enum { MONITORS_MAX = 32, FAMILIES_MAX = 8, NAME_MAX_LEN = 40, TITLE_MAX_LEN = 120, FRACTIONS_MAX = 64 };

enum method {
    METHOD_SPENDING_Z,     /* B1: alpha spending on the logrank z */
    METHOD_EXACT_BINOMIAL, /* B2: exact sequential test on at-risk proportions */
    METHOD_E_PROCESS       /* B4: safe test, needs no maximum */
};

enum clock_kind {
    CLOCK_EVERY_EVENT, /* a look at each cut at which the count grew */
    CLOCK_CALENDAR,    /* every `months`, counted from the plan's first_look or the first randomisation */
    CLOCK_FRACTIONS    /* at the first cut at which events / max_events reached the next fraction */
};

enum alert_urgency { ALERT_URGENT, ALERT_NEXT_REPORT };
enum monitor_role { ROLE_DECISIVE, ROLE_SUPPORTIVE }; /* supportive: shown, never alerts */
enum trial_clock { TRIAL_CLOCK_WALL, TRIAL_CLOCK_SOURCE };
enum cut_kind { CUT_DAILY, CUT_EVERY_CHANGE };

struct eprocess_plan {
    bool on;
    double prior_a, prior_b;
    double reference; /* the E drawn as reference line; decisive monitors use 1/alpha */
};

struct monitor {
    char name[NAME_MAX_LEN + 1];   /* [a-z][a-z0-9_]*, unique */
    char title[TITLE_MAX_LEN + 1]; /* for people */
    char category[NAME_MAX_LEN + 1];
    char subtype[NAME_MAX_LEN + 1]; /* "" : the whole category */
    struct tally_target target;     /* category and subtype as the ruleset numbers them */
    enum window window;
    arm_t comparison; /* experimental arm compared with control, or ARM_NONE: all experimental arms pooled */
    enum method method;
    enum monitor_role role;
    struct spending spending; /* B1, B2 */
    double alpha;             /* per tail, upper = harm; 0 for a supportive B4, which has no share */
    int64_t max_events, min_events;
    int64_t amended_from; /* the maximum before, which was amended blind; 0: none said */
    enum clock_kind clock;
    int months;
    size_t n_fractions;
    double fractions[FRACTIONS_MAX];
    bool closing_look;
    enum alert_urgency urgency;
    int family;             /* index, -1 none */
    struct eprocess_plan e; /* supportive e-process shown beside B1 and B2; the method itself for B4 */
    /* The plan's, repeated here so that one monitor and its past decide a look: */
    day_t clock_from; /* first_look; DAY_NONE: calendar clocks count from the first randomisation */
    bool daily_cut;   /* at most one look that spends per cut day */
};

struct family {
    char name[NAME_MAX_LEN + 1];
    /* Declared bound on the family's one-sided error; the monitors' shares must not exceed it. */
    double alpha;
    double reserve; /* of it, kept for monitors that are added once looks have been taken */
    /* How often it errs without harm, by simulation, as the plan states it; 0: it does not. */
    double simulated;
};

/* When the board hears: docs in dsmbd-plan(5), `messages`. */
struct plan_messages {
    int64_t slot_us; /* every member gets exactly one message in each */
    /* An urgent alert leaves outside the slot: traffic then shows that it exists, and when. */
    bool urgent_immediate;
    int64_t resend_after_us;
    int64_t escalate_after_us; /* to the chair and the deputies; at least resend_after */
};

#define PLAN_IMMEDIATE_NOTE                                                                 \
    "urgent: immediate: an urgent alert leaves at once, so whoever sees mail traffic sees " \
    "that an alert exists, and when"

struct assumed; /* monitor/plan_assumed.h */

struct plan {
    char trial[NAME_MAX_LEN + 1];
    char title[TITLE_MAX_LEN + 1];
    char note[1024]; /* shown with every closed document: "illustrative: alphas chosen knowing the results" */
    struct arms arms;
    enum population population;
    enum basis basis;
    int te_days; /* days_after_last_dose, or TE_NO_END for `no_end` */
    enum trial_clock trial_clock;
    enum cut_kind cut;
    struct plan_messages messages;
    day_t first_look; /* calendar clocks count from here; DAY_NONE: from the first randomisation */
    struct classify_options classify;
    size_t n_families;
    struct family families[FAMILIES_MAX];
    size_t n_monitors;
    int report_months; /* reports are stored every so many months; 0: at the closing look only */
    struct monitor monitors[MONITORS_MAX];
    struct assumed *assumed; /* section `simulation`, owned; NULL: the plan has none.  No look reads it. */
};

/*
 * E_CONFIG with file:line:col; never an arm's code or label.  Categories and subtypes are resolved against the ruleset.
 * The control arm becomes arm 0, the others keep the file's order.
 */
enum status plan_read(const struct doc *d, const struct ruleset *rules, struct plan **ret, struct err *err);
void plan_free(struct plan *p);
const struct monitor *plan_monitor(const struct plan *p,
                                   const char *name); /* NULL: it has none of that name */
/* The one-sided alpha of the family's monitors that decide. */
double plan_family_sum(const struct plan *p, int family);
const char *method_name(enum method m); /* the plan's word: alpha_spending, exact_binomial, e_process */
/* Appends what adopting the plan means, one line each: families' sums against their bounds, the smallest run of events
 * that can cross, what is urgent.  No arm is named. */
enum status plan_notes(const struct plan *p, struct buf *out, struct err *err);

#endif
