/*
 * clock.c - when a monitor looks.  Times come from the plan, the cut and counts of first events, never from the arms.
 */
#include "monitor/judge.h"

/* A look that counted for the clock: it was made at a cut of the plan, and the monitor was judged. */
static bool attempted(const struct entry *e)
{
    return e->kind != LOOK_ADHOC && e->verdict != VERDICT_NOT_DUE;
}

int64_t judge_dates(day_t from, day_t first_rand, int months, day_t day)
{
    day_t start = from != DAY_NONE ? from : first_rand;
    int first = from != DAY_NONE ? 0 : 1;
    int64_t n = 0;

    if (start == DAY_NONE || day == DAY_NONE || months <= 0) {
        return 0;
    }
    for (int k = first; k < 12 * 300; k++) {
        day_t next = day_add_months(start, k * months);

        if (next == DAY_NONE || next > day) {
            break;
        }
        n++;
    }
    return n;
}

static int64_t dates_passed(const struct monitor *m, day_t first_rand, day_t day)
{
    return judge_dates(m->clock_from, first_rand, m->months, day);
}

static size_t fractions_reached(const struct monitor *m, int64_t events)
{
    size_t n = 0;

    while (n < m->n_fractions && (double)events >= m->fractions[n] * (double)m->max_events * (1 - 1e-12)) {
        n++;
    }
    return n;
}

static bool calendar_due(const struct monitor *m, const struct entry *past, size_t n_past,
                         const struct monitor_data *d)
{
    int64_t now = dates_passed(m, d->first_rand, d->cut);

    /* The first randomisation may be corrected: dates already passed by its newest value stay passed. */
    for (size_t i = 0; i < n_past; i++) {
        if (attempted(&past[i]) && past[i].cut != DAY_NONE &&
            dates_passed(m, d->first_rand, past[i].cut) >= now) {
            return false;
        }
    }
    return now > 0;
}

static bool fraction_due(const struct monitor *m, const struct entry *past, size_t n_past,
                         const struct monitor_data *d)
{
    size_t now = fractions_reached(m, (int64_t)d->n_events);

    for (size_t i = 0; i < n_past; i++) {
        if (attempted(&past[i]) && fractions_reached(m, past[i].events) >= now) {
            return false;
        }
    }
    return now > 0;
}

bool judge_due(const struct monitor *m, const struct entry *past, size_t n_past, const struct monitor_data *d,
               const char **why)
{
    *why = "";
    if (d->kind == LOOK_FINAL && m->closing_look) {
        return true;
    }
    if (d->kind == LOOK_ADHOC) {
        *why = "ad hoc look: figures are nominal, nothing is spent";
        return false;
    }
    for (size_t i = 0; i < n_past; i++) {
        if (past[i].kind == LOOK_ADHOC || past[i].cut == DAY_NONE) {
            continue;
        }
        if (past[i].cut > d->cut) {
            *why = "this cut lies before one already looked at";
            return false;
        }
        if (m->daily_cut && past[i].cut == d->cut && attempted(&past[i])) {
            *why = "this cut was looked at already; the next look is at the next cut";
            return false;
        }
    }
    switch (m->clock) {
    case CLOCK_EVERY_EVENT:
        return true;
    case CLOCK_CALENDAR:
        *why = "the next look has a later date";
        return calendar_due(m, past, n_past, d);
    case CLOCK_FRACTIONS:
        *why = "the next information fraction is not reached";
        return fraction_due(m, past, n_past, d);
    }
    return false;
}

bool judge_closing(const struct monitor *m, const struct monitor_data *d)
{
    return d->kind == LOOK_FINAL && m->closing_look;
}
