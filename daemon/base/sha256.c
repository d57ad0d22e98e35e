#include "base/sha256.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

struct sha256_ctx {
    EVP_MD *md; /* fetched once: EVP_sha256() would look the implementation up at every digest */
    EVP_MD_CTX *ctx;
    bool failed;
};

enum status sha256_new(struct sha256_ctx **ret, struct err *err)
{
    struct sha256_ctx *c = calloc(1, sizeof *c);

    if (c != NULL) {
        c->md = EVP_MD_fetch(NULL, "SHA256", NULL);
        c->ctx = EVP_MD_CTX_new();
    }
    if (c == NULL || c->md == NULL || c->ctx == NULL || EVP_DigestInit_ex2(c->ctx, c->md, NULL) != 1) {
        sha256_free(c);
        return err_set(err, E_NOMEM, "SHA-256 is not to be had from OpenSSL");
    }
    *ret = c;
    return OK;
}

void sha256_free(struct sha256_ctx *c)
{
    if (c == NULL) {
        return;
    }
    EVP_MD_CTX_free(c->ctx);
    EVP_MD_free(c->md);
    free(c);
}

void sha256_add(struct sha256_ctx *c, const void *p, size_t n)
{
    /* After a failed init the context has no digest, and OpenSSL would call through a null pointer. */
    if (n > 0 && !c->failed && EVP_DigestUpdate(c->ctx, p, n) != 1) {
        c->failed = true;
    }
}

void sha256_field(struct sha256_ctx *c, const void *p, size_t n)
{
    uint64_t v = p == NULL ? UINT64_MAX : (uint64_t)n;
    unsigned char be[8];

    for (int i = 0; i < 8; i++) {
        be[i] = (unsigned char)(v >> (56 - 8 * i));
    }
    sha256_add(c, be, sizeof be);
    if (p != NULL) {
        sha256_add(c, p, n);
    }
}

enum status sha256_take(struct sha256_ctx *c, struct sha256 *ret, struct err *err)
{
    struct sha256 h;
    unsigned int n = 0;
    bool ok = !c->failed && EVP_DigestFinal_ex(c->ctx, h.b, &n) == 1 && n == SHA256_LEN;

    c->failed = EVP_DigestInit_ex2(c->ctx, c->md, NULL) != 1;
    if (!ok) {
        return err_set(err, E_NOMEM, "SHA-256 failed");
    }
    *ret = h;
    return OK;
}

enum status sha256_of(const void *p, size_t n, struct sha256 *ret, struct err *err)
{
    struct sha256_ctx *c = NULL;
    enum status st = sha256_new(&c, err);

    if (st == OK) {
        sha256_add(c, p, n);
        st = sha256_take(c, ret, err);
    }
    sha256_free(c);
    return st;
}

void sha256_hex(const struct sha256 *h, char out[SHA256_HEX])
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < SHA256_LEN; i++) {
        out[2 * i] = digits[h->b[i] >> 4];
        out[2 * i + 1] = digits[h->b[i] & 15];
    }
    out[2 * SHA256_LEN] = '\0';
}

bool sha256_parse_hex(const char *s, size_t len, struct sha256 *ret)
{
    struct sha256 h = {{0}};

    if (len != (size_t)2 * SHA256_LEN) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        char ch = s[i];
        unsigned v;

        if (ch >= '0' && ch <= '9') {
            v = (unsigned)(ch - '0');
        } else if (ch >= 'a' && ch <= 'f') {
            v = (unsigned)(ch - 'a') + 10;
        } else {
            return false;
        }
        h.b[i / 2] = (unsigned char)((unsigned)h.b[i / 2] << 4 | v);
    }
    *ret = h;
    return true;
}
