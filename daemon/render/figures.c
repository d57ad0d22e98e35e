#include "render/figures.h"

#include <math.h>

static const double CONFIDENCE = 0.95;

struct measure measure_of_category(const struct plan *p, int category)
{
    return (struct measure){.category = category,
                            .subtype = NO_SUBTYPE,
                            .population = p->population,
                            .window = WINDOW_ALL,
                            .basis = p->basis};
}

struct measure measure_of_monitor(const struct plan *p, const struct ruleset *rs, const struct monitor *m)
{
    struct measure x = measure_of_category(p, m->target.category);

    x.window = m->window;
    if (m->subtype[0] != '\0') {
        x.subtype = ruleset_find_subtype(rs, m->target.category, m->subtype);
    }
    return x;
}

struct side side_of(const struct look_result *r, const struct measure *m, int arm)
{
    const struct tally_row *t = tally_find(r->tallies, r->n_tallies, m->category, m->subtype, m->population,
                                           m->window, m->basis, arm);

    if (t == NULL) {
        return (struct side){0};
    }
    return (struct side){t->n, t->subjects, t->episodes, t->rows, t->risk_days, t->observed_days};
}

struct side side_experimental(const struct look_result *r, const struct measure *m, int n_arms,
                              arm_t comparison)
{
    struct side sum = {0};

    for (int arm = ARM_CONTROL + 1; arm < n_arms; arm++) {
        struct side s = side_of(r, m, arm);

        if (comparison != ARM_NONE && arm != comparison) {
            continue;
        }
        sum.n += s.n;
        sum.subjects += s.subjects;
        sum.episodes += s.episodes;
        sum.rows += s.rows;
        sum.risk_days += s.risk_days;
        sum.observed_days += s.observed_days;
    }
    return sum;
}

enum status contrast_of(const struct side *exp, const struct side *control, struct contrast *ret,
                        struct err *err)
{
    struct contrast c = {0};
    enum status st;

    if (exp->n > 0 && control->n > 0) {
        st = twobytwo_all(exp->subjects, exp->n, control->subjects, control->n, CONFIDENCE, &c.t, err);
        if (st != OK && st != E_NUMERIC) {
            return st;
        }
        c.ok = st == OK;
    }
    if (exp->risk_days > 0 && control->risk_days > 0) {
        st = rate_ratio_exact(exp->subjects, tally_years(exp->risk_days), control->subjects,
                              tally_years(control->risk_days), CONFIDENCE, &c.rate_ratio, err);
        if (st != OK && st != E_NUMERIC) {
            return st;
        }
        c.rate_ok = st == OK;
    }
    err_clear(err);
    *ret = c;
    return OK;
}

double rate_100(int64_t x, int64_t days)
{
    return days > 0 ? 100.0 * (double)x / tally_years(days) : (double)NAN;
}

static void add_blocks(const struct entry *e, double *sum, double *n)
{
    for (size_t i = 0; i < e->n_b2; i++) {
        const struct block *b = &e->b2[i];

        if (b->m > 0 && b->y1 + b->y0 > 0) {
            *sum += (double)b->m * log((double)b->y1 / (double)(b->y1 + b->y0));
            *n += (double)b->m;
        }
    }
}

double risk_share(const struct history *past, const struct entry *now)
{
    double sum = 0, n = 0;

    for (size_t i = 0; past != NULL && i < past->n; i++) {
        add_blocks(&past->entries[i], &sum, &n);
    }
    if (now != NULL) {
        add_blocks(now, &sum, &n);
    }
    return n > 0 ? exp(sum / n) : (double)NAN;
}
