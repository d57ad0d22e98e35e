/*
 * loop.h - one place to wait: signals, a time, a socket.
 *
 * Signals are blocked and read as data (signalfd), so what reacts to SIGHUP is ordinary code.  SIGTERM and SIGINT ask to
 * stop, and that request stays; SIGHUP asks to reload.  SIGPIPE is ignored.  While it waits the watchdog is fed.
 */
#ifndef DSMB_HOST_LOOP_H
#define DSMB_HOST_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "port/notify.h"

struct loop;

enum loop_event { LOOP_TIMEOUT = 1, LOOP_READABLE = 2, LOOP_STOP = 4, LOOP_RELOAD = 8 };

/* Before any thread is started: threads inherit the blocked signals. */
enum status loop_new(const struct notify *notify, struct loop **ret, struct err *err);
void loop_free(struct loop *l);
/* fd -1: none.  timeout_us below 0: for ever.  *events: enum loop_event, or-ed; a stop once asked for is told at once. */
enum status loop_wait(struct loop *l, int fd, int64_t timeout_us, unsigned *events, struct err *err);
/* Asked to stop by now?  Does not wait: for callbacks of what cannot be in the loop (a transfer, a long query). */
bool loop_stopping(struct loop *l);

#endif
