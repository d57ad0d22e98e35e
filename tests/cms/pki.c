#include "cms/pki.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

const struct odd ODD_GOOD = {.rsa_bits = 2048,
                             .ku = "critical,digitalSignature,keyEncipherment",
                             .eku = "emailProtection",
                             .san = "Karen.Eksempel@hospital.example",
                             .from_days = -1,
                             .to_days = 100};

void pki_make(enum issue_kind kind, const char *name, const char *address, const struct pki *ca,
              struct buf *key, struct buf *cert)
{
    struct issue_order o = {.kind = kind, .name = name, .address = address, .now = NOW, .days = 1000};
    struct err err = {0};

    if (ca != NULL) {
        o.ca_key = &ca->ca_key;
        o.ca_cert = &ca->ca_cert;
    }
    assert_ok(issue_make(&o, key, cert, &err), err);
}

struct cms_sealer_opts pki_opts(const struct pki *p)
{
    return (struct cms_sealer_opts){.key = p->key.data,
                                    .key_len = p->key.len,
                                    .certificate = p->cert.data,
                                    .certificate_len = p->cert.len,
                                    .trusted = p->ca_cert.data,
                                    .trusted_len = p->ca_cert.len,
                                    .from = FROM,
                                    .size = SEAL_SIZE_DEFAULT};
}

int pki_set_up(void **state)
{
    struct pki *p = calloc(1, sizeof *p);
    struct cms_sealer_opts o;
    struct err err = {0};

    assert_non_null(p);
    pki_make(ISSUE_CA, "Trial CA", NULL, NULL, &p->ca_key, &p->ca_cert);
    pki_make(ISSUE_SIGNER, "dsmbd", FROM, p, &p->key, &p->cert);
    p->rsa = EVP_RSA_gen(2048);
    assert_non_null(p->rsa);
    o = pki_opts(p);
    assert_ok(cms_sealer_new(&o, &p->port, &p->sealer, &err), err);
    *state = p;
    return 0;
}

int pki_tear_down(void **state)
{
    struct pki *p = *state;

    cms_sealer_free(p->sealer);
    EVP_PKEY_free(p->rsa);
    buf_wipe(&p->ca_key);
    buf_wipe(&p->key);
    buf_done(&p->ca_cert);
    buf_done(&p->cert);
    free(p);
    return 0;
}

/* ---- certificates of any kind, good and bad ---- */

static void put_ext(X509 *c, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509_EXTENSION *e;

    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, c, c, NULL, NULL, 0);
    e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    assert_non_null(e);
    assert_int_equal(X509_add_ext(c, e, -1), 1);
    X509_EXTENSION_free(e);
}

static void put_raw_email(X509 *c, const char *bytes, size_t len)
{
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_IA5STRING *s = ASN1_IA5STRING_new();

    assert_int_equal(ASN1_STRING_set(s, bytes, (int)len), 1);
    GENERAL_NAME_set0_value(name, GEN_EMAIL, s);
    assert_true(sk_GENERAL_NAME_push(names, name) > 0);
    assert_int_equal(X509_add1_ext_i2d(c, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT), 1);
    GENERAL_NAMES_free(names);
}

void odd_make(const struct pki *p, const struct odd *o, EVP_PKEY **key, struct buf *cert)
{
    BIO *kb = BIO_new_mem_buf(p->ca_key.data, (int)p->ca_key.len);
    BIO *cb = BIO_new_mem_buf(p->ca_cert.data, (int)p->ca_cert.len), *out = BIO_new(BIO_s_mem());
    EVP_PKEY *ca_key = PEM_read_bio_PrivateKey(kb, NULL, NULL, NULL);
    X509 *ca = PEM_read_bio_X509(cb, NULL, NULL, NULL), *c = X509_new();
    EVP_PKEY *k = o->rsa_bits == 2048 ? p->rsa
                  : o->rsa_bits > 0   ? EVP_RSA_gen((unsigned)o->rsa_bits)
                                      : EVP_EC_gen(o->curve);
    ASN1_TIME *from = ASN1_TIME_set(NULL, NOW / 1000000 + o->from_days * 86400);
    ASN1_TIME *to = ASN1_TIME_set(NULL, NOW / 1000000 + o->to_days * 86400);
    const char *cn = o->cn == NULL ? "A member" : o->cn;
    char *pem = NULL;
    long n;

    assert_non_null(k);
    if (k == p->rsa) {
        EVP_PKEY_up_ref(k);
    }
    assert_non_null(ca);
    X509_set_version(c, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(c), 4711);
    X509_set1_notBefore(c, from);
    X509_set1_notAfter(c, to);
    X509_set_pubkey(c, k);
    X509_NAME_add_entry_by_NID(X509_get_subject_name(c), NID_commonName, MBSTRING_UTF8,
                               (const unsigned char *)cn, -1, -1, 0);
    if (o->email_in_subject) {
        X509_NAME_add_entry_by_NID(X509_get_subject_name(c), NID_pkcs9_emailAddress, MBSTRING_ASC,
                                   (const unsigned char *)ADDR, -1, -1, 0);
    }
    X509_set_issuer_name(c, X509_get_subject_name(o->self_signed ? c : ca));
    if (o->ku != NULL) {
        put_ext(c, NID_key_usage, o->ku);
    }
    if (o->eku != NULL) {
        put_ext(c, NID_ext_key_usage, o->eku);
    }
    if (o->san != NULL) {
        put_raw_email(c, o->san, strlen(o->san));
    }
    if (o->raw_email != NULL) {
        put_raw_email(c, o->raw_email, o->raw_len);
    }
    assert_true(X509_sign(c, o->self_signed ? k : ca_key, o->sha1 ? EVP_sha1() : EVP_sha256()) > 0);
    assert_int_equal(PEM_write_bio_X509(out, c), 1);
    n = BIO_get_mem_data(out, &pem);
    buf_add(cert, pem, (size_t)n);
    if (key != NULL) {
        *key = k;
    } else {
        EVP_PKEY_free(k);
    }
    ASN1_TIME_free(from);
    ASN1_TIME_free(to);
    X509_free(c);
    X509_free(ca);
    EVP_PKEY_free(ca_key);
    BIO_free(kb);
    BIO_free(cb);
    BIO_free(out);
}

struct seal_check odd_judged(const struct pki *p, const struct odd *o)
{
    struct buf cert = {0};
    struct seal_recipient who = {.address = ADDR};
    struct seal_check r = {.fault = SEAL_NONE};
    struct err err = {0};

    odd_make(p, o, NULL, &cert);
    who.certificate = buf_cstr(&cert);
    assert_ok(p->port.check(p->port.ctx, &who, NOW, &r, &err), err);
    buf_done(&cert);
    assert_true((r.fault == SEAL_VALID) == (r.why[0] == '\0'));
    return r;
}
