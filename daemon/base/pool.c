#include "base/pool.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/vec.h"

struct entry {
    const char *s;
    uint32_t len;
    uint32_t hash;
};

struct pool {
    struct arena bytes;
    struct entry *items; /* items[0] unused */
    size_t n, cap;
    str_id *slots;  /* open addressing; 0 empty */
    size_t n_slots; /* power of two */
    uint64_t serial;
};

enum status pool_new(struct pool **ret, struct err *err)
{
    static _Atomic uint64_t made;
    struct pool *p = calloc(1, sizeof *p);

    if (p != NULL) {
        p->n = 1;
        p->serial = ++made;
        p->n_slots = 1024;
        p->slots = calloc(p->n_slots, sizeof *p->slots);
        (void)vec_reserve(&p->items, &p->cap, 512, sizeof *p->items, NULL);
    }
    if (p == NULL || p->slots == NULL || p->items == NULL) {
        pool_free(p);
        return err_set(err, E_NOMEM, "a string pool");
    }
    p->items[0] = (struct entry){0};
    *ret = p;
    return OK;
}

void pool_free(struct pool *p)
{
    if (p == NULL) {
        return;
    }
    arena_done(&p->bytes);
    free(p->items);
    free(p->slots);
    free(p);
}

static size_t slot_of(const struct pool *p, const char *s, size_t len, uint32_t h)
{
    size_t mask = p->n_slots - 1, i = h & mask;

    while (p->slots[i] != 0) {
        const struct entry *e = &p->items[p->slots[i]];

        if (e->hash == h && e->len == len && memcmp(e->s, s, len) == 0) {
            break;
        }
        i = (i + 1) & mask;
    }
    return i;
}

static enum status grow_slots(struct pool *p, struct err *err)
{
    size_t n = p->n_slots * 2;
    str_id *s = calloc(n, sizeof *s);

    if (s == NULL) {
        return err_set(err, E_NOMEM, "a string pool of %zu", p->n);
    }
    for (size_t id = 1; id < p->n; id++) {
        size_t i = p->items[id].hash & (n - 1);

        while (s[i] != 0) {
            i = (i + 1) & (n - 1);
        }
        s[i] = (str_id)id;
    }
    free(p->slots);
    p->slots = s;
    p->n_slots = n;
    return OK;
}

enum status pool_intern(struct pool *p, const char *s, size_t len, str_id *ret, struct err *err)
{
    uint32_t h = hash_bytes(0, s, len);
    size_t i = slot_of(p, s, len, h);
    struct entry e = {.len = (uint32_t)len, .hash = h};
    enum status st;

    if (p->slots[i] != 0) {
        *ret = p->slots[i];
        return OK;
    }
    if (len >= UINT32_MAX || p->n >= UINT32_MAX) {
        return err_set(err, E_NOMEM, "a string of %zu bytes", len);
    }
    st = VEC_PUSH_ROOM(p->items, p->n, p->cap, err);
    if (st == OK && p->n * 2 > p->n_slots) {
        st = grow_slots(p, err);
        i = st == OK ? slot_of(p, s, len, h) : i;
    }
    if (st == OK) {
        st = arena_keep(&p->bytes, s, len, "a string of the pool", &e.s, err);
    }
    if (st != OK) {
        return st;
    }
    p->items[p->n] = e;
    p->slots[i] = (str_id)p->n;
    *ret = (str_id)p->n++;
    return OK;
}

str_id pool_find(const struct pool *p, const char *s, size_t len)
{
    return p->slots[slot_of(p, s, len, hash_bytes(0, s, len))];
}

const char *pool_str(const struct pool *p, str_id id)
{
    return id == 0 || id >= p->n ? NULL : p->items[id].s;
}

size_t pool_len(const struct pool *p, str_id id)
{
    return id == 0 || id >= p->n ? 0 : p->items[id].len;
}

uint64_t pool_serial(const struct pool *p)
{
    return p->serial;
}

size_t pool_count(const struct pool *p)
{
    return p->n - 1;
}
