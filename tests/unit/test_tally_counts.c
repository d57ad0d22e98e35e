#include "tally/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/t.h"
#include "support/t_trial.h"

/* The verbatim says the class: g gastrointestinal, c cardiovascular (m: its subtype MI), d death, r review for g. */
enum { GI, CV, DEATH, CATEGORIES, SUB_MI = 0, SUBTYPES };

static const int subtype_category[SUBTYPES] = {CV};
static const struct tally_shape shape = {
    .n_arms = 2, .n_categories = CATEGORIES, .n_subtypes = SUBTYPES, .subtype_category = subtype_category};
static const char *const codes[] = {"PLA", "MAG"};

struct trial {
    struct arms arms;
    struct builder *b;
    struct snapshot *s;
    struct classes c;
};

static void open_trial(struct trial *t)
{
    struct err e = {0};

    *t = (struct trial){0};
    t_arms(&t->arms, 2, codes);
    assert_ok(builder_new(&t->arms, &t->b, &e), e);
}

static void classify(struct trial *t)
{
    t->c = (struct classes){.n_events = t->s->n_events, .n_subjects = t->s->n_subjects};
    t->c.events = calloc(t->s->n_events + 1, sizeof *t->c.events);
    t->c.subjects = calloc(t->s->n_subjects + 1, sizeof *t->c.subjects);
    assert_true(t->c.events != NULL && t->c.subjects != NULL);
    for (size_t i = 0; i < t->s->n_events; i++) {
        const char *term = t_str(t->s, t->s->events[i].term);
        struct event_class *k = &t->c.events[i];

        k->categories |= strchr(term, 'g') != NULL ? 1u << GI : 0u;
        k->categories |= strpbrk(term, "cm") != NULL ? 1u << CV : 0u;
        k->categories |= strchr(term, 'd') != NULL ? 1u << DEATH : 0u;
        k->subtypes |= strchr(term, 'm') != NULL ? 1u << SUB_MI : 0u;
        k->review |= strchr(term, 'r') != NULL ? 1u << GI : 0u;
        k->flags |= strchr(term, 's') != NULL ? CLASS_SUSPECTED : 0;
    }
    for (size_t i = 0; i < t->s->n_subjects; i++) {
        const struct subject *sub = &t->s->subjects[i];

        if (sub->death_flag) {
            t->c.subjects[i] = (struct subject_class){
                .categories = 1u << DEATH, .first = sub->death_date.first, .last = sub->death_date.last};
        }
    }
}

static void close_rows(struct trial *t)
{
    t->s = t_finish(t->b);
    t->b = NULL;
    classify(t);
}

static void close_trial(struct trial *t)
{
    free(t->c.events);
    free(t->c.subjects);
    snapshot_free(t->s);
    arms_done(&t->arms);
}

static void add(struct trial *t, const char *id, const char *arm, const char *rand, const char *first_dose,
                const char *last_dose, const char *fu_end)
{
    t_subject(t->b, id, rand, first_dose, last_dose, fu_end);
    if (arm != NULL) {
        t_arm(t->b, id, arm, NULL);
    }
}

static struct tally_options options(const char *cut)
{
    struct tally_options o;
    day_t day = DAY_NONE;

    assert_true(day_parse(cut, strlen(cut), &day));
    o = tally_defaults(day);
    o.death_category = DEATH;
    return o;
}

static struct tally_row *count(const struct trial *t, const struct tally_options *o, size_t *n)
{
    struct tally_row *rows = NULL;
    struct err e = {0};

    assert_ok(tally_counts(t->s, &t->c, &shape, o, &rows, n, &e), e);
    return rows;
}

static const struct tally_row *row(const struct tally_row *rows, size_t n, int category, enum window w,
                                   int arm)
{
    const struct tally_row *r =
        tally_find(rows, n, category, NO_SUBTYPE, POP_RANDOMISED, w, BASIS_PLANNED, arm);

    assert_non_null(r);
    return r;
}

static struct first_event *first(const struct trial *t, int category, const struct tally_options *o,
                                 size_t *n)
{
    struct first_event *f = NULL;
    struct err e = {0};

    assert_ok(tally_first_events(t->s, &t->c, (struct tally_target){.category = category}, o, &f, n, &e), e);
    return f;
}

static day_t day(const char *s)
{
    day_t d = DAY_NONE;

    assert_true(day_parse(s, strlen(s), &d));
    return d;
}

static void person_time_by_hand(void **state)
{
    struct tally_options o = options("2024-02-10");
    struct tally_row *rows;
    const struct tally_row *r;
    struct risk_time *times = NULL;
    struct trial t;
    struct err e = {0};
    size_t n = 0;

    (void)state;
    open_trial(&t);
    add(&t, "A", "PLA", "2024-01-01", "2024-01-02", "2024-01-20", "2024-01-31");
    t_event(t.b, "1", "A", NULL, "g", "2024-01-10");
    t_event(t.b, "2", "A", NULL, "g", "2024-01-12");
    add(&t, "B", "MAG", "2024-01-05", "2024-01-05", NULL, NULL); /* on treatment, followed to the cut */
    add(&t, "C", "MAG", "2024-01-03", NULL, NULL,
        "2024-01-13"); /* never dosed; its event came after follow-up */
    t_event(t.b, "3", "C", NULL, "g", "2024-01-20");
    add(&t, "D", NULL, "2024-01-01", NULL, NULL, "2024-01-01"); /* no arm; one day */
    t_event(t.b, "4", "D", NULL, "g", "2024-01-01");
    add(&t, "E", "PLA", "2024-02-11", NULL, NULL, NULL); /* after the cut: not there yet */
    t_event(t.b, "5", "E", NULL, "g", "2024-02-12");
    close_rows(&t);

    rows = count(&t, &o, &n);
    r = row(rows, n, GI, WINDOW_ALL, 0);
    assert_int_equal(r->n, 1);
    assert_int_equal(r->subjects, 1);
    assert_int_equal(r->rows, 2);
    assert_int_equal(r->observed_days, 31);
    assert_int_equal(r->risk_days, 10);
    r = row(rows, n, GI, WINDOW_ALL, 1);
    assert_int_equal(r->n, 2);
    assert_int_equal(r->subjects, 1);
    assert_int_equal(r->observed_days, 37 + 11);
    assert_int_equal(r->risk_days, 37 + 11);
    r = row(rows, n, GI, WINDOW_ALL, ROW_ARM_UNKNOWN);
    assert_int_equal(r->n, 1);
    assert_int_equal(r->subjects, 1);
    assert_int_equal(r->risk_days, 1);
    r = row(rows, n, GI, WINDOW_ALL, ROW_TOTAL);
    assert_int_equal(r->n, 4);
    assert_int_equal(r->subjects, 3);
    assert_int_equal(r->observed_days, 31 + 48 + 1);
    r = row(rows, n, GI, WINDOW_TE, 1); /* C was never dosed: in the denominator, without a day */
    assert_int_equal(r->n, 2);
    assert_int_equal(r->subjects, 0);
    assert_int_equal(r->observed_days, 37);
    r = row(rows, n, GI, WINDOW_TE, 0); /* from the first dose on */
    assert_int_equal(r->observed_days, 30);
    assert_int_equal(r->risk_days, 9);
    r = row(rows, n, CV, WINDOW_ALL, 0);
    assert_int_equal(r->subjects, 0);
    assert_int_equal(r->risk_days, 31);
    r = tally_find(rows, n, GI, NO_SUBTYPE, POP_DOSED, WINDOW_ALL, BASIS_PLANNED, 1);
    assert_int_equal(r->n, 1);
    assert_int_equal(r->subjects, 0);
    free(rows);

    assert_ok(tally_risk_times(t.s, &t.c, (struct tally_target){.category = GI}, &o, &times, &e), e);
    assert_int_equal(times[2].leave, day("2024-01-13"));
    assert_int_equal(times[2].event, day("2024-01-13")); /* moved to the last day under observation */
    assert_int_equal(times[3].arm, ARM_NONE);
    assert_int_equal(times[4].enter, DAY_NONE);
    free(times);
    assert_near(tally_years(1461), 4.0, 0.0);
    close_trial(&t);
}

/* Randomised 1 March, dosed 10 March to 20 March, followed to 30 June, cut 31 December, window 30 days: to 19 April. */
static void partial_and_odd_onsets_by_hand(void **state)
{
    const struct {
        const char *onset, *resolved;
        bool all, te;
        const char *day, *day_te;
        unsigned flags, flags_te;
    } cases[] = {
        {"2024-03-15", NULL, true, true, "2024-03-15", "2024-03-15", 0, 0},
        {"2024-03-09", NULL, true, false, "2024-03-09", NULL, 0, 0},
        {"2024-03-10", NULL, true, true, "2024-03-10", "2024-03-10", 0, 0},
        {"2024-04-19", NULL, true, true, "2024-04-19", "2024-04-19", 0, 0},
        {"2024-04-20", NULL, true, false, "2024-04-20", NULL, 0, 0},
        {"2024-02-01", NULL, true, false, "2024-03-01", NULL, FIRST_OUTSIDE, 0},
        {"2024-08-01", NULL, true, false, "2024-06-30", NULL, FIRST_OUTSIDE, 0},
        {"2025-01-01", NULL, false, false, NULL, NULL, 0, 0},
        {"2024", NULL, true, true, "2024-03-01", "2024-03-10", FIRST_PARTIAL, FIRST_PARTIAL},
        {"2024-03", NULL, true, true, "2024-03-01", "2024-03-10", FIRST_PARTIAL, FIRST_PARTIAL},
        {"2024-04", NULL, true, true, "2024-04-01", "2024-04-01", FIRST_PARTIAL, FIRST_PARTIAL},
        {"2024-05", NULL, true, false, "2024-05-01", NULL, FIRST_PARTIAL, 0},
        {"2024-02", NULL, true, false, "2024-03-01", NULL, FIRST_PARTIAL | FIRST_OUTSIDE, 0},
        {"2024-03", "2024-03-08", true, false, "2024-03-01", NULL, FIRST_PARTIAL,
         0}, /* over before the first dose */
        {NULL, NULL, true, true, "2024-03-01", "2024-03-10", FIRST_UNKNOWN, FIRST_UNKNOWN},
        {NULL, "2024-03-02", true, false, "2024-03-01", NULL, FIRST_UNKNOWN, 0},
        {"2034-03-15", NULL, true, true, "2024-03-01", "2024-03-10", FIRST_UNKNOWN,
         FIRST_UNKNOWN}, /* a slip */
        {"2024-03-15", "2024-03-14", true, true, "2024-03-15", "2024-03-15", 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tally_options o = options("2024-12-31");
        const char *v[AE_COLUMNS] = {[AE_ID] = "1",      [AE_SUBJECT] = "A",     [AE_TERM] = "g",
                                     [AE_SERIOUS] = "f", [AE_FORM] = "COMPLETE", [AE_DELETED] = "f"};
        struct trial t;

        o.te_days = 30;
        o.read_day = day("2025-06-01");
        open_trial(&t);
        add(&t, "A", "PLA", "2024-03-01", "2024-03-10", "2024-03-20", "2024-06-30");
        v[AE_ONSET] = cases[i].onset;
        v[AE_RESOLVED] = cases[i].resolved;
        t_row(t.b, SRC_AE, v);
        close_rows(&t);
        for (int w = 0; w < 2; w++) {
            const char *want = w == 0 ? cases[i].day : cases[i].day_te;
            struct first_event *f;
            size_t n = 0;

            o.window = w == 0 ? WINDOW_ALL : WINDOW_TE;
            f = first(&t, GI, &o, &n);
            assert_int_equal(n, w == 0 ? cases[i].all : cases[i].te);
            if (n == 1) {
                assert_int_equal(f[0].day, day(want));
                assert_int_equal(f[0].flags, w == 0 ? cases[i].flags : cases[i].flags_te);
            }
            free(f);
        }
        close_trial(&t);
    }
}

static void a_dated_event_goes_before_one_without_onset(void **state)
{
    struct tally_options o = options("2024-12-31");
    struct first_event *f;
    struct trial t;
    size_t n = 0;

    (void)state;
    open_trial(&t);
    add(&t, "A", "PLA", "2024-03-01", NULL, NULL, NULL);
    t_event(t.b, "1", "A", NULL, "g", NULL);
    t_event(t.b, "2", "A", NULL, "g", "2024-05-05");
    t_event(t.b, "3", "A", NULL, "g", "2024-05-04");
    t_event(t.b, "4", "A", NULL, "g", "2024-05-04");
    close_rows(&t);
    f = first(&t, GI, &o, &n);
    assert_int_equal(n, 1);
    assert_int_equal(f[0].event, 2);
    assert_int_equal(f[0].day, day("2024-05-04"));
    assert_int_equal(f[0].flags, 0);
    free(f);
    close_trial(&t);
}

static void add_death(struct trial *t, const char *id, const char *fu_end, const char *reason,
                      const char *date, const char *flag)
{
    const char *const v[SUB_COLUMNS] = {
        [SUB_ID] = id,           [SUB_RAND] = "2024-01-01", [SUB_FU_END] = fu_end, [SUB_FU_REASON] = reason,
        [SUB_DEATH_DATE] = date, [SUB_DEATH_FLAG] = flag};

    t_row(t->b, SRC_SUBJECT, v);
    t_arm(t->b, id, "MAG", NULL);
}

static void deaths_go_by_the_day_of_death(void **state)
{
    const char *const fatal[AE_COLUMNS] = {
        [AE_ID] = "5",      [AE_SUBJECT] = "E",           [AE_TERM] = "d",        [AE_ONSET] = "2024-04-01",
        [AE_SERIOUS] = "t", [AE_RESOLVED] = "2024-04-20", [AE_OUTCOME] = "FATAL", [AE_FORM] = "COMPLETE",
        [AE_DELETED] = "f"};
    struct tally_options o = options("2024-12-31");
    struct first_event *f;
    struct risk_time *times = NULL;
    struct tally_row *rows;
    const struct tally_row *r;
    struct trial t;
    struct err e = {0};
    size_t n = 0;

    (void)state;
    open_trial(&t);
    add_death(&t, "A", "2024-06-10", "DEATH", "2024-06-10", "t");
    t_event(t.b, "1", "A", NULL, "cd", "2024-06-01"); /* what it died of began nine days earlier */
    add_death(&t, "B", NULL, NULL, "2024-06", "t");
    add_death(&t, "C", NULL, NULL, NULL, "t"); /* undated: heard of last on 1 March */
    t_event(t.b, "3", "C", NULL, "g", "2024-03-01");
    add_death(&t, "D", "2024-07-01", "WITHDRAWN", NULL, "t");
    add_death(&t, "E", NULL, NULL, NULL, "f"); /* known from the fatal event only */
    t_row(t.b, SRC_AE, fatal);
    add_death(&t, "F", NULL, NULL, "2025-01-15", "t"); /* after the cut */
    close_rows(&t);

    f = first(&t, DEATH, &o, &n);
    assert_int_equal(n, 5);
    assert_int_equal(f[0].day, day("2024-06-10"));
    assert_int_equal(f[0].event, 0);
    assert_int_equal(f[1].day, day("2024-06-01"));
    assert_int_equal(f[1].event, NO_EVENT);
    assert_int_equal(f[1].flags, FIRST_PARTIAL);
    assert_int_equal(f[2].day, day("2024-03-01"));
    assert_int_equal(f[2].flags, FIRST_UNKNOWN);
    assert_int_equal(f[3].day, day("2024-07-01"));
    assert_int_equal(f[4].day, day("2024-04-20"));
    free(f);
    f = first(&t, CV, &o, &n); /* the same row as a cardiovascular event goes by its onset */
    assert_int_equal(n, 1);
    assert_int_equal(f[0].day, day("2024-06-01"));
    free(f);
    assert_ok(tally_risk_times(t.s, &t.c, (struct tally_target){.category = GI}, &o, &times, &e), e);
    assert_int_equal(times[0].leave, day("2024-06-10"));
    assert_int_equal(times[1].leave, day("2024-06-30")); /* the last possible day */
    assert_int_equal(times[2].leave, day("2024-03-01"));
    assert_int_equal(times[4].leave, day("2024-04-20"));
    assert_int_equal(times[5].leave, day("2024-12-31"));
    free(times);
    rows = count(&t, &o, &n);
    r = row(rows, n, DEATH, WINDOW_ALL, 1);
    assert_int_equal(r->subjects, 5);
    assert_int_equal(r->rows, 2);
    assert_int_equal(r->episodes, 5);
    free(rows);
    close_trial(&t);
}

static void rows_of_one_episode_are_counted_once(void **state)
{
    struct tally_options o = options("2024-12-31");
    struct tally_row *rows;
    const struct tally_row *r;
    struct trial t;
    size_t n = 0;

    (void)state;
    open_trial(&t);
    add(&t, "A", "PLA", "2024-03-01", NULL, NULL, NULL);
    add(&t, "B", "PLA", "2024-03-01", NULL, NULL, NULL);
    t_event(t.b, "1", "A", "E1", "g", "2024-04-01");
    t_event(t.b, "2", "A", "E2", "c", "2024-04-01");
    t_event(t.b, "3", "A", "E1", "g", "2024-04-08");
    t_event(t.b, "4", "A", "E1", "x", "2024-04-15"); /* re-reported, not as gastrointestinal */
    t_event(t.b, "5", "A", NULL, "g", "2024-04-01");
    t_event(t.b, "6", "A", NULL, "gs", "2024-04-01");
    t_event(t.b, "7", "B", "E1", "g", "2024-04-01"); /* another subject's episode of the same name */
    t_event(t.b, "8", "B", "E1", "r", "2024-04-01");
    t_event(t.b, "9", "B", "E3", "m", "2024-04-01");
    close_rows(&t);
    rows = count(&t, &o, &n);
    r = row(rows, n, GI, WINDOW_ALL, 0);
    assert_int_equal(r->subjects, 2);
    assert_int_equal(r->rows, 5);
    assert_int_equal(r->episodes, 4);
    assert_int_equal(r->suspected, 1);
    assert_int_equal(r->review, 1);
    r = row(rows, n, TALLY_ANY, WINDOW_ALL, 0);
    assert_int_equal(r->rows, 9);
    assert_int_equal(r->episodes, 6);
    r = tally_find(rows, n, CV, SUB_MI, POP_RANDOMISED, WINDOW_ALL, BASIS_PLANNED, 0);
    assert_int_equal(r->subjects, 1);
    assert_int_equal(row(rows, n, CV, WINDOW_ALL, 0)->subjects, 2);
    free(rows);
    close_trial(&t);
}

static void events_of_nobody_are_rows_in_no_arm(void **state)
{
    struct tally_options o = options("2024-12-31");
    struct tally_row *rows;
    struct trial t;
    size_t n = 0;

    (void)state;
    open_trial(&t);
    t_event(t.b, "1", "Z", "E1", "g", "2024-04-01");
    close_rows(&t);
    rows = count(&t, &o, &n);
    assert_int_equal(row(rows, n, GI, WINDOW_ALL, ROW_ARM_UNKNOWN)->rows, 1);
    assert_int_equal(row(rows, n, GI, WINDOW_ALL, ROW_TOTAL)->rows, 1);
    assert_int_equal(row(rows, n, GI, WINDOW_ALL, ROW_TOTAL)->subjects, 0);
    assert_int_equal(row(rows, n, GI, WINDOW_TE, ROW_TOTAL)->rows, 0);
    assert_int_equal(row(rows, n, GI, WINDOW_ALL, 0)->rows, 0);
    free(rows);
    close_trial(&t);
}

static void deleted_events_never_count(void **state)
{
    const char *const v[AE_COLUMNS] = {[AE_ID] = "1",      [AE_SUBJECT] = "A",     [AE_TERM] = "g",
                                       [AE_SERIOUS] = "f", [AE_FORM] = "COMPLETE", [AE_DELETED] = "t"};
    struct tally_options o = options("2024-12-31");
    struct tally_row *rows;
    struct first_event *f;
    struct trial t;
    size_t n = 0;

    (void)state;
    open_trial(&t);
    add(&t, "A", "PLA", "2024-03-01", NULL, NULL, NULL);
    t_row(t.b, SRC_AE, v);
    close_rows(&t);
    rows = count(&t, &o, &n);
    assert_int_equal(row(rows, n, TALLY_ANY, WINDOW_ALL, ROW_TOTAL)->rows, 0);
    free(rows);
    f = first(&t, TALLY_ANY, &o, &n);
    assert_int_equal(n, 0);
    free(f);
    close_trial(&t);
}

static void an_empty_trial_and_an_empty_arm_are_rows_of_zero(void **state)
{
    struct tally_options o = options("2024-12-31");

    (void)state;
    for (int subjects = 0; subjects < 2; subjects++) {
        struct population_counts *p = NULL;
        struct tally_row *rows;
        struct trial t;
        struct err e = {0};
        size_t n = 0;

        open_trial(&t);
        if (subjects == 1) {
            add(&t, "A", "MAG", "2024-03-01", NULL, NULL, NULL);
        }
        close_rows(&t);
        rows = count(&t, &o, &n);
        assert_int_equal(n, (1 + CATEGORIES + SUBTYPES) * 8 * 4);
        for (size_t i = 0; i < n; i++) {
            bool of_a =
                (rows[i].arm == 1 || rows[i].arm == ROW_TOTAL) && rows[i].population == POP_RANDOMISED;

            assert_int_equal(rows[i].n, of_a ? subjects : 0);
            assert_int_equal(rows[i].subjects + rows[i].rows + rows[i].episodes, 0);
        }
        free(rows);
        assert_ok(tally_populations(t.s, 2, &o, &p, &e), e);
        assert_int_equal(p[0].randomised, 0);
        assert_int_equal(p[3].randomised, subjects);
        free(p);
        close_trial(&t);
    }
}

static void disposition_by_hand(void **state)
{
    const struct {
        const char *id, *first, *last, *end, *reason, *death;
    } subjects[] = {
        {"A", "2024-01-01", NULL, NULL, NULL, NULL},                        /* ongoing, on treatment */
        {"B", "2024-01-01", "2024-01-10", "2024-01-31", "COMPLETED", NULL}, /* 31 days followed, 10 exposed */
        {"C", "2024-01-01", "2024-01-05", "2024-01-10", "WITHDRAWN", NULL}, /* 10 of 100 days */
        {"D", NULL, NULL, "2024-01-20", "LOST", NULL},                      /* never dosed */
        {"E", "2024-01-01", "2024-01-10", "2024-01-10", "DEATH", "2024-01-10"},
        {"F", "2024-01-01", NULL, "2024-06-01", "COMPLETED", NULL}, /* its end lies after the cut */
        {"G", "2024-01-01", NULL, "2024-01-10", NULL, NULL},        /* an end without a reason */
    };
    struct tally_options o = options("2024-04-09"); /* the 100th day */
    struct population_counts *p = NULL;
    struct trial t;
    struct err e = {0};

    (void)state;
    open_trial(&t);
    for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) {
        const char *const v[SUB_COLUMNS] = {[SUB_ID] = subjects[i].id,
                                            [SUB_RAND] = "2024-01-01",
                                            [SUB_FIRST_DOSE] = subjects[i].first,
                                            [SUB_LAST_DOSE] = subjects[i].last,
                                            [SUB_FU_END] = subjects[i].end,
                                            [SUB_FU_REASON] = subjects[i].reason,
                                            [SUB_DEATH_DATE] = subjects[i].death,
                                            [SUB_DEATH_FLAG] = subjects[i].death == NULL ? "f" : "t"};

        t_row(t.b, SRC_SUBJECT, v);
        t_arm(t.b, subjects[i].id, "PLA", NULL);
    }
    close_rows(&t);
    assert_ok(tally_populations(t.s, 2, &o, &p, &e), e);
    assert_int_equal(p[0].randomised, 7);
    assert_int_equal(p[0].dosed, 6);
    assert_int_equal(p[0].ongoing, 2);
    assert_int_equal(p[0].completed, 1);
    assert_int_equal(p[0].withdrawn, 1);
    assert_int_equal(p[0].lost, 1);
    assert_int_equal(p[0].died, 1);
    assert_int_equal(p[0].other, 1);
    assert_int_equal(p[0].undated_deaths, 0);
    assert_int_equal(p[0].treatment_ended, 3);
    assert_int_equal(p[0].followed_days, 100 + 31 + 10 + 20 + 10 + 100 + 10);
    assert_int_equal(p[0].potential_days, 100 + 31 + 100 + 100 + 10 + 100 + 10);
    assert_int_equal(p[0].exposed_days, 100 + 10 + 5 + 10 + 100 + 10);
    assert_int_equal(p[3].randomised, 7);
    free(p);
    close_trial(&t);
}

static void classes_of_another_snapshot_are_refused(void **state)
{
    struct tally_options o = options("2024-12-31");
    struct tally_row *rows = NULL;
    struct first_event *f = NULL;
    struct trial t;
    struct err e = {0};
    size_t n = 0;

    (void)state;
    open_trial(&t);
    close_rows(&t);
    t.c.n_events = 1;
    assert_int_equal(tally_counts(t.s, &t.c, &shape, &o, &rows, &n, &e), E_INTERNAL);
    assert_int_equal(tally_first_events(t.s, &t.c, (struct tally_target){.category = GI}, &o, &f, &n, &e),
                     E_INTERNAL);
    assert_null(rows);
    close_trial(&t);
}

/* --- random trials --- */

enum { SUBJECTS = 12, EVENTS = 40 };

struct made {
    char id[16], subject[16], episode[16], term[4], onset[12];
    bool has_episode, has_onset;
};

struct made_trial {
    char rand[SUBJECTS][12], first[SUBJECTS][12], last[SUBJECTS][12], end[SUBJECTS][12];
    bool has_first[SUBJECTS], has_last[SUBJECTS], has_end[SUBJECTS];
    int planned[SUBJECTS], actual[SUBJECTS]; /* -1: none */
    struct made e[EVENTS];
};

static void some_day(char out[12], uint64_t *seed, int from, int days)
{
    char text[11];

    day_format(day_from_ymd(2024, 1, 1) + from + (day_t)t_below(seed, (uint64_t)days), text);
    (void)snprintf(out, 12, "%s", text);
}

static void make(struct made_trial *m, uint64_t *seed)
{
    static const char *const terms[] = {"g", "c", "m", "gc", "x", "gs", "r"};

    for (int i = 0; i < SUBJECTS; i++) {
        some_day(m->rand[i], seed, 0, 60);
        m->has_first[i] = t_below(seed, 5) != 0;
        m->has_last[i] = t_below(seed, 2) == 0;
        m->has_end[i] = t_below(seed, 2) == 0;
        some_day(m->first[i], seed, 60, 10);
        some_day(m->last[i], seed, 70, 30);
        some_day(m->end[i], seed, 70, 60);
        m->planned[i] = (int)t_below(seed, 5) % 3 - 1;
        m->actual[i] = m->planned[i] < 0 ? -1 : (int)t_below(seed, 2);
    }
    for (int i = 0; i < EVENTS; i++) {
        struct made *e = &m->e[i];
        uint64_t what = t_below(seed, 10);

        (void)snprintf(e->id, sizeof e->id, "A%02d", i);
        (void)snprintf(e->subject, sizeof e->subject, "S%02d", (int)t_below(seed, SUBJECTS));
        (void)snprintf(e->episode, sizeof e->episode, "E%d", (int)t_below(seed, 4));
        (void)snprintf(e->term, sizeof e->term, "%s", terms[t_below(seed, sizeof terms / sizeof *terms)]);
        some_day(e->onset, seed, 0, 160);
        e->onset[what == 0 ? 4 : what == 1 ? 7 : 10] = '\0';
        e->has_onset = what != 2;
        e->has_episode = t_below(seed, 3) != 0;
    }
}

static void build(struct trial *t, const struct made_trial *m, const size_t order[SUBJECTS + EVENTS])
{
    open_trial(t);
    for (size_t k = 0; k < SUBJECTS + EVENTS; k++) {
        size_t i = order[k];

        if (i < SUBJECTS) {
            char id[16];

            (void)snprintf(id, sizeof id, "S%02d", (int)i);
            t_subject(t->b, id, m->rand[i], m->has_first[i] ? m->first[i] : NULL,
                      m->has_last[i] ? m->last[i] : NULL, m->has_end[i] ? m->end[i] : NULL);
            if (m->planned[i] >= 0) {
                t_arm(t->b, id, codes[m->planned[i]], codes[m->actual[i]]);
            }
        } else {
            const struct made *e = &m->e[i - SUBJECTS];

            t_event(t->b, e->id, e->subject, e->has_episode ? e->episode : NULL, e->term,
                    e->has_onset ? e->onset : NULL);
        }
    }
    close_rows(t);
}

static void shuffle(size_t order[SUBJECTS + EVENTS], uint64_t *seed)
{
    for (size_t i = SUBJECTS + EVENTS - 1; i > 0; i--) {
        size_t j = t_below(seed, i + 1), x = order[i];

        order[i] = order[j];
        order[j] = x;
    }
}

/* Day by day and event by event: is there a day in the onset's range on which the event counts? */
static bool naive_counts(const struct event *e, const struct subject *s, const struct tally_options *o)
{
    day_t from = e->onset.prec == DATE_ABSENT ? day_from_ymd(2023, 1, 1) : e->onset.first;
    day_t to = e->onset.prec == DATE_ABSENT ? day_from_ymd(2025, 12, 31) : e->onset.last;

    for (day_t d = from; d <= to; d++) {
        bool in = d <= o->cut_day;

        if (o->window == WINDOW_TE) {
            in = in && s->first_dose != DAY_NONE && d >= s->first_dose;
            in = in && (o->te_days < 0 || s->last_dose == DAY_NONE || d <= s->last_dose + o->te_days);
        }
        if (in) {
            return true;
        }
    }
    return false;
}

static void naive_row(const struct trial *t, const struct tally_options *o, int category, int arm,
                      struct tally_row *w)
{
    *w = (struct tally_row){0};
    for (uint32_t i = 0; i < t->s->n_subjects; i++) {
        const struct subject *s = &t->s->subjects[i];
        arm_t mine = o->basis == BASIS_PLANNED ? s->arm_planned : s->arm_actual;
        bool any = false;
        size_t episodes = 0;

        if ((arm != ROW_TOTAL && mine != arm) || s->rand > o->cut_day ||
            (o->population == POP_DOSED && (s->first_dose == DAY_NONE || s->first_dose > o->cut_day))) {
            continue;
        }
        w->n++;
        for (size_t k = 0; k < t->s->n_events; k++) {
            const struct event *e = &t->s->events[k];
            bool repeat = false;

            if (e->subject != i || !naive_counts(e, s, o) ||
                (category != TALLY_ANY && (t->c.events[k].categories >> category & 1u) == 0)) {
                continue;
            }
            any = true;
            w->rows++;
            for (size_t j = 0; j < k && e->episode != 0; j++) {
                const struct event *before = &t->s->events[j];

                repeat =
                    repeat ||
                    (before->subject == i && before->episode == e->episode && naive_counts(before, s, o) &&
                     (category == TALLY_ANY || (t->c.events[j].categories >> category & 1u) != 0));
            }
            episodes += !repeat;
        }
        w->subjects += any;
        w->episodes += (int64_t)episodes;
    }
}

static void random_trials_agree_with_counting_by_hand(void **state)
{
    uint64_t seed = 2024;
    size_t order[SUBJECTS + EVENTS];

    (void)state;
    for (size_t i = 0; i < SUBJECTS + EVENTS; i++) {
        order[i] = i;
    }
    for (int k = 0; k < 60; k++) {
        struct made_trial m;
        struct tally_options o = options("2024-04-15");
        struct tally_row *rows;
        struct trial t;
        size_t n = 0;

        make(&m, &seed);
        build(&t, &m, order);
        o.te_days = k % 3 == 0 ? TE_NO_END : (int32_t)t_below(&seed, 40);
        rows = count(&t, &o, &n);
        for (size_t i = 0; i < n; i++) {
            const struct tally_row *r = &rows[i];
            struct tally_row want;

            if (r->subtype != NO_SUBTYPE) {
                continue;
            }
            o.population = r->population;
            o.window = r->window;
            o.basis = r->basis;
            naive_row(&t, &o, r->category, r->arm, &want);
            assert_int_equal(r->n, want.n);
            assert_int_equal(r->subjects, want.subjects);
            assert_int_equal(r->rows, want.rows);
            assert_int_equal(r->episodes, want.episodes);
        }
        free(rows);
        close_trial(&t);
    }
}

/* Episodes of an arm one by one: by subject, then day, inside its days under observation. */
static int64_t episodes_of(const struct trial *t, struct tally_target target, const struct tally_options *o,
                           int arm, const struct risk_time *times)
{
    struct episode *ep = NULL;
    struct err e = {0};
    size_t n = 0;
    int64_t found = 0;

    assert_ok(tally_episodes(t->s, &t->c, target, o, &ep, &n, &e), e);
    for (size_t i = 0; i < n; i++) {
        const struct risk_time *r = &times[ep[i].subject];

        assert_true(ep[i].day >= r->enter && ep[i].day <= r->leave);
        assert_true(i == 0 || ep[i - 1].subject < ep[i].subject ||
                    (ep[i - 1].subject == ep[i].subject && ep[i - 1].day <= ep[i].day));
        found += r->arm == arm;
    }
    free(ep);
    return found;
}

static void counts_first_events_and_risk_times_tell_the_same(void **state)
{
    uint64_t seed = 5;
    size_t order[SUBJECTS + EVENTS];

    (void)state;
    for (size_t i = 0; i < SUBJECTS + EVENTS; i++) {
        order[i] = i;
    }
    for (int k = 0; k < 60; k++) {
        struct made_trial m;
        struct tally_options o = options("2024-04-15");
        struct tally_row *rows;
        struct trial t;
        size_t n = 0;

        make(&m, &seed);
        build(&t, &m, order);
        o.te_days = (int32_t)t_below(&seed, 40);
        rows = count(&t, &o, &n);
        for (size_t i = 0; i < n; i++) {
            const struct tally_row *r = &rows[i];
            struct tally_target target = {.category = r->category,
                                          .subtypes =
                                              r->subtype == NO_SUBTYPE ? 0 : UINT64_C(1) << r->subtype};
            struct first_event *f = NULL;
            struct risk_time *times = NULL;
            struct err e = {0};
            size_t n_first = 0;
            int64_t subjects = 0;

            o.population = r->population;
            o.window = r->window;
            o.basis = r->basis;
            assert_ok(tally_first_events(t.s, &t.c, target, &o, &f, &n_first, &e), e);
            assert_ok(tally_risk_times(t.s, &t.c, target, &o, &times, &e), e);
            for (size_t j = 0; j < n_first; j++) {
                subjects += r->arm == ROW_TOTAL || f[j].arm == r->arm;
                assert_int_equal(times[f[j].subject].event, f[j].day);
                assert_in_range(f[j].day, times[f[j].subject].enter, times[f[j].subject].leave);
            }
            assert_int_equal(subjects, r->subjects);
            if (r->arm != ROW_TOTAL) {
                assert_int_equal(risk_days(times, t.s->n_subjects, (arm_t)r->arm),
                                 r->arm == ARM_NONE ? 0 : r->risk_days);
            }
            assert_true(r->subjects <= r->episodes && r->episodes <= r->rows &&
                        r->risk_days <= r->observed_days);
            /* Deaths known from the subject's row alone, and events of nobody, are in no list of episodes. */
            if (r->arm >= 0 && r->category != DEATH) {
                assert_int_equal(episodes_of(&t, target, &o, r->arm, times), r->episodes);
            }
            free(f);
            free(times);
        }
        free(rows);
        close_trial(&t);
    }
}

static void the_order_of_rows_changes_no_count(void **state)
{
    uint64_t seed = 99;
    size_t order[SUBJECTS + EVENTS];

    (void)state;
    for (size_t i = 0; i < SUBJECTS + EVENTS; i++) {
        order[i] = i;
    }
    for (int k = 0; k < 40; k++) {
        struct made_trial m;
        struct tally_options o = options("2024-04-15");
        struct tally_row *rows, *again;
        struct first_event *f, *g;
        struct trial t, u;
        size_t n = 0, n_again = 0, n_f = 0, n_g = 0;

        make(&m, &seed);
        build(&t, &m, order);
        shuffle(order, &seed);
        build(&u, &m, order);
        rows = count(&t, &o, &n);
        again = count(&u, &o, &n_again);
        assert_int_equal(n, n_again);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(rows[i].subjects, again[i].subjects);
            assert_int_equal(rows[i].episodes, again[i].episodes);
            assert_int_equal(rows[i].rows, again[i].rows);
            assert_int_equal(rows[i].risk_days, again[i].risk_days);
            assert_int_equal(rows[i].observed_days, again[i].observed_days);
        }
        f = first(&t, GI, &o, &n_f);
        g = first(&u, GI, &o, &n_g);
        assert_int_equal(n_f, n_g);
        for (size_t i = 0; i < n_f; i++) {
            assert_int_equal(f[i].subject, g[i].subject);
            assert_int_equal(f[i].event, g[i].event);
            assert_int_equal(f[i].day, g[i].day);
            assert_int_equal(f[i].flags, g[i].flags);
        }
        free(f);
        free(g);
        free(rows);
        free(again);
        close_trial(&t);
        close_trial(&u);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(person_time_by_hand),
        cmocka_unit_test(partial_and_odd_onsets_by_hand),
        cmocka_unit_test(a_dated_event_goes_before_one_without_onset),
        cmocka_unit_test(deaths_go_by_the_day_of_death),
        cmocka_unit_test(rows_of_one_episode_are_counted_once),
        cmocka_unit_test(events_of_nobody_are_rows_in_no_arm),
        cmocka_unit_test(deleted_events_never_count),
        cmocka_unit_test(an_empty_trial_and_an_empty_arm_are_rows_of_zero),
        cmocka_unit_test(disposition_by_hand),
        cmocka_unit_test(classes_of_another_snapshot_are_refused),
        cmocka_unit_test(random_trials_agree_with_counting_by_hand),
        cmocka_unit_test(counts_first_events_and_risk_times_tell_the_same),
        cmocka_unit_test(the_order_of_rows_changes_no_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
