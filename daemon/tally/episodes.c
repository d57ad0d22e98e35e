/* Episodes one by one, for what needs their days: the mean cumulative function, the robust rate. */
#include <stdlib.h>

#include "tally/span.h"
#include "tally/tally.h"

/* A row of an episode; own: of its number, where the row names no episode. */
struct row {
    uint32_t subject, own;
    str_id episode;
    day_t day;
};

static int by_episode(const void *a, const void *b)
{
    const struct row *x = a, *y = b;

    if (x->subject != y->subject) {
        return x->subject < y->subject ? -1 : 1;
    }
    if (x->episode != y->episode) {
        return x->episode < y->episode ? -1 : 1;
    }
    if (x->own != y->own) {
        return x->own < y->own ? -1 : 1;
    }
    return (x->day > y->day) - (x->day < y->day);
}

static int by_day(const void *a, const void *b)
{
    const struct episode *x = a, *y = b;

    if (x->subject != y->subject) {
        return x->subject < y->subject ? -1 : 1;
    }
    return (x->day > y->day) - (x->day < y->day);
}

static bool same_episode(const struct row *a, const struct row *b)
{
    return a->subject == b->subject && a->episode == b->episode && a->own == b->own;
}

static size_t rows_of(const struct snapshot *s, const struct classes *c, struct tally_target target,
                      const struct tally_options *o, const struct subject_facts *facts, struct row *row)
{
    day_t read_day = span_read_day(s, o);
    bool death = target.category != TALLY_ANY && target.category == o->death_category;
    size_t n = 0;

    for (size_t i = 0; i < s->n_events; i++) {
        const struct event *e = &s->events[i];
        struct span sp;
        struct bounds b;
        unsigned flags = 0;

        if (e->deleted || e->subject == NO_SUBJECT ||
            !in_target(c->events[i].categories, c->events[i].subtypes, target)) {
            continue;
        }
        sp = span_of(&s->subjects[e->subject], &facts[e->subject], o);
        b = bounds_of_event(e, &facts[e->subject], death, read_day);
        if (sp.enter != DAY_NONE && bounds_count(b, &s->subjects[e->subject], o)) {
            row[n++] = (struct row){.subject = e->subject,
                                    .own = e->episode == 0 ? (uint32_t)i + 1 : 0,
                                    .episode = e->episode,
                                    .day = bounds_day(b, &sp, death, &flags)};
        }
    }
    return n;
}

enum status tally_episodes(const struct snapshot *s, const struct classes *c, struct tally_target target,
                           const struct tally_options *o, struct episode **ret, size_t *n_ret,
                           struct err *err)
{
    struct subject_facts *facts = NULL;
    struct row *row = malloc((s->n_events + 1) * sizeof *row);
    struct episode *out = malloc((s->n_events + 1) * sizeof *out);
    size_t n_rows, n = 0;
    enum status st = OK;

    if (row == NULL || out == NULL) {
        st = err_set(err, E_NOMEM, "episodes of %zu events", s->n_events);
    } else if (c->n_events != s->n_events) {
        st = err_set(err, E_INTERNAL, "the classes are not of this snapshot");
    } else {
        st = span_facts(s, o, &facts, err);
    }
    if (st != OK) {
        goto out;
    }
    n_rows = rows_of(s, c, target, o, facts, row);
    qsort(row, n_rows, sizeof *row, by_episode);
    for (size_t i = 0; i < n_rows; i++) {
        if (i == 0 || !same_episode(&row[i - 1], &row[i])) {
            out[n++] = (struct episode){row[i].subject, row[i].day};
        }
    }
    qsort(out, n, sizeof *out, by_day);
    *ret = out;
    *n_ret = n;
    out = NULL;
out:
    free(facts);
    free(row);
    free(out);
    return st;
}
