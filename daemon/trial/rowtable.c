#include "trial/rowtable.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/vec.h"

enum { FIRST_SLOTS = 1024 };

enum status rowtable_init(struct rowtable *t, struct err *err)
{
    uint32_t *slots = calloc(FIRST_SLOTS, sizeof *slots);

    if (slots == NULL) {
        return err_set(err, E_NOMEM, "the table of rows");
    }
    *t = (struct rowtable){.slots = slots, .n_slots = FIRST_SLOTS};
    return OK;
}

void rowtable_done(struct rowtable *t)
{
    arena_done(&t->keys);
    free(t->items);
    free(t->slots);
    *t = (struct rowtable){0};
}

static enum status grow_slots(struct rowtable *t, struct err *err)
{
    size_t n = t->n_slots * 2;
    uint32_t *s = calloc(n, sizeof *s);

    if (s == NULL) {
        return err_set(err, E_NOMEM, "the table of %zu rows", t->n);
    }
    for (size_t k = 0; k < t->n; k++) {
        size_t i = t->items[k].hash32 & (n - 1);

        while (s[i] != 0) {
            i = (i + 1) & (n - 1);
        }
        s[i] = (uint32_t)k + 1;
    }
    free(t->slots);
    t->slots = s;
    t->n_slots = n;
    return OK;
}

/* The slot that holds the row of that key, or the one that it would go into. */
static size_t slot_of(const struct rowtable *t, uint32_t hash32, enum src_view view, const char *key,
                      size_t len)
{
    size_t i = hash32 & (t->n_slots - 1);

    while (t->slots[i] != 0) {
        const struct row *e = &t->items[t->slots[i] - 1];

        if (e->hash32 == hash32 && e->view == view && e->key_len == len && memcmp(e->key, key, len) == 0) {
            break;
        }
        i = (i + 1) & (t->n_slots - 1);
    }
    return i;
}

static uint32_t hash_key(enum src_view view, const char *key, size_t len)
{
    return hash_bytes((uint64_t)view << 56, key, len);
}

size_t rowtable_find(const struct rowtable *t, enum src_view view, const char *key, size_t len)
{
    size_t i = slot_of(t, hash_key(view, key, len), view, key, len);

    return t->slots[i] == 0 ? t->n : t->slots[i] - 1;
}

enum status rowtable_get(struct rowtable *t, enum src_view view, const char *key, size_t len, size_t *ret,
                         struct err *err)
{
    uint32_t h = hash_key(view, key, len);
    struct row add = {.key_len = (uint32_t)len, .hash32 = h, .view = (uint8_t)view};
    size_t i;
    enum status st;

    if (len >= UINT32_MAX || t->n >= UINT32_MAX - 1) {
        return err_set(err, E_NOMEM, "more rows, or a longer key, than the table can hold");
    }
    if (t->n * 2 >= t->n_slots && (st = grow_slots(t, err)) != OK) {
        return st;
    }
    i = slot_of(t, h, view, key, len);
    if (t->slots[i] != 0) {
        *ret = t->slots[i] - 1;
        return OK;
    }
    st = VEC_PUSH_ROOM(t->items, t->n, t->cap, err);
    if (st == OK) {
        st = arena_keep(&t->keys, key, len, "the key of a row", &add.key, err);
    }
    if (st != OK) {
        return st;
    }
    t->items[t->n] = add;
    *ret = t->n++;
    t->slots[i] = (uint32_t)t->n;
    return OK;
}
