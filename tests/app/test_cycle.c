/*
 * The daemon's cycle over fakes: months of a trial in milliseconds, and everything that can be away or wrong.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/fake_world.h"
#include "support/t.h"

static const char plan_format[] =
    "format: 1\ntrial: fake\ntitle: A trial of fakes\ntrial_clock: %s\n"
    "arms:\n"
    "  - {code: ARM_ZERO, label: Label Zero, role: control, allocation: 1}\n"
    "  - {code: ARM_ONE, label: Label One, role: experimental, allocation: 1}\n"
    "population: randomised\narm_basis: planned\n"
    "treatment_emergent: {days_after_last_dose: 30 d}\n"
    "cut: {every: %s, at: \"00:00\"}\n"
    "unknown_death_is_cardiovascular: false\n"
    "families: [{name: harm, alpha_one_sided: 0.1}]\n"
    "defaults: {closing_look: true, e_process: {prior: [1, 1], reference: 20, role: supportive}}\n"
    "monitors:\n"
    "  - {name: deaths, title: Deaths, category: death, method: exact_binomial, spending: pocock,\n"
    "     alpha_one_sided: 0.05, max_events: %d, looks: every_event, alert: urgent, family: harm}\n"
    "  - {name: cv, title: Cardiovascular events, category: cardiovascular, method: exact_binomial, "
    "spending: pocock,\n"
    "     alpha_one_sided: 0.05, max_events: 20, looks: every_event, alert: urgent, family: harm}\n";
static const char board_text[] = "format: 1\ntrial: fake\nchair_phone: \"+45 12 34 56 78\"\nmembers:\n"
                                 "  - {name: A Chair, address: a@board.example, role: chair}\n"
                                 "  - {name: B Member, address: b@board.example, role: member}\n";

enum { DEATHS, CV };

static char *plan_of(const char *clock, int max_events)
{
    char *s = NULL;

    assert_true(asprintf(&s, plan_format, clock, "day", max_events) > 0);
    return s;
}

struct bench {
    struct fake_world *w;
    struct cycle *c;
    int64_t mono;
};

static void open_bench(struct bench *b, const char *clock, bool board)
{
    char *plan = plan_of(clock, 20);
    struct err err = {0};

    *b = (struct bench){.w = fake_new(plan, board ? board_text : NULL), .mono = 1};
    free(plan);
    assert_ok(cycle_new(&b->w->cycle, &b->c, &err), err);
}

static void close_bench(struct bench *b)
{
    cycle_free(b->c);
    fake_free(b->w);
}

static instant_t day(const char *s)
{
    day_t d;

    assert_true(day_parse(s, strlen(s), &d));
    return day_start(d) + 1;
}

static enum status step(struct bench *b, const char *now, struct err *err)
{
    b->mono += 1000000;
    return cycle_step(b->c, day(now), b->mono, err);
}

static void step_ok(struct bench *b, const char *now)
{
    struct err err = {0};

    assert_ok(step(b, now, &err), err);
}

/* n subjects in each arm, all randomised on 2030-01-01. */
static void recruit(struct bench *b, int n)
{
    char id[32];

    for (int i = 0; i < n; i++) {
        (void)snprintf(id, sizeof id, "one-%03d", i);
        fake_subject(b->w, id, "2030-01-01", "ARM_ONE");
        (void)snprintf(id, sizeof id, "zero-%03d", i);
        fake_subject(b->w, id, "2030-01-01", "ARM_ZERO");
    }
}

/* One cardiovascular event a month in the experimental arm, each seen at its own cut. */
static void months_of_infarctions(struct bench *b, int from, int to)
{
    char id[32], ae[32], when[32];

    for (int i = from; i <= to; i++) {
        (void)snprintf(id, sizeof id, "one-%03d", i);
        (void)snprintf(ae, sizeof ae, "AE%03d", i);
        (void)snprintf(when, sizeof when, "2030-%02d-10", i + 1);
        fake_event(b->w, ae, id, "acute myocardial infarction", when, true);
        (void)snprintf(when, sizeof when, "2030-%02d-20", i + 1);
        step_ok(b, when);
    }
}

static void no_plan_means_that_nothing_is_computed(void **state)
{
    struct fake_world *w = fake_new(NULL, NULL);
    struct cycle *c = NULL;
    struct err err = {0};

    (void)state;
    assert_ok(cycle_new(&w->cycle, &c, &err), err);
    assert_ok(cycle_step(c, day("2030-01-02"), 1, &err), err);
    assert_int_equal(cycle_state(c), CYCLE_NO_PLAN);
    assert_int_equal(w->n_looks, 0);
    assert_int_equal(w->reads, 0);
    cycle_free(c);
    fake_free(w);
}

static void the_source_is_asked_at_its_polls_and_people_are_answered_between_them(void **state)
{
    struct bench b;
    int reads;

    (void)state;
    open_bench(&b, "wall", true);
    b.w->cycle.poll_us = 60000000;
    cycle_set_world(b.c, &b.w->cycle);
    recruit(&b, 5);
    step_ok(&b, "2030-01-02");
    reads = b.w->reads;
    assert_true(reads > 0);
    fake_event(b.w, "AE1", "one-001", "acute myocardial infarction", "2030-01-03", true);
    step_ok(&b, "2030-01-04"); /* a second later */
    assert_int_equal(b.w->reads, reads);
    fake_ask(b.w, REQ_LOOK_ADHOC, "{}");
    step_ok(&b, "2030-01-04");
    assert_true(b.w->answered);
    assert_int_equal(b.w->reads, reads + 1);
    fake_event(b.w, "AE2", "one-002", "acute myocardial infarction", "2030-01-04", true);
    step_ok(&b, "2030-01-05");
    assert_int_equal(b.w->reads, reads + 1);
    cycle_wake(b.c);
    step_ok(&b, "2030-01-05");
    assert_int_equal(b.w->reads, reads + 2);
    fake_event(b.w, "AE3", "one-003", "acute myocardial infarction", "2030-01-05", true);
    step_ok(&b, "2030-01-06");
    assert_int_equal(b.w->reads, reads + 2);
    b.mono += 60000000;
    step_ok(&b, "2030-01-06");
    assert_int_equal(b.w->reads, reads + 3);
    fake_event(b.w, "AE4", "one-004", "acute myocardial infarction", "2030-01-06", true);
    cycle_set_world(b.c, &b.w->cycle); /* new settings */
    step_ok(&b, "2030-01-07");
    assert_int_equal(b.w->reads, reads + 4);
    close_bench(&b);
}

static void no_board_means_that_nothing_is_computed(void **state)
{
    struct bench b;

    (void)state;
    open_bench(&b, "wall", false);
    step_ok(&b, "2030-01-02");
    assert_int_equal(cycle_state(b.c), CYCLE_NO_BOARD);
    assert_int_equal(b.w->n_looks, 0);
    close_bench(&b);
}

static void who_does_not_lead_stands_by(void **state)
{
    struct bench b;

    (void)state;
    open_bench(&b, "wall", true);
    b.w->leader = false;
    step_ok(&b, "2030-01-02");
    assert_int_equal(cycle_state(b.c), CYCLE_STANDBY);
    assert_int_equal(b.w->reads, 0);
    close_bench(&b);
}

static void a_poll_is_not_a_look(void **state)
{
    struct bench b;

    (void)state;
    open_bench(&b, "wall", true);
    recruit(&b, 10);
    step_ok(&b, "2030-02-01");
    for (int i = 0; i < 50; i++) {
        fake_event(b.w, "AE1", "one-001", i % 2 == 0 ? "stroke" : "acute stroke", "2030-01-20", true);
        step_ok(&b, "2030-02-01");
    }
    assert_int_equal(b.w->n_looks, 1);
    assert_int_equal(b.w->reads, 1);
    step_ok(&b, "2030-02-02");
    assert_int_equal(b.w->n_looks, 2);
    assert_int_equal(fake_last(b.w, CV)->events, 1);
    close_bench(&b);
}

static void the_sixth_event_of_six_crosses_and_each_member_gets_one_message(void **state)
{
    struct bench b;

    (void)state;
    open_bench(&b, "wall", true);
    recruit(&b, 74);
    months_of_infarctions(&b, 0, 4);
    assert_int_equal(fake_last(b.w, CV)->verdict, VERDICT_BELOW);
    assert_int_equal(b.w->n_messages, 0);
    months_of_infarctions(&b, 5, 5);
    assert_int_equal(fake_last(b.w, CV)->verdict, VERDICT_CROSSED);
    assert_int_equal(fake_last(b.w, CV)->events, 6);
    assert_int_equal(fake_last(b.w, DEATHS)->events, 0);
    assert_int_equal(b.w->n_alerts, 1);
    assert_int_equal(b.w->n_messages, 2);
    assert_string_equal(b.w->messages[0].address, "a@board.example");
    assert_string_equal(b.w->messages[1].address, "b@board.example");
    assert_non_null(strstr(b.w->messages[0].bytes, "Label One"));
    months_of_infarctions(&b, 6, 9);
    assert_int_equal(b.w->n_alerts, 1); /* latched */
    assert_int_equal(b.w->n_messages, 2);
    close_bench(&b);
}

struct watch {
    const struct fake_world *w;
    size_t times, looks, messages; /* in the store when it was last told */
};

static void note_counted(void *ctx)
{
    struct watch *x = ctx;

    x->times++;
    x->looks = x->w->n_looks;
    x->messages = x->w->n_messages;
}

/* Whoever times looks must not learn from it whether there was something to write to the board. */
static void a_look_is_timed_before_anything_is_made_of_it(void **state)
{
    struct watch x = {0};
    struct bench b;

    (void)state;
    open_bench(&b, "wall", true);
    x.w = b.w;
    b.w->cycle.counted = note_counted;
    b.w->cycle.counted_ctx = &x;
    cycle_set_world(b.c, &b.w->cycle);
    recruit(&b, 50);
    step_ok(&b, "2030-01-02");
    assert_int_equal(x.times, 1);
    step_ok(&b, "2030-01-02"); /* a poll */
    assert_int_equal(x.times, 1);
    months_of_infarctions(&b, 1, 6);
    assert_int_equal(x.times, b.w->n_looks);
    assert_int_equal(x.looks, b.w->n_looks - 1);
    assert_true(b.w->n_messages > x.messages); /* the sixth crossed */
    close_bench(&b);
}

static void nothing_the_journal_says_names_an_arm(void **state)
{
    struct bench b;

    (void)state;
    open_bench(&b, "wall", true);
    recruit(&b, 74);
    fake_set(b.w, SRC_ARM, "one-003", ARM_CODE, "ARM_NOBODY_KNOWS");
    months_of_infarctions(&b, 0, 9);
    b.w->read_fails = E_DATA;
    b.w->read_message = "view dsmb_source.ae is missing";
    step_ok(&b, "2031-01-01");
    assert_true(b.w->n_log > 2);
    for (size_t i = 0; i < b.w->n_log; i++) {
        assert_null(strstr(b.w->log[i], "ARM_"));
        assert_null(strstr(b.w->log[i], "Label"));
        assert_null(strstr(b.w->log[i], "CROSSED"));
    }
    close_bench(&b);
}

static void a_look_that_was_not_stored_is_taken_again_in_full(void **state)
{
    struct bench b;
    struct err err = {0};

    (void)state;
    open_bench(&b, "wall", true);
    recruit(&b, 74);
    months_of_infarctions(&b, 0, 4);
    fake_event(b.w, "AE005", "one-005", "acute myocardial infarction", "2030-06-10", true);
    b.w->save_fails = E_RETRY;
    assert_int_equal(step(&b, "2030-06-20", &err), E_RETRY);
    assert_int_equal(b.w->n_messages, 0);
    assert_int_equal(b.w->n_looks, 5);
    cycle_forget(b.c);
    step_ok(&b, "2030-06-20");
    assert_int_equal(b.w->n_looks, 6);
    assert_int_equal(b.w->n_messages, 2);
    close_bench(&b);
}

static void a_restart_between_looks_changes_nothing(void **state)
{
    struct bench a, b;
    struct err err = {0};

    (void)state;
    open_bench(&a, "wall", true);
    open_bench(&b, "wall", true);
    recruit(&a, 74);
    recruit(&b, 74);
    for (int i = 0; i < 9; i++) {
        months_of_infarctions(&a, i, i);
        months_of_infarctions(&b, i, i);
        cycle_free(b.c);
        assert_ok(cycle_new(&b.w->cycle, &b.c, &err), err);
    }
    assert_int_equal(a.w->n_looks, b.w->n_looks);
    for (size_t i = 0; i < a.w->n_looks; i++) {
        assert_memory_equal(&a.w->looks[i].head.snapshot, &b.w->looks[i].head.snapshot, SHA256_LEN);
        assert_int_equal(a.w->looks[i].entries[CV].verdict, b.w->looks[i].entries[CV].verdict);
        assert_true(a.w->looks[i].entries[CV].alpha_spent == b.w->looks[i].entries[CV].alpha_spent);
        assert_true(a.w->looks[i].entries[CV].log_e == b.w->looks[i].entries[CV].log_e);
    }
    close_bench(&a);
    close_bench(&b);
}

static void a_data_fault_keeps_the_last_state_and_ends_by_itself(void **state)
{
    struct bench b;

    (void)state;
    open_bench(&b, "wall", true);
    recruit(&b, 20);
    step_ok(&b, "2030-02-01");
    b.w->read_fails = E_DATA;
    b.w->read_message = "view dsmb_source.ae is missing";
    step_ok(&b, "2030-02-02");
    step_ok(&b, "2030-02-02");
    assert_int_equal(cycle_state(b.c), CYCLE_DATA_FAULT);
    assert_true(b.w->fault_open);
    assert_int_equal(b.w->faults, 1);
    assert_int_equal(b.w->n_looks, 1);
    b.w->read_fails = OK;
    fake_subject(b.w, "one-900", "2030-02-01", "ARM_ONE");
    step_ok(&b, "2030-02-02");
    assert_int_equal(cycle_state(b.c), CYCLE_WATCHING);
    assert_false(b.w->fault_open);
    assert_int_equal(b.w->n_looks, 2);
    close_bench(&b);
}

static void a_trial_that_shrinks_is_not_believed_until_a_person_says_so(void **state)
{
    struct bench b;

    (void)state;
    open_bench(&b, "wall", true);
    recruit(&b, 50);
    step_ok(&b, "2030-02-01");
    fake_drop_newest(b.w, 40); /* twenty subjects with their arms */
    step_ok(&b, "2030-02-02");
    assert_int_equal(cycle_state(b.c), CYCLE_DATA_FAULT);
    assert_int_equal(b.w->n_looks, 1);
    fake_ask(b.w, REQ_SOURCE_ACCEPT, NULL);
    step_ok(&b, "2030-02-02");
    assert_true(b.w->answer_done);
    assert_int_equal(cycle_state(b.c), CYCLE_WATCHING);
    assert_int_equal(b.w->n_looks, 2);
    close_bench(&b);
}

static void on_the_sources_clock_each_cutoff_is_one_look(void **state)
{
    struct bench b;

    (void)state;
    open_bench(&b, "source", true);
    recruit(&b, 20);
    step_ok(&b, "2035-01-01");
    assert_int_equal(cycle_state(b.c), CYCLE_DATA_FAULT); /* no data_cutoff yet */
    fake_cutoff(b.w, "2030-02-01");
    step_ok(&b, "2035-01-01");
    step_ok(&b, "2035-01-02");
    assert_int_equal(b.w->n_looks, 1);
    fake_event(b.w, "AE1", "one-001", "stroke", "2030-01-20", true);
    step_ok(&b, "2035-01-02");
    assert_int_equal(b.w->n_looks, 1);
    fake_cutoff(b.w, "2030-03-01");
    step_ok(&b, "2035-01-02");
    assert_int_equal(b.w->n_looks, 2);
    fake_cutoff(b.w, "2030-02-15"); /* a clock that steps back gives no look */
    step_ok(&b, "2035-01-02");
    assert_int_equal(b.w->n_looks, 2);
    close_bench(&b);
}

static void a_closing_look_is_taken_on_request_and_closes(void **state)
{
    struct bench b;

    (void)state;
    open_bench(&b, "wall", true);
    recruit(&b, 74);
    months_of_infarctions(&b, 0, 2);
    fake_ask(b.w, REQ_LOOK_FINAL, NULL);
    step_ok(&b, "2030-04-01");
    assert_true(b.w->answered && b.w->answer_done);
    assert_int_equal(b.w->looks[b.w->n_looks - 1].head.kind, LOOK_FINAL);
    assert_int_equal(fake_last(b.w, CV)->verdict, VERDICT_BELOW);
    close_bench(&b);
}

static void reports_are_stored_on_the_plans_calendar_and_at_the_closing_look(void **state)
{
    struct bench b;
    struct err err = {0};
    char *plan = plan_of("wall", 20), *with = NULL;

    (void)state;
    assert_true(asprintf(&with, "%sreports: {every_months: 3}\n", plan) > 0);
    b = (struct bench){.w = fake_new(with, board_text), .mono = 1};
    assert_ok(cycle_new(&b.w->cycle, &b.c, &err), err);
    recruit(&b, 20);
    months_of_infarctions(&b, 0, 2);
    assert_int_equal(b.w->n_reports, 0); /* randomised on 1 January: the first is due on 1 April */
    step_ok(&b, "2030-04-01");
    assert_int_equal(b.w->n_reports, 8); /* closed and open, as text, CSV, JSON and HTML */
    months_of_infarctions(&b, 3, 5);
    assert_int_equal(b.w->n_reports, 8);
    b.w->save_fails = E_RETRY; /* a look that was not stored has stored no report either */
    assert_int_equal(step(&b, "2030-07-02", &err), E_RETRY);
    assert_int_equal(b.w->n_reports, 8);
    step_ok(&b, "2030-07-02");
    assert_int_equal(b.w->n_reports, 16);
    step_ok(&b, "2030-07-03");
    assert_int_equal(b.w->n_reports, 16);
    fake_ask(b.w, REQ_LOOK_FINAL, NULL);
    step_ok(&b, "2030-07-03");
    assert_true(b.w->answer_done);
    assert_int_equal(b.w->n_reports, 24);
    for (size_t i = 0; i < b.w->n_reports; i++) {
        const struct fake_report *r = &b.w->reports[i];
        bool open = strcmp(r->audience, "open") == 0;

        assert_true(strlen(r->bytes) > 100);
        if (open || strcmp(r->format, "csv") == 0) {
            assert_int_equal(strstr(r->bytes, "Label Zero") == NULL, open);
        }
    }
    assert_int_equal(b.w->reports[8].look, b.w->reports[15].look);
    free(plan);
    free(with);
    close_bench(&b);
}

static void without_a_calendar_only_the_closing_look_stores_reports(void **state)
{
    struct bench b;

    (void)state;
    open_bench(&b, "wall", true);
    recruit(&b, 20);
    months_of_infarctions(&b, 0, 8);
    assert_int_equal(b.w->n_reports, 0);
    fake_ask(b.w, REQ_LOOK_FINAL, NULL);
    step_ok(&b, "2030-10-01");
    assert_int_equal(b.w->n_reports, 8);
    close_bench(&b);
}

static void a_plan_that_changes_a_running_monitor_is_refused(void **state)
{
    struct bench b;
    char *other = plan_of("wall", 30);

    (void)state;
    open_bench(&b, "wall", true);
    recruit(&b, 74);
    fake_death(b.w, "one-070", "2030-01-15");
    step_ok(&b, "2030-02-01");
    fake_ask(b.w, REQ_PLAN_ADOPT, other);
    step_ok(&b, "2030-02-01");
    assert_true(b.w->answered);
    assert_false(b.w->answer_done);
    assert_non_null(strstr(b.w->answer, "deaths"));
    assert_non_null(strstr(b.w->answer, "max_events"));
    assert_int_equal(b.w->plan_id, 1);
    free(other);
    close_bench(&b);
}

static void a_broken_plan_is_refused_with_its_line(void **state)
{
    struct bench b;

    (void)state;
    open_bench(&b, "wall", true);
    fake_ask(b.w, REQ_PLAN_ADOPT, "format: 1\ntrial: fake\nmonitor: []\n");
    step_ok(&b, "2030-02-01");
    assert_true(b.w->answered);
    assert_false(b.w->answer_done);
    assert_non_null(strstr(b.w->answer, "plan.yaml:"));
    close_bench(&b);
}

static void a_retraction_sends_one_amendment(void **state)
{
    struct bench b;
    size_t before;

    (void)state;
    open_bench(&b, "wall", true);
    recruit(&b, 74);
    months_of_infarctions(&b, 0, 5);
    before = b.w->n_messages;
    assert_int_equal(before, 2);
    fake_delete_event(b.w, "AE005");
    step_ok(&b, "2030-07-20");
    step_ok(&b, "2030-07-21");
    assert_int_equal(fake_last(b.w, CV)->verdict, VERDICT_CROSSED);
    assert_int_equal(b.w->n_alerts, 2);
    assert_int_equal(b.w->alerts[1].kind, ALERT_AMENDED_BELOW);
    assert_int_equal(b.w->n_messages, before + 2);
    close_bench(&b);
}

static void an_empty_trial_has_looks_and_no_verdict_of_safety(void **state)
{
    struct bench b;

    (void)state;
    open_bench(&b, "wall", true);
    step_ok(&b, "2030-02-01");
    assert_int_equal(b.w->n_looks, 1);
    assert_int_not_equal(fake_last(b.w, CV)->verdict, VERDICT_BELOW);
    recruit(&b, 5);
    step_ok(&b, "2030-02-02");
    assert_int_not_equal(fake_last(b.w, CV)->verdict, VERDICT_BELOW);
    assert_int_equal(b.w->n_messages, 0);
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_plan_means_that_nothing_is_computed),
        cmocka_unit_test(no_board_means_that_nothing_is_computed),
        cmocka_unit_test(the_source_is_asked_at_its_polls_and_people_are_answered_between_them),
        cmocka_unit_test(who_does_not_lead_stands_by),
        cmocka_unit_test(a_poll_is_not_a_look),
        cmocka_unit_test(the_sixth_event_of_six_crosses_and_each_member_gets_one_message),
        cmocka_unit_test(a_look_is_timed_before_anything_is_made_of_it),
        cmocka_unit_test(nothing_the_journal_says_names_an_arm),
        cmocka_unit_test(a_look_that_was_not_stored_is_taken_again_in_full),
        cmocka_unit_test(a_restart_between_looks_changes_nothing),
        cmocka_unit_test(a_data_fault_keeps_the_last_state_and_ends_by_itself),
        cmocka_unit_test(a_trial_that_shrinks_is_not_believed_until_a_person_says_so),
        cmocka_unit_test(on_the_sources_clock_each_cutoff_is_one_look),
        cmocka_unit_test(a_closing_look_is_taken_on_request_and_closes),
        cmocka_unit_test(reports_are_stored_on_the_plans_calendar_and_at_the_closing_look),
        cmocka_unit_test(without_a_calendar_only_the_closing_look_stores_reports),
        cmocka_unit_test(a_plan_that_changes_a_running_monitor_is_refused),
        cmocka_unit_test(a_broken_plan_is_refused_with_its_line),
        cmocka_unit_test(a_retraction_sends_one_amendment),
        cmocka_unit_test(an_empty_trial_has_looks_and_no_verdict_of_safety),
    };

    return cmocka_run_group_tests_name("cycle", tests, NULL, NULL);
}
