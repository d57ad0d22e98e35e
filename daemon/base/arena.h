/*
 * arena.h - bytes that are kept until all are let go, in large chunks: nothing is moved, and little is left over.
 */
#ifndef DSMB_BASE_ARENA_H
#define DSMB_BASE_ARENA_H

#include <stddef.h>

#include "base/err.h"

struct arena_chunk;

/* Zeroed is empty. */
struct arena {
    struct arena_chunk *newest;
};

/* A copy with a NUL behind it, at one place until arena_done.  what: for E_NOMEM, "the key of a row". */
enum status arena_keep(struct arena *a, const char *p, size_t len, const char *what, const char **ret,
                       struct err *err);
void arena_done(struct arena *a); /* overwrites what it held: it may be subjects' data */

#endif
