/* Decisions of events in the store in memory, and the queue that each look leaves. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "support/fake_world.h"
#include "support/t.h"

static const struct sha256 *row_of(const struct fake_world *w, const char *ae_id)
{
    for (size_t i = 0; i < w->n_stored; i++) {
        if (w->stored[i].view == SRC_AE && strcmp(w->stored[i].key, ae_id) == 0) {
            return &w->stored[i].hash;
        }
    }
    return NULL;
}

void fake_ask_decision(struct fake_world *w, const char *verdict, const char *name, const char *ae_id)
{
    const struct sha256 *row = row_of(w, ae_id);
    char hex[SHA256_HEX] = "", body[256];

    if (row != NULL) {
        sha256_hex(row, hex);
    }
    (void)snprintf(body, sizeof body, "%s\x1f%s\x1f%s\x1f%s", verdict, name, hex, ae_id);
    fake_ask(w, REQ_REVIEW_DECIDE, body);
}

static enum status load(void *ctx, struct review_decisions *ret, struct err *err)
{
    const struct fake_world *w = ctx;
    struct review_decisions d = {0};
    enum status st = OK;

    for (size_t i = 0; st == OK && i < w->decisions.n; i++) {
        const struct review_decision *from = &w->decisions.item[i];

        st = VEC_PUSH_ROOM(d.item, d.n, d.cap, err);
        if (st == OK) {
            d.item[d.n] = *from;
            d.item[d.n].ae_id = strdup(from->ae_id);
            d.item[d.n++].name = strdup(from->name);
        }
    }
    *ret = d;
    return st;
}

static enum status decide(void *ctx, const struct request *r, const struct review_order *o, const char *said,
                          struct err *err)
{
    struct fake_world *w = ctx;
    const struct sha256 *row = row_of(w, o->ae_id);
    struct review_decisions *d = &w->decisions;
    char hex[SHA256_HEX] = "";
    size_t i = 0;

    while (i < d->n && (strcmp(d->item[i].ae_id, o->ae_id) != 0 || strcmp(d->item[i].name, o->name) != 0)) {
        i++;
    }
    if (row != NULL) {
        sha256_hex(row, hex);
    }
    if (o->verdict == ADJ_NONE ? i == d->n : row == NULL || strcmp(hex, o->row) != 0) {
        return err_set(err, E_NOTFOUND, "there is no such thing");
    }
    if (i < d->n) {
        free(d->item[i].ae_id);
        free(d->item[i].name);
        d->item[i] = d->item[--d->n];
    }
    if (o->verdict != ADJ_NONE) {
        assert_int_equal(VEC_PUSH_ROOM(d->item, d->n, d->cap, err), OK);
        d->item[d->n++] = (struct review_decision){
            .ae_id = strdup(o->ae_id), .name = strdup(o->name), .verdict = o->verdict, .at = 1, .row = *row};
    }
    return w->store.finish_request(ctx, r, true, said, err);
}

void fake_review_queue(struct fake_world *w, const struct look_record *l)
{
    const struct review_list *list = l->review;

    buf_clear(&w->queue);
    for (size_t i = 0; i < list->n; i++) {
        const struct review_item *e = &list->item[i];

        buf_fmt(&w->queue, "%s %s %c ", pool_str(l->snapshot->pool, l->snapshot->events[e->event].id),
                ruleset_category(l->rules, e->category), e->counted ? '+' : '-');
        review_why_text(e->why, &w->queue);
        buf_char(&w->queue, '\n');
    }
}

void fake_review_done(struct fake_world *w)
{
    for (size_t i = 0; i < w->decisions.n; i++) {
        free(w->decisions.item[i].ae_id);
        free(w->decisions.item[i].name);
    }
    free(w->decisions.item);
}

void fake_review(struct fake_world *w)
{
    w->store.load_decisions = load;
    w->store.decide = decide;
}
