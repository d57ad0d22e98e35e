#include "pg/outbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pg/pgconn.h"
#include "sql_catalog.h"

struct pg_outbox {
    char *conninfo;
    int64_t statement_timeout_us;
    void (*tick)(void *ctx);
    void *tick_ctx;
    struct pgconn *conn; /* NULL before the first use */
};

/* Columns of sql/queries/outbox_claim.sql. */
enum {
    C_GRANTED,
    C_EPOCH,
    C_ANCHOR_KNOWN,
    C_RECOVERY_EPOCH,
    C_LAST_NUMBER,
    C_LAST_ID,
    C_ID,
    C_ADDRESS,
    C_ATTEMPT,
    C_RESEND,
    C_WAIT_US,
    C_SILENT
};

enum status pg_outbox_new(const char *conninfo, int64_t statement_timeout_us, void (*tick)(void *ctx),
                          void *tick_ctx, struct pg_outbox **ret, struct err *err)
{
    struct pg_outbox *o = calloc(1, sizeof *o);

    if (o != NULL) {
        o->conninfo = strdup(conninfo);
    }
    if (o == NULL || o->conninfo == NULL) {
        free(o);
        return err_set(err, E_NOMEM, "opening the outbox");
    }
    o->statement_timeout_us = statement_timeout_us;
    o->tick = tick;
    o->tick_ctx = tick_ctx;
    *ret = o;
    return OK;
}

void pg_outbox_free(struct pg_outbox *o)
{
    if (o != NULL) {
        pgconn_free(o->conn);
        explicit_bzero(o->conninfo, strlen(o->conninfo));
        free(o->conninfo);
        free(o);
    }
}

static enum status connect(struct pg_outbox *o, struct err *err)
{
    static const int queries[] = {SQL_OUTBOX_CLAIM, SQL_OUTBOX_BODY, SQL_OUTBOX_PHASE, SQL_OUTBOX_OUTCOME,
                                  SQL_OUTBOX_ACK};
    struct pgconn_opts opts = {.conninfo = o->conninfo,
                               .application_name = "dsmb-mailer",
                               .queries = queries,
                               .n_queries = sizeof queries / sizeof queries[0],
                               .statement_timeout_us = o->statement_timeout_us,
                               .own_functions = true,
                               .tick = o->tick,
                               .tick_ctx = o->tick_ctx};
    enum status st;

    if (o->conn != NULL) {
        return pgconn_alive(o->conn) ? OK : pgconn_reconnect(o->conn, err);
    }
    st = pgconn_open(&opts, &o->conn, err);
    return st != OK ? st : pgconn_listen(o->conn, "dsmb_out", err);
}

static enum status connected(const struct pg_outbox *o, struct err *err)
{
    return o->conn != NULL && pgconn_alive(o->conn)
               ? OK
               : err_set(err, E_RETRY, "the connection to the store is gone");
}

static enum status copy_text(const struct pgrows *r, int col, char *out, size_t size, struct err *err)
{
    const char *s = NULL;
    enum status st = pgrows_text_null(r, 0, col, &s, err);

    if (st == OK && s != NULL && strlen(s) >= size) {
        st = err_set(err, E_DATA, "outbox: column %s is too long", pgrows_col_name(r, col));
    }
    if (st == OK) {
        (void)snprintf(out, size, "%s", s == NULL ? "" : s);
    }
    return st;
}

static enum status get_u64(const struct pgrows *r, int col, uint64_t *ret, struct err *err)
{
    int64_t v = 0;
    enum status st = pgrows_int(r, 0, col, &v, err);

    if (st == OK && v < 0) {
        st = err_set(err, E_DATA, "outbox: column %s is negative", pgrows_col_name(r, col));
    }
    if (st == OK) {
        *ret = (uint64_t)v;
    }
    return st;
}

static enum status take_office(void *ctx, const struct anchor_mark *mark, struct office *ret, struct err *err)
{
    struct pg_outbox *o = ctx;
    struct pgargs a = {0};
    struct pgrows *r = NULL;
    struct office got = {0};
    enum status st = connect(o, err);

    if (st != OK) {
        return st;
    }
    pgargs_null(&a);
    pgargs_null(&a);
    pgargs_int(&a, mark->number);
    pgargs_text(&a, mark->id[0] == '\0' ? NULL : mark->id);
    pgargs_int(&a, (int64_t)mark->epoch);
    st = pgconn_exec_one(o->conn, SQL_OUTBOX_CLAIM, &a, &r, err);
    if (st == OK) {
        st = pgrows_bool(r, 0, C_GRANTED, &got.granted, err);
    }
    if (st == OK && got.granted) {
        st = get_u64(r, C_EPOCH, &got.epoch, err);
        st = st == OK ? pgrows_bool(r, 0, C_ANCHOR_KNOWN, &got.anchor_known, err) : st;
        st = st == OK ? get_u64(r, C_RECOVERY_EPOCH, &got.recovery_epoch, err) : st;
        st = st == OK ? pgrows_int(r, 0, C_LAST_NUMBER, &got.last_number, err) : st;
        st = st == OK ? copy_text(r, C_LAST_ID, got.last_id, sizeof got.last_id, err) : st;
    }
    if (st == OK) {
        *ret = got;
    }
    pgrows_free(r);
    return st;
}

static enum status claim(void *ctx, uint64_t epoch, int64_t lease_us, struct claim *ret, struct err *err)
{
    struct pg_outbox *o = ctx;
    struct pgargs a = {0};
    struct pgrows *r = NULL;
    struct claim got = {.wait_us = INT64_MAX};
    int64_t attempt = 0;
    enum status st = connected(o, err);

    if (st != OK) {
        return st;
    }
    pgargs_int(&a, (int64_t)epoch);
    if (lease_us > 0) {
        pgargs_interval(&a, lease_us);
    } else {
        pgargs_null(&a);
    }
    pgargs_null(&a);
    pgargs_null(&a);
    pgargs_null(&a);
    st = pgconn_exec_one(o->conn, SQL_OUTBOX_CLAIM, &a, &r, err);
    if (st != OK) {
        return st;
    }
    st = pgrows_int(r, 0, C_LAST_NUMBER, &got.last_number, err);
    st = st == OK ? copy_text(r, C_LAST_ID, got.last_id, sizeof got.last_id, err) : st;
    st = st == OK ? get_u64(r, C_RECOVERY_EPOCH, &got.recovery_epoch, err) : st;
    st = st == OK ? pgrows_bool(r, 0, C_SILENT, &got.silent, err) : st;
    if (st == OK && !pgrows_null(r, 0, C_WAIT_US)) {
        st = pgrows_int(r, 0, C_WAIT_US, &got.wait_us, err);
    }
    if (st == OK && !pgrows_null(r, 0, C_ID)) {
        got.any = true;
        st = copy_text(r, C_ID, got.id, sizeof got.id, err);
        st = st == OK ? copy_text(r, C_ADDRESS, got.address, sizeof got.address, err) : st;
        st = st == OK ? pgrows_int(r, 0, C_ATTEMPT, &attempt, err) : st;
        st = st == OK ? pgrows_bool(r, 0, C_RESEND, &got.resend, err) : st;
        got.attempt = (int32_t)attempt;
    }
    if (st == OK) {
        *ret = got;
    }
    pgrows_free(r);
    return st;
}

static enum status body(void *ctx, uint64_t epoch, const char *id, struct buf *ret, struct err *err)
{
    struct pg_outbox *o = ctx;
    struct pgargs a = {0};
    struct pgrows *r = NULL;
    enum status st = connected(o, err);

    if (st != OK) {
        return st;
    }
    pgargs_int(&a, (int64_t)epoch);
    pgargs_text(&a, id);
    st = pgconn_exec_one(o->conn, SQL_OUTBOX_BODY, &a, &r, err);
    if (st == OK) {
        st = pgrows_bytes(r, 0, 0, ret, err);
    }
    pgrows_free(r);
    return st;
}

static enum status phase_body(void *ctx, uint64_t epoch, const char *id, int64_t lease_us, struct err *err)
{
    struct pg_outbox *o = ctx;
    struct pgargs a = {0};
    enum status st = connected(o, err);

    if (st != OK) {
        return st;
    }
    pgargs_int(&a, (int64_t)epoch);
    pgargs_text(&a, id);
    pgargs_text(&a, "body");
    pgargs_interval(&a, lease_us);
    return pgconn_exec(o->conn, SQL_OUTBOX_PHASE, &a, NULL, err);
}

static enum status outcome(void *ctx, uint64_t epoch, const struct claim *c, const struct delivery *how,
                           int64_t again_in_us, struct err *err)
{
    struct pg_outbox *o = ctx;
    struct pgargs a = {0};
    enum status st = connect(o, err);

    if (st != OK) {
        return st;
    }
    pgargs_int(&a, (int64_t)epoch);
    pgargs_text(&a, c->id);
    pgargs_int(&a, c->attempt);
    pgargs_text(&a, delivery_verdict_name(how->verdict));
    if (how->code >= 100 && how->code <= 599) {
        pgargs_int(&a, how->code);
    } else {
        pgargs_null(&a);
    }
    pgargs_text(&a, how->reply[0] == '\0' ? NULL : how->reply);
    pgargs_interval(&a, again_in_us);
    return pgconn_exec(o->conn, SQL_OUTBOX_OUTCOME, &a, NULL, err);
}

static enum status returned(void *ctx, uint64_t epoch, const char *id, struct err *err)
{
    struct pg_outbox *o = ctx;
    struct pgargs a = {0};
    enum status st = connected(o, err);

    if (st != OK) {
        return st;
    }
    pgargs_int(&a, (int64_t)epoch);
    pgargs_text(&a, id);
    pgargs_int(&a, 1);
    pgargs_text(&a, "bounced");
    pgargs_null(&a);
    pgargs_null(&a);
    pgargs_null(&a);
    return pgconn_exec(o->conn, SQL_OUTBOX_OUTCOME, &a, NULL, err);
}

static enum status ack(void *ctx, const char *token, struct err *err)
{
    struct pg_outbox *o = ctx;
    struct pgargs a = {0};
    enum status st = connected(o, err);

    if (st != OK) {
        return st;
    }
    pgargs_text(&a, token);
    return pgconn_exec(o->conn, SQL_OUTBOX_ACK, &a, NULL, err);
}

void pg_outbox_port(struct pg_outbox *o, struct outbox *ret)
{
    *ret = (struct outbox){.ctx = o,
                           .take_office = take_office,
                           .claim = claim,
                           .body = body,
                           .phase_body = phase_body,
                           .outcome = outcome,
                           .returned = returned,
                           .ack = ack};
}

int pg_outbox_fd(const struct pg_outbox *o)
{
    return o->conn == NULL ? -1 : pgconn_fd(o->conn);
}

void pg_outbox_drain(struct pg_outbox *o)
{
    struct err ignored; /* a lost connection shows itself at the next call */
    bool any = false;

    if (o->conn != NULL && pgconn_alive(o->conn)) {
        (void)pgconn_notified(o->conn, &any, &ignored);
    }
}
