/* What people judged of events, applied to what words and columns say: reviews first, so that the source's verdict wins. */
#include <stdlib.h>
#include <strings.h>

#include "base/pool.h"
#include "classify/ruleset.h"

static uint64_t plain_subtypes(const struct ruleset *rs, int cat)
{
    uint64_t m = 0;

    for (int i = 0; i < rs->n_sub; i++) {
        m |= rs->sub[i].category == cat && rs->sub[i].members == 0 ? UINT64_C(1) << i : 0;
    }
    return m;
}

bool ruleset_judged(const struct ruleset *rs, const char *name, int *category, int *subtype)
{
    for (int i = 0; i < rs->n_cat; i++) {
        if (strcasecmp(rs->cat[i].name, name) == 0) {
            *category = i;
            *subtype = NO_SUBTYPE;
            return true;
        }
    }
    for (int i = 0; i < rs->n_sub; i++) {
        if (rs->sub[i].members == 0 && strcasecmp(rs->sub[i].name, name) == 0) {
            *category = rs->sub[i].category;
            *subtype = i;
            return true;
        }
    }
    return false;
}

static void decided(const struct ruleset *rs, bool confirmed, int i, uint64_t sub, struct answer *a)
{
    uint32_t cat = UINT32_C(1) << i;
    uint64_t mine = plain_subtypes(rs, i);

    if (confirmed) {
        a->c.categories |= cat;
        a->c.subtypes |= sub;
        if ((a->c.subtypes & mine) == 0 && rs->cat[i].residual >= 0) {
            a->c.subtypes |= UINT64_C(1) << rs->cat[i].residual;
        }
    } else {
        a->c.subtypes &= ~(sub == 0 ? mine : sub);
        if (sub == 0 || (a->c.subtypes & mine) == 0) {
            a->c.categories &= ~cat;
        }
    }
    a->c.review &= ~cat;
    a->suspected &= ~cat;
    a->conflict &= ~cat;
    a->pending &= ~cat;
    a->again &= ~cat;
}

/* A person is asked; meanwhile words and columns decide whether it counts. */
static void asked(uint32_t cat, uint32_t *why, struct answer *a)
{
    *why |= cat;
    a->c.review |= cat & ~a->c.categories;
}

/*
 * reviewed: categories that a review which stands has decided.  A review whose event was changed since is asked for again,
 * and until then the event counts if either it or the words say so: a new text does not stay refuted unseen.
 */
static void apply(const struct ruleset *rs, const struct adjudication *j, int i, uint64_t sub,
                  uint32_t *reviewed, struct answer *a)
{
    uint32_t cat = UINT32_C(1) << i;

    switch ((enum adj)j->verdict) {
    case ADJ_NONE:
        return;
    case ADJ_PENDING:
        if ((*reviewed & cat) == 0) {
            asked(cat, &a->pending, a);
        }
        return;
    case ADJ_CONFIRMED:
        decided(rs, true, i, sub, a);
        break;
    case ADJ_REFUTED:
        if (!j->again) {
            decided(rs, false, i, sub, a);
        }
        break;
    }
    if (j->again) {
        asked(cat, &a->again, a);
    } else if (j->review) {
        *reviewed |= cat;
    }
}

static int by_event(const void *a, const void *b)
{
    const struct adjudication *const *x = a, *const *y = b;

    if ((*x)->event != (*y)->event) {
        return (*x)->event < (*y)->event ? -1 : 1;
    }
    if ((*x)->review != (*y)->review) {
        return (*x)->review ? -1 : 1;
    }
    return *x < *y ? -1 : *x > *y ? 1 : 0; /* of one list: the order given decides */
}

enum status judgements_new(const struct snapshot *s, struct judgements *ret, struct err *err)
{
    struct judgements j = {.n = s->n_adjudications};

    j.item = calloc(j.n + 1, sizeof(*j.item));
    if (j.item == NULL) {
        return err_set(err, E_NOMEM, "classifying events");
    }
    for (size_t i = 0; i < j.n; i++) {
        j.item[i] = &s->adjudications[i];
    }
    qsort(j.item, j.n, sizeof(*j.item), by_event);
    *ret = j;
    return OK;
}

void judgements_done(struct judgements *j)
{
    free(j->item);
    *j = (struct judgements){0};
}

size_t judge(const struct ruleset *rs, const struct snapshot *s, const struct judgements *j, size_t at,
             struct answer *a)
{
    uint32_t event = j->item[at]->event, reviewed = 0;

    for (; at < j->n && j->item[at]->event == event; at++) {
        const char *name = pool_str(s->pool, j->item[at]->category);
        int cat, sub;

        if (a != NULL && name != NULL && ruleset_judged(rs, name, &cat, &sub)) {
            apply(rs, j->item[at], cat, sub < 0 ? 0 : UINT64_C(1) << sub, &reviewed, a);
        }
    }
    return at;
}
