/* A whole snapshot: the memo's answers, then what the other columns and the adjudications say. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/pool.h"
#include "classify/ruleset.h"

enum { AHEAD = 8 }; /* events whose words are asked of the memory before they are looked up */

void classes_done(struct classes *c)
{
    free(c->events);
    free(c->subjects);
    *c = (struct classes){0};
}

/* What of the rules a snapshot's events are held against, gathered once. */
struct columns {
    int from[CATEGORIES_MAX]; /* categories that follow from an event's own columns */
    int n_from;
    bool follows;    /* there are categories that follow from others */
    uint32_t deaths; /* categories that a death flag sets */
};

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

static uint64_t plain_subtypes(const struct ruleset *rs, int cat)
{
    uint64_t m = 0;

    for (int i = 0; i < rs->n_sub; i++) {
        m |= rs->sub[i].category == cat && rs->sub[i].members == 0 ? UINT64_C(1) << i : 0;
    }
    return m;
}

/* What an adjudication names: a category, or a subtype of one (a composite cannot be judged by itself). */
static bool judged(const struct ruleset *rs, const char *name, int *cat, uint64_t *sub)
{
    for (int i = 0; i < rs->n_cat; i++) {
        if (strcasecmp(rs->cat[i].name, name) == 0) {
            *cat = i;
            *sub = 0;
            return true;
        }
    }
    for (int i = 0; i < rs->n_sub; i++) {
        if (rs->sub[i].members == 0 && strcasecmp(rs->sub[i].name, name) == 0) {
            *cat = rs->sub[i].category;
            *sub = UINT64_C(1) << i;
            return true;
        }
    }
    return false;
}

static void adjudicate(const struct ruleset *rs, uint8_t verdict, int i, uint64_t sub, struct answer *a)
{
    uint32_t cat = UINT32_C(1) << i;
    uint64_t mine = plain_subtypes(rs, i);

    if (verdict == ADJ_PENDING) {
        a->conflict |= cat;
        return;
    }
    if (verdict == ADJ_CONFIRMED) {
        a->c.categories |= cat;
        a->c.subtypes |= sub;
        if ((a->c.subtypes & mine) == 0 && rs->cat[i].residual >= 0) {
            a->c.subtypes |= UINT64_C(1) << rs->cat[i].residual;
        }
    } else if (verdict == ADJ_REFUTED) {
        a->c.subtypes &= ~(sub == 0 ? mine : sub);
        if (sub == 0 || (a->c.subtypes & mine) == 0) {
            a->c.categories &= ~cat;
        }
    } else {
        return;
    }
    a->c.review &= ~cat;
    a->suspected &= ~cat;
    a->conflict &= ~cat;
}

struct pass {
    struct ruleset *rs;
    const struct snapshot *s;
    const struct classify_options *o;
    struct classes *out;
    struct columns columns;
    bool *has_fatal; /* by subject: an event of theirs is a death */
};

/* All that is known of one event before anyone judged it. */
static enum status unjudged(struct pass *p, size_t i, struct answer *ret, struct err *err)
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

static void keep(struct pass *p, size_t i, struct answer *a)
{
    if (a->c.subtypes != 0) {
        answer_composites(p->rs, &a->c);
    }
    answer_flags(a);
    p->out->events[i] = a->c;
}

static int by_event(const void *a, const void *b)
{
    const struct adjudication *const *x = a, *const *y = b;

    if ((*x)->event != (*y)->event) {
        return (*x)->event < (*y)->event ? -1 : 1;
    }
    return *x < *y ? -1 : *x > *y ? 1 : 0; /* of one list: the order given decides */
}

static enum status adjudications(struct pass *p, struct err *err)
{
    const struct snapshot *s = p->s;
    const struct adjudication **list = calloc(s->n_adjudications + 1, sizeof(*list));
    enum status st = OK;

    if (list == NULL) {
        return err_set(err, E_NOMEM, "classifying events");
    }
    for (size_t i = 0; i < s->n_adjudications; i++) {
        list[i] = &s->adjudications[i];
    }
    qsort(list, s->n_adjudications, sizeof(*list), by_event);
    for (size_t i = 0; st == OK && i < s->n_adjudications;) {
        uint32_t ev = list[i]->event;
        bool there = ev < s->n_events && !s->events[ev].deleted;
        struct answer a = {0};

        st = there ? unjudged(p, ev, &a, err) : OK;
        for (; i < s->n_adjudications && list[i]->event == ev; i++) {
            const char *name = pool_str(s->pool, list[i]->category);
            uint64_t sub;
            int cat;

            if (st == OK && there && name != NULL && judged(p->rs, name, &cat, &sub)) {
                adjudicate(p->rs, list[i]->verdict, cat, sub, &a);
            }
        }
        if (st == OK && there) {
            keep(p, ev, &a);
        }
    }
    free(list);
    return st;
}

static void classify_subject(const struct pass *p, size_t i)
{
    const struct subject *sub = &p->s->subjects[i];
    struct subject_class *c = &p->out->subjects[i];
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
    if (dead && !p->has_fatal[i] && p->o != NULL && p->o->unknown_death_is_cv) {
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
    struct pass p = {.rs = rs, .s = s, .o = o, .out = &out, .columns = columns_make(rs)};
    enum status st = memo_words_begin(rs, s->pool, err);

    out.events = calloc(s->n_events + 1, sizeof *out.events);
    out.subjects = calloc(s->n_subjects + 1, sizeof *out.subjects);
    p.has_fatal = calloc(s->n_subjects + 1, sizeof *p.has_fatal);
    if (st == OK && (out.events == NULL || out.subjects == NULL || p.has_fatal == NULL)) {
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
        st = unjudged(&p, i, &a, err);
        if (st == OK) {
            keep(&p, i, &a);
        }
    }
    if (st == OK && s->n_adjudications > 0) {
        st = adjudications(&p, err);
    }
    for (size_t i = 0; st == OK && i < s->n_events; i++) {
        if (s->events[i].subject < s->n_subjects && (out.events[i].categories & p.columns.deaths) != 0) {
            p.has_fatal[s->events[i].subject] = true;
        }
    }
    for (size_t i = 0; st == OK && i < s->n_subjects; i++) {
        classify_subject(&p, i);
    }
    if (st == OK) {
        *ret = out;
        out = (struct classes){0};
    }
    free(p.has_fatal);
    classes_done(&out);
    return st;
}
