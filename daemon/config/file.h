/*
 * file.h - a small file as bytes: configuration, rules, passwords.
 */
#ifndef DSMB_CONFIG_FILE_H
#define DSMB_CONFIG_FILE_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * Appends the whole regular file.  E_NOTFOUND, E_DENIED, E_IO; E_CONFIG when it is longer than `most` or no regular
 * file.  Messages name the path and never the contents.
 */
enum status file_read(const char *path, size_t most, struct buf *out, struct err *err);

#endif
