#include "cmd/ctl_rows.h"

#include <string.h>

#include "base/csv.h"
#include "base/text.h"
#include "cmd/ctl_json.h"
#include "render/table.h"
#include "sql_catalog.h"

enum { CELL_MAX = 400 };

static bool is_number(const char *type)
{
    return strcmp(type, "int8") == 0 || strcmp(type, "int4") == 0 || strcmp(type, "float8") == 0;
}

static enum status as_text(const struct pgrows *rows, const struct sql_query *q, int from, struct buf *out,
                           struct err *err)
{
    struct table *t = NULL;
    struct buf shown = {0};
    enum status st = table_new((size_t)(q->n_columns - from), &t, err);

    for (int k = from; st == OK && k < q->n_columns; k++) {
        table_cell(t, q->column[k].name);
        if (is_number(q->column[k].type)) {
            table_right(t, (size_t)(k - from));
        }
    }
    for (int i = 0; st == OK && i < pgrows_n(rows); i++) {
        for (int k = from; st == OK && k < q->n_columns; k++) {
            const char *s = NULL;

            st = pgrows_text_null(rows, i, k, &s, err);
            buf_clear(&shown);
            text_show(&shown, s == NULL ? "" : s, s == NULL ? 0 : strlen(s), CELL_MAX);
            table_cell(t, buf_cstr(&shown));
        }
    }
    if (st == OK) {
        st = table_write(t, "", out, err);
    }
    buf_wipe(&shown);
    table_free(t);
    return st;
}

static enum status as_csv(const struct pgrows *rows, const struct sql_query *q, int from, struct buf *out,
                          struct err *err)
{
    enum status st = OK;

    for (int k = from; k < q->n_columns; k++) {
        csv_put(out, k == from, q->column[k].name, strlen(q->column[k].name));
    }
    csv_end(out);
    for (int i = 0; st == OK && i < pgrows_n(rows); i++) {
        for (int k = from; st == OK && k < q->n_columns; k++) {
            const char *s = NULL;

            st = pgrows_text_null(rows, i, k, &s, err);
            csv_put(out, k == from, s == NULL ? "" : s, s == NULL ? 0 : strlen(s));
        }
        csv_end(out);
    }
    return st == OK ? buf_check(out, err) : st;
}

static enum status json_cell(const struct pgrows *rows, int row, int col, const char *type, json_t **ret,
                             struct err *err)
{
    const char *s = NULL;
    enum status st = pgrows_text_null(rows, row, col, &s, err);

    if (st != OK) {
        return st;
    }
    if (s == NULL) {
        *ret = json_null();
    } else if (strcmp(type, "bool") == 0) {
        *ret = json_boolean(s[0] == 't');
    } else if (strcmp(type, "float8") == 0) {
        double d = 0;

        st = pgrows_double(rows, row, col, &d, err);
        *ret = ctl_json_real(d);
    } else if (is_number(type)) {
        int64_t n = 0;

        st = pgrows_int(rows, row, col, &n, err);
        *ret = json_integer(n);
    } else {
        *ret = json_string(s);
    }
    return st;
}

static enum status as_json(const struct pgrows *rows, const struct sql_query *q, int from, struct buf *out,
                           struct err *err)
{
    json_t *list = json_array();
    enum status st = OK;

    for (int i = 0; st == OK && i < pgrows_n(rows); i++) {
        json_t *o = json_object();

        for (int k = from; st == OK && k < q->n_columns; k++) {
            json_t *v = NULL;

            st = json_cell(rows, i, k, q->column[k].type, &v, err);
            ctl_json_set(&o, q->column[k].name, v);
        }
        ctl_json_add(&list, o);
    }
    if (st != OK) {
        json_decref(list);
        return st;
    }
    return ctl_json(list, JSON_INDENT(2), out, err);
}

enum status ctl_rows(const struct pgrows *rows, int query, int from, enum ctl_form form, const char *none,
                     struct buf *out, struct err *err)
{
    const struct sql_query *q = &sql_queries[query];

    switch (form) {
    case CTL_FORM_TEXT:
        if (pgrows_n(rows) == 0) {
            buf_fmt(out, "%s\n", none);
            return buf_check(out, err);
        }
        return as_text(rows, q, from, out, err);
    case CTL_FORM_CSV:
        return as_csv(rows, q, from, out, err);
    case CTL_FORM_JSON:
        return as_json(rows, q, from, out, err);
    }
    return OK;
}
