#include "support/t_feed.h"

#include <string.h>

static enum status give(void *ctx, void *to, size_t room, size_t *got, struct err *err)
{
    struct t_feed *t = ctx;
    size_t n = t->len - t->at;

    (void)err;
    n = n < room ? n : room;
    n = n < t->step ? n : t->step;
    if (n > 0) {
        memcpy(to, t->bytes + t->at, n);
    }
    t->at += n;
    *got = n;
    return OK;
}

struct feed t_feed(struct t_feed *t, const char *name)
{
    return (struct feed){.name = name, .read = give, .ctx = t};
}
