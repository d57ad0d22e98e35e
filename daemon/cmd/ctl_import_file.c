#include "cmd/ctl_import_file.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/csv.h"
#include "base/xpt.h"
#include "pg/pgconn.h"

/* PostgreSQL's: columns of a table, bytes of a name. */
enum { COLUMNS_MAX = 1600, COLUMN_NAME_MAX = 63, ROW_BYTES_MAX = 16 << 20 };

struct import_file {
    const char *path;
    enum charset cs;
    FILE *in;
    struct csv_stream *csv; /* one of the two */
    struct xpt *xpt;
    char **names;
    size_t n;
    struct buf cell;
};

/* --- folder ------------------------------------------------------------------------------------------------------*/

/* Length of the name before .csv or .xpt; 0: neither. */
static size_t stem(const char *name)
{
    size_t n = strlen(name);

    if (name[0] == '.' || n < 5 ||
        (strcasecmp(name + n - 4, ".csv") != 0 && strcasecmp(name + n - 4, ".xpt") != 0)) {
        return 0;
    }
    return n - 4;
}

static int is_data_set(const struct dirent *d)
{
    return stem(d->d_name) > 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static enum status take_name(struct import_folder *f, const char *dir, const char *name, struct err *err)
{
    struct buf path = {0};
    size_t n = stem(name);

    for (int d = 0; d < SDTM_DOMAINS; d++) {
        const char *domain = sdtm_name((enum sdtm_domain)d);

        if (n != strlen(domain) || strncasecmp(name, domain, n) != 0) {
            continue;
        }
        if (f->path[d] != NULL) {
            return err_set(err, E_DATA, "%s/%s: %s holds the same domain; leave one of them there", dir, name,
                           f->path[d]);
        }
        buf_fmt(&path, "%s/%s", dir, name);
        f->path[d] = buf_take(&path);
        return f->path[d] == NULL ? err_set(err, E_NOMEM, "%s", dir) : OK;
    }
    buf_fmt(&f->aside, "%s%s", f->n_aside == 0 ? "" : ", ", name);
    f->n_aside++;
    return buf_check(&f->aside, err);
}

enum status import_folder_read(const char *dir, struct import_folder *ret, struct err *err)
{
    struct dirent **names = NULL;
    struct import_folder f = {0};
    enum status st = OK;
    int n = scandir(dir, &names, is_data_set, by_bytes); /* not alphasort: it asks the locale */

    if (n < 0) {
        return err_set(err, errno == ENOENT || errno == ENOTDIR ? E_NOTFOUND : E_IO, "%s: %s", dir,
                       strerror(errno));
    }
    for (int i = 0; i < n; i++) {
        st = st == OK ? take_name(&f, dir, names[i]->d_name, err) : st;
        free(names[i]);
    }
    free(names);
    if (st != OK) {
        import_folder_done(&f);
        return st;
    }
    *ret = f;
    return OK;
}

void import_folder_done(struct import_folder *f)
{
    for (int d = 0; d < SDTM_DOMAINS; d++) {
        free(f->path[d]);
    }
    buf_done(&f->aside);
}

/* --- head --------------------------------------------------------------------------------------------------------*/

static enum status read_file(void *ctx, void *to, size_t room, size_t *got, struct err *err)
{
    struct import_file *f = ctx;

    *got = fread(to, 1, room, f->in);
    return ferror(f->in) ? err_set(err, E_IO, "%s: %s", f->path, strerror(errno)) : OK;
}

static const char *head_name(const struct import_file *f, size_t col)
{
    return f->csv != NULL ? csv_header(csv_stream_header(f->csv), col) : xpt_name(f->xpt, col);
}

/* A name as SAS allows them, in lower case. */
static enum status take_column(struct import_file *f, size_t col, struct err *err)
{
    const char *name = head_name(f, col);
    size_t n = strlen(name);
    bool good = n > 0 && n <= COLUMN_NAME_MAX;

    if (n == 0) {
        return err_set(
            err, E_DATA,
            "%s: column %zu has no name; R's write.csv numbers rows in such a column, row.names = FALSE "
            "leaves it out",
            f->path, col + 1);
    }
    f->names[col] = strdup(name);
    if (f->names[col] == NULL) {
        return err_set(err, E_NOMEM, "%s", f->path);
    }
    for (char *p = f->names[col]; *p != '\0'; p++) {
        if (*p >= 'A' && *p <= 'Z') {
            *p = (char)(*p - 'A' + 'a');
        }
        good =
            good && ((*p >= 'a' && *p <= 'z') || *p == '_' || (p > f->names[col] && *p >= '0' && *p <= '9'));
    }
    if (!good && strpbrk(name, ";\t|") != NULL) {
        return err_set(err, E_DATA,
                       "%s: its cells are separated by something else than commas; write it with commas",
                       f->path);
    }
    if (!good) {
        return err_set(
            err, E_DATA,
            "%s: the name of column %zu is not made of letters, digits and _ (at most %d, the first no "
            "digit); names of SDTM are",
            f->path, col + 1, COLUMN_NAME_MAX);
    }
    return OK;
}

static enum status take_columns(struct import_file *f, struct err *err)
{
    enum status st = OK;

    f->n = f->csv != NULL ? csv_cols(csv_stream_header(f->csv)) : xpt_cols(f->xpt);
    if (f->n > COLUMNS_MAX) {
        return err_set(err, E_DATA, "%s: %zu columns; a table of PostgreSQL has at most %d", f->path, f->n,
                       COLUMNS_MAX);
    }
    f->names = calloc(f->n, sizeof *f->names);
    if (f->names == NULL) {
        return err_set(err, E_NOMEM, "%s", f->path);
    }
    for (size_t i = 0; st == OK && i < f->n; i++) {
        st = take_column(f, i, err);
        for (size_t k = 0; st == OK && k < i; k++) {
            if (strcmp(f->names[k], f->names[i]) == 0) {
                st = err_set(err, E_DATA, "%s: columns %zu and %zu are both named %s; rename or drop one",
                             f->path, k + 1, i + 1, f->names[i]);
            }
        }
    }
    return st;
}

static enum status open_xpt(struct import_file *f, const struct feed *feed, enum sdtm_domain domain,
                            struct err *err)
{
    enum status st = xpt_open(feed, &f->xpt, err);

    if (st == OK && strcasecmp(xpt_member(f->xpt), sdtm_name(domain)) != 0) {
        return err_set(err, E_DATA, "%s: holds the data set %s, not %s", f->path, xpt_member(f->xpt),
                       sdtm_name(domain));
    }
    for (size_t i = 0; st == OK && i < xpt_cols(f->xpt); i++) {
        if (xpt_is_number(f->xpt, i) && sdtm_is_text(domain, xpt_name(f->xpt, i))) {
            st = err_set(err, E_DATA,
                         "%s: %s is a number; SDTM has it as text (dates as ISO 8601): convert it in SAS",
                         f->path, xpt_name(f->xpt, i));
        }
    }
    return st;
}

enum status import_file_open(const char *path, enum sdtm_domain domain, enum charset cs,
                             struct import_file **ret, struct err *err)
{
    struct import_file *f = calloc(1, sizeof *f);
    struct feed feed = {.name = path, .read = read_file, .ctx = f};
    enum status st;

    if (f == NULL) {
        return err_set(err, E_NOMEM, "%s", path);
    }
    f->path = path;
    f->cs = cs;
    f->in = fopen(path, "rb");
    if (f->in == NULL) {
        st = err_set(err, E_IO, "%s: %s", path, strerror(errno));
    } else if (strcasecmp(path + strlen(path) - 4, ".xpt") == 0) {
        st = open_xpt(f, &feed, domain, err);
    } else {
        st = csv_open(&feed, ROW_BYTES_MAX, &f->csv, err);
    }
    if (st == OK) {
        st = take_columns(f, err);
    }
    if (st != OK) {
        import_file_close(f);
        return st;
    }
    *ret = f;
    return OK;
}

void import_file_close(struct import_file *f)
{
    if (f == NULL) {
        return;
    }
    for (size_t i = 0; f->names != NULL && i < f->n; i++) {
        free(f->names[i]);
    }
    free(f->names);
    csv_close(f->csv);
    xpt_close(f->xpt);
    if (f->in != NULL) {
        (void)fclose(f->in); /* only read */
    }
    buf_done(&f->cell);
    free(f);
}

struct sdtm_columns import_file_columns(const struct import_file *f)
{
    return (struct sdtm_columns){.file = f->path, .names = (const char *const *)f->names, .n = f->n};
}

/* --- rows --------------------------------------------------------------------------------------------------------*/

static enum status no_text(const struct import_file *f, size_t col, const char *s, size_t len,
                           struct err *err)
{
    size_t row = f->csv != NULL ? csv_stream_line(f->csv) : xpt_row(f->xpt);
    const char *kind = f->csv != NULL ? "line" : "row";

    if (memchr(s, '\0', len) != NULL) {
        return err_set(err, E_DATA, "%s: %s %zu, column %s: a NUL byte, which no text holds", f->path, kind,
                       row, f->names[col]);
    }
    return err_set(err, E_DATA,
                   "%s: %s %zu, column %s: not text in %s; --encoding (%s) tells what the file is in",
                   f->path, kind, row, f->names[col], charset_name(f->cs), CHARSET_NAMES);
}

static enum status add_cell(struct import_file *f, size_t col, struct buf *rows, struct err *err)
{
    size_t len = 0;
    const char *s = f->csv != NULL ? csv_stream_cell(f->csv, col, &len) : xpt_cell(f->xpt, col, &len);

    if (col > 0) {
        pgcopy_sep(rows);
    }
    if (s == NULL || len == 0) {
        pgcopy_null(rows);
        return OK;
    }
    buf_clear(&f->cell);
    if (!charset_add(&f->cell, f->cs, s, len)) {
        return no_text(f, col, s, len, err);
    }
    pgcopy_text(rows, buf_cstr(&f->cell), f->cell.len);
    return buf_check(&f->cell, err);
}

enum status import_file_next(struct import_file *f, struct buf *rows, bool *more, struct err *err)
{
    bool some = false;
    enum status st = f->csv != NULL ? csv_next(f->csv, &some, err) : xpt_next(f->xpt, &some, err);

    for (size_t i = 0; st == OK && some && i < f->n; i++) {
        st = add_cell(f, i, rows, err);
    }
    if (st == OK && some) {
        pgcopy_end_row(rows);
        st = buf_check(rows, err);
    }
    if (st == OK) {
        *more = some;
    }
    return st;
}
