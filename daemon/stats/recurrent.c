#include "stats/recurrent.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "stats/dist.h"
#include "stats/num.h"
#include "stats/root.h"

/* A distinct time with an event or a death. */
struct step {
    double t;
    double events[2], deaths[2], at_risk[2]; /* by arm */
    double a[2]; /* running sums up to and including t; what they hold differs by statistic */
    double b, c;
    double mu; /* mean number of events up to and including t */
};

struct work {
    struct step *step;
    size_t n;
    double *ends[2]; /* ascending, by arm */
    size_t n_ends[2];
};

static void work_done(struct work *w)
{
    free(w->step);
    free(w->ends[0]);
    free(w->ends[1]);
}

static int ascending(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static int by_time(const void *a, const void *b)
{
    const struct step *x = a, *y = b;

    return (x->t > y->t) - (x->t < y->t);
}

static enum status check(const struct recurrent *r, struct err *err)
{
    for (size_t i = 0; i < r->n_subjects; i++) {
        const struct recurrent_subject *s = &r->subject[i];

        if (!(s->end > 0 && isfinite(s->end)) || (s->died != 0 && s->died != 1) ||
            (s->arm != 0 && s->arm != 1)) {
            return err_set(err, E_NUMERIC,
                           "subject %zu: the end must be above 0 and finite, death and arm 0 or 1", i + 1);
        }
    }
    for (size_t i = 0; i < r->n_events; i++) {
        const struct recurrent_event *e = &r->event[i];

        if (e->subject >= r->n_subjects || !(e->time > 0 && e->time <= r->subject[e->subject].end)) {
            return err_set(err, E_NUMERIC, "event %zu: must be of a known subject, while it was observed",
                           i + 1);
        }
    }
    return OK;
}

/* The distinct times with their counts, for subjects of one arm, or of both (-1). */
static enum status table(const struct recurrent *r, int arm, struct work *ret, struct err *err)
{
    struct work w = {
        .step = calloc(r->n_events + r->n_subjects + 1, sizeof *w.step),
        .ends = {calloc(r->n_subjects + 1, sizeof(double)), calloc(r->n_subjects + 1, sizeof(double))}};
    size_t n = 0, gone[2] = {0, 0};

    if (w.step == NULL || w.ends[0] == NULL || w.ends[1] == NULL) {
        work_done(&w);
        return err_set(err, E_NOMEM, "recurrent events");
    }
    for (size_t i = 0; i < r->n_subjects; i++) {
        const struct recurrent_subject *s = &r->subject[i];

        if (arm >= 0 && s->arm != arm) {
            continue;
        }
        w.ends[s->arm][w.n_ends[s->arm]++] = s->end;
        if (s->died == 1) {
            w.step[n].t = s->end;
            w.step[n++].deaths[s->arm] = 1;
        }
    }
    for (size_t i = 0; i < r->n_events; i++) {
        int of = r->subject[r->event[i].subject].arm;

        if (arm < 0 || of == arm) {
            w.step[n].t = r->event[i].time;
            w.step[n++].events[of] = 1;
        }
    }
    qsort(w.step, n, sizeof *w.step, by_time);
    for (size_t i = 0; i < n; i++) {
        if (w.n > 0 && w.step[w.n - 1].t == w.step[i].t) {
            for (int g = 0; g < 2; g++) {
                w.step[w.n - 1].events[g] += w.step[i].events[g];
                w.step[w.n - 1].deaths[g] += w.step[i].deaths[g];
            }
        } else {
            w.step[w.n++] = w.step[i];
        }
    }
    for (int g = 0; g < 2; g++) {
        qsort(w.ends[g], w.n_ends[g], sizeof(double), ascending);
        for (size_t i = 0; i < w.n; i++) {
            while (gone[g] < w.n_ends[g] && w.ends[g][gone[g]] < w.step[i].t) {
                gone[g]++;
            }
            w.step[i].at_risk[g] = (double)(w.n_ends[g] - gone[g]);
        }
    }
    *ret = w;
    return OK;
}

/* The last step at or before t, or NULL. */
static const struct step *step_at(const struct work *w, double t)
{
    size_t lo = 0, hi = w->n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (w->step[mid].t <= t) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo == 0 ? NULL : &w->step[lo - 1];
}

/*
 * The influence of subject i on mu(t), times 1 (Ghosh & Lin's Psi_i / n):
 *   sum over its events S(t_ij-)/Y - sum over t_j <= min(t, end) S(t_j-) d_j / Y_j^2
 *   - [died by t] (mu(t) - mu(end)) / Y(end) + sum over deaths u <= min(t, end) (mu(t) - mu(u)) dD_u / Y_u^2.
 * a: S(t_j-)/Y_j at the step itself and its running sum with d_j / Y_j; b: sum dD / Y^2; c: sum mu dD / Y^2.
 */
static void mean_sums(struct work *w)
{
    double s = 1, mu = 0, a = 0, b = 0, c = 0;

    for (size_t i = 0; i < w->n; i++) {
        struct step *x = &w->step[i];
        double y = x->at_risk[0] + x->at_risk[1], d = x->events[0] + x->events[1],
               dead = x->deaths[0] + x->deaths[1];

        x->a[0] = s / y; /* everyone whose event or death this is was under observation: y > 0 */
        mu += s * d / y;
        a += s * d / (y * y);
        x->a[1] = a;
        b += dead / (y * y);
        c += mu * dead / (y * y);
        x->b = b;
        x->c = c;
        x->mu = mu;
        s *= (y - dead) / y;
    }
}

static enum status mean_variance(const struct recurrent *r, int arm, const struct work *w, double t,
                                 double mu, double *ret, struct err *err)
{
    double *own = calloc(r->n_subjects + 1, sizeof *own), sum = 0;

    if (own == NULL) {
        return err_set(err, E_NOMEM, "recurrent events");
    }
    for (size_t i = 0; i < r->n_events; i++) {
        const struct recurrent_event *e = &r->event[i];

        if ((arm < 0 || r->subject[e->subject].arm == arm) && e->time <= t) {
            const struct step *x = step_at(w, e->time);

            own[e->subject] += x != NULL ? x->a[0] : 0; /* never NULL: each event is a step */
        }
    }
    for (size_t i = 0; i < r->n_subjects; i++) {
        const struct recurrent_subject *s = &r->subject[i];
        const struct step *x = step_at(w, fmin(t, s->end));
        double psi = own[i];

        if (arm >= 0 && s->arm != arm) {
            continue;
        }
        if (x != NULL) {
            psi += -x->a[1] + mu * x->b - x->c;
            if (s->died == 1 && s->end <= t) {
                psi -= (mu - x->mu) / (x->at_risk[0] + x->at_risk[1]);
            }
        }
        sum += psi * psi;
    }
    free(own);
    *ret = sum;
    return OK;
}

enum status recurrent_mean(const struct recurrent *r, int arm, double t, double conf, struct estimate *ret,
                           double *variance, struct err *err)
{
    struct work w = {0};
    struct estimate e = {0, NUM_NAN, NUM_NAN};
    double v = 0, z = 0;
    const struct step *last;
    enum status st = check(r, err);

    if (st == OK && (arm < -1 || arm > 1)) {
        st = err_set(err, E_NUMERIC, "arm is %d, must be -1 (both), 0 or 1", arm);
    }
    if (st == OK && !(t >= 0 && isfinite(t))) {
        st = err_set(err, E_NUMERIC, "time is %g, must be 0 or more and finite", t);
    }
    if (st == OK && !(conf > 0 && conf < 1)) {
        st = err_set(err, E_NUMERIC, "confidence is %g, must be in (0, 1)", conf);
    }
    if (st == OK) {
        st = table(r, arm, &w, err);
    }
    if (st != OK) {
        return st;
    }
    if (w.n_ends[0] + w.n_ends[1] == 0) {
        st = err_set(err, E_NUMERIC, "mean number of events: the arm has no subjects");
        goto out;
    }
    mean_sums(&w);
    last = step_at(&w, t);
    if (last != NULL && last->mu > 0) {
        e.value = last->mu;
        st = mean_variance(r, arm, &w, t, e.value, &v, err);
        if (st == OK) {
            st = quant_normal((1 - conf) / 2, TAIL_UPPER, &z, err);
        }
        if (st == OK) {
            e.lo = e.value * exp(-z * sqrt(v) / e.value);
            e.hi = e.value * exp(z * sqrt(v) / e.value);
        }
    }
    if (st == OK) {
        *ret = e;
        if (variance != NULL) {
            *variance = v;
        }
    }
out:
    work_done(&w);
    return st;
}

/* Share of arm 1 in the weighted risk set at log ratio b. */
static double share_of(const struct step *x, double b)
{
    double one = x->at_risk[1] * (b > 0 ? 1 : exp(b)), zero = x->at_risk[0] * (b > 0 ? exp(-b) : 1);

    return one + zero > 0 ? one / (one + zero) : 0;
}

static double rate_score_at(const struct work *w, double b, double *info)
{
    double u = 0, v = 0;

    for (size_t i = 0; i < w->n; i++) {
        const struct step *x = &w->step[i];
        double d = x->events[0] + x->events[1], p = share_of(x, b);

        u += x->events[1] - d * p;
        v += d * p * (1 - p);
    }
    if (info != NULL) {
        *info = v;
    }
    return u;
}

static enum status rate_root(void *ctx, double b, double *value, struct err *err)
{
    (void)err;
    *value = rate_score_at(ctx, b, NULL);
    return OK;
}

/* Sum over subjects of their squared part in the score: a[g] sums (arm - p_j) e^{b arm} d_j / S0_j for arm g. */
static enum status rate_meat(const struct recurrent *r, struct work *w, double b, double *ret,
                             struct err *err)
{
    double *own = calloc(r->n_subjects + 1, sizeof *own), a[2] = {0, 0}, sum = 0;

    if (own == NULL) {
        return err_set(err, E_NOMEM, "recurrent events");
    }
    for (size_t i = 0; i < w->n; i++) {
        struct step *x = &w->step[i];
        double p = share_of(x, b), d = x->events[0] + x->events[1];

        /* e^{b} / S0 for arm 1, 1 / S0 for arm 0, through the shares. */
        a[1] += x->at_risk[1] > 0 ? (1 - p) * d * p / x->at_risk[1] : 0;
        a[0] += x->at_risk[0] > 0 ? -p * d * (1 - p) / x->at_risk[0] : 0;
        x->a[1] = a[1];
        x->a[0] = a[0];
        x->c = p;
    }
    for (size_t i = 0; i < r->n_events; i++) {
        const struct step *x = step_at(w, r->event[i].time);

        own[r->event[i].subject] += (double)r->subject[r->event[i].subject].arm - (x != NULL ? x->c : 0);
    }
    for (size_t i = 0; i < r->n_subjects; i++) {
        const struct step *x = step_at(w, r->subject[i].end);
        double part = own[i] - (x != NULL ? x->a[r->subject[i].arm] : 0);

        sum += part * part;
    }
    free(own);
    *ret = sum;
    return OK;
}

enum status recurrent_rate(const struct recurrent *r, struct rate_z *ret, struct err *err)
{
    struct rate_z z = {.std_error = NUM_NAN};
    struct root_opts opts = {.abs_tol = 1e-13};
    struct root root;
    struct work w = {0};
    double u, model, meat, with[2] = {0, 0};
    enum status st = check(r, err);

    if (st == OK) {
        st = table(r, -1, &w, err);
    }
    if (st != OK) {
        return st;
    }
    u = rate_score_at(&w, 0, &model);
    st = rate_meat(r, &w, 0, &meat, err);
    if (st == OK && !(model > 0 && meat > 0)) {
        st = err_set(err, E_NUMERIC, "rates: no event with both arms under observation");
    }
    if (st != OK) {
        goto out;
    }
    z.z = u / sqrt(meat);
    z.info = model * model / meat;
    for (size_t i = 0; i < w.n; i++) {
        if (w.step[i].at_risk[0] > 0 && w.step[i].at_risk[1] > 0) {
            with[0] += w.step[i].events[0];
            with[1] += w.step[i].events[1];
        }
    }
    if (with[0] == 0 || with[1] == 0) {
        z.log_ratio = with[1] > 0 ? NUM_INF : -NUM_INF;
    } else {
        st = root_search(rate_root, &w, 0, 0.5, -700, 700, &opts, &root, err);
        if (st == OK) {
            z.log_ratio = root.x;
            (void)rate_score_at(&w, root.x, &model);
            st = rate_meat(r, &w, root.x, &meat, err);
        }
        if (st == OK) {
            z.std_error = sqrt(meat) / model;
        }
    }
    if (st == OK) {
        *ret = z;
    }
out:
    work_done(&w);
    return st;
}
