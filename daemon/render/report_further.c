/*
 * report_further.c - other intervals and tests of two proportions and two rates.  Closed report only.
 */
#include "render/report_parts.h"

#include <math.h>

#include "render/format.h"
#include "stats/exact_tests.h"
#include "stats/needed.h"
#include "stats/score.h"

static const double CONFIDENCE = 0.95;

/* "12.5 (6.1 to 35.9)"; "benefit 12.5 (...)"; through infinity as Altman 1998 writes it. */
static void number_needed(struct facts *f, struct place at, const struct needed *n)
{
    bool benefit = n->number.value < 0;
    struct buf b = {0};

    buf_str(&b, benefit ? "benefit " : "");
    fmt_significant(&b, fabs(n->number.value), 3);
    buf_str(&b, " (");
    if (n->through_infinity) {
        buf_str(&b, "harm ");
        fmt_significant(&b, n->number.hi, 3);
        buf_str(&b, " to infinity to benefit ");
        fmt_significant(&b, -n->number.lo, 3);
    } else {
        fmt_significant(&b, fmin(fabs(n->number.lo), fabs(n->number.hi)), 3);
        buf_str(&b, " to ");
        fmt_significant(&b, fmax(fabs(n->number.lo), fabs(n->number.hi)), 3);
    }
    buf_char(&b, ')');
    facts_estimate_take(f, at, "needed_to_harm", &n->number, &b);
}

enum status report_further(const struct side *e, const struct side *k, const struct contrast *x,
                           struct place at, struct facts *f, struct err *err)
{
    struct estimate rd = {.value = x->t.risk_difference.value};
    struct needed number;
    struct fisher fisher;
    double p;
    struct buf b = {0};
    enum status st =
        newcombe_rd_limits(e->subjects, e->n, k->subjects, k->n, CONFIDENCE, &rd.lo, &rd.hi, err);

    if (st == OK) {
        fmt_points(&b, &rd);
        facts_estimate_take(f, at, "risk_difference_newcombe", &rd, &b);
        st = needed_to_harm(&x->t.risk_difference, &number, err);
    }
    if (st == OK) {
        number_needed(f, at, &number);
        st = fisher_all(e->subjects, e->n, k->subjects, k->n, CONFIDENCE, &fisher, err);
    }
    if (st == OK) {
        report_p(f, at, "mid_p_one_sided", fisher.mid_greater);
        report_p(f, at, "mid_p_two_sided", fisher.mid_minlik);
    }
    if (st == OK && e->risk_days > 0 && k->risk_days > 0) {
        double all = (double)e->risk_days + (double)k->risk_days;

        st = binomial_upper(e->subjects, e->subjects + k->subjects, (double)e->risk_days / all, &p, err);
        if (st == OK) {
            report_p(f, at, "rate_p_one_sided", p);
        }
    }
    return report_left_out(st, err);
}
