#include "port/post.h"

#include <stdlib.h>
#include <string.h>

void post_done(struct post *p)
{
    free(p->facts);
    free(p->members);
    free(p->originals);
    for (size_t i = 0; i < p->n_changes; i++) {
        free(p->changes[i].by);
        free(p->changes[i].changes);
    }
    free(p->changes);
    *p = (struct post){0};
}

const struct post_member *post_of(const struct post *p, const char *member)
{
    for (size_t i = 0; i < p->n_members; i++) {
        if (strcmp(p->members[i].name, member) == 0) {
            return &p->members[i];
        }
    }
    return NULL;
}
