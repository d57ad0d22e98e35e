#include "base/text.h"

#include <errno.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Unicode 15 table 3-7.  The length of the well-formed sequence at s, or 0; *bad is then the length of its maximal
 * ill-formed subpart, which U+FFFD replaces as one (Unicode 15, section 3.9).
 */
static size_t utf8_sequence(const char *s, size_t len, size_t *bad)
{
    unsigned char c = (unsigned char)s[0], lo = 0x80, hi = 0xbf;
    size_t n = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;

    *bad = 1;
    if (n <= 1) {
        return n;
    }
    if (c == 0xe0) {
        lo = 0xa0; /* overlong below */
    } else if (c == 0xed) {
        hi = 0x9f; /* surrogates above */
    } else if (c == 0xf0) {
        lo = 0x90;
    } else if (c == 0xf4) {
        hi = 0x8f; /* beyond U+10FFFF above */
    }
    for (size_t i = 1; i < n; i++) {
        unsigned char d = i < len ? (unsigned char)s[i] : 0;

        if (d < lo || d > hi) {
            *bad = i;
            return 0;
        }
        lo = 0x80;
        hi = 0xbf;
    }
    return n;
}

static uint32_t utf8_code(const char *s, size_t n)
{
    static const unsigned char mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t c = (unsigned char)s[0] & mask[n];

    for (size_t i = 1; i < n; i++) {
        c = c << 6 | ((unsigned char)s[i] & 0x3f);
    }
    return c;
}

size_t utf8_valid_prefix(const char *s, size_t len)
{
    size_t i = 0, n, bad;

    while (i < len) {
        uint64_t w;

        while (len - i >= sizeof w) { /* eight ASCII bytes at a time */
            memcpy(&w, s + i, sizeof w);
            if ((w & 0x8080808080808080u) != 0) {
                break;
            }
            i += sizeof w;
        }
        if (i == len) {
            break;
        }
        n = utf8_sequence(s + i, len - i, &bad);
        if (n == 0) {
            break;
        }
        i += n;
    }
    return i;
}

size_t utf8_repair(struct buf *out, const char *s, size_t len)
{
    size_t replaced = 0;

    while (len > 0) {
        size_t good = utf8_valid_prefix(s, len), step = good;
        const char *nul = good == 0 ? NULL : memchr(s, '\0', good);

        if (nul != NULL) {
            good = (size_t)(nul - s);
            step = good + 1;
        } else if (good < len) {
            size_t bad;

            (void)utf8_sequence(s + good, len - good, &bad);
            step = good + bad;
        }
        buf_add(out, s, good);
        if (step > good) {
            buf_str(out, "\xef\xbf\xbd");
            replaced++;
        }
        s += step;
        len -= step;
    }
    return replaced;
}

/* What changes the reading direction or cannot be seen: a line with it does not say what it seems to say. */
static bool deceives(uint32_t c)
{
    return (c >= 0x80 && c <= 0x9f) || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
           (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

/* Appends the character at s, shown; returns the bytes it took. */
static size_t show_one(struct buf *out, const char *s, size_t len)
{
    size_t bad, n = utf8_sequence(s, len, &bad);
    unsigned char c = (unsigned char)s[0];

    if (n == 0) {
        buf_fmt(out, "\\x%02x", c);
        return 1;
    }
    if (n > 1) {
        uint32_t u = utf8_code(s, n);

        if (deceives(u)) {
            buf_fmt(out, "\\u{%x}", (unsigned)u);
        } else {
            buf_add(out, s, n);
        }
        return n;
    }
    if (c == '\n') {
        buf_str(out, "\\n");
    } else if (c == '\t') {
        buf_str(out, "\\t");
    } else if (c == '\r') {
        buf_str(out, "\\r");
    } else if (c < 0x20 || c == 0x7f) {
        buf_fmt(out, "\\x%02x", c);
    } else {
        buf_char(out, (char)c);
    }
    return 1;
}

void text_show(struct buf *out, const char *s, size_t len, size_t max_chars)
{
    size_t i = 0, chars = 0, left = 0;

    while (i < len && chars < max_chars) {
        i += show_one(out, s + i, len - i);
        chars++;
    }
    while (i < len) {
        size_t bad, n = utf8_sequence(s + i, len - i, &bad);

        i += n == 0 ? 1 : n;
        left++;
    }
    if (left > 0) {
        buf_fmt(out, "\xe2\x80\xa6 (%zu more)", left);
    }
}

bool text_int(const char *s, size_t len, int64_t lo, int64_t hi, int64_t *ret)
{
    bool negative = len > 0 && s[0] == '-';
    size_t i = len > 0 && (s[0] == '-' || s[0] == '+') ? 1 : 0;
    int64_t v = 0;

    if (i == len) {
        return false;
    }
    for (; i < len; i++) {
        int digit = s[i] - '0';

        /* Built on the negative side, which holds one value more. */
        if (digit < 0 || digit > 9 || v < INT64_MIN / 10 || v * 10 < INT64_MIN + digit) {
            return false;
        }
        v = v * 10 - digit;
    }
    if (!negative) {
        if (v == INT64_MIN) {
            return false;
        }
        v = -v;
    }
    if (v < lo || v > hi) {
        return false;
    }
    *ret = v;
    return true;
}

/* [+-] digits [. digits] [e [+-] digits], with a digit before or after the point. */
static bool is_decimal(const char *s, size_t len)
{
    size_t i = len > 0 && (s[0] == '-' || s[0] == '+') ? 1 : 0, digits = 0;

    for (; i < len && s[i] >= '0' && s[i] <= '9'; i++) {
        digits++;
    }
    if (i < len && s[i] == '.') {
        for (i++; i < len && s[i] >= '0' && s[i] <= '9'; i++) {
            digits++;
        }
    }
    if (digits == 0) {
        return false;
    }
    if (i < len && (s[i] == 'e' || s[i] == 'E')) {
        i++;
        i += i < len && (s[i] == '-' || s[i] == '+') ? 1 : 0;
        digits = 0;
        for (; i < len && s[i] >= '0' && s[i] <= '9'; i++) {
            digits++;
        }
    }
    return digits > 0 && i == len;
}

/* glibc hands out one static object for "C": nothing to free, nothing that can fail. */
static locale_t c_locale(void)
{
    return newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

bool text_double(const char *s, size_t len, double *ret)
{
    size_t sign = len > 0 && (s[0] == '-' || s[0] == '+') ? 1 : 0;
    char small[64], *copy = small;
    double v;
    int e;

    if (text_is(s + sign, len - sign, "inf") || text_is(s + sign, len - sign, "infinity")) {
        *ret = s[0] == '-' ? -HUGE_VAL : HUGE_VAL;
        return true;
    }
    if (!is_decimal(s, len)) {
        return false;
    }
    if (len >= sizeof small) {
        copy = malloc(len + 1);
        if (copy == NULL) {
            return false;
        }
    }
    memcpy(copy, s, len);
    copy[len] = '\0';
    errno = 0;
    v = strtod_l(copy, NULL, c_locale());
    e = errno;
    if (copy != small) {
        free(copy);
    }
    if (e == ERANGE && isinf(v)) {
        return false; /* 1e999 is a typing error, not infinity */
    }
    *ret = v;
    return true;
}

void text_put_double(double v, char out[TEXT_DOUBLE_MAX])
{
    locale_t old;
    /* Any decimal of 15 digits survives a double, so a shorter one shows itself in %.15g; not so the subnormals. */
    int prec = fabs(v) < 2.2250738585072014e-308 ? 1 : 15;

    if (isnan(v) || isinf(v)) {
        (void)snprintf(out, TEXT_DOUBLE_MAX, "%s", isnan(v) ? "NA" : v > 0 ? "Inf" : "-Inf");
        return;
    }
    old = uselocale(c_locale());
    for (; prec <= 17; prec++) {
        double back;

        (void)snprintf(out, TEXT_DOUBLE_MAX, "%.*g", prec, v);
        back = strtod(out, NULL);
        if (memcmp(&back, &v, sizeof v) == 0) {
            break;
        }
    }
    (void)uselocale(old);
}

void text_add_double(struct buf *out, double v)
{
    char s[TEXT_DOUBLE_MAX];

    text_put_double(v, s);
    buf_str(out, s);
}

void text_put_near(long double v, long double half_step, char out[TEXT_DOUBLE_MAX])
{
    locale_t old = uselocale(c_locale());

    for (int prec = 15; prec <= LDBL_DIG + 3; prec++) {
        long double off;

        (void)snprintf(out, TEXT_DOUBLE_MAX, "%.*Lg", prec, v);
        off = strtold(out, NULL) - v;
        if ((off < 0 ? -off : off) < half_step) {
            break;
        }
    }
    (void)uselocale(old);
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool text_is(const char *s, size_t len, const char *word)
{
    for (size_t i = 0; i < len; i++) {
        if (word[i] == '\0' || lower(s[i]) != lower(word[i])) {
            return false;
        }
    }
    return word[len] == '\0';
}

enum { NEAR_MAX = 48 };

/* Optimal string alignment distance (insert, delete, change, swap neighbours); case and -_ do not count. */
static size_t distance(const char *a, size_t n, const char *b, size_t m)
{
    unsigned char d[3][NEAR_MAX + 1];
    char x[NEAR_MAX], y[NEAR_MAX];

    for (size_t i = 0; i < n; i++) {
        x[i] = a[i] == '-' ? '_' : lower(a[i]);
    }
    for (size_t j = 0; j < m; j++) {
        y[j] = b[j] == '-' ? '_' : lower(b[j]);
    }
    for (size_t j = 0; j <= m; j++) {
        d[0][j] = (unsigned char)j;
    }
    for (size_t i = 1; i <= n; i++) {
        unsigned char *now = d[i % 3], *last = d[(i + 2) % 3], *before = d[(i + 1) % 3];

        now[0] = (unsigned char)i;
        for (size_t j = 1; j <= m; j++) {
            unsigned best = (unsigned)last[j - 1] + (x[i - 1] == y[j - 1] ? 0u : 1u);

            best = last[j] + 1u < best ? last[j] + 1u : best;
            best = now[j - 1] + 1u < best ? now[j - 1] + 1u : best;
            if (i > 1 && j > 1 && x[i - 1] == y[j - 2] && x[i - 2] == y[j - 1] && before[j - 2] + 1u < best) {
                best = before[j - 2] + 1u;
            }
            now[j] = (unsigned char)best;
        }
    }
    return d[n % 3][m];
}

/* One is the other and a whole word more: full_look_minutes for full_look. */
static bool extends(const char *a, size_t n, const char *b, size_t m)
{
    size_t least = n < m ? n : m;
    char next = n == m ? '\0' : n > m ? a[least] : b[least];

    return least >= 4 && memcmp(a, b, least) == 0 && (next == '_' || next == '-');
}

const char *text_nearest(const char *s, size_t len, const char *const words[], size_t n)
{
    const char *best = NULL;
    size_t best_d = SIZE_MAX;

    if (len == 0 || len > NEAR_MAX) {
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        size_t m = strlen(words[i]), d;

        if (m == 0 || m > NEAR_MAX) {
            continue;
        }
        d = distance(s, len, words[i], m);
        /* A third of the letters may be wrong: "alpah" is alpha, "cut" is not "gut_feeling". */
        if (d < best_d && d * 3 <= (m > len ? m : len)) {
            best = words[i];
            best_d = d;
        }
    }
    for (size_t i = 0; i < n && best == NULL; i++) {
        best = extends(s, len, words[i], strlen(words[i])) ? words[i] : NULL;
    }
    return best;
}
