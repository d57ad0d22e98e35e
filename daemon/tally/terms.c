#include "tally/terms.h"

#include <stdlib.h>
#include <string.h>

#include "classify/fold.h"
#include "tally/span.h"

struct hit {
    uint32_t key; /* str_id of the keys' pool: the folded term */
    uint32_t subject;
    str_id text, soc;
};

struct work {
    const struct snapshot *s;
    struct subject_facts *facts;
    struct span *spans;
    struct pool *keys;
    uint32_t *key_of; /* by str_id of the snapshot's pool; 0: not folded yet */
    struct folded folded;
    struct hit *hits;
    size_t n;
};

static void work_done(struct work *w)
{
    free(w->facts);
    free(w->spans);
    free(w->key_of);
    free(w->hits);
    pool_free(w->keys);
    folded_done(&w->folded);
}

static enum status work_init(struct work *w, const struct tally_options *o, struct err *err)
{
    const struct snapshot *s = w->s;
    enum status st = span_facts(s, o, &w->facts, err);

    if (st != OK) {
        return st;
    }
    w->spans = malloc((s->n_subjects + 1) * sizeof *w->spans);
    w->hits = malloc((s->n_events + 1) * sizeof *w->hits);
    w->key_of = calloc(pool_count(s->pool) + 1, sizeof *w->key_of);
    if (w->spans == NULL || w->hits == NULL || w->key_of == NULL) {
        return err_set(err, E_NOMEM, "a table of terms");
    }
    for (size_t i = 0; i < s->n_subjects; i++) {
        w->spans[i] = span_of(&s->subjects[i], &w->facts[i], o);
    }
    return pool_new(&w->keys, err);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == ';' || c == '\n' || c == '\r';
}

/* Runs of blanks (and line breaks, which the fold makes ";") are one; none at the ends, nor a full stop at the last. */
static size_t trim(char *s, size_t len)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        if (!is_space(s[i])) {
            s[n++] = s[i];
        } else if (n > 0 && s[n - 1] != ' ') {
            s[n++] = ' ';
        }
    }
    while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '.')) {
        n--;
    }
    return n;
}

static enum status key_of(struct work *w, str_id text, uint32_t *ret, struct err *err)
{
    enum status st;

    if (w->key_of[text] == 0) {
        const char *s = text == 0 ? "" : pool_str(w->s->pool, text);

        st = fold_text(s, strlen(s), &w->folded, err);
        if (st == OK) {
            struct buf *b = &w->folded.text;

            st = pool_intern(w->keys, buf_cstr(b), b->len == 0 ? 0 : trim(b->data, b->len), &w->key_of[text],
                             err);
        }
        if (st != OK) {
            return st;
        }
    }
    *ret = w->key_of[text];
    return OK;
}

/* Of an event: its preferred term, else its verbatim. */
static enum status hit_of(struct work *w, const struct event *e, struct err *err)
{
    struct hit h = {.subject = e->subject, .text = e->pt, .soc = e->soc};
    enum status st = key_of(w, h.text, &h.key, err);

    if (st == OK && pool_len(w->keys, h.key) == 0) {
        h.text = e->term;
        st = key_of(w, h.text, &h.key, err);
    }
    if (st == OK) {
        w->hits[w->n++] = h;
    }
    return st;
}

static enum status collect(struct work *w, const struct tally_options *o, struct err *err)
{
    const struct snapshot *s = w->s;
    day_t read_day = span_read_day(s, o);
    enum status st = OK;

    for (size_t i = 0; st == OK && i < s->n_events; i++) {
        const struct event *e = &s->events[i];

        if (!e->deleted && e->subject != NO_SUBJECT && w->spans[e->subject].enter != DAY_NONE &&
            bounds_count(bounds_of_event(e, &w->facts[e->subject], false, read_day), &s->subjects[e->subject],
                         o)) {
            st = hit_of(w, e, err);
        }
    }
    return st;
}

static int by_text(const void *a, const void *b)
{
    const struct hit *x = a, *y = b;

    if (x->key != y->key) {
        return x->key < y->key ? -1 : 1;
    }
    return x->text < y->text ? -1 : x->text > y->text;
}

static int by_subject(const void *a, const void *b)
{
    const struct hit *x = a, *y = b;

    if (x->key != y->key) {
        return x->key < y->key ? -1 : 1;
    }
    return x->subject < y->subject ? -1 : x->subject > y->subject;
}

/* Bytewise; absent after all others. */
static bool goes_before(const struct pool *p, str_id a, str_id b)
{
    if (a == 0 || b == 0) {
        return a != 0;
    }
    return strcmp(pool_str(p, a), pool_str(p, b)) < 0;
}

/* hits[0..n-1] are of one key, by text. */
static void names_of(const struct snapshot *s, const struct hit *hits, size_t n, struct term_row *row)
{
    size_t most = 0;

    for (size_t i = 0, run = 0; i < n; i++) {
        run = i > 0 && hits[i].text == hits[i - 1].text ? run + 1 : 1;
        if ((i + 1 == n || hits[i + 1].text != hits[i].text) &&
            (run > most || (run == most && goes_before(s->pool, hits[i].text, row->shown)))) {
            most = run;
            row->shown = hits[i].text;
        }
        if (hits[i].soc != 0 && pool_len(s->pool, hits[i].soc) > 0 &&
            goes_before(s->pool, hits[i].soc, row->soc)) {
            row->soc = hits[i].soc;
        }
    }
    row->rows = (int64_t)n;
}

/* The same hits, by subject. */
static void subjects_of(const struct snapshot *s, const struct hit *hits, size_t n, int n_arms,
                        enum basis basis, struct term_row *row)
{
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || hits[i].subject != hits[i - 1].subject) {
            arm_t arm = subject_arm(&s->subjects[hits[i].subject], basis);

            row->subjects[arm >= 0 && arm < n_arms ? arm : n_arms]++;
            row->subjects[n_arms + 1]++;
        }
    }
}

struct ordered {
    struct term_row row;
    const char *text;
    int64_t all;
};

static int by_weight(const void *a, const void *b)
{
    const struct ordered *x = a, *y = b;

    if (x->all != y->all) {
        return x->all > y->all ? -1 : 1;
    }
    if (x->row.rows != y->row.rows) {
        return x->row.rows > y->row.rows ? -1 : 1;
    }
    return strcmp(x->text, y->text);
}

static size_t run_of(const struct work *w, size_t at)
{
    size_t n = 1;

    while (at + n < w->n && w->hits[at + n].key == w->hits[at].key) {
        n++;
    }
    return n;
}

static enum status rows_of(struct work *w, int n_arms, enum basis basis, struct term_row **ret, size_t *n_ret,
                           struct err *err)
{
    size_t n = 0, k = pool_count(w->keys);
    struct ordered *o = calloc(k + 1, sizeof *o);
    struct term_row *rows = malloc((k + 1) * sizeof *rows);

    if (o == NULL || rows == NULL) {
        free(o);
        free(rows);
        return err_set(err, E_NOMEM, "a table of %zu terms", k);
    }
    /* Twice in order of key, so that the n-th run of one is the n-th of the other. */
    qsort(w->hits, w->n, sizeof *w->hits, by_text);
    for (size_t i = 0, len; i < w->n; i += len) {
        len = run_of(w, i);
        names_of(w->s, w->hits + i, len, &o[n++].row);
    }
    n = 0;
    qsort(w->hits, w->n, sizeof *w->hits, by_subject);
    for (size_t i = 0, len; i < w->n; i += len) {
        len = run_of(w, i);
        subjects_of(w->s, w->hits + i, len, n_arms, basis, &o[n].row);
        o[n].all = o[n].row.subjects[n_arms + 1];
        o[n].text = o[n].row.shown == 0 ? "" : pool_str(w->s->pool, o[n].row.shown);
        n++;
    }
    qsort(o, n, sizeof *o, by_weight);
    for (size_t i = 0; i < n; i++) {
        rows[i] = o[i].row;
    }
    free(o);
    *ret = rows;
    *n_ret = n;
    return OK;
}

enum status tally_terms(const struct snapshot *s, int n_arms, const struct tally_options *o,
                        struct term_row **ret, size_t *n_ret, struct err *err)
{
    struct work w = {.s = s};
    enum status st;

    if (n_arms < 1 || n_arms > ARMS_MAX) {
        return err_set(err, E_INTERNAL, "a table of terms of %d arms", n_arms);
    }
    st = work_init(&w, o, err);
    if (st == OK) {
        st = collect(&w, o, err);
    }
    if (st == OK) {
        st = rows_of(&w, n_arms, o->basis, ret, n_ret, err);
    }
    work_done(&w);
    return st;
}
