#include <stdlib.h>
#include <string.h>

#include "base/sha256.h"
#include "pg/source_priv.h"
#include "sql_catalog.h"

struct pg_source {
    struct pg_source_opts o; /* strings owned */
    struct pgconn *c;        /* NULL until first used */
    struct source_text *text;
    source_same_fn *same;
    bool listening;
};

static const char GATE_OFF[] = "off"; /* the token of a database whose snapshot says nothing */

static enum status src_open(struct pg_source *s, struct err *err)
{
    static const int queries[] = {SQL_SOURCE_GATE, SQL_SOURCE_SHAPE, SQL_SOURCE_VOLATILE};
    struct pgconn_opts o = {
        .conninfo = s->o.conninfo,
        .application_name = "dsmbd source",
        .queries = queries,
        .n_queries = sizeof queries / sizeof *queries,
        .statement_timeout_us = s->o.statement_timeout_us,
        .server_encoding = true,
        .tick = s->o.tick,
        .tick_ctx = s->o.tick_ctx,
    };
    enum status st = OK;

    if (s->c != NULL && pgconn_alive(s->c)) {
        return OK;
    }
    if (s->c != NULL) {
        st = pgconn_reconnect(s->c, err);
    } else {
        st = pgconn_open(&o, &s->c, err);
    }
    if (st != OK) {
        return st;
    }
    /* A restored database may have another encoding. */
    source_text_free(s->text);
    s->text = NULL;
    st = source_text_new(pgconn_encoding(s->c), &s->text, err);
    if (st == OK && s->o.listen != NULL && !s->listening) {
        st = pgconn_listen(s->c, s->o.listen, err);
        s->listening = st == OK;
    }
    if (st != OK) {
        pgconn_free(s->c);
        s->c = NULL;
        s->listening = false;
    }
    return st;
}

static enum status stand(struct pgconn *c, bool *standby, struct source_gate *ret, struct err *err)
{
    struct pgrows *r = NULL;
    struct source_gate g = {0};
    const char *token = NULL;
    bool b = false;
    enum status st = pgconn_exec_one(c, SQL_SOURCE_GATE, NULL, &r, err);

    if (st == OK) {
        st = pgrows_bool(r, 0, 0, &b, err);
    }
    if (st == OK) {
        st = pgrows_text(r, 0, 1, &token, err);
    }
    if (st == OK) {
        st = pgrows_instant(r, 0, 2, &g.read_at, err);
    }
    if (st == OK && strlen(token) < sizeof g.token) {
        memcpy(g.token, token, strlen(token) + 1);
    } else if (st == OK) {
        /* Many transactions under way: the list is long. */
        struct sha256 h;

        st = sha256_of(token, strlen(token), &h, err);
        if (st == OK) {
            sha256_hex(&h, g.token);
        }
    }
    if (st == OK) {
        *standby = b;
        *ret = g;
    }
    pgrows_free(r);
    return st;
}

static enum status src_gate(void *ctx, const char *last_token, bool *changed, struct err *err)
{
    struct pg_source *s = ctx;
    struct source_gate now;
    bool standby = false;
    enum status st;

    if (last_token == NULL || last_token[0] == '\0' || strcmp(last_token, GATE_OFF) == 0) {
        *changed = true;
        return OK;
    }
    st = src_open(s, err);
    if (st == OK) {
        st = stand(s->c, &standby, &now, err);
    }
    if (st == OK) {
        *changed = strcmp(now.token, last_token) != 0;
    }
    return st;
}

struct feed {
    struct source_text *text;
    enum src_view view;
    source_row_fn *row;
    source_same_fn *same;
    void *row_ctx;
};

static bool on_bytes(void *ctx, const unsigned char *row, size_t len)
{
    struct feed *f = ctx;

    return f->same(f->row_ctx, f->view, source_text_sense(f->text), row, len);
}

static enum status on_row(void *ctx, const struct pgfield *fields, int n_fields, struct err *err)
{
    struct feed *f = ctx;
    struct field out[SRC_COLUMNS_MAX];
    enum status st = source_text_row(f->text, f->view, fields, out, err);

    (void)n_fields; /* as many as were asked for */
    return st == OK ? f->row(f->row_ctx, f->view, out, err) : st;
}

/* What is wrong, several things in one message as far as it has room. */
static void on_wrong(void *ctx, enum status st, const char *message)
{
    struct buf *b = ctx;

    if (st != OK) {
        buf_str(b, b->len == 0 ? "" : "; ");
        buf_str(b, message);
    }
}

static enum status read_views(struct pg_source *s, source_row_fn *row, void *row_ctx, bool *gateless,
                              struct err *err)
{
    struct source_shape shape;
    struct buf wrong = {0}, sql = {0};
    enum status worst = OK;
    enum status st = source_shape_read(s->c, s->o.schema, on_wrong, &wrong, &shape, &worst, err);

    if (st == OK && worst != OK) {
        st = err_set(err, worst, "%s", buf_cstr(&wrong));
    }
    if (st == OK) {
        st = source_gateless(s->c, s->o.schema, NULL, NULL, gateless, err);
    }
    for (int v = 0; st == OK && v < SRC_OFFERED; v++) {
        struct feed f = {
            .text = s->text, .view = (enum src_view)v, .row = row, .same = s->same, .row_ctx = row_ctx};
        int64_t n = 0;

        if (!shape.view[v]) {
            continue;
        }
        buf_clear(&sql);
        source_copy_sql(s->o.schema, &shape, (enum src_view)v, &sql);
        st = buf_check(&sql, err);
        if (st == OK) {
            st = pgconn_copy_new(s->c, contract_views[v].name, sql.data, (int)contract_views[v].n_columns,
                                 s->same == NULL ? NULL : on_bytes, on_row, &f, &n, err);
        }
    }
    buf_done(&wrong);
    buf_done(&sql);
    return st;
}

static enum status src_read(void *ctx, source_row_fn *row, void *row_ctx, struct source_gate *gate,
                            struct err *err)
{
    struct pg_source *s = ctx;
    struct source_gate before, inside;
    bool standby = false, gateless = false;
    enum status st = src_open(s, err);

    /* On a standby the position has to be read before the snapshot: what is replayed between counts as new. */
    if (st == OK) {
        st = stand(s->c, &standby, &before, err);
    }
    if (st == OK) {
        st = pgconn_begin(s->c, PG_TX_SNAPSHOT, err);
    }
    if (st == OK) {
        bool again = false;

        st = stand(s->c, &again, &inside, err);
    }
    if (st == OK) {
        st = read_views(s, row, row_ctx, &gateless, err);
    }
    if (st == OK) {
        st = pgconn_commit(s->c, err);
    }
    if (st != OK) {
        if (s->c != NULL) {
            pgconn_rollback(s->c);
        }
        return st;
    }
    *gate = standby ? before : inside;
    gate->read_at = inside.read_at;
    if (gateless) {
        memcpy(gate->token, GATE_OFF, sizeof GATE_OFF);
    }
    return OK;
}

static void src_ask(void *ctx, source_same_fn *same)
{
    struct pg_source *s = ctx;

    s->same = same;
}

static int src_socket(void *ctx)
{
    const struct pg_source *s = ctx;

    return s->c == NULL ? -1 : pgconn_fd(s->c);
}

static bool src_woken(void *ctx)
{
    struct pg_source *s = ctx;
    bool woken = false;

    /* A lost connection wakes too: the next reading finds out. */
    return s->c != NULL && (!pgconn_alive(s->c) || pgconn_notified(s->c, &woken, NULL) != OK || woken);
}

enum status pg_source_check(struct pg_source *s, source_say_fn *say, void *ctx, enum status *worst,
                            struct err *err)
{
    struct source_shape shape;
    enum status w = OK;
    bool gateless = false;
    enum status st = src_open(s, err);

    if (st == OK) {
        st = source_shape_read(s->c, s->o.schema, say, ctx, &shape, &w, err);
    }
    if (st == OK) {
        st = source_gateless(s->c, s->o.schema, say, ctx, &gateless, err);
    }
    if (st == OK) {
        *worst = w;
    }
    return st;
}

enum status pg_source_new(const struct pg_source_opts *o, struct source *port, struct pg_source **ret,
                          struct err *err)
{
    struct pg_source *s = calloc(1, sizeof *s);

    if (s != NULL) {
        s->o = *o;
        s->o.conninfo = strdup(o->conninfo);
        s->o.schema = strdup(o->schema);
        s->o.listen = o->listen == NULL ? NULL : strdup(o->listen);
        s->o.statement_timeout_us =
            o->statement_timeout_us == 0 ? INT64_C(600000000) : o->statement_timeout_us;
    }
    if (s == NULL || s->o.conninfo == NULL || s->o.schema == NULL ||
        (o->listen != NULL && s->o.listen == NULL)) {
        pg_source_free(s);
        return err_set(err, E_NOMEM, "preparing the trial database");
    }
    *port = (struct source){.ctx = s,
                            .gate = src_gate,
                            .read = src_read,
                            .ask = src_ask,
                            .socket = src_socket,
                            .woken = src_woken};
    *ret = s;
    return OK;
}

static void free_const(const char *s)
{
    union {
        const char *c;
        char *v;
    } u = {.c = s};

    free(u.v);
}

void pg_source_free(struct pg_source *s)
{
    if (s != NULL) {
        pgconn_free(s->c);
        source_text_free(s->text);
        free_const(s->o.conninfo);
        free_const(s->o.schema);
        free_const(s->o.listen);
        free(s);
    }
}
