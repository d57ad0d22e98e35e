/* What the mailer says to operations by itself, over fakes: a clock that jumps, a relay that is away, a file that fails. */
#include "support/t.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/deliver_notice.h"

#define SECOND_US INT64_C(1000000)
#define HOUR_US   (3600 * SECOND_US)

enum { SENT_MAX = 32, FAR = 1000000000 };

struct world {
    int64_t mono_us;
    instant_t wall;
    enum delivery_verdict relay_says;
    int tries;
    char *sent[SENT_MAX];
    int n_sent;
    struct notices_mark mark;
    enum status file_says;
    int warnings, ids;
    struct notices_file file;
    struct transport transport;
    struct journal journal;
    struct clock clock;
    struct notices *notices;
};

static struct world *current;

static int64_t mono(void *ctx)
{
    return ((struct world *)ctx)->mono_us;
}

static instant_t wall(void *ctx)
{
    return ((struct world *)ctx)->wall;
}

static enum status send_it(void *ctx, const char *address, const char *bytes, size_t len,
                           transport_body_fn *before_body, void *body_ctx, struct delivery *ret,
                           struct err *err)
{
    struct world *w = ctx;

    assert_string_equal(address, "ops@trial.example");
    assert_int_equal(len, strlen(bytes));
    assert_int_equal(before_body(body_ctx, err), OK);
    w->tries++;
    *ret = (struct delivery){.verdict = w->relay_says, .code = w->relay_says == DELIVERY_SENT ? 250 : 451};
    if (w->relay_says == DELIVERY_SENT) {
        assert_true(w->n_sent < SENT_MAX);
        w->sent[w->n_sent++] = strdup(bytes);
    }
    return OK;
}

static void finish(void *ctx)
{
    (void)ctx;
}

static enum status load(void *ctx, struct notices_mark *ret, struct err *err)
{
    struct world *w = ctx;

    if (w->file_says != OK) {
        return err_set(err, w->file_says, "notices: Input/output error");
    }
    *ret = w->mark;
    return OK;
}

static enum status save(void *ctx, const struct notices_mark *m, struct err *err)
{
    struct world *w = ctx;

    if (w->file_says != OK) {
        return err_set(err, w->file_says, "notices cannot be written: No space left on device");
    }
    w->mark = *m;
    return OK;
}

static void journal(void *ctx, enum journal_level level, const char *text, const struct journal_field *f,
                    size_t n)
{
    (void)text;
    (void)f;
    (void)n;
    ((struct world *)ctx)->warnings += level <= JOURNAL_WARNING ? 1 : 0;
}

static enum status uuid(char out[37], struct err *err)
{
    (void)err;
    (void)snprintf(out, 37, "00000000-0000-4000-8000-%012d", ++current->ids);
    return OK;
}

static void start(struct world *w)
{
    struct notices_world nw = {.file = &w->file,
                               .transport = &w->transport,
                               .journal = &w->journal,
                               .clock = &w->clock,
                               .uuid = uuid,
                               .trial = "magical",
                               .from = "dsmb@trial.example",
                               .operations = "ops@trial.example",
                               .patience_us = HOUR_US,
                               .backoff_min_us = 30 * SECOND_US,
                               .backoff_max_us = HOUR_US};
    struct err err = {0};

    notices_free(w->notices);
    w->notices = NULL;
    assert_ok(notices_new(&nw, &w->notices, &err), err);
}

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    if (w == NULL) {
        return -1;
    }
    current = w;
    *w = (struct world){.mono_us = 50 * HOUR_US,
                        .wall = day_start(day_from_ymd(2030, 3, 1)) + 9 * HOUR_US,
                        .relay_says = DELIVERY_SENT,
                        .mark = {.apart_since = INSTANT_NONE},
                        .file = {.ctx = w, .load = load, .save = save},
                        .transport = {.ctx = w, .send = send_it, .finish = finish},
                        .journal = {.ctx = w, .write = journal},
                        .clock = {.ctx = w, .monotonic_us = mono, .wall = wall}};
    start(w);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;

    for (int i = 0; i < w->n_sent; i++) {
        free(w->sent[i]);
    }
    notices_free(w->notices);
    free(w);
    return 0;
}

static const struct deliver_sight well = {.reached = true, .judged = true};
static const struct deliver_sight silent = {.reached = true, .judged = true, .silent = true};
static const struct deliver_sight away = {0};
static const struct deliver_sight standby = {.reached = true};

/* Steps every half minute for so long; the shortest wait asked for. */
static int64_t live(struct world *w, const struct deliver_sight *s, int64_t us)
{
    int64_t least = INT64_MAX;

    for (int64_t end = w->mono_us + us; w->mono_us < end;) {
        int64_t wait_us = 30 * SECOND_US;

        notices_step(w->notices, s, 0.5, &wait_us);
        assert_true(wait_us >= 0);
        least = wait_us < least ? wait_us : least;
        w->mono_us += 30 * SECOND_US;
        w->wall += 30 * SECOND_US;
    }
    return least;
}

static bool says(const struct world *w, int i, const char *subject)
{
    return i < w->n_sent && strstr(w->sent[i], subject) != NULL;
}

static const char DSMBD[] = "Subject: [magical] dsmbd is silent\r\n";
static const char STORE[] = "Subject: [magical] the store of dsmbd cannot be reached\r\n";
static const char AGAIN[] = "Subject: [magical] dsmbd is heard again\r\n";
static const char BACK[] = "Subject: [magical] mail to a member of the board was refused\r\n";

static void where_all_is_heard_nothing_is_said(void **state)
{
    struct world *w = *state;

    assert_int_equal(live(w, &well, 240 * HOUR_US), 30 * SECOND_US);
    assert_int_equal(w->tries, 0);
}

static void each_silence_is_told_once_and_so_is_its_end(void **state)
{
    struct world *w = *state;

    for (int i = 0; i < 3; i++) {
        (void)live(w, &silent, 72 * HOUR_US);
        assert_int_equal(w->n_sent, 2 * i + 1);
        assert_true(says(w, 2 * i, DSMBD));
        start(w); /* a restart tells nothing again */
        (void)live(w, &silent, HOUR_US);
        assert_int_equal(w->n_sent, 2 * i + 1);
        (void)live(w, &well, HOUR_US);
        start(w);
        (void)live(w, &well, HOUR_US);
        assert_int_equal(w->n_sent, 2 * i + 2);
        assert_true(says(w, 2 * i + 1, AGAIN));
    }
    assert_int_equal(w->ids, 6); /* each under its own Message-ID */
}

static void a_store_that_is_away_is_told_after_patience_alone(void **state)
{
    struct world *w = *state;

    (void)live(w, &well, HOUR_US);
    for (int i = 0; i < 20; i++) { /* restarts of PostgreSQL are nobody's business */
        (void)live(w, &away, HOUR_US / 2);
        (void)live(w, &well, 30 * SECOND_US);
    }
    assert_int_equal(w->n_sent, 0);
    (void)live(w, &away, 26 * HOUR_US);
    assert_int_equal(w->n_sent, 1);
    assert_true(says(w, 0, STORE));
    (void)live(w, &silent, 60 * SECOND_US); /* the store is back, and dsmbd is given some time */
    assert_int_equal(w->n_sent, 1);
    (void)live(w, &silent, HOUR_US);
    assert_int_equal(w->n_sent, 2);
    assert_true(says(w, 1, DSMBD));
    (void)live(w, &well, HOUR_US);
    assert_int_equal(w->n_sent, 3);
    assert_true(says(w, 2, AGAIN));
}

static void patience_is_measured_over_restarts_and_wakes_in_time(void **state)
{
    struct world *w = *state;
    int64_t wait_us = FAR;

    for (int i = 0; i < 4; i++) {
        w->mono_us = (i + 1) * 1000; /* as after a boot */
        start(w);
        (void)live(w, &away, HOUR_US / 4);
    }
    assert_int_equal(w->n_sent, 0);
    wait_us = INT64_MAX;
    w->mono_us -= 10 * SECOND_US;
    notices_step(w->notices, &away, 0.5, &wait_us);
    assert_int_equal(w->n_sent, 0);
    assert_true(wait_us <= 10 * SECOND_US);
    w->mono_us += wait_us;
    notices_step(w->notices, &away, 0.5, &wait_us);
    assert_int_equal(w->n_sent, 1);
}

static void a_wall_clock_that_jumps_alarms_nobody_while_it_runs(void **state)
{
    struct world *w = *state;

    (void)live(w, &away, HOUR_US / 4);
    w->wall += 1000 * HOUR_US;
    (void)live(w, &away, HOUR_US / 4);
    w->wall -= 5000 * HOUR_US;
    (void)live(w, &away, HOUR_US / 4);
    assert_int_equal(w->n_sent, 0);
    start(w); /* the file's time lies in the future now: no time has gone */
    (void)live(w, &away, HOUR_US / 2);
    assert_int_equal(w->n_sent, 0);
    (void)live(w, &away, HOUR_US);
    assert_int_equal(w->n_sent, 1);
}

static void a_relay_that_is_down_for_days_is_tried_without_end(void **state)
{
    struct world *w = *state;

    w->relay_says = DELIVERY_RETRY;
    (void)live(w, &silent, 240 * HOUR_US);
    assert_in_range(w->tries, 240, 340); /* ever less often, and once in 45 minutes at least */
    assert_int_equal(w->warnings, 2);    /* dsmbd is silent; the relay does not take it: each once */
    w->relay_says = DELIVERY_FAILED;
    start(w);
    (void)live(w, &silent, 24 * HOUR_US);
    w->relay_says = DELIVERY_SENT;
    (void)live(w, &silent, 2 * HOUR_US);
    assert_int_equal(w->n_sent, 1);
    assert_int_equal(w->ids, 1); /* one Message-ID over all of it */
    (void)live(w, &silent, 24 * HOUR_US);
    assert_int_equal(w->n_sent, 1);
}

static void who_stands_by_tells_of_the_store_alone(void **state)
{
    struct world *w = *state;

    (void)live(w, &standby, 100 * HOUR_US);
    assert_int_equal(w->n_sent, 0);
    (void)live(w, &away, 2 * HOUR_US);
    assert_int_equal(w->n_sent, 1);
    (void)live(w, &standby, 2 * HOUR_US);
    assert_int_equal(w->n_sent, 2);
    assert_true(says(w, 1, AGAIN));
    (void)live(w, &silent, HOUR_US);
    (void)live(w, &standby, HOUR_US); /* out of office: another's to tell */
    assert_int_equal(w->n_sent, 3);
}

static void what_came_back_is_told_and_many_at_once_are_one(void **state)
{
    struct world *w = *state;
    struct deliver_sight s = well;
    int64_t wait_us = FAR;

    s.returned = true;
    w->relay_says = DELIVERY_RETRY;
    for (int i = 0; i < 5; i++) {
        notices_step(w->notices, &s, 0.5, &wait_us);
    }
    w->relay_says = DELIVERY_SENT;
    (void)live(w, &well, HOUR_US);
    assert_int_equal(w->n_sent, 1);
    assert_true(says(w, 0, BACK));
    s.silent = true; /* both at once are two notices, without a pause */
    wait_us = FAR;
    notices_step(w->notices, &s, 0.5, &wait_us);
    assert_int_equal(wait_us, 0);
    (void)live(w, &silent, HOUR_US);
    assert_int_equal(w->n_sent, 3);
    assert_true(says(w, 1, DSMBD));
    assert_true(says(w, 2, BACK));
}

static void a_file_that_fails_holds_up_no_notice(void **state)
{
    struct world *w = *state;

    w->file_says = E_IO;
    start(w);
    (void)live(w, &silent, 24 * HOUR_US);
    (void)live(w, &well, 24 * HOUR_US);
    assert_int_equal(w->n_sent, 2);
    assert_int_equal(w->warnings, 3); /* cannot be read; cannot be written, told once; the silence itself */
}

/* Fixed texts: the trial's name, addresses, a time and an id are all that varies. */
static void a_notice_is_plain_ascii_with_full_headers_and_no_content(void **state)
{
    struct world *w = *state;
    struct deliver_sight s = silent;

    s.returned = true;
    (void)live(w, &s, 30 * SECOND_US);
    (void)live(w, &well, HOUR_US);
    (void)live(w, &away, 2 * HOUR_US);
    assert_int_equal(w->n_sent, 4);
    for (int i = 0; i < w->n_sent; i++) {
        const char *t = w->sent[i];

        for (const char *p = t; *p != '\0'; p++) {
            assert_true((*p >= ' ' && *p < 0x7f) || *p == '\r' || *p == '\n');
            assert_true(*p != '\n' || (p > t && p[-1] == '\r'));
            assert_true(*p != '\r' || p[1] == '\n');
        }
        assert_non_null(strstr(t, "From: dsmb-mailer <dsmb@trial.example>\r\nTo: <ops@trial.example>\r\n"));
        assert_non_null(strstr(t, "\r\nDate: Fri, 01 Mar 2030 "));
        assert_non_null(
            strstr(t, "@trial.example>\r\nMIME-Version: 1.0\r\nAuto-Submitted: auto-generated\r\n"));
        assert_non_null(strstr(t, "\r\n\r\nTrial: magical\r\n"));
        assert_null(strstr(t, "TRIAL"));
        assert_null(strcasestr(t, "cross"));
        assert_null(strcasestr(t, "alert"));
        assert_null(strcasestr(t, "bound"));
    }
}

/* --- what left --- */

static char left_bytes[LEFT_LINE * (LEFT_MAX + 10)];

static enum status load_left(void *ctx, struct buf *ret, struct err *err)
{
    (void)ctx;
    buf_str(ret, left_bytes);
    return buf_check(ret, err);
}

static enum status save_left(void *ctx, const char *bytes, size_t len, struct err *err)
{
    (void)ctx;
    (void)err;
    assert_true(len < sizeof left_bytes);
    memcpy(left_bytes, bytes, len);
    left_bytes[len] = '\0';
    return OK;
}

static void the_newest_that_left_are_remembered_and_no_half_id(void **state)
{
    struct world *w = *state;
    struct left_file file = {.load = load_left, .save = save_left};
    struct left *l = NULL;
    struct err err = {0};
    char id[37];

    left_bytes[0] = '\0';
    assert_ok(left_new(&file, &w->journal, &l, &err), err);
    assert_string_equal(left_ids(l), "");
    left_add(l, "short");
    for (int i = 1; i <= LEFT_MAX + 5; i++) {
        (void)snprintf(id, sizeof id, "00000000-0000-4000-8000-%012d", i);
        left_add(l, id);
    }
    assert_int_equal(strlen(left_ids(l)), (size_t)LEFT_LINE * LEFT_MAX);
    assert_memory_equal(left_ids(l), "00000000-0000-4000-8000-000000000006\n", LEFT_LINE);
    left_free(l);
    assert_ok(left_new(&file, &w->journal, &l, &err), err);
    assert_int_equal(strlen(left_ids(l)), (size_t)LEFT_LINE * LEFT_MAX);
    left_free(l);
    left_bytes[strlen(left_bytes) - 3] = '\0'; /* torn */
    assert_ok(left_new(&file, &w->journal, &l, &err), err);
    assert_string_equal(left_ids(l), "");
    left_free(l);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(where_all_is_heard_nothing_is_said),
        T(each_silence_is_told_once_and_so_is_its_end),
        T(a_store_that_is_away_is_told_after_patience_alone),
        T(patience_is_measured_over_restarts_and_wakes_in_time),
        T(a_wall_clock_that_jumps_alarms_nobody_while_it_runs),
        T(a_relay_that_is_down_for_days_is_tried_without_end),
        T(who_stands_by_tells_of_the_store_alone),
        T(what_came_back_is_told_and_many_at_once_are_one),
        T(a_file_that_fails_holds_up_no_notice),
        T(a_notice_is_plain_ascii_with_full_headers_and_no_content),
        T(the_newest_that_left_are_remembered_and_no_half_id),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
