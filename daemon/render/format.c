#include "render/format.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char not_estimable[] = "not estimable";

/* The exponent of v > 0 rounded to `digits` significant digits: 0.0996 to two digits is 0.10, so -1. */
static int exponent_of(double v, int digits)
{
    int x = (int)floor(log10(v));

    return round(v / pow(10, x - digits + 1)) >= pow(10, digits) ? x + 1 : x;
}

void fmt_significant(struct buf *out, double v, int digits)
{
    int x, decimals;

    if (isnan(v)) {
        buf_str(out, not_estimable);
        return;
    }
    if (isinf(v)) {
        buf_str(out, v > 0 ? "infinite" : "minus infinite");
        return;
    }
    if (v == 0) {
        buf_str(out, "0");
        return;
    }
    x = exponent_of(fabs(v), digits);
    if (x < -4 || x >= 6) {
        buf_fmt(out, "%.*f x 10^%d", digits - 1, v / pow(10, x), x);
        return;
    }
    decimals = digits - 1 - x;
    if (decimals < 0) {
        double unit = pow(10, -decimals);

        buf_fmt(out, "%.0f", round(v / unit) * unit);
    } else {
        buf_fmt(out, "%.*f", decimals, v);
    }
}

void fmt_p_value(struct buf *out, double p)
{
    if (!(p >= 0 && p <= 1)) {
        buf_str(out, not_estimable);
    } else if (p < 0.0001) {
        buf_str(out, "< 0.0001");
    } else {
        fmt_significant(out, p, 2);
    }
}

void fmt_p(struct buf *out, double p)
{
    buf_str(out, !(p >= 0 && p <= 1) ? "p " : p < 0.0001 ? "p " : "p = ");
    fmt_p_value(out, p);
}

void fmt_alpha(struct buf *out, double alpha)
{
    if (alpha > 0 && alpha < 0.0001) {
        buf_str(out, "< 0.0001");
    } else {
        fmt_significant(out, alpha, 3);
    }
}

void fmt_percent(struct buf *out, int64_t x, int64_t n)
{
    double v = n > 0 ? 100.0 * (double)x / (double)n : 0;

    if (n <= 0) {
        buf_str(out, "-");
    } else if (x == 0 || x == n) {
        buf_str(out, x == 0 ? "0 %" : "100 %");
    } else if (v < 0.05) {
        buf_str(out, "< 0.1 %");
    } else if (v >= 99.95) {
        buf_str(out, "> 99.9 %");
    } else {
        buf_fmt(out, "%.1f %%", v);
    }
}

void fmt_count(struct buf *out, int64_t x, int64_t n)
{
    buf_fmt(out, "%lld/%lld (", (long long)x, (long long)n);
    fmt_percent(out, x, n);
    buf_char(out, ')');
}

void fmt_e_value(struct buf *out, double log_e)
{
    if (isnan(log_e)) {
        buf_str(out, not_estimable);
    } else if (log_e < log(0.001)) {
        buf_str(out, "< 0.001");
    } else if (log_e > 700) {
        buf_str(out, "> 10^300"); /* exp would overflow */
    } else {
        fmt_significant(out, exp(log_e), 3);
    }
}

void fmt_fixed(struct buf *out, double v, int decimals)
{
    if (isnan(v)) {
        buf_str(out, not_estimable);
    } else if (isinf(v)) {
        buf_str(out, v > 0 ? "infinite" : "minus infinite");
    } else {
        struct buf b = {0};
        const char *s;

        buf_fmt(&b, "%.*f", decimals, v);
        s = buf_cstr(&b);
        /* -0.0 says no more than 0.0 and looks like a mistake. */
        buf_str(out, s[0] == '-' && s[strspn(s, "-0.")] == '\0' ? s + 1 : s);
        out->failed = out->failed || b.failed;
        buf_done(&b);
    }
}

void fmt_rate(struct buf *out, double v)
{
    fmt_fixed(out, v, fabs(v) >= 9.995 ? 1 : 2);
}

/* Ratios reach from 0.01 to thousands: three significant digits, at most two decimals. */
static void ratio(struct buf *out, double v)
{
    if (isfinite(v) && v >= 99.995) {
        fmt_significant(out, v, 3);
    } else {
        fmt_fixed(out, v, isfinite(v) && v >= 9.995 ? 1 : 2);
    }
}

void fmt_ratio(struct buf *out, const struct estimate *e)
{
    if (isnan(e->value)) { /* no event on either side: the limits 0 and infinity say as much */
        buf_str(out, not_estimable);
        return;
    }
    ratio(out, e->value);
    if (isinf(e->hi) && e->hi > 0) {
        buf_str(out, e->lo > 0 ? " (at least " : " (no limit");
        if (e->lo > 0) {
            ratio(out, e->lo);
        }
        buf_char(out, ')');
        return;
    }
    buf_str(out, " (");
    ratio(out, e->lo);
    buf_str(out, " to ");
    ratio(out, e->hi);
    buf_char(out, ')');
}

void fmt_points(struct buf *out, const struct estimate *e)
{
    if (e->value > 0) {
        buf_char(out, '+');
    }
    fmt_fixed(out, 100 * e->value, 1);
    buf_str(out, " (");
    fmt_fixed(out, 100 * e->lo, 1);
    buf_str(out, " to ");
    fmt_fixed(out, 100 * e->hi, 1);
    buf_char(out, ')');
}

void fmt_instant(struct buf *out, instant_t t)
{
    char s[28];

    if (t == INSTANT_NONE) {
        buf_str(out, "unknown");
        return;
    }
    instant_format(t, s); /* 2024-05-01T12:00:00.000000Z */
    buf_add(out, s, 10);
    buf_char(out, ' ');
    buf_add(out, s + 11, 5);
    buf_str(out, " UTC");
}

void fmt_day(struct buf *out, day_t d)
{
    char s[11];

    if (d == DAY_NONE) {
        buf_str(out, "unknown");
        return;
    }
    day_format(d, s);
    buf_str(out, s);
}

void fmt_pdate(struct buf *out, const struct pdate *d)
{
    char s[11];

    if (d->prec == DATE_ABSENT || d->first == DAY_NONE) {
        buf_str(out, "unknown");
        return;
    }
    day_format(d->first, s);
    buf_add(out, s, d->prec == DATE_YEAR ? 4 : d->prec == DATE_MONTH ? 7 : 10);
}
