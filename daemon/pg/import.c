#include "pg/import.h"

#include <stdlib.h>
#include <string.h>

#include "sql_catalog.h"

struct pg_import {
    struct pgconn *c;
    struct pg_import_opts o;
    struct buf what; /* the table that is copied */
    bool views_gone;
};

/* Nobody else's import or mapping should hold a lock on these tables for longer. */
static const int64_t LOCK_TIMEOUT_US = INT64_C(60000000);

void pg_import_free(struct pg_import *im)
{
    if (im != NULL) {
        pgconn_free(im->c); /* what is not committed is rolled back */
        buf_done(&im->what);
        free(im);
    }
}

static void add_name(struct buf *b, const char *schema, const char *name)
{
    pgconn_add_ident(b, schema);
    buf_char(b, '.');
    pgconn_add_ident(b, name);
}

/* BEFORE "schema"."name" AFTER */
static enum status run_on(struct pg_import *im, const char *before, const char *name, const char *after,
                          struct err *err)
{
    struct buf sql = {0};
    enum status st;

    buf_str(&sql, before);
    add_name(&sql, im->o.schema, name);
    buf_str(&sql, after);
    st = buf_check(&sql, err);
    if (st == OK) {
        st = pgconn_script(im->c, buf_cstr(&im->what), sql.data, err);
    }
    buf_done(&sql);
    return st;
}

static enum status need_schema(struct pg_import *im, struct err *err)
{
    struct pgargs args = {0};
    struct buf sql = {0};
    bool there = false;
    enum status st;

    pgargs_text(&args, im->o.schema);
    st = pgconn_ask(im->c, "schema", "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1::text)",
                    &args, &there, err);
    if (st == OK && !there) {
        buf_str(&sql, "CREATE SCHEMA ");
        pgconn_add_ident(&sql, im->o.schema);
        st = buf_check(&sql, err);
        if (st == OK) {
            st = pgconn_script(im->c, "CREATE SCHEMA", sql.data, err);
        }
        buf_done(&sql);
    }
    return st;
}

enum status pg_import_open(const struct pg_import_opts *o, struct pg_import **ret, struct err *err)
{
    struct pgconn_opts c = {
        .conninfo = o->conninfo,
        .application_name = "dsmbctl import",
        .statement_timeout_us = -1, /* emptying a large table takes its time */
        .lock_timeout_us = LOCK_TIMEOUT_US,
    };
    struct pg_import *im = calloc(1, sizeof *im);
    enum status st = im == NULL ? err_set(err, E_NOMEM, "opening the trial database") : OK;

    if (st == OK) {
        im->o = *o;
        st = pgconn_open(&c, &im->c, err);
    }
    if (st == OK) {
        st = pgconn_begin(im->c, PG_TX_WRITE, err);
    }
    if (st == OK) {
        st = need_schema(im, err);
    }
    if (st != OK) {
        pg_import_free(im);
        return st;
    }
    *ret = im;
    return OK;
}

/* What is there under this name: *kind as pg_class has it, 0 for nothing; *same: a table of these columns, all text. */
static enum status look_at(struct pg_import *im, const char *name, const char *const columns[], size_t n,
                           char *kind, bool *same, struct err *err)
{
    static const char sql[] =
        "SELECT c.relkind::text, coalesce(string_agg(a.attname || ' ' || a.atttypid::regtype, ',' ORDER BY "
        "a.attnum), '')"
        "  FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT "
        "a.attisdropped"
        " WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1::text) AND c.relname = "
        "$2::text"
        " GROUP BY c.oid, c.relkind";
    struct pgargs args = {0};
    struct pgrows *r = NULL;
    struct buf want = {0};
    const char *is = NULL, *has = NULL;
    enum status st;

    pgargs_text(&args, im->o.schema);
    pgargs_text(&args, name);
    for (size_t i = 0; i < n; i++) {
        buf_fmt(&want, "%s%s text", i == 0 ? "" : ",", columns[i]);
    }
    st = buf_check(&want, err);
    if (st == OK) {
        st = pgconn_query(im->c, buf_cstr(&im->what), sql, &args, &r, err);
    }
    if (st == OK && pgrows_n(r) == 0) {
        *kind = '\0';
        *same = false;
    } else if (st == OK) {
        st = pgrows_text(r, 0, 0, &is, err);
        st = st == OK ? pgrows_text(r, 0, 1, &has, err) : st;
        if (st == OK) {
            *kind = is[0];
            *same = is[0] == 'r' && strcmp(has, buf_cstr(&want)) == 0;
        }
    }
    pgrows_free(r);
    buf_done(&want);
    return st;
}

/* The mapping drops its views and makes them again; they must go before a table of other columns can. */
static enum status drop_views(struct pg_import *im, struct err *err)
{
    static const char *const names[] = {"subject", "arm", "ae", "meta", "randomised"};
    struct buf sql = {0};
    enum status st;

    if (im->o.views == NULL || im->views_gone) {
        return OK;
    }
    im->views_gone = true;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        buf_str(&sql, i == 0 ? "DROP VIEW IF EXISTS " : ", ");
        add_name(&sql, im->o.views, names[i]);
    }
    st = buf_check(&sql, err);
    if (st == OK) {
        st = pgconn_script(im->c, "the mapping's views", sql.data, err);
    }
    buf_done(&sql);
    return st;
}

static enum status make_room(struct pg_import *im, const char *name, char kind, bool same, struct err *err)
{
    enum status st;

    if (kind == '\0') {
        return OK;
    }
    if (!im->o.replace) {
        return err_set(err, E_STATE, "%s is there already; --replace puts the new rows in place of the old",
                       buf_cstr(&im->what));
    }
    if (kind != 'r') {
        return err_set(err, E_STATE, "%s is there, and is no plain table: choose another --schema",
                       buf_cstr(&im->what));
    }
    /* Two who replace at once would each delete what they see, and add their own. */
    st = run_on(im, "LOCK TABLE ", name, " IN EXCLUSIVE MODE", err);
    if (st == OK && same) {
        return run_on(im, "DELETE FROM ", name, "", err);
    }
    if (st == OK) {
        st = drop_views(im, err);
    }
    if (st == OK) {
        st = run_on(im, "DROP TABLE ", name, "", err);
        if (st != OK) {
            st = err_wrap(
                err, st,
                "the columns of %s have changed, so it must be dropped; drop first what stands on it "
                "(--map does so with the mapping's views)",
                buf_cstr(&im->what));
        }
    }
    return st;
}

static enum status create(struct pg_import *im, const char *name, const char *const columns[], size_t n,
                          struct err *err)
{
    struct buf list = {0};
    enum status st;

    for (size_t i = 0; i < n; i++) {
        buf_str(&list, i == 0 ? " (" : ", ");
        pgconn_add_ident(&list, columns[i]);
        buf_str(&list, " text");
    }
    buf_str(&list, ")");
    st = buf_check(&list, err);
    if (st == OK) {
        st = run_on(im, "CREATE TABLE ", name, list.data, err);
    }
    buf_done(&list);
    return st;
}

static enum status begin_copy(struct pg_import *im, const char *name, const char *const columns[], size_t n,
                              struct err *err)
{
    struct buf sql = {0};
    enum status st;

    buf_str(&sql, "COPY ");
    add_name(&sql, im->o.schema, name);
    for (size_t i = 0; i < n; i++) {
        buf_str(&sql, i == 0 ? " (" : ", ");
        pgconn_add_ident(&sql, columns[i]);
    }
    buf_str(&sql, ") FROM STDIN");
    st = buf_check(&sql, err);
    if (st == OK) {
        st = pgconn_copy_in(im->c, buf_cstr(&im->what), sql.data, err);
    }
    buf_done(&sql);
    return st;
}

static enum status name_table(struct pg_import *im, const char *name, struct err *err)
{
    buf_clear(&im->what);
    buf_fmt(&im->what, "%s.%s", im->o.schema, name);
    return buf_check(&im->what, err);
}

enum status pg_import_table(struct pg_import *im, const char *name, const char *const columns[], size_t n,
                            struct err *err)
{
    char kind = '\0';
    bool same = false;
    enum status st = name_table(im, name, err);

    if (st == OK) {
        st = look_at(im, name, columns, n, &kind, &same, err);
    }
    if (st == OK) {
        st = make_room(im, name, kind, same, err);
    }
    if (st == OK && !same) {
        st = create(im, name, columns, n, err);
    }
    return st == OK ? begin_copy(im, name, columns, n, err) : st;
}

/* The server's text is not shown; this is what most often is behind it. */
static enum status explain(struct pg_import *im, enum status st, struct err *err)
{
    const char *encoding = pgconn_encoding(im->c);

    if (st == E_DATA && strcmp(encoding, "UTF8") != 0 && encoding[0] != '\0') {
        return err_wrap(err, st, "the database is encoded in %s, and may not have a letter of the files",
                        encoding);
    }
    return st;
}

enum status pg_import_put(struct pg_import *im, struct buf *b, struct err *err)
{
    return explain(im, pgconn_copy_put(im->c, b, err), err);
}

enum status pg_import_end(struct pg_import *im, int64_t *n_rows, struct err *err)
{
    return explain(im, pgconn_copy_end(im->c, n_rows, err), err);
}

enum status pg_import_absent(struct pg_import *im, const char *name, struct err *err)
{
    char kind = '\0';
    bool same = false;
    enum status st = name_table(im, name, err);

    if (st == OK) {
        st = look_at(im, name, NULL, 0, &kind, &same, err);
    }
    /* Its columns may be any: no row of it stays, and who reads it need not know. */
    return st == OK ? make_room(im, name, kind, kind == 'r', err) : st;
}

const char *pg_import_text(const char *file)
{
    for (size_t i = 0; i < SQL_SCRIPTS; i++) {
        if (strcmp(sql_scripts[i].file, file) == 0) {
            return sql_scripts[i].text;
        }
    }
    return "";
}

enum status pg_import_script(struct pg_import *im, const char *file, const struct script_var *vars, size_t n,
                             struct err *err)
{
    return script_run(im->c, file, pg_import_text(file), vars, n, err);
}

enum status pg_import_commit(struct pg_import *im, struct err *err)
{
    return pgconn_commit(im->c, err);
}
