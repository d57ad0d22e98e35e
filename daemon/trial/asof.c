#include "trial/asof.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/vec.h"
#include "trial/canon.h"
#include "trial/rows.h"

struct item {
    const char *content; /* as rows.h encodes it */
    size_t len;
    day_t from; /* the first cut at which it is there; LAST_CUT until asof_finish knows which that is */
    uint8_t view;
};

/* A day before every cut, and one after: what has no day of its own. */
enum { FIRST_CUT = INT32_MIN + 1, LAST_CUT = INT32_MAX };

struct death {
    const char *subject; /* in the arena */
    size_t len;
    day_t day; /* DAY_NONE: no date is given */
};

struct asof {
    struct arena bytes;
    struct buf scratch;
    struct item *items;
    size_t n, cap;
    struct death *deaths; /* by subject, after asof_finish */
    size_t n_deaths, cap_deaths;
    struct asof_span span;
};

enum status asof_new(struct asof **ret, struct err *err)
{
    struct asof *a = calloc(1, sizeof *a);

    if (a == NULL) {
        return err_set(err, E_NOMEM, "a finished trial's rows");
    }
    a->span = (struct asof_span){.first = DAY_NONE, .last = DAY_NONE};
    *ret = a;
    return OK;
}

void asof_free(struct asof *a)
{
    if (a != NULL) {
        arena_done(&a->bytes);
        buf_wipe(&a->scratch);
        free(a->items);
        free(a->deaths);
        free(a);
    }
}

static bool is(const struct field *f, const char *word)
{
    return f->len >= 0 && (size_t)f->len == strlen(word) && memcmp(f->p, word, (size_t)f->len) == 0;
}

/* The first day a date may mean; DAY_NONE where it is missing or none. */
static day_t day_of(const struct field *f)
{
    struct pdate d;

    return f->len >= 0 && pdate_parse(f->p, (size_t)f->len, &d) && d.prec != DATE_ABSENT ? d.first : DAY_NONE;
}

static day_t day_of_instant(const struct field *f)
{
    instant_t t;

    return f->len >= 0 && instant_parse(f->p, (size_t)f->len, &t) ? instant_day(t) : DAY_NONE;
}

/* What happened on a day is known at the next day's cut. */
static day_t cut_after(day_t day)
{
    return day == DAY_NONE ? LAST_CUT : day + 1;
}

static enum status note_death(struct asof *a, const struct field *f, struct err *err)
{
    struct death d = {.day = day_of(&f[SUB_DEATH_DATE])};
    enum status st;

    if (f[SUB_ID].len < 0 || (d.day == DAY_NONE && !is(&f[SUB_DEATH_FLAG], "t"))) {
        return OK;
    }
    if (d.day == DAY_NONE) {
        d.day = day_of(&f[SUB_FU_END]);
    }
    st = VEC_PUSH_ROOM(a->deaths, a->n_deaths, a->cap_deaths, err);
    if (st == OK) {
        d.len = (size_t)f[SUB_ID].len;
        st = arena_keep(&a->bytes, f[SUB_ID].p, d.len, "a finished trial's rows", &d.subject, err);
    }
    if (st == OK) {
        a->deaths[a->n_deaths++] = d;
    }
    return st;
}

static day_t event_from(struct asof *a, const struct field *f)
{
    day_t day = day_of_instant(&f[AE_ENTERED]);
    bool counts = !is(&f[AE_DELETED], "t");

    a->span.events += counts;
    if (day != DAY_NONE) {
        return cut_after(day);
    }
    day = day_of(&f[AE_ONSET]);
    a->span.by_onset += counts && day != DAY_NONE;
    a->span.at_the_end += counts && day == DAY_NONE;
    return cut_after(day);
}

enum status asof_row(struct asof *a, enum src_view view, const struct field *f, struct err *err)
{
    struct item it = {.view = (uint8_t)view, .from = FIRST_CUT};
    enum status st = OK;

    switch (view) {
    case SRC_SUBJECT:
        it.from = day_of(&f[SUB_RAND]) == DAY_NONE ? FIRST_CUT : cut_after(day_of(&f[SUB_RAND]));
        st = note_death(a, f, err);
        break;
    case SRC_AE:
        it.from = event_from(a, f);
        break;
    case SRC_ADJUDICATION:
    case SRC_REVIEW:
        it.from = cut_after(day_of_instant(&f[ADJ_DECIDED]));
        break;
    case SRC_META:
        if (is(&f[META_NAME], "data_cutoff")) {
            day_t end = day_of_instant(&f[META_VALUE]);

            a->span.last = end != DAY_NONE && end > a->span.last ? end : a->span.last;
            return OK; /* each cut has its own */
        }
        break;
    case SRC_ARM:
    case SRC_VIEWS:
        break; /* an arm without its subject counts nowhere */
    }
    if (st == OK) {
        row_encode(view, f, &a->scratch);
        st = buf_check(&a->scratch, err);
    }
    if (st == OK) {
        st = VEC_PUSH_ROOM(a->items, a->n, a->cap, err);
    }
    if (st == OK) {
        it.len = a->scratch.len;
        st = arena_keep(&a->bytes, a->scratch.data, it.len, "a finished trial's rows", &it.content, err);
    }
    if (st == OK) {
        a->items[a->n++] = it;
    }
    return st;
}

static int by_cut(const void *a, const void *b)
{
    const struct item *x = a, *y = b;

    return (x->from > y->from) - (x->from < y->from);
}

static int by_subject(const void *a, const void *b)
{
    const struct death *x = a, *y = b;

    return canon_compare(x->subject, x->len, y->subject, y->len);
}

enum status asof_finish(struct asof *a, struct asof_span *ret, struct err *err)
{
    if (a->n > 0) {
        qsort(a->items, a->n, sizeof *a->items, by_cut);
    }
    if (a->n_deaths > 0) {
        qsort(a->deaths, a->n_deaths, sizeof *a->deaths, by_subject);
    }
    for (size_t i = 0; i < a->n; i++) {
        day_t from = a->items[i].from;

        if (from == FIRST_CUT || from == LAST_CUT) {
            continue;
        }
        a->span.last = from > a->span.last ? from : a->span.last;
        if (a->items[i].view == SRC_SUBJECT && a->span.first == DAY_NONE) {
            a->span.first = from; /* the items are in order */
        }
    }
    if (a->span.first == DAY_NONE || a->span.last == DAY_NONE) {
        return err_set(err, E_DATA,
                       "no subject of the newest look has a day of randomisation: there is no time to walk");
    }
    for (size_t i = 0; i < a->n; i++) {
        a->items[i].from = a->items[i].from > a->span.last ? a->span.last : a->items[i].from;
    }
    *ret = a->span;
    return OK;
}

size_t asof_new_rows(const struct asof *a, day_t before, day_t cut)
{
    size_t n = 0;

    for (size_t i = 0; i < a->n && a->items[i].from <= cut; i++) {
        n += a->items[i].from > before;
    }
    return n;
}

static const struct field absent = {.p = NULL, .len = -1, .repaired = false};

/* Takes out a date that had not come yet. */
static bool drop_later(struct field *f, day_t cut)
{
    bool later = f->len >= 0 && day_of(f) != DAY_NONE && day_of(f) >= cut;

    if (later) {
        *f = absent;
    }
    return later;
}

static void subject_then(const struct asof *a, day_t cut, struct field *f)
{
    day_t end = day_of(&f[SUB_FU_END]), died = day_of(&f[SUB_DEATH_DATE]);
    static const struct field no = {.p = "f", .len = 1, .repaired = false};

    if (died == DAY_NONE) {
        died = end;
    }
    if (is(&f[SUB_DEATH_FLAG], "t") && (died == DAY_NONE ? cut < a->span.last : died >= cut)) {
        f[SUB_DEATH_FLAG] = no;
    }
    (void)drop_later(&f[SUB_FIRST_DOSE], cut);
    (void)drop_later(&f[SUB_LAST_DOSE], cut);
    (void)drop_later(&f[SUB_DEATH_DATE], cut);
    if (drop_later(&f[SUB_FU_END], cut)) {
        f[SUB_FU_REASON] = absent;
    }
}

static void event_then(const struct asof *a, day_t cut, struct field *f)
{
    struct death key = {.subject = f[AE_SUBJECT].p,
                        .len = f[AE_SUBJECT].len < 0 ? 0 : (size_t)f[AE_SUBJECT].len};
    const struct death *d = a->n_deaths == 0 || f[AE_SUBJECT].len < 0
                                ? NULL
                                : bsearch(&key, a->deaths, a->n_deaths, sizeof *a->deaths, by_subject);

    if (drop_later(&f[AE_RESOLVED], cut)) {
        f[AE_OUTCOME] = absent;
    }
    if (d != NULL && (d->day == DAY_NONE ? cut < a->span.last : d->day >= cut)) {
        /* Whichever event it was: nobody's death was known yet. */
        f[AE_S_DEATH] = absent;
        f[AE_OUTCOME] = absent;
    }
}

static enum status add_cutoff(struct builder *b, day_t cut, struct err *err)
{
    char text[28];
    struct field f[SRC_COLUMNS_MAX] = {[META_NAME] = {.p = "data_cutoff", .len = 11}};

    instant_format(day_start(cut), text);
    f[META_VALUE] = (struct field){.p = text, .len = (int32_t)strlen(text)};
    return builder_row(b, SRC_META, f, err);
}

enum status asof_snapshot(const struct asof *a, const struct arms *arms, day_t cut, struct snapshot **ret,
                          struct err *err)
{
    struct builder *b = NULL;
    enum status st = builder_new(arms, &b, err);

    for (size_t i = 0; st == OK && i < a->n && a->items[i].from <= cut; i++) {
        const struct item *it = &a->items[i];
        struct field f[SRC_COLUMNS_MAX] = {0};

        st = row_decode((enum src_view)it->view, it->content, it->len, f, err);
        if (st == OK && it->view == SRC_SUBJECT) {
            subject_then(a, cut, f);
        } else if (st == OK && it->view == SRC_AE) {
            event_then(a, cut, f);
        }
        if (st == OK) {
            st = builder_row(b, (enum src_view)it->view, f, err);
        }
    }
    if (st == OK) {
        st = add_cutoff(b, cut, err);
    }
    if (st == OK) {
        st = builder_finish(b, ret, err);
    }
    builder_free(b);
    return st;
}
