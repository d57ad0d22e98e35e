/*
 * inspect.h - is a store set up as it must be?  Rights that must be denied, proven denied; log settings; connections; clock.
 *
 * Asks the server's catalogues and tries what this role may not.  Reads no arm.
 */
#ifndef DSMB_PG_INSPECT_H
#define DSMB_PG_INSPECT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "pg/pgconn.h"

enum inspect_level { INSPECT_WELL, INSPECT_NOTE, INSPECT_WRONG };
/* what: the thing asked; text: how it is, and the remedy where it is not well. */
typedef void inspect_say_fn(void *ctx, enum inspect_level level, const char *what, const char *text);

/* Through a connection of the closed role.  now_us: this machine's clock (1970, microseconds), asked as late as can be. */
enum status inspect_store(struct pgconn *c, const char *trial, int64_t (*now_us)(void), inspect_say_fn *say,
                          void *ctx, struct err *err);
/* Does a connection string lead to the role it should?  purpose: "daemon", "mailer". */
void inspect_role(const char *conninfo, const char *trial, const char *purpose, inspect_say_fn *say,
                  void *ctx);
/* May the reader of the trial's database do more than read? */
void inspect_source(const char *conninfo, inspect_say_fn *say, void *ctx);

#endif
