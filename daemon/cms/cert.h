/*
 * cert.h - is a certificate fit to encrypt mail for this address on this day?
 *
 * Nothing is asked of a network: no revocation list, no OCSP.  Who revokes a member's certificate adopts a board without
 * it.  A common name never counts as an address.
 */
#ifndef DSMB_CMS_CERT_H
#define DSMB_CMS_CERT_H

#include <openssl/x509.h>

#include "port/sealer.h"

enum { RSA_BITS_MIN = 2048, EC_BITS_MIN = 256, CERT_PEM_MAX = 32768 };

/* *cert (X509_free) is given only when *ret says SEAL_VALID; cert may be NULL. trusted may be NULL: nobody is. */
enum status cert_check(const struct seal_recipient *who, X509_STORE *trusted, instant_t now,
                       struct seal_check *ret, X509 **cert, struct err *err);
/* Only whether it is valid on this day, and for how long. */
enum status cert_check_days(const X509 *c, instant_t now, struct seal_check *ret, struct err *err);

#endif
