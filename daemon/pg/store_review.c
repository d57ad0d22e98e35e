/* What people decided of events. */
#include <string.h>

#include "base/vec.h"
#include "pg/store_priv.h"
#include "sql_catalog.h"

static enum status read_decision(const struct pgrows *r, int row, struct review_decision *d, struct err *err)
{
    struct buf hash = {0};
    const char *verdict = NULL;
    enum status st = pgrows_dup(r, row, 0, &d->ae_id, err);

    if (st == OK) {
        st = pgrows_dup(r, row, 1, &d->name, err);
    }
    if (st == OK) {
        st = pgrows_text(r, row, 2, &verdict, err);
    }
    if (st == OK) {
        st = pgrows_instant(r, row, 3, &d->at, err);
    }
    if (st == OK) {
        st = pgrows_bytes(r, row, 4, &hash, err);
    }
    if (st == OK && hash.len != sizeof d->row.b) {
        st = err_set(err, E_INTERNAL, "the store holds a decision without the row it is of");
    }
    if (st == OK) {
        memcpy(d->row.b, hash.data, sizeof d->row.b);
        d->verdict = strcmp(verdict, "CONFIRMED") == 0 ? ADJ_CONFIRMED : ADJ_REFUTED;
    }
    buf_done(&hash);
    return st;
}

enum status store_load_decisions(void *ctx, struct review_decisions *ret, struct err *err)
{
    struct review_decisions d = {0};
    struct pgconn *c = NULL;
    struct pgrows *r = NULL;
    enum status st = store_conn(ctx, &c, err);

    if (st == OK) {
        st = pgconn_exec(c, SQL_REVIEW_LOAD, NULL, &r, err);
    }
    for (int i = 0; st == OK && i < pgrows_n(r); i++) {
        st = VEC_PUSH_ROOM(d.item, d.n, d.cap, err);
        if (st == OK) {
            d.item[d.n] = (struct review_decision){0};
            st = read_decision(r, i, &d.item[d.n++], err);
        }
    }
    pgrows_free(r);
    if (st != OK) {
        review_decisions_done(&d);
        return st;
    }
    *ret = d;
    return OK;
}

static enum status put_decision(struct pgconn *c, const struct request *r, const struct review_order *o,
                                struct err *err)
{
    struct pgargs a = {0};
    struct pgrows *rows = NULL;
    enum status st;

    pgargs_int(&a, r->id);
    pgargs_text(&a, o->ae_id);
    pgargs_text(&a, o->name);
    if (o->verdict == ADJ_NONE) {
        st = pgconn_exec(c, SQL_REVIEW_TAKE_BACK, &a, &rows, err);
    } else {
        pgargs_text(&a, o->category);
        pgargs_text(&a, o->verdict == ADJ_CONFIRMED ? "CONFIRMED" : "REFUTED");
        pgargs_text(&a, o->row);
        st = pgconn_exec(c, SQL_REVIEW_DECIDE, &a, &rows, err);
    }
    if (st == OK && pgrows_n(rows) == 0) {
        st = o->verdict == ADJ_NONE
                 ? err_set(err, E_NOTFOUND,
                           "nothing was decided of this event and category that could be taken back "
                           "(dsmbctl review list --all)")
                 : err_set(err, E_NOTFOUND,
                           "no look has seen an event of this id with this row (dsmbctl review list)");
    }
    pgrows_free(rows);
    return st;
}

enum status store_decide(void *ctx, const struct request *r, const struct review_order *o, const char *said,
                         struct err *err)
{
    struct pgconn *c = NULL;
    enum status st = store_begin(ctx, &c, err);

    if (st != OK) {
        return st;
    }
    st = put_decision(c, r, o, err);
    if (st == OK) {
        st = store_request_done(c, r->id, true, said, err);
    }
    return store_end(ctx, st, err);
}
