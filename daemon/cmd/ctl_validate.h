/*
 * ctl_validate.h - the qualification report: what was run, on what build, with which libraries, result by result.
 *
 * For a quality unit to file: the hash of the program and of each set names exactly what was compared with what.
 */
#ifndef DSMB_CMD_CTL_VALIDATE_H
#define DSMB_CMD_CTL_VALIDATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/sha256.h"

/* One column of one set. */
struct qualified {
    const char *set, *column, *rows_of, *measure;
    size_t compared, failed, line; /* line of the first failure, 0 none */
    double worst_abs, worst_rel, tolerance;
    size_t source; /* which file */
};

struct qualification {
    struct qualified *result;
    size_t n, cap;
    struct {
        char *path;
        struct sha256 hash;
        size_t bytes;
    } * source;
    size_t n_sources, cap_sources;
    bool failed; /* memory ran out; shows in what is written */
};

void qualification_done(struct qualification *q);
enum status qualification_source(struct qualification *q, const char *path, const struct buf *bytes,
                                 struct err *err);
/* Of the newest source. */
void qualification_add(struct qualification *q, const struct qualified *x);
/* To standard output. */
enum status qualification_text(const struct qualification *q, struct err *err);
enum status qualification_html(const struct qualification *q, const char *file, struct err *err);

#endif
