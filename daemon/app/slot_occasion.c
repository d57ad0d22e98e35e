/* What the messages of one occasion share, and how each is written and sealed. */
#include "app/slot_priv.h"

#include <stdlib.h>
#include <string.h>

#include "app/letters.h"
#include "render/format.h"

/* How late a message may be before its reader should call: the relay and a busy machine need some time. */
enum { GRACE_PARTS = 4 };

void slot_batch_done(struct slot_batch *b)
{
    for (size_t i = 0; i < b->n; i++) {
        buf_wipe(&b->bodies[i]);
        free(b->items[i]);
    }
    free(b->out);
    free(b->bodies);
    free(b->items);
    *b = (struct slot_batch){0};
}

enum status slot_batch_reserve(struct slot_batch *b, size_t n, struct err *err)
{
    b->out = calloc(n + 1, sizeof *b->out);
    b->bodies = calloc(n + 1, sizeof *b->bodies);
    b->items = calloc(n + 1, sizeof *b->items);
    b->cap = n;
    return b->out == NULL || b->bodies == NULL || b->items == NULL
               ? err_set(err, E_NOMEM, "messages to the board")
               : OK;
}

bool slot_used(const struct slot_view *v)
{
    return v->w->sealer != NULL;
}

void occasion_done(struct occasion *o)
{
    post_done(&o->post);
    lives_done(&o->lives);
}

enum status occasion_begin(const struct slot_view *v, instant_t now, struct occasion *o, struct err *err)
{
    const struct store *s = v->w->store;
    int64_t slot_us = v->plan->messages.slot_us, slot = slot_at(now, slot_us);
    instant_t next;
    enum status st;

    *o = (struct occasion){.v = v, .now = now, .next_before = INSTANT_NONE};
    st = s->load_post(s->ctx, slot_us, &o->post, err);
    if (st == OK) {
        st = lives_of(v->alerts, v->n_alerts, v->board, o->post.facts, o->post.n_facts, &o->lives, err);
    }
    if (st == OK) {
        st = s->ledger_head(s->ctx, o->ledger_head, err);
    }
    if (st == OK && slot_used(v)) {
        /* What is written in a slot that had its messages goes with the next; as due() has it. */
        bool had = o->post.any_slot && (slot == o->post.slot || slot == o->post.slot - 1);

        next = slot_start(had ? o->post.slot + 2 : slot + 1, slot_us);
        o->next_before = next == INSTANT_NONE ? next : next + slot_us / GRACE_PARTS;
    }
    if (st != OK) {
        occasion_done(o);
    }
    return st;
}

/* The others that mail does not reach, by name. */
static void list_unreached(const struct occasion *o, const struct member *reader, struct buf *out)
{
    const struct board *b = o->v->board;

    for (size_t i = 0; i < b->n; i++) {
        const struct post_member *m = post_of(&o->post, b->members[i].name);

        if (&b->members[i] != reader && m != NULL && m->unreached) {
            buf_fmt(out, "%s%s", out->len == 0 ? "" : ", ", b->members[i].name);
        }
    }
}

/* What was changed of the board since the reader's newest message. */
static void list_changes(const struct occasion *o, const struct post_member *reader, struct buf *out)
{
    for (size_t i = 0; i < o->post.n_changes; i++) {
        const struct post_change *k = &o->post.changes[i];

        if (reader == NULL || reader->written == INSTANT_NONE || k->at > reader->written) {
            buf_str(out, out->len == 0 ? "" : " ");
            fmt_instant(out, k->at);
            buf_fmt(out, ", adopted by %s: %s.", k->by, k->changes);
        }
    }
}

static enum status make_tokens(const struct cycle_world *w, struct mail_post *post, struct outgoing *out,
                               struct err *err)
{
    enum status st = OK;

    for (int d = 0; st == OK && d < ACK_DECISIONS; d++) {
        static const char digit[] = "0123456789abcdef";
        unsigned char raw[16];

        st = w->random(raw, sizeof raw, err);
        for (size_t i = 0; st == OK && i < sizeof raw; i++) {
            post->token[d][2 * i] = digit[raw[i] >> 4];
            post->token[d][2 * i + 1] = digit[raw[i] & 15];
        }
        if (st == OK) {
            st = sha256_of(post->token[d], 32, &out->token[d], err);
        }
    }
    out->tokens = st == OK;
    return st;
}

void occasion_common(const struct occasion *o, struct mail_input *in)
{
    in->plan = o->v->plan;
    in->board = o->v->board;
    in->history = o->v->history;
    in->now = o->now;
    in->from = o->v->w->mail_from;
    in->from_name = o->v->w->mail_from_name;
    in->ledger_head = o->ledger_head;
}

enum status occasion_add(const struct occasion *o, struct mail_input *in, size_t member,
                         const struct slot_item *items, size_t n_items, bool held, struct slot_batch *b,
                         struct err *err)
{
    const struct cycle_world *w = o->v->w;
    const struct member *to = &o->v->board->members[member];
    const struct post_member *past = post_of(&o->post, to->name);
    struct mail_post post = {
        .ack_to = w->ack_to, .doubled = past == NULL ? 0 : past->doubled, .next_before = o->next_before};
    struct outgoing *out = &b->out[b->n];
    struct buf unreached = {0}, changes = {0};
    enum status st;

    *out = (struct outgoing){.address = to->address,
                             .member = to->name,
                             .kind = in->kind,
                             .n_items = n_items,
                             .board = o->v->board,
                             .held = held};
    b->bodies[b->n] = (struct buf){0};
    b->items[b->n] = calloc(n_items + 1, sizeof **b->items);
    if (b->items[b->n] == NULL) {
        return err_set(err, E_NOMEM, "messages to the board");
    }
    memcpy(b->items[b->n], items, n_items * sizeof *items);
    out->items = b->items[b->n];
    b->n++; /* what is half made is freed too */
    list_unreached(o, to, &unreached);
    list_changes(o, past, &changes);
    post.unreached = buf_cstr(&unreached);
    post.board_changes = buf_cstr(&changes);
    occasion_common(o, in);
    in->to = to;
    in->post = &post;
    in->number = in->number > 0 ? in->number : (past == NULL ? 0 : past->n) + 1;
    in->message_id = out->id;
    st = buf_check(&unreached, err);
    if (st == OK) {
        st = buf_check(&changes, err);
    }
    if (st == OK) {
        st = w->uuid(out->id, err);
    }
    if (st == OK && w->ack_to != NULL) {
        st = make_tokens(w, &post, out, err);
    }
    if (st == OK) {
        st = letters_write(w, in, &b->bodies[b->n - 1], err);
    }
    if (st == OK) {
        st = buf_check(&b->bodies[b->n - 1], err);
    }
    if (st == OK) {
        out->bytes = b->bodies[b->n - 1].data;
        out->len = b->bodies[b->n - 1].len;
        st = sha256_of(out->bytes, out->len, &out->hash, err);
    }
    in->post = NULL; /* it ends with this call */
    explicit_bzero(&post, sizeof post);
    buf_done(&unreached);
    buf_done(&changes);
    return st;
}
