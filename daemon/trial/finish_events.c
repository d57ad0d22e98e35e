/* New events put among those that stand. */
#include "trial/builder.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

static bool in_order(const struct sorted *o)
{
    for (size_t i = 0; i < o->n; i++) {
        if (o->items[i].index != i || (i > 0 && o->items[i].p == o->items[i - 1].p)) {
            return false;
        }
    }
    return true;
}

/* The new events in order, each id once, in *ret (the caller's). */
static enum status new_events(struct builder *b, struct event **ret, size_t *n_ret, struct err *err)
{
    struct sorted o = {0};
    struct event *events = NULL;
    size_t n = 0;
    enum status st = builder_sort(b->pool, b->n_events == 0 ? NULL : &b->events[0].id, sizeof *b->events,
                                  b->n_events, &o, err);

    if (st != OK) {
        return st;
    }
    if (in_order(&o)) { /* as a table read in the order it was filled: nothing to copy */
        *n_ret = b->n_events;
        events = b->n_events == 0 ? NULL : realloc(b->events, b->n_events * sizeof *events);
        *ret = events != NULL ? events : b->events;
        b->events = NULL;
        goto out;
    }
    events = malloc((o.n + 1) * sizeof *events);
    if (events == NULL) {
        st = err_set(err, E_NOMEM, "%zu events", o.n);
    }
    for (size_t i = 0, end; st == OK && i < o.n; i = end) {
        size_t best = o.items[i].index;

        end = builder_end_of_key(&o, i);
        for (size_t k = i + 1; k < end; k++) {
            best = b->ranks[o.items[k].index] < b->ranks[best] ? o.items[k].index : best;
        }
        events[n++] = b->events[best];
        if (end > i + 1) {
            st = builder_ask(b, Q_DUPLICATE_KEY, SRC_AE, b->events[best].id, COLUMN_ROW, 0, err);
        }
    }
    if (st != OK) {
        free(events);
        goto out;
    }
    *ret = events;
    *n_ret = n;
out:
    free(o.items);
    free(b->events);
    free(b->ranks);
    b->events = NULL;
    b->ranks = NULL;
    b->n_events = b->cap_events = b->cap_ranks = 0;
    return st;
}

/* The first of n events whose id does not come before `id`. */
static size_t place_of(const struct builder *b, const struct event *e, size_t n, str_id id)
{
    size_t lo = 0, hi = n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (builder_compare(b->pool, e[mid].id, id) < 0) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo;
}

/* Puts the new events among those that stand: from the end, so that what lies before the first new one does not move. */
static enum status merge_events(struct builder *b, struct snapshot *s, const struct event *add, size_t n_add,
                                struct err *err)
{
    size_t n = 0, to;
    enum status st;

    for (size_t i = 0; i < s->n_events; i++) {
        if (builder_is_dirty(b, SRC_AE, s->events[i].id)) {
            continue;
        }
        if (n != i) {
            s->events[n] = s->events[i];
        }
        n++;
    }
    s->n_events = n;
    b->cap_base_events = b->cap_base_events < n ? n : b->cap_base_events;
    st = vec_reserve(&s->events, &b->cap_base_events, n + n_add, sizeof *s->events, err);
    if (st != OK) {
        return st;
    }
    to = n + n_add;
    s->n_events = to;
    for (size_t k = n_add; k > 0; k--) {
        size_t place = place_of(b, s->events, n, add[k - 1].id);

        to -= n - place;
        memmove(&s->events[to], &s->events[place], (n - place) * sizeof *s->events);
        s->events[--to] = add[k - 1];
        n = place;
    }
    return OK;
}

enum status builder_finish_events(struct builder *b, struct snapshot *s, struct err *err)
{
    struct event *add = NULL;
    size_t n_add = 0;
    enum status st = new_events(b, &add, &n_add, err);

    if (st == OK && s->n_events == 0) {
        free(s->events);
        s->events = add;
        s->n_events = b->cap_base_events = n_add;
        return OK;
    }
    if (st == OK) {
        st = merge_events(b, s, add, n_add, err);
    }
    free(add);
    return st;
}
