/*
 * pki.h - a CA, a signer and certificates of any kind, good and bad, for the tests of the sealer.
 */
#ifndef DSMB_TESTS_PKI_H
#define DSMB_TESTS_PKI_H

#include <openssl/evp.h>

#include "cms/issue.h"
#include "cms/seal.h"
#include "support/t.h"

#define NOW  (INT64_C(1900000000) * 1000000) /* 2030-03-17 */
#define FROM "dsmbd@trial.example"
#define ADDR "karen.eksempel@hospital.example"

struct pki {
    struct buf ca_key, ca_cert, key, cert;
    struct cms_sealer *sealer;
    struct sealer port;
    EVP_PKEY *rsa; /* 2048 bits, of all members whose key does not matter: making one takes time */
};

struct odd {
    int rsa_bits; /* 0: a curve */
    const char *curve;
    const char *ku, *eku, *san; /* NULL: without */
    const char *cn;
    const char *raw_email; /* with raw_len: an rfc822Name of any bytes */
    size_t raw_len;
    int64_t from_days, to_days;
    bool self_signed, email_in_subject, sha1;
};

extern const struct odd ODD_GOOD; /* valid for another 100 days */

int pki_set_up(void **state); /* *state is a struct pki */
int pki_tear_down(void **state);
struct cms_sealer_opts pki_opts(const struct pki *p);
/* Key and certificate as dsmbctl makes them; ca NULL: self-signed. */
void pki_make(enum issue_kind kind, const char *name, const char *address, const struct pki *ca,
              struct buf *key, struct buf *cert);
/* A certificate of p's CA; *key (EVP_PKEY_free) where asked for. */
void odd_make(const struct pki *p, const struct odd *o, EVP_PKEY **key, struct buf *cert);
/* What the sealer's check says of it. */
struct seal_check odd_judged(const struct pki *p, const struct odd *o);

#endif
