#include "classify/review.h"

#include <stdlib.h>

#include "base/pool.h"
#include "base/vec.h"
#include "classify/ruleset.h"

void review_list_done(struct review_list *l)
{
    free(l->item);
    *l = (struct review_list){0};
}

void review_why_text(uint8_t why, struct buf *out)
{
    static const struct {
        enum review_why bit;
        const char *text;
    } words[] = {{WHY_AGAIN, "changed since it was decided"},
                 {WHY_PENDING, "adjudication pending"},
                 {WHY_CODED, "coded against verbatim"},
                 {WHY_SUSPECTED, "suspected"},
                 {WHY_WORDS, "words leave it open"}};
    bool any = false;

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if ((why & words[i].bit) != 0) {
            buf_fmt(out, "%s%s", any ? "; " : "", words[i].text);
            any = true;
        }
    }
}

static uint8_t why(const struct answer *a, uint32_t cat)
{
    uint8_t w = 0;

    w |= (a->again & cat) != 0 ? WHY_AGAIN : 0;
    w |= (a->pending & cat) != 0 ? WHY_PENDING : 0;
    w |= (a->conflict & cat) != 0 ? WHY_CODED : 0;
    w |= (a->suspected & cat) != 0 ? WHY_SUSPECTED : 0;
    return w == 0 && (a->c.review & cat) != 0 ? WHY_WORDS : w;
}

static enum status add(const struct ruleset *rs, const struct answer *a, uint32_t event,
                       struct review_list *l, struct err *err)
{
    enum status st = OK;

    for (int c = 0; st == OK && c < rs->n_cat; c++) {
        uint32_t cat = UINT32_C(1) << c;
        uint8_t w = why(a, cat);

        if (w == 0) {
            continue;
        }
        st = VEC_PUSH_ROOM(l->item, l->n, l->cap, err);
        if (st == OK) {
            l->item[l->n++] = (struct review_item){
                .event = event, .category = c, .counted = (a->c.categories & cat) != 0, .why = w};
        }
    }
    return st;
}

enum status review_list_of(struct ruleset *rs, const struct snapshot *s, const struct classify_options *o,
                           const struct classes *c, bool (*wanted)(const void *ctx, const char *ae_id),
                           const void *ctx, struct review_list *ret, struct err *err)
{
    struct review_list l = {0};
    struct judgements j = {0};
    struct pass p;
    size_t at = 0;
    enum status st = pass_begin(rs, s, o, &p, err);

    if (st == OK) {
        st = judgements_new(s, &j, err);
    }
    for (uint32_t i = 0; st == OK && i < c->n_events; i++) {
        struct answer a;

        while (at < j.n && j.item[at]->event < i) {
            at++;
        }
        if ((c->events[i].flags & CLASS_REVIEW) == 0 ||
            (wanted != NULL && !wanted(ctx, pool_str(s->pool, s->events[i].id)))) {
            continue;
        }
        st = pass_unjudged(&p, i, &a, err);
        if (st == OK && at < j.n && j.item[at]->event == i) {
            at = judge(rs, s, &j, at, &a);
        }
        if (st == OK) {
            st = add(rs, &a, i, &l, err);
        }
    }
    judgements_done(&j);
    if (st != OK) {
        review_list_done(&l);
        return st;
    }
    *ret = l;
    return OK;
}
