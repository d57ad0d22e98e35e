#include "app/deliver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/backoff.h"

static const int64_t SECOND_US = 1000000;

struct deliver {
    struct deliver_world w;
    enum deliver_state state;
    bool office; /* epoch and mark are good */
    uint64_t epoch;
    struct anchor_mark mark;
    int32_t failures; /* of the store, in a row */
    bool standby_told;
    bool judged, silent, returned; /* as in struct deliver_sight */

    bool pending; /* an outcome that must be told */
    uint64_t pending_epoch;
    struct claim claim;
    struct delivery how;
    int64_t again_in_us;
};

enum status deliver_new(const struct deliver_world *w, struct deliver **ret, struct err *err)
{
    struct deliver *d = calloc(1, sizeof *d);

    if (d == NULL) {
        return err_set(err, E_NOMEM, "starting delivery");
    }
    d->w = *w;
    *ret = d;
    return OK;
}

void deliver_free(struct deliver *d)
{
    free(d);
}

enum deliver_state deliver_state(const struct deliver *d)
{
    return d->state;
}

void deliver_set_world(struct deliver *d, const struct deliver_world *w)
{
    d->w = *w;
}

struct deliver_sight deliver_sight(struct deliver *d)
{
    struct deliver_sight s = {.reached = d->state != DELIVER_APART,
                              .judged = d->judged,
                              .silent = d->silent,
                              .returned = d->returned};

    d->returned = false;
    return s;
}

static void say(const struct deliver *d, enum journal_level level, const char *text,
                const struct journal_field *f, size_t n)
{
    d->w.journal->write(d->w.journal->ctx, level, text, f, n);
}

static void enter(struct deliver *d, enum deliver_state state)
{
    const char *text = "";

    switch (state) {
    case DELIVER_APART:
        text = "waiting for the store";
        break;
    case DELIVER_STANDBY:
        text = "standing by: another mailer is active";
        break;
    case DELIVER_HOLDING:
        text = "holding all mail: the store stands behind the anchor file; see dsmbctl recover";
        break;
    case DELIVER_READY:
        text = "delivering";
        break;
    }
    d->state = state;
    d->w.notify->status(d->w.notify->ctx, text);
}

/* The store could not be asked.  What passes is waited for; the rest is for a person. */
static enum status store_trouble(struct deliver *d, enum status st, double u, int64_t *wait_us,
                                 struct err *err)
{
    d->office = d->judged = false;
    if (st == E_STATE) {
        if (!d->standby_told) {
            say(d, JOURNAL_WARNING, err->msg, NULL, 0);
        }
        *wait_us = backoff_delay(1, 2 * SECOND_US, 2 * SECOND_US, u);
        return OK;
    }
    if (st != E_RETRY) {
        return st;
    }
    if (d->failures++ == 0) {
        const struct journal_field f = {"REASON", err->msg};

        say(d, JOURNAL_WARNING, "the store cannot be reached; trying again", &f, 1);
    }
    enter(d, DELIVER_APART);
    *wait_us = backoff_delay(d->failures, SECOND_US, 60 * SECOND_US, u);
    return OK;
}

/* --- office ------------------------------------------------------------------------------------------------------*/

static enum status save_mark(struct deliver *d, const struct anchor_mark *m, struct err *err)
{
    enum status st = d->w.anchor->save(d->w.anchor->ctx, m, err);

    if (st == OK) {
        d->mark = *m;
    }
    return st;
}

static enum status follow(struct deliver *d, int64_t number, const char *id, struct err *err)
{
    struct anchor_mark m = {.present = true, .epoch = d->epoch, .number = number};

    (void)snprintf(m.id, sizeof m.id, "%s", id);
    return save_mark(d, &m, err);
}

static enum status begin_hold(struct deliver *d, struct err *err)
{
    struct anchor_mark m = d->mark;

    say(d, JOURNAL_ERROR,
        d->mark.present ? "the store stands behind this mailer's anchor file, as after restoring a backup: "
                          "all mail is held until "
                          "dsmbctl recover --by NAME --reason TEXT"
                        : "there are messages in the store and no anchor file in the state directory: all "
                          "mail is held until "
                          "dsmbctl recover --by NAME --reason TEXT",
        NULL, 0);
    m.present = true;
    m.hold_epoch = d->epoch;
    return save_mark(d, &m, err);
}

/* mark is as loaded; the office is granted. */
static enum status settle(struct deliver *d, const struct office *o, struct err *err)
{
    bool behind = d->mark.present ? !o->anchor_known : o->last_number > 0;

    if (d->mark.hold_epoch != 0 && o->recovery_epoch >= d->mark.hold_epoch) {
        say(d, JOURNAL_NOTICE, "recovered: mail goes on", NULL, 0);
        return follow(d, o->last_number, o->last_id, err);
    }
    if (d->mark.hold_epoch != 0) {
        return OK;
    }
    return behind ? begin_hold(d, err) : follow(d, o->last_number, o->last_id, err);
}

static enum status take_office(struct deliver *d, double u, int64_t *wait_us, struct err *err)
{
    struct office o = {0};
    enum status st = d->w.anchor->load(d->w.anchor->ctx, &d->mark, err);

    if (st != OK) {
        return st;
    }
    st = d->w.outbox->take_office(d->w.outbox->ctx, &d->mark, &o, err);
    if (st != OK) {
        return store_trouble(d, st, u, wait_us, err);
    }
    if (d->failures > 0) {
        say(d, JOURNAL_NOTICE, "the store is reached again", NULL, 0);
        d->failures = 0;
    }
    if (!o.granted) {
        if (!d->standby_told) {
            say(d, JOURNAL_NOTICE, "another mailer is active for this store: standing by", NULL, 0);
            d->standby_told = true;
        }
        enter(d, DELIVER_STANDBY);
        *wait_us = backoff_delay(1, 4 * SECOND_US, 4 * SECOND_US, u);
        return OK;
    }
    d->standby_told = false;
    d->epoch = o.epoch;
    st = settle(d, &o, err);
    if (st != OK) {
        return st;
    }
    d->office = true;
    enter(d, d->mark.hold_epoch != 0 ? DELIVER_HOLDING : DELIVER_READY);
    *wait_us = 0;
    return OK;
}

static enum status look_while_holding(struct deliver *d, double u, int64_t *wait_us, struct err *err)
{
    struct claim c = {0};
    enum status st = d->w.outbox->claim(d->w.outbox->ctx, d->epoch, 0, &c, err);

    if (st != OK) {
        return store_trouble(d, st, u, wait_us, err);
    }
    d->judged = true;
    d->silent = c.silent;
    *wait_us = d->w.poll_us;
    if (c.recovery_epoch >= d->mark.hold_epoch) {
        say(d, JOURNAL_NOTICE, "recovered: mail goes on", NULL, 0);
        st = follow(d, c.last_number, c.last_id, err);
        if (st != OK) {
            return st;
        }
        enter(d, DELIVER_READY);
        *wait_us = 0;
    }
    return OK;
}

enum status deliver_returned(struct deliver *d, const char *id, struct err *err)
{
    const struct journal_field f = {"MESSAGE_ID", id == NULL ? "" : id};
    enum status st = id == NULL ? OK : d->w.outbox->returned(d->w.outbox->ctx, d->epoch, id, err);

    if (st != OK) {
        return st;
    }
    if (id == NULL) {
        /* Perhaps a notice to operations: no notice of that, or there would be no end of them. */
        say(d, JOURNAL_ERROR, "a report of failure came back that names no message that left lately", NULL,
            0);
        return OK;
    }
    say(d, JOURNAL_ERROR, "a message that the relay had taken came back", &f, 1);
    d->returned = true;
    return OK;
}

/* --- one message -------------------------------------------------------------------------------------------------*/

static void journal_delivery(const struct deliver *d)
{
    char attempt[16], code[16];
    struct journal_field f[4] = {
        {"MESSAGE_ID", d->claim.id}, {"ATTEMPT", attempt}, {"CODE", code}, {"REPLY", d->how.reply}};

    (void)snprintf(attempt, sizeof attempt, "%d", (int)d->claim.attempt);
    (void)snprintf(code, sizeof code, "%d", d->how.code);
    switch (d->how.verdict) {
    case DELIVERY_SENT:
        say(d, JOURNAL_INFO, "the relay has taken a message", f, 3);
        break;
    case DELIVERY_RETRY:
        say(d, JOURNAL_WARNING, "a message was not taken; it will be tried again", f, 4);
        break;
    case DELIVERY_FAILED:
        say(d, JOURNAL_ERROR, "the relay has refused a message for good", f, 4);
        break;
    case DELIVERY_UNCERTAIN:
        say(d, JOURNAL_WARNING, "the relay may have a message or not; the same bytes will be sent again", f,
            4);
        break;
    }
}

static enum status tell_outcome(struct deliver *d, double u, int64_t *wait_us, struct err *err)
{
    enum status st;

    d->w.killpoint("before_outcome_commit");
    st = d->w.outbox->outcome(d->w.outbox->ctx, d->pending_epoch, &d->claim, &d->how, d->again_in_us, err);
    if (st == E_STATE) {
        /* A restored store does not know the lease: the next step finds out and holds. */
        say(d, JOURNAL_ERROR, err->msg, NULL, 0);
        st = OK;
        d->office = false;
    }
    if (st != OK) {
        return store_trouble(d, st, u, wait_us, err);
    }
    d->w.killpoint("after_outcome_commit");
    if (d->how.verdict == DELIVERY_SENT && d->w.left != NULL) {
        left_add(d->w.left, d->claim.id);
    }
    d->pending = false;
    *wait_us = 0;
    return OK;
}

static enum status before_body(void *ctx, struct err *err)
{
    struct deliver *d = ctx;
    enum status st = d->w.outbox->phase_body(d->w.outbox->ctx, d->epoch, d->claim.id, d->w.lease_us, err);

    if (st != OK) {
        d->office = false;
    }
    return st;
}

/* Always leaves an outcome to tell, except when the store is gone: then the lease runs out. */
static enum status hand_over(struct deliver *d, double u, int64_t *wait_us, struct err *err)
{
    struct buf bytes = {0};
    enum status st;

    if (d->claim.last_number != d->mark.number) {
        st = follow(d, d->claim.last_number, d->claim.last_id, err);
        if (st != OK) {
            return st;
        }
    }
    if (d->claim.resend) {
        const struct journal_field f = {"MESSAGE_ID", d->claim.id};

        say(d, JOURNAL_NOTICE, "sending a message again that the relay may have already", &f, 1);
    }
    st = d->w.outbox->body(d->w.outbox->ctx, d->epoch, d->claim.id, &bytes, err);
    if (st != OK) {
        st = store_trouble(d, st, u, wait_us, err);
        goto out;
    }
    st = d->w.transport->send(d->w.transport->ctx, d->claim.address, buf_cstr(&bytes), bytes.len, before_body,
                              d, &d->how, err);
    if (st == E_DATA) {
        d->how = (struct delivery){.verdict = DELIVERY_FAILED};
        (void)snprintf(d->how.reply, sizeof d->how.reply, "%.*s", DELIVERY_REPLY_MAX, err->msg);
        st = OK;
    }
    if (st != OK) {
        goto out;
    }
    d->pending = true;
    d->pending_epoch = d->epoch;
    /* For good, or at the first try: later refusals of the same message are no news. */
    d->returned = d->returned || d->how.verdict == DELIVERY_FAILED ||
                  (d->how.verdict == DELIVERY_RETRY && d->how.code / 100 == 5 && d->claim.attempt == 1);
    d->again_in_us = backoff_delay(d->claim.attempt, d->w.backoff_min_us, d->w.backoff_max_us, u);
    journal_delivery(d);
    st = tell_outcome(d, u, wait_us, err);
    d->w.transport->finish(d->w.transport->ctx);
out:
    buf_wipe(&bytes);
    return st;
}

enum status deliver_step(struct deliver *d, double u, int64_t *wait_us, struct err *err)
{
    enum status st;

    if (d->pending) {
        return tell_outcome(d, u, wait_us, err);
    }
    if (!d->office) {
        return take_office(d, u, wait_us, err);
    }
    if (d->state == DELIVER_HOLDING) {
        return look_while_holding(d, u, wait_us, err);
    }
    st = d->w.outbox->claim(d->w.outbox->ctx, d->epoch, d->w.lease_us, &d->claim, err);
    if (st != OK) {
        return store_trouble(d, st, u, wait_us, err);
    }
    d->judged = true;
    d->silent = d->claim.silent;
    if (!d->claim.any) {
        int64_t us = d->claim.wait_us;

        *wait_us = us > d->w.poll_us ? d->w.poll_us : us < 1000 ? 1000 : us;
        return OK;
    }
    d->w.killpoint("claimed");
    return hand_over(d, u, wait_us, err);
}
