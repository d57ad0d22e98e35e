/*
 * report_listings.c - serious events, deaths, the review queue and data queries, subject by subject.  Closed report only.
 * Every text of the source is shown escaped and shortened.
 */
#include "render/report_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "base/text.h"
#include "render/figures.h"
#include "render/format.h"

enum { TERM_SHOWN = 100, ID_SHOWN = 60 };

struct line {
    uint32_t subject, event;
    day_t onset;
};

struct listing {
    const struct report_input *in;
    const struct arm_names *names;
    struct facts *f;
};

static void shown(struct buf *b, const struct snapshot *s, str_id id, size_t max)
{
    if (id != 0) {
        text_show(b, pool_str(s->pool, id), pool_len(s->pool, id), max);
    }
}

static void shown_fact(struct listing *l, struct place at, const char *statistic, str_id id, size_t max)
{
    struct buf b = {0};

    shown(&b, l->in->snapshot, id, max);
    facts_text_take(l->f, at, statistic, &b);
}

/* By subject, onset and event id: the snapshot's order is by id already. */
static int by_subject(const void *a, const void *b)
{
    const struct line *x = a, *y = b;

    if (x->subject != y->subject) {
        return x->subject < y->subject ? -1 : 1;
    }
    if (x->onset != y->onset) {
        return x->onset < y->onset ? -1 : 1;
    }
    return x->event < y->event ? -1 : x->event > y->event;
}

static void outcome_fact(struct listing *l, struct place at, uint8_t outcome)
{
    static const char *const word[] = {"", "recovered", "recovering", "not recovered", "sequelae", "fatal"};

    facts_text(l->f, at, "outcome", outcome < sizeof(word) / sizeof(word[0]) ? word[outcome] : "");
}

static void event_facts(struct listing *l, const char *section, const struct line *x)
{
    const struct snapshot *s = l->in->snapshot;
    const struct event *e = x->event == NO_EVENT ? NULL : &s->events[x->event];
    const struct subject *who = x->subject == NO_SUBJECT ? NULL : &s->subjects[x->subject];
    struct buf item = {0}, group = {0}, b = {0};
    struct place at = {section, "", ""};
    arm_t arm = who == NULL                          ? ARM_NONE
                : l->in->plan->basis == BASIS_ACTUAL ? who->arm_actual
                                                     : who->arm_planned;

    shown(&item, s, who == NULL ? 0 : who->id, ID_SHOWN);
    shown(&group, s, e == NULL ? 0 : e->id, ID_SHOWN);
    facts_lost(l->f, &item);
    facts_lost(l->f, &group);
    at.item = who == NULL ? "(unknown subject)" : buf_cstr(&item);
    at.group = e == NULL ? "(subject's record)" : buf_cstr(&group);
    facts_text(l->f, at, "arm", arm_names_of(l->names, arm));
    fmt_pdate(&b, e != NULL ? &e->onset : &who->death_date);
    facts_text_take(l->f, at, "onset", &b);
    shown_fact(l, at, "term", e == NULL ? 0 : e->term, TERM_SHOWN);
    shown_fact(l, at, "coded_pt", e == NULL ? 0 : e->pt, TERM_SHOWN);
    outcome_fact(l, at, e == NULL ? OUT_UNKNOWN : e->outcome);
    facts_text(l->f, at, "form",
               e == NULL                    ? ""
               : e->form == FORM_INCOMPLETE ? "incomplete"
               : e->form == FORM_LOCKED     ? "locked"
                                            : "complete");
    facts_text(l->f, at, "rule",
               e == NULL ? "" : ruleset_rule(l->in->rules, l->in->result->classes.events[x->event].rule));
    buf_wipe(&item);
    buf_wipe(&group);
}

static void write_lines(struct listing *l, const char *section, struct line *x, size_t n)
{
    if (n > 0) {
        qsort(x, n, sizeof(*x), by_subject);
    }
    for (size_t i = 0; i < n; i++) {
        event_facts(l, section, &x[i]);
    }
}

static bool wants_review(const struct event_class *c)
{
    return c->review != 0 || (c->flags & CLASS_REVIEW) != 0;
}

/* Events that a category holds (category >= 0), or that wait for review (-1). */
static enum status event_listing(struct listing *l, const char *section, int category, struct err *err)
{
    const struct snapshot *s = l->in->snapshot;
    const struct classes *c = &l->in->result->classes;
    struct line *x = NULL;
    size_t n = 0, cap = 0;
    enum status st = OK;

    for (size_t i = 0; st == OK && i < s->n_events && i < c->n_events; i++) {
        const struct event *e = &s->events[i];
        bool in =
            category >= 0 ? (c->events[i].categories >> category & 1U) != 0 : wants_review(&c->events[i]);

        if (!in || e->deleted) {
            continue;
        }
        st = VEC_PUSH_ROOM(x, n, cap, err);
        if (st == OK) {
            x[n++] = (struct line){e->subject, (uint32_t)i, e->onset.first};
        }
    }
    if (st == OK) {
        write_lines(l, section, x, n);
    }
    free(x);
    return st;
}

static enum status deaths(struct listing *l, struct err *err)
{
    int death = ruleset_find_category(l->in->rules, "death");
    struct tally_options o = look_options(l->in->plan, l->in->rules, WINDOW_ALL, l->in->cut);
    struct first_event *first = NULL;
    struct line *x;
    size_t n = 0;
    enum status st;

    if (death < 0) {
        return OK;
    }
    st = tally_first_events(l->in->snapshot, &l->in->result->classes, (struct tally_target){death, 0}, &o,
                            &first, &n, err);
    if (st != OK) {
        return st;
    }
    x = calloc(n + 1, sizeof(*x));
    if (x == NULL) {
        free(first);
        return err_set(err, E_NOMEM, "a listing");
    }
    for (size_t i = 0; i < n; i++) {
        x[i] = (struct line){first[i].subject, first[i].event, first[i].day};
    }
    write_lines(l, "deaths", x, n);
    free(x);
    free(first);
    return OK;
}

static void query_listing(struct listing *l)
{
    static const char *const view[SRC_VIEWS] = {"subject", "arm", "ae", "meta", "adjudication", "review"};
    const struct snapshot *s = l->in->snapshot;

    for (size_t i = 0; i < s->n_queries; i++) {
        const struct query *q = &s->queries[i];
        struct buf item = {0}, group = {0};
        struct place at = {"query_listing", "", ""};

        buf_fmt(&item, "%s ", view[q->view]);
        shown(&item, s, q->key, ID_SHOWN);
        buf_fmt(&group, "%zu", i + 1);
        facts_lost(l->f, &item);
        facts_lost(l->f, &group);
        at.item = buf_cstr(&item);
        at.group = buf_cstr(&group);
        facts_text(l->f, at, "code", query_name(q->code));
        facts_text(l->f, at, "problem", query_text(q->code));
        facts_text(l->f, at, "column", q->column == NULL ? "" : q->column);
        shown_fact(l, at, "value", q->value, ID_SHOWN);
        buf_wipe(&item);
        buf_wipe(&group);
    }
}

static void statements(struct facts *f)
{
    static const char *const say[] = {
        "Unblinded. For the data and safety monitoring board only; keep it where trial staff cannot read it.",
        "A crossed boundary is a reason to look, not a decision; a boundary not crossed is no proof of "
        "safety.",
        "p values and intervals take no account of repeated looks, but for those that say so, and none of "
        "several "
        "categories.",
        "Exact tests condition on the subjects at risk in each arm on the onset day of each event.",
        "Counts are of what was known at this look, coded by rules; corrections after it are told at a later "
        "one.",
        "Percentages are of the subjects of the population; rates count first events per 100 person-years at "
        "risk."};

    for (size_t i = 0; i < sizeof(say) / sizeof(say[0]); i++) {
        struct buf item = {0};

        buf_fmt(&item, "%zu", i + 1);
        facts_lost(f, &item);
        facts_text(f, (struct place){"statements", buf_cstr(&item), ""}, "statement", say[i]);
        buf_done(&item);
    }
}

enum status report_closed_listings(const struct report_input *in, const struct arm_names *names,
                                   struct facts *f, struct err *err)
{
    struct listing l = {in, names, f};
    int serious = ruleset_find_category(in->rules, "serious");
    enum status st = serious < 0 ? OK : event_listing(&l, "serious_events", serious, err);

    if (st != OK || (st = deaths(&l, err)) != OK || (st = event_listing(&l, "review", -1, err)) != OK) {
        return st;
    }
    query_listing(&l);
    statements(f);
    return OK;
}
