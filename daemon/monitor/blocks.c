/*
 * blocks.c - first events grouped by onset day, with the risk set each day had left.
 */
#include "monitor/judge.h"

#include <stdlib.h>

struct on_day {
    day_t day;
    size_t i;
};

static int by_day(const void *a, const void *b)
{
    const struct on_day *x = a, *y = b;

    if (x->day != y->day) {
        return x->day < y->day ? -1 : 1;
    }
    return (x->i > y->i) - (x->i < y->i);
}

enum status judge_blocks(const struct monitor_data *d, size_t from, bool only_new, struct block **ret,
                         size_t *n_ret, struct err *err)
{
    struct on_day *order = NULL;
    struct block *out = NULL;
    size_t n = 0;
    enum status st = OK;

    if (d->n_events == 0) {
        *ret = NULL;
        *n_ret = 0;
        return OK;
    }
    order = malloc(d->n_events * sizeof *order);
    out = calloc(d->n_events, sizeof *out);
    if (order == NULL || out == NULL) {
        st = err_set(err, E_NOMEM, "grouping events by day");
        goto out;
    }
    for (size_t i = 0; i < d->n_events; i++) {
        order[i] = (struct on_day){d->events[i].day, i};
    }
    qsort(order, d->n_events, sizeof *order, by_day);
    for (size_t i = 0, end; i < d->n_events; i = end) {
        const struct known_event *first = &d->events[order[i].i];
        struct block b = {first->day, first->y1, first->y0, 0, 0};

        for (end = i; end < d->n_events && order[end].day == order[i].day; end++) {
            const struct known_event *ev = &d->events[order[end].i];

            if (ev->y1 != first->y1 || ev->y0 != first->y0 || (ev->exp != 0 && ev->exp != 1)) {
                st = err_set(err, E_DATA, "the events of one day disagree on who was at risk");
                goto out;
            }
            if (order[end].i >= from && (!only_new || ev->is_new)) {
                b.m++;
                b.x += ev->exp;
            } else if (ev->exp == 1) {
                b.y1--;
            } else {
                b.y0--;
            }
        }
        if (b.m == 0) {
            continue;
        }
        if (b.y1 < b.x || b.y0 < b.m - b.x) {
            st = err_set(err, E_DATA, "more events on a day than subjects at risk");
            goto out;
        }
        out[n++] = b;
    }
    if (n == 0) {
        free(out);
        out = NULL;
    }
    *ret = out;
    *n_ret = n;
    out = NULL;
out:
    free(order);
    free(out);
    return st;
}
