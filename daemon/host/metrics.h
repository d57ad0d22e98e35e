/*
 * metrics.h - metrics as a file for node_exporter's textfile collector (Prometheus text format).
 *
 * Written aside and renamed, so that a reader finds a whole file; mode 0644, because the reader is another user.  Not
 * synced: after a power cut old numbers are worth nothing.  Written when something happened (a look, a fault, another
 * state), else every five seconds at most.
 * A look's duration is rounded up to a power of two of seconds, 1 at least: what is left tells how large the trial is,
 * not whether there was something to write to the board.
 */
#ifndef DSMB_HOST_METRICS_H
#define DSMB_HOST_METRICS_H

#include "port/metrics.h"

struct metrics_file;

/* started: wall clock.  version and trial are copied. */
enum status metrics_file_new(const char *trial, const char *version, instant_t started,
                             struct metrics_file **ret, struct err *err);
void metrics_file_free(struct metrics_file *m);
/* From now on to this file; NULL: nowhere.  Copied. */
enum status metrics_file_set(struct metrics_file *m, const char *path, struct err *err);
void metrics_file_port(struct metrics_file *m, struct metrics *ret);

#endif
