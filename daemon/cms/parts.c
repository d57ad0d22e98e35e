#include "cms/parts.h"

#include <string.h>
#include <strings.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "cms/ossl.h"

enum { PAD_COLUMNS = 76, LINE_BYTES = 57 };

/* One header with its folded lines: its length with the last CRLF, 0 when there is none. */
static size_t field_len(const char *s, size_t len)
{
    const char *p = s, *end = s + len;

    while (p < end) {
        const char *nl = memmem(p, (size_t)(end - p), "\r\n", 2);

        if (nl == NULL) {
            return 0;
        }
        p = nl + 2;
        if (p >= end || (*p != ' ' && *p != '\t')) {
            return (size_t)(p - s);
        }
    }
    return 0;
}

static bool named(const char *field, size_t len, const char *name)
{
    size_t n = strlen(name);

    return len > n && strncasecmp(field, name, n) == 0 && field[n] == ':';
}

static bool is_outer(const char *field, size_t len)
{
    static const char *const names[] = {
        "From", "To", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (named(field, len, names[i])) {
            return true;
        }
    }
    return false;
}

/* 7-bit lines ending with CRLF: what a signature survives. */
static bool is_canonical(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];

        if (c == 0 || c >= 0x80 || (c == '\r' && (i + 1 == len || s[i + 1] != '\n')) ||
            (c == '\n' && (i == 0 || s[i - 1] != '\r'))) {
            return false;
        }
    }
    return len >= 2 && s[len - 1] == '\n';
}

/* A value for a header line of ours; folding is CRLF and a blank. */
static bool is_value(const char *s)
{
    for (; *s != '\0'; s++) {
        unsigned char c = (unsigned char)*s;

        if (c == '\r' && s[1] == '\n' && s[2] == ' ') {
            s++;
        } else if (c < 0x20 || c >= 0x7f) {
            return false;
        }
    }
    return true;
}

static enum status make_boundary(char out[48], struct err *err)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char r[16];
    char *p = stpcpy(out, "=_signed-"); /* "=_" is in no quoted-printable text */

    if (RAND_bytes(r, sizeof r) != 1) {
        return ossl_err(err, E_IO, "no random numbers to seal with");
    }
    for (size_t i = 0; i < sizeof r; i++) {
        *p++ = hex[r[i] >> 4];
        *p++ = hex[r[i] & 15U];
    }
    *p = '\0';
    return OK;
}

/* Each header to its place; the real subject goes inside, the neutral one outside. */
static bool sort_headers(const struct seal_job *job, const char *head, size_t len, struct parts *p)
{
    bool multipart = false;
    size_t n;

    for (const char *f = head; f < head + len; f += n) {
        n = field_len(f, len - (size_t)(f - head));
        if (n == 0) {
            return false;
        }
        if (named(f, n, "Content-Type")) {
            multipart = strncasecmp(f, "Content-Type: multipart/", 24) == 0;
            buf_add(&p->inner, f, n - 2);
            buf_str(&p->inner, ";\r\n hp=\"cipher\"; protected-headers=\"v1\"\r\n");
        } else if (named(f, n, "Subject")) {
            buf_fmt(&p->inner, "Subject: %s\r\nHP-Outer: Subject: %s\r\n", job->subject, job->outer_subject);
            buf_fmt(&p->outer, "Subject: %s\r\n", job->outer_subject);
        } else if (is_outer(f, n)) {
            buf_add(&p->inner, f, n);
            buf_str(&p->inner, "HP-Outer: ");
            buf_add(&p->inner, f, n);
            buf_add(&p->outer, f, n);
        } else if (!named(f, n, "MIME-Version")) {
            buf_add(&p->inner, f, n); /* what is not known to be neutral stays inside */
        }
    }
    return multipart;
}

enum status parts_read(const struct seal_job *job, struct parts *ret, struct err *err)
{
    const char *blank = memmem(job->plain, job->plain_len, "\r\n\r\n", 4);
    struct parts p = {0};
    enum status st;

    if (blank == NULL || !is_canonical(job->plain, job->plain_len) || !is_value(job->subject) ||
        !is_value(job->outer_subject) ||
        !sort_headers(job, job->plain, (size_t)(blank + 2 - job->plain), &p)) {
        st = err_set(err, E_INTERNAL, "what is to be sealed is no multipart message of 7-bit lines");
        goto out;
    }
    p.body = blank + 4;
    p.body_len = job->plain_len - (size_t)(p.body - job->plain);
    st = make_boundary(p.boundary, err);
    if (st == OK) {
        st = buf_check(&p.inner, err);
    }
    if (st == OK) {
        st = buf_check(&p.outer, err);
    }
out:
    if (st != OK) {
        parts_done(&p);
        return st;
    }
    *ret = p;
    return OK;
}

void parts_done(struct parts *p)
{
    buf_wipe(&p->inner);
    buf_done(&p->outer);
}

void parts_entity(const struct parts *p, size_t pad, struct buf *out)
{
    buf_add(out, p->inner.data, p->inner.len);
    buf_str(out, "\r\n");
    buf_add(out, p->body, p->body_len);
    while (pad > PAD_COLUMNS) {
        buf_fill(out, '=', PAD_COLUMNS - 2);
        buf_str(out, "\r\n");
        pad -= PAD_COLUMNS;
    }
    buf_fill(out, '=', pad);
}

void parts_signed(const struct parts *p, const struct buf *entity, const struct buf *signature,
                  struct buf *out)
{
    buf_fmt(
        out,
        "MIME-Version: 1.0\r\nContent-Type: multipart/signed; protocol=\"application/pkcs7-signature\";\r\n"
        " micalg=\"sha-256\"; boundary=\"%s\"\r\n\r\n--%s\r\n",
        p->boundary, p->boundary);
    buf_add(out, entity->data, entity->len);
    buf_fmt(out,
            "\r\n--%s\r\nContent-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\n"
            "Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; "
            "filename=\"smime.p7s\"\r\n\r\n",
            p->boundary);
    parts_base64(signature->data, signature->len, out);
    buf_fmt(out, "\r\n--%s--\r\n", p->boundary);
}

void parts_outer(const struct parts *p, enum seal_cipher cipher, size_t fill, struct buf *out)
{
    buf_add(out, p->outer.data, p->outer.len);
    buf_str(out, "X-Fill: x");
    buf_fill(out, 'x', fill);
    buf_fmt(out,
            "\r\nMIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime; smime-type=%s;\r\n "
            "name=\"smime.p7m\"\r\n"
            "Content-Transfer-Encoding: base64\r\n"
            "Content-Disposition: attachment; filename=\"smime.p7m\"\r\n\r\n",
            cipher == SEAL_AES256_GCM ? "authEnveloped-data" : "enveloped-data");
}

void parts_base64(const char *bytes, size_t len, struct buf *out)
{
    unsigned char line[LINE_BYTES / 3 * 4 + 1];

    for (size_t i = 0; i < len; i += LINE_BYTES) {
        size_t n = len - i < LINE_BYTES ? len - i : LINE_BYTES;
        int made = EVP_EncodeBlock(line, (const unsigned char *)bytes + i, (int)n);

        buf_add(out, line, (size_t)made);
        buf_str(out, "\r\n");
    }
}
