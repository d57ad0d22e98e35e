/*
 * picture.h - a figure as a PNG, for where neither SVG nor PDF is shown.  Pure: cairo writes into memory.
 *
 * Dark on white, no time stamp: the same figure gives the same bytes with the same cairo, pango, zlib and fonts.  In a file of
 * its own, so that only who makes pictures links cairo; glib ends the process when memory runs out.
 */
#ifndef DSMB_RENDER_PICTURE_H
#define DSMB_RENDER_PICTURE_H

#include "render/paper.h"

enum status draw_png(const struct draw *d, struct font_set *fonts, struct buf *out, struct err *err);

#endif
