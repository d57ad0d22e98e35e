/*
 * dsmbd_draw.h - figures and PDF of a message, drawn in a process of their own.
 */
#ifndef DSMB_CMD_DSMBD_DRAW_H
#define DSMB_CMD_DSMBD_DRAW_H

#include "render/enclosure.h"

/*
 * For cycle_world.  What cairo, pango, fontconfig or a font do to a process (glib ends it when memory runs out, fontconfig
 * falls over) is not done to ours: nothing of theirs is called here, not even to read the fonts ahead.
 */
enum status dsmbd_draw(const struct mail_input *in, struct enclosure *ret, struct err *err);

#endif
