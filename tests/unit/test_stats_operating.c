/* What the sequential tests do when arm 1 runs another risk: exact recursions against simulation and published power. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/bayes.h"
#include "stats/bayes_design.h"
#include "stats/eprocess.h"
#include "stats/exact_days.h"
#include "stats/exact_design.h"
#include "stats/maxsprt.h"
#include "stats/num.h"
#include "stats/rng.h"
#include "stats/robbins.h"
#include "support/t.h"

enum { N = 44, TRIALS = 40000 };

/* p of arm 1 at an event when its risk is rr times the other's, 75 v 73 subjects. */
static double share(double rr)
{
    return rr * 75 / (rr * 75 + 73);
}

static double power_of(const int64_t *c, double theta, double *expected)
{
    int64_t n[N];
    struct exact_plan plan = {.n = n, .k = N, .n_max = N};
    struct err err = {0};
    double signal = 0;

    for (int64_t i = 0; i < N; i++) {
        n[i] = i + 1;
    }
    assert_ok(exact_operating(&plan, c, theta, &signal, expected, &err), err);
    return signal;
}

/* The methods: at N = 44, one-sided .05, p0 = 75/148, RR 3, exact .930, MaxSPRT .885, e-process .823. */
static void three_tests_have_the_power_the_methods_state(void **state)
{
    const double p0 = 75.0 / 148, rr3 = share(3);
    int64_t n[N], c[N];
    double cum[N], expected, null_mean;
    struct exact_plan plan = {
        .p0 = p0, .alpha = 0.05, .spending = {.kind = SPEND_POCOCK}, .n = n, .k = N, .n_max = N};
    struct maxsprt m = {0};
    struct err err = {0};

    (void)state;
    for (int64_t i = 0; i < N; i++) {
        n[i] = i + 1;
    }
    assert_ok(exact_design(&plan, c, cum, &err), err);
    assert_near(power_of(c, rr3, &expected), 0.930, 0.0005);
    assert_ok(maxsprt_binomial(N, NULL, 0, p0, 0.05, 1, &m, &err), err);
    assert_ok(maxsprt_binomial_bounds(n, N, p0, m.cv, 1, c, &err), err);
    assert_near(power_of(c, p0, &null_mean), m.alpha, 1e-12);
    assert_near(power_of(c, rr3, &expected), 0.885, 0.0005);
    assert_true(expected < null_mean);
    assert_ok(robbins_bounds(N, p0, 1, 1, log(20), c, &err), err);
    assert_true(power_of(c, p0, &null_mean) <= 0.05);
    assert_near(power_of(c, rr3, &expected), 0.823, 0.0005);
}

static void a_minimum_of_events_holds_the_signal_back(void **state)
{
    int64_t n[10], c[10];
    struct err err = {0};

    (void)state;
    for (int64_t i = 0; i < 10; i++) {
        n[i] = i + 1;
    }
    assert_ok(maxsprt_binomial_bounds(n, 10, 0.5, 2.0, 4, c, &err), err);
    assert_int_equal(c[2], 4); /* none of three */
    assert_int_equal(c[3], 4);
    assert_int_equal(maxsprt_binomial_bounds(n, 10, 1.5, 2.0, 4, c, &err), E_NUMERIC);
    assert_int_equal(maxsprt_binomial_bounds(n, 10, 0.5, NUM_NAN, 4, c, &err), E_NUMERIC);
    n[4] = 3;
    assert_int_equal(maxsprt_binomial_bounds(n, 10, 0.5, 2.0, 4, c, &err), E_NUMERIC);
}

/* One Poisson process watched event by event: whether and when it signals. */
static double signal_at(struct rng *r, double t_max, double cv, int64_t m, double d, double ratio)
{
    double t = 0;

    for (int64_t count = 1;; count++) {
        double before = t;

        t -= log(1 - rng_uniform(r)) / ratio;
        if (before < d && t > d && count - 1 >= m && d <= t_max && maxsprt_llr_poisson(count - 1, d) >= cv) {
            return d; /* the delay ends upon what has gathered */
        }
        if (t > t_max) {
            return NUM_INF;
        }
        if (t >= d && count >= m && maxsprt_llr_poisson(count, t) >= cv) {
            return t;
        }
    }
}

static void the_poisson_chain_agrees_with_simulation(void **state)
{
    static const struct {
        double t_max, d, ratio;
        int64_t m;
    } cases[] = {{10, 0, 1, 1}, {10, 0, 2, 1}, {20, 0, 1.5, 4}, {10, 2, 2.5, 1}, {5, 1, 0.7, 2}};
    struct rng r;

    (void)state;
    rng_init(&r, 11);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct maxsprt s = {0};
        struct maxsprt_operating op = {0};
        struct err err = {0};
        double hits = 0, when = 0, se;

        assert_ok(maxsprt_poisson(cases[i].t_max, 0.05, cases[i].m, cases[i].d, &s, &err), err);
        assert_ok(maxsprt_poisson_operating(cases[i].t_max, s.cv, cases[i].m, cases[i].d, cases[i].ratio, &op,
                                            &err),
                  err);
        if (cases[i].ratio == 1) {
            assert_near(op.signal, s.alpha, 1e-12);
        }
        for (int k = 0; k < TRIALS; k++) {
            double t = signal_at(&r, cases[i].t_max, s.cv, cases[i].m, cases[i].d, cases[i].ratio);

            hits += isfinite(t) ? 1 : 0;
            when += isfinite(t) ? t : 0;
        }
        se = sqrt(op.signal * (1 - op.signal) / TRIALS);
        assert_near(hits / TRIALS, op.signal, 4.5 * se + 1e-6);
        assert_near(when / hits, op.at_signal, 4.5 * cases[i].t_max / 2 / sqrt(hits));
        assert_near(op.at_end, op.signal * op.at_signal + (1 - op.signal) * cases[i].t_max, 1e-9);
    }
}

/* Two looks can be written down: P(X1 >= c1) + sum P(X1 = x) P(X2 >= c2 - x). */
static void grouped_looks_agree_with_the_sum_written_down(void **state)
{
    const double mu[2] = {2, 5}, ratio = 1.7;
    struct maxsprt s = {0};
    struct maxsprt_operating op = {0};
    struct err err = {0};
    int64_t c1 = 0, c2 = 0;
    double first = 0, second = 0, p = exp(-mu[0] * ratio), tail = 0;

    (void)state;
    assert_ok(maxsprt_poisson_grouped(mu, 2, 0.05, 1, &s, &err), err);
    assert_ok(maxsprt_poisson_grouped_operating(mu, 2, s.cv, 1, ratio, &op, &err), err);
    while (maxsprt_llr_poisson(c1, mu[0]) < s.cv - 1e-9) {
        c1++;
    }
    while (maxsprt_llr_poisson(c2, mu[1]) < s.cv - 1e-9) {
        c2++;
    }
    for (int64_t x = 0; x < 200; x++) {
        if (x >= c1) {
            first += p;
        } else {
            double q = exp(-(mu[1] - mu[0]) * ratio);

            tail = 0;
            for (int64_t y = 0; y < 200; y++) {
                tail += x + y >= c2 ? q : 0;
                q *= (mu[1] - mu[0]) * ratio / (double)(y + 1);
            }
            second += p * tail;
        }
        p *= mu[0] * ratio / (double)(x + 1);
    }
    assert_near(op.signal, first + second, 1e-13);
    assert_near(op.at_signal, (first * mu[0] + second * mu[1]) / (first + second), 1e-12);
}

/* Risk sets of a trial that recruits, loses people, mostly from arm 0, and has days of two and three events. */
static void moving_risk_sets(struct exact_day *day, size_t k)
{
    for (size_t i = 0; i < k; i++) {
        int64_t in = (int64_t)(i < 15 ? 10 + 4 * i : 70), t = (int64_t)i;

        day[i] = (struct exact_day){in + 2 - t / 2, in - t, i % 5 == 3 ? 2 : i % 11 == 7 ? 3 : 1};
    }
}

/* One draw of Fisher's noncentral hypergeometric by inversion of its own sum of binomial coefficients. */
static int64_t draw(struct rng *r, const struct exact_day *d, double ratio)
{
    double w[8], sum = 0, u;

    for (int64_t x = 0; x <= d->m; x++) {
        w[x] = pow(ratio, (double)x);
        for (int64_t i = 0; i < x; i++) {
            w[x] *= (double)(d->y1 - i) / (double)(i + 1);
        }
        for (int64_t i = 0; i < d->m - x; i++) {
            w[x] *= (double)(d->y0 - i) / (double)(i + 1);
        }
        sum += w[x];
    }
    u = rng_uniform(r) * sum;
    for (int64_t x = 0; x < d->m; x++) {
        if (u < w[x]) {
            return x;
        }
        u -= w[x];
    }
    return d->m;
}

/* The live e-process along one simulated path: events at the signal, 0 without. */
static int64_t e_signals(struct rng *r, const struct exact_day *day, size_t k, double ratio, double threshold)
{
    struct eprocess *e = NULL;
    struct err err = {0};
    int64_t n = 0, at = 0;

    assert_ok(eprocess_new(1, 1, 75.0 / 148, &e, &err), err);
    for (size_t i = 0; i < k && at == 0; i++) {
        double now, max;

        assert_ok(eprocess_day(e, day[i].y1, day[i].y0, day[i].m, draw(r, &day[i], ratio), &err), err);
        assert_ok(eprocess_log_e(e, &now, &max, &err), err);
        n += day[i].m;
        at = now >= log(threshold) ? n : 0;
    }
    eprocess_free(e);
    return at;
}

static void the_e_process_along_moving_risk_sets_does_what_the_live_one_does(void **state)
{
    static const double ratios[] = {1, 1.7, 3, 0.8};
    enum { K = 30, LIVE = 3000 };
    struct exact_day day[K];
    int64_t c[K];
    struct rng r;
    struct err err = {0};

    (void)state;
    rng_init(&r, 4);
    moving_risk_sets(day, K);
    assert_ok(eprocess_bounds(1, 1, 75.0 / 148, day, K, log(20), c, &err), err);
    for (size_t i = 0; i < sizeof ratios / sizeof ratios[0]; i++) {
        struct exact_days_operating op = {0};
        double cum[K], hits = 0, when = 0;

        assert_ok(exact_days_operating(day, K, c, ratios[i], cum, &op, &err), err);
        assert_near(cum[K - 1], op.signal, 0);
        for (int k = 0; k < LIVE; k++) {
            int64_t at = e_signals(&r, day, K, ratios[i], 20);

            hits += at > 0 ? 1 : 0;
            when += (double)at;
        }
        assert_near(hits / LIVE, op.signal, 4 * sqrt(op.signal * (1 - op.signal) / LIVE));
        if (hits > 200) {
            assert_near(when / hits, op.at_signal, 4 * 10 / sqrt(hits));
        }
        if (ratios[i] <= 1) {
            assert_true(op.signal <= 0.05);
        }
    }
}

/* With both arms of one size for good, days are Bernoulli events: what exact_operating() says of one probability. */
static void risk_sets_that_stay_are_one_probability(void **state)
{
    const double p0 = 75.0 / 148;
    int64_t n[N], c[N], d[N];
    double cum[N], along[N], expected = 0, signal;
    struct exact_day day[N];
    struct exact_plan plan = {
        .p0 = p0, .alpha = 0.05, .spending = {.kind = SPEND_POCOCK}, .n = n, .k = N, .n_max = N};
    struct exact_days_operating op = {0};
    struct err err = {0};

    (void)state;
    for (int64_t i = 0; i < N; i++) {
        n[i] = i + 1;
        day[i] = (struct exact_day){75, 73, 1};
    }
    assert_ok(exact_design(&plan, c, cum, &err), err);
    assert_ok(exact_days_design(day, N, &plan.spending, 0.05, N, d, along, &err), err);
    for (int i = 0; i < N; i++) {
        assert_int_equal(c[i], d[i]);
        assert_near(cum[i], along[i], 1e-15);
    }
    signal = power_of(c, share(3), &expected);
    assert_ok(exact_days_operating(day, N, d, 3, NULL, &op, &err), err);
    assert_near(op.signal, signal, 1e-13);
    assert_near(op.at_end, expected, 1e-11);
    /* The maximum comes early: what is left goes there, and no later day has a bound. */
    assert_ok(exact_days_design(day, N, &plan.spending, 0.05, 10, d, along, &err), err);
    assert_int_equal(d[10], 12);
    assert_near(along[N - 1], along[9], 0);
}

/*
 * A trial whose risk sets move by its own events: 75 v 73 subjects, every event takes one away.  Along the expected risk sets
 * the recursion is close to what simulated trials do.
 */
static void expected_risk_sets_stand_for_the_trial(void **state)
{
    enum { EVENTS = 60, LIVE = 2000 };
    const double ratio = 2;
    struct exact_day day[EVENTS];
    double y1 = 75, y0 = 73, hits = 0;
    int64_t c[EVENTS];
    struct exact_days_operating op = {0};
    struct rng r;
    struct err err = {0};

    (void)state;
    rng_init(&r, 9);
    for (int i = 0; i < EVENTS; i++) {
        double p = ratio * y1 / (ratio * y1 + y0);

        day[i] = (struct exact_day){llround(y1), llround(y0), 1};
        y1 -= p;
        y0 -= 1 - p;
    }
    assert_ok(eprocess_bounds(1, 1, 75.0 / 148, day, EVENTS, log(20), c, &err), err);
    assert_ok(exact_days_operating(day, EVENTS, c, ratio, NULL, &op, &err), err);
    for (int k = 0; k < LIVE; k++) {
        struct eprocess *e = NULL;
        struct exact_day d = {75, 73, 1};
        double now, max = 0;

        assert_ok(eprocess_new(1, 1, 75.0 / 148, &e, &err), err);
        for (int i = 0; i < EVENTS && max < log(20); i++) {
            int64_t x = draw(&r, &d, ratio);

            assert_ok(eprocess_day(e, d.y1, d.y0, 1, x, &err), err);
            assert_ok(eprocess_log_e(e, &now, &max, &err), err);
            d.y1 -= x;
            d.y0 -= 1 - x;
        }
        hits += max >= log(20) ? 1 : 0;
        eprocess_free(e);
    }
    print_message("e-process, hazard ratio 2, 60 events: %.3f along expected risk sets, %.3f simulated\n",
                  op.signal, hits / LIVE);
    assert_near(hits / LIVE, op.signal, 0.03);
}

/* Subjects one by one, the posterior asked for at each look. */
static void the_rule_on_a_posterior_agrees_with_simulation(void **state)
{
    static const int64_t n_t[] = {10, 25, 50, 75}, n_c[] = {12, 24, 50, 73};
    static const struct {
        struct bayes_rule rule;
        double p_t, p_c;
    } cases[] = {{{1, 1, 1, 1, 0, 0.975}, 0.1, 0.1},
                 {{1, 1, 1, 1, 0, 0.975}, 0.45, 0.15},
                 {{0.5, 2, 0.5, 2, 0.1, 0.9}, 0.3, 0.12}};
    struct rng r;
    struct err err = {0};

    (void)state;
    rng_init(&r, 21);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct bayes_rule *q = &cases[i].rule;
        struct bayes_operating op = {0};
        double cum[4], hits[4] = {0}, size = 0, table[4][76][74];

        assert_ok(bayes_beta_operating(q, n_t, n_c, 4, cases[i].p_t, cases[i].p_c, cum, &op, &err), err);
        for (int k = 0; k < 4; k++) {
            for (int x = 0; x < 76; x++) {
                for (int y = 0; y < 74; y++) {
                    table[k][x][y] = NUM_NAN; /* asked for where a trial comes by */
                }
            }
        }
        for (int trial = 0; trial < TRIALS; trial++) {
            int x = 0, y = 0, at = -1;

            for (int k = 0; k < 4 && at < 0; k++) {
                for (int64_t j = k > 0 ? n_t[k - 1] : 0; j < n_t[k]; j++) {
                    x += rng_uniform(&r) < cases[i].p_t;
                }
                for (int64_t j = k > 0 ? n_c[k - 1] : 0; j < n_c[k]; j++) {
                    y += rng_uniform(&r) < cases[i].p_c;
                }
                if (isnan(table[k][x][y])) {
                    assert_ok(bayes_beta_exceeds(q->a_t + x, q->b_t + (double)n_t[k] - x, q->a_c + y,
                                                 q->b_c + (double)n_c[k] - y, q->margin, &table[k][x][y],
                                                 &err),
                              err);
                }
                at = table[k][x][y] >= q->cut ? k : -1;
            }
            for (int k = at; k >= 0 && k < 4; k++) {
                hits[k]++;
            }
            size += at >= 0 ? (double)(n_t[at] + n_c[at]) : 148;
        }
        for (int k = 0; k < 4; k++) {
            assert_near(hits[k] / TRIALS, cum[k], 4 * sqrt(cum[k] * (1 - cum[k]) / TRIALS) + 1e-6);
        }
        assert_near(size / TRIALS, op.at_end, 4 * 60 / sqrt(TRIALS));
        assert_near(op.at_end, op.signal * op.at_signal + (1 - op.signal) * 148, 1e-9);
    }
}

static int64_t poisson(struct rng *r, double mean)
{
    int64_t x = -1;

    for (double t = 0; t < mean; x++) {
        t -= log(rng_uniform(r));
    }
    return x;
}

static void the_rule_on_rates_agrees_with_simulation(void **state)
{
    static const double t_t[] = {20, 60, 75}, t_c[] = {22, 55, 73};
    static const struct {
        struct bayes_rule rule;
        double rate_t, rate_c;
    } cases[] = {{{1, 1, 1, 1, 1, 0.95}, 0.2, 0.2}, {{0.5, 1e-3, 0.5, 1e-3, 1.5, 0.9}, 0.4, 0.1}};
    struct rng r;
    struct err err = {0};

    (void)state;
    rng_init(&r, 22);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct bayes_rule *q = &cases[i].rule;
        struct bayes_operating op = {0};
        double hits = 0;

        assert_ok(bayes_gamma_operating(q, t_t, t_c, 3, cases[i].rate_t, cases[i].rate_c, NULL, &op, &err),
                  err);
        for (int trial = 0; trial < TRIALS / 2; trial++) {
            int64_t x = 0, y = 0;

            for (int k = 0; k < 3; k++) {
                double p = 0;

                x += poisson(&r, cases[i].rate_t * (t_t[k] - (k > 0 ? t_t[k - 1] : 0)));
                y += poisson(&r, cases[i].rate_c * (t_c[k] - (k > 0 ? t_c[k - 1] : 0)));
                assert_ok(bayes_gamma_ratio_exceeds(q->a_t + (double)x, q->b_t + t_t[k], q->a_c + (double)y,
                                                    q->b_c + t_c[k], q->margin, &p, &err),
                          err);
                if (p >= q->cut) {
                    hits++;
                    break;
                }
            }
        }
        assert_near(hits / (TRIALS / 2), op.signal, 4 * sqrt(op.signal * (1 - op.signal) / (TRIALS / 2)));
    }
}

static void nonsense_in_rules_and_risk_sets_is_refused(void **state)
{
    static const int64_t rises[] = {5, 10}, falls[] = {10, 5}, far[] = {5, 5000};
    static const double time[] = {5, 10}, back[] = {10, 5};
    struct bayes_rule rule = {1, 1, 1, 1, 0, 0.9}, bad = rule;
    struct bayes_operating op;
    struct exact_days_operating days;
    struct exact_day day[2] = {{3, 3, 1}, {2, 3, 6}};
    struct spending f = {.kind = SPEND_POCOCK};
    double cum[2];
    int64_t c[2] = {2, 8};
    struct err err = {0};

    (void)state;
    assert_int_equal(bayes_beta_operating(&rule, rises, falls, 2, 0.1, 0.1, NULL, &op, &err), E_NUMERIC);
    assert_int_equal(bayes_beta_operating(&rule, rises, far, 2, 0.1, 0.1, NULL, &op, &err), E_NUMERIC);
    assert_int_equal(bayes_beta_operating(&rule, rises, rises, 0, 0.1, 0.1, NULL, &op, &err), E_NUMERIC);
    assert_int_equal(bayes_beta_operating(&rule, rises, rises, 2, 1.1, 0.1, NULL, &op, &err), E_NUMERIC);
    assert_int_equal(bayes_beta_operating(&rule, rises, rises, 2, 0.1, NUM_NAN, NULL, &op, &err), E_NUMERIC);
    bad.cut = 1;
    assert_int_equal(bayes_beta_operating(&bad, rises, rises, 2, 0.1, 0.1, NULL, &op, &err), E_NUMERIC);
    bad = rule;
    bad.a_t = 0;
    assert_int_equal(bayes_beta_operating(&bad, rises, rises, 2, 0.1, 0.1, NULL, &op, &err), E_NUMERIC);
    rule.margin = 1;
    assert_int_equal(bayes_beta_operating(&rule, rises, rises, 2, 0.1, 0.1, NULL, &op, &err), E_NUMERIC);
    assert_int_equal(bayes_gamma_operating(&rule, time, back, 2, 0.1, 0.1, NULL, &op, &err), E_NUMERIC);
    assert_int_equal(bayes_gamma_operating(&rule, time, time, 2, 1e9, 0.1, NULL, &op, &err), E_NUMERIC);
    assert_int_equal(bayes_gamma_operating(&rule, time, time, 2, -1, 0.1, NULL, &op, &err), E_NUMERIC);
    assert_int_equal(eprocess_bounds(1, 1, 0.5, day, 2, 3, c, &err), E_NUMERIC);
    assert_non_null(strstr(err.msg, "day 2"));
    day[1].m = 1;
    assert_int_equal(eprocess_bounds(1, 1, 0.5, day, 2, NUM_NAN, c, &err), E_NUMERIC);
    assert_int_equal(exact_days_operating(day, 2, c, 1, NULL, &days, &err),
                     E_NUMERIC); /* bound 8 after 2 events */
    c[1] = 3;
    assert_int_equal(exact_days_operating(day, 2, c, 0, NULL, &days, &err), E_NUMERIC);
    assert_int_equal(exact_days_operating(day, 2, c, NUM_INF, NULL, &days, &err), E_NUMERIC);
    assert_int_equal(exact_days_operating(day, 0, c, 1, NULL, &days, &err), E_NUMERIC);
    assert_int_equal(exact_days_design(day, 2, &f, 2, 5, c, cum, &err), E_NUMERIC);
    assert_int_equal(exact_days_design(day, 2, &f, 0.05, 0, c, cum, &err), E_NUMERIC);
}

static void operating_nonsense_is_refused(void **state)
{
    const double falls[2] = {2, 1};
    struct maxsprt_operating op;
    struct err err = {0};
    int64_t c[4];

    (void)state;
    assert_int_equal(maxsprt_poisson_operating(10, 3, 1, 0, 0, &op, &err), E_NUMERIC);
    assert_int_equal(maxsprt_poisson_operating(10, 3, 1, 0, NUM_NAN, &op, &err), E_NUMERIC);
    assert_int_equal(maxsprt_poisson_operating(10, -1, 1, 0, 1, &op, &err), E_NUMERIC);
    assert_int_equal(maxsprt_poisson_operating(10, 3, 1, 11, 1, &op, &err), E_NUMERIC);
    assert_int_equal(maxsprt_poisson_operating(1e9, 3, 1, 0, 1, &op, &err), E_NUMERIC);
    assert_int_equal(maxsprt_poisson_grouped_operating(falls, 2, 3, 1, 1, &op, &err), E_NUMERIC);
    assert_int_equal(maxsprt_poisson_grouped_operating(falls, 0, 3, 1, 1, &op, &err), E_NUMERIC);
    assert_int_equal(robbins_bounds(4, 0, 1, 1, 3, c, &err), E_NUMERIC);
    assert_int_equal(robbins_bounds(4, 0.5, 1, 1, NUM_INF, c, &err), E_NUMERIC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_tests_have_the_power_the_methods_state),
        cmocka_unit_test(a_minimum_of_events_holds_the_signal_back),
        cmocka_unit_test(the_poisson_chain_agrees_with_simulation),
        cmocka_unit_test(grouped_looks_agree_with_the_sum_written_down),
        cmocka_unit_test(the_e_process_along_moving_risk_sets_does_what_the_live_one_does),
        cmocka_unit_test(risk_sets_that_stay_are_one_probability),
        cmocka_unit_test(expected_risk_sets_stand_for_the_trial),
        cmocka_unit_test(the_rule_on_a_posterior_agrees_with_simulation),
        cmocka_unit_test(the_rule_on_rates_agrees_with_simulation),
        cmocka_unit_test(nonsense_in_rules_and_risk_sets_is_refused),
        cmocka_unit_test(operating_nonsense_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
