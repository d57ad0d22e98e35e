/*
 * What intervals promise: over random designs, drifts and paths the final interval covers as often as it says, the repeated
 * interval at least as often, the estimate is above the truth half of the time.  Seeded.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/confseq.h"
#include "stats/dist.h"
#include "stats/exact_tests.h"
#include "stats/gs_adjust.h"
#include "stats/num.h"
#include "stats/rng.h"
#include "stats/twobytwo.h"
#include "support/t.h"

enum { K_MAX = 5, DESIGNS = 14, PATHS = 60, KINDS = 8 };

static const char *const kind_names[KINDS] = {"OBF-like",     "Pocock-like",   "Hwang-Shih-DeCani",
                                              "Kim-DeMets",   "exponential",   "given shares",
                                              "Wang-Tsiatis", "Haybittle-Peto"};

struct design {
    struct gs_plan plan;
    double info[K_MAX], share[K_MAX];
};

static double between(struct rng *r, double lo, double hi)
{
    return lo + (hi - lo) * rng_uniform(r);
}

static void random_design(struct rng *r, int kind, int sided, struct design *d)
{
    static const double alphas[] = {0.025, 0.05, 0.1, 0.2};
    struct gs_plan *p = &d->plan;
    double at = 0, spent = 0;

    memset(d, 0, sizeof *d);
    p->sided = sided;
    p->alpha = alphas[(int)(4 * rng_uniform(r))];
    p->k = 1 + (size_t)(K_MAX * rng_uniform(r));
    p->info = d->info;
    p->cum = d->share;
    for (size_t i = 0; i < p->k; i++) {
        at += rng_uniform(r) < 0.2 ? 0.02 : between(r, 0.2, 4);
        d->info[i] = at;
        spent += rng_uniform(r);
        d->share[i] = spent;
    }
    for (size_t i = 0; i < p->k; i++) {
        d->share[i] /= spent;
    }
    switch (kind) {
    case 0:
        p->spending.kind = SPEND_OBF;
        break;
    case 1:
        p->spending.kind = SPEND_POCOCK;
        break;
    case 2:
        p->spending = (struct spending){.kind = SPEND_HSD, .param = between(r, -6, 4)};
        break;
    case 3:
        p->spending = (struct spending){.kind = SPEND_KD, .param = between(r, 0.4, 4)};
        break;
    case 4:
        p->spending = (struct spending){.kind = SPEND_EXP, .param = between(r, 0.3, 1.5)};
        break;
    case 5:
        p->kind = GS_CUM;
        break;
    case 6:
        p->kind = GS_WT;
        p->param = between(r, 0, 0.7);
        break;
    default:
        p->kind = GS_HP;
        p->param = between(r, 3.3, 4.5);
        break;
    }
}

/* Misses against what was promised, and the variance of their number. */
struct score {
    double n, missed, promised, variance;
};

static void scored(struct score *s, bool missed, double promised)
{
    s->n++;
    s->missed += missed ? 1 : 0;
    s->promised += promised;
    s->variance += promised * (1 - promised);
}

static double sds(const struct score *s)
{
    return (s->missed - s->promised) / sqrt(s->variance);
}

struct tally {
    struct score final_lo, final_hi, final_both, median, quarter, rci_lo, rci_hi, rci_both;
};

/* The interval that is worked out says of theta what the stage-wise p under theta says. */
static void agrees(const struct design *d, const double *z, double theta, size_t stage, double up,
                   double down, double bound)
{
    const struct gs_plan *p = &d->plan;
    double per_tail = p->alpha / p->sided, root = sqrt(d->info[stage - 1]);
    struct gs_adjusted a = {0};
    struct err err = {0};

    assert_ok(gs_adjust(p, z, p->k, &a, &err), err);
    assert_int_equal(a.stage, stage);
    assert_true((a.ci_lo > theta) == (up < per_tail));
    assert_true((a.ci_hi < theta) == (down < per_tail));
    assert_true((a.estimate > theta) == (up < 0.5));
    assert_near(a.rci_lo, (z[stage - 1] - bound) / root, 1e-9);
    assert_near(a.rci_hi, (z[stage - 1] + bound) / root, 1e-9);
}

static void one_path(struct rng *r, const struct design *d, const double *bound, double theta, bool closely,
                     struct tally *t)
{
    const struct gs_plan *p = &d->plan;
    double z[K_MAX], lower[K_MAX], s = 0, per_tail = p->alpha / p->sided, up, down;
    bool rci_lo = false, rci_hi = false;
    struct err err = {0};
    size_t stage = 0;

    for (size_t i = 0; i < p->k; i++) {
        double by = d->info[i] - (i > 0 ? d->info[i - 1] : 0), root = sqrt(d->info[i]);

        s += theta * by + sqrt(by) * rng_normal(r);
        z[i] = s / root;
        lower[i] = p->sided == 2 ? -bound[i] : -NUM_INF;
        /* Repeated intervals hold at all looks together, stopped or not. */
        rci_lo = rci_lo || (z[i] - bound[i]) / root > theta;
        rci_hi = rci_hi || (z[i] + bound[i]) / root < theta;
        if (stage == 0 && (z[i] >= bound[i] || z[i] <= lower[i] || i + 1 == p->k)) {
            stage = i + 1;
        }
    }
    assert_ok(gs_stagewise(stage, d->info, lower, bound, z[stage - 1], theta, &up, &down, &err), err);
    assert_near(up + down, 1, 1e-9);
    scored(&t->final_lo, up < per_tail, per_tail);
    scored(&t->final_hi, down < per_tail, per_tail);
    scored(&t->final_both, up < per_tail || down < per_tail, 2 * per_tail);
    scored(&t->median, up < 0.5, 0.5);
    scored(&t->quarter, up < 0.25, 0.25);
    scored(&t->rci_lo, rci_lo, per_tail);
    scored(&t->rci_hi, rci_hi, per_tail);
    scored(&t->rci_both, rci_lo || rci_hi, 2 * per_tail);
    if (closely) {
        agrees(d, z, theta, stage, up, down, bound[stage - 1]);
    }
}

static void judge(const char *what, int sided, const struct tally *t)
{
    const double exact[] = {sds(&t->final_lo), sds(&t->final_hi), sds(&t->final_both), sds(&t->median),
                            sds(&t->quarter)},
                 least[] = {sds(&t->rci_lo), sds(&t->rci_hi), sds(&t->rci_both)};

    print_message("%s, %d-sided: final interval misses %.4f of %.4f, repeated intervals at any look %.4f\n",
                  what, sided, t->final_both.missed / t->final_both.n,
                  t->final_both.promised / t->final_both.n, t->rci_both.missed / t->rci_both.n);
    for (size_t i = 0; i < 5; i++) {
        assert_true(fabs(exact[i]) <= 4);
    }
    for (size_t i = 0; i < 3; i++) {
        assert_true(least[i] <= 3.5);
    }
}

static void final_intervals_cover_as_promised_and_repeated_ones_at_least(void **state)
{
    struct rng r;
    struct err err = {0};

    (void)state;
    rng_init(&r, 1983);
    for (int sided = 1; sided <= 2; sided++) {
        for (int kind = 0; kind < KINDS; kind++) {
            struct tally t = {0};

            for (int i = 0; i < DESIGNS; i++) {
                struct design d;
                double bound[K_MAX];

                random_design(&r, kind, sided, &d);
                assert_ok(gs_design(&d.plan, bound, NULL, &err), err);
                for (int j = 0; j < PATHS; j++) {
                    double theta = j % 4 == 0 ? 0 : between(&r, -2, 3) / sqrt(d.info[d.plan.k - 1]);

                    one_path(&r, &d, bound, theta, j == 0 || (j == 1 && i % 4 == 0), &t);
                }
            }
            judge(kind_names[kind], sided, &t);
        }
    }
}

/* The confidence sequence of a share misses at some moment up to 80 events in at most alpha of trials. */
static void confidence_sequences_cover_at_all_times_together(void **state)
{
    enum { TRIALS = 1500, EVENTS = 80 };
    static const double shares[] = {75.0 / 148, 0.15};
    const double alpha = 0.1;
    struct rng r;
    struct err err = {0};

    (void)state;
    rng_init(&r, 1967);
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
        static struct confseq_limits at[EVENTS + 1][EVENTS + 1];
        static bool known[EVENTS + 1][EVENTS + 1];
        double two = 0, one = 0;

        for (int trial = 0; trial < TRIALS; trial++) {
            bool out_two = false, out_one = false;
            int64_t x = 0;

            for (int64_t n = 1; n <= EVENTS; n++) {
                x += rng_uniform(&r) < shares[i];
                if (!known[n][x]) {
                    assert_ok(confseq_share(x, n, 1, 1, alpha, &at[n][x], &err), err);
                    known[n][x] = true;
                }
                out_two = out_two || at[n][x].lo > shares[i] || at[n][x].hi < shares[i];
                out_one = out_one || at[n][x].lower > shares[i];
            }
            two += out_two ? 1 : 0;
            one += out_one ? 1 : 0;
        }
        assert_true(two / TRIALS <= alpha + 3 * sqrt(alpha * (1 - alpha) / TRIALS));
        assert_true(one / TRIALS <= alpha + 3 * sqrt(alpha * (1 - alpha) / TRIALS));
        assert_true(one > 0 && two > 0);
    }
}

/* Exact limits of counts: coverage by summing over all that can happen, never below nominal in either tail. */
static void exact_limits_never_cover_less_than_they_say(void **state)
{
    enum { N1 = 17, N2 = 13 };
    struct err err = {0};

    (void)state;
    for (double p = 0.03; p < 1; p += 0.0617) {
        double low = 0, high = 0;

        for (int64_t x = 0; x <= 40; x++) {
            double lo, hi, w = density_binomial(x, 40, p, 1 - p);

            assert_ok(clopper_pearson(x, 40, 0.9, &lo, &hi, &err), err);
            low += lo > p ? w : 0;
            high += hi < p ? w : 0;
        }
        assert_true(low <= 0.05 && high <= 0.05);
    }
    for (double odds = 0.2; odds < 9; odds *= 1.7) {
        for (double q = 0.15; q < 0.8; q += 0.2) {
            double p = odds * q / (odds * q + 1 - q), low = 0, high = 0;

            for (int64_t x = 0; x <= N1; x++) {
                for (int64_t y = 0; y <= N2; y++) {
                    struct fisher f;
                    double w = density_binomial(x, N1, p, 1 - p) * density_binomial(y, N2, q, 1 - q);

                    assert_ok(fisher_all(x, N1, y, N2, 0.9, &f, &err), err);
                    low += f.lo > odds ? w : 0;
                    high += f.hi < odds ? w : 0;
                }
            }
            assert_true(low <= 0.05 && high <= 0.05);
        }
    }
    for (double ratio = 0.3; ratio < 5; ratio *= 1.6) {
        double low = 0, high = 0;

        for (int64_t x = 0; x <= 60; x++) {
            for (int64_t y = 0; y <= 40; y++) {
                struct estimate e;
                double w = density_poisson(x, 6 * ratio) * density_poisson(y, 5);

                assert_ok(rate_ratio_exact(x, 12, y, 10, 0.9, &e, &err), err);
                low += e.lo > ratio ? w : 0;
                high += e.hi < ratio ? w : 0;
            }
        }
        assert_true(low <= 0.05 && high <= 0.05);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(final_intervals_cover_as_promised_and_repeated_ones_at_least),
        cmocka_unit_test(confidence_sequences_cover_at_all_times_together),
        cmocka_unit_test(exact_limits_never_cover_less_than_they_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
