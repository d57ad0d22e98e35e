/*
 * pool.h - interned strings.
 *
 * Each distinct byte string is stored once and known by a small number, in the order of first appearance; 0 is "absent"
 * (SQL NULL) and differs from the empty string.  Ids stay valid, and pointers too, until pool_free.
 */
#ifndef DSMB_BASE_POOL_H
#define DSMB_BASE_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct pool;
typedef uint32_t str_id; /* 0: NULL */

enum status pool_new(struct pool **ret, struct err *err);
void pool_free(struct pool *p); /* overwrites what it held: it holds subjects' data */
enum status pool_intern(struct pool *p, const char *s, size_t len, str_id *ret, struct err *err);
/* 0 when the string was never interned. */
str_id pool_find(const struct pool *p, const char *s, size_t len);
/* NUL-terminated; NULL for id 0. */
const char *pool_str(const struct pool *p, str_id id);
size_t pool_len(const struct pool *p, str_id id);
/* Another number for each pool of this process: what is remembered by ids can tell one pool's from another's. */
uint64_t pool_serial(const struct pool *p);
/* Ids run from 1 to pool_count. */
size_t pool_count(const struct pool *p);

#endif
