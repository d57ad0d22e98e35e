/*
 * report_open.c - the open report: pooled numbers for blinded readers.
 *
 * Small cells.  A pooled number says nothing of the arms by itself, but a reader who knows one participant can learn from
 * a cell of one to four whose event it is, and an effect expected of one treatment then hints at that participant's arm.
 * Hence: a count of subjects from 1 to 4 is shown as "<5" and what could give it back (percentage, episodes, rate) is
 * withheld; the same where all but 1 to 4 subjects have it.  In a partition that sums to a number shown, a single
 * withheld cell would follow by subtraction: then the smallest of the others is withheld too.  There is one population,
 * one window and no subtype, site, stratum or listing, so that no two tables differ by a few subjects.
 * Cumulative incidence is given for the months between which five or more first events lie, and after which none or five
 * or more come; the figure joins these points and shows no single event.  Numbers at risk are rounded down to a multiple of five.
 * Terms are listed that five or more subjects have, and only where neither all subjects nor those of any category
 * are one to four more: the difference would be a small cell.
 * What this cannot hide: two open reports of different dates show how a count grew between them; and where an event is
 * caused by one treatment alone, its pooled count hints at that treatment's.  No pooled report can help the second: a plan
 * that watches such an event (a drug's level in blood) does well not to make it a category of its own.
 */
#include "render/report_parts.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "render/format.h"
#include "stats/twobytwo.h"
#include "trial/snapshot.h"

enum { SMALL_CELL = 5, DISPOSITIONS = 6, TERM_WIDTH = 60 };

static const double YEAR_DAYS = 365.25;

static bool small(int64_t x)
{
    return x > 0 && x < SMALL_CELL;
}

static void count(struct facts *f, struct place at, int64_t x, int64_t n)
{
    struct buf b = {0};

    fmt_count(&b, x, n);
    facts_int_take(f, at, "subjects", x, &b);
    facts_int(f, at, "denominator", n, NULL);
}

/* One category: shown whole, or withheld whole. */
static void category(struct facts *f, const struct pooled_count *c)
{
    struct place at = {"categories", c->name, "All"};
    struct buf b = {0};
    double rate =
        c->risk_days > 0 ? 100.0 * (double)c->subjects / ((double)c->risk_days / YEAR_DAYS) : (double)NAN;

    facts_label(f, c->name, c->title);
    if (small(c->subjects) || small(c->n - c->subjects)) {
        buf_fmt(&b, small(c->subjects) ? "<%d/%lld" : "all but <%d/%lld", SMALL_CELL, (long long)c->n);
        facts_text_take(f, at, "subjects", &b);
        facts_int(f, at, "denominator", c->n, NULL);
        facts_text(f, at, "episodes", "withheld");
        facts_text(f, at, "rate_per_100py", "withheld");
        return;
    }
    count(f, at, c->subjects, c->n);
    facts_int(f, at, "episodes", c->episodes, NULL);
    fmt_rate(&b, rate);
    facts_real_take(f, at, "rate_per_100py", rate, &b);
}

/* Which months may be shown: no two shown ones, nor the last and the total, differ by one to four first events. */
static void incidence(struct facts *f, const struct pooled_count *c)
{
    struct place at = {"incidence", c->name, "All"}, risk = {"incidence_at_risk", c->name, "All"};
    struct buf name = {0}, b = {0};
    int64_t shown = 0;

    if (c->n_points == 0 || small(c->subjects) || small(c->n - c->subjects)) {
        return;
    }
    for (size_t i = 0; i < c->n_points; i++) {
        const struct pooled_point *x = &c->point[i];

        buf_clear(&name);
        buf_fmt(&name, "month_%d", x->month);
        facts_lost(f, &name);
        if (small(x->events - shown) || small(c->subjects - x->events)) {
            facts_text(f, at, buf_cstr(&name), "withheld");
        } else {
            fmt_fixed(&b, 100 * x->incidence, 1);
            facts_real_take(f, at, buf_cstr(&name), 100 * x->incidence, &b);
            shown = x->events;
        }
    }
    facts_int(f, risk, "month_0", c->n, NULL);
    for (size_t i = 0; i < c->n_points; i++) {
        int64_t near = c->point[i].at_risk / SMALL_CELL * SMALL_CELL;

        buf_clear(&name);
        buf_fmt(&name, "month_%d", c->point[i].month);
        if (c->point[i].at_risk < SMALL_CELL) {
            facts_text(f, risk, buf_cstr(&name), "<5");
        } else {
            facts_int(f, risk, buf_cstr(&name), near, NULL);
        }
    }
    buf_done(&name);
    buf_done(&b);
}

static bool listed(const struct pooled *p, const struct pooled_term *t)
{
    bool hide = t->subjects == 0 || small(t->subjects) || small(p->count[0].n - t->subjects);

    for (size_t i = 0; i < p->n_counts; i++) {
        hide = hide || small(p->count[i].subjects - t->subjects);
    }
    return !hide;
}

static void terms(struct facts *f, const struct pooled *p)
{
    for (size_t i = 0; i < p->n_terms; i++) {
        const struct pooled_term *t = &p->term[i];
        struct buf item = {0};

        if (t->name[0] == '\0' || !listed(p, t)) {
            continue;
        }
        text_show(&item, t->name, strlen(t->name), TERM_WIDTH);
        facts_lost(f, &item);
        count(f, (struct place){"terms", buf_cstr(&item), "All"}, t->subjects, p->count[0].n);
        buf_done(&item);
    }
}

/* Shares of the randomised that sum to them: withheld cells come at least in twos. */
static void disposition(struct facts *f, const struct pooled *p)
{
    static const char *const name[DISPOSITIONS] = {"ongoing", "completed", "withdrawn",
                                                   "lost",    "died",      "other"};
    static const char *const label[DISPOSITIONS] = {
        "Still followed", "Completed", "Withdrawn", "Lost to follow-up", "Died", "Ended for another reason"};
    const int64_t x[DISPOSITIONS] = {p->ongoing, p->completed, p->withdrawn, p->lost, p->died, p->other};
    bool hide[DISPOSITIONS];
    size_t hidden = 0, least = DISPOSITIONS;
    struct place at = {"disposition", "randomised", "All"};

    for (size_t i = 0; i < DISPOSITIONS; i++) {
        hide[i] = small(x[i]);
        hidden += hide[i];
        if (!hide[i] && x[i] > 0 && (least == DISPOSITIONS || x[i] < x[least])) {
            least = i;
        }
    }
    if (hidden == 1 && least < DISPOSITIONS) {
        hide[least] = true;
    }
    facts_label(f, "randomised", "Randomised");
    facts_int(f, at, "subjects", p->randomised, NULL);
    at.item = "dosed";
    facts_label(f, "dosed", "Took at least one dose");
    if (small(p->dosed) || small(p->randomised - p->dosed)) {
        facts_text(f, at, "subjects", small(p->dosed) ? "<5" : "all but <5");
    } else {
        count(f, at, p->dosed, p->randomised);
    }
    for (size_t i = 0; i < DISPOSITIONS; i++) {
        at.item = name[i];
        facts_label(f, name[i], label[i]);
        if (hide[i]) {
            facts_text(f, at, "subjects", small(x[i]) ? "<5" : "withheld");
        } else {
            count(f, at, x[i], p->randomised);
        }
    }
}

static void about(struct facts *f, const struct pooled *p)
{
    struct place at = {"about", "", ""};
    struct buf b = {0};

    facts_text(f, at, "report", "Open report: pooled, for blinded readers");
    facts_text(f, at, "trial", p->trial);
    text_show(&b, p->title, strlen(p->title), 200);
    facts_text_take(f, at, "title", &b);
    facts_text(f, at, "population", p->population);
    fmt_day(&b, p->cut);
    facts_text_take(f, at, "counted_to", &b);
    fmt_instant(&b, p->current_to);
    facts_text_take(f, at, "data_current_to", &b);
    fmt_instant(&b, p->now);
    facts_text_take(f, at, "written", &b);
}

static void quality(struct facts *f, const struct pooled *p)
{
    struct place at = {"quality", "", ""};

    facts_int(f, at, "subjects_read", p->subjects, NULL);
    facts_int(f, at, "events_read", p->events, NULL);
    facts_int(f, at, "events_deleted", p->deleted, NULL);
    facts_int(f, at, "forms_incomplete", p->incomplete, NULL);
    at.section = "queries";
    for (size_t i = 0; i < POOLED_QUERIES; i++) {
        if (p->queries[i] > 0) {
            at.item = query_name((enum query_code)i);
            facts_label(f, at.item, query_text((enum query_code)i));
            facts_int(f, at, "count", p->queries[i], NULL);
        }
    }
}

void report_open_facts(const struct pooled *p, struct facts *f)
{
    struct place at = {"statements", "", ""};

    about(f, p);
    quality(f, p);
    disposition(f, p);
    for (size_t i = 0; i < p->n_counts; i++) {
        category(f, &p->count[i]);
    }
    for (size_t i = 0; i < p->n_counts; i++) {
        incidence(f, &p->count[i]);
    }
    terms(f, p);
    at.item = "1";
    facts_text(f, at, "statement",
               "Pooled over all subjects: no number of this report is of one treatment, and none depends on "
               "who got which.");
    at.item = "2";
    facts_text(
        f, at, "statement",
        "Counts of 1 to 4 subjects, and of all but 1 to 4, are withheld with what would give them back; so "
        "are months of the cumulative incidence between which 1 to 4 first events lie. Numbers at risk are "
        "rounded down to a multiple of 5. A term is left out where fewer than 5 subjects have it, and where "
        "a "
        "count above has 1 to 4 subjects more.");
    at.item = "3";
    facts_text(f, at, "statement",
               "Events are as reported to date, coded by rules; later corrections may change them.");
}
