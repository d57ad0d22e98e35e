/*
 * ossl.h - what the files of cms/ share of OpenSSL: errors, memory streams, time.
 */
#ifndef DSMB_CMS_OSSL_H
#define DSMB_CMS_OSSL_H

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/pem.h> /* before cms.h, which asks whether it was there */
#include <openssl/x509.h>

#include <openssl/cms.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"

/* "WHAT: OpenSSL's reason"; OpenSSL's reasons hold no data.  Empties its queue.  E_NOMEM when memory was short. */
enum status ossl_err(struct err *err, enum status st, const char *what);
/* A stream that reads len bytes, not copied; NULL when memory is short. */
BIO *ossl_reader(const void *bytes, size_t len);
/* Appends what a memory stream holds. */
void ossl_drain(BIO *from, struct buf *to);
/* Whole seconds; NULL when memory is short. */
ASN1_TIME *ossl_time(instant_t t);
/* The time that a signature states; false when memory is short. */
bool ossl_signing_time(CMS_SignerInfo *si, instant_t at);
/* Frees certificates and list. */
void ossl_free_certs(STACK_OF(X509) * certs);
/* Certificates of a PEM text in their order, at least one: E_DATA. */
enum status ossl_read_certs(const char *pem, size_t len, STACK_OF(X509) * *ret, struct err *err);
/* SHA-256 of the DER form as small hexadecimal digits. */
enum status ossl_fingerprint(const X509 *c, char out[65], struct err *err);

#endif
