/* A slot: one message for every member; and answers by request. */
#include <stdlib.h>
#include <string.h>

#include "app/slot_priv.h"

/* --- a slot ------------------------------------------------------------------------------------------------------- */

const struct alert *slot_alert(const struct slot_view *v, int64_t id, size_t *at)
{
    for (size_t i = 0; i < v->n_alerts; i++) {
        if (v->alerts[i].id == id) {
            *at = i;
            return &v->alerts[i];
        }
    }
    return NULL;
}

static struct mail_item describe(const struct occasion *o, const struct slot_item *item)
{
    const struct slot_view *v = o->v;
    const struct history *h;
    size_t a = 0;
    struct mail_item it = {.alert = slot_alert(v, item->alert, &a),
                           .about = v->board->members[item->about].name,
                           .since = o->lives.life[a * v->board->n + item->about].told};

    it.monitor = plan_monitor(v->plan, it.alert->monitor);
    h = it.monitor == NULL ? NULL : &v->history[it.monitor - v->plan->monitors];
    for (size_t i = 0; h != NULL && i < h->n; i++) {
        if (h->entries[i].look == it.alert->look) {
            it.entry = &h->entries[i];
        }
    }
    return it;
}

/* A quiet message still names what this member has not acknowledged. */
static void still_open(const struct occasion *o, size_t member, struct slot_choice *c)
{
    for (size_t i = 0; i < o->lives.n; i++) {
        if (o->lives.life[i].member == member && life_open(&o->lives.life[i])) {
            c->items[c->n++] = (struct slot_item){o->lives.life[i].alert, member};
        }
    }
}

const struct post_member *slot_waiting(const struct occasion *o, size_t member)
{
    const struct member *to = &o->v->board->members[member];
    const struct post_member *m = post_of(&o->post, to->name);

    return m != NULL && m->letter[0] != '\0' && strcmp(m->letter_address, to->address) == 0 ? m : NULL;
}

/* Asked for since the last test was written to him. */
static bool test_due(const struct occasion *o, size_t member)
{
    const struct post_member *m = post_of(&o->post, o->v->board->members[member].name);

    return o->post.test_asked != INSTANT_NONE &&
           (m == NULL || m->tested == INSTANT_NONE || m->tested < o->post.test_asked);
}

/* Reminders need a way to answer. */
static bool reminds(const struct slot_view *v)
{
    return slot_used(v) || (v->n_alerts > 0 && v->w->ack_to != NULL);
}

static enum status choose(const struct occasion *o, const struct plan_messages *timing, size_t member,
                          bool may_escalate, struct slot_choice *c, struct err *err)
{
    const struct slot_view *v = o->v;
    enum status st = OK;

    *c = (struct slot_choice){.kind = LETTER_QUIET};
    if (reminds(v)) {
        st = slot_choose(timing, v->board, &o->lives, member, NULL, may_escalate, o->now, c, err);
    } else {
        c->items = calloc(o->lives.n + 1, sizeof *c->items);
        st = c->items == NULL ? err_set(err, E_NOMEM, "messages to the board") : OK;
    }
    if (st == OK && c->kind == LETTER_QUIET) {
        still_open(o, member, c);
    }
    if (st == OK && c->kind == LETTER_QUIET && test_due(o, member)) {
        c->kind = LETTER_TEST;
    }
    return st;
}

enum status slot_write(const struct occasion *o, size_t member, const struct slot_choice *c,
                       struct slot_batch *b, struct err *err)
{
    const struct look_head *last = o->v->last;
    struct mail_input in = {.kind = c->kind,
                            .n_items = c->n,
                            .look = last->look,
                            .cut = last->cut,
                            .data_cutoff = last->look > 0 ? last->data_cutoff : INSTANT_NONE};
    struct mail_item *items = calloc(c->n + 1, sizeof *items);
    enum status st;

    if (items == NULL) {
        return err_set(err, E_NOMEM, "messages to the board");
    }
    for (size_t i = 0; i < c->n; i++) {
        items[i] = describe(o, &c->items[i]);
    }
    in.items = items;
    st = occasion_add(o, &in, member, c->items, c->n, false, b, err);
    free(items);
    return st;
}

static enum status write_slot(const struct occasion *o, struct slot_batch *b, struct err *err)
{
    const struct slot_view *v = o->v;
    struct plan_messages timing = v->plan->messages;
    bool may_escalate = true;
    enum status st = slot_batch_reserve(b, v->board->n, err);

    timing.slot_us = slot_used(v) ? timing.slot_us : 0;
    for (size_t m = 0; m < v->board->n; m++) {
        enum member_role role = v->board->members[m].role;

        may_escalate =
            may_escalate && !((role == MEMBER_CHAIR || role == MEMBER_DEPUTY) && slot_waiting(o, m) != NULL);
    }
    for (size_t m = 0; st == OK && m < v->board->n; m++) {
        const struct post_member *w = slot_waiting(o, m);
        struct slot_choice c = {0};

        if (w != NULL) {
            struct outgoing *out = &b->out[b->n++];

            *out = (struct outgoing){.address = v->board->members[m].address,
                                     .member = v->board->members[m].name,
                                     .kind = w->letter_kind};
            memcpy(out->id, w->letter, sizeof out->id);
            continue;
        }
        st = choose(o, &timing, m, may_escalate, &c, err);
        if (st == OK && (c.kind != LETTER_QUIET || slot_used(v))) {
            st = slot_write(o, m, &c, b, err);
        }
        slot_choice_done(&c);
    }
    return st;
}

bool slot_at_once(const struct slot_view *v)
{
    return !slot_used(v) || v->plan->messages.urgent_immediate;
}

static enum status write_tests(const struct occasion *o, struct slot_batch *b, struct err *err)
{
    size_t n = o->v->board->n;
    enum status st = slot_batch_reserve(b, n, err);

    for (size_t m = 0; st == OK && m < n; m++) {
        struct slot_choice c = {.kind = LETTER_TEST};

        if (!test_due(o, m)) {
            continue;
        }
        c.items = calloc(o->lives.n + 1, sizeof *c.items);
        if (c.items == NULL) {
            return err_set(err, E_NOMEM, "messages to the board");
        }
        still_open(o, m, &c);
        st = slot_write(o, m, &c, b, err);
        slot_choice_done(&c);
    }
    return st;
}

static enum status due(const struct slot_view *v, int64_t slot, bool *yes, int64_t *waiting, struct err *err)
{
    const struct store *s = v->w->store;
    bool any = false;
    int64_t last = 0, n = 0;
    enum status st;

    if (!slot_used(v)) {
        *yes = reminds(v) || v->test;
        return OK;
    }
    st = s->last_slot(s->ctx, &any, &last, &n, err);
    /* Every slot has a message for each member, whatever they say; one that leaves between slots tells of an alert. */
    *waiting = st == OK && any && !v->plan->messages.urgent_immediate ? n : -1;
    /* A clock that was set back by less than a slot repeats none; one that had run far ahead is not waited for. */
    *yes = !any || slot > last || slot < last - 1;
    return st;
}

static int64_t count_unreached(const struct occasion *o)
{
    int64_t n = 0;

    for (size_t i = 0; i < o->v->board->n; i++) {
        const struct post_member *m = post_of(&o->post, o->v->board->members[i].name);

        n += m != NULL && m->unreached ? 1 : 0;
    }
    return n;
}

/* What leaves at once beside slots: tests, or messages asked for again. */
static enum status beside(const struct slot_view *v, instant_t now,
                          enum status (*write)(const struct occasion *, struct slot_batch *, struct err *),
                          struct err *err)
{
    const struct store *s = v->w->store;
    struct slot_record r = {.look = v->last->look, .epoch = v->epoch};
    struct slot_batch b = {0};
    struct occasion o;
    enum status st = occasion_begin(v, now, &o, err);

    if (st != OK) {
        return st;
    }
    st = write(&o, &b, err);
    if (st == OK && b.n > 0) {
        r.messages = b.out;
        r.n_messages = b.n;
        v->w->killpoint("slot_written");
        st = s->save_slot(s->ctx, &r, err);
    }
    slot_batch_done(&b);
    occasion_done(&o);
    return st;
}

enum status slot_step(const struct slot_view *v, instant_t now, struct slot_news *news, struct err *err)
{
    const struct store *s = v->w->store;
    struct slot_batch b = {0};
    struct slot_record r = {.slot = slot_at(now, v->plan->messages.slot_us),
                            .of_slot = slot_used(v),
                            .look = v->last->look,
                            .epoch = v->epoch};
    struct occasion o;
    bool now_due = false;
    enum status st = s->take_acks(s->ctx, err);

    news->waiting = -1;
    if (st == OK) {
        st = due(v, r.slot, &now_due, &news->waiting, err);
    }
    if (st == OK && v->again && slot_at_once(v)) {
        st = beside(v, now, slot_again, err);
    }
    if (st == OK && !now_due && v->test && slot_at_once(v)) {
        st = beside(v, now, write_tests, err);
    }
    if (st != OK || !now_due) {
        return st;
    }
    st = occasion_begin(v, now, &o, err);
    if (st != OK) {
        return st;
    }
    st = write_slot(&o, &b, err);
    if (st == OK && (r.of_slot || b.n > 0)) {
        r.messages = b.out;
        r.n_messages = b.n;
        v->w->killpoint("slot_written");
        st = s->save_slot(s->ctx, &r, err);
        if (st == OK && r.of_slot) {
            news->unreached = count_unreached(&o);
        }
    }
    slot_batch_done(&b);
    occasion_done(&o);
    return st;
}

/* --- an answer by request ----------------------------------------------------------------------------------------- */

enum status slot_not_a_member(const struct board *b, const char *what, struct err *err)
{
    struct buf names = {0};

    for (size_t i = 0; i < b->n; i++) {
        buf_fmt(&names, "%s%s", i == 0 ? "" : ", ", b->members[i].name);
    }
    (void)err_set(err, E_DATA, "%s must name one of %s", what, buf_cstr(&names));
    buf_done(&names);
    return E_DATA;
}

enum status slot_test(const struct slot_view *v, instant_t now, struct buf *said, struct err *err)
{
    char at[28];

    buf_fmt(said, "a test message to each of the board's %zu members ", v->board->n);
    if (!slot_at_once(v)) {
        instant_format(slot_start(slot_at(now, v->plan->messages.slot_us) + 1, v->plan->messages.slot_us),
                       at);
        buf_fmt(said, "takes the place of a quiet message, at the latest in the slot that begins at %.16sZ",
                at);
    } else {
        buf_str(said, "is on its way");
    }
    if (v->w->ack_to == NULL) {
        buf_str(said, "; without mail.acknowledge_to nobody can answer it by mail");
    }
    return buf_check(said, err);
}

enum status slot_acknowledge(const struct slot_view *v, const struct request *r, struct err *err)
{
    const struct store *s = v->w->store;
    enum ack_decision decision = ACK_NOTED;
    char *end = NULL;
    size_t at = 0, m = 0;
    long long id = r->body == NULL ? 0 : strtoll(r->body, &end, 10);

    if (r->body == NULL || end == r->body || *end != ' ' || !ack_decision_read(end + 1, &decision)) {
        return err_set(err, E_DATA, "an acknowledgement is the alert's number and NOTED, MEETING or DATA");
    }
    if (slot_alert(v, id, &at) == NULL) {
        return err_set(err, E_DATA, "there is no alert of this number (dsmbctl alert list)");
    }
    while (m < v->board->n && strcmp(v->board->members[m].name, r->by) != 0) {
        m++;
    }
    if (m == v->board->n) {
        return slot_not_a_member(v->board, "an alert is acknowledged by a member of the board: --by", err);
    }
    return s->acknowledge(s->ctx, r, id, v->board->members[m].name, decision, err);
}
