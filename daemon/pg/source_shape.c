/* Does the source keep its contract: views, columns, types, rights? */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pg/source_priv.h"
#include "sql_catalog.h"

/* @column lines of sql/queries/source_shape.sql */
enum { SHAPE_MAY_ENTER, SHAPE_VIEW, SHAPE_MAY_READ, SHAPE_COLUMN, SHAPE_TYPE, SHAPE_CATEGORY };

static const char *const type_names[] = {
    [TYPE_TEXT] = "text",
    [TYPE_DATE] = "date",
    [TYPE_BOOL] = "boolean",
    [TYPE_INT2] = "smallint",
    [TYPE_INSTANT] = "timestamp with time zone",
};

static void say_fmt(source_say_fn *say, void *ctx, enum status st, enum status *worst, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
static void say_fmt(source_say_fn *say, void *ctx, enum status st, enum status *worst, const char *fmt, ...)
{
    char msg[512];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(msg, sizeof msg, fmt, ap);
    va_end(ap);
    if (st == E_DATA || (st != OK && *worst == OK)) {
        *worst = st;
    }
    say(ctx, st, msg);
}

static void views_json(struct buf *b)
{
    for (int v = 0; v < SRC_OFFERED; v++) {
        buf_fmt(b, "%s\"%s\"", v == 0 ? "[" : ",", contract_views[v].name);
    }
    buf_char(b, ']');
}

static bool type_fits(enum src_type want, const char *type, const char *category)
{
    return want == TYPE_TEXT ? category != NULL && strcmp(category, "S") == 0
                             : type != NULL && strcmp(type, type_names[want]) == 0;
}

struct seen {
    bool view, may_read;
    const char *type[SRC_COLUMNS_MAX], *category[SRC_COLUMNS_MAX];
};

static enum status take_row(const struct pgrows *r, int row, struct seen seen[SRC_OFFERED], struct err *err)
{
    const char *view = NULL, *column = NULL, *type = NULL, *category = NULL;
    bool may_read = false;
    enum status st = pgrows_text_null(r, row, SHAPE_VIEW, &view, err);

    if (st != OK || view == NULL) {
        return st;
    }
    st = pgrows_bool(r, row, SHAPE_MAY_READ, &may_read, err);
    if (st == OK) {
        st = pgrows_text_null(r, row, SHAPE_COLUMN, &column, err);
    }
    if (st == OK) {
        st = pgrows_text_null(r, row, SHAPE_TYPE, &type, err);
    }
    if (st == OK) {
        st = pgrows_text_null(r, row, SHAPE_CATEGORY, &category, err);
    }
    for (int v = 0; st == OK && v < SRC_OFFERED; v++) {
        const struct src_view_def *def = &contract_views[v];

        if (strcmp(def->name, view) != 0) {
            continue;
        }
        seen[v].view = true;
        seen[v].may_read = may_read;
        for (size_t i = 0; column != NULL && i < def->n_columns; i++) {
            if (strcmp(def->column[i].name, column) == 0) {
                seen[v].type[i] = type;
                seen[v].category[i] = category;
            }
        }
    }
    return st;
}

static void judge_view(const char *schema, enum src_view v, const struct seen *seen, source_say_fn *say,
                       void *ctx, struct source_shape *shape, enum status *worst)
{
    const struct src_view_def *def = &contract_views[v];
    bool well = true;

    if (!seen->view) {
        if (def->optional) {
            say_fmt(say, ctx, OK, worst, "%s.%s: not there, and optional", schema, def->name);
        } else {
            say_fmt(say, ctx, E_DATA, worst,
                    "view %s.%s is missing: create it (sql/source/ has mappings for common systems), or set "
                    "source.schema to the schema that has it",
                    schema, def->name);
        }
        return;
    }
    if (!seen->may_read) {
        say_fmt(say, ctx, E_DENIED, worst, "%s.%s may not be read by this role: GRANT SELECT ON %s.%s TO it",
                schema, def->name, schema, def->name);
        well = false;
    }
    for (size_t i = 0; i < def->n_columns; i++) {
        const struct src_column *c = &def->column[i];

        shape->column[v][i] = seen->type[i] != NULL;
        if (seen->type[i] == NULL && !c->optional) {
            say_fmt(say, ctx, E_DATA, worst, "column %s.%s.%s (%s) is missing: add it to the view%s", schema,
                    def->name, c->name, type_names[c->type],
                    c->not_null ? "" : ", as NULL where the trial has no such thing");
            well = false;
        } else if (seen->type[i] != NULL && !type_fits(c->type, seen->type[i], seen->category[i])) {
            say_fmt(say, ctx, E_DATA, worst, "column %s.%s.%s is of type %s: cast it to %s in the view",
                    schema, def->name, c->name, seen->type[i], type_names[c->type]);
            well = false;
        }
    }
    shape->view[v] = true;
    if (well) {
        say_fmt(say, ctx, OK, worst, "%s.%s: as the contract describes", schema, def->name);
    }
}

enum status source_shape_read(struct pgconn *c, const char *schema, source_say_fn *say, void *ctx,
                              struct source_shape *shape, enum status *worst, struct err *err)
{
    struct buf views = {0};
    struct pgargs args = {0};
    struct pgrows *r = NULL;
    struct seen seen[SRC_OFFERED] = {0};
    bool may_enter = false;
    enum status st;

    *shape = (struct source_shape){0};
    *worst = OK;
    views_json(&views);
    st = buf_check(&views, err);
    if (st != OK) {
        goto out;
    }
    pgargs_text(&args, schema);
    pgargs_text(&args, buf_cstr(&views));
    st = pgconn_exec(c, SQL_SOURCE_SHAPE, &args, &r, err);
    if (st != OK) {
        goto out;
    }
    if (pgrows_n(r) == 0) {
        say_fmt(
            say, ctx, E_DATA, worst,
            "there is no schema %s in the trial database: create the contract's views (sql/source/), or set "
            "source.schema and source.conninfo to where they are",
            schema);
        goto out;
    }
    st = pgrows_bool(r, 0, SHAPE_MAY_ENTER, &may_enter, err);
    if (st == OK && !may_enter) {
        say_fmt(say, ctx, E_DENIED, worst,
                "schema %s may not be used by this role: GRANT USAGE ON SCHEMA %s TO it", schema, schema);
        goto out;
    }
    for (int i = 0; st == OK && i < pgrows_n(r); i++) {
        st = take_row(r, i, seen, err);
    }
    for (int v = 0; st == OK && v < SRC_OFFERED; v++) {
        judge_view(schema, (enum src_view)v, &seen[v], say, ctx, shape, worst);
    }
out:
    pgrows_free(r);
    buf_done(&views);
    return st;
}

enum status source_gateless(struct pgconn *c, const char *schema, source_say_fn *say, void *ctx, bool *ret,
                            struct err *err)
{
    struct buf views = {0};
    struct pgargs args = {0};
    struct pgrows *r = NULL;
    enum status worst = OK;
    enum status st;

    views_json(&views);
    st = buf_check(&views, err);
    if (st == OK) {
        pgargs_text(&args, schema);
        pgargs_text(&args, buf_cstr(&views));
        st = pgconn_exec(c, SQL_SOURCE_VOLATILE, &args, &r, err);
    }
    for (int i = 0; st == OK && say != NULL && i < pgrows_n(r); i++) {
        const char *view = NULL, *because = NULL;

        st = pgrows_text(r, i, 0, &view, err);
        if (st == OK) {
            st = pgrows_text(r, i, 1, &because, err);
        }
        if (st == OK) {
            say_fmt(say, ctx, OK, &worst, "%s.%s depends on %s: every poll reads everything", schema, view,
                    because);
        }
    }
    if (st == OK) {
        *ret = pgrows_n(r) > 0;
    }
    pgrows_free(r);
    buf_done(&views);
    return st;
}

void source_copy_sql(const char *schema, const struct source_shape *shape, enum src_view v, struct buf *sql)
{
    static const char *const casts[] = {
        [TYPE_TEXT] = "text", [TYPE_DATE] = "date",           [TYPE_BOOL] = "bool",
        [TYPE_INT2] = "int2", [TYPE_INSTANT] = "timestamptz",
    };
    const struct src_view_def *def = &contract_views[v];

    buf_str(sql, "COPY (SELECT ");
    for (size_t i = 0; i < def->n_columns; i++) {
        buf_str(sql, i == 0 ? "" : ", ");
        if (shape->column[v][i]) {
            pgconn_add_ident(sql, def->column[i].name);
        } else {
            buf_str(sql, "NULL");
        }
        buf_fmt(sql, "::pg_catalog.%s", casts[def->column[i].type]);
    }
    buf_str(sql, " FROM ");
    pgconn_add_ident(sql, schema);
    buf_char(sql, '.');
    pgconn_add_ident(sql, def->name);
    buf_str(sql, ") TO STDOUT (FORMAT binary)");
}
