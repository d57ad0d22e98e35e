#include "cmd/dsmbd_draw.h"

#include "host/apart.h"

static const int64_t DRAW_TIMEOUT_US = INT64_C(20000000);
enum { DRAWN_MAX = 8 * 1024 * 1024 };

struct part {
    const struct mail_input *in;
    enum enclosed_part part;
};

static enum status draw(const void *ctx, struct buf *out, struct err *err)
{
    const struct part *p = ctx;
    struct enclosure e = {0};
    enum status st = enclosure_draw(p->in, p->part, &e, err);

    if (st == OK) {
        enclosure_write(&e, out);
        st = buf_check(out, err);
    }
    enclosure_done(&e);
    return st;
}

/* Pictures and PDF at once: an urgent message waits for both.  The PDF takes longer, so it is begun first. */
enum status dsmbd_draw(const struct mail_input *in, struct enclosure *ret, struct err *err)
{
    const struct part pictures = {in, ENCLOSED_PICTURES}, pdf = {in, ENCLOSED_PDF};
    struct apart_job jobs[] = {{.fn = draw, .ctx = &pdf}, {.fn = draw, .ctx = &pictures}};
    enum status st = apart_run(jobs, 2, DRAWN_MAX, DRAW_TIMEOUT_US, err);
    struct enclosure e = {0};

    for (size_t i = 0; st == OK && i < 2; i++) {
        st = enclosure_read(buf_cstr(&jobs[i].out), jobs[i].out.len, &e, err);
    }
    buf_wipe(&jobs[0].out);
    buf_wipe(&jobs[1].out);
    if (st != OK) {
        enclosure_done(&e);
        return st;
    }
    *ret = e;
    return OK;
}
