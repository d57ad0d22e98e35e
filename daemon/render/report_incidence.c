/*
 * report_incidence.c - cumulative incidence by arm as facts.  Closed report only; pooled.c has the pooled one.
 */
#include <math.h>

#include "render/curve.h"
#include "render/figures.h"
#include "render/format.h"
#include "render/report_parts.h"

/* "46.7 (35.4 to 57.9)" */
static void percent(struct buf *b, const struct estimate *e)
{
    fmt_fixed(b, e->value, 1);
    if (!isnan(e->lo)) {
        buf_str(b, " (");
        fmt_fixed(b, e->lo, 1);
        buf_str(b, " to ");
        fmt_fixed(b, e->hi, 1);
        buf_char(b, ')');
    }
}

static void named(struct facts *f, struct buf *name, const char *what, int number)
{
    buf_clear(name);
    buf_fmt(name, "%s_%d", what, number);
    facts_lost(f, name);
}

static enum status months(const struct curve *c, struct place at, struct facts *f, struct err *err)
{
    struct buf name = {0}, b = {0};
    enum status st = OK;

    for (size_t i = 0; st == OK && i < CURVE_MONTHS; i++) {
        double t = curve_days(curve_month[i]);
        struct estimate e;

        if (t > c->last) {
            break;
        }
        st = incidence_at(c->steps, c->n_steps, t, 0.95, &e, err);
        if (st == OK) {
            e = (struct estimate){100 * e.value, 100 * e.lo, 100 * e.hi};
            percent(&b, &e);
            named(f, &name, "month", curve_month[i]);
            facts_estimate_take(f, at, buf_cstr(&name), &e, &b);
        }
    }
    buf_done(&name);
    buf_done(&b);
    return st;
}

static void at_risk(const struct curve *c, struct place at, struct facts *f)
{
    struct buf name = {0};

    facts_int(f, at, "month_0", (int64_t)c->n, NULL);
    for (size_t i = 0; i < CURVE_MONTHS && curve_days(curve_month[i]) <= c->last; i++) {
        named(f, &name, "month", curve_month[i]);
        facts_int(f, at, buf_cstr(&name), incidence_at_risk(c->times, c->n, curve_days(curve_month[i])),
                  NULL);
    }
    buf_done(&name);
}

static void steps(const struct curve *c, struct place at, struct facts *f)
{
    struct buf name = {0}, b = {0};

    facts_detail(f, true);
    for (size_t i = 0; i < c->n_steps; i++) {
        if (c->steps[i].d1 > 0) {
            named(f, &name, "day", (int)c->steps[i].t);
            fmt_fixed(&b, 100 * c->steps[i].incidence, 1);
            facts_real_take(f, at, buf_cstr(&name), 100 * c->steps[i].incidence, &b);
        }
    }
    facts_int(f, at, "last_day", (int64_t)c->last, NULL);
    facts_detail(f, false);
    buf_done(&name);
    buf_done(&b);
}

enum status report_incidence(const struct report_input *in, const struct arm_names *names, struct facts *f,
                             struct err *err)
{
    enum status st = OK;

    for (int k = TALLY_ANY; st == OK && k < ruleset_categories(in->rules); k++) {
        const char *item = k == TALLY_ANY ? "any" : ruleset_category(in->rules, k);
        struct measure m = measure_of_category(in->plan, k);

        if (side_of(in->result, &m, ROW_TOTAL).subjects == 0) {
            continue;
        }
        for (int arm = names->n; st == OK && arm-- > 0;) {
            const char *group = names->arm[arm];
            struct curve c = {0};

            st = curve_of(in, k, arm, &c, err);
            if (st == OK) {
                st = months(&c, (struct place){"incidence", item, group}, f, err);
            }
            if (st == OK) {
                at_risk(&c, (struct place){"incidence_at_risk", item, group}, f);
                steps(&c, (struct place){"incidence_curve", item, group}, f);
            }
            curve_done(&c);
        }
    }
    return st;
}
