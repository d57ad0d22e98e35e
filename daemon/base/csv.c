#include "base/csv.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/vec.h"

struct cell {
    size_t at, len;
};

struct csv {
    char *bytes; /* the file; quotes are undone in place, and each cell's delimiter becomes its NUL */
    struct cell *cells;
    size_t n_cells, cap_cells;
    size_t *lines; /* of each row, header first */
    size_t n_lines, cap_lines;
    size_t cols;
};

struct reader {
    const char *name;
    struct csv *c;
    size_t at, len, line, line_start;
};

void csv_free(struct csv *c)
{
    if (c != NULL) {
        free(c->bytes);
        free(c->cells);
        free(c->lines);
        free(c);
    }
}

/*
 * One cell: r->at stands on its first byte, and afterwards on its delimiter or the end.  What is written never passes
 * what is read: a doubled quote shrinks.
 */
static enum status read_quoted(struct reader *r, struct cell *cell, struct err *err)
{
    char *b = r->c->bytes;
    size_t line = r->line, column = r->at - r->line_start + 1, to = r->at;

    cell->at = r->at;
    for (r->at++;; r->at++) {
        if (r->at >= r->len) {
            return err_set(err, E_DATA,
                           "%s:%zu:%zu: a quoted cell starts here and never ends; close it with \"", r->name,
                           line, column);
        }
        if (b[r->at] == '"') {
            if (r->at + 1 >= r->len || b[r->at + 1] != '"') {
                break;
            }
            r->at++;
        } else if (b[r->at] == '\n') {
            r->line++;
            r->line_start = r->at + 1;
        }
        b[to++] = b[r->at];
    }
    r->at++;
    if (r->at < r->len && b[r->at] == '\r' && r->at + 1 < r->len && b[r->at + 1] == '\n') {
        r->at++;
    }
    if (r->at < r->len && b[r->at] != ',' && b[r->at] != '\n') {
        return err_set(
            err, E_DATA,
            "%s:%zu:%zu: text after the closing quote of a cell; double the quotes that belong to the text",
            r->name, r->line, r->at - r->line_start + 1);
    }
    cell->len = to - cell->at;
    return OK;
}

static void read_plain(struct reader *r, struct cell *cell)
{
    const char *b = r->c->bytes;

    cell->at = r->at;
    while (r->at < r->len && b[r->at] != ',' && b[r->at] != '\n') {
        r->at++;
    }
    cell->len = r->at - cell->at;
    if (r->at < r->len && b[r->at] == '\n' && cell->len > 0 && b[r->at - 1] == '\r') {
        cell->len--;
    }
}

static bool only_line_ends(const struct reader *r)
{
    for (size_t i = r->at; i < r->len; i++) {
        if (r->c->bytes[i] != '\n' && r->c->bytes[i] != '\r') {
            return false;
        }
    }
    return true;
}

static enum status read_row(struct reader *r, struct err *err)
{
    struct csv *c = r->c;
    size_t line = r->line, first = c->n_cells;
    enum status st = VEC_PUSH_ROOM(c->lines, c->n_lines, c->cap_lines, err);
    bool more = true;

    while (st == OK && more) {
        struct cell cell = {0};

        st = VEC_PUSH_ROOM(c->cells, c->n_cells, c->cap_cells, err);
        if (st == OK && r->at < r->len && c->bytes[r->at] == '"') {
            st = read_quoted(r, &cell, err);
        } else if (st == OK) {
            read_plain(r, &cell);
        }
        if (st == OK) {
            more = r->at < r->len && c->bytes[r->at] == ',';
            c->bytes[cell.at + cell.len] = '\0';
            c->cells[c->n_cells++] = cell;
            r->at++;
        }
    }
    if (st != OK) {
        return st;
    }
    if (c->n_lines > 0 && c->n_cells - first != c->cols) {
        return err_set(err, E_DATA, "%s:%zu: %zu cells where the header has %zu", r->name, line,
                       c->n_cells - first, c->cols);
    }
    c->cols = c->n_cells - first;
    c->lines[c->n_lines++] = line;
    r->line++;
    r->line_start = r->at;
    return OK;
}

static int by_text(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;

    return strcmp(*x, *y);
}

/* Two columns of one name: a reader by name would take one of them silently. */
static enum status check_header(const struct reader *r, struct err *err)
{
    const struct csv *c = r->c;
    const char **names = calloc(c->cols, sizeof *names);
    struct buf shown = {0};
    enum status st = OK;

    if (names == NULL) {
        return err_set(err, E_NOMEM, "%s: a header of %zu columns", r->name, c->cols);
    }
    for (size_t i = 0; i < c->cols; i++) {
        names[i] = csv_header(c, i);
    }
    qsort(names, c->cols, sizeof *names, by_text);
    for (size_t i = 1; i < c->cols && st == OK; i++) {
        if (strcmp(names[i - 1], names[i]) == 0) {
            text_show(&shown, names[i], strlen(names[i]), 60);
            st = err_set(err, E_DATA, "%s:1: two columns are named '%s'; rename or drop one", r->name,
                         buf_cstr(&shown));
        }
    }
    buf_done(&shown);
    free(names);
    return st;
}

enum status csv_parse(const char *name, const char *bytes, size_t len, struct csv **ret, struct err *err)
{
    struct csv *c = calloc(1, sizeof *c);
    struct reader r = {.name = name, .c = c, .len = len, .line = 1};
    enum status st = OK;

    if (c != NULL) {
        c->bytes = malloc(len + 1);
    }
    if (c == NULL || c->bytes == NULL) {
        csv_free(c);
        return err_set(err, E_NOMEM, "%s: %zu bytes", name, len);
    }
    if (len > 0) {
        memcpy(c->bytes, bytes, len);
    }
    c->bytes[len] = '\0';
    if (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
        r.at = r.line_start = 3;
    }
    if (only_line_ends(&r)) {
        st = err_set(err, E_DATA, "%s: empty; the first line must hold the names of the columns", name);
    }
    /* Empty lines after the last row mean nothing, except where a row is one cell: there they are empty cells. */
    while (st == OK && r.at < r.len && (c->cols == 1 || !only_line_ends(&r))) {
        st = read_row(&r, err);
    }
    if (st == OK) {
        st = check_header(&r, err);
    }
    if (st != OK) {
        csv_free(c);
        return st;
    }
    *ret = c;
    return OK;
}

size_t csv_rows(const struct csv *c)
{
    return c->n_lines - 1;
}

size_t csv_cols(const struct csv *c)
{
    return c->cols;
}

const char *csv_header(const struct csv *c, size_t col)
{
    return c->bytes + c->cells[col].at;
}

int csv_find(const struct csv *c, const char *header)
{
    for (size_t i = 0; i < c->cols; i++) {
        if (strcmp(csv_header(c, i), header) == 0) {
            return (int)i;
        }
    }
    return -1;
}

const char *csv_cell(const struct csv *c, size_t row, size_t col, size_t *len)
{
    const struct cell *cell = &c->cells[(row + 1) * c->cols + col];

    if (len != NULL) {
        *len = cell->len;
    }
    return c->bytes + cell->at;
}

size_t csv_line(const struct csv *c, size_t row)
{
    return c->lines[row + 1];
}

void csv_put(struct buf *out, bool first_in_row, const char *s, size_t len)
{
    bool quote = false;

    for (size_t i = 0; i < len && !quote; i++) {
        quote = s[i] == ',' || s[i] == '"' || s[i] == '\n' || s[i] == '\r';
    }
    if (!first_in_row) {
        buf_char(out, ',');
    }
    if (!quote) {
        buf_add(out, s, len);
        return;
    }
    buf_char(out, '"');
    for (size_t i = 0; i < len; i++) {
        if (s[i] == '"') {
            buf_char(out, '"');
        }
        buf_char(out, s[i]);
    }
    buf_char(out, '"');
}

void csv_end(struct buf *out)
{
    buf_char(out, '\n');
}
