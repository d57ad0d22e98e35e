#include "base/secret.h"

#include <stdlib.h>
#include <string.h>

struct secret {
    size_t len;
    char text[];
};

enum status secret_new(const char *s, size_t len, struct secret **ret, struct err *err)
{
    struct secret *x = malloc(sizeof *x + len + 1);

    if (x == NULL) {
        return err_set(err, E_NOMEM, "a protected text");
    }
    x->len = len;
    memcpy(x->text, s, len);
    x->text[len] = '\0';
    *ret = x;
    return OK;
}

void secret_free(struct secret *s)
{
    if (s != NULL) {
        explicit_bzero(s, sizeof *s + s->len);
        free(s);
    }
}

bool secret_is(const struct secret *s, const char *text, size_t len)
{
    return s->len == len && memcmp(s->text, text, len) == 0;
}

bool secret_same(const struct secret *a, const struct secret *b)
{
    return secret_is(a, b->text, b->len);
}

const char *secret_reveal(const struct secret *s)
{
    return s->text;
}
