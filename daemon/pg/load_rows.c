/* What is kept of the source's rows, read back: hashes, or contents. */
#include <inttypes.h>
#include <string.h>

#include "base/vec.h"
#include "pg/load.h"

static enum status find_view(const struct pgfield *f, enum src_view *ret, struct err *err)
{
    for (int v = 0; v < SRC_VIEWS; v++) {
        const char *name = contract_views[v].name;

        if (f->len == (int32_t)strlen(name) && memcmp(f->p, name, strlen(name)) == 0) {
            *ret = (enum src_view)v;
            return OK;
        }
    }
    return err_set(err, E_DATA, "the store holds rows of a view that this version does not know");
}

static enum status on_hash(void *ctx, const struct pgfield *f, int n_fields, struct err *err)
{
    struct sha256 h;
    enum src_view view = SRC_SUBJECT;
    enum status st = find_view(&f[0], &view, err);

    (void)n_fields;
    if (st == OK && (f[1].len < 0 || f[2].len != SHA256_LEN)) {
        st = err_set(err, E_DATA, "a stored row of %s has no key or no hash", contract_views[view].name);
    }
    if (st != OK) {
        return st;
    }
    memcpy(h.b, f[2].p, sizeof h.b);
    return rows_load(ctx, view, (const char *)f[1].p, (size_t)f[1].len, &h, err);
}

enum status load_row_hashes(struct pgconn *c, struct rows *r, struct err *err)
{
    static const char sql[] =
        "COPY (SELECT view, key, hash FROM (SELECT DISTINCT ON (view, key) view, key, hash, deleted"
        " FROM dsmb.snapshot_row ORDER BY view DESC, key DESC, look DESC) n WHERE NOT deleted)"
        " TO STDOUT (FORMAT binary)";
    int64_t n = 0;

    return pgconn_copy_out(c, "stored rows", sql, 3, on_hash, r, &n, err);
}

struct contents {
    source_row_fn *row;
    void *ctx;
};

static uint32_t u32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* text[] in binary: dimensions, has nulls, element type, length, lower bound; then the elements, as rows.h has them. */
static enum status on_content(void *ctx, const struct pgfield *f, int n_fields, struct err *err)
{
    enum { ARRAY_HEAD = 20 };
    const struct contents *k = ctx;
    struct field fields[SRC_COLUMNS_MAX];
    enum src_view view = SRC_SUBJECT;
    enum status st = find_view(&f[0], &view, err);

    (void)n_fields;
    if (st == OK && (f[1].len < ARRAY_HEAD || u32(f[1].p) != 1)) {
        st = err_set(err, E_DATA, "a stored row of %s is damaged (dsmbctl ledger verify)",
                     contract_views[view].name);
    }
    if (st == OK) {
        st = row_decode(view, (const char *)f[1].p + ARRAY_HEAD, (size_t)f[1].len - ARRAY_HEAD, fields, err);
    }
    return st == OK ? k->row(k->ctx, view, fields, err) : st;
}

enum status load_row_contents(struct pgconn *c, enum load_side side, int64_t look, source_row_fn *row,
                              void *ctx, struct err *err)
{
    struct contents k = {.row = row, .ctx = ctx};
    struct buf sql = {0};
    int64_t n = 0;
    enum status st;

    buf_fmt(&sql,
            "COPY (SELECT view, content FROM (SELECT DISTINCT ON (view, key) view, key, content, deleted"
            " FROM %s WHERE look <= %" PRId64
            " ORDER BY view DESC, key DESC, look DESC) n WHERE NOT deleted) TO STDOUT (FORMAT binary)",
            side == LOAD_VIEWS ? "dsmb.changes" : "dsmb.snapshot_row", look);
    st = buf_check(&sql, err);
    if (st == OK) {
        st = pgconn_copy_out(c, "stored rows", sql.data, 2, on_content, &k, &n, err);
    }
    buf_done(&sql);
    return st;
}
