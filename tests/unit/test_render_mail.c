/* The message to the board: what its first lines say, its bytes, and what hostile data do to it. */
#include "support/t.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "render/alert_page.h"
#include "support/t_render.h"

static void render_text(const struct mail_input *in, struct buf *text, struct buf *html)
{
    struct page *p = NULL;
    struct err err = {0};

    assert_ok(alert_page(in, &p, &err), err);
    assert_ok(page_text(p, 78, text, &err), err);
    assert_ok(page_html(p, "t", html, &err), err);
    page_free(p);
}

static void has(const struct buf *b, const char *what)
{
    if (strstr(b->data, what) == NULL) {
        fail_msg("\"%s\" is not in\n%.3000s", what, b->data);
    }
}

static void lacks(const struct buf *b, const char *what)
{
    const char *at = strstr(b->data, what);

    if (at != NULL) {
        fail_msg("\"%s\" is in it: %.200s", what, at);
    }
}

static void the_first_lines_carry_the_decision(void **state)
{
    static const char want[] =
        "BOUNDARY CROSSED: Cardiovascular events - MAGiCAL-CKD\n"
        "Magnesium 6/75 (8.0 %) v Placebo 0/73 (0 %)\n"
        "Exact sequential test: 6 of 6 first events in Magnesium; boundary 6; one-sided\n"
        "  p = 0.017; e-value 17.0 (reference 20).\n"
        "Data current to 2024-06-17 12:00 UTC; counted to 2024-06-12, look 14.\n"
        "What to do: ";
    struct synthetic s;
    struct synthetic_options o = {0};
    struct mail_input in;
    struct buf text = {0}, html = {0};

    (void)state;
    synthetic_make(&s, &o);
    in = synthetic_mail(&s);
    render_text(&in, &text, &html);
    if (strncmp(text.data, want, strlen(want)) != 0) {
        fail_msg("got\n%.600s", text.data);
    }
    has(&text, "Chair: Ada Berg,\n  +45 00 00 00 00.");
    has(&text, "Note of the plan: Illustrative");
    has(&text, "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
    has(&html, "<span class=\"n\">6/75</span>");
    buf_done(&text);
    buf_done(&html);
    synthetic_done(&s);
}

static void the_message_is_the_golden_one_byte_for_byte(void **state)
{
    struct synthetic s;
    struct synthetic_options o = {0};
    struct mail_input in;
    struct buf mail = {0};
    struct err err = {0};
    size_t col = 0;

    (void)state;
    synthetic_make(&s, &o);
    in = synthetic_mail(&s);
    assert_ok(mail_render(&in, &mail, &err), err);
    for (size_t i = 0; i < mail.len; i++) {
        assert_true(mail.data[i] != '\n' || (i > 0 && mail.data[i - 1] == '\r'));
        assert_true((unsigned char)mail.data[i] < 0x80);
        col = mail.data[i] == '\n' ? 0 : col + 1;
        assert_true(col <= 78);
    }
    golden("alert-cv.eml", &mail);
    buf_done(&mail);
    synthetic_done(&s);
    o.retracted = true;
    synthetic_make(&s, &o);
    in = synthetic_mail(&s);
    in.to = &s.board.members[0];
    in.from_name = NULL;
    in.number = 8;
    assert_ok(mail_render(&in, &mail, &err), err);
    golden("alert-cv-amended.eml", &mail);
    buf_done(&mail);
    synthetic_done(&s);
}

static void headers_tell_nothing_and_stand_in_their_order(void **state)
{
    static const char want[] =
        "From: \"MAGiCAL-CKD safety monitoring\"\r\n <dsmbd@trial.example>\r\n"
        "To: =?UTF-8?B?U8O4cmVuIMOGZ2lyIFRob3J2YWxkc2Vu?=\r\n <soren@board.example>\r\n"
        "Subject: [MAGiCAL-CKD] DSMB message 7\r\n"
        "Date: Mon, 17 Jun 2024 12:01:30 +0000\r\n"
        "Message-ID: <0f8fad5b-d9cb-469f-a165-70867728950e@trial.example>\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: multipart/alternative;\r\n boundary=\"=_0f8fad5b-d9cb-469f-a165-70867728950e\"\r\n"
        "Auto-Submitted: auto-generated\r\n"
        "X-Auto-Response-Suppress: All\r\n\r\n";
    struct synthetic s;
    struct synthetic_options o = {0};
    struct mail_input in;
    struct buf mail = {0};
    struct err err = {0};

    (void)state;
    synthetic_make(&s, &o);
    in = synthetic_mail(&s);
    assert_ok(mail_render(&in, &mail, &err), err);
    if (strncmp(mail.data, want, strlen(want)) != 0) {
        fail_msg("got\n%.900s", mail.data);
    }
    buf_done(&mail);
    synthetic_done(&s);
}

static void nothing_given_can_forge_a_header(void **state)
{
    struct synthetic s;
    struct synthetic_options o = {0};
    struct mail_input in;
    struct member evil;
    struct buf mail = {0};
    struct err err = {0};

    (void)state;
    synthetic_make(&s, &o);
    in = synthetic_mail(&s);
    evil = s.board.members[0];
    in.to = &evil;
    (void)snprintf(evil.address, sizeof(evil.address), "a@b.example\r\nBcc: x@y.example");
    assert_int_equal(mail_render(&in, &mail, &err), E_DATA);
    (void)snprintf(evil.address, sizeof(evil.address), "a@b.example");
    (void)snprintf(evil.name, sizeof(evil.name), "A\r\nBcc: x@y.example");
    assert_int_equal(mail_render(&in, &mail, &err), E_DATA);
    in = synthetic_mail(&s);
    in.from = "dsmbd";
    assert_int_equal(mail_render(&in, &mail, &err), E_DATA);
    in = synthetic_mail(&s);
    in.from_name = "x\ny";
    assert_int_equal(mail_render(&in, &mail, &err), E_DATA);
    in = synthetic_mail(&s);
    in.message_id = "abc\r\nBcc: x@y.example";
    assert_int_equal(mail_render(&in, &mail, &err), E_INTERNAL);
    in = synthetic_mail(&s);
    (void)snprintf(s.plan.trial, sizeof(s.plan.trial), "T\r\nBcc: x@y");
    assert_int_equal(mail_render(&in, &mail, &err), E_DATA);
    assert_int_equal(mail.len, 0);
    /* What was refused is not repeated where it could reach the journal. */
    assert_null(strstr(err.msg, "Bcc"));
    synthetic_done(&s);
}

static void a_hostile_verbatim_is_shown_and_does_nothing(void **state)
{
    enum { BIG = 1 << 20 };
    static const char evil[] =
        "\"x', <script>alert(1)</script>\r\n.\r\nBcc: a@b\xe2\x80\xae txt; DROP TABLE ae;-- "
        "<img src=http://e.example/x>";
    struct synthetic s;
    struct synthetic_options o = {0};
    struct mail_input in;
    struct buf text = {0}, html = {0}, mail = {0}, plain = {0};
    struct err err = {0};
    char *big;

    (void)state;
    o.term = evil;
    o.term_len = strlen(evil);
    synthetic_make(&s, &o);
    in = synthetic_mail(&s);
    render_text(&in, &text, &html);
    has(&text, "\"x', <script>alert(1)</script>\\r\\n.\\r\\nBcc: a@b\\u{202e} txt; DROP TABLE ae;");
    has(&html, "&quot;x&#39;, &lt;script&gt;alert(1)&lt;/script&gt;\\r\\n.\\r\\nBcc: a@b\\u{202e} txt; DROP "
               "TABLE ae;");
    lacks(&html, "<script");
    lacks(&html, "<img");
    lacks(&html, "\xe2\x80\xae");
    lacks(&text, "\nBcc:");
    assert_ok(mail_render(&in, &mail, &err), err);
    lacks(&mail, "\nBcc:");
    buf_done(&text);
    buf_done(&html);
    buf_done(&mail);
    buf_done(&plain);
    synthetic_done(&s);

    big = calloc(1, BIG + 1);
    assert_non_null(big);
    memset(big, '<', BIG);
    o.term = big;
    o.term_len = BIG;
    synthetic_make(&s, &o);
    in = synthetic_mail(&s);
    assert_ok(mail_render(&in, &mail, &err), err);
    assert_true(mail.len < 65536);
    synthetic_decode(&mail, &plain);
    has(&plain, " more)");
    buf_done(&mail);
    buf_done(&plain);
    free(big);
    synthetic_done(&s);
}

static void what_is_not_known_is_spelled_out(void **state)
{
    struct synthetic s;
    struct synthetic_options o = {0};
    struct mail_input in;
    struct buf text = {0}, html = {0};
    struct entry *e;

    (void)state;
    synthetic_make(&s, &o);
    in = synthetic_mail(&s);
    e = &s.result.entries[SYN_DEATHS];
    e->verdict = VERDICT_UNDETERMINED;
    (void)snprintf(e->reason, sizeof(e->reason),
                   "the exact boundary cannot be computed from these risk sets");
    s.result.entries[SYN_CV].nominal_p = (double)NAN;
    s.result.entries[SYN_CV].log_e = (double)NAN;
    in.data_cutoff = INSTANT_NONE;
    render_text(&in, &text, &html);
    has(&text, "Deaths could not be determined: the exact boundary cannot be computed from");
    has(&text, "one-sided\n  p not estimable");
    has(&text, "Data current to unknown");
    lacks(&text, "nan");
    buf_done(&text);
    buf_done(&html);
    synthetic_done(&s);
}

/* Text with line breaks and indents taken out, to search sentences in. */
static void one_line(struct buf *b)
{
    size_t n = 0;

    for (size_t i = 0; i < b->len; i++) {
        char c = b->data[i] == '\n' ? ' ' : b->data[i];

        if (c != ' ' || (n > 0 && b->data[n - 1] != ' ')) {
            b->data[n++] = c;
        }
    }
    b->data[n] = '\0';
    b->len = n;
}

static void other_methods_say_what_they_tested(void **state)
{
    struct synthetic s;
    struct synthetic_options o = {0};
    struct mail_input in;
    struct buf text = {0}, html = {0};
    struct entry *e;

    (void)state;
    synthetic_make(&s, &o);
    in = synthetic_mail(&s);
    (void)snprintf(s.alert.monitor, sizeof(s.alert.monitor), "gi");
    render_text(&in, &text, &html);
    one_line(&text);
    has(&text, "BOUNDARY CROSSED: Gastrointestinal adverse effects - MAGiCAL-CKD Magnesium 35/75 (46.7 %) v "
               "Placebo 9/73"
               " (12.3 %) Group sequential logrank test: z = 4.42 from 44 first events, 35 of them in "
               "Magnesium; boundary"
               " 2.96; one-sided p < 0.0001; e-value 790 (reference 20).");
    has(&text, "for the board's next meeting");
    has(&text, "12 of 44");
    buf_clear(&text);
    buf_clear(&html);

    (void)snprintf(s.alert.monitor, sizeof(s.alert.monitor), "cv");
    s.plan.monitors[SYN_CV].method = METHOD_E_PROCESS;
    e = &s.result.entries[SYN_CV];
    e->statistic = e->log_e = e->log_e_max = log(20.7);
    e->bound = log(20);
    e->nominal_p = 1 / 20.7;
    render_text(&in, &text, &html);
    one_line(&text);
    has(&text,
        "Safe test (e-process): e-value 20.7 from 6 first events, 6 of them in Magnesium; threshold 20.0;"
        " anytime-valid p = 0.048.");
    lacks(&text, "Alpha spent so far");
    buf_done(&text);
    buf_done(&html);
    synthetic_done(&s);
}

static void three_arms_stand_side_by_side(void **state)
{
    struct synthetic s;
    struct synthetic_options o = {.third_arm = true};
    struct mail_input in;
    struct buf text = {0}, html = {0};

    (void)state;
    synthetic_make(&s, &o);
    in = synthetic_mail(&s);
    render_text(&in, &text, &html);
    one_line(&text);
    has(&text, "Magnesium 6/69 (8.7 %) v Low dose 0/6 (0 %) v Placebo 0/73 (0 %)");
    has(&text, "6 of 6 first events in Experimental arms;");
    has(&text, "Experimental arms against Placebo");
    buf_clear(&text);
    buf_clear(&html);
    s.plan.monitors[SYN_CV].comparison = 1;
    render_text(&in, &text, &html);
    one_line(&text);
    has(&text, "Magnesium 6/69 (8.7 %) v Placebo 0/73 (0 %)");
    has(&text, "6 of 6 first events in Magnesium;");
    buf_done(&text);
    buf_done(&html);
    synthetic_done(&s);
}

static void an_alert_of_an_unknown_monitor_is_a_defect_not_a_message(void **state)
{
    struct synthetic s;
    struct synthetic_options o = {0};
    struct mail_input in;
    struct buf mail = {0};
    struct err err = {0};

    (void)state;
    synthetic_make(&s, &o);
    in = synthetic_mail(&s);
    (void)snprintf(s.alert.monitor, sizeof(s.alert.monitor), "other");
    assert_int_equal(mail_render(&in, &mail, &err), E_INTERNAL);
    in.alert = NULL;
    assert_int_equal(mail_render(&in, &mail, &err), E_INTERNAL);
    assert_int_equal(mail.len, 0);
    synthetic_done(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_lines_carry_the_decision),
        cmocka_unit_test(the_message_is_the_golden_one_byte_for_byte),
        cmocka_unit_test(headers_tell_nothing_and_stand_in_their_order),
        cmocka_unit_test(nothing_given_can_forge_a_header),
        cmocka_unit_test(a_hostile_verbatim_is_shown_and_does_nothing),
        cmocka_unit_test(what_is_not_known_is_spelled_out),
        cmocka_unit_test(other_methods_say_what_they_tested),
        cmocka_unit_test(three_arms_stand_side_by_side),
        cmocka_unit_test(an_alert_of_an_unknown_monitor_is_a_defect_not_a_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
