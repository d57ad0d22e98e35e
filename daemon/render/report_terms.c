/*
 * report_terms.c - the closed report's table of terms: each term's subjects by arm, experimental against control.
 *
 * Terms are kept by how many subjects have them in all, which knows nothing of arms: what is left out biases no p.
 */
#include "render/report_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "render/figures.h"
#include "render/format.h"
#include "stats/fdr.h"
#include "tally/terms.h"

enum { TERMS_SHOWN = 60, TERMS_KEPT = 300, TERM_WIDTH = 60 };

static const double ALPHA_GROUP = 0.10, ALPHA_TERM = 0.10; /* Mehrotra & Adewale 2012 */

/* One comparison of all kept terms. */
struct column {
    const struct versus *of;
    int64_t n1, n0;
    struct contrast *contrast; /* by term, and all below */
    double *p, *adjusted, *group_p;
    size_t *group;
    bool *flagged;
};

struct terms {
    const struct report_input *in;
    const struct arm_names *names;
    struct facts *f;
    struct term_row *row;
    size_t n, n_all;
};

static int64_t with_term(const struct terms *t, const struct term_row *r, arm_t arm)
{
    int64_t sum = 0;

    for (int a = ARM_CONTROL + 1; a < t->names->n; a++) {
        sum += arm == ARM_NONE || a == arm ? r->subjects[a] : 0;
    }
    return sum;
}

static void column_done(struct column *v)
{
    free(v->contrast);
    free(v->p);
    free(v->adjusted);
    free(v->group_p);
    free(v->group);
    free(v->flagged);
}

static enum status column_room(struct column *v, struct err *err)
{
    v->contrast = calloc(TERMS_KEPT, sizeof *v->contrast);
    v->p = calloc(TERMS_KEPT, sizeof *v->p);
    v->adjusted = calloc(TERMS_KEPT, sizeof *v->adjusted);
    v->group_p = calloc(TERMS_KEPT, sizeof *v->group_p);
    v->group = calloc(TERMS_KEPT, sizeof *v->group);
    v->flagged = calloc(TERMS_KEPT, sizeof *v->flagged);
    return v->contrast == NULL || v->p == NULL || v->adjusted == NULL || v->group_p == NULL ||
                   v->group == NULL || v->flagged == NULL
               ? err_set(err, E_NOMEM, "a table of terms")
               : OK;
}

/* Terms of one system organ class are a group; those that are not coded, too. */
static size_t groups_of(const struct terms *t, size_t *group)
{
    size_t n = 0;

    for (size_t i = 0; i < t->n; i++) {
        size_t k = 0;

        while (k < i && t->row[k].soc != t->row[i].soc) {
            k++;
        }
        group[i] = k < i ? group[k] : n++;
    }
    return n;
}

static enum status compare(const struct terms *t, struct column *v, struct err *err)
{
    struct measure any = measure_of_category(t->in->plan, TALLY_ANY);
    enum status st = column_room(v, err);

    v->n1 = side_experimental(t->in->result, &any, t->names->n, v->of->arm).n;
    v->n0 = side_of(t->in->result, &any, ARM_CONTROL).n;
    for (size_t i = 0; st == OK && i < t->n; i++) {
        struct side e = {.n = v->n1, .subjects = with_term(t, &t->row[i], v->of->arm)};
        struct side k = {.n = v->n0, .subjects = t->row[i].subjects[ARM_CONTROL]};

        st = contrast_of(&e, &k, &v->contrast[i], err);
        v->p[i] = v->contrast[i].ok ? fmin(1, v->contrast[i].t.fisher_two_sided) : 1;
    }
    if (st == OK) {
        st = fdr_double(v->p, v->group, t->n, groups_of(t, v->group), ALPHA_GROUP, ALPHA_TERM, v->group_p,
                        v->adjusted, v->flagged, err);
    }
    return st;
}

static void count(struct terms *t, struct place at, const char *statistic, int64_t x, int64_t n)
{
    struct buf b = {0};

    fmt_count(&b, x, n);
    facts_int_take(t->f, at, statistic, x, &b);
}

static void comparison(struct terms *t, const char *item, const struct column *v, size_t i)
{
    struct place at = {"terms", item, v->of->name};
    const struct contrast *c = &v->contrast[i];
    struct buf b = {0};

    count(t, at, "experimental", with_term(t, &t->row[i], v->of->arm), v->n1);
    count(t, at, "control", t->row[i].subjects[ARM_CONTROL], v->n0);
    if (!c->ok) {
        facts_text(t->f, at, "risk_difference", "not estimable: an arm has no subjects");
        return;
    }
    fmt_points(&b, &c->t.risk_difference);
    facts_estimate_take(t->f, at, "risk_difference", &c->t.risk_difference, &b);
    fmt_ratio(&b, &c->t.relative_risk);
    facts_estimate_take(t->f, at, "risk_ratio", &c->t.relative_risk, &b);
    fmt_p_value(&b, c->t.fisher_two_sided);
    facts_real_take(t->f, at, "fisher_two_sided", c->t.fisher_two_sided, &b);
    if (isnan(v->adjusted[i])) {
        buf_char(&b, '-');
    } else {
        fmt_p_value(&b, v->adjusted[i]);
        buf_str(&b, v->flagged[i] ? ", flagged" : "");
    }
    facts_real_take(t->f, at, "fdr_adjusted", v->adjusted[i], &b);
}

static void show(struct buf *out, const struct snapshot *s, str_id id, const char *absent)
{
    if (id == 0) {
        buf_str(out, absent);
    } else {
        text_show(out, pool_str(s->pool, id), pool_len(s->pool, id), TERM_WIDTH);
    }
}

static void term(struct terms *t, const struct column *v, size_t n_columns, size_t i)
{
    const struct term_row *r = &t->row[i];
    struct measure any = measure_of_category(t->in->plan, TALLY_ANY);
    struct buf item = {0}, soc = {0};
    int n = t->names->n;

    show(&item, t->in->snapshot, r->shown, "(no term)");
    show(&soc, t->in->snapshot, r->soc, "");
    facts_lost(t->f, &item);
    facts_detail(t->f, i >= TERMS_SHOWN);
    for (size_t k = 0; k < n_columns; k++) {
        comparison(t, buf_cstr(&item), &v[k], i);
    }
    facts_detail(t->f, true);
    for (int arm = n + 1; arm >= 0; arm--) {
        int which = arm < n ? arm : arm == n ? (int)ROW_ARM_UNKNOWN : (int)ROW_TOTAL;
        struct place at = {"terms", buf_cstr(&item), arm_names_of(t->names, which)};

        if (arm != n || r->subjects[n] > 0) {
            count(t, at, "subjects", r->subjects[arm], side_of(t->in->result, &any, which).n);
        }
    }
    facts_int(t->f, (struct place){"terms", buf_cstr(&item), ""}, "rows", r->rows, NULL);
    facts_text_take(t->f, (struct place){"terms", buf_cstr(&item), ""}, "system_organ_class", &soc);
    facts_detail(t->f, false);
    buf_done(&item);
}

static void note(struct terms *t)
{
    struct place at = {"terms_note", "", ""};
    struct buf b = {0};

    facts_int(t->f, at, "terms", (int64_t)t->n_all, NULL);
    if (t->n_all == 0) {
        return;
    }
    buf_fmt(&b, "%zu terms: preferred terms where the site codes, else as reported, one spelling for many. ",
            t->n_all);
    if (t->n_all > TERMS_SHOWN) {
        buf_fmt(&b, "Listed are the %d that most subjects have; CSV and JSON hold %zu. ", (int)TERMS_SHOWN,
                t->n);
    }
    buf_str(&b,
            "So many comparisons give small p values by chance alone: no p of this table is a boundary, and "
            "none is adjusted for the looks before. Flagged: double false discovery rate (Mehrotra and "
            "Adewale 2012), 0.10 for system organ classes and 0.10 for terms; a dash: its class was not "
            "chosen. The figure's line is at p = 0.05, not adjusted.");
    facts_text_take(t->f, at, "statement", &b);
}

enum status report_terms(const struct report_input *in, const struct arm_names *names, struct facts *f,
                         struct err *err)
{
    struct tally_options o = look_options(in->plan, in->rules, WINDOW_ALL, in->cut);
    struct terms t = {.in = in, .names = names, .f = f};
    struct column v[ARMS_MAX] = {{0}};
    size_t n = 0;
    enum status st = tally_terms(in->snapshot, names->n, &o, &t.row, &t.n_all, err);

    t.n = t.n_all < TERMS_KEPT ? t.n_all : TERMS_KEPT;
    for (; st == OK && n < (size_t)names->n_versus; n++) {
        v[n].of = &names->versus[n];
        st = compare(&t, &v[n], err);
    }
    for (size_t i = 0; st == OK && i < t.n; i++) {
        term(&t, v, n, i);
    }
    if (st == OK) {
        note(&t);
    }
    for (size_t i = 0; i < ARMS_MAX; i++) {
        column_done(&v[i]);
    }
    free(t.row);
    return st;
}
