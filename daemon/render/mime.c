#include "render/mime.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

/* WORD_BYTES are 52 characters of base64: word and header name fit a line. */
enum { LINE_MAX_COLS = 76, LINE_BYTES = 57, WORD_BYTES = 39 };

static void base64(struct buf *out, const unsigned char *s, size_t n)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < n; i += 3) {
        unsigned v =
            (unsigned)s[i] << 16 | (i + 1 < n ? (unsigned)s[i + 1] << 8 : 0U) | (i + 2 < n ? s[i + 2] : 0U);

        buf_char(out, digit[v >> 18]);
        buf_char(out, digit[v >> 12 & 63U]);
        buf_char(out, i + 1 < n ? digit[v >> 6 & 63U] : '=');
        buf_char(out, i + 2 < n ? digit[v & 63U] : '=');
    }
}

/* RFC 2047, section 5: whole characters only in each word, words apart by a fold. */
static void encoded_words(struct buf *out, const char *s, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t n = len - i < WORD_BYTES ? len - i : WORD_BYTES;

        while (i + n < len && ((unsigned char)s[i + n] & 0xc0U) == 0x80U) {
            n--;
        }
        buf_str(out, i == 0 ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?");
        base64(out, (const unsigned char *)s + i, n);
        buf_str(out, "?=");
        i += n;
    }
}

/* ASCII text, folded before a blank where a line would grow too long. */
static void folded(struct buf *out, const char *s, size_t at)
{
    while (*s != '\0') {
        size_t blanks = strspn(s, " "), n = blanks + strcspn(s + blanks, " ");

        if (blanks > 0 && at > 0 && at + n > LINE_MAX_COLS && s[blanks] != '\0') {
            buf_str(out, "\r\n");
            at = 0;
        }
        buf_add(out, s, n);
        at += n;
        s += n;
    }
}

static enum status check_value(const char *name, const char *value, bool *ascii, struct err *err)
{
    size_t len = strlen(value);

    *ascii = true;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)value[i];

        if (c < 0x20 || c == 0x7f) {
            return err_set(err, E_DATA, "mail header %s: a control character in its value", name);
        }
        *ascii = *ascii && c < 0x80;
    }
    if (utf8_valid_prefix(value, len) != len) {
        return err_set(err, E_DATA, "mail header %s: its value is not UTF-8", name);
    }
    return OK;
}

enum status mime_header(struct buf *out, const char *name, const char *value, struct err *err)
{
    bool ascii;
    enum status st = check_value(name, value, &ascii, err);

    if (st != OK) {
        return st;
    }
    buf_fmt(out, "%s: ", name);
    /* A value that looks like an encoded word would be decoded into something else. */
    if (ascii && strstr(value, "=?") == NULL) {
        folded(out, value, strlen(name) + 2);
    } else {
        encoded_words(out, value, strlen(value));
    }
    buf_str(out, "\r\n");
    return OK;
}

bool mime_addr_ok(const char *addr)
{
    const char *at = addr == NULL ? NULL : strchr(addr, '@');

    if (at == NULL || at == addr || at[1] == '\0' || strchr(at + 1, '@') != NULL || strlen(addr) > 254) {
        return false;
    }
    for (const char *p = addr; *p != '\0'; p++) {
        if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f || strchr("()<>[]:;\\,\"", *p) != NULL) {
            return false;
        }
    }
    return true;
}

enum status mime_address(struct buf *out, const char *name, const char *display, const char *addr,
                         struct err *err)
{
    bool ascii = true;
    enum status st;

    if (!mime_addr_ok(addr)) {
        return err_set(err, E_DATA, "mail header %s: the address is not plain local@domain", name);
    }
    if (display == NULL || display[0] == '\0') {
        buf_fmt(out, "%s: <%s>\r\n", name, addr);
        return OK;
    }
    st = check_value(name, display, &ascii, err);
    if (st != OK) {
        return st;
    }
    buf_fmt(out, "%s: ", name);
    if (ascii && strstr(display, "=?") == NULL && strlen(display) < 60) {
        buf_char(out, '"');
        for (const char *p = display; *p != '\0'; p++) {
            if (*p == '"' || *p == '\\') {
                buf_char(out, '\\');
            }
            buf_char(out, *p);
        }
        buf_char(out, '"');
    } else {
        encoded_words(out, display, strlen(display));
    }
    /* On its own line: an address may have 254 characters. */
    buf_fmt(out, "\r\n <%s>\r\n", addr);
    return OK;
}

void mime_date(struct buf *out, instant_t t)
{
    char date[INSTANT_RFC5322];

    instant_rfc5322(t, date);
    buf_fmt(out, "Date: %s\r\n", date);
}

void mime_qp(struct buf *out, const char *s, size_t len)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t col = 0;

    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];
        bool last = i + 1 == len || s[i + 1] == '\n';
        bool plain = (c >= 33 && c <= 126 && c != '=') || (c == ' ' && !last);
        /* A relay may stuff a leading dot and an archive may escape "From ": neither may alter signed bytes. */
        bool touchy = c == '.' || (c == 'F' && len - i >= 5 && memcmp(s + i, "From ", 5) == 0);

        if (c == '\n') {
            buf_str(out, "\r\n");
            col = 0;
            continue;
        }
        if (col + (plain ? 1U : 3U) > (last ? LINE_MAX_COLS : LINE_MAX_COLS - 1)) {
            buf_str(out, "=\r\n");
            col = 0;
        }
        plain = plain && !(touchy && col == 0);
        if (plain) {
            buf_char(out, (char)c);
            col++;
        } else {
            buf_char(out, '=');
            buf_char(out, hex[c >> 4]);
            buf_char(out, hex[c & 15U]);
            col += 3;
        }
    }
}

void mime_base64(struct buf *out, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i += LINE_BYTES) {
        base64(out, (const unsigned char *)bytes + i, len - i < LINE_BYTES ? len - i : LINE_BYTES);
        buf_str(out, "\r\n");
    }
}
