/* dsmbctl validate: the reference sets of a folder through the calculator, and how far apart the two are. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "base/text.h"
#include "cmd/ctl.h"
#include "cmd/ctl_calc.h"
#include "cmd/ctl_opts.h"
#include "cmd/ctl_validate.h"
#include "stats/dist.h"

enum measure {
    BY_ABS,   /* |got - want| */
    BY_REL,   /* |got - want| / |want|; against 0: |got - want| */
    BY_MIXED, /* |got - want| / max(1, |want|) */
    BY_Z, /* |got - want| below 8; above, the upper tails relative to each other, scaled to the same tolerance */
    BY_REGION, /* anything in (cv_equiv_lower_open, want] rejects the same */
    BY_TEXT    /* equal */
};

struct rule {
    const char *set, *column;
    enum measure measure;
    double tol;
    const char *when; /* only rows whose column `test` says this */
};

/* Accuracies of the methods, section 5. */
static const struct rule rules[] = {
    {"boundaries", "z_bound", BY_Z, 1e-9, NULL},
    {"boundaries", "nominal_p_one_sided", BY_ABS, 1e-10, NULL},
    {"boundaries", "cum_alpha_spent_all_tails", BY_ABS, 1e-10, NULL},
    {"crossing", "p_cross_upper", BY_ABS, 1e-10, NULL},
    {"crossing", "p_cross_lower", BY_ABS, 1e-10, NULL},
    {"crossing", "cum_upper", BY_ABS, 1e-10, NULL},
    {"crossing", "expected_info_fraction", BY_ABS, 1e-10, NULL},
    {"inflation", "drift", BY_ABS, 1e-9, NULL},
    {"inflation", "inflation_factor", BY_ABS, 1e-9, NULL},
    {"inflation", "asn_H0_over_fixed", BY_ABS, 1e-9, NULL},
    {"inflation", "asn_H01_over_fixed", BY_ABS, 1e-9, NULL},
    {"inflation", "asn_H1_over_fixed", BY_ABS, 1e-9, NULL},
    {"adjusted", "stop_stage", BY_ABS, 0, NULL},
    {"adjusted", "crossed", BY_TEXT, 0, NULL},
    {"adjusted", "z_bound_at_stop", BY_Z, 1e-9, NULL},
    {"adjusted", "stagewise_p_upper", BY_ABS, 1e-10, NULL},
    {"adjusted", "stagewise_p_final", BY_ABS, 1e-10, NULL},
    {"adjusted", "mue_logHR", BY_ABS, 1e-8, NULL},
    {"adjusted", "final_ci_lo_logHR", BY_ABS, 1e-8, NULL},
    {"adjusted", "final_ci_hi_logHR", BY_ABS, 1e-8, NULL},
    {"adjusted", "rci_lo_logHR", BY_ABS, 1e-8, NULL},
    {"adjusted", "rci_hi_logHR", BY_ABS, 1e-8, NULL},
    {"adjusted", "repeated_p_one_sided", BY_ABS, 1e-8, NULL},
    {"exact", "value", BY_REL, 1e-10, "fisher"},
    {"exact", "value", BY_REL, 1e-10, "fisher_midp"},
    {"exact", "value", BY_REL, 1e-10, "cond_binomial_given_total"},
    {"exact", "value", BY_REL, 1e-10, "clopper_pearson"},
    {"exact", "value", BY_ABS, 1e-9, "miettinen_nurminen_rd"},
    {"exact", "value", BY_MIXED, 1e-10, "newcombe10_rd"},
    {"exact", "value", BY_MIXED, 1e-10, "chi2"},
    {"exact", "value", BY_MIXED, 1e-10, "score_pooled"},
    {"exact", "value", BY_REL, 1e-10, "poisson_rate_ratio"},
    {"exact", "value", BY_MIXED, 1e-8, "poisson_score_rd"},
    {"exact_spending", "boundary_min_treat_events", BY_ABS, 0, NULL},
    {"exact_spending", "cum_alpha_actual", BY_ABS, 1e-10, NULL},
    {"exact_spending", "prob_signal", BY_ABS, 1e-10, NULL},
    {"exact_spending", "expected_events_at_stop", BY_REL, 1e-10, NULL},
    {"maxsprt", "cv", BY_REGION, 1e-9, NULL},
    {"maxsprt", "actual_alpha", BY_ABS, 1e-10, NULL},
    {"bayes", "prob_pT_gt_pC_plus_delta", BY_ABS, 1e-10, NULL},
    {"evalue2x2", "e_value", BY_REL, 1e-10, NULL},
    {"eprocess", "log_e_two_sided", BY_ABS, 1e-10, NULL},
    {"eprocess", "log_e_one_sided_harm", BY_ABS, 1e-10, NULL},
    {"eprocess", "max_log_e_two_sided", BY_ABS, 1e-10, NULL},
    {"eprocess", "max_log_e_one_sided", BY_ABS, 1e-10, NULL},
    {"eprocess", "anytime_p_two_sided", BY_ABS, 1e-10, NULL},
    {"eprocess", "anytime_p_one_sided", BY_ABS, 1e-10, NULL},
    {"futility_harm", "n_I_over_fixed", BY_MIXED, 2e-6, NULL},
    {"futility_harm", "upper_z", BY_MIXED, 2e-6, NULL},
    {"futility_harm", "lower_z", BY_MIXED, 2e-6, NULL},
    {"futility_harm", "harm_z", BY_MIXED, 2e-6, NULL},
    {"futility_harm", "delta", BY_MIXED, 2e-6, NULL},
    {"operating", "prob_signal", BY_ABS, 1e-10, NULL},
    {"operating", "at_signal", BY_REL, 1e-10, NULL},
    {"operating", "at_end", BY_REL, 1e-10, NULL},
    {"operating", "cum_prob_signal", BY_ABS, 1e-10, NULL},
    {"operating", "bounds", BY_ABS, 0, NULL},
};

static const struct rule logrank_rules[] = {
    {"logrank", "obs1", BY_ABS, 1e-10, NULL},           {"logrank", "exp1", BY_REL, 1e-10, NULL},
    {"logrank", "var1", BY_REL, 1e-10, NULL},           {"logrank", "z", BY_ABS, 1e-9, NULL},
    {"logrank", "p_two_sided", BY_ABS, 1e-10, NULL},    {"logrank", "p_upper_harm", BY_ABS, 1e-10, NULL},
    {"logrank", "peto_logHR", BY_MIXED, 1e-10, NULL},   {"logrank", "peto_rho1_chisq", BY_MIXED, 1e-10, NULL},
    {"logrank", "cox_logHR_efron", BY_ABS, 1e-6, NULL},
};

/* A reference fit of Cox's model beyond this log hazard ratio ran away on a monotone likelihood. */
#define COX_RAN_AWAY 15.0

struct tally {
    bool row_tolerance; /* the set states its own */
    size_t compared, failed;
    double worst_abs, worst_rel;
    size_t worst_line; /* of the first failure, else of the worst absolute error; 0: no lines */
};

/* True when `got` is right within tol, the error in the rule's own measure. */
static bool within(enum measure m, double got, double want, double lower_open, double tol)
{
    double gap = fabs(got - want), a, b;

    if (isinf(want) || isinf(got)) {
        return got == want;
    }
    switch (m) {
    case BY_ABS:
        return gap <= tol;
    case BY_REL:
        return gap <= tol * fabs(want) || (want == 0 && gap <= tol);
    case BY_MIXED:
        return gap <= tol * fmax(1, fabs(want));
    case BY_Z:
        if (want < 8) {
            return gap <= tol;
        }
        a = prob_normal(got, TAIL_UPPER);
        b = prob_normal(want, TAIL_UPPER);
        return fabs(a - b) <= 10 * tol * b; /* 1e-9 in z below 8, 1e-8 relative in p above */
    case BY_REGION:
        return gap <= tol || (got > lower_open && got <= want);
    case BY_TEXT:
        return false; /* compared as text before it comes here */
    }
    return false;
}

static void count(struct tally *t, double got, double want, bool ok, size_t line)
{
    double gap = isinf(want) && got == want ? 0 : fabs(got - want), rel = want != 0 ? gap / fabs(want) : gap;

    t->compared++;
    if (!ok && t->failed++ == 0) {
        t->worst_line = line;
    }
    if (gap > t->worst_abs || isnan(gap)) {
        t->worst_abs = gap;
        t->worst_line = t->failed == 0 ? line : t->worst_line;
    }
    if (isfinite(want) && rel > t->worst_rel) {
        t->worst_rel = rel;
    }
}

/* The tolerance that the row itself states (published digits, absolute), else the rule's. */
static bool row_tolerance(const struct calc *c, size_t row, double *ret)
{
    const char *s = calc_text(c, row, "tolerance");

    return text_double(s, strlen(s), ret);
}

/* "1;2;3" against "1;2;3", number by number; a different length fails. */
static void compare_cells(const struct rule *r, const struct calc *c, size_t row, const char *got,
                          const char *want, struct tally *t)
{
    size_t line = csv_line(c->in, row);
    double lower = (double)INFINITY, tol = r->tol;
    enum measure measure = row_tolerance(c, row, &tol) ? BY_ABS : r->measure;
    const char *low = calc_text(c, row, "cv_equiv_lower_open");

    if (!text_double(low, strlen(low), &lower)) {
        lower = (double)INFINITY;
    }
    if (r->measure == BY_TEXT) {
        bool same = strcmp(got, want) == 0;

        count(t, same ? 0 : 1, 0, same, line);
        return;
    }
    for (;;) {
        size_t len_got = strcspn(got, ";"), len_want = strcspn(want, ";");
        double a, b;

        if (!text_double(want, len_want, &b)) {
            b = (double)NAN;
        }
        if (!text_double(got, len_got, &a)) {
            a = (double)NAN;
        }
        count(t, a, b, within(measure, a, b, lower, tol), line);
        if (got[len_got] != want[len_want]) {
            count(t, (double)NAN, 0, false, line); /* one list ends before the other */
            return;
        }
        if (got[len_got] == '\0') {
            return;
        }
        got += len_got + 1;
        want += len_want + 1;
    }
}

static const char *measure_name(enum measure m)
{
    switch (m) {
    case BY_ABS:
        return "abs";
    case BY_REL:
        return "rel";
    case BY_MIXED:
        return "of max(1,|x|)";
    case BY_Z:
        return "in z, or p above 8";
    case BY_REGION:
        return "same region";
    case BY_TEXT:
        return "equal";
    }
    return "?";
}

static bool report(struct qualification *q, const struct rule *r, const struct tally *t)
{
    struct qualified x = {.set = r->set,
                          .column = r->column,
                          .rows_of = r->when == NULL ? "" : r->when,
                          .compared = t->compared,
                          .failed = t->failed,
                          .worst_abs = t->worst_abs,
                          .worst_rel = t->worst_rel,
                          .tolerance = r->tol,
                          .measure = t->row_tolerance ? "or as the row says" : measure_name(r->measure),
                          .line = t->failed > 0 ? t->worst_line : 0,
                          .source = q->n_sources - 1};

    qualification_add(q, &x);
    return t->failed == 0;
}

static bool one_rule(struct qualification *q, const struct rule *r, const struct calc_set *set,
                     const struct calc *c)
{
    struct tally t = {.row_tolerance = csv_find(c->in, "tolerance") >= 0};
    size_t out = 0;

    while (set->out[out] != NULL && strcmp(set->out[out], r->column) != 0) {
        out++;
    }
    for (size_t row = 0; row < c->rows; row++) {
        const char *got = c->cells[row * c->n_out + out];

        if (calc_absent(c, row, r->column) ||
            (r->when != NULL && strcmp(calc_text(c, row, "test"), r->when) != 0)) {
            continue;
        }
        compare_cells(r, c, row, got == NULL ? "NA" : got, calc_text(c, row, r->column), &t);
    }
    return t.compared == 0 || report(q, r, &t);
}

static enum status one_set(struct qualification *q, const struct calc_set *set, const char *path, bool *ok,
                           struct err *err)
{
    struct buf bytes = {0};
    struct csv *csv = NULL;
    struct calc c = {0};
    enum status st = ctl_read(path, &bytes, err);

    if (st == OK) {
        st = qualification_source(q, path, &bytes, err);
    }
    if (st == OK) {
        st = csv_parse(path, buf_cstr(&bytes), bytes.len, &csv, err);
    }
    if (st == OK) {
        st = calc_run(set, path, csv, &c, err);
    }
    for (size_t i = 0; st == OK && i < sizeof rules / sizeof rules[0]; i++) {
        if (strcmp(rules[i].set, set->name) == 0 && !one_rule(q, &rules[i], set, &c)) {
            *ok = false;
        }
    }
    calc_done(&c);
    csv_free(csv);
    buf_done(&bytes);
    return st;
}

/* A number of the results; infinities are text, no number is null. */
static double json_value(const json_t *v)
{
    if (json_is_string(v)) {
        return strcmp(json_string_value(v), "Inf") == 0    ? (double)INFINITY
               : strcmp(json_string_value(v), "-Inf") == 0 ? -(double)INFINITY
                                                           : (double)NAN;
    }
    return json_is_number(v) ? json_number_value(v) : (double)NAN;
}

static bool logrank_rule(struct qualification *q, const struct rule *r, const json_t *sets)
{
    struct tally t = {0};
    char name[64];
    const json_t *set, *own;
    size_t i;

    (void)snprintf(name, sizeof name, "calc_%s", r->column); /* names are ours and short */
    json_array_foreach(sets, i, set)
    {
        double want = json_value(json_object_get(set, r->column)),
               got = json_value(json_object_get(set, name));

        if (isnan(want)) {
            continue;
        }
        if (strcmp(r->column, "cox_logHR_efron") == 0 && fabs(want) > COX_RAN_AWAY) {
            want = copysign((double)INFINITY, want);
        }
        own = json_object_get(set, "tolerance");
        t.row_tolerance = own != NULL;
        count(&t, got, want,
              own != NULL ? within(BY_ABS, got, want, 0, json_value(own))
                          : within(r->measure, got, want, (double)INFINITY, r->tol),
              0);
    }
    return t.compared == 0 || report(q, r, &t);
}

static enum status logrank_set(struct qualification *q, const char *path, bool *ok, struct err *err)
{
    struct buf bytes = {0}, out = {0};
    json_t *sets = NULL;
    enum status st = ctl_read(path, &bytes, err);

    if (st == OK) {
        st = qualification_source(q, path, &bytes, err);
    }
    if (st == OK) {
        st = calc_logrank(path, buf_cstr(&bytes), bytes.len, &out, err);
    }
    if (st == OK) {
        sets = json_loadb(buf_cstr(&out), out.len, 0, NULL);
        if (sets == NULL) {
            st = err_set(err, E_INTERNAL, "%s: our own result cannot be read back", path);
        }
    }
    for (size_t i = 0; st == OK && i < sizeof logrank_rules / sizeof logrank_rules[0]; i++) {
        if (!logrank_rule(q, &logrank_rules[i], sets)) {
            *ok = false;
        }
    }
    json_decref(sets);
    buf_done(&bytes);
    buf_done(&out);
    return st;
}

static const char help[] =
    "usage: dsmbctl validate [--html FILE] [DIR]...\n\n"
    "Runs every reference set found in DIR (default: tests/reference with its folder independent, and "
    "$DSMB_SHARED/reference where it is)\n"
    "through the calculator and writes a qualification report: on which build, with "
    "which libraries, and for\n"
    "each output column rows compared, worst errors, tolerance and verdict.  Text "
    "goes to standard output.\n\n"
    "  --html FILE   the same as a page, too\n\n"
    "A column `tolerance` in a set replaces the tolerance for its rows.\n"
    "Exit status: 0 all pass, 1 a column fails.\n";

/* The folder's sets that exist. */
static enum status all_sets(struct qualification *q, const char *dir, bool *ok, struct err *err)
{
    size_t n, before = q->n_sources;
    const struct calc_set *sets = calc_all(&n);
    struct buf path = {0};
    enum status st = OK;

    for (size_t i = 0; st == OK && i <= n; i++) {
        buf_clear(&path);
        buf_fmt(&path, "%s/%s", dir, i < n ? sets[i].name : "logrank");
        buf_str(&path, i < n ? ".csv" : ".json");
        st = buf_check(&path, err);
        if (st == OK && access(buf_cstr(&path), R_OK) == 0) {
            ctl_progress("validate", 0, 0, buf_cstr(&path));
            st = i < n ? one_set(q, &sets[i], buf_cstr(&path), ok, err)
                       : logrank_set(q, buf_cstr(&path), ok, err);
        }
    }
    buf_done(&path);
    if (st == OK && q->n_sources == before) {
        st = err_set(err, E_NOTFOUND,
                     "%s holds no reference set; name a folder with boundaries.csv, exact.csv, ...", dir);
    }
    return st;
}

/* The project's own sets, and the shared ones where they are. */
static enum status usual_sets(struct qualification *q, bool *ok, struct err *err)
{
    const char *shared = getenv("DSMB_SHARED");
    struct buf dir = {0};
    bool own = access("tests/reference", R_OK) == 0;
    enum status st = own ? all_sets(q, "tests/reference", ok, err) : OK;

    if (st == OK && own) {
        st = all_sets(q, "tests/reference/independent", ok, err);
    }
    buf_fmt(&dir, "%s/reference", shared != NULL ? shared : "../shared");
    if (st == OK) {
        st = buf_check(&dir, err);
    }
    if (st == OK && (!own || access(buf_cstr(&dir), R_OK) == 0)) {
        st = all_sets(q, buf_cstr(&dir), ok, err);
    }
    buf_done(&dir);
    return st;
}

int ctl_validate(int argc, char **argv)
{
    struct qualification q = {0};
    const char *html = NULL;
    const struct ctl_opt opts[] = {{"html", CTL_TEXT, &html}};
    struct err err = {0};
    bool ok = true;
    enum status st = OK;
    int at = 0, rc = ctl_options("validate", help, opts, 1, argc, argv, &at);

    if (rc != 0) {
        return rc == CTL_HELPED ? 0 : rc;
    }
    if (at == argc) {
        st = usual_sets(&q, &ok, &err);
    }
    for (int i = at; st == OK && i < argc; i++) {
        st = all_sets(&q, argv[i], &ok, &err);
    }
    ctl_progress_end();
    if (st == OK) {
        st = qualification_text(&q, &err);
    }
    if (st == OK && html != NULL) {
        st = qualification_html(&q, html, &err);
    }
    rc = st != OK ? ctl_fail("validate", st, &err) : ok ? 0 : 1;
    qualification_done(&q);
    return rc;
}
