/*
 * apart.h - work in processes of its own, so that what goes wrong there (a fault, an abort, no end) costs its result only.
 *
 * A child is a copy of this process; it has no files but the pipe to its parent, prints nowhere, and dies with its
 * parent.  For a process without threads.
 */
#ifndef DSMB_HOST_APART_H
#define DSMB_HOST_APART_H

#include <stdint.h>

#include "base/buf.h"

/* In the child; what it puts into `out` arrives with the parent. */
typedef enum status apart_fn(const void *ctx, struct buf *out, struct err *err);

enum { APART_MAX = 4 };

struct apart_job {
    apart_fn *fn;
    const void *ctx;
    struct buf out; /* the caller's, wiped unless all is well */
};

/*
 * Runs n jobs (at most APART_MAX) at once, each in a child.  E_IO: one did not end well, ended too late, or said more than
 * `most` bytes.
 */
enum status apart_run(struct apart_job *jobs, size_t n, size_t most, int64_t timeout_us, struct err *err);

#endif
