/*
 * test_stats_ref.h - reference tables for the tests of stats: a CSV by column name.
 */
#ifndef DSMB_TESTS_STATS_REF_H
#define DSMB_TESTS_STATS_REF_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/text.h"
#include "stats/num.h"
#include "support/t.h"

enum { REF_LIST_MAX = 1024 };

/* NULL when the shared folder is not there: the caller skips. */
static inline struct csv *ref_open(const char *rel)
{
    char *path = t_shared(rel), *bytes;
    struct csv *c = NULL;
    struct err err = {0};
    size_t len;

    if (path == NULL) {
        return NULL;
    }
    bytes = t_slurp(path, &len);
    assert_ok(csv_parse(rel, bytes, len, &c, &err), err);
    free(bytes);
    free(path);
    return c;
}

static inline const char *ref_text(const struct csv *c, size_t row, const char *column)
{
    int col = csv_find(c, column);

    assert_true(col >= 0);
    return csv_cell(c, row, (size_t)col, NULL);
}

/* NaN for NA and empty. */
static inline double ref_num(const struct csv *c, size_t row, const char *column)
{
    const char *s = ref_text(c, row, column);
    double v = NUM_NAN;

    if (*s != '\0' && strcmp(s, "NA") != 0) {
        assert_true(text_double(s, strlen(s), &v));
    }
    return v;
}

static inline long ref_int(const struct csv *c, size_t row, const char *column)
{
    return (long)ref_num(c, row, column);
}

static inline size_t ref_list(const struct csv *c, size_t row, const char *column, double *out)
{
    const char *s = ref_text(c, row, column);
    size_t n = 0;

    while (*s != '\0') {
        size_t len = strcspn(s, ";");

        assert_true(n < REF_LIST_MAX);
        assert_true(text_double(s, len, &out[n]));
        n++;
        s += len + (s[len] == ';');
    }
    return n;
}

#endif
