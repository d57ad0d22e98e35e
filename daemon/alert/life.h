/*
 * life.h - what became of an alert at one member: the life cycle as one table.  Pure.
 *
 *   raised - queued - sent - acknowledged
 *                 \ uncertain, unreached    escalated    amended
 *
 * The state is a pure function of facts in the order in which they were recorded, so a restart, a replay and an inspector
 * get the same.  Nothing is silenced and nothing "resolves" itself: an alert rests only when this member acknowledged it,
 * or when an amendment of it was raised, which then has a life of its own.
 */
#ifndef DSMB_ALERT_LIFE_H
#define DSMB_ALERT_LIFE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/alert.h"
#include "alert/board.h"
#include "base/date.h"
#include "base/err.h"

enum life_state {
    LIFE_RAISED,    /* nothing was sent to this member yet */
    LIFE_QUEUED,    /* a message is with the mailer */
    LIFE_SENT,      /* the relay took it */
    LIFE_UNCERTAIN, /* the relay may have it; the same bytes go again */
    LIFE_UNREACHED, /* the relay refused it for good, or it came back */
    LIFE_ESCALATED, /* chair and deputies were told that this member is silent */
    LIFE_AMENDED,   /* a later alert of the monitor takes its place */
    LIFE_ACKNOWLEDGED
};
enum { LIFE_STATES = LIFE_ACKNOWLEDGED + 1 };

enum life_event {
    LIFE_QUEUE, /* the alert's first message */
    LIFE_SEND,
    LIFE_DOUBT,
    LIFE_REFUSE,
    LIFE_BOUNCE, /* what the relay had taken came back */
    LIFE_RESEND, /* a reminder, or the message once more, is queued */
    LIFE_ASK,    /* a person asked that it go again (dsmbctl alert resend) */
    LIFE_ESCALATE,
    LIFE_AMEND,
    LIFE_ACKNOWLEDGE
};
enum { LIFE_EVENTS = LIFE_ACKNOWLEDGE + 1 };

/* false: not a legal move, *next untouched. */
bool life_move(enum life_state s, enum life_event e, enum life_state *next);
const char *life_state_name(enum life_state s);
const char *life_event_name(enum life_event e);

/* What was recorded of an alert and a member. */
struct life_fact {
    int64_t alert;
    char member[sizeof((struct member *)0)->name];
    enum life_event event;
    instant_t at;
};

struct life {
    int64_t alert;
    size_t member; /* of the board */
    enum life_state state;
    instant_t told;      /* when the first message was queued; INSTANT_NONE: none was */
    instant_t last_told; /* the newest message or reminder */
    instant_t asked; /* when a person asked for it again, who was not told since; INSTANT_NONE: nobody did */
};

/* Alert by alert, member by member: lives[a * b->n + m]. */
struct lives {
    struct life *life;
    size_t n;
    size_t illegal; /* facts that were no legal move: they changed nothing */
};

/* Facts in recorded order; facts about people who are not on the board count for nothing. */
enum status lives_of(const struct alert *alerts, size_t n_alerts, const struct board *b,
                     const struct life_fact *facts, size_t n_facts, struct lives *ret, struct err *err);
void lives_done(struct lives *l);
/* Neither acknowledged nor amended. */
bool life_open(const struct life *l);
/* Open, asked for again, and not told since. */
bool life_asked(const struct life *l);

#endif
