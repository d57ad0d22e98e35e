/*
 * Memory runs out at the n-th allocation: a mail or a report is then E_NOMEM and nothing, or every byte of it; never a
 * document that lost a cell on the way.  The allocator is replaced in this program; under a sanitizer, which has its
 * own, the tests are skipped.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "render/enclosure.h"
#include "support/t.h"
#include "support/t_render.h"
#include "support/nomem.h"

static struct enclosure enclosed; /* drawn while there is memory: cairo's own wants are not ours */

static enum status travel(struct buf *out, struct err *err)
{
    struct buf bytes = {0};
    struct enclosure e = {0};
    enum status st;

    enclosure_write(&enclosed, &bytes);
    st = buf_check(&bytes, err);
    if (st == OK) {
        st = enclosure_read(bytes.data, bytes.len, &e, err);
    }
    if (st == OK) {
        enclosure_write(&e, out);
        st = buf_check(out, err);
    }
    enclosure_done(&e);
    buf_done(&bytes);
    return st;
}

static enum status render(const struct synthetic *s, int what, struct buf *out, struct err *err)
{
    struct mail_input mail = synthetic_mail(s);
    struct report_input report = synthetic_report(s);

    switch (what) {
    case 0:
        return mail_render(&mail, out, err);
    case 1:
        return report_render(&report, AUDIENCE_CLOSED, REPORT_TEXT, out, err);
    case 2:
        return report_render(&report, AUDIENCE_CLOSED, REPORT_JSON, out, err);
    case 3:
        return report_render(&report, AUDIENCE_OPEN, REPORT_CSV, out, err);
    case 4:
        return report_render(&report, AUDIENCE_CLOSED, REPORT_HTML, out, err);
    case 5:
        return report_render(&report, AUDIENCE_OPEN, REPORT_HTML, out, err);
    case 6:
        mail.enclosed = &enclosed;
        return mail_render(&mail, out, err);
    case 7:
        return travel(out, err);
    default:
        return E_USAGE;
    }
}

/* Every allocation of the first `dense`, then every `stride`-th: each must end in all or nothing. */
static void all_or_nothing(int what, long dense, long stride)
{
    struct synthetic s;
    struct synthetic_options o = {0};
    struct buf want = {0};
    struct err err = {0};
    long total;

    if (!OWN_ALLOCATOR) {
        print_message("a sanitizer owns the allocator: skipped\n");
        skip();
    }
    synthetic_make(&s, &o);
    if (what >= 6) {
        struct mail_input in = synthetic_mail(&s);

        assert_ok(enclosure_draw(&in, ENCLOSED_WHOLE, &enclosed, &err), err);
    }
    calls = 0;
    armed = true;
    assert_ok(render(&s, what, &want, &err), err);
    armed = false;
    total = calls;
    assert_true(total > 5);
    for (fail_at = 0; fail_at < total; fail_at += fail_at < dense ? 1 : stride) {
        struct buf got = {0};
        enum status st;

        calls = live = 0;
        armed = true;
        st = render(&s, what, &got, &err);
        armed = false;
        if (st == OK) {
            /* The allocation that failed was one it could do without, or came after the last byte. */
            assert_int_equal(got.len, want.len);
            assert_memory_equal(got.data, want.data, want.len);
        } else {
            assert_int_equal(st, E_NOMEM);
        }
        armed = true;
        buf_done(&got);
        armed = false;
        if (live != 0) {
            fail_msg("document %d, allocation %ld of %ld: %ld blocks left", what, fail_at, total, live);
        }
    }
    fail_at = -1;
    enclosure_done(&enclosed);
    buf_done(&want);
    synthetic_done(&s);
}

static void a_mail_is_whole_or_not_there(void **state)
{
    (void)state;
    all_or_nothing(0, 3000, 1);
}

static void a_text_report_is_whole_or_not_there(void **state)
{
    (void)state;
    all_or_nothing(1, 300, 7);
}

static void a_json_report_is_whole_or_not_there(void **state)
{
    (void)state;
    all_or_nothing(2, 300, 41);
}

static void an_open_report_is_whole_or_not_there(void **state)
{
    (void)state;
    all_or_nothing(3, 1000, 1);
}

static void a_page_is_whole_or_not_there(void **state)
{
    (void)state;
    all_or_nothing(4, 60, 61);
    all_or_nothing(5, 60, 7);
}

static void enclosures_are_whole_or_not_there(void **state)
{
    (void)state;
    all_or_nothing(6, 400, 7);
    all_or_nothing(7, 1000, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mail_is_whole_or_not_there),
        cmocka_unit_test(a_text_report_is_whole_or_not_there),
        cmocka_unit_test(a_json_report_is_whole_or_not_there),
        cmocka_unit_test(an_open_report_is_whole_or_not_there),
        cmocka_unit_test(a_page_is_whole_or_not_there),
        cmocka_unit_test(enclosures_are_whole_or_not_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
