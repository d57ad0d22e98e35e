/* Who was randomised, dosed, followed, and for how long, by arm. */
#include "tally/tally.h"

#include <stdlib.h>

#include "tally/span.h"

static bool died_by(const struct subject_facts *f, day_t day)
{
    return f->dead && (f->death_lo == DAY_NONE || f->death_lo <= day);
}

/* The day follow-up could have gone on to: the cut, for who left early. */
static day_t potential_end(const struct subject *sub, bool died, day_t leave, day_t cut)
{
    if (died) {
        return leave;
    }
    switch (sub->fu_reason) {
    case FU_WITHDRAWN:
    case FU_LOST:
    case FU_OTHER:
        return cut;
    case FU_NONE:
    case FU_COMPLETED:
    case FU_DEATH:
        break;
    }
    return leave;
}

static void count_end(struct population_counts *p, const struct subject *sub, const struct subject_facts *f,
                      day_t cut)
{
    if (died_by(f, cut)) {
        p->died++;
        p->undated_deaths += f->death_lo == DAY_NONE;
        return;
    }
    if (sub->fu_end != DAY_NONE && sub->fu_end > cut) {
        p->ongoing++;
        return;
    }
    switch (sub->fu_reason) {
    case FU_NONE:
        p->ongoing += sub->fu_end == DAY_NONE;
        p->other += sub->fu_end != DAY_NONE; /* an end without a reason */
        return;
    case FU_COMPLETED:
        p->completed++;
        return;
    case FU_WITHDRAWN:
        p->withdrawn++;
        return;
    case FU_LOST:
        p->lost++;
        return;
    case FU_DEATH: /* a death dated after the cut */
        p->ongoing++;
        return;
    case FU_OTHER:
        p->other++;
        return;
    }
}

static void count_subject(struct population_counts *p, const struct subject *sub,
                          const struct subject_facts *f, const struct span *sp, day_t cut)
{
    bool dosed = sub->first_dose != DAY_NONE && sub->first_dose <= cut;
    bool ended = sub->last_dose != DAY_NONE && sub->last_dose <= cut;

    p->randomised++;
    p->dosed += dosed;
    count_end(p, sub, f, cut);
    p->followed_days += sp->leave - sp->enter + 1;
    p->potential_days += potential_end(sub, died_by(f, cut), sp->leave, cut) - sp->enter + 1;
    if (dosed) {
        day_t last = ended ? sub->last_dose : sp->leave;

        p->treatment_ended += ended;
        p->exposed_days += last < sub->first_dose ? 1 : last - sub->first_dose + 1;
    }
}

enum status tally_populations(const struct snapshot *s, int n_arms, const struct tally_options *o,
                              struct population_counts **ret, struct err *err)
{
    struct tally_options all = *o;
    struct subject_facts *facts = NULL;
    struct population_counts *p;
    enum status st;

    if (n_arms < 1 || n_arms > ARMS_MAX) {
        return err_set(err, E_INTERNAL, "a tally of %d arms", n_arms);
    }
    p = calloc((size_t)n_arms + 2, sizeof *p);
    if (p == NULL) {
        return err_set(err, E_NOMEM, "a tally of %zu subjects", s->n_subjects);
    }
    for (int i = 0; i < n_arms + 2; i++) {
        p[i].arm = i < n_arms ? i : i == n_arms ? ROW_ARM_UNKNOWN : ROW_TOTAL;
    }
    all.population = POP_RANDOMISED;
    all.window = WINDOW_ALL;
    st = span_facts(s, o, &facts, err);
    for (size_t i = 0; st == OK && i < s->n_subjects; i++) {
        const struct subject *sub = &s->subjects[i];
        struct span sp = span_of(sub, &facts[i], &all);
        arm_t arm = subject_arm(sub, o->basis);

        if (sp.in) {
            count_subject(&p[arm >= 0 && arm < n_arms ? arm : n_arms], sub, &facts[i], &sp, o->cut_day);
            count_subject(&p[n_arms + 1], sub, &facts[i], &sp, o->cut_day);
        }
    }
    if (st == OK) {
        *ret = p;
        p = NULL;
    }
    free(facts);
    free(p);
    return st;
}
