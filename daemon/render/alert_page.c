#include "render/alert_page.h"

#include <string.h>

#include "base/text.h"
#include "render/alert_parts.h"
#include "render/enclosure.h"
#include "render/format.h"
#include "render/letter_page.h"
#include "render/words.h"

enum { ALSO_NAMED = 6 };

static void shown(struct buf *out, const char *s, size_t max)
{
    text_show(out, s, strlen(s), max);
}

static void count_cells(struct alert_ctx *c, const char *arm, const struct side *s)
{
    struct buf b = {0};

    page_cell(c->p, arm);
    buf_fmt(&b, "%lld/%lld", (long long)s->subjects, (long long)s->n);
    page_cell_take(c->p, &b);
    fmt_percent(&b, s->subjects, s->n);
    page_cell_take(c->p, &b);
}

/* The arms of the monitor's comparison: experimental first, control last. */
static void counts(struct alert_ctx *c)
{
    const struct look_result *r = c->in->result;
    struct side s;

    page_add(c->p, BLOCK_COUNTS, "");
    for (int arm = ARM_CONTROL + 1; arm < c->names.n; arm++) {
        if (c->m->comparison == ARM_NONE || c->m->comparison == arm) {
            s = side_of(r, &c->measure, arm);
            count_cells(c, c->names.arm[arm], &s);
        }
    }
    s = side_of(r, &c->measure, ARM_CONTROL);
    count_cells(c, c->names.arm[ARM_CONTROL], &s);
}

static void headline(struct alert_ctx *c)
{
    struct buf b = {0};
    bool raised = c->alert->kind == ALERT_RAISED;

    buf_str(&b, !raised                                    ? "AMENDMENT: "
                : c->now->verdict == VERDICT_CROSSED_LOWER ? "LOWER BOUNDARY CROSSED: "
                                                           : "BOUNDARY CROSSED: ");
    shown(&b, c->m->title, TITLE_MAX_LEN);
    buf_str(&b, " - ");
    shown(&b, c->plan->trial, NAME_MAX_LEN);
    page_take(c->p, raised ? BLOCK_ALARM : BLOCK_NOTICE, &b);
}

static void amendment(struct alert_ctx *c)
{
    const struct entry *first = words_crossing(c->past, c->now);
    struct buf b = {0};

    switch (c->alert->kind) {
    case ALERT_RAISED:
        return;
    case ALERT_AMENDED_BELOW:
        buf_str(&b, "On the corrected data the boundary would not be crossed.");
        break;
    case ALERT_AMENDED_AGAIN:
        buf_str(&b, "On the data as corrected since, the boundary would be crossed again.");
        break;
    }
    if (first != NULL && first != c->now) {
        buf_fmt(&b,
                " It was crossed at look %lld with %lld of %lld first events in %s; now it is %lld of %lld.",
                (long long)first->look, (long long)first->x1, (long long)first->events,
                arm_names_side(&c->names, c->m), (long long)c->now->x1, (long long)c->now->events);
    }
    buf_str(&b, " The alert is not withdrawn: what it means is for the board to judge.");
    page_take(c->p, BLOCK_LEAD, &b);
}

static void lead(struct alert_ctx *c)
{
    struct buf b = {0};

    words_test(&b, c->m, c->now, &c->names);
    if (c->now->on_correction) {
        buf_str(&b, " Crossed on corrected data, against the boundary of an earlier look.");
    }
    if (c->m->window == WINDOW_TE) {
        buf_str(&b, " Treatment-emergent events.");
    }
    page_take(c->p, BLOCK_LEAD, &b);
    buf_str(&b, "Data current to ");
    fmt_instant(&b, c->in->data_cutoff);
    buf_str(&b, "; counted to ");
    fmt_day(&b, c->in->cut);
    buf_fmt(&b, ", look %lld.", (long long)c->in->look);
    page_take(c->p, BLOCK_LEAD, &b);
}

static void action(struct alert_ctx *c)
{
    const struct board *board = c->in->board;
    struct buf b = {0};

    buf_str(&b, "What to do: ");
    if (c->alert->kind == ALERT_AMENDED_BELOW) {
        buf_str(&b, "tell the chair if this changes your view.");
    } else if (c->m->urgency == ALERT_URGENT) {
        buf_str(&b, "the board meets in closed session without delay.");
    } else {
        buf_str(&b, "for the board's next meeting; the plan does not call for action before.");
    }
    for (size_t i = 0; i < board->n; i++) {
        if (board->members[i].role == MEMBER_CHAIR) {
            buf_str(&b, " Chair: ");
            shown(&b, board->members[i].name, sizeof(board->members[i].name));
            buf_str(&b, ", ");
            shown(&b, board->chair_phone, sizeof(board->chair_phone));
            buf_char(&b, '.');
        }
    }
    if (c->in->to != NULL) {
        buf_str(&b, " Do not reply to this message with a quote, and do not forward it.");
    }
    page_take(c->p, BLOCK_ACTION, &b);
}

static void footer(struct alert_ctx *c)
{
    const struct mail_input *in = c->in;
    struct buf b = {0};

    page_add(c->p, BLOCK_HEADING, "About this message");
    if (c->plan->note[0] != '\0') {
        buf_str(&b, "Note of the plan: ");
        shown(&b, c->plan->note, sizeof(c->plan->note));
        page_take(c->p, BLOCK_NOTE, &b);
    }
    buf_str(
        &b,
        "A crossed boundary is a reason to look, not a decision: the board weighs all evidence. Counts follow"
        " what was known at this look and may change when data are corrected; you are told if the boundary "
        "would"
        " then not be crossed.");
    page_take(c->p, BLOCK_NOTE, &b);
    letter_foot(c->p, in);
}

/* The i-th alert of this message becomes the one that is spoken of. */
static enum status turn_to(struct alert_ctx *c, size_t i, struct err *err)
{
    const struct mail_input *in = c->in;
    size_t k;

    c->alert = i == 0 ? in->alert : &in->also[i - 1];
    if (c->alert == NULL || in->result->n_entries != in->plan->n_monitors) {
        return err_set(err, E_INTERNAL, "a message without its alert, or a look that is not the plan's");
    }
    c->m = plan_monitor(in->plan, c->alert->monitor);
    if (c->m == NULL) {
        return err_set(err, E_INTERNAL, "an alert of a monitor that the plan does not have");
    }
    k = (size_t)(c->m - in->plan->monitors);
    c->now = &in->result->entries[k];
    c->past = &in->history[k];
    c->measure = measure_of_monitor(c->plan, in->rules, c->m);
    return OK;
}

/* The i-th alert's figures: drawn, or as pictures that came with the message. */
static enum status figures(struct alert_ctx *c, size_t i, struct err *err)
{
    const struct mail_input *in = c->in;

    if (i >= ENCLOSED_ALERTS) {
        return OK;
    }
    if (in->draws) {
        return alert_figures(c, err);
    }
    for (size_t k = ENCLOSED_EACH * i;
         mail_has_pictures(in) && k < ENCLOSED_EACH * (i + 1) && k < in->enclosed->n; k++) {
        struct buf cid = {0};

        mail_content_id(in, k, &cid);
        page_picture(c->p, buf_cstr(&in->enclosed->picture[k].alt), buf_cstr(&cid));
        page_lost(c->p, &cid);
        buf_done(&cid);
    }
    return OK;
}

/* Where there is no room for them: what else crossed, by name. */
static enum status named_only(struct alert_ctx *c, struct err *err)
{
    size_t n = c->in->n_also, named = n > ALSO_NAMED ? ALSO_NAMED : n;
    struct buf b = {0};
    enum status st = OK;

    buf_fmt(&b, "Also in this message: ");
    for (size_t i = 1; st == OK && i <= named; i++) {
        st = turn_to(c, i, err);
        if (st == OK) {
            buf_str(&b, c->alert->kind == ALERT_RAISED ? "boundary crossed: " : "amendment: ");
            shown(&b, c->m->title, TITLE_MAX_LEN);
            buf_str(&b, i < named ? "; " : ".");
        }
    }
    if (n > named) {
        buf_fmt(&b, " %zu more: see the closed report.", n - named);
    }
    page_take(c->p, BLOCK_LEAD, &b);
    return st;
}

static enum status decisions(struct alert_ctx *c, struct err *err)
{
    size_t n = c->in->extent == EXTENT_FIRST ? 0 : c->in->n_also;
    enum status st = OK;

    for (size_t i = 0; st == OK && i <= n; i++) {
        st = turn_to(c, i, err);
        if (st == OK) {
            headline(c);
            counts(c);
            amendment(c);
            lead(c);
            action(c);
            st = figures(c, i, err);
        }
    }
    if (st == OK && n < c->in->n_also) {
        st = named_only(c, err);
    }
    return st;
}

static enum status details(struct alert_ctx *c, struct err *err)
{
    enum status st = OK;

    for (size_t i = 0; st == OK && i <= c->in->n_also; i++) {
        st = turn_to(c, i, err);
        if (st == OK && c->in->n_also > 0) {
            struct buf b = {0};

            shown(&b, c->m->title, TITLE_MAX_LEN);
            page_take(c->p, BLOCK_HEADING, &b);
        }
        if (st == OK) {
            st = alert_effect(c, err);
        }
        if (st == OK) {
            st = alert_events(c, err);
        }
        if (st == OK) {
            alert_decided(c);
        }
    }
    return st;
}

enum status alert_page(const struct mail_input *in, struct page **ret, struct err *err)
{
    struct alert_ctx c = {.in = in, .plan = in->plan};
    enum status st = turn_to(&c, 0, err);

    if (st == OK) {
        st = arm_names_reveal(&in->plan->arms, false, &c.names, err);
    }
    if (st == OK) {
        st = page_new(&c.p, err);
    }
    if (st == OK) {
        st = decisions(&c, err);
    }
    if (st == OK) {
        letter_shortened(c.p, in);
        letter_answer(c.p, in);
        st = turn_to(&c, 0, err);
    }
    if (st == OK && in->extent < EXTENT_DECISIONS) {
        st = alert_others(&c, err);
    }
    if (st == OK && in->extent < EXTENT_DECISIONS) {
        alert_categories(&c);
        st = details(&c, err);
    }
    if (st == OK) {
        footer(&c);
        *ret = c.p;
        c.p = NULL;
    }
    page_free(c.p);
    arm_names_done(&c.names);
    return st;
}
