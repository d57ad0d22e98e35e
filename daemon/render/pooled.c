#include "render/pooled.h"

#include <stdlib.h>

#include "render/figures.h"
#include "tally/terms.h"

static void quality(const struct snapshot *s, struct pooled *p)
{
    p->subjects = (int64_t)s->n_subjects;
    for (size_t i = 0; i < s->n_events; i++) {
        p->events += !s->events[i].deleted;
        p->deleted += s->events[i].deleted;
        p->incomplete += !s->events[i].deleted && s->events[i].form == FORM_INCOMPLETE;
    }
    for (size_t i = 0; i < s->n_queries; i++) {
        if ((size_t)s->queries[i].code < POOLED_QUERIES) {
            p->queries[s->queries[i].code]++;
        }
    }
}

static enum status disposition(const struct report_input *in, struct pooled *p, struct err *err)
{
    struct tally_options o = look_options(in->plan, in->rules, WINDOW_ALL, in->cut);
    struct population_counts *c = NULL;
    enum status st = tally_populations(in->snapshot, in->plan->arms.n, &o, &c, err);

    if (st != OK) {
        return st;
    }
    for (int i = 0; i < in->plan->arms.n + 2; i++) {
        if (c[i].arm == ROW_TOTAL) {
            p->randomised = c[i].randomised;
            p->dosed = c[i].dosed;
            p->ongoing = c[i].ongoing;
            p->completed = c[i].completed;
            p->withdrawn = c[i].withdrawn;
            p->lost = c[i].lost;
            p->died = c[i].died;
            p->other = c[i].other;
            p->followed_days = c[i].followed_days;
        }
    }
    free(c);
    return OK;
}

static enum status points(const struct report_input *in, int category, struct pooled_count *ret,
                          struct err *err)
{
    struct curve c = {0};
    enum status st = curve_of(in, category, ROW_TOTAL, &c, err);

    for (size_t i = 0; st == OK && i < CURVE_MONTHS; i++) {
        double t = curve_days(curve_month[i]);
        struct estimate e;

        if (t > c.last) {
            break;
        }
        st = incidence_at(c.steps, c.n_steps, t, 0.95, &e, err);
        if (st == OK) {
            ret->point[ret->n_points++] = (struct pooled_point){curve_month[i], curve_events(&c, t),
                                                                incidence_at_risk(c.times, c.n, t), e.value};
        }
    }
    curve_done(&c);
    return st;
}

static enum status terms(const struct report_input *in, struct pooled *p, struct err *err)
{
    struct tally_options o = look_options(in->plan, in->rules, WINDOW_ALL, in->cut);
    struct term_row *row = NULL;
    size_t n = 0;
    enum status st = tally_terms(in->snapshot, in->plan->arms.n, &o, &row, &n, err);

    if (st != OK) {
        return st;
    }
    for (size_t i = 0; i < n && p->n_terms < POOLED_TERMS; i++) {
        const char *name = row[i].shown == 0 ? "" : pool_str(in->snapshot->pool, row[i].shown);

        p->term[p->n_terms++] = (struct pooled_term){name, row[i].subjects[in->plan->arms.n + 1]};
    }
    free(row);
    return OK;
}

enum status pooled_of(const struct report_input *in, struct pooled *ret, struct err *err)
{
    struct pooled p = {.trial = in->plan->trial,
                       .title = in->plan->title,
                       .population = population_name(in->plan->population),
                       .cut = in->cut,
                       .current_to = in->data_cutoff != INSTANT_NONE ? in->data_cutoff : in->read_at,
                       .now = in->now};
    enum status st;

    quality(in->snapshot, &p);
    st = disposition(in, &p, err);
    if (st != OK) {
        return st;
    }
    for (int k = TALLY_ANY; k < ruleset_categories(in->rules); k++) {
        struct measure m = measure_of_category(in->plan, k);
        struct side s = side_of(in->result, &m, ROW_TOTAL);

        p.count[p.n_counts++] = (struct pooled_count){
            .name = k == TALLY_ANY ? "any" : ruleset_category(in->rules, k),
            .title = k == TALLY_ANY ? "Any adverse event" : ruleset_category_title(in->rules, k),
            .n = s.n,
            .subjects = s.subjects,
            .episodes = s.episodes,
            .risk_days = s.risk_days};
        if (s.subjects > 0 && (st = points(in, k, &p.count[p.n_counts - 1], err)) != OK) {
            return st;
        }
    }
    st = terms(in, &p, err);
    if (st == OK) {
        *ret = p;
    }
    return st;
}
