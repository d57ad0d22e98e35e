/* Where a compiled phrase stands in a folded text. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "classify/phrase.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

/* Numbers that no honest verbatim comes near; a text that does goes to review. */
enum { MATCH_STEPS = 200000, MATCH_DEPTH = 2000, MATCH_HEAP_KIB = 2048 };

struct phrase_runner {
    pcre2_match_data *data;
    pcre2_match_context *ctx;
};

enum status phrase_runner_new(struct phrase_runner **ret, struct err *err)
{
    struct phrase_runner *r = calloc(1, sizeof *r);

    if (r == NULL) {
        return err_set(err, E_NOMEM, "preparing the rules");
    }
    r->data = pcre2_match_data_create(8, NULL);
    r->ctx = pcre2_match_context_create(NULL);
    if (r->data == NULL || r->ctx == NULL) {
        phrase_runner_free(r);
        return err_set(err, E_NOMEM, "preparing the rules");
    }
    (void)pcre2_set_match_limit(r->ctx, MATCH_STEPS);
    (void)pcre2_set_depth_limit(r->ctx, MATCH_DEPTH);
    (void)pcre2_set_heap_limit(r->ctx, MATCH_HEAP_KIB);
    *ret = r;
    return OK;
}

void phrase_runner_free(struct phrase_runner *r)
{
    if (r == NULL) {
        return;
    }
    pcre2_match_data_free(r->data);
    pcre2_match_context_free(r->ctx);
    free(r);
}

bool literal_in(const struct literal *l, const struct folded *f, const struct pairs *of_text)
{
    const uint64_t *t = of_text->w, *w = l->pairs.w;

    return (w[0] & ~t[0]) == 0 && (w[1] & ~t[1]) == 0 && (w[2] & ~t[2]) == 0 && (w[3] & ~t[3]) == 0 &&
           memmem(f->text.data, f->text.len, l->s, l->len) != NULL;
}

static bool may_match(const struct phrase *p, const struct folded *f, const struct pairs *t)
{
    for (uint8_t i = 0; i < p->n_literals; i++) {
        if (literal_in(&p->literals[i], f, t)) {
            return true;
        }
    }
    return p->n_literals == 0;
}

bool phrase_also_in(const struct phrase *p, const struct folded *f, const struct pairs *of_text)
{
    for (uint8_t i = 0; i < p->n_also; i++) {
        if (literal_in(&p->also[i], f, of_text)) {
            return true;
        }
    }
    return p->n_also == 0;
}

static bool is_edge(const struct folded *f, size_t start, size_t end)
{
    size_t i = start, k = end;

    while (i > 0 && !phrase_word_byte(f->text.data[i - 1]) && strchr(",;(:", f->text.data[i - 1]) == NULL) {
        i--;
    }
    while (k < f->text.len && !phrase_word_byte(f->text.data[k]) && strchr(",;):", f->text.data[k]) == NULL) {
        k++;
    }
    return i == 0 || k == f->text.len || !phrase_word_byte(f->text.data[i - 1]) ||
           !phrase_word_byte(f->text.data[k]);
}

/*
 * Were the captured abbreviations capitals?  Where the whole verbatim has no small letters capitals say nothing: then
 * the abbreviation must stand at an end of its clause, where Danish "af" (of) cannot.  Alone, small letters do too.
 */
static bool caps_hold(const struct phrase_runner *r, int groups, const struct folded *f, size_t start,
                      size_t end)
{
    const PCRE2_SIZE *ov = pcre2_get_ovector_pointer(r->data);
    bool capitals = true;

    for (int i = 1; i < groups; i++) { /* what lies beyond the groups that took part is not set */
        if (ov[2 * i] == PCRE2_UNSET) {
            continue;
        }
        for (PCRE2_SIZE k = ov[2 * i]; k < ov[2 * i + 1]; k++) {
            capitals =
                capitals && (f->upper.data[k] != 0 || !(f->text.data[k] >= 'a' && f->text.data[k] <= 'z'));
        }
    }
    if (capitals && f->any_lower) {
        return true;
    }
    if (capitals) {
        return is_edge(f, start, end);
    }
    for (size_t i = 0; i < f->text.len; i++) {
        if ((i < start || i >= end) && phrase_word_byte(f->text.data[i])) {
            return false;
        }
    }
    return true;
}

enum match phrase_find(struct phrase_runner *r, const struct phrase *p, const struct folded *f,
                       const struct pairs *pairs, size_t from, size_t *start, size_t *end)
{
    if (from == 0 && pairs != NULL && !may_match(p, f, pairs)) {
        return MATCH_NO;
    }
    while (from <= f->text.len) {
        const PCRE2_SIZE *ov;
        int rc = pcre2_match(p->code, (PCRE2_SPTR)buf_cstr(&f->text), f->text.len, from, PCRE2_NO_UTF_CHECK,
                             r->data, r->ctx);

        if (rc == PCRE2_ERROR_NOMATCH) {
            return MATCH_NO;
        }
        if (rc < 0) {
            return rc == PCRE2_ERROR_NOMEMORY ? MATCH_NOMEM : MATCH_LIMIT;
        }
        ov = pcre2_get_ovector_pointer(r->data);
        if (ov[1] > ov[0] && (!p->caps || caps_hold(r, rc, f, ov[0], ov[1]))) {
            *start = ov[0];
            *end = ov[1];
            return MATCH_YES;
        }
        from = ov[1] > ov[0] ? ov[1] : ov[1] + 1;
        while (from < f->text.len && ((unsigned char)f->text.data[from] & 0xC0U) == 0x80U) {
            from++;
        }
    }
    return MATCH_NO;
}
