/*
 * script.h - runs one of our psql scripts (sql/source/, sql/setup/source.sql), so that a person's psql and dsmbctl have one text.
 *
 * What it knows of psql: \if \else \endif over :{?name} and :name, \set, \gset and \gexec at the end of a line, and :name, :'name',
 * :"name" outside quotes.  A statement ends with a line that ends in ";".  Lines "BEGIN;" and "COMMIT;" are left out: the
 * transaction is the caller's.  Anything else that begins with a backslash is E_INTERNAL: the script is ours.
 * What a person gave reaches SQL as a quoted literal or identifier only, never as text.
 */
#ifndef DSMB_PG_SCRIPT_H
#define DSMB_PG_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "pg/pgconn.h"

struct script_var {
    const char *name, *value; /* borrowed */
};

/* Is it a name that may be given, one that the script asks for with :{?name}? */
bool script_asks(const char *text, const char *name);
/* file: for messages, which tell the line. */
enum status script_run(struct pgconn *c, const char *file, const char *text, const struct script_var *given,
                       size_t n_given, struct err *err);

#endif
