/* The table that a calculation reads and fills. */
#include "cmd/ctl_calc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static const char *const boundaries_out[] = {"z_bound", "nominal_p_one_sided", "cum_alpha_spent_all_tails",
                                             NULL};
static const char *const crossing_out[] = {
    "p_cross_upper",     "p_cross_lower",    "cum_upper", "expected_info_fraction",
    "conditional_power", "predictive_power", NULL};
static const char *const inflation_out[] = {
    "drift", "inflation_factor", "asn_H0_over_fixed", "asn_H01_over_fixed", "asn_H1_over_fixed", NULL};
static const char *const adjusted_out[] = {
    "stop_stage",        "crossed",      "z_bound_at_stop",      "stagewise_p_upper",
    "stagewise_p_final", "mue_logHR",    "final_ci_lo_logHR",    "final_ci_hi_logHR",
    "rci_lo_logHR",      "rci_hi_logHR", "repeated_p_one_sided", NULL};
static const char *const futility_out[] = {"n_I_over_fixed", "upper_z", "lower_z", "harm_z", "delta", NULL};
static const char *const exact_out[] = {"value", NULL};
static const char *const exact_spending_out[] = {"boundary_min_treat_events", "cum_alpha_actual",
                                                 "prob_signal", "expected_events_at_stop", NULL};
static const char *const maxsprt_out[] = {"cv",    "actual_alpha", "lower",  "llr",
                                          "power", "at_signal",    "at_end", NULL};
static const char *const bayes_out[] = {"prob_pT_gt_pC_plus_delta", NULL};
static const char *const eprocess_out[] = {"log_e_two_sided",
                                           "log_e_one_sided_harm",
                                           "max_log_e_two_sided",
                                           "max_log_e_one_sided",
                                           "anytime_p_two_sided",
                                           "anytime_p_one_sided",
                                           "share_lo",
                                           "share_hi",
                                           "share_lower",
                                           NULL};
static const char *const evalue2x2_out[] = {"e_value", NULL};

static const char *const single_arm_out[] = {"limits", "cum_alpha", "power", NULL};
static const char *const operating_out[] = {"prob_signal",     "at_signal", "at_end",
                                            "cum_prob_signal", "bounds",    NULL};

/* What every row of a set needs, whatever it asks for. */
static const char *const boundaries_in[] = {"type", "sided", "alpha", "K", "info_fractions", "look", NULL};
static const char *const crossing_in[] = {
    "K", "info_fractions", "lower_z", "upper_z", "drift_theta_sqrtImax", "look", NULL};
static const char *const inflation_in[] = {"type", "K", "sided", "alpha", "beta", NULL};
static const char *const adjusted_in[] = {"type", "sided", "alpha", "K", "events", "z_observed", NULL};
static const char *const exact_in[] = {"test", "output", "x1", NULL};
static const char *const exact_spending_in[] = {"p0",       "n_looks", "n_max", "alpha_one_sided",
                                                "spending", "theta",   NULL};
static const char *const maxsprt_in[] = {"kind", "T_or_N", "alpha", NULL};
static const char *const bayes_in[] = {"xT", "nT", "xC", "nC", "aT", "bT", "aC", "bC", NULL};
static const char *const evalue2x2_in[] = {"na",          "nb",     "ya_control", "yb_treat",
                                           "restriction", "betaA1", "betaA2",     NULL};
static const char *const eprocess_in[] = {"arm_sequence_T1_C0", "p0", "prior_a", "prior_b", NULL};
static const char *const futility_in[] = {"test_type", "alpha", "beta",          "sfu",
                                          "sfl_HSD",   "look",  "info_fraction", NULL};
static const char *const single_arm_in[] = {"kind", "type", "looks", "alpha", NULL};
static const char *const operating_in[] = {"kind", NULL};

static const struct calc_set sets[] = {
    {"boundaries", boundaries_out, boundaries_in, calc_boundaries},
    {"crossing", crossing_out, crossing_in, calc_crossing},
    {"inflation", inflation_out, inflation_in, calc_inflation},
    {"adjusted", adjusted_out, adjusted_in, calc_adjusted},
    {"exact", exact_out, exact_in, calc_exact},
    {"exact_spending", exact_spending_out, exact_spending_in, calc_exact_spending},
    {"maxsprt", maxsprt_out, maxsprt_in, calc_maxsprt},
    {"bayes", bayes_out, bayes_in, calc_bayes},
    {"evalue2x2", evalue2x2_out, evalue2x2_in, calc_evalue2x2},
    {"eprocess", eprocess_out, eprocess_in, calc_eprocess},
    {"futility_harm", futility_out, futility_in, calc_futility},
    {"single_arm", single_arm_out, single_arm_in, calc_single_arm},
    {"operating", operating_out, operating_in, calc_operating},
};

const struct calc_set *calc_all(size_t *n)
{
    *n = sizeof sets / sizeof sets[0];
    return sets;
}

const struct calc_set *calc_find(const char *name)
{
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        if (strcmp(sets[i].name, name) == 0) {
            return &sets[i];
        }
    }
    return NULL;
}

/* The bytes without blanks at either end. */
static const char *trim(const char *s, size_t *len)
{
    while (*len > 0 && (*s == ' ' || *s == '\t')) {
        s++;
        (*len)--;
    }
    while (*len > 0 && (s[*len - 1] == ' ' || s[*len - 1] == '\t')) {
        (*len)--;
    }
    return s;
}

/* Only a cell with blanks after it is copied. */
static enum status trim_cells(struct calc *c, struct err *err)
{
    size_t n = (c->rows + 1) * c->cols, room = 0, len;
    char *to;

    c->text = calloc(n + 1, sizeof *c->text);
    if (c->text == NULL) {
        return err_set(err, E_NOMEM, "%s: %zu rows", c->file, c->rows);
    }
    for (size_t i = 0; i < n; i++) {
        const char *s =
            i < c->cols ? csv_header(c->in, i) : csv_cell(c->in, i / c->cols - 1, i % c->cols, NULL);

        len = strlen(s);
        c->text[i] = trim(s, &len);
        room += c->text[i][len] == '\0' ? 0 : len + 1;
    }
    if (room == 0) {
        return OK;
    }
    to = c->trimmed = malloc(room);
    if (to == NULL) {
        return err_set(err, E_NOMEM, "%s: %zu rows", c->file, c->rows);
    }
    for (size_t i = 0; i < n; i++) {
        const char *s = c->text[i];

        len = strlen(s);
        s = trim(s, &len);
        if (s[len] != '\0') {
            memcpy(to, s, len);
            to[len] = '\0';
            c->text[i] = to;
            to += len + 1;
        }
    }
    return OK;
}

/* -1 when there is no such column. */
static int find(const struct calc *c, const char *column)
{
    for (size_t i = 0; i < c->cols; i++) {
        if (strcmp(c->text[i], column) == 0) {
            return (int)i;
        }
    }
    return -1;
}

/* Names that differ in blanks only: one of two such columns would be read silently. */
static enum status check_names(const struct calc *c, struct err *err)
{
    for (size_t i = 0; i < c->cols; i++) {
        /* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): trim_cells() gave every column its name */
        bool blanks = strlen(c->text[i]) != strlen(csv_header(c->in, i));

        for (size_t j = 0; blanks && j < c->cols; j++) {
            /* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): as above */
            if (j != i && strcmp(c->text[i], c->text[j]) == 0) {
                return err_set(err, E_DATA, "%s:1: two columns are named '%.60s'; rename or drop one",
                               c->file, c->text[i]);
            }
        }
    }
    return OK;
}

/* What no set can work on, whatever its columns are. */
static enum status check_table(const struct calc_set *set, const struct calc *c, struct err *err)
{
    struct buf name = {0};
    enum status st = check_names(c, err);

    for (size_t i = 0; st == OK && i < c->n_out; i++) {
        buf_clear(&name);
        buf_fmt(&name, "calc_%s", set->out[i]);
        st = buf_check(&name, err);
        if (st == OK && find(c, buf_cstr(&name)) >= 0) {
            st = err_set(err, E_DATA, "%s:1: there is a column %s already; drop or rename it", c->file,
                         buf_cstr(&name));
        }
    }
    buf_done(&name);
    for (size_t i = 0; st == OK && set->need[i] != NULL; i++) {
        if (find(c, set->need[i]) < 0) {
            st = err_set(err, E_DATA, "%s: there is no column %s", c->file, set->need[i]);
        }
    }
    for (size_t row = 0; st == OK && row < c->rows; row++) {
        for (size_t col = 0; st == OK && col < c->cols; col++) {
            size_t len;
            const char *s = csv_cell(c->in, row, col, &len);

            if (strlen(s) != len) {
                st = err_set(err, E_DATA, "%s:%zu: column %s: a zero byte; save the file as UTF-8", c->file,
                             csv_line(c->in, row), csv_header(c->in, col));
            }
        }
    }
    return st;
}

enum status calc_run(const struct calc_set *set, const char *file, const struct csv *in, struct calc *ret,
                     struct err *err)
{
    struct calc c = {.file = file, .in = in, .rows = csv_rows(in), .cols = csv_cols(in)};
    enum status st;

    while (set->out[c.n_out] != NULL) {
        c.n_out++;
    }
    c.cells = calloc(c.rows * c.n_out + 1, sizeof *c.cells);
    if (c.cells == NULL) {
        return err_set(err, E_NOMEM, "%s: %zu rows", file, c.rows);
    }
    st = trim_cells(&c, err);
    if (st == OK) {
        st = check_table(set, &c, err);
    }
    if (st == OK) {
        st = set->run(&c, err);
    }
    if (st != OK) {
        calc_done(&c);
        return st;
    }
    *ret = c;
    return OK;
}

void calc_done(struct calc *c)
{
    for (size_t i = 0; c->cells != NULL && i < c->rows * c->n_out; i++) {
        free(c->cells[i]);
    }
    free(c->cells);
    free(c->text);
    free(c->trimmed);
    c->cells = NULL;
    c->text = NULL;
    c->trimmed = NULL;
}

void calc_write(const struct calc_set *set, const struct calc *c, struct buf *out)
{
    size_t cols = c->cols;
    struct buf name = {0};

    for (size_t col = 0; col < cols; col++) {
        const char *h = csv_header(c->in, col);

        csv_put(out, col == 0, h, strlen(h));
    }
    for (size_t i = 0; i < c->n_out; i++) {
        buf_clear(&name);
        buf_fmt(&name, "calc_%s", set->out[i]);
        csv_put(out, cols == 0 && i == 0, buf_cstr(&name), name.len);
    }
    csv_end(out);
    for (size_t row = 0; row < c->rows; row++) {
        for (size_t col = 0; col < cols; col++) {
            size_t len;
            const char *s = csv_cell(c->in, row, col, &len);

            csv_put(out, col == 0, s, len);
        }
        for (size_t i = 0; i < c->n_out; i++) {
            const char *s = c->cells[row * c->n_out + i];

            csv_put(out, cols == 0 && i == 0, s == NULL ? "NA" : s, s == NULL ? 2 : strlen(s));
        }
        csv_end(out);
    }
    buf_done(&name);
}

const char *calc_text(const struct calc *c, size_t row, const char *column)
{
    int col = find(c, column);

    return col < 0 ? "" : c->text[(row + 1) * c->cols + (size_t)col];
}

bool calc_absent(const struct calc *c, size_t row, const char *column)
{
    const char *s = calc_text(c, row, column);

    return *s == '\0' || strcmp(s, "NA") == 0;
}

static enum status complain(const struct calc *c, size_t row, const char *column, const char *what,
                            struct err *err)
{
    if (find(c, column) < 0) {
        return err_set(err, E_DATA, "%s: there is no column %s", c->file, column);
    }
    return err_set(err, E_DATA, "%s:%zu: column %s: \"%.60s\" is %s", c->file, csv_line(c->in, row), column,
                   calc_text(c, row, column), what);
}

enum status calc_num_or_na(const struct calc *c, size_t row, const char *column, double *ret, struct err *err)
{
    const char *s = calc_text(c, row, column);

    if (calc_absent(c, row, column)) {
        *ret = (double)NAN;
        return OK;
    }
    if (!text_double(s, strlen(s), ret)) {
        return complain(c, row, column, "not a number", err);
    }
    return OK;
}

enum status calc_num(const struct calc *c, size_t row, const char *column, double *ret, struct err *err)
{
    if (calc_absent(c, row, column)) {
        return complain(c, row, column, "not a number, and one is needed", err);
    }
    return calc_num_or_na(c, row, column, ret, err);
}

static bool within(double v, const char *range)
{
    char *end;
    double lo = strtod(range + 1, &end), hi = strtod(end + 1, &end);

    return (*range == '[' ? v >= lo : v > lo) && (*end == ']' ? v <= hi : v < hi);
}

enum status calc_num_in(const struct calc *c, size_t row, const char *column, const char *range, double *ret,
                        struct err *err)
{
    struct buf what = {0};
    double v;
    enum status st;

    if (calc_absent(c, row, column)) {
        buf_fmt(&what, "no number, and one in %s is needed", range);
        st = complain(c, row, column, buf_cstr(&what), err);
        goto out;
    }
    st = calc_num(c, row, column, &v, err);
    if (st == OK && !within(v, range)) {
        buf_fmt(&what, "not a number in %s", range);
        st = complain(c, row, column, buf_cstr(&what), err);
    }
    if (st == OK) {
        *ret = v;
    }
out:
    buf_done(&what);
    return st;
}

static bool whole(double v, int64_t lo, int64_t hi, int64_t *ret)
{
    if (!(v >= (double)lo && v <= (double)hi && v == floor(v))) {
        return false;
    }
    *ret = (int64_t)v;
    return true;
}

enum status calc_int(const struct calc *c, size_t row, const char *column, int64_t lo, int64_t hi,
                     int64_t *ret, struct err *err)
{
    double v;
    enum status st = calc_num(c, row, column, &v, err);

    if (st != OK) {
        return st;
    }
    if (!whole(v, lo, hi, ret)) {
        struct buf what = {0};

        buf_fmt(&what, "not a whole number from %lld to %lld", (long long)lo, (long long)hi);
        st = complain(c, row, column, buf_cstr(&what), err);
        buf_done(&what);
    }
    return st;
}

/* Value i of a list is wrong. */
static enum status complain_value(const struct calc *c, size_t row, const char *column, size_t i, double v,
                                  const char *range, const char *order, struct err *err)
{
    return err_set(err, E_DATA, "%s:%zu: column %s: value %zu is %.9g, must be in %s%s", c->file,
                   csv_line(c->in, row), column, i + 1, v, range, order);
}

static enum status split(const struct calc *c, size_t row, const char *column, double **list, size_t *n,
                         struct err *err)
{
    const char *s = calc_text(c, row, column);
    size_t count = 1, i = 0;
    double *v;

    if (calc_absent(c, row, column)) {
        return complain(c, row, column, "not a list of numbers, and one is needed", err);
    }
    for (const char *p = s; *p != '\0'; p++) {
        count += *p == ';';
    }
    v = calloc(count, sizeof *v);
    if (v == NULL) {
        return err_set(err, E_NOMEM, "%s: a list of %zu", c->file, count);
    }
    for (; i < count; i++) {
        size_t len = strcspn(s, ";"), digits = len;
        const char *value = trim(s, &digits);

        if (!text_double(value, digits, &v[i])) {
            free(v);
            return complain(c, row, column, "not a list of numbers separated by ;", err);
        }
        s += len + (s[len] == ';');
    }
    *list = v;
    *n = count;
    return OK;
}

enum status calc_list(const struct calc *c, size_t row, const char *column, const char *range, double growth,
                      double **list, size_t *n, struct err *err)
{
    double *v = NULL;
    size_t count;
    enum status st = split(c, row, column, &v, &count, err);

    for (size_t i = 0; st == OK && i < count; i++) {
        bool rises =
            growth < 0 || i == 0 || (growth > 0 ? v[i] - v[i - 1] >= growth * v[i] : v[i] >= v[i - 1]);

        if (!within(v[i], range) || !rises) {
            st = complain_value(c, row, column, i, v[i], range,
                                growth < 0    ? ""
                                : growth == 0 ? ", and not below the one before"
                                              : ", and above the one before by 1e-6 of itself",
                                err);
        }
    }
    if (st != OK) {
        free(v);
        return st;
    }
    *list = v;
    *n = count;
    return OK;
}

enum status calc_int_list(const struct calc *c, size_t row, const char *column, int64_t lo, int64_t hi,
                          bool rising, int64_t **list, size_t *n, struct err *err)
{
    double *v = NULL;
    int64_t *out = NULL;
    struct buf range = {0};
    size_t count;
    enum status st = split(c, row, column, &v, &count, err);

    if (st != OK) {
        return st;
    }
    out = calloc(count, sizeof *out);
    if (out == NULL) {
        st = err_set(err, E_NOMEM, "%s: a list of %zu", c->file, count);
        goto out;
    }
    for (size_t i = 0; i < count; i++) {
        if (!whole(v[i], lo, hi, &out[i]) || (rising && i > 0 && out[i] <= out[i - 1])) {
            buf_fmt(&range, "%lld to %lld and whole", (long long)lo, (long long)hi);
            st = complain_value(c, row, column, i, v[i], buf_cstr(&range),
                                rising ? ", and above the one before" : "", err);
            goto out;
        }
    }
    *list = out;
    *n = count;
    out = NULL;
out:
    buf_done(&range);
    free(v);
    free(out);
    return st;
}

enum status calc_row_failed(const struct calc *c, size_t row, enum status st, struct err *err)
{
    /* What is outside its range came from the file. */
    return err_wrap(err, st == E_NUMERIC ? E_DATA : st, "%s:%zu", c->file, csv_line(c->in, row));
}

bool calc_spending(const char *name, struct spending *ret)
{
    static const struct {
        const char *name;
        enum spending_kind kind;
    } names[] = {{"LDOF", SPEND_OBF}, {"asOF", SPEND_OBF},  {"LDPocock", SPEND_POCOCK}, {"asP", SPEND_POCOCK},
                 {"HSD", SPEND_HSD},  {"asHSD", SPEND_HSD}, {"KD", SPEND_KD},           {"asKD", SPEND_KD},
                 {"EXP", SPEND_EXP},  {"asEXP", SPEND_EXP}};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i].name) == 0) {
            ret->kind = names[i].kind;
            return true;
        }
    }
    return false;
}

const char *calc_spending_range(const struct spending *s)
{
    switch (s->kind) {
    case SPEND_HSD:
        return HSD_RANGE;
    case SPEND_KD:
    case SPEND_EXP:
        return "(0, 1000]";
    case SPEND_OBF:
    case SPEND_POCOCK:
    case SPEND_USER:
        break;
    }
    return NULL;
}

bool calc_same(const struct calc *c, size_t a, size_t b, const char *const *columns)
{
    for (; *columns != NULL; columns++) {
        if (strcmp(calc_text(c, a, *columns), calc_text(c, b, *columns)) != 0) {
            return false;
        }
    }
    return true;
}

enum status calc_put_text(struct calc *c, size_t row, size_t out, const char *s, struct err *err)
{
    char *copy = strdup(s);

    if (copy == NULL) {
        return err_set(err, E_NOMEM, "%s: results", c->file);
    }
    free(c->cells[row * c->n_out + out]);
    c->cells[row * c->n_out + out] = copy;
    return OK;
}

enum status calc_put_list(struct calc *c, size_t row, size_t out, const double *v, size_t n, struct err *err)
{
    struct buf b = {0};
    enum status st;

    for (size_t i = 0; i < n; i++) {
        if (i > 0) {
            buf_char(&b, ';');
        }
        /* cppcheck-suppress objectIndex ; n says how many there are */
        text_add_double(&b, v[i]);
    }
    st = buf_check(&b, err);
    if (st == OK) {
        st = calc_put_text(c, row, out, buf_cstr(&b), err);
    }
    buf_done(&b);
    return st;
}

enum status calc_put(struct calc *c, size_t row, size_t out, double v, struct err *err)
{
    const double one[1] = {v};

    return calc_put_list(c, row, out, one, 1, err);
}
