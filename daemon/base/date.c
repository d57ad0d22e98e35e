#include "base/date.h"

#include <string.h>

enum { YEAR_MIN = 1900, YEAR_MAX = 2199 };

#define US_PER_SECOND INT64_C(1000000)

static int month_days(int y, int m)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;

    return days[m - 1] + (m == 2 && leap ? 1 : 0);
}

day_t day_from_ymd(int y, int m, int d)
{
    int era, yoe, doy, doe;

    if (y < YEAR_MIN || y > YEAR_MAX || m < 1 || m > 12 || d < 1 || d > month_days(y, m)) {
        return DAY_NONE;
    }
    /* Years counted from March, so that the leap day is the last of its year (H. Hinnant, days_from_civil). */
    y -= m <= 2 ? 1 : 0;
    era = y / 400;
    yoe = y - era * 400;
    doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
    doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return (day_t)(era * 146097 + doe - 719468);
}

void day_to_ymd(day_t day, int *y, int *m, int *d)
{
    int64_t z = (int64_t)day + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;

    *d = (int)(doy - (153 * mp + 2) / 5 + 1);
    *m = (int)(mp < 10 ? mp + 3 : mp - 9);
    *y = (int)(yoe + era * 400 + (*m <= 2 ? 1 : 0));
}

static void put_digits(char *out, int v, int n)
{
    for (int i = n - 1; i >= 0; i--) {
        out[i] = (char)('0' + v % 10);
        v /= 10;
    }
}

void day_format(day_t day, char out[11])
{
    int y, m, d;

    out[0] = '\0';
    if (day == DAY_NONE) {
        return;
    }
    day_to_ymd(day, &y, &m, &d);
    if (y < 0 || y > 9999) {
        return;
    }
    memcpy(out, "yyyy-mm-dd", 11);
    put_digits(out, y, 4);
    put_digits(out + 5, m, 2);
    put_digits(out + 8, d, 2);
}

/* A reader of fixed digits; every step says whether it matched. */
struct cursor {
    const char *s, *end;
};

static bool digits(struct cursor *c, int n, int *ret)
{
    int v = 0;

    if (c->end - c->s < n) {
        return false;
    }
    for (int i = 0; i < n; i++) {
        if (c->s[i] < '0' || c->s[i] > '9') {
            return false;
        }
        v = v * 10 + (c->s[i] - '0');
    }
    c->s += n;
    *ret = v;
    return true;
}

static bool take(struct cursor *c, char ch)
{
    if (c->s == c->end || *c->s != ch) {
        return false;
    }
    c->s++;
    return true;
}

static bool at_end(const struct cursor *c)
{
    return c->s == c->end;
}

/* Two digits in [lo, hi], or SDTM's "-" for a missing part (*ret becomes -1). */
static bool part(struct cursor *c, int lo, int hi, int *ret)
{
    if (take(c, '-')) {
        *ret = -1;
        return true;
    }
    return digits(c, 2, ret) && *ret >= lo && *ret <= hi;
}

/* ".ffffff": at most `most` digits, in microseconds. */
static bool fraction(struct cursor *c, int most, int *us)
{
    int n = 0, v = 0, digit;

    while (n < most && digits(c, 1, &digit)) {
        v = n < 6 ? v * 10 + digit : v;
        n++;
    }
    for (int i = n; i < 6; i++) {
        v *= 10;
    }
    *us = v;
    return n > 0;
}

/* Nothing, Z, or an offset: +hh, +hhmm, +hh:mm. */
static bool zone(struct cursor *c, int *minutes)
{
    int h, m = 0;
    bool west;

    *minutes = 0;
    if (at_end(c) || take(c, 'Z')) {
        return at_end(c);
    }
    west = take(c, '-');
    if (!west && !take(c, '+')) {
        return false;
    }
    if (!digits(c, 2, &h) || h > 15) {
        return false;
    }
    if (!at_end(c)) {
        (void)take(c, ':');
        if (!digits(c, 2, &m) || m > 59) {
            return false;
        }
    }
    *minutes = (west ? -1 : 1) * (h * 60 + m);
    return at_end(c);
}

/* hh[:mm[:ss[.f]]][zone], where each part may be missing; *known tells whether the hour is there. */
static bool time_of_day(struct cursor *c, bool *known)
{
    int h, m, s, us, minutes;

    if (!part(c, 0, 23, &h)) {
        return false;
    }
    if (take(c, ':')) {
        if (!part(c, 0, 59, &m)) {
            return false;
        }
        if (take(c, ':')) {
            if (!part(c, 0, 60, &s) || (take(c, '.') && (s < 0 || !fraction(c, 9, &us)))) {
                return false;
            }
        }
    }
    *known = h >= 0;
    return zone(c, &minutes);
}

static bool blank(char ch)
{
    return ch == ' ' || (ch >= '\t' && ch <= '\r');
}

static bool span(int y, int m, int d, struct pdate *ret)
{
    bool month = m > 0, day = month && d > 0;
    struct pdate p = {.prec = day ? DATE_DAY : month ? DATE_MONTH : DATE_YEAR};

    if (y < YEAR_MIN || y > YEAR_MAX) {
        return false;
    }
    p.first = day_from_ymd(y, month ? m : 1, day ? d : 1);
    p.last = day_from_ymd(y, month ? m : 12, day ? d : month ? month_days(y, m) : 31);
    if (p.first == DAY_NONE || p.last == DAY_NONE) {
        return false;
    }
    *ret = p;
    return true;
}

bool pdate_parse(const char *s, size_t len, struct pdate *ret)
{
    struct cursor c = {.s = s, .end = s + len};
    struct pdate p = {.first = DAY_NONE, .last = DAY_NONE, .prec = DATE_ABSENT};
    int y, m = -1, d = -1;
    bool hour = false;

    while (c.s < c.end && blank(c.s[0])) {
        c.s++;
    }
    while (c.s < c.end && blank(c.end[-1])) {
        c.end--;
    }
    if (at_end(&c)) {
        *ret = p;
        return true;
    }
    if (!digits(&c, 4, &y)) {
        return false;
    }
    if (take(&c, '-')) {
        if (!part(&c, 1, 12, &m)) {
            return false;
        }
        if (take(&c, '-')) {
            if (!part(&c, 1, 31, &d)) {
                return false;
            }
            if (take(&c, 'T') || take(&c, ' ')) {
                if (!time_of_day(&c, &hour)) {
                    return false;
                }
            }
        }
    }
    if (!at_end(&c) || !span(y, m, d, &p)) {
        return false;
    }
    if (p.prec == DATE_DAY && hour) {
        p.prec = DATE_TIME;
    }
    *ret = p;
    return true;
}

static bool ymd(struct cursor *c, day_t *ret)
{
    int y, m, d;
    day_t day;

    if (!digits(c, 4, &y) || !take(c, '-') || !digits(c, 2, &m) || !take(c, '-') || !digits(c, 2, &d)) {
        return false;
    }
    day = day_from_ymd(y, m, d);
    if (day == DAY_NONE) {
        return false;
    }
    *ret = day;
    return true;
}

bool day_parse(const char *s, size_t len, day_t *ret)
{
    struct cursor c = {.s = s, .end = s + len};
    day_t day;

    if (!ymd(&c, &day) || !at_end(&c)) {
        return false;
    }
    *ret = day;
    return true;
}

day_t instant_day(instant_t t)
{
    int64_t d = t / US_PER_DAY;

    if (t == INSTANT_NONE) {
        return DAY_NONE;
    }
    return (day_t)(t % US_PER_DAY < 0 ? d - 1 : d);
}

instant_t day_start(day_t day)
{
    instant_t t;

    return day == DAY_NONE || __builtin_mul_overflow((int64_t)day, US_PER_DAY, &t) ? INSTANT_NONE : t;
}

void instant_format(instant_t t, char out[28])
{
    day_t day = instant_day(t);
    int64_t us;
    int second;

    day_format(day, out);
    if (out[0] == '\0') {
        return;
    }
    us = t - day_start(day);
    second = (int)(us / US_PER_SECOND);
    memcpy(out + 10, "Thh:mm:ss.ffffffZ", 18);
    put_digits(out + 11, second / 3600, 2);
    put_digits(out + 14, second / 60 % 60, 2);
    put_digits(out + 17, second % 60, 2);
    put_digits(out + 20, (int)(us % US_PER_SECOND), 6);
}

void instant_rfc5322(instant_t t, char out[INSTANT_RFC5322])
{
    static const char weekday[] = "ThuFriSatSunMonTueWed"; /* day 0 was a Thursday */
    static const char month[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char iso[28];
    int y, m, d, w;

    instant_format(t, iso);
    out[0] = '\0';
    if (iso[0] == '\0') {
        return;
    }
    day_to_ymd(instant_day(t), &y, &m, &d);
    w = (int)instant_day(t) % 7;
    memcpy(out, "www, dd mmm yyyy hh:mm:ss +0000", INSTANT_RFC5322);
    memcpy(out, weekday + 3 * (w < 0 ? w + 7 : w), 3);
    memcpy(out + 5, iso + 8, 2);
    memcpy(out + 8, month + 3 * (m - 1), 3);
    memcpy(out + 12, iso, 4);
    memcpy(out + 17, iso + 11, 8);
}

bool instant_parse(const char *s, size_t len, instant_t *ret)
{
    struct cursor c = {.s = s, .end = s + len};
    int h = 0, m = 0, sec = 0, us = 0, minutes = 0;
    day_t day;

    if (!ymd(&c, &day)) {
        return false;
    }
    if (!at_end(&c)) {
        if ((!take(&c, 'T') && !take(&c, ' ')) || !digits(&c, 2, &h) || h > 23 || !take(&c, ':') ||
            !digits(&c, 2, &m) || m > 59) {
            return false;
        }
        if (take(&c, ':') && (!digits(&c, 2, &sec) || sec > 60 || (take(&c, '.') && !fraction(&c, 6, &us)))) {
            return false;
        }
        if (!zone(&c, &minutes)) {
            return false;
        }
    }
    *ret = day_start(day) + ((h * 60 + m - minutes) * INT64_C(60) + sec) * US_PER_SECOND + us;
    return true;
}

day_t day_add_months(day_t day, int months)
{
    int y, m, d;
    int64_t n;

    if (day == DAY_NONE) {
        return DAY_NONE;
    }
    day_to_ymd(day, &y, &m, &d);
    n = (int64_t)y * 12 + (m - 1) + months;
    if (n < (int64_t)YEAR_MIN * 12 || n >= ((int64_t)YEAR_MAX + 1) * 12) {
        return DAY_NONE;
    }
    y = (int)(n / 12);
    m = (int)(n % 12) + 1;
    return day_from_ymd(y, m, d > month_days(y, m) ? month_days(y, m) : d);
}
