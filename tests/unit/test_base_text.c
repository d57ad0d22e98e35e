#include "support/t.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* The definition in the other direction: every code point encoded, and nothing else, is well formed. */
static size_t encode(uint32_t c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | (c >> 6));
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | (c >> 12));
        out[1] = (char)(0x80 | ((c >> 6) & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | (c >> 18));
    out[1] = (char)(0x80 | ((c >> 12) & 0x3f));
    out[2] = (char)(0x80 | ((c >> 6) & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

static void every_code_point_but_surrogates_is_well_formed(void **state)
{
    int wrong = 0;

    (void)state;
    for (uint32_t c = 0; c < 0x110800; c++) {
        char s[4];
        size_t n = encode(c, s), valid = utf8_valid_prefix(s, n);
        bool good = c < 0x110000 && (c < 0xd800 || c > 0xdfff);

        wrong += good ? valid != n : valid != 0;
        wrong += n > 1 && utf8_valid_prefix(s, n - 1) != 0; /* cut short */
    }
    assert_int_equal(wrong, 0);
}

static void overlong_forms_and_stray_bytes_are_not_utf8(void **state)
{
    static const char *const bad[] = {"\x80",
                                      "\xbf",
                                      "\xc0\x80",
                                      "\xc0\xaf",
                                      "\xc1\xbf",
                                      "\xe0\x80\xaf",
                                      "\xe0\x9f\xbf",
                                      "\xf0\x80\x80\xaf",
                                      "\xf0\x8f\xbf\xbf",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xf8\x88\x80\x80\x80",
                                      "\xfe",
                                      "\xff",
                                      "\xed\xa0\x80",
                                      "\xed\xbf\xbf",
                                      "\xe2\x82",
                                      "\xc3("};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char s[40];

        /* After ASCII of every length, so that the fast path ends in each position. */
        for (size_t lead = 0; lead < 20; lead++) {
            (void)snprintf(s, sizeof s, "%.*s%s", (int)lead, "abcdefghijklmnopqrstu", bad[i]);
            assert_int_equal(utf8_valid_prefix(s, strlen(s)), lead);
        }
    }
}

static void repaired(const char *s, size_t len, const char *want, size_t n)
{
    struct buf b = {0};

    assert_int_equal(utf8_repair(&b, s, len), n);
    assert_string_equal(buf_cstr(&b), want);
    assert_int_equal(utf8_valid_prefix(b.data == NULL ? "" : b.data, b.len), b.len);
    buf_done(&b);
}

static void repair_puts_one_mark_for_each_ill_formed_piece(void **state)
{
    (void)state;
    repaired("kvalme \xe6\xf8", 9, "kvalme \xef\xbf\xbd\xef\xbf\xbd", 2);
    repaired("a\0b", 3,
             "a\xef\xbf\xbd"
             "b",
             1);
    repaired("\xe2\x82", 2, "\xef\xbf\xbd", 1); /* a cut character is one piece */
    repaired("\xf0\x9f\x92|", 4, "\xef\xbf\xbd|", 1);
    repaired("\xe0\x80\x80", 3, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 3); /* Unicode 15 table 3-8 */
    repaired("\xed\xa0\x80", 3, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 3);
    /* Unicode 15 table 3-11. */
    repaired("\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41", 9,
             "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
             "A",
             4);
    repaired("d\xc3\xb8"
             "d",
             4,
             "d\xc3\xb8"
             "d",
             0);
    repaired("", 0, "", 0);
}

static void shown(const char *s, size_t len, size_t max, const char *want)
{
    struct buf b = {0};

    text_show(&b, s, len, max);
    assert_string_equal(buf_cstr(&b), want);
    buf_done(&b);
}

static void what_would_harm_a_terminal_is_shown_escaped(void **state)
{
    (void)state;
    shown("\x1b[31mred\a\n\t\r", 12, 99, "\\x1b[31mred\\x07\\n\\t\\r");
    shown("a\0b\x7f", 4, 99, "a\\x00b\\x7f");
    shown("safe\xe2\x80\xaegnp.exe", 14, 99, "safe\\u{202e}gnp.exe");
    shown("\xe2\x81\xa6x\xe2\x81\xa9\xd8\x9c", 9, 99, "\\u{2066}x\\u{2069}\\u{61c}");
    shown("\xc2\x9b"
          "1m\xe2\x80\xa8",
          7, 99, "\\u{9b}1m\\u{2028}");
    shown("caf\xe9 d\xc3\xb8"
          "d",
          9, 99,
          "caf\\xe9 d\xc3\xb8"
          "d");
    shown("<b>&\"'; DROP", 12, 99, "<b>&\"'; DROP");
}

static void what_is_long_ends_in_how_much_is_left(void **state)
{
    (void)state;
    shown("abcdef", 6, 6, "abcdef");
    shown("abcdef", 6, 4, "abcd\xe2\x80\xa6 (2 more)");
    shown("\xc3\xa6\xc3\xb8\xc3\xa5", 6, 2, "\xc3\xa6\xc3\xb8\xe2\x80\xa6 (1 more)");
    shown("\xff\xff\xff", 3, 1, "\\xff\xe2\x80\xa6 (2 more)");
    shown("abc", 3, 0, "\xe2\x80\xa6 (3 more)");
    shown("", 0, 0, "");
}

static void int_is(const char *s, int64_t want)
{
    int64_t v = 0;

    assert_true(text_int(s, strlen(s), INT64_MIN, INT64_MAX, &v));
    assert_true(v == want);
}

static void whole_numbers_are_sign_and_digits(void **state)
{
    static const char *const bad[] = {"",
                                      "-",
                                      "+",
                                      " 1",
                                      "1 ",
                                      "1.0",
                                      "1e3",
                                      "0x10",
                                      "--1",
                                      "1_000",
                                      "\xd9\xa1",
                                      "9223372036854775808",
                                      "-9223372036854775809",
                                      "99999999999999999999"};
    int64_t v = 7;

    (void)state;
    int_is("0", 0);
    int_is("-0", 0);
    int_is("+12", 12);
    int_is("007", 7);
    int_is("9223372036854775807", INT64_MAX);
    int_is("-9223372036854775808", INT64_MIN);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(text_int(bad[i], strlen(bad[i]), INT64_MIN, INT64_MAX, &v));
    }
    assert_true(text_int("5", 1, 5, 5, &v));
    assert_false(text_int("6", 1, 5, 5, &v));
    assert_false(text_int("4", 1, 5, 5, &v));
    assert_int_equal(v, 5);
    assert_true(text_int("123", 2, 0, 99, &v)); /* the length rules */
    assert_int_equal(v, 12);
}

static void reals_are_read_in_the_c_locale(void **state)
{
    static const char *const good[] = {
        "0",        "-1",     "+2.5",
        ".5",       "5.",     "1e-3",
        "1E+10",    "0.1",    "2.2250738585072014e-308",
        "4.9e-324", "1e-999", "179769313486231570814527423731704356798070e267"};
    static const char *const bad[] = {"",    ".",     "-",      "e5",  "1e",   "1e+", "0x1p3", "nan",
                                      "NaN", "-nan",  "nan(1)", " 1",  "1 ",   "1,5", "1e999", "-1e999",
                                      "1d5", "infin", "1.2.3",  "+-1", "0x10", "1f"};
    double v = 7;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(text_double(good[i], strlen(good[i]), &v));
        assert_rel(v, strtod(good[i], NULL), 0);
    }
    v = 7;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (text_double(bad[i], strlen(bad[i]), &v) || v != 7) {
            print_error("accepted: '%s'\n", bad[i]);
            fail();
        }
    }
    assert_true(text_double("inf", 3, &v) && isinf(v) && v > 0);
    assert_true(text_double("-Inf", 4, &v) && isinf(v) && v < 0);
    assert_true(text_double("Infinity", 8, &v) && isinf(v) && v > 0);
    assert_true(text_double("1234", 2, &v));
    assert_near(v, 12, 0);
}

static void a_number_of_a_thousand_digits_is_read(void **state)
{
    char s[1001];
    double v = 0;

    (void)state;
    memset(s, '0', 1000);
    memcpy(s, "0.", 2);
    s[999] = '1';
    s[1000] = '\0';
    assert_true(text_double(s, 1000, &v));
    assert_near(v, 0, 0);
    memcpy(s, "15", 2);
    assert_false(text_double(s, 1000, &v)); /* 1.5e999 */
}

static void double_is(double v, const char *want)
{
    struct buf b = {0};

    text_add_double(&b, v);
    assert_string_equal(buf_cstr(&b), want);
    buf_done(&b);
}

static void doubles_are_written_as_short_as_reads_back(void **state)
{
    uint64_t x = 88172645463325252u;

    (void)state;
    double_is(0.1, "0.1");
    double_is(-0.0, "-0");
    double_is(1.0 / 3, "0.3333333333333333");
    double_is(100000, "100000");
    double_is(1e22, "1e+22");
    double_is(4.9406564584124654e-324, "5e-324");
    double_is(1.7976931348623157e308, "1.7976931348623157e+308");
    double_is(0.1 + 0.2, "0.30000000000000004");
    double_is((double)NAN, "NA");
    double_is(HUGE_VAL, "Inf");
    double_is(-HUGE_VAL, "-Inf");
    for (int i = 0; i < 20000; i++) { /* xorshift64: any bit pattern comes back */
        struct buf b = {0};
        double v, back = 0;

        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        memcpy(&v, &x, sizeof v);
        if (!isfinite(v)) {
            continue;
        }
        text_add_double(&b, v);
        assert_true(text_double(b.data, b.len, &back));
        assert_memory_equal(&v, &back, sizeof v);
        buf_done(&b);
    }
}

static void words_compare_without_case_in_ascii_only(void **state)
{
    (void)state;
    assert_true(text_is("TRUE", 4, "true"));
    assert_false(text_is("tru", 3, "true"));
    assert_false(text_is("truex", 5, "true"));
    assert_true(text_is("", 0, ""));
    assert_false(text_is("\xc3\x86", 2, "\xc3\xa6")); /* AE and ae */
}

static void the_nearest_word_is_a_slip_away(void **state)
{
    static const char *const words[] = {"alpha_one_sided", "max_events", "clock", "count", "full_look"};

    (void)state;
    assert_string_equal(text_nearest("alpha_onesided", 14, words, 5), "alpha_one_sided");
    assert_string_equal(text_nearest("max-events", 10, words, 5), "max_events");
    assert_string_equal(text_nearest("MAX_EVENTS", 10, words, 5), "max_events");
    assert_string_equal(text_nearest("colck", 5, words, 5), "clock");
    assert_string_equal(text_nearest("cuont", 5, words, 5), "count");
    assert_string_equal(text_nearest("full_look_minutes", 17, words, 5), "full_look");
    assert_null(text_nearest("recipients", 10, words, 5));
    assert_null(text_nearest("", 0, words, 5));
    assert_null(text_nearest("x", 1, words, 5));
    assert_null(text_nearest("clock", 5, words, 0));
    assert_null(
        text_nearest("cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc", 70, words, 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_but_surrogates_is_well_formed),
        cmocka_unit_test(overlong_forms_and_stray_bytes_are_not_utf8),
        cmocka_unit_test(repair_puts_one_mark_for_each_ill_formed_piece),
        cmocka_unit_test(what_would_harm_a_terminal_is_shown_escaped),
        cmocka_unit_test(what_is_long_ends_in_how_much_is_left),
        cmocka_unit_test(whole_numbers_are_sign_and_digits),
        cmocka_unit_test(reals_are_read_in_the_c_locale),
        cmocka_unit_test(a_number_of_a_thousand_digits_is_read),
        cmocka_unit_test(doubles_are_written_as_short_as_reads_back),
        cmocka_unit_test(words_compare_without_case_in_ascii_only),
        cmocka_unit_test(the_nearest_word_is_a_slip_away),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
