/* Phrases and cues in one text, and what the cues make of the phrases. */
#include <string.h>

#include "classify/ruleset.h"

/* AFTER_WORDS: how far back "ruled out" reaches over words that are no condition: "diarrhoea with all tests negative". */
/* LIST_ITEMS, ITEM_WORDS: what "no nausea, vomiting or loose stools" may look like to be one list. */
/* HEADED_WORDS: an item of a list that only its head ("denies") tells to be one is short. */
enum {
    ABBREVIATION_MAX = 4,
    AFTER_WORDS = 5,
    LIST_ITEMS = 8,
    ITEM_WORDS = 6,
    HEADED_WORDS = 3,
    CLAUSES_BACK = 3
};

static bool word_at(const struct folded *f, size_t i)
{
    char c = f->text.data[i];

    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

static bool digit_at(const struct folded *f, size_t i)
{
    return i < f->text.len && f->text.data[i] >= '0' && f->text.data[i] <= '9';
}

/* Is the word at i written like the first of a sentence: "Nausea", not "AMI"? */
static bool capitalised(const struct folded *f, size_t i)
{
    return i + 1 < f->text.len && f->upper.data[i] != 0 && word_at(f, i + 1) && f->upper.data[i + 1] == 0;
}

static bool cue_ends_at(const struct found *fd, size_t i)
{
    for (size_t k = 0; k < fd->n_cues; k++) {
        if (fd->cues[k].end == i || fd->cues[k].end == i + 1) {
            return true;
        }
    }
    return false;
}

/*
 * Does a clause end with the byte at i?  Not in 2,5 mmol, nor after an abbreviation ("obs. AMI", "pga. sepsis"); a short
 * word ends one if a sentence begins after it ("No chest pain. Diarrhoea").
 */
static bool ends_clause(const struct folded *f, const struct found *fd, size_t i)
{
    const char *t = f->text.data;
    size_t word = 0;

    switch (t[i]) {
    case ';':
    case '!':
        return true;
    case ',':
        return !(i > 0 && digit_at(f, i - 1) && digit_at(f, i + 1));
    case '-':
        return i > 0 && t[i - 1] == ' ' && i + 1 < f->text.len && t[i + 1] == ' ';
    case '.':
        if (i + 1 < f->text.len && t[i + 1] != ' ') {
            return false;
        }
        while (word < i && word_at(f, i - word - 1)) {
            word++;
        }
        return word > ABBREVIATION_MAX || (word > 0 && capitalised(f, i + 2) && !cue_ends_at(fd, i));
    default:
        return false;
    }
}

static bool push(struct hit *list, size_t *n, size_t max, struct found *ret, size_t entry, size_t start,
                 size_t end)
{
    if (*n == max) {
        ret->limit = true;
        return false;
    }
    list[(*n)++] =
        (struct hit){.start = (uint32_t)start, .end = (uint32_t)end, .entry = (uint16_t)entry, .cue = -1};
    return true;
}

static void find_all(struct ruleset *rs, const struct entries *from, const struct pairs *pairs,
                     struct hit *list, size_t *n, size_t max, struct found *ret)
{
    *n = 0;
    phrase_index_mark(from, &rs->folded, pairs);
    for (size_t i = phrase_index_next(from, 0); i < from->n; i = phrase_index_next(from, i + 1)) {
        size_t start, end = 0;
        enum match m;

        while ((m = phrase_find(rs->runner, &from->e[i].phrase, &rs->folded, NULL, end, &start, &end)) ==
               MATCH_YES) {
            if (!push(list, n, max, ret, i, start, end)) {
                return;
            }
        }
        ret->limit = ret->limit || m == MATCH_LIMIT;
        ret->nomem = ret->nomem || m == MATCH_NOMEM;
    }
}

static const struct cue_group *group_of(const struct ruleset *rs, const struct hit *cue)
{
    return &rs->groups[rs->cues.e[cue->entry].owner];
}

/* Where what a "but" at `at` begins goes on; `at` where no such word stands. */
static size_t after_break(const struct ruleset *rs, const struct found *fd, size_t at)
{
    for (size_t i = 0; i < fd->n_cues; i++) {
        if (!fd->cues[i].covered && fd->cues[i].start == at &&
            group_of(rs, &fd->cues[i])->says == CUE_BREAKS) {
            return fd->cues[i].end;
        }
    }
    return at;
}

static bool is_break(const struct ruleset *rs, const struct found *fd, size_t at)
{
    return after_break(rs, fd, at) != at;
}

struct span {
    size_t lo, hi;
};

/* The clause that [start, end) stands in. */
static struct span clause_of(const struct ruleset *rs, const struct found *fd, size_t start, size_t end)
{
    const struct folded *f = &rs->folded;
    struct span s = {start, end};

    while (s.lo > 0 && !ends_clause(f, fd, s.lo - 1) && !(s.lo < start && is_break(rs, fd, s.lo))) {
        s.lo--;
    }
    while (s.hi < f->text.len && !ends_clause(f, fd, s.hi) && !is_break(rs, fd, s.hi)) {
        s.hi++;
    }
    return s;
}

/* What is said inside brackets stays inside. */
static void within_brackets(const struct folded *f, struct span *s, size_t start, size_t end)
{
    int depth = 0;

    for (size_t i = start; i > s->lo; i--) {
        char c = f->text.data[i - 1];

        depth += c == ')' ? 1 : c == '(' ? -1 : 0;
        if (depth < 0) {
            s->lo = i;
            break;
        }
    }
    if (depth >= 0) {
        return;
    }
    for (size_t i = end; i < s->hi; i++) {
        if (f->text.data[i] == ')') {
            s->hi = i;
            return;
        }
    }
}

static int words_between(const struct folded *f, size_t from, size_t to)
{
    int n = 0;

    for (size_t i = from; i < to; i++) {
        n += word_at(f, i) && (i == from || !word_at(f, i - 1)) ? 1 : 0;
    }
    return n;
}

static bool comma_at(const struct folded *f, size_t i)
{
    return i < f->text.len && f->text.data[i] == ',';
}

/* "PMH: stroke 2004, CABG", "denies nausea, vomiting": what heads a list speaks of all of it, to the sentence's end. */
static size_t headed(const struct ruleset *rs, const struct found *fd, const struct hit *cue, size_t hi)
{
    const struct folded *f = &rs->folded;
    bool heading = rs->cues.e[cue->entry].place == PLACE_HEADING;
    size_t i = cue->end;

    while (i < f->text.len && f->text.data[i] == ' ') {
        i++;
    }
    if (i < f->text.len && f->text.data[i] == ':') {
        heading = false;
    } else if (!heading) {
        return hi;
    }
    while (comma_at(f, hi)) {
        size_t end = clause_of(rs, fd, hi + 1, hi + 1).hi;

        if (heading && words_between(f, hi + 1, end) > HEADED_WORDS) {
            break;
        }
        hi = end;
    }
    return hi;
}

static bool joined_in(const struct ruleset *rs, const struct found *fd, size_t lo, size_t hi)
{
    for (size_t i = 0; i < fd->n_cues; i++) {
        const struct hit *h = &fd->cues[i];

        if (group_of(rs, h)->says == CUE_JOINS && h->start >= lo && h->end <= hi) {
            return true;
        }
    }
    return false;
}

/* "no nausea, vomiting or diarrhoea": a list that "or" ends is denied as one. */
static size_t listed(const struct ruleset *rs, const struct found *fd, size_t hi)
{
    const struct folded *f = &rs->folded;
    size_t at = hi;

    for (int i = 0; i < LIST_ITEMS && comma_at(f, at); i++) {
        size_t end = clause_of(rs, fd, at + 1, at + 1).hi;

        if (words_between(f, at + 1, end) > ITEM_WORDS) {
            return hi;
        }
        if (joined_in(rs, fd, at, end)) {
            return end;
        }
        at = end;
    }
    return hi;
}

/*
 * Where a cue that opens its clause at `at` reaches back to: over the clause before, and over further ones to a suspected
 * event ("obs AMI, ekg normalt, afkraeftet"); after a "but" only to such.  A plain event is not withdrawn from afar:
 * "diarrhoea, stool sample sent, negative", "diarrhoea but ruled out infection".
 */
static size_t clauses_before(const struct ruleset *rs, const struct found *fd, size_t at)
{
    size_t near = at, lo = at;

    for (int back = 0; lo > 0 && back < CLAUSES_BACK; back++) {
        lo = clause_of(rs, fd, lo - 1, lo - 1).lo;
        near = back == 0 && !is_break(rs, fd, at) ? lo : near;
        for (size_t i = 0; i < fd->n_hits; i++) {
            if (fd->hits[i].start >= lo && fd->hits[i].start < at && !fd->hits[i].covered) {
                return fd->hits[i].suspected ? lo : near;
            }
        }
    }
    return near;
}

/* The bytes a cue speaks of. */
static struct span reach_of(const struct ruleset *rs, const struct found *fd, const struct hit *cue)
{
    const struct folded *f = &rs->folded;
    const struct entry *e = &rs->cues.e[cue->entry];
    struct span s = clause_of(rs, fd, cue->start, cue->end), whole = s;

    within_brackets(f, &s, cue->start, cue->end);
    if (e->place != PLACE_AFTER && s.hi == whole.hi) { /* not in brackets */
        s.hi = listed(rs, fd, headed(rs, fd, cue, s.hi));
    }
    if (e->place == PLACE_BEFORE || e->place == PLACE_HEADING) {
        s.lo = cue->end;
    } else if (e->place == PLACE_AFTER) {
        s.hi = cue->start;
        if (words_between(f, after_break(rs, fd, s.lo), cue->start) == 0) { /* it opens: "AMI (ruled out)" */
            s.lo = s.lo > whole.lo ? whole.lo : clauses_before(rs, fd, s.lo);
        }
    }
    for (size_t i = 0; i < fd->n_cues; i++) {
        const struct hit *h = &fd->cues[i];
        const struct entry *o = &rs->cues.e[h->entry];

        if (o->place == PLACE_ENDED && o->owner == e->owner && h->start >= cue->end && h->start < s.hi) {
            s.hi = h->start;
        }
    }
    return s;
}

static bool lifted(const struct ruleset *rs, const struct found *fd, uint16_t owner)
{
    for (size_t i = 0; i < fd->n_cues; i++) {
        const struct entry *e = &rs->cues.e[fd->cues[i].entry];

        if (e->place == PLACE_UNLESS && e->owner == owner) {
            return true;
        }
    }
    return false;
}

/* A cue that is part of a phrase ("no bowel movement") says nothing else. */
static bool inside_a_hit(const struct found *fd, const struct hit *cue)
{
    for (size_t i = 0; i < fd->n_hits; i++) {
        const struct hit *h = &fd->hits[i];

        if (!h->covered && h->start <= cue->start && cue->end <= h->end) {
            return true;
        }
    }
    return false;
}

static void apply_cue(const struct ruleset *rs, struct found *fd, size_t n)
{
    const struct hit *cue = &fd->cues[n];
    const struct entry *e = &rs->cues.e[cue->entry];
    enum cue_says says = group_of(rs, cue)->says;
    struct span s;

    if (cue->covered || e->place == PLACE_UNLESS || e->place == PLACE_ENDED || inside_a_hit(fd, cue) ||
        lifted(rs, fd, e->owner)) {
        return;
    }
    s = reach_of(rs, fd, cue);
    for (size_t i = 0; i < fd->n_hits; i++) {
        struct hit *h = &fd->hits[i];

        if (h->start < s.lo || h->start >= s.hi ||
            (e->place == PLACE_AFTER &&
             (h->end > s.hi || words_between(&rs->folded, h->end, cue->start) > AFTER_WORDS))) {
            continue;
        }
        h->blocked = says == CUE_BLOCKS;
        h->suspected = h->suspected || says == CUE_SUSPECTED;
        h->cue = (int16_t)n;
    }
}

/* "?MI", "MI ?", "MI (?)" */
static bool questioned(const struct folded *f, const struct hit *h)
{
    size_t i = h->start, k = h->end;

    while (i > 0 && f->text.data[i - 1] == ' ') {
        i--;
    }
    while (k < f->text.len && (f->text.data[k] == ' ' || f->text.data[k] == '(')) {
        k++;
    }
    if (k < f->text.len && f->text.data[k] == '?' && (k + 1 == f->text.len || !word_at(f, k + 1))) {
        return true; /* not "pain ?cause", which asks of the cause */
    }
    return i > 0 && f->text.data[i - 1] == '?';
}

static void find_both(struct ruleset *rs, struct found *ret)
{
    struct pairs pairs;

    pairs_of(&pairs, buf_cstr(&rs->folded.text), rs->folded.text.len);
    find_all(rs, &rs->phrases, &pairs, ret->hits, &ret->n_hits, HITS_MAX, ret);
    if (ret->n_hits > 0) { /* else there is nothing a cue could speak of */
        find_all(rs, &rs->cues, &pairs, ret->cues, &ret->n_cues, CUES_MAX, ret);
    }
}

static void take(struct folded *f, const struct hit *h, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        memset(f->taken.data + h[i].start, 1, h[i].end - h[i].start);
    }
}

enum status found_in(struct ruleset *rs, const char *text, size_t len, struct found *ret, struct err *err)
{
    static const enum cue_says order[] = {CUE_SUSPECTED, CUE_BLOCKS}; /* what is suspected may be ruled out */
    enum status st;

    ret->n_hits = ret->n_cues = 0;
    ret->limit = ret->nomem = ret->corrected = false;
    st = fold_text(text, len, &rs->folded, err);
    if (st != OK || rs->folded.text.len == 0) {
        return st;
    }
    find_both(rs, ret);
    take(&rs->folded, ret->hits, ret->n_hits);
    take(&rs->folded, ret->cues, ret->n_cues);
    st = spell_correct(rs->spell, &rs->folded, &ret->corrected, err);
    if (st != OK) {
        return st;
    }
    if (ret->corrected) {
        find_both(rs, ret);
    }
    if (ret->nomem) {
        return err_set(err, E_NOMEM, "reading a verbatim");
    }
    ret->limit = ret->limit || rs->folded.cut;
    cover_cues(rs, ret);
    cover_torn(rs, ret);
    cover_hits(rs, ret);
    for (size_t i = 0; i < ret->n_hits; i++) {
        ret->hits[i].suspected = questioned(&rs->folded, &ret->hits[i]);
    }
    for (size_t k = 0; k < sizeof order / sizeof order[0]; k++) {
        for (size_t i = 0; i < ret->n_cues; i++) {
            if (group_of(rs, &ret->cues[i])->says == order[k]) {
                apply_cue(rs, ret, i);
            }
        }
    }
    return OK;
}
