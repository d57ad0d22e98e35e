/* Quiet, reminder and escalation messages, and what every message carries: byte for byte, and what they must not say. */
#include "support/t.h"

#include <stdlib.h>
#include <string.h>

#include "render/letter_page.h"
#include "support/t_render.h"

struct letter {
    struct synthetic s;
    struct mail_item item;
    struct mail_post post;
    struct mail_input in;
};

static void letter_make(struct letter *l, enum letter_kind kind)
{
    struct synthetic_options o = {0};

    *l = (struct letter){0};
    synthetic_make(&l->s, &o);
    l->s.alert.id = 3;
    l->item = (struct mail_item){.alert = &l->s.alert,
                                 .entry = &l->s.result.entries[SYN_CV],
                                 .monitor = &l->s.plan.monitors[SYN_CV],
                                 .about = l->s.board.members[1].name,
                                 .since = day_start(day_from_ymd(2024, 6, 17))};
    l->post = (struct mail_post){.ack_to = "answers@trial.example",
                                 .unreached = l->s.board.members[0].name,
                                 .doubled = 6,
                                 .next_before = day_start(day_from_ymd(2024, 6, 19))};
    for (int d = 0; d < ACK_DECISIONS; d++) {
        memset(l->post.token[d], "a5f"[d], 32);
    }
    l->in = synthetic_mail(&l->s);
    l->in.kind = kind;
    l->in.post = &l->post;
    if (kind != LETTER_ALERT && kind != LETTER_QUIET && kind != LETTER_TEST) {
        l->in.items = &l->item;
        l->in.n_items = 1;
    }
}

static void is_golden(enum letter_kind kind, const char *name)
{
    struct letter l;
    struct buf mail = {0};
    struct err err = {0};

    letter_make(&l, kind);
    assert_ok(mail_render(&l.in, &mail, &err), err);
    for (size_t i = 0; i < mail.len; i++) {
        assert_true(mail.data[i] != '\n' || (i > 0 && mail.data[i - 1] == '\r'));
    }
    golden(name, &mail);
    buf_done(&mail);
    synthetic_done(&l.s);
}

static void the_quiet_message_is_the_golden_one(void **state)
{
    (void)state;
    is_golden(LETTER_QUIET, "letter-quiet.eml");
}

static void the_reminder_is_the_golden_one(void **state)
{
    (void)state;
    is_golden(LETTER_REMINDER, "letter-reminder.eml");
}

static void the_escalation_is_the_golden_one(void **state)
{
    (void)state;
    is_golden(LETTER_ESCALATION, "letter-escalation.eml");
}

static void the_test_is_the_golden_one(void **state)
{
    (void)state;
    is_golden(LETTER_TEST, "letter-test.eml");
}

static void text_of(const struct letter *l, struct buf *text)
{
    struct page *p = NULL;
    struct err err = {0};

    assert_ok(letter_page(&l->in, &p, &err), err);
    assert_ok(page_text(p, 78, text, &err), err);
    page_free(p);
}

static void a_quiet_message_names_no_arm(void **state)
{
    struct letter l;
    struct buf text = {0};

    (void)state;
    letter_make(&l, LETTER_QUIET);
    text_of(&l, &text);
    assert_null(strstr(text.data, "first events in"));
    assert_null(strstr(text.data, "Placebo"));
    assert_non_null(strstr(text.data, "All is quiet"));
    assert_non_null(strstr(text.data, "Message 6 may have reached you twice"));
    buf_done(&text);
    synthetic_done(&l.s);
}

static void without_a_mailbox_there_are_no_links(void **state)
{
    struct letter l;
    struct buf text = {0};

    (void)state;
    letter_make(&l, LETTER_REMINDER);
    l.post.ack_to = NULL;
    text_of(&l, &text);
    assert_null(strstr(text.data, "mailto:"));
    assert_null(strstr(text.data, "Your answer"));
    buf_done(&text);
    synthetic_done(&l.s);
}

static void the_subject_of_each_kind_says_what_it_is_and_only_inside(void **state)
{
    static const struct {
        enum letter_kind kind;
        const char *inside;
    } want[] = {{LETTER_QUIET, "Nothing new"},
                {LETTER_TEST, "TEST: nothing happened"},
                {LETTER_REMINDER, "REMINDER: not acknowledged"},
                {LETTER_ESCALATION, "NOT ACKNOWLEDGED: members are silent"},
                {LETTER_ALERT, "BOUNDARY CROSSED: Cardiovascular events"}};

    (void)state;
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        struct letter l;
        struct buf subject = {0}, mail = {0};
        struct err err = {0};
        const char *line;

        letter_make(&l, want[i].kind);
        assert_ok(mail_subject(&l.in, &subject, &err), err);
        assert_non_null(strstr(subject.data, want[i].inside));
        assert_ok(mail_render(&l.in, &mail, &err), err);
        line = strstr(mail.data, "\r\nSubject: ");
        assert_non_null(line);
        assert_non_null(strstr(line, "DSMB message "));
        assert_true(strcspn(line + 2, "\r") < 60);
        buf_done(&subject);
        buf_done(&mail);
        synthetic_done(&l.s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_quiet_message_is_the_golden_one),
        cmocka_unit_test(the_reminder_is_the_golden_one),
        cmocka_unit_test(the_escalation_is_the_golden_one),
        cmocka_unit_test(the_test_is_the_golden_one),
        cmocka_unit_test(a_quiet_message_names_no_arm),
        cmocka_unit_test(without_a_mailbox_there_are_no_links),
        cmocka_unit_test(the_subject_of_each_kind_says_what_it_is_and_only_inside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
