/*
 * alert_detail.c - what an alert rests on: other monitors, categories, size of the difference, events, looks.
 */
#include "render/alert_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "render/format.h"
#include "render/words.h"

enum {
    TERM_SHOWN = 80,
    ID_SHOWN = 40,
    EVENTS_SHOWN = 12,
    EVENTS_FEW = 3,
    EVENTS_FILED = 200,
    LOOKS_SHOWN = 12
};

static void shown(struct buf *out, const char *s, size_t max)
{
    text_show(out, s, strlen(s), max);
}

static void cell_count(struct page *p, const struct side *s)
{
    struct buf b = {0};

    fmt_count(&b, s->subjects, s->n);
    page_cell_take(p, &b);
}

/* Every monitor but the one of the alert, with counts of all arms. */
enum status alert_others(struct alert_ctx *c, struct err *err)
{
    struct page *p = c->p;
    enum status st = OK;

    if (c->plan->n_monitors < 2) {
        return OK;
    }
    page_add(p, BLOCK_HEADING, "Where the other monitors stand");
    page_table(p, "", (size_t)c->names.n + 2, (2U << c->names.n) - 2U);
    page_cell(p, "Monitor");
    for (int arm = c->names.n; arm-- > 0;) {
        page_cell(p, c->names.arm[arm]);
    }
    page_cell(p, "Boundary");
    for (size_t i = 0; st == OK && i < c->plan->n_monitors; i++) {
        const struct monitor *m = &c->plan->monitors[i];
        const struct entry *e = &c->in->result->entries[i];
        struct measure x = measure_of_monitor(c->plan, c->in->rules, m);
        struct buf b = {0};

        if (m == c->m) {
            continue;
        }
        shown(&b, m->title, TITLE_MAX_LEN);
        page_cell_take(p, &b);
        for (int arm = c->names.n; arm-- > 0;) {
            struct side s = side_of(c->in->result, &x, arm);

            buf_fmt(&b, "%lld/%lld", (long long)s.subjects, (long long)s.n);
            page_cell_take(p, &b);
        }
        st = words_standing(&b, m, &c->in->history[i], e, err);
        page_cell_take(p, &b);
    }
    for (size_t i = 0; st == OK && i < c->plan->n_monitors; i++) {
        const char *why = words_why(&c->in->history[i], &c->in->result->entries[i]);

        if (why[0] != '\0' && &c->plan->monitors[i] != c->m) {
            struct buf b = {0};

            shown(&b, c->plan->monitors[i].title, TITLE_MAX_LEN);
            buf_fmt(&b, " could not be determined: %s.", why);
            page_take(p, BLOCK_PARA, &b);
        }
    }
    return st;
}

void alert_categories(struct alert_ctx *c)
{
    const struct ruleset *rs = c->in->rules;
    struct page *p = c->p;
    struct buf b = {0};

    page_add(p, BLOCK_HEADING, "All categories by arm");
    buf_fmt(&b, "Subjects with at least one event; %s population, %s arm, all events.",
            population_name(c->plan->population), basis_name(c->plan->basis));
    page_table_take(p, &b, (size_t)c->names.n + 1, ~1U);
    page_cell(p, "Category");
    for (int arm = c->names.n; arm-- > 0;) {
        page_cell(p, c->names.arm[arm]);
    }
    for (int k = TALLY_ANY; k < ruleset_categories(rs); k++) {
        struct measure x = measure_of_category(c->plan, k);

        if (k == TALLY_ANY) {
            buf_str(&b, "Any adverse event");
        } else {
            shown(&b, ruleset_category_title(rs, k), TITLE_MAX_LEN);
        }
        page_cell_take(p, &b);
        for (int arm = c->names.n; arm-- > 0;) {
            struct side s = side_of(c->in->result, &x, arm);

            cell_count(p, &s);
        }
    }
}

static void effect_row(struct page *p, const char *what, struct buf *value)
{
    page_cell(p, what);
    page_cell_take(p, value);
}

static void rate_text(struct buf *out, const struct side *s)
{
    fmt_rate(out, rate_100(s->subjects, s->risk_days));
}

enum status alert_effect(struct alert_ctx *c, struct err *err)
{
    struct side e = side_experimental(c->in->result, &c->measure, c->names.n, c->m->comparison);
    struct side k = side_of(c->in->result, &c->measure, ARM_CONTROL);
    const char *side = arm_names_side(&c->names, c->m), *control = c->names.arm[ARM_CONTROL];
    struct contrast x;
    struct buf b = {0};
    enum status st = contrast_of(&e, &k, &x, err);

    if (st != OK) {
        return st;
    }
    page_add(c->p, BLOCK_HEADING, "How large is the difference");
    buf_fmt(&b, "%s against %s, with 95 %% confidence intervals that take no account of the repeated looks.",
            side, control);
    page_table_take(c->p, &b, 2, 0);
    page_cell(c->p, "");
    page_cell(c->p, "");
    if (x.ok) {
        fmt_points(&b, &x.t.risk_difference);
        effect_row(c->p, "Risk difference, percentage points", &b);
        fmt_ratio(&b, &x.t.relative_risk);
        effect_row(c->p, "Risk ratio", &b);
        fmt_ratio(&b, &x.t.odds_ratio);
        effect_row(c->p, "Odds ratio", &b);
        fmt_p_value(&b, x.t.fisher_upper);
        buf_str(&b, " one-sided, ");
        fmt_p_value(&b, x.t.fisher_two_sided);
        buf_str(&b, " two-sided");
        effect_row(c->p, "Fisher's exact p", &b);
    } else {
        buf_str(&b, "not estimable: an arm has no subjects");
        effect_row(c->p, "Risk difference and ratios", &b);
    }
    rate_text(&b, &e);
    buf_str(&b, " v ");
    rate_text(&b, &k);
    effect_row(c->p, "First events per 100 person-years", &b);
    if (x.rate_ok) {
        fmt_ratio(&b, &x.rate_ratio);
        effect_row(c->p, "Rate ratio", &b);
    }
    return OK;
}

static void look_row(struct alert_ctx *c, const struct entry *e)
{
    struct page *p = c->p;
    struct buf b = {0};

    buf_fmt(&b, "%lld", (long long)e->look);
    page_cell_take(p, &b);
    fmt_day(&b, e->cut);
    page_cell_take(p, &b);
    if (c->m->method != METHOD_EXACT_BINOMIAL) {
        buf_fmt(&b, "%lld", (long long)e->events);
        page_cell_take(p, &b);
    }
    words_statistic(&b, c->m, e);
    page_cell_take(p, &b);
    words_bound(&b, c->m, e);
    page_cell_take(p, &b);
    page_cell(p, words_verdict(e->verdict));
    fmt_alpha(&b, e->alpha_spent);
    page_cell_take(p, &b);
}

/* The looks that tested, newest last, and this one. */
void alert_decided(struct alert_ctx *c)
{
    bool exact = c->m->method == METHOD_EXACT_BINOMIAL;
    size_t skip = 0, executed = 0;
    struct buf b = {0};

    page_add(c->p, BLOCK_HEADING, "How it was decided");
    words_design(&b, c->m);
    if (c->m->method != METHOD_E_PROCESS) {
        buf_str(&b, " Alpha spent so far: ");
        fmt_alpha(&b, c->now->alpha_spent);
        buf_str(&b, " of ");
        text_add_double(&b, c->m->alpha);
        buf_char(&b, '.');
    }
    if (c->m->method == METHOD_EXACT_BINOMIAL) {
        buf_str(
            &b,
            " Each first event is compared with the subjects at risk in each arm on its onset day; the test"
            " conditions on these numbers. The p above is of the count by itself, as if this were the only "
            "look.");
    }
    if (c->m->method == METHOD_SPENDING_Z) {
        buf_str(&b, " The p above is of the statistic by itself, as if this were the only look.");
    }
    if (c->m->method != METHOD_E_PROCESS && c->m->e.on) {
        buf_str(&b, " The e-value is shown beside the test and decides nothing.");
    }
    page_take(c->p, BLOCK_PARA, &b);
    for (size_t i = 0; i < c->past->n; i++) {
        executed += c->past->entries[i].executed;
    }
    skip = executed > LOOKS_SHOWN ? executed - LOOKS_SHOWN : 0;
    /* The statistic of an exact test says the number of events; the others have a column for it. */
    page_table(c->p, skip > 0 ? "The newest looks that tested" : "Looks that tested, and this one",
               exact ? 6 : 7, exact ? 0x2dU : 0x5dU);
    page_cell(c->p, "Look");
    page_cell(c->p, "To");
    if (!exact) {
        page_cell(c->p, "Events");
    }
    page_cell(c->p, exact ? arm_names_side(&c->names, c->m) : c->m->method == METHOD_SPENDING_Z ? "z" : "E");
    page_cell(c->p, "Boundary");
    page_cell(c->p, "Verdict");
    page_cell(c->p, "Alpha spent");
    for (size_t i = 0; i < c->past->n; i++) {
        const struct entry *e = &c->past->entries[i];

        if (!e->executed || e->look >= c->now->look) {
            continue;
        }
        if (skip > 0) {
            skip--;
            continue;
        }
        look_row(c, e);
    }
    look_row(c, c->now);
}

static int newest_first(const void *a, const void *b)
{
    const struct first_event *x = a, *y = b;

    if (x->day != y->day) {
        return x->day < y->day ? 1 : -1;
    }
    return x->subject < y->subject ? -1 : x->subject > y->subject;
}

static void event_row(struct alert_ctx *c, const struct first_event *f)
{
    const struct snapshot *s = c->in->snapshot;
    const struct event *ev = f->event == NO_EVENT ? NULL : &s->events[f->event];
    struct page *p = c->p;
    struct buf b = {0};

    text_show(&b, pool_str(s->pool, s->subjects[f->subject].id),
              pool_len(s->pool, s->subjects[f->subject].id), ID_SHOWN);
    page_cell_take(p, &b);
    page_cell(p, arm_names_of(&c->names, f->arm));
    fmt_pdate(&b, &f->onset);
    page_cell_take(p, &b);
    if (ev == NULL) {
        buf_str(&b, "(by the subject's own record)");
    } else if (ev->term == 0) {
        buf_str(&b, "(no term)");
    } else {
        text_show(&b, pool_str(s->pool, ev->term), pool_len(s->pool, ev->term), TERM_SHOWN);
    }
    if ((f->flags & FIRST_UNVERIFIED) != 0) {
        buf_str(&b, " [form incomplete]");
    }
    if ((f->flags & FIRST_SUSPECTED) != 0) {
        buf_str(&b, " [suspected]");
    }
    page_cell_take(p, &b);
}

static size_t listing_length(const struct mail_input *in)
{
    return in->draws                         ? EVENTS_FILED
           : in->extent >= EXTENT_NO_EVENTS  ? 0
           : in->extent == EXTENT_FEW_EVENTS ? EVENTS_FEW
                                             : EVENTS_SHOWN;
}

/* Where the rest of a listing is to be found. */
static const char *rest_is_in(const struct mail_input *in, size_t n)
{
    return mail_has_pdf(in) && n <= EVENTS_FILED ? "the PDF attached" : "the closed report";
}

enum status alert_events(struct alert_ctx *c, struct err *err)
{
    size_t most = listing_length(c->in);
    struct tally_options o = look_options(c->plan, c->in->rules, c->m->window, c->in->cut);
    struct first_event *f = NULL;
    size_t n = 0;
    struct buf b = {0};
    enum status st =
        tally_first_events(c->in->snapshot, &c->in->result->classes, c->m->target, &o, &f, &n, err);

    if (st != OK) {
        return st;
    }
    qsort(f, n, sizeof(*f), newest_first);
    page_add(c->p, BLOCK_HEADING, "The events behind the count");
    if (n > 0 && most == 0) {
        buf_fmt(&b, "%zu subjects with an event: see %s.", n, rest_is_in(c->in, n));
        page_take(c->p, BLOCK_PARA, &b);
        free(f);
        return OK;
    }
    if (n > most) {
        buf_fmt(&b, "First event of each subject, newest onset first; %zu of %zu. %zu more: see %s.", most, n,
                n - most, rest_is_in(c->in, n));
    } else {
        buf_str(&b, "First event of each subject, newest onset first.");
    }
    page_table_take(c->p, &b, 4, 0);
    page_cell(c->p, "Subject");
    page_cell(c->p, "Arm");
    page_cell(c->p, "Onset");
    page_cell(c->p, "As reported");
    for (size_t i = 0; i < n && i < most; i++) {
        event_row(c, &f[i]);
    }
    free(f);
    return OK;
}
