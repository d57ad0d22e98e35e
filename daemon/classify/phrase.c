#define PCRE2_CODE_UNIT_WIDTH 8
#include "classify/phrase.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

enum { NESTING_MAX = 8 };

#define LETTER "[\\p{L}\\p{N}]"
#define GAP    "[^\\p{L}\\p{N},;?]{1,4}"
#define WIDE   "(?! / )" GAP /* of "...": what a slash parts is of two events */
#define JOINT  "[^\\p{L}\\p{N},;?]{0,3}"
#define LOST   "\\x{fffd}+"

static const struct spelling spellings[] = {
    {"æ", "(?:ae?|e|" LOST ")", {"ae", "e"}},  {"ø", "(?:oe|o|" LOST ")", {"oe", "o"}},
    {"å", "(?:aa|a|" LOST ")", {"aa", "a"}},   {"ä", "(?:ae|a|" LOST ")", {"ae", "a"}},
    {"ö", "(?:oe|o|" LOST ")", {"oe", "o"}},   {"é", "(?:e|" LOST ")", {"e", "e"}},
    {"è", "(?:e|" LOST ")", {"e", "e"}},       {"ae", "(?:ae|e|" LOST ")", {"ae", "e"}},
    {"oe", "(?:oe|e|o|" LOST ")", {"oe", "e"}}};

const struct spelling *phrase_spelling(const char *s)
{
    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++) {
        if (strncmp(s, spellings[i].written, strlen(spellings[i].written)) == 0) {
            return &spellings[i];
        }
    }
    return NULL;
}

void pairs_of(struct pairs *ret, const char *s, size_t n)
{
    *ret = (struct pairs){{0}};
    for (size_t i = 0; i + 1 < n; i++) {
        unsigned h = ((unsigned char)s[i] * 37U + (unsigned char)s[i + 1] * 11U) % PAIRS;

        ret->w[h >> 6] |= UINT64_C(1) << (h & 63U);
    }
}

/* One of these must be in the text; n 0: nothing is known. */
struct need {
    struct literal lit[PHRASE_LITERALS];
    uint8_t n;
};

struct parser {
    const char *text, *at;
    struct buf *out;
    int depth;
    bool caps;
    struct need also; /* beside what parse_alternatives returns, where the whole phrase is one sequence */
    struct err *err;
};

static size_t shortest(const struct need *n)
{
    size_t len = n->n == 0 ? 0 : SIZE_MAX;

    for (uint8_t i = 0; i < n->n; i++) {
        len = n->lit[i].len < len ? n->lit[i].len : len;
    }
    return len;
}

/* Of two facts about the same text the one that rules out more; the next best of the whole phrase is kept as well. */
static void keep_better(struct parser *p, struct need *best, const struct need *other)
{
    const struct need *next = other;

    if (shortest(other) > shortest(best)) {
        next = best;
    }
    if (p->depth == 0 && shortest(next) > shortest(&p->also)) {
        p->also = *next;
    }
    if (next == best) {
        *best = *other;
    }
}

static void run_to_need(const char *run, size_t n, struct need *ret)
{
    struct literal *l = &ret->lit[0];

    ret->n = 0;
    if (n < 2) {
        return;
    }
    if (n > PHRASE_LITERAL_MAX) {
        n = PHRASE_LITERAL_MAX;
    }
    memcpy(l->s, run, n);
    l->len = (uint8_t)n;
    pairs_of(&l->pairs, run, n);
    ret->n = 1;
}

struct run {
    char s[PHRASE_LITERAL_MAX + 1];
    size_t n;
};

static void run_end(struct parser *p, struct run *run, struct need *best)
{
    struct need one;

    run_to_need(run->s, run->n, &one);
    keep_better(p, best, &one);
    run->n = 0;
}

static enum status fail(struct parser *p, const char *what)
{
    return err_set(p->err, E_CONFIG, "phrase \"%.80s\", character %d: %s", p->text,
                   (int)(p->at - p->text) + 1, what);
}

static enum status parse_alternatives(struct parser *p, char close, struct need *ret);

bool phrase_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (unsigned char)c >= 0x80;
}

/* A letter with its spellings, or a plain one; feeds the run of certain bytes. */
static void parse_letter(struct parser *p, struct run *run, struct need *best)
{
    const struct spelling *sp = phrase_spelling(p->at);
    size_t len = sp != NULL ? strlen(sp->written) : 1;
    bool optional;

    while (sp == NULL && ((unsigned char)p->at[len] & 0xC0U) == 0x80U && (unsigned char)p->at[0] >= 0x80) {
        len++;
    }
    optional = p->at[len] == '?';
    if (sp != NULL || optional || (unsigned char)p->at[0] >= 0x80) {
        run_end(p, run, best);
    }
    if (sp != NULL) {
        buf_str(p->out, sp->regex);
    } else {
        char c = p->at[0];

        if (c >= 'A' && c <= 'Z') {
            c = (char)(c - 'A' + 'a');
        }
        buf_char(p->out, c);
        buf_add(p->out, p->at + 1, len - 1);
        if (!optional && (unsigned char)c < 0x80) {
            if (run->n == PHRASE_LITERAL_MAX) {
                run_end(p, run, best);
            }
            run->s[run->n++] = c;
        }
    }
    p->at += len;
    if (optional) {
        buf_char(p->out, '?');
        p->at++;
    }
}

static enum status parse_group(struct parser *p, char open, struct need *ret)
{
    enum status st;

    if (++p->depth > NESTING_MAX) {
        return fail(p, "brackets inside brackets too deep");
    }
    p->at++;
    buf_str(p->out, "(?:");
    st = parse_alternatives(p, open == '(' ? ')' : ']', ret);
    p->depth--;
    return st;
}

/* "[word] " and " [word]": the blank belongs to what is optional. */
static enum status parse_optional(struct parser *p, bool blank_before)
{
    struct need ignored = {.n = 0};
    enum status st;

    buf_str(p->out, blank_before ? "(?:" GAP : "(?:");
    st = parse_group(p, '[', &ignored);
    if (st != OK) {
        return st;
    }
    if (!blank_before && *p->at == ' ') {
        buf_str(p->out, GAP);
        p->at++;
    }
    buf_str(p->out, ")?");
    return OK;
}

static enum status parse_blank(struct parser *p)
{
    while (*p->at == ' ') {
        p->at++;
    }
    if (strncmp(p->at, "...", 3) == 0) {
        p->at += 3;
        while (*p->at == ' ') {
            p->at++;
        }
        buf_str(p->out, "(?:" WIDE LETTER "+){0,5}?" WIDE);
        return OK;
    }
    if (*p->at == '[') {
        return parse_optional(p, true);
    }
    buf_str(p->out, GAP);
    return OK;
}

static enum status parse_caps(struct parser *p, struct run *run, struct need *best)
{
    p->at++;
    if (!phrase_word_byte(*p->at)) {
        return fail(p, "\"=\" wants the abbreviation right after it");
    }
    p->caps = true;
    buf_char(p->out, '(');
    while (phrase_word_byte(*p->at)) {
        parse_letter(p, run, best);
    }
    buf_char(p->out, ')');
    return OK;
}

/* What is neither letter nor bracket. */
static enum status parse_sign(struct parser *p)
{
    char c = *p->at;

    switch (c) {
    case '*':
        buf_str(p->out, LETTER "*");
        break;
    case '~':
    case '-':
        buf_str(p->out, JOINT);
        break;
    case '^':
        buf_str(p->out, "\\A[^\\p{L}\\p{N}]*");
        break;
    case '$':
        buf_str(p->out, "[^\\p{L}\\p{N}]*\\z");
        break;
    case '#':
        buf_str(p->out, "\\p{N}+(?:[.,]\\p{N}+)?");
        break;
    case ',':
        buf_str(p->out, " ?,");
        break;
    case '/':
    case '&':
    case '+':
    case '\'':
    case '.':
    case ':':
    case '%':
        buf_fmt(p->out, " ?\\%c ?", c);
        break;
    default:
        return fail(p, "this sign means nothing in a phrase");
    }
    p->at++;
    return OK;
}

static enum status parse_sequence(struct parser *p, struct need *ret)
{
    struct run run = {.n = 0};
    enum status st = OK;

    ret->n = 0;
    while (st == OK && *p->at != '\0' && *p->at != '|' && *p->at != ')' && *p->at != ']') {
        if (phrase_word_byte(*p->at)) {
            parse_letter(p, &run, ret);
            continue;
        }
        run_end(p, &run, ret);
        if (*p->at == ' ') {
            st = parse_blank(p);
        } else if (*p->at == '[') {
            st = parse_optional(p, false);
        } else if (*p->at == '(') {
            struct need group;

            st = parse_group(p, '(', &group);
            if (st == OK) {
                keep_better(p, ret, &group);
            }
        } else if (*p->at == '=') {
            st = parse_caps(p, &run, ret);
        } else {
            st = parse_sign(p);
        }
    }
    run_end(p, &run, ret);
    return st;
}

static enum status parse_alternatives(struct parser *p, char close, struct need *ret)
{
    bool all_known = true, one_only = true;
    enum status st;

    ret->n = 0;
    for (;;) {
        struct need one;

        st = parse_sequence(p, &one);
        if (st != OK) {
            return st;
        }
        if (one.n == 0 || ret->n + one.n > PHRASE_LITERALS) {
            all_known = false;
        } else {
            memcpy(ret->lit + ret->n, one.lit, one.n * sizeof one.lit[0]);
            ret->n = (uint8_t)(ret->n + one.n);
        }
        if (*p->at != '|') {
            break;
        }
        one_only = false;
        buf_char(p->out, '|');
        p->at++;
    }
    if (!all_known) {
        ret->n = 0;
    }
    if (p->depth == 0 && !one_only) {
        p->also.n = 0;
    }
    if (close == '\0') {
        return *p->at == '\0' ? OK : fail(p, "a bracket closes that was not opened");
    }
    if (*p->at != close) {
        return fail(p, "a bracket is not closed");
    }
    buf_char(p->out, ')');
    p->at++;
    return OK;
}

static enum status compile_regex(const char *text, const struct buf *re, void **ret, struct err *err)
{
    int code;
    PCRE2_SIZE at;
    PCRE2_UCHAR msg[160];

    *ret = pcre2_compile((PCRE2_SPTR)re->data, re->len, PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C,
                         &code, &at, NULL);
    if (*ret != NULL) {
        return OK;
    }
    /* 121: "failed to allocate heap memory" while compiling. */
    if (code == PCRE2_ERROR_NOMEMORY || code == 121) {
        return err_set(err, E_NOMEM, "compiling a phrase of the rules");
    }
    (void)pcre2_get_error_message(code, msg, sizeof msg);
    return err_set(err, E_CONFIG, "phrase \"%.80s\": %s at character %zu of %.200s", text, (const char *)msg,
                   at + 1, re->data);
}

/* False: out of memory. */
static bool keep_literals(const struct need *from, struct literal **ret, uint8_t *n)
{
    *ret = from->n > 0 ? malloc(from->n * sizeof from->lit[0]) : NULL;
    if (*ret != NULL) {
        memcpy(*ret, from->lit, from->n * sizeof from->lit[0]);
        *n = from->n;
    }
    return from->n == 0 || *ret != NULL;
}

enum status phrase_compile(const char *text, struct phrase *ret, struct err *err)
{
    struct buf re = {0};
    struct parser p = {.text = text, .at = text, .out = &re, .err = err};
    struct need need = {.n = 0};
    struct phrase done = {0};
    size_t len = strlen(text);
    enum status st = OK;

    if (len == 0) {
        return err_set(err, E_CONFIG, "an empty phrase would match everything");
    }
    if (len > 2 && text[0] == '/' && text[len - 1] == '/') {
        buf_add(&re, text + 1, len - 2);
    } else {
        buf_str(&re, text[0] == '^' ? "" : "(?<!" LETTER ")");
        buf_str(&re, "(?:");
        st = parse_alternatives(&p, '\0', &need);
        buf_str(&re, text[len - 1] == '$' ? ")" : ")(?!" LETTER ")");
    }
    if (st != OK) {
        goto out;
    }
    st = buf_check(&re, err);
    if (st == OK) {
        st = compile_regex(text, &re, &done.code, err);
    }
    if (st != OK) {
        goto out;
    }
    done.text = strdup(text);
    if (done.text == NULL || !keep_literals(&need, &done.literals, &done.n_literals) ||
        !keep_literals(&p.also, &done.also, &done.n_also)) {
        st = err_set(err, E_NOMEM, "compiling a phrase of the rules");
        goto out;
    }
    done.caps = p.caps;
    *ret = done;
    done = (struct phrase){0};
out:
    buf_done(&re);
    phrase_done(&done);
    return st;
}

void phrase_done(struct phrase *p)
{
    free(p->text);
    pcre2_code_free(p->code);
    free(p->literals);
    free(p->also);
    *p = (struct phrase){0};
}
