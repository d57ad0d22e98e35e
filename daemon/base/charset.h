/*
 * charset.h - text in the encodings that clinical data come in, as UTF-8.
 */
#ifndef DSMB_BASE_CHARSET_H
#define DSMB_BASE_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum charset { CHARSET_UTF8, CHARSET_WINDOWS_1252, CHARSET_ISO_8859_1 };

#define CHARSET_NAMES "utf-8, windows-1252 or iso-8859-1"

/* Also by the names that SAS and PostgreSQL use: utf8, win1252, cp1252, wlatin1, latin1. */
bool charset_find(const char *name, enum charset *ret);
const char *charset_name(enum charset cs);
/*
 * Appends s as UTF-8.  false when it holds a byte that is no text in cs, or NUL: nothing is appended then.  The control
 * bytes 0x80 to 0x9f of ISO 8859-1 are no text: in practice they are letters of Windows-1252.
 */
bool charset_add(struct buf *out, enum charset cs, const char *s, size_t len);

#endif
