/*
 * imap.h - port/inbox.h by libcurl: a mailbox over verified TLS.
 *
 * Of each message that does not carry \Answered only the Subject is fetched; once it has been taken the message gets that
 * flag.  What came back is found by asking the server which reports of failure (RFC 3464) hold which id; they get the flag
 * too.  imap:// demands STARTTLS.  No proxy, no netrc, no other protocol.
 */
#ifndef DSMB_SMTP_IMAP_H
#define DSMB_SMTP_IMAP_H

#include <stdbool.h>

#include "port/inbox.h"

struct imap_settings {
    const char *url;     /* imaps://host[:port]/MAILBOX */
    const char *ca_file; /* NULL: the system's */
    const char *username, *password;
    void (*tick)(void *ctx);     /* about once a second */
    bool (*stopping)(void *ctx); /* true: give up */
    void *ctx;
};

struct imap;

/* Settings are copied. */
enum status imap_new(const struct imap_settings *settings, struct imap **ret, struct err *err);
void imap_free(struct imap *m); /* overwrites */
void imap_port(struct imap *m, struct inbox *ret);

#endif
