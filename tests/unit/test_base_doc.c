#include "support/t.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/doc.h"

/* A map at 1:1 whose i-th pair stands in line i + 1; built by hand, because YAML is not base's business. */
struct fixture {
    struct doc *d;
    struct node *map;
    int line;
};

static int begin(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct err e = {0};

    assert_non_null(f);
    assert_ok(doc_new("f", &f->d, &e), e);
    assert_ok(doc_map(f->d, 1, 1, &f->map, &e), e);
    doc_set_root(f->d, f->map);
    *state = f;
    return 0;
}

static int end(void **state)
{
    struct fixture *f = *state;

    doc_free(f->d);
    free(f);
    return 0;
}

static struct node *word(struct fixture *f, const char *s, bool quoted, int col)
{
    struct node *n = NULL;
    struct err e = {0};

    assert_ok(doc_scalar(f->d, s, strlen(s), quoted, f->line, col, &n, &e), e);
    return n;
}

static struct node *put(struct fixture *f, const char *key, const char *value, bool quoted)
{
    struct node *k, *v;
    struct err e = {0};

    f->line++;
    k = word(f, key, false, 1);
    v = word(f, value, quoted, 5);
    assert_ok(doc_put(f->d, f->map, k, v, &e), e);
    return v;
}

static void a_tree_knows_its_places_and_paths(void **state)
{
    struct fixture *f = *state;
    struct node *list = NULL, *map = NULL, *k, *v;
    struct err e = {0};

    assert_ok(doc_list(f->d, 2, 3, &list, &e), e);
    assert_ok(doc_map(f->d, 3, 5, &map, &e), e);
    f->line = 3;
    k = word(f, "alpha", false, 5);
    v = word(f, "0.05", false, 12);
    assert_ok(doc_put(f->d, map, k, v, &e), e);
    assert_ok(doc_append(f->d, list, map, &e), e);
    f->line = 1;
    assert_ok(doc_put(f->d, f->map, word(f, "monitors", false, 1), list, &e), e);
    assert_ptr_equal(doc_root(f->d), f->map);
    assert_string_equal(doc_file(f->d), "f");
    assert_string_equal(node_path(v), "monitors[1].alpha");
    assert_string_equal(node_where(v), "f:3:12");
    assert_string_equal(node_path(f->map), "");
    assert_int_equal(node_count(list), 1);
    assert_ptr_equal(node_item(list, 0), map);
    assert_null(node_item(list, 1));
    assert_ptr_equal(node_key(map, 0), k);
    assert_null(node_key(list, 0));
    assert_null(node_text(map, NULL));
    assert_int_equal(node_error(v, &e, "is %s", "bad"), E_CONFIG);
    assert_string_equal(e.msg, "f:3:12: monitors[1].alpha: is bad");
    assert_int_equal(doc_append(f->d, list, map, &e), E_INTERNAL); /* it has its place already */
    assert_int_equal(doc_append(f->d, list, list, &e), E_INTERNAL);
}

static void duplicate_keys_are_refused_with_both_places(void **state)
{
    struct fixture *f = *state;
    struct err e = {0};

    put(f, "a", "1", false);
    f->line = 9;
    assert_int_equal(doc_put(f->d, f->map, word(f, "a", true, 2), word(f, "2", false, 5), &e), E_CONFIG);
    assert_string_equal(e.msg, "f:9:2: the key 'a' is here twice, first at f:1:1; remove one");
    assert_int_equal(node_count(f->map), 1);
}

static void unknown_keys_are_reported_with_the_nearest_known(void **state)
{
    struct fixture *f = *state;
    struct err e = {0};

    put(f, "alpah", "1", false);
    put(f, "zzz\x1b", "1", false);
    assert_null(node_get(f->map, "alpha"));
    assert_null(node_get(f->map, "beta"));
    assert_int_equal(node_end(f->map, &e), E_CONFIG);
    assert_string_equal(e.msg, "f:1:1: unknown key 'alpah'; did you mean 'alpha'?");
    assert_non_null(node_get(f->map, "alpah"));
    assert_int_equal(node_end(f->map, &e), E_CONFIG);
    assert_non_null(strstr(e.msg, "f:2:1: unknown key 'zzz\\x1b'; remove it: the keys here are alpha, beta"));
    assert_non_null(node_item(f->map, 1)); /* taking by number is using, too */
    assert_ok(node_end(f->map, &e), e);
}

static void a_missing_key_may_have_been_misspelt(void **state)
{
    struct fixture *f = *state;
    struct node *n = NULL;
    struct err e = {0};

    assert_int_equal(node_need(f->map, "clock", &n, &e), E_CONFIG);
    assert_string_equal(e.msg, "f:1:1: the key 'clock' is missing; add 'clock: ...'");
    put(f, "colck", "1", false);
    assert_int_equal(node_need(f->map, "clock", &n, &e), E_CONFIG);
    assert_string_equal(e.msg,
                        "f:1:1: the key 'clock' is missing; is it meant by the one in line 1, column 1?");
    assert_null(n);
    assert_int_equal(node_need(node_get(f->map, "colck"), "x", &n, &e), E_CONFIG);
    assert_string_equal(e.msg,
                        "f:1:5: colck: is a single value where a map is needed; write 'key: value' lines, "
                        "indented below it");
    assert_null(node_get(node_get(f->map, "colck"), "x"));
}

static void text_is_text_and_null_is_not(void **state)
{
    struct fixture *f = *state;
    const char *s = "kept";
    struct err e = {0};
    struct node *nul = NULL;

    assert_ok(node_str(put(f, "a", "no", false), &s, &e), e);
    assert_string_equal(s, "no");
    assert_ok(node_str(put(f, "b", "", true), &s, &e), e);
    assert_string_equal(s, "");
    assert_ok(node_str(put(f, "c", "null", true), &s, &e), e);
    assert_string_equal(s, "null");
    assert_int_equal(node_str(put(f, "d", "", false), &s, &e), E_CONFIG);
    assert_string_equal(e.msg, "f:4:5: d: is empty; write a value or remove the key");
    assert_int_equal(node_str(put(f, "e", "~", false), &s, &e), E_CONFIG);
    assert_int_equal(node_str(put(f, "g", "NULL", false), &s, &e), E_CONFIG);
    assert_ok(doc_scalar(f->d, "a\0b", 3, true, 9, 9, &nul, &e), e);
    assert_int_equal(node_str(nul, &s, &e), E_CONFIG);
    assert_string_equal(e.msg, "f:9:9: holds a NUL character; remove the \\0");
    assert_string_equal(s, "null");
    assert_int_equal(node_str(f->map, &s, &e), E_CONFIG);
}

static void numbers_are_strict_and_in_range(void **state)
{
    struct fixture *f = *state;
    struct err e = {0};
    int64_t i = 7;
    double d = 7;

    assert_ok(node_int(put(f, "a", "010", false), 0, 20, &i, &e), e);
    assert_int_equal(i, 10);
    assert_int_equal(node_int(put(f, "b", "21", false), 0, 20, &i, &e), E_CONFIG);
    assert_string_equal(e.msg, "f:2:5: b: '21' is out of range; write 0 to 20");
    assert_int_equal(node_int(put(f, "c", "1.0", false), 1, INT64_MAX, &i, &e), E_CONFIG);
    assert_string_equal(e.msg, "f:3:5: c: '1.0' is not a whole number; write 1 or more");
    assert_int_equal(node_int(put(f, "d", "5", true), 0, 20, &i, &e), E_CONFIG);
    assert_string_equal(e.msg, "f:4:5: d: '5' is text; write the number without quotes");
    assert_int_equal(node_int(put(f, "e", "0x10", false), INT64_MIN, INT64_MAX, &i, &e), E_CONFIG);
    assert_int_equal(i, 10);
    assert_ok(node_double(put(f, "g", ".05", false), 0, 1, &d, &e), e);
    assert_near(d, 0.05, 0);
    assert_int_equal(node_double(put(f, "h", "5%", false), 0, 1, &d, &e), E_CONFIG);
    assert_string_equal(e.msg, "f:7:5: h: '5%' is a percentage; write it as a fraction: 0.05, not 5%");
    assert_int_equal(node_double(put(f, "i", "0,05", false), 0, 1, &d, &e), E_CONFIG);
    assert_string_equal(e.msg, "f:8:5: i: '0,05' is not a number; write the decimals after a point: 0.05");
    assert_int_equal(node_double(put(f, "j", "nan", false), -HUGE_VAL, HUGE_VAL, &d, &e), E_CONFIG);
    assert_int_equal(node_double(put(f, "k", "1.5", false), 0, 1, &d, &e), E_CONFIG);
    assert_string_equal(e.msg, "f:10:5: k: '1.5' is out of range; write 0 to 1");
    assert_int_equal(node_double(put(f, "l", "inf", false), 0, 1e300, &d, &e), E_CONFIG);
    assert_near(d, 0.05, 0);
}

static void only_true_and_false_are_truth_values(void **state)
{
    static const char *const others[] = {"yes", "no", "on", "off", "True", "FALSE", "y", "n", "1", "0", "ja"};
    struct fixture *f = *state;
    struct err e = {0};
    bool b = false;

    assert_ok(node_bool(put(f, "a", "true", false), &b, &e), e);
    assert_true(b);
    assert_ok(node_bool(put(f, "b", "false", false), &b, &e), e);
    assert_false(b);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_int_equal(node_bool(put(f, others[i], others[i], false), &b, &e), E_CONFIG);
        assert_non_null(strstr(e.msg, "; write "));
    }
    assert_int_equal(node_bool(put(f, "c", "true", true), &b, &e), E_CONFIG);
    assert_non_null(strstr(e.msg, "without quotes"));
}

static void choices_are_listed_and_the_nearest_named(void **state)
{
    static const char *const words[] = {"every_event", "calendar", "fractions", NULL};
    struct fixture *f = *state;
    struct err e = {0};
    int v = -1;

    assert_ok(node_enum(put(f, "a", "calendar", false), words, &v, &e), e);
    assert_int_equal(v, 1);
    assert_int_equal(node_enum(put(f, "b", "calender", false), words, &v, &e), E_CONFIG);
    assert_string_equal(
        e.msg, "f:2:5: b: 'calender' is not a choice; write every_event, calendar or fractions (did you "
               "mean calendar?)");
    assert_int_equal(node_enum(put(f, "c", "Calendar", false), words, &v, &e),
                     E_CONFIG); /* exact, also in case */
    assert_int_equal(v, 1);
}

static void durations_need_a_unit(void **state)
{
    static const struct {
        const char *s;
        int64_t us;
    } good[] = {{"30 s", 30000000},
                {"5 min", 300000000},
                {"24 h", 86400000000},
                {"2 d", 172800000000},
                {"250 ms", 250000},
                {"30s", 30000000},
                {"0 s", 0}};
    static const char *const bad[] = {"30",
                                      "5 m",
                                      "5 minutes",
                                      "1.5 h",
                                      "-1 s",
                                      "h",
                                      "s 5",
                                      "5  ",
                                      "5 S",
                                      "99999999999999999999 s",
                                      "200000000000 d",
                                      "5\ts",
                                      "5 s s",
                                      "1 w",
                                      "PT5M"};
    struct fixture *f = *state;
    struct err e = {0};
    int64_t us = 1;

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_ok(node_duration(put(f, good[i].s, good[i].s, false), 0, INT64_MAX, &us, &e), e);
        assert_true(us == good[i].us);
    }
    us = 1;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(node_duration(put(f, bad[i], bad[i], false), 0, INT64_MAX, &us, &e), E_CONFIG);
        assert_non_null(strstr(e.msg, "; write "));
    }
    assert_true(us == 1);
    assert_int_equal(node_duration(put(f, "x", "90 s", true), 1000000, 60000000, &us, &e), E_CONFIG);
    assert_non_null(strstr(e.msg, "x: '90 s' is out of range; write 1 s to 1 min"));
    assert_int_equal(node_duration(put(f, "y", "30", false), 0, 1, &us, &e), E_CONFIG);
    assert_non_null(
        strstr(e.msg, "y: '30' has no unit; write ms, s, min, h or d after the number, as in 30 s"));
}

static void absent_keys_leave_the_default(void **state)
{
    static const char *const words[] = {"a", "b", NULL};
    struct fixture *f = *state;
    struct err e = {0};
    const char *s = "default";
    int64_t i = 3, us = 4;
    double d = 0.5;
    bool b = true;
    int v = 1;

    assert_ok(node_get_str(f->map, "s", &s, &e), e);
    assert_ok(node_get_int(f->map, "i", 0, 9, &i, &e), e);
    assert_ok(node_get_double(f->map, "d", 0, 9, &d, &e), e);
    assert_ok(node_get_bool(f->map, "b", &b, &e), e);
    assert_ok(node_get_enum(f->map, "v", words, &v, &e), e);
    assert_ok(node_get_duration(f->map, "us", 0, 9, &us, &e), e);
    assert_string_equal(s, "default");
    assert_true(i == 3 && us == 4 && b && v == 1);
    assert_near(d, 0.5, 0);
    put(f, "s", "x", false);
    put(f, "i", "4", false);
    put(f, "d", "1", false);
    put(f, "b", "false", false);
    put(f, "v", "a", false);
    put(f, "us", "0 s", false);
    assert_ok(node_get_str(f->map, "s", &s, &e), e);
    assert_ok(node_get_int(f->map, "i", 0, 9, &i, &e), e);
    assert_ok(node_get_double(f->map, "d", 0, 9, &d, &e), e);
    assert_ok(node_get_bool(f->map, "b", &b, &e), e);
    assert_ok(node_get_enum(f->map, "v", words, &v, &e), e);
    assert_ok(node_get_duration(f->map, "us", 0, 9, &us, &e), e);
    assert_string_equal(s, "x");
    assert_true(i == 4 && us == 0 && !b && v == 0);
    assert_near(d, 1, 0);
    assert_ok(node_end(f->map, &e), e);
    assert_int_equal(node_get_str(node_get(f->map, "s"), "x", &s, &e), E_CONFIG); /* no map to look in */
}

static void what_a_message_quotes_is_shown_escaped_and_cut(void **state)
{
    struct fixture *f = *state;
    struct err e = {0};
    int64_t i = 0;

    assert_int_equal(node_int(put(f, "a", "\x1b[2J\xe2\x80\xae\xff", false), 0, 1, &i, &e), E_CONFIG);
    assert_string_equal(e.msg, "f:1:5: a: '\\x1b[2J\\u{202e}\\xff' is not a whole number; write 0 to 1");
    assert_int_equal(
        node_int(put(f, "b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false), 0, 1, &i,
                 &e),
        E_CONFIG);
    assert_non_null(strstr(e.msg, "\xe2\x80\xa6 (20 more)'"));
}

#define WITH_MAP(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_MAP(a_tree_knows_its_places_and_paths),
        WITH_MAP(duplicate_keys_are_refused_with_both_places),
        WITH_MAP(unknown_keys_are_reported_with_the_nearest_known),
        WITH_MAP(a_missing_key_may_have_been_misspelt),
        WITH_MAP(text_is_text_and_null_is_not),
        WITH_MAP(numbers_are_strict_and_in_range),
        WITH_MAP(only_true_and_false_are_truth_values),
        WITH_MAP(choices_are_listed_and_the_nearest_named),
        WITH_MAP(durations_need_a_unit),
        WITH_MAP(absent_keys_leave_the_default),
        WITH_MAP(what_a_message_quotes_is_shown_escaped_and_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
