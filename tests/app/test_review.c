/* Events that a person decides, through the cycle: what counts when, what is listed when, and what a restart remembers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/fake_world.h"
#include "support/t.h"

static const char board_text[] = "format: 1\ntrial: fake\nchair_phone: \"+45 12 34 56 78\"\nmembers:\n"
                                 "  - {name: A Chair, address: a@board.example, role: chair}\n"
                                 "  - {name: B Member, address: b@board.example, role: member}\n";

struct bench {
    struct fake_world *w;
    struct cycle *c;
    int64_t mono;
};

static void step(struct bench *b, const char *now)
{
    struct err err = {0};
    day_t d;

    assert_true(day_parse(now, strlen(now), &d));
    b->mono += 1000000;
    assert_ok(cycle_step(b->c, day_start(d) + 1, b->mono, &err), err);
}

static void restart(struct bench *b)
{
    struct err err = {0};

    cycle_free(b->c);
    assert_ok(cycle_new(&b->w->cycle, &b->c, &err), err);
}

/* Five infarctions in one arm, one in the other, and an ambiguous word; one look. */
static void open_bench(struct bench *b, const char *cut)
{
    char *plan = NULL, id[32], ae[32];
    struct err err = {0};

    plan = fake_plan(cut, NULL);
    *b = (struct bench){.w = fake_new(plan, board_text), .mono = 1};
    free(plan);
    assert_ok(cycle_new(&b->w->cycle, &b->c, &err), err);
    for (int i = 0; i < 20; i++) {
        (void)snprintf(id, sizeof id, "one-%03d", i);
        fake_subject(b->w, id, "2030-01-01", "ARM_ONE");
        (void)snprintf(id, sizeof id, "zero-%03d", i);
        fake_subject(b->w, id, "2030-01-01", "ARM_ZERO");
    }
    for (int i = 0; i < 5; i++) {
        (void)snprintf(id, sizeof id, "one-%03d", i);
        (void)snprintf(ae, sizeof ae, "AE%d", i);
        fake_event(b->w, ae, id, "acute myocardial infarction", "2030-01-10", false);
    }
    fake_event(b->w, "AE5", "zero-001", "acute myocardial infarction", "2030-01-11", false);
    fake_event(b->w, "AE6", "one-006", "PE", "2030-01-12", false);
    step(b, "2030-02-01");
    assert_int_equal(b->w->n_looks, 1);
    assert_string_equal(buf_cstr(&b->w->queue), "AE6 cardiovascular - words leave it open\n");
}

static void close_bench(struct bench *b)
{
    cycle_free(b->c);
    fake_free(b->w);
}

static void decided(struct bench *b, const char *verdict, const char *name, const char *ae_id,
                    const char *now)
{
    fake_ask_decision(b->w, verdict, name, ae_id);
    step(b, now);
    assert_true(b->w->answered);
    if (!b->w->answer_done) {
        fail_msg("refused: %s", b->w->answer);
    }
}

static void refused(struct bench *b, const char *body, const char *why)
{
    fake_ask(b->w, REQ_REVIEW_DECIDE, body);
    step(b, "2030-02-01");
    assert_true(b->w->answered && !b->w->answer_done);
    assert_non_null(strstr(b->w->answer, why));
}

static void a_decision_counts_from_the_look_after_it(void **state)
{
    struct bench b;

    (void)state;
    open_bench(&b, FAKE_DAILY);
    decided(&b, "REFUTED", "cardiovascular", "AE5", "2030-02-01");
    decided(&b, "CONFIRMED", "VTE", "AE6", "2030-02-01");
    assert_int_equal(b.w->n_looks, 1);
    assert_int_equal(fake_last(b.w, 0)->events, 6);
    assert_int_equal(fake_last(b.w, 0)->verdict, VERDICT_BELOW);
    step(&b, "2030-02-02");
    assert_int_equal(fake_last(b.w, 0)->events, 6); /* as many, all in one arm now */
    assert_int_equal(fake_last(b.w, 0)->verdict, VERDICT_CROSSED);
    assert_true(fake_last(b.w, 0)->on_correction);
    assert_int_equal(b.w->n_alerts, 1);
    assert_string_equal(buf_cstr(&b.w->queue), "");
    decided(&b, "TAKEN_BACK", "cardiovascular", "AE5", "2030-02-02");
    step(&b, "2030-02-03");
    assert_int_equal(fake_last(b.w, 0)->events, 7);
    assert_false(fake_last(b.w, 0)->current_crosses);
    assert_int_equal(b.w->n_alerts, 2); /* an amendment */
    assert_int_equal(b.w->alerts[1].kind, ALERT_AMENDED_BELOW);
    close_bench(&b);
}

static void an_event_that_changes_is_asked_for_again(void **state)
{
    struct bench b;

    (void)state;
    open_bench(&b, FAKE_DAILY);
    decided(&b, "REFUTED", "cardiovascular", "AE5", "2030-02-01");
    decided(&b, "CONFIRMED", "cardiovascular", "AE6", "2030-02-01");
    step(&b, "2030-02-02");
    assert_int_equal(fake_last(b.w, 0)->events, 6);
    fake_set(b.w, SRC_AE, "AE5", AE_TERM, "cardiac arrest");
    fake_set(b.w, SRC_AE, "AE6", AE_TERM, "headache");
    step(&b, "2030-02-03");
    assert_int_equal(fake_last(b.w, 0)->events, 7); /* either counts until a person has seen it */
    assert_string_equal(buf_cstr(&b.w->queue), "AE5 cardiovascular + changed since it was decided\n"
                                               "AE6 cardiovascular + changed since it was decided\n");
    restart(&b);
    step(&b, "2030-02-04");
    assert_int_equal(fake_last(b.w, 0)->events, 7);
    assert_string_equal(buf_cstr(&b.w->queue), ""); /* nothing new to list */
    decided(&b, "REFUTED", "cardiovascular", "AE6", "2030-02-04");
    fake_set(b.w, SRC_AE, "AE5", AE_TERM, "acute myocardial infarction"); /* what was refuted stands again */
    step(&b, "2030-02-05");
    assert_int_equal(fake_last(b.w, 0)->events, 5);
    close_bench(&b);
}

static void a_restart_between_decision_and_look_changes_nothing(void **state)
{
    struct bench a, b;

    (void)state;
    open_bench(&a, FAKE_DAILY);
    open_bench(&b, FAKE_DAILY);
    decided(&a, "CONFIRMED", "VTE", "AE6", "2030-02-01");
    decided(&b, "CONFIRMED", "VTE", "AE6", "2030-02-01");
    restart(&b);
    for (int i = 2; i < 5; i++) {
        char now[32];

        (void)snprintf(now, sizeof now, "2030-02-%02d", i);
        step(&a, now);
        step(&b, now);
        restart(&b);
        assert_memory_equal(&a.w->looks[i - 1].head.snapshot, &b.w->looks[i - 1].head.snapshot, SHA256_LEN);
        assert_int_equal(a.w->looks[i - 1].head.n_changes, b.w->looks[i - 1].head.n_changes);
        assert_int_equal(fake_last(b.w, 0)->events, 7);
    }
    close_bench(&a);
    close_bench(&b);
}

static void where_every_change_is_a_cut_a_decision_is_one(void **state)
{
    struct bench b;

    (void)state;
    open_bench(&b, "change");
    step(&b, "2030-02-01");
    assert_int_equal(b.w->n_looks, 1);
    decided(&b, "CONFIRMED", "VTE", "AE6", "2030-02-01");
    step(&b, "2030-02-01");
    assert_int_equal(b.w->n_looks, 2);
    assert_int_equal(fake_last(b.w, 0)->events, 7);
    step(&b, "2030-02-01");
    assert_int_equal(b.w->n_looks, 2);
    close_bench(&b);
}

static void what_cannot_be_decided_is_refused_with_the_reason(void **state)
{
    struct bench b;

    (void)state;
    open_bench(&b, FAKE_DAILY);
    refused(&b,
            "CONFIRMED\x1f"
            "cardiac\x1f"
            "00\x1f"
            "AE6",
            "the categories are ");
    refused(&b,
            "CONFIRMED\x1f"
            "MACE3\x1f"
            "00\x1f"
            "AE6",
            "that can be judged by itself");
    refused(&b,
            "CONFIRMED\x1f"
            "cardiovascular\x1f"
            "00\x1f"
            "AE6",
            "no such thing");
    refused(&b,
            "MAYBE\x1f"
            "cardiovascular\x1f"
            "00\x1f"
            "AE6",
            "CONFIRMED, REFUTED or TAKEN_BACK");
    refused(&b,
            "CONFIRMED\x1f"
            "cardiovascular",
            "verdict, category, row and event");
    refused(&b, "", "verdict, category, row and event");
    refused(&b,
            "TAKEN_BACK\x1f"
            "cardiovascular\x1f\x1f"
            "AE6",
            "no such thing");
    assert_int_equal(b.w->decisions.n, 0);
    step(&b, "2030-02-02");
    assert_int_equal(fake_last(b.w, 0)->events, 6);
    close_bench(&b);
}

static void the_queue_is_written_for_what_was_touched_and_whole_under_new_rules(void **state)
{
    struct bench b;
    char *plan = NULL;

    (void)state;
    open_bench(&b, FAKE_DAILY);
    fake_event(b.w, "AE60", "one-007", "PE", "2030-02-01", false); /* an id that begins as another */
    step(&b, "2030-02-02");
    assert_string_equal(buf_cstr(&b.w->queue), "AE60 cardiovascular - words leave it open\n");
    fake_set(b.w, SRC_ADJUDICATION, "AE6", ADJ_CATEGORY, "cardiovascular");
    fake_set(b.w, SRC_ADJUDICATION, "AE6", ADJ_VERDICT, "PENDING");
    step(&b, "2030-02-03");
    assert_string_equal(buf_cstr(&b.w->queue), "AE6 cardiovascular - adjudication pending\n");
    plan = fake_plan(FAKE_DAILY, NULL);
    fake_ask(b.w, REQ_PLAN_ADOPT, plan);
    free(plan);
    step(&b, "2030-02-03");
    assert_true(b.w->answer_done);
    step(&b, "2030-02-04");
    assert_string_equal(buf_cstr(&b.w->queue), "AE6 cardiovascular - adjudication pending\n"
                                               "AE60 cardiovascular - words leave it open\n");
    close_bench(&b);
}

static void decisions_that_new_rules_cannot_follow_are_named(void **state)
{
    struct bench b;
    char *plan = NULL;

    (void)state;
    open_bench(&b, FAKE_DAILY);
    decided(&b, "CONFIRMED", "VTE", "AE6", "2030-02-01");
    decided(&b, "REFUTED", "cardiovascular", "AE5", "2030-02-01");
    decided(&b, "REFUTED", "cardiovascular", "AE4", "2030-02-01");
    for (size_t i = 0; i < b.w->decisions.n; i++) { /* as older rules had called them */
        char **name = &b.w->decisions.item[i].name;

        free(*name);
        *name = strdup(i == 0 ? "CLOT" : "heart");
    }
    plan = fake_plan(FAKE_DAILY, NULL);
    fake_ask(b.w, REQ_PLAN_ADOPT, plan);
    free(plan);
    step(&b, "2030-02-01");
    assert_true(b.w->answer_done);
    assert_string_equal(b.w->plan_note,
                        "decisions of events that count no more, because these rules know no such "
                        "category: CLOT, heart");
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_decision_counts_from_the_look_after_it),
        cmocka_unit_test(an_event_that_changes_is_asked_for_again),
        cmocka_unit_test(a_restart_between_decision_and_look_changes_nothing),
        cmocka_unit_test(where_every_change_is_a_cut_a_decision_is_one),
        cmocka_unit_test(what_cannot_be_decided_is_refused_with_the_reason),
        cmocka_unit_test(decisions_that_new_rules_cannot_follow_are_named),
        cmocka_unit_test(the_queue_is_written_for_what_was_touched_and_whole_under_new_rules),
    };

    return cmocka_run_group_tests_name("review", tests, NULL, NULL);
}
