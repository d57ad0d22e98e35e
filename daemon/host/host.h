/*
 * host.h - the ports that the operating system and systemd implement.
 *
 * Each fills a port struct; what the port points to is static, so there is nothing to free.
 */
#ifndef DSMB_HOST_HOST_H
#define DSMB_HOST_HOST_H

#include "port/clock.h"
#include "port/journal.h"
#include "port/notify.h"

void host_clock(struct clock *ret);
int64_t host_monotonic_us(void); /* what that clock tells, within host/ */
/*
 * Under systemd (stderr is the journal's stream) fields go to the journal as DSMB_NAME=value, else one line to stderr.
 * `identifier` and `trial` are kept, not copied; trial may be NULL.  Control bytes are shown as blanks.
 */
void host_journal(const char *identifier, const char *trial, struct journal *ret);
/* sd_notify; alive() sends at most four times per WatchdogSec, nothing where there is no watchdog. */
void host_notify(struct notify *ret);

#endif
