#include "trial/canon.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int canon_compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t n = a_len < b_len ? a_len : b_len;
    int c = n == 0 ? 0 : memcmp(a, b, n);

    return c != 0 ? c : (a_len > b_len) - (a_len < b_len);
}

static int by_bytes(const void *a, const void *b)
{
    const struct canon_item *x = a, *y = b;
    int c;

    if (x->prefix != y->prefix) {
        return x->prefix < y->prefix ? -1 : 1;
    }
    c = canon_compare(x->p, x->len, y->p, y->len);
    return c != 0 ? c : (x->index > y->index) - (x->index < y->index);
}

/* Ids of one trial mostly begin alike ("01-701-..."): the 8 bytes after the common beginning decide most comparisons. */
static size_t common_beginning(const struct canon_item *items, size_t n)
{
    size_t common = items[0].len;

    for (size_t i = 1; i < n && common > 0; i++) {
        size_t k = items[i].len < common ? items[i].len : common, j = 0;

        while (j < k && items[i].p[j] == items[0].p[j]) {
            j++;
        }
        common = j;
    }
    return common;
}

void canon_sort(struct canon_item *items, size_t n)
{
    size_t skip;
    bool sorted = true;

    if (n < 2) {
        return;
    }
    skip = common_beginning(items, n);
    for (size_t i = 0; i < n; i++) {
        uint64_t w = 0;

        for (size_t j = skip; j < skip + 8; j++) {
            w = w << 8 | (j < items[i].len ? (unsigned char)items[i].p[j] : 0u);
        }
        items[i].prefix = w;
    }
    for (size_t i = 1; i < n && sorted; i++) {
        sorted = by_bytes(&items[i - 1], &items[i]) <= 0;
    }
    if (!sorted) {
        qsort(items, n, sizeof *items, by_bytes);
    }
}
