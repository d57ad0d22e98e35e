#include "base/charset.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"

static const struct {
    const char *name;
    enum charset cs;
} names[] = {
    /* the first of each is how we call it */
    {"utf-8", CHARSET_UTF8},
    {"windows-1252", CHARSET_WINDOWS_1252},
    {"iso-8859-1", CHARSET_ISO_8859_1},
    {"utf8", CHARSET_UTF8},
    {"win1252", CHARSET_WINDOWS_1252},
    {"cp1252", CHARSET_WINDOWS_1252},
    {"wlatin1", CHARSET_WINDOWS_1252},
    {"latin1", CHARSET_ISO_8859_1},
};

/* 0x80 to 0x9f of Windows-1252, as the Unicode Consortium maps it; 0: not assigned. */
static const uint16_t high[32] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
};

bool charset_find(const char *name, enum charset *ret)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (text_is(name, strlen(name), names[i].name)) {
            *ret = names[i].cs;
            return true;
        }
    }
    return false;
}

const char *charset_name(enum charset cs)
{
    return names[cs].name;
}

/* 0: no text. */
static uint32_t code_point(enum charset cs, unsigned char c)
{
    if (c < 0x80 || c >= 0xa0) {
        return c;
    }
    return cs == CHARSET_WINDOWS_1252 ? high[c - 0x80] : 0;
}

static void add_utf8(struct buf *out, uint32_t u)
{
    char s[3];

    if (u < 0x80) {
        buf_char(out, (char)u);
    } else if (u < 0x800) {
        s[0] = (char)(0xc0 | u >> 6);
        s[1] = (char)(0x80 | (u & 0x3f));
        buf_add(out, s, 2);
    } else {
        s[0] = (char)(0xe0 | u >> 12);
        s[1] = (char)(0x80 | (u >> 6 & 0x3f));
        s[2] = (char)(0x80 | (u & 0x3f));
        buf_add(out, s, 3);
    }
}

bool charset_add(struct buf *out, enum charset cs, const char *s, size_t len)
{
    if (memchr(s, '\0', len) != NULL) {
        return false;
    }
    if (cs == CHARSET_UTF8) {
        if (utf8_valid_prefix(s, len) != len) {
            return false;
        }
        buf_add(out, s, len);
        return true;
    }
    for (size_t i = 0; i < len; i++) {
        if (code_point(cs, (unsigned char)s[i]) == 0) {
            return false;
        }
    }
    for (size_t i = 0; i < len; i++) {
        add_utf8(out, code_point(cs, (unsigned char)s[i]));
    }
    return true;
}
