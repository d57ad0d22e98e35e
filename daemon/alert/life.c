#include "alert/life.h"

#include <stdlib.h>
#include <string.h>

struct move {
    enum life_state from;
    enum life_event event;
    enum life_state to;
};

/*
 * One row per legal move.  Outcomes of an earlier message may come in late (the mailer tries for days, and a reminder is
 * sent meanwhile), so they are legal wherever a message can be under way: once one message arrived, a refusal of another
 * does not take that back.  That it came back does.
 */
static const struct move moves[] = {
    {LIFE_RAISED, LIFE_QUEUE, LIFE_QUEUED},
    {LIFE_RAISED, LIFE_RESEND,
     LIFE_QUEUED}, /* joined the board after the alert: the first word is a reminder */
    {LIFE_RAISED, LIFE_ASK, LIFE_RAISED},
    {LIFE_RAISED, LIFE_AMEND, LIFE_AMENDED},
    {LIFE_RAISED, LIFE_ACKNOWLEDGE, LIFE_ACKNOWLEDGED}, /* told by telephone */

    {LIFE_QUEUED, LIFE_SEND, LIFE_SENT},
    {LIFE_QUEUED, LIFE_DOUBT, LIFE_UNCERTAIN},
    {LIFE_QUEUED, LIFE_REFUSE, LIFE_UNREACHED},
    {LIFE_QUEUED, LIFE_BOUNCE, LIFE_QUEUED}, /* an earlier message; this one is under way */
    {LIFE_QUEUED, LIFE_RESEND, LIFE_QUEUED},
    {LIFE_QUEUED, LIFE_ESCALATE, LIFE_ESCALATED},
    {LIFE_QUEUED, LIFE_ASK, LIFE_QUEUED},
    {LIFE_QUEUED, LIFE_AMEND, LIFE_AMENDED},
    {LIFE_QUEUED, LIFE_ACKNOWLEDGE, LIFE_ACKNOWLEDGED},

    {LIFE_SENT, LIFE_SEND, LIFE_SENT},
    {LIFE_SENT, LIFE_DOUBT, LIFE_SENT},
    {LIFE_SENT, LIFE_REFUSE, LIFE_SENT},
    {LIFE_SENT, LIFE_BOUNCE, LIFE_UNREACHED},
    {LIFE_SENT, LIFE_RESEND, LIFE_QUEUED},
    {LIFE_SENT, LIFE_ESCALATE, LIFE_ESCALATED},
    {LIFE_SENT, LIFE_ASK, LIFE_SENT},
    {LIFE_SENT, LIFE_AMEND, LIFE_AMENDED},
    {LIFE_SENT, LIFE_ACKNOWLEDGE, LIFE_ACKNOWLEDGED},

    {LIFE_UNCERTAIN, LIFE_SEND, LIFE_SENT},
    {LIFE_UNCERTAIN, LIFE_DOUBT, LIFE_UNCERTAIN},
    {LIFE_UNCERTAIN, LIFE_REFUSE, LIFE_UNREACHED},
    {LIFE_UNCERTAIN, LIFE_BOUNCE, LIFE_UNREACHED},
    {LIFE_UNCERTAIN, LIFE_RESEND, LIFE_QUEUED},
    {LIFE_UNCERTAIN, LIFE_ESCALATE, LIFE_ESCALATED},
    {LIFE_UNCERTAIN, LIFE_ASK, LIFE_UNCERTAIN},
    {LIFE_UNCERTAIN, LIFE_AMEND, LIFE_AMENDED},
    {LIFE_UNCERTAIN, LIFE_ACKNOWLEDGE, LIFE_ACKNOWLEDGED},

    {LIFE_UNREACHED, LIFE_SEND, LIFE_SENT},
    {LIFE_UNREACHED, LIFE_DOUBT, LIFE_UNCERTAIN},
    {LIFE_UNREACHED, LIFE_REFUSE, LIFE_UNREACHED},
    {LIFE_UNREACHED, LIFE_BOUNCE, LIFE_UNREACHED},
    {LIFE_UNREACHED, LIFE_RESEND, LIFE_QUEUED},
    {LIFE_UNREACHED, LIFE_ESCALATE, LIFE_ESCALATED},
    {LIFE_UNREACHED, LIFE_ASK, LIFE_UNREACHED},
    {LIFE_UNREACHED, LIFE_AMEND, LIFE_AMENDED},
    {LIFE_UNREACHED, LIFE_ACKNOWLEDGE, LIFE_ACKNOWLEDGED},

    {LIFE_ESCALATED, LIFE_SEND, LIFE_ESCALATED},
    {LIFE_ESCALATED, LIFE_DOUBT, LIFE_ESCALATED},
    {LIFE_ESCALATED, LIFE_REFUSE, LIFE_ESCALATED},
    {LIFE_ESCALATED, LIFE_BOUNCE, LIFE_ESCALATED},
    {LIFE_ESCALATED, LIFE_RESEND, LIFE_ESCALATED},
    {LIFE_ESCALATED, LIFE_ESCALATE, LIFE_ESCALATED}, /* the other of chair and deputy is told */
    {LIFE_ESCALATED, LIFE_ASK, LIFE_ESCALATED},
    {LIFE_ESCALATED, LIFE_AMEND, LIFE_AMENDED},
    {LIFE_ESCALATED, LIFE_ACKNOWLEDGE, LIFE_ACKNOWLEDGED},

    {LIFE_AMENDED, LIFE_QUEUE, LIFE_AMENDED}, /* it waited for its slot when the amendment came */
    {LIFE_AMENDED, LIFE_SEND, LIFE_AMENDED},
    {LIFE_AMENDED, LIFE_DOUBT, LIFE_AMENDED},
    {LIFE_AMENDED, LIFE_REFUSE, LIFE_AMENDED},
    {LIFE_AMENDED, LIFE_BOUNCE, LIFE_AMENDED},
    {LIFE_AMENDED, LIFE_AMEND, LIFE_AMENDED},
    {LIFE_AMENDED, LIFE_ACKNOWLEDGE, LIFE_ACKNOWLEDGED},

    {LIFE_ACKNOWLEDGED, LIFE_QUEUE,
     LIFE_ACKNOWLEDGED}, /* acknowledged by telephone, then comes the message */
    {LIFE_ACKNOWLEDGED, LIFE_SEND, LIFE_ACKNOWLEDGED},
    {LIFE_ACKNOWLEDGED, LIFE_DOUBT, LIFE_ACKNOWLEDGED},
    {LIFE_ACKNOWLEDGED, LIFE_REFUSE, LIFE_ACKNOWLEDGED},
    {LIFE_ACKNOWLEDGED, LIFE_BOUNCE, LIFE_ACKNOWLEDGED},
    {LIFE_ACKNOWLEDGED, LIFE_AMEND, LIFE_ACKNOWLEDGED},
    {LIFE_ACKNOWLEDGED, LIFE_ACKNOWLEDGE, LIFE_ACKNOWLEDGED}, /* another decision */
};

bool life_move(enum life_state s, enum life_event e, enum life_state *next)
{
    for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++) {
        if (moves[i].from == s && moves[i].event == e) {
            *next = moves[i].to;
            return true;
        }
    }
    return false;
}

const char *life_state_name(enum life_state s)
{
    static const char *const name[] = {"raised",    "queued",    "sent",    "uncertain",
                                       "unreached", "escalated", "amended", "acknowledged"};

    return name[s];
}

const char *life_event_name(enum life_event e)
{
    static const char *const name[] = {"queue",  "send", "doubt",    "refuse", "bounce",
                                       "resend", "ask",  "escalate", "amend",  "acknowledge"};

    return name[e];
}

bool life_open(const struct life *l)
{
    return l->state != LIFE_ACKNOWLEDGED && l->state != LIFE_AMENDED;
}

bool life_asked(const struct life *l)
{
    return life_open(l) && l->asked != INSTANT_NONE;
}

static void apply(struct lives *all, struct life *l, enum life_event e, instant_t at)
{
    if (!life_move(l->state, e, &l->state)) {
        all->illegal++;
        return;
    }
    if (e == LIFE_QUEUE || e == LIFE_RESEND) {
        l->told = l->told == INSTANT_NONE ? at : l->told;
        l->last_told = at;
        l->asked = INSTANT_NONE;
    }
    if (e == LIFE_ASK) {
        l->asked = at;
    }
}

/* alerts are numbered upwards: a later one of the same monitor takes the place of this. */
static bool replaced(const struct alert *alerts, size_t n, size_t i)
{
    for (size_t k = i + 1; k < n; k++) {
        if (strcmp(alerts[k].monitor, alerts[i].monitor) == 0) {
            return true;
        }
    }
    return false;
}

enum status lives_of(const struct alert *alerts, size_t n_alerts, const struct board *b,
                     const struct life_fact *facts, size_t n_facts, struct lives *ret, struct err *err)
{
    struct lives l = {.n = n_alerts * b->n};

    l.life = calloc(l.n + 1, sizeof *l.life);
    if (l.life == NULL) {
        return err_set(err, E_NOMEM, "what became of alerts");
    }
    for (size_t i = 0; i < l.n; i++) {
        l.life[i] = (struct life){.alert = alerts[i / b->n].id,
                                  .member = i % b->n,
                                  .told = INSTANT_NONE,
                                  .last_told = INSTANT_NONE,
                                  .asked = INSTANT_NONE};
    }
    for (size_t f = 0; f < n_facts; f++) {
        for (size_t i = 0; i < l.n; i++) {
            if (l.life[i].alert == facts[f].alert &&
                strcmp(b->members[l.life[i].member].name, facts[f].member) == 0) {
                apply(&l, &l.life[i], facts[f].event, facts[f].at);
            }
        }
    }
    for (size_t i = 0; i < l.n; i++) {
        if (replaced(alerts, n_alerts, i / b->n)) {
            apply(&l, &l.life[i], LIFE_AMEND, INSTANT_NONE);
        }
    }
    *ret = l;
    return OK;
}

void lives_done(struct lives *l)
{
    free(l->life);
    *l = (struct lives){0};
}
