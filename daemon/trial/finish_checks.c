/* Data queries that need more than one row to be seen. */
#include "trial/builder.h"

#include <stdlib.h>
#include <string.h>

/* A subject's fatal events, for comparing with what its own row says. */
struct fatal {
    bool any;
    bool date_differs; /* a fatal event ended on another day than the subject died on */
};

/* a is certainly before b; false where either is unknown. */
static bool before(day_t a, day_t b)
{
    return a != DAY_NONE && b != DAY_NONE && a < b;
}

static bool is_fatal(const struct event *e)
{
    return !e->deleted && (e->outcome == OUT_FATAL || e->crit[CRIT_DEATH] == TRI_YES);
}

/* Events whose seriousness is open: listed while they are few. */
struct open_seriousness {
    size_t n, events;
    str_id id[SERIOUS_LISTED];
};

static enum status ask_seriousness(struct builder *b, const struct open_seriousness *o, struct err *err)
{
    str_id value = 0;
    enum status st = OK;

    for (size_t i = 0; st == OK && o->n <= SERIOUS_LISTED && i < o->n; i++) {
        st = builder_ask(b, Q_SERIOUS_UNANSWERED, SRC_AE, o->id[i], AE_SERIOUS, 0, err);
    }
    /* A form that does not ask, a site that does not answer: one query, not one an event. */
    if (o->n > SERIOUS_LISTED) {
        buf_clear(&b->key);
        buf_fmt(&b->key, "%zu of %zu events", o->n, o->events);
        st = buf_check(&b->key, err);
        st = st != OK ? st : pool_intern(b->pool, buf_cstr(&b->key), b->key.len, &value, err);
        st = st != OK ? st : builder_ask(b, Q_SERIOUS_UNANSWERED, SRC_AE, 0, AE_SERIOUS, value, err);
    }
    return st;
}

static enum status check_event(struct builder *b, const struct snapshot *s, const struct event *e,
                               day_t cutoff, struct fatal *fatal, struct open_seriousness *open,
                               struct err *err)
{
    const struct subject *sub = e->subject == NO_SUBJECT ? NULL : &s->subjects[e->subject];
    bool criterion = is_fatal(e);
    enum status st = OK;

    open->events++;
    for (int i = 0; i < CRIT_N; i++) {
        criterion = criterion || e->crit[i] == TRI_YES;
    }
    if (e->serious == TRI_UNKNOWN && !criterion && open->n++ < SERIOUS_LISTED) {
        open->id[open->n - 1] = e->id;
    }
    if (sub == NULL && e->subject_id != 0) {
        st = builder_ask(b, Q_EVENT_WITHOUT_SUBJECT, SRC_AE, e->id, AE_SUBJECT, e->subject_id, err);
    }
    if (st == OK &&
        (before(cutoff, e->onset.first) || (sub != NULL && before(sub->death_date.last, e->onset.first)))) {
        st = builder_ask(b, Q_DATE_ORDER, SRC_AE, e->id, AE_ONSET, 0, err);
    }
    if (st == OK && (before(e->resolved.last, e->onset.first) || before(cutoff, e->resolved.first))) {
        st = builder_ask(b, Q_DATE_ORDER, SRC_AE, e->id, AE_RESOLVED, 0, err);
    }
    if (sub != NULL && is_fatal(e)) {
        fatal[e->subject].any = true;
        if (before(e->resolved.last, sub->death_date.first) ||
            before(sub->death_date.last, e->resolved.first)) {
            fatal[e->subject].date_differs = true;
        }
    }
    return st;
}

static enum status check_subject(struct builder *b, const struct subject *s, day_t cutoff,
                                 const struct fatal *fatal, struct err *err)
{
    const struct pdate *death = &s->death_date;
    bool dated = death->prec != DATE_ABSENT;
    const struct {
        bool wrong;
        enum query_code code;
        int column;
    } checks[] = {
        {before(cutoff, s->rand), Q_DATE_ORDER, SUB_RAND},
        {before(s->first_dose, s->rand), Q_DATE_ORDER, SUB_FIRST_DOSE},
        {before(s->last_dose, s->first_dose), Q_DATE_ORDER, SUB_LAST_DOSE},
        {before(s->fu_end, s->rand), Q_DATE_ORDER, SUB_FU_END},
        {before(death->last, s->rand) || before(cutoff, death->first), Q_DATE_ORDER, SUB_DEATH_DATE},
        {!s->death_flag && (dated || s->fu_reason == FU_DEATH || fatal->any), Q_DEATH_DISAGREES,
         SUB_DEATH_FLAG},
        {s->death_flag && s->fu_reason != FU_DEATH && s->fu_reason != FU_NONE, Q_DEATH_DISAGREES,
         SUB_FU_REASON},
        {fatal->date_differs, Q_DEATH_DISAGREES, SUB_DEATH_DATE},
        {before(death->last, s->fu_end), Q_DEATH_DISAGREES, SUB_FU_END},
        {s->death_flag && !fatal->any, Q_DEATH_DISAGREES, COLUMN_ROW},
    };

    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        enum status st = OK;

        if (checks[i].wrong) {
            st = builder_ask(b, checks[i].code, SRC_SUBJECT, s->id, checks[i].column, 0, err);
        }
        if (st != OK) {
            return st;
        }
    }
    return OK;
}

enum status builder_check(struct builder *b, const struct snapshot *s, struct err *err)
{
    day_t cutoff = s->data_cutoff == INSTANT_NONE ? DAY_NONE : instant_day(s->data_cutoff);
    struct fatal *fatal = calloc(s->n_subjects + 1, sizeof *fatal);
    struct open_seriousness open = {0};
    enum status st = fatal == NULL ? err_set(err, E_NOMEM, "checks of %zu subjects", s->n_subjects) : OK;

    for (size_t i = 0; st == OK && i < s->n_events; i++) {
        if (!s->events[i].deleted) {
            st = check_event(b, s, &s->events[i], cutoff, fatal, &open, err);
        }
    }
    for (size_t i = 0; st == OK && i < s->n_subjects; i++) {
        st = check_subject(b, &s->subjects[i], cutoff, &fatal[i], err);
    }
    free(fatal);
    return st == OK ? ask_seriousness(b, &open, err) : st;
}

static int by_place(const void *a, const void *b, void *pool)
{
    const struct query *x = a, *y = b;
    int c;

    if (x->view != y->view) {
        return x->view < y->view ? -1 : 1;
    }
    c = builder_compare(pool, x->key, y->key);
    if (c != 0) {
        return c;
    }
    if (x->code != y->code) {
        return x->code < y->code ? -1 : 1;
    }
    c = strcmp(x->column == NULL ? "" : x->column, y->column == NULL ? "" : y->column);
    return c != 0 ? c : builder_compare(pool, x->value, y->value);
}

enum status builder_finish_queries(struct builder *b, struct snapshot *s, struct err *err)
{
    size_t n = 0, n_all = b->n_kept + b->n_queries;
    struct query *all = malloc((n_all + 1) * sizeof *all);

    if (all == NULL) {
        return err_set(err, E_NOMEM, "%zu data queries", n_all);
    }
    if (b->n_kept > 0) {
        memcpy(all, b->kept, b->n_kept * sizeof *all);
    }
    if (b->n_queries > 0) {
        memcpy(all + b->n_kept, b->queries, b->n_queries * sizeof *all);
    }
    if (n_all > 1) {
        qsort_r(all, n_all, sizeof *all, by_place, b->pool);
    }
    for (size_t i = 0; i < n_all; i++) {
        if (n == 0 || by_place(&all[n - 1], &all[i], b->pool) != 0) {
            all[n++] = all[i];
        }
    }
    free(s->queries);
    s->queries = all;
    s->n_queries = n;
    b->n_queries = 0;
    return OK;
}
