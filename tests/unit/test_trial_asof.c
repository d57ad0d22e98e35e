/* A finished trial as it would have been known on earlier days. */
#include "support/t.h"

#include <string.h>

#include "support/t_trial.h"
#include "trial/asof.h"

static const char *const codes[] = {"B", "A"};

static void give(struct asof *a, enum src_view view, const char *const values[])
{
    struct field f[SRC_COLUMNS_MAX];
    struct err err = {0};

    t_fields(view, values, f);
    assert_ok(asof_row(a, view, f, &err), err);
}

static void subject(struct asof *a, const char *id, const char *rand, const char *fu_end, const char *death)
{
    const char *const s[SUB_COLUMNS] = {[SUB_ID] = id,
                                        [SUB_RAND] = rand,
                                        [SUB_FU_END] = fu_end,
                                        [SUB_FU_REASON] = fu_end == NULL  ? NULL
                                                          : death == NULL ? "COMPLETED"
                                                                          : "DEATH",
                                        [SUB_DEATH_DATE] = death,
                                        [SUB_DEATH_FLAG] = death == NULL ? "f" : "t"};
    const char *const arm[ARM_COLUMNS] = {[ARM_SUBJECT] = id, [ARM_CODE] = "A"};

    give(a, SRC_SUBJECT, s);
    give(a, SRC_ARM, arm);
}

static void event(struct asof *a, const char *id, const char *who, const char *onset, const char *entered,
                  const char *fatal, const char *deleted)
{
    const char *const e[AE_COLUMNS] = {[AE_ID] = id,
                                       [AE_SUBJECT] = who,
                                       [AE_EPISODE] = id,
                                       [AE_TERM] = "nausea",
                                       [AE_ONSET] = onset,
                                       [AE_RESOLVED] = NULL,
                                       [AE_S_DEATH] = fatal,
                                       [AE_FORM] = "COMPLETE",
                                       [AE_DELETED] = deleted,
                                       [AE_ENTERED] = entered,
                                       [AE_OUTCOME] = fatal == NULL ? NULL : "FATAL"};

    give(a, SRC_AE, e);
}

static struct asof *trial(struct asof_span *span)
{
    struct asof *a = NULL;
    struct err err = {0};
    const char *const cutoff[META_COLUMNS] = {"data_cutoff", "2024-06-01T00:00:00Z"};

    assert_ok(asof_new(&a, &err), err);
    subject(a, "S1", "2024-01-02", "2024-05-10", "2024-05-10");
    subject(a, "S2", "2024-01-20", "2024-05-20", NULL);
    give(a, SRC_META, cutoff);
    event(a, "E1", "S1", "2024-02-01", "2024-02-10T08:00:00Z", NULL, "f");
    event(a, "E2", "S1", "2024-04-01", "2024-04-02T23:59:59Z", "t", "f"); /* he dies of it in May */
    event(a, "E3", "S2", "2024-03-05", NULL, NULL, "f");
    event(a, "E4", "S2", NULL, NULL, NULL, "f");
    event(a, "E5", "S2", "2024-03-05", "2024-03-06T00:00:00Z", NULL, "t");
    assert_ok(asof_finish(a, span, &err), err);
    return a;
}

static struct snapshot *at(const struct asof *a, const char *day)
{
    struct snapshot *s = NULL;
    struct arms arms;
    struct err err = {0};
    day_t cut;

    t_arms(&arms, 2, codes);
    assert_true(day_parse(day, strlen(day), &cut));
    assert_ok(asof_snapshot(a, &arms, cut, &s, &err), err);
    arms_done(&arms);
    return s;
}

static size_t events_of(const struct snapshot *s)
{
    size_t n = 0;

    for (size_t i = 0; i < s->n_events; i++) {
        n += !s->events[i].deleted && s->events[i].subject != NO_SUBJECT;
    }
    return n;
}

static void the_span_says_what_the_days_are_from(void **state)
{
    struct asof_span span;
    struct asof *a = trial(&span);

    (void)state;
    assert_int_equal(span.first, day_from_ymd(2024, 1, 3));
    assert_int_equal(span.last, day_from_ymd(2024, 6, 1));
    assert_int_equal(span.events, 4);
    assert_int_equal(span.by_onset, 1);
    assert_int_equal(span.at_the_end, 1);
    assert_int_equal(asof_new_rows(a, span.first, day_from_ymd(2024, 2, 10)), 1); /* S2 */
    assert_int_equal(asof_new_rows(a, day_from_ymd(2024, 2, 10), day_from_ymd(2024, 2, 11)), 1);
    asof_free(a);
}

static void a_cut_has_what_was_entered_before_it(void **state)
{
    static const struct {
        const char *day;
        size_t subjects, events;
    } want[] = {{"2024-01-02", 0, 0}, {"2024-01-03", 1, 0}, {"2024-01-20", 1, 0}, {"2024-01-21", 2, 0},
                {"2024-02-10", 2, 0}, {"2024-02-11", 2, 1}, {"2024-03-05", 2, 1}, {"2024-03-06", 2, 2},
                {"2024-04-02", 2, 2}, {"2024-04-03", 2, 3}, {"2024-05-31", 2, 3}, {"2024-06-01", 2, 4}};
    struct asof_span span;
    struct asof *a = trial(&span);

    (void)state;
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        struct snapshot *s = at(a, want[i].day);
        day_t day;

        assert_int_equal(s->n_subjects, want[i].subjects);
        assert_int_equal(events_of(s), want[i].events);
        assert_true(day_parse(want[i].day, 10, &day));
        assert_int_equal(s->data_cutoff, day_start(day));
        snapshot_free(s);
    }
    asof_free(a);
}

static void nobody_is_dead_before_he_died(void **state)
{
    struct asof_span span;
    struct asof *a = trial(&span);
    struct snapshot *before = at(a, "2024-05-10"), *after = at(a, "2024-05-11");

    (void)state;
    assert_false(before->subjects[0].death_flag);
    assert_int_equal(before->subjects[0].fu_end, DAY_NONE);
    assert_int_equal(before->subjects[0].death_date.prec, DATE_ABSENT);
    assert_true(after->subjects[0].death_flag);
    for (size_t i = 0; i < before->n_events; i++) {
        assert_int_not_equal(before->events[i].outcome, OUT_FATAL);
        assert_int_not_equal(before->events[i].crit[CRIT_DEATH], TRI_YES);
    }
    assert_int_equal(t_queries(before, Q_DEATH_DISAGREES, NULL), 0);
    snapshot_free(before);
    snapshot_free(after);
    asof_free(a);
}

static void the_last_cut_is_the_trial_as_it_is(void **state)
{
    struct asof_span span;
    struct asof *a = trial(&span);
    struct snapshot *s = at(a, "2024-06-01");
    size_t fatal = 0;

    (void)state;
    for (size_t i = 0; i < s->n_events; i++) {
        fatal += s->events[i].outcome == OUT_FATAL && s->events[i].crit[CRIT_DEATH] == TRI_YES;
    }
    assert_int_equal(fatal, 1);
    snapshot_free(s);
    asof_free(a);
}

static void without_a_day_there_is_no_walk(void **state)
{
    struct asof *a = NULL;
    struct asof_span span;
    struct err err = {0};

    (void)state;
    assert_ok(asof_new(&a, &err), err);
    subject(a, "S1", NULL, NULL, NULL);
    assert_int_equal(asof_finish(a, &span, &err), E_DATA);
    assert_non_null(strstr(err.msg, "no time to walk"));
    asof_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_span_says_what_the_days_are_from),
        cmocka_unit_test(a_cut_has_what_was_entered_before_it),
        cmocka_unit_test(nobody_is_dead_before_he_died),
        cmocka_unit_test(the_last_cut_is_the_trial_as_it_is),
        cmocka_unit_test(without_a_day_there_is_no_walk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
