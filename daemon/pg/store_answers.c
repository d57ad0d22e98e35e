/* What members answered to messages, and what people asked to be sent again. */
#include "pg/store_priv.h"
#include "sql_catalog.h"

enum status store_take_acks(void *ctx, struct err *err)
{
    struct pgconn *c = NULL;
    struct pgrows *r = NULL;
    bool waiting = false;
    enum status st = store_conn(ctx, &c, err);

    if (st == OK) {
        st = pgconn_exec_one(c, SQL_ACK_WAITING, NULL, &r, err);
    }
    if (st == OK) {
        st = pgrows_bool(r, 0, 0, &waiting, err);
    }
    pgrows_free(r);
    if (st != OK || !waiting) {
        return st;
    }
    st = store_begin(ctx, &c, err);
    return st == OK ? store_end(ctx, pgconn_exec(c, SQL_ACK_TAKE, NULL, NULL, err), err) : st;
}

enum status store_acknowledge(void *ctx, const struct request *r, int64_t alert, const char *member,
                              enum ack_decision decision, struct err *err)
{
    struct pgargs a = {0};
    struct pgconn *c = NULL;
    enum status st = store_begin(ctx, &c, err);

    if (st != OK) {
        return st;
    }
    pgargs_text(&a, member);
    pgargs_text(&a, ack_decision_name(decision));
    pgargs_int(&a, alert);
    pgargs_int(&a, r->id);
    st = pgconn_exec(c, SQL_ACK_ADD, &a, NULL, err);
    if (st == OK) {
        st = store_request_done(c, r->id, true, "recorded", err);
    }
    return store_end(ctx, st, err);
}

enum status store_resend(void *ctx, const struct request *r, int64_t alert, const char *const members[],
                         size_t n, const char *said, struct err *err)
{
    struct pgconn *c = NULL;
    enum status st = store_begin(ctx, &c, err);

    if (st != OK) {
        return st;
    }
    for (size_t i = 0; st == OK && i < n; i++) {
        struct pgargs a = {0};

        pgargs_int(&a, r->id);
        pgargs_int(&a, alert);
        pgargs_text(&a, members[i]);
        st = pgconn_exec(c, SQL_RESEND_ADD, &a, NULL, err);
    }
    if (st == OK) {
        st = store_request_done(c, r->id, true, said, err);
    }
    return store_end(ctx, st, err);
}
