/*
 * recurrent.h - episodes: events that a subject may have again and again.
 *
 * A subject is under observation from 0 to `end`, where `died` says whether death ended it.  Events at times in (0, end].
 * Subjects, not events, are independent: every variance here is a sum over subjects.
 */
#ifndef DSMB_STATS_RECURRENT_H
#define DSMB_STATS_RECURRENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "stats/twobytwo.h"

struct recurrent_subject {
    double end; /* > 0, finite */
    int died;   /* 0 or 1 */
    int arm;    /* 0 or 1 */
};

struct recurrent_event {
    size_t subject;
    double time;
};

struct recurrent {
    const struct recurrent_subject *subject;
    size_t n_subjects;
    const struct recurrent_event *event; /* any order */
    size_t n_events;
};

/*
 * Mean number of events per subject by time t, of the subjects of one arm (-1: of all), with robust limits on the log
 * scale (0 and NaN limits where there is none).  mu(t) = sum S(t_j-) d_j / Y_j.  Nobody died: Nelson-Aalen with the
 * variance of Lawless & Nadeau 1995, eq. 2.4.  Deaths: Ghosh & Lin 2000, eq. 2.2 and the variance after it; the dead have
 * no further events but stay in the mean.  Y_j: under observation just before t_j.  *variance may be NULL.
 */
enum status recurrent_mean(const struct recurrent *r, int arm, double t, double conf, struct estimate *ret,
                           double *variance, struct err *err);

/*
 * Rates of arm 1 over arm 0, proportional (Lin, Wei, Yang & Ying 2000): robust score z at ratio 1, upper is harm; log
 * rate ratio (Breslow) with its robust standard error; info: robust information on the log ratio at ratio 1, such that
 * z = (score / model information) sqrt(info).  One arm without events: log_ratio +-Inf, std_error NaN, z and info stand.
 * E_NUMERIC when no event has both arms under observation.
 */
struct rate_z {
    double z, info, log_ratio, std_error;
};
enum status recurrent_rate(const struct recurrent *r, struct rate_z *ret, struct err *err);

#endif
