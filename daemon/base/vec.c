#include "base/vec.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum status vec_reserve(void *items, size_t *cap, size_t need, size_t elem, struct err *err)
{
    void *p;
    size_t c = *cap < 8 ? 8 : *cap;

    if (need <= *cap) {
        return OK;
    }
    while (c < need) {
        if (c > SIZE_MAX / 2) {
            return err_set(err, E_NOMEM, "an array of %zu elements", need);
        }
        c *= 2;
    }
    if (c > SIZE_MAX / elem) {
        return err_set(err, E_NOMEM, "an array of %zu elements", need);
    }
    memcpy(&p, items, sizeof p); /* *items is some T *: read and written as bytes, not through a void ** */
    p = realloc(p, c * elem);
    if (p == NULL) {
        return err_set(err, E_NOMEM, "an array of %zu elements", need);
    }
    memcpy(items, &p, sizeof p);
    *cap = c;
    return OK;
}
