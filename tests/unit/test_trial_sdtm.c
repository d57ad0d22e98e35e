#include "support/t.h"

#include <string.h>

#include "trial/contract.h"
#include "trial/sdtm.h"

static const char *const DM[] = {"studyid", "usubjid", "siteid", "armcd", "rfstdtc", "dthdtc", "dthfl"};
static const char *const AE[] = {"usubjid", "aeseq", "aeterm",  "aedecod", "aebodsys",
                                 "aeser",   "aerel", "aestdtc", "aeendtc", "aesev"};

static struct sdtm_columns of(const char *file, const char *const names[], size_t n)
{
    return (struct sdtm_columns){.file = file, .names = names, .n = n};
}

static void a_missing_variable_is_named(void **state)
{
    struct sdtm_columns c = of("d/dm.csv", DM, 7);
    struct err e = {0};

    (void)state;
    assert_ok(sdtm_check(SDTM_DM, &c, &e), e);
    c = of("d/dm.csv", DM, 6);
    assert_int_equal(sdtm_check(SDTM_DM, &c, &e), E_DATA);
    assert_string_equal(
        e.msg, "d/dm.csv: no column DTHFL, which the mapping needs; add it, empty where nothing is known");
}

static void a_missing_domain_is_named(void **state)
{
    struct sdtm_columns none = of("d", NULL, 0);
    struct err e = {0};

    (void)state;
    assert_int_equal(sdtm_check(SDTM_EX, &none, &e), E_DATA);
    assert_string_equal(
        e.msg,
        "d: no ex.csv and no ex.xpt there (exposure: first and last dose); the mapping cannot do without it");
    assert_false(sdtm_required(SDTM_SUPPAE));
}

/* What the report says must be about the contract that there is. */
static void every_feed_is_a_column_of_the_contract_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < sdtm_n_feeds; i++) {
        bool found = false;

        for (int v = 0; v < SRC_VIEWS; v++) {
            const struct src_view_def *d = &contract_views[v];

            for (size_t k = 0; k < d->n_columns && strcmp(d->name, sdtm_feeds[i].view) == 0; k++) {
                found = found || strcmp(d->column[k].name, sdtm_feeds[i].column) == 0;
            }
            found = found || (strcmp(sdtm_feeds[i].view, "meta") == 0 &&
                              strcmp(sdtm_feeds[i].column, "trial_id") == 0);
        }
        if (!found) {
            fail_msg("%s.%s", sdtm_feeds[i].view, sdtm_feeds[i].column);
        }
        for (size_t k = 0; k < i; k++) {
            assert_false(strcmp(sdtm_feeds[i].view, sdtm_feeds[k].view) == 0 &&
                         strcmp(sdtm_feeds[i].column, sdtm_feeds[k].column) == 0);
        }
    }
}

static const char *fed(const char *column, const struct sdtm_columns files[SDTM_DOMAINS])
{
    for (size_t i = 0; i < sdtm_n_feeds; i++) {
        if (strcmp(sdtm_feeds[i].column, column) == 0) {
            const char *by = sdtm_fed_by(&sdtm_feeds[i], files);

            return by == NULL ? "nothing" : by;
        }
    }
    return "no such column";
}

static void what_is_not_there_feeds_nothing(void **state)
{
    const struct sdtm_columns files[SDTM_DOMAINS] = {
        [SDTM_DM] = of("dm", DM, 7), [SDTM_AE] = of("ae", AE, 10)};

    (void)state;
    assert_string_equal(fed("term", files), "AETERM");
    assert_string_equal(fed("coded_soc", files), "AEBODSYS");
    assert_string_equal(fed("grade", files), "AESEV");
    assert_string_equal(fed("s_death", files), "nothing");
    assert_string_equal(fed("first_dose", files), "nothing");
    assert_string_equal(fed("expected", files), "nothing");
}

static void dates_and_codes_are_text_and_sequence_numbers_may_be_numbers(void **state)
{
    (void)state;
    assert_true(sdtm_is_text(SDTM_AE, "AESTDTC"));
    assert_true(sdtm_is_text(SDTM_DM, "dmdtc"));
    assert_true(sdtm_is_text(SDTM_DM, "USUBJID"));
    assert_false(sdtm_is_text(SDTM_AE, "AESEQ"));
    assert_false(sdtm_is_text(SDTM_DM, "AGE"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_missing_variable_is_named),
        cmocka_unit_test(a_missing_domain_is_named),
        cmocka_unit_test(every_feed_is_a_column_of_the_contract_once),
        cmocka_unit_test(what_is_not_there_feeds_nothing),
        cmocka_unit_test(dates_and_codes_are_text_and_sequence_numbers_may_be_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
