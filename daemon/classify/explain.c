/* Why a verbatim was read as it was: each rule that matched or was blocked, the phrase, the words, the place. */
#include <string.h>

#include "base/text.h"
#include "classify/ruleset.h"

enum { SHOWN_MAX = 80 };

static const char *says_text(enum says s)
{
    switch (s) {
    case SAYS_COUNT:
        return "event";
    case SAYS_SIGN:
        return "sign";
    case SAYS_REVIEW:
        return "review";
    case SAYS_NONE:
        return "nothing";
    }
    return "";
}

static void show_words(struct buf *out, const struct folded *f, const struct hit *h)
{
    buf_char(out, '"');
    text_show(out, f->text.data + h->start, h->end - h->start, SHOWN_MAX);
    buf_fmt(out, "\" at %u", (unsigned)h->start + 1);
}

static void show_hit(struct buf *out, const struct ruleset *rs, const struct found *fd, const struct hit *h)
{
    const struct entry *e = &rs->phrases.e[h->entry];
    const struct rule *r = &rs->rules[e->owner];

    buf_fmt(out, "rule %s (%s", r->id, says_text(r->says));
    if (r->subtype >= 0) {
        buf_fmt(out, ", %s", rs->sub[r->subtype].name);
    }
    buf_fmt(out, ") phrase %s: ", e->lang);
    buf_str(out, e->phrase.text);
    buf_str(out, " matched ");
    show_words(out, &rs->folded, h);
    if (h->covered) {
        buf_str(out, h->torn ? "; parted by a \"no\" or a \"but\"" : "; inside a longer phrase");
    } else if (h->cue >= 0 || h->suspected) {
        buf_str(out, h->blocked ? "; blocked: " : "; suspected: ");
        if (h->cue >= 0) {
            const struct hit *cue = &fd->cues[h->cue];

            buf_fmt(out, "%s ", rs->groups[rs->cues.e[cue->entry].owner].name);
            show_words(out, &rs->folded, cue);
        } else {
            buf_str(out, "question mark");
        }
    }
    buf_char(out, '\n');
}

static enum status explain_text(struct ruleset *rs, const char *what, const char *text, size_t len,
                                struct buf *out, struct err *err)
{
    struct found fd;
    enum status st = found_in(rs, text, len, &fd, err);

    if (st != OK) {
        return st;
    }
    if (fd.corrected) {
        buf_fmt(out, "%s read as \"", what);
        text_show(out, rs->folded.text.data, rs->folded.text.len, SHOWN_MAX);
        buf_str(out, "\"\n");
    }
    for (size_t i = 0; i < fd.n_hits; i++) {
        buf_fmt(out, "%s: ", what);
        show_hit(out, rs, &fd, &fd.hits[i]);
    }
    if (fd.limit) {
        buf_fmt(out, "%s: not read to its end (too long, or a match limit): to review\n", what);
    }
    return OK;
}

static void explain_soc(struct ruleset *rs, const char *soc, const struct entries *list, const char *what,
                        const char *category, struct buf *out)
{
    struct pairs pairs;
    size_t start, end;

    pairs_of(&pairs, buf_cstr(&rs->folded.text), rs->folded.text.len);
    for (size_t i = 0; i < list->n; i++) {
        if (phrase_find(rs->runner, &list->e[i].phrase, &rs->folded, &pairs, 0, &start, &end) == MATCH_YES) {
            buf_fmt(out, "soc: \"");
            text_show(out, soc, strlen(soc), SHOWN_MAX);
            buf_fmt(out, "\" %s %s\n", what, category);
            return;
        }
    }
}

enum status classify_explain(struct ruleset *rs, const char *term, size_t len, const char *pt,
                             const char *soc, struct buf *out, struct err *err)
{
    struct event_class c;
    enum status st = explain_text(rs, "term", term, len, out, err);

    if (st == OK && pt != NULL && pt[0] != '\0') {
        st = explain_text(rs, "pt", pt, strlen(pt), out, err);
    }
    if (st == OK && soc != NULL && soc[0] != '\0') {
        st = fold_text(soc, strlen(soc), &rs->folded, err);
        for (int i = 0; st == OK && i < rs->n_cat; i++) {
            if (rs->cat[i].coded == CODED_SOC) {
                explain_soc(rs, soc, &rs->cat[i].soc, "is of", rs->cat[i].name, out);
                explain_soc(rs, soc, &rs->cat[i].leaves, "leaves it to the PT:", rs->cat[i].name, out);
            }
            explain_soc(rs, soc, &rs->cat[i].suggest, "makes one think of", rs->cat[i].name, out);
        }
    }
    st = st != OK ? st : classify_term(rs, term, len, pt, soc, &c, err);
    for (int i = 0; st == OK && i < rs->n_cat; i++) {
        if ((c.review & UINT32_C(1) << i) != 0) {
            buf_fmt(out, "review: %s, by a person\n", rs->cat[i].name);
        }
    }
    return st != OK ? st : buf_check(out, err);
}
