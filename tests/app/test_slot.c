/*
 * Mail to the board in slots, over fakes: one message to each member in each slot, of one size, whatever happened; who
 * answers is left in peace, who does not is reminded, and then others hear of it.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/fake_world.h"
#include "support/t.h"

enum { MEMBERS = 3 };

struct bench {
    struct fake_world *w;
    struct cycle *c;
    day_t day;
};

static void open_bench(struct bench *b, const char *urgent, bool crossing)
{
    char *plan = NULL, *messages = NULL;
    char id[32], ae[32];
    struct err err = {0};

    assert_true(
        asprintf(&messages, "urgent: %s, slot: 24 h, resend_after: 24 h, escalate_after: 3 d", urgent) > 0);
    plan = fake_plan(FAKE_DAILY, messages);
    free(messages);
    *b = (struct bench){.w = fake_new(plan, fake_board), .day = day_from_ymd(2030, 2, 1)};
    free(plan);
    fake_seal(b->w);
    b->w->cycle.ack_to = "answers@trial.example";
    assert_ok(cycle_new(&b->w->cycle, &b->c, &err), err);
    for (int i = 0; i < 40; i++) {
        (void)snprintf(id, sizeof id, "one-%03d", i);
        fake_subject(b->w, id, "2030-01-01", "ARM_ONE");
        (void)snprintf(id, sizeof id, "zero-%03d", i);
        fake_subject(b->w, id, "2030-01-01", "ARM_ZERO");
    }
    for (int i = 0; crossing && i < 6; i++) {
        (void)snprintf(id, sizeof id, "one-%03d", i);
        (void)snprintf(ae, sizeof ae, "AE%03d", i);
        fake_event(b->w, ae, id, "acute myocardial infarction", "2030-01-05", true);
    }
}

static void close_bench(struct bench *b)
{
    cycle_free(b->c);
    fake_free(b->w);
}

static enum status poll_at(struct bench *b, int hour, struct err *err)
{
    instant_t now = day_start(b->day) + hour * INT64_C(3600000000) + 1;

    b->w->now = now;
    return cycle_step(b->c, now, now, err);
}

/* A day with three polls. */
static void day(struct bench *b)
{
    struct err err = {0};

    for (int hour = 0; hour < 24; hour += 8) {
        assert_ok(poll_at(b, hour, &err), err);
    }
    b->day++;
}

static int count(const struct bench *b, const char *member, int kind)
{
    int n = 0;

    for (size_t i = 0; i < b->w->n_messages; i++) {
        const struct fake_message *m = &b->w->messages[i];

        n += !m->held && strcmp(m->member, member) == 0 && (kind < 0 || (int)m->kind == kind) ? 1 : 0;
    }
    return n;
}

static const struct fake_message *newest(const struct bench *b, const char *member)
{
    const struct fake_message *found = NULL;

    for (size_t i = 0; i < b->w->n_messages; i++) {
        if (!b->w->messages[i].held && strcmp(b->w->messages[i].member, member) == 0) {
            found = &b->w->messages[i];
        }
    }
    assert_non_null(found);
    return found;
}

/* Undoes quoted-printable and folds, so that words can be searched for. */
static char *words(const struct fake_message *m)
{
    size_t n = strlen(m->bytes), k = 0;
    char *out = calloc(n + 1, 1);

    assert_non_null(out);
    for (size_t i = 0; i < n; i++) {
        if (m->bytes[i] == '=' && (m->bytes[i + 1] == '\r' || m->bytes[i + 1] == '\n')) {
            i += m->bytes[i + 1] == '\r' ? 2 : 1;
        } else if (m->bytes[i] == '=' && isxdigit((unsigned char)m->bytes[i + 1])) {
            char hex[3] = {m->bytes[i + 1], m->bytes[i + 2], '\0'};

            out[k++] = (char)strtol(hex, NULL, 16);
            i += 2;
        } else if (m->bytes[i] != '\r') {
            out[k++] = m->bytes[i] == '\n' ? ' ' : m->bytes[i];
        }
    }
    return out;
}

static void says(const struct fake_message *m, const char *what)
{
    char *s = words(m);

    if (strstr(s, what) == NULL) {
        fail_msg("\"%s\" is not in\n%.2500s", what, s);
    }
    free(s);
}

/* The token of a decision in the newest message of a member goes back by mail. */
static void answer(struct bench *b, const char *member, int decision)
{
    char *s = words(newest(b, member)), *at = s, token[33];

    for (int i = 0; i <= decision; i++) {
        at = strstr(at, "DSMB%20ack%20");
        assert_non_null(at);
        at += strlen("DSMB%20ack%20");
    }
    (void)snprintf(token, sizeof token, "%.32s", at);
    fake_ack(b->w, token);
    free(s);
}

static void a_quiet_year_is_one_message_a_day_to_each_of_one_size(void **state)
{
    struct bench b;

    (void)state;
    open_bench(&b, "slot", false);
    for (int i = 0; i < 365; i++) {
        day(&b);
    }
    assert_int_equal(b.w->n_slots, 365);
    assert_int_equal(count(&b, "A Chair", LETTER_QUIET), 365);
    assert_int_equal(count(&b, "B Deputy", LETTER_QUIET), 365);
    assert_int_equal(count(&b, "C Member", LETTER_QUIET), 365);
    for (size_t i = 0; i < b.w->n_messages; i++) {
        assert_int_equal(strlen(b.w->messages[i].bytes), b.w->sealer.size);
    }
    says(newest(&b, "C Member"), "All is quiet");
    says(newest(&b, "C Member"), "looks done: 365");
    says(newest(&b, "C Member"), "The next message comes before 2031-02-01 06:00 UTC");
    says(newest(&b, "C Member"), "X-Outer: [fake] DSMB message 365");
    close_bench(&b);
}

static void the_mailer_sees_the_same_of_a_quiet_trial_and_of_one_that_crosses(void **state)
{
    struct bench quiet, crossing;

    (void)state;
    open_bench(&quiet, "slot", false);
    open_bench(&crossing, "slot", true);
    for (int i = 0; i < 20; i++) {
        size_t at_quiet = 0, at_crossing = 0;

        day(&quiet);
        day(&crossing);
        for (size_t k = 0; k < quiet.w->n_messages; k++) {
            at_quiet += quiet.w->messages[k].held || quiet.w->messages[k].member[0] == '\0' ? 0 : 1;
        }
        for (size_t k = 0; k < crossing.w->n_messages; k++) {
            const struct fake_message *m = &crossing.w->messages[k];

            at_crossing += m->held || m->member[0] == '\0' ? 0 : 1;
            assert_int_equal(strlen(m->bytes), crossing.w->sealer.size);
        }
        assert_int_equal(at_quiet, at_crossing);
        assert_int_equal(at_quiet, (size_t)(i + 1) * MEMBERS);
    }
    assert_int_equal(crossing.w->n_alerts, 1);
    for (int i = 0; i < MEMBERS; i++) {
        static const char *const name[] = {"A Chair", "B Deputy", "C Member"};

        assert_int_equal(count(&crossing, name[i], LETTER_ALERT), 1);
    }
    close_bench(&quiet);
    close_bench(&crossing);
}

static void an_alert_rests_when_every_member_has_answered(void **state)
{
    static const char *const name[] = {"A Chair", "B Deputy", "C Member"};
    struct bench b;

    (void)state;
    open_bench(&b, "slot", true);
    while (count(&b, "A Chair", LETTER_ALERT) == 0) {
        day(&b);
    }
    says(newest(&b, "A Chair"), "BOUNDARY CROSSED");
    says(newest(&b, "A Chair"), "X-Inner: [fake] BOUNDARY CROSSED: Cardiovascular events");
    for (int i = 0; i < MEMBERS; i++) {
        answer(&b, name[i], i);
    }
    for (int i = 0; i < 10; i++) {
        day(&b);
    }
    for (int i = 0; i < MEMBERS; i++) {
        assert_int_equal(count(&b, name[i], LETTER_REMINDER), 0);
        assert_int_equal(count(&b, name[i], LETTER_ESCALATION), 0);
    }
    says(newest(&b, "A Chair"), "All is quiet");
    close_bench(&b);
}

static void who_is_silent_is_reminded_and_then_chair_and_deputy_hear_of_it(void **state)
{
    struct bench b;

    (void)state;
    open_bench(&b, "slot", true);
    while (count(&b, "A Chair", LETTER_ALERT) == 0) {
        day(&b);
    }
    answer(&b, "A Chair", ACK_NOTED);
    answer(&b, "B Deputy", ACK_MEETING);
    day(&b);
    says(newest(&b, "C Member"), "REMINDER");
    says(newest(&b, "C Member"), "6 of 6 first events in Label One");
    assert_int_equal(count(&b, "A Chair", LETTER_ESCALATION), 0);
    day(&b);
    day(&b);
    assert_int_equal(count(&b, "A Chair", LETTER_ESCALATION), 1);
    assert_int_equal(count(&b, "B Deputy", LETTER_ESCALATION), 1);
    assert_int_equal(count(&b, "C Member", LETTER_ESCALATION), 0);
    says(newest(&b, "A Chair"), "Not acknowledged by C Member");
    for (int i = 0; i < 10; i++) {
        day(&b);
    }
    assert_int_equal(count(&b, "A Chair", LETTER_ESCALATION), 1);
    assert_int_equal(count(&b, "C Member", LETTER_REMINDER), 13);
    answer(&b, "C Member", ACK_NOTED); /* by a link of a reminder */
    day(&b);
    says(newest(&b, "C Member"), "All is quiet");
    close_bench(&b);
}

static void an_urgent_alert_leaves_at_once_only_where_the_plan_says_so(void **state)
{
    struct bench slot, now;
    struct err err = {0};

    (void)state;
    open_bench(&slot, "slot", false);
    open_bench(&now, "immediate", false);
    day(&slot);
    day(&now);
    for (int i = 0; i < 6; i++) {
        char id[32], ae[32];

        (void)snprintf(id, sizeof id, "one-%03d", i);
        (void)snprintf(ae, sizeof ae, "AE%03d", i);
        fake_event(slot.w, ae, id, "acute myocardial infarction", "2030-01-01", true);
        fake_event(now.w, ae, id, "acute myocardial infarction", "2030-01-01", true);
    }
    fake_ask(slot.w, REQ_LOOK_FINAL, NULL); /* a look in the middle of a slot */
    fake_ask(now.w, REQ_LOOK_FINAL, NULL);
    slot.day--;
    now.day--;
    assert_ok(poll_at(&slot, 20, &err), err);
    assert_ok(poll_at(&now, 20, &err), err);
    assert_int_equal(slot.w->n_alerts, 1);
    assert_int_equal(now.w->n_alerts, 1);
    assert_int_equal(count(&slot, "A Chair", -1), 1);
    assert_int_equal(count(&now, "A Chair", -1), 2);
    assert_int_equal(count(&now, "A Chair", LETTER_ALERT), 1);
    slot.day++;
    now.day++;
    day(&slot);
    day(&now);
    assert_int_equal(count(&slot, "A Chair", LETTER_ALERT), 1);
    assert_int_equal(count(&now, "A Chair", LETTER_ALERT), 1); /* not told twice */
    close_bench(&slot);
    close_bench(&now);
}

static void members_who_are_not_reached_are_named_to_the_others(void **state)
{
    struct bench b;
    char *own;

    (void)state;
    open_bench(&b, "slot", false);
    day(&b);
    b.w->unreached = "C Member";
    day(&b);
    says(newest(&b, "A Chair"), "Could not be reached by mail: C Member.");
    own = words(newest(&b, "C Member"));
    assert_null(strstr(own, "Could not be reached"));
    free(own);
    close_bench(&b);
}

/* Nobody is put on the board, or taken off it, without the others' knowing. */
static void a_changed_board_is_told_to_who_was_on_it(void **state)
{
    static const char changed[] = "format: 1\ntrial: fake\nchair_phone: \"+45 99 99 99 99\"\nmembers:\n"
                                  "  - {name: A Chair, address: a@board.example, role: chair}\n"
                                  "  - {name: B Deputy, address: b2@board.example, role: deputy}\n"
                                  "  - {name: D Newcomer, address: d@board.example, role: member}\n";
    struct bench b;
    char *again;
    int gone = 0;

    (void)state;
    open_bench(&b, "slot", false);
    day(&b);
    b.w->request_by = "A Clerk";
    fake_ask(b.w, REQ_BOARD_ADOPT, changed);
    day(&b);
    assert_true(b.w->answered && b.w->answer_done);
    for (int i = 0; i < 2; i++) {
        const char *who = i == 0 ? "A Chair" : "B Deputy";

        says(newest(&b, who), "The board was changed");
        says(newest(&b, who), "adopted by A Clerk");
        says(newest(&b, who), "added D Newcomer (d@board.example), member");
        says(newest(&b, who), "removed C Member (c@board.example), member");
        says(newest(&b, who), "B Deputy: another address, b2@board.example instead of b@board.example");
        says(newest(&b, who), "the chair's telephone: +45 99 99 99 99 instead of +45 12 34 56 78");
    }
    for (size_t i = 0; i < b.w->n_messages; i++) {
        const struct fake_message *m = &b.w->messages[i];

        if (strcmp(m->address, "c@board.example") == 0 && m->look == 0 && m->member[0] == '\0') {
            says(m, "You are not a member of the data and safety monitoring board");
            says(m, "+45 12 34 56 78"); /* as it was */
            gone++;
        }
    }
    assert_int_equal(gone, 1);
    day(&b);
    again = words(newest(&b, "A Chair"));
    assert_null(strstr(again, "The board was changed"));
    free(again);
    close_bench(&b);
}

/* Where an alert may leave by itself, the number of messages would tell of it. */
static void messages_are_counted_only_where_each_slot_has_its_own(void **state)
{
    struct bench b;
    int64_t unreached = -1, waiting = -1, days = -1;

    (void)state;
    open_bench(&b, "slot", false);
    b.w->waiting = 3;
    cycle_mail(b.c, &unreached, &waiting, &days);
    assert_int_equal(waiting, -1); /* no poll yet */
    day(&b);
    day(&b);
    cycle_mail(b.c, &unreached, &waiting, &days);
    assert_int_equal(waiting, 3);
    assert_int_equal(unreached, 0);
    assert_true(days > 0);
    b.w->leader = false;
    day(&b);
    cycle_mail(b.c, &unreached, &waiting, &days);
    assert_int_equal(waiting, -1); /* who stands by does not count */
    close_bench(&b);
    open_bench(&b, "immediate", false);
    b.w->waiting = 3;
    day(&b);
    day(&b);
    cycle_mail(b.c, &unreached, &waiting, &days);
    assert_int_equal(waiting, -1);
    close_bench(&b);
}

static void slots_go_on_while_the_source_is_away(void **state)
{
    struct bench b;
    struct err err = {0};

    (void)state;
    open_bench(&b, "slot", false);
    day(&b);
    b.w->read_fails = E_RETRY;
    b.w->read_message = "the trial database is away";
    assert_int_equal(poll_at(&b, 1, &err), E_RETRY);
    assert_int_equal(count(&b, "A Chair", -1), 2);
    assert_int_equal(poll_at(&b, 2, &err), E_RETRY);
    assert_int_equal(count(&b, "A Chair", -1), 2);
    says(newest(&b, "A Chair"), "looks done: 1");
    close_bench(&b);
}

static void a_restart_sends_no_second_message_in_a_slot(void **state)
{
    struct bench b;
    struct err err = {0};

    (void)state;
    open_bench(&b, "slot", true);
    for (int i = 0; i < 12; i++) {
        day(&b);
        cycle_free(b.c);
        assert_ok(cycle_new(&b.w->cycle, &b.c, &err), err);
        b.day--;
        assert_ok(poll_at(&b, 23, &err), err);
        b.day++;
        assert_int_equal(count(&b, "A Chair", -1), i + 1);
    }
    close_bench(&b);
}

/* dsmbd's clock jumps; durations are measured on another. */
static void a_clock_that_jumps_costs_no_message_and_doubles_none(void **state)
{
    struct bench b;
    struct err err = {0};
    day_t first;

    (void)state;
    open_bench(&b, "slot", true);
    first = b.day;
    day(&b);
    day(&b);
    assert_int_equal(count(&b, "A Chair", -1), 2);
    b.day--; /* back by less than a slot, over a border: hours that were there already */
    assert_ok(poll_at(&b, 0, &err), err);
    b.day--;
    assert_ok(poll_at(&b, 23, &err), err);
    assert_int_equal(count(&b, "A Chair", -1), 2);
    b.day = first + 1;
    assert_ok(poll_at(&b, 1, &err), err);
    assert_int_equal(count(&b, "A Chair", -1), 2);
    b.day = first + 2;
    day(&b);
    assert_int_equal(count(&b, "A Chair", -1), 3);
    b.day = first + 400; /* a year ahead: one message, not four hundred */
    day(&b);
    assert_int_equal(count(&b, "A Chair", -1), 4);
    b.day = first + 4; /* set right again: nobody waits a year for the next */
    day(&b);
    day(&b);
    assert_int_equal(count(&b, "A Chair", -1), 6);
    says(newest(&b, "A Chair"), "The next message comes before 2030-02-07");
    close_bench(&b);
}

static void a_member_answers_by_request_and_nobody_else_can(void **state)
{
    struct bench b;
    struct err err = {0};
    int before;

    (void)state;
    open_bench(&b, "slot", true);
    while (count(&b, "A Chair", LETTER_ALERT) == 0) {
        day(&b);
    }
    fake_ask(b.w, REQ_ALERT_ACK, "1 NOTED"); /* by "tester" */
    assert_ok(poll_at(&b, 1, &err), err);
    assert_true(b.w->answered);
    assert_false(b.w->answer_done);
    assert_non_null(strstr(b.w->answer, "A Chair, B Deputy, C Member"));
    fake_ask(b.w, REQ_ALERT_ACK, "2 NOTED");
    assert_ok(poll_at(&b, 2, &err), err);
    assert_non_null(strstr(b.w->answer, "no alert of this number"));
    fake_ask(b.w, REQ_ALERT_ACK, "1 PERHAPS");
    assert_ok(poll_at(&b, 3, &err), err);
    assert_non_null(strstr(b.w->answer, "NOTED, MEETING or DATA"));
    b.w->request_by = "C Member";
    fake_ask(b.w, REQ_ALERT_ACK, "1 MEETING");
    assert_ok(poll_at(&b, 4, &err), err);
    assert_true(b.w->answer_done);
    before = count(&b, "C Member", LETTER_REMINDER);
    day(&b);
    day(&b);
    assert_int_equal(count(&b, "C Member", LETTER_REMINDER), before);
    assert_int_equal(count(&b, "B Deputy", LETTER_REMINDER), before + 1);
    close_bench(&b);
}

static void a_token_is_for_its_member_and_one_that_was_never_issued_for_nobody(void **state)
{
    struct bench b;

    (void)state;
    open_bench(&b, "slot", true);
    while (count(&b, "A Chair", LETTER_ALERT) == 0) {
        day(&b);
    }
    fake_ack(b.w, "00000000000000000000000000000000");
    answer(&b, "A Chair", ACK_DATA);
    answer(&b, "A Chair", ACK_DATA);
    day(&b);
    assert_int_equal(count(&b, "A Chair", LETTER_REMINDER), 0);
    assert_int_equal(count(&b, "B Deputy", LETTER_REMINDER), 1);
    close_bench(&b);
}

static void nothing_the_journal_says_tells_of_an_alert(void **state)
{
    struct bench b;

    (void)state;
    open_bench(&b, "slot", true);
    for (int i = 0; i < 12; i++) {
        day(&b);
    }
    for (size_t i = 0; i < b.w->n_log && i < FAKE_LOG_MAX; i++) {
        assert_null(strcasestr(b.w->log[i], "alert"));
        assert_null(strcasestr(b.w->log[i], "remind"));
        assert_null(strcasestr(b.w->log[i], "cross"));
    }
    close_bench(&b);
}

static void a_test_takes_the_place_of_a_quiet_message_once(void **state)
{
    struct bench b;
    struct err err = {0};

    (void)state;
    open_bench(&b, "slot", false);
    assert_ok(poll_at(&b, 12, &err), err);
    fake_ask(b.w, REQ_ALERT_TEST, NULL);
    assert_ok(poll_at(&b, 13, &err), err);
    b.day++;
    assert_true(b.w->answer_done);
    assert_non_null(strstr(b.w->answer, "each of the board's 3 members takes the place of a quiet message"));
    assert_non_null(strstr(b.w->answer, "T00:00Z"));
    assert_int_equal(count(&b, "A Chair", -1), 1); /* nothing leaves out of turn */
    day(&b);
    day(&b);
    assert_int_equal(count(&b, "A Chair", LETTER_TEST), 1);
    assert_int_equal(count(&b, "B Deputy", LETTER_TEST), 1);
    assert_int_equal(count(&b, "C Member", LETTER_TEST), 1);
    assert_int_equal(count(&b, "A Chair", -1), 3);
    for (size_t i = 0; i < b.w->n_messages; i++) { /* and it has the size of all others */
        assert_int_equal(strlen(b.w->messages[i].bytes), strlen(b.w->messages[0].bytes));
        if (b.w->messages[i].kind == LETTER_TEST) {
            assert_non_null(strstr(b.w->messages[i].bytes, "TEST: nothing happened"));
            assert_non_null(strstr(b.w->messages[i].bytes, "mailto:answers@trial.example"));
        }
    }
    close_bench(&b);
}

static void where_urgent_alerts_leave_at_once_so_does_a_test(void **state)
{
    struct bench b;
    struct err err = {0};
    size_t before;

    (void)state;
    open_bench(&b, "immediate", false);
    day(&b);
    assert_ok(poll_at(&b, 12, &err), err);
    before = b.w->n_messages;
    fake_ask(b.w, REQ_ALERT_TEST, NULL);
    assert_ok(poll_at(&b, 13, &err), err);
    assert_non_null(strstr(b.w->answer, "is on its way"));
    assert_int_equal(b.w->n_messages, before + 3);
    for (size_t i = before; i < b.w->n_messages; i++) {
        assert_int_equal(b.w->messages[i].kind, LETTER_TEST);
        assert_int_equal(strlen(b.w->messages[i].bytes), strlen(b.w->messages[0].bytes));
    }
    assert_ok(poll_at(&b, 14, &err), err);
    cycle_forget(b.c);
    assert_ok(poll_at(&b, 15, &err), err);
    assert_int_equal(b.w->n_messages, before + 3); /* once, also over a restart */
    b.day++;
    day(&b);
    assert_int_equal(count(&b, "A Chair", LETTER_TEST), 1);
    assert_int_equal(b.w->n_messages, before + 6); /* and the slot has its own */
    close_bench(&b);
}

static void an_alert_goes_before_a_test_which_comes_later(void **state)
{
    struct bench b;
    struct err err = {0};

    (void)state;
    open_bench(&b, "slot", true);
    fake_ask(b.w, REQ_ALERT_TEST, NULL);
    for (int i = 0; i < 3 && count(&b, "A Chair", LETTER_ALERT) == 0; i++) {
        day(&b);
    }
    assert_int_equal(count(&b, "A Chair", LETTER_ALERT), 1);
    for (int i = 0; i < MEMBERS; i++) {
        static const char *const answer[] = {"A Chair", "B Deputy", "C Member"};

        b.w->request_by = answer[i];
        fake_ask(b.w, REQ_ALERT_ACK, "1 NOTED");
        assert_ok(poll_at(&b, 14 + i, &err), err);
        assert_true(b.w->answer_done);
    }
    day(&b);
    day(&b);
    assert_int_equal(count(&b, "A Chair", LETTER_TEST), 1);
    assert_int_equal(count(&b, "C Member", LETTER_TEST), 1);
    close_bench(&b);
}

static void without_slots_a_test_leaves_at_once_also_after_a_restart(void **state)
{
    struct bench b;
    struct err err = {0};

    (void)state;
    open_bench(&b, "slot", false);
    b.w->cycle.sealer = NULL;
    cycle_set_world(b.c, &b.w->cycle);
    day(&b);
    assert_int_equal(count(&b, "A Chair", -1), 0);
    fake_ask(b.w, REQ_ALERT_TEST, NULL);
    assert_ok(poll_at(&b, 13, &err), err);
    assert_non_null(strstr(b.w->answer, "is on its way"));
    assert_int_equal(count(&b, "A Chair", LETTER_TEST), 1);
    assert_ok(poll_at(&b, 14, &err), err);
    cycle_forget(b.c);
    assert_ok(poll_at(&b, 15, &err), err);
    assert_int_equal(count(&b, "A Chair", -1), 1);
    b.w->test_asked = b.w->now + 1; /* the process died between the answer and the mail */
    cycle_forget(b.c);
    assert_ok(poll_at(&b, 16, &err), err);
    assert_int_equal(count(&b, "C Member", LETTER_TEST), 2);
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quiet_year_is_one_message_a_day_to_each_of_one_size),
        cmocka_unit_test(the_mailer_sees_the_same_of_a_quiet_trial_and_of_one_that_crosses),
        cmocka_unit_test(an_alert_rests_when_every_member_has_answered),
        cmocka_unit_test(who_is_silent_is_reminded_and_then_chair_and_deputy_hear_of_it),
        cmocka_unit_test(an_urgent_alert_leaves_at_once_only_where_the_plan_says_so),
        cmocka_unit_test(members_who_are_not_reached_are_named_to_the_others),
        cmocka_unit_test(a_changed_board_is_told_to_who_was_on_it),
        cmocka_unit_test(messages_are_counted_only_where_each_slot_has_its_own),
        cmocka_unit_test(slots_go_on_while_the_source_is_away),
        cmocka_unit_test(a_restart_sends_no_second_message_in_a_slot),
        cmocka_unit_test(a_clock_that_jumps_costs_no_message_and_doubles_none),
        cmocka_unit_test(a_member_answers_by_request_and_nobody_else_can),
        cmocka_unit_test(a_token_is_for_its_member_and_one_that_was_never_issued_for_nobody),
        cmocka_unit_test(nothing_the_journal_says_tells_of_an_alert),
        cmocka_unit_test(a_test_takes_the_place_of_a_quiet_message_once),
        cmocka_unit_test(an_alert_goes_before_a_test_which_comes_later),
        cmocka_unit_test(where_urgent_alerts_leave_at_once_so_does_a_test),
        cmocka_unit_test(without_slots_a_test_leaves_at_once_also_after_a_restart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
