/*
 * enclosure.c - enclosures as values; enclosure_draw.c makes them.
 */
#include "render/enclosure.h"

#include <string.h>

void enclosure_done(struct enclosure *e)
{
    buf_wipe(&e->pdf);
    for (size_t i = 0; i < ENCLOSED_MAX; i++) {
        buf_wipe(&e->picture[i].png);
        buf_wipe(&e->picture[i].alt);
    }
    e->n = 0;
}

static void put(struct buf *out, const struct buf *b)
{
    buf_u64be(out, b->len);
    buf_add(out, buf_cstr(b), b->len);
    out->failed = out->failed || b->failed;
}

void enclosure_write(const struct enclosure *e, struct buf *out)
{
    buf_u64be(out, e->n);
    put(out, &e->pdf);
    for (size_t i = 0; i < e->n; i++) {
        put(out, &e->picture[i].png);
        put(out, &e->picture[i].alt);
    }
}

struct reader {
    const unsigned char *at;
    size_t left;
    bool bad;
};

static size_t number(struct reader *r)
{
    uint64_t v = 0;

    if (r->bad || r->left < 8) {
        r->bad = true;
        return 0;
    }
    for (int i = 0; i < 8; i++) {
        v = v << 8 | r->at[i];
    }
    r->at += 8;
    r->left -= 8;
    return (size_t)v;
}

static void get(struct reader *r, struct buf *out)
{
    size_t n = number(r);

    if (r->bad || n > r->left) {
        r->bad = true;
        return;
    }
    buf_add(out, r->at, n);
    r->at += n;
    r->left -= n;
}

static void move(struct buf *to, struct buf *from)
{
    buf_done(to);
    *to = *from;
    *from = (struct buf){0};
}

enum status enclosure_read(const char *bytes, size_t len, struct enclosure *e, struct err *err)
{
    struct reader r = {(const unsigned char *)bytes, len, false};
    struct enclosure got = {0};
    enum status st;

    got.n = number(&r);
    r.bad = r.bad || got.n > ENCLOSED_MAX || (got.n > 0 && e->n > 0);
    get(&r, &got.pdf);
    r.bad = r.bad || (got.pdf.len > 0 && e->pdf.len > 0);
    for (size_t i = 0; !r.bad && i < got.n; i++) {
        get(&r, &got.picture[i].png);
        get(&r, &got.picture[i].alt);
    }
    st = r.bad || r.left != 0 ? err_set(err, E_DATA, "figures and PDF of a message are incomplete") : OK;
    for (size_t i = 0; st == OK && i < ENCLOSED_MAX; i++) {
        st = buf_check(&got.picture[i].png, err) == OK ? buf_check(&got.picture[i].alt, err) : E_NOMEM;
    }
    if (st == OK) {
        st = buf_check(&got.pdf, err);
    }
    if (st == OK && got.pdf.len > 0) {
        move(&e->pdf, &got.pdf);
    }
    if (st == OK && got.n > 0) {
        for (size_t i = 0; i < got.n; i++) {
            move(&e->picture[i].png, &got.picture[i].png);
            move(&e->picture[i].alt, &got.picture[i].alt);
        }
        e->n = got.n;
    }
    enclosure_done(&got);
    return st;
}
