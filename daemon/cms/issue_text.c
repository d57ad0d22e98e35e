/* Text signed under a key, and what such a text says when the signing certificate was renewed. */
#include <string.h>

#include <openssl/err.h>

#include "cms/issue.h"
#include "cms/ossl.h"

static BIO *reader_of(const struct buf *b)
{
    return ossl_reader(b->data, b->len);
}

enum status issue_sign_text(const struct buf *key, const struct buf *cert, const char *text, instant_t now,
                            struct buf *out, struct err *err)
{
    const unsigned flags = CMS_PARTIAL | CMS_BINARY | CMS_NOSMIMECAP;
    BIO *kb = reader_of(key), *cb = reader_of(cert), *in = ossl_reader(text, strlen(text)),
        *pem = BIO_new(BIO_s_mem());
    EVP_PKEY *k = kb == NULL ? NULL : PEM_read_bio_PrivateKey(kb, NULL, NULL, NULL);
    X509 *c = cb == NULL ? NULL : PEM_read_bio_X509(cb, NULL, NULL, NULL);
    CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, flags);
    CMS_SignerInfo *si = NULL;
    enum status st = OK;

    if (k != NULL && c != NULL && cms != NULL) {
        si = CMS_add1_signer(cms, c, k, EVP_sha256(), flags);
    }
    if (si == NULL || in == NULL || pem == NULL || !ossl_signing_time(si, now) ||
        CMS_final(cms, in, NULL, CMS_BINARY) != 1 || PEM_write_bio_CMS(pem, cms) != 1) {
        st = ossl_err(err, E_CONFIG, "signing under the present key");
    } else {
        ossl_drain(pem, out);
        st = buf_check(out, err);
    }
    CMS_ContentInfo_free(cms);
    X509_free(c);
    EVP_PKEY_free(k);
    BIO_free(kb);
    BIO_free(cb);
    BIO_free(in);
    BIO_free(pem);
    return st;
}

static const char ROTATION_1[] = "dsmbd: the signing certificate was renewed\nformer: ";
static const char ROTATION_2[] = "\npresent: ";
static const char ROTATION_3[] = "\nday: ";

void issue_rotation_text(const char *former, const char *present, day_t day, struct buf *out)
{
    char when[11];

    day_format(day, when);
    buf_fmt(out, "%s%s%s%s%s%s\n", ROTATION_1, former, ROTATION_2, present, ROTATION_3, when);
}

/* Takes the fixed words from the text, then n characters after them. */
static bool take(const char **s, const char *words, char *to, size_t n)
{
    size_t len = strlen(words);

    if (strncmp(*s, words, len) != 0 || strlen(*s + len) < n) {
        return false;
    }
    memcpy(to, *s + len, n);
    to[n] = '\0';
    *s += len + n;
    return true;
}

enum status issue_rotation_read(const struct buf *text, char former[65], char present[65], day_t *day,
                                struct err *err)
{
    const char *s = buf_cstr(text);
    char f[65], p[65], when[11];
    day_t d;

    if (!take(&s, ROTATION_1, f, 64) || !take(&s, ROTATION_2, p, 64) || !take(&s, ROTATION_3, when, 10) ||
        strcmp(s, "\n") != 0 || !day_parse(when, 10, &d)) {
        return err_set(err, E_DATA,
                       "what the former key signed is not the announcement of a new certificate");
    }
    memcpy(former, f, sizeof f);
    memcpy(present, p, sizeof p);
    *day = d;
    return OK;
}

enum status issue_read_text(const struct buf *cert, const struct buf *pem, struct buf *text, struct err *err)
{
    BIO *cb = reader_of(cert), *in = reader_of(pem), *out = BIO_new(BIO_s_mem());
    X509 *c = cb == NULL ? NULL : PEM_read_bio_X509(cb, NULL, NULL, NULL);
    CMS_ContentInfo *cms = in == NULL ? NULL : PEM_read_bio_CMS(in, NULL, NULL, NULL);
    STACK_OF(X509) *by = sk_X509_new_null();
    enum status st = OK;

    /* By this certificate and no other; its chain and its days are not the question here. */
    if (c == NULL || cms == NULL || by == NULL || out == NULL || sk_X509_push(by, c) == 0 ||
        CMS_verify(cms, by, NULL, NULL, out, CMS_NOINTERN | CMS_NO_SIGNER_CERT_VERIFY | CMS_BINARY) != 1) {
        st = ossl_err(err, E_DATA, "a text that should be signed under the former key is not");
    } else {
        ossl_drain(out, text);
        st = buf_check(text, err);
    }
    CMS_ContentInfo_free(cms);
    sk_X509_free(by);
    X509_free(c);
    BIO_free(cb);
    BIO_free(in);
    BIO_free(out);
    return st;
}
