/* MaxSPRT of Poisson counts: a Markov chain of counts that have not signalled. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "stats/dist.h"
#include "stats/maxsprt.h"
#include "stats/maxsprt_solve.h"
#include "stats/num.h"

/* A critical value that the search found to be none. */
#define CV_MIN 1e-12

/* The Poisson chain: v[x] = P(x events, no signal), x < n. */
struct poisson {
    double t_max, d;
    const double *mu;
    size_t k;
    int64_t m;
    double ratio; /* of the true rate to the expected one */
    double time;  /* expected count at the signal, times P(signal) */
    int64_t low;  /* v counts as zero below */
    double *v, *w, *step;
    size_t room_v, room_w, room_step;
};

/* Terms of the Poisson chain below this share of a whole cannot be seen in any alpha. */
#define TERM_MIN 1e-32

/* Fills step[0..most-1] with the probabilities of Poisson(delta), as far as they matter; returns most <= room. */
static int64_t poisson_terms(double *step, int64_t room, double delta)
{
    int64_t i = 0;

    if (!(delta > 0)) {
        step[0] = 1;
        return 1;
    }
    if (delta < 600) {
        for (double term = exp(-delta); i < room; i++) {
            step[i] = term;
            if ((double)i > delta && term < TERM_MIN) {
                return i + 1;
            }
            term *= delta / (double)(i + 1);
        }
        return room;
    }
    for (; i < room; i++) {
        step[i] = density_poisson(i, delta);
        if ((double)i > delta && step[i] < TERM_MIN) {
            return i + 1;
        }
    }
    return room;
}

/*
 * Goes from expected count `from` to `to`, and keeps counts below `keep`, which is no less than before.  The rest leaves the
 * chain: it has signalled, when its event came or, if `at_end`, at the look that closes the step.  *spent grows by what left,
 * as a sum of tails and not as what is missing.
 */
static void poisson_step(struct poisson *p, double from, double to, bool at_end, int64_t *n, int64_t keep,
                         double *spent)
{
    double delta = (to - from) * p->ratio, tail, more, left = 0, time = 0;
    int64_t most = poisson_terms(p->step, keep + 1, delta);

    /* From counts far below `keep` on: P(j or more events), what starts j below `keep`, and when the j-th came. */
    tail = delta > 0 ? prob_poisson(most, delta, TAIL_UPPER) : 0;
    more = delta > 0 ? prob_poisson(most + 1, delta, TAIL_UPPER) : 0;
    for (int64_t j = most; j >= 1; j--) {
        if (keep - j >= p->low && keep - j < *n) {
            double v = p->v[keep - j];

            left += v * tail;
            time += v * (at_end ? to * tail : from * tail + (double)j / p->ratio * more);
        }
        more = tail;
        tail += p->step[j - 1];
    }
    /* By terms, not by counts: no sum waits for itself.  Each count still adds up in one order. */
    memset(p->w + p->low, 0, (size_t)(keep - p->low) * sizeof *p->w);
    for (int64_t i = most - 1; i >= 0; i--) {
        int64_t end = *n + i < keep ? *n + i : keep;
        double term = p->step[i], *w = p->w;
        const double *v = p->v - i;

        for (int64_t x = p->low + i; x < end; x++) {
            w[x] += v[x] * term;
        }
    }
    memcpy(p->v + p->low, p->w + p->low, (size_t)(keep - p->low) * sizeof *p->v);
    while (p->low < keep - 1 && p->v[p->low] < 1e-40) {
        p->low++; /* can hardly signal any more */
    }
    *n = keep;
    *spent += left;
    p->time += time;
}

/* Expected count at which c events just reach cv: c ln(c/tau) - (c - tau) = cv, tau < c.  Newton on ln(tau/c). */
static double tau_of(int64_t c, double cv)
{
    double a = cv / (double)c, v = -a - sqrt(2 * a);

    for (int i = 0; i < 100; i++) {
        double e = expm1(v), step = (e - v - a) / e;

        v -= step;
        if (fabs(step) <= 1e-16 * fabs(v)) {
            break;
        }
    }
    return (double)c * exp(v);
}

static enum status poisson_room(struct poisson *p, int64_t need, struct err *err)
{
    enum status st;

    if (need > MAXSPRT_EVENTS_MAX) {
        return err_set(err, E_NUMERIC, "more than %d events are in reach", MAXSPRT_EVENTS_MAX);
    }
    st = vec_reserve(&p->v, &p->room_v, (size_t)need, sizeof *p->v, err);
    if (st == OK) {
        st = vec_reserve(&p->w, &p->room_w, (size_t)need, sizeof *p->w, err);
    }
    if (st == OK) {
        st = vec_reserve(&p->step, &p->room_step, (size_t)need, sizeof *p->step, err);
    }
    return st;
}

/* No event yet, for certain; *n counts are kept. */
static enum status poisson_begin(struct poisson *p, int64_t *n, struct err *err)
{
    enum status st = poisson_room(p, 1, err);

    if (st == OK) {
        p->v[0] = 1;
        p->low = 0;
        p->time = 0;
        *n = 1;
    }
    return st;
}

static enum status poisson_type_1(void *ctx, double cv, double *alpha, struct err *err)
{
    struct poisson *p = ctx;
    double at = 0, spent = 0;
    int64_t n;
    enum status st = poisson_begin(p, &n, err);

    if (st != OK) {
        return st;
    }
    for (int64_t c = p->m;; c++) {
        double tau = tau_of(c, cv), until = fmin(tau, p->t_max);

        if (tau < p->d) {
            continue;
        }
        st = poisson_room(p, c + 2, err);
        if (st != OK) {
            return st;
        }
        /* Fewer than c events by then, or a signal. */
        if (at < p->d) {
            /* Nothing signals before the delay is over; then all that has gathered does. */
            poisson_step(p, at, p->d, true, &n, c, &spent);
            at = p->d;
        }
        poisson_step(p, at, until, false, &n, c, &spent);
        at = until;
        if (tau >= p->t_max) {
            break;
        }
    }
    *alpha = spent;
    return OK;
}

static void poisson_done(struct poisson *p)
{
    free(p->v);
    free(p->w);
    free(p->step);
}

static enum status check_watch(double t_max, double d, struct err *err)
{
    if (!(t_max > 0 && t_max <= 1e4)) {
        return err_set(err, E_NUMERIC, "maximum expected count is %g, must be in (0, 10000]", t_max);
    }
    if (!(d >= 0 && d <= t_max)) {
        return err_set(err, E_NUMERIC, "delay is %g, must be 0 to the maximum expected count", d);
    }
    return OK;
}

enum status maxsprt_poisson(double t_max, double alpha, int64_t m, double d, struct maxsprt *ret,
                            struct err *err)
{
    struct poisson p = {.t_max = t_max, .d = d, .m = m, .ratio = 1};
    const struct maxsprt_kind kind = {poisson_type_1, NULL, &p};
    struct maxsprt found;
    enum status st = maxsprt_check(alpha, m, err);

    if (st != OK) {
        return st;
    }
    st = check_watch(t_max, d, err);
    if (st != OK) {
        return st;
    }
    st = maxsprt_solve(&kind, alpha, &found, err);
    if (st == OK && found.cv < CV_MIN) {
        /* Not even signalling at every excess spends alpha: the largest value that still does so, if there is one. */
        found.cv = maxsprt_llr_poisson(m, t_max);
        st = found.cv > 0 ? poisson_type_1(&p, found.cv, &found.alpha, err)
                          : err_set(err, E_NUMERIC, "alpha %g: a signal at any excess spends no more than %g",
                                    alpha, found.alpha);
    }
    if (st == OK) {
        *ret = found;
    }
    poisson_done(&p);
    return st;
}

static int64_t grouped_bound(const struct poisson *p, double mu, double cv)
{
    int64_t c = (int64_t)floor(mu);

    while (!(maxsprt_llr_poisson(c, mu) >= cv * (1 - MAXSPRT_SAME))) {
        c++;
    }
    return c < p->m ? p->m : c;
}

static enum status grouped_type_1(void *ctx, double cv, double *alpha, struct err *err)
{
    struct poisson *p = ctx;
    double spent = 0;
    int64_t n;
    enum status st = poisson_begin(p, &n, err);

    if (st != OK) {
        return st;
    }
    for (size_t i = 0; i < p->k; i++) {
        int64_t c = grouped_bound(p, p->mu[i], cv);

        st = poisson_room(p, c + 2, err);
        if (st != OK) {
            return st;
        }
        poisson_step(p, i > 0 ? p->mu[i - 1] : 0, p->mu[i], true, &n, c, &spent);
    }
    *alpha = spent;
    return OK;
}

static double grouped_next(void *ctx, double cv)
{
    const struct poisson *p = ctx;
    double best = NUM_INF;

    for (size_t i = 0; i < p->k; i++) {
        int64_t c = (int64_t)floor(p->mu[i]);

        for (c = c < p->m ? p->m : c;; c++) {
            double v = maxsprt_llr_poisson(c, p->mu[i]);

            if (v > cv * (1 + MAXSPRT_SAME)) {
                best = fmin(best, v);
                break;
            }
        }
    }
    return best;
}

static enum status check_groups(const double *mu, size_t k, struct err *err)
{
    if (k < 1) {
        return err_set(err, E_NUMERIC, "a design needs a look");
    }
    for (size_t i = 0; i < k; i++) {
        if (!(mu[i] > (i > 0 ? mu[i - 1] : 0) && mu[i] <= 1e4)) {
            return err_set(err, E_NUMERIC, "look %zu: expected count %g must rise within (0, 10000]", i + 1,
                           mu[i]);
        }
    }
    return OK;
}

enum status maxsprt_poisson_grouped(const double *mu, size_t k, double alpha, int64_t m, struct maxsprt *ret,
                                    struct err *err)
{
    struct poisson p = {.mu = mu, .k = k, .m = m, .ratio = 1};
    const struct maxsprt_kind kind = {grouped_type_1, grouped_next, &p};
    enum status st = maxsprt_check(alpha, m, err);

    if (st != OK) {
        return st;
    }
    st = check_groups(mu, k, err);
    if (st != OK) {
        return st;
    }
    st = maxsprt_solve(&kind, alpha, ret, err);
    poisson_done(&p);
    return st;
}

static enum status operating(struct poisson *p, enum status (*run)(void *, double, double *, struct err *),
                             double cv, double end, struct maxsprt_operating *ret, struct err *err)
{
    double signal;
    enum status st;

    if (!(p->ratio >= 1e-6 && p->ratio <= 1000)) {
        return err_set(err, E_NUMERIC, "rate ratio is %g, must be in [1e-6, 1000]", p->ratio);
    }
    st = run(p, cv, &signal, err);
    if (st == OK) {
        ret->signal = fmin(1, signal);
        ret->at_signal = signal > 0 ? p->time / signal : NUM_NAN;
        ret->at_end = p->time + fmax(0, 1 - signal) * end;
    }
    return st;
}

enum status maxsprt_poisson_operating(double t_max, double cv, int64_t m, double d, double ratio,
                                      struct maxsprt_operating *ret, struct err *err)
{
    struct poisson p = {.t_max = t_max, .d = d, .m = m, .ratio = ratio};
    enum status st = maxsprt_check_design(cv, m, err);

    if (st == OK) {
        st = check_watch(t_max, d, err);
    }
    if (st == OK) {
        st = operating(&p, poisson_type_1, cv, t_max, ret, err);
    }
    poisson_done(&p);
    return st;
}

enum status maxsprt_poisson_grouped_operating(const double *mu, size_t k, double cv, int64_t m, double ratio,
                                              struct maxsprt_operating *ret, struct err *err)
{
    struct poisson p = {.mu = mu, .k = k, .m = m, .ratio = ratio};
    enum status st = maxsprt_check_design(cv, m, err);

    if (st == OK) {
        st = check_groups(mu, k, err);
    }
    if (st == OK) {
        st = operating(&p, grouped_type_1, cv, mu[k - 1], ret, err);
    }
    poisson_done(&p);
    return st;
}
