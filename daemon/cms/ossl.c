#include "cms/ossl.h"

#include <limits.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

enum { CERTS_MAX = 1024 };

enum status ossl_err(struct err *err, enum status st, const char *what)
{
    unsigned long e = ERR_peek_error();
    const char *reason = ERR_reason_error_string(e);

    if (ERR_GET_REASON(e) == ERR_R_MALLOC_FAILURE) {
        st = E_NOMEM;
    }
    ERR_clear_error();
    return reason == NULL ? err_set(err, st, "%s", what) : err_set(err, st, "%s: %s", what, reason);
}

BIO *ossl_reader(const void *bytes, size_t len)
{
    return len > INT_MAX ? NULL : BIO_new_mem_buf(bytes, (int)len);
}

void ossl_drain(BIO *from, struct buf *to)
{
    char *p = NULL;
    long n = BIO_get_mem_data(from, &p);

    if (n > 0) {
        buf_add(to, p, (size_t)n);
    }
}

ASN1_TIME *ossl_time(instant_t t)
{
    int64_t s = t / 1000000 - (t % 1000000 < 0);

    return ASN1_TIME_set(NULL, (time_t)s);
}

bool ossl_signing_time(CMS_SignerInfo *si, instant_t at)
{
    ASN1_TIME *t = ossl_time(at);
    bool ok =
        t != NULL && CMS_signed_add1_attr_by_NID(si, NID_pkcs9_signingTime, ASN1_STRING_type(t), t, -1) == 1;

    ASN1_TIME_free(t);
    return ok;
}

void ossl_free_certs(STACK_OF(X509) * certs)
{
    sk_X509_pop_free(certs, X509_free);
}

enum status ossl_read_certs(const char *pem, size_t len, STACK_OF(X509) * *ret, struct err *err)
{
    STACK_OF(X509) *list = sk_X509_new_null();
    BIO *in = ossl_reader(pem, len);
    X509 *c = NULL;
    enum status st = OK;

    if (list == NULL || in == NULL) {
        st = err_set(err, E_NOMEM, "reading certificates");
        goto out;
    }
    while ((c = PEM_read_bio_X509(in, NULL, NULL, NULL)) != NULL) {
        if (sk_X509_num(list) == CERTS_MAX || sk_X509_push(list, c) == 0) {
            st = err_set(err, E_DATA, "more than %d certificates in one text", (int)CERTS_MAX);
            X509_free(c);
            goto out;
        }
    }
    /* The end of the text is "no start line"; anything else is damage. */
    if (sk_X509_num(list) == 0 || ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
        st = ossl_err(err, E_DATA, "no readable PEM certificate (-----BEGIN CERTIFICATE-----)");
        goto out;
    }
    *ret = list;
    list = NULL;
out:
    ERR_clear_error();
    BIO_free(in);
    ossl_free_certs(list);
    return st;
}

enum status ossl_fingerprint(const X509 *c, char out[65], struct err *err)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char md[EVP_MAX_MD_SIZE];
    unsigned n = 0;

    if (X509_digest(c, EVP_sha256(), md, &n) != 1 || n != 32) {
        return ossl_err(err, E_INTERNAL, "a certificate's fingerprint");
    }
    for (unsigned i = 0; i < n; i++) {
        out[2 * i] = hex[md[i] >> 4];
        out[2 * i + 1] = hex[md[i] & 15U];
    }
    out[64] = '\0';
    return OK;
}
