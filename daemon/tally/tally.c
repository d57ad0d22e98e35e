#include "tally/tally.h"

#include <stdlib.h>

#include "tally/span.h"

struct tally_options tally_defaults(day_t cut_day)
{
    return (struct tally_options){.population = POP_RANDOMISED,
                                  .basis = BASIS_PLANNED,
                                  .window = WINDOW_ALL,
                                  .te_days = TE_NO_END,
                                  .cut_day = cut_day,
                                  .read_day = DAY_NONE,
                                  .death_category = NO_CATEGORY};
}

/* Dated before undated, then the earlier, then the smaller index: what comes first does not depend on the order read. */
static bool comes_before(const struct first_event *a, const struct first_event *b)
{
    unsigned ua = a->flags & FIRST_UNKNOWN, ub = b->flags & FIRST_UNKNOWN;

    if (ua != ub) {
        return ua < ub;
    }
    return a->day != b->day ? a->day < b->day : a->event < b->event;
}

struct work {
    struct subject_facts *facts;
    struct span *spans;
    struct first_event *best; /* per subject; .subject NO_SUBJECT: none yet */
};

static void work_done(struct work *w)
{
    free(w->facts);
    free(w->spans);
    free(w->best);
}

static void offer(struct work *w, struct first_event f, struct bounds b, bool death)
{
    struct first_event *best = &w->best[f.subject];

    f.day = bounds_day(b, &w->spans[f.subject], death, &f.flags);
    /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): find_first marks each subject */
    if (best->subject == NO_SUBJECT || comes_before(&f, best)) {
        *best = f;
    }
}

static enum status find_first(const struct snapshot *s, const struct classes *c, struct tally_target target,
                              const struct tally_options *o, struct work *w, struct err *err)
{
    day_t read_day = span_read_day(s, o);
    bool death = target.category != TALLY_ANY && target.category == o->death_category;
    enum status st;

    if (c->n_events != s->n_events || c->n_subjects != s->n_subjects) {
        return err_set(err, E_INTERNAL, "the classes are not of this snapshot");
    }
    st = span_facts(s, o, &w->facts, err);
    if (st != OK) {
        return st;
    }
    w->spans = malloc((s->n_subjects + 1) * sizeof *w->spans);
    w->best = malloc((s->n_subjects + 1) * sizeof *w->best);
    if (w->spans == NULL || w->best == NULL) {
        return err_set(err, E_NOMEM, "a tally of %zu subjects", s->n_subjects);
    }
    for (size_t i = 0; i < s->n_subjects; i++) {
        w->spans[i] = span_of(&s->subjects[i], &w->facts[i], o);
        w->best[i].subject = NO_SUBJECT;
    }
    for (size_t i = 0; i < s->n_events; i++) {
        const struct event *e = &s->events[i];
        const struct event_class *k = &c->events[i];
        struct bounds b;

        /* The class first: mostly it says no, and the event need not be fetched. */
        if (!in_target(k->categories, k->subtypes, target) || e->deleted || e->subject == NO_SUBJECT ||
            /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): the loop above set each span */
            w->spans[e->subject].enter == DAY_NONE) {
            continue;
        }
        b = bounds_of_event(e, &w->facts[e->subject], death, read_day);
        if (bounds_count(b, &s->subjects[e->subject], o)) {
            unsigned flags = e->form == FORM_INCOMPLETE ? FIRST_UNVERIFIED : 0u;

            flags |= (k->flags & CLASS_SUSPECTED) != 0 ? FIRST_SUSPECTED : 0u;
            offer(w,
                  (struct first_event){
                      .subject = e->subject, .event = (uint32_t)i, .onset = e->onset, .flags = flags},
                  b, death);
        }
    }
    for (size_t i = 0; i < s->n_subjects && (target.category != TALLY_ANY || target.subtypes != 0); i++) {
        const struct subject_class *k = &c->subjects[i];
        struct bounds b;

        if (!in_target(k->categories, k->subtypes, target) || w->spans[i].enter == DAY_NONE) {
            continue;
        }
        b = bounds_of_subject(k->first, k->last, &w->facts[i], death, read_day);
        if (bounds_count(b, &s->subjects[i], o)) {
            offer(w,
                  (struct first_event){
                      .subject = (uint32_t)i, .event = NO_EVENT, .onset = s->subjects[i].death_date},
                  b, death);
        }
    }
    for (size_t i = 0; i < s->n_subjects; i++) {
        w->best[i].arm = subject_arm(&s->subjects[i], o->basis);
    }
    return OK;
}

static struct first_event *take_events(struct work *w, size_t n_subjects, size_t *n_ret)
{
    struct first_event *best = w->best;
    size_t n = 0;

    for (size_t i = 0; i < n_subjects; i++) {
        if (best[i].subject != NO_SUBJECT) {
            best[n++] = best[i];
        }
    }
    w->best = NULL;
    *n_ret = n;
    return best;
}

static enum status make_times(const struct work *w, size_t n_subjects, struct risk_time **ret,
                              struct err *err)
{
    struct risk_time *t = malloc((n_subjects + 1) * sizeof *t);

    if (t == NULL) {
        return err_set(err, E_NOMEM, "a tally of %zu subjects", n_subjects);
    }
    for (size_t i = 0; i < n_subjects; i++) {
        t[i] = (struct risk_time){.arm = w->best[i].arm,
                                  .enter = w->spans[i].enter,
                                  .leave = w->spans[i].leave,
                                  .event = w->best[i].subject == NO_SUBJECT ? DAY_NONE : w->best[i].day};
    }
    *ret = t;
    return OK;
}

enum status tally_first_events(const struct snapshot *s, const struct classes *c, struct tally_target target,
                               const struct tally_options *o, struct first_event **ret, size_t *n_ret,
                               struct err *err)
{
    struct work w = {0};
    enum status st = find_first(s, c, target, o, &w, err);

    if (st == OK) {
        *ret = take_events(&w, s->n_subjects, n_ret);
    }
    work_done(&w);
    return st;
}

enum status tally_risk_times(const struct snapshot *s, const struct classes *c, struct tally_target target,
                             const struct tally_options *o, struct risk_time **ret, struct err *err)
{
    struct work w = {0};
    enum status st = find_first(s, c, target, o, &w, err);

    if (st == OK) {
        st = make_times(&w, s->n_subjects, ret, err);
    }
    work_done(&w);
    return st;
}

enum status tally_events_and_times(const struct snapshot *s, const struct classes *c,
                                   struct tally_target target, const struct tally_options *o,
                                   struct first_event **first, size_t *n_first, struct risk_time **times,
                                   struct err *err)
{
    struct work w = {0};
    enum status st = find_first(s, c, target, o, &w, err);

    if (st == OK) {
        st = make_times(&w, s->n_subjects, times, err);
    }
    if (st == OK) {
        *first = take_events(&w, s->n_subjects, n_first);
    }
    work_done(&w);
    return st;
}

double tally_years(int64_t days)
{
    return (double)days / 365.25;
}

const char *population_name(enum population p)
{
    switch (p) {
    case POP_RANDOMISED:
        return "randomised";
    case POP_DOSED:
        return "dosed";
    }
    return "?";
}

const char *basis_name(enum basis b)
{
    switch (b) {
    case BASIS_PLANNED:
        return "planned";
    case BASIS_ACTUAL:
        return "actual";
    }
    return "?";
}

const char *window_name(enum window w)
{
    switch (w) {
    case WINDOW_ALL:
        return "all";
    case WINDOW_TE:
        return "treatment-emergent";
    }
    return "?";
}
