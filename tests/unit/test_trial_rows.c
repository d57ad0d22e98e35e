#include "trial/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/t.h"
#include "support/t_trial.h"

static struct rows *fresh(void)
{
    struct rows *r = NULL;
    struct err e = {0};

    assert_ok(rows_new(&r, &e), e);
    return r;
}

static bool see(struct rows *r, enum src_view view, const char *const values[])
{
    struct field f[SRC_COLUMNS_MAX];
    struct err e = {0};
    bool duplicate = false;

    t_fields(view, values, f);
    assert_ok(rows_see(r, view, f, &duplicate, &e), e);
    return duplicate;
}

static bool see_meta(struct rows *r, const char *name, const char *value)
{
    const char *const v[META_COLUMNS] = {name, value};

    return see(r, SRC_META, v);
}

static bool see_arm(struct rows *r, const char *id, const char *code)
{
    const char *const v[ARM_COLUMNS] = {id, code, NULL};

    return see(r, SRC_ARM, v);
}

static void begin(struct rows *r)
{
    struct err e = {0};

    assert_ok(rows_begin(r, &e), e);
}

static const struct row_change *changes(struct rows *r, size_t *n)
{
    const struct row_change *c = NULL;
    struct err e = {0};

    assert_ok(rows_changes(r, &c, n, &e), e);
    return c;
}

static struct sha256 hash(struct rows *r)
{
    struct sha256 h;
    struct err e = {0};

    assert_ok(rows_snapshot_hash(r, &h, &e), e);
    return h;
}

static void first_reading_reports_every_row_in_canonical_order(void **state)
{
    struct rows *r = fresh();
    const struct row_change *c;
    size_t n = 0;

    (void)state;
    begin(r);
    assert_false(see_meta(r, "b", "1"));
    assert_false(see_meta(r, "abc", "2"));
    assert_false(see_arm(r, "S9", "X"));
    assert_false(see_meta(r, "ab", NULL));
    c = changes(r, &n);
    assert_int_equal(n, 4);
    assert_int_equal(c[0].view, SRC_ARM);
    assert_string_equal(c[1].key, "ab");
    assert_string_equal(c[2].key, "abc");
    assert_string_equal(c[3].key, "b");
    assert_int_equal(rows_seen(r, SRC_META), 3);
    assert_int_equal(rows_known(r, SRC_META), 0);
    rows_commit(r);
    assert_int_equal(rows_known(r, SRC_META), 3);
    rows_free(r);
}

static void later_readings_report_only_what_is_new_changed_or_gone(void **state)
{
    struct rows *r = fresh();
    const struct row_change *c;
    struct sha256 first, second;
    size_t n = 0;

    (void)state;
    begin(r);
    (void)see_meta(r, "stays", "1");
    (void)see_meta(r, "changes", "1");
    (void)see_meta(r, "goes", "1");
    first = hash(r);
    rows_commit(r);
    begin(r);
    (void)see_meta(r, "new", "1");
    (void)see_meta(r, "changes", "2");
    (void)see_meta(r, "stays", "1");
    c = changes(r, &n);
    assert_int_equal(n, 3);
    assert_string_equal(c[0].key, "changes");
    assert_false(c[0].deleted);
    assert_string_equal(c[1].key, "goes");
    assert_true(c[1].deleted);
    assert_null(c[1].content);
    assert_string_equal(c[2].key, "new");
    second = hash(r);
    assert_memory_not_equal(&first, &second, sizeof first);
    rows_commit(r);
    begin(r);
    (void)see_meta(r, "stays", "1");
    (void)see_meta(r, "changes", "1");
    (void)see_meta(r, "goes", "1");
    (void)changes(r, &n);
    assert_int_equal(n, 3);
    second = hash(r);
    assert_memory_equal(&first, &second, sizeof first);
    rows_free(r);
}

/* Rows that come in later readings are put among those that are there: nothing of the order of arrival is left. */
static void hash_is_that_of_a_first_reading_whenever_a_row_came(void **state)
{
    static const char *const keys[] = {"m", "z", "a", "mm", "b", "zz", "l", "aa", "m1"};
    enum { N = sizeof keys / sizeof *keys };
    struct rows *grown = fresh();
    char *long_key = calloc(1, 200001); /* longer than what is hashed at a time */

    (void)state;
    assert_non_null(long_key);
    memset(long_key, 'k', 200000);
    for (int known = 1; known <= N; known++) {
        struct rows *once = fresh();
        struct sha256 a, b;

        begin(grown);
        begin(once);
        for (int i = known - 1; i >= 0; i--) {
            (void)see_meta(grown, keys[i], "1");
            (void)see_meta(once, keys[i], "1");
            if (i % 2 == 1) { /* of an earlier view */
                (void)see_arm(grown, keys[i], "X");
                (void)see_arm(once, keys[i], "X");
            }
        }
        if (known > 4) {
            (void)see_meta(grown, long_key, "1");
            (void)see_meta(once, long_key, "1");
        }
        a = hash(grown);
        b = hash(once);
        assert_memory_equal(&a, &b, sizeof a);
        rows_commit(grown);
        rows_free(once);
    }
    rows_free(grown);
    free(long_key);
}

static void a_reading_that_fails_leaves_what_is_known(void **state)
{
    struct rows *r = fresh();
    struct sha256 before, after;
    size_t n = 9;

    (void)state;
    begin(r);
    (void)see_meta(r, "a", "1");
    before = hash(r);
    rows_commit(r);
    begin(r);
    (void)see_meta(r, "a", "2");
    (void)see_meta(r, "b", "2");
    (void)hash(r);
    rows_abort(r);
    assert_int_equal(rows_known(r, SRC_META), 1);
    begin(r);
    (void)see_meta(r, "a", "1");
    (void)changes(r, &n);
    assert_int_equal(n, 0);
    after = hash(r);
    assert_memory_equal(&before, &after, sizeof before);
    rows_free(r);
}

static void stored_rows_are_known_after_a_restart(void **state)
{
    struct rows *r = fresh(), *again = fresh();
    const struct row_change *c;
    struct sha256 before, after;
    struct err e = {0};
    size_t n = 0;

    (void)state;
    begin(r);
    (void)see_meta(r, "a", "1");
    (void)see_arm(r, "S1", "X");
    before = hash(r);
    c = changes(r, &n);
    for (size_t i = 0; i < n; i++) {
        assert_ok(rows_load(again, c[i].view, c[i].key, strlen(c[i].key), &c[i].hash, &e), e);
    }
    assert_int_equal(rows_known(again, SRC_ARM), 1);
    begin(again);
    (void)see_arm(again, "S1", "X");
    (void)see_meta(again, "a", "1");
    (void)changes(again, &n);
    assert_int_equal(n, 0);
    after = hash(again);
    assert_memory_equal(&before, &after, sizeof before);
    rows_free(r);
    rows_free(again);
}

static void content_reads_back_to_the_same_fields(void **state)
{
    const char *const v[AE_COLUMNS] = {[AE_ID] = "1", [AE_TERM] = "", [AE_ONSET] = "2024-05"};
    struct rows *r = fresh();
    struct field f[SRC_COLUMNS_MAX];
    const struct row_change *c;
    struct err e = {0};
    size_t n = 0;

    (void)state;
    begin(r);
    (void)see(r, SRC_AE, v);
    c = changes(r, &n);
    assert_int_equal(n, 1);
    assert_ok(row_decode(SRC_AE, c[0].content, c[0].content_len, f, &e), e);
    for (size_t i = 0; i < AE_COLUMNS; i++) {
        assert_int_equal(f[i].len, v[i] == NULL ? -1 : (int)strlen(v[i]));
        if (v[i] != NULL) {
            assert_memory_equal(f[i].p, v[i], strlen(v[i]));
        }
    }
    for (size_t cut = 0; cut < c[0].content_len; cut++) {
        assert_int_equal(row_decode(SRC_AE, c[0].content, cut, f, &e), E_DATA);
    }
    assert_int_equal(row_decode(SRC_SUBJECT, c[0].content, c[0].content_len, f, &e), E_DATA);
    rows_free(r);
}

static void null_and_empty_text_are_different_contents(void **state)
{
    struct rows *r = fresh();
    size_t n = 0;

    (void)state;
    begin(r);
    (void)see_meta(r, "a", NULL);
    rows_commit(r);
    begin(r);
    (void)see_meta(r, "a", "");
    (void)changes(r, &n);
    assert_int_equal(n, 1);
    rows_free(r);
}

static void a_rows_hash_is_that_of_the_reading_under_way_or_of_the_last_look(void **state)
{
    struct rows *r = fresh();
    struct sha256 one, two, now;

    (void)state;
    assert_false(rows_hash(r, SRC_META, "a", 1, &now));
    begin(r);
    (void)see_meta(r, "a", "1");
    assert_true(rows_hash(r, SRC_META, "a", 1, &one));
    rows_commit(r);
    begin(r);
    assert_false(rows_hash(r, SRC_META, "a", 1, &now)); /* not seen yet */
    (void)see_meta(r, "a", "2");
    assert_true(rows_hash(r, SRC_META, "a", 1, &two));
    assert_memory_not_equal(&one, &two, sizeof one);
    rows_abort(r); /* of no account */
    assert_true(rows_hash(r, SRC_META, "a", 1, &now));
    assert_memory_equal(&now, &one, sizeof one);
    assert_false(rows_hash(r, SRC_ARM, "a", 1, &now));
    begin(r);
    rows_commit(r); /* gone */
    assert_false(rows_hash(r, SRC_META, "a", 1, &now));
    rows_free(r);
}

static void of_two_rows_with_one_key_the_same_is_kept_in_any_order(void **state)
{
    const char *const value[] = {"one", "two", "three"};
    struct sha256 h[6];
    static const int order[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

    (void)state;
    for (int k = 0; k < 6; k++) {
        struct rows *r = fresh();
        size_t n = 0;

        begin(r);
        for (int i = 0; i < 3; i++) {
            assert_int_equal(see_meta(r, "a", value[order[k][i]]), i > 0);
        }
        (void)changes(r, &n);
        assert_int_equal(n, 1);
        assert_int_equal(rows_seen(r, SRC_META), 1);
        h[k] = hash(r);
        assert_memory_equal(&h[k], &h[0], sizeof h[0]);
        rows_commit(r);
        begin(r); /* once more, the other way round: nothing has changed */
        for (int i = 2; i >= 0; i--) {
            (void)see_meta(r, "a", value[order[k][i]]);
        }
        (void)changes(r, &n);
        assert_int_equal(n, 0);
        rows_free(r);
    }
}

static void two_arms_of_one_subject_are_kept_without_codes(void **state)
{
    struct rows *r = fresh();
    struct field f[SRC_COLUMNS_MAX];
    const struct row_change *c;
    struct err e = {0};
    size_t n = 0;

    (void)state;
    begin(r);
    assert_false(see_arm(r, "S1", "X"));
    assert_true(see_arm(r, "S1", "X"));
    c = changes(r, &n);
    assert_ok(row_decode(SRC_ARM, c[0].content, c[0].content_len, f, &e), e);
    assert_int_equal(f[ARM_CODE].len, 1);
    assert_true(see_arm(r, "S1", "Y"));
    assert_true(see_arm(r, "S1", "X"));
    c = changes(r, &n);
    assert_int_equal(n, 1);
    assert_ok(row_decode(SRC_ARM, c[0].content, c[0].content_len, f, &e), e);
    assert_int_equal(f[ARM_SUBJECT].len, 2);
    assert_int_equal(f[ARM_CODE].len, -1);
    rows_free(r);
}

static void rows_without_a_key_are_known_by_their_content(void **state)
{
    struct rows *r = fresh();
    const char *const one[AE_COLUMNS] = {[AE_TERM] = "nausea"}, *const two[AE_COLUMNS] = {[AE_TERM] = "rash"};
    size_t n = 0;

    (void)state;
    begin(r);
    assert_false(see(r, SRC_AE, one));
    assert_false(see(r, SRC_AE, two));
    assert_true(see(r, SRC_AE, one));
    assert_int_equal(changes(r, &n)[0].key[0], '?');
    assert_int_equal(n, 2);
    rows_free(r);
}

/* Against a plain model: a table of values by key, over readings with additions, changes, deletions, aborts. */
static void agrees_with_a_naive_model_over_random_readings(void **state)
{
    enum { KEYS = 400, READINGS = 60 };
    struct rows *r = fresh();
    int known[KEYS] = {0}, now[KEYS];
    uint64_t seed = 20240501;

    (void)state;
    for (int k = 0; k < READINGS; k++) {
        size_t n = 0, want = 0;
        const struct row_change *c;
        int at = (int)t_below(&seed, KEYS);

        begin(r);
        for (int i = 0; i < KEYS; i++) {
            uint64_t what = t_below(&seed, 10);

            now[i] = what == 0 ? 0 : what < 3 ? 1 + (int)t_below(&seed, 3) : known[i];
            want += now[i] != known[i];
        }
        for (int i = 0; i < KEYS; i++, at = (at + 7) % KEYS) { /* 7 and 400 have no common divisor */
            char key[16], value[16];

            if (now[at] != 0) {
                (void)snprintf(key, sizeof key, "k%d", at);
                (void)snprintf(value, sizeof value, "%d", now[at]);
                (void)see_meta(r, key, value);
            }
        }
        c = changes(r, &n);
        assert_int_equal(n, want);
        for (size_t i = 0; i < n; i++) {
            int id = atoi(c[i].key + 1);

            assert_int_equal(c[i].deleted, now[id] == 0);
            assert_true(i == 0 || strcmp(c[i - 1].key, c[i].key) < 0);
        }
        if (t_below(&seed, 4) == 0) {
            rows_abort(r);
        } else {
            rows_commit(r);
            memcpy(known, now, sizeof known);
        }
    }
    rows_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_reading_reports_every_row_in_canonical_order),
        cmocka_unit_test(later_readings_report_only_what_is_new_changed_or_gone),
        cmocka_unit_test(hash_is_that_of_a_first_reading_whenever_a_row_came),
        cmocka_unit_test(a_reading_that_fails_leaves_what_is_known),
        cmocka_unit_test(stored_rows_are_known_after_a_restart),
        cmocka_unit_test(content_reads_back_to_the_same_fields),
        cmocka_unit_test(null_and_empty_text_are_different_contents),
        cmocka_unit_test(a_rows_hash_is_that_of_the_reading_under_way_or_of_the_last_look),
        cmocka_unit_test(of_two_rows_with_one_key_the_same_is_kept_in_any_order),
        cmocka_unit_test(two_arms_of_one_subject_are_kept_without_codes),
        cmocka_unit_test(rows_without_a_key_are_known_by_their_content),
        cmocka_unit_test(agrees_with_a_naive_model_over_random_readings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
