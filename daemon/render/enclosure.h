/*
 * enclosure.h - what travels with an alert: figures inside its HTML, and a PDF to file.  Pure.
 *
 * The same for every member: no name of a reader, no token.  Drawing is apart from the message, so that the message
 * goes without them when they cannot be drawn: cairo and pango are large, and glib ends the process when memory runs out.
 */
#ifndef DSMB_RENDER_ENCLOSURE_H
#define DSMB_RENDER_ENCLOSURE_H

#include "render/mail.h"

enum { ENCLOSED_ALERTS = 3, ENCLOSED_EACH = 2, ENCLOSED_MAX = ENCLOSED_ALERTS * ENCLOSED_EACH };

struct enclosed_picture {
    struct buf png, alt;
};

struct enclosure {
    struct buf pdf;
    /* ENCLOSED_EACH for each alert of the message, in its order, of the first ENCLOSED_ALERTS. */
    struct enclosed_picture picture[ENCLOSED_MAX];
    size_t n;
};

enum enclosed_part {
    ENCLOSED_PICTURES = 1,
    ENCLOSED_PDF = 2,
    ENCLOSED_WHOLE = ENCLOSED_PICTURES | ENCLOSED_PDF
};

void enclosure_done(struct enclosure *e); /* overwrites */
/* Of an alert or an amendment, the parts asked for; of any other message nothing. */
enum status enclosure_draw(const struct mail_input *in, enum enclosed_part parts, struct enclosure *ret,
                           struct err *err);

/*
 * As bytes, from one process to another on this host.  Read: adds their parts to e's.  E_DATA: they are not all there, or
 * e has such a part already; e is as it was then.
 */
void enclosure_write(const struct enclosure *e, struct buf *out);
enum status enclosure_read(const char *bytes, size_t len, struct enclosure *e, struct err *err);

#endif
