/*
 * killpoint.h - dies by SIGKILL at a named point, for tests of what survives it.
 *
 * It is in the product because the promise "nothing is lost" is about the very program that runs: a build with hooks
 * would prove another one.  DSMB_KILL_AT=name[:count] dies when the point is passed for the count-th time.  Without
 * that variable it is one comparison; under systemd (INVOCATION_ID set) the variable is ignored.
 */
#ifndef DSMB_HOST_KILLPOINT_H
#define DSMB_HOST_KILLPOINT_H

/* Once, at start. */
void killpoint_init(void);
void killpoint(const char *name);

#endif
