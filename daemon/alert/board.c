#include "alert/board.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

enum { BOARD_FORMAT = 1, PHONE_DIGITS_MIN = 3 };

static const char *const role_words[] = {"chair", "deputy", "member", "statistician", NULL};
static const char *const cipher_words[] = {"aes256-cbc", "aes256-gcm", NULL};

const char *member_role_name(enum member_role r)
{
    return role_words[r];
}

/* One character of well-formed UTF-8; the caller has checked that it is. */
static uint32_t next_char(const char **s)
{
    const unsigned char *p = (const unsigned char *)*s;
    uint32_t c = p[0];
    int more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;

    if (more > 0) {
        c &= 0x3fU >> more;
    }
    for (int i = 1; i <= more; i++) {
        c = c << 6 | (p[i] & 0x3fU);
    }
    *s += 1 + more;
    return c;
}

/*
 * What has no business in a person's name: control characters, line and paragraph separators, characters that reorder
 * or hide what follows, private and unassigned planes.  A name is shown to the board and stands in the To header: it
 * must read as what it is.
 */
static bool char_hides(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } bad[] = {{0x0000, 0x001f}, {0x007f, 0x009f}, {0x00ad, 0x00ad},   {0x034f, 0x034f}, {0x061c, 0x061c},
               {0x115f, 0x1160}, {0x17b4, 0x17b5}, {0x180b, 0x180f},   {0x200b, 0x200f}, {0x2028, 0x202e},
               {0x2060, 0x206f}, {0x3164, 0x3164}, {0xe000, 0xf8ff},   {0xfe00, 0xfe0f}, {0xfeff, 0xfeff},
               {0xffa0, 0xffa0}, {0xfff0, 0xffff}, {0xe0000, 0x10ffff}};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (c >= bad[i].first && c <= bad[i].last) {
            return true;
        }
    }
    return false;
}

static bool is_blank_char(uint32_t c)
{
    return c == ' ' || c == 0xa0 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f || c == 0x205f || c == 0x3000;
}

static enum status read_name(const struct node *n, char *to, size_t cap, struct err *err)
{
    const char *s = NULL, *p;
    uint32_t c = 0;
    enum status st = node_str(n, &s, err);
    size_t len;

    if (st != OK) {
        return st;
    }
    len = strlen(s);
    if (len == 0 || len >= cap) {
        return node_error(n, err, "a name has 1 to %zu bytes of UTF-8", cap - 1);
    }
    if (utf8_valid_prefix(s, len) != len) {
        return node_error(n, err, "the name is not UTF-8; save the file as UTF-8");
    }
    for (p = s; *p != '\0';) {
        bool first = p == s;

        c = next_char(&p);
        if (char_hides(c)) {
            return node_error(n, err,
                              "the name holds U+%04X, a control, invisible or text-reordering character; "
                              "type the name anew",
                              (unsigned)c);
        }
        if (c == '<' || c == '>' || c == '"' || c == '\\' || c == '@') {
            return node_error(n, err, "the name holds '%c'; the address has its own key, `address`", (char)c);
        }
        if (first && is_blank_char(c)) {
            return node_error(n, err, "the name begins with a blank; remove it");
        }
    }
    if (is_blank_char(c)) {
        return node_error(n, err, "the name ends with a blank; remove it");
    }
    memcpy(to, s, len + 1);
    return OK;
}

static bool is_atext(char c)
{
    return isalnum((unsigned char)c) || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* RFC 5321 dot-atom@domain, without quoted strings, literals and comments: nobody's real address needs them. */
static const char *address_fault(const char *s, size_t len)
{
    const char *at, *domain;
    size_t label = 0;

    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];

        if (c < 0x20 || c == 0x7f) {
            return "the address holds a control character (a line break would forge a header)";
        }
        if (c >= 0x80) {
            return "the address is not plain ASCII; write an internationalised domain as xn--...";
        }
    }
    if (len == 0 || len > ADDRESS_MAX) {
        return "an address has 1 to 254 characters";
    }
    at = memchr(s, '@', len);
    if (at == NULL || at == s || at - s > 64) {
        return "the address is not local@domain";
    }
    for (const char *p = s; p < at; p++) {
        if (*p == '.' ? (p == s || p + 1 == at || p[1] == '.') : !is_atext(*p)) {
            return "the part before @ may hold letters, digits, single dots and !#$%&'*+-/=?^_`{|}~ only";
        }
    }
    domain = at + 1;
    for (const char *p = domain;; p++) {
        if (*p == '.' || *p == '\0') {
            if (label == 0 || label > 63 || p[-1] == '-') {
                return "the part after @ is not a domain name";
            }
            label = 0;
            if (*p == '\0') {
                return NULL;
            }
        } else if (isalnum((unsigned char)*p) || (*p == '-' && label > 0)) {
            label++;
        } else {
            return "the part after @ may hold letters, digits, hyphens and dots only";
        }
    }
}

static enum status read_address(const struct node *n, char *to, struct err *err)
{
    const char *s = NULL, *fault;
    enum status st = node_str(n, &s, err);

    if (st != OK) {
        return st;
    }
    fault = address_fault(s, strlen(s));
    if (fault != NULL) {
        return node_error(n, err, "%s; write it as name@hospital.example", fault);
    }
    memcpy(to, s, strlen(s) + 1);
    return OK;
}

/* 64 hexadecimal digits; colons between pairs, as `openssl x509 -fingerprint -sha256` prints them, are taken out. */
static enum status read_fingerprint(const struct node *n, char to[65], struct err *err)
{
    const char *s = NULL;
    char hex[65];
    size_t k = 0;
    enum status st = node_str(n, &s, err);

    if (st != OK) {
        return st;
    }
    for (; *s != '\0'; s++) {
        if (*s == ':' && k > 0 && k % 2 == 0 && k < 64 && s[-1] != ':') {
            continue;
        }
        if (!isxdigit((unsigned char)*s) || k >= 64) {
            k = 0;
            break;
        }
        hex[k++] = (char)tolower((unsigned char)*s);
    }
    if (k != 64) {
        return node_error(n, err,
                          "a SHA-256 fingerprint has 64 hexadecimal digits; "
                          "`openssl x509 -noout -fingerprint -sha256 -in CERT.pem` prints it");
    }
    hex[64] = '\0';
    memcpy(to, hex, sizeof(hex));
    return OK;
}

/* PEM, by its looks; whether it is any good is the sealer's business. */
static enum status read_certificate(const struct node *n, char **ret, struct err *err)
{
    const char *s = NULL;
    enum status st = node_str(n, &s, err);

    if (st != OK) {
        return st;
    }
    if (strstr(s, "PRIVATE KEY-----") != NULL) {
        return node_error(
            n, err,
            "this is a private key: it belongs to the member alone, and is to be taken as lost; "
            "put the certificate here, made anew with another key");
    }
    if (strncmp(s, "-----BEGIN CERTIFICATE-----\n", 28) != 0 ||
        strstr(s, "\n-----END CERTIFICATE-----") == NULL) {
        return node_error(
            n, err,
            "a certificate is PEM: write `certificate: |` and below it, indented, the lines from "
            "-----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----");
    }
    if (strlen(s) > CERTIFICATE_MAX) {
        return node_error(n, err, "at most %d bytes: the member's certificate, then intermediate ones",
                          (int)CERTIFICATE_MAX);
    }
    for (const char *p = s; *p != '\0'; p++) {
        if ((unsigned char)*p >= 0x7f || ((unsigned char)*p < 0x20 && *p != '\n')) {
            return node_error(n, err, "a certificate in PEM is plain ASCII in lines; this one is not");
        }
    }
    *ret = strdup(s);
    return *ret == NULL ? err_set(err, E_NOMEM, "reading the board") : OK;
}

static enum status read_trial(const struct node *n, char *to, size_t cap, struct err *err)
{
    const char *s = NULL;
    enum status st = node_str(n, &s, err);
    size_t len;

    if (st != OK) {
        return st;
    }
    len = strlen(s);
    if (len == 0 || len >= cap) {
        return node_error(n, err, "the trial's name has 1 to %zu characters", cap - 1);
    }
    for (size_t i = 0; i < len; i++) {
        if (!isalnum((unsigned char)s[i]) && strchr("._-", s[i]) == NULL) {
            return node_error(n, err,
                              "the trial's name may hold letters, digits, '.', '_' and '-' only; "
                              "write it as in the plan");
        }
    }
    memcpy(to, s, len + 1);
    return OK;
}

static enum status read_phone(const struct node *n, char *to, size_t cap, struct err *err)
{
    const char *s = NULL;
    size_t len, digits = 0;
    enum status st = node_str(n, &s, err);

    if (st != OK) {
        return st;
    }
    len = strlen(s);
    for (size_t i = 0; i < len; i++) {
        if (isdigit((unsigned char)s[i])) {
            digits++;
        } else if (strchr("+ -()/.", s[i]) == NULL || (s[i] == '+' && i > 0)) {
            digits = 0;
            break;
        }
    }
    if (len >= cap || digits < PHONE_DIGITS_MIN) {
        return node_error(n, err,
                          "a telephone number such as \"+45 35 45 00 00\" is wanted, at most %zu characters",
                          cap - 1);
    }
    memcpy(to, s, len + 1);
    return OK;
}

static enum status read_member(const struct node *n, struct member *m, struct err *err)
{
    struct node *v;
    int role = 0, cipher = MEMBER_AES256_CBC;
    enum status st;

    if ((st = node_expect(n, NODE_MAP, err)) != OK || (st = node_need(n, "name", &v, err)) != OK ||
        (st = read_name(v, m->name, sizeof(m->name), err)) != OK ||
        (st = node_need(n, "address", &v, err)) != OK || (st = read_address(v, m->address, err)) != OK ||
        (st = node_need(n, "role", &v, err)) != OK || (st = node_enum(v, role_words, &role, err)) != OK) {
        return st;
    }
    m->role = (enum member_role)role;
    v = node_get(n, "certificate_sha256");
    if (v != NULL && (st = read_fingerprint(v, m->certificate_sha256, err)) != OK) {
        return st;
    }
    v = node_get(n, "certificate");
    if (v != NULL && (st = read_certificate(v, &m->certificate, err)) != OK) {
        return st;
    }
    if ((st = node_get_enum(n, "cipher", cipher_words, &cipher, err)) != OK) {
        return st;
    }
    m->cipher = (enum member_cipher)cipher;
    return node_end(n, err);
}

static enum status read_members(const struct node *list, struct board *b, struct err *err)
{
    size_t chairs = 0;
    enum status st = node_expect(list, NODE_LIST, err);

    if (st != OK) {
        return st;
    }
    if (node_count(list) < 2) {
        return node_error(list, err,
                          "a board has at least two members, so that an alert does not hang on one mailbox");
    }
    if (node_count(list) > MEMBERS_MAX) {
        return node_error(list, err, "at most %d members", (int)MEMBERS_MAX);
    }
    for (size_t i = 0; i < node_count(list); i++) {
        const struct node *n = node_item(list, i);
        struct member *m = &b->members[i];

        b->n = i + 1; /* what is half read is freed too */
        if ((st = read_member(n, m, err)) != OK) {
            return st;
        }
        for (size_t j = 0; j < i; j++) {
            if (strcasecmp(b->members[j].address, m->address) == 0) {
                return node_error(
                    n, err, "this address is already that of member %zu; each member has an own one", j + 1);
            }
        }
        if (m->role == MEMBER_CHAIR && ++chairs > 1) {
            return node_error(n, err, "a second chair; a board has exactly one, others may be `deputy`");
        }
    }
    if (chairs == 0) {
        return node_error(list, err, "no member has role `chair`; a board has exactly one");
    }
    return OK;
}

enum status board_read(const struct doc *d, struct board **ret, struct err *err)
{
    const struct node *root = doc_root(d);
    struct board *b = NULL;
    struct node *v;
    int64_t format = 0;
    enum status st;

    if (root == NULL) {
        return err_set(err, E_CONFIG,
                       "%s:1:1: the board's file is empty; packaging/examples/board.yaml shows one",
                       doc_file(d));
    }
    b = calloc(1, sizeof(*b));
    if (b == NULL) {
        return err_set(err, E_NOMEM, "reading the board");
    }
    if ((st = node_expect(root, NODE_MAP, err)) != OK || (st = node_need(root, "format", &v, err)) != OK ||
        (st = node_int(v, BOARD_FORMAT, BOARD_FORMAT, &format, err)) != OK ||
        (st = node_need(root, "trial", &v, err)) != OK ||
        (st = read_trial(v, b->trial, sizeof(b->trial), err)) != OK ||
        (st = node_need(root, "chair_phone", &v, err)) != OK ||
        (st = read_phone(v, b->chair_phone, sizeof(b->chair_phone), err)) != OK ||
        (st = node_need(root, "members", &v, err)) != OK || (st = read_members(v, b, err)) != OK ||
        (st = node_end(root, err)) != OK) {
        goto out;
    }
    *ret = b;
    b = NULL;
out:
    board_free(b);
    return st;
}

void board_free(struct board *b)
{
    for (size_t i = 0; b != NULL && i < b->n; i++) {
        free(b->members[i].certificate);
    }
    free(b);
}

const struct member *board_member(const struct board *b, const char *name)
{
    for (size_t i = 0; i < b->n; i++) {
        if (strcmp(b->members[i].name, name) == 0) {
            return &b->members[i];
        }
    }
    return NULL;
}

static void separate(struct buf *out, size_t from)
{
    buf_str(out, out->len > from ? "; " : "");
}

static bool same_certificate(const struct member *a, const struct member *b)
{
    const char *x = a->certificate == NULL ? "" : a->certificate,
               *y = b->certificate == NULL ? "" : b->certificate;

    return strcmp(a->certificate_sha256, b->certificate_sha256) == 0 && strcmp(x, y) == 0;
}

static void member_changes(const struct member *was, const struct member *is, size_t from, struct buf *out)
{
    if (strcmp(was->address, is->address) != 0) {
        separate(out, from);
        buf_fmt(out, "%s: another address, %s instead of %s", is->name, is->address, was->address);
    }
    if (was->role != is->role) {
        separate(out, from);
        buf_fmt(out, "%s: %s, was %s", is->name, member_role_name(is->role), member_role_name(was->role));
    }
    if (!same_certificate(was, is)) {
        separate(out, from);
        buf_fmt(out, "%s: another certificate", is->name);
    }
    if (was->cipher != is->cipher) {
        separate(out, from);
        buf_fmt(out, "%s: another cipher", is->name);
    }
}

enum status board_changes(const struct board *was, const struct board *is, struct buf *out, struct err *err)
{
    size_t from = out->len;

    for (size_t i = 0; i < is->n; i++) {
        const struct member *m = &is->members[i], *before = board_member(was, m->name);

        if (before == NULL) {
            separate(out, from);
            buf_fmt(out, "added %s (%s), %s", m->name, m->address, member_role_name(m->role));
        } else {
            member_changes(before, m, from, out);
        }
    }
    for (size_t i = 0; i < was->n; i++) {
        const struct member *m = &was->members[i];

        if (board_member(is, m->name) == NULL) {
            separate(out, from);
            buf_fmt(out, "removed %s (%s), %s", m->name, m->address, member_role_name(m->role));
        }
    }
    if (strcmp(was->chair_phone, is->chair_phone) != 0) {
        separate(out, from);
        buf_fmt(out, "the chair's telephone: %s instead of %s", is->chair_phone, was->chair_phone);
    }
    return buf_check(out, err);
}
