/* Reports as HTML and PDF: nothing from outside, nothing of arms in the open one, the same bytes each time. */
#include "support/t.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/t_render.h"

static void html(const struct synthetic_options *o, enum audience a, struct buf *out)
{
    struct synthetic s;
    struct report_input in;
    struct err err = {0};

    synthetic_make(&s, o);
    in = synthetic_report(&s);
    assert_ok(report_render(&in, a, REPORT_HTML, out, &err), err);
    synthetic_done(&s);
}

static void pdf(const struct synthetic_options *o, enum audience a, struct buf *out)
{
    struct synthetic s;
    struct report_input in;
    struct err err = {0};

    synthetic_make(&s, o);
    in = synthetic_report(&s);
    assert_ok(report_pdf(&in, a, out, &err), err);
    synthetic_done(&s);
}

static bool same_bytes(const struct buf *a, const struct buf *b)
{
    return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

static void html_asks_for_nothing_and_runs_nothing(void **state)
{
    static const char *const never[] = {"http:",      "https:", "<script", "<link",     "<img",
                                        "src=",       "url(",   "@import", "<iframe",   "onload",
                                        "javascript", "<form",  "<object", "@font-face"};
    struct synthetic_options o = {0};

    (void)state;
    for (int a = AUDIENCE_CLOSED; a <= AUDIENCE_OPEN; a++) {
        struct buf b = {0};

        html(&o, (enum audience)a, &b);
        for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
            if (strstr(b.data, never[i]) != NULL) {
                fail_msg("the page holds %s", never[i]);
            }
        }
        assert_non_null(strstr(b.data, "default-src 'none'"));
        buf_wipe(&b);
    }
}

/* Tags that are opened are closed, in order, as far as this page's own grammar goes. */
static void html_is_well_formed(void **state)
{
    static const char *const empty[] = {"meta", "path", "rect", "circle", "!DOCTYPE"};
    struct synthetic_options o = {0};

    (void)state;
    for (int a = AUDIENCE_CLOSED; a <= AUDIENCE_OPEN; a++) {
        char open[64][16];
        size_t depth = 0;
        struct buf b = {0};

        html(&o, (enum audience)a, &b);
        for (const char *p = strchr(b.data, '<'); p != NULL; p = strchr(p + 1, '<')) {
            bool closing = p[1] == '/', skip = false;
            const char *name = p + 1 + closing;
            size_t n = strcspn(name, " >/\n");

            for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
                skip = skip || (n == strlen(empty[i]) && strncmp(name, empty[i], n) == 0);
            }
            if (skip) {
                continue;
            }
            assert_true(n > 0 && n < sizeof(open[0]));
            if (closing) {
                assert_true(depth > 0);
                depth--;
                assert_true(strlen(open[depth]) == n && strncmp(open[depth], name, n) == 0);
            } else {
                assert_true(depth < 64);
                (void)snprintf(open[depth++], sizeof(open[0]), "%.*s", (int)n, name);
            }
        }
        assert_int_equal(depth, 0);
        buf_wipe(&b);
    }
}

static void hostile_terms_are_text(void **state)
{
    static const char evil[] = "</td><script>alert(1)</script>\"' onmouseover=x";
    struct synthetic_options o = {.term = evil, .term_len = sizeof(evil) - 1};
    struct buf b = {0};

    (void)state;
    html(&o, AUDIENCE_CLOSED, &b);
    assert_null(strstr(b.data, "<script>"));
    assert_non_null(
        strstr(b.data, "&lt;/td&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39; onmouseover=x"));
    buf_wipe(&b);
}

static void every_table_has_a_name_and_row_heads(void **state)
{
    struct synthetic_options o = {0};
    struct buf b = {0};

    (void)state;
    html(&o, AUDIENCE_CLOSED, &b);
    for (const char *p = strstr(b.data, "<table"); p != NULL; p = strstr(p + 1, "<table")) {
        const char *end = strstr(p, "</table>"), *caption = strstr(p, "<caption id=");

        assert_true(strncmp(p, "<table aria-labelledby=", 23) == 0 || (caption != NULL && caption < end));
        assert_true(strstr(p, "<th scope=\"row\"") < end);
        assert_true(strstr(p, "<th scope=\"col\"") < end);
    }
    buf_wipe(&b);
}

static void pdf_is_the_same_bytes_each_time_and_dated_by_the_report(void **state)
{
    struct synthetic_options o = {0};
    struct buf a = {0}, b = {0};

    (void)state;
    pdf(&o, AUDIENCE_CLOSED, &a);
    pdf(&o, AUDIENCE_CLOSED, &b);
    assert_true(same_bytes(&a, &b));
    assert_int_equal(memcmp(a.data, "%PDF-1.", 7), 0);
    assert_non_null(memmem(a.data, a.len, "CreationDate (20240617120130", 28));
    assert_true(a.len > 20000);
    buf_wipe(&a);
    buf_wipe(&b);
}

static void swapping_the_arms_changes_no_byte_of_the_open_pdf(void **state)
{
    struct synthetic_options plain = {0}, swapped = {.swap_arms = true};
    struct buf a = {0}, b = {0};

    (void)state;
    pdf(&plain, AUDIENCE_OPEN, &a);
    pdf(&swapped, AUDIENCE_OPEN, &b);
    assert_true(same_bytes(&a, &b));
    buf_clear(&a);
    buf_clear(&b);
    pdf(&plain, AUDIENCE_CLOSED, &a);
    pdf(&swapped, AUDIENCE_CLOSED, &b);
    assert_false(same_bytes(&a, &b));
    buf_wipe(&a);
    buf_wipe(&b);
}

static void long_words_and_many_rows_stay_on_the_page(void **state)
{
    static char term[3000];
    struct synthetic_options o = {.term = term, .term_len = sizeof(term) - 1};
    struct buf b = {0};

    (void)state;
    memset(term, 'W', sizeof(term) - 1);
    pdf(&o, AUDIENCE_CLOSED, &b);
    assert_int_equal(memcmp(b.data, "%PDF-1.", 7), 0);
    buf_wipe(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(html_asks_for_nothing_and_runs_nothing),
        cmocka_unit_test(html_is_well_formed),
        cmocka_unit_test(hostile_terms_are_text),
        cmocka_unit_test(every_table_has_a_name_and_row_heads),
        cmocka_unit_test(pdf_is_the_same_bytes_each_time_and_dated_by_the_report),
        cmocka_unit_test(swapping_the_arms_changes_no_byte_of_the_open_pdf),
        cmocka_unit_test(long_words_and_many_rows_stay_on_the_page),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
