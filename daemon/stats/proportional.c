#include "stats/proportional.h"

#include <math.h>

#include "stats/dist.h"
#include "stats/survival.h"

/* Mean and variance of the arm among those at risk, weighted by their hazards, summed over the ties (Efron). */
static void tied(const struct logrank_row *r, double log_hr, double *mean, double *variance)
{
    double d = (double)(r->d1 + r->d0), up = log_hr > 0 ? 1 : exp(log_hr),
           down = log_hr > 0 ? exp(-log_hr) : 1;

    *mean = *variance = 0;
    for (int64_t l = 0; l < r->d1 + r->d0; l++) {
        double share = (double)l / d, a = ((double)r->y1 - share * (double)r->d1) * up,
               b = ((double)r->y0 - share * (double)r->d0) * down;

        if (a + b > 0) {
            *mean += a / (a + b);
            *variance += a / (a + b) * (b / (a + b));
        }
    }
}

static double scaled(enum proportional_scale scale, double time, double survival)
{
    switch (scale) {
    case SCALE_TIME:
        return time;
    case SCALE_LOG:
        return log(time);
    case SCALE_KAPLAN_MEIER:
        return 1 - survival;
    }
    return time;
}

static double survival_after(double s, const struct logrank_row *r)
{
    double y = (double)r->y1 + (double)r->y0;

    return y > 0 ? s * ((y - (double)(r->d1 + r->d0)) / y) : s;
}

static enum status check_rows(const struct logrank_row *rows, const double *time, size_t n,
                              enum proportional_scale scale, struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(time[i]) || (i > 0 && time[i] <= time[i - 1])) {
            return err_set(err, E_NUMERIC, "risk table row %zu: times must be finite and rise", i + 1);
        }
        if (scale == SCALE_LOG && !(time[i] > 0)) {
            return err_set(err, E_NUMERIC, "risk table row %zu: the logarithm needs times above 0", i + 1);
        }
        if (rows[i].d1 < 0 || rows[i].d0 < 0 || rows[i].d1 > rows[i].y1 || rows[i].d0 > rows[i].y0) {
            return err_set(err, E_NUMERIC, "risk table row %zu: events must be 0 to the subjects at risk",
                           i + 1);
        }
    }
    return OK;
}

enum status proportional_test(const struct logrank_row *rows, const double *time, size_t n,
                              enum proportional_scale scale, struct proportional *ret, struct err *err)
{
    struct proportional r;
    double s = 1, all = 0, centre = 0, u = 0, i11 = 0, i12 = 0, i22 = 0, left;
    enum status st = check_rows(rows, time, n, scale, err);

    if (st == OK) {
        st = cox_efron(rows, n, &r.log_hr, err);
    }
    if (st != OK) {
        return st;
    }
    if (!isfinite(r.log_hr)) {
        return err_set(err, E_NUMERIC, "proportionality: the hazard ratio is not finite");
    }
    /* g is centred first, by events: i22 - i12^2 / i11 then subtracts little. */
    for (size_t i = 0; i < n; i++) {
        double d = (double)(rows[i].d1 + rows[i].d0);

        centre += d * scaled(scale, time[i], s);
        all += d;
        s = survival_after(s, &rows[i]);
    }
    centre /= all;
    s = 1;
    for (size_t i = 0; i < n; i++) {
        double mean, variance, g = scaled(scale, time[i], s) - centre;

        tied(&rows[i], r.log_hr, &mean, &variance);
        u += g * ((double)rows[i].d1 - mean);
        i11 += variance;
        i12 += g * variance;
        i22 += g * g * variance;
        s = survival_after(s, &rows[i]);
    }
    left = i22 - i12 * i12 / i11;
    if (!(i11 > 0 && left > 1e-13 * i22 && i22 > 0)) {
        return err_set(err, E_NUMERIC, "proportionality: events with both arms at risk are all at one time");
    }
    r.chisq = u * u / left;
    r.trend = u / left;
    r.p = prob_chisq1(r.chisq, TAIL_UPPER);
    *ret = r;
    return OK;
}
