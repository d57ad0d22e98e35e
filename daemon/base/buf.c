#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(struct buf *b, size_t more)
{
    size_t cap = b->cap < 64 ? 64 : b->cap;
    char *p;

    if (b->failed) {
        return false;
    }
    if (more >= SIZE_MAX / 2 - b->len) {
        b->failed = true;
        return false;
    }
    if (b->data != NULL && b->len + more + 1 <= b->cap) {
        return true;
    }
    while (cap < b->len + more + 1) {
        cap *= 2;
    }
    /* Not realloc: it would leave a copy behind of what may unblind. */
    p = malloc(cap);
    if (p == NULL) {
        b->failed = true;
        return false;
    }
    if (b->data != NULL) {
        memcpy(p, b->data, b->len + 1);
        explicit_bzero(b->data, b->cap);
        free(b->data);
    }
    b->data = p;
    b->cap = cap;
    return true;
}

void buf_done(struct buf *b)
{
    free(b->data);
    *b = (struct buf){0};
}

void buf_wipe(struct buf *b)
{
    if (b->data != NULL) {
        explicit_bzero(b->data, b->cap);
    }
    buf_done(b);
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    b->failed = false;
    if (b->data != NULL) {
        b->data[0] = '\0';
    }
}

void buf_add(struct buf *b, const void *p, size_t n)
{
    if (n == 0 || !reserve(b, n)) {
        return;
    }
    memcpy(b->data + b->len, p, n);
    b->len += n;
    b->data[b->len] = '\0';
}

void buf_str(struct buf *b, const char *s)
{
    buf_add(b, s, strlen(s));
}

void buf_char(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}

void buf_fill(struct buf *b, char c, size_t n)
{
    if (n == 0 || !reserve(b, n)) {
        return;
    }
    memset(b->data + b->len, c, n);
    b->len += n;
    b->data[b->len] = '\0';
}

void buf_fmt(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0) {
        b->failed = true;
        return;
    }
    if (!reserve(b, (size_t)n)) {
        return;
    }
    va_start(ap, fmt);
    (void)vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->len += (size_t)n;
}

void buf_u32be(struct buf *b, uint32_t v)
{
    unsigned char p[4] = {(unsigned char)(v >> 24), (unsigned char)(v >> 16), (unsigned char)(v >> 8),
                          (unsigned char)v};

    buf_add(b, p, sizeof p);
}

void buf_u64be(struct buf *b, uint64_t v)
{
    buf_u32be(b, (uint32_t)(v >> 32));
    buf_u32be(b, (uint32_t)v);
}

enum status buf_check(const struct buf *b, struct err *err)
{
    return b->failed ? err_set(err, E_NOMEM, "out of memory after %zu bytes", b->len) : OK;
}

const char *buf_cstr(const struct buf *b)
{
    return b->data == NULL ? "" : b->data;
}

char *buf_take(struct buf *b)
{
    char *p;

    if (b->failed) {
        buf_done(b);
        return NULL;
    }
    if (!reserve(b, 0)) {
        return NULL;
    }
    p = b->data;
    p[b->len] = '\0';
    *b = (struct buf){0};
    return p;
}
