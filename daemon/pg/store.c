#include "pg/store.h"

#include <stdlib.h>
#include <string.h>

#include "pg/load.h"
#include "pg/store_priv.h"
#include "sql_catalog.h"

static const int queries[] = {
    LOAD_QUERIES,          SQL_STORE_LOCK,    SQL_STORE_EPOCH,        SQL_STORE_FENCE,
    SQL_STORE_LEDGER_HEAD, SQL_STORE_FAULT,   SQL_STORE_BEAT,         SQL_SAVE_NOTICE,
    SQL_REQUEST_NEXT,      SQL_REQUEST_RULES, SQL_REQUEST_FINISH,     SQL_ADOPT_PLAN,
    SQL_ADOPT_RULES,       SQL_ADOPT_BOARD,   SQL_SAVE_LAST_QUERIES,  SQL_SAVE_LOOK,
    SQL_SAVE_ALERT,        SQL_SAVE_MESSAGE,  SQL_SAVE_ALERT_MESSAGE, SQL_LEDGER_ADD,
    SQL_SAVE_REPORT,       SQL_LEDGER_DIGEST, SQL_SAVE_LETTER,        SQL_SAVE_TOKEN,
    SQL_SLOT_ADD,          SQL_SLOT_LAST,     SQL_SLOT_LETTER,        SQL_SLOT_LETTER_TOLD,
    SQL_POST_FACTS,        SQL_POST_LETTERS,  SQL_POST_TEST,          SQL_POST_MEMBERS,
    SQL_POST_CHANGES,      SQL_ACK_WAITING,   SQL_ACK_TAKE,           SQL_ACK_ADD,
    SQL_REVIEW_LOAD,       SQL_REVIEW_DECIDE, SQL_REVIEW_TAKE_BACK,   SQL_RESEND_ADD,
    SQL_POST_ORIGINALS,    SQL_SLOT_AGAIN,    SQL_SLOT_AGAIN_TOLD,
};

static enum status store_open(struct pg_store *s, struct err *err)
{
    struct pgconn_opts o = {
        .conninfo = s->conninfo,
        .application_name = "dsmbd store",
        .queries = queries,
        .n_queries = sizeof queries / sizeof *queries,
        .statement_timeout_us = s->statement_timeout_us,
        .own_functions = true,
        .tick = s->tick,
        .tick_ctx = s->tick_ctx,
    };

    s->epoch = 0;
    return s->c == NULL ? pgconn_open(&o, &s->c, err) : pgconn_reconnect(s->c, err);
}

static enum status take_epoch(struct pg_store *s, struct err *err)
{
    struct pgrows *r = NULL;
    int64_t epoch = 0;
    enum status st = pgconn_exec_one(s->c, SQL_STORE_EPOCH, NULL, &r, err);

    if (st == OK) {
        st = pgrows_int(r, 0, 0, &epoch, err);
    }
    if (st == OK) {
        s->epoch = (uint64_t)epoch;
    }
    pgrows_free(r);
    return st;
}

static enum status store_lead(void *ctx, bool *leader, uint64_t *epoch, struct err *err)
{
    struct pg_store *s = ctx;
    struct pgrows *r = NULL;
    bool got = false;
    enum status st = OK;

    if (s->c == NULL || !pgconn_alive(s->c)) {
        st = store_open(s, err);
    }
    if (st == OK && s->epoch != 0) {
        *leader = true;
        *epoch = s->epoch;
        return OK;
    }
    if (st == OK) {
        st = pgconn_exec_one(s->c, SQL_STORE_LOCK, NULL, &r, err);
    }
    if (st == OK) {
        st = pgrows_bool(r, 0, 0, &got, err);
    }
    pgrows_free(r);
    if (st == OK && got) {
        st = take_epoch(s, err);
        if (st != OK) {
            /* The lock without an epoch is no lead: a new connection starts from nothing. */
            pgconn_free(s->c);
            s->c = NULL;
        }
    }
    if (st == OK) {
        *leader = got;
        *epoch = s->epoch;
    }
    return st;
}

enum status store_conn(struct pg_store *s, struct pgconn **ret, struct err *err)
{
    if (s->c == NULL || !pgconn_alive(s->c)) {
        s->epoch = 0;
        return err_set(err, E_RETRY, "the connection to the store is lost, and with it the lead");
    }
    *ret = s->c;
    return OK;
}

enum status store_begin(struct pg_store *s, struct pgconn **ret, struct err *err)
{
    struct pgargs args = {0};
    struct pgrows *r = NULL;
    struct pgconn *c = NULL;
    bool mine = false;
    enum status st = store_conn(s, &c, err);

    if (st == OK && s->epoch == 0) {
        st = err_set(err, E_STATE, "this dsmbd does not lead: it writes nothing");
    }
    if (st == OK) {
        st = pgconn_begin(c, PG_TX_WRITE, err);
    }
    if (st != OK) {
        return st;
    }
    pgargs_int(&args, (int64_t)s->epoch);
    st = pgconn_exec_one(c, SQL_STORE_FENCE, &args, &r, err);
    if (st == OK) {
        st = pgrows_bool(r, 0, 0, &mine, err);
    }
    pgrows_free(r);
    if (st == OK && !mine) {
        st = err_set(err, E_STATE, "another dsmbd has taken the lead: this one writes nothing");
    }
    if (st != OK) {
        pgconn_rollback(c);
        return st;
    }
    *ret = c;
    return OK;
}

enum status store_end(struct pg_store *s, enum status st, struct err *err)
{
    if (st == OK) {
        st = pgconn_commit(s->c, err);
    }
    if (st != OK) {
        pgconn_rollback(s->c);
    }
    return st;
}

static enum status store_load_plan(void *ctx, struct adopted *plan, struct adopted_rules *rules,
                                   struct err *err)
{
    struct pgconn *c = NULL;
    enum status st = store_conn(ctx, &c, err);

    return st == OK ? load_plan(c, 0, plan, rules, err) : st;
}

static enum status store_load_board(void *ctx, struct adopted *board, struct err *err)
{
    struct pgconn *c = NULL;
    enum status st = store_conn(ctx, &c, err);

    return st == OK ? load_board(c, 0, board, err) : st;
}

static enum status store_load_history(void *ctx, struct history *h, size_t n, struct err *err)
{
    struct pgconn *c = NULL;
    enum status st = store_conn(ctx, &c, err);

    return st == OK ? load_history(c, LOAD_TABLES, LOAD_ALL, h, n, err) : st;
}

static enum status store_load_known(void *ctx, struct known_set *k, struct err *err)
{
    struct pgconn *c = NULL;
    enum status st = store_conn(ctx, &c, err);

    return st == OK ? load_known(c, LOAD_TABLES, LOAD_ALL, k, err) : st;
}

static enum status store_load_rows(void *ctx, struct rows *r, struct err *err)
{
    struct pgconn *c = NULL;
    enum status st = store_conn(ctx, &c, err);

    return st == OK ? load_row_hashes(c, r, err) : st;
}

static enum status store_last_look(void *ctx, struct look_head *h, struct err *err)
{
    struct pgconn *c = NULL;
    enum status st = store_conn(ctx, &c, err);

    return st == OK ? load_look(c, 0, h, err) : st;
}

static enum status store_load_alerts(void *ctx, struct alert **ret, size_t *n, struct err *err)
{
    struct pgconn *c = NULL;
    enum status st = store_conn(ctx, &c, err);

    return st == OK ? load_alerts(c, LOAD_TABLES, ret, n, err) : st;
}

static enum status store_fault(void *ctx, bool open, const char *message, struct err *err)
{
    struct pg_store *s = ctx;
    struct pgargs args = {0};
    struct pgconn *c = NULL;
    enum status st = store_begin(s, &c, err);

    if (st != OK) {
        return st;
    }
    pgargs_bool(&args, open);
    pgargs_text(&args, message == NULL ? "" : message);
    return store_end(s, pgconn_exec(c, SQL_STORE_FAULT, &args, NULL, err), err);
}

enum status store_put_notice(struct pgconn *c, const struct outgoing *o, struct err *err)
{
    struct pgargs args = {0};

    pgargs_text(&args, o->id);
    pgargs_text(&args, o->address);
    pgargs_bytes(&args, o->bytes, o->len);
    return pgconn_exec(c, SQL_SAVE_NOTICE, &args, NULL, err);
}

static enum status store_post(void *ctx, const struct outgoing *o, struct err *err)
{
    struct pg_store *s = ctx;
    struct pgconn *c = NULL;
    enum status st = store_begin(s, &c, err);

    return st == OK ? store_end(s, store_put_notice(c, o, err), err) : st;
}

/* The row is the leader's: a standby does not beat. */
static enum status store_beat(void *ctx, instant_t now, const char *state, int64_t patience_us,
                              struct err *err)
{
    struct pg_store *s = ctx;
    struct pgargs args = {0};
    struct pgconn *c = NULL;
    enum status st = store_begin(s, &c, err);

    if (st != OK) {
        return st;
    }
    pgargs_instant(&args, now);
    pgargs_text(&args, state);
    if (patience_us > 0) {
        pgargs_interval(&args, patience_us);
    } else {
        pgargs_null(&args);
    }
    return store_end(s, pgconn_exec(c, SQL_STORE_BEAT, &args, NULL, err), err);
}

static enum status store_ledger_head(void *ctx, char ret[SHA256_HEX], struct err *err)
{
    struct pgconn *c = NULL;
    struct pgrows *r = NULL;
    const char *hex = "";
    enum status st = store_conn(ctx, &c, err);

    if (st == OK) {
        st = pgconn_exec(c, SQL_STORE_LEDGER_HEAD, NULL, &r, err);
    }
    if (st == OK && pgrows_n(r) > 0) {
        st = pgrows_text(r, 0, 1, &hex, err);
    }
    if (st == OK && strlen(hex) >= SHA256_HEX) {
        st = err_set(err, E_DATA, "the head of the ledger is no SHA-256 (dsmbctl ledger verify)");
    }
    if (st == OK) {
        memcpy(ret, hex, strlen(hex) + 1);
    }
    pgrows_free(r);
    return st;
}

enum status pg_store_new(const struct pg_store_opts *o, struct store *port, struct pg_store **ret,
                         struct err *err)
{
    struct pg_store *s = calloc(1, sizeof *s);

    if (s != NULL) {
        s->conninfo = strdup(o->conninfo);
        s->statement_timeout_us = o->statement_timeout_us;
        s->tick = o->tick;
        s->tick_ctx = o->tick_ctx;
    }
    if (s == NULL || s->conninfo == NULL) {
        pg_store_free(s);
        return err_set(err, E_NOMEM, "preparing the store");
    }
    *port = (struct store){
        .ctx = s,
        .lead = store_lead,
        .load_plan = store_load_plan,
        .load_board = store_load_board,
        .load_history = store_load_history,
        .load_known = store_load_known,
        .load_rows = store_load_rows,
        .last_look = store_last_look,
        .load_alerts = store_load_alerts,
        .next_request = store_next_request,
        .finish_request = store_finish_request,
        .adopt_plan = store_adopt_plan,
        .adopt_board = store_adopt_board,
        .save_look = store_save_look,
        .last_slot = store_last_slot,
        .load_post = store_load_post,
        .save_slot = store_save_slot,
        .take_acks = store_take_acks,
        .acknowledge = store_acknowledge,
        .resend = store_resend,
        .load_decisions = store_load_decisions,
        .decide = store_decide,
        .post = store_post,
        .fault = store_fault,
        .beat = store_beat,
        .ledger_head = store_ledger_head,
    };
    *ret = s;
    return OK;
}

void pg_store_free(struct pg_store *s)
{
    if (s != NULL) {
        pgconn_free(s->c);
        free(s->conninfo);
        free(s);
    }
}
