#include "pg/reader.h"

#include <stdlib.h>

#include "pg/load.h"
#include "sql_catalog.h"

struct reader {
    struct pgconn *c;
};

enum status reader_open(const char *conninfo, struct reader **ret, struct err *err)
{
    static const int queries[] = {READ_QUERIES, SQL_LOAD_LOOKS, SQL_LOAD_LOOK_AT, SQL_CTL_DISCLOSE,
                                  SQL_CTL_UNBLIND};
    struct pgconn_opts o = {
        .conninfo = conninfo,
        .application_name = "dsmbctl",
        .queries = queries,
        .n_queries = sizeof queries / sizeof *queries,
        .statement_timeout_us = INT64_C(600000000),
        .own_functions = true,
    };
    struct reader *r = calloc(1, sizeof *r);
    enum status st = r == NULL ? err_set(err, E_NOMEM, "reading the store") : pgconn_open(&o, &r->c, err);

    if (st != OK) {
        free(r);
        return st;
    }
    *ret = r;
    return OK;
}

void reader_free(struct reader *r)
{
    if (r != NULL) {
        pgconn_free(r->c);
        free(r);
    }
}

enum status reader_look(struct reader *r, int64_t look, struct look_head *ret, struct err *err)
{
    struct look_head h = {0};
    enum status st = load_look(r->c, look, &h, err);

    if (st == OK && h.look == 0) {
        return look == 0 ? err_set(err, E_NOTFOUND,
                                   "no look has been taken yet: adopt a plan and a board, and let dsmbd run")
                         : err_set(err, E_NOTFOUND, "there is no look %lld", (long long)look);
    }
    if (st == OK) {
        *ret = h;
    }
    return st;
}

enum status reader_looks(struct reader *r, struct look_head **ret, size_t *n, struct err *err)
{
    return load_looks(r->c, ret, n, err);
}

enum status reader_look_at(struct reader *r, instant_t t, int64_t *look, struct err *err)
{
    struct pgargs args = {0};
    struct pgrows *rows = NULL;
    enum status st;

    pgargs_instant(&args, t);
    st = pgconn_exec(r->c, SQL_LOAD_LOOK_AT, &args, &rows, err);
    if (st == OK && pgrows_n(rows) == 0) {
        st = err_set(err, E_NOTFOUND, "no look had been taken by then");
    }
    if (st == OK) {
        st = pgrows_int(rows, 0, 0, look, err);
    }
    pgrows_free(rows);
    return st;
}

enum status reader_plan(struct reader *r, int64_t look, struct adopted *plan, struct adopted_rules *rules,
                        struct err *err)
{
    struct look_head h = {0};
    enum status st = look == 0 ? OK : reader_look(r, look, &h, err);

    return st == OK ? load_plan(r->c, h.plan_id, plan, rules, err) : st;
}

enum status reader_board(struct reader *r, int64_t look, struct adopted *board, struct err *err)
{
    struct look_head h = {0};
    enum status st = look == 0 ? OK : reader_look(r, look, &h, err);

    if (st == OK && look != 0 && h.board_id == 0) {
        *board = (struct adopted){0};
        return OK;
    }
    return st == OK ? load_board(r->c, h.board_id, board, err) : st;
}

enum status reader_rows(struct reader *r, int64_t look, source_row_fn *row, void *ctx, struct err *err)
{
    return load_row_contents(r->c, LOAD_VIEWS, look == 0 ? LOAD_ALL : look, row, ctx, err);
}

enum status reader_history(struct reader *r, int64_t look, struct history *h, size_t n, struct err *err)
{
    return load_history(r->c, LOAD_VIEWS, look == 0 ? LOAD_ALL : look, h, n, err);
}

enum status reader_known(struct reader *r, int64_t look, struct known_set *k, struct err *err)
{
    return load_known(r->c, LOAD_VIEWS, look == 0 ? LOAD_ALL : look, k, err);
}

enum status reader_alerts(struct reader *r, struct alert **ret, size_t *n, struct err *err)
{
    return load_alerts(r->c, LOAD_VIEWS, ret, n, err);
}

enum status reader_unblind(struct reader *r, const char *purpose, struct err *err)
{
    struct pgargs args = {0};

    pgargs_text(&args, purpose);
    return pgconn_exec(r->c, SQL_CTL_UNBLIND, &args, NULL, err);
}

enum status reader_disclose(struct reader *r, const char *kind, const char *purpose,
                            const struct sha256 *content, const struct sha256 *snapshot, struct err *err)
{
    struct pgargs args = {0};
    char content_hex[SHA256_HEX], snapshot_hex[SHA256_HEX];

    sha256_hex(content, content_hex);
    sha256_hex(snapshot, snapshot_hex);
    pgargs_text(&args, kind);
    pgargs_text(&args, purpose);
    pgargs_text(&args, content_hex);
    pgargs_text(&args, snapshot_hex);
    return pgconn_exec(r->c, SQL_CTL_DISCLOSE, &args, NULL, err);
}
