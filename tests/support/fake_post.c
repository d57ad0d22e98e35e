/* Mail to the board in the store in memory: slots, what waits, answers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/fake_world.h"
#include "support/t.h"

static enum status last_slot(void *ctx, bool *any, int64_t *slot, int64_t *waiting, struct err *err)
{
    const struct fake_world *w = ctx;

    (void)err;
    *any = w->n_slots > 0;
    *slot = *any ? w->slots[w->n_slots - 1] : 0;
    *waiting = w->waiting;
    return OK;
}

static struct post_member *member_of(struct post *p, const char *name)
{
    for (size_t i = 0; i < p->n_members; i++) {
        if (strcmp(p->members[i].name, name) == 0) {
            return &p->members[i];
        }
    }
    assert_true(p->n_members < MEMBERS_MAX);
    p->members[p->n_members].tested = INSTANT_NONE;
    p->members[p->n_members].written = INSTANT_NONE;
    (void)snprintf(p->members[p->n_members].name, sizeof p->members[0].name, "%s", name);
    return &p->members[p->n_members++];
}

/* The newest message that told each member of each alert. */
static void add_originals(const struct fake_world *w, struct post *p)
{
    p->originals = calloc(w->n_messages * 4 + 1, sizeof *p->originals);
    assert_non_null(p->originals);
    for (size_t i = w->n_messages; i-- > 0;) {
        const struct fake_message *m = &w->messages[i];

        if (m->member[0] == '\0' || m->held || (m->kind != LETTER_ALERT && m->kind != LETTER_AMENDMENT) ||
            m->again[0] != '\0' || (w->bad_bytes != NULL && strcmp(w->bad_bytes, m->member) == 0)) {
            continue;
        }
        for (size_t k = 0; k < m->n_items && k < 4; k++) {
            struct post_original *x = &p->originals[p->n_originals++];

            x->alert = m->items[k].alert;
            (void)snprintf(x->member, sizeof x->member, "%s", m->member);
            (void)snprintf(x->message, sizeof x->message, "%s", m->id);
        }
    }
}

static enum status load_post(void *ctx, int64_t patience_us, struct post *ret, struct err *err)
{
    const struct fake_world *w = ctx;
    struct post p = {.n_facts = w->n_facts, .test_asked = w->test_asked};
    int64_t waiting;

    (void)patience_us;
    p.facts = calloc(w->n_facts + 1, sizeof *p.facts);
    p.members = calloc(MEMBERS_MAX, sizeof *p.members);
    assert_non_null(p.facts);
    assert_non_null(p.members);
    memcpy(p.facts, w->facts, w->n_facts * sizeof *p.facts);
    p.changes = calloc(w->n_changes + 1, sizeof *p.changes);
    assert_non_null(p.changes);
    for (; p.n_changes < w->n_changes; p.n_changes++) {
        const struct post_change *k = &w->changes[p.n_changes];

        p.changes[p.n_changes] = (struct post_change){k->at, strdup(k->by), strdup(k->changes)};
    }
    for (size_t i = 0; i < w->n_messages; i++) {
        const struct fake_message *m = &w->messages[i];
        struct post_member *k = m->member[0] == '\0' ? NULL : member_of(&p, m->member);

        if (k == NULL) {
            continue;
        }
        k->n += m->held || m->again[0] != '\0' ? 0 : 1;
        if (m->kind == LETTER_TEST) {
            k->tested = m->at;
        }
        k->written = m->at;
        k->unreached = w->unreached != NULL && strcmp(w->unreached, k->name) == 0;
        if (m->held) {
            (void)snprintf(k->letter, sizeof k->letter, "%s", m->id);
            (void)snprintf(k->letter_address, sizeof k->letter_address, "%s", m->address);
            k->letter_kind = m->kind;
        } else if (m->kind == LETTER_ALERT || m->kind == LETTER_AMENDMENT) {
            k->letter[0] = '\0';
        }
    }
    add_originals(w, &p);
    *ret = p;
    return last_slot(ctx, &ret->any_slot, &ret->slot, &waiting, err);
}

static void send_again(struct fake_world *w, const struct outgoing *o)
{
    struct fake_message *m = &w->messages[w->n_messages];

    for (size_t i = 0; i < w->n_messages; i++) {
        if (strcmp(w->messages[i].id, o->again) == 0) {
            *m = w->messages[i];
            m->bytes = strdup(m->bytes);
        }
    }
    assert_non_null(m->bytes);
    (void)snprintf(m->id, sizeof m->id, "%s", o->id);
    (void)snprintf(m->again, sizeof m->again, "%s", o->again);
    m->slot = 0;
    m->at = w->now;
    w->n_messages++;
    for (size_t i = 0; i < m->n_items; i++) {
        fake_note_fact(w, m->items[i].alert, m->member, LIFE_RESEND);
        fake_note_fact(w, m->items[i].alert, m->member, LIFE_SEND);
    }
}

static enum status save_slot(void *ctx, const struct slot_record *s, struct err *err)
{
    struct fake_world *w = ctx;

    (void)err;
    if (s->of_slot) {
        w->slots[w->n_slots++] = s->slot;
    }
    for (size_t i = 0; i < s->n_messages; i++) {
        const struct outgoing *o = &s->messages[i];

        if (o->bytes != NULL) {
            fake_put_message(w, o, 0, (int64_t)w->n_slots);
            continue;
        }
        if (o->again[0] != '\0') {
            send_again(w, o);
            continue;
        }
        for (size_t k = 0; k < w->n_messages; k++) {
            if (strcmp(w->messages[k].id, o->id) == 0) {
                struct fake_message m = w->messages[k];

                assert_true(m.held);
                w->messages[k].member[0] = '\0'; /* what waited is gone */
                m.held = false;
                m.slot = (int64_t)w->n_slots;
                m.bytes = strdup(m.bytes);
                w->messages[w->n_messages++] = m;
                fake_note_facts(w, &w->messages[w->n_messages - 1]);
                break;
            }
        }
    }
    return OK;
}

void fake_ack(struct fake_world *w, const char *token)
{
    (void)snprintf(w->acks[w->n_acks++], sizeof w->acks[0], "%s", token);
}

static enum status take_acks(void *ctx, struct err *err)
{
    struct fake_world *w = ctx;

    for (; w->taken < w->n_acks; w->taken++) {
        struct sha256 h;

        assert_int_equal(sha256_of(w->acks[w->taken], strlen(w->acks[w->taken]), &h, err), OK);
        for (size_t i = 0; i < w->n_messages; i++) {
            struct fake_message *m = &w->messages[i];

            for (int d = 0; d < ACK_DECISIONS && m->member[0] != '\0' && !m->held; d++) {
                for (size_t k = 0; memcmp(&m->token[d], &h, sizeof h) == 0 && k < m->n_items; k++) {
                    fake_note_fact(w, m->items[k].alert, m->member, LIFE_ACKNOWLEDGE);
                }
            }
        }
    }
    return OK;
}

static enum status finished(void *ctx, const struct request *r, bool done, const char *said, struct err *err)
{
    const struct fake_world *w = ctx;

    return w->store.finish_request(ctx, r, done, said, err);
}

static enum status acknowledge(void *ctx, const struct request *r, int64_t alert, const char *member,
                               enum ack_decision decision, struct err *err)
{
    (void)decision;
    fake_note_fact(ctx, alert, member, LIFE_ACKNOWLEDGE);
    return finished(ctx, r, true, "recorded", err);
}

static enum status resend(void *ctx, const struct request *r, int64_t alert, const char *const members[],
                          size_t n, const char *said, struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        fake_note_fact(ctx, alert, members[i], LIFE_ASK);
    }
    return finished(ctx, r, true, said, err);
}

void fake_post(struct fake_world *w)
{
    w->store.last_slot = last_slot;
    w->store.load_post = load_post;
    w->store.save_slot = save_slot;
    w->store.take_acks = take_acks;
    w->store.acknowledge = acknowledge;
    w->store.resend = resend;
}
