/* Requests, adopted plans and boards. */
#include <stdlib.h>
#include <string.h>

#include "pg/store_priv.h"
#include "pg/words.h"
#include "sql_catalog.h"

static enum status keep(const struct pgrows *r, int row, int col, char **ret, size_t *len, struct err *err)
{
    const char *s = NULL;
    enum status st = pgrows_text_null(r, row, col, &s, err);

    if (st == OK && s != NULL) {
        *ret = strdup(s);
        st = *ret == NULL ? err_set(err, E_NOMEM, "reading a request") : OK;
    }
    if (st == OK && len != NULL) {
        *len = s == NULL ? 0 : strlen(s);
    }
    return st;
}

static enum status read_rules(struct pgconn *c, int64_t id, struct adopted_rules *ret, struct err *err)
{
    struct pgargs args = {0};
    struct pgrows *r = NULL;
    enum status st;

    pgargs_int(&args, id);
    st = pgconn_exec(c, SQL_REQUEST_RULES, &args, &r, err);
    if (st == OK && pgrows_n(r) > CATEGORIES_MAX) {
        st = err_set(err, E_CONFIG, "%d rule files came with the plan, and %d are possible", pgrows_n(r),
                     CATEGORIES_MAX);
    }
    for (int i = 0; st == OK && i < pgrows_n(r); i++) {
        ret->n = (size_t)i + 1;
        st = keep(r, i, 0, &ret->file[i].name, NULL, err);
        if (st == OK) {
            st = keep(r, i, 1, &ret->file[i].text, &ret->file[i].len, err);
        }
        if (st == OK && (ret->file[i].name == NULL || ret->file[i].text == NULL)) {
            st = err_set(err, E_CONFIG, "a rule file that came with the plan has no name or no text");
        }
    }
    pgrows_free(r);
    return st;
}

static enum status read_request(struct pgconn *c, const struct pgrows *r, struct request *ret,
                                struct err *err)
{
    const char *kind = NULL, *who = NULL;
    enum status st = pgrows_int(r, 0, 0, &ret->id, err);

    if (st == OK) {
        st = pgrows_text(r, 0, 1, &kind, err);
    }
    if (st == OK) {
        st = word_read_request(kind, &ret->kind, err);
    }
    if (st == OK) {
        st = pgrows_text(r, 0, 2, &who, err);
    }
    if (st == OK && strlen(who) >= sizeof ret->who) {
        st = err_set(err, E_DATA, "request %lld was made by a role whose name is too long",
                     (long long)ret->id);
    }
    if (st == OK) {
        memcpy(ret->who, who, strlen(who) + 1);
        st = keep(r, 0, 3, &ret->by, NULL, err);
    }
    if (st == OK) {
        st = keep(r, 0, 4, &ret->reason, NULL, err);
    }
    if (st == OK) {
        st = keep(r, 0, 5, &ret->body, &ret->body_len, err);
    }
    return st == OK ? read_rules(c, ret->id, &ret->rules, err) : st;
}

enum status store_next_request(void *ctx, struct request *r, bool *found, struct err *err)
{
    struct pgconn *c = NULL;
    struct pgrows *rows = NULL;
    struct request q = {0};
    bool any = false;
    enum status st = store_conn(ctx, &c, err);

    if (st == OK) {
        st = pgconn_exec(c, SQL_REQUEST_NEXT, NULL, &rows, err);
    }
    if (st == OK && pgrows_n(rows) > 0) {
        any = true;
        st = read_request(c, rows, &q, err);
    }
    pgrows_free(rows);
    if (st != OK) {
        request_done(&q);
        return st;
    }
    if (any) {
        *r = q;
    }
    *found = any;
    return OK;
}

enum status store_request_done(struct pgconn *c, int64_t id, bool done, const char *message, struct err *err)
{
    struct pgargs args = {0};

    pgargs_int(&args, id);
    pgargs_bool(&args, done);
    pgargs_text(&args, message == NULL ? "" : message);
    return pgconn_exec(c, SQL_REQUEST_FINISH, &args, NULL, err);
}

enum status store_finish_request(void *ctx, const struct request *r, bool done, const char *message,
                                 struct err *err)
{
    struct pgconn *c = NULL;
    enum status st = store_begin(ctx, &c, err);

    return st == OK ? store_end(ctx, store_request_done(c, r->id, done, message, err), err) : st;
}

static enum status hex_of(const char *text, size_t len, char hex[SHA256_HEX], struct err *err)
{
    struct sha256 h;
    enum status st = sha256_of(text, len, &h, err);

    if (st == OK) {
        sha256_hex(&h, hex);
    }
    return st;
}

/* more: the query's fourth parameter; NULL: it has none. */
static enum status put_document(struct pgconn *c, int query, const struct request *r, const char *more,
                                int64_t *id, struct err *err)
{
    struct pgargs args = {0};
    struct pgrows *rows = NULL;
    char hex[SHA256_HEX];
    enum status st = r->body == NULL ? err_set(err, E_CONFIG, "no document came with the request")
                                     : hex_of(r->body, r->body_len, hex, err);

    if (st == OK) {
        pgargs_int(&args, r->id);
        pgargs_text(&args, hex);
        pgargs_text(&args, r->body);
        if (more != NULL) {
            pgargs_text(&args, more);
        }
        st = pgconn_exec_one(c, query, &args, &rows, err);
    }
    if (st == OK) {
        st = pgrows_int(rows, 0, 0, id, err);
    }
    pgrows_free(rows);
    return st;
}

static enum status put_rules(struct pgconn *c, int64_t plan_id, const struct adopted_rules *rules,
                             struct err *err)
{
    enum status st = OK;

    for (size_t i = 0; st == OK && i < rules->n; i++) {
        struct pgargs args = {0};
        char hex[SHA256_HEX];

        st = hex_of(rules->file[i].text, rules->file[i].len, hex, err);
        if (st == OK) {
            pgargs_int(&args, plan_id);
            pgargs_int(&args, (int64_t)i + 1);
            pgargs_text(&args, rules->file[i].name);
            pgargs_text(&args, hex);
            pgargs_text(&args, rules->file[i].text);
            st = pgconn_exec(c, SQL_ADOPT_RULES, &args, NULL, err);
        }
    }
    return st;
}

enum status store_adopt_plan(void *ctx, const struct request *r, const char *note, struct err *err)
{
    struct pgconn *c = NULL;
    struct buf said = {0};
    int64_t id = 0;
    enum status st = store_begin(ctx, &c, err);

    if (st != OK) {
        return st;
    }
    buf_fmt(&said, "adopted%s%s", note[0] == '\0' ? "" : "; ", note);
    st = put_document(c, SQL_ADOPT_PLAN, r, NULL, &id, err);
    if (st == OK) {
        st = put_rules(c, id, &r->rules, err);
    }
    if (st == OK) {
        st = buf_check(&said, err);
    }
    if (st == OK) {
        st = store_request_done(c, r->id, true, buf_cstr(&said), err);
    }
    buf_done(&said);
    return store_end(ctx, st, err);
}

enum status store_adopt_board(void *ctx, const struct request *r, const char *changes,
                              const struct outgoing *notices, size_t n_notices, struct err *err)
{
    struct pgconn *c = NULL;
    struct buf said = {0};
    int64_t id = 0;
    enum status st = store_begin(ctx, &c, err);

    if (st != OK) {
        return st;
    }
    buf_fmt(&said, "adopted%s%s", changes[0] == '\0' ? "" : "; ", changes);
    st = put_document(c, SQL_ADOPT_BOARD, r, changes, &id, err);
    for (size_t i = 0; st == OK && i < n_notices; i++) {
        st = store_put_notice(c, &notices[i], err);
    }
    if (st == OK) {
        st = buf_check(&said, err);
    }
    if (st == OK) {
        st = store_request_done(c, r->id, true, buf_cstr(&said), err);
    }
    buf_done(&said);
    return store_end(ctx, st, err);
}
