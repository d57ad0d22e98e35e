/* Numbers as words, aligned tables, headers and bodies that cannot be forged, one page as text and as HTML. */
#include "support/t.h"

#include <math.h>
#include <string.h>

#include "render/format.h"
#include "render/html.h"
#include "render/mime.h"
#include "render/page.h"
#include "render/table.h"

static void is(struct buf *b, const char *want)
{
    assert_string_equal(buf_cstr(b), want);
    buf_done(b);
}

static void p_values_have_two_significant_digits_and_a_floor(void **state)
{
    static const struct {
        double p;
        const char *want;
    } c[] = {{0.0169, "p = 0.017"},     {0.015291, "p = 0.015"},  {0.0996, "p = 0.10"},
             {0.5, "p = 0.50"},         {1, "p = 1.0"},           {0.00012, "p = 0.00012"},
             {0.0000999, "p < 0.0001"}, {0, "p < 0.0001"},        {(double)NAN, "p not estimable"},
             {-0.1, "p not estimable"}, {1.2, "p not estimable"}, {0.238, "p = 0.24"}};

    (void)state;
    for (size_t i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
        struct buf b = {0};

        fmt_p(&b, c[i].p);
        is(&b, c[i].want);
    }
}

static void percentages_are_exact_only_when_they_are(void **state)
{
    static const struct {
        int64_t x, n;
        const char *want;
    } c[] = {{6, 75, "6/75 (8.0 %)"},           {0, 73, "0/73 (0 %)"},
             {73, 73, "73/73 (100 %)"},         {0, 0, "0/0 (-)"},
             {1, 100000, "1/100000 (< 0.1 %)"}, {99999, 100000, "99999/100000 (> 99.9 %)"},
             {35, 75, "35/75 (46.7 %)"},        {9, 73, "9/73 (12.3 %)"}};

    (void)state;
    for (size_t i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
        struct buf b = {0};

        fmt_count(&b, c[i].x, c[i].n);
        is(&b, c[i].want);
    }
}

static void evidence_has_three_significant_digits_at_every_size(void **state)
{
    static const struct {
        double e;
        const char *want;
    } c[] = {{16.9581, "17.0"},      {1, "1.00"},         {0.25, "0.250"},
             {790.4, "790"},         {12345, "12300"},    {999999, "1.00 x 10^6"},
             {2.3e7, "2.30 x 10^7"}, {0.0005, "< 0.001"}, {1e300, "1.00 x 10^300"}};
    struct buf b = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
        fmt_e_value(&b, log(c[i].e));
        is(&b, c[i].want);
    }
    fmt_e_value(&b, 800);
    is(&b, "> 10^300");
    fmt_e_value(&b, (double)NAN);
    is(&b, "not estimable");
    fmt_e_value(&b, -(double)INFINITY);
    is(&b, "< 0.001");
}

static void a_number_that_is_not_known_is_never_shown_as_one(void **state)
{
    struct buf b = {0};

    (void)state;
    fmt_fixed(&b, (double)NAN, 2);
    is(&b, "not estimable");
    fmt_fixed(&b, (double)INFINITY, 2);
    is(&b, "infinite");
    fmt_fixed(&b, -0.001, 1);
    is(&b, "0.0");
    fmt_fixed(&b, -0.15, 2);
    is(&b, "-0.15");
    fmt_ratio(&b, &(struct estimate){(double)NAN, 0, (double)INFINITY});
    is(&b, "not estimable");
    fmt_ratio(&b, &(struct estimate){(double)INFINITY, 1.19, (double)INFINITY});
    is(&b, "infinite (at least 1.19)");
    fmt_ratio(&b, &(struct estimate){3.3, 0, (double)INFINITY});
    is(&b, "3.30 (no limit)");
    fmt_points(&b, &(struct estimate){0.08, -0.0004, 0.164});
    is(&b, "+8.0 (0.0 to 16.4)");
    fmt_instant(&b, INSTANT_NONE);
    is(&b, "unknown");
    fmt_day(&b, DAY_NONE);
    is(&b, "unknown");
}

static void tables_align_by_what_the_terminal_shows(void **state)
{
    struct table *t = NULL;
    struct buf b = {0};
    struct err err = {0};

    (void)state;
    assert_int_equal(display_width("\xc3\xa6\xc3\xb8\xc3\xa5"), 3);
    assert_int_equal(display_width("e\xcc\x81"), 1);                /* combining acute */
    assert_int_equal(display_width("\xe6\x97\xa5\xe6\x9c\xac"), 4); /* two wide characters */
    assert_ok(table_new(2, &t, &err), err);
    table_right(t, 1);
    table_cell(t, "Term");
    table_cell(t, "N");
    table_cell(t, "Kv\xc3\xa6lme");
    table_cell(t, "12");
    table_cell(t, "Di");
    table_cell(t, "");
    assert_ok(table_write(t, " ", &b, &err), err);
    is(&b, " Term     N\n ------  --\n Kv\xc3\xa6lme  12\n Di\n");
    table_cell(t, "half a row");
    assert_int_equal(table_write(t, "", &b, &err), E_INTERNAL);
    buf_done(&b);
    table_free(t);
    text_wrap(&b, "one two three four", 9, "  ");
    is(&b, "one two\n  three\n  four\n");
}

static void headers_refuse_what_would_forge_another(void **state)
{
    static const char *const bad[] = {
        "a\r\nBcc: x@y.example", "a\nb", "a\rb", "a\tb", "a\x7f", "a\x01", "\xff"};
    struct buf b = {0};
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(mime_header(&b, "Subject", bad[i], &err), E_DATA);
        assert_int_equal(mime_address(&b, "To", bad[i], "a@b.example", &err), E_DATA);
        assert_int_equal(mime_address(&b, "To", NULL, bad[i], &err), E_DATA);
    }
    assert_int_equal(mime_address(&b, "To", "A", "a@b.example> <c@d.example", &err), E_DATA);
    assert_int_equal(mime_address(&b, "To", "A", "a@b.example,c@d.example", &err), E_DATA);
    assert_int_equal(b.len, 0);
}

static void headers_are_written_as_the_standards_want(void **state)
{
    struct buf b = {0};
    struct err err = {0};

    (void)state;
    assert_ok(mime_header(&b, "Subject", "[MAGiCAL-CKD] DSMB message 7", &err), err);
    is(&b, "Subject: [MAGiCAL-CKD] DSMB message 7\r\n");
    assert_ok(mime_address(&b, "To", "Jensen, A \"B\"", "a@b.example", &err), err);
    is(&b, "To: \"Jensen, A \\\"B\\\"\"\r\n <a@b.example>\r\n");
    /* RFC 2047, by python3: email.header.Header("Søren", "utf-8").encode() */
    assert_ok(mime_address(&b, "To", "S\xc3\xb8ren", "s@b.example", &err), err);
    is(&b, "To: =?UTF-8?B?U8O4cmVu?=\r\n <s@b.example>\r\n");
    /* What looks like an encoded word is encoded, so that nobody decodes it into something else. */
    assert_ok(mime_header(&b, "Subject", "=?UTF-8?B?QQ==?=", &err), err);
    is(&b, "Subject: =?UTF-8?B?PT9VVEYtOD9CP1FRPT0/PQ==?=\r\n");
    mime_date(&b, INT64_C(1795395120000000)); /* date -u -d @1795395120 */
    is(&b, "Date: Mon, 23 Nov 2026 00:52:00 +0000\r\n");
    mime_date(&b, -1000000);
    is(&b, "Date: Wed, 31 Dec 1969 23:59:59 +0000\r\n");
    assert_ok(mime_header(&b, "Subject",
                          "\xc3\xa6\xc3\xa6\xc3\xa6\xc3\xa6\xc3\xa6\xc3\xa6\xc3\xa6\xc3\xa6\xc3\xa6\xc3\xa6"
                          "\xc3\xa6\xc3\xa6\xc3\xa6\xc3\xa6\xc3\xa6\xc3\xa6\xc3\xa6\xc3\xa6\xc3\xa6\xc3\xa6",
                          &err),
              err);
    is(&b,
       "Subject: =?UTF-8?B?w6bDpsOmw6bDpsOmw6bDpsOmw6bDpsOmw6bDpsOmw6bDpsOmw6Y=?=\r\n =?UTF-8?B?w6Y=?=\r\n");
}

static void quoted_printable_keeps_lines_short_and_bytes_exact(void **state)
{
    static const char lines[] = "a=b \nS\xc3\xb8 x\n.\nFrom me\n";
    struct buf b = {0}, text = {0};
    size_t col = 0;

    (void)state;
    mime_qp(&b, lines, strlen(lines));
    is(&b, "a=3Db=20\r\nS=C3=B8 x\r\n=2E\r\n=46rom me\r\n");
    for (int i = 0; i < 400; i++) {
        buf_str(&text, i % 7 == 0 ? "\xc3\xb8" : i % 5 == 0 ? "." : " x");
    }
    mime_qp(&b, buf_cstr(&text), text.len);
    for (size_t i = 0; i < b.len; i++) {
        if (b.data[i] == '\n') {
            col = 0;
            assert_true(i > 0 && b.data[i - 1] == '\r');
            assert_true(i + 1 >= b.len || b.data[i + 1] != '.');
        } else if (b.data[i] != '\r') {
            assert_true(++col <= 76);
            assert_true((unsigned char)b.data[i] < 0x80);
        }
    }
    buf_done(&b);
    buf_done(&text);
}

static void html_shows_hostile_text_and_runs_none_of_it(void **state)
{
    struct buf b = {0};

    (void)state;
    html_text(&b, "<img src=x onerror='a'> & \"q\"\n\x1b[31m\xe2\x80\xae\xff");
    is(&b, "&lt;img src=x onerror=&#39;a&#39;&gt; &amp; &quot;q&quot;\\n\\x1b[31m\\u{202e}\\xff");
}

static void a_page_says_the_same_in_text_and_html(void **state)
{
    struct page *p = NULL;
    struct buf text = {0}, html = {0};
    struct err err = {0};

    (void)state;
    assert_ok(page_new(&p, &err), err);
    page_add(p, BLOCK_ALARM, "BOUNDARY CROSSED: Deaths - T<1>");
    page_add(p, BLOCK_COUNTS, "");
    page_cell(p, "Drug");
    page_cell(p, "6/75");
    page_cell(p, "8.0 %");
    page_cell(p, "Placebo");
    page_cell(p, "0/73");
    page_cell(p, "0 %");
    page_add(p, BLOCK_LEAD, "Lead.");
    page_add(p, BLOCK_ACTION, "Act.");
    page_add(p, BLOCK_HEADING, "More");
    page_add(p, BLOCK_PARA, "Paragraph.");
    page_table(p, "Numbers", 2, 2U);
    page_cell(p, "a");
    page_cell(p, "b");
    page_cell(p, "x & y");
    page_cell(p, "10");
    page_add(p, BLOCK_NOTE, "Small.");
    assert_ok(page_text(p, 76, &text, &err), err);
    is(&text,
       "BOUNDARY CROSSED: Deaths - T<1>\nDrug 6/75 (8.0 %) v Placebo 0/73 (0 %)\nLead.\nAct.\n\nMore\n====\n"
       "Paragraph.\n\nNumbers\na       b\n-----  --\nx & y  10\n\nSmall.\n");
    assert_ok(page_html(p, "T<1>", &html, &err), err);
    assert_non_null(
        strstr(html.data, "<span class=\"what\">Deaths</span> <span class=\"trial\">T&lt;1&gt;</span>"));
    assert_non_null(strstr(html.data, "<span class=\"n\">6/75</span>"));
    assert_non_null(strstr(html.data, "<td>x &amp; y</td><td class=\"r k\">10</td>"));
    assert_null(strstr(html.data, "http://"));
    assert_null(strstr(html.data, "https://"));
    assert_null(strstr(html.data, "<script"));
    assert_null(strstr(html.data, "<img"));
    assert_null(strstr(html.data, "url("));
    buf_done(&html);
    page_free(p);
    page_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(p_values_have_two_significant_digits_and_a_floor),
        cmocka_unit_test(percentages_are_exact_only_when_they_are),
        cmocka_unit_test(evidence_has_three_significant_digits_at_every_size),
        cmocka_unit_test(a_number_that_is_not_known_is_never_shown_as_one),
        cmocka_unit_test(tables_align_by_what_the_terminal_shows),
        cmocka_unit_test(headers_refuse_what_would_forge_another),
        cmocka_unit_test(headers_are_written_as_the_standards_want),
        cmocka_unit_test(quoted_printable_keeps_lines_short_and_bytes_exact),
        cmocka_unit_test(html_shows_hostile_text_and_runs_none_of_it),
        cmocka_unit_test(a_page_says_the_same_in_text_and_html),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
