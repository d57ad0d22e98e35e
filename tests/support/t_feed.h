/*
 * t_feed.h - bytes in memory as a feed that gives at most `step` of them at a time.
 */
#ifndef DSMB_TESTS_T_FEED_H
#define DSMB_TESTS_T_FEED_H

#include "base/feed.h"

struct t_feed {
    const char *bytes;
    size_t len, at, step;
};

/* A feed over t, which must outlive it. */
struct feed t_feed(struct t_feed *t, const char *name);

#endif
