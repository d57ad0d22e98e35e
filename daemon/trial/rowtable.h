/*
 * rowtable.h - source rows by (view, key): open addressing, keys kept once; for rows.c only.
 *
 * Rows are added and never removed: one that vanished stays, not live, in case it comes back.
 */
#ifndef DSMB_TRIAL_ROWTABLE_H
#define DSMB_TRIAL_ROWTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/sha256.h"
#include "trial/contract.h"

struct row {
    struct sha256 hash; /* of the last committed content, while live */
    const char *key;
    uint64_t rank; /* of what was seen in this reading */
    uint32_t key_len;
    uint32_t hash32;  /* of (view, key): spares comparing keys and hashing them again when the table grows */
    uint32_t seen;    /* the reading it was last seen in */
    uint32_t pending; /* 1 + index of its content where that differs from what is known; 0 none */
    uint8_t view;
    bool live;   /* known: seen in the last committed reading */
    bool merged; /* two arms in this reading */
    bool twice;  /* its key came twice in this reading */
    bool same;   /* said to be as it was, and not shown */
};

struct rowtable {
    struct row *items;
    size_t n, cap;
    uint32_t *slots; /* 1 + index into items */
    size_t n_slots;  /* power of two */
    struct arena keys;
};

enum status rowtable_init(struct rowtable *t, struct err *err);
void rowtable_done(struct rowtable *t); /* overwrites the keys: they are ids of subjects */
/* The row of that key, made where there is none.  *ret is an index: items may move. */
enum status rowtable_get(struct rowtable *t, enum src_view view, const char *key, size_t len, size_t *ret,
                         struct err *err);
/* Its index, or t->n where there is none. */
size_t rowtable_find(const struct rowtable *t, enum src_view view, const char *key, size_t len);

#endif
