/*
 * ctl_rows.h - a query's rows as a table: aligned, CSV or JSON.
 */
#ifndef DSMB_CMD_CTL_ROWS_H
#define DSMB_CMD_CTL_ROWS_H

#include "base/buf.h"
#include "base/err.h"
#include "pg/pgconn.h"

enum ctl_form { CTL_FORM_TEXT, CTL_FORM_CSV, CTL_FORM_JSON };

/* Columns from..the last, of the types that the query with this id declares; text without a row says `none`. */
enum status ctl_rows(const struct pgrows *rows, int query, int from, enum ctl_form form, const char *none,
                     struct buf *out, struct err *err);

#endif
