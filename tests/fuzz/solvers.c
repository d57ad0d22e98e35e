/*
 * libFuzzer: the solvers on numbers of any kind.  The first byte chooses, the rest are arguments; what comes back OK must
 * be a number that can be defended: a probability is one, a bound is not NaN, limits are in order.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stats/bayes.h"
#include "stats/bayes_design.h"
#include "stats/confseq.h"
#include "stats/eprocess.h"
#include "stats/exact_days.h"
#include "stats/exact_design.h"
#include "stats/exact_tests.h"
#include "stats/fragility.h"
#include "stats/gs.h"
#include "stats/gs_adjust.h"
#include "stats/gs_cross.h"
#include "stats/gs_design.h"
#include "stats/gs_futility.h"
#include "stats/gs_power.h"
#include "stats/maxsprt.h"
#include "stats/needed.h"
#include "stats/proportional.h"
#include "stats/recurrent.h"
#include "stats/robbins.h"
#include "stats/score.h"
#include "stats/single_arm.h"
#include "stats/survival.h"
#include "stats/twobytwo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { K_MAX = 6 }; /* few looks a try, many tries */

struct in {
    const uint8_t *p;
    size_t left;
};

static uint8_t byte(struct in *in)
{
    if (in->left == 0) {
        return 0;
    }
    in->left--;
    return *in->p++;
}

/* Mostly plausible, sometimes any double at all. */
static double real(struct in *in, double scale)
{
    uint8_t how = byte(in);
    double v = 0;

    if (how < 200) {
        return scale * ((double)byte(in) + 256.0 * (double)(how % 16)) / 4096;
    }
    if (how < 220) {
        static const double odd[] = {0, -0.0, 1, -1, 1e-300, 1e300, 1e-9, 1e9};

        return odd[byte(in) % 8];
    }
    for (size_t i = 0; i < sizeof v; i++) {
        uint8_t b = byte(in);

        memcpy((uint8_t *)&v + i, &b, 1);
    }
    return v;
}

static int64_t whole(struct in *in, int64_t scale)
{
    uint8_t how = byte(in);

    if (how < 220) {
        return ((int64_t)byte(in) + 256 * (how % 8)) % (scale + 1);
    }
    if (how < 240) {
        static const int64_t odd[] = {-1, 0, 1, 1000000, INT64_MAX, INT64_MIN, 1099511627776, 1099511627777};

        return odd[byte(in) % 8];
    }
    return (int64_t)(byte(in)) * 1000;
}

static void need(bool ok)
{
    if (!ok) {
        __builtin_trap();
    }
}

static void said(enum status st, const struct err *err)
{
    need(st == OK || err->msg[0] != '\0');
}

static bool is_p(double p)
{
    return p >= 0 && p <= 1 + 1e-9;
}

static struct spending spending_of(struct in *in)
{
    struct spending s = {.kind = (enum spending_kind)(byte(in) % 6), .param = real(in, 8)};

    s.n_user = s.kind == SPEND_USER ? byte(in) % 4 : 0;
    for (size_t i = 0; i < s.n_user; i++) {
        s.user[i].t = real(in, 1);
        s.user[i].share = real(in, 1);
    }
    return s;
}

/*
 * Looks a thousandth or less apart are legal and cost seconds; a fuzzer learns more from thousands of cheap designs.  What is
 * to be refused stays in.
 */
static bool dear(const double *info, size_t k)
{
    for (size_t i = 1; i < k; i++) {
        double growth = info[i] - info[i - 1];

        if (growth > 1e-7 * info[i] && growth < 1e-2 * info[i]) {
            return true;
        }
    }
    return false;
}

static void designs(struct in *in)
{
    double info[K_MAX], z[K_MAX], lower[K_MAX], cum[K_MAX], up[K_MAX], down[K_MAX], e;
    struct gs_plan p = {.kind = (enum gs_kind)(byte(in) % 4), .info = info, .cum = cum};
    struct gs_size size;
    struct gs_adjusted adj;
    struct err err = {0};
    enum status st;

    p.spending = spending_of(in);
    p.param = real(in, 4);
    p.sided = byte(in) % 4;
    p.alpha = real(in, 1);
    p.k = byte(in) % (K_MAX + 1);
    p.max_info = byte(in) % 2 == 0 ? 0 : real(in, 10);
    for (size_t i = 0; i < K_MAX; i++) {
        info[i] = (i > 0 && isfinite(info[i - 1]) && fabs(info[i - 1]) < 1e6 ? info[i - 1] : 0) + real(in, 2);
        cum[i] = real(in, 1);
    }
    if (dear(info, p.k)) {
        return;
    }
    st = gs_design(&p, z, up, &err);
    said(st, &err);
    if (st != OK) {
        return;
    }
    for (size_t i = 0; i < p.k; i++) {
        need(!isnan(z[i]) && is_p(up[i]));
        lower[i] = p.sided == 2 ? -z[i] : -(double)INFINITY;
    }
    st = gs_cross(p.k, info, lower, z, real(in, 4), up, down, &e, &err);
    said(st, &err);
    for (size_t i = 0; st == OK && i < p.k; i++) {
        need(is_p(up[i]) && is_p(down[i]));
    }
    z[0] = real(in, 6);
    /* Tens of designs each. */
    if (byte(in) % 4 != 0) {
        return;
    }
    st = gs_inflation(&p, real(in, 1), &size, &err);
    said(st, &err);
    need(st != OK || (size.drift >= 0 && size.inflation > 0));
    st = gs_adjust(&p, z, 1, &adj, &err);
    said(st, &err);
    need(st != OK || (is_p(adj.p_upper) && adj.ci_lo <= adj.ci_hi));
}

static void crossings(struct in *in)
{
    double info[K_MAX], lo[K_MAX], up[K_MAX], a[K_MAX], b[K_MAX], e, bound, spent;
    struct gs_look past[K_MAX];
    size_t k = byte(in) % (K_MAX + 1), done = byte(in) % (K_MAX + 1);
    struct err err = {0};
    enum status st;

    for (size_t i = 0; i < K_MAX; i++) {
        info[i] = (i > 0 && isfinite(info[i - 1]) && fabs(info[i - 1]) < 1e6 ? info[i - 1] : 0) + real(in, 2);
        lo[i] = byte(in) % 2 == 0 ? -(double)INFINITY : -real(in, 5);
        up[i] = byte(in) % 8 == 0 ? (double)INFINITY : real(in, 6);
        past[i] = (struct gs_look){info[i], lo[i], up[i]};
    }
    if (dear(info, K_MAX)) {
        return;
    }
    st = gs_cross(k, info, lo, up, real(in, 4), a, b, &e, &err);
    said(st, &err);
    for (size_t i = 0; st == OK && i < k; i++) {
        need(is_p(a[i]) && is_p(b[i]));
    }
    st = gs_next_upper(past, k < K_MAX ? k : 0, real(in, 20), real(in, 0.1), &bound, &spent, &err);
    said(st, &err);
    need(st != OK || (!isnan(bound) && is_p(spent)));
    st = gs_conditional_power(k, info, lo, up, done, real(in, 4), real(in, 3), &e, &err);
    said(st, &err);
    need(st != OK || is_p(e));
    st = gs_predictive_power(k, info, lo, up, done, real(in, 4), &e, &err);
    said(st, &err);
    need(st != OK || is_p(e));
    st = gs_overrun_deletion_p(done, info, lo, up, real(in, 20), real(in, 4), &e, &err);
    said(st, &err);
    need(st != OK || is_p(e));
}

static void futility(struct in *in)
{
    struct gs_futility_plan p = {.alpha = real(in, 0.2), .beta = real(in, 0.5)};
    double t[K_MAX], info[K_MAX], up[K_MAX], lo[K_MAX], harm[K_MAX], delta;
    struct err err = {0};
    enum status st;

    p.efficacy = spending_of(in);
    p.futility = spending_of(in);
    p.harm = spending_of(in);
    p.binding = byte(in) % 2 == 1;
    p.astar = byte(in) % 2 == 1 ? real(in, 0.2) : 0;
    p.k = byte(in) % 4;
    for (size_t i = 0; i < K_MAX; i++) {
        t[i] = byte(in) % 16 == 0 ? real(in, 1) : p.k > 0 ? (double)(i + 1) / (double)p.k : 0;
    }
    p.t = t;
    if (dear(t, p.k)) {
        return;
    }
    st = gs_futility(&p, info, up, lo, harm, &delta, &err);
    said(st, &err);
    for (size_t i = 0; st == OK && i < p.k; i++) {
        need(!isnan(info[i]) && !isnan(up[i]) && !isnan(lo[i]));
    }
}

static void counts(struct in *in)
{
    int64_t x1 = whole(in, 100), n1 = whole(in, 200), x0 = whole(in, 100), n0 = whole(in, 200);
    double conf = real(in, 1), p = real(in, 1), a = real(in, 4), b = real(in, 4), v, lo, hi;
    struct twobytwo t;
    struct fisher f;
    struct estimate e;
    struct confseq_limits c;
    struct fragility g;
    struct err err = {0};
    enum status st;

    /* The loops are over counts near the mode, the square root of these. */
    x1 = x1 < INT64_C(1) << 40 ? x1 % 2000000 : x1;
    n1 = n1 < INT64_C(1) << 40 ? n1 % 2000000 : n1;
    x0 = x0 < INT64_C(1) << 40 ? x0 % 2000000 : x0;
    n0 = n0 < INT64_C(1) << 40 ? n0 % 2000000 : n0;
    st = twobytwo_all(x1, n1, x0, n0, conf, &t, &err);

    said(st, &err);
    need(st != OK || (is_p(t.fisher_upper) && t.risk_difference.lo <= t.risk_difference.hi));
    st = fisher_all(x1, n1, x0, n0, conf, &f, &err);
    said(st, &err);
    need(st != OK || (is_p(f.greater) && is_p(f.two_sided) && f.lo <= f.hi));
    st = rate_ratio_exact(x1, a, x0, b, conf, &e, &err);
    said(st, &err);
    need(st != OK || e.lo <= e.hi);
    st = score_poisson_rd_limits(x1, a, x0, b, conf, &lo, &hi, &err);
    said(st, &err);
    need(st != OK || lo <= hi);
    st = binomial_two_sided(x1, n1, p, 1 - p, &v, &err);
    said(st, &err);
    need(st != OK || is_p(v));
    st = clopper_pearson(x1, n1, conf, &lo, &hi, &err);
    said(st, &err);
    need(st != OK || lo <= hi);
    st = bayes_beta_exceeds(a, b, real(in, 4), real(in, 4), p, &v, &err);
    said(st, &err);
    need(st != OK || is_p(v));
    st = confseq_share(x1, n1, a, b, p, &c, &err);
    said(st, &err);
    need(st != OK || (c.lo <= c.hi && is_p(c.lo) && is_p(c.lower)));
    st = robbins_log_e(x1, n1, p, a, b, &lo, &hi, &err);
    said(st, &err);
    need(st != OK || !(isnan(lo) || isnan(hi)));
    if (n1 <= 60 && n0 <= 60) { /* each pair of counts is a test of its own */
        st = fragility_fisher(x1, n1, x0, n0, p, &g, &err);
        said(st, &err);
    }
}

static void exact(struct in *in)
{
    struct exact_plan p = {.p0 = real(in, 1), .alpha = real(in, 1), .spending = spending_of(in)};
    int64_t n[K_MAX], c[K_MAX], d[K_MAX];
    double cum[K_MAX], mu[K_MAX], s, e;
    struct maxsprt m;
    struct maxsprt_operating op;
    struct err err = {0};
    enum status st;

    p.k = byte(in) % (K_MAX + 1);
    p.n_max = whole(in, 200);
    for (size_t i = 0; i < K_MAX; i++) {
        int64_t before = i > 0 && n[i - 1] < 1000 && n[i - 1] > -1000 ? n[i - 1] : 0;

        if (__builtin_add_overflow(before, whole(in, 20), &n[i])) {
            n[i] = INT64_MAX;
        }
        mu[i] = (i > 0 && fabs(mu[i - 1]) < 1e3 ? mu[i - 1] : 0) + real(in, 3);
    }
    p.n = n;
    if (p.n_max > 5000) {
        p.n_max = 5000; /* squares of it are the time */
    }
    if (p.k > 0 && n[p.k - 1] > 1000 && n[p.k - 1] <= p.n_max) {
        return;
    }
    st = exact_design(&p, c, cum, &err);
    said(st, &err);
    for (size_t i = 0; st == OK && i < p.k; i++) {
        need(is_p(cum[i]) && cum[i] <= p.alpha * (1 + 1e-9) && c[i] >= 0 && c[i] <= n[i] + 1);
    }
    if (st == OK) {
        st = exact_operating(&p, c, real(in, 1), &s, &e, &err);
        said(st, &err);
        need(st != OK || (is_p(s) && !isnan(e)));
    }
    if (p.k > 0 && n[p.k - 1] <= 300 && (p.k < 2 || mu[p.k - 1] <= 50)) {
        st = single_arm_binomial((enum single_arm_kind)(byte(in) % 2), n, p.k, p.p0, p.alpha, d, cum, &err);
        said(st, &err);
        need(st != OK || cum[p.k - 1] <= p.alpha);
        st = single_arm_poisson((enum single_arm_kind)(byte(in) % 2), mu, p.k, p.alpha, d, cum, &err);
        said(st, &err);
        need(st != OK || cum[p.k - 1] <= p.alpha);
        st = maxsprt_poisson_grouped(mu, p.k, p.alpha, whole(in, 4), &m, &err);
        said(st, &err);
        need(st != OK || (m.cv >= 0 && m.alpha <= p.alpha * (1 + 1e-9)));
    }
    st = maxsprt_poisson_operating(real(in, 8), real(in, 8), whole(in, 4), real(in, 1), real(in, 3), &op,
                                   &err);
    said(st, &err);
    need(st != OK || (is_p(op.signal) && op.at_end >= 0));
    st = maxsprt_binomial(whole(in, 100) % 200, NULL, 0, p.p0, p.alpha, whole(in, 4), &m, &err);
    said(st, &err);
    need(st != OK || m.alpha <= p.alpha * (1 + 1e-9));
}

static void persons(struct in *in)
{
    double time[K_MAX], *times = NULL;
    int event[K_MAX], arm[K_MAX], stratum[K_MAX];
    struct recurrent_subject s[K_MAX];
    struct recurrent_event ev[K_MAX];
    struct recurrent r = {s, byte(in) % (K_MAX + 1), ev, byte(in) % (K_MAX + 1)};
    struct logrank_row *rows = NULL;
    struct logrank lr;
    struct proportional prop;
    struct estimate m;
    struct rate_z z;
    struct err err = {0};
    size_t k = 0;
    double log_hr;
    enum status st;

    for (size_t i = 0; i < K_MAX; i++) {
        time[i] = byte(in) % 16 == 0 ? real(in, 10) : byte(in) % 8;
        event[i] = byte(in) % 17 % 2;
        arm[i] = byte(in) % 17 % 2;
        stratum[i] = byte(in) % 2;
        s[i] = (struct recurrent_subject){real(in, 10), event[i], arm[i]};
        ev[i] = (struct recurrent_event){byte(in) % K_MAX, real(in, 10)};
    }
    st = survival_table_strata(time, event, arm, byte(in) % 2 == 0 ? NULL : stratum, r.n_subjects, &rows,
                               &times, &k, &err);
    said(st, &err);
    if (st == OK) {
        st = logrank_test(rows, k, &lr, &err);
        said(st, &err);
        need(st != OK || !isnan(lr.z));
        st = cox_efron(rows, k, &log_hr, &err);
        said(st, &err);
        st = proportional_test(rows, times, k, (enum proportional_scale)(byte(in) % 3), &prop, &err);
        said(st, &err);
        need(st != OK || (is_p(prop.p) && prop.chisq >= 0));
    }
    free(rows);
    free(times);
    st = recurrent_mean(&r, byte(in) % 4 - 1, real(in, 10), real(in, 1), &m, NULL, &err);
    said(st, &err);
    need(st != OK || m.value >= 0);
    st = recurrent_rate(&r, &z, &err);
    said(st, &err);
    need(st != OK || !(isnan(z.z) || isnan(z.info)));
}

/* Rules on posteriors, and counts along risk sets. */
static void rules(struct in *in)
{
    struct bayes_rule r = {real(in, 4), real(in, 4), real(in, 4), real(in, 4), real(in, 2), real(in, 1)};
    struct bayes_operating op;
    struct exact_days_operating days;
    struct exact_day day[K_MAX];
    struct spending f = spending_of(in);
    int64_t n_t[K_MAX], n_c[K_MAX], c[K_MAX];
    double t_t[K_MAX], t_c[K_MAX], cum[K_MAX];
    size_t k = byte(in) % (K_MAX + 1);
    struct err err = {0};
    enum status st;

    for (size_t i = 0; i < K_MAX; i++) {
        n_t[i] = (i > 0 && n_t[i - 1] < 30 && n_t[i - 1] >= 0 ? n_t[i - 1] : 0) + whole(in, 8) % 1000;
        n_c[i] = (i > 0 && n_c[i - 1] < 30 && n_c[i - 1] >= 0 ? n_c[i - 1] : 0) + whole(in, 8) % 1000;
        t_t[i] = (i > 0 && fabs(t_t[i - 1]) < 1e3 ? t_t[i - 1] : 0) + real(in, 3);
        t_c[i] = (i > 0 && fabs(t_c[i - 1]) < 1e3 ? t_c[i - 1] : 0) + real(in, 3);
        day[i] = (struct exact_day){whole(in, 60), whole(in, 60), whole(in, 4) % 500};
    }
    if (k > 0 && n_t[k - 1] + n_c[k - 1] <= 120) {
        st = bayes_beta_operating(&r, n_t, n_c, k, real(in, 1), real(in, 1), cum, &op, &err);
        said(st, &err);
        need(st != OK || (is_p(op.signal) && op.at_end >= 0));
        st = bayes_gamma_operating(&r, t_t, t_c, k, fmin(3, real(in, 1)), fmin(3, real(in, 1)), cum, &op,
                                   &err);
        said(st, &err);
        need(st != OK || (is_p(op.signal) && op.at_end >= 0));
    }
    st = eprocess_bounds(r.a_t, r.b_t, r.cut, day, k, real(in, 5), c, &err);
    said(st, &err);
    if (st == OK) {
        st = exact_days_operating(day, k, c, real(in, 3), cum, &days, &err);
        said(st, &err);
        need(st != OK || (is_p(days.signal) && days.at_end >= 0));
    }
    st = exact_days_design(day, k, &f, r.cut, whole(in, 40), c, cum, &err);
    said(st, &err);
    for (size_t i = 0; st == OK && i < k; i++) {
        need(is_p(cum[i]) && cum[i] <= r.cut * (1 + 1e-9));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct in in = {data, size};

    switch (byte(&in) % 7) {
    case 0:
        designs(&in);
        break;
    case 1:
        crossings(&in);
        break;
    case 2:
        futility(&in);
        break;
    case 3:
        counts(&in);
        break;
    case 4:
        exact(&in);
        break;
    case 5:
        persons(&in);
        break;
    case 6:
        rules(&in);
        break;
    }
    return 0;
}
