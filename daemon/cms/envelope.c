#include "cms/envelope.h"

#include <limits.h>

#include <openssl/ec.h>

#include "cms/ossl.h"

/* Not CMS_final(): that copies through a buffer which it does not overwrite. */
static enum status run_through(CMS_ContentInfo *cms, const char *bytes, size_t len, struct buf *out,
                               const char *what, struct err *err)
{
    BIO *chain = NULL, *der = BIO_new(BIO_s_mem());
    enum status st = OK;

    if (len > INT_MAX || der == NULL || (chain = CMS_dataInit(cms, NULL)) == NULL ||
        BIO_write(chain, bytes, (int)len) != (int)len || BIO_flush(chain) != 1 ||
        CMS_dataFinal(cms, chain) != 1 || i2d_CMS_bio(der, cms) != 1) {
        st = ossl_err(err, E_INTERNAL, what);
    } else {
        ossl_drain(der, out);
        st = buf_check(out, err);
    }
    BIO_free_all(chain);
    BIO_free(der);
    return st;
}

enum status envelope_sign(const struct signer *by, const char *bytes, size_t len, struct buf *out,
                          struct err *err)
{
    const unsigned flags = CMS_PARTIAL | CMS_DETACHED | CMS_BINARY | CMS_NOSMIMECAP;
    CMS_ContentInfo *cms = CMS_sign(NULL, NULL, by->issuers, NULL, flags);
    CMS_SignerInfo *si = cms == NULL ? NULL : CMS_add1_signer(cms, by->cert, by->key, EVP_sha256(), flags);
    enum status st;

    if (si == NULL || !ossl_signing_time(si, by->at)) {
        st = ossl_err(err, E_INTERNAL, "signing a message");
    } else {
        st = run_through(cms, bytes, len, out, "signing a message", err);
    }
    CMS_ContentInfo_free(cms);
    return st;
}

/* OpenSSL would derive the key with SHA-1 where nobody says otherwise (RFC 5753). */
static bool derive_with_sha256(CMS_RecipientInfo *ri)
{
    EVP_PKEY_CTX *ctx;

    if (CMS_RecipientInfo_type(ri) != CMS_RECIPINFO_AGREE) {
        return true;
    }
    ctx = CMS_RecipientInfo_get0_pkey_ctx(ri);
    return ctx != NULL && EVP_PKEY_CTX_set_ecdh_kdf_md(ctx, EVP_sha256()) > 0;
}

enum status envelope_close(X509 *to, enum seal_cipher cipher, const char *bytes, size_t len, struct buf *out,
                           struct err *err)
{
    const EVP_CIPHER *c = cipher == SEAL_AES256_GCM ? EVP_aes_256_gcm() : EVP_aes_256_cbc();
    CMS_ContentInfo *cms = CMS_encrypt(NULL, NULL, c, CMS_PARTIAL | CMS_BINARY);
    CMS_RecipientInfo *ri = cms == NULL ? NULL : CMS_add1_recipient_cert(cms, to, CMS_KEY_PARAM);
    enum status st;

    if (ri == NULL || !derive_with_sha256(ri)) {
        st = ossl_err(err, E_INTERNAL, "encrypting a message");
    } else {
        st = run_through(cms, bytes, len, out, "encrypting a message", err);
    }
    CMS_ContentInfo_free(cms);
    return st;
}
