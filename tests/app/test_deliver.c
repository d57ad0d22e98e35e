/*
 * The mailer's use case over fakes: an outbox that keeps leases and epochs in memory, a relay that does as told, an
 * anchor that is a variable.  Months of delivery in milliseconds.
 */
#include "support/t.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/deliver.h"

enum { MESSAGES_MAX = 8, EVENTS_MAX = 64 };

struct message {
    char id[MESSAGE_ID_LEN];
    bool done, leased, body_phase, uncertain;
    enum delivery_verdict last;
    int32_t attempts;
    int64_t due_us, again_in_us;
    int handed_over; /* how often the relay had it whole */
    uint64_t epoch;
};

struct world {
    struct message message[MESSAGES_MAX];
    int n;
    uint64_t epoch, recovery;
    bool other_holds_office, anchor_unknown;
    int64_t now_us;

    enum status store_says; /* of the next call, then OK again unless it stays */
    bool store_stays;
    enum status outcome_says; /* of the next outcome only */
    enum status phase_says;
    enum delivery_verdict relay_says;
    bool relay_refuses_address;

    struct anchor_mark mark;
    enum status anchor_says;
    int anchor_saves;

    char said[EVENTS_MAX][200];
    int n_said;
    char status[200];
    char points[600];

    struct outbox outbox;
    struct transport transport;
    struct anchor anchor;
    struct journal journal;
    struct notify notify;
    struct deliver *deliver;
};

static struct world *current;

static enum status trouble(struct world *w, struct err *err)
{
    enum status st = w->store_says;

    if (!w->store_stays) {
        w->store_says = OK;
    }
    return st == OK ? OK : err_set(err, st, "the store says no");
}

static enum status fake_take_office(void *ctx, const struct anchor_mark *mark, struct office *ret,
                                    struct err *err)
{
    struct world *w = ctx;
    enum status st = trouble(w, err);

    if (st != OK) {
        return st;
    }
    *ret = (struct office){.granted = !w->other_holds_office};
    if (!ret->granted) {
        return OK;
    }
    for (int i = 0; i < w->n; i++) {
        if (w->message[i].leased && w->message[i].epoch == mark->epoch) {
            w->message[i].leased = false; /* the predecessor is dead */
        }
    }
    ret->epoch = ++w->epoch;
    ret->anchor_known = !w->anchor_unknown;
    ret->recovery_epoch = w->recovery;
    ret->last_number = w->n;
    if (w->n > 0) {
        (void)snprintf(ret->last_id, sizeof ret->last_id, "%s", w->message[w->n - 1].id);
    }
    return OK;
}

static enum status fake_claim(void *ctx, uint64_t epoch, int64_t lease_us, struct claim *ret, struct err *err)
{
    struct world *w = ctx;
    enum status st = trouble(w, err);

    if (st != OK) {
        return st;
    }
    if (epoch != w->epoch) {
        return err_set(err, E_STATE, "another mailer has taken over");
    }
    *ret = (struct claim){.wait_us = INT64_MAX, .last_number = w->n, .recovery_epoch = w->recovery};
    (void)snprintf(ret->last_id, sizeof ret->last_id, "%s", w->n > 0 ? w->message[w->n - 1].id : "");
    for (int i = 0; i < w->n && lease_us > 0; i++) {
        struct message *m = &w->message[i];

        if (m->done || m->leased) {
            continue;
        }
        if (m->due_us > w->now_us) {
            ret->wait_us = m->due_us - w->now_us < ret->wait_us ? m->due_us - w->now_us : ret->wait_us;
            continue;
        }
        m->uncertain = m->uncertain || m->body_phase;
        m->leased = true;
        m->body_phase = false;
        m->epoch = epoch;
        m->attempts++;
        ret->any = true;
        ret->attempt = m->attempts;
        ret->resend = m->uncertain;
        (void)snprintf(ret->id, sizeof ret->id, "%s", m->id);
        (void)snprintf(ret->address, sizeof ret->address, "member@board.example");
        return OK;
    }
    return OK;
}

static struct message *find(struct world *w, const char *id)
{
    for (int i = 0; i < w->n; i++) {
        if (strcmp(w->message[i].id, id) == 0) {
            return &w->message[i];
        }
    }
    fail_msg("no message %s", id);
    abort(); /* for the compiler: fail_msg does not come back */
}

static enum status fake_body(void *ctx, uint64_t epoch, const char *id, struct buf *ret, struct err *err)
{
    struct world *w = ctx;
    enum status st = trouble(w, err);

    if (st != OK) {
        return st;
    }
    assert_true(find(w, id)->leased);
    assert_int_equal(find(w, id)->epoch, epoch);
    buf_str(ret, "sealed bytes of ");
    buf_str(ret, id);
    return OK;
}

static enum status fake_phase(void *ctx, uint64_t epoch, const char *id, int64_t lease_us, struct err *err)
{
    struct world *w = ctx;
    enum status st = w->phase_says;

    (void)epoch;
    (void)lease_us;
    w->phase_says = OK;
    if (st != OK) {
        return err_set(err, st, "the store says no");
    }
    find(w, id)->body_phase = true;
    return OK;
}

static enum status fake_outcome(void *ctx, uint64_t epoch, const struct claim *c, const struct delivery *how,
                                int64_t again_in_us, struct err *err)
{
    struct world *w = ctx;
    struct message *m = find(w, c->id);
    enum status st = w->outcome_says;

    w->outcome_says = OK;
    if (st != OK) {
        return err_set(err, st, "the store says no");
    }
    assert_int_equal(m->epoch, epoch);
    m->leased = m->body_phase = false;
    m->last = how->verdict;
    m->uncertain = m->uncertain || how->verdict == DELIVERY_UNCERTAIN;
    m->done = how->verdict == DELIVERY_SENT || how->verdict == DELIVERY_FAILED;
    m->again_in_us = again_in_us;
    m->due_us = w->now_us + again_in_us;
    return OK;
}

static enum status fake_send(void *ctx, const char *address, const char *bytes, size_t len,
                             transport_body_fn *before_body, void *body_ctx, struct delivery *ret,
                             struct err *err)
{
    static const char prefix[] = "sealed bytes of ";
    struct world *w = ctx;
    struct err inner = {0};

    if (w->relay_refuses_address) {
        return err_set(err, E_DATA, "the address of a message is not one that can be sent to");
    }
    assert_string_equal(address, "member@board.example");
    assert_memory_equal(bytes, prefix, sizeof prefix - 1);
    assert_int_equal(len, strlen(bytes));
    *ret = (struct delivery){.verdict = w->relay_says, .code = w->relay_says == DELIVERY_SENT ? 250 : 451};
    if (w->relay_says == DELIVERY_RETRY) {
        return OK; /* refused before 354 */
    }
    if (before_body(body_ctx, &inner) != OK) {
        *ret = (struct delivery){.verdict = DELIVERY_RETRY};
        return OK;
    }
    find(w, bytes + sizeof prefix - 1)->handed_over++;
    return OK;
}

static void fake_finish(void *ctx)
{
    (void)ctx;
}

static enum status fake_load(void *ctx, struct anchor_mark *ret, struct err *err)
{
    (void)err;
    *ret = ((struct world *)ctx)->mark;
    return OK;
}

static enum status fake_save(void *ctx, const struct anchor_mark *m, struct err *err)
{
    struct world *w = ctx;

    if (w->anchor_says != OK) {
        return err_set(err, w->anchor_says, "no space");
    }
    w->mark = *m;
    w->anchor_saves++;
    return OK;
}

static void fake_write(void *ctx, enum journal_level level, const char *text, const struct journal_field *f,
                       size_t n)
{
    struct world *w = ctx;

    (void)level;
    (void)f;
    (void)n;
    if (w->n_said < EVENTS_MAX) {
        (void)snprintf(w->said[w->n_said++], sizeof w->said[0], "%s", text);
    }
}

static void fake_status(void *ctx, const char *text)
{
    struct world *w = ctx;

    (void)snprintf(w->status, sizeof w->status, "%s", text);
}

static void fake_nothing(void *ctx)
{
    (void)ctx;
}

static void fake_killpoint(const char *name)
{
    size_t len = strlen(current->points);

    (void)snprintf(current->points + len, sizeof current->points - len, "%s ", name);
}

static bool was_said(const struct world *w, const char *part)
{
    for (int i = 0; i < w->n_said; i++) {
        if (strstr(w->said[i], part) != NULL) {
            return true;
        }
    }
    return false;
}

static void restart(struct world *w)
{
    struct err e = {0};
    struct deliver_world dw = {.outbox = &w->outbox,
                               .transport = &w->transport,
                               .anchor = &w->anchor,
                               .journal = &w->journal,
                               .notify = &w->notify,
                               .lease_us = 1000000,
                               .backoff_min_us = 30000000,
                               .backoff_max_us = 3600000000,
                               .poll_us = 30000000,
                               .killpoint = fake_killpoint};

    deliver_free(w->deliver);
    assert_ok(deliver_new(&dw, &w->deliver, &e), e);
}

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    if (w == NULL) {
        return -1;
    }
    current = w;
    w->relay_says = DELIVERY_SENT;
    w->outbox = (struct outbox){.ctx = w,
                                .take_office = fake_take_office,
                                .claim = fake_claim,
                                .body = fake_body,
                                .phase_body = fake_phase,
                                .outcome = fake_outcome};
    w->transport = (struct transport){.ctx = w, .send = fake_send, .finish = fake_finish};
    w->anchor = (struct anchor){.ctx = w, .load = fake_load, .save = fake_save};
    w->journal = (struct journal){.ctx = w, .write = fake_write};
    w->notify =
        (struct notify){.ctx = w, .ready = fake_nothing, .status = fake_status, .alive = fake_nothing};
    restart(w);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;

    deliver_free(w->deliver);
    free(w);
    return 0;
}

static struct message *queue(struct world *w)
{
    struct message *m = &w->message[w->n];

    assert_true(w->n < MESSAGES_MAX);
    *m = (struct message){0};
    w->n++;
    (void)snprintf(m->id, sizeof m->id, "00000000-0000-4000-8000-%012d", w->n);
    return m;
}

static int64_t step(struct world *w)
{
    struct err e = {0};
    int64_t wait_us = -1;

    assert_ok(deliver_step(w->deliver, 0.5, &wait_us, &e), e);
    assert_true(wait_us >= 0);
    return wait_us;
}

/* Until it wants to wait; the wait. */
static int64_t settle(struct world *w)
{
    for (int i = 0; i < 100; i++) {
        int64_t wait_us = step(w);

        if (wait_us > 0) {
            return wait_us;
        }
    }
    fail_msg("it never waits");
    return 0;
}

/* --- tests -------------------------------------------------------------------------------------------------------*/

static void an_empty_outbox_gets_an_anchor_and_a_poll(void **state)
{
    struct world *w = *state;

    assert_int_equal(settle(w), 30000000);
    assert_true(w->mark.present);
    assert_int_equal(w->mark.epoch, 1);
    assert_int_equal(w->mark.number, 0);
    assert_int_equal(deliver_state(w->deliver), DELIVER_READY);
    assert_string_equal(w->status, "delivering");
}

static void a_message_goes_out_once_and_the_points_come_in_order(void **state)
{
    struct world *w = *state;
    struct message *m;

    (void)settle(w);
    m = queue(w);
    (void)settle(w);
    assert_true(m->done);
    assert_int_equal(m->handed_over, 1);
    assert_int_equal(m->last, DELIVERY_SENT);
    assert_string_equal(w->points, "claimed before_outcome_commit after_outcome_commit ");
    (void)settle(w);
    assert_int_equal(m->handed_over, 1);
}

static void the_anchor_is_on_disk_before_the_message_leaves(void **state)
{
    struct world *w = *state;
    struct message *m;
    struct err e = {0};
    int64_t wait_us = 0;

    (void)settle(w);
    m = queue(w);
    w->anchor_says = E_IO;
    assert_int_equal(deliver_step(w->deliver, 0.5, &wait_us, &e), E_IO);
    assert_int_equal(m->handed_over, 0);
    w->anchor_says = OK;
    restart(w);
    (void)settle(w);
    assert_int_equal(m->handed_over, 1);
    assert_int_equal(w->mark.number, 1);
    assert_string_equal(w->mark.id, m->id);
}

static void retries_have_no_end_and_a_cap(void **state)
{
    struct world *w = *state;
    struct message *m;
    int64_t longest_us = 0;

    (void)settle(w);
    m = queue(w);
    w->relay_says = DELIVERY_RETRY;
    for (int i = 0; i < 2000; i++) { /* months */
        w->now_us += settle(w);
        longest_us = m->again_in_us > longest_us ? m->again_in_us : longest_us;
    }
    assert_false(m->done);
    assert_true(m->attempts > 10);
    assert_int_equal(longest_us, 2700000000); /* 75 % of an hour at u = 0.5 */
    w->relay_says = DELIVERY_SENT;
    while (!m->done) {
        w->now_us += settle(w);
    }
    assert_int_equal(m->handed_over, 1);
    assert_false(m->uncertain);
}

static void a_refusal_for_good_ends_the_message_and_blocks_no_other(void **state)
{
    struct world *w = *state;
    struct message *a, *b;

    (void)settle(w);
    a = queue(w);
    b = queue(w);
    w->relay_says = DELIVERY_FAILED;
    (void)step(w);
    w->relay_says = DELIVERY_SENT;
    (void)settle(w);
    assert_true(a->done);
    assert_int_equal(a->last, DELIVERY_FAILED);
    assert_int_equal(b->last, DELIVERY_SENT);
    assert_true(was_said(w, "refused a message for good"));
}

static void an_address_that_must_not_be_used_fails(void **state)
{
    struct world *w = *state;
    struct message *m;

    (void)settle(w);
    m = queue(w);
    w->relay_refuses_address = true;
    (void)settle(w);
    assert_int_equal(m->last, DELIVERY_FAILED);
    assert_int_equal(m->handed_over, 0);
}

static void uncertain_is_sent_again_and_said(void **state)
{
    struct world *w = *state;
    struct message *m;

    (void)settle(w);
    m = queue(w);
    w->relay_says = DELIVERY_UNCERTAIN;
    w->now_us += settle(w);
    assert_false(m->done);
    w->relay_says = DELIVERY_SENT;
    while (!m->done) {
        w->now_us += settle(w);
    }
    assert_int_equal(m->handed_over, 2);
    assert_true(was_said(w, "sending a message again that the relay may have already"));
}

static void an_outcome_that_cannot_be_told_is_told_before_anything_else(void **state)
{
    struct world *w = *state;
    struct message *a, *b;

    (void)settle(w);
    a = queue(w);
    b = queue(w);
    w->outcome_says = E_RETRY;
    assert_true(step(w) > 0); /* backs off */
    assert_int_equal(deliver_state(w->deliver), DELIVER_APART);
    assert_false(a->done);
    assert_int_equal(step(w), 0);
    assert_true(a->done);
    assert_int_equal(b->attempts, 0);
    (void)settle(w);
    assert_int_equal(a->handed_over, 1);
    assert_int_equal(b->handed_over, 1);
}

static void without_the_phase_in_the_store_the_last_bytes_stay_here(void **state)
{
    struct world *w = *state;
    struct message *m;

    (void)settle(w);
    m = queue(w);
    w->phase_says = E_RETRY;
    w->now_us += settle(w);
    assert_int_equal(m->handed_over, 0);
    while (!m->done) {
        w->now_us += settle(w);
    }
    assert_int_equal(m->handed_over, 1);
    assert_false(m->uncertain);
}

static void a_lost_store_is_waited_for_with_growing_patience(void **state)
{
    struct world *w = *state;
    int64_t last_us = 0;

    (void)settle(w);
    w->store_says = E_RETRY;
    w->store_stays = true;
    for (int i = 0; i < 12; i++) {
        int64_t wait_us = step(w);

        assert_true(wait_us >= last_us);
        last_us = wait_us;
    }
    assert_int_equal(last_us, 45000000); /* 75 % of a minute */
    assert_string_equal(w->status, "waiting for the store");
    w->store_says = OK;
    w->store_stays = false;
    (void)settle(w);
    assert_true(was_said(w, "reached again"));
    assert_int_equal(deliver_state(w->deliver), DELIVER_READY);
    assert_int_equal(w->epoch, 2); /* a new connection is a new office */
}

static void what_does_not_pass_is_for_a_person(void **state)
{
    static const enum status codes[] = {E_DENIED, E_DATA, E_CONFIG, E_INTERNAL};
    struct world *w = *state;
    struct err e = {0};
    int64_t wait_us = 0;

    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        w->store_says = codes[i];
        assert_int_equal(deliver_step(w->deliver, 0.5, &wait_us, &e), codes[i]);
    }
}

static void another_mailer_in_office_is_stood_by_for_and_said_once(void **state)
{
    struct world *w = *state;
    struct message *m = NULL;
    int before;

    (void)settle(w);
    w->other_holds_office = true;
    w->epoch = 7; /* it has fenced this one off */
    m = queue(w);
    for (int i = 0; i < 5; i++) {
        assert_true(settle(w) > 0);
    }
    assert_int_equal(deliver_state(w->deliver), DELIVER_STANDBY);
    assert_int_equal(m->attempts, 0);
    before = w->n_said;
    (void)settle(w);
    assert_int_equal(w->n_said, before);
    w->other_holds_office = false;
    (void)settle(w);
    assert_int_equal(m->handed_over, 1);
}

static void no_anchor_and_messages_hold_all_mail(void **state)
{
    struct world *w = *state;
    struct message *m = queue(w);

    for (int i = 0; i < 5; i++) {
        assert_int_equal(settle(w), 30000000);
    }
    assert_int_equal(deliver_state(w->deliver), DELIVER_HOLDING);
    assert_int_equal(m->attempts, 0);
    assert_non_null(strstr(w->status, "holding all mail"));
    restart(w);
    (void)settle(w);
    assert_int_equal(deliver_state(w->deliver), DELIVER_HOLDING);
    w->recovery = w->epoch;
    (void)settle(w);
    assert_int_equal(m->handed_over, 1);
    assert_int_equal(w->mark.hold_epoch, 0);
}

static void a_store_behind_the_anchor_holds_and_an_old_recovery_does_not_free_it(void **state)
{
    struct world *w = *state;
    struct message *m;

    (void)settle(w);
    m = queue(w);
    (void)settle(w);
    assert_int_equal(m->handed_over, 1);
    /* Restored: the same messages are open again, a recovery of long ago is in the backup. */
    w->recovery = w->epoch;
    m->done = false;
    m->due_us = 0;
    w->anchor_unknown = true;
    restart(w);
    (void)settle(w);
    (void)settle(w);
    assert_int_equal(deliver_state(w->deliver), DELIVER_HOLDING);
    assert_int_equal(m->handed_over, 1);
    restart(w); /* the hold outlives it */
    w->anchor_unknown = false;
    (void)settle(w);
    assert_int_equal(m->handed_over, 1);
    w->recovery = w->epoch;
    restart(w);
    (void)settle(w);
    assert_int_equal(m->handed_over, 2);
}

static void a_death_in_the_lease_is_taken_up_by_the_successor(void **state)
{
    struct world *w = *state;
    struct message *m;

    (void)settle(w);
    m = queue(w);
    w->outcome_says = E_RETRY;
    (void)step(w); /* handed over, and then it dies with the outcome untold */
    assert_int_equal(m->handed_over, 1);
    restart(w);
    (void)settle(w);
    assert_true(m->done);
    assert_int_equal(m->handed_over, 2);
    assert_true(m->uncertain);
    assert_true(was_said(w, "sending a message again"));
}

static void every_single_failure_of_the_store_loses_nothing(void **state)
{
    struct world *w = *state;
    static const enum delivery_verdict verdicts[] = {DELIVERY_SENT, DELIVERY_RETRY, DELIVERY_UNCERTAIN};

    (void)settle(w);
    for (int fault = 0; fault < 4; fault++) {
        for (size_t v = 0; v < sizeof verdicts / sizeof verdicts[0]; v++) {
            struct message *m;
            int most = verdicts[v] == DELIVERY_UNCERTAIN ? 2 : 1;

            w->n = 0;
            w->anchor_unknown = false;
            m = queue(w);
            w->relay_says = verdicts[v];
            w->store_says = fault == 1 ? E_RETRY : OK;
            w->phase_says = fault == 2 ? E_RETRY : OK;
            w->outcome_says = fault == 3 ? E_RETRY : OK;
            w->now_us += step(w);
            w->relay_says = DELIVERY_SENT;
            for (int i = 0; i < 100 && !m->done; i++) {
                w->now_us += step(w);
                if (m->leased && i > 50) {
                    m->leased = false; /* the lease runs out */
                }
            }
            assert_true(m->done);
            assert_int_equal(m->last, DELIVERY_SENT);
            assert_in_range(m->handed_over, 1, most);
        }
    }
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(an_empty_outbox_gets_an_anchor_and_a_poll),
        T(a_message_goes_out_once_and_the_points_come_in_order),
        T(the_anchor_is_on_disk_before_the_message_leaves),
        T(retries_have_no_end_and_a_cap),
        T(a_refusal_for_good_ends_the_message_and_blocks_no_other),
        T(an_address_that_must_not_be_used_fails),
        T(uncertain_is_sent_again_and_said),
        T(an_outcome_that_cannot_be_told_is_told_before_anything_else),
        T(without_the_phase_in_the_store_the_last_bytes_stay_here),
        T(a_lost_store_is_waited_for_with_growing_patience),
        T(what_does_not_pass_is_for_a_person),
        T(another_mailer_in_office_is_stood_by_for_and_said_once),
        T(no_anchor_and_messages_hold_all_mail),
        T(a_store_behind_the_anchor_holds_and_an_old_recovery_does_not_free_it),
        T(a_death_in_the_lease_is_taken_up_by_the_successor),
        T(every_single_failure_of_the_store_loses_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
