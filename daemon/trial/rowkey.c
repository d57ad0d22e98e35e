#include "trial/rowkey.h"

#include <endian.h>
#include <string.h>

static uint64_t mix(uint64_t h, uint64_t w)
{
    h = (h ^ w) * UINT64_C(0x9e3779b97f4a7c15);
    return h ^ h >> 32;
}

static uint64_t load64(const char *p)
{
    uint64_t w;

    memcpy(&w, p, sizeof w);
    return le64toh(w); /* the store may move to a machine of the other byte order */
}

/* Fewer than 8 bytes, without reading past them. */
static uint64_t load_short(const char *p, size_t len)
{
    uint64_t w = 0;

    for (size_t i = 0; i < len; i++) {
        w |= (uint64_t)(unsigned char)p[i] << (8 * i);
    }
    return w;
}

uint64_t row_rank(enum src_view view, const struct field *f)
{
    uint64_t h = mix(UINT64_C(0xcbf29ce484222325), (uint64_t)view);
    size_t n = contract_views[view].n_columns;

    for (size_t c = 0; c < n; c++) {
        size_t len = f[c].len < 0 ? 0 : (size_t)f[c].len;
        const char *p = f[c].p;

        if (len < 8) { /* length (or NULL) and bytes in one word: 7 bytes leave room for it */
            h = mix(h, load_short(p, len) | (f[c].len < 0 ? UINT64_C(0xff) : (uint64_t)len) << 56);
            continue;
        }
        h = mix(h, len);
        for (size_t i = 0; i + 8 < len; i += 8) {
            h = mix(h, load64(p + i));
        }
        h = mix(h, load64(p + len - 8)); /* the last 8, some of them again */
    }
    return mix(mix(h, 0), 0);
}

bool row_key(enum src_view view, const struct field *f, uint64_t rank, struct buf *out)
{
    const struct src_view_def *v = &contract_views[view];

    buf_clear(out);
    for (size_t c = 0; c < v->n_keys; c++) {
        if (f[c].len <= 0) {
            buf_clear(out);
            buf_fmt(out, "?%016llx", (unsigned long long)rank);
            return false;
        }
        if (c > 0) {
            buf_char(out, '\x1f');
        }
        buf_add(out, f[c].p, (size_t)f[c].len);
    }
    return true;
}
