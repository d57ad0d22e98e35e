/*
 * The CDISC pilot study: what the tally makes of a real trial, from its SDTM tables.
 * Expected numbers: of the study itself, counted from DM.ARMCD, AE and SUPPAE.AETRTEM without dates of ours.
 */
#include "tally/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "support/t.h"
#include "support/t_trial.h"

enum { PLACEBO, LOW, HIGH, ARMS, CAT_GI = 0, CAT_DEATH };

struct pilot {
    struct csv *dm, *ae, *supp;
    struct arms arms;
    struct snapshot *s;
    struct classes c;
};

static struct csv *load(const char *name)
{
    char *path = t_shared(name), *bytes;
    struct csv *c = NULL;
    struct err e = {0};
    size_t len = 0;

    if (path == NULL) {
        return NULL;
    }
    bytes = t_slurp(path, &len);
    assert_ok(csv_parse(name, bytes, len, &c, &e), e);
    free(bytes);
    free(path);
    return c;
}

/* A cell by column name; NULL when empty, as SDTM has it. */
static const char *cell(const struct csv *c, size_t row, const char *column)
{
    int col = csv_find(c, column);
    size_t len = 0;
    const char *p;

    assert_true(col >= 0);
    p = csv_cell(c, row, (size_t)col, &len);
    return len == 0 ? NULL : p;
}

static const char *flag(const struct csv *c, size_t row, const char *column)
{
    const char *p = cell(c, row, column);

    return p == NULL ? NULL : strcmp(p, "Y") == 0 ? "t" : "f";
}

static const char *day_of(const char *s, char out[11])
{
    if (s == NULL) {
        return NULL;
    }
    (void)snprintf(out, 11, "%.10s", s);
    return out;
}

static bool randomised(const struct pilot *p, size_t row)
{
    const char *arm = cell(p->dm, row, "ARMCD");

    return arm != NULL && strcmp(arm, "Scrnfail") != 0;
}

static void add_subjects(struct pilot *p, struct builder *b)
{
    for (size_t i = 0; i < csv_rows(p->dm); i++) {
        const char *const id = cell(p->dm, i, "USUBJID");
        char rand[11], first[11], last[11], end[11];
        const char *const v[SUB_COLUMNS] = {[SUB_ID] = id,
                                            [SUB_SITE] = cell(p->dm, i, "SITEID"),
                                            [SUB_RAND] = day_of(cell(p->dm, i, "RFSTDTC"), rand),
                                            [SUB_FIRST_DOSE] = day_of(cell(p->dm, i, "RFXSTDTC"), first),
                                            [SUB_LAST_DOSE] = day_of(cell(p->dm, i, "RFXENDTC"), last),
                                            [SUB_FU_END] = day_of(cell(p->dm, i, "RFPENDTC"), end),
                                            [SUB_DEATH_DATE] = cell(p->dm, i, "DTHDTC"),
                                            [SUB_DEATH_FLAG] = cell(p->dm, i, "DTHFL") == NULL ? "f" : "t"};

        if (randomised(p, i)) {
            t_row(b, SRC_SUBJECT, v);
            t_arm(b, id, cell(p->dm, i, "ARMCD"), cell(p->dm, i, "ACTARMCD"));
        }
    }
}

static void ae_key(char out[64], const struct csv *c, size_t row, const char *seq)
{
    (void)snprintf(out, 64, "%s/%s", cell(c, row, "USUBJID"), cell(c, row, seq));
}

static void add_events(struct pilot *p, struct builder *b)
{
    for (size_t i = 0; i < csv_rows(p->ae); i++) {
        char id[64];
        const char *v[AE_COLUMNS] = {[AE_SUBJECT] = cell(p->ae, i, "USUBJID"),
                                     [AE_EPISODE] = cell(p->ae, i, "AESPID"),
                                     [AE_TERM] = cell(p->ae, i, "AETERM"),
                                     [AE_PT] = cell(p->ae, i, "AEDECOD"),
                                     [AE_SOC] = cell(p->ae, i, "AEBODSYS"),
                                     [AE_ONSET] = cell(p->ae, i, "AESTDTC"),
                                     [AE_RESOLVED] = cell(p->ae, i, "AEENDTC"),
                                     [AE_SERIOUS] = flag(p->ae, i, "AESER"),
                                     [AE_S_DEATH] = flag(p->ae, i, "AESDTH"),
                                     [AE_S_HOSP] = flag(p->ae, i, "AESHOSP"),
                                     [AE_OUTCOME] = cell(p->ae, i, "AEOUT"),
                                     [AE_FORM] = "COMPLETE",
                                     [AE_DELETED] = "f"};

        ae_key(id, p->ae, i, "AESEQ");
        v[AE_ID] = id;
        t_row(b, SRC_AE, v);
    }
}

/* The site's SOC stands for the classifier, which is tested elsewhere. */
static void classify(struct pilot *p)
{
    p->c = (struct classes){.n_events = p->s->n_events, .n_subjects = p->s->n_subjects};
    p->c.events = calloc(p->s->n_events, sizeof *p->c.events);
    p->c.subjects = calloc(p->s->n_subjects, sizeof *p->c.subjects);
    assert_true(p->c.events != NULL && p->c.subjects != NULL);
    for (size_t i = 0; i < p->s->n_events; i++) {
        const struct event *e = &p->s->events[i];

        if (strcmp(t_str(p->s, e->soc), "GASTROINTESTINAL DISORDERS") == 0) {
            p->c.events[i].categories |= 1u << CAT_GI;
        }
        if (e->outcome == OUT_FATAL) {
            p->c.events[i].categories |= 1u << CAT_DEATH;
        }
    }
    for (size_t i = 0; i < p->s->n_subjects; i++) {
        if (p->s->subjects[i].death_flag) {
            p->c.subjects[i] = (struct subject_class){.categories = 1u << CAT_DEATH,
                                                      .first = p->s->subjects[i].death_date.first,
                                                      .last = p->s->subjects[i].death_date.last};
        }
    }
}

static int set_up(void **state)
{
    static const char *const codes[ARMS] = {"Pbo", "Xan_Lo", "Xan_Hi"};
    struct pilot *p = calloc(1, sizeof *p);
    struct builder *b = NULL;
    struct err e = {0};

    assert_non_null(p);
    *state = p;
    p->dm = load("data/cdiscpilot01/dm.csv");
    p->ae = load("data/cdiscpilot01/ae.csv");
    p->supp = load("data/cdiscpilot01/suppae.csv");
    if (p->dm == NULL || p->ae == NULL || p->supp == NULL) {
        return 0;
    }
    t_arms(&p->arms, ARMS, codes);
    assert_ok(builder_new(&p->arms, &b, &e), e);
    add_subjects(p, b);
    add_events(p, b);
    p->s = t_finish(b);
    classify(p);
    return 0;
}

static int tear_down(void **state)
{
    struct pilot *p = *state;

    csv_free(p->dm);
    csv_free(p->ae);
    csv_free(p->supp);
    arms_done(&p->arms);
    free(p->c.events);
    free(p->c.subjects);
    snapshot_free(p->s);
    free(p);
    return 0;
}

/* Or skips the test. */
static struct pilot *need(void **state)
{
    struct pilot *p = *state;

    if (p->s == NULL) {
        skip();
    }
    return p;
}

static struct tally_row *count(const struct pilot *p, int32_t te_days, size_t *n)
{
    static const int no_subtypes[1] = {0};
    const struct tally_shape shape = {.n_arms = ARMS, .n_categories = 2, .subtype_category = no_subtypes};
    struct tally_options o = tally_defaults(day_from_ymd(2016, 1, 1));
    struct tally_row *rows = NULL;
    struct err e = {0};

    o.te_days = te_days;
    o.death_category = CAT_DEATH;
    assert_ok(tally_counts(p->s, &p->c, &shape, &o, &rows, n, &e), e);
    return rows;
}

static void demand_subjects(const struct tally_row *rows, size_t n, int category, enum window w,
                            enum basis basis, int placebo, int low, int high)
{
    const int want[ARMS] = {placebo, low, high};

    for (int arm = 0; arm < ARMS; arm++) {
        const struct tally_row *r = tally_find(rows, n, category, NO_SUBTYPE, POP_RANDOMISED, w, basis, arm);

        assert_non_null(r);
        assert_int_equal(r->subjects, want[arm]);
    }
}

static void randomised_are_254_as_86_84_84(void **state)
{
    const struct pilot *p = need(state);
    struct tally_options o = tally_defaults(day_from_ymd(2016, 1, 1));
    struct population_counts *c = NULL;
    struct err e = {0};

    assert_int_equal(p->s->n_subjects, 254);
    assert_int_equal(p->s->n_events, 1191);
    assert_ok(tally_populations(p->s, ARMS, &o, &c, &e), e);
    assert_int_equal(c[PLACEBO].randomised, 86);
    assert_int_equal(c[LOW].randomised, 84);
    assert_int_equal(c[HIGH].randomised, 84);
    assert_int_equal(c[ARMS].randomised, 0);
    assert_int_equal(c[ARMS + 1].randomised, 254);
    assert_int_equal(c[ARMS + 1].died, 3);
    free(c);
    o.basis = BASIS_ACTUAL;
    assert_ok(tally_populations(p->s, ARMS, &o, &c, &e), e);
    assert_int_equal(c[LOW].randomised, 96);
    assert_int_equal(c[HIGH].randomised, 72);
    free(c);
}

static void subjects_with_any_event_are_69_77_79(void **state)
{
    const struct pilot *p = need(state);
    size_t n = 0;
    struct tally_row *rows = count(p, TE_NO_END, &n);
    const struct tally_row *all =
        tally_find(rows, n, TALLY_ANY, NO_SUBTYPE, POP_RANDOMISED, WINDOW_ALL, BASIS_PLANNED, ROW_TOTAL);

    demand_subjects(rows, n, TALLY_ANY, WINDOW_ALL, BASIS_PLANNED, 69, 77, 79);
    assert_int_equal(all->rows, 1191);
    assert_int_equal(all->episodes, 883);
    assert_int_equal(all->subjects, 225);
    demand_subjects(rows, n, CAT_GI, WINDOW_ALL, BASIS_PLANNED, 17, 15, 21);
    demand_subjects(rows, n, CAT_DEATH, WINDOW_ALL, BASIS_PLANNED, 2, 1, 0);
    free(rows);
}

static void subjects_with_treatment_emergent_events_are_65_77_76(void **state)
{
    const struct pilot *p = need(state);
    size_t n = 0;
    struct tally_row *rows = count(p, TE_NO_END, &n);

    demand_subjects(rows, n, TALLY_ANY, WINDOW_TE, BASIS_PLANNED, 65, 77, 76);
    free(rows);
    rows = count(p, 30, &n); /* an end is the plan's choice, and another definition than the sponsor's */
    demand_subjects(rows, n, TALLY_ANY, WINDOW_TE, BASIS_PLANNED, 65, 77, 75);
    free(rows);
}

/* The dates alone say what the sponsor's statistician flagged, in every single row. */
static void dates_agree_with_the_sponsors_flag_row_for_row(void **state)
{
    const struct pilot *p = need(state);
    size_t agree = 0, yes = 0;

    for (size_t i = 0; i < csv_rows(p->supp); i++) {
        struct tally_options o = tally_defaults(day_from_ymd(2016, 1, 1));
        bool want = strcmp(cell(p->supp, i, "QVAL"), "Y") == 0;
        char id[64];
        str_id key;
        struct snapshot one = *p->s;
        struct classes class_of_one = {
            .events = p->c.events, .n_events = 1, .subjects = p->c.subjects, .n_subjects = p->s->n_subjects};
        struct first_event *f = NULL;
        size_t n = 0;
        struct err e = {0};

        assert_string_equal(cell(p->supp, i, "QNAM"), "AETRTEM");
        ae_key(id, p->supp, i, "IDVARVAL");
        key = pool_find(p->s->pool, id, strlen(id));
        for (size_t k = 0; k < p->s->n_events; k++) {
            one.events = &p->s->events[k];
            if (one.events->id == key) {
                break;
            }
        }
        one.n_events = 1;
        o.window = WINDOW_TE;
        assert_ok(tally_first_events(&one, &class_of_one, (struct tally_target){.category = TALLY_ANY}, &o,
                                     &f, &n, &e),
                  e);
        agree += want == (n == 1);
        yes += want;
        free(f);
    }
    assert_int_equal(csv_rows(p->supp), 1191);
    assert_int_equal(yes, 1126);
    assert_int_equal(agree, 1191);
}

static void queries_name_what_is_wrong_with_the_pilot(void **state)
{
    const struct pilot *p = need(state);

    assert_int_equal(t_queries(p->s, Q_UNREADABLE, NULL), 0);
    assert_int_equal(t_queries(p->s, Q_NO_ARM, NULL), 0);
    assert_int_equal(t_queries(p->s, Q_DUPLICATE_KEY, NULL), 0);
    assert_int_equal(t_queries(p->s, Q_EVENT_WITHOUT_SUBJECT, NULL), 0);
    assert_int_equal(t_queries(p->s, Q_DEATH_DISAGREES, "death_date"),
                     1); /* 2014-10-31 in AE, 2014-11-01 in DM */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(randomised_are_254_as_86_84_84),
        cmocka_unit_test(subjects_with_any_event_are_69_77_79),
        cmocka_unit_test(subjects_with_treatment_emergent_events_are_65_77_76),
        cmocka_unit_test(dates_agree_with_the_sponsors_flag_row_for_row),
        cmocka_unit_test(queries_name_what_is_wrong_with_the_pilot),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
