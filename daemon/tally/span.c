#include "tally/span.h"

#include <stdlib.h>

day_t span_read_day(const struct snapshot *s, const struct tally_options *o)
{
    if (o->read_day != DAY_NONE) {
        return o->read_day;
    }
    return s->data_cutoff == INSTANT_NONE ? DAY_NONE : instant_day(s->data_cutoff);
}

/* Nothing that is recorded can begin after it was read. */
static bool impossible(day_t lo, day_t read_day)
{
    return lo != DAY_NONE && read_day != DAY_NONE && lo > read_day;
}

static day_t later(day_t a, day_t b)
{
    return a == DAY_NONE || (b != DAY_NONE && b > a) ? b : a;
}

static day_t earlier(day_t a, day_t b)
{
    return a == DAY_NONE || (b != DAY_NONE && b < a) ? b : a;
}

static bool is_fatal(const struct event *e)
{
    return e->outcome == OUT_FATAL || e->crit[CRIT_DEATH] == TRI_YES;
}

static void hear(struct subject_facts *f, day_t day, day_t read_day)
{
    if (!impossible(day, read_day)) {
        f->last_heard = later(f->last_heard, day);
    }
}

enum status span_facts(const struct snapshot *s, const struct tally_options *o, struct subject_facts **ret,
                       struct err *err)
{
    struct subject_facts *facts = calloc(s->n_subjects + 1, sizeof *facts);
    day_t read_day = span_read_day(s, o);

    if (facts == NULL) {
        return err_set(err, E_NOMEM, "a tally of %zu subjects", s->n_subjects);
    }
    for (size_t i = 0; i < s->n_subjects; i++) {
        const struct subject *sub = &s->subjects[i];
        struct subject_facts *f = &facts[i];
        bool dated = sub->death_date.prec != DATE_ABSENT && !impossible(sub->death_date.first, read_day);

        *f = (struct subject_facts){.dead = sub->death_flag || sub->fu_reason == FU_DEATH ||
                                            sub->death_date.prec != DATE_ABSENT,
                                    .death_lo = dated ? sub->death_date.first : DAY_NONE,
                                    .death_hi = dated ? sub->death_date.last : DAY_NONE,
                                    .last_heard = sub->rand};
        hear(f, sub->first_dose, read_day);
        hear(f, sub->last_dose, read_day);
    }
    for (size_t i = 0; i < s->n_events; i++) {
        const struct event *e = &s->events[i];
        struct subject_facts *f = e->subject == NO_SUBJECT ? NULL : &facts[e->subject];

        if (f == NULL || e->deleted) {
            continue;
        }
        hear(f, e->onset.first, read_day);
        hear(f, e->resolved.first, read_day);
        if (!is_fatal(e)) {
            continue;
        }
        f->dead = true;
        /* The subject's own date goes before; of several fatal events the earliest end is taken. */
        if (s->subjects[e->subject].death_date.prec == DATE_ABSENT && e->resolved.prec != DATE_ABSENT &&
            !impossible(e->resolved.first, read_day)) {
            f->death_lo = earlier(f->death_lo, e->resolved.first);
            f->death_hi = earlier(f->death_hi, e->resolved.last);
        }
    }
    *ret = facts;
    return OK;
}

struct span span_of(const struct subject *sub, const struct subject_facts *f, const struct tally_options *o)
{
    struct span sp = {.enter = DAY_NONE, .leave = DAY_NONE};
    bool dosed = sub->first_dose != DAY_NONE && sub->first_dose <= o->cut_day;

    sp.in = sub->rand != DAY_NONE && sub->rand <= o->cut_day && (o->population == POP_RANDOMISED || dosed);
    if (!sp.in || (o->window == WINDOW_TE && !dosed)) {
        return sp;
    }
    sp.enter =
        o->population == POP_DOSED || o->window == WINDOW_TE ? later(sub->rand, sub->first_dose) : sub->rand;
    sp.leave = earlier(o->cut_day, sub->fu_end);
    sp.leave = earlier(sp.leave, f->death_hi);
    if (sub->fu_end == DAY_NONE && f->death_hi == DAY_NONE && (f->dead || sub->fu_reason != FU_NONE)) {
        sp.leave = earlier(sp.leave, f->last_heard);
    }
    if (o->window == WINDOW_TE && o->te_days >= 0 && sub->last_dose != DAY_NONE) {
        sp.leave = earlier(sp.leave, sub->last_dose + o->te_days);
    }
    if (sp.leave < sp.enter) {
        sp.leave = sp.enter;
    }
    return sp;
}

struct bounds bounds_of_event(const struct event *e, const struct subject_facts *f, bool death,
                              day_t read_day)
{
    struct bounds b = {.lo = e->onset.first, .hi = e->onset.last};

    if (death && f != NULL && f->death_lo != DAY_NONE) {
        return (struct bounds){.lo = f->death_lo, .hi = f->death_hi};
    }
    if (impossible(b.lo, read_day)) {
        b = (struct bounds){DAY_NONE, DAY_NONE};
    }
    /* It had begun when it ended: an end narrows a partial or missing onset (one before the onset is an error). */
    if (e->resolved.last != DAY_NONE && (b.lo == DAY_NONE || e->resolved.last >= b.lo)) {
        b.hi = earlier(b.hi, e->resolved.last);
    }
    return b;
}

struct bounds bounds_of_subject(day_t first, day_t last, const struct subject_facts *f, bool death,
                                day_t read_day)
{
    struct bounds b = {.lo = first, .hi = last == DAY_NONE ? first : last};

    if (death && f->death_lo != DAY_NONE) {
        return (struct bounds){.lo = f->death_lo, .hi = f->death_hi};
    }
    return impossible(first, read_day) ? (struct bounds){DAY_NONE, DAY_NONE} : b;
}

bool bounds_count(struct bounds b, const struct subject *sub, const struct tally_options *o)
{
    if (b.lo != DAY_NONE && b.lo > o->cut_day) {
        return false;
    }
    if (o->window == WINDOW_ALL) {
        return true;
    }
    if (sub->first_dose == DAY_NONE || (b.hi != DAY_NONE && b.hi < sub->first_dose)) {
        return false;
    }
    return o->te_days < 0 || sub->last_dose == DAY_NONE || b.lo == DAY_NONE ||
           b.lo <= sub->last_dose + o->te_days;
}

day_t bounds_day(struct bounds b, const struct span *sp, bool death, unsigned *flags)
{
    if (b.lo == DAY_NONE) {
        *flags |= FIRST_UNKNOWN;
        return death ? sp->leave : sp->enter;
    }
    if (b.lo != b.hi) {
        *flags |= FIRST_PARTIAL;
    }
    if (b.lo > sp->leave || b.hi < sp->enter) {
        *flags |= FIRST_OUTSIDE;
    }
    return b.lo < sp->enter ? sp->enter : b.lo > sp->leave ? sp->leave : b.lo;
}

bool in_target(uint32_t categories, uint64_t subtypes, struct tally_target t)
{
    if (t.category != TALLY_ANY && (categories >> t.category & 1u) == 0) {
        return false;
    }
    return t.subtypes == 0 || (subtypes & t.subtypes) != 0;
}

arm_t subject_arm(const struct subject *sub, enum basis basis)
{
    switch (basis) {
    case BASIS_PLANNED:
        return sub->arm_planned;
    case BASIS_ACTUAL:
        return sub->arm_actual;
    }
    return ARM_NONE;
}
