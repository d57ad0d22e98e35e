/*
 * canon.h - canonical order: by bytes, shorter first where one begins the other.
 *
 * The order in which a server sends rows must leave no trace, so everything that is kept or hashed is put into this
 * order first.  Pure.
 */
#ifndef DSMB_TRIAL_CANON_H
#define DSMB_TRIAL_CANON_H

#include <stddef.h>
#include <stdint.h>

struct canon_item {
    const char *p;
    uint32_t len;
    uint32_t index;  /* the caller's; orders items of equal bytes */
    uint64_t prefix; /* canon_sort's own */
};

/* Linear where the items are in order already, as a table read in the order it was filled mostly is. */
void canon_sort(struct canon_item *items, size_t n);
int canon_compare(const char *a, size_t a_len, const char *b, size_t b_len); /* < 0, 0, > 0 */

#endif
