/* Which phrases may be in a text, found by the pairs of letters the text has: of thousands, a dozen are left to match. */
#include <stdlib.h>
#include <string.h>

#include "classify/ruleset.h"

/* The literal's pairs stand here as well: most needles are passed over by them, in the order of memory. */
struct needle {
    struct pairs pairs;
    uint16_t entry;
    uint8_t literal;
};

/* A literal lies in the bucket of the one of its pairs that the fewest literals have. */
struct phrase_index {
    struct needle *needles;
    uint32_t start[PAIRS + 1];
    uint16_t *always; /* phrases of which no literal is known */
    size_t n_always;
    uint64_t *may; /* a bit per phrase: scratch */
    size_t n_words;
};

void phrase_index_free(struct phrase_index *ix)
{
    if (ix == NULL) {
        return;
    }
    free(ix->needles);
    free(ix->always);
    free(ix->may);
    free(ix);
}

static bool has_pair(const struct pairs *p, unsigned k)
{
    return (p->w[k >> 6] & UINT64_C(1) << (k & 63U)) != 0;
}

static unsigned rarest(const struct pairs *p, const uint32_t count[PAIRS])
{
    unsigned best = PAIRS;

    for (unsigned k = 0; k < PAIRS; k++) {
        if (has_pair(p, k) && (best == PAIRS || count[k] < count[best])) {
            best = k;
        }
    }
    return best;
}

static void count_pairs(const struct entries *e, uint32_t count[PAIRS], size_t *literals)
{
    for (size_t i = 0; i < e->n; i++) {
        const struct phrase *p = &e->e[i].phrase;

        for (uint8_t l = 0; l < p->n_literals; l++) {
            for (unsigned k = 0; k < PAIRS; k++) {
                count[k] += has_pair(&p->literals[l].pairs, k) ? 1 : 0;
            }
        }
        *literals += p->n_literals;
    }
}

/* `filling`: into the buckets, whose starts are known; before that their sizes are counted, one further on. */
static void place(const struct entries *e, const uint32_t count[PAIRS], struct phrase_index *ix, uint32_t *at,
                  bool filling)
{
    for (size_t i = 0; i < e->n; i++) {
        const struct phrase *p = &e->e[i].phrase;

        for (uint8_t l = 0; l < p->n_literals; l++) {
            unsigned k = rarest(&p->literals[l].pairs, count); /* a literal has two letters or more */

            if (filling) {
                ix->needles[at[k]] =
                    (struct needle){.pairs = p->literals[l].pairs, .entry = (uint16_t)i, .literal = l};
            }
            at[k]++;
        }
        if (filling && p->n_literals == 0) {
            ix->always[ix->n_always++] = (uint16_t)i;
        }
    }
}

enum status phrase_index_new(const struct entries *e, struct phrase_index **ret, struct err *err)
{
    struct phrase_index *ix = calloc(1, sizeof *ix);
    uint32_t count[PAIRS] = {0}, size[PAIRS + 1] = {0}, at = 0;
    size_t literals = 0;

    count_pairs(e, count, &literals);
    if (ix != NULL) {
        ix->n_words = (e->n + 63) / 64;
        ix->needles = calloc(literals + 1, sizeof *ix->needles);
        ix->always = calloc(e->n + 1, sizeof *ix->always);
        ix->may = calloc(ix->n_words + 1, sizeof *ix->may);
    }
    if (ix == NULL || ix->needles == NULL || ix->always == NULL || ix->may == NULL) {
        phrase_index_free(ix);
        return err_set(err, E_NOMEM, "preparing the rules");
    }
    place(e, count, ix, size, false);
    for (unsigned k = 0; k < PAIRS; k++) {
        ix->start[k] = at;
        at += size[k];
        size[k] = ix->start[k];
    }
    ix->start[PAIRS] = at;
    place(e, count, ix, size, true);
    *ret = ix;
    return OK;
}

static bool all_in(const struct pairs *a, const struct pairs *b)
{
    return ((a->w[0] & ~b->w[0]) | (a->w[1] & ~b->w[1]) | (a->w[2] & ~b->w[2]) | (a->w[3] & ~b->w[3])) == 0;
}

static void mark_bucket(const struct entries *e, struct phrase_index *ix, unsigned k, const struct folded *f,
                        const struct pairs *pairs)
{
    for (uint32_t i = ix->start[k]; i < ix->start[k + 1]; i++) {
        const struct needle *n = &ix->needles[i];
        uint64_t bit = UINT64_C(1) << (n->entry % 64U);

        if (all_in(&n->pairs, pairs) && (ix->may[n->entry / 64U] & bit) == 0 &&
            literal_in(&e->e[n->entry].phrase.literals[n->literal], f, pairs) &&
            phrase_also_in(&e->e[n->entry].phrase, f, pairs)) {
            ix->may[n->entry / 64U] |= bit;
        }
    }
}

void phrase_index_mark(const struct entries *e, const struct folded *f, const struct pairs *pairs)
{
    struct phrase_index *ix = e->index;

    memset(ix->may, 0, ix->n_words * sizeof *ix->may);
    for (size_t i = 0; i < ix->n_always; i++) {
        ix->may[ix->always[i] / 64U] |= UINT64_C(1) << (ix->always[i] % 64U);
    }
    for (unsigned k = 0; k < PAIRS; k++) {
        if (has_pair(pairs, k)) {
            mark_bucket(e, ix, k, f, pairs);
        }
    }
}

size_t phrase_index_next(const struct entries *e, size_t from)
{
    const struct phrase_index *ix = e->index;

    for (size_t w = from / 64; w < ix->n_words; w++) {
        uint64_t rest = ix->may[w] & (w == from / 64 ? ~UINT64_C(0) << (from % 64) : ~UINT64_C(0));

        if (rest != 0) {
            return w * 64 + (size_t)__builtin_ctzll(rest);
        }
    }
    return e->n;
}
