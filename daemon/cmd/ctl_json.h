/*
 * ctl_json.h - results as JSON, and lists of them as CSV.
 *
 * Lost memory shows at the end: a value that could not be made is NULL, and so is all that it was put into.
 */
#ifndef DSMB_CMD_CTL_JSON_H
#define DSMB_CMD_CTL_JSON_H

#include <jansson.h>

#include "base/buf.h"
#include "base/err.h"
#include "cmd/ctl_rows.h"

/* Takes item; *list becomes NULL when either is, or memory lacks. */
void ctl_json_add(json_t **list, json_t *item);
/* Likewise for an object. */
void ctl_json_set(json_t **object, const char *key, json_t *value);
/* JSON has no number for what is not finite: null. */
json_t *ctl_json_real(double v);
/* Takes value and writes it with a line's end; flags as of json_dumps(). */
enum status ctl_json(json_t *value, size_t flags, struct buf *out, struct err *err);

/* Takes list, whose items are flat objects.  CSV: these columns (NULL at the end), a header first; null is an empty cell. */
enum status ctl_json_table(json_t *list, const char *const *columns, enum ctl_form form, struct buf *out,
                           struct err *err);

#endif
