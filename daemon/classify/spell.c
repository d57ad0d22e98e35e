#include "classify/spell.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "classify/phrase.h"

enum { WORD_MIN = 7, WORD_MAX = 40, LETTERS = 26, STEM_MIN = 8, TAIL_MAX = 4 };
/* Of a word that a phrase writes with brackets: so many ways to write it, so long. */
enum { WAYS_MAX = 400, PATTERN_MAX = 512 };

struct word {
    char s[WORD_MAX];
    uint8_t len;
    bool stem;  /* more letters may follow */
    bool known; /* never a correction, only itself */
};

struct spell {
    struct word *words; /* by first letter, then bytewise */
    size_t n, cap;
    size_t first[LETTERS + 1]; /* where each first letter begins */
};

enum status spell_new(struct spell **ret, struct err *err)
{
    struct spell *s = calloc(1, sizeof *s);

    if (s == NULL) {
        return err_set(err, E_NOMEM, "preparing the rules");
    }
    *ret = s;
    return OK;
}

void spell_free(struct spell *s)
{
    if (s == NULL) {
        return;
    }
    free(s->words);
    free(s);
}

/* `which` picks the first or the second spelling of every letter that has two. */
static enum status add(struct spell *s, const char *text, size_t len, bool stem, bool known, int which,
                       struct err *err)
{
    struct word w = {.stem = stem, .known = known};
    size_t n = 0;
    enum status st;

    for (size_t i = 0; i < len;) {
        const struct spelling *sp = phrase_spelling(text + i);
        char one[2] = {text[i], '\0'};
        const char *put = sp != NULL ? sp->plain[which] : one;

        if (n + strlen(put) >= WORD_MAX) {
            return OK; /* too long to be mistyped only once */
        }
        memcpy(w.s + n, put, strlen(put));
        n += strlen(put);
        i += sp != NULL ? strlen(sp->written) : 1;
    }
    if (n < (known ? 4U : (unsigned)WORD_MIN) || w.s[0] < 'a' || w.s[0] > 'z') {
        return OK;
    }
    w.len = (uint8_t)n;
    st = VEC_PUSH_ROOM(s->words, s->n, s->cap, err);
    if (st == OK) {
        s->words[s->n++] = w;
    }
    return st;
}

enum status spell_know(struct spell *s, const char *word, struct err *err)
{
    size_t len = strlen(word);
    bool stem = len > 1 && word[len - 1] == '*';
    enum status st = add(s, word, len - (stem ? 1 : 0), stem, true, 0, err);

    return st == OK ? add(s, word, len - (stem ? 1 : 0), stem, true, 1, err) : st;
}

static bool letter(char c)
{
    return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

/* One way to write a phrase's word, spelled out letter by letter; `pattern` is what is left of it. */
struct spelling_out {
    struct spell *s;
    char word[WORD_MAX + 8];
    size_t len;
    int ways; /* so far: a word with many is a word family, of which the first ones must do */
    struct err *err;
};

static size_t char_len(const char *s)
{
    size_t n = s[0] == '\0' ? 0 : 1;

    while (n > 0 && ((unsigned char)s[n] & 0xC0U) == 0x80U) {
        n++;
    }
    return n;
}

static enum status spelled(struct spelling_out *o, bool stem)
{
    enum status st;

    o->ways++;
    st = add(o->s, o->word, o->len, stem, false, 0, o->err);
    return st == OK ? add(o->s, o->word, o->len, stem, false, 1, o->err) : st;
}

/* The bracket that closes the one at `s`; NULL: none does, or there is more than plain words in it. */
static const char *closing(const char *s)
{
    size_t n = strcspn(s + 1, "()[]\"/=");

    return s[1 + n] == ')' ? s + 1 + n : NULL;
}

static enum status spell_out(struct spelling_out *o, const char *pattern);

/* "(svigt*|stop)" and what follows, each alternative in turn; one of several words is none of a compound. */
static enum status spell_out_group(struct spelling_out *o, const char *open)
{
    const char *close = closing(open), *from = open + 1;
    size_t len = o->len;
    enum status st = OK;

    while (st == OK && close != NULL && from <= close) {
        size_t n = strcspn(from, "|)");
        char rest[PATTERN_MAX];

        if (memchr(from, ' ', n) == NULL && n + strlen(close + 1) < sizeof rest) {
            memcpy(rest, from, n);
            memcpy(rest + n, close + 1, strlen(close + 1) + 1);
            st = spell_out(o, rest);
            o->len = len;
        }
        from += n + 1;
    }
    return st;
}

static enum status spell_out(struct spelling_out *o, const char *pattern)
{
    while (o->ways < WAYS_MAX) {
        size_t n = char_len(pattern), len = o->len;
        enum status st;

        if (*pattern == '*') {
            return spelled(o, true);
        }
        if (*pattern == '(') {
            return spell_out_group(o, pattern);
        }
        if (*pattern == '\0' || strchr(" )]|$", *pattern) != NULL) {
            return spelled(o, false);
        }
        if (*pattern == '~' || *pattern == '-') {
            pattern++;
            continue;
        }
        if (!letter(*pattern) || o->len + n > WORD_MAX) {
            return OK;
        }
        if (pattern[n] == '?') { /* without it first */
            st = spell_out(o, pattern + n + 1);
            if (st != OK) {
                return st;
            }
            o->len = len;
        }
        memcpy(o->word + o->len, pattern, n);
        o->len += n;
        pattern += n + (pattern[n] == '?' ? 1 : 0);
    }
    return OK;
}

/* Does a word of the phrase begin at s[i], or a bracket of such? */
static bool begins_word(const char *s, size_t i)
{
    return (letter(s[i]) || s[i] == '(') && (i == 0 || strchr(" ([|^", s[i - 1]) != NULL);
}

enum status spell_learn(struct spell *s, const char *phrase, struct err *err)
{
    size_t i = 0;

    if (phrase[0] == '/') {
        return OK;
    }
    while (phrase[i] != '\0') {
        const char *close = phrase[i] == '(' ? closing(phrase + i) : NULL;
        bool begins = begins_word(phrase, i);
        bool words = close == NULL || (begins && strchr(" )]|$", close[1]) != NULL); /* not parts of one */
        enum status st = OK;

        if (begins && !(phrase[i] == '(' && words)) {
            struct spelling_out o = {.s = s, .err = err};

            st = spell_out(&o, phrase + i);
        }
        if (st != OK) {
            return st;
        }
        i = words ? i + 1 : (size_t)(close - phrase) + 1;
    }
    return OK;
}

static int by_text(const void *a, const void *b)
{
    const struct word *x = a, *y = b;
    size_t n = x->len < y->len ? x->len : y->len;
    int c = memcmp(x->s, y->s, n);

    if (c != 0) {
        return c;
    }
    if (x->len != y->len) {
        return x->len < y->len ? -1 : 1;
    }
    return (int)x->stem - (int)y->stem;
}

void spell_ready(struct spell *s)
{
    size_t out = 0;

    if (s->n > 0) {
        qsort(s->words, s->n, sizeof *s->words, by_text);
    }
    for (size_t i = 0; i < s->n; i++) {
        if (out > 0 && by_text(&s->words[out - 1], &s->words[i]) == 0) {
            s->words[out - 1].known = s->words[out - 1].known && s->words[i].known;
            continue;
        }
        s->words[out++] = s->words[i];
    }
    s->n = out;
    for (size_t c = 0, i = 0; c <= LETTERS; c++) {
        while (i < s->n && (size_t)(s->words[i].s[0] - 'a') < c) {
            i++;
        }
        s->first[c] = i;
    }
}

/* Is b reached from a by one letter added, left out, replaced, or two neighbours swapped? */
static bool one_slip(const char *a, size_t n, const char *b, size_t m)
{
    size_t i = 0;

    while (i < n && i < m && a[i] == b[i]) {
        i++;
    }
    if (n == m) {
        if (i + 1 < n && a[i] == b[i + 1] && a[i + 1] == b[i] &&
            memcmp(a + i + 2, b + i + 2, n - i - 2) == 0) {
            return true;
        }
        return i < n && memcmp(a + i + 1, b + i + 1, n - i - 1) == 0;
    }
    if (n + 1 == m) {
        return memcmp(a + i, b + i + 1, n - i) == 0;
    }
    return n == m + 1 && memcmp(a + i + 1, b + i, m - i) == 0;
}

/* How many of the token's letters a slip of w covers; 0 when it is none. */
static size_t covers(const struct word *w, const char *t, size_t n)
{
    if (!w->stem) {
        return one_slip(t, n, w->s, w->len) ? n : 0;
    }
    if (w->len < STEM_MIN || n > (size_t)w->len + TAIL_MAX) {
        return 0;
    }
    for (int d = 0; d <= 2; d++) { /* as long as the stem, longer, shorter */
        size_t k = d == 0 ? w->len : d == 1 ? (size_t)w->len + 1 : (size_t)w->len - 1;

        if (k <= n && one_slip(t, k, w->s, w->len)) {
            return k;
        }
    }
    return 0;
}

/* The word to read for the token, or NULL; *used of its letters are replaced. */
static const struct word *nearest(const struct spell *s, const char *t, size_t n, size_t *used)
{
    const struct word *best = NULL;
    size_t c = (size_t)(t[0] - 'a');

    for (size_t i = s->first[c]; i < s->first[c + 1]; i++) {
        const struct word *w = &s->words[i];

        if (w->len == n || (w->stem && w->len < n && (w->known || n <= (size_t)w->len + TAIL_MAX))) {
            if (memcmp(w->s, t, w->len) == 0) {
                return NULL; /* it is a word of the rules */
            }
        }
    }
    for (size_t i = s->first[c]; i < s->first[c + 1]; i++) {
        const struct word *w = &s->words[i];
        size_t k = w->known || w->len > n + 1 ? 0 : covers(w, t, n);

        if (k > 0 &&
            (best == NULL || (best->stem && !w->stem) || (best->stem == w->stem && w->len > best->len))) {
            best = w;
            *used = k;
        }
    }
    return best;
}

enum status spell_correct(const struct spell *s, struct folded *f, bool *changed, struct err *err)
{
    struct buf text = {0}, upper = {0};
    size_t i = 0, kept = 0;
    enum status st = OK;

    *changed = false;
    while (i < f->text.len) {
        const char *t = f->text.data + i;
        const struct word *w;
        size_t n = 0, used = 0;

        while (i + n < f->text.len && t[n] >= 'a' && t[n] <= 'z') {
            n++;
        }
        if (n < WORD_MIN - 1 || n >= WORD_MAX) {
            i += n == 0 ? 1 : n;
            continue;
        }
        w = memchr(f->taken.data + i, 1, n) == NULL ? nearest(s, t, n, &used) : NULL;
        if (w != NULL) {
            buf_add(&text, f->text.data + kept, i - kept);
            buf_add(&upper, f->upper.data + kept, i - kept);
            buf_add(&text, w->s, w->len);
            buf_fill(&upper, f->upper.data[i], w->len);
            kept = i + used;
            *changed = true;
        }
        i += n;
    }
    if (*changed) {
        buf_add(&text, f->text.data + kept, f->text.len - kept);
        buf_add(&upper, f->upper.data + kept, f->upper.len - kept);
        if (buf_check(&text, err) != OK || buf_check(&upper, err) != OK) {
            st = E_NOMEM;
        } else {
            struct buf t = f->text, u = f->upper;

            f->text = text;
            f->upper = upper;
            text = t;
            upper = u;
            buf_clear(&f->taken);
        }
    }
    buf_wipe(&text);
    buf_wipe(&upper);
    return st;
}
