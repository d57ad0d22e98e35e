/*
 * secret.h - text that unblinds: arm codes and labels.
 *
 * A type without a formatter.  Lower layers compare; only render/ (closed documents) and pg/ (the closed store) may
 * read the text, which `make check-layers` enforces: no other folder may refer to secret_reveal.
 */
#ifndef DSMB_BASE_SECRET_H
#define DSMB_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct secret;

enum status secret_new(const char *s, size_t len, struct secret **ret, struct err *err);
void secret_free(struct secret *s);                                   /* overwrites */
bool secret_is(const struct secret *s, const char *text, size_t len); /* exact bytes */
bool secret_same(const struct secret *a, const struct secret *b);
const char *secret_reveal(const struct secret *s);

#endif
