#include "cms/issue.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "cms/ossl.h"

enum { KEY_BITS = 3072, SERIAL_BYTES = 16, NAME_BYTES_MAX = 64 };

static int no_phrase(char *buf, int size, int writing, void *u)
{
    (void)buf, (void)size, (void)writing, (void)u;
    return -1;
}

static EVP_PKEY *key_of(const struct buf *pem)
{
    BIO *in = ossl_reader(pem->data, pem->len);
    EVP_PKEY *k = in == NULL ? NULL : PEM_read_bio_PrivateKey(in, NULL, no_phrase, NULL);

    BIO_free(in);
    return k;
}

static X509 *cert_of(const struct buf *pem)
{
    BIO *in = ossl_reader(pem->data, pem->len);
    X509 *c = in == NULL ? NULL : PEM_read_bio_X509(in, NULL, NULL, NULL);

    BIO_free(in);
    return c;
}

/* At most 64 bytes, whole characters. */
static bool set_name(X509_NAME *n, const char *name)
{
    size_t len = strlen(name);

    if (len > NAME_BYTES_MAX) {
        len = NAME_BYTES_MAX;
        while (len > 0 && ((unsigned char)name[len] & 0xc0U) == 0x80U) {
            len--;
        }
    }
    return X509_NAME_add_entry_by_NID(n, NID_commonName, MBSTRING_UTF8, (const unsigned char *)name, (int)len,
                                      -1, 0) == 1;
}

static bool set_serial(X509 *c)
{
    unsigned char b[SERIAL_BYTES];
    BIGNUM *n;
    bool ok;

    if (RAND_bytes(b, sizeof b) != 1) {
        return false;
    }
    b[0] = (unsigned char)((b[0] & 0x7fU) | 0x40U); /* positive, and of one length */
    n = BN_bin2bn(b, sizeof b, NULL);
    ok = n != NULL && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(c)) != NULL;
    BN_free(n);
    return ok;
}

static bool set_days(X509 *c, instant_t now, int days)
{
    ASN1_TIME *from = ossl_time(now - US_PER_DAY), *to = ossl_time(now + days * US_PER_DAY);
    bool ok =
        from != NULL && to != NULL && X509_set1_notBefore(c, from) == 1 && X509_set1_notAfter(c, to) == 1;

    ASN1_TIME_free(from);
    ASN1_TIME_free(to);
    return ok;
}

static bool extend(X509 *c, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509_EXTENSION *e;
    bool ok;

    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, issuer, c, NULL, NULL, 0);
    e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    ok = e != NULL && X509_add_ext(c, e, -1) == 1;
    X509_EXTENSION_free(e);
    return ok;
}

/* Not by OpenSSL's little language: an address is data. */
static bool set_address(X509 *c, const char *address)
{
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_IA5STRING *s = ASN1_IA5STRING_new();
    bool ok = names != NULL && name != NULL && s != NULL && ASN1_STRING_set(s, address, -1) == 1;

    if (ok) {
        GENERAL_NAME_set0_value(name, GEN_EMAIL, s);
        s = NULL;
        ok = sk_GENERAL_NAME_push(names, name) > 0;
        name = ok ? NULL : name;
    }
    ok = ok && X509_add1_ext_i2d(c, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) == 1;
    ASN1_IA5STRING_free(s);
    GENERAL_NAME_free(name);
    GENERAL_NAMES_free(names);
    return ok;
}

static bool set_extensions(X509 *c, X509 *issuer, const struct issue_order *o)
{
    bool ok = extend(c, issuer, NID_subject_key_identifier, "hash") &&
              (issuer == c || extend(c, issuer, NID_authority_key_identifier, "keyid"));

    switch (o->kind) {
    case ISSUE_CA:
        return ok && extend(c, issuer, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
               extend(c, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
    case ISSUE_SIGNER:
        return ok && extend(c, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
               extend(c, issuer, NID_key_usage, "critical,digitalSignature,nonRepudiation") &&
               extend(c, issuer, NID_ext_key_usage, "emailProtection") && set_address(c, o->address);
    case ISSUE_MEMBER:
        return ok && extend(c, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
               extend(c, issuer, NID_key_usage, "critical,digitalSignature,keyEncipherment") &&
               extend(c, issuer, NID_ext_key_usage, "emailProtection") && set_address(c, o->address);
    }
    return false;
}

static bool to_pem(EVP_PKEY *k, X509 *c, struct buf *key, struct buf *cert)
{
    BIO *kb = BIO_new(BIO_s_mem()), *cb = BIO_new(BIO_s_mem());
    bool ok = kb != NULL && cb != NULL &&
              PEM_write_bio_PKCS8PrivateKey(kb, k, NULL, NULL, 0, NULL, NULL) == 1 &&
              PEM_write_bio_X509(cb, c) == 1;

    if (ok) {
        ossl_drain(kb, key);
        ossl_drain(cb, cert);
    }
    BIO_free(kb); /* overwrites */
    BIO_free(cb);
    return ok;
}

enum status issue_make(const struct issue_order *o, struct buf *key, struct buf *cert, struct err *err)
{
    X509 *c = X509_new(), *ca = NULL;
    EVP_PKEY *k = EVP_RSA_gen(KEY_BITS), *ca_key = NULL;
    enum status st = OK;
    bool ok = c != NULL && k != NULL;

    if (ok && o->ca_key != NULL) {
        ca = cert_of(o->ca_cert);
        ca_key = key_of(o->ca_key);
        if (ca == NULL || ca_key == NULL || X509_check_private_key(ca, ca_key) != 1 ||
            X509_check_ca(ca) != 1) {
            st = ossl_err(err, E_CONFIG, "the CA's key and certificate cannot be used");
            goto out;
        }
    }
    ok = ok && X509_set_version(c, X509_VERSION_3) == 1 && set_serial(c) && set_days(c, o->now, o->days) &&
         X509_set_pubkey(c, k) == 1 && set_name(X509_get_subject_name(c), o->name) &&
         X509_set_issuer_name(c, X509_get_subject_name(ca == NULL ? c : ca)) == 1 &&
         set_extensions(c, ca == NULL ? c : ca, o) &&
         X509_sign(c, ca == NULL ? k : ca_key, EVP_sha256()) > 0 && to_pem(k, c, key, cert);
    st = ok ? buf_check(key, err) : ossl_err(err, E_INTERNAL, "making a key and its certificate");
    if (st == OK) {
        st = buf_check(cert, err);
    }
out:
    X509_free(c);
    X509_free(ca);
    EVP_PKEY_free(k);
    EVP_PKEY_free(ca_key);
    return st;
}

enum status issue_password(char out[PASSWORD_LEN + 1], struct err *err)
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789"; /* 32: neither l, o, 0 nor 1 */
    unsigned char r[PASSWORD_LEN];

    if (RAND_bytes(r, sizeof r) != 1) {
        return ossl_err(err, E_IO, "no random numbers for a password");
    }
    for (size_t i = 0; i < PASSWORD_LEN; i++) {
        out[i] = i % 5 == 4 ? '-' : letters[r[i] & 31U];
    }
    out[PASSWORD_LEN] = '\0';
    OPENSSL_cleanse(r, sizeof r);
    return OK;
}

enum status issue_p12(const struct buf *key, const struct buf *cert, const struct buf *ca, const char *name,
                      const char *password, struct buf *out, struct err *err)
{
    const int pbe = NID_pbe_WithSHA1And3_Key_TripleDES_CBC, rounds = 100000;
    EVP_PKEY *k = key_of(key);
    X509 *c = cert_of(cert), *issuer = cert_of(ca);
    STACK_OF(X509) *issuers = sk_X509_new_null();
    PKCS12 *p = NULL;
    BIO *der = BIO_new(BIO_s_mem());
    enum status st = OK;

    if (k == NULL || c == NULL || issuer == NULL || issuers == NULL || der == NULL ||
        sk_X509_push(issuers, issuer) == 0) {
        st = ossl_err(err, E_INTERNAL, "a member's PKCS#12 file");
        goto out;
    }
    issuer = NULL; /* the list has it */
    p = PKCS12_create(password, name, k, c, issuers, pbe, pbe, rounds, -1, 0);
    if (p == NULL || PKCS12_set_mac(p, password, -1, NULL, 0, rounds, EVP_sha1()) != 1 ||
        i2d_PKCS12_bio(der, p) != 1) {
        st = ossl_err(err, E_INTERNAL, "a member's PKCS#12 file");
        goto out;
    }
    ossl_drain(der, out);
    st = buf_check(out, err);
out:
    PKCS12_free(p);
    BIO_free(der);
    X509_free(c);
    X509_free(issuer);
    ossl_free_certs(issuers);
    EVP_PKEY_free(k);
    return st;
}

enum status issue_fingerprint(const struct buf *cert, char out[65], struct err *err)
{
    X509 *c = cert_of(cert);
    enum status st =
        c == NULL ? ossl_err(err, E_DATA, "no readable PEM certificate") : ossl_fingerprint(c, out, err);

    X509_free(c);
    return st;
}
