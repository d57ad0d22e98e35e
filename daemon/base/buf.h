/*
 * buf.h - a growing byte buffer.
 *
 * Appending cannot fail loudly: when memory runs out the buffer remembers it (`failed`), swallows what follows, and
 * whoever takes the bytes checks buf_ok() once.  A zeroed struct is an empty buffer.  The bytes are always followed by
 * a NUL that `len` does not count.
 */
#ifndef DSMB_BASE_BUF_H
#define DSMB_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct buf {
    char *data;
    size_t len;
    size_t cap;
    bool failed;
};

void buf_done(struct buf *b);  /* frees, leaves an empty buffer */
void buf_wipe(struct buf *b);  /* overwrites, then frees: for what would unblind */
void buf_clear(struct buf *b); /* keeps the memory */
void buf_add(struct buf *b, const void *p, size_t n);
void buf_str(struct buf *b, const char *s);
void buf_char(struct buf *b, char c);
void buf_fill(struct buf *b, char c, size_t n);
void buf_fmt(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_u32be(struct buf *b, uint32_t v);
void buf_u64be(struct buf *b, uint64_t v);
/* E_NOMEM when an append was lost. */
enum status buf_check(const struct buf *b, struct err *err);
/* The string, never NULL; "" for an empty buffer. */
const char *buf_cstr(const struct buf *b);
/* Hands the bytes to the caller (free()), leaves an empty buffer; NULL when an append was lost. */
char *buf_take(struct buf *b);

#endif
