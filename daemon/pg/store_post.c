/* Mail to the board: what became of it, slots. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "pg/store_priv.h"
#include "pg/words.h"
#include "sql_catalog.h"

/* --- reading --------------------------------------------------------------------------------------------------- */

static enum status copy_at(const struct pgrows *r, int row, int col, char *to, size_t size, struct err *err)
{
    const char *s = NULL;
    enum status st = pgrows_text(r, row, col, &s, err);

    if (st == OK && strlen(s) >= size) {
        st = err_set(err, E_DATA, "the store holds a text of messages that is too long");
    }
    if (st == OK) {
        memcpy(to, s, strlen(s) + 1);
    }
    return st;
}

static enum status read_fact(const struct pgrows *r, int row, struct life_fact *f, struct err *err)
{
    const char *word = NULL;
    enum status st = pgrows_int(r, row, 0, &f->alert, err);

    if (st == OK) {
        st = copy_at(r, row, 1, f->member, sizeof f->member, err);
    }
    if (st == OK) {
        st = pgrows_text(r, row, 2, &word, err);
    }
    if (st == OK) {
        st = word_read_life_event(word, &f->event, err);
    }
    return st == OK ? pgrows_instant(r, row, 3, &f->at, err) : st;
}

static enum status load_facts(struct pgconn *c, struct post *p, struct err *err)
{
    struct pgrows *r = NULL;
    enum status st = pgconn_exec(c, SQL_POST_FACTS, NULL, &r, err);

    if (st == OK) {
        p->facts = calloc((size_t)pgrows_n(r) + 1, sizeof *p->facts);
        st = p->facts == NULL ? err_set(err, E_NOMEM, "what became of messages") : OK;
    }
    for (int i = 0; st == OK && i < pgrows_n(r); i++) {
        st = read_fact(r, i, &p->facts[i], err);
        p->n_facts = (size_t)i + 1;
    }
    pgrows_free(r);
    return st;
}

static enum status read_member(const struct pgrows *r, int row, struct post_member *m, struct err *err)
{
    enum status st = copy_at(r, row, 0, m->name, sizeof m->name, err);

    if (st == OK) {
        st = pgrows_int(r, row, 1, &m->n, err);
    }
    if (st == OK) {
        st = pgrows_bool(r, row, 2, &m->unreached, err);
    }
    if (st == OK) {
        st = pgrows_int(r, row, 3, &m->doubled, err);
    }
    if (st == OK && !pgrows_null(r, row, 4)) {
        st = pgrows_instant(r, row, 4, &m->tested, err);
    }
    return st == OK ? pgrows_instant(r, row, 5, &m->written, err) : st;
}

static enum status load_changes(struct pgconn *c, struct post *p, struct err *err)
{
    struct pgrows *r = NULL;
    enum status st = pgconn_exec(c, SQL_POST_CHANGES, NULL, &r, err);

    if (st == OK) {
        p->changes = calloc((size_t)pgrows_n(r) + 1, sizeof *p->changes);
        st = p->changes == NULL ? err_set(err, E_NOMEM, "changes of the board") : OK;
    }
    for (int i = 0; st == OK && i < pgrows_n(r); i++) {
        struct post_change *k = &p->changes[p->n_changes++];

        st = pgrows_instant(r, i, 0, &k->at, err);
        if (st == OK) {
            st = pgrows_dup(r, i, 1, &k->by, err);
        }
        if (st == OK) {
            st = pgrows_dup(r, i, 2, &k->changes, err);
        }
    }
    pgrows_free(r);
    return st;
}

static enum status load_members(struct pgconn *c, struct post *p, size_t *cap, int64_t patience_us,
                                struct err *err)
{
    struct pgargs a = {0};
    struct pgrows *r = NULL;
    enum status st;

    pgargs_interval(&a, patience_us);
    st = pgconn_exec(c, SQL_POST_MEMBERS, &a, &r, err);
    for (int i = 0; st == OK && i < pgrows_n(r); i++) {
        st = VEC_PUSH_ROOM(p->members, p->n_members, *cap, err);
        if (st == OK) {
            p->members[p->n_members] = (struct post_member){.tested = INSTANT_NONE, .written = INSTANT_NONE};
            st = read_member(r, i, &p->members[p->n_members++], err);
        }
    }
    pgrows_free(r);
    return st;
}

static enum status read_letter(const struct pgrows *r, int row, struct post_member *m, struct err *err)
{
    const char *word = NULL;
    enum status st = copy_at(r, row, 1, m->letter, sizeof m->letter, err);

    if (st == OK) {
        st = copy_at(r, row, 2, m->letter_address, sizeof m->letter_address, err);
    }
    if (st == OK) {
        st = pgrows_text(r, row, 3, &word, err);
    }
    return st == OK ? word_read_letter_kind(word, &m->letter_kind, err) : st;
}

static enum status load_letters(struct pgconn *c, struct post *p, size_t *cap, struct err *err)
{
    struct pgrows *r = NULL;
    enum status st = pgconn_exec(c, SQL_POST_LETTERS, NULL, &r, err);

    for (int i = 0; st == OK && i < pgrows_n(r); i++) {
        struct post_member m = {.tested = INSTANT_NONE, .written = INSTANT_NONE};
        size_t k = 0;

        st = copy_at(r, i, 0, m.name, sizeof m.name, err);
        while (k < p->n_members && strcmp(p->members[k].name, m.name) != 0) {
            k++;
        }
        if (st == OK && k == p->n_members) {
            st = VEC_PUSH_ROOM(p->members, p->n_members, *cap, err);
            if (st == OK) {
                p->members[p->n_members++] = m;
            }
        }
        if (st == OK) {
            st = read_letter(r, i, &p->members[k], err);
        }
    }
    pgrows_free(r);
    return st;
}

static enum status load_originals(struct pgconn *c, struct post *p, struct err *err)
{
    struct pgrows *r = NULL;
    enum status st = pgconn_exec(c, SQL_POST_ORIGINALS, NULL, &r, err);

    if (st == OK) {
        p->originals = calloc((size_t)pgrows_n(r) + 1, sizeof *p->originals);
        st = p->originals == NULL ? err_set(err, E_NOMEM, "messages to be sent again") : OK;
    }
    for (int i = 0; st == OK && i < pgrows_n(r); i++) {
        struct post_original *x = &p->originals[p->n_originals++];

        st = pgrows_int(r, i, 0, &x->alert, err);
        if (st == OK) {
            st = copy_at(r, i, 1, x->member, sizeof x->member, err);
        }
        if (st == OK) {
            st = copy_at(r, i, 2, x->message, sizeof x->message, err);
        }
    }
    pgrows_free(r);
    return st;
}

static enum status load_slot(struct pgconn *c, struct post *p, int64_t *waiting, struct err *err)
{
    struct pgrows *r = NULL;
    enum status st = pgconn_exec(c, SQL_SLOT_LAST, NULL, &r, err);

    if (st == OK && pgrows_n(r) > 0) {
        p->any_slot = true;
        st = pgrows_int(r, 0, 0, &p->slot, err);
    }
    if (st == OK && p->any_slot) {
        st = pgrows_int(r, 0, 1, waiting, err);
    }
    pgrows_free(r);
    return st;
}

static enum status load_test(struct pgconn *c, struct post *p, struct err *err)
{
    struct pgrows *r = NULL;
    enum status st = pgconn_exec(c, SQL_POST_TEST, NULL, &r, err);

    p->test_asked = INSTANT_NONE;
    if (st == OK && pgrows_n(r) > 0) {
        st = pgrows_instant(r, 0, 0, &p->test_asked, err);
    }
    pgrows_free(r);
    return st;
}

enum status store_load_post(void *ctx, int64_t patience_us, struct post *ret, struct err *err)
{
    struct pgconn *c = NULL;
    struct post p = {0};
    int64_t waiting = 0;
    size_t cap = 0;
    enum status st = store_conn(ctx, &c, err);

    if (st == OK) {
        st = load_slot(c, &p, &waiting, err);
    }
    if (st == OK) {
        st = load_facts(c, &p, err);
    }
    if (st == OK) {
        st = load_members(c, &p, &cap, patience_us, err);
    }
    if (st == OK) {
        st = load_letters(c, &p, &cap, err);
    }
    if (st == OK) {
        st = load_test(c, &p, err);
    }
    if (st == OK) {
        st = load_originals(c, &p, err);
    }
    if (st == OK) {
        st = load_changes(c, &p, err);
    }
    if (st != OK) {
        post_done(&p);
        return st;
    }
    *ret = p;
    return OK;
}

enum status store_last_slot(void *ctx, bool *any, int64_t *slot, int64_t *waiting, struct err *err)
{
    struct pgconn *c = NULL;
    struct post p = {0};
    int64_t n = 0;
    enum status st = store_conn(ctx, &c, err);

    if (st == OK) {
        st = load_slot(c, &p, &n, err);
    }
    if (st == OK) {
        *any = p.any_slot;
        *slot = p.slot;
        *waiting = n;
    }
    return st;
}

/* --- writing ----------------------------------------------------------------------------------------------------- */

static enum status put_tokens(struct pgconn *c, const struct outgoing *m, struct err *err)
{
    enum status st = OK;

    for (int i = 0; st == OK && m->tokens && i < ACK_DECISIONS; i++) {
        struct pgargs a = {0};
        char hex[SHA256_HEX];

        sha256_hex(&m->token[i], hex);
        pgargs_text(&a, hex);
        pgargs_text(&a, m->id);
        pgargs_text(&a, m->member);
        pgargs_text(&a, ack_decision_name((enum ack_decision)i));
        st = pgconn_exec(c, SQL_SAVE_TOKEN, &a, NULL, err);
    }
    return st;
}

/* Alerts joined by a comma, the members they are about by U+001F: names hold no control character. */
static enum status list_items(const struct outgoing *m, struct buf *alerts, struct buf *about,
                              struct err *err)
{
    for (size_t i = 0; i < m->n_items; i++) {
        buf_fmt(alerts, "%s%" PRId64, i == 0 ? "" : ",", m->items[i].alert);
        buf_fmt(about, "%s%s", i == 0 ? "" : "\x1f", m->board->members[m->items[i].about].name);
    }
    return buf_check(alerts, err) == OK ? buf_check(about, err) : E_NOMEM;
}

static void null_if_zero(struct pgargs *a, int64_t v)
{
    if (v == 0) {
        pgargs_null(a);
    } else {
        pgargs_int(a, v);
    }
}

static enum status put_letter(struct pgconn *c, const struct outgoing *m, int64_t look, const char *alerts,
                              const char *about, const char *hex, struct err *err)
{
    struct pgargs a = {0};

    pgargs_text(&a, m->id);
    pgargs_int(&a, look);
    pgargs_text(&a, letter_kind_name(m->kind));
    pgargs_text(&a, alerts);
    pgargs_text(&a, about);
    pgargs_text(&a, m->member);
    pgargs_text(&a, m->address);
    pgargs_text(&a, hex);
    pgargs_bytes(&a, m->bytes, m->len);
    return pgconn_exec(c, SQL_SAVE_LETTER, &a, NULL, err);
}

static enum status put_now(struct pgconn *c, const struct outgoing *m, int64_t look, int64_t slot,
                           const char *alerts, const char *about, const char *hex, struct err *err)
{
    struct pgargs a = {0}, b = {0};
    enum status st;

    pgargs_text(&a, m->id);
    pgargs_text(&a, m->address);
    pgargs_bytes(&a, m->bytes, m->len);
    st = pgconn_exec(c, SQL_SAVE_MESSAGE, &a, NULL, err);
    if (st != OK) {
        return st;
    }
    pgargs_text(&b, m->id);
    null_if_zero(&b, look);
    null_if_zero(&b, slot);
    pgargs_text(&b, letter_kind_name(m->kind));
    pgargs_text(&b, alerts);
    pgargs_text(&b, about);
    pgargs_text(&b, m->member);
    pgargs_text(&b, m->address);
    pgargs_text(&b, hex);
    return pgconn_exec(c, SQL_SAVE_ALERT_MESSAGE, &b, NULL, err);
}

enum status store_put_message(struct pgconn *c, const struct outgoing *m, int64_t look, int64_t slot,
                              struct err *err)
{
    struct buf alerts = {0}, about = {0};
    struct sha256 h;
    char hex[SHA256_HEX];
    enum status st = sha256_of(m->bytes, m->len, &h, err);

    if (st == OK && memcmp(h.b, m->hash.b, sizeof h.b) != 0) {
        st = err_set(err, E_INTERNAL, "a message's hash is not that of its bytes");
    }
    if (st == OK) {
        st = list_items(m, &alerts, &about, err);
    }
    if (st == OK) {
        sha256_hex(&h, hex);
        st = m->held ? put_letter(c, m, look, buf_cstr(&alerts), buf_cstr(&about), hex, err)
                     : put_now(c, m, look, slot, buf_cstr(&alerts), buf_cstr(&about), hex, err);
    }
    if (st == OK) {
        st = put_tokens(c, m, err);
    }
    buf_done(&alerts);
    buf_done(&about);
    return st;
}

static enum status release(struct pgconn *c, const char *id, int64_t slot, struct err *err)
{
    struct pgargs a = {0}, b = {0};
    enum status st;

    pgargs_text(&a, id);
    st = pgconn_exec(c, SQL_SLOT_LETTER, &a, NULL, err);
    if (st == OK) {
        pgargs_text(&b, id);
        null_if_zero(&b, slot);
        st = pgconn_exec(c, SQL_SLOT_LETTER_TOLD, &b, NULL, err);
    }
    return st;
}

static enum status put_again(struct pgconn *c, const struct outgoing *m, struct err *err)
{
    struct pgargs a = {0}, b = {0};
    enum status st;

    pgargs_text(&a, m->id);
    pgargs_text(&a, m->again);
    st = pgconn_exec(c, SQL_SLOT_AGAIN, &a, NULL, err);
    if (st == OK) {
        pgargs_text(&b, m->id);
        pgargs_text(&b, m->again);
        st = pgconn_exec(c, SQL_SLOT_AGAIN_TOLD, &b, NULL, err);
    }
    return st;
}

static enum status put_slot(struct pgconn *c, const struct slot_record *s, struct err *err)
{
    struct pgargs a = {0};
    struct pgrows *r = NULL;
    int64_t n = 0;
    enum status st = OK;

    if (s->of_slot) {
        pgargs_int(&a, s->slot);
        null_if_zero(&a, s->look);
        pgargs_int(&a, (int64_t)s->epoch);
        st = pgconn_exec_one(c, SQL_SLOT_ADD, &a, &r, err);
        if (st == OK) {
            st = pgrows_int(r, 0, 0, &n, err);
        }
        pgrows_free(r);
    }
    for (size_t i = 0; st == OK && i < s->n_messages; i++) {
        const struct outgoing *m = &s->messages[i];

        st = m->again[0] != '\0' ? put_again(c, m, err)
             : m->bytes == NULL  ? release(c, m->id, n, err)
                                 : store_put_message(c, m, 0, n, err);
    }
    return st;
}

enum status store_save_slot(void *ctx, const struct slot_record *s, struct err *err)
{
    struct pgconn *c = NULL;
    enum status st = store_begin(ctx, &c, err);

    return st == OK ? store_end(ctx, put_slot(c, s, err), err) : st;
}
