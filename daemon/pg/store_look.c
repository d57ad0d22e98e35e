/* A look and all that came of it, in one transaction. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pg/load.h"
#include "pg/seal.h"
#include "pg/store_priv.h"
#include "pg/words.h"
#include "sql_catalog.h"

/* The look whose list of data queries holds, and whether that is this one. */
static enum status queries_of(struct pgconn *c, const struct look_record *l, const char *hex, int64_t *look,
                              struct err *err)
{
    struct pgrows *r = NULL;
    const char *last = NULL;
    int64_t at = l->head.look;
    enum status st = pgconn_exec(c, SQL_SAVE_LAST_QUERIES, NULL, &r, err);

    if (st == OK && pgrows_n(r) > 0) {
        st = pgrows_text(r, 0, 1, &last, err);
        if (st == OK && strcmp(last, hex) == 0) {
            st = pgrows_int(r, 0, 0, &at, err);
        }
    }
    pgrows_free(r);
    if (st == OK) {
        *look = at;
    }
    return st;
}

static enum status put_head(struct pgconn *c, const struct look_record *l, int64_t queries_look,
                            const char *hex, struct err *err)
{
    const struct look_head *h = &l->head;
    struct pgargs a = {0};
    char snapshot[SHA256_HEX];

    sha256_hex(&h->snapshot, snapshot);
    pgargs_int(&a, h->look);
    pgargs_text(&a, word_look_kind(h->kind));
    pgargs_day(&a, h->cut);
    pgargs_instant(&a, h->read_at);
    pgargs_instant(&a, h->data_cutoff);
    pgargs_text(&a, h->token);
    pgargs_text(&a, snapshot);
    pgargs_int(&a, h->plan_id);
    pgargs_int(&a, h->board_id);
    pgargs_int(&a, h->request_id);
    pgargs_int(&a, h->n_subjects);
    pgargs_int(&a, h->n_events);
    pgargs_int(&a, h->n_changes);
    pgargs_int(&a, queries_look);
    pgargs_text(&a, hex);
    pgargs_int(&a, (int64_t)l->epoch);
    return pgconn_exec(c, SQL_SAVE_LOOK, &a, NULL, err);
}

/* The alerts' numbers stand in messages already: they must be the ones that were foreseen. */
static enum status put_alerts(struct pgconn *c, const struct look_record *l, struct err *err)
{
    enum status st = OK;

    for (size_t i = 0; st == OK && i < l->n_alerts; i++) {
        struct pgargs a = {0};
        struct pgrows *r = NULL;
        int64_t id = 0;

        pgargs_int(&a, l->head.look);
        pgargs_text(&a, l->alerts[i].monitor);
        pgargs_text(&a, word_alert_kind(l->alerts[i].kind));
        pgargs_text(&a, word_urgency(l->alerts[i].urgency));
        st = pgconn_exec_one(c, SQL_SAVE_ALERT, &a, &r, err);
        if (st == OK) {
            st = pgrows_int(r, 0, 0, &id, err);
        }
        if (st == OK && id != l->alerts[i].id) {
            st = err_set(err, E_INTERNAL, "an alert's number is not the one that was foreseen");
        }
        pgrows_free(r);
    }
    return st;
}

static enum status put_report(struct pgconn *c, int64_t look, const struct stored_report *r, struct err *err)
{
    struct pgargs a = {0};
    char hex[SHA256_HEX];

    sha256_hex(&r->hash, hex);
    pgargs_int(&a, look);
    pgargs_text(&a, r->audience);
    pgargs_text(&a, r->format);
    pgargs_text(&a, r->bytes); /* ends in NUL, as every buf */
    pgargs_text(&a, hex);
    return pgconn_exec(c, SQL_SAVE_REPORT, &a, NULL, err);
}

static enum status put_lists(struct pgconn *c, const struct look_record *l, bool new_queries, struct err *err)
{
    enum status st = store_put_changes(c, l, err);

    if (st == OK) {
        st = store_put_tallies(c, l, err);
    }
    if (st == OK) {
        st = store_put_verdicts(c, l, err);
    }
    if (st == OK) {
        st = store_put_known(c, l, err);
    }
    if (st == OK && new_queries) {
        st = store_put_queries(c, l, err);
    }
    return st == OK ? store_put_review(c, l, err) : st;
}

static enum status put_seal(struct pgconn *c, int64_t look, struct err *err)
{
    struct buf payload = {0};
    struct pgargs a = {0};
    enum status st = seal_look(c, look, &payload, err);

    if (st == OK) {
        pgargs_text(&a, "LOOK");
        pgargs_text(&a, payload.data);
        st = pgconn_exec(c, SQL_LEDGER_ADD, &a, NULL, err);
    }
    buf_done(&payload);
    return st;
}

static enum status put_look(struct pgconn *c, const struct look_record *l, struct err *err)
{
    char hex[SHA256_HEX];
    int64_t queries_look = 0;
    enum status st = store_queries_hash(l, hex, err);

    if (st == OK) {
        st = queries_of(c, l, hex, &queries_look, err);
    }
    if (st == OK) {
        st = put_head(c, l, queries_look, hex, err);
    }
    if (st == OK) {
        st = put_lists(c, l, queries_look == l->head.look, err);
    }
    if (st == OK) {
        st = put_alerts(c, l, err);
    }
    for (size_t i = 0; st == OK && i < l->n_messages; i++) {
        st = store_put_message(c, &l->messages[i], l->head.look, 0, err);
    }
    for (size_t i = 0; st == OK && i < l->n_reports; i++) {
        st = put_report(c, l->head.look, &l->reports[i], err);
    }
    if (st == OK && l->head.request_id != 0) {
        char text[64];

        (void)snprintf(text, sizeof text, "done: look %" PRId64, l->head.look);
        st = store_request_done(c, l->head.request_id, true, text, err);
    }
    /* The seal comes last: it covers everything above. */
    return st == OK ? put_seal(c, l->head.look, err) : st;
}

enum status store_save_look(void *ctx, const struct look_record *l, struct err *err)
{
    struct pgconn *c = NULL;
    enum status st = store_begin(ctx, &c, err);

    return st == OK ? store_end(ctx, put_look(c, l, err), err) : st;
}
