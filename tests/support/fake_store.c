/* A store in memory: what a look, a slot and a request leave in it, and what is read back. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "support/fake_world.h"
#include "support/t.h"

static enum status lead(void *ctx, bool *leader, uint64_t *epoch, struct err *err)
{
    const struct fake_world *w = ctx;

    (void)err;
    *leader = w->leader;
    *epoch = 1;
    return OK;
}

static void add_rules(struct adopted_rules *r)
{
    struct dirent **names = NULL;
    int n = scandir("rules", &names, NULL, alphasort);

    assert_true(n > 0); /* tests run from the project's root */
    for (int i = 0; i < n; i++) {
        const char *dot = strrchr(names[i]->d_name, '.');

        if (dot != NULL && strcmp(dot, ".yaml") == 0) {
            char path[512];

            (void)snprintf(path, sizeof path, "rules/%s", names[i]->d_name);
            r->file[r->n].name = strdup(names[i]->d_name);
            r->file[r->n].text = t_slurp(path, &r->file[r->n].len);
            r->n++;
        }
        free(names[i]);
    }
    free(names);
}

static void give(struct adopted *a, int64_t id, const char *text)
{
    a->id = id;
    a->text = strdup(text);
    a->len = strlen(text);
}

static enum status load_plan(void *ctx, struct adopted *plan, struct adopted_rules *rules, struct err *err)
{
    const struct fake_world *w = ctx;

    (void)err;
    if (w->plan_id != 0) {
        give(plan, w->plan_id, w->plan_text);
        add_rules(rules);
    }
    return OK;
}

static enum status load_board(void *ctx, struct adopted *board, struct err *err)
{
    const struct fake_world *w = ctx;

    (void)err;
    if (w->board_id != 0) {
        give(board, w->board_id, w->board_text);
    }
    return OK;
}

static struct block *copy_blocks(const struct block *b, size_t n)
{
    struct block *c = calloc(n + 1, sizeof *c);

    assert_non_null(c);
    if (n > 0) {
        memcpy(c, b, n * sizeof *c);
    }
    return c;
}

static struct entry copy_entry(const struct entry *e)
{
    struct entry c = *e;

    c.b2 = copy_blocks(e->b2, e->n_b2);
    c.seen = copy_blocks(e->seen, e->n_seen);
    return c;
}

static enum status load_history(void *ctx, struct history *h, size_t n, struct err *err)
{
    const struct fake_world *w = ctx;
    enum status st = OK;

    for (size_t k = 0; st == OK && k < w->n_looks; k++) {
        for (size_t i = 0; st == OK && i < n; i++) {
            st = VEC_PUSH_ROOM(h[i].entries, h[i].n, h[i].cap, err);
            if (st == OK) {
                h[i].entries[h[i].n++] = copy_entry(&w->looks[k].entries[i]);
            }
        }
    }
    return st;
}

static enum status add_known(struct known_set *k, const struct known_set *more, struct err *err)
{
    enum status st = vec_reserve(&k->rows, &k->cap, k->n + more->n + 1, sizeof *k->rows, err);

    for (size_t i = 0; st == OK && i < more->n; i++) {
        k->rows[k->n++] = (struct known_row){strdup(more->rows[i].monitor), strdup(more->rows[i].subject),
                                             more->rows[i].look};
    }
    return st;
}

static enum status load_known(void *ctx, struct known_set *k, struct err *err)
{
    const struct fake_world *w = ctx;

    return add_known(k, &w->known, err);
}

static enum status load_rows(void *ctx, struct rows *r, struct err *err)
{
    const struct fake_world *w = ctx;
    enum status st = OK;

    for (size_t i = 0; st == OK && i < w->n_stored; i++) {
        st = rows_load(r, w->stored[i].view, w->stored[i].key, strlen(w->stored[i].key), &w->stored[i].hash,
                       err);
    }
    return st;
}

static enum status last_look(void *ctx, struct look_head *h, struct err *err)
{
    const struct fake_world *w = ctx;

    (void)err;
    *h = w->n_looks == 0 ? (struct look_head){0} : w->looks[w->n_looks - 1].head;
    return OK;
}

static enum status load_alerts(void *ctx, struct alert **ret, size_t *n, struct err *err)
{
    const struct fake_world *w = ctx;

    (void)err;
    *ret = calloc(w->n_alerts + 1, sizeof **ret);
    assert_non_null(*ret);
    memcpy(*ret, w->alerts, w->n_alerts * sizeof **ret);
    *n = w->n_alerts;
    return OK;
}

static enum status next_request(void *ctx, struct request *r, bool *found, struct err *err)
{
    struct fake_world *w = ctx;

    (void)err;
    *found = w->has_request;
    if (w->has_request) {
        *r = w->request;
        r->by = strdup(w->request_by == NULL ? "tester" : w->request_by);
        r->reason = strdup("test");
        r->body = w->request.body == NULL ? NULL : strdup(w->request.body);
        if (r->kind == REQ_PLAN_ADOPT) {
            add_rules(&r->rules);
        }
    }
    return OK;
}

static enum status finish_request(void *ctx, const struct request *r, bool done, const char *message,
                                  struct err *err)
{
    struct fake_world *w = ctx;

    (void)err;
    if (!w->has_request) {
        return OK; /* said twice, the first counts */
    }
    w->test_asked = r->kind == REQ_ALERT_TEST && done ? w->now : w->test_asked;
    w->has_request = false;
    w->answered = true;
    w->answer_done = done;
    (void)snprintf(w->answer, sizeof w->answer, "%s", message);
    return OK;
}

static enum status adopt_plan(void *ctx, const struct request *r, const char *note, struct err *err)
{
    struct fake_world *w = ctx;

    (void)err;
    (void)snprintf(w->plan_note, sizeof w->plan_note, "%s", note);
    free(w->plan_text);
    w->plan_text = strdup(r->body);
    w->plan_id++;
    return OK;
}

/* A mail of no look; one whose id is there already changes nothing. */
static void keep_notice(struct fake_world *w, const struct outgoing *o)
{
    struct fake_message *m = &w->messages[w->n_messages];

    for (size_t i = 0; i < w->n_messages; i++) {
        if (strcmp(w->messages[i].id, o->id) == 0) {
            return;
        }
    }
    (void)snprintf(m->address, sizeof m->address, "%s", o->address);
    (void)snprintf(m->id, sizeof m->id, "%s", o->id);
    m->bytes = strndup(o->bytes, o->len);
    w->n_messages++;
}

static enum status adopt_board(void *ctx, const struct request *r, const char *changes,
                               const struct outgoing *notices, size_t n, struct err *err)
{
    struct fake_world *w = ctx;

    (void)err;
    free(w->board_text);
    w->board_text = strdup(r->body);
    w->board_id++;
    for (size_t i = 0; i < n; i++) {
        keep_notice(w, &notices[i]);
    }
    if (changes[0] != '\0') {
        struct post_change *k = &w->changes[w->n_changes++];

        assert_true(w->n_changes <= sizeof w->changes / sizeof w->changes[0]);
        *k = (struct post_change){.at = w->now, .by = strdup(r->by), .changes = strdup(changes)};
    }
    return OK;
}

static void store_row(struct fake_world *w, const struct row_change *c)
{
    size_t at = 0;

    while (at < w->n_stored && (w->stored[at].view != c->view || strcmp(w->stored[at].key, c->key) != 0)) {
        at++;
    }
    if (c->deleted) {
        assert_true(at < w->n_stored);
        free((void *)(uintptr_t)w->stored[at].key);
        w->stored[at] = w->stored[--w->n_stored];
        return;
    }
    if (at == w->n_stored) {
        assert_int_equal(vec_reserve(&w->stored, &w->cap_stored, at + 1, sizeof *w->stored, NULL), OK);
        w->stored[w->n_stored++] = (struct row_change){.view = c->view, .key = strdup(c->key)};
    }
    w->stored[at].hash = c->hash;
}

void fake_note_fact(struct fake_world *w, int64_t alert, const char *member, enum life_event e)
{
    struct life_fact *f = &w->facts[w->n_facts++];

    assert_true(w->n_facts < sizeof w->facts / sizeof w->facts[0]);
    *f = (struct life_fact){.alert = alert, .event = e, .at = w->now};
    (void)snprintf(f->member, sizeof f->member, "%s", member);
}

/* The message is with the mailer, and arrives. */
void fake_note_facts(struct fake_world *w, const struct fake_message *m)
{
    for (size_t i = 0; i < m->n_items && m->kind != LETTER_QUIET; i++) {
        fake_note_fact(w, m->items[i].alert, m->about[i],
                       m->kind == LETTER_ESCALATION ? LIFE_ESCALATE
                       : m->kind == LETTER_REMINDER ? LIFE_RESEND
                                                    : LIFE_QUEUE);
        if (m->kind != LETTER_ESCALATION) {
            fake_note_fact(w, m->items[i].alert, m->member, LIFE_SEND);
        }
    }
}

void fake_put_message(struct fake_world *w, const struct outgoing *o, int64_t look, int64_t slot)
{
    struct fake_message *m = &w->messages[w->n_messages++];

    assert_true(w->n_messages < sizeof w->messages / sizeof w->messages[0]);
    (void)snprintf(m->address, sizeof m->address, "%s", o->address);
    (void)snprintf(m->member, sizeof m->member, "%s", o->member);
    m->bytes = strndup(o->bytes, o->len);
    (void)snprintf(m->id, sizeof m->id, "%s", o->id);
    m->look = look;
    m->slot = slot;
    m->kind = o->kind;
    m->held = o->held;
    m->at = w->now;
    assert_true(o->n_items <= 16);
    for (size_t i = 0; i < o->n_items; i++) {
        m->items[m->n_items++] = o->items[i];
        (void)snprintf(m->about[i], sizeof m->about[i], "%s", o->board->members[o->items[i].about].name);
    }
    memcpy(m->token, o->token, sizeof m->token);
    if (!m->held) {
        fake_note_facts(w, m);
    }
}

static enum status save_look(void *ctx, const struct look_record *l, struct err *err)
{
    struct fake_world *w = ctx;
    struct fake_look *k = &w->looks[w->n_looks];

    if (w->save_fails != OK) {
        enum status st = w->save_fails;

        w->save_fails = OK;
        return err_set(err, st, "the store is away");
    }
    assert_int_equal(l->head.look, w->n_looks + 1);
    k->head = l->head;
    k->n = l->result->n_entries;
    k->entries = calloc(k->n, sizeof *k->entries);
    for (size_t i = 0; i < k->n; i++) {
        k->entries[i] = copy_entry(&l->result->entries[i]);
    }
    w->n_looks++;
    fake_review_queue(w, l);
    assert_int_equal(add_known(&w->known, &l->result->newly_known, err), OK);
    for (size_t i = 0; i < l->n_changes; i++) {
        store_row(w, &l->changes[i]);
    }
    for (size_t i = 0; i < l->n_alerts; i++) {
        w->alerts[w->n_alerts] = l->alerts[i];
        w->alerts[w->n_alerts].id = (int64_t)w->n_alerts + 1;
        w->n_alerts++;
    }
    for (size_t i = 0; i < l->n_messages; i++) {
        fake_put_message(w, &l->messages[i], l->head.look, 0);
    }
    for (size_t i = 0; i < l->n_reports; i++) {
        const struct stored_report *r = &l->reports[i];

        assert_true(w->n_reports < sizeof w->reports / sizeof w->reports[0]);
        w->reports[w->n_reports++] =
            (struct fake_report){l->head.look, r->audience, r->format, strndup(r->bytes, r->len)};
    }
    return OK;
}

static enum status ledger_head(void *ctx, char ret[SHA256_HEX], struct err *err)
{
    (void)ctx;
    (void)err;
    memset(ret, 'a', SHA256_HEX - 1);
    ret[SHA256_HEX - 1] = '\0';
    return OK;
}

static enum status post(void *ctx, const struct outgoing *o, struct err *err)
{
    (void)err;
    keep_notice(ctx, o);
    return OK;
}

static enum status fault(void *ctx, bool open, const char *message, struct err *err)
{
    struct fake_world *w = ctx;

    (void)err;
    w->faults += open ? 1 : 0;
    w->fault_open = open;
    (void)snprintf(w->fault, sizeof w->fault, "%s", message);
    return OK;
}

static enum status beat(void *ctx, instant_t now, const char *state, int64_t patience_us, struct err *err)
{
    (void)ctx;
    (void)patience_us;
    (void)now;
    (void)state;
    (void)err;
    return OK;
}

void fake_store(struct fake_world *w)
{
    w->store = (struct store){.ctx = w,
                              .lead = lead,
                              .load_plan = load_plan,
                              .load_board = load_board,
                              .load_history = load_history,
                              .load_known = load_known,
                              .load_rows = load_rows,
                              .last_look = last_look,
                              .load_alerts = load_alerts,
                              .next_request = next_request,
                              .finish_request = finish_request,
                              .adopt_plan = adopt_plan,
                              .adopt_board = adopt_board,
                              .save_look = save_look,
                              .ledger_head = ledger_head,
                              .post = post,
                              .fault = fault,
                              .beat = beat};
}
