#include "base/csv.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/vec.h"

enum { WINDOW_STEP = 1 << 16 };
static const char BOM[] = "\xef\xbb\xbf";

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

static bool first_line_is_empty(const struct reader *r)
{
    size_t i = r->at;

    while (i < r->len && r->c->bytes[i] == '\r') {
        i++;
    }
    return i == r->len || r->c->bytes[i] == '\n';
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
    for (size_t i = 0; i < c->cols && st == OK; i++) {
        names[i] = csv_header(c, i);
        if (strlen(names[i]) != c->cells[i].len) {
            st = err_set(err, E_DATA, "%s:1: a NUL byte in the name of column %zu; is the file UTF-16?",
                         r->name, i + 1);
        }
    }
    if (st != OK) {
        free(names);
        return st;
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
    if (len >= 3 && memcmp(bytes, BOM, 3) == 0) {
        r.at = r.line_start = 3;
    }
    if (first_line_is_empty(&r)) {
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

/* --- row by row --------------------------------------------------------------------------------------------------*/

enum scan { AT_CELL, IN_PLAIN, IN_QUOTED, AFTER_QUOTE };

struct csv_stream {
    struct feed in;
    struct csv *head;
    struct csv row;  /* one row at a time; its bytes are the window */
    struct reader r; /* at: where the next row starts in the window */
    size_t have, cap, row_max;
    size_t seen; /* of the window, by scan_row() */
    enum scan scan;
    bool end; /* of the feed */
};

void csv_close(struct csv_stream *s)
{
    if (s != NULL) {
        csv_free(s->head);
        free(s->row.bytes);
        free(s->row.cells);
        free(s->row.lines);
        free(s);
    }
}

/* Is the row that starts at r.at in the window to its end?  Then `seen` is one past its line end. */
static bool scan_row(struct csv_stream *s)
{
    const char *b = s->row.bytes;

    while (s->seen < s->have) {
        char c = b[s->seen++];

        if (s->scan == IN_QUOTED) {
            s->scan = c == '"' ? AFTER_QUOTE : IN_QUOTED;
        } else if (c == '\n') {
            s->scan = AT_CELL;
            return true;
        } else if (c == ',') {
            s->scan = AT_CELL;
        } else if (c == '"' && s->scan != IN_PLAIN) {
            s->scan = IN_QUOTED; /* one begins, or was doubled */
        } else {
            s->scan = IN_PLAIN;
        }
    }
    return false;
}

static enum status more_bytes(struct csv_stream *s, struct err *err)
{
    size_t from = s->r.at, got = 0;
    enum status st;

    if (from > 0) {
        memmove(s->row.bytes, s->row.bytes + from, s->have - from);
        s->have -= from;
        s->seen -= from;
        s->r.at = s->r.line_start = 0;
    }
    if (s->have > s->row_max) {
        return err_set(err, E_DATA, "%s:%zu: a row of more than %zu bytes; is a quote never closed?",
                       s->in.name, s->r.line, s->row_max);
    }
    /* One byte more than is read: a last cell without a line end becomes a string, too. */
    st = vec_reserve(&s->row.bytes, &s->cap, s->have + WINDOW_STEP + 1, 1, err);
    if (st == OK) {
        st = s->in.read(s->in.ctx, s->row.bytes + s->have, s->cap - s->have - 1, &got, err);
    }
    if (st == OK) {
        s->have += got;
        s->end = got == 0;
    }
    return st;
}

/* The bytes of the next row are r.at to `seen`; none are left where they are equal. */
static enum status whole_row(struct csv_stream *s, struct err *err)
{
    enum status st = OK;

    while (st == OK && !scan_row(s) && !s->end) {
        st = more_bytes(s, err);
    }
    return st;
}

enum status csv_open(const struct feed *in, size_t row_max, struct csv_stream **ret, struct err *err)
{
    struct csv_stream *s = calloc(1, sizeof *s);
    enum status st = OK;

    if (s == NULL) {
        return err_set(err, E_NOMEM, "%s", in->name);
    }
    s->in = *in;
    s->row_max = row_max;
    s->r = (struct reader){.name = in->name, .c = &s->row, .line = 1};
    while (st == OK && s->have < 3 && !s->end) {
        st = more_bytes(s, err);
    }
    if (st == OK && s->have >= 3 && memcmp(s->row.bytes, BOM, 3) == 0) {
        s->seen = 3; /* a quote may follow */
    }
    if (st == OK) {
        st = whole_row(s, err);
    }
    if (st == OK) {
        st = csv_parse(in->name, s->row.bytes, s->seen, &s->head, err);
    }
    if (st == OK) {
        for (size_t i = 0; i < s->seen; i++) {
            s->r.line += s->row.bytes[i] == '\n';
        }
        s->r.at = s->r.line_start = s->seen;
        s->row.cols = s->head->cols;
        st = VEC_PUSH_ROOM(s->row.lines, s->row.n_lines, s->row.cap_lines, err);
    }
    if (st != OK) {
        csv_close(s);
        return st;
    }
    *ret = s;
    return OK;
}

const struct csv *csv_stream_header(const struct csv_stream *s)
{
    return s->head;
}

enum status csv_next(struct csv_stream *s, bool *more, struct err *err)
{
    size_t empty_line = 0;
    enum status st;

    for (;;) {
        st = whole_row(s, err);
        if (st != OK) {
            return st;
        }
        s->r.len = s->seen;
        if (s->r.at == s->seen) {
            *more = false;
            return OK;
        }
        if (s->row.cols == 1 || !only_line_ends(&s->r)) {
            break;
        }
        empty_line = empty_line == 0 ? s->r.line : empty_line;
        s->r.line++;
        s->r.at = s->r.line_start = s->seen;
    }
    if (empty_line != 0) {
        return err_set(err, E_DATA, "%s:%zu: 1 cells where the header has %zu", s->in.name, empty_line,
                       s->row.cols);
    }
    s->row.n_cells = 0;
    s->row.n_lines = 1; /* the header's */
    st = read_row(&s->r, err);
    if (st == OK) {
        s->r.at = s->r.line_start = s->seen; /* a last row without a line end went one further */
        *more = true;
    }
    return st;
}

const char *csv_stream_cell(const struct csv_stream *s, size_t col, size_t *len)
{
    *len = s->row.cells[col].len;
    return s->row.bytes + s->row.cells[col].at;
}

size_t csv_stream_line(const struct csv_stream *s)
{
    return s->row.lines[1];
}

/* --- writing -----------------------------------------------------------------------------------------------------*/

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
