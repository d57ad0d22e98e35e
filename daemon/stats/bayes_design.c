#include "stats/bayes_design.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "stats/bayes.h"
#include "stats/dist.h"
#include "stats/num.h"

/* bayes_beta_exceeds() is good to this. */
#define EQUAL 1e-10
/* Poisson counts beyond this tail are dropped: they would add less than it to any probability. */
#define DROPPED 1e-18
/* A pair of counts less likely than this is not asked for its posterior, and goes on. */
#define NOTHING             1e-25
#define EVENTS_EXPECTED_MAX 700.0

/* One look: exposure so far and the distribution of what came since the look before. */
struct look {
    double exp_t, exp_c;         /* subjects or person-time */
    int64_t top_t, top_c;        /* largest counts so far */
    const double *new_t, *new_c; /* P(0..) of new events, top of this look less top of the one before */
    int64_t more_t, more_c;
};

struct work {
    const struct bayes_rule *rule;
    bool rates;
    int64_t width; /* counts of the control kept: 0..width-1 */
    double *v, *next;
    double spent, sum;
};

static enum status posterior(const struct work *w, const struct look *l, int64_t x_t, int64_t x_c,
                             double *ret, struct err *err)
{
    const struct bayes_rule *r = w->rule;

    return w->rates ? bayes_gamma_ratio_exceeds(r->a_t + (double)x_t, r->b_t + l->exp_t, r->a_c + (double)x_c,
                                                r->b_c + l->exp_c, r->margin, ret, err)
                    : bayes_beta_exceeds(r->a_t + (double)x_t, r->b_t + l->exp_t - (double)x_t,
                                         r->a_c + (double)x_c, r->b_c + l->exp_c - (double)x_c, r->margin,
                                         ret, err);
}

/* v over (x_t, x_c): the new events of each arm are convolved in, one arm after the other. */
static void move(struct work *w, const struct look *l, int64_t was_t, int64_t was_c)
{
    size_t row = (size_t)w->width;

    memset(w->next, 0, (size_t)(l->top_t + 1) * row * sizeof *w->next);
    for (int64_t x = 0; x <= was_t; x++) {
        const double *from = w->v + (size_t)x * row;

        for (int64_t d = 0; d <= l->more_t && x + d <= l->top_t; d++) {
            double *to = w->next + (size_t)(x + d) * row, p = l->new_t[d];

            for (int64_t y = 0; p > 0 && y <= was_c; y++) {
                to[y] += p * from[y];
            }
        }
    }
    for (int64_t x = 0; x <= l->top_t; x++) {
        double *at = w->next + (size_t)x * row;

        for (int64_t y = l->top_c; y >= 0; y--) {
            double sum = 0;

            for (int64_t d = y > was_c ? y - was_c : 0; d <= l->more_c && d <= y; d++) {
                sum += l->new_c[d] * at[y - d];
            }
            at[y] = sum;
        }
    }
    memcpy(w->v, w->next, (size_t)(l->top_t + 1) * row * sizeof *w->v);
}

/* The least x_t with anything at (x_t, y); top + 1: none. */
static int64_t lowest(const struct work *w, const struct look *l, int64_t y)
{
    int64_t x = 0;

    while (x <= l->top_t && w->v[(size_t)x * (size_t)w->width + (size_t)y] < NOTHING) {
        x++;
    }
    return x;
}

/* What reaches the cut leaves.  The posterior rises in x_t and falls in x_c: the edge is a staircase. */
static enum status stop(struct work *w, const struct look *l, struct err *err)
{
    double mass = 0;
    int64_t below = 0; /* counts of arm 1 below this do not reach the cut, here and for any larger y */

    for (int64_t y = 0; y <= l->top_c; y++) {
        int64_t low = lowest(w, l, y), edge = low > below ? low : below;

        if (low > l->top_t) {
            continue;
        }
        for (; edge <= l->top_t; edge++) {
            double p = 0;
            enum status st = posterior(w, l, edge, y, &p, err);

            if (st != OK) {
                return st;
            }
            if (p >= w->rule->cut - EQUAL) {
                break;
            }
            below = edge + 1;
        }
        for (int64_t x = l->top_t; x >= edge; x--) {
            double *v = w->v + (size_t)x * (size_t)w->width + (size_t)y;

            mass += *v;
            *v = 0;
        }
    }
    w->spent += mass;
    w->sum += mass * (l->exp_t + l->exp_c);
    return OK;
}

static enum status check_rule(const struct bayes_rule *r, size_t k, struct err *err)
{
    if (!(r->cut > 0 && r->cut < 1)) {
        return err_set(err, E_NUMERIC, "cut is %g, must be a probability in (0, 1)", r->cut);
    }
    if (k < 1 || k > BAYES_LOOKS_MAX) {
        return err_set(err, E_NUMERIC, "%zu looks, must be 1 to %d", k, BAYES_LOOKS_MAX);
    }
    return OK;
}

static enum status work_init(struct work *w, const struct bayes_rule *r, bool rates, int64_t most_t,
                             int64_t most_c, struct err *err)
{
    size_t cells = (size_t)(most_t + 1) * (size_t)(most_c + 1);

    *w = (struct work){.rule = r, .rates = rates, .width = most_c + 1};
    w->v = calloc(cells, sizeof *w->v);
    w->next = calloc(cells, sizeof *w->next);
    if (w->v == NULL || w->next == NULL) {
        return err_set(err, E_NOMEM, "operating characteristics");
    }
    w->v[0] = 1;
    return OK;
}

static void work_done(struct work *w)
{
    free(w->v);
    free(w->next);
}

static void finish(const struct work *w, double size_end, struct bayes_operating *ret)
{
    double signal = fmin(1, w->spent);

    *ret = (struct bayes_operating){.signal = signal,
                                    .at_signal = w->spent > 0 ? w->sum / w->spent : NUM_NAN,
                                    .at_end = w->sum + (1 - signal) * size_end};
}

enum status bayes_beta_operating(const struct bayes_rule *rule, const int64_t *n_t, const int64_t *n_c,
                                 size_t k, double p_t, double p_c, double *cum, struct bayes_operating *ret,
                                 struct err *err)
{
    struct work w = {0};
    double *new = NULL;
    enum status st = check_rule(rule, k, err);

    if (st == OK && !(p_t >= 0 && p_t <= 1 && p_c >= 0 && p_c <= 1)) {
        st = err_set(err, E_NUMERIC, "proportions %g and %g must be in [0, 1]", p_t, p_c);
    }
    for (size_t i = 0; st == OK && i < k; i++) {
        int64_t was_t = i > 0 ? n_t[i - 1] : 0, was_c = i > 0 ? n_c[i - 1] : 0;

        if (n_t[i] < was_t || n_c[i] < was_c || (n_t[i] == was_t && n_c[i] == was_c) ||
            n_t[i] > BAYES_SIZE_MAX || n_c[i] > BAYES_SIZE_MAX) {
            st = err_set(err, E_NUMERIC, "look %zu: subjects must rise, to at most %d in an arm", i + 1,
                         BAYES_SIZE_MAX);
        }
    }
    if (st != OK) {
        return st;
    }
    new = calloc((size_t)(n_t[k - 1] + n_c[k - 1] + 2), sizeof *new);
    st = new == NULL ? err_set(err, E_NOMEM, "operating characteristics")
                     : work_init(&w, rule, false, n_t[k - 1], n_c[k - 1], err);
    for (size_t i = 0; st == OK && i < k; i++) {
        int64_t was_t = i > 0 ? n_t[i - 1] : 0, was_c = i > 0 ? n_c[i - 1] : 0;
        double *new_c = new + n_t[k - 1] + 1;
        struct look l = {(double)n_t[i], (double)n_c[i], n_t[i],        n_c[i], new,
                         new_c,          n_t[i] - was_t, n_c[i] - was_c};

        for (int64_t d = 0; d <= l.more_t; d++) {
            new[d] = density_binomial(d, l.more_t, p_t, 1 - p_t);
        }
        for (int64_t d = 0; d <= l.more_c; d++) {
            new_c[d] = density_binomial(d, l.more_c, p_c, 1 - p_c);
        }
        move(&w, &l, was_t, was_c);
        st = stop(&w, &l, err);
        if (st == OK && cum != NULL) {
            cum[i] = fmin(1, w.spent);
        }
    }
    if (st == OK) {
        finish(&w, (double)(n_t[k - 1] + n_c[k - 1]), ret);
    }
    work_done(&w);
    free(new);
    return st;
}

/* The smallest count that has less than DROPPED above it. */
static int64_t most_of(double mean)
{
    int64_t x = (int64_t)mean;

    while (prob_poisson(x + 1, mean, TAIL_UPPER) >= DROPPED) {
        x++;
    }
    return x;
}

enum status bayes_gamma_operating(const struct bayes_rule *rule, const double *t_t, const double *t_c,
                                  size_t k, double rate_t, double rate_c, double *cum,
                                  struct bayes_operating *ret, struct err *err)
{
    struct work w = {0};
    double *new = NULL, end_t = 0, end_c = 0;
    int64_t most_t = 0, most_c = 0, was_t = 0, was_c = 0;
    enum status st = check_rule(rule, k, err);

    if (st == OK && !(rate_t >= 0 && rate_c >= 0 && isfinite(rate_t + rate_c))) {
        st = err_set(err, E_NUMERIC, "rates %g and %g must be 0 or more", rate_t, rate_c);
    }
    for (size_t i = 0; st == OK && i < k; i++) {
        if (!(t_t[i] >= end_t && t_c[i] >= end_c && t_t[i] + t_c[i] > end_t + end_c &&
              isfinite(t_t[i] + t_c[i]))) {
            st = err_set(err, E_NUMERIC, "look %zu: person-time must rise", i + 1);
        }
        end_t = t_t[i];
        end_c = t_c[i];
    }
    if (st == OK && !(rate_t * end_t <= EVENTS_EXPECTED_MAX && rate_c * end_c <= EVENTS_EXPECTED_MAX)) {
        st = err_set(err, E_NUMERIC, "%g and %g events expected, must be at most %g in an arm",
                     rate_t * end_t, rate_c * end_c, EVENTS_EXPECTED_MAX);
    }
    if (st != OK) {
        return st;
    }
    most_t = most_of(rate_t * end_t);
    most_c = most_of(rate_c * end_c);
    new = calloc((size_t)(most_t + most_c + 2), sizeof *new);
    st = new == NULL ? err_set(err, E_NOMEM, "operating characteristics")
                     : work_init(&w, rule, true, most_t, most_c, err);
    for (size_t i = 0; st == OK && i < k; i++) {
        double *new_c = new + most_t + 1;
        double mu_t = rate_t * (t_t[i] - (i > 0 ? t_t[i - 1] : 0)),
               mu_c = rate_c * (t_c[i] - (i > 0 ? t_c[i - 1] : 0));
        struct look l = {t_t[i], t_c[i], most_of(rate_t * t_t[i]), most_of(rate_c * t_c[i]), new, new_c,
                         0,      0};

        l.more_t = most_of(mu_t) < l.top_t ? most_of(mu_t) : l.top_t;
        l.more_c = most_of(mu_c) < l.top_c ? most_of(mu_c) : l.top_c;
        for (int64_t d = 0; d <= l.more_t; d++) {
            new[d] = density_poisson(d, mu_t);
        }
        for (int64_t d = 0; d <= l.more_c; d++) {
            new_c[d] = density_poisson(d, mu_c);
        }
        move(&w, &l, was_t, was_c);
        st = stop(&w, &l, err);
        was_t = l.top_t;
        was_c = l.top_c;
        if (st == OK && cum != NULL) {
            cum[i] = fmin(1, w.spent);
        }
    }
    if (st == OK) {
        finish(&w, end_t + end_c, ret);
    }
    work_done(&w);
    free(new);
    return st;
}
