#include "cms/cert.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "cms/ossl.h"

enum { PROBE_BYTES = 65536 };
enum { SECURITY_LEVEL = 2 /* 112 bits: no SHA-1, no RSA below 2048, anywhere in the chain */ };

static void say(struct seal_check *ret, enum seal_fault fault, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void say(struct seal_check *ret, enum seal_fault fault, const char *fmt, ...)
{
    va_list ap;

    ret->fault = fault;
    va_start(ap, fmt);
    (void)vsnprintf(ret->why, sizeof ret->why, fmt, ap);
    va_end(ap);
}

enum status cert_check_days(const X509 *c, instant_t now, struct seal_check *ret, struct err *err)
{
    ASN1_TIME *t = ossl_time(now);
    int days = 0, seconds = 0, from_days = 0, from_seconds = 0;
    enum status st = OK;

    if (t == NULL) {
        return err_set(err, E_NOMEM, "checking a certificate");
    }
    if (ASN1_TIME_diff(&days, &seconds, t, X509_get0_notAfter(c)) != 1 ||
        ASN1_TIME_diff(&from_days, &from_seconds, X509_get0_notBefore(c), t) != 1) {
        ERR_clear_error();
        say(ret, SEAL_UNREADABLE, "its days of validity cannot be read; ask its issuer for another");
    } else if (from_days < 0 || from_seconds < 0) {
        ret->days_left = days;
        say(ret, SEAL_NOT_YET, "it is valid from a later day only; is this machine's clock right?");
    } else {
        ret->days_left = days;
        if (days < 0 || seconds < 0) {
            say(ret, SEAL_EXPIRED, "it has expired; adopt a board with the member's new certificate");
        }
    }
    ASN1_TIME_free(t);
    return st;
}

/* rfc822Name or the subject's emailAddress.  Local parts are compared without case, as every mail system does. */
static bool names_address(X509 *c, const char *address)
{
    STACK_OF(OPENSSL_STRING) *list = X509_get1_email(c);
    bool found = false;

    for (int i = 0; list != NULL && i < sk_OPENSSL_STRING_num(list); i++) {
        found = found || strcasecmp(sk_OPENSSL_STRING_value(list, i), address) == 0;
    }
    X509_email_free(list);
    return found;
}

/* NULL, or what is wrong with the key. */
static const char *key_fault(X509 *c, bool *ec)
{
    EVP_PKEY *k = X509_get0_pubkey(c);

    *ec = false;
    if (k == NULL) {
        return "its key cannot be read";
    }
    if (EVP_PKEY_get_base_id(k) == EVP_PKEY_RSA) {
        return EVP_PKEY_get_bits(k) < RSA_BITS_MIN ? "its RSA key is shorter than 2048 bits" : NULL;
    }
    if (EVP_PKEY_get_base_id(k) == EVP_PKEY_EC) {
        *ec = true;
        return EVP_PKEY_get_bits(k) < EC_BITS_MIN ? "its elliptic curve has fewer than 256 bits" : NULL;
    }
    return "its key is neither RSA nor of an elliptic curve that mail programs encrypt for";
}

static const char *purpose_fault(X509 *c, bool ec)
{
    uint32_t usage = X509_get_key_usage(c), extended = X509_get_extended_key_usage(c);

    if ((X509_get_extension_flags(c) & EXFLAG_INVALID) != 0) {
        return "its extensions cannot be read";
    }
    if ((extended & (XKU_SMIME | XKU_ANYEKU)) == 0) { /* all bits where there is no such extension */
        return "it is not made for mail (extended key usage emailProtection)";
    }
    if ((usage & (ec ? (uint32_t)KU_KEY_AGREEMENT : (uint32_t)KU_KEY_ENCIPHERMENT)) == 0) {
        return ec ? "it may not be used to agree on keys (key usage keyAgreement)"
                  : "it may not be used to encrypt keys (key usage keyEncipherment)";
    }
    return NULL;
}

static enum status chain_ok(X509 *leaf, STACK_OF(X509) * rest, X509_STORE *trusted, bool ec, instant_t now,
                            bool *ok, const char **why, struct err *err)
{
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    X509_VERIFY_PARAM *p;
    enum status st = OK;

    if (ctx == NULL || X509_STORE_CTX_init(ctx, trusted, leaf, rest) != 1) {
        st = ossl_err(err, E_NOMEM, "checking a certificate's issuers");
        goto out;
    }
    p = X509_STORE_CTX_get0_param(ctx);
    X509_VERIFY_PARAM_set_time(p, (time_t)(now / 1000000));
    X509_VERIFY_PARAM_set_auth_level(p, SECURITY_LEVEL);
    /* OpenSSL's purpose wants keyEncipherment also of curves; purpose_fault() has looked at the leaf itself. */
    (void)X509_VERIFY_PARAM_set_purpose(p, ec ? X509_PURPOSE_ANY : X509_PURPOSE_SMIME_ENCRYPT);
    *ok = X509_verify_cert(ctx) == 1;
    *why = X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx));
    if (X509_STORE_CTX_get_error(ctx) == X509_V_ERR_OUT_OF_MEM) {
        st = err_set(err, E_NOMEM, "checking a certificate's issuers");
    }
out:
    ERR_clear_error();
    X509_STORE_CTX_free(ctx);
    return st;
}

static enum status judge(X509 *leaf, STACK_OF(X509) * rest, const struct seal_recipient *who,
                         X509_STORE *trusted, instant_t now, struct seal_check *r, struct err *err)
{
    const char *fault, *why = "";
    bool ec = false, ok = false;
    enum status st = ossl_fingerprint(leaf, r->fingerprint, err);

    if (st != OK) {
        return st;
    }
    if (who->fingerprint != NULL && who->fingerprint[0] != '\0' &&
        strcasecmp(who->fingerprint, r->fingerprint) != 0) {
        say(r, SEAL_FINGERPRINT,
            "its SHA-256 is not certificate_sha256 of the board; ask the member which of the two is right");
        return OK;
    }
    st = cert_check_days(leaf, now, r, err);
    if (st != OK || r->fault != SEAL_VALID) {
        return st;
    }
    if (!names_address(leaf, who->address)) {
        say(r, SEAL_ADDRESS, "it does not name the member's address (rfc822Name or emailAddress)");
        return OK;
    }
    if ((fault = key_fault(leaf, &ec)) != NULL) {
        say(r, SEAL_WEAK, "%s; ask its issuer for another", fault);
        return OK;
    }
    if ((fault = purpose_fault(leaf, ec)) != NULL) {
        say(r, SEAL_PURPOSE, "%s; ask its issuer for another", fault);
        return OK;
    }
    if (trusted == NULL) {
        say(r, SEAL_CHAIN,
            "no issuer is trusted: name one in mail.members_ca, or dsmbctl keys init --ca DIR");
        return OK;
    }
    st = chain_ok(leaf, rest, trusted, ec, now, &ok, &why, err);
    if (st == OK && !ok) {
        say(r, SEAL_CHAIN, "no trusted issuer stands behind it (%s); see mail.members_ca", why);
    }
    return st;
}

static enum status check_once(const struct seal_recipient *who, X509_STORE *trusted, instant_t now,
                              struct seal_check *ret, X509 **cert, struct err *err)
{
    struct seal_check r = {.fault = SEAL_VALID};
    STACK_OF(X509) *list = NULL;
    struct err why = {0};
    X509 *leaf = NULL;
    size_t len = who->certificate == NULL ? 0 : strlen(who->certificate);
    enum status st = OK;

    if (len == 0) {
        say(&r, SEAL_NONE, "the board holds no certificate of this member; add it as `certificate`");
    } else if (len > CERT_PEM_MAX) {
        say(&r, SEAL_UNREADABLE,
            "it is longer than %d bytes; only the member's and intermediate ones belong there",
            (int)CERT_PEM_MAX);
    } else if ((st = ossl_read_certs(who->certificate, len, &list, &why)) == E_NOMEM) {
        return err_set(err, st, "%s", why.msg);
    } else if (st != OK) {
        say(&r, SEAL_UNREADABLE, "%.150s", why.msg);
        st = OK;
    } else {
        leaf = sk_X509_shift(list);
        st = judge(leaf, list, who, trusted, now, &r, err);
    }
    if (st == OK) {
        *ret = r;
        if (r.fault == SEAL_VALID && cert != NULL) {
            *cert = leaf;
            leaf = NULL;
        }
    }
    X509_free(leaf);
    ossl_free_certs(list);
    return st;
}

/*
 * OpenSSL does not always say that memory ran out: a good certificate then looks damaged, or without an address.  A fault
 * is believed when it is found again while there is memory.
 */
enum status cert_check(const struct seal_recipient *who, X509_STORE *trusted, instant_t now,
                       struct seal_check *ret, X509 **cert, struct err *err)
{
    struct seal_check first = {.fault = SEAL_VALID}, second = {.fault = SEAL_VALID};
    X509 *found = NULL;
    void *room = NULL;
    enum status st = check_once(who, trusted, now, &first, &found, err);

    if (st == OK && first.fault != SEAL_VALID) {
        room = OPENSSL_malloc(PROBE_BYTES);
        st = room == NULL ? E_NOMEM : check_once(who, trusted, now, &second, &found, err);
        OPENSSL_free(room);
        if (st == OK && second.fault != first.fault) {
            st = E_NOMEM;
        }
        if (st == E_NOMEM) {
            err_set(err, st, "checking a certificate");
        }
    }
    ERR_clear_error();
    if (st == OK) {
        *ret = first;
        if (cert != NULL) {
            *cert = found;
            found = NULL;
        }
    }
    X509_free(found);
    return st;
}
