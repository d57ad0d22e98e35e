/* The closed and the open report: bytes, the same numbers in each format, and what the open one must never tell. */
#include "support/t.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "render/facts.h"
#include "render/pooled.h"
#include "render/report_parts.h"
#include "support/t_render.h"

static const enum report_format formats[] = {REPORT_TEXT, REPORT_CSV, REPORT_JSON, REPORT_HTML};
static const char *const suffix[] = {"txt", "csv", "json", "html"};

enum { FORMATS = sizeof(formats) / sizeof(formats[0]) };

static void render(const struct synthetic_options *o, enum audience a, enum report_format f, struct buf *out)
{
    struct synthetic s;
    struct report_input in;
    struct err err = {0};

    synthetic_make(&s, o);
    in = synthetic_report(&s);
    assert_ok(report_render(&in, a, f, out, &err), err);
    synthetic_done(&s);
}

static bool same_bytes(const struct buf *a, const struct buf *b)
{
    return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

static void reports_are_the_golden_ones_byte_for_byte(void **state)
{
    struct synthetic_options o = {0};

    (void)state;
    for (size_t i = 0; i < FORMATS; i++) {
        struct buf b = {0};
        char name[64];

        render(&o, AUDIENCE_CLOSED, formats[i], &b);
        (void)snprintf(name, sizeof(name), "closed-report.%s", suffix[i]);
        golden(name, &b);
        buf_clear(&b);
        render(&o, AUDIENCE_OPEN, formats[i], &b);
        (void)snprintf(name, sizeof(name), "open-report.%s", suffix[i]);
        golden(name, &b);
        buf_done(&b);
    }
}

static void arms_may_be_coded_instead_of_named(void **state)
{
    struct synthetic s;
    struct synthetic_options o = {0};
    struct report_input in;
    struct buf b = {0};
    struct err err = {0};

    (void)state;
    synthetic_make(&s, &o);
    s.plan.title[0] = '\0'; /* the trial's own title names its drug */
    in = synthetic_report(&s);
    in.coded_arms = true;
    assert_ok(report_render(&in, AUDIENCE_CLOSED, REPORT_TEXT, &b, &err), err);
    assert_null(strstr(b.data, "Magnesium"));
    assert_null(strstr(b.data, "Placebo"));
    assert_non_null(strstr(b.data, "Arm A"));
    assert_non_null(strstr(b.data, "Arm B"));
    golden("closed-report-coded.txt", &b);
    buf_done(&b);
    synthetic_done(&s);
}

/*
 * The differential test of the firewall.  That it can find something is shown on the closed report, and on an open
 * report with a leak planted in it.
 */
static void swapping_the_arms_changes_no_byte_of_the_open_report(void **state)
{
    struct synthetic_options plain = {0}, swapped = {.swap_arms = true};

    (void)state;
    for (size_t i = 0; i < FORMATS; i++) {
        struct buf a = {0}, b = {0};

        render(&plain, AUDIENCE_OPEN, formats[i], &a);
        render(&swapped, AUDIENCE_OPEN, formats[i], &b);
        assert_true(same_bytes(&a, &b));
        buf_clear(&a);
        buf_clear(&b);
        render(&plain, AUDIENCE_CLOSED, formats[i], &a);
        render(&swapped, AUDIENCE_CLOSED, formats[i], &b);
        assert_false(same_bytes(&a, &b));
        buf_done(&a);
        buf_done(&b);
    }
}

static void leaky(const struct synthetic_options *o, struct buf *out)
{
    struct synthetic s;
    struct report_input in;
    struct facts *f = NULL;
    struct pooled p;
    const struct tally_row *t;
    struct err err = {0};

    synthetic_make(&s, o);
    in = synthetic_report(&s);
    assert_ok(facts_new(&f, &err), err);
    assert_ok(pooled_of(&in, &p, &err), err);
    report_open_facts(&p, f);
    t = tally_find(s.result.tallies, s.result.n_tallies, 0, NO_SUBTYPE, POP_RANDOMISED, WINDOW_ALL,
                   BASIS_PLANNED, 1);
    assert_non_null(t);
    facts_int(f, (struct place){"about", "", ""}, "rows", t->subjects, NULL);
    assert_ok(facts_csv(f, out, &err), err);
    facts_free(f);
    synthetic_done(&s);
}

static void a_planted_leak_is_found_by_the_swap(void **state)
{
    struct synthetic_options plain = {0}, swapped = {.swap_arms = true};
    struct buf a = {0}, b = {0};

    (void)state;
    leaky(&plain, &a);
    leaky(&swapped, &b);
    assert_false(same_bytes(&a, &b));
    buf_done(&a);
    buf_done(&b);
}

static void the_open_report_names_no_arm_boundary_verdict_or_subject(void **state)
{
    static const char *const canary[] = {"CANARYONE", "CANARYZERO",       "MGOH",     "PLAC",     "CROSSED",
                                         "oundary",   "crossed",          "alpha",    "ledger",   "e-value",
                                         "S001",      "Myokardieinfarkt", "aaaaaaaa", "bbbbbbbb", "DK1",
                                         "look 14",   "Illustrative"};
    struct synthetic_options o = {.label = {"CANARYZERO", "CANARYONE"}};

    (void)state;
    for (size_t i = 0; i < FORMATS; i++) {
        struct buf open = {0}, closed = {0};

        render(&o, AUDIENCE_OPEN, formats[i], &open);
        render(&o, AUDIENCE_CLOSED, formats[i], &closed);
        /* The search finds what is there. */
        assert_non_null(strstr(closed.data, "CANARYONE"));
        assert_non_null(strstr(closed.data, "CANARYZERO"));
        for (size_t k = 0; k < sizeof(canary) / sizeof(canary[0]); k++) {
            if (strstr(open.data, canary[k]) != NULL) {
                fail_msg("the open report (%s) holds %s", suffix[i], canary[k]);
            }
        }
        buf_done(&open);
        buf_done(&closed);
    }
}

static const char *text_of(const struct facts *f, const char *section, const char *item,
                           const char *statistic)
{
    for (size_t i = 0; i < facts_count(f); i++) {
        const struct fact *x = facts_at(f, i);

        if (strcmp(x->section, section) == 0 && strcmp(x->item, item) == 0 &&
            strcmp(x->statistic, statistic) == 0) {
            return x->text;
        }
    }
    return "(none)";
}

static void small_cells_of_the_open_report_are_withheld(void **state)
{
    struct pooled p = {
        .trial = "T",
        .title = "",
        .population = "randomised",
        .cut = DAY_NONE,
        .current_to = INSTANT_NONE,
        .now = INSTANT_NONE,
        .randomised = 100,
        .dosed = 98,
        .ongoing = 60,
        .completed = 30,
        .withdrawn = 7,
        .lost = 0,
        .died = 3,
        .other = 0,
        .n_counts = 4,
        .count = {
            {.name = "zero", .title = "Z", .n = 100, .subjects = 0, .episodes = 0, .risk_days = 36525},
            {.name = "four", .title = "F", .n = 100, .subjects = 4, .episodes = 9, .risk_days = 36525},
            {.name = "five", .title = "F", .n = 100, .subjects = 5, .episodes = 9, .risk_days = 36525},
            {.name = "most", .title = "M", .n = 100, .subjects = 97, .episodes = 200, .risk_days = 36525}}};
    struct facts *f = NULL;
    struct err err = {0};

    (void)state;
    assert_ok(facts_new(&f, &err), err);
    report_open_facts(&p, f);
    assert_string_equal(text_of(f, "categories", "zero", "subjects"), "0/100 (0 %)");
    assert_string_equal(text_of(f, "categories", "four", "subjects"), "<5/100");
    assert_string_equal(text_of(f, "categories", "four", "episodes"), "withheld");
    assert_string_equal(text_of(f, "categories", "four", "rate_per_100py"), "withheld");
    assert_string_equal(text_of(f, "categories", "five", "subjects"), "5/100 (5.0 %)");
    assert_string_equal(text_of(f, "categories", "five", "rate_per_100py"), "5.00");
    assert_string_equal(text_of(f, "categories", "most", "subjects"), "all but <5/100");
    assert_string_equal(text_of(f, "disposition", "dosed", "subjects"), "all but <5");
    /* 3 deaths would follow from 100 - 60 - 30 - 7: the least of the others goes too. */
    assert_string_equal(text_of(f, "disposition", "died", "subjects"), "<5");
    assert_string_equal(text_of(f, "disposition", "withdrawn", "subjects"), "withheld");
    assert_string_equal(text_of(f, "disposition", "completed", "subjects"), "30/100 (30.0 %)");
    facts_free(f);
}

/* No two shown months, nor the last shown one and the total, differ by one to four first events. */
static void months_that_would_tell_of_few_are_withheld(void **state)
{
    static const struct pooled_point points[] = {{3, 3, 97, 0.03},   {6, 7, 88, 0.07},   {12, 10, 71, 0.1},
                                                 {18, 14, 52, 0.15}, {24, 17, 31, 0.19}, {36, 20, 4, 0.24}};
    struct pooled p = {.trial = "T", .title = "", .population = "randomised", .cut = DAY_NONE, .n_counts = 2};
    struct facts *f = NULL;
    struct err err = {0};

    (void)state;
    p.count[0] = (struct pooled_count){.name = "x", .title = "X", .n = 100, .subjects = 20, .n_points = 6};
    memcpy(p.count[0].point, points, sizeof(points));
    p.count[1] = (struct pooled_count){.name = "few", .title = "Few", .n = 100, .subjects = 4, .n_points = 6};
    memcpy(p.count[1].point, points, sizeof(points));
    p.current_to = p.now = INSTANT_NONE;
    assert_ok(facts_new(&f, &err), err);
    report_open_facts(&p, f);
    assert_string_equal(text_of(f, "incidence", "x", "month_3"), "withheld"); /* 3 events */
    assert_string_equal(text_of(f, "incidence", "x", "month_6"), "7.0");
    assert_string_equal(text_of(f, "incidence", "x", "month_12"), "withheld"); /* 3 more than at 6 months */
    assert_string_equal(text_of(f, "incidence", "x", "month_18"), "15.0");     /* 7 more, and 6 to come */
    assert_string_equal(text_of(f, "incidence", "x", "month_24"), "withheld"); /* 3 more, and 3 to come */
    assert_string_equal(text_of(f, "incidence", "x", "month_36"), "24.0");
    assert_string_equal(text_of(f, "incidence_at_risk", "x", "month_3"), "95");
    assert_string_equal(text_of(f, "incidence_at_risk", "x", "month_24"), "30");
    assert_string_equal(text_of(f, "incidence_at_risk", "x", "month_36"), "<5");
    /* A category that is withheld has no curve at all. */
    assert_string_equal(text_of(f, "incidence", "few", "month_6"), "(none)");
    assert_string_equal(text_of(f, "incidence_at_risk", "few", "month_6"), "(none)");
    facts_free(f);
}

static void csv_and_json_hold_the_same_facts(void **state)
{
    static const char *const column[] = {"section", "item", "group", "statistic", "text"};
    struct synthetic_options o = {0};
    struct buf c = {0}, j = {0};
    struct csv *csv = NULL;
    struct err err = {0};
    json_error_t why;
    json_t *root, *facts;
    size_t numbers = 0;

    (void)state;
    render(&o, AUDIENCE_CLOSED, REPORT_CSV, &c);
    render(&o, AUDIENCE_CLOSED, REPORT_JSON, &j);
    assert_ok(csv_parse("report.csv", c.data, c.len, &csv, &err), err);
    root = json_loadb(j.data, j.len, JSON_REJECT_DUPLICATES, &why);
    assert_non_null(root);
    assert_string_equal(json_string_value(json_object_get(root, "format")), "dsmb-report-1");
    facts = json_object_get(root, "facts");
    assert_int_equal(json_array_size(facts), csv_rows(csv));
    assert_true(csv_rows(csv) > 500);
    for (size_t i = 0; i < csv_rows(csv); i++) {
        const json_t *x = json_array_get(facts, i), *v = json_object_get(x, "value");
        const char *cell = csv_cell(csv, i, (size_t)csv_find(csv, "value"), NULL);

        for (size_t k = 0; k < 5; k++) {
            const char *a = csv_cell(csv, i, (size_t)csv_find(csv, column[k]), NULL);

            /* A text that begins like a formula has an apostrophe before it in CSV. */
            assert_string_equal(a[0] == '\'' ? a + 1 : a, json_string_value(json_object_get(x, column[k])));
        }
        if (json_is_number(v)) {
            assert_true(strtod(cell, NULL) == json_number_value(v));
            numbers++;
        } else {
            assert_true(json_is_null(v));
            assert_true(cell[0] == '\0' || !isfinite(strtod(cell, NULL)) || strcmp(cell, "NA") == 0);
        }
    }
    assert_true(numbers > 300);
    json_decref(root);
    csv_free(csv);
    buf_done(&c);
    buf_done(&j);
}

/* A number of the comparisons, read from the CSV as a reader would. */
static double value_of(const struct buf *report, const char *item, const char *statistic)
{
    struct csv *csv = NULL;
    struct err err = {0};
    double v = (double)NAN;

    assert_ok(csv_parse("report.csv", report->data, report->len, &csv, &err), err);
    for (size_t i = 0; i < csv_rows(csv); i++) {
        if (strcmp(csv_cell(csv, i, 0, NULL), "comparisons") == 0 &&
            strcmp(csv_cell(csv, i, 1, NULL), item) == 0 &&
            strcmp(csv_cell(csv, i, 3, NULL), statistic) == 0) {
            v = strtod(csv_cell(csv, i, 4, NULL), NULL);
        }
    }
    csv_free(csv);
    return v;
}

static void published_totals_stand_in_the_closed_report(void **state)
{
    static const struct {
        const char *item, *exp, *control;
    } want[] = {{"gastrointestinal", "35/75 (46.7 %)", "9/73 (12.3 %)"},
                {"death", "5/75 (6.7 %)", "2/73 (2.7 %)"},
                {"cardiovascular", "6/75 (8.0 %)", "0/73 (0 %)"}};
    struct synthetic_options o = {0};
    struct buf c = {0};

    (void)state;
    render(&o, AUDIENCE_CLOSED, REPORT_CSV, &c);
    for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
        char line[128];

        (void)snprintf(line, sizeof(line), "\ncategories,%s,Magnesium,subjects,%d,%s\n", want[i].item,
                       atoi(want[i].exp), want[i].exp);
        assert_non_null(strstr(c.data, line));
        (void)snprintf(line, sizeof(line), "\ncategories,%s,Placebo,subjects,%d,%s\n", want[i].item,
                       atoi(want[i].control), want[i].control);
        assert_non_null(strstr(c.data, line));
    }
    /* The published tables; reference values by R, to the digits given. */
    assert_near(value_of(&c, "cardiovascular", "fisher_one_sided"), 0.01529, 5e-6);
    assert_near(value_of(&c, "cardiovascular", "odds_ratio_low"), 1.190, 5e-4);
    assert_true(isinf(value_of(&c, "cardiovascular", "odds_ratio_high")));
    assert_near(value_of(&c, "gastrointestinal", "fisher_one_sided"), 3.597e-6, 5e-10);
    assert_near(value_of(&c, "gastrointestinal", "odds_ratio"), 6.142, 5e-4);
    assert_near(value_of(&c, "gastrointestinal", "odds_ratio_low"), 2.562, 5e-4);
    assert_near(value_of(&c, "gastrointestinal", "odds_ratio_high"), 16.131, 5e-4);
    assert_near(value_of(&c, "gastrointestinal", "risk_difference_low"), 0.2022, 5e-5);
    assert_near(value_of(&c, "gastrointestinal", "risk_difference_high"), 0.4738, 5e-5);
    assert_near(value_of(&c, "death", "fisher_one_sided"), 0.2322, 5e-5);
    buf_done(&c);
}

static void hostile_terms_are_shown_and_no_cell_is_a_formula(void **state)
{
    static const char evil[] = "=HYPERLINK(\"http://e.example\")\r\n\"; DROP TABLE ae;--\xe2\x80\xae<b>";
    struct synthetic_options o = {.term = evil, .term_len = sizeof(evil) - 1};

    (void)state;
    for (size_t i = 0; i < FORMATS; i++) {
        struct buf b = {0};

        render(&o, AUDIENCE_CLOSED, formats[i], &b);
        assert_non_null(strstr(b.data, "DROP TABLE ae;--"));
        assert_null(strstr(b.data, "\xe2\x80\xae"));
        assert_null(memchr(b.data, '\r', b.len));
        assert_null(strstr(b.data, ",=HYPERLINK"));
        assert_null(strstr(b.data, ",\"=HYPERLINK"));
        buf_done(&b);
    }
}

static void three_arms_are_each_compared_with_control_and_together(void **state)
{
    struct synthetic_options o = {.third_arm = true};
    struct buf b = {0};

    (void)state;
    render(&o, AUDIENCE_CLOSED, REPORT_CSV, &b);
    assert_non_null(strstr(b.data, "\ncategories,gastrointestinal,Low dose,denominator,6,6\n"));
    assert_non_null(strstr(b.data, "\ncategories,gastrointestinal,Magnesium,denominator,69,69\n"));
    assert_non_null(strstr(b.data, "\ncategories,gastrointestinal,All,denominator,148,148\n"));
    assert_non_null(strstr(b.data, "\ncomparisons,gastrointestinal,Low dose v Placebo,risk_difference,"));
    assert_non_null(strstr(b.data, "\ncomparisons,gastrointestinal,Magnesium v Placebo,risk_difference,"));
    /* Pooled again they are the two-arm trial. */
    assert_non_null(
        strstr(b.data, "\ncomparisons,gastrointestinal,Experimental arms v Placebo,risk_difference,"));
    assert_non_null(strstr(b.data, "+34.3 (20.2 to 47.4)"));
    buf_done(&b);
    /* And the open report is the two-arm one's. */
    for (size_t i = 0; i < FORMATS; i++) {
        struct synthetic_options two = {0};
        struct buf x = {0}, y = {0};

        render(&o, AUDIENCE_OPEN, formats[i], &x);
        render(&two, AUDIENCE_OPEN, formats[i], &y);
        assert_true(same_bytes(&x, &y));
        buf_done(&x);
        buf_done(&y);
    }
}

static void an_empty_trial_gives_a_report_without_numbers_made_up(void **state)
{
    struct synthetic s;
    struct synthetic_options o = {0};
    struct report_input in;
    struct builder *b = NULL;
    struct err err = {0};
    struct buf out = {0};

    (void)state;
    synthetic_make(&s, &o);
    snapshot_free(s.snapshot);
    s.snapshot = NULL;
    assert_ok(builder_new(&s.plan.arms, &b, &err), err);
    assert_ok(builder_finish(b, &s.snapshot, &err), err);
    builder_free(b);
    free(s.result.tallies);
    s.result.tallies = NULL;
    s.result.n_tallies = 0;
    s.result.classes.n_events = s.result.classes.n_subjects = 0;
    in = synthetic_report(&s);
    in.data_cutoff = in.read_at = INSTANT_NONE;
    for (size_t i = 0; i < FORMATS; i++) {
        assert_ok(report_render(&in, AUDIENCE_CLOSED, formats[i], &out, &err), err);
        assert_null(strstr(out.data, "nan"));
        assert_non_null(strstr(out.data, "not estimable"));
        buf_clear(&out);
        assert_ok(report_render(&in, AUDIENCE_OPEN, formats[i], &out, &err), err);
        assert_null(strstr(out.data, "nan"));
        buf_clear(&out);
    }
    buf_done(&out);
    synthetic_done(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports_are_the_golden_ones_byte_for_byte),
        cmocka_unit_test(arms_may_be_coded_instead_of_named),
        cmocka_unit_test(swapping_the_arms_changes_no_byte_of_the_open_report),
        cmocka_unit_test(a_planted_leak_is_found_by_the_swap),
        cmocka_unit_test(the_open_report_names_no_arm_boundary_verdict_or_subject),
        cmocka_unit_test(small_cells_of_the_open_report_are_withheld),
        cmocka_unit_test(months_that_would_tell_of_few_are_withheld),
        cmocka_unit_test(csv_and_json_hold_the_same_facts),
        cmocka_unit_test(published_totals_stand_in_the_closed_report),
        cmocka_unit_test(hostile_terms_are_shown_and_no_cell_is_a_formula),
        cmocka_unit_test(three_arms_are_each_compared_with_control_and_together),
        cmocka_unit_test(an_empty_trial_gives_a_report_without_numbers_made_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
