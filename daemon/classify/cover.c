/* Of what was found in one text, what stands: phrases and cues that overlap or are torn by a cue. */
#include <string.h>

#include "classify/ruleset.h"

static bool overlap(const struct hit *a, const struct hit *b)
{
    return a->start < b->end && b->start < a->end;
}

static bool inside(const struct hit *a, const struct hit *b)
{
    return a->start >= b->start && a->end <= b->end;
}

static uint32_t length(const struct hit *h)
{
    return h->end - h->start;
}

static const struct rule *rule_of(const struct ruleset *rs, const struct hit *h)
{
    return &rs->rules[rs->phrases.e[h->entry].owner];
}

static const struct cue_group *group_of(const struct ruleset *rs, const struct hit *cue)
{
    return &rs->groups[rs->cues.e[cue->entry].owner];
}

/* The longest of those not yet done, the earlier phrase of two as long; n when none is left. */
static size_t longest(const struct hit *h, size_t n, const bool *done)
{
    size_t best = n;

    for (size_t i = 0; i < n; i++) {
        if (!done[i] && (best == n || length(&h[i]) > length(&h[best]) ||
                         (length(&h[i]) == length(&h[best]) && h[i].entry < h[best].entry))) {
            best = i;
        }
    }
    return best;
}

static bool compete(const struct ruleset *rs, const struct hit *a, const struct hit *b)
{
    const struct rule *x = rule_of(rs, a), *y = rule_of(rs, b);

    return x->category == y->category && !x->beside && !y->beside && overlap(a, b);
}

/* Of phrases of one category that overlap the longest stands; what says "nothing" hides all that lies inside it. */
void cover_hits(const struct ruleset *rs, struct found *fd)
{
    struct hit *h = fd->hits;
    bool done[HITS_MAX] = {false};
    size_t best;

    for (size_t k = 0; k < fd->n_hits; k++) {
        for (size_t i = 0; rule_of(rs, &h[k])->says == SAYS_NONE && i < fd->n_hits; i++) {
            if (rule_of(rs, &h[i])->says != SAYS_NONE && inside(&h[i], &h[k]) && compete(rs, &h[i], &h[k])) {
                h[i].covered = true;
            }
        }
    }
    while ((best = longest(h, fd->n_hits, done)) < fd->n_hits) {
        done[best] = true;
        for (size_t i = 0; !h[best].covered && i < fd->n_hits; i++) {
            if (!done[i] && compete(rs, &h[i], &h[best])) {
                h[i].covered = true;
            }
        }
    }
}

static bool stands_beside(const struct ruleset *rs, const struct hit *cue)
{
    enum cue_place p = rs->cues.e[cue->entry].place;

    return p == PLACE_ENDED || p == PLACE_UNLESS; /* these do not compete with what they end or lift */
}

/* "not excluded" hides "excluded"; cues of the same words stand together unless one says "nothing". */
void cover_cues(const struct ruleset *rs, struct found *fd)
{
    struct hit *h = fd->cues;
    bool done[CUES_MAX] = {false};
    size_t best;

    while ((best = longest(h, fd->n_cues, done)) < fd->n_cues) {
        bool nothing = group_of(rs, &h[best])->says == CUE_NOTHING;

        done[best] = true;
        for (size_t i = 0; !h[best].covered && !stands_beside(rs, &h[best]) && i < fd->n_cues; i++) {
            if (i != best && overlap(&h[i], &h[best]) && !stands_beside(rs, &h[i]) &&
                (length(&h[i]) < length(&h[best]) || (nothing && length(&h[i]) == length(&h[best])))) {
                h[i].covered = true;
            }
        }
    }
}

/* Does the phrase, as written, have these words itself ("bowels not open")? */
static bool writes(const char *phrase, const char *words, size_t n)
{
    for (const char *p = phrase; *p != '\0'; p++) {
        if (strncmp(p, words, n) == 0 && (p == phrase || !phrase_word_byte(p[-1])) &&
            !phrase_word_byte(p[n])) {
            return true;
        }
    }
    return false;
}

static bool takes_back(const struct ruleset *rs, const struct hit *cue)
{
    enum cue_says says = group_of(rs, cue)->says;

    return !cue->covered &&
           (says == CUE_BREAKS || (says == CUE_BLOCKS && rs->cues.e[cue->entry].place == PLACE_BEFORE));
}

/* "..." does not pass over a "no" or a "but": "abdomen soft, not tender", "coronary syndrome without infarction". */
void cover_torn(const struct ruleset *rs, struct found *fd)
{
    for (size_t i = 0; i < fd->n_hits; i++) {
        struct hit *h = &fd->hits[i];
        const char *phrase = rs->phrases.e[h->entry].phrase.text;

        for (size_t k = 0; k < fd->n_cues && !h->covered; k++) {
            const struct hit *cue = &fd->cues[k];

            h->covered = h->torn = cue->start > h->start && cue->end < h->end && takes_back(rs, cue) &&
                                   !writes(phrase, rs->folded.text.data + cue->start, length(cue));
        }
    }
}
