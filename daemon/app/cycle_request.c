/* What people ask of dsmbd: carried out, and answered. */
#include "app/adopt.h"
#include "app/cycle_priv.h"
#include "app/letters.h"
#include "monitor/amend.h"

enum { REQUESTS_PER_STEP = 8 };

/* Whoever was on the board before is told what was changed: the members by their next message, others by a last one. */
static enum status adopt_board(struct cycle *c, const struct request *r, const struct board *board,
                               instant_t now, struct err *why)
{
    const struct store *s = c->w.store;
    struct outgoing notices[MEMBERS_MAX];
    struct buf bodies[MEMBERS_MAX], changes = {0};
    size_t n = 0;
    enum status st = OK;

    if (c->board != NULL) {
        st = board_changes(c->board, board, &changes, why);
    }
    if (st == OK) {
        st = letters_removed(&c->w, c->board, board, r->by, now, notices, bodies, &n, why);
    }
    if (st == OK) {
        st = s->adopt_board(s->ctx, r, buf_cstr(&changes), notices, n, why);
    }
    for (size_t i = 0; i < n; i++) {
        buf_done(&bodies[i]);
    }
    buf_done(&changes);
    return st;
}

static enum status do_request(struct cycle *c, const struct request *r, instant_t now, int64_t mono_us,
                              bool *done, struct buf *said, struct err *why)
{
    const struct store *s = c->w.store;
    struct plan *plan = NULL;
    struct ruleset *rules = NULL;
    struct board *board = NULL;
    struct slot_view v;
    struct buf note = {0};
    enum status st = OK;

    *done = false;
    switch (r->kind) {
    case REQ_PLAN_ADOPT:
        st = adopt_read_plan(c->w.parse, c->w.trial, r->body, r->body_len, &r->rules, &plan, &rules, why);
        if (st == OK && c->plan != NULL) {
            st = plan_may_follow(c->plan, c->history, plan, why);
        }
        if (st == OK) {
            buf_str(&note, plan->messages.urgent_immediate ? PLAN_IMMEDIATE_NOTE : "");
            st = plan_amendments(c->plan, plan, &note, why);
        }
        if (st == OK) {
            st = cycle_review_note(c, rules, &note, why);
        }
        if (st == OK) {
            st = s->adopt_plan(s->ctx, r, buf_cstr(&note), why);
        }
        *done = st == OK;
        break;
    case REQ_BOARD_ADOPT:
        st = adopt_read_board(c->w.parse, c->w.trial, r->body, r->body_len, &board, why);
        if (st == OK) {
            st = letters_may_adopt(&c->w, board, now, why);
        }
        if (st == OK) {
            st = adopt_board(c, r, board, now, why);
        }
        *done = st == OK;
        break;
    case REQ_LOOK_ADHOC:
    case REQ_LOOK_FINAL:
        if (c->plan == NULL || c->board == NULL) {
            st = err_set(why, E_STATE, "no look without an adopted plan and an adopted board");
            break;
        }
        st = cycle_read_and_look(c, r->kind == REQ_LOOK_FINAL ? LOOK_FINAL : LOOK_ADHOC, r->id, now, mono_us,
                                 done, why);
        if (st == OK && !*done) {
            st = err_set(why, E_STATE, "no look was taken: %s", c->fault);
        }
        break;
    case REQ_ALERT_ACK:
        if (c->plan == NULL || c->board == NULL) {
            st = err_set(why, E_STATE, "no alert without an adopted plan and an adopted board");
            break;
        }
        v = cycle_slot_view(c);
        st = slot_acknowledge(&v, r, why);
        *done = st == OK;
        break;
    case REQ_ALERT_TEST:
        if (c->plan == NULL || c->board == NULL) {
            st = err_set(why, E_STATE, "no test without an adopted plan and an adopted board");
            break;
        }
        c->test = true;
        v = cycle_slot_view(c);
        st = slot_test(&v, now, said, why);
        *done = st == OK;
        break;
    case REQ_REVIEW_DECIDE:
        st = c->plan == NULL
                 ? err_set(why, E_STATE, "no event is decided without an adopted plan and its rules")
                 : cycle_decide(c, r, why);
        *done = st == OK;
        break;
    case REQ_ALERT_RESEND:
        if (c->plan == NULL || c->board == NULL) {
            st = err_set(why, E_STATE, "no alert without an adopted plan and an adopted board");
            break;
        }
        c->again = true;
        v = cycle_slot_view(c);
        st = slot_resend(&v, r, now, why);
        *done = st == OK;
        break;
    case REQ_SOURCE_ACCEPT:
        c->accept_shrink = true;
        c->token[0] = '\0'; /* read again at once */
        *done = true;
        break;
    }
    buf_done(&note);
    plan_free(plan);
    ruleset_free(rules);
    board_free(board);
    return st;
}

enum status cycle_requests(struct cycle *c, instant_t now, int64_t mono_us, struct err *err)
{
    const struct store *s = c->w.store;

    for (int i = 0; i < REQUESTS_PER_STEP; i++) {
        struct request r = {0};
        struct err why = {0};
        struct buf said = {0};
        bool found = false, done = false;
        enum status st = s->next_request(s->ctx, &r, &found, err);

        if (st != OK || !found) {
            return st;
        }
        st = do_request(c, &r, now, mono_us, &done, &said, &why);
        if (st == E_RETRY || st == E_NOMEM) {
            request_done(&r);
            buf_done(&said);
            return err_set(err, st, "%s", why.msg); /* the request waits: it is not refused for our weather */
        }
        c->w.killpoint("request_carried_out");
        st = s->finish_request(s->ctx, &r, done,
                               !done          ? why.msg
                               : said.len > 0 ? buf_cstr(&said)
                                              : "done",
                               err);
        buf_done(&said);
        if (st == OK && done && (r.kind == REQ_PLAN_ADOPT || r.kind == REQ_BOARD_ADOPT)) {
            st = cycle_load_all(c, err);
        }
        request_done(&r);
        if (st != OK) {
            return st;
        }
    }
    return OK;
}
