#include "trial/reading.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "trial/builder.h"

enum {
    LOOK_AHEAD = 8,           /* tuples skipped: rows that went, or moved */
    MISSES = 64,              /* and one in 1024 tuples: taken in full before the index is made and asked */
    KEYS = 4,                 /* words of the secret key */
    GARBAGE_STRINGS = 1 << 16 /* strings of rows that went, beyond as many as there are in use */
};

struct tuple {
    uint64_t h[2]; /* 0, 0: not to be relied on */
    uint32_t row;  /* of rows.h */
    bool here;     /* of before: came in this reading; of now: was taken in full */
};

struct tuples {
    struct tuple *items;
    size_t n, cap;
};

struct reading {
    struct rows *rows;
    const struct arms *arms;
    struct builder *builder;
    struct snapshot *snapshot; /* of the last reading; NULL: nothing is known */
    uint64_t key[KEYS];
    struct tuples before[SRC_VIEWS], now[SRC_VIEWS];
    size_t at[SRC_VIEWS];       /* where the next tuple is expected */
    uint32_t *index[SRC_VIEWS]; /* by hash: 1 + place in before; made when first wanted */
    size_t index_mask[SRC_VIEWS];
    size_t misses[SRC_VIEWS];
    struct tuple asked; /* what reading_same was last asked about */
    bool was_asked, duplicates, again, open, sound;
    size_t strings; /* in the pool when everything was last taken in full */
};

static void drop_index(struct reading *r)
{
    for (int v = 0; v < SRC_VIEWS; v++) {
        free(r->index[v]);
        r->index[v] = NULL;
    }
}

/* Nothing is known any more. */
static void forget(struct reading *r)
{
    drop_index(r);
    for (int v = 0; v < SRC_VIEWS; v++) {
        free(r->before[v].items);
        free(r->now[v].items);
        r->before[v] = r->now[v] = (struct tuples){0};
    }
    builder_free(r->builder);
    r->builder = NULL;
    snapshot_free(r->snapshot);
    r->snapshot = NULL;
    r->open = r->sound = false;
}

void reading_free(struct reading *r)
{
    if (r != NULL) {
        forget(r);
        explicit_bzero(r->key, sizeof r->key);
        free(r);
    }
}

enum status reading_new(struct rows *rows, const struct arms *arms, const struct sha256 *key,
                        struct reading **ret, struct err *err)
{
    struct reading *r = calloc(1, sizeof *r);

    if (r == NULL) {
        return err_set(err, E_NOMEM, "reading the source");
    }
    r->rows = rows;
    r->arms = arms;
    memcpy(r->key, key->b, sizeof r->key);
    *ret = r;
    return OK;
}

enum status reading_begin(struct reading *r, struct err *err)
{
    enum status st = OK;

    if (r->open || !r->sound ||
        (r->snapshot != NULL && pool_count(r->snapshot->pool) > 2 * r->strings + GARBAGE_STRINGS)) {
        forget(r);
    }
    if (r->builder == NULL) {
        st = builder_new(r->arms, &r->builder, err);
    } else {
        builder_resume(r->builder, r->snapshot);
        r->snapshot = NULL;
    }
    memset(r->at, 0, sizeof r->at);
    memset(r->misses, 0, sizeof r->misses);
    r->was_asked = r->duplicates = r->again = r->sound = false;
    r->open = true;
    return st;
}

/* ---- the hash: two independent chains of 64 x 64 -> 128 bit multiplications, as in wyhash ---- */

static uint64_t fold(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 wide;
    wide w = (wide)a * b;

    return (uint64_t)w ^ (uint64_t)(w >> 64);
}

static uint64_t load(const unsigned char *p)
{
    uint64_t w;

    memcpy(&w, p, sizeof w);
    return w;
}

static void hash(const uint64_t k[KEYS], uint64_t sense, const unsigned char *p, size_t len, uint64_t ret[2])
{
    uint64_t a = k[0] ^ len, b = fold(k[1] ^ len, k[2] ^ sense), w0, w1;
    unsigned char tail[16] = {0};

    for (; len >= 16; p += 16, len -= 16) {
        w0 = load(p);
        w1 = load(p + 8);
        a = fold(a ^ w0 ^ k[2], w1 ^ k[3]) ^ b;
        b = fold(b ^ w1 ^ k[0], w0 ^ k[1]) + a;
    }
    if (len > 0) {
        memcpy(tail, p, len);
    }
    w0 = load(tail);
    w1 = load(tail + 8);
    a = fold(a ^ w0 ^ k[2], w1 ^ k[3]) ^ b;
    b = fold(b ^ w1 ^ k[0], w0 ^ k[1]) + a;
    ret[0] = fold(a ^ k[1], b ^ k[2]);
    ret[1] = fold(b ^ k[3], a ^ k[0]) | 1; /* never 0, 0 */
}

/* ---- which tuple of the last reading ---- */

static bool equal(const struct tuple *a, const struct tuple *b)
{
    return a->h[0] == b->h[0] && a->h[1] == b->h[1];
}

static bool make_index(struct reading *r, enum src_view v)
{
    const struct tuples *t = &r->before[v];
    size_t n = 64;

    while (n < 2 * t->n) {
        n *= 2;
    }
    r->index[v] = calloc(n, sizeof *r->index[v]);
    if (r->index[v] == NULL) {
        return false; /* slower, not wrong: the row is taken in full */
    }
    r->index_mask[v] = n - 1;
    for (size_t k = 0; k < t->n; k++) {
        size_t i = t->items[k].h[0] & (n - 1);

        if (t->items[k].here) {
            continue;
        }
        while (r->index[v][i] != 0) {
            i = (i + 1) & (n - 1);
        }
        r->index[v][i] = (uint32_t)k + 1;
    }
    return true;
}

static struct tuple *find(struct reading *r, enum src_view v, const struct tuple *want)
{
    struct tuples *t = &r->before[v];
    size_t at = r->at[v], i;

    for (size_t k = at; k < t->n && k < at + LOOK_AHEAD; k++) {
        if (equal(&t->items[k], want)) {
            r->at[v] = k + 1;
            return &t->items[k];
        }
    }
    if (t->n == 0 || (r->index[v] == NULL && (r->misses[v]++ < MISSES + t->n / 1024 || !make_index(r, v)))) {
        return NULL;
    }
    for (i = want->h[0] & r->index_mask[v]; r->index[v][i] != 0; i = (i + 1) & r->index_mask[v]) {
        struct tuple *k = &t->items[r->index[v][i] - 1];

        if (equal(k, want)) {
            /* The whole reading may have begun elsewhere (synchronised scans): go on from here. */
            r->at[v] = (size_t)(k - t->items) + 1;
            return k;
        }
    }
    return NULL;
}

static bool keep(struct reading *r, enum src_view v, const struct tuple *t, bool in_full)
{
    struct tuples *now = &r->now[v];

    if (VEC_PUSH_ROOM(now->items, now->n, now->cap, NULL) != OK) {
        return false;
    }
    now->items[now->n] = *t;
    now->items[now->n++].here = in_full;
    return true;
}

bool reading_same(struct reading *r, enum src_view view, uint64_t sense, const void *tuple, size_t len)
{
    struct tuple *known;

    hash(r->key, sense, tuple, len, r->asked.h);
    r->was_asked = true;
    known = find(r, view, &r->asked);
    if (known == NULL || known->here || !keep(r, view, known, false)) {
        return false;
    }
    if (!rows_same(r->rows, known->row)) {
        r->now[view].n--;
        return false;
    }
    known->here = true;
    r->was_asked = false;
    return true;
}

enum status reading_row(struct reading *r, enum src_view view, const struct field *f, struct err *err)
{
    bool duplicate = false;
    enum status st = rows_see(r->rows, view, f, &duplicate, err);

    if (st == OK) {
        r->asked.row = (uint32_t)rows_last(r->rows);
        st = builder_row(r->builder, view, f, err);
    }
    if (st != OK) {
        return st;
    }
    if (duplicate) {
        r->duplicates = true;
        /* The builder was not shown the first of the two. */
        r->again = r->again || rows_unshown(r->rows, r->asked.row);
    }
    if (r->was_asked && !keep(r, view, &r->asked, true)) {
        return err_set(err, E_NOMEM, "reading the source");
    }
    r->was_asked = false;
    return OK;
}

/* Rows of the last reading that did not come again as they were. */
static enum status tell_gone(struct reading *r, struct err *err)
{
    enum status st = OK;

    for (int v = 0; v < SRC_VIEWS; v++) {
        const struct tuples *t = &r->before[v];

        for (size_t i = 0; st == OK && i < t->n; i++) {
            if (!t->items[i].here) {
                size_t len = 0;
                const char *key = rows_key(r->rows, t->items[i].row, &len);

                st = builder_gone(r->builder, (enum src_view)v, key, len, err);
            }
        }
    }
    return st;
}

enum status reading_finish(struct reading *r, const struct snapshot **ret, bool *again, struct err *err)
{
    bool whole = true;
    enum status st;

    *ret = NULL;
    *again = r->again;
    if (r->again) {
        return OK;
    }
    for (int v = 0; v < SRC_VIEWS; v++) {
        whole = whole && r->before[v].n == 0;
    }
    st = tell_gone(r, err);
    if (st == OK) {
        st = builder_finish(r->builder, &r->snapshot, err);
    }
    if (st != OK) {
        return st;
    }
    if (whole) {
        r->strings = pool_count(r->snapshot->pool);
    }
    r->sound = true;
    *ret = r->snapshot;
    return OK;
}

void reading_close(struct reading *r)
{
    if (!r->open || !r->sound) {
        forget(r);
        return;
    }
    drop_index(r);
    for (int v = 0; v < SRC_VIEWS; v++) {
        struct tuples old = r->before[v];

        r->before[v] = r->now[v];
        old.n = 0;
        r->now[v] = old;
        for (size_t i = 0; i < r->before[v].n; i++) {
            struct tuple *t = &r->before[v].items[i];

            if ((t->here || r->duplicates) && !rows_settled(r->rows, t->row)) {
                t->h[0] = t->h[1] = 0;
            }
            t->here = false;
        }
    }
    r->open = false;
}
