/*
 * vec.h - growing arrays: `T *items; size_t n, cap;` kept by the owner.
 */
#ifndef DSMB_BASE_VEC_H
#define DSMB_BASE_VEC_H

#include <stddef.h>

#include "base/err.h"

/*
 * Makes room for `need` elements of `elem` bytes in *items (which is a T **, passed as void *), doubling.
 * New room is not zeroed.  E_NOMEM leaves the array as it was.
 */
enum status vec_reserve(void *items, size_t *cap, size_t need, size_t elem, struct err *err);

#define VEC_PUSH_ROOM(items, n, cap, err) vec_reserve(&(items), &(cap), (n) + 1, sizeof *(items), (err))

#endif
