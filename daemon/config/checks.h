/*
 * checks.h - what a deployment value must look like.
 *
 * Each check returns NULL when the text is good, else "what is wrong; what to write", without the text itself.
 */
#ifndef DSMB_CONFIG_CHECKS_H
#define DSMB_CONFIG_CHECKS_H

#include <stdbool.h>
#include <stddef.h>

typedef const char *check_fn(const char *s);

const char *check_trial(const char *s);      /* [a-z][a-z0-9_-]{0,30} */
const char *check_identifier(const char *s); /* SQL name that needs no quotes */
const char *check_conninfo(const char *s);   /* libpq's, without a password */
const char *check_path(const char *s);       /* absolute, no control characters, no ".." */
const char *check_address(const char *s);    /* one mail address, ASCII */
const char *check_line(const char *s);       /* one line of text */
const char *check_hello(const char *s);      /* a host name, or an address in brackets */

/* smtp://host:port: the host without brackets, as a piece of s. */
const char *check_relay(const char *s, bool *smtps, const char **host, size_t *host_len, int *port);
/* 127.0.0.0/8, ::1, localhost. */
bool host_is_loopback(const char *host);

#endif
