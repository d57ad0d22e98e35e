#include <stdlib.h>
#include <string.h>

#include "app/adopt.h"
#include "app/cycle_priv.h"
#include "app/letters.h"

static const int64_t BEAT_EVERY_US = INT64_C(60000000);

void cycle_say(const struct cycle *c, enum journal_level level, const char *text)
{
    struct journal_field f = {"TRIAL", c->w.trial};

    c->w.journal->write(c->w.journal->ctx, level, text, &f, 1);
}

static void free_history(struct cycle *c)
{
    if (c->history != NULL) {
        /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): there is no history without a plan */
        for (size_t i = 0; i < c->plan->n_monitors; i++) {
            history_done(&c->history[i]);
        }
        free(c->history);
        c->history = NULL;
    }
}

void cycle_forget(struct cycle *c)
{
    free_history(c);
    known_set_done(&c->known);
    c->known = (struct known_set){0};
    free(c->alerts);
    c->alerts = NULL;
    c->n_alerts = 0;
    reading_free(c->reading);
    c->reading = NULL;
    rows_free(c->rows);
    c->rows = NULL;
    plan_free(c->plan);
    c->plan = NULL;
    ruleset_free(c->rules);
    c->rules = NULL;
    board_free(c->board);
    c->board = NULL;
    c->plan_id = c->board_id = 0;
    c->last = (struct look_head){0};
    c->token[0] = '\0';
    c->last_full = 0;
    c->last_poll = 0;
    c->watched = DAY_NONE;
    c->loaded = false;
}

enum status cycle_new(const struct cycle_world *w, struct cycle **ret, struct err *err)
{
    struct cycle *c = calloc(1, sizeof *c);

    if (c == NULL) {
        return err_set(err, E_NOMEM, "the cycle");
    }
    c->w = *w;
    c->state = CYCLE_STANDBY;
    c->watched = DAY_NONE;
    c->news = (struct slot_news){-1, -1};
    c->certificate_days = -1;
    *ret = c;
    return OK;
}

void cycle_free(struct cycle *c)
{
    if (c != NULL) {
        cycle_forget(c);
        free(c);
    }
}

enum cycle_state cycle_state(const struct cycle *c)
{
    return c->state;
}

const char *cycle_state_text(const struct cycle *c)
{
    switch (c->state) {
    case CYCLE_STANDBY:
        return "standing by: another dsmbd holds this trial";
    case CYCLE_NO_PLAN:
        return "waiting for a plan to be adopted (dsmbctl plan adopt)";
    case CYCLE_NO_BOARD:
        return "waiting for a board to be adopted (dsmbctl board adopt)";
    case CYCLE_WATCHING:
        return "watching";
    case CYCLE_DATA_FAULT:
        return "DATA FAULT: the source is not believed, the last state stands (dsmbctl status)";
    }
    return "";
}

void cycle_mail(const struct cycle *c, int64_t *unreached, int64_t *waiting, int64_t *certificate_days)
{
    *unreached = c->news.unreached;
    *waiting = c->news.waiting;
    *certificate_days = c->certificate_days;
}

void cycle_last_look(const struct cycle *c, int64_t *look, instant_t *look_at)
{
    *look = c->last.look;
    *look_at = c->last.look > 0 ? c->last.read_at : INSTANT_NONE;
}

void cycle_set_world(struct cycle *c, const struct cycle_world *w)
{
    c->w = *w;
    c->watched = DAY_NONE; /* keys or trusted issuers may be others */
    c->last_poll = 0;      /* and so may be the trial database: it wakes us once it has been asked */
}

enum status cycle_load_past(struct cycle *c, struct err *err)
{
    const struct store *s = c->w.store;
    enum status st;

    free_history(c);
    known_set_done(&c->known);
    c->known = (struct known_set){0};
    free(c->alerts);
    c->alerts = NULL;
    c->n_alerts = 0;
    c->history = calloc(c->plan->n_monitors, sizeof *c->history);
    if (c->history == NULL) {
        return err_set(err, E_NOMEM, "the monitors' histories");
    }
    for (size_t i = 0; i < c->plan->n_monitors; i++) {
        memcpy(c->history[i].monitor, c->plan->monitors[i].name, sizeof c->history[i].monitor);
    }
    st = s->load_history(s->ctx, c->history, c->plan->n_monitors, err);
    if (st == OK) {
        st = s->load_known(s->ctx, &c->known, err);
    }
    if (st == OK) {
        st = s->load_alerts(s->ctx, &c->alerts, &c->n_alerts, err);
    }
    if (st == OK) {
        st = s->last_look(s->ctx, &c->last, err);
    }
    return st;
}

static enum status load_plan(struct cycle *c, struct err *err)
{
    const struct store *s = c->w.store;
    struct adopted a = {0};
    struct adopted_rules r = {0};
    enum status st = s->load_plan(s->ctx, &a, &r, err);

    if (st == OK && a.id != 0) {
        st = adopt_read_plan(c->w.parse, c->w.trial, a.text, a.len, &r, &c->plan, &c->rules, err);
        c->plan_id = a.id;
        c->plan_hash = a.hash;
    }
    adopted_done(&a);
    adopted_rules_done(&r);
    return st;
}

static enum status load_board(struct cycle *c, struct err *err)
{
    const struct store *s = c->w.store;
    struct adopted a = {0};
    enum status st = s->load_board(s->ctx, &a, err);

    if (st == OK && a.id != 0) {
        st = adopt_read_board(c->w.parse, c->w.trial, a.text, a.len, &c->board, err);
        c->board_id = a.id;
    }
    adopted_done(&a);
    return st;
}

enum status cycle_load_all(struct cycle *c, struct err *err)
{
    enum status st;

    cycle_forget(c);
    st = load_plan(c, err);
    if (st == OK) {
        st = load_board(c, err);
    }
    if (st == OK && c->plan != NULL) {
        st = cycle_load_past(c, err);
    }
    if (st == OK) {
        st = rows_new(&c->rows, err);
    }
    if (st == OK) {
        st = c->w.store->load_rows(c->w.store->ctx, c->rows, err);
    }
    if (st == OK) {
        c->loaded = true;
        c->test = c->again = true; /* asked for before a restart, perhaps */
    } else {
        cycle_forget(c);
    }
    return st;
}

struct slot_view cycle_slot_view(const struct cycle *c)
{
    return (struct slot_view){.w = &c->w,
                              .plan = c->plan,
                              .board = c->board,
                              .history = c->history,
                              .alerts = c->alerts,
                              .n_alerts = c->n_alerts,
                              .last = &c->last,
                              .epoch = c->epoch,
                              .test = c->test,
                              .again = c->again};
}

void cycle_wake(struct cycle *c)
{
    c->woken = true;
}

/* Is it worth reading the source now? */
static enum status worth_reading(struct cycle *c, instant_t now, int64_t mono_us, bool *yes, struct err *err)
{
    bool changed = false;
    bool new_day = c->last.look == 0 || instant_day(now) > c->last.cut;
    bool whole = c->token[0] == '\0' || c->last_full == 0 || mono_us - c->last_full >= c->w.full_look_us;
    enum status st;

    *yes = whole;
    if (!whole && !c->woken && c->last_poll != 0 && mono_us - c->last_poll < c->w.poll_us) {
        return OK;
    }
    c->woken = false;
    c->last_poll = mono_us;
    if (whole) {
        return OK;
    }
    if (c->plan->trial_clock == TRIAL_CLOCK_WALL && c->plan->cut == CUT_DAILY) {
        if (new_day) {
            *yes = true; /* a cut is due whether or not anything was entered */
            return OK;
        }
        if (!c->fault_open) {
            *yes = false; /* between cuts nothing is judged: a poll is not a look */
            return OK;
        }
    }
    st = c->w.source->gate(c->w.source->ctx, c->token, &changed, err);
    *yes = changed;
    return st;
}

/* After the look, so that its alert goes with this slot; and also when the source is away: that shows in what it says. */
static enum status mail_in_time(struct cycle *c, instant_t now, enum status st, struct err *err)
{
    struct slot_view v = cycle_slot_view(c);
    struct err why = {0};
    enum status mail = slot_step(&v, now, &c->news, &why);

    c->test = c->test && mail != OK;
    c->again = c->again && mail != OK;
    return st == OK && mail != OK ? err_set(err, mail, "%s", why.msg) : st;
}

/* Two slots without a sign: the mailer tells operations. */
static int64_t silent_after(const struct cycle *c)
{
    return c->plan == NULL ? 0 : 2 * c->plan->messages.slot_us;
}

static int64_t beat_every(const struct cycle *c)
{
    int64_t us = silent_after(c) / 4;

    return us > 0 && us < BEAT_EVERY_US ? us : BEAT_EVERY_US;
}

enum status cycle_step(struct cycle *c, instant_t now, int64_t mono_us, struct err *err)
{
    const struct store *s = c->w.store;
    bool leader = false, read_now = false, looked = false;
    enum status st = s->lead(s->ctx, &leader, &c->epoch, err);

    c->news.waiting = -1; /* until this poll has counted */
    if (st != OK) {
        return st;
    }
    if (!leader) {
        c->state = CYCLE_STANDBY;
        return OK;
    }
    if (!c->loaded) {
        st = cycle_load_all(c, err);
    }
    if (st == OK) {
        st = cycle_requests(c, now, mono_us, err);
    }
    if (st == OK && c->board != NULL && c->watched != instant_day(now)) {
        st = letters_watch(&c->w, c->board, now, &c->certificate_days, err);
        c->watched = st == OK ? instant_day(now) : DAY_NONE;
    }
    if (st != OK) {
        return st;
    }
    if (c->plan == NULL || c->board == NULL) {
        c->state = c->plan == NULL ? CYCLE_NO_PLAN : CYCLE_NO_BOARD;
    } else {
        st = worth_reading(c, now, mono_us, &read_now, err);
        if (st == E_DATA || st == E_DENIED) {
            st = cycle_fault(c, err->msg, err);
        } else if (st == OK && read_now) {
            st = cycle_read_and_look(c, LOOK_CUT, 0, now, mono_us, &looked, err);
        } else if (st == OK && !c->fault_open) {
            c->state = CYCLE_WATCHING;
        }
        st = mail_in_time(c, now, st, err);
    }
    if (st == OK && (c->last_beat == 0 || c->beaten != c->state || mono_us - c->last_beat >= beat_every(c))) {
        st = s->beat(s->ctx, now, cycle_state_text(c), silent_after(c), err);
        c->last_beat = mono_us;
        c->beaten = c->state;
    }
    return st;
}
