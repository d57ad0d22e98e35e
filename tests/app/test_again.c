/* An alert's message asked for again: what leaves when, to whom, and that the mailer sees no more of it than of a quiet slot. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/fake_world.h"
#include "support/t.h"

struct bench {
    struct fake_world *w;
    struct cycle *c;
    day_t day;
    int hour;
};

static void poll(struct bench *b)
{
    struct err err = {0};
    instant_t now = day_start(b->day) + ++b->hour * INT64_C(60000000) + 1; /* minutes */

    b->w->now = now;
    assert_ok(cycle_step(b->c, now, now, &err), err);
}

static void next_day(struct bench *b)
{
    b->day++;
    b->hour = 0;
    poll(b);
    poll(b);
}

/* An alert that every member was sent. */
static void open_bench(struct bench *b, const char *urgent, bool sealed)
{
    char *plan = NULL, *messages = NULL, id[32], ae[32];
    struct err err = {0};

    assert_true(
        asprintf(&messages, "urgent: %s, slot: 24 h, resend_after: 30 d, escalate_after: 60 d", urgent) > 0);
    plan = fake_plan(FAKE_DAILY, messages);
    free(messages);
    *b = (struct bench){.w = fake_new(plan, fake_board), .day = day_from_ymd(2030, 2, 1)};
    free(plan);
    if (sealed) {
        fake_seal(b->w);
    }
    b->w->cycle.ack_to = "answers@trial.example";
    assert_ok(cycle_new(&b->w->cycle, &b->c, &err), err);
    for (int i = 0; i < 40; i++) {
        (void)snprintf(id, sizeof id, "one-%03d", i);
        fake_subject(b->w, id, "2030-01-01", "ARM_ONE");
        (void)snprintf(id, sizeof id, "zero-%03d", i);
        fake_subject(b->w, id, "2030-01-01", "ARM_ZERO");
    }
    next_day(b);
    for (int i = 0; i < 6; i++) {
        (void)snprintf(id, sizeof id, "one-%03d", i);
        (void)snprintf(ae, sizeof ae, "AE%03d", i);
        fake_event(b->w, ae, id, "acute myocardial infarction", "2030-01-05", true);
    }
    next_day(b);
    next_day(b);
    assert_int_equal(b->w->n_alerts, 1);
}

static void close_bench(struct bench *b)
{
    cycle_free(b->c);
    fake_free(b->w);
}

static size_t left(const struct bench *b, const char *member, int kind)
{
    size_t n = 0;

    for (size_t i = 0; i < b->w->n_messages; i++) {
        const struct fake_message *m = &b->w->messages[i];

        n += !m->held && strcmp(m->member, member) == 0 && (kind < 0 || (int)m->kind == kind) ? 1 : 0;
    }
    return n;
}

static const struct fake_message *newest(const struct bench *b)
{
    assert_true(b->w->n_messages > 0);
    return &b->w->messages[b->w->n_messages - 1];
}

static void ask(struct bench *b, const char *body, bool done, const char *said)
{
    fake_ask(b->w, REQ_ALERT_RESEND, body);
    poll(b);
    assert_true(b->w->answered);
    if (b->w->answer_done != done || strstr(b->w->answer, said) == NULL) {
        fail_msg("%s: %s", b->w->answer_done ? "done" : "refused", b->w->answer);
    }
}

static void in_slots_it_takes_the_place_of_a_quiet_message_and_looks_like_one(void **state)
{
    struct bench b;
    size_t n;

    (void)state;
    open_bench(&b, "slot", true);
    n = b.w->n_messages;
    ask(&b, "1 C Member", true,
        "goes again to 1 of the board's 3 members, as a reminder in place of the quiet message");
    poll(&b);
    assert_int_equal(b.w->n_messages, n); /* nothing leaves out of turn */
    next_day(&b);
    assert_int_equal(b.w->n_messages, n + 3);
    assert_int_equal(left(&b, "C Member", LETTER_REMINDER), 1);
    assert_int_equal(left(&b, "A Chair", LETTER_REMINDER), 0);
    for (size_t i = n; i < b.w->n_messages; i++) {
        assert_int_equal(strlen(b.w->messages[i].bytes), strlen(b.w->messages[0].bytes));
        assert_string_equal(b.w->messages[i].again, ""); /* no bytes a second time */
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(b.w->messages[i].id, b.w->messages[k].id);
        }
    }
    next_day(&b);
    assert_int_equal(left(&b, "C Member", LETTER_REMINDER), 1); /* once */
    close_bench(&b);
}

static void where_urgent_alerts_leave_at_once_the_same_bytes_do(void **state)
{
    struct bench b;
    const struct fake_message *m;
    size_t n;

    (void)state;
    open_bench(&b, "immediate", true);
    n = b.w->n_messages;
    ask(&b, "1", true, "goes again to 3 of the board's 3 members, at once");
    assert_int_equal(b.w->n_messages, n + 3);
    m = newest(&b);
    assert_int_equal(m->kind, LETTER_ALERT);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(b.w->messages[i].id, m->again) == 0) {
            assert_string_equal(b.w->messages[i].bytes, m->bytes);
            assert_string_equal(b.w->messages[i].member, m->member);
            n = 0; /* found */
        }
    }
    assert_int_equal(n, 0);
    n = b.w->n_messages;
    poll(&b);
    cycle_forget(b.c);
    poll(&b);
    assert_int_equal(b.w->n_messages, n); /* once, also over a restart */
    next_day(&b);
    assert_int_equal(b.w->n_messages, n + 3); /* and the slot has its own */
    assert_int_equal(left(&b, "A Chair", LETTER_REMINDER), 0);
    close_bench(&b);
}

static void bytes_that_are_good_for_him_no_more_are_written_anew(void **state)
{
    struct bench b;
    size_t n;

    (void)state;
    open_bench(&b, "immediate", true);
    b.w->bad_bytes = "C Member"; /* another certificate, say */
    n = b.w->n_messages;
    ask(&b, "1 C Member", true, "at once");
    assert_int_equal(b.w->n_messages, n + 1);
    assert_int_equal(newest(&b)->kind, LETTER_REMINDER);
    assert_string_equal(newest(&b)->member, "C Member");
    assert_string_equal(newest(&b)->again, "");
    close_bench(&b);
}

static void without_slots_it_leaves_at_once_also_where_nobody_can_answer(void **state)
{
    struct bench b;
    size_t n;

    (void)state;
    open_bench(&b, "slot", false);
    b.w->cycle.ack_to = NULL;
    cycle_set_world(b.c, &b.w->cycle);
    n = b.w->n_messages;
    assert_true(n >= 3);
    ask(&b, "1 B Deputy", true, "goes again to 1 of the board's 3 members, at once");
    assert_int_equal(b.w->n_messages, n + 1);
    assert_string_equal(newest(&b)->member, "B Deputy");
    assert_string_not_equal(newest(&b)->again, "");
    fake_note_fact(b.w, 1, "A Chair", LIFE_ASK); /* the process died between the answer and the mail */
    cycle_forget(b.c);
    poll(&b);
    assert_int_equal(b.w->n_messages, n + 2);
    assert_string_equal(newest(&b)->member, "A Chair");
    close_bench(&b);
}

static void what_cannot_go_again_is_refused_with_the_reason(void **state)
{
    struct bench b;
    size_t n;

    (void)state;
    open_bench(&b, "immediate", true);
    n = b.w->n_messages;
    ask(&b, "7", false, "there is no alert of this number");
    ask(&b, "x", false, "an alert's number");
    ask(&b, NULL, false, "an alert's number");
    ask(&b, "1 Nobody", false, "--to must name one of A Chair, B Deputy, C Member");
    b.w->request_by = "C Member";
    fake_ask(b.w, REQ_ALERT_ACK, "1 NOTED");
    poll(&b);
    ask(&b, "1 C Member", false, "C Member has acknowledged it");
    ask(&b, "1", true, "goes again to 2 of the board's 3 members");
    assert_int_equal(b.w->n_messages, n + 2);
    for (int i = 0; i < 3; i++) { /* retracted: an amendment takes the alert's place */
        char ae[32];

        (void)snprintf(ae, sizeof ae, "AE%03d", i);
        fake_delete_event(b.w, ae);
    }
    next_day(&b);
    assert_int_equal(b.w->n_alerts, 2);
    ask(&b, "1", false, "a later alert of its monitor took its place: alert 2");
    ask(&b, "2", true, "goes again to 3");
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_slots_it_takes_the_place_of_a_quiet_message_and_looks_like_one),
        cmocka_unit_test(where_urgent_alerts_leave_at_once_the_same_bytes_do),
        cmocka_unit_test(bytes_that_are_good_for_him_no_more_are_written_anew),
        cmocka_unit_test(without_slots_it_leaves_at_once_also_where_nobody_can_answer),
        cmocka_unit_test(what_cannot_go_again_is_refused_with_the_reason),
    };

    return cmocka_run_group_tests_name("again", tests, NULL, NULL);
}
