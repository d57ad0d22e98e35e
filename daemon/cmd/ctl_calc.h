/*
 * ctl_calc.h - the calculator behind `dsmbctl calc` and `dsmbctl validate`.
 *
 * A set is a table: inputs are read by column name, outputs are added as `calc_` + name, rows keep their order and all
 * other columns pass through.  Cells are text; lists inside a cell are separated by `;`, NA and empty mean absent.
 * Blanks around a name, a cell or a value of a list mean nothing; what passes through keeps them.
 */
#ifndef DSMB_CMD_CTL_CALC_H
#define DSMB_CMD_CTL_CALC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/csv.h"
#include "base/err.h"
#include "stats/spending.h"

struct calc {
    const char *file; /* for messages */
    const struct csv *in;
    size_t rows, cols, n_out;
    char **cells; /* rows * n_out results, NULL: absent; owned */
    /* Names of columns, then rows, without blanks about them: in the table's own bytes or in `trimmed`; owned. */
    const char **text;
    char *trimmed;
};

struct calc_set {
    const char *name;
    const char *const *out;  /* names of the output columns, NULL at the end */
    const char *const *need; /* input columns that every row needs, NULL at the end */
    enum status (*run)(struct calc *c, struct err *err);
};

/* NULL when there is no such set; logrank, which is JSON, is not among them. */
const struct calc_set *calc_find(const char *name);
const struct calc_set *calc_all(size_t *n);
enum status calc_run(const struct calc_set *set, const char *file, const struct csv *in, struct calc *ret,
                     struct err *err);
void calc_done(struct calc *c);
/* The input with the results added, as CSV. */
void calc_write(const struct calc_set *set, const struct calc *c, struct buf *out);
/* JSON in, JSON out: an array of data sets, or one, each with its results added. */
enum status calc_logrank(const char *file, const char *bytes, size_t len, struct buf *out, struct err *err);

/* Reading a row.  Errors: "FILE:LINE: column NAME: ...". */
const char *calc_text(const struct calc *c, size_t row,
                      const char *column); /* "" when there is no such column */
bool calc_absent(const struct calc *c, size_t row, const char *column);
enum status calc_num(const struct calc *c, size_t row, const char *column, double *ret, struct err *err);
/* NaN when absent. */
enum status calc_num_or_na(const struct calc *c, size_t row, const char *column, double *ret,
                           struct err *err);
/* `range` is what the message says and what is checked: "(0, 1)", "[0, 1e9]"; round: without that end. */
enum status calc_num_in(const struct calc *c, size_t row, const char *column, const char *range, double *ret,
                        struct err *err);
enum status calc_int(const struct calc *c, size_t row, const char *column, int64_t lo, int64_t hi,
                     int64_t *ret, struct err *err);
/*
 * *list is the caller's (free()).  Each value lies in `range` and, with growth >= 0, above the one before by `growth` of
 * itself (0: or equals it); growth < 0: in any order.  Counts rise when `rising`.
 */
enum status calc_list(const struct calc *c, size_t row, const char *column, const char *range, double growth,
                      double **list, size_t *n, struct err *err);
enum status calc_int_list(const struct calc *c, size_t row, const char *column, int64_t lo, int64_t hi,
                          bool rising, int64_t **list, size_t *n, struct err *err);
/* Puts file and line before a failure of the numbers of a row. */
enum status calc_row_failed(const struct calc *c, size_t row, enum status st, struct err *err);
/* Spending functions by the names of the sets: LDOF or asOF, LDPocock or asP, HSD, KD, EXP. */
bool calc_spending(const char *name, struct spending *ret);
/* Below, increments of alpha leave the range of a double. */
#define ALPHA_RANGE "[1e-100, 1)"
#define HSD_RANGE   "[-1000, 1000]"
/* What its parameter may be, for calc_num_in(); NULL when it has none. */
const char *calc_spending_range(const struct spending *s);
/* Whether the rows have the same text in all these columns (NULL at the end). */
bool calc_same(const struct calc *c, size_t a, size_t b, const char *const *columns);

enum status calc_put(struct calc *c, size_t row, size_t out, double v, struct err *err);
enum status calc_put_text(struct calc *c, size_t row, size_t out, const char *s, struct err *err);
enum status calc_put_list(struct calc *c, size_t row, size_t out, const double *v, size_t n, struct err *err);

enum status calc_boundaries(struct calc *c, struct err *err);
enum status calc_crossing(struct calc *c, struct err *err);
enum status calc_inflation(struct calc *c, struct err *err);
enum status calc_adjusted(struct calc *c, struct err *err);
enum status calc_futility(struct calc *c, struct err *err);
enum status calc_exact(struct calc *c, struct err *err);
enum status calc_exact_spending(struct calc *c, struct err *err);
enum status calc_maxsprt(struct calc *c, struct err *err);
enum status calc_bayes(struct calc *c, struct err *err);
enum status calc_eprocess(struct calc *c, struct err *err);
enum status calc_evalue2x2(struct calc *c, struct err *err);
enum status calc_single_arm(struct calc *c, struct err *err);
enum status calc_operating(struct calc *c, struct err *err);

#endif
