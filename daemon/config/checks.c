#include "config/checks.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

static bool lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool alnum(char c)
{
    return lower(c) || digit(c) || (c >= 'A' && c <= 'Z');
}

static bool has_control(const char *s)
{
    for (; *s != '\0'; s++) {
        if ((unsigned char)*s < 0x20 || *s == 0x7f) {
            return true;
        }
    }
    return false;
}

static bool is_ascii(const char *s)
{
    while (*s != '\0' && (unsigned char)*s < 0x80) {
        s++;
    }
    return *s == '\0';
}

const char *check_trial(const char *s)
{
    static const char say[] =
        "is not a trial name; write a small letter, then at most 30 of a-z, 0-9, - and _";
    size_t n = strlen(s);

    if (n > 31 || !lower(s[0])) {
        return say;
    }
    for (size_t i = 1; i < n; i++) {
        if (!lower(s[i]) && !digit(s[i]) && s[i] != '-' && s[i] != '_') {
            return say;
        }
    }
    return NULL;
}

const char *check_identifier(const char *s)
{
    static const char say[] =
        "is not a plain SQL name; write small letters, digits and _, at most 63, no digit first";
    size_t n = strlen(s);

    if (n > 63 || (!lower(s[0]) && s[0] != '_')) {
        return say;
    }
    for (size_t i = 1; i < n; i++) {
        if (!lower(s[i]) && !digit(s[i]) && s[i] != '_') {
            return say;
        }
    }
    return NULL;
}

static bool blank(char c)
{
    return c == ' ' || c == '\t';
}

/* "password" with "=" after it, as libpq reads keywords (and URI parameters). */
static bool names_password(const char *s)
{
    const char *p = s;

    while ((p = strcasestr(p, "password")) != NULL) {
        const char *after = p + strlen("password");

        while (blank(*after)) {
            after++;
        }
        /* sslpassword= as well; passfile= is the way. */
        if (*after == '=') {
            return true;
        }
        p++;
    }
    return false;
}

const char *check_conninfo(const char *s)
{
    bool uri = strncmp(s, "postgresql://", 13) == 0 || strncmp(s, "postgres://", 11) == 0;

    if (has_control(s)) {
        return "holds a control character; write the connection string on one line";
    }
    if (names_password(s)) {
        return "holds a password; put it into a file of mode 0600 and write passfile=/path instead";
    }
    if (uri) {
        const char *authority = strstr(s, "://") + 3;
        const char *at = memchr(authority, '@', strcspn(authority, "/?"));
        /* An @ inside the password is legal for libpq's parser up to the last one: any colon before it tells. */
        const char *colon = at == NULL ? NULL : memchr(authority, ':', (size_t)(at - authority));

        return colon == NULL
                   ? NULL
                   : "holds a password; put it into a file of mode 0600 and write ?passfile=/path instead";
    }
    if (strchr(s, '=') == NULL) {
        return "is not a connection string; write host=/run/postgresql dbname=NAME user=NAME";
    }
    return NULL;
}

const char *check_path(const char *s)
{
    size_t n = strlen(s);

    if (has_control(s)) {
        return "holds a control character; write the path on one line";
    }
    if (s[0] != '/') {
        return "is not a whole path; begin it with /";
    }
    if (strstr(s, "/../") != NULL || (n >= 3 && strcmp(s + n - 3, "/..") == 0)) {
        return "goes through '..'; write the path without it";
    }
    return n > 1000 ? "is longer than 1000 bytes; write a shorter path" : NULL;
}

/* Labels of letters, digits and hyphens, joined by points. */
static bool is_hostname(const char *s, size_t len)
{
    size_t label = 0;

    if (len == 0 || len > 253) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (s[i] == '.') {
            if (label == 0 || s[i - 1] == '-') {
                return false;
            }
            label = 0;
        } else if (!alnum(s[i]) && (s[i] != '-' || label == 0)) {
            return false;
        } else if (++label > 63) {
            return false;
        }
    }
    return label > 0 && s[len - 1] != '-';
}

const char *check_address(const char *s)
{
    const char *at = strrchr(s, '@');
    size_t local = at == NULL ? 0 : (size_t)(at - s);

    if (has_control(s)) {
        return "holds a control character; write one address, such as name@example.org";
    }
    if (!is_ascii(s)) {
        return "holds letters outside ASCII; write the ASCII form of the address (xn-- for the domain)";
    }
    if (at == NULL || local == 0 || local > 64 || strlen(s) > 254) {
        return "is not a mail address; write one address, such as name@example.org";
    }
    for (size_t i = 0; i < local; i++) {
        /* RFC 5321 dot-string: quoted local parts exist, and nobody has one. */
        if (!alnum(s[i]) && strchr("!#$%&'*+-/=?^_`{|}~.", s[i]) == NULL) {
            return "is not a plain mail address; write name@example.org, without a display name, <> or "
                   "blanks";
        }
    }
    if (s[0] == '.' || at[-1] == '.' || memmem(s, local, "..", 2) != NULL) {
        return "is not a mail address: a point begins or ends the part before the @, or two meet; correct it";
    }
    if (!is_hostname(at + 1, strlen(at + 1))) {
        return "has no proper domain after the @; write name@example.org";
    }
    return NULL;
}

const char *check_line(const char *s)
{
    if (has_control(s)) {
        return "holds a control character or a line break; write it on one line";
    }
    if (s[0] == '\0') {
        return "is empty; write a text or remove the key";
    }
    return strlen(s) > 200 ? "is longer than 200 bytes; shorten it" : NULL;
}

static bool is_ip(int family, const char *s, size_t len)
{
    unsigned char addr[16];
    char copy[64];

    if (len >= sizeof copy) {
        return false;
    }
    memcpy(copy, s, len);
    copy[len] = '\0';
    return inet_pton(family, copy, addr) == 1;
}

const char *check_hello(const char *s)
{
    size_t n = strlen(s);

    if (is_hostname(s, n)) {
        return NULL;
    }
    if (n > 2 && s[0] == '[' && s[n - 1] == ']') {
        if (is_ip(AF_INET, s + 1, n - 2) ||
            (n > 7 && text_is(s + 1, 5, "IPv6:") && is_ip(AF_INET6, s + 6, n - 7))) {
            return NULL;
        }
    }
    return "is not a host name; write this host's full name, or its address as [192.0.2.1] or "
           "[IPv6:2001:db8::1]";
}

const char *check_relay(const char *s, bool *smtps, const char **host, size_t *host_len, int *port)
{
    static const char say[] = "is not a relay; write smtp://HOST:PORT or smtps://HOST:PORT";
    const char *h, *end;
    int64_t p;
    bool tls = strncmp(s, "smtps://", 8) == 0;

    if (has_control(s) || !is_ascii(s)) {
        return "holds a control character or letters outside ASCII; write smtp://HOST:PORT in plain letters";
    }
    if (!tls && strncmp(s, "smtp://", 7) != 0) {
        return say;
    }
    h = s + (tls ? 8 : 7);
    if (strchr(h, '@') != NULL) {
        return "holds a user name; put it under mail.username and the password into mail.password_file";
    }
    if (strpbrk(h, "/?#") != NULL) {
        return "holds more than host and port; write smtp://HOST:PORT";
    }
    if (h[0] == '[') {
        h++;
        end = strchr(h, ']');
        if (end == NULL || !is_ip(AF_INET6, h, (size_t)(end - h))) {
            return "has no proper IPv6 address in its brackets; write smtp://[::1]:25";
        }
        *host_len = (size_t)(end - h);
        end++;
    } else {
        end = h + strcspn(h, ":");
        *host_len = (size_t)(end - h);
        if (!is_hostname(h, *host_len)) {
            return say;
        }
    }
    if (*end != ':') {
        return "has no port; write it after the host, such as smtp://HOST:587 or smtps://HOST:465";
    }
    if (!text_int(end + 1, strlen(end + 1), 1, 65535, &p) || !digit(end[1])) {
        return "has no proper port; write a number from 1 to 65535";
    }
    *host = h;
    *smtps = tls;
    *port = (int)p;
    return NULL;
}

bool host_is_loopback(const char *host)
{
    static const unsigned char one[16] = {[15] = 1};
    unsigned char addr[16];

    if (text_is(host, strlen(host), "localhost")) {
        return true;
    }
    if (inet_pton(AF_INET, host, addr) == 1) {
        return addr[0] == 127;
    }
    return inet_pton(AF_INET6, host, addr) == 1 && memcmp(addr, one, sizeof one) == 0;
}
