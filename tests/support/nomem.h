/*
 * nomem.h - an allocator that refuses the n-th call, for the program that includes it (one file a program).
 *
 * armed: counting and refusing are on; fail_at: which call is refused, -1 none; live: blocks not freed while armed;
 * held: bytes in them, held_most: the most at once.
 * Under a sanitizer, which has its own allocator, OWN_ALLOCATOR is 0 and such tests skip themselves.
 */
#ifndef DSMB_TESTS_NOMEM_H
#define DSMB_TESTS_NOMEM_H

#include <malloc.h>
#include <stdbool.h>
#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__)
#define OWN_ALLOCATOR 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define OWN_ALLOCATOR 0
#endif
#endif
#ifndef OWN_ALLOCATOR
#define OWN_ALLOCATOR 1
#endif

static long calls, live;
__attribute__((unused)) static size_t held, held_most;
__attribute__((unused)) static long fail_at = -1; /* which call fails; -1 none */
static bool armed;

#if OWN_ALLOCATOR
/* glibc's own names of what is replaced here. */
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void __libc_free(void *p);

static bool refuse(void)
{
    return armed && calls++ == fail_at;
}

static void took(void *p)
{
    if (armed && p != NULL) {
        held += malloc_usable_size(p);
        held_most = held > held_most ? held : held_most;
    }
}

static void gave(void *p)
{
    held -= armed && p != NULL ? malloc_usable_size(p) : 0;
}

void *malloc(size_t n)
{
    void *p = refuse() ? NULL : __libc_malloc(n);

    live += armed && p != NULL;
    took(p);
    return p;
}

void *calloc(size_t n, size_t size)
{
    void *p = refuse() ? NULL : __libc_calloc(n, size);

    live += armed && p != NULL;
    took(p);
    return p;
}

void *realloc(void *old, size_t n)
{
    size_t before = armed && old != NULL ? malloc_usable_size(old) : 0;
    void *p = refuse() ? NULL : __libc_realloc(old, n);

    live += armed && old == NULL && p != NULL;
    held -= p != NULL ? before : 0;
    took(p);
    return p;
}

void free(void *p)
{
    live -= armed && p != NULL;
    gave(p);
    __libc_free(p);
}
#endif

#endif
