/* Reading after reading: what reading.h makes of what changed must be what a builder makes of every row. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "support/t.h"
#include "support/t_trial.h"
#include "trial/reading.h"

enum { ROWS_MAX = 400, VALUES = 24 };

struct line {
    enum src_view view;
    char value[SRC_COLUMNS_MAX][VALUES];
    bool null[SRC_COLUMNS_MAX];
};

struct world {
    struct line line[ROWS_MAX];
    size_t n;
    uint64_t random, sense;
};

static void set(struct line *l, int column, const char *value)
{
    l->null[column] = value == NULL;
    (void)snprintf(l->value[column], VALUES, "%s", value == NULL ? "" : value);
}

static size_t below(struct world *w, size_t n)
{
    return (size_t)t_below(&w->random, n);
}

static const char *pick(struct world *w, const char *const *list, size_t n)
{
    return list[below(w, n)];
}

#define PICK(w, ...) \
    pick((w), (const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

/* A row with a small choice of keys and values, so that keys meet, refer to each other and come twice. */
static void make_line(struct world *w, struct line *l)
{
    char id[VALUES], other[VALUES];

    memset(l, 0, sizeof *l);
    l->view = (enum src_view)below(w, SRC_VIEWS);
    if (below(w, 2) == 0) {
        l->view = SRC_AE;
    }
    for (int c = 0; c < SRC_COLUMNS_MAX; c++) {
        l->null[c] = true;
    }
    (void)snprintf(id, sizeof id, "%zu", below(w, 60));
    (void)snprintf(other, sizeof other, "%zu", below(w, 30));
    switch (l->view) {
    case SRC_SUBJECT:
        set(l, SUB_ID, below(w, 40) == 0 ? NULL : other);
        set(l, SUB_RAND, PICK(w, "2024-01-02", "2024-01-05", "soon", NULL));
        set(l, SUB_FU_END, PICK(w, "2024-03-02", "2023-01-05", NULL, NULL));
        set(l, SUB_FU_REASON, PICK(w, "DEATH", "LOST", "gone", NULL));
        set(l, SUB_DEATH_DATE, PICK(w, "2024-02", "2024-02-03", NULL, NULL));
        set(l, SUB_DEATH_FLAG, PICK(w, "t", "f", "f", NULL));
        break;
    case SRC_ARM:
        set(l, ARM_SUBJECT, other);
        set(l, ARM_CODE, PICK(w, "A", "B", "C"));
        set(l, ARM_ACTUAL, PICK(w, "A", NULL, NULL));
        break;
    case SRC_AE:
        set(l, AE_ID, below(w, 40) == 0 ? NULL : id);
        set(l, AE_SUBJECT, below(w, 20) == 0 ? NULL : other);
        set(l, AE_EPISODE, PICK(w, "e1", "e2", NULL));
        set(l, AE_TERM, PICK(w, "stroke", "nausea", "headache", NULL));
        set(l, AE_ONSET, PICK(w, "2024-02", "2024-02-09", "later", NULL));
        set(l, AE_RESOLVED, PICK(w, "2024-01", "2024-02-10", NULL, NULL));
        set(l, AE_SERIOUS, PICK(w, "t", "f", NULL));
        set(l, AE_OUTCOME, PICK(w, "FATAL", "RECOVERED", "odd", NULL));
        set(l, AE_FORM, "COMPLETE");
        set(l, AE_DELETED, PICK(w, "f", "f", "f", "t"));
        break;
    case SRC_META:
        set(l, META_NAME, PICK(w, "contract_version", "data_cutoff", "source"));
        set(l, META_VALUE, PICK(w, "1", "2024-02-20T00:00:00Z", "2024-02-05T00:00:00Z"));
        break;
    case SRC_ADJUDICATION:
        set(l, ADJ_AE, id);
        set(l, ADJ_CATEGORY, PICK(w, "death", "serious"));
        set(l, ADJ_VERDICT, PICK(w, "CONFIRMED", "REFUTED", "odd"));
        break;
    case SRC_REVIEW:
        set(l, REV_AE, id);
        set(l, REV_CATEGORY, PICK(w, "death", "serious"));
        set(l, REV_VERDICT, PICK(w, "CONFIRMED", "REFUTED"));
        set(l, REV_DECIDED, "2024-02-20T00:00:00Z");
        set(l, REV_STANDS, PICK(w, "t", "f"));
        break;
    case SRC_VIEWS:
        break;
    }
}

static void change(struct world *w, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t at = below(w, w->n + 1);

        switch (below(w, 5)) {
        case 0: /* goes */
            if (w->n > 0) {
                at = at < w->n ? at : w->n - 1;
                memmove(&w->line[at], &w->line[at + 1], (--w->n - at) * sizeof *w->line);
            }
            break;
        case 1: /* moves to the end, as an updated row does */
            if (at < w->n) {
                struct line l = w->line[at];

                memmove(&w->line[at], &w->line[at + 1], (w->n - 1 - at) * sizeof *w->line);
                w->line[w->n - 1] = l;
            }
            break;
        case 2: /* another content */
            if (at < w->n) {
                struct line l = w->line[at];

                make_line(w, &w->line[at]);
                if (w->line[at].view == l.view) {
                    memcpy(w->line[at].value[0], l.value[0], VALUES);
                    w->line[at].null[0] = l.null[0];
                }
            }
            break;
        default: /* comes */
            if (w->n < ROWS_MAX) {
                memmove(&w->line[at + 1], &w->line[at], (w->n - at) * sizeof *w->line);
                w->n++;
                make_line(w, &w->line[at]);
            }
            break;
        }
    }
}

static void fields_of(const struct line *l, struct field f[SRC_COLUMNS_MAX])
{
    for (size_t c = 0; c < contract_views[l->view].n_columns; c++) {
        f[c] = (struct field){.p = l->value[c], .len = l->null[c] ? -1 : (int32_t)strlen(l->value[c])};
    }
}

static void bytes_of(const struct line *l, struct buf *b)
{
    buf_clear(b);
    for (size_t c = 0; c < contract_views[l->view].n_columns; c++) {
        buf_u32be(b, l->null[c] ? UINT32_MAX : (uint32_t)strlen(l->value[c]));
        buf_str(b, l->null[c] ? "" : l->value[c]);
    }
}

static void put_date(struct buf *b, struct pdate d)
{
    buf_fmt(b, " %d..%d/%d", (int)d.first, (int)d.last, (int)d.prec);
}

/* All that a snapshot says, with texts in place of their numbers. */
static void describe(const struct snapshot *s, struct buf *b)
{
    buf_clear(b);
    buf_fmt(b, "version %lld cutoff %lld source %s\n", (long long)s->contract_version,
            (long long)s->data_cutoff, t_str(s, s->source));
    for (size_t i = 0; i < s->n_subjects; i++) {
        const struct subject *x = &s->subjects[i];

        buf_fmt(b, "S %s rand %d end %d %d flag %d arm %d %d", t_str(s, x->id), (int)x->rand, (int)x->fu_end,
                (int)x->fu_reason, x->death_flag, x->arm_planned, x->arm_actual);
        put_date(b, x->death_date);
        buf_char(b, '\n');
    }
    for (size_t i = 0; i < s->n_events; i++) {
        const struct event *e = &s->events[i];

        buf_fmt(b, "E %s of %s (%u) episode %s term %s serious %d outcome %d deleted %d", t_str(s, e->id),
                t_str(s, e->subject_id), (unsigned)e->subject, t_str(s, e->episode), t_str(s, e->term),
                e->serious, e->outcome, e->deleted);
        put_date(b, e->onset);
        put_date(b, e->resolved);
        buf_char(b, '\n');
    }
    for (size_t i = 0; i < s->n_adjudications; i++) {
        const struct adjudication *a = &s->adjudications[i];

        buf_fmt(b, "A %u %s %d %d %d\n", (unsigned)a->event, t_str(s, a->category), a->verdict, a->review,
                a->again);
    }
    for (size_t i = 0; i < s->n_queries; i++) {
        const struct query *q = &s->queries[i];

        buf_fmt(b, "Q %s %d %s %s %s\n", query_name(q->code), (int)q->view, t_str(s, q->key),
                q->column == NULL ? "-" : q->column, t_str(s, q->value));
    }
}

/* The same rows, each in full: rows against what `known` has seen committed, and a builder of its own. */
static void in_full(const struct world *w, const struct arms *arms, struct rows *known, struct buf *text,
                    struct sha256 *hash, struct buf *changes)
{
    struct builder *b = NULL;
    struct snapshot *s = NULL;
    const struct row_change *list = NULL;
    struct err e = {0};
    size_t n = 0;

    assert_ok(rows_begin(known, &e), e);
    assert_ok(builder_new(arms, &b, &e), e);
    for (size_t i = 0; i < w->n; i++) {
        struct field f[SRC_COLUMNS_MAX];
        bool duplicate;

        fields_of(&w->line[i], f);
        assert_ok(rows_see(known, w->line[i].view, f, &duplicate, &e), e);
        assert_ok(builder_row(b, w->line[i].view, f, &e), e);
    }
    s = t_finish(b);
    describe(s, text);
    snapshot_free(s);
    assert_ok(rows_changes(known, &list, &n, &e), e);
    assert_ok(rows_snapshot_hash(known, hash, &e), e);
    buf_clear(changes);
    for (size_t i = 0; i < n; i++) {
        buf_fmt(changes, "%d %s %d\n", (int)list[i].view, list[i].key, list[i].deleted);
        buf_add(changes, list[i].hash.b, sizeof list[i].hash.b);
    }
}

/* false: it wants to read again. */
static bool read_once(const struct world *w, struct rows *rows, struct reading *r,
                      const struct snapshot **ret, size_t *shown)
{
    struct buf bytes = {0};
    struct err e = {0};
    bool again = false;

    *shown = 0;
    assert_ok(rows_begin(rows, &e), e);
    assert_ok(reading_begin(r, &e), e);
    for (size_t i = 0; i < w->n; i++) {
        struct field f[SRC_COLUMNS_MAX];

        bytes_of(&w->line[i], &bytes);
        if (!reading_same(r, w->line[i].view, w->sense, buf_cstr(&bytes), bytes.len)) {
            fields_of(&w->line[i], f);
            assert_ok(reading_row(r, w->line[i].view, f, &e), e);
            ++*shown;
        }
    }
    assert_ok(reading_finish(r, ret, &again, &e), e);
    buf_done(&bytes);
    if (again) {
        rows_abort(rows);
        reading_close(r);
    }
    return !again;
}

static void walk(uint64_t seed, size_t first, size_t most, int readings)
{
    static const char *const codes[] = {"A", "B"};
    struct world *w = calloc(1, sizeof *w);
    struct rows *rows = NULL, *twin = NULL;
    struct reading *r = NULL;
    struct arms arms;
    struct sha256 key, h1, h2;
    struct buf want = {0}, got = {0}, want_changes = {0}, got_changes = {0};
    struct err e = {0};

    assert_non_null(w);
    w->random = seed;
    t_arms(&arms, 2, codes);
    assert_ok(sha256_of(&seed, sizeof seed, &key, &e), e);
    assert_ok(rows_new(&rows, &e), e);
    assert_ok(rows_new(&twin, &e), e);
    assert_ok(reading_new(rows, &arms, &key, &r, &e), e);
    change(w, first);
    for (int i = 0; i < readings; i++) {
        const struct snapshot *s = NULL;
        const struct row_change *list = NULL;
        size_t n = 0, shown = 0;
        bool commit = below(w, 4) != 0;

        in_full(w, &arms, twin, &want, &h1, &want_changes);
        if (!read_once(w, rows, r, &s, &shown)) {
            assert_true(read_once(w, rows, r, &s, &shown));
        }
        describe(s, &got);
        assert_string_equal(buf_cstr(&got), buf_cstr(&want));
        assert_ok(rows_changes(rows, &list, &n, &e), e);
        assert_ok(rows_snapshot_hash(rows, &h2, &e), e);
        buf_clear(&got_changes);
        for (size_t k = 0; k < n; k++) {
            buf_fmt(&got_changes, "%d %s %d\n", (int)list[k].view, list[k].key, list[k].deleted);
            buf_add(&got_changes, list[k].hash.b, sizeof list[k].hash.b);
        }
        assert_int_equal(got_changes.len, want_changes.len);
        assert_memory_equal(buf_cstr(&got_changes), buf_cstr(&want_changes), want_changes.len);
        assert_memory_equal(&h1, &h2, sizeof h1);
        if (commit) {
            rows_commit(rows);
            rows_commit(twin);
        } else {
            rows_abort(rows);
            rows_abort(twin);
        }
        reading_close(r);
        if (below(w, 3) != 0) {
            change(w, below(w, most));
        }
    }
    reading_free(r);
    rows_free(rows);
    rows_free(twin);
    arms_done(&arms);
    buf_done(&want);
    buf_done(&got);
    buf_done(&want_changes);
    buf_done(&got_changes);
    free(w);
}

static void readings_one_after_another_give_what_all_rows_give(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 150; seed++) {
        walk(seed, 40 + seed % 300, 1 + seed % 9, 12);
    }
}

static void much_may_change_between_two_readings(void **state)
{
    (void)state;
    for (uint64_t seed = 1001; seed <= 1030; seed++) {
        walk(seed, 350, 300, 8);
    }
}

/* The subjects of a plain trial: no key twice. */
static void plain(struct world *w, size_t n)
{
    w->n = n;
    for (size_t i = 0; i < n; i++) {
        struct line *l = &w->line[i];

        memset(l, 0, sizeof *l);
        for (int c = 0; c < SRC_COLUMNS_MAX; c++) {
            l->null[c] = true;
        }
        l->view = SRC_SUBJECT;
        set(l, SUB_ID, "");
        (void)snprintf(l->value[SUB_ID], VALUES, "%04zu", i);
        set(l, SUB_RAND, "2024-01-02");
        set(l, SUB_DEATH_FLAG, "f");
    }
}

struct plain_world {
    struct world w;
    struct rows *rows;
    struct reading *r;
    struct arms arms;
};

static struct plain_world *plain_begin(size_t n)
{
    static const char *const codes[] = {"A", "B"};
    struct plain_world *p = calloc(1, sizeof *p);
    struct sha256 key = {{1}};
    struct err e = {0};

    assert_non_null(p);
    t_arms(&p->arms, 2, codes);
    plain(&p->w, n);
    assert_ok(rows_new(&p->rows, &e), e);
    assert_ok(reading_new(p->rows, &p->arms, &key, &p->r, &e), e);
    return p;
}

static size_t plain_shown(struct plain_world *p)
{
    const struct snapshot *s = NULL;
    size_t shown = 0;

    assert_true(read_once(&p->w, p->rows, p->r, &s, &shown));
    assert_int_equal(s->n_subjects, p->w.n);
    rows_commit(p->rows);
    reading_close(p->r);
    return shown;
}

static void plain_end(struct plain_world *p)
{
    reading_free(p->r);
    rows_free(p->rows);
    arms_done(&p->arms);
    free(p);
}

static void only_what_changed_is_shown_in_full(void **state)
{
    struct plain_world *p = plain_begin(300);

    (void)state;
    assert_int_equal(plain_shown(p), 300);
    assert_int_equal(plain_shown(p), 0);
    set(&p->w.line[100], SUB_SITE, "7");
    set(&p->w.line[299], SUB_SITE, "7");
    assert_int_equal(plain_shown(p), 2);
    assert_int_equal(plain_shown(p), 0);
    plain_end(p);
}

/* A restored database in another encoding: its bytes say something else. */
static void the_same_bytes_in_another_sense_are_not_the_same_row(void **state)
{
    struct plain_world *p = plain_begin(50);

    (void)state;
    (void)plain_shown(p);
    p->w.sense = 1;
    assert_int_equal(plain_shown(p), 50);
    assert_int_equal(plain_shown(p), 0);
    plain_end(p);
}

/* A synchronised scan begins where another one is: the order is turned round, nothing is new. */
static void a_scan_that_begins_elsewhere_is_found_again(void **state)
{
    struct plain_world *p = plain_begin(399);
    struct line *half = malloc(200 * sizeof *half);
    size_t shown;

    (void)state;
    assert_non_null(half);
    (void)plain_shown(p);
    memcpy(half, p->w.line, 200 * sizeof *half);
    memmove(p->w.line, p->w.line + 200, 199 * sizeof *half);
    memcpy(p->w.line + 199, half, 200 * sizeof *half);
    free(half);
    shown = plain_shown(p);
    assert_true(shown < 100); /* until the index is made */
    assert_int_equal(plain_shown(p), 0);
    plain_end(p);
}

static void a_reading_that_was_not_closed_is_not_relied_on(void **state)
{
    struct plain_world *p = plain_begin(50);
    struct err e = {0};

    (void)state;
    (void)plain_shown(p);
    assert_ok(rows_begin(p->rows, &e), e);
    assert_ok(reading_begin(p->r, &e), e);
    rows_abort(p->rows);
    assert_int_equal(plain_shown(p), 50);
    assert_int_equal(plain_shown(p), 0);
    plain_end(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readings_one_after_another_give_what_all_rows_give),
        cmocka_unit_test(much_may_change_between_two_readings),
        cmocka_unit_test(only_what_changed_is_shown_in_full),
        cmocka_unit_test(the_same_bytes_in_another_sense_are_not_the_same_row),
        cmocka_unit_test(a_scan_that_begins_elsewhere_is_found_again),
        cmocka_unit_test(a_reading_that_was_not_closed_is_not_relied_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
