/*
 * report_persons.c - comparisons that go person by person: hazard ratios by time since entry, episodes again and again, and
 * what the difference rests on.  Closed report only.
 */
#include "render/report_parts.h"

#include <math.h>
#include <stdlib.h>

#include "base/text.h"
#include "render/curve.h"
#include "render/format.h"
#include "stats/dist.h"
#include "stats/fragility.h"
#include "stats/proportional.h"
#include "stats/recurrent.h"
#include "stats/sites.h"
#include "stats/survival.h"

enum { SITE_SHOWN = 40 };

static const double CONFIDENCE = 0.95;
static const double FRAGILE_ALPHA = 0.025; /* one-sided */

/* One category, one comparison. */
struct persons {
    const struct report_input *in;
    struct facts *f;
    size_t n; /* of those compared */
    /* One each: */
    uint32_t *subject; /* in the snapshot */
    double *time;      /* days since entry, that day being 1: to the first event, or the end */
    int *event, *arm, *stratum;
    struct recurrent_subject *watched;
    /* Of the category: */
    struct risk_time *risk;
    const struct risk_time *death; /* the same for all categories, borrowed; NULL: no category death */
    struct episode *episode;
    size_t n_episodes;
    size_t *place; /* by the snapshot's subject: its place here + 1 */
    struct recurrent_event *again;
    struct site *site;
    str_id *site_id;
};

static void persons_done(struct persons *p)
{
    free(p->subject);
    free(p->time);
    free(p->event);
    free(p->arm);
    free(p->stratum);
    free(p->watched);
    free(p->risk);
    free(p->episode);
    free(p->place);
    free(p->again);
    free(p->site);
    free(p->site_id);
}

static enum status persons_of(const struct report_input *in, int category, const struct risk_time *death,
                              struct facts *f, struct persons *ret, struct err *err)
{
    struct tally_options o = look_options(in->plan, in->rules, WINDOW_ALL, in->cut);
    struct tally_target target = {category, 0};
    const struct classes *k = &in->result->classes;
    size_t n = in->snapshot->n_subjects + 1;
    struct persons p = {.in = in, .f = f, .death = death};
    enum status st = tally_risk_times(in->snapshot, k, target, &o, &p.risk, err);

    if (st == OK && category != o.death_category) {
        st = tally_episodes(in->snapshot, k, target, &o, &p.episode, &p.n_episodes, err);
    }
    if (st == OK) {
        p.subject = calloc(n, sizeof *p.subject);
        p.time = calloc(n, sizeof *p.time);
        p.event = calloc(n, sizeof *p.event);
        p.arm = calloc(n, sizeof *p.arm);
        p.stratum = calloc(n, sizeof *p.stratum);
        p.watched = calloc(n, sizeof *p.watched);
        p.place = calloc(n, sizeof *p.place);
        p.again = calloc(p.n_episodes + 1, sizeof *p.again);
        p.site = calloc(n, sizeof *p.site);
        p.site_id = calloc(n, sizeof *p.site_id);
        st = p.subject == NULL || p.time == NULL || p.event == NULL || p.arm == NULL || p.stratum == NULL ||
                     p.watched == NULL || p.place == NULL || p.again == NULL || p.site == NULL ||
                     p.site_id == NULL
                 ? err_set(err, E_NOMEM, "a comparison of %zu subjects", in->snapshot->n_subjects)
                 : OK;
    }
    if (st != OK) {
        persons_done(&p);
        return st;
    }
    *ret = p;
    return OK;
}

/* 1: experimental side, 0: control, -1: neither.  exp: an arm, or ARM_NONE for all experimental ones. */
static int side_at(arm_t arm, arm_t exp)
{
    return arm == ARM_CONTROL ? 0 : arm != ARM_NONE && (exp == ARM_NONE || arm == exp) ? 1 : -1;
}

/* Whom a comparison is between; only: of these one side, -1 both. */
static void choose(struct persons *p, arm_t exp, int only)
{
    p->n = 0;
    for (size_t i = 0; i < p->in->snapshot->n_subjects; i++) {
        const struct risk_time *r = &p->risk[i];
        int side = r->enter == DAY_NONE ? -1 : side_at(r->arm, exp);
        bool died = p->death != NULL && p->death[i].event != DAY_NONE;

        p->place[i] = 0;
        if (side < 0 || (only >= 0 && side != only)) {
            continue;
        }
        p->subject[p->n] = (uint32_t)i;
        p->event[p->n] = r->event != DAY_NONE;
        p->time[p->n] = (double)((r->event != DAY_NONE ? r->event : r->leave) - r->enter + 1);
        p->arm[p->n] = side;
        p->stratum[p->n] = (int)p->in->snapshot->subjects[i].stratum;
        p->watched[p->n] =
            (struct recurrent_subject){.end = (double)(r->leave - r->enter + 1), .died = died, .arm = side};
        p->place[i] = ++p->n;
    }
}

static bool several_strata(const struct persons *p)
{
    for (size_t i = 1; i < p->n; i++) {
        if (p->stratum[i] != p->stratum[0]) {
            return true;
        }
    }
    return false;
}

static enum status stratified(struct persons *p, struct place at, struct err *err)
{
    struct logrank_row *rows = NULL;
    struct logrank lr;
    struct estimate hr;
    size_t n = 0;
    enum status st = survival_table_strata(p->time, p->event, p->arm, p->stratum, p->n, &rows, NULL, &n, err);

    if (st == OK) {
        st = logrank_test(rows, n, &lr, err);
    }
    if (st == OK) {
        report_p(p->f, at, "logrank_stratified_one_sided", prob_normal(lr.z, TAIL_UPPER));
        st = cox_hazard_ratio(rows, n, CONFIDENCE, &hr, err);
    }
    if (st == OK) {
        report_ratio(p->f, at, "hazard_ratio_stratified", &hr);
    }
    free(rows);
    return report_left_out(st, err);
}

static enum status hazards(struct persons *p, struct place at, struct err *err)
{
    struct logrank_row *rows = NULL;
    double *times = NULL;
    struct logrank lr;
    struct estimate hr;
    struct proportional ph;
    size_t n = 0;
    enum status st = survival_table_strata(p->time, p->event, p->arm, NULL, p->n, &rows, &times, &n, err);

    if (st == OK) {
        st = cox_hazard_ratio(rows, n, CONFIDENCE, &hr, err);
    }
    if (st == OK && !isnan(hr.value)) {
        report_ratio(p->f, at, "hazard_ratio", &hr);
        st = logrank_test(rows, n, &lr, err);
        if (st == OK) {
            report_p(p->f, at, "logrank_one_sided", prob_normal(lr.z, TAIL_UPPER));
            st = peto_hazard_ratio(&lr, CONFIDENCE, &hr, err);
        }
        if (st == OK) {
            report_ratio(p->f, at, "peto_ratio", &hr);
            st = proportional_test(rows, times, n, SCALE_KAPLAN_MEIER, &ph, err);
        }
        if (st == OK) {
            report_p(p->f, at, "proportional_p", ph.p);
        }
    }
    st = report_left_out(st, err);
    free(rows);
    free(times);
    return st == OK && several_strata(p) ? stratified(p, at, err) : st;
}

static struct recurrent recurrent_of(struct persons *p)
{
    size_t n = 0;

    for (size_t i = 0; i < p->n_episodes; i++) {
        const struct episode *e = &p->episode[i];
        size_t at = p->place[e->subject];

        if (at > 0) {
            p->again[n++] =
                (struct recurrent_event){at - 1, (double)(e->day - p->risk[e->subject].enter + 1)};
        }
    }
    return (struct recurrent){p->watched, p->n, p->again, n};
}

static enum status episode_rate(struct persons *p, struct place at, struct err *err)
{
    struct recurrent r = recurrent_of(p);
    struct rate_z z;
    struct estimate e;
    struct buf b = {0};
    double width;
    enum status st = recurrent_rate(&r, &z, err);

    if (st == OK) {
        st = quant_normal((1 - CONFIDENCE) / 2, TAIL_UPPER, &width, err);
    }
    if (st == OK) {
        e = (struct estimate){exp(z.log_ratio), exp(z.log_ratio - width * z.std_error),
                              exp(z.log_ratio + width * z.std_error)};
        /* All episodes in one arm: how uncertain that is, the robust variance does not know. */
        if (isnan(z.std_error)) {
            fmt_fixed(&b, e.value, 2);
            facts_real_take(p->f, at, "episode_rate_ratio", e.value, &b);
        } else {
            report_ratio(p->f, at, "episode_rate_ratio", &e);
        }
        report_p(p->f, at, "episode_rate_one_sided", prob_normal(z.z, TAIL_UPPER));
    }
    return report_left_out(st, err);
}

/* Mean number of episodes of one arm by each month that somebody was watched to. */
static enum status episode_mean(struct persons *p, struct place at, struct err *err)
{
    struct recurrent r = recurrent_of(p);
    struct buf name = {0}, b = {0};
    double last = 0;
    enum status st = OK;

    for (size_t i = 0; i < p->n; i++) {
        last = fmax(last, p->watched[i].end);
    }
    for (size_t i = 0; st == OK && i < CURVE_MONTHS && curve_days(curve_month[i]) <= last; i++) {
        struct estimate e;

        st = recurrent_mean(&r, -1, curve_days(curve_month[i]), CONFIDENCE, &e, NULL, err);
        if (st == OK) {
            buf_clear(&name);
            buf_fmt(&name, "month_%d", curve_month[i]);
            facts_lost(p->f, &name);
            fmt_fixed(&b, e.value, 2);
            if (!isnan(e.lo)) {
                buf_str(&b, " (");
                fmt_fixed(&b, e.lo, 2);
                buf_str(&b, " to ");
                fmt_fixed(&b, e.hi, 2);
                buf_char(&b, ')');
            }
            facts_estimate_take(p->f, at, buf_cstr(&name), &e, &b);
        }
    }
    buf_done(&name);
    buf_done(&b);
    return report_left_out(st, err);
}

static size_t sites_of(struct persons *p)
{
    size_t n = 0;

    for (size_t i = 0; i < p->n; i++) {
        str_id id = p->in->snapshot->subjects[p->subject[i]].site;
        size_t k = 0;

        while (k < n && p->site_id[k] != id) {
            k++;
        }
        if (k == n) {
            p->site_id[n] = id;
            p->site[n++] = (struct site){0};
        }
        *(p->arm[i] == 1 ? &p->site[k].n1 : &p->site[k].n0) += 1;
        *(p->arm[i] == 1 ? &p->site[k].x1 : &p->site[k].x0) += p->event[i];
    }
    return n;
}

static void without_site(struct persons *p, struct place at, const char *statistic, size_t which, double p_of)
{
    const struct snapshot *s = p->in->snapshot;
    struct buf b = {0};

    fmt_p_value(&b, p_of);
    buf_str(&b, " without ");
    if (p->site_id[which] == 0) {
        buf_str(&b, "subjects of no site");
    } else {
        text_show(&b, pool_str(s->pool, p->site_id[which]), pool_len(s->pool, p->site_id[which]), SITE_SHOWN);
    }
    facts_real_take(p->f, at, statistic, p_of, &b);
}

static enum status robust(struct persons *p, struct place at, struct err *err)
{
    int64_t x[2] = {0, 0}, n[2] = {0, 0};
    size_t n_sites = sites_of(p);
    struct fragility fr;
    struct sites s;
    enum status st = OK;

    for (size_t i = 0; i < p->n; i++) {
        n[p->arm[i]]++;
        x[p->arm[i]] += p->event[i];
    }
    if (n[0] > 0 && n[1] > 0 && x[0] + x[1] <= FRAGILITY_EVENTS_MAX) {
        st = fragility_fisher(x[1], n[1], x[0], n[0], FRAGILE_ALPHA, &fr, err);
        if (st == OK) {
            facts_int(p->f, at, "fisher_crosses", fr.crossed, fr.crossed ? "yes" : "no");
            facts_int(p->f, at, "fragility_removed", fr.removed, fr.removed == 0 ? "none" : NULL);
            facts_int(p->f, at, "fragility_moved", fr.moved, fr.moved == 0 ? "none" : NULL);
        }
    }
    st = report_left_out(st, err);
    if (st == OK && n_sites > 1) {
        st = sites_leave_one_out(p->site, n_sites, CONFIDENCE, NULL, &s, err);
        if (st == OK && s.weakest < n_sites) {
            without_site(p, at, "weakest_without_site", s.weakest, s.p_weakest);
            without_site(p, at, "strongest_without_site", s.strongest, s.p_strongest);
        }
    }
    return report_left_out(st, err);
}

enum status report_persons(const struct report_input *in, const struct arm_names *names, struct facts *f,
                           struct err *err)
{
    struct tally_options o = look_options(in->plan, in->rules, WINDOW_ALL, in->cut);
    struct risk_time *death = NULL;
    enum status st = OK;

    if (o.death_category != NO_CATEGORY) {
        st = tally_risk_times(in->snapshot, &in->result->classes, (struct tally_target){o.death_category, 0},
                              &o, &death, err);
    }
    for (int k = TALLY_ANY; st == OK && k < ruleset_categories(in->rules); k++) {
        const char *item = k == TALLY_ANY ? "any" : ruleset_category(in->rules, k);
        struct measure m = measure_of_category(in->plan, k);
        struct persons p = {0};

        if (side_of(in->result, &m, ROW_TOTAL).subjects == 0) {
            continue;
        }
        st = persons_of(in, k, death, f, &p, err);
        for (int v = 0; st == OK && v < names->n_versus; v++) {
            const char *group = names->versus[v].name;

            choose(&p, names->versus[v].arm, -1);
            st = hazards(&p, (struct place){"hazards", item, group}, err);
            if (st == OK) {
                st = robust(&p, (struct place){"robustness", item, group}, err);
            }
            if (st == OK && p.episode != NULL) {
                st = episode_rate(&p, (struct place){"episode_rates", item, group}, err);
            }
        }
        for (int arm = names->n; st == OK && p.episode != NULL && arm-- > 0;) {
            choose(&p, arm == ARM_CONTROL ? (arm_t)ARM_NONE : (arm_t)arm, arm == ARM_CONTROL ? 0 : 1);
            st = episode_mean(&p, (struct place){"episode_means", item, names->arm[arm]}, err);
        }
        persons_done(&p);
    }
    free(death);
    return st;
}
