#include "render/explain.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "render/format.h"
#include "render/names.h"
#include "render/page.h"
#include "render/words.h"

enum { WORDS_MAX = 60, PAGE_WIDTH = 100 };

struct explainer {
    const struct report_input *in;
    const struct known_set *known;
    struct arm_names names;
    struct page *p;
};

static void cell_text(struct explainer *x, str_id id)
{
    const char *s = pool_str(x->in->snapshot->pool, id);
    struct buf b = {0};

    if (s != NULL) {
        text_show(&b, s, pool_len(x->in->snapshot->pool, id), WORDS_MAX);
    }
    page_cell_take(x->p, &b);
}

static void cell_int(struct explainer *x, int64_t v)
{
    struct buf b = {0};

    buf_fmt(&b, "%lld", (long long)v);
    page_cell_take(x->p, &b);
}

static void cell_day(struct explainer *x, day_t d)
{
    struct buf b = {0};

    fmt_day(&b, d);
    page_cell_take(x->p, &b);
}

/* The look at which a subject was first seen to qualify. */
static int64_t known_since(const struct explainer *x, const char *monitor, const char *subject)
{
    for (size_t i = 0; i < x->known->n; i++) {
        const struct known_row *k = &x->known->rows[i];

        if (strcmp(k->monitor, monitor) == 0 && strcmp(k->subject, subject) == 0) {
            return k->look;
        }
    }
    return x->in->look;
}

static void day_notes(struct buf *b, unsigned flags)
{
    static const struct {
        unsigned flag;
        const char *word;
    } notes[] = {{FIRST_PARTIAL, "partial date"},
                 {FIRST_UNKNOWN, "no usable date"},
                 {FIRST_OUTSIDE, "outside follow-up"},
                 {FIRST_UNVERIFIED, "form incomplete"},
                 {FIRST_SUSPECTED, "suspected"}};

    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++) {
        if ((flags & notes[i].flag) != 0) {
            buf_str(b, b->len > 0 ? ", " : "");
            buf_str(b, notes[i].word);
        }
    }
}

/* Who said that it counts, where a person did; NULL: words and columns alone. */
static const char *judged_by(const struct explainer *x, const struct monitor *m, uint32_t event)
{
    const struct snapshot *s = x->in->snapshot;
    const char *who = NULL;

    for (size_t i = 0; i < s->n_adjudications; i++) {
        const struct adjudication *a = &s->adjudications[i];
        const char *name = pool_str(s->pool, a->category);
        int cat, sub;

        if (a->event == event && a->verdict == ADJ_CONFIRMED && name != NULL &&
            ruleset_judged(x->in->rules, name, &cat, &sub) && cat == m->target.category) {
            who = !a->review ? "adjudicated" : who == NULL ? "decided by review" : who;
        }
    }
    return who;
}

static void first_event_row(struct explainer *x, const struct monitor *m, const struct first_event *f)
{
    const struct snapshot *s = x->in->snapshot;
    const char *subject = pool_str(s->pool, s->subjects[f->subject].id);
    struct buf b = {0};

    cell_text(x, s->subjects[f->subject].id);
    page_cell(x->p, arm_names_of(&x->names, f->arm));
    if (f->event == NO_EVENT) {
        page_cell(x->p, "(subject)");
        page_cell(x->p, "");
        page_cell(x->p, "death recorded with the subject");
    } else {
        uint16_t rule = x->in->result->classes.events[f->event].rule;
        const char *who = judged_by(x, m, f->event);

        cell_text(x, s->events[f->event].id);
        cell_text(x, s->events[f->event].term);
        page_cell(x->p, who != NULL ? who : rule == 0 ? "" : ruleset_rule(x->in->rules, rule));
    }
    fmt_pdate(&b, &f->onset);
    page_cell_take(x->p, &b);
    cell_day(x, f->day);
    cell_int(x, known_since(x, m->name, subject));
    day_notes(&b, f->flags);
    page_cell_take(x->p, &b);
}

static enum status first_events(struct explainer *x, const struct monitor *m, struct err *err)
{
    struct tally_options o = look_options(x->in->plan, x->in->rules, m->window, x->in->cut);
    struct first_event *f = NULL;
    size_t n = 0;
    enum status st = tally_first_events(x->in->snapshot, &x->in->result->classes, m->target, &o, &f, &n, err);

    if (st == OK) {
        page_table(x->p, "First events, one a subject", 9, 1U << 7);
        for (size_t i = 0; i < 9; i++) {
            static const char *const heads[] = {"Subject", "Arm",      "Event",       "As reported", "Rule",
                                                "Onset",   "Day used", "Known since", "Note"};

            page_cell(x->p, heads[i]);
        }
        for (size_t i = 0; i < n; i++) {
            first_event_row(x, m, &f[i]);
        }
    }
    free(f);
    return st;
}

static void block_rows(struct explainer *x, const struct entry *e, const struct block *blocks, size_t n,
                       bool exact)
{
    for (size_t i = 0; i < n; i++) {
        const struct block *b = &blocks[i];
        struct buf p = {0};

        cell_int(x, e->look);
        page_cell(x->p, exact ? "exact test" : "e-process");
        cell_day(x, b->day);
        cell_int(x, b->m);
        cell_int(x, b->x);
        cell_int(x, b->y1);
        cell_int(x, b->y0);
        if (b->y1 + b->y0 > 0) {
            fmt_fixed(&p, (double)b->y1 / (double)(b->y1 + b->y0), 4);
        }
        page_cell_take(x->p, &p);
    }
}

static void blocks(struct explainer *x, const struct history *h, const struct entry *now)
{
    static const char *const heads[] = {"Look",         "For",           "Onset day",        "Events",
                                        "Experimental", "At risk, exp.", "At risk, control", "Share exp."};

    page_table(x->p, "What each look took in, with those at risk on the day", 8, 0xF9U);
    for (size_t i = 0; i < 8; i++) {
        page_cell(x->p, heads[i]);
    }
    for (size_t i = 0; i <= h->n; i++) {
        const struct entry *e = i < h->n ? &h->entries[i] : now;

        block_rows(x, e, e->b2, e->n_b2, true);
        block_rows(x, e, e->seen, e->n_seen, false);
    }
}

static void look_row(struct explainer *x, const struct monitor *m, const struct entry *e)
{
    struct buf b = {0};

    cell_int(x, e->look);
    cell_day(x, e->cut);
    cell_int(x, e->events);
    cell_int(x, e->x1);
    fmt_significant(&b, e->t, 4);
    page_cell_take(x->p, &b);
    fmt_significant(&b, e->alpha_target, 4);
    page_cell_take(x->p, &b);
    fmt_significant(&b, e->alpha_spent, 4);
    page_cell_take(x->p, &b);
    words_statistic(&b, m, e);
    page_cell_take(x->p, &b);
    words_bound(&b, m, e);
    page_cell_take(x->p, &b);
    page_cell(x->p, words_verdict(e->verdict));
    page_cell(x->p, e->reason);
}

static void looks(struct explainer *x, const struct monitor *m, const struct history *h,
                  const struct entry *now)
{
    static const char *const heads[] = {"Look",          "To",        "Events", "Experimental",
                                        "Spending time", "Alpha due", "Spent",  "Statistic",
                                        "Boundary",      "Verdict",   "Why"};

    page_table(x->p, "Looks that judged", 11, 0x1FDU);
    for (size_t i = 0; i < 11; i++) {
        page_cell(x->p, heads[i]);
    }
    for (size_t i = 0; i <= h->n; i++) {
        const struct entry *e = i < h->n ? &h->entries[i] : now;

        if (i == h->n || (e->verdict != VERDICT_NOT_DUE && e->verdict != VERDICT_NO_NEW_INFORMATION)) {
            look_row(x, m, e);
        }
    }
}

static enum status monitor_part(struct explainer *x, size_t i, struct err *err)
{
    const struct monitor *m = &x->in->plan->monitors[i];
    const struct history *h = &x->in->history[i];
    const struct entry *now = &x->in->result->entries[i];
    struct buf b = {0};
    enum status st;

    text_show(&b, m->title, strlen(m->title), TITLE_MAX_LEN);
    page_take(x->p, BLOCK_HEADING, &b);
    words_design(&b, m);
    page_take(x->p, BLOCK_PARA, &b);
    words_test(&b, m, now, &x->names);
    page_take(x->p, BLOCK_PARA, &b);
    st = first_events(x, m, err);
    if (st == OK) {
        blocks(x, h, now);
        looks(x, m, h, now);
    }
    return st;
}

enum status explain_render(const struct report_input *in, const struct known_set *known, const char *only,
                           struct buf *out, struct err *err)
{
    struct explainer x = {.in = in, .known = known};
    struct buf b = {0};
    bool any = false;
    enum status st = arm_names_reveal(&in->plan->arms, in->coded_arms, &x.names, err);

    if (st == OK) {
        st = page_new(&x.p, err);
    }
    if (st == OK) {
        buf_fmt(&b, "Look %lld of trial ", (long long)in->look);
        text_show(&b, in->plan->trial, strlen(in->plan->trial), NAME_MAX_LEN);
        page_take(x.p, BLOCK_HEADING, &b);
        buf_fmt(&b, "Snapshot %s, plan %s. UNBLINDED.", in->snapshot_hash, in->plan_hash);
        page_take(x.p, BLOCK_PARA, &b);
    }
    for (size_t i = 0; st == OK && i < in->plan->n_monitors; i++) {
        if (only == NULL || strcmp(only, in->plan->monitors[i].name) == 0) {
            any = true;
            st = monitor_part(&x, i, err);
        }
    }
    if (st == OK && !any) {
        st = err_set(err, E_NOTFOUND, "the plan of look %lld has no monitor \"%s\"", (long long)in->look,
                     only);
    }
    if (st == OK) {
        st = page_text(x.p, PAGE_WIDTH, out, err);
    }
    page_free(x.p);
    arm_names_done(&x.names);
    return st;
}
