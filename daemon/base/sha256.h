/*
 * sha256.h - SHA-256 (FIPS 180-4), by OpenSSL.
 */
#ifndef DSMB_BASE_SHA256_H
#define DSMB_BASE_SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { SHA256_LEN = 32, SHA256_HEX = 65 };

struct sha256 {
    unsigned char b[SHA256_LEN];
};

struct sha256_ctx; /* streaming */

enum status sha256_new(struct sha256_ctx **ret, struct err *err);
void sha256_free(struct sha256_ctx *c);
void sha256_add(struct sha256_ctx *c, const void *p, size_t n);
/* A length (big endian, 8 bytes) before the bytes, so that ("ab","c") and ("a","bc") differ; p NULL is its own case. */
void sha256_field(struct sha256_ctx *c, const void *p, size_t n);
/* Gives the digest and makes the context ready for the next. */
enum status sha256_take(struct sha256_ctx *c, struct sha256 *ret, struct err *err);
enum status sha256_of(const void *p, size_t n, struct sha256 *ret, struct err *err);
void sha256_hex(const struct sha256 *h, char out[SHA256_HEX]);
bool sha256_parse_hex(const char *s, size_t len, struct sha256 *ret);

#endif
