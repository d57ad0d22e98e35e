#include "alert/slot.h"

#include <stdlib.h>
#include <string.h>

const char *letter_kind_name(enum letter_kind k)
{
    static const char *const name[] = {"ALERT", "AMENDMENT", "ESCALATION", "REMINDER", "TEST", "QUIET"};

    return name[k];
}

static const char *const decisions[] = {"NOTED", "MEETING", "DATA"};

const char *ack_decision_name(enum ack_decision d)
{
    return decisions[d];
}

bool ack_decision_read(const char *name, enum ack_decision *ret)
{
    for (int i = 0; i < ACK_DECISIONS; i++) {
        if (strcmp(decisions[i], name) == 0) {
            *ret = (enum ack_decision)i;
            return true;
        }
    }
    return false;
}

int64_t slot_at(instant_t now, int64_t slot_us)
{
    int64_t n = now / slot_us;

    return now % slot_us < 0 ? n - 1 : n;
}

instant_t slot_start(int64_t slot, int64_t slot_us)
{
    instant_t t;

    return __builtin_mul_overflow(slot, slot_us, &t) ? INSTANT_NONE : t;
}

/*
 * What is recorded has the store's clock, which need not be dsmbd's, and lies ahead of a slot's own time when an urgent alert
 * left in the same step: less than this ahead it was told just now.
 */
#define JUST_TOLD_US (INT64_C(3600) * 1000000)

/*
 * A slot's messages are never written at the same moment of each slot: a quarter of one is no lateness.  A clock that stepped
 * back silences nothing.
 */
static bool passed(const struct plan_messages *p, instant_t since, int64_t after_us, instant_t now)
{
    return now < since ? since - now > JUST_TOLD_US : now - since >= after_us - p->slot_us / 4;
}

static bool leads(const struct member *m)
{
    return m->role == MEMBER_CHAIR || m->role == MEMBER_DEPUTY;
}

static bool to_escalate(const struct plan_messages *p, const struct life *l, instant_t now)
{
    return life_open(l) && l->state != LIFE_ESCALATED && l->told != INSTANT_NONE &&
           passed(p, l->told, p->escalate_after_us, now);
}

static bool to_remind(const struct plan_messages *p, const struct life *l, instant_t now)
{
    return life_asked(l) || (life_open(l) && (l->last_told == INSTANT_NONE ||
                                              passed(p, l->last_told, p->resend_after_us, now)));
}

enum status slot_choose(const struct plan_messages *p, const struct board *b, const struct lives *lives,
                        size_t member, const enum letter_kind *letter, bool may_escalate, instant_t now,
                        struct slot_choice *ret, struct err *err)
{
    struct slot_choice c = {.kind = letter != NULL ? *letter : LETTER_QUIET};
    bool chair = may_escalate && leads(&b->members[member]);

    c.items = calloc(lives->n + 1, sizeof *c.items);
    if (c.items == NULL) {
        return err_set(err, E_NOMEM, "choosing messages");
    }
    for (size_t i = 0; letter == NULL && chair && i < lives->n; i++) {
        if (to_escalate(p, &lives->life[i], now)) {
            c.kind = LETTER_ESCALATION;
            c.items[c.n++] = (struct slot_item){lives->life[i].alert, lives->life[i].member};
        }
    }
    for (size_t i = 0; letter == NULL && c.kind != LETTER_ESCALATION && i < lives->n; i++) {
        if (lives->life[i].member == member && to_remind(p, &lives->life[i], now)) {
            c.kind = LETTER_REMINDER;
            c.items[c.n++] = (struct slot_item){lives->life[i].alert, member};
        }
    }
    *ret = c;
    return OK;
}

void slot_choice_done(struct slot_choice *c)
{
    free(c->items);
    *c = (struct slot_choice){0};
}
