/* One look, from the snapshot to the transaction that stores it. */
#include <stdlib.h>
#include <string.h>

#include "app/cycle_priv.h"
#include "render/report.h"

struct look_work {
    struct look_result result;
    struct review_list review;
    struct alert *alerts;
    size_t n_alerts;
    struct slot_batch letters;
    struct stored_report *reports;
    struct buf *pages;
    size_t n_reports;
};

static void look_work_done(struct look_work *w)
{
    look_result_done(&w->result);
    review_list_done(&w->review);
    free(w->alerts);
    slot_batch_done(&w->letters);
    for (size_t i = 0; w->pages != NULL && i < w->n_reports; i++) {
        buf_wipe(&w->pages[i]);
    }
    free(w->pages);
    free(w->reports);
}

static const char *const report_formats[REPORT_RENDERED] = {
    [REPORT_TEXT] = "text", [REPORT_CSV] = "csv", [REPORT_JSON] = "json", [REPORT_HTML] = "html"};

/* Both reports in every format that is text, at the look's own time: written again from the store they are the same. */
static enum status write_reports(const struct cycle *c, const struct look_head *head,
                                 const struct snapshot *s, struct look_work *w, struct err *err)
{
    static const char *const audiences[] = {[AUDIENCE_CLOSED] = "closed", [AUDIENCE_OPEN] = "open"};
    struct report_input in = {.plan = c->plan,
                              .rules = c->rules,
                              .snapshot = s,
                              .result = &w->result,
                              .history = c->history,
                              .look = head->look,
                              .cut = head->cut,
                              .read_at = head->read_at,
                              .data_cutoff = head->data_cutoff,
                              .now = head->read_at};
    enum status st = OK;

    sha256_hex(&head->snapshot, in.snapshot_hash);
    sha256_hex(&c->plan_hash, in.plan_hash);
    w->reports = calloc(2 * REPORT_RENDERED, sizeof *w->reports);
    w->pages = calloc(2 * REPORT_RENDERED, sizeof *w->pages);
    if (w->reports == NULL || w->pages == NULL) {
        return err_set(err, E_NOMEM, "the look's reports");
    }
    w->n_reports = 2 * REPORT_RENDERED;
    for (size_t a = 0; st == OK && a < 2; a++) {
        enum audience audience = a == 0 ? AUDIENCE_CLOSED : AUDIENCE_OPEN;
        struct buf page[REPORT_RENDERED] = {{0}};

        st = report_render_all(&in, audience, page, err);
        for (size_t f = 0; f < REPORT_RENDERED; f++) { /* moved: empty where it failed */
            struct buf *to = &w->pages[2 * f + a];
            struct stored_report *r = &w->reports[2 * f + a];

            *to = page[f];
            st = st == OK ? sha256_of(to->data, to->len, &r->hash, err) : st;
            r->audience = audiences[audience];
            r->format = report_formats[f];
            r->bytes = to->data;
            r->len = to->len;
        }
    }
    return st;
}

/* The alerts get their numbers here: the store gives them none in between. */
static enum status write_messages(struct cycle *c, const struct look_head *head, const struct snapshot *s,
                                  instant_t now, struct look_work *w, struct err *err)
{
    struct slot_view v = cycle_slot_view(c);
    struct mail_input in = {.rules = c->rules,
                            .result = &w->result,
                            .snapshot = s,
                            .look = head->look,
                            .cut = head->cut,
                            .data_cutoff = head->data_cutoff,
                            .now = now};

    for (size_t i = 0; i < w->n_alerts; i++) {
        w->alerts[i].id = (int64_t)(c->n_alerts + i) + 1;
    }
    return slot_letters(&v, &in, w->alerts, w->n_alerts, &w->letters, err);
}

static enum status take_look(struct cycle *c, const struct snapshot *s, const struct source_gate *gate,
                             enum look_kind kind, day_t cut, int64_t request_id, instant_t now,
                             struct err *err)
{
    struct look_work w = {0};
    struct look_head head = {.look = c->last.look + 1,
                             .kind = kind,
                             .cut = cut,
                             .read_at = gate->read_at,
                             .data_cutoff = s->data_cutoff,
                             .plan_id = c->plan_id,
                             .board_id = c->board_id,
                             .request_id = request_id,
                             .n_subjects = (int64_t)s->n_subjects,
                             .n_events = (int64_t)s->n_events};
    struct look_record rec = {
        .snapshot = s, .rules = c->rules, .plan = c->plan, .result = &w.result, .epoch = c->epoch};
    struct look_input in = {.plan = c->plan,
                            .rules = c->rules,
                            .snapshot = s,
                            .history = c->history,
                            .known = &c->known,
                            .kind = kind,
                            .look = head.look,
                            .cut = cut};
    enum status st = rows_changes(c->rows, &rec.changes, &rec.n_changes, err);

    if (st == OK) {
        st = rows_snapshot_hash(c->rows, &head.snapshot, err);
    }
    if (st != OK) {
        goto out;
    }
    memcpy(head.token, gate->token, sizeof head.token);
    head.n_changes = (int64_t)rec.n_changes;
    in.changed = rec.n_changes > 0;
    st = look_run(&in, &w.result, err);
    if (st == OK && c->w.counted != NULL) {
        c->w.counted(c->w.counted_ctx);
    }
    if (st == OK) {
        st = cycle_review_list(c, s, &w.result, rec.changes, rec.n_changes, &w.review, err);
    }
    if (st == OK) {
        st = alert_decide(c->plan, &w.result, head.look, c->alerts, c->n_alerts, &w.alerts, &w.n_alerts, err);
    }
    if (st == OK) {
        st = write_messages(c, &head, s, now, &w, err);
    }
    if (st == OK && look_reports_due(c->plan, s, kind, c->last.look > 0 ? c->last.cut : DAY_NONE, cut)) {
        st = write_reports(c, &head, s, &w, err);
        if (st != OK && st != E_NOMEM) {
            /* A report that cannot be written holds up no alert.  Why may name an arm: it is not for the journal. */
            cycle_say(c, JOURNAL_ERROR, "the look's reports could not be written; dsmbctl report tells why");
            while (w.n_reports > 0) {
                buf_wipe(&w.pages[--w.n_reports]);
            }
            st = OK;
        }
    }
    if (st != OK) {
        goto out;
    }
    rec.head = head;
    rec.review = &w.review;
    rec.alerts = w.alerts;
    rec.n_alerts = w.n_alerts;
    rec.messages = w.letters.out;
    rec.n_messages = w.letters.n;
    rec.reports = w.reports;
    rec.n_reports = w.n_reports;
    c->w.killpoint("decided");
    st = c->w.store->save_look(c->w.store->ctx, &rec, err);
    if (st == OK) {
        c->w.killpoint("look_saved");
        rows_commit(c->rows);
        c->accept_shrink = false;
        st = cycle_load_past(c, err);
    }
    if (st == OK) {
        cycle_say(c, JOURNAL_INFO, "look done");
    }
out:
    if (st != OK) {
        rows_abort(c->rows);
    }
    look_work_done(&w);
    return st;
}

/* The cut this reading belongs to; DAY_NONE when it is no new cut. */
static day_t due_cut(const struct cycle *c, const struct snapshot *s, instant_t now, enum look_kind kind)
{
    day_t day = c->plan->trial_clock == TRIAL_CLOCK_SOURCE ? instant_day(s->data_cutoff) : instant_day(now);

    if (kind != LOOK_CUT || c->plan->cut == CUT_EVERY_CHANGE) {
        return c->last.look > 0 && day < c->last.cut ? c->last.cut : day; /* trial days never step back */
    }
    return c->last.look == 0 || day > c->last.cut ? day : DAY_NONE;
}

enum status cycle_read_and_look(struct cycle *c, enum look_kind kind, int64_t request_id, instant_t now,
                                int64_t mono_us, bool *looked, struct err *err)
{
    const struct snapshot *s = NULL;
    struct source_gate gate = {0};
    enum status st = cycle_read(c, &s, &gate, err);
    const struct row_change *changes = NULL;
    size_t n_changes = 0;
    day_t cut;

    if (st != OK || s == NULL) {
        c->last_full = mono_us;
        return st;
    }
    c->w.killpoint("read");
    c->state = CYCLE_WATCHING;
    cut = due_cut(c, s, now, kind);
    if (cut != DAY_NONE && kind == LOOK_CUT && c->plan->cut == CUT_EVERY_CHANGE && c->last.look > 0) {
        st = rows_changes(c->rows, &changes, &n_changes, err);
        cut = n_changes == 0 && cut == c->last.cut ? DAY_NONE : cut;
    }
    if (st == OK && cut != DAY_NONE) {
        st = take_look(c, s, &gate, kind, cut, request_id, now, err);
        *looked = st == OK;
    } else {
        rows_abort(c->rows);
    }
    if (st == OK) {
        memcpy(c->token, gate.token, sizeof c->token);
        c->last_full = mono_us;
    }
    reading_close(c->reading);
    return st;
}
