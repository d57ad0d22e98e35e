/*
 * bayes_design.h - what a rule on a posterior probability does: the operating characteristics of B5.
 *
 * The rule: at look i signal when P(rate T above rate C by more than the margin | data) >= cut.  A posterior that equals the
 * cut to 1e-10 reaches it.  Exact: the pair of counts that have not signalled is carried from look to look.
 */
#ifndef DSMB_STATS_BAYES_DESIGN_H
#define DSMB_STATS_BAYES_DESIGN_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { BAYES_SIZE_MAX = 1000, BAYES_LOOKS_MAX = 200 };

struct bayes_rule {
    double a_t, b_t, a_c, b_c; /* priors: beta shapes, or gamma shapes and rates */
    double margin;             /* proportions: difference delta in (-1, 1); rates: ratio rho > 0 */
    double cut;                /* in (0, 1) */
};

struct bayes_operating {
    double signal;
    double at_signal; /* subjects (person-time) in both arms at the signal, given one; NaN without */
    double at_end;    /* at the signal or the last look, whichever comes first */
};

/*
 * Proportions: looks after n_t[i] and n_c[i] subjects whose outcome is known, neither falling, one of them rising; true
 * proportions p_t, p_c.  cum[k]: P(signal by then); NULL: not wanted.
 */
enum status bayes_beta_operating(const struct bayes_rule *rule, const int64_t *n_t, const int64_t *n_c,
                                 size_t k, double p_t, double p_c, double *cum, struct bayes_operating *ret,
                                 struct err *err);
/* Poisson rates, looks at person-times t_t[i] and t_c[i]; true rates rate_t, rate_c; at most 700 events expected in an arm. */
enum status bayes_gamma_operating(const struct bayes_rule *rule, const double *t_t, const double *t_c,
                                  size_t k, double rate_t, double rate_c, double *cum,
                                  struct bayes_operating *ret, struct err *err);

#endif
