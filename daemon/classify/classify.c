/* A whole snapshot: the memo's answers, then what the other columns and the adjudications say. */
#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "classify/ruleset.h"

enum { AHEAD = 8 }; /* events whose words are asked of the memory before they are looked up */

void classes_done(struct classes *c)
{
    free(c->events);
    free(c->subjects);
    *c = (struct classes){0};
}

static struct columns columns_make(const struct ruleset *rs)
{
    struct columns k = {.n_from = 0};

    for (int i = 0; i < rs->n_cat; i++) {
        const struct source_terms *f = &rs->cat[i].from;

        if (f->serious_flag || f->criteria != 0 || f->outcomes != 0 || f->grade > 0) {
            k.from[k.n_from++] = i;
        }
        k.follows = k.follows || f->categories != 0;
        k.deaths |= f->death_flag ? UINT32_C(1) << i : 0;
    }
    return k;
}

static uint32_t criteria_met(const struct event *e)
{
    uint32_t met = 0;

    for (int i = 0; i < CRIT_N; i++) {
        met |= e->crit[i] == TRI_YES ? UINT32_C(1) << i : 0;
    }
    return met;
}

static bool is_from_columns(const struct source_terms *f, const struct event *e, uint32_t criteria)
{
    return (f->serious_flag && e->serious == TRI_YES) || (f->criteria & criteria) != 0 ||
           (f->outcomes & UINT32_C(1) << e->outcome) != 0 || (f->grade > 0 && e->grade >= f->grade);
}

/* Categories that follow from others: again until nothing changes, so that their order in the files does not matter. */
static void follow(const struct ruleset *rs, struct event_class *c)
{
    uint32_t before;

    do {
        before = c->categories;
        for (int i = 0; i < rs->n_cat; i++) {
            c->categories |= (rs->cat[i].from.categories & c->categories) != 0 ? UINT32_C(1) << i : 0;
        }
    } while (c->categories != before);
}

static void columns_of(const struct ruleset *rs, const struct columns *k, const struct event *e,
                       struct answer *a)
{
    uint32_t criteria = criteria_met(e);

    for (int i = 0; i < k->n_from; i++) {
        const struct source_terms *f = &rs->cat[k->from[i]].from;
        uint32_t cat = UINT32_C(1) << k->from[i];

        if (is_from_columns(f, e, criteria)) {
            a->c.categories |= cat;
            a->c.review &= ~cat;
        } else if (f->serious_flag && e->serious == TRI_UNKNOWN) {
            a->c.flags |= CLASS_UNKNOWN;
        }
    }
    a->c.flags |= e->form == FORM_INCOMPLETE ? CLASS_UNVERIFIED : 0;
}

/* Deaths that the words call unexplained, where the plan counts such as this category's. */
static void unknown_deaths(const struct ruleset *rs, struct event_class *c)
{
    uint64_t unknown = 0;

    for (int i = 0; i < rs->n_cat; i++) {
        if (rs->cat[i].unknown_death >= 0) {
            unknown |= UINT64_C(1) << rs->cat[i].unknown_death;
        }
    }
    for (int i = 0; i < rs->n_cat; i++) {
        uint32_t cat = UINT32_C(1) << i;

        if (rs->cat[i].takes_unknown_death >= 0 && (c->subtypes & unknown) != 0 &&
            (c->categories & cat) == 0) {
            c->categories |= cat;
            c->subtypes |= UINT64_C(1) << rs->cat[i].takes_unknown_death;
        }
    }
}

enum status pass_begin(struct ruleset *rs, const struct snapshot *s, const struct classify_options *o,
                       struct pass *ret, struct err *err)
{
    *ret = (struct pass){.rs = rs, .s = s, .o = o, .columns = columns_make(rs)};
    return memo_words_begin(rs, s->pool, err);
}

enum status pass_unjudged(struct pass *p, size_t i, struct answer *ret, struct err *err)
{
    enum status st = memo_words(p->rs, p->s->pool, &p->s->events[i], ret, err);

    if (st != OK) {
        return st;
    }
    columns_of(p->rs, &p->columns, &p->s->events[i], ret);
    if (ret->c.subtypes != 0 && p->o != NULL && p->o->unknown_death_is_cv) {
        unknown_deaths(p->rs, &ret->c);
    }
    if (p->columns.follows && ret->c.categories != 0) {
        follow(p->rs, &ret->c);
    }
    return OK;
}

static void keep(const struct pass *p, struct classes *out, size_t i, struct answer *a)
{
    if (a->c.subtypes != 0) {
        answer_composites(p->rs, &a->c);
    }
    answer_flags(a);
    out->events[i] = a->c;
}

static enum status adjudications(struct pass *p, struct classes *out, struct err *err)
{
    const struct snapshot *s = p->s;
    struct judgements j = {0};
    enum status st = judgements_new(s, &j, err);

    for (size_t i = 0; st == OK && i < j.n;) {
        uint32_t ev = j.item[i]->event;
        bool there = ev < s->n_events && !s->events[ev].deleted;
        struct answer a = {0};

        st = there ? pass_unjudged(p, ev, &a, err) : OK;
        if (st == OK) {
            i = judge(p->rs, s, &j, i, there ? &a : NULL);
        }
        if (st == OK && there) {
            keep(p, out, ev, &a);
        }
    }
    judgements_done(&j);
    return st;
}

/* has_fatal: an event of theirs is a death. */
static void classify_subject(const struct pass *p, bool has_fatal, size_t i, struct subject_class *c)
{
    const struct subject *sub = &p->s->subjects[i];
    struct event_class composites = {0};
    bool dead = false;

    c->first = c->last = DAY_NONE;
    for (int k = 0; k < p->rs->n_cat; k++) {
        const struct source_terms *f = &p->rs->cat[k].from;

        if ((f->death_flag && sub->death_flag) || (f->fu_reasons & UINT32_C(1) << sub->fu_reason) != 0) {
            c->categories |= UINT32_C(1) << k;
            dead = dead || f->death_flag;
        }
    }
    if (c->categories == 0) {
        return;
    }
    c->first = sub->death_date.prec != DATE_ABSENT ? sub->death_date.first : DAY_NONE;
    c->last = sub->death_date.prec != DATE_ABSENT ? sub->death_date.last : DAY_NONE;
    /* No event tells the cause. */
    if (dead && !has_fatal && p->o != NULL && p->o->unknown_death_is_cv) {
        for (int k = 0; k < p->rs->n_cat; k++) {
            if (p->rs->cat[k].takes_unknown_death >= 0) {
                c->categories |= UINT32_C(1) << k;
                c->subtypes |= UINT64_C(1) << p->rs->cat[k].takes_unknown_death;
            }
        }
    }
    composites.subtypes = c->subtypes;
    answer_composites(p->rs, &composites);
    c->subtypes = composites.subtypes;
}

enum status classify_snapshot(struct ruleset *rs, const struct snapshot *s, const struct classify_options *o,
                              struct classes *ret, struct err *err)
{
    struct classes out = {.n_events = s->n_events, .n_subjects = s->n_subjects};
    bool *has_fatal = NULL;
    struct pass p;
    enum status st = pass_begin(rs, s, o, &p, err);

    out.events = calloc(s->n_events + 1, sizeof *out.events);
    out.subjects = calloc(s->n_subjects + 1, sizeof *out.subjects);
    has_fatal = calloc(s->n_subjects + 1, sizeof *has_fatal);
    if (st == OK && (out.events == NULL || out.subjects == NULL || has_fatal == NULL)) {
        st = err_set(err, E_NOMEM, "classifying events");
    }
    for (size_t i = 0; st == OK && i < s->n_events; i++) {
        struct answer a;

        if (i + AHEAD < s->n_events) {
            memo_words_soon(rs, &s->events[i + AHEAD]);
        }
        if (s->events[i].deleted) {
            continue;
        }
        st = pass_unjudged(&p, i, &a, err);
        if (st == OK) {
            keep(&p, &out, i, &a);
        }
    }
    if (st == OK && s->n_adjudications > 0) {
        st = adjudications(&p, &out, err);
    }
    for (size_t i = 0; st == OK && i < s->n_events; i++) {
        if (s->events[i].subject < s->n_subjects && (out.events[i].categories & p.columns.deaths) != 0) {
            has_fatal[s->events[i].subject] = true;
        }
    }
    for (size_t i = 0; st == OK && i < s->n_subjects; i++) {
        classify_subject(&p, has_fatal[i], i, &out.subjects[i]);
    }
    if (st == OK) {
        *ret = out;
        out = (struct classes){0};
    }
    free(has_fatal);
    classes_done(&out);
    return st;
}
