/*
 * store.h - what the cycle needs of the store: the trial's memory.
 *
 * Everything a look decides is written by one call in one transaction; only then is anything sent.
 */
#ifndef DSMB_PORT_STORE_H
#define DSMB_PORT_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "alert/alert.h"
#include "alert/board.h"
#include "base/sha256.h"
#include "classify/review.h"
#include "monitor/look.h"
#include "port/post.h"
#include "port/review.h"
#include "trial/rows.h"

/* An adopted document: the plan with its rules, or the board. */
struct adopted {
    int64_t id; /* 0: none yet */
    struct sha256 hash;
    char *text; /* YAML, NUL-terminated; owned */
    size_t len;
};
void adopted_done(struct adopted *a);

struct adopted_rules {
    size_t n;
    struct {
        char *name; /* file name */
        char *text;
        size_t len;
    } file[CATEGORIES_MAX];
};
void adopted_rules_done(struct adopted_rules *r);

enum request_kind {
    REQ_PLAN_ADOPT,
    REQ_BOARD_ADOPT,
    REQ_LOOK_ADHOC,
    REQ_LOOK_FINAL,
    REQ_SOURCE_ACCEPT,
    REQ_ALERT_ACK,
    REQ_ALERT_TEST,
    REQ_ALERT_RESEND,
    REQ_REVIEW_DECIDE
};

struct request {
    int64_t id;
    enum request_kind kind;
    char who[64];      /* session_user */
    char *by, *reason; /* owned */
    char *body;        /* the document; owned, may be NULL */
    size_t body_len;
    struct adopted_rules rules; /* REQ_PLAN_ADOPT */
};
void request_done(struct request *r);

/* The head of a look. */
struct look_head {
    int64_t look;
    enum look_kind kind;
    day_t cut;
    instant_t read_at, data_cutoff;
    char token[160];
    struct sha256 snapshot;
    int64_t plan_id, board_id, request_id; /* 0: none */
    int64_t n_subjects, n_events, n_changes;
};

/* A report as it was written with the look. */
struct stored_report {
    const char *audience, *format; /* "closed", "open"; "text", "csv", "json", "html" */
    const char *bytes;
    size_t len;
    struct sha256 hash;
};

struct look_record {
    struct look_head head;
    const struct row_change *changes;
    size_t n_changes;
    const struct snapshot *snapshot; /* queries */
    const struct ruleset *rules;     /* names of categories and subtypes */
    const struct plan *plan;
    const struct look_result *result;
    const struct review_list
        *review;                /* of all events when the rules are new, else of those that were touched */
    const struct alert *alerts; /* raised or amended by this look */
    size_t n_alerts;
    const struct outgoing *messages;
    size_t n_messages;
    const struct stored_report *reports; /* when the plan's calendar asks for them, and at the closing look */
    size_t n_reports;
    uint64_t epoch;
};

struct store {
    void *ctx;
    /* Session advisory lock: false when another dsmbd holds it.  Gives this holder's fencing epoch. */
    enum status (*lead)(void *ctx, bool *leader, uint64_t *epoch, struct err *err);
    enum status (*load_plan)(void *ctx, struct adopted *plan, struct adopted_rules *rules, struct err *err);
    enum status (*load_board)(void *ctx, struct adopted *board, struct err *err);
    /* n histories in the plan's order, names filled in by the caller. */
    enum status (*load_history)(void *ctx, struct history *h, size_t n, struct err *err);
    enum status (*load_known)(void *ctx, struct known_set *k, struct err *err);
    enum status (*load_rows)(void *ctx, struct rows *r, struct err *err);
    /* The newest look; look 0 when there is none. */
    enum status (*last_look)(void *ctx, struct look_head *h, struct err *err);
    enum status (*load_alerts)(void *ctx, struct alert **ret, size_t *n, struct err *err);
    enum status (*next_request)(void *ctx, struct request *r, bool *found, struct err *err);
    /*
     * Each in one transaction with its ledger entry.  adopt_*, acknowledge, resend, decide and save_look (with
     * head.request_id) also finish their request, so that a death between the two cannot carry it out twice; finishing it
     * again changes nothing.
     */
    enum status (*finish_request)(void *ctx, const struct request *r, bool done, const char *message,
                                  struct err *err);
    /* note: what the answer and the ledger say of the plan beyond "adopted"; "": nothing. */
    enum status (*adopt_plan)(void *ctx, const struct request *r, const char *note, struct err *err);
    /* changes: from the board before, "" for the first one; notices: mails to who is no member any more. */
    enum status (*adopt_board)(void *ctx, const struct request *r, const char *changes,
                               const struct outgoing *notices, size_t n_notices, struct err *err);
    enum status (*save_look)(void *ctx, const struct look_record *l, struct err *err);
    /*
     * The newest slot alone with how many messages have not left yet, at every poll; the whole post when a message is to be
     * written.  patience_us: a message that is not sent after that time counts as not reached.
     */
    enum status (*last_slot)(void *ctx, bool *any, int64_t *slot, int64_t *waiting, struct err *err);
    enum status (*load_post)(void *ctx, int64_t patience_us, struct post *ret, struct err *err);
    /* Every member's message of a slot, in one transaction. */
    enum status (*save_slot)(void *ctx, const struct slot_record *s, struct err *err);
    /* Records the answers whose tokens came back since; each token is good for once. */
    enum status (*take_acks)(void *ctx, struct err *err);
    /* A member's answer given by request, which it finishes. */
    enum status (*acknowledge)(void *ctx, const struct request *r, int64_t alert, const char *member,
                               enum ack_decision decision, struct err *err);
    /* Records by request, which it finishes with `said`, that an alert's message is to go again to these members. */
    enum status (*resend)(void *ctx, const struct request *r, int64_t alert, const char *const members[],
                          size_t n, const char *said, struct err *err);
    /* What people decided of events, and holds now. */
    enum status (*load_decisions)(void *ctx, struct review_decisions *ret, struct err *err);
    /* Records a decision by request, which it finishes with `said`.  E_NOTFOUND, with the remedy: there is no such event or row, or
     * nothing to take back. */
    enum status (*decide)(void *ctx, const struct request *r, const struct review_order *o, const char *said,
                          struct err *err);
    /* A notice that belongs to no look; one whose id is there already changes nothing. */
    enum status (*post)(void *ctx, const struct outgoing *o, struct err *err);
    /* A DATA FAULT begins (ends when open is false): recorded once per change. */
    enum status (*fault)(void *ctx, bool open, const char *message, struct err *err);
    /* A sign of life: no row that other roles could count.  Without another for patience_us dsmbd is silent; 0: never. */
    enum status (*beat)(void *ctx, instant_t now, const char *state, int64_t patience_us, struct err *err);
    /* Head of the ledger's chain as hexadecimal, for the mail's foot; "" while there is none. */
    enum status (*ledger_head)(void *ctx, char ret[SHA256_HEX], struct err *err);
};

#endif
