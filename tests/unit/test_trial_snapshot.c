#include "trial/snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/t.h"
#include "support/t_trial.h"

static const char *const codes[] = {"PLA", "MAG", "HIGH"};

static struct arms arms;

static struct builder *fresh(void)
{
    struct builder *b = NULL;
    struct err e = {0};

    assert_ok(builder_new(&arms, &b, &e), e);
    return b;
}

static int make_arms(void **state)
{
    (void)state;
    t_arms(&arms, 3, codes);
    return 0;
}

static int drop_arms(void **state)
{
    (void)state;
    arms_done(&arms);
    return 0;
}

/* A complete, blameless row to which each test does one thing. */
static void good_subject(const char *v[SUB_COLUMNS], const char *id)
{
    const char *const g[SUB_COLUMNS] = {[SUB_ID] = id,
                                        [SUB_SITE] = "DK1",
                                        [SUB_STRATUM] = "diabetes",
                                        [SUB_RAND] = "2024-01-10",
                                        [SUB_FIRST_DOSE] = "2024-01-11",
                                        [SUB_LAST_DOSE] = "2024-12-30",
                                        [SUB_FU_END] = "2025-01-10",
                                        [SUB_FU_REASON] = "COMPLETED",
                                        [SUB_DEATH_FLAG] = "f",
                                        [SUB_UPDATED] = "2025-01-11T08:00:00.000000Z"};

    memcpy(v, g, sizeof g);
}

static void good_event(const char *v[AE_COLUMNS], const char *id, const char *subject)
{
    const char *const g[AE_COLUMNS] = {[AE_ID] = id,
                                       [AE_SUBJECT] = subject,
                                       [AE_EPISODE] = "E1",
                                       [AE_TERM] = "Diarré",
                                       [AE_PT] = "Diarrhoea",
                                       [AE_SOC] = "Gastrointestinal disorders",
                                       [AE_ONSET] = "2024-02",
                                       [AE_RESOLVED] = "2024-03-01T12:00",
                                       [AE_SERIOUS] = "f",
                                       [AE_OUTCOME] = "RECOVERED/RESOLVED",
                                       [AE_GRADE] = "2",
                                       [AE_RELATED] = "t",
                                       [AE_FORM] = "COMPLETE",
                                       [AE_DELETED] = "f",
                                       [AE_ENTERED] = "2024-02-20T10:00:00.000000Z"};

    memcpy(v, g, sizeof g);
}

static void good_trial(struct builder *b)
{
    const char *s[SUB_COLUMNS], *e[AE_COLUMNS];

    good_subject(s, "S1");
    t_row(b, SRC_SUBJECT, s);
    t_arm(b, "S1", "MAG", NULL);
    good_event(e, "A1", "S1");
    t_row(b, SRC_AE, e);
}

static void a_blameless_trial_reads_without_queries(void **state)
{
    struct builder *b = fresh();
    struct snapshot *s;
    const char *const version[] = {"contract_version", "1"}, *const trial[] = {"trial_id", "T"},
                      *const cutoff[] = {"data_cutoff", "2025-02-01T00:00:00Z"},
                      *const more[] = {"colour", "blue"};

    (void)state;
    good_trial(b);
    t_row(b, SRC_META, version);
    t_row(b, SRC_META, trial);
    t_row(b, SRC_META, cutoff);
    t_row(b, SRC_META, more);
    s = t_finish(b);
    assert_int_equal(s->n_queries, 0);
    assert_int_equal(s->n_subjects, 1);
    assert_int_equal(s->n_events, 1);
    assert_int_equal(s->contract_version, 1);
    assert_string_equal(t_str(s, s->trial_id), "T");
    assert_int_equal(instant_day(s->data_cutoff), day_from_ymd(2025, 2, 1));
    assert_int_equal(s->subjects[0].rand, day_from_ymd(2024, 1, 10));
    assert_int_equal(s->subjects[0].fu_reason, FU_COMPLETED);
    assert_int_equal(s->subjects[0].arm_planned, 1);
    assert_int_equal(s->subjects[0].arm_actual, 1);
    assert_int_equal(s->events[0].subject, 0);
    assert_int_equal(s->events[0].onset.first, day_from_ymd(2024, 2, 1));
    assert_int_equal(s->events[0].onset.last, day_from_ymd(2024, 2, 29));
    assert_int_equal(s->events[0].serious, TRI_NO);
    assert_int_equal(s->events[0].crit[CRIT_HOSP], TRI_UNKNOWN);
    assert_int_equal(s->events[0].related, TRI_YES);
    assert_int_equal(s->events[0].expected, TRI_UNKNOWN);
    assert_int_equal(s->events[0].outcome, OUT_RECOVERED);
    assert_int_equal(s->events[0].grade, 2);
    snapshot_free(s);
}

static void an_empty_trial_is_a_snapshot(void **state)
{
    struct snapshot *s = t_finish(fresh());

    (void)state;
    assert_int_equal(s->n_subjects + s->n_events + s->n_queries, 0);
    assert_int_equal(s->contract_version, 0);
    assert_true(s->data_cutoff == INSTANT_NONE);
    snapshot_free(s);
}

static void each_bad_subject_cell_is_a_query_and_the_subject_stays(void **state)
{
    const struct {
        int column;
        const char *value;
        enum query_code code;
    } cases[] = {
        {SUB_RAND, "yesterday", Q_UNREADABLE},
        {SUB_RAND, NULL, Q_NULL},
        {SUB_FIRST_DOSE, "2024-02-30", Q_UNREADABLE},
        {SUB_LAST_DOSE, "x", Q_UNREADABLE},
        {SUB_FU_END, "", Q_UNREADABLE},
        {SUB_FU_REASON, "went home", Q_UNKNOWN_CODE},
        {SUB_DEATH_DATE, "2024-13", Q_UNREADABLE},
        {SUB_DEATH_FLAG, NULL, Q_NULL},
        {SUB_DEATH_FLAG, "true?", Q_UNREADABLE},
        {SUB_UPDATED, "noon", Q_UNREADABLE},
        {SUB_ID, NULL, Q_NULL},
        {SUB_ID, "", Q_NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct builder *b = fresh();
        const char *v[SUB_COLUMNS];
        struct snapshot *s;

        good_subject(v, "S1");
        v[cases[i].column] = cases[i].value;
        t_row(b, SRC_SUBJECT, v);
        s = t_finish(b);
        assert_int_equal(s->n_subjects, 1);
        assert_int_equal(
            t_queries(s, cases[i].code, contract_views[SRC_SUBJECT].column[cases[i].column].name), 1);
        assert_int_equal(s->n_queries, 2); /* and it has no arm */
        snapshot_free(s);
    }
}

static void each_bad_event_cell_is_a_query_and_the_event_stays(void **state)
{
    const struct {
        int column;
        const char *value;
        enum query_code code;
    } cases[] = {
        {AE_ONSET, "2024-02-30", Q_UNREADABLE},
        {AE_RESOLVED, "soon", Q_UNREADABLE},
        {AE_SERIOUS, "maybe", Q_UNREADABLE},
        {AE_S_HOSP, "1", Q_UNREADABLE},
        {AE_OUTCOME, "GONE", Q_UNKNOWN_CODE},
        {AE_GRADE, "6", Q_UNREADABLE},
        {AE_FORM, "DRAFT", Q_UNKNOWN_CODE},
        {AE_FORM, NULL, Q_NULL},
        {AE_DELETED, NULL, Q_NULL},
        {AE_ENTERED, "x", Q_UNREADABLE},
        {AE_ID, NULL, Q_NULL},
        {AE_SUBJECT, NULL, Q_NULL},
        {AE_SUBJECT, "S9", Q_EVENT_WITHOUT_SUBJECT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct builder *b = fresh();
        const char *v[AE_COLUMNS];
        struct snapshot *s;

        good_trial(b);
        good_event(v, "A2", "S1");
        v[cases[i].column] = cases[i].value;
        if (cases[i].column == AE_SERIOUS) {
            v[AE_S_HOSP] = "t"; /* else unanswered, which is another query */
        }
        t_row(b, SRC_AE, v);
        s = t_finish(b);
        assert_int_equal(s->n_events, 2);
        assert_int_equal(t_queries(s, cases[i].code, contract_views[SRC_AE].column[cases[i].column].name), 1);
        assert_int_equal(s->n_queries, 1);
        assert_false(s->events[1].deleted);
        if (cases[i].column == AE_FORM) {
            assert_int_equal(s->events[1].form, FORM_INCOMPLETE);
        }
        snapshot_free(s);
    }
}

static void nobody_is_asked_about_deleted_events(void **state)
{
    struct builder *b = fresh();
    const char *v[AE_COLUMNS];
    struct snapshot *s;

    (void)state;
    good_trial(b);
    good_event(v, "A2", "S9");
    v[AE_DELETED] = "t";
    v[AE_ONSET] = "soon";
    v[AE_SERIOUS] = NULL;
    t_row(b, SRC_AE, v);
    s = t_finish(b);
    assert_true(s->events[1].deleted);
    assert_int_equal(s->n_queries, 0);
    snapshot_free(s);
}

static void codes_are_read_in_any_case_and_in_their_short_forms(void **state)
{
    const struct {
        const char *text;
        enum outcome want;
    } cases[] = {{"fatal", OUT_FATAL},
                 {" FATAL ", OUT_FATAL},
                 {"Recovered", OUT_RECOVERED},
                 {"RECOVERED/RESOLVED", OUT_RECOVERED},
                 {"resolving", OUT_RECOVERING},
                 {"RECOVERING/RESOLVING", OUT_RECOVERING},
                 {"not recovered/not resolved", OUT_NOT_RECOVERED},
                 {"NOT_RESOLVED", OUT_NOT_RECOVERED},
                 {"RECOVERED/RESOLVED WITH SEQUELAE", OUT_SEQUELAE},
                 {"UNKNOWN", OUT_UNKNOWN},
                 {NULL, OUT_UNKNOWN},
                 {" ", OUT_UNKNOWN}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct builder *b = fresh();
        const char *v[AE_COLUMNS];
        struct snapshot *s;

        good_event(v, "A1", NULL);
        v[AE_OUTCOME] = cases[i].text;
        t_row(b, SRC_AE, v);
        s = t_finish(b);
        assert_int_equal(s->events[0].outcome, cases[i].want);
        assert_int_equal(t_queries(s, Q_UNKNOWN_CODE, NULL), 0);
        snapshot_free(s);
    }
}

static void long_verbatims_are_cut_at_a_character(void **state)
{
    struct builder *b = fresh();
    const char *v[AE_COLUMNS];
    char *text = malloc(1000001);
    struct snapshot *s;

    (void)state;
    assert_non_null(text);
    for (int i = 0; i < 1000000; i += 2) {
        memcpy(text + i, "\xc3\xb8", 2);
    }
    text[1000000] = '\0';
    text[0] = 'x'; /* so that byte 4096 is the second of a character */
    text[1] = 'x';
    memmove(text + 1, text + 2, 999999);
    good_trial(b);
    good_event(v, "A2", "S1");
    v[AE_TERM] = text;
    t_row(b, SRC_AE, v);
    s = t_finish(b);
    assert_int_equal(pool_len(s->pool, s->events[1].term), TERM_MAX - 1);
    assert_memory_equal(t_str(s, s->events[1].term), text, TERM_MAX - 1);
    assert_int_equal(t_queries(s, Q_TEXT_TOO_LONG, "term"), 1);
    assert_int_equal(s->queries[0].value, 0);
    assert_int_equal(s->n_queries, 1);
    snapshot_free(s);
    free(text);
}

static void repaired_text_is_a_query_and_counts(void **state)
{
    struct builder *b = fresh();
    const char *v[AE_COLUMNS];
    struct field f[SRC_COLUMNS_MAX];
    struct snapshot *s;
    struct err e = {0};

    (void)state;
    good_trial(b);
    good_event(v, "A2", "S1");
    v[AE_TERM] = "diarr\xef\xbf\xbd";
    t_fields(SRC_AE, v, f);
    f[AE_TERM].repaired = true;
    assert_ok(builder_row(b, SRC_AE, f, &e), e);
    s = t_finish(b);
    assert_int_equal(t_queries(s, Q_BAD_TEXT, "term"), 1);
    assert_string_equal(t_str(s, s->events[1].term), "diarr\xef\xbf\xbd");
    snapshot_free(s);
}

static void arms_unknown_missing_double_or_astray_are_queries_without_the_code(void **state)
{
    struct builder *b = fresh();
    const char *v[SUB_COLUMNS];
    struct snapshot *s;

    (void)state;
    for (int i = 0; i < 7; i++) {
        char id[3] = {'S', (char)('1' + i), '\0'};

        good_subject(v, id);
        t_row(b, SRC_SUBJECT, v);
    }
    t_arm(b, "S1", "CANARY-PLANNED", NULL);
    t_arm(b, "S2", "PLA", "CANARY-ACTUAL");
    t_arm(b, "S3", "PLA", NULL);
    t_arm(b, "S3", "MAG", NULL);
    t_arm(b, "S4", "MAG", NULL);
    t_arm(b, "S4", "MAG", NULL);
    t_arm(b, "S5", "PLA", "HIGH");
    t_arm(b, "S6", NULL, NULL);
    t_arm(b, "S8", "PLA", NULL);
    s = t_finish(b);
    assert_int_equal(s->subjects[0].arm_planned, ARM_NONE);
    assert_int_equal(s->subjects[0].arm_actual, ARM_NONE);
    assert_int_equal(s->subjects[1].arm_planned, 0);
    assert_int_equal(s->subjects[1].arm_actual, ARM_NONE);
    assert_int_equal(s->subjects[2].arm_planned, ARM_NONE);
    assert_int_equal(s->subjects[2].arm_actual, ARM_NONE);
    assert_int_equal(s->subjects[3].arm_planned, 1);
    assert_int_equal(s->subjects[4].arm_planned, 0);
    assert_int_equal(s->subjects[4].arm_actual, 2);
    assert_int_equal(s->subjects[5].arm_planned, ARM_NONE);
    assert_int_equal(s->subjects[6].arm_planned, ARM_NONE);
    assert_int_equal(t_queries(s, Q_UNKNOWN_ARM, "arm_code"), 1);
    assert_int_equal(t_queries(s, Q_UNKNOWN_ARM, "actual_arm_code"), 1);
    assert_int_equal(t_queries(s, Q_DUPLICATE_KEY, NULL), 2);
    assert_int_equal(t_queries(s, Q_NULL, "arm_code"), 1);
    assert_int_equal(t_queries(s, Q_NO_ARM, NULL), 1);
    assert_int_equal(t_queries(s, Q_ARM_WITHOUT_SUBJECT, NULL), 1);
    assert_int_equal(s->n_queries, 7);
    for (size_t i = 1; i <= pool_count(s->pool); i++) { /* no code is among the strings that are kept */
        const char *p = pool_str(s->pool, (str_id)i);

        assert_null(strstr(p, "CANARY"));
        assert_string_not_equal(p, "MAG");
    }
    snapshot_free(s);
}

static void dates_out_of_order_are_queries(void **state)
{
    struct builder *b = fresh();
    const char *v[SUB_COLUMNS], *e[AE_COLUMNS];
    const char *const cutoff[] = {"data_cutoff", "2024-06-30T23:59:00Z"};
    struct snapshot *s;

    (void)state;
    good_subject(v, "S1");
    v[SUB_FIRST_DOSE] = "2024-01-09";
    v[SUB_LAST_DOSE] = "2024-01-08";
    v[SUB_FU_END] = "2023-12-31";
    t_row(b, SRC_SUBJECT, v);
    t_arm(b, "S1", "PLA", NULL);
    t_row(b, SRC_META, cutoff);
    good_event(e, "A1", "S1"); /* a partial resolution that may have been after the onset */
    e[AE_ONSET] = "2024-02-10";
    e[AE_RESOLVED] = "2024-02";
    t_row(b, SRC_AE, e);
    good_event(e, "A2", "S1");
    e[AE_ONSET] = "2024-02-10";
    e[AE_RESOLVED] = "2024-01";
    t_row(b, SRC_AE, e);
    good_event(e, "A3", "S1");
    e[AE_ONSET] = "2024-07-01";
    e[AE_RESOLVED] = NULL;
    t_row(b, SRC_AE, e);
    s = t_finish(b);
    assert_int_equal(t_queries(s, Q_DATE_ORDER, "first_dose"), 1);
    assert_int_equal(t_queries(s, Q_DATE_ORDER, "last_dose"), 1);
    assert_int_equal(t_queries(s, Q_DATE_ORDER, "fu_end"), 1);
    assert_int_equal(t_queries(s, Q_DATE_ORDER, "resolved"), 1);
    assert_int_equal(t_queries(s, Q_DATE_ORDER, "onset"), 1);
    assert_int_equal(s->n_queries, 5);
    snapshot_free(s);
}

static void deaths_that_disagree_are_queries(void **state)
{
    struct builder *b = fresh();
    const char *v[SUB_COLUMNS], *e[AE_COLUMNS];
    struct snapshot *s;

    (void)state;
    for (int i = 0; i < 4; i++) {
        char id[3] = {'S', (char)('1' + i), '\0'};

        good_subject(v, id);
        t_arm(b, id, "PLA", NULL);
        v[SUB_LAST_DOSE] = v[SUB_FU_END] = NULL;
        v[SUB_FU_REASON] = i == 0 || i == 3 ? "DEATH" : i == 1 ? "WITHDRAWN" : NULL;
        v[SUB_DEATH_FLAG] = i == 2 ? "f" : "t";
        v[SUB_DEATH_DATE] = i == 0 || i == 3 ? "2024-05" : NULL;
        t_row(b, SRC_SUBJECT, v);
        good_event(e, id, id); /* fatal for S1 (all agree), S3 (flag says alive), S4 (the dates differ) */
        e[AE_OUTCOME] = i == 1 ? "UNKNOWN" : "FATAL";
        e[AE_RESOLVED] = i == 3 ? "2024-06-01" : "2024-05-20";
        t_row(b, SRC_AE, e);
    }
    s = t_finish(b);
    assert_int_equal(t_queries(s, Q_DEATH_DISAGREES, "death_flag"), 1);
    assert_int_equal(t_queries(s, Q_DEATH_DISAGREES, "fu_reason"), 1);
    assert_int_equal(t_queries(s, Q_DEATH_DISAGREES, "death_date"), 1);
    assert_int_equal(t_queries(s, Q_DEATH_DISAGREES, NULL), 4); /* and S2 died without a fatal event */
    assert_int_equal(s->n_queries, 4);
    snapshot_free(s);
}

static void seriousness_unanswered_is_a_query_unless_a_criterion_answers_it(void **state)
{
    struct builder *b = fresh();
    const char *e[AE_COLUMNS];
    struct snapshot *s;

    (void)state;
    good_trial(b);
    good_event(e, "A2", "S1");
    e[AE_SERIOUS] = NULL;
    t_row(b, SRC_AE, e);
    good_event(e, "A3", "S1");
    e[AE_SERIOUS] = NULL;
    e[AE_S_LIFE] = "t";
    t_row(b, SRC_AE, e);
    s = t_finish(b);
    assert_int_equal(s->n_queries, 1);
    assert_string_equal(t_str(s, s->queries[0].key), "A2");
    assert_int_equal(s->queries[0].code, Q_SERIOUS_UNANSWERED);
    snapshot_free(s);
}

static void much_unanswered_seriousness_is_one_query(void **state)
{
    (void)state;
    for (size_t n = SERIOUS_LISTED; n <= SERIOUS_LISTED + 1; n++) {
        struct builder *b = fresh();
        struct snapshot *s;

        good_trial(b); /* one event, answered */
        for (size_t i = 0; i < n; i++) {
            const char *e[AE_COLUMNS];
            char id[32];

            (void)snprintf(id, sizeof id, "N%03zu", i);
            good_event(e, id, "S1");
            e[AE_SERIOUS] = NULL;
            t_row(b, SRC_AE, e);
        }
        s = t_finish(b);
        assert_int_equal(t_queries(s, Q_SERIOUS_UNANSWERED, "serious"), n <= SERIOUS_LISTED ? n : 1);
        if (n > SERIOUS_LISTED) {
            assert_int_equal(s->queries[0].key, 0);
            assert_string_equal(t_str(s, s->queries[0].value), "101 of 102 events");
        }
        snapshot_free(s);
    }
}

static void adjudications_find_their_events(void **state)
{
    struct builder *b = fresh();
    const char *const one[] = {"A1", "cardiovascular", "confirmed", NULL},
                      *const astray[] = {"A9", "cardiovascular", "REFUTED", NULL},
                      *const odd[] = {"A1", "death", "PERHAPS", NULL};
    struct snapshot *s;

    (void)state;
    good_trial(b);
    t_row(b, SRC_ADJUDICATION, one);
    t_row(b, SRC_ADJUDICATION, astray);
    t_row(b, SRC_ADJUDICATION, odd);
    s = t_finish(b);
    assert_int_equal(s->n_adjudications, 2);
    assert_int_equal(s->adjudications[0].event, 0);
    assert_int_equal(s->adjudications[0].verdict, ADJ_CONFIRMED);
    assert_int_equal(s->adjudications[1].verdict, ADJ_NONE);
    assert_int_equal(t_queries(s, Q_ADJUDICATION_WITHOUT_EVENT, "ae_id"), 1);
    assert_int_equal(t_queries(s, Q_UNKNOWN_CODE, "verdict"), 1);
    snapshot_free(s);
}

static void reviews_come_after_the_sources_own_and_ask_nothing_of_it(void **state)
{
    struct builder *b = fresh();
    const char *const when = "2024-02-20T00:00:00Z";
    const char *const source[] = {"A1", "cardiovascular", "PENDING", NULL},
                      *const stands[] = {"A1", "cardiovascular", "REFUTED", when, "t"},
                      *const changed[] = {"A1", "death", "REFUTED", when, "f"},
                      *const astray[] = {"A9", "death", "REFUTED", when, "t"};
    struct snapshot *s;

    (void)state;
    good_trial(b);
    t_row(b, SRC_REVIEW, stands);
    t_row(b, SRC_REVIEW, changed);
    t_row(b, SRC_REVIEW, astray);
    t_row(b, SRC_ADJUDICATION, source);
    s = t_finish(b);
    assert_int_equal(s->n_adjudications, 3);
    assert_true(!s->adjudications[0].review && s->adjudications[0].verdict == ADJ_PENDING);
    assert_true(s->adjudications[1].review && !s->adjudications[1].again);
    assert_true(s->adjudications[2].review && s->adjudications[2].again);
    assert_int_equal(s->adjudications[2].verdict, ADJ_REFUTED);
    assert_int_equal(t_queries(s, Q_ADJUDICATION_WITHOUT_EVENT, NULL), 0);
    snapshot_free(s);
}

static void a_row_that_comes_twice_is_asked_about_once(void **state)
{
    struct builder *b = fresh();
    struct snapshot *s;

    (void)state;
    good_trial(b);
    good_trial(b); /* every row twice */
    s = t_finish(b);
    assert_int_equal(s->n_events, 1);
    assert_int_equal(t_queries(s, Q_DUPLICATE_KEY, NULL), 3); /* subject, arm, ae: once each */
    snapshot_free(s);
}

/* The snapshot as text, strings spelled out: what must not depend on the order of rows. */
static void describe(const struct snapshot *s, struct buf *out)
{
    for (size_t i = 0; i < s->n_subjects; i++) {
        const struct subject *x = &s->subjects[i];

        buf_fmt(out, "%s|%s|%s|%d|%d|%d|%d|%d|%d|%d|%d|%d\n", t_str(s, x->id), t_str(s, x->site),
                t_str(s, x->stratum), x->rand, x->first_dose, x->last_dose, x->fu_end, (int)x->fu_reason,
                x->death_date.first, x->death_flag, x->arm_planned, x->arm_actual);
    }
    for (size_t i = 0; i < s->n_events; i++) {
        const struct event *x = &s->events[i];

        buf_fmt(out, "%s|%s|%s|%u|%d|%d|%d|%d|%d\n", t_str(s, x->id), t_str(s, x->episode), t_str(s, x->term),
                x->subject, x->onset.first, x->onset.last, x->serious, x->outcome, x->deleted);
    }
    for (size_t i = 0; i < s->n_adjudications; i++) {
        const struct adjudication *x = &s->adjudications[i];

        buf_fmt(out, "%u|%s|%d\n", x->event, t_str(s, x->category), x->verdict);
    }
    for (size_t i = 0; i < s->n_queries; i++) {
        const struct query *x = &s->queries[i];

        buf_fmt(out, "%s|%d|%s|%s|%s\n", query_name(x->code), (int)x->view, t_str(s, x->key),
                x->column == NULL ? "" : x->column, t_str(s, x->value));
    }
}

struct source_row {
    enum src_view view;
    char text[AE_COLUMNS][16];
    bool null[AE_COLUMNS];
};

static void random_row(struct source_row *r, uint64_t *seed)
{
    static const char *const values[] = {"2024-01-10", "2024-05", "t",     "f", "PLA", "MAG",
                                         "A1",         "S1",      "DEATH", "x", ""};
    size_t n;

    memset(r, 0, sizeof *r);
    r->view = (enum src_view)t_below(seed, SRC_VIEWS);
    n = contract_views[r->view].n_columns;
    for (size_t c = 0; c < n; c++) {
        (void)strcpy(r->text[c], values[t_below(seed, sizeof values / sizeof *values)]);
        r->null[c] = t_below(seed, 4) == 0;
    }
    for (size_t c = 0; c < 2; c++) { /* ids collide often, and references often fit */
        (void)snprintf(r->text[c], sizeof r->text[c], "%c%d", r->view == SRC_AE && c == 0 ? 'A' : 'S',
                       (int)t_below(seed, 8));
    }
    if (r->view == SRC_ADJUDICATION || r->view == SRC_REVIEW) {
        r->text[ADJ_AE][0] = 'A';
    }
    if (r->view == SRC_ARM) {
        (void)strcpy(r->text[ARM_CODE], t_below(seed, 2) == 0 ? "PLA" : "MAG");
    }
}

static void rows_in_any_order_give_the_same_snapshot(void **state)
{
    enum { ROWS = 120 };
    uint64_t seed = 42;

    (void)state;
    for (int trial = 0; trial < 100; trial++) {
        struct source_row rows[ROWS];
        struct buf first = {0};

        for (int i = 0; i < ROWS; i++) {
            random_row(&rows[i], &seed);
        }
        for (int shuffle = 0; shuffle < 3; shuffle++) {
            struct builder *b = fresh();
            struct snapshot *s;
            struct buf now = {0};

            for (int i = 0; i < ROWS; i++) {
                const char *v[AE_COLUMNS];

                for (size_t c = 0; c < AE_COLUMNS; c++) {
                    v[c] = rows[i].null[c] ? NULL : rows[i].text[c];
                }
                t_row(b, rows[i].view, v);
            }
            s = t_finish(b);
            describe(s, &now);
            snapshot_free(s);
            if (shuffle == 0) {
                buf_str(&first, buf_cstr(&now));
            } else {
                assert_string_equal(buf_cstr(&now), buf_cstr(&first));
            }
            buf_done(&now);
            for (size_t i = ROWS - 1; i > 0; i--) {
                size_t j = t_below(&seed, i + 1);
                struct source_row x = rows[i];

                rows[i] = rows[j];
                rows[j] = x;
            }
        }
        buf_done(&first);
    }
}

static void every_query_has_a_name_and_a_text(void **state)
{
    (void)state;
    for (int i = Q_UNREADABLE; i <= Q_SERIOUS_UNANSWERED; i++) {
        assert_true(strlen(query_name((enum query_code)i)) > 3);
        assert_true(strlen(query_text((enum query_code)i)) > 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_blameless_trial_reads_without_queries),
        cmocka_unit_test(an_empty_trial_is_a_snapshot),
        cmocka_unit_test(each_bad_subject_cell_is_a_query_and_the_subject_stays),
        cmocka_unit_test(each_bad_event_cell_is_a_query_and_the_event_stays),
        cmocka_unit_test(nobody_is_asked_about_deleted_events),
        cmocka_unit_test(codes_are_read_in_any_case_and_in_their_short_forms),
        cmocka_unit_test(long_verbatims_are_cut_at_a_character),
        cmocka_unit_test(repaired_text_is_a_query_and_counts),
        cmocka_unit_test(arms_unknown_missing_double_or_astray_are_queries_without_the_code),
        cmocka_unit_test(dates_out_of_order_are_queries),
        cmocka_unit_test(deaths_that_disagree_are_queries),
        cmocka_unit_test(seriousness_unanswered_is_a_query_unless_a_criterion_answers_it),
        cmocka_unit_test(much_unanswered_seriousness_is_one_query),
        cmocka_unit_test(adjudications_find_their_events),
        cmocka_unit_test(reviews_come_after_the_sources_own_and_ask_nothing_of_it),
        cmocka_unit_test(a_row_that_comes_twice_is_asked_about_once),
        cmocka_unit_test(rows_in_any_order_give_the_same_snapshot),
        cmocka_unit_test(every_query_has_a_name_and_a_text),
    };

    return cmocka_run_group_tests(tests, make_arms, drop_arms);
}
