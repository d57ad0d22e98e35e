/*
 * cycle_priv.h - the cycle's state, and what its files share: cycle_read.c (the source, and whether it is believed),
 * cycle_look.c (a look, from the reading to the commit), cycle_request.c (what people ask for), cycle_review.c (events that
 * people decide), cycle.c (what is loaded from the store, and one poll).  Nobody else includes this.
 */
#ifndef DSMB_APP_CYCLE_PRIV_H
#define DSMB_APP_CYCLE_PRIV_H

#include "app/cycle.h"
#include "app/slot.h"
#include "trial/reading.h"

struct cycle {
    struct cycle_world w;
    enum cycle_state state;
    bool loaded;
    uint64_t epoch;

    int64_t plan_id, board_id;
    struct sha256 plan_hash;
    struct plan *plan;
    struct ruleset *rules;
    struct board *board;
    struct rows *rows;
    struct reading *reading;
    struct history *history; /* one per monitor of the plan */
    struct known_set known;
    struct alert *alerts;
    size_t n_alerts;
    struct look_head last;

    char token[sizeof((struct source_gate *)0)->token]; /* where the source stood at the last reading */
    int64_t last_full;                                  /* monotonic; 0: never */
    int64_t last_poll;                                  /* monotonic; 0: the next step is one */
    bool woken;
    struct slot_news news;
    int64_t certificate_days; /* until the first certificate ends; -1: not known, or none is needed */
    int64_t last_beat;
    day_t watched;           /* when certificates were last looked at */
    enum cycle_state beaten; /* the state last told */
    bool test;               /* a test of the mail may wait */
    bool again;              /* and so may an alert's message that is to go again */
    bool accept_shrink;      /* granted once, by request */
    bool fault_open;
    char fault[ERR_MSG_MAX];
};

/* --- cycle.c ------------------------------------------------------------------------------------------------------ */
void cycle_say(const struct cycle *c, enum journal_level level, const char *text);
/* Plan, board, rows and history, afresh from the store. */
enum status cycle_load_all(struct cycle *c, struct err *err);
/* What looks change: read back from the store, so that memory and store cannot drift apart. */
enum status cycle_load_past(struct cycle *c, struct err *err);
struct slot_view cycle_slot_view(const struct cycle *c);

/* --- cycle_read.c ------------------------------------------------------------------------------------------------- */
/* Reads the source and judges whether it may be believed.  *ret NULL with OK: a data fault, already noted. */
enum status cycle_read(struct cycle *c, const struct snapshot **ret, struct source_gate *gate,
                       struct err *err);
/* Notes a data fault, once for each message. */
enum status cycle_fault(struct cycle *c, const char *message, struct err *err);

/* --- cycle_look.c ------------------------------------------------------------------------------------------------- */
/* One reading, and a look if it is due.  *looked: one was committed. */
enum status cycle_read_and_look(struct cycle *c, enum look_kind kind, int64_t request_id, instant_t now,
                                int64_t mono_us, bool *looked, struct err *err);

/* --- cycle_review.c ----------------------------------------------------------------------------------------------- */
/* Adds what people decided of events to the reading that is under way, after the source's own rows. */
enum status cycle_review_rows(struct cycle *c, const struct review_decisions *d, struct err *err);
/* Who waits for a person: of all events when the rules are new, else of those that the changes touch. */
enum status cycle_review_list(const struct cycle *c, const struct snapshot *s,
                              const struct look_result *result, const struct row_change *changes, size_t n,
                              struct review_list *ret, struct err *err);
/* Adds to what is said of a plan that is adopted: which decisions its rules cannot follow.  Nothing is dropped silently. */
enum status cycle_review_note(const struct cycle *c, const struct ruleset *rules, struct buf *out,
                              struct err *err);
/* A decision by request.  E_DATA or E_NOTFOUND with the remedy. */
enum status cycle_decide(struct cycle *c, const struct request *r, struct err *err);

/* --- cycle_request.c ---------------------------------------------------------------------------------------------- */
/* Carries out what was asked for by dsmbctl, oldest first, a few in one poll. */
enum status cycle_requests(struct cycle *c, instant_t now, int64_t mono_us, struct err *err);

#endif
