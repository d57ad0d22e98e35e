#include "base/xpt.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { RECORD = 80, NAMESTR = 140, NAMESTR_VMS = 136, CELL_MAX = 32767, ROW_MAX = 16 << 20 };

struct var {
    char name[XPT_NAME_MAX + 1];
    bool number;
    size_t at, len; /* in the row */
};

struct xpt {
    struct feed in;
    char member[XPT_NAME_MAX + 1];
    struct var *vars;
    size_t n_vars, row_len, n_rows;
    char *row;
    char number[XPT_NUMBER_MAX];
    unsigned char record[RECORD];
    size_t n_records; /* read so far */
    size_t used;      /* of the record */
    bool end;
    bool held;     /* what is in `row` was not handed out yet */
    size_t blanks; /* rows of blanks that are handed out before it */
    bool is_blank; /* the row that was handed out last is one */
};

static enum status need_text(const struct xpt *x, const char *want, struct err *err)
{
    return err_set(err, E_DATA, "%s: record %zu should begin with \"%s\"; is it a SAS V5 transport file?",
                   x->in.name, x->n_records, want);
}

/* The next record; *some false at the end of the file. */
static enum status read_record(struct xpt *x, bool *some, struct err *err)
{
    size_t have = 0, got = 1;
    enum status st = OK;

    while (st == OK && have < RECORD && got > 0) {
        st = x->in.read(x->in.ctx, x->record + have, RECORD - have, &got, err);
        have += st == OK ? got : 0;
    }
    if (st == OK && have > 0 && have < RECORD) {
        st = err_set(
            err, E_DATA,
            "%s: record %zu has %zu bytes of 80: the file was cut off, or changed on its way (a transfer "
            "as text); fetch it again",
            x->in.name, x->n_records + 1, have);
    }
    if (st == OK) {
        *some = have == RECORD;
        x->n_records += have == RECORD;
        x->used = 0;
    }
    return st;
}

static bool begins(const struct xpt *x, const char *text)
{
    return memcmp(x->record, text, strlen(text)) == 0;
}

static enum status next_header(struct xpt *x, const char *want, struct err *err)
{
    bool some = false;
    enum status st = read_record(x, &some, err);

    if (st == OK && !some) {
        x->n_records++;
        return err_set(err, E_DATA, "%s: ends before record %zu, which should begin with \"%s\"", x->in.name,
                       x->n_records, want);
    }
    return st == OK && !begins(x, want) ? need_text(x, want, err) : st;
}

/* n digits of the record; -1 for anything else. */
static long digits(const struct xpt *x, size_t at, size_t n)
{
    long v = 0;

    for (size_t i = at; i < at + n; i++) {
        if (x->record[i] < '0' || x->record[i] > '9') {
            return -1;
        }
        v = v * 10 + (x->record[i] - '0');
    }
    return v;
}

/* A name of SAS, blanks at its end; false where it is none. */
static bool take_name(const unsigned char *p, char out[XPT_NAME_MAX + 1])
{
    size_t n = XPT_NAME_MAX;

    while (n > 0 && (p[n - 1] == ' ' || p[n - 1] == '\0')) {
        n--;
    }
    for (size_t i = 0; i < n; i++) {
        bool letter = (p[i] >= 'A' && p[i] <= 'Z') || (p[i] >= 'a' && p[i] <= 'z') || p[i] == '_';

        if (!letter && !(i > 0 && p[i] >= '0' && p[i] <= '9')) {
            return false;
        }
    }
    memcpy(out, p, n);
    out[n] = '\0';
    return n > 0;
}

static enum status first_record(struct xpt *x, struct err *err)
{
    bool some = false;
    enum status st = read_record(x, &some, err);

    if (st != OK) {
        return st;
    }
    if (!some) {
        return err_set(err, E_DATA, "%s: empty; it must be a SAS V5 transport file", x->in.name);
    }
    if (begins(x, "HEADER RECORD*******LIBV8")) {
        return err_set(
            err, E_DATA,
            "%s: a SAS V8 transport file; write it as V5, the form regulators take (libname ... xport), "
            "or as CSV",
            x->in.name);
    }
    if (begins(x, "**COMPRESSED**")) {
        return err_set(
            err, E_DATA,
            "%s: written by PROC CPORT, which only SAS reads; write it as V5 transport (libname ... "
            "xport), or as CSV",
            x->in.name);
    }
    if (!begins(x, "HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!")) {
        return need_text(x, "HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!", err);
    }
    return OK;
}

/* Up to the NAMESTR header: their number and size. */
static enum status read_head(struct xpt *x, size_t *n, size_t *size, struct err *err)
{
    static const char *const heads[] = {
        "SAS     SAS     SASLIB ",
        "", /* when it was changed */
        "HEADER RECORD*******MEMBER  HEADER RECORD!!!!!!!",
        "HEADER RECORD*******DSCRPTR HEADER RECORD!!!!!!!",
        "SAS     ",
        "", /* when it was changed, label */
        "HEADER RECORD*******NAMESTR HEADER RECORD!!!!!!!",
    };
    enum status st = first_record(x, err);

    for (size_t i = 0; st == OK && i < sizeof heads / sizeof heads[0]; i++) {
        st = next_header(x, heads[i], err);
        if (st == OK && i == 2) {
            long v = digits(x, 74, 4);

            if (v != NAMESTR && v != NAMESTR_VMS) {
                return err_set(err, E_DATA,
                               "%s: record %zu: descriptions of variables have 140 bytes, not %ld",
                               x->in.name, x->n_records, v);
            }
            *size = (size_t)v;
        }
        if (st == OK && i == 4 && !take_name(x->record + 8, x->member)) {
            return err_set(err, E_DATA, "%s: record %zu: the data set has no name", x->in.name, x->n_records);
        }
    }
    if (st == OK) {
        long v = digits(x, 53, 5);

        if (v < 1) {
            return err_set(err, E_DATA, "%s: record %zu: no number of variables", x->in.name, x->n_records);
        }
        *n = (size_t)v;
    }
    return st;
}

/* n bytes that go on from record to record. */
static enum status read_bytes(struct xpt *x, unsigned char *to, size_t n, struct err *err)
{
    bool some = true;
    enum status st = OK;

    for (size_t done = 0; done < n;) {
        size_t part;

        if (x->used == RECORD) {
            st = read_record(x, &some, err);
            if (st == OK && !some) {
                st = err_set(err, E_DATA, "%s: ends in its descriptions of variables: the file was cut off",
                             x->in.name);
            }
            if (st != OK) {
                return st;
            }
        }
        part = RECORD - x->used < n - done ? RECORD - x->used : n - done;
        memcpy(to + done, x->record + x->used, part);
        x->used += part;
        done += part;
    }
    return OK;
}

static uint32_t big_endian(const unsigned char *p, int n)
{
    uint32_t v = 0;

    for (int i = 0; i < n; i++) {
        v = v << 8 | p[i];
    }
    return v;
}

static enum status take_var(const struct xpt *x, const unsigned char *p, size_t i, struct var *v,
                            struct err *err)
{
    uint32_t type = big_endian(p, 2), len = big_endian(p + 4, 2);

    if (!take_name(p + 8, v->name)) {
        return err_set(err, E_DATA, "%s: variable %zu has no name of letters, digits and _", x->in.name,
                       i + 1);
    }
    if (type != 1 && type != 2) {
        return err_set(err, E_DATA, "%s: variable %s is neither a number (1) nor text (2): %u", x->in.name,
                       v->name, type);
    }
    v->number = type == 1;
    v->len = len;
    v->at = big_endian(p + 84, 4);
    if (v->number ? len < 2 || len > 8 : len < 1 || len > CELL_MAX) {
        return err_set(err, E_DATA, "%s: variable %s cannot have a length of %u", x->in.name, v->name, len);
    }
    return OK;
}

/* Every byte of the row belongs to one variable: what an offset says is not believed. */
static enum status check_places(const struct xpt *x, struct err *err)
{
    char *taken = calloc(x->row_len, 1);
    enum status st = OK;

    if (taken == NULL) {
        return err_set(err, E_NOMEM, "%s", x->in.name);
    }
    for (size_t i = 0; st == OK && i < x->n_vars; i++) {
        const struct var *v = &x->vars[i];

        if (v->at > x->row_len - v->len || memchr(taken + v->at, 1, v->len) != NULL) {
            st = err_set(err, E_DATA, "%s: variable %s lies at byte %zu, where it does not fit", x->in.name,
                         v->name, v->at);
        } else {
            memset(taken + v->at, 1, v->len);
        }
    }
    free(taken);
    return st;
}

static enum status read_vars(struct xpt *x, size_t n, size_t size, struct err *err)
{
    unsigned char p[NAMESTR] = {0};
    enum status st = OK;

    x->vars = calloc(n, sizeof *x->vars);
    if (x->vars == NULL) {
        return err_set(err, E_NOMEM, "%s: %zu variables", x->in.name, n);
    }
    x->used = RECORD;
    for (size_t i = 0; st == OK && i < n; i++) {
        st = read_bytes(x, p, size, err);
        if (st == OK) {
            st = take_var(x, p, i, &x->vars[i], err);
        }
        if (st == OK) {
            x->n_vars++;
            x->row_len += x->vars[i].len;
        }
        if (st == OK && x->row_len > ROW_MAX) {
            st = err_set(err, E_DATA, "%s: rows of more than %d bytes", x->in.name, ROW_MAX);
        }
    }
    return st != OK ? st : check_places(x, err);
}

enum status xpt_open(const struct feed *in, struct xpt **ret, struct err *err)
{
    struct xpt *x = calloc(1, sizeof *x);
    size_t n = 0, size = NAMESTR;
    enum status st;

    if (x == NULL) {
        return err_set(err, E_NOMEM, "%s", in->name);
    }
    x->in = *in;
    st = read_head(x, &n, &size, err);
    if (st == OK) {
        st = read_vars(x, n, size, err);
    }
    if (st == OK) {
        st = next_header(x, "HEADER RECORD*******OBS     HEADER RECORD!!!!!!!", err);
        x->used = RECORD;
    }
    if (st == OK) {
        x->row = malloc(x->row_len);
        st = x->row == NULL ? err_set(err, E_NOMEM, "%s: rows of %zu bytes", in->name, x->row_len) : OK;
    }
    if (st != OK) {
        xpt_close(x);
        return st;
    }
    *ret = x;
    return OK;
}

void xpt_close(struct xpt *x)
{
    if (x != NULL) {
        free(x->vars);
        free(x->row);
        free(x);
    }
}

const char *xpt_member(const struct xpt *x)
{
    return x->member;
}

size_t xpt_cols(const struct xpt *x)
{
    return x->n_vars;
}

const char *xpt_name(const struct xpt *x, size_t col)
{
    return x->vars[col].name;
}

bool xpt_is_number(const struct xpt *x, size_t col)
{
    return x->vars[col].number;
}

static bool all_blank(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i] != ' ') {
            return false;
        }
    }
    return true;
}

/* One row's bytes into `row`; *got: how many there were. */
static enum status fill_row(struct xpt *x, size_t *got, struct err *err)
{
    size_t done = 0;
    bool some = true;
    enum status st = OK;

    while (done < x->row_len) {
        size_t part;

        if (x->used == RECORD) {
            st = x->end ? OK : read_record(x, &some, err);
            if (st != OK) {
                return st;
            }
            if (x->end || !some) {
                x->end = true;
                x->used = RECORD;
                break;
            }
            if (begins(x, "HEADER RECORD*******MEMBER  HEADER RECORD!!!!!!!")) {
                return err_set(err, E_DATA,
                               "%s: record %zu begins a second data set; write one file for each domain",
                               x->in.name, x->n_records);
            }
        }
        part = RECORD - x->used < x->row_len - done ? RECORD - x->used : x->row_len - done;
        memcpy(x->row + done, x->record + x->used, part);
        x->used += part;
        done += part;
    }
    *got = done;
    return OK;
}

/* Nothing but blanks is left: padding, if it is shorter than a record. */
static enum status at_end(const struct xpt *x, size_t blanks, size_t got, struct err *err)
{
    if (!all_blank(x->row, got)) {
        return err_set(err, E_DATA, "%s: row %zu is not whole (%zu bytes of %zu): the file was cut off",
                       x->in.name, x->n_rows + blanks + 1, got, x->row_len);
    }
    if (blanks * x->row_len + got >= RECORD) {
        return err_set(err, E_DATA,
                       "%s: nothing but blanks after row %zu, and more of them than fill its last record: "
                       "were rows overwritten? write the file again",
                       x->in.name, x->n_rows);
    }
    return OK;
}

/* The next row with something in it, into `row`; *some false where there is none. */
static enum status next_filled(struct xpt *x, bool *some, struct err *err)
{
    for (size_t blanks = 0;; blanks++) {
        size_t got = 0;
        enum status st = fill_row(x, &got, err);

        if (st != OK) {
            return st;
        }
        if (got < x->row_len) {
            *some = false;
            return at_end(x, blanks, got, err);
        }
        if (!all_blank(x->row, got)) {
            x->blanks = blanks;
            *some = true;
            return OK;
        }
    }
}

/* Rows of blanks count only if another row follows: before it they are handed out, all alike. */
enum status xpt_next(struct xpt *x, bool *more, struct err *err)
{
    bool some = true;
    enum status st = x->held ? OK : next_filled(x, &some, err);

    if (st != OK) {
        return st;
    }
    if (some) {
        x->is_blank = x->blanks > 0;
        x->held = x->is_blank;
        x->blanks -= x->is_blank;
        x->n_rows++;
    }
    *more = some;
    return OK;
}

size_t xpt_row(const struct xpt *x)
{
    return x->n_rows;
}

const char *xpt_cell(struct xpt *x, size_t col, size_t *len)
{
    const struct var *v = &x->vars[col];
    const char *p = x->row + v->at;
    size_t n = v->len;

    if (x->is_blank) {
        return NULL;
    }
    if (v->number) {
        unsigned char bytes[8];

        memcpy(bytes, p, n);
        if (!xpt_number(bytes, n, x->number)) {
            return NULL;
        }
        *len = strlen(x->number);
        return x->number;
    }
    while (n > 0 && (p[n - 1] == ' ' || p[n - 1] == '\0')) {
        n--;
    }
    *len = n;
    return p;
}
