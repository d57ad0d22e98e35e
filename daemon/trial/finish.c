/* From rows as they came to a snapshot: references resolved, duplicates dropped, everything in order. */
#include "trial/builder.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/vec.h"

/* What finish knows of each string id, while it resolves references. */
struct maps {
    uint32_t *subject; /* index + 1 of the subject of that id */
    uint32_t *event;   /* index + 1 of the event of that id */
};

enum status builder_sort(const struct pool *p, const str_id *first, size_t stride, size_t n,
                         struct sorted *ret, struct err *err)
{
    struct canon_item *items = malloc((n + 1) * sizeof *items);
    const char *at = (const char *)first;

    if (items == NULL) {
        return err_set(err, E_NOMEM, "putting %zu rows in order", n);
    }
    for (size_t i = 0; i < n; i++) {
        str_id id;

        memcpy(&id, at + i * stride, sizeof id);
        items[i] =
            (struct canon_item){.p = pool_str(p, id), .len = (uint32_t)pool_len(p, id), .index = (uint32_t)i};
    }
    canon_sort(items, n);
    *ret = (struct sorted){.items = items, .n = n};
    return OK;
}

size_t builder_end_of_key(const struct sorted *s, size_t from)
{
    size_t end = from + 1;

    while (end < s->n && s->items[end].p == s->items[from].p) {
        end++;
    }
    return end;
}

int builder_compare(const struct pool *p, str_id a, str_id b)
{
    return a == b   ? 0
           : a == 0 ? -1
           : b == 0 ? 1
                    : canon_compare(pool_str(p, a), pool_len(p, a), pool_str(p, b), pool_len(p, b));
}

bool builder_is_dirty(const struct builder *b, enum src_view view, str_id id)
{
    return id < b->cap_dirty && (b->dirty[id] & 1u << view) != 0;
}

/* Leaves out, of the first `old` rows, those whose key (their first member) is dirty; the new ones move up. */
static void prune(const struct builder *b, enum src_view view, void *rows, size_t elem, size_t old, size_t *n)
{
    char *at = rows;
    size_t to = 0;

    if (b->base == NULL || !b->touched[view]) {
        return;
    }
    for (size_t i = 0; i < *n; i++) {
        str_id id;

        memcpy(&id, at + i * elem, sizeof id);
        if (i < old && builder_is_dirty(b, view, id)) {
            continue;
        }
        if (to != i) {
            memcpy(at + to * elem, at + i * elem, elem);
        }
        to++;
    }
    *n = to;
}

/* Queries of rows: those that stand, then the new ones.  b->queries is then for what finish itself asks. */
static enum status keep_queries(struct builder *b, struct err *err)
{
    size_t to = 0;
    enum status st;

    for (size_t i = 0; i < b->n_kept; i++) {
        if (!builder_is_dirty(b, b->kept[i].view, b->kept[i].key)) {
            b->kept[to++] = b->kept[i];
        }
    }
    b->n_kept = to;
    st = vec_reserve(&b->kept, &b->cap_kept, to + b->n_queries, sizeof *b->kept, err);
    if (st == OK && b->n_queries > 0) {
        memcpy(b->kept + to, b->queries, b->n_queries * sizeof *b->kept);
        b->n_kept += b->n_queries;
        b->n_queries = 0;
    }
    return st;
}

static enum status finish_subjects(struct builder *b, struct snapshot *s, struct err *err)
{
    struct sorted o = {0};
    enum status st = builder_sort(b->pool, b->n_subjects == 0 ? NULL : &b->subjects[0].s.id,
                                  sizeof *b->subjects, b->n_subjects, &o, err);

    if (st != OK) {
        return st;
    }
    free(s->subjects);
    s->n_subjects = 0;
    s->subjects = malloc((o.n + 1) * sizeof *s->subjects);
    if (s->subjects == NULL) {
        st = err_set(err, E_NOMEM, "%zu subjects", o.n);
    }
    for (size_t i = 0, end; st == OK && i < o.n; i = end) {
        const struct subject_row *best = &b->subjects[o.items[i].index];

        end = builder_end_of_key(&o, i);
        for (size_t k = i + 1; k < end; k++) {
            const struct subject_row *other = &b->subjects[o.items[k].index];

            best = other->rank < best->rank ? other : best;
        }
        s->subjects[s->n_subjects++] = best->s;
        if (end > i + 1) {
            st = builder_ask(b, Q_DUPLICATE_KEY, SRC_SUBJECT, best->s.id, COLUMN_ROW, 0, err);
        }
    }
    free(o.items);
    return st;
}

static enum status maps_make(const struct builder *b, const struct snapshot *s, struct maps *m,
                             struct err *err)
{
    size_t n = pool_count(b->pool) + 1, n_judged = b->adjudications.n + b->reviews.n;

    m->subject = calloc(n, sizeof *m->subject);
    m->event = n_judged == 0 ? NULL : calloc(n, sizeof *m->event);
    if (m->subject == NULL || (m->event == NULL && n_judged > 0)) {
        return err_set(err, E_NOMEM, "resolving the references of a snapshot");
    }
    for (size_t i = 0; i < s->n_subjects; i++) {
        m->subject[s->subjects[i].id] = (uint32_t)i + 1;
    }
    for (size_t i = 0; m->event != NULL && i < s->n_events; i++) {
        m->event[s->events[i].id] = (uint32_t)i + 1;
    }
    return OK;
}

static enum status finish_arms(struct builder *b, struct snapshot *s, const struct maps *m, struct err *err)
{
    const struct arm_row **first = calloc(s->n_subjects + 1, sizeof(*first));
    enum status st = first == NULL ? err_set(err, E_NOMEM, "arms of %zu subjects", s->n_subjects) : OK;

    for (size_t i = 0; i < s->n_subjects; i++) {
        s->subjects[i].arm_planned = s->subjects[i].arm_actual = ARM_NONE;
    }
    for (size_t i = 0; st == OK && i < b->n_arm_rows; i++) {
        const struct arm_row *a = &b->arm_rows[i];
        uint32_t at = m->subject[a->subject];
        struct subject *sub = at == 0 ? NULL : &s->subjects[at - 1];

        if (sub == NULL) {
            st = builder_ask(b, Q_ARM_WITHOUT_SUBJECT, SRC_ARM, a->subject, COLUMN_ROW, 0, err);
        } else if (first[at - 1] == NULL) {
            first[at - 1] = a;
            sub->arm_planned = a->planned;
            sub->arm_actual = a->actual;
        } else {
            st = builder_ask(b, Q_DUPLICATE_KEY, SRC_ARM, a->subject, COLUMN_ROW, 0, err);
            if (a->rank != first[at - 1]->rank) {
                sub->arm_planned = ARM_NONE;
                sub->arm_actual = ARM_NONE;
            }
        }
    }
    for (size_t i = 0; st == OK && i < s->n_subjects; i++) {
        if (first[i] == NULL) {
            st = builder_ask(b, Q_NO_ARM, SRC_SUBJECT, s->subjects[i].id, COLUMN_ROW, 0, err);
        }
    }
    free(first);
    return st;
}

static void finish_references(struct builder *b, struct snapshot *s, const struct maps *m)
{
    bool all = b->base == NULL || b->touched[SRC_SUBJECT];

    for (size_t i = 0; i < s->n_events; i++) {
        struct event *e = &s->events[i];

        if (all || e->subject == UNRESOLVED) {
            e->subject = e->subject_id == 0 || m->subject[e->subject_id] == 0 ? NO_SUBJECT
                                                                              : m->subject[e->subject_id] - 1;
        }
    }
}

/* The rows of one of the two views, each key once, behind what is there. */
static enum status add_adjudications(struct builder *b, struct snapshot *s, const struct maps *m,
                                     enum src_view view, const struct adjudication_rows *rows,
                                     struct err *err)
{
    struct sorted o = {0};
    enum status st =
        builder_sort(b->pool, rows->n == 0 ? NULL : &rows->row[0].key, sizeof *rows->row, rows->n, &o, err);

    for (size_t i = 0, end; st == OK && i < o.n; i = end) {
        const struct adjudication_row *best = &rows->row[o.items[i].index];

        end = builder_end_of_key(&o, i);
        for (size_t k = i + 1; k < end; k++) {
            const struct adjudication_row *other = &rows->row[o.items[k].index];

            best = other->rank < best->rank ? other : best;
        }
        if (end > i + 1) {
            st = builder_ask(b, Q_DUPLICATE_KEY, view, best->key, COLUMN_ROW, 0, err);
        }
        if (st != OK || best->ae == 0 || best->category == 0) {
            continue; /* NULL there is a query already */
        }
        if (m->event[best->ae] == 0) {
            /* The source is asked to mend its own; a review waits in case its event comes back. */
            st = view == SRC_REVIEW
                     ? OK
                     : builder_ask(b, Q_ADJUDICATION_WITHOUT_EVENT, view, best->key, ADJ_AE, best->ae, err);
            continue;
        }
        s->adjudications[s->n_adjudications++] = (struct adjudication){.event = m->event[best->ae] - 1,
                                                                       .category = best->category,
                                                                       .verdict = best->verdict,
                                                                       .review = view == SRC_REVIEW,
                                                                       .again = best->again};
    }
    free(o.items);
    return st;
}

static enum status finish_adjudications(struct builder *b, struct snapshot *s, const struct maps *m,
                                        struct err *err)
{
    size_t n = b->adjudications.n + b->reviews.n;
    enum status st;

    free(s->adjudications);
    s->n_adjudications = 0;
    s->adjudications = malloc((n + 1) * sizeof *s->adjudications);
    if (s->adjudications == NULL) {
        return err_set(err, E_NOMEM, "%zu adjudications", n);
    }
    st = add_adjudications(b, s, m, SRC_ADJUDICATION, &b->adjudications, err);
    return st == OK ? add_adjudications(b, s, m, SRC_REVIEW, &b->reviews, err) : st;
}

static enum status finish_meta(struct builder *b, struct snapshot *s, struct err *err)
{
    static const char *const names[] = {"contract_version", "trial_id", "source", "data_cutoff"};
    const struct meta_row *row[sizeof names / sizeof *names] = {NULL};
    enum status st = OK;

    s->contract_version = 0;
    s->trial_id = s->source = 0;
    s->data_cutoff = INSTANT_NONE;
    for (size_t i = 0; i < b->n_meta && st == OK; i++) {
        for (size_t k = 0; k < sizeof names / sizeof *names && st == OK; k++) {
            const struct meta_row *m = &b->meta[i];

            if (strcmp(pool_str(b->pool, m->name), names[k]) != 0) {
                continue;
            }
            if (row[k] != NULL) {
                st = builder_ask(b, Q_DUPLICATE_KEY, SRC_META, m->name, COLUMN_ROW, 0, err);
            }
            row[k] = row[k] == NULL || m->rank < row[k]->rank ? m : row[k];
        }
    }
    for (size_t k = 0; k < sizeof names / sizeof *names && st == OK; k++) {
        str_id value = row[k] == NULL ? 0 : row[k]->value;
        const char *p = pool_str(b->pool, value);
        size_t len = pool_len(b->pool, value);
        bool readable = true;

        if (value == 0) {
            continue;
        }
        if (k == 0) {
            readable = text_int(p, len, 1, INT32_MAX, &s->contract_version);
        } else if (k == 1) {
            s->trial_id = value;
        } else if (k == 2) {
            s->source = value;
        } else {
            readable = instant_parse(p, len, &s->data_cutoff);
        }
        if (!readable) {
            s->contract_version = k == 0 ? 0 : s->contract_version;
            s->data_cutoff = k == 3 ? INSTANT_NONE : s->data_cutoff;
            st = builder_ask(b, Q_UNREADABLE, SRC_META, row[k]->name, META_VALUE, value, err);
        }
    }
    return st;
}

static bool nothing_new(const struct builder *b)
{
    for (int v = 0; v < SRC_VIEWS; v++) {
        if (b->touched[v]) {
            return false;
        }
    }
    return b->base != NULL && b->n_queries == 0;
}

static enum status resolve(struct builder *b, struct snapshot *s, struct err *err)
{
    struct maps m = {0};
    enum status st = keep_queries(b, err);

    prune(b, SRC_SUBJECT, b->subjects, sizeof *b->subjects, b->old_subjects, &b->n_subjects);
    prune(b, SRC_ARM, b->arm_rows, sizeof *b->arm_rows, b->old_arm_rows, &b->n_arm_rows);
    prune(b, SRC_ADJUDICATION, b->adjudications.row, sizeof *b->adjudications.row, b->adjudications.old,
          &b->adjudications.n);
    prune(b, SRC_REVIEW, b->reviews.row, sizeof *b->reviews.row, b->reviews.old, &b->reviews.n);
    prune(b, SRC_META, b->meta, sizeof *b->meta, b->old_meta, &b->n_meta);
    if (st == OK && (b->base == NULL || b->touched[SRC_SUBJECT])) {
        st = finish_subjects(b, s, err);
    }
    if (st == OK && (b->base == NULL || b->touched[SRC_AE])) {
        st = builder_finish_events(b, s, err);
    }
    if (st == OK) {
        st = maps_make(b, s, &m, err);
    }
    if (st == OK) {
        st = finish_arms(b, s, &m, err);
    }
    if (st == OK) {
        finish_references(b, s, &m);
        st = finish_adjudications(b, s, &m, err);
    }
    if (st == OK) {
        st = finish_meta(b, s, err);
    }
    if (st == OK) {
        st = builder_check(b, s, err);
    }
    if (st == OK) {
        st = builder_finish_queries(b, s, err);
    }
    free(m.subject);
    free(m.event);
    return st;
}

enum status builder_finish(struct builder *b, struct snapshot **ret, struct err *err)
{
    const bool fresh = b->base == NULL;
    struct snapshot *s = fresh ? calloc(1, sizeof *s) : b->base;
    enum status st = s == NULL ? err_set(err, E_NOMEM, "a snapshot") : OK;

    if (st == OK && !nothing_new(b)) {
        st = resolve(b, s, err);
    }
    if (st != OK) {
        if (fresh) {
            snapshot_free(s); /* the pool is still the builder's */
        }
        return st;
    }
    for (size_t i = 0; i < b->n_dirty; i++) {
        b->dirty[b->dirty_ids[i]] = 0;
    }
    b->n_dirty = 0;
    memset(b->touched, 0, sizeof b->touched);
    s->pool = b->pool;
    b->pool = NULL;
    b->base = NULL;
    *ret = s;
    return OK;
}
