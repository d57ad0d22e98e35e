/*
 * envelope.h - the two CMS structures of a sealed message, as DER.
 */
#ifndef DSMB_CMS_ENVELOPE_H
#define DSMB_CMS_ENVELOPE_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/buf.h"
#include "base/date.h"
#include "port/sealer.h"

struct signer {
    EVP_PKEY *key;
    X509 *cert;
    STACK_OF(X509) * issuers; /* go with it; may be empty */
    instant_t at;             /* signing time */
};

/* Detached SignedData over the bytes, SHA-256. */
enum status envelope_sign(const struct signer *by, const char *bytes, size_t len, struct buf *out,
                          struct err *err);
/* EnvelopedData or AuthEnvelopedData for one certificate. */
enum status envelope_close(X509 *to, enum seal_cipher cipher, const char *bytes, size_t len, struct buf *out,
                           struct err *err);

#endif
