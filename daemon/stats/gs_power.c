#include "stats/gs_power.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/dist.h"
#include "stats/gs_adjust.h"
#include "stats/gs_cross.h"
#include "stats/quad.h"
#include "stats/rng.h"

/* The rest of the trial as a trial of its own, starting from 0 at the last look. */
struct rest {
    size_t k;
    double *info, *lower, *upper, *p_upper, *p_lower;
};

static void rest_done(struct rest *r)
{
    free(r->info);
}

static enum status rest_init(struct rest *r, size_t k, const double *info, const double *lower,
                             const double *upper, size_t done, double z, struct err *err)
{
    double *mem, s;

    if (done < 1 || done >= k) {
        return err_set(err, E_NUMERIC, "looks done are %zu, must be 1 to one less than the %zu planned", done,
                       k);
    }
    if (!isfinite(z) || !(info[done - 1] > 0)) {
        return err_set(err, E_NUMERIC, "the statistic must be finite and its information above 0");
    }
    r->k = k - done;
    mem = calloc(5 * r->k, sizeof *mem);
    if (mem == NULL) {
        return err_set(err, E_NOMEM, "power of %zu looks", r->k);
    }
    r->info = mem;
    r->lower = mem + r->k;
    r->upper = mem + 2 * r->k;
    r->p_upper = mem + 3 * r->k;
    r->p_lower = mem + 4 * r->k;
    s = z * sqrt(info[done - 1]);
    for (size_t i = 0; i < r->k; i++) {
        double at = info[done + i], d = at - info[done - 1];

        if (!(d > 0 && isfinite(d))) {
            rest_done(r);
            return err_set(err, E_NUMERIC, "look %zu: information must rise", done + i + 1);
        }
        r->info[i] = d;
        r->lower[i] = (lower[done + i] * sqrt(at) - s) / sqrt(d);
        r->upper[i] = (upper[done + i] * sqrt(at) - s) / sqrt(d);
    }
    return OK;
}

static enum status power_at(const struct rest *r, double theta, double *ret, struct err *err)
{
    double expected, sum = 0;
    enum status st =
        gs_cross(r->k, r->info, r->lower, r->upper, theta, r->p_upper, r->p_lower, &expected, err);

    if (st != OK) {
        return st;
    }
    for (size_t i = 0; i < r->k; i++) {
        sum += r->p_upper[i];
    }
    *ret = fmin(1, sum);
    return OK;
}

enum status gs_conditional_power(size_t k, const double *info, const double *lower, const double *upper,
                                 size_t done, double z, double theta, double *ret, struct err *err)
{
    struct rest r = {0};
    enum status st = rest_init(&r, k, info, lower, upper, done, z, err);

    if (st == OK) {
        st = power_at(&r, theta, ret, err);
        rest_done(&r);
    }
    return st;
}

enum status gs_predictive_power(size_t k, const double *info, const double *lower, const double *upper,
                                size_t done, double z, double *ret, struct err *err)
{
    enum { POINTS = 96 };
    double x[POINTS], w[POINTS], sum = 0, scale = 9;
    struct rest r = {0};
    enum status st = rest_init(&r, k, info, lower, upper, done, z, err);

    if (st != OK) {
        return st;
    }
    /* Nine standard deviations to either side: what is beyond weighs 1e-19. */
    quad_legendre(POINTS, x, w);
    for (size_t i = 0; st == OK && i < POINTS; i++) {
        double u = scale * x[i], p = 0;

        st = power_at(&r, (z + u) / sqrt(info[done - 1]), &p, err);
        sum += p * w[i] * scale * density_normal(u);
    }
    rest_done(&r);
    if (st == OK) {
        *ret = fmin(1, sum);
    }
    return st;
}

enum status gs_overrun_deletion_p(size_t stage, const double *info, const double *lower, const double *upper,
                                  double info_over, double z_over, double *ret, struct err *err)
{
    double *looks, up, down;
    enum status st;

    if (stage < 1 || !(info_over > info[stage - 1] && isfinite(info_over)) || !isfinite(z_over)) {
        return err_set(err, E_NUMERIC,
                       "over-run information must be above that of the crossing, and its statistic finite");
    }
    looks = calloc(stage, sizeof *looks);
    if (looks == NULL) {
        return err_set(err, E_NOMEM, "over-running");
    }
    memcpy(looks, info, stage * sizeof *looks);
    looks[stage - 1] = info_over;
    st = gs_stagewise(stage, looks, lower, upper, z_over, 0, &up, &down, err);
    free(looks);
    if (st == OK) {
        *ret = up;
    }
    return st;
}

enum status gs_overrun_weighted_z(double info_stop, double p_stagewise, double info_over, double z_increment,
                                  double *ret, struct err *err)
{
    double z, share = info_stop / info_over;
    enum status st;

    if (!(info_stop > 0 && info_over > info_stop && isfinite(info_over)) || !isfinite(z_increment)) {
        return err_set(err, E_NUMERIC,
                       "over-run information must be above that of the crossing, and its statistic finite");
    }
    st = quant_normal(p_stagewise, TAIL_UPPER, &z, err);
    if (st == OK) {
        *ret = sqrt(share) * z + sqrt(1 - share) * z_increment;
    }
    return st;
}

enum status gs_simulate(size_t k, const double *info, const double *lower, const double *upper, double theta,
                        int64_t trials, uint64_t seed, double *p_upper, double *p_lower,
                        double *expected_info, struct err *err)
{
    double *mem, *mean, *sd, *up, *down, n = (double)trials, total = 0;
    struct rng rng;

    if (k < 1 || trials < 1) {
        return err_set(err, E_NUMERIC, "a simulation needs a look and a trial");
    }
    for (size_t i = 0; i < k; i++) {
        if (!(info[i] > (i > 0 ? info[i - 1] : 0) && isfinite(info[i])) || isnan(lower[i]) ||
            isnan(upper[i])) {
            return err_set(err, E_NUMERIC, "look %zu: information must rise, and bounds be numbers", i + 1);
        }
    }
    if (!isfinite(theta)) {
        return err_set(err, E_NUMERIC, "the drift must be finite");
    }
    mem = calloc(6 * k, sizeof *mem);
    if (mem == NULL) {
        return err_set(err, E_NOMEM, "simulation");
    }
    mean = mem;
    sd = mem + k;
    up = mem + 2 * k;
    down = mem + 3 * k;
    for (size_t i = 0; i < k; i++) {
        double d = info[i] - (i > 0 ? info[i - 1] : 0);

        mean[i] = theta * d;
        sd[i] = sqrt(d);
        up[i] = upper[i] * sqrt(info[i]);
        down[i] = lower[i] * sqrt(info[i]);
    }
    rng_init(&rng, seed);
    for (int64_t r = 0; r < trials; r++) {
        double s = 0;
        size_t i = 0;

        for (;; i++) {
            s += mean[i] + sd[i] * rng_normal(&rng);
            if (s >= up[i]) {
                mem[4 * k + i]++;
                break;
            }
            if (s <= down[i]) {
                mem[5 * k + i]++;
                break;
            }
            if (i + 1 == k) {
                break;
            }
        }
        total += info[i];
    }
    for (size_t i = 0; i < k; i++) {
        p_upper[i] = mem[4 * k + i] / n;
        p_lower[i] = mem[5 * k + i] / n;
    }
    *expected_info = total / n;
    free(mem);
    return OK;
}
