/*
 * slot_priv.h - one occasion to write to the board, a look or a slot: what its messages share, and how one is made.
 */
#ifndef DSMB_APP_SLOT_PRIV_H
#define DSMB_APP_SLOT_PRIV_H

#include "app/slot.h"

/* What every message of one occasion shares. */
struct occasion {
    const struct slot_view *v;
    struct post post;
    struct lives lives;
    char ledger_head[SHA256_HEX];
    instant_t now, next_before;
};

/* Sealed mail goes in slots. */
bool slot_used(const struct slot_view *v);
/*
 * Where the plan lets urgent alerts leave between slots, a test does, too: it tries the way that an alert takes, and what
 * leaves between slots need not be an alert.
 */
bool slot_at_once(const struct slot_view *v);
/* The alert of that number and its place; NULL: there is none. */
const struct alert *slot_alert(const struct slot_view *v, int64_t id, size_t *at);
/* The letter that waits for a member, unless his address has changed since; NULL: none. */
const struct post_member *slot_waiting(const struct occasion *o, size_t member);
/* Writes one message of a slot. */
enum status slot_write(const struct occasion *o, size_t member, const struct slot_choice *c,
                       struct slot_batch *b, struct err *err);
/* E_DATA: `what` names one of the board's members. */
enum status slot_not_a_member(const struct board *b, const char *what, struct err *err);

/* slot_again.c: messages asked for again that leave at once. */
enum status slot_again(const struct occasion *o, struct slot_batch *b, struct err *err);
enum status slot_batch_reserve(struct slot_batch *b, size_t n, struct err *err);

enum status occasion_begin(const struct slot_view *v, instant_t now, struct occasion *o, struct err *err);
void occasion_done(struct occasion *o);
/* Fills in what is the same for every reader. */
void occasion_common(const struct occasion *o, struct mail_input *in);
/* Writes and seals one message into b, which has room; `in` says what it is about, the rest is filled in. */
enum status occasion_add(const struct occasion *o, struct mail_input *in, size_t member,
                         const struct slot_item *items, size_t n_items, bool held, struct slot_batch *b,
                         struct err *err);

#endif
