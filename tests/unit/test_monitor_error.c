/*
 * How often a monitor cries without cause: simulated trials of the shape of methods, section 2 (75 v 73 subjects, two
 * years of recruitment, a year of follow-up), judged look by look by the code that runs live.  Seeded: the same always.
 */
#include "support/t.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/ledger.h"
#include "support/t_trial.h"

enum { N1 = 75, N0 = 73, N = N1 + N0, MAX_EVENTS = 20, FOLLOW_UP = 365, RECRUITMENT = 730 };

static double uniform(uint64_t *state)
{
    return ((double)(t_random(state) >> 11) + .5) / 9007199254740992.0;
}

struct subject_sim {
    int day_in, day_out, event; /* event: day, or -1 */
    int exp;
};

static double days_to(uint64_t *rng, double incidence)
{
    return -log(uniform(rng)) / (-log1p(-incidence)) * FOLLOW_UP;
}

static void simulate(uint64_t *rng, double incidence, double drop1, double drop0, struct subject_sim *s)
{
    for (int i = 0; i < N; i++) {
        double event = days_to(rng, incidence), drop;

        s[i].exp = i < N1;
        drop = days_to(rng, s[i].exp ? drop1 : drop0);
        s[i].day_in = (int)(uniform(rng) * RECRUITMENT);
        s[i].day_out = s[i].day_in + (int)fmin(drop, FOLLOW_UP);
        s[i].event = event <= fmin(drop, FOLLOW_UP) ? s[i].day_in + (int)event : -1;
    }
}

static int by_event(const void *a, const void *b)
{
    const struct known_event *x = a, *y = b;

    if (x->day != y->day) {
        return x->day < y->day ? -1 : 1;
    }
    return (x->subject > y->subject) - (x->subject < y->subject);
}

static size_t events_of(const struct subject_sim *s, struct known_event *ev)
{
    size_t n = 0;

    for (int i = 0; i < N; i++) {
        if (s[i].event < 0) {
            continue;
        }
        ev[n] = (struct known_event){(uint32_t)i, (day_t)s[i].event, (int8_t)s[i].exp, true, 0, 0};
        for (int k = 0; k < N; k++) {
            bool at_risk = s[k].day_in <= s[i].event && s[i].event <= s[k].day_out &&
                           (s[k].event < 0 || s[k].event >= s[i].event);

            ev[n].y1 += at_risk && s[k].exp;
            ev[n].y0 += at_risk && !s[k].exp;
        }
        n++;
    }
    qsort(ev, n, sizeof *ev, by_event);
    return n;
}

/* A look at the end of each day with an event, then the closing look: did it cross? */
static bool crosses(const struct monitor *m, struct known_event *ev, size_t n)
{
    struct entry past[N + 2];
    struct logrank_row days[N];
    size_t n_past = 0, n_days = 0, upto = 0;
    bool crossed = false;

    while (!crossed && n_past < N + 1) {
        struct monitor_data d = {
            .first_rand = 0, .changed = true, .pi_star = (double)N1 / N, .n1 = N1, .n0 = N0};
        struct err err = {0};
        size_t from = upto;

        d.kind = from < n ? LOOK_CUT : LOOK_FINAL;
        while (upto < n && ev[upto].day == ev[from].day) {
            upto++;
        }
        if (upto > from) {
            days[n_days] = (struct logrank_row){ev[from].y1, ev[from].y0, 0, 0};
            for (size_t i = from; i < upto; i++) {
                days[n_days].d1 += ev[i].exp;
                days[n_days].d0 += !ev[i].exp;
            }
            n_days++;
        }
        d.events = ev;
        d.n_events = upto;
        d.days = days;
        d.n_days = n_days;
        d.cut = upto > 0 ? ev[upto - 1].day + 1 : 1;
        d.look = (int64_t)n_past + 1;
        assert_ok(monitor_judge(m, past, n_past, &d, &past[n_past], &err), err);
        crossed = past[n_past].verdict == VERDICT_CROSSED;
        n_past++;
        for (size_t i = from; i < upto; i++) {
            ev[i].is_new = false;
        }
        if (d.kind == LOOK_FINAL) {
            break;
        }
    }
    for (size_t i = 0; i < n_past; i++) {
        entry_done(&past[i]);
    }
    return crossed;
}

static double error_rate(const struct monitor *m, double incidence, double drop1, double drop0, int trials)
{
    uint64_t rng = 20240517;
    int count = 0;

    for (int i = 0; i < trials; i++) {
        struct subject_sim s[N];
        struct known_event ev[N];
        size_t n;

        simulate(&rng, incidence, drop1, drop0, s);
        n = events_of(s, ev);
        count += crosses(m, ev, n);
    }
    return (double)count / trials;
}

static struct monitor exact(void)
{
    struct monitor m = {.name = "cv", .comparison = ARM_NONE, .method = METHOD_EXACT_BINOMIAL};

    m.spending.kind = SPEND_POCOCK;
    m.alpha = .05;
    m.max_events = MAX_EVENTS;
    m.min_events = 1;
    m.clock = CLOCK_EVERY_EVENT;
    m.closing_look = true;
    m.clock_from = DAY_NONE;
    m.daily_cut = true;
    return m;
}

/* Upper limit of a rate that is at most alpha: three standard errors above it. */
static double limit(double alpha, int trials)
{
    return alpha + 3 * sqrt(alpha * (1 - alpha) / trials);
}

static void the_exact_test_keeps_its_level(void **state)
{
    struct monitor m = exact();
    double rate;

    (void)state;
    rate = error_rate(&m, .15, .15, .15, 4000);
    assert_true(rate > .02); /* it does spend */
    assert_true(rate <= limit(.05, 4000));
}

static void the_exact_test_keeps_its_level_when_one_arm_drops_out(void **state)
{
    struct monitor m = exact();

    (void)state;
    assert_true(error_rate(&m, .3, .1, .5, 3000) <= limit(.05, 3000));
    assert_true(error_rate(&m, .3, .5, .1, 3000) <= limit(.05, 3000));
}

static void the_logrank_boundary_keeps_its_level(void **state)
{
    struct monitor m = exact();

    (void)state;
    m.method = METHOD_SPENDING_Z;
    m.spending.kind = SPEND_OBF;
    m.alpha = .025;
    m.max_events = 40;
    m.min_events = 10;
    m.clock = CLOCK_FRACTIONS;
    m.n_fractions = 4;
    m.fractions[0] = .25;
    m.fractions[1] = .5;
    m.fractions[2] = .75;
    m.fractions[3] = 1;
    assert_true(error_rate(&m, .3, .1, .1, 1500) <= limit(.025, 1500));
}

static void the_e_process_keeps_its_level_at_every_moment(void **state)
{
    struct monitor m = exact();
    double rate;

    (void)state;
    m.method = METHOD_E_PROCESS;
    m.e = (struct eprocess_plan){true, 1, 1, 20};
    m.closing_look = false;
    rate = error_rate(&m, .15, .15, .15, 300);
    assert_true(rate <= limit(.05, 300));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_exact_test_keeps_its_level),
        cmocka_unit_test(the_exact_test_keeps_its_level_when_one_arm_drops_out),
        cmocka_unit_test(the_logrank_boundary_keeps_its_level),
        cmocka_unit_test(the_e_process_keeps_its_level_at_every_moment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
