/*
 * smtp.h - port/transport.h by libcurl: one recipient a transaction, over verified TLS.
 *
 * STARTTLS or TLS is required unless the settings say none, which they may for loopback only.  The verdict is read from
 * the server's replies as they pass, not from libcurl's summary, which calls a 451 after the dot a send error and keeps
 * the last code when STARTTLS is missing.  Addresses with control bytes, blanks or angle brackets are refused: libcurl
 * passes CR and LF straight through.  Bare LF and bare CR in the message become CRLF, always in the same way.
 * No proxy, no netrc, no other protocol; name resolution does not block (libcurl's resolver thread).
 */
#ifndef DSMB_SMTP_SMTP_H
#define DSMB_SMTP_SMTP_H

#include <stdbool.h>
#include <stdint.h>

#include "port/transport.h"

enum smtp_tls { SMTP_STARTTLS, SMTP_TLS, SMTP_PLAIN };

struct smtp_settings {
    const char *host; /* without brackets */
    int port;
    enum smtp_tls tls;
    const char *ca_file;             /* NULL: the system's */
    const char *username, *password; /* NULL: no login */
    const char *from;
    const char *hello;           /* EHLO name; NULL: the host's own */
    int64_t connect_timeout_us;  /* connection and TLS */
    int64_t response_timeout_us; /* each reply, the one after the dot too */
    int64_t stop_grace_us;       /* how long a stop waits for the reply after the dot */
    void (*tick)(void *ctx);     /* about once a second during a transfer */
    bool (*stopping)(void *ctx); /* true: end what can end safely */
    void *ctx;
    void (*killpoint)(const char *name); /* never NULL */
};

struct smtp;

/* Settings are copied.  E_CONFIG: an address or a name that cannot be used. */
enum status smtp_new(const struct smtp_settings *settings, struct smtp **ret, struct err *err);
void smtp_free(struct smtp *s);
void smtp_port(struct smtp *s, struct transport *ret);

/* Exposed for their tests. */
bool smtp_address_ok(const char *address);
/* One line of a reply.  Follows the conversation; a reply may span several lines. */
struct smtp_replies {
    int last;                          /* code of the last whole reply */
    int verdict;                       /* first whole reply after 354; 0: none yet */
    bool go_ahead;                     /* 354 was seen */
    bool early;                        /* the verdict came before the message had been handed over whole */
    char text[DELIVERY_REPLY_MAX + 1]; /* the last line of the last whole reply, printable */
};
void smtp_replies_line(struct smtp_replies *r, const char *line, size_t len, bool whole);

#endif
