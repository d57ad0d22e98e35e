/* Statements: prepared and compared with their declared shape, run, in transactions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pg/pgconn_priv.h"
#include "sql_catalog.h"

/* --- declared shapes ---------------------------------------------------------------------------------------------*/

static enum status type_name(struct pgconn *c, Oid oid, char *out, size_t size, struct err *err)
{
    static const struct {
        Oid oid;
        const char *name;
    } known[] = {
        {16, "bool"},      {17, "bytea"},         {18, "char"},       {19, "name"},      {20, "int8"},
        {21, "int2"},      {23, "int4"},          {25, "text"},       {26, "oid"},       {700, "float4"},
        {701, "float8"},   {1000, "_bool"},       {1007, "_int4"},    {1009, "_text"},   {1016, "_int8"},
        {1022, "_float8"}, {1042, "bpchar"},      {1043, "varchar"},  {1082, "date"},    {1114, "timestamp"},
        {1182, "_date"},   {1184, "timestamptz"}, {1186, "interval"}, {1700, "numeric"}, {2950, "uuid"},
        {2951, "_uuid"},   {114, "json"},         {3802, "jsonb"},    {2278, "void"},    {1001, "_bytea"}};
    struct pgargs a = {0};
    struct pgrows *rows = NULL;
    const char *name = NULL;
    enum status st;

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (known[i].oid == oid) {
            (void)snprintf(out, size, "%s", known[i].name);
            return OK;
        }
    }
    pgargs_int(&a, (int64_t)oid);
    st = pgconn_query(c, "type lookup", "SELECT typname::text FROM pg_catalog.pg_type WHERE oid = $1::oid",
                      &a, &rows, err);
    if (st == OK && pgrows_n(rows) != 1) {
        st = err_set(err, E_DATA, "type lookup: no type %u", oid);
    }
    if (st == OK) {
        st = pgrows_text(rows, 0, 0, &name, err);
    }
    if (st == OK) {
        (void)snprintf(out, size, "%s", name);
    }
    pgrows_free(rows);
    return st;
}

static enum status same_shape(struct pgconn *c, const struct sql_query *q, const PGresult *res,
                              struct err *err)
{
    char name[64];
    enum status st;

    if (PQnparams(res) != q->n_params || PQnfields(res) != q->n_columns) {
        return err_set(
            err, E_DATA,
            "%s: declares %d parameters and %d columns, the database has %d and %d; is the schema of this "
            "version? (dsmbctl migrate)",
            q->file, q->n_params, q->n_columns, PQnparams(res), PQnfields(res));
    }
    for (int i = 0; i < q->n_params; i++) {
        st = type_name(c, PQparamtype(res, i), name, sizeof name, err);
        if (st != OK) {
            return st;
        }
        if (strcmp(name, q->param[i].type) != 0) {
            return err_set(err, E_DATA, "%s: parameter %s is %s in the database, declared as %s", q->file,
                           q->param[i].name, name, q->param[i].type);
        }
    }
    for (int i = 0; i < q->n_columns; i++) {
        st = type_name(c, PQftype(res, i), name, sizeof name, err);
        if (st != OK) {
            return st;
        }
        if (strcmp(PQfname(res, i), q->column[i].name) != 0) {
            return err_set(err, E_DATA, "%s: column %d is called %s, declared as %s", q->file, i + 1,
                           PQfname(res, i), q->column[i].name);
        }
        if (strcmp(name, q->column[i].type) != 0) {
            return err_set(err, E_DATA, "%s: column %s is %s in the database, declared as %s", q->file,
                           q->column[i].name, name, q->column[i].type);
        }
    }
    return OK;
}

enum status pgconn_prepare(struct pgconn *c, int id, struct err *err)
{
    const struct sql_query *q = &sql_queries[id];
    PGresult *res = NULL;
    enum status st = pgconn_send_done(c, PQsendPrepare(c->pg, q->name, q->text, 0, NULL), q->file, &res, err);

    PQclear(res);
    res = NULL;
    if (st == OK) {
        st = pgconn_send_done(c, PQsendDescribePrepared(c->pg, q->name), q->file, &res, err);
    }
    if (st == OK) {
        st = same_shape(c, q, res, err);
    }
    PQclear(res);
    return st;
}

/* --- running -----------------------------------------------------------------------------------------------------*/

static const struct pgargs NO_ARGS;

static enum status keep_rows(PGresult *res, const char *what, struct pgrows **ret, struct err *err)
{
    struct pgrows *rows;

    if (ret == NULL) {
        PQclear(res);
        return OK;
    }
    rows = calloc(1, sizeof *rows);
    if (rows == NULL) {
        PQclear(res);
        return err_set(err, E_NOMEM, "%s", what);
    }
    rows->res = res;
    (void)snprintf(rows->what, sizeof rows->what, "%s", what);
    *ret = rows;
    return OK;
}

enum status pgconn_exec(struct pgconn *c, int query, const struct pgargs *args, struct pgrows **ret,
                        struct err *err)
{
    const struct sql_query *q = &sql_queries[query];
    const struct pgargs *a = args == NULL ? &NO_ARGS : args;
    PGresult *res = NULL;
    enum status st;

    if (c->pg == NULL) {
        return err_set(err, E_RETRY, "%s: not connected to the database", q->file);
    }
    if (a->n != q->n_params) {
        return err_set(err, E_INTERNAL, "%s: %d parameters given, %d declared", q->file, a->n, q->n_params);
    }
    st = pgconn_send_done(c, PQsendQueryPrepared(c->pg, q->name, a->n, a->value, a->len, a->format, 0),
                          q->file, &res, err);
    return st != OK ? st : keep_rows(res, q->file, ret, err);
}

enum status pgconn_exec_one(struct pgconn *c, int query, const struct pgargs *args, struct pgrows **ret,
                            struct err *err)
{
    struct pgrows *rows = NULL;
    enum status st = pgconn_exec(c, query, args, &rows, err);

    if (st != OK) {
        return st;
    }
    if (pgrows_n(rows) != 1) {
        st = pgrows_n(rows) == 0 ? err_set(err, E_NOTFOUND, "%s: no such row", sql_queries[query].file)
                                 : err_set(err, E_DATA, "%s: %d rows where one was expected",
                                           sql_queries[query].file, pgrows_n(rows));
        goto out;
    }
    if (ret != NULL) {
        *ret = rows;
        rows = NULL;
    }
out:
    pgrows_free(rows);
    return st;
}

enum status pgconn_query(struct pgconn *c, const char *what, const char *sql, const struct pgargs *args,
                         struct pgrows **ret, struct err *err)
{
    const struct pgargs *a = args == NULL ? &NO_ARGS : args;
    PGresult *res = NULL;
    enum status st;

    if (c->pg == NULL) {
        return err_set(err, E_RETRY, "%s: not connected to the database", what);
    }
    st = pgconn_send_done(c, PQsendQueryParams(c->pg, sql, a->n, NULL, a->value, a->len, a->format, 0), what,
                          &res, err);
    return st != OK ? st : keep_rows(res, what, ret, err);
}

enum status pgconn_ask(struct pgconn *c, const char *what, const char *sql, const struct pgargs *args,
                       bool *ret, struct err *err)
{
    struct pgrows *r = NULL;
    enum status st = pgconn_query(c, what, sql, args, &r, err);

    if (st == OK && pgrows_n(r) != 1) {
        st = err_set(err, E_INTERNAL, "%s: %d answers", what, pgrows_n(r));
    }
    if (st == OK) {
        st = pgrows_bool(r, 0, 0, ret, err);
    }
    pgrows_free(r);
    return st;
}

enum status pgconn_script(struct pgconn *c, const char *what, const char *sql, struct err *err)
{
    PGresult *res = NULL, *last_bad = NULL;
    int64_t deadline_us = pgconn_deadline(c);
    enum status st;

    if (c->pg == NULL) {
        return err_set(err, E_RETRY, "%s: not connected to the database", what);
    }
    if (!PQsendQuery(c->pg, sql)) {
        return pgconn_lost(c, what, err);
    }
    st = pgconn_flush(c, deadline_us, what, err);
    while (st == OK) {
        st = pgconn_result(c, deadline_us, what, &res, err);
        if (st != OK || res == NULL) {
            break;
        }
        if (last_bad == NULL && !pgconn_good(res)) {
            last_bad = res;
        } else {
            PQclear(res);
        }
        res = NULL;
    }
    if (st == OK && last_bad != NULL) {
        const char *at = PQresultErrorField(last_bad, PG_DIAG_STATEMENT_POSITION);
        const char *state = PQresultErrorField(last_bad, PG_DIAG_SQLSTATE);
        char text[300] = "";
        long line = 0;

        if (at != NULL) {
            long pos = strtol(at, NULL, 10);

            line = 1;
            for (long i = 0; i < pos - 1 && sql[i] != '\0'; i++) {
                line += sql[i] == '\n';
            }
        }
        if (state != NULL && strncmp(state, "42", 2) == 0) {
            /* Names of things our own file speaks of: a script holds no data. */
            pgconn_clean(PQresultErrorField(last_bad, PG_DIAG_MESSAGE_PRIMARY), text, sizeof text);
        }
        st = pgconn_fail(c, last_bad, what, err);
        if (err != NULL && (line > 0 || text[0] != '\0')) {
            struct err inner = *err;

            st = err_set(err, st, "%.600s%s%.300s, line %ld", inner.msg, text[0] == '\0' ? "" : ": ", text,
                         line);
        }
    }
    PQclear(last_bad);
    return st;
}

enum status pgconn_begin(struct pgconn *c, enum pg_tx mode, struct err *err)
{
    switch (mode) {
    case PG_TX_WRITE:
        return pgconn_simple(c, "BEGIN", "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", err);
    case PG_TX_SNAPSHOT:
        return pgconn_simple(c, "BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", err);
    case PG_TX_SERIAL:
        return pgconn_simple(c, "BEGIN", "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE", err);
    }
    return err_set(err, E_INTERNAL, "no such kind of transaction");
}

enum status pgconn_commit(struct pgconn *c, struct err *err)
{
    PGresult *res = NULL;
    enum status st;

    if (c->pg == NULL) {
        return err_set(err, E_RETRY, "COMMIT: not connected to the database");
    }
    st = pgconn_send_done(c, PQsendQuery(c->pg, "COMMIT"), "COMMIT", &res, err);
    /* COMMIT of a failed transaction reports success with the tag ROLLBACK. */
    if (st == OK && strcmp(PQcmdStatus(res), "COMMIT") != 0) {
        st = err_set(err, E_STATE, "COMMIT: the transaction had failed and was rolled back");
    }
    PQclear(res);
    return st;
}

void pgconn_rollback(struct pgconn *c)
{
    struct err ignored;

    if (c != NULL && c->pg != NULL && PQtransactionStatus(c->pg) != PQTRANS_IDLE) {
        (void)pgconn_simple(c, "ROLLBACK", "ROLLBACK", &ignored);
    }
}
