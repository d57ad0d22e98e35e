#include "classify/fold.h"

#include <stdint.h>
#include <string.h>

#include <utf8proc.h>

#include "base/text.h"
#include "classify/phrase.h"
#include "trial/snapshot.h"

enum { MARK_DIAERESIS = 0x308, MARK_RING = 0x30A, DECOMPOSED_MAX = 24 };

static const struct {
    const char *name, *text;
} entities[] = {{"&aelig;", "æ"}, {"&oslash;", "ø"}, {"&aring;", "å"}, {"&auml;", "ä"},
                {"&ouml;", "ö"},  {"&eacute;", "é"}, {"&amp;", "&"},   {"&nbsp;", " "},
                {"&quot;", "\""}, {"&#39;", "'"},    {"&lt;", "<"},    {"&gt;", ">"}};

static void put(struct folded *f, const char *s, size_t n, bool upper)
{
    buf_add(&f->text, s, n);
    buf_fill(&f->upper, upper ? 1 : 0, n);
    buf_fill(&f->taken, 0, n);
}

static void put_ascii(struct folded *f, char c)
{
    if (c >= 'A' && c <= 'Z') {
        c = (char)(c - 'A' + 'a');
        put(f, &c, 1, true);
        return;
    }
    if (c >= 'a' && c <= 'z') {
        f->any_lower = true;
    } else if (c == '\n' || c == '\r') {
        c = ';';
    } else if ((unsigned char)c < 0x20 || c == 0x7f) {
        c = ' ';
    }
    put(f, &c, 1, false);
}

/* A mark on the letter before it: å, ä, ö get their second letter, every other mark goes. */
static void put_mark(struct folded *f, utf8proc_int32_t mark)
{
    char last = f->text.len > 0 ? f->text.data[f->text.len - 1] : '\0';
    bool upper = f->upper.len > 0 && f->upper.data[f->upper.len - 1] != 0;

    if (mark == MARK_RING && last == 'a') {
        put(f, "a", 1, upper);
    } else if (mark == MARK_DIAERESIS && (last == 'a' || last == 'o')) {
        put(f, "e", 1, upper);
    }
}

/* Signs that sites write for words; each stands by itself. */
static const struct {
    utf8proc_int32_t cp;
    const char *word;
} signs[] = {{0x2191, " increased "}, {0x2197, " increased "}, {0x21D1, " increased "},
             {0x2193, " decreased "}, {0x2198, " decreased "}, {0x21D3, " decreased "},
             {0x2020, " dead "}};

static bool put_sign(struct folded *f, utf8proc_int32_t cp)
{
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        if (signs[i].cp == cp) {
            put(f, signs[i].word, strlen(signs[i].word), false);
            return true;
        }
    }
    return false;
}

static void put_letter(struct folded *f, utf8proc_int32_t cp, bool upper)
{
    utf8proc_uint8_t out[4];
    utf8proc_ssize_t n;
    utf8proc_category_t cat = utf8proc_category(cp);

    if (cat == UTF8PROC_CATEGORY_MN || cat == UTF8PROC_CATEGORY_ME) {
        put_mark(f, cp);
    } else if (cp == 0xE6) {
        put(f, "ae", 2, upper);
    } else if (cp == 0xF8 || cp == 0x153) {
        put(f, "oe", 2, upper);
    } else if (cat == UTF8PROC_CATEGORY_ZS) {
        put(f, " ", 1, false);
    } else if (cat == UTF8PROC_CATEGORY_ZL || cat == UTF8PROC_CATEGORY_ZP) {
        put(f, ";", 1, false);
    } else if (cat == UTF8PROC_CATEGORY_PD) {
        put(f, "-", 1, false);
    } else if (cp == 0x2018 || cp == 0x2019 || cp == 0xB4) {
        put(f, "'", 1, false);
    } else if (cp < 0x80) {
        char c = (char)cp;

        put(f, &c, 1, upper);
    } else {
        n = utf8proc_encode_char(cp, out);
        put(f, (const char *)out, (size_t)(n > 0 ? n : 0), upper);
    }
}

static void put_codepoint(struct folded *f, utf8proc_int32_t cp)
{
    utf8proc_int32_t dec[DECOMPOSED_MAX];
    utf8proc_category_t cat = utf8proc_category(cp);
    bool upper = cat == UTF8PROC_CATEGORY_LU || cat == UTF8PROC_CATEGORY_LT;
    int last_class = 0;
    utf8proc_ssize_t n;

    if (put_sign(f, cp)) {
        return;
    }
    if (cat == UTF8PROC_CATEGORY_LL) {
        f->any_lower = true;
    }
    n = utf8proc_decompose_char(cp, dec, DECOMPOSED_MAX,
                                UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE | UTF8PROC_DECOMPOSE,
                                &last_class);
    if (n < 0 || n > DECOMPOSED_MAX) { /* one ligature of Arabic is longer: kept as it is */
        put_letter(f, cp, upper);
        return;
    }
    for (utf8proc_ssize_t i = 0; i < n; i++) {
        put_letter(f, dec[i], upper);
    }
}

static size_t put_entity(struct folded *f, const char *s, size_t len)
{
    for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++) {
        size_t n = strlen(entities[i].name);

        if (n <= len && memcmp(s, entities[i].name, n) == 0) {
            utf8proc_int32_t cp;

            (void)utf8proc_iterate((const utf8proc_uint8_t *)entities[i].text, -1, &cp);
            put_codepoint(f, cp);
            return n;
        }
    }
    return 0;
}

static bool letter_at(const struct folded *f, size_t i)
{
    return i < f->text.len && phrase_word_byte(f->text.data[i]) && (unsigned char)f->text.data[i] > '9';
}

static bool dot_at(const struct folded *f, size_t i)
{
    return i < f->text.len && f->text.data[i] == '.';
}

static bool initials_at(const struct folded *f, size_t i)
{
    return letter_at(f, i) && dot_at(f, i + 1) && letter_at(f, i + 2) && dot_at(f, i + 3) &&
           (i == 0 || !(phrase_word_byte(f->text.data[i - 1]) || f->text.data[i - 1] == '.'));
}

/* Initials are the abbreviation they spell: "T.I.A." is TIA, "p.g.a." pga. */
static void join_initials(struct folded *f)
{
    size_t to = 0;
    bool inside = false;

    for (size_t i = 0; i < f->text.len; i++) {
        inside = inside ? dot_at(f, i) || (letter_at(f, i) && !letter_at(f, i + 1)) : initials_at(f, i);
        if (inside && dot_at(f, i)) {
            continue;
        }
        f->text.data[to] = f->text.data[i];
        f->upper.data[to++] = f->upper.data[i];
    }
    if (to < f->text.len) {
        f->text.data[to] = '\0';
        f->text.len = f->upper.len = f->taken.len = to;
    }
}

enum status fold_text(const char *s, size_t len, struct folded *ret, struct err *err)
{
    size_t i = 0;

    buf_clear(&ret->text);
    buf_clear(&ret->upper);
    buf_clear(&ret->taken);
    ret->any_lower = false;
    ret->cut = len > TERM_MAX;
    if (ret->cut) {
        len = TERM_MAX;
        while (len > 0 && ((unsigned char)s[len] & 0xC0U) == 0x80U) { /* not inside a character */
            len--;
        }
    }
    if (utf8_valid_prefix(s, len) != len || memchr(s, '\0', len) != NULL) {
        buf_clear(&ret->scratch);
        (void)utf8_repair(&ret->scratch, s, len);
        if (buf_check(&ret->scratch, err) != OK) {
            return E_NOMEM;
        }
        s = ret->scratch.data;
        len = ret->scratch.len;
    }
    while (i < len) {
        utf8proc_int32_t cp;
        utf8proc_ssize_t n;

        if (s[i] == '&' && (n = (utf8proc_ssize_t)put_entity(ret, s + i, len - i)) > 0) {
            i += (size_t)n;
        } else if ((unsigned char)s[i] < 0x80) {
            put_ascii(ret, s[i++]);
        } else {
            n = utf8proc_iterate((const utf8proc_uint8_t *)s + i, (utf8proc_ssize_t)(len - i), &cp);
            if (n <= 0) { /* cannot be: the bytes were checked */
                i++;
                continue;
            }
            put_codepoint(ret, cp);
            i += (size_t)n;
        }
    }
    if (buf_check(&ret->text, err) != OK || buf_check(&ret->upper, err) != OK ||
        buf_check(&ret->taken, err) != OK) {
        return E_NOMEM;
    }
    join_initials(ret);
    return OK;
}

void folded_done(struct folded *f)
{
    buf_wipe(&f->text);
    buf_wipe(&f->upper);
    buf_wipe(&f->taken);
    buf_wipe(&f->scratch);
}
