/* One reading of the source, and whether it is believed. */
#include <stdlib.h>
#include <string.h>

#include "app/cycle_priv.h"
#include "trial/fault.h"

static enum status take_row(void *ctx, enum src_view view, const struct field *f, struct err *err)
{
    return reading_row(ctx, view, f, err);
}

static bool take_same(void *ctx, enum src_view view, uint64_t sense, const void *bytes, size_t len)
{
    return reading_same(ctx, view, sense, bytes, len);
}

/* The key under which a reading knows rows again: random, for this process. */
static enum status make_reading(struct cycle *c, struct err *err)
{
    char text[2][37] = {"", ""};
    struct sha256 key = {{0}};
    enum status st = c->w.uuid(text[0], err);

    if (st == OK) {
        st = c->w.uuid(text[1], err);
    }
    if (st == OK) {
        st = sha256_of(text, sizeof text, &key, err);
    }
    if (st == OK) {
        st = reading_new(c->rows, &c->plan->arms, &key, &c->reading, err);
    }
    explicit_bzero(text, sizeof text);
    explicit_bzero(&key, sizeof key);
    return st;
}

static void drop_rows(struct cycle *c)
{
    rows_abort(c->rows);
    reading_close(c->reading);
}

/* All rows of the source, once more where the first time cannot be told from the last reading alone. */
static enum status read_rows(struct cycle *c, const struct review_decisions *reviews,
                             const struct snapshot **ret, struct source_gate *gate, struct err *why)
{
    bool again = false;
    enum status st;

    if (c->w.source->ask != NULL) {
        c->w.source->ask(c->w.source->ctx, take_same);
    }
    for (int i = 0; i < 2; i++) {
        st = c->w.source->read(c->w.source->ctx, take_row, c->reading, gate, why);
        if (st == OK) {
            st = cycle_review_rows(c, reviews, why);
        }
        if (st == OK) {
            st = reading_finish(c->reading, ret, &again, why);
        }
        if (st != OK || !again) {
            return st;
        }
        drop_rows(c);
        st = rows_begin(c->rows, why);
        if (st == OK) {
            st = reading_begin(c->reading, why);
        }
        if (st != OK) {
            return st;
        }
    }
    return err_set(why, E_INTERNAL, "a reading in full was not enough");
}

enum status cycle_fault(struct cycle *c, const char *message, struct err *err)
{
    const struct store *s = c->w.store;
    enum status st = OK;

    c->state = CYCLE_DATA_FAULT;
    if (!c->fault_open || strcmp(c->fault, message) != 0) {
        cycle_say(c, JOURNAL_ERROR, message);
        st = s->fault(s->ctx, true, message, err);
        if (st == OK) {
            c->fault_open = true;
            (void)memccpy(c->fault, message, '\0', sizeof c->fault - 1);
        }
    }
    return st;
}

static enum status clear_fault(struct cycle *c, struct err *err)
{
    const struct store *s = c->w.store;
    enum status st = OK;

    if (c->fault_open) {
        cycle_say(c, JOURNAL_NOTICE, "the DATA FAULT is over");
        st = s->fault(s->ctx, false, "", err);
        if (st == OK) {
            c->fault_open = false;
            memset(c->fault, 0, sizeof c->fault);
        }
    }
    return st;
}

enum status cycle_read(struct cycle *c, const struct snapshot **ret, struct source_gate *gate,
                       struct err *err)
{
    const struct snapshot *s = NULL;
    struct err why = {0};
    struct review_decisions reviews = {0};
    enum status st = c->reading == NULL ? make_reading(c, err) : OK;
    struct shrink sh;
    day_t day;

    if (st == OK) {
        st = c->w.store->load_decisions(c->w.store->ctx, &reviews, err);
    }

    if (st == OK) {
        st = rows_begin(c->rows, err);
    }
    if (st != OK) {
        review_decisions_done(&reviews);
        return st;
    }
    st = reading_begin(c->reading, &why);
    if (st == OK) {
        st = read_rows(c, &reviews, &s, gate, &why);
    }
    review_decisions_done(&reviews);
    if (st == OK) {
        sh = (struct shrink){.subjects_before = rows_known(c->rows, SRC_SUBJECT),
                             .subjects_now = rows_seen(c->rows, SRC_SUBJECT),
                             .events_before = rows_known(c->rows, SRC_AE),
                             .events_now = rows_seen(c->rows, SRC_AE),
                             .max_percent = c->accept_shrink ? 100.0 : c->w.max_shrink_percent};
        st = fault_check(s, &sh, &why);
        if (st == OK) {
            st = look_day(c->plan, s, gate->read_at, &day, &why);
        }
    }
    if (st == E_DATA || st == E_DENIED) {
        drop_rows(c);
        /* The same state of the source need not be read again to learn the same. */
        memcpy(c->token, gate->token, sizeof c->token);
        return cycle_fault(c, why.msg, err);
    }
    if (st != OK) {
        drop_rows(c);
        return err_set(err, st, "%s", why.msg);
    }
    st = clear_fault(c, err);
    if (st != OK) {
        drop_rows(c);
        return st;
    }
    *ret = s;
    return OK;
}
