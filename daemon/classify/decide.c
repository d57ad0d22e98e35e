/* From what was found in verbatim, PT and SOC to what they say together: coded before verbatim, doubt to review. */
#include <string.h>

#include "classify/ruleset.h"

/* What one text says: a bit per category. */
struct said {
    uint32_t count, suspected, review, blocked;
    uint64_t subtypes;
    bool sign;
    uint16_t rule;
    uint32_t rule_rank; /* smaller decides: events before doubts before signs, then the earlier in the text */
};

static uint64_t subtypes_of(const struct ruleset *rs, int cat)
{
    uint64_t m = 0;

    for (int i = 0; i < rs->n_sub; i++) {
        m |= rs->sub[i].category == cat ? UINT64_C(1) << i : 0;
    }
    return m;
}

static uint64_t bit64(int i)
{
    return i < 0 ? 0 : UINT64_C(1) << i;
}

static void note_rule(struct said *s, uint16_t rule, unsigned rank, uint32_t at)
{
    uint32_t r = rank << 24 | (at & 0xffffffU);

    if (s->rule == 0 || r < s->rule_rank) {
        s->rule = (uint16_t)(rule + 1);
        s->rule_rank = r;
    }
}

/* Events first; suspicion lifts an ambiguous abbreviation ("?MI") to a suspected event. */
static void take_events(const struct ruleset *rs, const struct found *fd, struct said *s)
{
    uint64_t sure = 0;
    uint32_t sure_cat = 0;

    for (size_t i = 0; i < fd->n_hits; i++) {
        const struct hit *h = &fd->hits[i];
        uint16_t owner = rs->phrases.e[h->entry].owner;
        const struct rule *r = &rs->rules[owner];
        uint32_t cat = UINT32_C(1) << r->category;
        bool event = r->says == SAYS_COUNT || (r->says == SAYS_REVIEW && h->suspected && r->subtype >= 0);

        if (h->covered) {
            continue;
        }
        if (h->blocked) {
            s->blocked |= r->says == SAYS_COUNT || r->says == SAYS_REVIEW ? cat : 0;
            continue;
        }
        if (!event) {
            continue;
        }
        s->count |= cat;
        s->subtypes |= bit64(r->subtype);
        if (!h->suspected) {
            sure |= bit64(r->subtype);
            sure_cat |= r->subtype < 0 ? cat : 0;
        }
        note_rule(s, owner, 0, h->start);
    }
    for (int i = 0; i < rs->n_sub; i++) {
        if ((s->subtypes & ~sure & bit64(i)) != 0) {
            s->suspected |= UINT32_C(1) << rs->sub[i].category;
        }
    }
    for (int c = 0; c < rs->n_cat; c++) { /* events without a subtype */
        uint32_t cat = UINT32_C(1) << c;

        if ((s->count & cat) != 0 && (s->subtypes & subtypes_of(rs, c)) == 0 && (sure_cat & cat) == 0) {
            s->suspected |= cat;
        }
    }
}

static void take_doubts_and_signs(const struct ruleset *rs, const struct found *fd, struct said *s)
{
    for (size_t i = 0; i < fd->n_hits; i++) {
        const struct hit *h = &fd->hits[i];
        uint16_t owner = rs->phrases.e[h->entry].owner;
        const struct rule *r = &rs->rules[owner];
        uint32_t cat = UINT32_C(1) << r->category;

        if (h->covered || h->blocked) {
            continue;
        }
        if (r->says == SAYS_SIGN) {
            s->sign = true;
            note_rule(s, owner, 2, h->start);
        } else if (r->says == SAYS_REVIEW) {
            bool told = (s->count & cat) != 0 && (r->subtype < 0 || (s->subtypes & bit64(r->subtype)) != 0);

            if (!told) { /* "MI (myocardial infarction)" explains itself */
                s->review |= cat;
                note_rule(s, owner, 1, h->start);
            }
        }
    }
}

static enum status say(struct ruleset *rs, const char *text, size_t len, struct said *ret, bool *limit,
                       struct err *err)
{
    struct found fd;
    enum status st = found_in(rs, text, len, &fd, err);

    *ret = (struct said){0};
    if (st != OK) {
        return st;
    }
    take_events(rs, &fd, ret);
    take_doubts_and_signs(rs, &fd, ret);
    for (int c = 0; c < rs->n_cat; c++) {
        uint64_t mine = ret->subtypes & subtypes_of(rs, c), rest = bit64(rs->cat[c].residual);

        if ((mine & ~rest) != 0) { /* "stomach upset with diarrhoea" is diarrhoea */
            ret->subtypes &= ~rest;
        }
    }
    *limit = *limit || fd.limit;
    return OK;
}

static enum status soc_in(struct ruleset *rs, const struct entries *list, const char *soc, bool *ret,
                          struct err *err)
{
    struct pairs pairs;
    size_t start, end;
    enum status st = fold_text(soc, strlen(soc), &rs->folded, err);

    if (st != OK) {
        return st;
    }
    pairs_of(&pairs, buf_cstr(&rs->folded.text), rs->folded.text.len);
    *ret = false;
    for (size_t i = 0; i < list->n && !*ret; i++) {
        enum match m = phrase_find(rs->runner, &list->e[i].phrase, &rs->folded, &pairs, 0, &start, &end);

        if (m == MATCH_NOMEM) {
            return err_set(err, E_NOMEM, "reading a SOC");
        }
        *ret = m == MATCH_YES;
    }
    return OK;
}

enum verdict3 { SAY_NOTHING, SAY_YES, SAY_NO };

static void count_category(const struct ruleset *rs, int c, const struct said *main_text,
                           const struct said *other, struct answer *a)
{
    uint32_t cat = UINT32_C(1) << c;
    uint64_t all = subtypes_of(rs, c), rest = bit64(rs->cat[c].residual);
    uint64_t sub = main_text->subtypes & all;

    if ((sub & ~rest) == 0 && (other->count & cat) != 0 && (other->subtypes & all & ~rest) != 0) {
        sub = other->subtypes & all;
    }
    if (sub == 0) {
        sub = rest;
    }
    a->c.categories |= cat;
    a->c.subtypes |= sub;
}

/* One category, from its coded verdict and the two texts. */
static void decide(const struct ruleset *rs, int c, enum verdict3 coded, const struct said *v,
                   const struct said *p, struct answer *a)
{
    uint32_t cat = UINT32_C(1) << c;
    uint64_t all = subtypes_of(rs, c) & ~bit64(rs->cat[c].residual);

    switch (coded) {
    case SAY_YES:
        count_category(rs, c, p, v, a);
        a->suspected |= (v->suspected | p->suspected) & cat;
        if ((v->blocked & cat) != 0 && ((v->count | v->review) & cat) == 0) {
            a->conflict |= cat;
        }
        if (rs->cat[c].coded == CODED_PT && (v->subtypes & all) != 0 && (p->subtypes & all) != 0 &&
            (v->subtypes & p->subtypes & all) == 0) {
            a->conflict |= cat;
        }
        break;
    case SAY_NO:
        if (((v->count | v->review) & cat) != 0) {
            a->c.review |= cat;
            a->conflict |= cat;
        }
        break;
    case SAY_NOTHING:
        if ((v->count & cat) != 0) {
            count_category(rs, c, v, p, a);
            a->suspected |= v->suspected & cat;
        }
        a->c.review |= v->review & cat;
        break;
    }
}

static enum status coded_verdict(struct ruleset *rs, int c, const struct said *p, bool has_pt,
                                 const char *soc, struct answer *a, enum verdict3 *ret, struct err *err)
{
    struct category *cat = &rs->cat[c];
    uint32_t bit = UINT32_C(1) << c;
    bool by_soc = cat->coded == CODED_SOC && soc != NULL, in = false, left = false;
    enum status st = OK;

    *ret = SAY_NOTHING;
    if (by_soc) {
        st = soc_in(rs, &cat->soc, soc, &in, err);
        st = st != OK || in ? st : soc_in(rs, &cat->leaves, soc, &left, err);
    }
    if (by_soc && !left) {
        *ret = in ? SAY_YES : SAY_NO;
    } else if (has_pt && (p->count & bit) != 0) {
        *ret = SAY_YES;
    } else if (has_pt && cat->coded != CODED_ADDS) {
        *ret = SAY_NO;
        a->c.review |= p->review & bit;
    }
    return st;
}

/* A SOC that makes the category likely where nothing else was understood. */
static enum status suggested(struct ruleset *rs, int c, const char *soc, const struct said *v,
                             const struct said *p, struct answer *a, struct err *err)
{
    uint32_t cat = UINT32_C(1) << c;
    bool in = false;
    enum status st;

    if (soc == NULL || rs->cat[c].suggest.n == 0 || v->sign || p->sign ||
        ((a->c.categories | a->c.review | v->blocked) & cat) != 0) {
        return OK;
    }
    st = soc_in(rs, &rs->cat[c].suggest, soc, &in, err);
    a->c.review |= st == OK && in ? cat : 0;
    return st;
}

static const char *unless_blank(const char *s)
{
    return s == NULL || s[strspn(s, " \t")] == '\0' ? NULL : s;
}

enum status answer_of(struct ruleset *rs, const char *term, size_t len, const char *pt, const char *soc,
                      struct answer *ret, struct err *err)
{
    struct said v, p = {0};
    struct answer a = {0};
    bool limit = false, has_pt = (pt = unless_blank(pt)) != NULL;
    enum status st = say(rs, term, len, &v, &limit, err);

    soc = unless_blank(soc);
    if (st == OK && has_pt) {
        st = say(rs, pt, strlen(pt), &p, &limit, err);
    }
    for (int c = 0; st == OK && c < rs->n_cat; c++) {
        enum verdict3 coded;

        st = coded_verdict(rs, c, &p, has_pt, soc, &a, &coded, err);
        if (st == OK) {
            decide(rs, c, coded, &v, &p, &a);
            st = suggested(rs, c, soc, &v, &p, &a, err);
        }
    }
    if (limit) { /* not read to the end is not a "no" */
        a.c.review |= rs->worded & ~a.c.categories;
    }
    if (st != OK) {
        return st;
    }
    a.sign = v.sign || p.sign;
    a.c.rule = p.rule != 0 && (v.rule == 0 || p.rule_rank >> 24 < v.rule_rank >> 24) ? p.rule : v.rule;
    answer_composites(rs, &a.c);
    answer_flags(&a);
    *ret = a;
    return OK;
}

void answer_composites(const struct ruleset *rs, struct event_class *c)
{
    for (int i = 0; i < rs->n_sub; i++) {
        if (rs->sub[i].members == 0) {
            continue;
        }
        c->subtypes &= ~bit64(i);
        c->subtypes |= (c->subtypes & rs->sub[i].members) != 0 ? bit64(i) : 0;
    }
}

void answer_flags(struct answer *a)
{
    a->c.flags &= (uint16_t) ~(unsigned)(CLASS_REVIEW | CLASS_SUSPECTED | CLASS_SIGN);
    a->c.flags |= a->suspected != 0 ? CLASS_SUSPECTED : 0;
    a->c.flags |= a->sign ? CLASS_SIGN : 0;
    a->c.flags |= (a->suspected | a->conflict | a->pending | a->again | a->c.review) != 0 ? CLASS_REVIEW : 0;
}

enum status classify_term(struct ruleset *rs, const char *term, size_t len, const char *pt, const char *soc,
                          struct event_class *ret, struct err *err)
{
    const struct answer *a;
    enum status st = memo_answer(rs, term, len, pt, soc, &a, err);

    if (st == OK) {
        *ret = a->c;
    }
    return st;
}
