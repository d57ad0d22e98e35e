#include "port/store.h"

#include <stdlib.h>
#include <string.h>

/* Plans and boards name arms and people: overwritten before the memory goes back. */
static void wipe(char *s, size_t len)
{
    if (s != NULL) {
        explicit_bzero(s, len);
        free(s);
    }
}

void adopted_done(struct adopted *a)
{
    wipe(a->text, a->len);
    *a = (struct adopted){0};
}

void adopted_rules_done(struct adopted_rules *r)
{
    for (size_t i = 0; i < r->n; i++) {
        free(r->file[i].name);
        free(r->file[i].text);
    }
    *r = (struct adopted_rules){0};
}

void review_decisions_done(struct review_decisions *d)
{
    for (size_t i = 0; i < d->n; i++) {
        free(d->item[i].ae_id);
        free(d->item[i].name);
    }
    free(d->item);
    *d = (struct review_decisions){0};
}

void request_done(struct request *r)
{
    wipe(r->body, r->body_len);
    free(r->by);
    free(r->reason);
    adopted_rules_done(&r->rules);
    *r = (struct request){0};
}
