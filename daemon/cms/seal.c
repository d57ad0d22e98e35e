#include "cms/seal.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "cms/cert.h"
#include "cms/envelope.h"
#include "cms/ossl.h"
#include "cms/parts.h"

/* Of base64 lines on the wire: 57 bytes become 76 characters, CR and LF. */
enum { LINE_BYTES = 57, LINE_WIRE = 78, FILL_MAX = 400, PASSES_MAX = 8 };

struct cms_sealer {
    EVP_PKEY *key;
    X509 *cert;
    STACK_OF(X509) * issuers;
    X509_STORE *trusted;
    size_t size;
    size_t
        around; /* bytes that signature and envelope put around an entity, as of the last message; 0: not known */
    char *note;
};

/* With `pad` bytes of padding, all but the filling of the outer headers. */
static enum status one_pass(const struct cms_sealer *s, const struct seal_job *job, const struct parts *p,
                            X509 *to, size_t pad, struct buf *out, struct err *err)
{
    struct buf entity = {0}, signature = {0}, inner = {0}, envelope = {0};
    const struct signer by = {.key = s->key, .cert = s->cert, .issuers = s->issuers, .at = job->now};
    enum status st;

    parts_entity(p, pad, &entity);
    st = buf_check(&entity, err);
    if (st == OK) {
        st = envelope_sign(&by, entity.data, entity.len, &signature, err);
    }
    if (st == OK) {
        parts_signed(p, &entity, &signature, &inner);
        st = buf_check(&inner, err);
    }
    if (st == OK) {
        st = envelope_close(to, job->to.cipher, inner.data, inner.len, &envelope, err);
    }
    if (st == OK) {
        parts_base64(envelope.data, envelope.len, out);
        st = buf_check(out, err);
    }
    buf_wipe(&entity);
    buf_done(&signature);
    buf_wipe(&inner);
    buf_done(&envelope);
    return st;
}

static size_t entity_len(const struct parts *p)
{
    return p->inner.len + 2 + p->body_len;
}

/* With which the filling is about half of what it may be, if the last message is anything to go by; else none. */
static size_t guess_pad(const struct cms_sealer *s, const struct seal_job *job, const struct parts *p)
{
    struct buf head = {0};
    size_t taken = s->around + entity_len(p), room;

    parts_outer(p, job->to.cipher, FILL_MAX / 2, &head);
    room = s->size > head.len ? (s->size - head.len) / LINE_WIRE * LINE_BYTES : 0;
    buf_done(&head);
    return s->around > 0 && room > taken ? room - taken : 0;
}

/*
 * Padding inside moves the size in steps of a cipher block and of a line; the filling outside makes it exact.  The first
 * pass measures, or guesses from the message before; the next ones correct what rounding, another recipient's key and the
 * varying length of ECDSA signatures leave.
 */
static enum status to_size(struct cms_sealer *s, const struct seal_job *job, const struct parts *p, X509 *to,
                           struct buf *out, struct err *err)
{
    struct buf head = {0}, body = {0};
    size_t pad = guess_pad(s, job, p), total, gap;
    enum status st = OK;

    for (int i = 0; st == OK && i < PASSES_MAX; i++) {
        buf_clear(&head);
        buf_clear(&body);
        parts_outer(p, job->to.cipher, 0, &head);
        st = one_pass(s, job, p, to, pad, &body, err);
        if (st != OK) {
            break;
        }
        total = head.len + body.len;
        if (total > s->size) {
            if (pad == 0) {
                st = err_set(err, E_STATE,
                             "a message to the board is too long for the one size of all messages; "
                             "raise mail.sealed_size_kib and reload dsmbd");
                break;
            }
            gap = (total - s->size) * LINE_BYTES / LINE_WIRE + LINE_BYTES;
            pad = pad > gap ? pad - gap : 0;
            continue;
        }
        gap = s->size - total;
        if (gap <= FILL_MAX) {
            parts_outer(p, job->to.cipher, gap, out);
            buf_add(out, body.data, body.len);
            st = buf_check(out, err);
            s->around = body.len / LINE_WIRE * LINE_BYTES - entity_len(p) - pad;
            goto out;
        }
        pad += (gap - FILL_MAX / 2) * LINE_BYTES / LINE_WIRE;
    }
    if (st == OK) {
        st =
            err_set(err, E_INTERNAL, "a sealed message did not reach its size in %d passes", (int)PASSES_MAX);
    }
out:
    buf_done(&head);
    buf_done(&body);
    return st;
}

static enum status seal(void *ctx, const struct seal_job *job, struct buf *out, struct err *err)
{
    struct cms_sealer *s = ctx;
    struct seal_check check;
    struct parts p = {0};
    struct buf made = {0};
    X509 *to = NULL;
    enum status st = cert_check(&job->to, s->trusted, job->now, &check, &to, err);

    if (st == OK && check.fault != SEAL_VALID) {
        st = err_set(err, E_DATA, "a member's certificate: %s", check.why);
    }
    if (st == OK) {
        st = parts_read(job, &p, err);
    }
    if (st == OK) {
        st = to_size(s, job, &p, to, &made, err);
    }
    if (st == OK) {
        buf_add(out, made.data, made.len);
        st = buf_check(out, err);
    }
    buf_done(&made);
    parts_done(&p);
    X509_free(to);
    return st;
}

static enum status check(void *ctx, const struct seal_recipient *who, instant_t now, struct seal_check *ret,
                         struct err *err)
{
    const struct cms_sealer *s = ctx;

    return cert_check(who, s->trusted, now, ret, NULL, err);
}

static enum status check_signer(void *ctx, instant_t now, struct seal_check *ret, struct err *err)
{
    const struct cms_sealer *s = ctx;
    struct seal_check r = {.fault = SEAL_VALID};
    enum status st = ossl_fingerprint(s->cert, r.fingerprint, err);

    if (st == OK) {
        st = cert_check_days(s->cert, now, &r, err);
    }
    if (st == OK) {
        *ret = r;
    }
    return st;
}

/* No terminal is ever asked for a pass phrase: a daemon has none. */
static int no_phrase(char *buf, int size, int writing, void *u)
{
    (void)buf, (void)size, (void)writing, (void)u;
    return -1;
}

static enum status read_key(const struct cms_sealer_opts *o, EVP_PKEY **ret, struct err *err)
{
    BIO *in = ossl_reader(o->key, o->key_len);
    EVP_PKEY *k = in == NULL ? NULL : PEM_read_bio_PrivateKey(in, NULL, no_phrase, NULL);
    enum status st = OK;

    if (k == NULL) {
        st = ossl_err(err, in == NULL ? E_NOMEM : E_CONFIG,
                      "the signing key is no PEM key without pass phrase (dsmbctl keys init makes one)");
    }
    BIO_free(in);
    *ret = k;
    return st;
}

static enum status read_trusted(const struct cms_sealer_opts *o, X509_STORE **ret, struct err *err)
{
    STACK_OF(X509) *list = NULL;
    X509_STORE *store;
    enum status st;

    if (o->trusted_len == 0) {
        return OK;
    }
    st = ossl_read_certs(o->trusted, o->trusted_len, &list, err);
    if (st != OK) {
        return err_wrap(err, st == E_DATA ? E_CONFIG : st,
                        "the issuers trusted for members (mail.members_ca)");
    }
    store = X509_STORE_new();
    for (int i = 0; store != NULL && i < sk_X509_num(list); i++) {
        if (X509_STORE_add_cert(store, sk_X509_value(list, i)) != 1) {
            X509_STORE_free(store);
            store = NULL;
        }
    }
    ossl_free_certs(list);
    *ret = store;
    return store == NULL ? ossl_err(err, E_NOMEM, "the issuers trusted for members") : OK;
}

static enum status signs_for(const struct cms_sealer *s, const char *from, struct err *err)
{
    STACK_OF(OPENSSL_STRING) *list = X509_get1_email(s->cert);
    bool found = false;

    for (int i = 0; list != NULL && i < sk_OPENSSL_STRING_num(list); i++) {
        found = found || strcasecmp(sk_OPENSSL_STRING_value(list, i), from) == 0;
    }
    X509_email_free(list);
    if (!found) {
        return err_set(err, E_CONFIG,
                       "the signing certificate does not name mail.from, and mail programs would warn of it; "
                       "dsmbctl keys rotate makes one that does");
    }
    if ((X509_get_key_usage(s->cert) & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) == 0 ||
        (X509_get_extended_key_usage(s->cert) & (XKU_SMIME | XKU_ANYEKU)) == 0) {
        return err_set(err, E_CONFIG, "the signing certificate is not made for signing mail");
    }
    return OK;
}

enum status cms_sealer_new(const struct cms_sealer_opts *o, struct sealer *port, struct cms_sealer **ret,
                           struct err *err)
{
    struct cms_sealer *s = calloc(1, sizeof *s);
    enum status st = OK;

    if (s == NULL || (s->note = strdup(o->note == NULL ? "" : o->note)) == NULL) {
        free(s);
        return err_set(err, E_NOMEM, "the sealer");
    }
    s->size = o->size;
    if (s->size < SEAL_SIZE_MIN || s->size > SEAL_SIZE_MAX) {
        st = err_set(err, E_CONFIG, "a sealed message has %d to %d bytes", (int)SEAL_SIZE_MIN,
                     (int)SEAL_SIZE_MAX);
    }
    if (st == OK) {
        st = read_key(o, &s->key, err);
    }
    if (st == OK) {
        st = ossl_read_certs(o->certificate, o->certificate_len, &s->issuers, err);
        st = st == OK || st == E_NOMEM ? st : err_wrap(err, E_CONFIG, "the signing certificate");
    }
    if (st == OK) {
        s->cert = sk_X509_shift(s->issuers);
        if (X509_check_private_key(s->cert, s->key) != 1) {
            ERR_clear_error();
            st = err_set(err, E_CONFIG, "the signing key and the signing certificate do not belong together");
        }
    }
    if (st == OK) {
        st = signs_for(s, o->from, err);
    }
    if (st == OK) {
        st = read_trusted(o, &s->trusted, err);
    }
    if (st != OK) {
        cms_sealer_free(s);
        return st;
    }
    *port = (struct sealer){.ctx = s,
                            .size = s->size,
                            .note = s->note,
                            .seal = seal,
                            .check = check,
                            .check_signer = check_signer};
    *ret = s;
    return OK;
}

void cms_sealer_free(struct cms_sealer *s)
{
    if (s == NULL) {
        return;
    }
    EVP_PKEY_free(s->key); /* OpenSSL overwrites private numbers */
    X509_free(s->cert);
    ossl_free_certs(s->issuers);
    X509_STORE_free(s->trusted);
    free(s->note);
    free(s);
}
