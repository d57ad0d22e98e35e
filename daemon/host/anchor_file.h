/*
 * anchor_file.h - the anchor as STATE_DIR/anchor, and the lock that makes this the only mailer of that directory.
 *
 * Written aside, synced, renamed, the directory synced: after a power cut it is the old one or the new one.
 */
#ifndef DSMB_HOST_ANCHOR_FILE_H
#define DSMB_HOST_ANCHOR_FILE_H

#include "port/anchor.h"

struct anchor_file;

/* E_STATE: another process has the lock.  E_IO names the directory and what is wrong with it. */
enum status anchor_file_open(const char *state_dir, struct anchor_file **ret, struct err *err);
void anchor_file_free(struct anchor_file *a);
void anchor_file_port(struct anchor_file *a, struct anchor *ret);

#endif
