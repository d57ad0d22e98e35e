/* The life cycle's table, every state with every event, and which message a slot gives to whom over years. */
#include "support/t.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alert/life.h"
#include "alert/slot.h"

#define HOUR_US INT64_C(3600000000)

/* The design's table once more, from outside the code: rows are states, columns events, "-" is illegal. */
static void every_pair_of_state_and_event_is_as_designed(void **state)
{
    /* queue send doubt refuse bounce resend ask escalate amend acknowledge */
    static const char *const want[LIFE_STATES][LIFE_EVENTS] = {
        {"queued", "-", "-", "-", "-", "queued", "raised", "-", "amended", "acknowledged"},
        {"-", "sent", "uncertain", "unreached", "queued", "queued", "queued", "escalated", "amended",
         "acknowledged"},
        {"-", "sent", "sent", "sent", "unreached", "queued", "sent", "escalated", "amended", "acknowledged"},
        {"-", "sent", "uncertain", "unreached", "unreached", "queued", "uncertain", "escalated", "amended",
         "acknowledged"},
        {"-", "sent", "uncertain", "unreached", "unreached", "queued", "unreached", "escalated", "amended",
         "acknowledged"},
        {"-", "escalated", "escalated", "escalated", "escalated", "escalated", "escalated", "escalated",
         "amended", "acknowledged"},
        {"amended", "amended", "amended", "amended", "amended", "-", "-", "-", "amended", "acknowledged"},
        {"acknowledged", "acknowledged", "acknowledged", "acknowledged", "acknowledged", "-", "-", "-",
         "acknowledged", "acknowledged"},
    };
    int illegal = 0;

    (void)state;
    for (int s = 0; s < LIFE_STATES; s++) {
        for (int e = 0; e < LIFE_EVENTS; e++) {
            enum life_state next = (enum life_state)s;
            bool legal = life_move((enum life_state)s, (enum life_event)e, &next);
            const char *got = legal ? life_state_name(next) : "-";

            if (strcmp(got, want[s][e]) != 0) {
                fail_msg("%s + %s: %s, designed is %s", life_state_name((enum life_state)s),
                         life_event_name((enum life_event)e), got, want[s][e]);
            }
            illegal += legal ? 0 : 1;
            assert_true(legal || next == (enum life_state)s); /* untouched */
        }
    }
    assert_int_equal(illegal, 16);
}

static struct board three(void)
{
    struct board b = {.n = 3};

    (void)snprintf(b.members[0].name, sizeof b.members[0].name, "Chair");
    (void)snprintf(b.members[1].name, sizeof b.members[1].name, "Deputy");
    (void)snprintf(b.members[2].name, sizeof b.members[2].name, "Member");
    b.members[0].role = MEMBER_CHAIR;
    b.members[1].role = MEMBER_DEPUTY;
    b.members[2].role = MEMBER_MEMBER;
    return b;
}

struct years {
    struct board b;
    struct plan_messages p;
    struct alert alerts[8];
    size_t n_alerts;
    struct life_fact facts[20000];
    size_t n;
    bool letter[3];
    int sent[3][LETTER_QUIET + 1]; /* member, kind */
    instant_t now;
};

static void note(struct years *y, int64_t alert, size_t member, enum life_event e)
{
    assert_true(y->n < sizeof y->facts / sizeof y->facts[0]);
    y->facts[y->n] = (struct life_fact){.alert = alert, .event = e, .at = y->now};
    memcpy(y->facts[y->n++].member, y->b.members[member].name, sizeof y->facts[0].member);
}

static void raise_alert(struct years *y, const char *monitor)
{
    struct alert *a = &y->alerts[y->n_alerts++];

    a->id = (int64_t)y->n_alerts;
    (void)snprintf(a->monitor, sizeof a->monitor, "%s", monitor);
    y->letter[0] = y->letter[1] = y->letter[2] = true;
}

/* One slot for everybody, and its messages arrive. */
static void slot(struct years *y)
{
    static const enum letter_kind alert = LETTER_ALERT;
    struct lives l = {0};
    struct err err = {0};
    bool busy = y->letter[0] || y->letter[1];
    size_t n = y->n;

    assert_ok(lives_of(y->alerts, y->n_alerts, &y->b, y->facts, n, &l, &err), err);
    assert_int_equal(l.illegal, 0);
    for (size_t m = 0; m < y->b.n; m++) {
        struct slot_choice c = {0};

        assert_ok(slot_choose(&y->p, &y->b, &l, m, y->letter[m] ? &alert : NULL, !busy, y->now, &c, &err),
                  err);
        y->sent[m][c.kind]++;
        if (c.kind == LETTER_ALERT) {
            for (size_t i = 0; i < l.n; i++) {
                if (l.life[i].member == m && l.life[i].state == LIFE_RAISED) {
                    note(y, l.life[i].alert, m, LIFE_QUEUE);
                    note(y, l.life[i].alert, m, LIFE_SEND);
                }
            }
            y->letter[m] = false;
        }
        for (size_t i = 0; i < c.n; i++) {
            note(y, c.items[i].alert, c.items[i].about,
                 c.kind == LETTER_ESCALATION ? LIFE_ESCALATE : LIFE_RESEND);
        }
        slot_choice_done(&c);
    }
    lives_done(&l);
    y->now += y->p.slot_us;
}

static struct years *years_new(void)
{
    struct years *y = calloc(1, sizeof *y);

    assert_non_null(y);
    y->b = three();
    y->p = (struct plan_messages){
        .slot_us = US_PER_DAY, .resend_after_us = US_PER_DAY, .escalate_after_us = 3 * US_PER_DAY};
    y->now = day_start(day_from_ymd(2030, 1, 1));
    return y;
}

static int total(const struct years *y, size_t m)
{
    int n = 0;

    for (int k = 0; k <= LETTER_QUIET; k++) {
        n += y->sent[m][k];
    }
    return n;
}

static void five_quiet_years_are_one_quiet_message_a_day(void **state)
{
    struct years *y = years_new();

    (void)state;
    for (int i = 0; i < 1826; i++) {
        slot(y);
    }
    for (size_t m = 0; m < 3; m++) {
        assert_int_equal(y->sent[m][LETTER_QUIET], 1826);
    }
    free(y);
}

static void every_member_gets_one_message_in_every_slot_whatever_happens(void **state)
{
    struct years *y = years_new();

    (void)state;
    for (int i = 0; i < 400; i++) {
        if (i % 50 == 10 && y->n_alerts < 8) {
            raise_alert(y, i % 100 == 10 ? "cv" : "deaths");
        }
        if (i % 97 == 60) {
            note(y, (int64_t)y->n_alerts, (size_t)i % 3, LIFE_ACKNOWLEDGE);
        }
        slot(y);
        for (size_t m = 0; m < 3; m++) {
            assert_int_equal(total(y, m), i + 1);
        }
    }
    free(y);
}

static void who_acknowledges_is_left_in_peace_and_who_is_silent_is_reminded_without_end(void **state)
{
    struct years *y = years_new();

    (void)state;
    raise_alert(y, "cv");
    slot(y);
    for (size_t m = 0; m < 3; m++) {
        assert_int_equal(y->sent[m][LETTER_ALERT], 1);
    }
    note(y, 1, 0, LIFE_ACKNOWLEDGE);
    note(y, 1, 1, LIFE_ACKNOWLEDGE);
    for (int i = 0; i < 30; i++) {
        slot(y);
    }
    assert_int_equal(y->sent[2][LETTER_REMINDER], 30);
    assert_int_equal(y->sent[0][LETTER_REMINDER], 0);
    assert_int_equal(y->sent[0][LETTER_ESCALATION],
                     1); /* chair and deputy hear once that the member is silent */
    assert_int_equal(y->sent[1][LETTER_ESCALATION], 1);
    assert_int_equal(y->sent[2][LETTER_ESCALATION], 0);
    assert_int_equal(y->sent[0][LETTER_QUIET], 29);
    note(y, 1, 2, LIFE_ACKNOWLEDGE);
    slot(y);
    slot(y);
    assert_int_equal(y->sent[2][LETTER_QUIET], 2);
    free(y);
}

/* An urgent alert that left in the step that also writes the slot is recorded a moment after the slot's own time. */
static void who_was_told_a_moment_ago_is_neither_reminded_nor_called_silent(void **state)
{
    struct years *y = years_new();

    (void)state;
    raise_alert(y, "cv");
    y->now += 5000000;
    for (size_t m = 0; m < 3; m++) {
        note(y, 1, m, LIFE_QUEUE);
        note(y, 1, m, LIFE_SEND);
        y->letter[m] = false;
    }
    y->now -= 5000000;
    slot(y);
    for (size_t m = 0; m < 3; m++) {
        assert_int_equal(y->sent[m][LETTER_QUIET], 1);
    }
    free(y);
}

static void a_clock_that_stepped_back_silences_nothing(void **state)
{
    struct years *y = years_new();

    (void)state;
    raise_alert(y, "cv");
    slot(y);
    y->now -= 10 * US_PER_DAY;
    slot(y);
    assert_int_equal(y->sent[2][LETTER_REMINDER], 1);
    assert_int_equal(y->sent[0][LETTER_ESCALATION], 1);
    free(y);
}

static void an_amendment_takes_the_alerts_place_and_must_be_acknowledged_itself(void **state)
{
    struct years *y = years_new();

    (void)state;
    raise_alert(y, "cv");
    slot(y);
    for (size_t m = 0; m < 3; m++) {
        note(y, 1, m, LIFE_ACKNOWLEDGE);
    }
    slot(y);
    assert_int_equal(y->sent[0][LETTER_QUIET], 1);
    raise_alert(y, "cv");
    slot(y);
    assert_int_equal(y->sent[0][LETTER_ALERT], 2);
    slot(y);
    assert_int_equal(y->sent[0][LETTER_REMINDER], 1);
    free(y);
}

static void an_escalation_waits_until_chair_and_deputy_can_hear_it_in_one_slot(void **state)
{
    struct years *y = years_new();

    (void)state;
    raise_alert(y, "cv");
    slot(y);
    note(y, 1, 0, LIFE_ACKNOWLEDGE);
    note(y, 1, 1, LIFE_ACKNOWLEDGE);
    slot(y);
    slot(y);
    raise_alert(y, "deaths");
    slot(y); /* the escalation is due, and the new alert goes first */
    assert_int_equal(y->sent[0][LETTER_ESCALATION] + y->sent[1][LETTER_ESCALATION], 0);
    assert_int_equal(y->sent[1][LETTER_ALERT], 2);
    slot(y);
    assert_int_equal(y->sent[0][LETTER_ESCALATION], 1);
    assert_int_equal(y->sent[1][LETTER_ESCALATION], 1);
    free(y);
}

static void what_a_person_asks_for_again_comes_with_the_next_slot_once(void **state)
{
    struct years *y = years_new();

    (void)state;
    y->p.resend_after_us = 30 * US_PER_DAY;
    y->p.escalate_after_us = 60 * US_PER_DAY;
    raise_alert(y, "deaths");
    slot(y);
    slot(y);
    assert_int_equal(y->sent[2][LETTER_REMINDER], 0);
    note(y, 1, 2, LIFE_ASK);
    slot(y);
    assert_int_equal(y->sent[2][LETTER_REMINDER], 1);
    assert_int_equal(y->sent[1][LETTER_REMINDER], 0); /* nobody asked for him */
    slot(y);
    assert_int_equal(y->sent[2][LETTER_REMINDER], 1);
    note(y, 1, 2, LIFE_ASK);
    note(y, 1, 2, LIFE_ACKNOWLEDGE); /* found it */
    slot(y);
    assert_int_equal(y->sent[2][LETTER_REMINDER], 1);
    free(y);
}

static void a_member_who_joins_later_hears_of_what_stands(void **state)
{
    struct years *y = years_new();

    (void)state;
    y->b.n = 2;
    raise_alert(y, "cv");
    slot(y);
    y->b.n = 3;
    y->letter[2] = false;
    slot(y);
    assert_int_equal(y->sent[2][LETTER_REMINDER], 1);
    free(y);
}

static void slots_are_numbered_on_the_calendar_also_before_1970_and_near_the_end_of_time(void **state)
{
    (void)state;
    assert_int_equal(slot_at(0, HOUR_US), 0);
    assert_int_equal(slot_at(HOUR_US - 1, HOUR_US), 0);
    assert_int_equal(slot_at(HOUR_US, HOUR_US), 1);
    assert_int_equal(slot_at(-1, HOUR_US), -1);
    assert_int_equal(slot_at(-HOUR_US, HOUR_US), -1);
    assert_int_equal(slot_start(3, HOUR_US), 3 * HOUR_US);
    assert_true(slot_start(INT64_MAX, HOUR_US) == INSTANT_NONE);
}

static void facts_that_are_no_legal_move_change_nothing_and_are_counted(void **state)
{
    struct years *y = years_new();
    struct lives l = {0};
    struct err err = {0};

    (void)state;
    raise_alert(y, "cv");
    note(y, 1, 0, LIFE_SEND);
    note(y, 1, 1, LIFE_ESCALATE);
    (void)snprintf(y->facts[y->n].member, sizeof y->facts[0].member, "Nobody");
    y->facts[y->n++].alert = 1;
    assert_ok(lives_of(y->alerts, 1, &y->b, y->facts, y->n, &l, &err), err);
    assert_int_equal(l.illegal, 2);
    assert_int_equal(l.life[0].state, LIFE_RAISED);
    assert_int_equal(l.life[1].state, LIFE_RAISED);
    lives_done(&l);
    free(y);
}

static void decisions_are_read_back_as_they_are_written(void **state)
{
    enum ack_decision d = ACK_NOTED;

    (void)state;
    for (int i = 0; i < ACK_DECISIONS; i++) {
        assert_true(ack_decision_read(ack_decision_name((enum ack_decision)i), &d));
        assert_int_equal(d, i);
    }
    assert_false(ack_decision_read("noted", &d));
    assert_false(ack_decision_read("", &d));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_of_state_and_event_is_as_designed),
        cmocka_unit_test(five_quiet_years_are_one_quiet_message_a_day),
        cmocka_unit_test(every_member_gets_one_message_in_every_slot_whatever_happens),
        cmocka_unit_test(who_acknowledges_is_left_in_peace_and_who_is_silent_is_reminded_without_end),
        cmocka_unit_test(who_was_told_a_moment_ago_is_neither_reminded_nor_called_silent),
        cmocka_unit_test(a_clock_that_stepped_back_silences_nothing),
        cmocka_unit_test(an_amendment_takes_the_alerts_place_and_must_be_acknowledged_itself),
        cmocka_unit_test(an_escalation_waits_until_chair_and_deputy_can_hear_it_in_one_slot),
        cmocka_unit_test(what_a_person_asks_for_again_comes_with_the_next_slot_once),
        cmocka_unit_test(a_member_who_joins_later_hears_of_what_stands),
        cmocka_unit_test(slots_are_numbered_on_the_calendar_also_before_1970_and_near_the_end_of_time),
        cmocka_unit_test(facts_that_are_no_legal_move_change_nothing_and_are_counted),
        cmocka_unit_test(decisions_are_read_back_as_they_are_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
