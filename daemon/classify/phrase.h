/*
 * phrase.h - one phrase of the rules, as a clinician writes it, compiled to PCRE2 and to a cheap pre-filter.
 *
 * The language (rules/README.md): words in any of the spellings the fold knows; blank or "-" between words, "~" joined
 * or apart, "*" any letters, "x?" an optional letter, (a|b) alternatives, [a] optional, "..." up to five words between,
 * "#" a number, "," a comma, "^" "$" the verbatim's start and end, "=MI" capitals in the original, /.../ a raw PCRE2 pattern over
 * the folded text.  Whole words only.  Every match is bounded by match, depth and heap limits.
 */
#ifndef DSMB_CLASSIFY_PHRASE_H
#define DSMB_CLASSIFY_PHRASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "classify/fold.h"

enum { PHRASE_LITERALS = 80, PHRASE_LITERAL_MAX = 15, PAIRS = 256 };

/* Which pairs of neighbouring bytes a text has: a literal whose pairs are not all there cannot be in it. */
struct pairs {
    uint64_t w[4];
};

struct literal {
    struct pairs pairs;
    uint8_t len;
    char s[PHRASE_LITERAL_MAX];
};

/*
 * A compiled phrase.  One of `literals` occurs in every text it matches; none known: n_literals 0, always tried.  So does
 * one of `also`, where there are any.
 */
struct phrase {
    char *text; /* as written */
    void *code; /* pcre2_code */
    struct literal *literals, *also;
    uint8_t n_literals, n_also;
    bool caps; /* captures must have been capitals */
};

struct phrase_runner; /* match data and limits: one for all phrases, not shared between threads */

enum status phrase_runner_new(struct phrase_runner **ret, struct err *err);
void phrase_runner_free(struct phrase_runner *r);

/* E_CONFIG says what is wrong and at which character; the caller adds where the phrase stands. */
enum status phrase_compile(const char *text, struct phrase *ret, struct err *err);
void phrase_done(struct phrase *p);

/* Of a letter or a digit, or of anything beyond ASCII. */
bool phrase_word_byte(char c);

void pairs_of(struct pairs *ret, const char *s, size_t n);

/* False only where none of `also` is there. */
bool phrase_also_in(const struct phrase *p, const struct folded *f, const struct pairs *of_text);
bool literal_in(const struct literal *l, const struct folded *f, const struct pairs *of_text);

enum match { MATCH_NO, MATCH_YES, MATCH_LIMIT, MATCH_NOMEM };
/*
 * The first match at or after `from`; [*start, *end) in the folded text.  MATCH_LIMIT: not known.  pairs: of the text;
 * NULL: the caller knows that one of the phrase's literals is there.
 */
enum match phrase_find(struct phrase_runner *r, const struct phrase *p, const struct folded *f,
                       const struct pairs *pairs, size_t from, size_t *start, size_t *end);

/* One spelling of what a written letter may be in folded text: "æ" is ae or e.  NULL: a plain byte. */
struct spelling {
    const char *written;
    const char *regex;
    const char *plain[2];
};
const struct spelling *phrase_spelling(const char *s);

#endif
