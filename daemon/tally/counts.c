/* Counts by target, population, window, basis and arm, in one pass over the subjects. */
#include "tally/tally.h"

#include <stdlib.h>
#include <string.h>

#include "tally/span.h"

enum { TARGETS_MAX = 1 + CATEGORIES_MAX + SUBTYPES_MAX, POPULATIONS = 2, WINDOWS = 2, BASES = 2 };
enum {
    CONTEXTS = POPULATIONS * WINDOWS,
    AHEAD = 8 /* events asked of the memory before they are looked at */
};

/* What one subject has of one target. */
struct found {
    int64_t episodes, rows, unverified, suspected, review;
    str_id episode; /* the last one counted; events come ordered by episode */
    bool dated;
    day_t day;
};

struct plan {
    const struct tally_shape *shape;
    int n_targets;
    int category[TARGETS_MAX], subtype[TARGETS_MAX];
    int category_at[CATEGORIES_MAX], subtype_at[SUBTYPES_MAX]; /* their places among the targets */
    int n_slots;                                               /* arms, unknown, total */
    uint32_t categories;                                       /* those there are, as a mask */
    uint64_t subtypes_of[CATEGORIES_MAX];
};

/* What one subject has, and of which targets: the rest of `of` is not set, so that nothing need be cleared. */
struct haul {
    struct found of[TARGETS_MAX];
    bool any;
    uint32_t categories;
    uint64_t subtypes;
};

/* One population and window: how the subject at hand stands in it, and what all subjects so far gave. */
struct context {
    struct tally_options o;
    struct span span;
    struct haul haul;
    int64_t n[BASES][ARMS_MAX + 2], days[BASES][ARMS_MAX + 2];
};

/* Events by subject: those of subject i are order[start[i]] .. order[start[i+1] - 1], by episode. */
struct grouped {
    uint32_t *start, *order;
    size_t n; /* events in order */
};

static enum status plan_make(const struct tally_shape *shape, struct plan *p, struct err *err)
{
    *p = (struct plan){.shape = shape, .n_slots = shape->n_arms + 2};
    if (shape->n_arms < 1 || shape->n_arms > ARMS_MAX || shape->n_categories < 0 ||
        shape->n_categories > CATEGORIES_MAX || shape->n_subtypes < 0 || shape->n_subtypes > SUBTYPES_MAX) {
        return err_set(err, E_INTERNAL, "a tally of %d arms, %d categories, %d subtypes", shape->n_arms,
                       shape->n_categories, shape->n_subtypes);
    }
    p->category[0] = TALLY_ANY;
    p->subtype[0] = NO_SUBTYPE;
    p->n_targets = 1;
    for (int c = 0; c < shape->n_categories; c++) {
        p->categories |= UINT32_C(1) << c;
        p->category_at[c] = p->n_targets;
        p->category[p->n_targets] = c;
        p->subtype[p->n_targets++] = NO_SUBTYPE;
        for (int k = 0; k < shape->n_subtypes; k++) {
            if (shape->subtype_category[k] == c) {
                p->subtypes_of[c] |= UINT64_C(1) << k;
                p->subtype_at[k] = p->n_targets;
                p->category[p->n_targets] = c;
                p->subtype[p->n_targets++] = k;
            }
        }
    }
    for (int k = 0; k < shape->n_subtypes; k++) {
        if (shape->subtype_category[k] < 0 || shape->subtype_category[k] >= shape->n_categories) {
            return err_set(err, E_INTERNAL, "subtype %d belongs to no category", k);
        }
    }
    return OK;
}

static size_t row_at(const struct plan *p, int target, enum population pop, enum window win, enum basis basis,
                     int slot)
{
    size_t i = (size_t)target * POPULATIONS + (size_t)pop;

    i = (i * WINDOWS + (size_t)win) * BASES + (size_t)basis;
    return i * (size_t)p->n_slots + (size_t)slot;
}

static int slot_of_arm(const struct plan *p, arm_t arm)
{
    return arm >= 0 && arm < p->shape->n_arms ? arm : p->shape->n_arms;
}

struct by_episode {
    str_id episode;
    uint32_t event;
};

static int compare_episodes(const void *a, const void *b)
{
    const struct by_episode *x = a, *y = b;

    /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): only rows that were filled are sorted */
    if (x->episode != y->episode) {
        return x->episode < y->episode ? -1 : 1;
    }
    return (x->event > y->event) - (x->event < y->event);
}

static void grouped_done(struct grouped *g)
{
    free(g->start);
    free(g->order);
}

static enum status group_events(const struct snapshot *s, struct grouped *ret, struct err *err)
{
    uint32_t *start = calloc(s->n_subjects + 2, sizeof *start);
    uint32_t *order = malloc((s->n_events + 1) * sizeof *order);
    struct by_episode *by_subject = malloc((s->n_events + 1) * sizeof *by_subject);

    if (start == NULL || order == NULL || by_subject == NULL) {
        free(start);
        free(order);
        free(by_subject);
        return err_set(err, E_NOMEM, "a tally of %zu events", s->n_events);
    }
    /* Counted two places up, summed, then moved down by one as the places are filled: the counting sort. */
    for (size_t i = 0; i < s->n_events; i++) {
        const struct event *e = &s->events[i];

        if (!e->deleted && e->subject != NO_SUBJECT) {
            start[e->subject + 2]++;
        }
    }
    for (size_t i = 2; i < s->n_subjects + 2; i++) {
        start[i] += start[i - 1];
    }
    for (size_t i = 0; i < s->n_events; i++) {
        const struct event *e = &s->events[i];

        if (!e->deleted && e->subject != NO_SUBJECT) {
            by_subject[start[e->subject + 1]++] =
                (struct by_episode){.episode = e->episode, .event = (uint32_t)i};
        }
    }
    for (size_t i = 0; i < s->n_subjects; i++) {
        size_t n = start[i + 1] - start[i];
        bool sorted = true;

        for (size_t k = start[i] + 1; k < start[i + 1] && sorted; k++) {
            sorted = compare_episodes(&by_subject[k - 1], &by_subject[k]) <= 0;
        }
        if (!sorted) {
            qsort(by_subject + start[i], n, sizeof *by_subject, compare_episodes);
        }
        for (size_t k = start[i]; k < start[i + 1]; k++) {
            /* NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign): the loop above filled each place */
            order[k] = by_subject[k].event;
        }
    }
    free(by_subject);
    *ret = (struct grouped){.start = start, .order = order, .n = start[s->n_subjects]};
    return OK;
}

static void found_day(struct found *f, struct bounds b, const struct span *sp, bool death)
{
    unsigned flags = 0;
    day_t day = bounds_day(b, sp, death, &flags);
    bool dated = (flags & FIRST_UNKNOWN) == 0;

    if (f->day == DAY_NONE || (dated && !f->dated) || (dated == f->dated && day < f->day)) {
        f->day = day;
        f->dated = dated;
    }
}

static void found_row(struct found *f, const struct event *e, const struct event_class *k, struct bounds b,
                      const struct span *sp, bool death)
{
    f->rows++;
    f->unverified += e->form == FORM_INCOMPLETE;
    f->suspected += (k->flags & CLASS_SUSPECTED) != 0;
    if (e->episode == 0 || e->episode != f->episode) {
        f->episodes++;
    }
    f->episode = e->episode;
    found_day(f, b, sp, death);
}

static struct found *found_any(struct haul *h)
{
    if (!h->any) {
        h->any = true;
        h->of[0] = (struct found){.day = DAY_NONE};
    }
    return &h->of[0];
}

static struct found *found_category(const struct plan *p, struct haul *h, int category)
{
    struct found *f = &h->of[p->category_at[category]];

    if ((h->categories >> category & 1u) == 0) {
        h->categories |= UINT32_C(1) << category;
        *f = (struct found){.day = DAY_NONE};
    }
    return f;
}

static struct found *found_subtype(const struct plan *p, struct haul *h, int subtype)
{
    struct found *f = &h->of[p->subtype_at[subtype]];

    if ((h->subtypes >> subtype & 1u) == 0) {
        h->subtypes |= UINT64_C(1) << subtype;
        *f = (struct found){.day = DAY_NONE};
    }
    return f;
}

/* Where an event lies, the same in every context: by its onset, and by the day of death. */
struct dated {
    const struct event *e;
    const struct event_class *k;
    struct bounds onset, died;
    bool may_be_death;
};

/* What one event gives in one context, target by target. */
static void look_at_event(const struct plan *p, const struct subject *sub, const struct dated *d,
                          struct context *x)
{
    uint32_t all = (d->k->categories | d->k->review) & p->categories;
    bool onset_counts = bounds_count(d->onset, sub, &x->o);
    bool died_counts = d->may_be_death && bounds_count(d->died, sub, &x->o);

    if (onset_counts) {
        found_row(found_any(&x->haul), d->e, d->k, d->onset, &x->span, false);
    }
    for (; all != 0; all &= all - 1) {
        int cat = __builtin_ctz(all);
        bool death = cat == x->o.death_category;
        struct bounds b = death ? d->died : d->onset;

        if (!(death ? died_counts : onset_counts)) {
            continue;
        }
        if ((d->k->categories >> cat & 1u) == 0) {
            found_category(p, &x->haul, cat)->review++;
            continue;
        }
        found_row(found_category(p, &x->haul, cat), d->e, d->k, b, &x->span, death);
        for (uint64_t subs = d->k->subtypes & p->subtypes_of[cat]; subs != 0; subs &= subs - 1) {
            found_row(found_subtype(p, &x->haul, __builtin_ctzll(subs)), d->e, d->k, b, &x->span, death);
        }
    }
}

/* All that the subject's events give.  One after another, each in all contexts while it is in the processor's cache. */
static void look_at_events(const struct plan *p, const struct snapshot *s, const struct classes *c,
                           const struct grouped *g, size_t subject, const struct subject_facts *facts,
                           day_t read_day, struct context x[CONTEXTS])
{
    int death = x[0].o.death_category;
    uint32_t death_bit = death >= 0 && death < CATEGORIES_MAX ? UINT32_C(1) << death : 0;

    for (size_t i = g->start[subject]; i < g->start[subject + 1]; i++) {
        struct dated d = {.e = &s->events[g->order[i]], .k = &c->events[g->order[i]]};

        if (i + AHEAD < g->n) { /* those of one subject lie all over the array */
            __builtin_prefetch(&s->events[g->order[i + AHEAD]]);
            __builtin_prefetch(&c->events[g->order[i + AHEAD]]);
        }
        d.onset = d.died = bounds_of_event(d.e, facts, false, read_day);
        if (((d.k->categories | d.k->review) & p->categories & death_bit) != 0) {
            d.may_be_death = true;
            d.died = bounds_of_event(d.e, facts, true, read_day);
        }
        for (int j = 0; j < CONTEXTS; j++) {
            if (x[j].span.enter != DAY_NONE) {
                look_at_event(p, &s->subjects[subject], &d, &x[j]);
            }
        }
    }
}

static void found_by_row(struct found *f, struct bounds b, const struct span *sp, bool death)
{
    f->episodes += f->rows == 0;
    found_day(f, b, sp, death);
}

/* What the subject has by its own row: it makes an episode only where no event made one. */
static void look_at_subject(const struct plan *p, const struct subject *sub, const struct subject_class *k,
                            const struct subject_facts *facts, day_t read_day, struct context *x)
{
    for (uint32_t all = k->categories & p->categories; all != 0; all &= all - 1) {
        int cat = __builtin_ctz(all);
        bool death = cat == x->o.death_category;
        struct bounds b = bounds_of_subject(k->first, k->last, facts, death, read_day);

        if (!bounds_count(b, sub, &x->o)) {
            continue;
        }
        found_by_row(found_category(p, &x->haul, cat), b, &x->span, death);
        for (uint64_t subs = k->subtypes & p->subtypes_of[cat]; subs != 0; subs &= subs - 1) {
            found_by_row(found_subtype(p, &x->haul, __builtin_ctzll(subs)), b, &x->span, death);
        }
    }
}

static void add_found(struct tally_row *r, const struct found *f, const struct span *sp)
{
    r->episodes += f->episodes;
    r->rows += f->rows;
    r->unverified += f->unverified;
    r->suspected += f->suspected;
    r->review += f->review;
    if (f->day != DAY_NONE) {
        r->subjects++;
        r->risk_days -= sp->leave - f->day; /* not at risk of a first event after the first */
    }
}

/* What was found goes to the subject's arm and to the total, on both bases. */
static void add_target(const struct plan *p, const struct context *x, const int slots[BASES], int target,
                       struct tally_row *rows)
{
    const struct found *f = &x->haul.of[target];

    for (int basis = 0; basis < BASES; basis++) {
        struct tally_row *r = &rows[row_at(p, target, x->o.population, x->o.window, (enum basis)basis, 0)];

        add_found(&r[slots[basis]], f, &x->span);
        add_found(&r[p->n_slots - 1], f, &x->span);
    }
}

static void add_subject(const struct plan *p, struct context *x, const int slots[BASES],
                        struct tally_row *rows)
{
    int64_t d = x->span.enter == DAY_NONE ? 0 : x->span.leave - x->span.enter + 1;
    int total = p->n_slots - 1;

    for (int basis = 0; basis < BASES; basis++) {
        x->n[basis][slots[basis]]++;
        x->n[basis][total]++;
        x->days[basis][slots[basis]] += d;
        x->days[basis][total] += d;
    }
    if (x->haul.any) {
        add_target(p, x, slots, 0, rows);
    }
    for (uint32_t m = x->haul.categories; m != 0; m &= m - 1) {
        add_target(p, x, slots, p->category_at[__builtin_ctz(m)], rows);
    }
    for (uint64_t m = x->haul.subtypes; m != 0; m &= m - 1) {
        add_target(p, x, slots, p->subtype_at[__builtin_ctzll(m)], rows);
    }
}

static void finish_context(const struct plan *p, const struct context *x, struct tally_row *rows)
{
    for (int t = 0; t < p->n_targets; t++) {
        for (int basis = 0; basis < BASES; basis++) {
            for (int slot = 0; slot < p->n_slots; slot++) {
                struct tally_row *r =
                    &rows[row_at(p, t, x->o.population, x->o.window, (enum basis)basis, slot)];

                r->n = x->n[basis][slot];
                r->observed_days = x->days[basis][slot];
                r->risk_days += x->days[basis][slot];
            }
        }
    }
}

static void count_subjects(const struct plan *p, const struct snapshot *s, const struct classes *c,
                           const struct grouped *g, const struct subject_facts *facts,
                           const struct tally_options *o, struct context x[CONTEXTS], struct tally_row *rows)
{
    day_t read_day = span_read_day(s, o);

    for (int j = 0; j < CONTEXTS; j++) {
        x[j].o = *o;
        x[j].o.population = j / WINDOWS == 0 ? POP_RANDOMISED : POP_DOSED;
        x[j].o.window = j % WINDOWS == 0 ? WINDOW_ALL : WINDOW_TE;
    }
    for (size_t i = 0; i < s->n_subjects; i++) {
        const struct subject *sub = &s->subjects[i];
        int slots[BASES] = {slot_of_arm(p, subject_arm(sub, BASIS_PLANNED)),
                            slot_of_arm(p, subject_arm(sub, BASIS_ACTUAL))};

        for (int j = 0; j < CONTEXTS; j++) {
            x[j].span = span_of(sub, &facts[i], &x[j].o);
            x[j].haul.any = false;
            x[j].haul.categories = 0;
            x[j].haul.subtypes = 0;
        }
        look_at_events(p, s, c, g, i, &facts[i], read_day, x);
        for (int j = 0; j < CONTEXTS; j++) {
            if (x[j].span.enter != DAY_NONE) {
                look_at_subject(p, sub, &c->subjects[i], &facts[i], read_day, &x[j]);
            }
            if (x[j].span.in) {
                add_subject(p, &x[j], slots, rows);
            }
        }
    }
    for (int j = 0; j < CONTEXTS; j++) {
        finish_context(p, &x[j], rows);
    }
}

/* Events of nobody known: rows and episodes, in no arm. */
static void count_orphans(const struct plan *p, const struct snapshot *s, const struct classes *c,
                          const struct tally_options *o, struct tally_row *rows)
{
    day_t read_day = span_read_day(s, o);

    for (size_t i = 0; i < s->n_events; i++) {
        const struct event *e = &s->events[i];
        const struct event_class *k = &c->events[i];
        struct bounds b;

        if (e->deleted || e->subject != NO_SUBJECT) {
            continue;
        }
        b = bounds_of_event(e, NULL, false, read_day);
        if (b.lo != DAY_NONE && b.lo > o->cut_day) {
            continue;
        }
        for (int t = 0; t < p->n_targets; t++) {
            int cat = p->category[t], sub = p->subtype[t];
            bool has = cat == TALLY_ANY || ((k->categories >> cat & 1u) != 0 &&
                                            (sub == NO_SUBTYPE || (k->subtypes >> sub & 1u) != 0));

            for (int j = 0; has && j < BASES * 2; j++) {
                struct tally_row *r = &rows[row_at(p, t, POP_RANDOMISED, WINDOW_ALL, (enum basis)(j / 2),
                                                   p->n_slots - 1 - j % 2)];

                r->rows++;
                r->episodes++;
                r->unverified += e->form == FORM_INCOMPLETE;
                r->suspected += (k->flags & CLASS_SUSPECTED) != 0;
            }
        }
    }
}

static void name_rows(const struct plan *p, struct tally_row *rows)
{
    for (int t = 0; t < p->n_targets; t++) {
        for (int j = 0; j < POPULATIONS * WINDOWS * BASES; j++) {
            enum population pop = j / (WINDOWS * BASES) == 0 ? POP_RANDOMISED : POP_DOSED;
            enum window win = j / BASES % WINDOWS == 0 ? WINDOW_ALL : WINDOW_TE;
            enum basis basis = j % BASES == 0 ? BASIS_PLANNED : BASIS_ACTUAL;

            for (int slot = 0; slot < p->n_slots; slot++) {
                int arm = slot < p->shape->n_arms    ? slot
                          : slot == p->shape->n_arms ? ROW_ARM_UNKNOWN
                                                     : ROW_TOTAL;

                rows[row_at(p, t, pop, win, basis, slot)] = (struct tally_row){.category = p->category[t],
                                                                               .subtype = p->subtype[t],
                                                                               .population = pop,
                                                                               .window = win,
                                                                               .basis = basis,
                                                                               .arm = arm};
            }
        }
    }
}

enum status tally_counts(const struct snapshot *s, const struct classes *c, const struct tally_shape *shape,
                         const struct tally_options *o, struct tally_row **ret, size_t *n_ret,
                         struct err *err)
{
    struct plan p;
    struct grouped g = {0};
    struct subject_facts *facts = NULL;
    struct tally_row *rows = NULL;
    struct context *contexts = NULL;
    size_t n = 0;
    enum status st = plan_make(shape, &p, err);

    if (st == OK && (c->n_events != s->n_events || c->n_subjects != s->n_subjects)) {
        st = err_set(err, E_INTERNAL, "the classes are not of this snapshot");
    }
    if (st == OK) {
        st = span_facts(s, o, &facts, err);
    }
    if (st == OK) {
        st = group_events(s, &g, err);
    }
    if (st != OK) {
        goto out;
    }
    n = row_at(&p, p.n_targets, POP_RANDOMISED, WINDOW_ALL, BASIS_PLANNED, 0);
    rows = malloc(n * sizeof *rows);
    contexts = calloc(CONTEXTS, sizeof *contexts);
    if (rows == NULL || contexts == NULL) {
        st = err_set(err, E_NOMEM, "a tally of %zu rows", n);
        goto out;
    }
    name_rows(&p, rows);
    count_subjects(&p, s, c, &g, facts, o, contexts, rows);
    count_orphans(&p, s, c, o, rows);
    *ret = rows;
    rows = NULL;
    *n_ret = n;
out:
    free(rows);
    free(contexts);
    grouped_done(&g);
    free(facts);
    return st;
}

const struct tally_row *tally_find(const struct tally_row *rows, size_t n, int category, int subtype,
                                   enum population population, enum window window, enum basis basis, int arm)
{
    for (size_t i = 0; i < n; i++) {
        const struct tally_row *r = &rows[i];

        if (r->category == category && r->subtype == subtype && r->population == population &&
            r->window == window && r->basis == basis && r->arm == arm) {
            return r;
        }
    }
    return NULL;
}
