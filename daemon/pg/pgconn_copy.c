/* COPY in binary out of the server, and in text into it. */
#include <endian.h>
#include <inttypes.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "pg/pgconn_priv.h"

enum { COPY_FIELDS_MAX = 64 };

/* PostgreSQL counts days and microseconds from 2000-01-01. */
static const day_t PG_EPOCH_DAY = 10957;
static const int64_t PG_EPOCH_US = INT64_C(946684800000000);

/* --- binary fields -----------------------------------------------------------------------------------------------*/

static uint64_t big_endian(const unsigned char *p, int n)
{
    uint64_t v = 0;

    for (int i = 0; i < n; i++) {
        v = v << 8 | p[i];
    }
    return v;
}

static int32_t as_int32(const unsigned char *p)
{
    uint32_t u;
    int32_t v;

    memcpy(&u, p, sizeof u);
    u = be32toh(u);
    memcpy(&v, &u, sizeof v);
    return v;
}

static int16_t as_int16(const unsigned char *p)
{
    uint16_t u = (uint16_t)big_endian(p, 2);
    int16_t v;

    memcpy(&v, &u, sizeof v);
    return v;
}

bool pgfield_int16(const struct pgfield *f, int16_t *ret)
{
    if (f->len != 2) {
        return false;
    }
    *ret = as_int16(f->p);
    return true;
}

bool pgfield_int32(const struct pgfield *f, int32_t *ret)
{
    if (f->len != 4) {
        return false;
    }
    *ret = as_int32(f->p);
    return true;
}

bool pgfield_int64(const struct pgfield *f, int64_t *ret)
{
    uint64_t u;

    if (f->len != 8) {
        return false;
    }
    u = big_endian(f->p, 8);
    memcpy(ret, &u, sizeof *ret);
    return true;
}

bool pgfield_bool(const struct pgfield *f, bool *ret)
{
    if (f->len != 1) {
        return false;
    }
    *ret = f->p[0] != 0;
    return true;
}

bool pgfield_day(const struct pgfield *f, day_t *ret)
{
    int32_t v = 0;
    int y, m, d;

    /* Far outside any trial, the infinities too; and safe to add the epoch to. */
    if (!pgfield_int32(f, &v) || v < -40000 || v > 80000) {
        return false;
    }
    day_to_ymd(v + PG_EPOCH_DAY, &y, &m, &d);
    if (day_from_ymd(y, m, d) == DAY_NONE) {
        return false;
    }
    *ret = v + PG_EPOCH_DAY;
    return true;
}

bool pgfield_instant(const struct pgfield *f, instant_t *ret)
{
    int64_t v = 0;

    if (!pgfield_int64(f, &v) || v == INT64_MAX || v == INT64_MIN || v > INT64_MAX - PG_EPOCH_US) {
        return false;
    }
    *ret = v + PG_EPOCH_US;
    return true;
}

/* --- out ---------------------------------------------------------------------------------------------------------*/

struct reader {
    const char *what;
    int n_fields;
    pgcopy_known_fn known;
    pgcopy_row_fn row;
    void *ctx;
    int64_t n_rows;
    bool header_seen, trailer_seen;
};

static enum status broken(const struct reader *r, struct err *err)
{
    return err_set(err, E_DATA, "%s: row %" PRId64 " of the copy is not as the protocol describes", r->what,
                   r->n_rows + 1);
}

/* The fields from p on; *pos becomes where they end. */
static enum status split(const struct reader *r, const unsigned char *p, const unsigned char *end,
                         struct pgfield f[COPY_FIELDS_MAX], const unsigned char **pos, struct err *err)
{
    for (int i = 0; i < r->n_fields; i++) {
        if (end - p < 4) {
            return broken(r, err);
        }
        f[i].len = as_int32(p);
        p += 4;
        f[i].p = p;
        if (f[i].len < -1 || (f[i].len > 0 && f[i].len > end - p)) {
            return broken(r, err);
        }
        p += f[i].len > 0 ? f[i].len : 0;
    }
    *pos = p;
    return OK;
}

static bool is_known(const struct reader *r, const unsigned char *p, const unsigned char *end)
{
    return r->known != NULL && r->known(r->ctx, p, (size_t)(end - p));
}

static enum status one_row(struct reader *r, const unsigned char **pos, const unsigned char *end,
                           struct err *err)
{
    struct pgfield f[COPY_FIELDS_MAX];
    const unsigned char *p = *pos, *after = end;
    bool known;
    enum status st = OK;

    if (end - p < 2) {
        return broken(r, err);
    }
    if (as_int16(p) == -1) {
        r->trailer_seen = true;
        *pos = end;
        return OK;
    }
    if (as_int16(p) != r->n_fields) {
        return err_set(err, E_DATA, "%s: %d columns where %d were expected", r->what, as_int16(p),
                       r->n_fields);
    }
    p += 2;
    /* A message is one row, so a known one need not be split.  Were it several, nobody would know all of it as one. */
    known = is_known(r, p, end);
    if (!known) {
        st = split(r, p, end, f, &after, err);
        known = st == OK && after != end && is_known(r, p, after);
    }
    if (st == OK && !known) {
        st = r->row(r->ctx, f, r->n_fields, err);
    }
    if (st != OK) {
        return st;
    }
    r->n_rows++;
    *pos = after;
    return OK;
}

static enum status one_message(struct reader *r, const unsigned char *p, const unsigned char *end,
                               struct err *err)
{
    static const unsigned char signature[11] = "PGCOPY\n\377\r\n";

    if (!r->header_seen) {
        int32_t ext;

        if (end - p < 19 || memcmp(p, signature, sizeof signature) != 0) {
            return broken(r, err);
        }
        ext = as_int32(p + 15);
        if (ext < 0 || ext > end - p - 19) {
            return broken(r, err);
        }
        p += 19 + ext;
        r->header_seen = true;
    }
    while (p < end && !r->trailer_seen) {
        enum status st = one_row(r, &p, end, err);

        if (st != OK) {
            return st;
        }
    }
    return OK;
}

/*
 * Ten million rows take longer than any one statement should: a copy is given up for silence, not for its length.  The
 * server cannot tell these apart, so inside a transaction (elsewhere it would outlast the copy) its own limit is lifted.
 */
static const char NO_LIMIT[] = "SET LOCAL statement_timeout = 0; ";

static enum status first_result(struct pgconn *c, const char *what, const char *sql, bool lifted,
                                int64_t deadline_us, PGresult **ret, struct err *err)
{
    struct buf b = {0};
    enum status st;
    int sent;

    buf_str(&b, lifted ? NO_LIMIT : "");
    buf_str(&b, sql);
    st = buf_check(&b, err);
    if (st != OK) {
        goto out;
    }
    sent = PQsendQuery(c->pg, b.data);
    if (!sent) {
        st = PQstatus(c->pg) == CONNECTION_BAD
                 ? pgconn_lost(c, what, err)
                 : err_set(err, E_INTERNAL, "%s: a copy was started while a statement is running", what);
        goto out;
    }
    st = pgconn_flush(c, deadline_us, what, err);
    if (st == OK) {
        st = pgconn_result(c, deadline_us, what, ret, err);
    }
    if (st == OK && lifted && PQresultStatus(*ret) == PGRES_COMMAND_OK) {
        PQclear(*ret);
        st = pgconn_result(c, deadline_us, what, ret, err);
    }
out:
    buf_done(&b);
    return st;
}

/* Sends a COPY statement and waits for the server to open the stream. */
static enum status start_copy(struct pgconn *c, const char *what, const char *sql, ExecStatusType want,
                              int *n_fields, struct err *err)
{
    int64_t deadline_us = pgconn_deadline(c);
    PGresult *res = NULL;
    enum status st;

    if (c->pg == NULL) {
        return err_set(err, E_RETRY, "%s: not connected to the database", what);
    }
    st = first_result(c, what, sql, pgconn_in_tx(c), deadline_us, &res, err);
    if (st != OK) {
        return st;
    }
    if (PQresultStatus(res) != want) {
        PGresult *rest = NULL;
        struct err ignored;

        st = pgconn_fail(c, res, what, err);
        if (c->pg != NULL && pgconn_drain(c, deadline_us, what, &rest, &ignored) == OK) {
            PQclear(rest);
        }
    } else {
        *n_fields = PQnfields(res);
    }
    PQclear(res);
    return st;
}

enum status pgconn_copy_out(struct pgconn *c, const char *what, const char *sql, int n_fields,
                            pgcopy_row_fn row, void *ctx, int64_t *n_rows, struct err *err)
{
    return pgconn_copy_new(c, what, sql, n_fields, NULL, row, ctx, n_rows, err);
}

enum status pgconn_copy_new(struct pgconn *c, const char *what, const char *sql, int n_fields,
                            pgcopy_known_fn known, pgcopy_row_fn row, void *ctx, int64_t *n_rows,
                            struct err *err)
{
    struct reader r = {.what = what, .n_fields = n_fields, .known = known, .row = row, .ctx = ctx};
    int64_t tick_us = pgconn_now();
    PGresult *res = NULL;
    struct err ignored;
    int got_fields = 0;
    enum status st, row_st = OK;

    if (n_fields > COPY_FIELDS_MAX) {
        return err_set(err, E_INTERNAL, "%s: too many columns", what);
    }
    st = start_copy(c, what, sql, PGRES_COPY_OUT, &got_fields, err);
    if (st != OK) {
        return st;
    }
    if (got_fields != n_fields) {
        row_st = err_set(err, E_DATA, "%s: %d columns where %d were expected", what, got_fields, n_fields);
    }
    for (unsigned count = 0;; count++) {
        char *data = NULL;
        int len = PQgetCopyData(c->pg, &data, 1);

        if (len > 0) {
            const unsigned char *p = (const unsigned char *)data;

            /* After a refusal the rest is read and dropped, so that the connection stays usable. */
            if (row_st == OK) {
                row_st = one_message(&r, p, p + len, err);
            }
            PQfreemem(data);
            if (c->tick != NULL && count % 4096 == 0 && pgconn_now() - tick_us > 1000000) {
                tick_us = pgconn_now();
                c->tick(c->tick_ctx);
            }
            continue;
        }
        if (len < 0) {
            break; /* done (-1) or failed (-2): the result that follows tells which */
        }
        st = pgconn_wait(c, POLLIN, pgconn_deadline(c), what, row_st == OK ? err : &ignored);
        if (st == OK && !PQconsumeInput(c->pg)) {
            st = pgconn_lost(c, what, row_st == OK ? err : &ignored);
        }
        if (st != OK) {
            return row_st == OK ? st : row_st;
        }
    }
    st = pgconn_drain(c, pgconn_deadline(c), what, &res, row_st == OK ? err : &ignored);
    PQclear(res);
    if (row_st != OK) {
        return row_st;
    }
    if (st == OK && !r.trailer_seen) {
        st = broken(&r, err);
    }
    if (st == OK && n_rows != NULL) {
        *n_rows = r.n_rows;
    }
    return st;
}

/* --- in ----------------------------------------------------------------------------------------------------------*/

enum status pgconn_copy_in(struct pgconn *c, const char *what, const char *sql, struct err *err)
{
    int n = 0;

    c->copy_what = what;
    c->copy_began_us = pgconn_now();
    return start_copy(c, what, sql, PGRES_COPY_IN, &n, err);
}

enum status pgconn_copy_put(struct pgconn *c, struct buf *b, struct err *err)
{
    enum status st = buf_check(b, err);
    size_t done = 0;

    if (st != OK) {
        return st;
    }
    if (c->pg == NULL) {
        return err_set(err, E_RETRY, "%s: not connected to the database", c->copy_what);
    }
    while (done < b->len) {
        size_t part = b->len - done < 1u << 20 ? b->len - done : 1u << 20;
        int rc = PQputCopyData(c->pg, b->data + done, (int)part);

        if (rc < 0) {
            /* Most often the server has refused a row already: its reason comes as the result. */
            return pgconn_copy_end(c, NULL, err);
        }
        if (rc > 0) {
            done += part;
        }
        st = pgconn_flush(c, pgconn_deadline(c), c->copy_what, err);
        if (st != OK) {
            return st;
        }
    }
    buf_clear(b);
    return OK;
}

/* After the last row the server checks the constraints of all of them, in silence: it may take as long again as they took. */
static int64_t end_deadline(const struct pgconn *c)
{
    int64_t deadline_us = pgconn_deadline(c);

    return deadline_us == INT64_MAX ? deadline_us : deadline_us + (pgconn_now() - c->copy_began_us);
}

static enum status end_copy(struct pgconn *c, const char *why, int64_t *n_rows, struct err *err)
{
    int64_t deadline_us = end_deadline(c);
    PGresult *res = NULL;
    enum status st;

    if (c->pg == NULL) {
        return err_set(err, E_RETRY, "%s: not connected to the database", c->copy_what);
    }
    for (int rc = 0; rc == 0;) {
        rc = PQputCopyEnd(c->pg, why);
        st = pgconn_flush(c, deadline_us, c->copy_what, err);
        if (st != OK) {
            return st;
        }
    }
    st = pgconn_drain(c, deadline_us, c->copy_what, &res, err);
    if (st == OK && n_rows != NULL) {
        *n_rows = strtoll(PQcmdTuples(res), NULL, 10);
    }
    PQclear(res);
    return st;
}

enum status pgconn_copy_end(struct pgconn *c, int64_t *n_rows, struct err *err)
{
    return end_copy(c, NULL, n_rows, err);
}

void pgconn_copy_abort(struct pgconn *c)
{
    struct err ignored;

    if (c->pg != NULL) {
        (void)end_copy(c, "aborted", NULL, &ignored);
    }
}

void pgcopy_sep(struct buf *b)
{
    buf_char(b, '\t');
}

void pgcopy_null(struct buf *b)
{
    buf_add(b, "\\N", 2);
}

void pgcopy_text(struct buf *b, const char *s, size_t len)
{
    size_t from = 0;

    if (s == NULL) {
        pgcopy_null(b);
        return;
    }
    for (size_t i = 0; i < len; i++) {
        const char *esc;

        switch (s[i]) {
        case '\\':
            esc = "\\\\";
            break;
        case '\t':
            esc = "\\t";
            break;
        case '\n':
            esc = "\\n";
            break;
        case '\r':
            esc = "\\r";
            break;
        default:
            continue;
        }
        buf_add(b, s + from, i - from);
        buf_add(b, esc, 2);
        from = i + 1;
    }
    buf_add(b, s + from, len - from);
}

void pgcopy_bytes(struct buf *b, const void *p, size_t n)
{
    static const char hex[] = "0123456789abcdef";
    const unsigned char *s = p;

    buf_add(b, "\\\\x", 3);
    for (size_t i = 0; i < n; i++) {
        char two[2] = {hex[s[i] >> 4], hex[s[i] & 15]};

        buf_add(b, two, 2);
    }
}

void pgcopy_int(struct buf *b, int64_t v)
{
    buf_fmt(b, "%" PRId64, v);
}

void pgcopy_double(struct buf *b, double v)
{
    if (isnan(v)) {
        buf_str(b, "NaN");
    } else if (isinf(v)) {
        buf_str(b, v > 0 ? "Infinity" : "-Infinity");
    } else {
        buf_fmt(b, "%.17g", v);
    }
}

void pgcopy_bool(struct buf *b, bool v)
{
    buf_char(b, v ? 't' : 'f');
}

void pgcopy_instant(struct buf *b, instant_t t)
{
    char s[28];

    if (t == INSTANT_NONE) {
        pgcopy_null(b);
        return;
    }
    instant_format(t, s);
    buf_str(b, s);
}

void pgcopy_day(struct buf *b, day_t d)
{
    char s[11];

    if (d == DAY_NONE) {
        pgcopy_null(b);
        return;
    }
    day_format(d, s);
    buf_str(b, s);
}

void pgcopy_end_row(struct buf *b)
{
    buf_char(b, '\n');
}
