/*
 * slot.h - which message a member gets in a slot.  Pure.
 *
 * In each slot every member gets exactly one message of one size, so that traffic says nothing: alert, amendment,
 * escalation, reminder, test or quiet, the first of these that there is cause for.  What had to give way keeps its cause and
 * comes in the next slot.
 */
#ifndef DSMB_ALERT_SLOT_H
#define DSMB_ALERT_SLOT_H

#include "alert/life.h"
#include "monitor/plan.h"

enum letter_kind {
    LETTER_ALERT,
    LETTER_AMENDMENT,
    LETTER_ESCALATION,
    LETTER_REMINDER,
    LETTER_TEST,
    LETTER_QUIET
};
const char *letter_kind_name(enum letter_kind k); /* "ALERT" ... */

enum ack_decision { ACK_NOTED, ACK_MEETING, ACK_DATA };
enum { ACK_DECISIONS = ACK_DATA + 1 };
const char *ack_decision_name(enum ack_decision d); /* "NOTED", "MEETING", "DATA" */
bool ack_decision_read(const char *name, enum ack_decision *ret);

/* Slots stand on the UTC calendar: slot n lasts from n * length to (n + 1) * length since 1970. */
int64_t slot_at(instant_t now, int64_t slot_us);
instant_t slot_start(int64_t slot, int64_t slot_us); /* INSTANT_NONE: beyond the years that are known */

/* An alert that a message tells of, and of whose silence: `about` is the reader, but in an escalation. */
struct slot_item {
    int64_t alert;
    size_t about; /* member of the board */
};

struct slot_choice {
    enum letter_kind kind;
    struct slot_item *items; /* of an escalation or a reminder */
    size_t n;
};

/*
 * letter: what kind of letter waits for this member, NULL: none.  Otherwise chair and deputies hear once of every alert whose
 * member has been silent for escalate_after since first told; and whoever has an open alert hears of it again
 * resend_after after the last word, who was never told at once, and so is an alert that a person asked for again.
 * A test that was asked for takes the place of a quiet message: the caller knows of it.
 * may_escalate: false while a letter waits for one of chair and deputies, so that all of them hear in one slot.
 */
enum status slot_choose(const struct plan_messages *p, const struct board *b, const struct lives *lives,
                        size_t member, const enum letter_kind *letter, bool may_escalate, instant_t now,
                        struct slot_choice *ret, struct err *err);
void slot_choice_done(struct slot_choice *c);

#endif
