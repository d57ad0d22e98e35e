/* Typed reads: each message says what is there, what may be there, and what to write. */
#include "base/doc.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

enum { SHOWN = 40 };

/* "'VALUE' WHAT". */
static enum status bad(const struct node *n, struct err *err, const char *what)
{
    struct buf shown = {0};
    size_t len = 0;
    const char *s = node_text(n, &len);
    enum status st;

    text_show(&shown, s, len, SHOWN);
    st = node_error(n, err, "'%s' %s", buf_cstr(&shown), what);
    buf_done(&shown);
    return st;
}

/* A scalar that says something: neither a map nor a list, nor empty, nor YAML's null. */
static enum status scalar(const struct node *n, const char **s, size_t *len, struct err *err)
{
    enum status st = node_expect(n, NODE_SCALAR, err);

    if (st != OK) {
        return st;
    }
    *s = node_text(n, len);
    if (!node_quoted(n) && *len == 0) {
        return node_error(n, err, "is empty; write a value or remove the key");
    }
    if (!node_quoted(n) && (text_is(*s, *len, "null") || text_is(*s, *len, "~"))) {
        return node_error(n, err, "null means nothing here; remove the key, or put the word in quotes");
    }
    return OK;
}

enum status node_str(const struct node *n, const char **ret, struct err *err)
{
    size_t len = 0;
    const char *s = NULL;
    enum status st = scalar(n, &s, &len, err);

    if (st != OK) {
        return st;
    }
    if (memchr(s, '\0', len) != NULL) {
        return node_error(n, err, "holds a NUL character; remove the \\0");
    }
    *ret = s;
    return OK;
}

enum status node_int(const struct node *n, int64_t lo, int64_t hi, int64_t *ret, struct err *err)
{
    struct buf what = {0};
    size_t len = 0;
    const char *s = NULL;
    enum status st = scalar(n, &s, &len, err);
    int64_t v;
    bool number;

    if (st != OK) {
        return st;
    }
    if (node_quoted(n)) {
        return bad(n, err, "is text; write the number without quotes");
    }
    number = text_int(s, len, INT64_MIN, INT64_MAX, &v);
    if (number && v >= lo && v <= hi) {
        *ret = v;
        return OK;
    }
    buf_fmt(&what, "is %s; write ", number ? "out of range" : "not a whole number");
    if (lo == INT64_MIN && hi == INT64_MAX) {
        buf_str(&what, "digits only");
    } else if (hi == INT64_MAX) {
        buf_fmt(&what, "%lld or more", (long long)lo);
    } else if (lo == INT64_MIN) {
        buf_fmt(&what, "%lld or less", (long long)hi);
    } else {
        buf_fmt(&what, "%lld to %lld", (long long)lo, (long long)hi);
    }
    st = bad(n, err, buf_cstr(&what));
    buf_done(&what);
    return st;
}

static void add_range(struct buf *b, double lo, double hi)
{
    if (isinf(lo) && isinf(hi)) {
        buf_str(b, "a number such as 0.05");
        return;
    }
    if (!isinf(lo)) {
        text_add_double(b, lo);
    }
    buf_str(b, isinf(hi) ? " or more" : isinf(lo) ? "at most " : " to ");
    if (!isinf(hi)) {
        text_add_double(b, hi);
    }
}

enum status node_double(const struct node *n, double lo, double hi, double *ret, struct err *err)
{
    struct buf what = {0};
    size_t len = 0;
    const char *s = NULL;
    enum status st = scalar(n, &s, &len, err);
    bool number;
    double v = 0;

    if (st != OK) {
        return st;
    }
    if (node_quoted(n)) {
        return bad(n, err, "is text; write the number without quotes");
    }
    number = text_double(s, len, &v);
    if (number && v >= lo && v <= hi) {
        *ret = v;
        return OK;
    }
    if (number) {
        buf_str(&what, "is out of range; write ");
        add_range(&what, lo, hi);
    } else if (s[len - 1] == '%') {
        buf_str(&what, hi <= 1 ? "is a percentage; write it as a fraction: 0.05, not 5%"
                               : "has a % sign; write the number alone");
    } else if (memchr(s, ',', len) != NULL) {
        buf_str(&what, "is not a number; write the decimals after a point: 0.05");
    } else {
        buf_str(&what, "is not a number; write ");
        add_range(&what, lo, hi);
    }
    st = bad(n, err, buf_cstr(&what));
    buf_done(&what);
    return st;
}

enum status node_bool(const struct node *n, bool *ret, struct err *err)
{
    size_t len = 0;
    const char *s = NULL;
    enum status st = scalar(n, &s, &len, err);

    if (st != OK) {
        return st;
    }
    if (!node_quoted(n) && len == 4 && memcmp(s, "true", 4) == 0) {
        *ret = true;
        return OK;
    }
    if (!node_quoted(n) && len == 5 && memcmp(s, "false", 5) == 0) {
        *ret = false;
        return OK;
    }
    if (node_quoted(n) && (text_is(s, len, "true") || text_is(s, len, "false"))) {
        return bad(n, err, "is text; write true or false without quotes");
    }
    if (text_is(s, len, "yes") || text_is(s, len, "on") || text_is(s, len, "y")) {
        return bad(n, err, "is not taken for a truth value; write true");
    }
    if (text_is(s, len, "no") || text_is(s, len, "off") || text_is(s, len, "n")) {
        return bad(n, err, "is not taken for a truth value; write false");
    }
    return bad(n, err, "is not a truth value; write true or false");
}

enum status node_enum(const struct node *n, const char *const words[], int *ret, struct err *err)
{
    struct buf what = {0};
    size_t len = 0, count = 0;
    const char *s = NULL, *near;
    enum status st = scalar(n, &s, &len, err);

    if (st != OK) {
        return st;
    }
    for (; words[count] != NULL; count++) {
        if (strlen(words[count]) == len && memcmp(words[count], s, len) == 0) {
            *ret = (int)count;
            return OK;
        }
    }
    near = text_nearest(s, len, words, count);
    buf_str(&what, "is not a choice; write ");
    for (size_t i = 0; i < count; i++) {
        buf_fmt(&what, "%s%s", i == 0 ? "" : i + 1 == count ? " or " : ", ", words[i]);
    }
    if (near != NULL) {
        buf_fmt(&what, " (did you mean %s?)", near);
    }
    st = bad(n, err, buf_cstr(&what));
    buf_done(&what);
    return st;
}

static const struct unit {
    const char *name;
    int64_t us;
} units[] = {{"d", US_PER_DAY},
             {"h", INT64_C(3600000000)},
             {"min", INT64_C(60000000)},
             {"s", INT64_C(1000000)},
             {"ms", INT64_C(1000)}};

enum { N_UNITS = sizeof units / sizeof units[0] };

static void add_duration(struct buf *b, int64_t us)
{
    size_t i = 0;

    if (us == 0) {
        buf_str(b, "0 s");
        return;
    }
    while (i + 1 < N_UNITS && us % units[i].us != 0) {
        i++;
    }
    buf_fmt(b, "%lld %s", (long long)(us / units[i].us), units[i].name);
}

enum duration_fault { DURATION_OK, DURATION_NUMBER, DURATION_NO_UNIT, DURATION_UNIT, DURATION_HUGE };

static enum duration_fault parse_duration(const char *s, size_t len, int64_t *ret)
{
    size_t digits = 0, at;
    int64_t v;

    while (digits < len && s[digits] >= '0' && s[digits] <= '9') {
        digits++;
    }
    if (digits == 0) {
        return DURATION_NUMBER;
    }
    if (!text_int(s, digits, 0, INT64_MAX, &v)) {
        return DURATION_HUGE;
    }
    for (at = digits; at < len && s[at] == ' '; at++) {
    }
    if (at == len) {
        return DURATION_NO_UNIT;
    }
    for (size_t i = 0; i < N_UNITS; i++) {
        if (strlen(units[i].name) == len - at && memcmp(units[i].name, s + at, len - at) == 0) {
            return __builtin_mul_overflow(v, units[i].us, ret) ? DURATION_HUGE : DURATION_OK;
        }
    }
    return DURATION_UNIT;
}

enum status node_duration(const struct node *n, int64_t lo_us, int64_t hi_us, int64_t *ret, struct err *err)
{
    struct buf what = {0};
    size_t len = 0;
    const char *s = NULL;
    enum status st = scalar(n, &s, &len, err);
    enum duration_fault fault;
    int64_t us = 0;

    if (st != OK) {
        return st;
    }
    fault = parse_duration(s, len, &us);
    if (fault == DURATION_OK && us >= lo_us && us <= hi_us) {
        *ret = us;
        return OK;
    }
    switch (fault) {
    case DURATION_NUMBER:
        buf_str(&what,
                "is not a duration; write a whole number and its unit: ms, s, min, h or d, as in 30 s");
        break;
    case DURATION_NO_UNIT:
        buf_str(&what, "has no unit; write ms, s, min, h or d after the number, as in ");
        buf_add(&what, s, len < 9 ? len : 9);
        buf_str(&what, " s");
        break;
    case DURATION_UNIT:
        buf_str(&what,
                "is not one whole number and its unit; write ms, s, min, h or d after it, as in 5 min");
        break;
    case DURATION_OK:
    case DURATION_HUGE:
        buf_str(&what, "is out of range; write ");
        add_duration(&what, lo_us);
        buf_str(&what, hi_us == INT64_MAX ? " or more" : " to ");
        if (hi_us != INT64_MAX) {
            add_duration(&what, hi_us);
        }
        break;
    }
    st = bad(n, err, buf_cstr(&what));
    buf_done(&what);
    return st;
}

/* KEY of MAP, NULL when absent. */
static enum status optional(const struct node *map, const char *key, struct node **ret, struct err *err)
{
    enum status st = node_expect(map, NODE_MAP, err);

    *ret = st == OK ? node_get(map, key) : NULL;
    return st;
}

enum status node_get_str(const struct node *map, const char *key, const char **ret, struct err *err)
{
    struct node *n;
    enum status st = optional(map, key, &n, err);

    return n == NULL ? st : node_str(n, ret, err);
}

enum status node_get_int(const struct node *map, const char *key, int64_t lo, int64_t hi, int64_t *ret,
                         struct err *err)
{
    struct node *n;
    enum status st = optional(map, key, &n, err);

    return n == NULL ? st : node_int(n, lo, hi, ret, err);
}

enum status node_get_double(const struct node *map, const char *key, double lo, double hi, double *ret,
                            struct err *err)
{
    struct node *n;
    enum status st = optional(map, key, &n, err);

    return n == NULL ? st : node_double(n, lo, hi, ret, err);
}

enum status node_get_bool(const struct node *map, const char *key, bool *ret, struct err *err)
{
    struct node *n;
    enum status st = optional(map, key, &n, err);

    return n == NULL ? st : node_bool(n, ret, err);
}

enum status node_get_enum(const struct node *map, const char *key, const char *const words[], int *ret,
                          struct err *err)
{
    struct node *n;
    enum status st = optional(map, key, &n, err);

    return n == NULL ? st : node_enum(n, words, ret, err);
}

enum status node_get_duration(const struct node *map, const char *key, int64_t lo_us, int64_t hi_us,
                              int64_t *ret, struct err *err)
{
    struct node *n;
    enum status st = optional(map, key, &n, err);

    return n == NULL ? st : node_duration(n, lo_us, hi_us, ret, err);
}
