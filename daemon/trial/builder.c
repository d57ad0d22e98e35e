#include "trial/builder.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/vec.h"
#include "trial/rowkey.h"

enum { VALUE_MAX = 200 }; /* bytes of a value that a query repeats */

struct code {
    const char *word;
    int value;
};

static const struct code fu_reasons[] = {{"COMPLETED", FU_COMPLETED}, {"WITHDRAWN", FU_WITHDRAWN},
                                         {"LOST", FU_LOST},           {"DEATH", FU_DEATH},
                                         {"OTHER", FU_OTHER},         {NULL, 0}};

/* CDISC's code list OUT, and how databases shorten it. */
static const struct code outcomes[] = {{"FATAL", OUT_FATAL},
                                       {"DEATH", OUT_FATAL},
                                       {"DIED", OUT_FATAL},
                                       {"RECOVERED/RESOLVED", OUT_RECOVERED},
                                       {"RECOVERED", OUT_RECOVERED},
                                       {"RESOLVED", OUT_RECOVERED},
                                       {"RECOVERING/RESOLVING", OUT_RECOVERING},
                                       {"RECOVERING", OUT_RECOVERING},
                                       {"RESOLVING", OUT_RECOVERING},
                                       {"NOT RECOVERED/NOT RESOLVED", OUT_NOT_RECOVERED},
                                       {"NOT RECOVERED", OUT_NOT_RECOVERED},
                                       {"NOT_RECOVERED", OUT_NOT_RECOVERED},
                                       {"NOT RESOLVED", OUT_NOT_RECOVERED},
                                       {"NOT_RESOLVED", OUT_NOT_RECOVERED},
                                       {"RECOVERED/RESOLVED WITH SEQUELAE", OUT_SEQUELAE},
                                       {"RECOVERED WITH SEQUELAE", OUT_SEQUELAE},
                                       {"RESOLVED WITH SEQUELAE", OUT_SEQUELAE},
                                       {"SEQUELAE", OUT_SEQUELAE},
                                       {"UNKNOWN", OUT_UNKNOWN},
                                       {NULL, 0}};

static const struct code forms[] = {
    {"INCOMPLETE", FORM_INCOMPLETE}, {"COMPLETE", FORM_COMPLETE}, {"LOCKED", FORM_LOCKED}, {NULL, 0}};

static const struct code verdicts[] = {
    {"CONFIRMED", ADJ_CONFIRMED}, {"REFUTED", ADJ_REFUTED}, {"PENDING", ADJ_PENDING}, {NULL, 0}};

enum status builder_new(const struct arms *arms, struct builder **ret, struct err *err)
{
    struct builder *b = calloc(1, sizeof *b);
    enum status st;

    if (b == NULL) {
        return err_set(err, E_NOMEM, "a snapshot");
    }
    b->arms = arms;
    st = pool_new(&b->pool, err);
    if (st == OK) {
        *ret = b;
        b = NULL;
    }
    builder_free(b);
    return st;
}

void builder_free(struct builder *b)
{
    if (b == NULL) {
        return;
    }
    if (b->base == NULL) {
        pool_free(b->pool);
    }
    snapshot_free(b->base);
    buf_wipe(&b->key);
    free(b->subjects);
    free(b->arm_rows);
    free(b->events);
    free(b->ranks);
    free(b->adjudications.row);
    free(b->reviews.row);
    free(b->meta);
    free(b->queries);
    free(b->kept);
    free(b->dirty);
    free(b->dirty_ids);
    free(b);
}

void builder_resume(struct builder *b, struct snapshot *s)
{
    b->base = s;
    b->pool = s->pool;
    b->old_subjects = b->n_subjects;
    b->old_arm_rows = b->n_arm_rows;
    b->adjudications.old = b->adjudications.n;
    b->reviews.old = b->reviews.n;
    b->old_meta = b->n_meta;
    b->n_queries = 0;
}

static enum status touch(struct builder *b, enum src_view view, str_id key, struct err *err)
{
    size_t old = b->cap_dirty;
    enum status st = vec_reserve(&b->dirty, &b->cap_dirty, (size_t)key + 1, sizeof *b->dirty, err);

    if (st == OK && b->cap_dirty > old) {
        memset(b->dirty + old, 0, b->cap_dirty - old);
    }
    if (st == OK && b->dirty[key] == 0) {
        st = VEC_PUSH_ROOM(b->dirty_ids, b->n_dirty, b->cap_dirty_ids, err);
        if (st == OK) {
            b->dirty_ids[b->n_dirty++] = key;
        }
    }
    if (st == OK) {
        b->dirty[key] |= (uint8_t)(1u << view);
        b->touched[view] = true;
    }
    return st;
}

enum status builder_gone(struct builder *b, enum src_view view, const char *key, size_t len, struct err *err)
{
    str_id id = pool_find(b->pool, key, len);

    return id == 0 ? OK : touch(b, view, id, err);
}

enum status builder_ask(struct builder *b, enum query_code code, enum src_view view, str_id key, int column,
                        str_id value, struct err *err)
{
    enum status st = VEC_PUSH_ROOM(b->queries, b->n_queries, b->cap_queries, err);

    if (st != OK) {
        return st;
    }
    b->queries[b->n_queries++] =
        (struct query){.code = code,
                       .view = view,
                       .key = key,
                       .column = column == COLUMN_ROW ? NULL : contract_views[view].column[column].name,
                       .value = value};
    return OK;
}

/* One row being read: the first failure stays in st, so that cells are read one after another without ceremony. */
struct cells {
    struct builder *b;
    enum src_view view;
    const struct field *f;
    str_id key;
    uint64_t rank;
    bool quiet; /* a deleted event: nobody need mend its cells */
    enum status st;
    struct err *err;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

/* A code without blanks around it; len -1 for NULL and for nothing but blanks. */
static struct field trimmed(struct field f)
{
    while (f.len > 0 && is_blank(f.p[0])) {
        f.p++;
        f.len--;
    }
    while (f.len > 0 && is_blank(f.p[f.len - 1])) {
        f.len--;
    }
    if (f.len == 0) {
        f.len = -1;
    }
    return f;
}

static void ask(struct cells *c, enum query_code code, int column)
{
    const struct field *f = &c->f[column];
    str_id value = 0;

    if (c->quiet || c->st != OK) {
        return;
    }
    if (c->view != SRC_ARM && f->len > 0 && f->len <= VALUE_MAX) {
        c->st = pool_intern(c->b->pool, f->p, (size_t)f->len, &value, c->err);
    }
    if (c->st == OK) {
        c->st = builder_ask(c->b, code, c->view, c->key, column, value, c->err);
    }
}

/* What every cell is asked: text that was repaired, NULL where a value is due.  false: there is no value. */
static bool cell(struct cells *c, int column)
{
    const struct field *f = &c->f[column];
    bool key = (size_t)column < contract_views[c->view].n_keys;

    if (f->repaired) {
        ask(c, Q_BAD_TEXT, column);
    }
    if (f->len < 0 || (key && f->len == 0)) {
        if (contract_views[c->view].column[column].not_null) {
            ask(c, Q_NULL, column);
        }
        return false;
    }
    return true;
}

static str_id read_text(struct cells *c, int column)
{
    str_id id = 0;

    if (cell(c, column) && c->st == OK) {
        c->st = pool_intern(c->b->pool, c->f[column].p, (size_t)c->f[column].len, &id, c->err);
    }
    return id;
}

/* Text for the classifier: cut after TERM_MAX bytes, never inside a character. */
static str_id read_term(struct cells *c, int column)
{
    size_t len;
    str_id id = 0;

    if (!cell(c, column) || c->st != OK) {
        return 0;
    }
    len = (size_t)c->f[column].len;
    if (len > TERM_MAX) {
        ask(c, Q_TEXT_TOO_LONG, column);
        len = TERM_MAX;
        while (len > 0 && ((unsigned char)c->f[column].p[len] & 0xc0u) == 0x80u) {
            len--;
        }
    }
    if (c->st == OK) {
        c->st = pool_intern(c->b->pool, c->f[column].p, len, &id, c->err);
    }
    return id;
}

static day_t read_day(struct cells *c, int column)
{
    day_t d = DAY_NONE;

    if (cell(c, column) && !day_parse(c->f[column].p, (size_t)c->f[column].len, &d)) {
        ask(c, Q_UNREADABLE, column);
        return DAY_NONE;
    }
    return d;
}

static struct pdate read_pdate(struct cells *c, int column)
{
    const struct pdate absent = {.first = DAY_NONE, .last = DAY_NONE, .prec = DATE_ABSENT};
    struct pdate d = absent;

    if (cell(c, column) && !pdate_parse(c->f[column].p, (size_t)c->f[column].len, &d)) {
        ask(c, Q_UNREADABLE, column);
        return absent;
    }
    return d;
}

static enum tri read_bool(struct cells *c, int column)
{
    if (!cell(c, column)) {
        return TRI_UNKNOWN;
    }
    if (c->f[column].len == 1 && c->f[column].p[0] == 't') {
        return TRI_YES;
    }
    if (c->f[column].len == 1 && c->f[column].p[0] == 'f') {
        return TRI_NO;
    }
    ask(c, Q_UNREADABLE, column);
    return TRI_UNKNOWN;
}

static instant_t read_instant(struct cells *c, int column)
{
    instant_t t = INSTANT_NONE;

    if (cell(c, column) && !instant_parse(c->f[column].p, (size_t)c->f[column].len, &t)) {
        ask(c, Q_UNREADABLE, column);
        return INSTANT_NONE;
    }
    return t;
}

static int read_code(struct cells *c, int column, const struct code *list, int if_null, int if_unknown)
{
    struct field f = trimmed(c->f[column]);

    if (!cell(c, column)) {
        return if_null;
    }
    if (f.len < 0) {
        if (contract_views[c->view].column[column].not_null) {
            ask(c, Q_NULL, column);
        }
        return if_null;
    }
    for (; list->word != NULL; list++) {
        if (text_is(f.p, (size_t)f.len, list->word)) {
            return list->value;
        }
    }
    ask(c, Q_UNKNOWN_CODE, column);
    return if_unknown;
}

static enum status subject_row(struct cells *c)
{
    struct builder *b = c->b;
    struct subject s = {.id = c->key, .arm_planned = ARM_NONE, .arm_actual = ARM_NONE};

    (void)cell(c, SUB_ID);
    s.site = read_text(c, SUB_SITE);
    s.stratum = read_text(c, SUB_STRATUM);
    s.rand = read_day(c, SUB_RAND);
    s.first_dose = read_day(c, SUB_FIRST_DOSE);
    s.last_dose = read_day(c, SUB_LAST_DOSE);
    s.fu_end = read_day(c, SUB_FU_END);
    s.fu_reason = (enum fu_reason)read_code(c, SUB_FU_REASON, fu_reasons, FU_NONE, FU_OTHER);
    s.death_date = read_pdate(c, SUB_DEATH_DATE);
    s.death_flag = read_bool(c, SUB_DEATH_FLAG) == TRI_YES;
    (void)read_instant(c, SUB_UPDATED);
    if (c->st == OK) {
        c->st = VEC_PUSH_ROOM(b->subjects, b->n_subjects, b->cap_subjects, c->err);
    }
    if (c->st == OK) {
        b->subjects[b->n_subjects++] = (struct subject_row){.s = s, .rank = c->rank};
    }
    return c->st;
}

static arm_t read_arm(struct cells *c, int column, arm_t if_null)
{
    struct field f = trimmed(c->f[column]);
    arm_t a;

    if (!cell(c, column)) {
        return if_null;
    }
    if (f.len < 0) {
        if (column == ARM_CODE) {
            ask(c, Q_NULL, column);
        }
        return if_null;
    }
    a = arms_find(c->b->arms, f.p, (size_t)f.len);
    if (a == ARM_NONE) {
        ask(c, Q_UNKNOWN_ARM, column);
    }
    return a;
}

static enum status arm_row(struct cells *c)
{
    struct builder *b = c->b;
    struct arm_row a = {.subject = c->key, .rank = c->rank};

    (void)cell(c, ARM_SUBJECT);
    a.planned = read_arm(c, ARM_CODE, ARM_NONE);
    a.actual = read_arm(c, ARM_ACTUAL, a.planned);
    if (c->st == OK) {
        c->st = VEC_PUSH_ROOM(b->arm_rows, b->n_arm_rows, b->cap_arm_rows, c->err);
    }
    if (c->st == OK) {
        b->arm_rows[b->n_arm_rows++] = a;
    }
    return c->st;
}

static enum status event_row(struct cells *c)
{
    static const int criteria[CRIT_N] = {AE_S_DEATH, AE_S_LIFE, AE_S_HOSP, AE_S_DISAB, AE_S_CONG, AE_S_OTHER};
    struct builder *b = c->b;
    struct event e = {.id = c->key};
    int64_t grade = 0;

    c->quiet = c->f[AE_DELETED].len == 1 && c->f[AE_DELETED].p[0] == 't';
    e.deleted = read_bool(c, AE_DELETED) == TRI_YES; /* NULL or unreadable: it stays and counts */
    (void)cell(c, AE_ID);
    e.subject = UNRESOLVED;
    e.subject_id = read_text(c, AE_SUBJECT);
    e.episode = c->f[AE_EPISODE].len == 0 ? 0 : read_text(c, AE_EPISODE);
    e.term = read_term(c, AE_TERM);
    e.pt = read_term(c, AE_PT);
    e.soc = read_term(c, AE_SOC);
    e.onset = read_pdate(c, AE_ONSET);
    e.resolved = read_pdate(c, AE_RESOLVED);
    e.serious = (int8_t)read_bool(c, AE_SERIOUS);
    for (int i = 0; i < CRIT_N; i++) {
        e.crit[i] = (int8_t)read_bool(c, criteria[i]);
    }
    e.outcome = (uint8_t)read_code(c, AE_OUTCOME, outcomes, OUT_UNKNOWN, OUT_UNKNOWN);
    if (cell(c, AE_GRADE) && !text_int(c->f[AE_GRADE].p, (size_t)c->f[AE_GRADE].len, 1, 5, &grade)) {
        ask(c, Q_UNREADABLE, AE_GRADE);
        grade = 0;
    }
    e.grade = (uint8_t)grade;
    e.related = (int8_t)read_bool(c, AE_RELATED);
    e.expected = (int8_t)read_bool(c, AE_EXPECTED);
    e.form = (uint8_t)read_code(c, AE_FORM, forms, FORM_INCOMPLETE, FORM_INCOMPLETE);
    e.entered = read_instant(c, AE_ENTERED);
    e.updated = read_instant(c, AE_UPDATED);
    if (c->st == OK) {
        c->st = VEC_PUSH_ROOM(b->events, b->n_events, b->cap_events, c->err);
    }
    if (c->st == OK) {
        c->st = vec_reserve(&b->ranks, &b->cap_ranks, b->n_events + 1, sizeof *b->ranks, c->err);
    }
    if (c->st == OK) {
        b->ranks[b->n_events] = c->rank;
        b->events[b->n_events++] = e;
    }
    return c->st;
}

static enum status meta_row(struct cells *c)
{
    struct builder *b = c->b;
    struct meta_row m = {.name = c->key, .rank = c->rank};

    (void)cell(c, META_NAME);
    m.value = read_text(c, META_VALUE);
    if (c->st == OK) {
        c->st = VEC_PUSH_ROOM(b->meta, b->n_meta, b->cap_meta, c->err);
    }
    if (c->st == OK) {
        b->meta[b->n_meta++] = m;
    }
    return c->st;
}

/* A review begins with the same columns. */
static enum status adjudication_row(struct cells *c, struct adjudication_rows *to)
{
    struct adjudication_row a = {.key = c->key, .rank = c->rank};

    a.ae = read_text(c, ADJ_AE);
    a.category = read_text(c, ADJ_CATEGORY);
    a.verdict = (uint8_t)read_code(c, ADJ_VERDICT, verdicts, ADJ_NONE, ADJ_NONE);
    (void)read_instant(c, ADJ_DECIDED);
    a.again = c->view == SRC_REVIEW && read_bool(c, REV_STANDS) != TRI_YES;
    if (c->st == OK) {
        c->st = VEC_PUSH_ROOM(to->row, to->n, to->cap, c->err);
    }
    if (c->st == OK) {
        to->row[to->n++] = a;
    }
    return c->st;
}

enum status builder_row(struct builder *b, enum src_view view, const struct field *f, struct err *err)
{
    struct cells c = {.b = b, .view = view, .f = f, .rank = row_rank(view, f), .st = OK, .err = err};

    (void)row_key(view, f, c.rank, &b->key);
    c.st = buf_check(&b->key, err);
    if (c.st == OK) {
        c.st = pool_intern(b->pool, buf_cstr(&b->key), b->key.len, &c.key, err);
    }
    if (c.st == OK && b->base != NULL) {
        c.st = touch(b, view, c.key, err);
    }
    if (c.st != OK) {
        return c.st;
    }
    switch (view) {
    case SRC_SUBJECT:
        return subject_row(&c);
    case SRC_ARM:
        return arm_row(&c);
    case SRC_AE:
        return event_row(&c);
    case SRC_META:
        return meta_row(&c);
    case SRC_ADJUDICATION:
        return adjudication_row(&c, &b->adjudications);
    case SRC_REVIEW:
        return adjudication_row(&c, &b->reviews);
    case SRC_VIEWS:
        break;
    }
    return err_set(err, E_INTERNAL, "a row of no view");
}
