/* Terms: one spelling for many, subjects once each, in an order that no arm decides. */
#include "tally/terms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/t.h"
#include "support/t_trial.h"

static const char *const codes[] = {"PLA", "MAG"};

struct trial {
    struct arms arms;
    struct builder *b;
    struct snapshot *s;
    struct term_row *row;
    size_t n;
};

static void begin(struct trial *t)
{
    static const struct {
        const char *id, *arm;
    } who[] = {{"P1", "PLA"}, {"P2", "PLA"}, {"M1", "MAG"}, {"M2", "MAG"}, {"M3", "MAG"}, {"X1", NULL}};
    struct err e = {0};

    *t = (struct trial){0};
    t_arms(&t->arms, 2, codes);
    assert_ok(builder_new(&t->arms, &t->b, &e), e);
    for (size_t i = 0; i < sizeof who / sizeof who[0]; i++) {
        t_subject(t->b, who[i].id, "2024-01-01", "2024-01-01", NULL, NULL);
        if (who[i].arm != NULL) {
            t_arm(t->b, who[i].id, who[i].arm, NULL);
        }
    }
}

static void event(struct trial *t, const char *id, const char *subject, const char *term, const char *pt,
                  const char *soc)
{
    const char *const v[AE_COLUMNS] = {[AE_ID] = id,       [AE_SUBJECT] = subject, [AE_TERM] = term,
                                       [AE_PT] = pt,       [AE_SOC] = soc,         [AE_ONSET] = "2024-01-05",
                                       [AE_SERIOUS] = "f", [AE_FORM] = "COMPLETE", [AE_DELETED] = "f"};

    t_row(t->b, SRC_AE, v);
}

static void count(struct trial *t, const char *cut)
{
    struct err e = {0};
    struct tally_options o;
    day_t day = DAY_NONE;

    assert_true(day_parse(cut, strlen(cut), &day));
    o = tally_defaults(day);
    t->s = t_finish(t->b);
    assert_ok(tally_terms(t->s, 2, &o, &t->row, &t->n, &e), e);
}

static void end(struct trial *t)
{
    free(t->row);
    snapshot_free(t->s);
    arms_done(&t->arms);
}

static void row_is(const struct trial *t, size_t i, const char *shown, int64_t rows, int64_t pla, int64_t mag,
                   int64_t unknown)
{
    assert_true(i < t->n);
    assert_string_equal(t_str(t->s, t->row[i].shown), shown);
    assert_int_equal(t->row[i].rows, rows);
    assert_int_equal(t->row[i].subjects[0], pla);
    assert_int_equal(t->row[i].subjects[1], mag);
    assert_int_equal(t->row[i].subjects[2], unknown);
    assert_int_equal(t->row[i].subjects[3], pla + mag + unknown);
}

static void one_term_has_many_spellings(void **state)
{
    struct trial t;

    (void)state;
    begin(&t);
    event(&t, "1", "P1", "Diaré", NULL, NULL);
    event(&t, "2", "M1", "DIARÉ ", NULL, NULL);
    event(&t, "3", "M2", " diare\xcc\x81.", NULL, NULL); /* NFD */
    event(&t, "4", "M3", "Diaré", NULL, NULL);
    event(&t, "5", "M3", "Diaré", NULL, NULL); /* the same subject again */
    event(&t, "6", "X1", "løs  mave", NULL, NULL);
    event(&t, "7", "P2", "l\xc3\xb8s\tmave", NULL, NULL);
    count(&t, "2024-02-01");
    assert_int_equal(t.n, 2);
    row_is(&t, 0, "Diaré", 5, 1, 3, 0);
    row_is(&t, 1, "l\xc3\xb8s\tmave", 2, 1, 0, 1); /* as often: the first bytewise */
    end(&t);
}

static void the_sites_term_goes_before_the_verbatim(void **state)
{
    struct trial t;

    (void)state;
    begin(&t);
    event(&t, "1", "P1", "tynd mave", "Diarrhoea", "Gastrointestinal disorders");
    event(&t, "2", "M1", "vandig", "DIARRHOEA", "A second class");
    event(&t, "3", "M2", "diarrhoea", NULL, NULL); /* reads as the preferred term */
    event(&t, "4", "M3", "kvalme", " ", NULL);     /* a blank codes nothing */
    event(&t, "5", "M3", NULL, NULL, NULL);
    count(&t, "2024-02-01");
    assert_int_equal(t.n, 3);
    row_is(&t, 0, "DIARRHOEA", 3, 1, 2, 0);
    assert_string_equal(t_str(t.s, t.row[0].soc), "A second class");
    row_is(&t, 1, "", 1, 0, 1, 0);
    assert_int_equal(t.row[1].shown, 0);
    row_is(&t, 2, "kvalme", 1, 0, 1, 0);
    end(&t);
}

static void what_any_event_does_not_count_is_no_term(void **state)
{
    struct trial t;

    (void)state;
    begin(&t);
    event(&t, "1", "P1", "hoste", NULL, NULL);
    t_event(t.b, "2", "P2", NULL, "hoste", "2024-03-01"); /* after the cut */
    t_event(t.b, "3", "NOBODY", NULL, "hoste", "2024-01-05");
    {
        const char *const v[AE_COLUMNS] = {[AE_ID] = "4",
                                           [AE_SUBJECT] = "M1",
                                           [AE_TERM] = "feber",
                                           [AE_ONSET] = "2024-01-05",
                                           [AE_DELETED] = "t"};

        t_row(t.b, SRC_AE, v);
    }
    count(&t, "2024-02-01");
    assert_int_equal(t.n, 1);
    row_is(&t, 0, "hoste", 1, 1, 0, 0);
    end(&t);
}

static void no_event_is_no_row(void **state)
{
    struct trial t;

    (void)state;
    begin(&t);
    count(&t, "2024-02-01");
    assert_int_equal(t.n, 0);
    end(&t);
}

/* Against a table kept by hand: random events of six terms, whatever order they come in. */
static void agrees_with_counting_each_pair_in_random_trials(void **state)
{
    static const char *const term[] = {"a", "A ", "b", "c.", "C", "d"};
    static const size_t same[] = {0, 0, 1, 2, 2, 3};
    static const char *const who[] = {"P1", "P2", "M1", "M2", "M3", "X1"};
    uint64_t seed = 7;

    (void)state;
    for (int round = 0; round < 50; round++) {
        bool has[4][6] = {{false}};
        int64_t rows[4] = {0}, before = INT64_MAX;
        struct trial t;
        size_t n = (size_t)t_below(&seed, 25), terms = 0;

        begin(&t);
        for (size_t i = 0; i < n; i++) {
            size_t k = (size_t)t_below(&seed, 6), w = (size_t)t_below(&seed, 6);
            char id[8];

            (void)snprintf(id, sizeof id, "%u", (unsigned)t_below(&seed, 1000000));
            event(&t, id, who[w], term[k], NULL, NULL);
            has[same[k]][w] = true;
            rows[same[k]]++;
        }
        count(&t, "2024-02-01");
        if (t_queries(t.s, Q_DUPLICATE_KEY, NULL) == 0) {
            for (size_t k = 0; k < 4; k++) {
                terms += rows[k] > 0;
            }
            assert_int_equal(t.n, terms);
            for (size_t i = 0; i < t.n; i++) {
                size_t k = (size_t)((t_str(t.s, t.row[i].shown)[0] | 0x20) - 'a');

                row_is(&t, i, t_str(t.s, t.row[i].shown), rows[k], has[k][0] + has[k][1],
                       has[k][2] + has[k][3] + has[k][4], has[k][5]);
                assert_true(t.row[i].subjects[3] <= before);
                before = t.row[i].subjects[3];
            }
        }
        end(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_term_has_many_spellings),
                                       cmocka_unit_test(the_sites_term_goes_before_the_verbatim),
                                       cmocka_unit_test(what_any_event_does_not_count_is_no_term),
                                       cmocka_unit_test(no_event_is_no_row),
                                       cmocka_unit_test(agrees_with_counting_each_pair_in_random_trials)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
