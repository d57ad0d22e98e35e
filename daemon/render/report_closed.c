/*
 * report_closed.c - the closed report as facts: by arm, with every monitor's ledger.
 */
#include "render/report_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "render/figures.h"
#include "render/format.h"
#include "render/words.h"

enum { TITLE_SHOWN = 120, NOTE_SHOWN = 1000 };

struct closed {
    const struct report_input *in;
    struct arm_names names;
    struct facts *f;
};

static void text(struct facts *f, struct place at, const char *statistic, const char *s, size_t max)
{
    struct buf b = {0};

    text_show(&b, s, strlen(s), max);
    facts_text_take(f, at, statistic, &b);
}

static void label(struct facts *f, const char *item, const char *title)
{
    struct buf b = {0};

    text_show(&b, title, strlen(title), TITLE_SHOWN);
    facts_lost(f, &b);
    facts_label(f, item, buf_cstr(&b));
    buf_wipe(&b);
}

static void about(struct closed *c)
{
    const struct report_input *in = c->in;
    struct place at = {"about", "", ""};
    struct facts *f = c->f;
    struct buf b = {0};

    facts_text(f, at, "report", "CLOSED report: by arm, for the data and safety monitoring board only");
    text(f, at, "trial", in->plan->trial, TITLE_SHOWN);
    text(f, at, "title", in->plan->title, TITLE_SHOWN);
    facts_int(f, at, "look", in->look, NULL);
    fmt_day(&b, in->cut);
    facts_text_take(f, at, "counted_to", &b);
    fmt_instant(&b, in->data_cutoff);
    facts_text_take(f, at, "data_current_to", &b);
    fmt_instant(&b, in->read_at);
    facts_text_take(f, at, "read_at", &b);
    fmt_instant(&b, in->now);
    facts_text_take(f, at, "written", &b);
    buf_fmt(&b, "%s, %s arm", population_name(in->plan->population), basis_name(in->plan->basis));
    facts_text_take(f, at, "population", &b);
    if (in->plan->te_days == TE_NO_END) {
        buf_str(&b, "onset on or after the first dose");
    } else {
        buf_fmt(&b, "onset from the first dose to %d days after the last", in->plan->te_days);
    }
    facts_text_take(f, at, "treatment_emergent", &b);
    facts_text(f, at, "snapshot_sha256", in->snapshot_hash);
    facts_text(f, at, "plan_sha256", in->plan_hash);
    if (in->plan->note[0] != '\0') {
        text(f, at, "note_of_the_plan", in->plan->note, NOTE_SHOWN);
    }
}

static void quality(struct closed *c)
{
    const struct snapshot *s = c->in->snapshot;
    const struct classes *k = &c->in->result->classes;
    struct place at = {"quality", "", ""};
    int64_t live = 0, deleted = 0, incomplete = 0, review = 0, unknown_arm = 0, queries[POOLED_QUERIES] = {0};

    for (size_t i = 0; i < s->n_events; i++) {
        live += !s->events[i].deleted;
        deleted += s->events[i].deleted;
        incomplete += !s->events[i].deleted && s->events[i].form == FORM_INCOMPLETE;
        review += i < k->n_events && (k->events[i].review != 0 || (k->events[i].flags & CLASS_REVIEW) != 0);
    }
    for (size_t i = 0; i < s->n_subjects; i++) {
        unknown_arm += s->subjects[i].rand != DAY_NONE && s->subjects[i].arm_planned == ARM_NONE;
    }
    for (size_t i = 0; i < s->n_queries; i++) {
        queries[s->queries[i].code]++;
    }
    facts_int(c->f, at, "subjects_read", (int64_t)s->n_subjects, NULL);
    facts_int(c->f, at, "events_read", live, NULL);
    facts_int(c->f, at, "events_deleted", deleted, NULL);
    facts_int(c->f, at, "forms_incomplete", incomplete, NULL);
    facts_int(c->f, at, "to_review", review, NULL);
    facts_int(c->f, at, "arm_unknown", unknown_arm, NULL);
    at.section = "queries";
    for (size_t i = 0; i < POOLED_QUERIES; i++) {
        if (queries[i] > 0) {
            at.item = query_name((enum query_code)i);
            facts_label(c->f, at.item, query_text((enum query_code)i));
            facts_int(c->f, at, "count", queries[i], NULL);
        }
    }
}

static void disposition_fact(struct closed *c, const char *item, const char *title, const char *group,
                             int64_t x, int64_t n)
{
    struct place at = {"disposition", item, group};
    struct buf b = {0};

    facts_label(c->f, item, title);
    if (n < 0) {
        facts_int(c->f, at, "subjects", x, NULL);
        return;
    }
    fmt_count(&b, x, n);
    facts_int_take(c->f, at, "subjects", x, &b);
}

/* Arms from the last to the control, who nobody knows the arm of if there is anyone, then all. */
static size_t groups(const struct closed *c, bool unknown, int ret[ARMS_MAX + 2])
{
    size_t n = 0;

    for (int arm = c->names.n; arm-- > 0;) {
        ret[n++] = arm;
    }
    if (unknown) {
        ret[n++] = ROW_ARM_UNKNOWN;
    }
    ret[n++] = ROW_TOTAL;
    return n;
}

static const struct population_counts *of_arm(const struct population_counts *p, int n_arms, int arm)
{
    for (int i = 0; i < n_arms + 2; i++) {
        if (p[i].arm == arm) {
            return &p[i];
        }
    }
    return &p[n_arms + 1];
}

static enum status disposition(struct closed *c, struct err *err)
{
    static const char *const item[][2] = {{"randomised", "Randomised"},
                                          {"dosed", "Took at least one dose"},
                                          {"treatment_ended", "Ended treatment"},
                                          {"ongoing", "Still followed"},
                                          {"completed", "Completed"},
                                          {"withdrawn", "Withdrawn"},
                                          {"lost", "Lost to follow-up"},
                                          {"died", "Died"},
                                          {"other", "Ended for another reason"},
                                          {"undated_deaths", "Deaths without a date"}};
    const struct report_input *in = c->in;
    struct tally_options o = look_options(in->plan, in->rules, WINDOW_ALL, in->cut);
    struct population_counts *all = NULL;
    int arm[ARMS_MAX + 2];
    size_t n;
    enum status st = tally_populations(in->snapshot, c->names.n, &o, &all, err);

    if (st != OK) {
        return st;
    }
    n = groups(c, of_arm(all, c->names.n, ROW_ARM_UNKNOWN)->randomised > 0, arm);
    for (size_t i = 0; i < sizeof(item) / sizeof(item[0]); i++) {
        for (size_t g = 0; g < n; g++) {
            const struct population_counts *p = of_arm(all, c->names.n, arm[g]);
            const int64_t x[] = {
                p->randomised, p->dosed, p->treatment_ended, p->ongoing,       p->completed, p->withdrawn,
                p->lost,       p->died,  p->other,           p->undated_deaths};

            disposition_fact(c, item[i][0], item[i][1], arm_names_of(&c->names, arm[g]), x[i],
                             i == 0 ? -1 : p->randomised);
        }
    }
    for (size_t g = 0; g < n; g++) {
        const struct population_counts *p = of_arm(all, c->names.n, arm[g]);
        struct place at = {"disposition", "followed_years", arm_names_of(&c->names, arm[g])};
        struct buf b = {0};

        facts_label(c->f, at.item, "Followed, person-years");
        fmt_fixed(&b, tally_years(p->followed_days), 1);
        facts_real_take(c->f, at, "subjects", tally_years(p->followed_days), &b);
    }
    for (size_t g = 0; g < n; g++) {
        const struct population_counts *p = of_arm(all, c->names.n, arm[g]);
        struct place at = {"disposition", "follow_up_completeness", arm_names_of(&c->names, arm[g])};
        double share =
            p->potential_days > 0 ? (double)p->followed_days / (double)p->potential_days : (double)NAN;
        struct buf b = {0};

        facts_label(c->f, at.item, "Completeness of follow-up");
        fmt_percent(&b, p->followed_days, p->potential_days);
        facts_real_take(c->f, at, "subjects", share, &b);
    }
    free(all);
    return OK;
}

static void count_facts(struct closed *c, struct place at, const struct tally_row *t)
{
    double rate = rate_100(t->subjects, t->risk_days), episodes = rate_100(t->episodes, t->observed_days);
    struct buf b = {0};

    fmt_count(&b, t->subjects, t->n);
    facts_int_take(c->f, at, "subjects", t->subjects, &b);
    facts_int(c->f, at, "denominator", t->n, NULL);
    fmt_percent(&b, t->subjects, t->n);
    facts_real_take(c->f, at, "percent", t->n > 0 ? 100.0 * (double)t->subjects / (double)t->n : (double)NAN,
                    &b);
    facts_int(c->f, at, "episodes", t->episodes, NULL);
    facts_int(c->f, at, "rows", t->rows, NULL);
    fmt_fixed(&b, tally_years(t->risk_days), 1);
    facts_real_take(c->f, at, "person_years_at_risk", tally_years(t->risk_days), &b);
    fmt_rate(&b, rate);
    facts_real_take(c->f, at, "rate_per_100py", rate, &b);
    fmt_rate(&b, episodes);
    facts_real_take(c->f, at, "episodes_per_100py", episodes, &b);
    facts_int(c->f, at, "unverified_rows", t->unverified, NULL);
    facts_int(c->f, at, "suspected_rows", t->suspected, NULL);
    facts_int(c->f, at, "review_rows", t->review, NULL);
}

/* One category or subtype in all groups; subtypes that nobody has are left out. */
static void counts_of(struct closed *c, const char *section, const struct measure *m, const char *item,
                      const char *title)
{
    const struct look_result *r = c->in->result;
    const struct tally_row *total = tally_find(r->tallies, r->n_tallies, m->category, m->subtype,
                                               m->population, m->window, m->basis, ROW_TOTAL);
    const struct tally_row *unknown = tally_find(r->tallies, r->n_tallies, m->category, m->subtype,
                                                 m->population, m->window, m->basis, ROW_ARM_UNKNOWN);
    int arm[ARMS_MAX + 2];
    size_t n = groups(c, unknown != NULL && (unknown->n > 0 || unknown->rows > 0), arm);

    if (total == NULL || (m->subtype != NO_SUBTYPE && total->rows == 0 && total->subjects == 0)) {
        return;
    }
    label(c->f, item, title);
    for (size_t g = 0; g < n; g++) {
        const struct tally_row *t = tally_find(r->tallies, r->n_tallies, m->category, m->subtype,
                                               m->population, m->window, m->basis, arm[g]);

        if (t != NULL) {
            count_facts(c, (struct place){section, item, arm_names_of(&c->names, arm[g])}, t);
        }
    }
}

static void counts(struct closed *c, const char *section, enum window window)
{
    const struct ruleset *rs = c->in->rules;

    for (int k = TALLY_ANY; k < ruleset_categories(rs); k++) {
        const char *name = k == TALLY_ANY ? "any" : ruleset_category(rs, k);
        struct measure m = measure_of_category(c->in->plan, k);

        m.window = window;
        counts_of(c, section, &m, name, k == TALLY_ANY ? "Any adverse event" : ruleset_category_title(rs, k));
        for (int s = 0; k >= 0 && s < ruleset_subtypes(rs); s++) {
            struct buf item = {0}, title = {0};

            if (ruleset_subtype_category(rs, s) != k) {
                continue;
            }
            m.subtype = s;
            buf_fmt(&item, "%s.%s", name, ruleset_subtype(rs, s));
            buf_fmt(&title, "  %s", ruleset_subtype(rs, s));
            facts_lost(c->f, &item);
            facts_lost(c->f, &title);
            counts_of(c, section, &m, buf_cstr(&item), buf_cstr(&title));
            buf_done(&item);
            buf_done(&title);
        }
    }
}

static enum status compare(struct closed *c, int category, const char *name, const struct versus *v,
                           struct err *err)
{
    struct measure m = measure_of_category(c->in->plan, category);
    struct side e = side_experimental(c->in->result, &m, c->names.n, v->arm);
    struct side k = side_of(c->in->result, &m, ARM_CONTROL);
    struct place at = {"comparisons", name, v->name};
    struct buf b = {0};
    struct contrast x;
    enum status st = contrast_of(&e, &k, &x, err);

    if (st != OK) {
        return st;
    }
    if (x.ok) {
        fmt_points(&b, &x.t.risk_difference);
        facts_estimate_take(c->f, at, "risk_difference", &x.t.risk_difference, &b);
        fmt_ratio(&b, &x.t.relative_risk);
        facts_estimate_take(c->f, at, "risk_ratio", &x.t.relative_risk, &b);
        fmt_ratio(&b, &x.t.odds_ratio);
        facts_estimate_take(c->f, at, "odds_ratio", &x.t.odds_ratio, &b);
        fmt_p_value(&b, x.t.fisher_upper);
        facts_real_take(c->f, at, "fisher_one_sided", x.t.fisher_upper, &b);
        fmt_p_value(&b, x.t.fisher_two_sided);
        facts_real_take(c->f, at, "fisher_two_sided", x.t.fisher_two_sided, &b);
    } else {
        facts_text(c->f, at, "risk_difference", "not estimable: an arm has no subjects");
    }
    if (x.rate_ok) {
        fmt_ratio(&b, &x.rate_ratio);
        facts_estimate_take(c->f, at, "rate_ratio", &x.rate_ratio, &b);
    }
    return x.ok ? report_further(&e, &k, &x, at, c->f, err) : OK;
}

static enum status comparisons(struct closed *c, struct err *err)
{
    const struct ruleset *rs = c->in->rules;
    enum status st = OK;

    for (int k = TALLY_ANY; st == OK && k < ruleset_categories(rs); k++) {
        const char *name = k == TALLY_ANY ? "any" : ruleset_category(rs, k);

        for (int v = 0; st == OK && v < c->names.n_versus; v++) {
            st = compare(c, k, name, &c->names.versus[v], err);
        }
    }
    return st;
}

enum status report_closed_facts(const struct report_input *in, struct facts *f, struct err *err)
{
    struct closed c = {.in = in, .f = f};
    enum status st;

    if (in->result->n_entries != in->plan->n_monitors) {
        return err_set(err, E_INTERNAL, "a look that is not the plan's");
    }
    st = arm_names_reveal(&in->plan->arms, in->coded_arms, &c.names, err);
    if (st != OK) {
        return st;
    }
    about(&c);
    quality(&c);
    if ((st = disposition(&c, err)) != OK) {
        goto out;
    }
    counts(&c, "categories", WINDOW_ALL);
    counts(&c, "categories_treatment_emergent", WINDOW_TE);
    if ((st = comparisons(&c, err)) != OK || (st = report_persons(in, &c.names, f, err)) != OK ||
        (st = report_conduct(in, &c.names, f, err)) != OK ||
        (st = report_incidence(in, &c.names, f, err)) != OK ||
        (st = report_terms(in, &c.names, f, err)) != OK ||
        (st = report_monitors(in, &c.names, f, err)) != OK || (st = report_inference(in, f, err)) != OK) {
        goto out;
    }
    st = report_closed_listings(in, &c.names, f, err);
out:
    arm_names_done(&c.names);
    return st;
}
