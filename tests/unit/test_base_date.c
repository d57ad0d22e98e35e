#include "support/t.h"

#include <string.h>
#include <time.h>

#include "base/date.h"

static void days_count_from_1970_and_agree_with_the_c_library(void **state)
{
    int wrong = 0;
    day_t expect = day_from_ymd(1900, 1, 1);

    (void)state;
    assert_int_equal(day_from_ymd(1970, 1, 1), 0);
    assert_int_equal(day_from_ymd(2000, 3, 1), 11017);
    for (day_t d = day_from_ymd(1900, 1, 1); d <= day_from_ymd(2199, 12, 31); d++) {
        time_t t = (time_t)d * 86400;
        struct tm tm;
        int y, m, dom;

        assert_non_null(gmtime_r(&t, &tm));
        day_to_ymd(d, &y, &m, &dom);
        wrong += y != tm.tm_year + 1900 || m != tm.tm_mon + 1 || dom != tm.tm_mday ? 1 : 0;
        wrong += day_from_ymd(y, m, dom) != d || d != expect ? 1 : 0;
        expect++;
    }
    assert_int_equal(wrong, 0);
}

static void days_that_are_not_in_the_calendar_are_none(void **state)
{
    (void)state;
    assert_int_equal(day_from_ymd(2023, 2, 29), DAY_NONE);
    assert_int_not_equal(day_from_ymd(2024, 2, 29), DAY_NONE);
    assert_int_equal(day_from_ymd(1900, 2, 29), DAY_NONE);     /* no leap year: divisible by 100 */
    assert_int_not_equal(day_from_ymd(2000, 2, 29), DAY_NONE); /* a leap year: by 400 */
    assert_int_equal(day_from_ymd(2100, 2, 29), DAY_NONE);
    assert_int_equal(day_from_ymd(2024, 4, 31), DAY_NONE);
    assert_int_equal(day_from_ymd(2024, 13, 1), DAY_NONE);
    assert_int_equal(day_from_ymd(2024, 0, 1), DAY_NONE);
    assert_int_equal(day_from_ymd(2024, 1, 0), DAY_NONE);
    assert_int_equal(day_from_ymd(1899, 12, 31), DAY_NONE);
    assert_int_equal(day_from_ymd(2200, 1, 1), DAY_NONE);
}

static void check(const char *s, enum date_prec prec, const char *first, const char *last)
{
    struct pdate p;
    char f[11], l[11];

    if (!pdate_parse(s, strlen(s), &p)) {
        print_error("refused: '%s'\n", s);
        fail();
    }
    day_format(p.first, f);
    day_format(p.last, l);
    if (p.prec != prec || strcmp(f, first) != 0 || strcmp(l, last) != 0) {
        print_error("'%s': precision %d, %s to %s\n", s, (int)p.prec, f, l);
        fail();
    }
}

static void partial_dates_span_what_is_not_known(void **state)
{
    (void)state;
    check("2024", DATE_YEAR, "2024-01-01", "2024-12-31");
    check("2024-02", DATE_MONTH, "2024-02-01", "2024-02-29");
    check("2023-02", DATE_MONTH, "2023-02-01", "2023-02-28");
    check("2024-05-01", DATE_DAY, "2024-05-01", "2024-05-01");
    check("2024-05-01T13", DATE_TIME, "2024-05-01", "2024-05-01");
    check("2024-05-01T13:45", DATE_TIME, "2024-05-01", "2024-05-01");
    check("2024-05-01T13:45:59", DATE_TIME, "2024-05-01", "2024-05-01");
    check("2024-05-01 13:45:59.123", DATE_TIME, "2024-05-01", "2024-05-01");
    check("2016-12-31T23:59:60Z", DATE_TIME, "2016-12-31", "2016-12-31");
    check(" 2024-05\t\n", DATE_MONTH, "2024-05-01", "2024-05-31");
    check("", DATE_ABSENT, "", "");
    check(" \r\n", DATE_ABSENT, "", "");
    check("1900", DATE_YEAR, "1900-01-01", "1900-12-31");
    check("2199-12", DATE_MONTH, "2199-12-01", "2199-12-31");
}

static void an_offset_does_not_move_the_local_day(void **state)
{
    (void)state;
    check("2024-05-01T00:30+02:00", DATE_TIME, "2024-05-01", "2024-05-01");
    check("2024-05-01T23:30-0500", DATE_TIME, "2024-05-01", "2024-05-01");
    check("2024-05-01T23:30-05", DATE_TIME, "2024-05-01", "2024-05-01");
    check("2024-05-01T12Z", DATE_TIME, "2024-05-01", "2024-05-01");
}

static void missing_inner_parts_leave_the_leading_ones(void **state)
{
    (void)state;
    check("2003---15", DATE_YEAR, "2003-01-01", "2003-12-31");
    check("2003-12--", DATE_MONTH, "2003-12-01", "2003-12-31");
    check("2003-12--T13:15", DATE_MONTH, "2003-12-01", "2003-12-31");
    check("2003----T13:15", DATE_YEAR, "2003-01-01", "2003-12-31");
    check("2003-12-15T-:15", DATE_DAY, "2003-12-15", "2003-12-15");
    check("2003-12-15T13:-:17", DATE_TIME, "2003-12-15", "2003-12-15");
}

static void what_is_no_date_is_refused_and_leaves_the_output_alone(void **state)
{
    static const char *const bad[] = {
        "24",
        "202",
        "20240",
        "2024-",
        "2024-5",
        "2024-13",
        "2024-00",
        "2024-02-30",
        "2023-02-29",
        "2024-05-1",
        "2024-05-",
        "2024/05/01",
        "01-05-2024",
        "2024-05-01T",
        "2024-05-01x",
        "2024-05-01T24",
        "2024-05-01T1",
        "2024-05-01T12:60",
        "UNK",
        "2024-UN-UN",
        "1899-12-31",
        "2200",
        "2200-01",
        "--12-15",
        "-2024-01-01",
        "2003---32",
        "2024-05-01T12:00:61",
        "2024-05-01T12:00:00.",
        "2024-05-01T12:00+16",
        "2024-05-01T12:00+0",
        "2024-05-01T12:00+02:60",
        "2024-05-01TZ",
        "2024-05-01Z",
        "2024Z",
        "2024-05-01  12:00",
        "2024-05-01T12:00 Z",
        "\xd9\xa2\xd9\xa0\xd9\xa2\xd9\xa4",
        "2024-05-01T12:00:-.5",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct pdate p = {.first = 7, .last = 8, .prec = DATE_DAY};

        if (pdate_parse(bad[i], strlen(bad[i]), &p) || p.first != 7 || p.last != 8) {
            print_error("accepted: '%s'\n", bad[i]);
            fail();
        }
    }
}

static void bytes_past_the_length_are_never_looked_at(void **state)
{
    struct pdate p;
    day_t d;
    instant_t t;

    (void)state;
    assert_true(pdate_parse("2024-05-01", 7, &p));
    assert_int_equal(p.prec, DATE_MONTH);
    assert_true(day_parse("2024-05-011", 10, &d));
    assert_true(instant_parse("2024-05-01T12:00Zjunk", 17, &t));
    assert_false(pdate_parse("2024\0-05", 8, &p));
}

static void an_exact_day_is_nothing_else(void **state)
{
    day_t d = 5;

    (void)state;
    assert_true(day_parse("2024-02-29", 10, &d));
    assert_int_equal(d, day_from_ymd(2024, 2, 29));
    assert_false(day_parse("2024-02", 7, &d));
    assert_false(day_parse(" 2024-02-01", 11, &d));
    assert_false(day_parse("2024-02-01T00", 13, &d));
    assert_false(day_parse("", 0, &d));
    assert_int_equal(d, day_from_ymd(2024, 2, 29));
}

static void instant_is(const char *s, const char *want)
{
    instant_t t = 0;
    char out[28];

    if (!instant_parse(s, strlen(s), &t)) {
        print_error("refused: '%s'\n", s);
        fail();
    }
    instant_format(t, out);
    assert_string_equal(out, want);
}

static void instants_come_back_in_utc(void **state)
{
    (void)state;
    instant_is("2024-05-01T12:00:00.000000Z", "2024-05-01T12:00:00.000000Z");
    instant_is("2024-05-01 12:00", "2024-05-01T12:00:00.000000Z");
    instant_is("2024-05-01", "2024-05-01T00:00:00.000000Z");
    instant_is("2024-05-01T00:30+02", "2024-04-30T22:30:00.000000Z");
    instant_is("2024-05-01T00:30+05:45", "2024-04-30T18:45:00.000000Z");
    instant_is("2023-12-31T23:30-03:30", "2024-01-01T03:00:00.000000Z");
    instant_is("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z");
    instant_is("2024-05-01T12:00:00.5", "2024-05-01T12:00:00.500000Z");
    instant_is("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000Z");
    instant_is("1900-01-01T00:00Z", "1900-01-01T00:00:00.000000Z");
    instant_is("2199-12-31T23:59:59.999999Z", "2199-12-31T23:59:59.999999Z");
}

static void what_is_no_instant_is_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "2024",
                                      "2024-05",
                                      "2024-05-01T",
                                      "2024-05-01T12",
                                      "2024-05-01T1:00",
                                      "2024-05-01T24:00",
                                      "2024-05-01T12:00:00.1234567",
                                      "2024-05-01T12:00z",
                                      " 2024-05-01",
                                      "2024-05-01 ",
                                      "2024-02-30T12:00Z",
                                      "infinity",
                                      "2024-05-01T12:-",
                                      "2024-05-01T12:00+"};
    instant_t t = 42;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (instant_parse(bad[i], strlen(bad[i]), &t) || t != 42) {
            print_error("accepted: '%s'\n", bad[i]);
            fail();
        }
    }
}

static void the_day_of_an_instant_rounds_down(void **state)
{
    (void)state;
    assert_int_equal(instant_day(0), 0);
    assert_int_equal(instant_day(-1), -1);
    assert_int_equal(instant_day(US_PER_DAY - 1), 0);
    assert_int_equal(instant_day(-US_PER_DAY), -1);
    assert_int_equal(instant_day(-US_PER_DAY - 1), -2);
    assert_int_equal(day_start(-1), -US_PER_DAY);
    assert_int_equal(instant_day(INSTANT_NONE), DAY_NONE);
    assert_true(day_start(DAY_NONE) == INSTANT_NONE);
    assert_true(day_start(INT32_MAX) == INSTANT_NONE);
}

static void the_date_of_a_mail_is_what_the_c_library_writes(void **state)
{
    (void)state;
    for (instant_t t = day_start(day_from_ymd(1900, 1, 1)) - 1; t < day_start(day_from_ymd(2199, 12, 1));
         t +=
         INT64_C(5000011) * 1000000 + 7) { /* eight weeks and a bit: each weekday, month and hour comes */
        time_t s = (time_t)(t / 1000000 - (t % 1000000 < 0));
        char want[INSTANT_RFC5322 + 8], got[INSTANT_RFC5322];
        struct tm tm;

        assert_non_null(gmtime_r(&s, &tm));
        assert_true(strftime(want, sizeof want, "%a, %d %b %Y %H:%M:%S +0000", &tm) > 0);
        instant_rfc5322(t, got);
        assert_string_equal(got, want);
    }
}

static void what_cannot_be_written_is_written_as_nothing(void **state)
{
    char day[11] = "x", t[28] = "x", mail[INSTANT_RFC5322] = "x";

    (void)state;
    day_format(DAY_NONE, day);
    assert_string_equal(day, "");
    day_format(INT32_MAX, day);
    assert_string_equal(day, "");
    instant_format(INSTANT_NONE, t);
    assert_string_equal(t, "");
    instant_format(INT64_MAX, t);
    assert_string_equal(t, "");
    instant_rfc5322(INSTANT_NONE, mail);
    assert_string_equal(mail, "");
}

static void months_clamp_to_the_last_day(void **state)
{
    (void)state;
    assert_int_equal(day_add_months(day_from_ymd(2024, 1, 31), 1), day_from_ymd(2024, 2, 29));
    assert_int_equal(day_add_months(day_from_ymd(2023, 1, 31), 1), day_from_ymd(2023, 2, 28));
    assert_int_equal(day_add_months(day_from_ymd(2024, 2, 29), 12), day_from_ymd(2025, 2, 28));
    assert_int_equal(day_add_months(day_from_ymd(2024, 1, 15), -1), day_from_ymd(2023, 12, 15));
    assert_int_equal(day_add_months(day_from_ymd(2024, 3, 31), -13), day_from_ymd(2023, 2, 28));
    assert_int_equal(day_add_months(day_from_ymd(2024, 3, 31), 0), day_from_ymd(2024, 3, 31));
    assert_int_equal(day_add_months(day_from_ymd(2199, 12, 1), 1), DAY_NONE);
    assert_int_equal(day_add_months(day_from_ymd(1900, 1, 1), -1), DAY_NONE);
    assert_int_equal(day_add_months(day_from_ymd(2024, 1, 1), INT32_MAX), DAY_NONE);
    assert_int_equal(day_add_months(day_from_ymd(2024, 1, 1), INT32_MIN), DAY_NONE);
    assert_int_equal(day_add_months(DAY_NONE, 1), DAY_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_count_from_1970_and_agree_with_the_c_library),
        cmocka_unit_test(days_that_are_not_in_the_calendar_are_none),
        cmocka_unit_test(partial_dates_span_what_is_not_known),
        cmocka_unit_test(an_offset_does_not_move_the_local_day),
        cmocka_unit_test(missing_inner_parts_leave_the_leading_ones),
        cmocka_unit_test(what_is_no_date_is_refused_and_leaves_the_output_alone),
        cmocka_unit_test(bytes_past_the_length_are_never_looked_at),
        cmocka_unit_test(an_exact_day_is_nothing_else),
        cmocka_unit_test(instants_come_back_in_utc),
        cmocka_unit_test(what_is_no_instant_is_refused),
        cmocka_unit_test(the_day_of_an_instant_rounds_down),
        cmocka_unit_test(the_date_of_a_mail_is_what_the_c_library_writes),
        cmocka_unit_test(what_cannot_be_written_is_written_as_nothing),
        cmocka_unit_test(months_clamp_to_the_last_day),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
