/*
 * state_file.h - small files of the state directory, written aside, synced and renamed: a reader finds a whole one.
 */
#ifndef DSMB_HOST_STATE_FILE_H
#define DSMB_HOST_STATE_FILE_H

#include "port/notices.h"

struct state_files;

/* The directory is copied; it need not be there yet. */
enum status state_files_new(const char *state_dir, struct state_files **ret, struct err *err);
void state_files_free(struct state_files *f);
void state_files_notices(struct state_files *f, struct notices_file *ret);
void state_files_left(struct state_files *f, struct left_file *ret);

#endif
