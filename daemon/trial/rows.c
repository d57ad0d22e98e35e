#include "trial/rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/vec.h"
#include "trial/canon.h"
#include "trial/rowkey.h"
#include "trial/rowtable.h"

enum { HASH_BATCH = 64 * 1024, PENDING_KEEP = 16 * 1024 };

struct pending {
    struct sha256 hash;
    const char *content; /* in `contents` */
    size_t len;
};

struct rows {
    struct rowtable table;
    struct sha256_ctx *sha;
    struct buf key, row; /* scratch */
    struct arena contents;
    struct pending *pending;
    size_t n_pending, cap_pending;
    struct row_change *changes;
    size_t n_changes;
    size_t seen[SRC_VIEWS], known[SRC_VIEWS];
    size_t last;     /* the row last seen */
    uint32_t *order; /* the first n_order rows of the table in canonical order: view, then key */
    size_t n_order, cap_order;
    uint32_t reading;
    bool reading_now;
    bool have_hash;  /* `snapshot` is the hash of what is known */
    uint32_t hashed; /* the reading `snapshot` was last computed in */
    struct sha256 snapshot;
};

void rows_free(struct rows *r)
{
    if (r == NULL) {
        return;
    }
    rowtable_done(&r->table);
    buf_wipe(&r->key);
    buf_wipe(&r->row);
    arena_done(&r->contents);
    sha256_free(r->sha);
    free(r->pending);
    free(r->changes);
    free(r->order);
    free(r);
}

enum status rows_new(struct rows **ret, struct err *err)
{
    struct rows *r = calloc(1, sizeof *r);
    enum status st;

    if (r == NULL) {
        return err_set(err, E_NOMEM, "the table of rows");
    }
    st = rowtable_init(&r->table, err);
    if (st == OK) {
        st = sha256_new(&r->sha, err);
    }
    if (st == OK) {
        *ret = r;
        r = NULL;
    }
    rows_free(r);
    return st;
}

enum status rows_load(struct rows *r, enum src_view view, const char *key, size_t key_len,
                      const struct sha256 *hash, struct err *err)
{
    size_t i;
    enum status st = rowtable_get(&r->table, view, key, key_len, &i, err);

    if (st != OK) {
        return st;
    }
    if (!r->table.items[i].live) {
        r->known[view]++;
    }
    r->table.items[i].live = true;
    r->table.items[i].hash = *hash;
    r->have_hash = false;
    return OK;
}

enum status rows_begin(struct rows *r, struct err *err)
{
    if (r->reading_now) {
        return err_set(err, E_INTERNAL, "a reading is under way");
    }
    if (r->reading == UINT32_MAX) { /* once in four thousand million readings */
        for (size_t i = 0; i < r->table.n; i++) {
            r->table.items[i].seen = 0;
        }
        r->reading = 0;
        r->hashed = 0;
    }
    r->reading++;
    r->reading_now = true;
    r->n_pending = 0;
    free(r->changes);
    r->changes = NULL;
    r->n_changes = 0;
    arena_done(&r->contents);
    if (r->cap_pending > PENDING_KEEP) { /* the first reading changes every row, later ones few */
        free(r->pending);
        r->pending = NULL;
        r->cap_pending = 0;
    }
    memset(r->seen, 0, sizeof r->seen);
    return OK;
}

void row_encode(enum src_view view, const struct field *f, struct buf *out)
{
    buf_clear(out);
    for (size_t c = 0; c < contract_views[view].n_columns; c++) {
        if (f[c].len < 0) {
            buf_u32be(out, UINT32_MAX);
        } else {
            buf_u32be(out, (uint32_t)f[c].len);
            buf_add(out, f[c].p, (size_t)f[c].len);
        }
    }
}

/* Notes `f` as what the row holds in this reading. */
static enum status take(struct rows *r, struct row *e, const struct field *f, struct err *err)
{
    struct sha256 h;
    struct pending *p;
    enum status st;

    row_encode((enum src_view)e->view, f, &r->row);
    st = buf_check(&r->row, err);
    if (st != OK) {
        return st;
    }
    sha256_add(r->sha, r->row.data, r->row.len);
    st = sha256_take(r->sha, &h, err);
    if (st != OK) {
        return st;
    }
    if (e->live && memcmp(&h, &e->hash, sizeof h) == 0) {
        e->pending = 0; /* what a duplicate may have left in `contents` is dropped with the reading */
        return OK;
    }
    st = VEC_PUSH_ROOM(r->pending, r->n_pending, r->cap_pending, err);
    if (st != OK) {
        return st;
    }
    p = &r->pending[r->n_pending];
    *p = (struct pending){.hash = h, .len = r->row.len};
    st = arena_keep(&r->contents, r->row.data, r->row.len, "the content of a row", &p->content, err);
    if (st == OK) {
        e->pending = (uint32_t)++r->n_pending;
    }
    return st;
}

static enum status see_again(struct rows *r, struct row *e, const struct field *f, uint64_t rank,
                             struct err *err)
{
    enum status st = OK;

    if (rank == e->rank || e->merged) {
        return OK;
    }
    if (e->view == SRC_ARM) {
        struct field none[ARM_COLUMNS] = {f[ARM_SUBJECT], {.len = -1}, {.len = -1}};

        st = take(r, e, none, err);
        e->merged = true;
    } else if (rank < e->rank) {
        st = take(r, e, f, err);
        e->rank = rank;
    }
    return st;
}

enum status rows_see(struct rows *r, enum src_view view, const struct field *f, bool *duplicate,
                     struct err *err)
{
    uint64_t rank = row_rank(view, f);
    struct row *e;
    size_t i;
    enum status st;

    if (!r->reading_now) {
        return err_set(err, E_INTERNAL, "no reading is under way");
    }
    (void)row_key(view, f, rank, &r->key);
    st = buf_check(&r->key, err);
    if (st == OK) {
        st = rowtable_get(&r->table, view, buf_cstr(&r->key), r->key.len, &i, err);
    }
    if (st != OK) {
        return st;
    }
    e = &r->table.items[i];
    r->last = i;
    if (e->seen == r->reading) {
        e->twice = true;
        st = see_again(r, e, f, rank, err);
        if (st == OK) {
            *duplicate = true;
        }
        return st;
    }
    e->merged = false;
    e->twice = false;
    e->same = false;
    e->pending = 0;
    st = take(r, e, f, err);
    if (st == OK) {
        e->rank = rank;
        e->seen = r->reading;
        r->seen[view]++;
        *duplicate = false;
    }
    return st;
}

size_t rows_last(const struct rows *r)
{
    return r->last;
}

bool rows_same(struct rows *r, size_t row)
{
    struct row *e = &r->table.items[row];

    if (!e->live || e->seen == r->reading) {
        return false;
    }
    e->merged = false;
    e->twice = false;
    e->same = true;
    e->pending = 0;
    e->seen = r->reading;
    r->seen[e->view]++;
    return true;
}

bool rows_unshown(const struct rows *r, size_t row)
{
    const struct row *e = &r->table.items[row];

    return e->seen == r->reading && e->same;
}

bool rows_settled(const struct rows *r, size_t row)
{
    const struct row *e = &r->table.items[row];

    return e->live && e->seen == r->reading && e->pending == 0 && !e->twice;
}

const char *rows_key(const struct rows *r, size_t row, size_t *len)
{
    *len = r->table.items[row].key_len;
    return r->table.items[row].key;
}

static bool seen_now(const struct rows *r, const struct row *e)
{
    return e->seen == r->reading;
}

/* All rows, or those that are not as the last look knew them. */
static bool wanted(const struct rows *r, const struct row *e, bool only_changed)
{
    return !only_changed || (seen_now(r, e) ? e->pending != 0 : e->live);
}

/* Rows of the table from number `from` on, in canonical order: view, then key. */
static enum status sort_rows(const struct rows *r, size_t from, bool only_changed, struct canon_item **ret,
                             size_t *n_ret, struct err *err)
{
    struct canon_item *items = NULL;
    size_t n = 0, count[SRC_VIEWS] = {0}, at[SRC_VIEWS], begin = 0;

    for (size_t i = from; i < r->table.n; i++) {
        count[r->table.items[i].view] += wanted(r, &r->table.items[i], only_changed);
    }
    for (size_t v = 0; v < SRC_VIEWS; v++) {
        at[v] = n;
        n += count[v];
    }
    items = malloc((n + 1) * sizeof *items);
    if (items == NULL) {
        return err_set(err, E_NOMEM, "putting %zu rows in order", n);
    }
    for (size_t i = from; i < r->table.n; i++) {
        const struct row *e = &r->table.items[i];

        if (wanted(r, e, only_changed)) {
            items[at[e->view]++] = (struct canon_item){.p = e->key, .len = e->key_len, .index = (uint32_t)i};
        }
    }
    for (size_t v = 0; v < SRC_VIEWS; v++) {
        canon_sort(items + begin, count[v]);
        begin += count[v];
    }
    *ret = items;
    *n_ret = n;
    return OK;
}

static bool comes_after(const struct rows *r, uint32_t a, const struct canon_item *b)
{
    const struct row *x = &r->table.items[a], *y = &r->table.items[b->index];

    return x->view != y->view ? x->view > y->view : canon_compare(x->key, x->key_len, b->p, b->len) > 0;
}

/* Brings `order` up to date.  Rows are never removed from the table, so only new ones are sorted, and merged in. */
static enum status put_in_order(struct rows *r, struct err *err)
{
    struct canon_item *add = NULL;
    size_t n = 0, old = r->n_order;
    enum status st;

    if (r->table.n == old) {
        return OK;
    }
    st = sort_rows(r, old, false, &add, &n, err);
    if (st == OK) {
        st = vec_reserve(&r->order, &r->cap_order, r->table.n, sizeof *r->order, err);
    }
    for (size_t to = old + n; st == OK && n > 0;) {
        if (old > 0 && comes_after(r, r->order[old - 1], &add[n - 1])) {
            r->order[--to] = r->order[--old];
        } else {
            r->order[--to] = add[--n].index;
        }
    }
    if (st == OK) {
        r->n_order = r->table.n;
    }
    free(add);
    return st;
}

/* Every known row was seen, no other was, and none had new content (duplicates may make this a needless no). */
static bool unchanged(const struct rows *r)
{
    return r->n_pending == 0 && memcmp(r->seen, r->known, sizeof r->seen) == 0;
}

enum status rows_changes(struct rows *r, const struct row_change **ret, size_t *n_ret, struct err *err)
{
    struct canon_item *items = NULL;
    size_t n = 0;
    enum status st;

    if (!r->reading_now) {
        return err_set(err, E_INTERNAL, "no reading is under way");
    }
    free(r->changes);
    r->changes = NULL;
    r->n_changes = 0;
    if (!unchanged(r)) {
        st = sort_rows(r, 0, true, &items, &n, err);
        if (st != OK) {
            return st;
        }
    }
    if (n > 0) {
        r->changes = calloc(n, sizeof *r->changes);
        if (r->changes == NULL) {
            free(items);
            return err_set(err, E_NOMEM, "a list of %zu changed rows", n);
        }
    }
    for (size_t i = 0; i < n; i++) {
        const struct row *e = &r->table.items[items[i].index];
        struct row_change c = {
            .view = (enum src_view)e->view, .key = e->key, .hash = e->hash, .deleted = true};

        if (seen_now(r, e)) {
            const struct pending *p = &r->pending[e->pending - 1];

            c.hash = p->hash;
            c.deleted = false;
            c.content = p->content;
            c.content_len = p->len;
        }
        r->changes[i] = c;
    }
    free(items);
    r->n_changes = n;
    *ret = r->changes;
    *n_ret = n;
    return OK;
}

static unsigned char *put_be(unsigned char *p, uint64_t v, int n)
{
    for (int i = n; i > 0; i--) {
        p[i - 1] = (unsigned char)v;
        v >>= 8;
    }
    return p + n;
}

/* View, length of the key, key, hash, for each row seen; `batch` has room for HASH_BATCH bytes. */
static void hash_rows(struct rows *r, unsigned char *batch)
{
    size_t n = 0, fixed = 4 + 8 + sizeof(struct sha256);
    unsigned char *p = batch;

    for (int v = 0; v < SRC_VIEWS; v++) {
        n += r->seen[v];
    }
    p = put_be(p, n, 8);
    for (size_t i = 0; i < r->n_order; i++) {
        const struct row *e = &r->table.items[r->order[i]];
        const struct sha256 *h = e->pending != 0 ? &r->pending[e->pending - 1].hash : &e->hash;

        if (!seen_now(r, e)) {
            continue;
        }
        if (fixed + e->key_len > HASH_BATCH - (size_t)(p - batch)) {
            sha256_add(r->sha, batch, (size_t)(p - batch));
            p = batch;
        }
        p = put_be(put_be(p, e->view, 4), e->key_len, 8);
        if (fixed + e->key_len > HASH_BATCH) { /* a key longer than any batch */
            sha256_add(r->sha, batch, (size_t)(p - batch));
            sha256_add(r->sha, e->key, e->key_len);
            p = batch;
        } else {
            memcpy(p, e->key, e->key_len);
            p += e->key_len;
        }
        memcpy(p, h->b, sizeof h->b);
        p += sizeof h->b;
    }
    sha256_add(r->sha, batch, (size_t)(p - batch));
}

enum status rows_snapshot_hash(struct rows *r, struct sha256 *ret, struct err *err)
{
    unsigned char *batch = NULL;
    struct sha256 h;
    enum status st;

    if (!r->reading_now) {
        return err_set(err, E_INTERNAL, "no reading is under way");
    }
    if (r->have_hash && unchanged(r)) {
        *ret = r->snapshot;
        return OK;
    }
    st = put_in_order(r, err);
    if (st != OK) {
        return st;
    }
    batch = malloc(HASH_BATCH);
    if (batch == NULL) {
        return err_set(err, E_NOMEM, "hashing a snapshot");
    }
    hash_rows(r, batch);
    free(batch);
    st = sha256_take(r->sha, &h, err);
    if (st == OK) {
        r->snapshot = h;
        r->hashed = r->reading;
        r->have_hash = unchanged(r);
        *ret = h;
    }
    return st;
}

bool rows_hash(const struct rows *r, enum src_view view, const char *key, size_t len, struct sha256 *ret)
{
    size_t i = rowtable_find(&r->table, view, key, len);
    const struct row *e = i == r->table.n ? NULL : &r->table.items[i];

    if (e == NULL || !(r->reading_now ? seen_now(r, e) : e->live)) {
        return false;
    }
    *ret = r->reading_now && e->pending != 0 ? r->pending[e->pending - 1].hash : e->hash;
    return true;
}

size_t rows_seen(const struct rows *r, enum src_view view)
{
    return r->seen[view];
}

size_t rows_known(const struct rows *r, enum src_view view)
{
    return r->known[view];
}

void rows_commit(struct rows *r)
{
    if (!r->reading_now) {
        return;
    }
    r->reading_now = false;
    if (unchanged(r)) {
        return;
    }
    for (size_t i = 0; i < r->table.n; i++) {
        struct row *e = &r->table.items[i];

        e->live = seen_now(r, e);
        if (e->live && e->pending != 0) {
            e->hash = r->pending[e->pending - 1].hash;
            e->pending = 0;
        }
    }
    memcpy(r->known, r->seen, sizeof r->known);
    r->have_hash = r->hashed == r->reading;
}

void rows_abort(struct rows *r)
{
    r->reading_now = false;
}

enum status row_decode(enum src_view view, const char *content, size_t len, struct field out[SRC_COLUMNS_MAX],
                       struct err *err)
{
    const struct src_view_def *v = &contract_views[view];
    struct field f[SRC_COLUMNS_MAX] = {0};
    size_t at = 0;

    for (size_t c = 0; c < v->n_columns; c++) {
        uint32_t n = 0;

        if (len - at < 4) {
            return err_set(err, E_DATA, "a stored row of %s ends before its column %s", v->name,
                           v->column[c].name);
        }
        for (int i = 0; i < 4; i++) {
            n = n << 8 | (unsigned char)content[at++];
        }
        if (n == UINT32_MAX) {
            f[c].len = -1;
            continue;
        }
        if (n > INT32_MAX || n > len - at) {
            return err_set(err, E_DATA, "a stored row of %s ends inside its column %s", v->name,
                           v->column[c].name);
        }
        f[c].p = content + at;
        f[c].len = (int32_t)n;
        at += n;
    }
    if (at != len) {
        return err_set(err, E_DATA, "a stored row of %s has bytes after its last column", v->name);
    }
    memcpy(out, f, sizeof f);
    return OK;
}
