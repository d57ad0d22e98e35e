#include "cmd/ctl_walk.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "cmd/ctl.h"

enum status walked_new(const struct plan *plan, struct walked *ret, struct err *err)
{
    struct walked o = {.n = plan->n_monitors};

    o.h = calloc(o.n, sizeof *o.h);
    if (o.h == NULL) {
        return err_set(err, E_NOMEM, "the monitors' histories");
    }
    for (size_t i = 0; i < o.n; i++) {
        memcpy(o.h[i].monitor, plan->monitors[i].name, sizeof o.h[i].monitor);
    }
    *ret = o;
    return OK;
}

void walked_done(struct walked *o)
{
    for (size_t i = 0; i < o->n; i++) {
        history_done(&o->h[i]);
    }
    free(o->h);
    *o = (struct walked){0};
}

enum status walk_run(const struct walk *w, const struct plan *plan, struct ruleset *rules, struct walked *ret,
                     struct err *err)
{
    struct walked o = {0};
    struct known_set known = {0};
    enum status st = walked_new(plan, &o, err);

    for (size_t k = 0; st == OK && k < w->n; k++) {
        struct snapshot *made = NULL;
        struct look_result r = {0};
        struct look_input in = {.plan = plan,
                                .rules = rules,
                                .snapshot = w->asof == NULL ? w->snapshots[k] : NULL,
                                .history = o.h,
                                .known = &known,
                                .kind = w->heads[k].kind,
                                .look = w->heads[k].look,
                                .cut = w->heads[k].cut,
                                .changed = w->heads[k].n_changes > 0};

        if (w->asof != NULL) {
            ctl_progress("replay", k, w->n, "days");
            st = asof_snapshot(w->asof, &plan->arms, in.cut, &made, err);
            in.snapshot = made;
        }
        if (st == OK) {
            st = look_run(&in, &r, err);
        }
        for (size_t i = 0; st == OK && i < o.n; i++) {
            struct history *h = &o.h[i];

            st = VEC_PUSH_ROOM(h->entries, h->n, h->cap, err);
            if (st == OK) {
                h->entries[h->n++] = r.entries[i];
                r.entries[i] = (struct entry){0}; /* moved */
            }
        }
        if (st == OK) {
            st = known_set_take(&known, &r.newly_known, err);
        }
        look_result_done(&r);
        snapshot_free(made);
    }
    ctl_progress_end();
    known_set_done(&known);
    if (st != OK) {
        walked_done(&o);
        return st;
    }
    *ret = o;
    return OK;
}

/* Keeps the looks whose cut lies in [from, to]. */
static void keep_between(struct walk *w, day_t from, day_t to)
{
    size_t n = 0;

    for (size_t i = 0; i < w->n; i++) {
        day_t cut = w->heads[i].cut;

        if ((from == DAY_NONE || cut >= from) && (to == DAY_NONE || cut <= to)) {
            w->heads[n++] = w->heads[i];
        }
    }
    w->n = n;
}

enum status walk_stored(struct reader *r, const struct plan *plan, day_t from, day_t to, struct walk *ret,
                        struct err *err)
{
    struct walk w = {0};
    enum status st = reader_looks(r, &w.heads, &w.n, err);

    if (st == OK) {
        keep_between(&w, from, to);
    }
    if (st == OK && w.n == 0) {
        st = err_set(err, E_NOTFOUND, "no look is stored%s",
                     from != DAY_NONE || to != DAY_NONE ? " of these days" : " yet");
    }
    if (st == OK) {
        w.snapshots = calloc(w.n, sizeof *w.snapshots);
        st = w.snapshots == NULL ? err_set(err, E_NOMEM, "the looks' snapshots") : OK;
    }
    for (size_t i = 0; st == OK && i < w.n; i++) {
        ctl_progress("replay", i, w.n, "looks read");
        st = past_snapshot(r, plan, w.heads[i].look, &w.snapshots[i], err);
    }
    ctl_progress_end();
    if (st != OK) {
        walk_done(&w);
        return st;
    }
    *ret = w;
    return OK;
}

static enum status take_row(void *ctx, enum src_view view, const struct field *f, struct err *err)
{
    return asof_row(ctx, view, f, err);
}

/* A look at the cut of each day, the last one the closing look. */
static enum status make_days(struct walk *w, const struct look_head *newest, struct err *err)
{
    size_t days = (size_t)(w->span.last - w->span.first) + 1;

    w->heads = calloc(days + 1, sizeof *w->heads);
    if (w->heads == NULL) {
        return err_set(err, E_NOMEM, "a look for each of %zu days", days);
    }
    for (size_t k = 0; k <= days; k++) {
        struct look_head *h = &w->heads[k];

        h->look = (int64_t)k + 1;
        h->kind = k == days ? LOOK_FINAL : LOOK_CUT;
        h->cut = w->span.first + (day_t)(k < days ? k : days - 1);
        h->snapshot = newest->snapshot; /* what all of it comes from */
        h->n_changes = k == 0 ? 1 : (int64_t)asof_new_rows(w->asof, h->cut - 1, h->cut);
    }
    w->n = days + 1;
    return OK;
}

enum status walk_finished(struct reader *r, day_t from, day_t to, struct walk *ret, struct err *err)
{
    struct walk w = {0};
    struct look_head newest = {0};
    enum status st = reader_look(r, 0, &newest, err);

    if (st == E_NOTFOUND) {
        st = err_set(err, E_NOTFOUND,
                     "no look is stored yet: a finished trial is walked from the rows of the newest one "
                     "(dsmbctl look takes one)");
    }
    if (st == OK) {
        st = asof_new(&w.asof, err);
    }
    if (st == OK) {
        st = reader_rows(r, newest.look, take_row, w.asof, err);
    }
    if (st == OK) {
        st = asof_finish(w.asof, &w.span, err);
    }
    if (st == OK) {
        st = make_days(&w, &newest, err);
    }
    if (st == OK) {
        keep_between(&w, from, to);
        st = w.n == 0 ? err_set(err, E_NOTFOUND, "the trial has none of these days") : OK;
    }
    if (st != OK) {
        walk_done(&w);
        return st;
    }
    *ret = w;
    return OK;
}

void walk_done(struct walk *w)
{
    for (size_t i = 0; w->snapshots != NULL && i < w->n; i++) {
        snapshot_free(w->snapshots[i]);
    }
    free(w->snapshots);
    free(w->heads);
    asof_free(w->asof);
    *w = (struct walk){0};
}
