/*
 * ctl_bounds.h - `dsmbctl bounds`: the boundaries of a plan, computed and written.
 */
#ifndef DSMB_CMD_CTL_BOUNDS_H
#define DSMB_CMD_CTL_BOUNDS_H

#include "base/buf.h"
#include "base/err.h"
#include "monitor/bounds.h"
#include "monitor/plan.h"

/* One monitor, what was asked of it, and the answer. */
struct bounds_item {
    const struct monitor *m;
    struct bounds_ask ask;
    struct bounds b;
};

enum bounds_format { BOUNDS_TEXT, BOUNDS_CSV, BOUNDS_JSON, BOUNDS_SVG };

enum status bounds_write(const struct plan *p, const struct bounds_item *item, size_t n,
                         enum bounds_format format, struct buf *out, struct err *err);
/* One panel a monitor, below each other. */
enum status bounds_draw(const struct plan *p, const struct bounds_item *item, size_t n, struct buf *out,
                        struct err *err);

#endif
