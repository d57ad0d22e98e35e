/* Parameters of statements, and rows of results, as typed values. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "pg/pgconn_priv.h"

/* --- parameters --------------------------------------------------------------------------------------------------*/

static int arg_slot(struct pgargs *a)
{
    /* More than fit: the count is what pgconn_exec compares with the declaration, so it refuses the call. */
    if (a->n >= PGARGS_MAX) {
        a->n = PGARGS_MAX + 1;
        return PGARGS_MAX - 1;
    }
    a->format[a->n] = 0;
    a->len[a->n] = 0;
    return a->n++;
}

void pgargs_null(struct pgargs *a)
{
    a->value[arg_slot(a)] = NULL;
}

void pgargs_text(struct pgargs *a, const char *s)
{
    a->value[arg_slot(a)] = s;
}

void pgargs_bytes(struct pgargs *a, const void *p, size_t n)
{
    int i = arg_slot(a);

    a->value[i] = p;
    a->len[i] = (int)n;
    a->format[i] = 1;
}

void pgargs_int(struct pgargs *a, int64_t v)
{
    int i = arg_slot(a);

    (void)snprintf(a->own[i], PGARGS_TEXT, "%" PRId64, v);
    a->value[i] = a->own[i];
}

static void put_double(char *out, size_t size, double v)
{
    if (isnan(v)) {
        (void)snprintf(out, size, "NaN");
    } else if (isinf(v)) {
        (void)snprintf(out, size, v > 0 ? "Infinity" : "-Infinity");
    } else {
        (void)snprintf(out, size, "%.17g", v);
    }
}

void pgargs_double(struct pgargs *a, double v)
{
    int i = arg_slot(a);

    put_double(a->own[i], PGARGS_TEXT, v);
    a->value[i] = a->own[i];
}

void pgargs_bool(struct pgargs *a, bool v)
{
    a->value[arg_slot(a)] = v ? "t" : "f";
}

void pgargs_instant(struct pgargs *a, instant_t t)
{
    int i = arg_slot(a);

    if (t == INSTANT_NONE) {
        a->value[i] = NULL;
        return;
    }
    instant_format(t, a->own[i]);
    a->value[i] = a->own[i];
}

void pgargs_day(struct pgargs *a, day_t d)
{
    int i = arg_slot(a);

    if (d == DAY_NONE) {
        a->value[i] = NULL;
        return;
    }
    day_format(d, a->own[i]);
    a->value[i] = a->own[i];
}

void pgargs_interval(struct pgargs *a, int64_t us)
{
    int i = arg_slot(a);

    (void)snprintf(a->own[i], PGARGS_TEXT, "%" PRId64 " us", us);
    a->value[i] = a->own[i];
}

void pgconn_add_ident(struct buf *out, const char *name)
{
    buf_char(out, '"');
    for (; *name != '\0'; name++) {
        if (*name == '"') {
            buf_char(out, '"');
        }
        buf_char(out, *name);
    }
    buf_char(out, '"');
}

void pgconn_add_literal(struct buf *out, const char *text)
{
    buf_char(out, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            buf_char(out, '\'');
        }
        buf_char(out, *text);
    }
    buf_char(out, '\'');
}

/* --- rows --------------------------------------------------------------------------------------------------------*/

void pgrows_free(struct pgrows *r)
{
    if (r != NULL) {
        PQclear(r->res);
        free(r);
    }
}

int pgrows_n(const struct pgrows *r)
{
    return PQntuples(r->res);
}

int pgrows_n_cols(const struct pgrows *r)
{
    return PQnfields(r->res);
}

const char *pgrows_col_name(const struct pgrows *r, int col)
{
    const char *s = PQfname(r->res, col);

    return s == NULL ? "?" : s;
}

bool pgrows_null(const struct pgrows *r, int row, int col)
{
    return PQgetisnull(r->res, row, col) != 0;
}

size_t pgrows_len(const struct pgrows *r, int row, int col)
{
    return (size_t)PQgetlength(r->res, row, col);
}

static enum status cell(const struct pgrows *r, int row, int col, const char **s, size_t *len,
                        struct err *err)
{
    if (row < 0 || row >= PQntuples(r->res) || col < 0 || col >= PQnfields(r->res)) {
        return err_set(err, E_INTERNAL, "%s: no row %d column %d in the result", r->what, row, col);
    }
    if (PQgetisnull(r->res, row, col)) {
        return err_set(err, E_DATA, "%s: column %s is NULL in row %d", r->what, pgrows_col_name(r, col),
                       row + 1);
    }
    *s = PQgetvalue(r->res, row, col);
    *len = pgrows_len(r, row, col);
    return OK;
}

/* Names the column, not the value: the value may be data. */
static enum status unreadable(const struct pgrows *r, int row, int col, const char *as, struct err *err)
{
    return err_set(err, E_DATA, "%s: column %s of row %d cannot be read as %s", r->what,
                   pgrows_col_name(r, col), row + 1, as);
}

enum status pgrows_text(const struct pgrows *r, int row, int col, const char **ret, struct err *err)
{
    size_t len;

    return cell(r, row, col, ret, &len, err);
}

enum status pgrows_text_null(const struct pgrows *r, int row, int col, const char **ret, struct err *err)
{
    if (row >= 0 && row < PQntuples(r->res) && col >= 0 && col < PQnfields(r->res) &&
        PQgetisnull(r->res, row, col)) {
        *ret = NULL;
        return OK;
    }
    return pgrows_text(r, row, col, ret, err);
}

enum status pgrows_dup(const struct pgrows *r, int row, int col, char **ret, struct err *err)
{
    const char *s = NULL;
    char *own;
    enum status st = pgrows_text(r, row, col, &s, err);

    if (st != OK) {
        return st;
    }
    own = strdup(s);
    if (own == NULL) {
        return err_set(err, E_NOMEM, "reading the store");
    }
    *ret = own;
    return OK;
}

enum status pgrows_int(const struct pgrows *r, int row, int col, int64_t *ret, struct err *err)
{
    const char *s;
    size_t len;
    enum status st = cell(r, row, col, &s, &len, err);

    if (st != OK) {
        return st;
    }
    return text_int(s, len, INT64_MIN, INT64_MAX, ret) ? OK : unreadable(r, row, col, "a whole number", err);
}

enum status pgrows_double(const struct pgrows *r, int row, int col, double *ret, struct err *err)
{
    const char *s;
    size_t len;
    double v;
    enum status st = cell(r, row, col, &s, &len, err);

    if (st != OK) {
        return st;
    }
    if (strcmp(s, "NaN") == 0) {
        v = (double)NAN;
    } else if (strcmp(s, "Infinity") == 0) {
        v = (double)INFINITY;
    } else if (strcmp(s, "-Infinity") == 0) {
        v = -(double)INFINITY;
    } else if (!text_double(s, len, &v)) {
        return unreadable(r, row, col, "a number", err);
    }
    *ret = v;
    return OK;
}

enum status pgrows_bool(const struct pgrows *r, int row, int col, bool *ret, struct err *err)
{
    const char *s;
    size_t len;
    enum status st = cell(r, row, col, &s, &len, err);

    if (st != OK) {
        return st;
    }
    if (strcmp(s, "t") != 0 && strcmp(s, "f") != 0) {
        return unreadable(r, row, col, "true or false", err);
    }
    *ret = s[0] == 't';
    return OK;
}

enum status pgrows_instant(const struct pgrows *r, int row, int col, instant_t *ret, struct err *err)
{
    const char *s;
    size_t len;
    enum status st = cell(r, row, col, &s, &len, err);

    if (st != OK) {
        return st;
    }
    return instant_parse(s, len, ret) ? OK : unreadable(r, row, col, "a time", err);
}

enum status pgrows_day(const struct pgrows *r, int row, int col, day_t *ret, struct err *err)
{
    const char *s;
    size_t len;
    enum status st = cell(r, row, col, &s, &len, err);

    if (st != OK) {
        return st;
    }
    return day_parse(s, len, ret) ? OK : unreadable(r, row, col, "a date", err);
}

static int hex_digit(char ch)
{
    return ch >= '0' && ch <= '9' ? ch - '0' : ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

enum status pgrows_bytes(const struct pgrows *r, int row, int col, struct buf *out, struct err *err)
{
    const char *s;
    size_t len;
    enum status st = cell(r, row, col, &s, &len, err);

    if (st != OK) {
        return st;
    }
    if (len < 2 || len % 2 != 0 || s[0] != '\\' || s[1] != 'x') {
        return unreadable(r, row, col, "bytes", err);
    }
    for (size_t i = 2; i < len; i += 2) {
        int hi = hex_digit(s[i]), lo = hex_digit(s[i + 1]);

        if (hi < 0 || lo < 0) {
            return unreadable(r, row, col, "bytes", err);
        }
        buf_char(out, (char)(unsigned char)(hi * 16 + lo));
    }
    return buf_check(out, err);
}
