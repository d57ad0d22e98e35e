/*
 * feed.h - bytes from somewhere, a piece at a time: what the readers of large files are given, since base/ opens none.
 */
#ifndef DSMB_BASE_FEED_H
#define DSMB_BASE_FEED_H

#include <stddef.h>

#include "base/err.h"

struct feed {
    const char *name; /* for messages; borrowed by the reader as long as it lives */
    /* At most `room` (1 or more) bytes to `to`; *got 0: the end, and the end again when asked again. */
    enum status (*read)(void *ctx, void *to, size_t room, size_t *got, struct err *err);
    void *ctx;
};

#endif
