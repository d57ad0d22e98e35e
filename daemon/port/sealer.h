/*
 * sealer.h - closes a message so that its member alone can read it.
 *
 * S/MIME: signed by this installation, then enveloped for one certificate.  The bytes on the wire are `size` long
 * whatever the message says and whoever gets it, and its outer headers are neutral; the real subject is inside.
 * There is no way through it in clear: without a valid certificate there are no bytes.
 */
#ifndef DSMB_PORT_SEALER_H
#define DSMB_PORT_SEALER_H

#include <stddef.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"

enum seal_cipher { SEAL_AES256_CBC, SEAL_AES256_GCM };

struct seal_recipient {
    const char *address;     /* must be in the certificate */
    const char *certificate; /* PEM: the member's own first, then intermediate ones; NULL or "": none */
    const char *fingerprint; /* SHA-256 of the certificate as 64 small hexadecimal digits, or "" */
    enum seal_cipher cipher;
};

struct seal_job {
    struct seal_recipient to;
    /*
     * A complete message as render/mail makes it: headers, CRLF, a multipart.  Its Subject is replaced; From, To, Date
     * and Message-ID stand inside (signed) and outside.
     */
    const char *plain;
    size_t plain_len;
    const char *subject; /* the real one: inside only; plain ASCII or RFC 2047 words, no control bytes */
    const char *outer_subject; /* neutral */
    instant_t now;             /* signing time, and the day on which certificates must be valid */
};

enum seal_fault {
    SEAL_VALID,
    SEAL_NONE,        /* no certificate */
    SEAL_UNREADABLE,  /* no PEM certificate, or a damaged one */
    SEAL_FINGERPRINT, /* not the one whose SHA-256 is given */
    SEAL_ADDRESS,     /* does not name the address */
    SEAL_NOT_YET,     /* valid from a later day */
    SEAL_EXPIRED,
    SEAL_WEAK,    /* RSA below 2048 bits, a curve below 256, or a key that cannot encrypt mail */
    SEAL_PURPOSE, /* not made for encrypting mail */
    SEAL_CHAIN    /* no trusted issuer stands behind it */
};

struct seal_check {
    enum seal_fault fault;
    int days_left;        /* whole days to its end; negative: since */
    char fingerprint[65]; /* "" while unreadable */
    char why[200];        /* for people, with the remedy; "" when valid; printable ASCII */
};

struct sealer {
    void *ctx;
    size_t size; /* of every sealed message */
    /* What members should know of the signing key ("the signing certificate was renewed..."), or "". */
    const char *note;
    /* E_DATA: no valid certificate (why in err); E_STATE: too long for `size`, say less.  Nothing is made then. */
    enum status (*seal)(void *ctx, const struct seal_job *job, struct buf *out, struct err *err);
    /* Not OK only for want of memory: a bad certificate is an answer. */
    enum status (*check)(void *ctx, const struct seal_recipient *who, instant_t now, struct seal_check *ret,
                         struct err *err);
    /* The same of the certificate that signs. */
    enum status (*check_signer)(void *ctx, instant_t now, struct seal_check *ret, struct err *err);
};

#endif
