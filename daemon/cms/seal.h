/*
 * seal.h - the sealer that OpenSSL makes: S/MIME, signed then enveloped (port/sealer.h says what for).
 *
 *   outer headers        From, To, neutral Subject, Date, Message-ID, X-Fill (0 to 400 characters: makes the size exact)
 *   application/pkcs7-mime: EnvelopedData (AES-256-CBC), or AuthEnvelopedData (AES-256-GCM) where the member asks
 *     multipart/signed, detached: what Outlook, Apple Mail, phones and Thunderbird make themselves and show best; the
 *     envelope around it keeps gateways, which break detached signatures, from seeing it
 *       the message with its protected headers (RFC 9788 hp="cipher", and the older protected-headers="v1" that
 *       Thunderbird and others read), then its MIME epilogue: padding, shown by nobody
 *       application/pkcs7-signature (RSA or ECDSA with SHA-256)
 *
 * Keys and plaintext are overwritten before their memory is given back.
 */
#ifndef DSMB_CMS_SEAL_H
#define DSMB_CMS_SEAL_H

#include "port/sealer.h"

struct cms_sealer;

enum { SEAL_SIZE_MIN = 16 * 1024, SEAL_SIZE_DEFAULT = 256 * 1024, SEAL_SIZE_MAX = 8 * 1024 * 1024 };

struct cms_sealer_opts {
    const char *key; /* PEM; not kept */
    size_t key_len;
    const char *certificate; /* PEM: the signing one first, then issuers that members may lack */
    size_t certificate_len;
    const char *trusted; /* PEM: who may issue members' certificates; len 0: nobody */
    size_t trusted_len;
    const char *from; /* the signing certificate must name it, or mail programs warn */
    const char *note; /* as in struct sealer; copied; NULL: none */
    size_t size;
};

/* E_CONFIG: keys that cannot be read or do not belong together, with the remedy. */
enum status cms_sealer_new(const struct cms_sealer_opts *o, struct sealer *port, struct cms_sealer **ret,
                           struct err *err);
void cms_sealer_free(struct cms_sealer *s); /* overwrites */

#endif
