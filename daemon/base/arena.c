#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK = 256 * 1024, FIRST = 16 * 1024 };

struct arena_chunk {
    struct arena_chunk *next;
    size_t used, size;
    char data[];
};

enum status arena_keep(struct arena *a, const char *p, size_t len, const char *what, const char **ret,
                       struct err *err)
{
    struct arena_chunk *c = a->newest;
    char *at;

    if (c == NULL || c->size - c->used < len + 1) {
        size_t size = c == NULL ? FIRST : CHUNK;

        size = len + 1 > size / 4 ? len + 1 : size;
        c = malloc(sizeof *c + size);
        if (c == NULL) {
            return err_set(err, E_NOMEM, "%s", what);
        }
        c->used = 0;
        c->size = size;
        /* A chunk made for one long piece is full: what comes next goes on in the one before. */
        if (a->newest != NULL && size == len + 1) {
            c->next = a->newest->next;
            a->newest->next = c;
        } else {
            c->next = a->newest;
            a->newest = c;
        }
    }
    at = c->data + c->used;
    if (len > 0) {
        memcpy(at, p, len);
    }
    at[len] = '\0';
    c->used += len + 1;
    *ret = at;
    return OK;
}

void arena_done(struct arena *a)
{
    while (a->newest != NULL) {
        struct arena_chunk *c = a->newest;

        a->newest = c->next;
        explicit_bzero(c->data, c->used);
        free(c);
    }
}
