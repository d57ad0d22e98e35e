/*
 * ctl_keys.h - what the verbs that make keys share: files that are never overwritten by accident.
 */
#ifndef DSMB_CMD_CTL_KEYS_H
#define DSMB_CMD_CTL_KEYS_H

#include "base/buf.h"
#include "base/err.h"

/* Makes the folder with mode 0700 where it is missing. */
enum status keys_folder(const char *dir, struct err *err);
/* DIR/NAME with mode 0600, on disk; E_STATE when it is there and `replace` is not set: then it is replaced whole. */
enum status keys_write(const char *dir, const char *name, const struct buf *bytes, bool replace,
                       struct err *err);
/* Appends DIR/NAME. */
enum status keys_read(const char *dir, const char *name, struct buf *to, struct err *err);

#endif
