/*
 * The readers of `dsmbctl calc`: what no method takes is refused, at once, by the name of its column; by tests/it/test_calc.sh
 * the program itself.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/ctl_calc.h"
#include "support/t.h"

enum { FIELDS = 32 };

/* Good rows: the set, then COLUMN=VALUE. */
static const char *const good[] = {
    "boundaries type=HSD param=-4 sided=2 alpha=0.05 K=3 info_fractions=0.3;0.6;1 look=2",
    "boundaries type=User sided=1 alpha=0.025 K=3 info_fractions=0.3;0.6;1 user_cum_fraction=.1;.4;1 look=3",
    "boundaries type=WT param=.25 sided=1 alpha=0.025 K=3 info_fractions=0.3;0.6;1 look=1",
    "boundaries type=HP param=3 sided=1 alpha=0.025 K=3 info_fractions=0.3;0.6;1 look=1",
    "crossing K=2 info_fractions=.5;1 lower_z=-2;-1 upper_z=2;2 drift_theta_sqrtImax=1 look=2",
    "crossing K=2 info_fractions=.5;1 lower_z=-2;-1 upper_z=2;2 drift_theta_sqrtImax=1 look=1 z_now=1.5",
    "inflation type=asHSD param=-4 K=3 sided=1 alpha=.025 beta=.1",
    "adjusted type=HSD param=-4 sided=2 alpha=.05 K=3 events=20;40;60 z_observed=1;2.2",
    "exact_spending p0=.5 n_looks=5;10;20 n_max=20 alpha_one_sided=.05 spending=HSD param=-4 theta=.7",
    "maxsprt kind=binomial_group T_or_N=20 z=1 alpha=.05 M=1 groups=5;5;10 rr=2",
    "maxsprt kind=poisson_continuous T_or_N=10 alpha=.05 M=1 D=1 rr=2",
    "maxsprt kind=wald_sprt_poisson T_or_N=20.5 alpha=.05 M=12 D=2 groups=beta=0.1",
    "bayes xT=5 nT=10 xC=3 nC=10 aT=1 bT=1 aC=1 bC=1 delta=0.1",
    "eprocess arm_sequence_T1_C0=110101 p0=.5 prior_a=1 prior_b=1 alpha=.05",
    "single_arm kind=binomial type=Pocock looks=5;10;20 alpha=.05 p0=.2 rate=.4",
    "single_arm kind=poisson type=OBF looks=1;2;4 alpha=.05 ratio=2",
    "exact test=koopman_rr x1=3 n1=10 x2=2 n2=12 conf_level=.95 output=ci_hi",
    "exact test=needed_to_harm x1=3 n1=10 x2=2 n2=12 conf_level=.95 output=number",
    "exact test=fragility_fisher x1=3 n1=10 x2=2 n2=12 conf_level=.95 output=removed",
    "evalue2x2 na=2 nb=2 n_blocks=2 ya_control=1;0 yb_treat=2;1 restriction=difference delta=0.1 betaA1=1 "
    "betaA2=1 "
    "grid_size=100",
    "evalue2x2 na=2 nb=2 ya_control=1;0 yb_treat=2;1 restriction=none betaA1=1 betaA2=1 betaB1=1 betaB2=1",
    "futility_harm test_type=8 alpha=.025 beta=.1 astar=.05 sfu=LDOF sfl_HSD=-4 sfharm_HSD=-2 look=1 "
    "info_fraction=1",
    "exact test=fisher x1=3 n1=10 x2=2 n2=12 conf_level=.95 output=or_ci_hi",
    "exact test=clopper_pearson x1=3 n1=10 conf_level=.95 output=ci_hi",
    "exact test=cond_binomial_given_total x1=3 x2=2 null_value=.5 output=p_greater",
    "exact test=poisson_rate_ratio x1=3 x2=2 t1=5.5 t2=6.5 null_value=1 conf_level=.95 output=p_two_sided",
    "operating kind=bayes looks_T=5;10 looks_C=5;9 aT=1 bT=1 aC=1 bC=1 margin=0 cut=.95 true_T=.3 true_C=.2",
    "operating kind=bayes_rate looks_T=5;10 looks_C=5;9 aT=1 bT=1 aC=1 bC=1 margin=1 cut=.95 true_T=.3 "
    "true_C=.2",
    "operating kind=eprocess y1=75;74 y0=73;73 m=1;2 prior_a=1 prior_b=1 pi_star=.5 e_signal=4 "
    "hazard_ratio=3",
    "operating kind=exact y1=75;74 y0=73;73 m=1;2 alpha_one_sided=.05 spending=HSD param=-2 n_max=3 "
    "hazard_ratio=3",
};

struct row {
    char text[400];
    const char *set, *column[FIELDS], *value[FIELDS];
    size_t n;
};

static void row_of(const char *line, struct row *r)
{
    char *save = NULL, *s;

    memset(r, 0, sizeof *r);
    assert_true(strlen(line) < sizeof r->text);
    memcpy(r->text, line, strlen(line) + 1);
    r->set = strtok_r(r->text, " ", &save);
    while ((s = strtok_r(NULL, " ", &save)) != NULL) {
        char *eq = strchr(s, '=');

        assert_non_null(eq);
        assert_true(r->n < FIELDS);
        *eq = '\0';
        r->column[r->n] = s;
        r->value[r->n++] = eq + 1;
    }
}

/* The row through its set, without column `drop` (SIZE_MAX: all), with `rows` lines of it. */
static enum status run(const struct row *r, size_t drop, size_t rows, struct buf *out, struct err *err)
{
    const struct calc_set *set = calc_find(r->set);
    struct buf csv = {0};
    struct csv *table = NULL;
    struct calc c = {0};
    enum status st;

    assert_non_null(set);
    for (size_t line = 0; line <= rows; line++) {
        bool first = true;

        for (size_t i = 0; i < r->n; i++) {
            const char *s = line == 0 ? r->column[i] : r->value[i];

            if (i != drop) {
                csv_put(&csv, first, s, strlen(s));
                first = false;
            }
        }
        csv_end(&csv);
    }
    st = csv_parse("t.csv", buf_cstr(&csv), csv.len, &table, err);
    if (st == OK) {
        st = calc_run(set, "t.csv", table, &c, err);
    }
    if (st == OK && out != NULL) {
        calc_write(set, &c, out);
    }
    calc_done(&c);
    csv_free(table);
    buf_done(&csv);
    return st;
}

static void each_row_that_is_to_be_spoilt_is_good(void **state)
{
    struct row r;
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        row_of(good[i], &r);
        assert_ok(run(&r, SIZE_MAX, 1, NULL, &err), err);
        assert_ok(run(&r, SIZE_MAX, 0, NULL, &err), err); /* no rows: nothing to do */
    }
}

/* "column NAME" as a word of its own. */
static bool names(const char *message, const char *column)
{
    const char *at = message;
    size_t len = strlen(column);

    while ((at = strstr(at, "column ")) != NULL) {
        at += 7;
        if (strncmp(at, column, len) == 0 &&
            (at[len] == ':' || at[len] == '\0' || at[len] == ' ' || at[len] == '.')) {
            return true;
        }
    }
    return false;
}

static void nonsense_in_any_column_is_refused_by_its_name(void **state)
{
    static const char *const bad[] = {"NaN", "-1e308", "1;x", "abc", "1e400x", "1,5", "--1", ";"};
    struct row r;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        for (size_t j = 0; j < sizeof bad / sizeof bad[0]; j++) {
            row_of(good[i], &r);
            for (size_t k = 0; k < r.n; k++) {
                const char *was = r.value[k];
                struct err err = {0};
                enum status st;

                r.value[k] = bad[j];
                st = run(&r, SIZE_MAX, 1, NULL, &err);
                if (st != E_DATA || !names(err.msg, r.column[k]) || strchr(err.msg, '\n') != NULL) {
                    fail_msg("%s %s=%s: %s", r.set, r.column[k], bad[j], st == OK ? "taken" : err.msg);
                }
                r.value[k] = was;
            }
        }
    }
}

/* A table of a header alone is a table of the set, or it is not. */
static void a_missing_column_is_named_with_and_without_rows(void **state)
{
    struct row r;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        row_of(good[i], &r);
        for (size_t k = 0; k < r.n; k++) {
            const struct calc_set *set = calc_find(r.set);
            bool needed = false;

            for (size_t j = 0; set->need[j] != NULL; j++) {
                needed = needed || strcmp(set->need[j], r.column[k]) == 0;
            }
            for (size_t rows = 0; rows < 2; rows++) {
                struct err err = {0};
                enum status st = run(&r, k, rows, NULL, &err);

                if (needed &&
                    (st != E_DATA || !names(err.msg, r.column[k]) || strstr(err.msg, "no column") == NULL)) {
                    fail_msg("%s without %s, %zu rows: %s", r.set, r.column[k], rows, err.msg);
                }
                if (st != OK && !needed && !names(err.msg, r.column[k])) {
                    fail_msg("%s without %s, %zu rows: %s", r.set, r.column[k], rows, err.msg);
                }
            }
        }
    }
}

/* SET COLUMN=VALUE..., and what the refusal says. */
static const char *const refused[][2] = {
    {"boundaries type=LDOF sided=1 alpha=0 K=1 info_fractions=1 look=1",
     "column alpha: \"0\" is not a number in [1e-100, 1)"},
    {"boundaries type=LDOF sided=1 alpha=2 K=1 info_fractions=1 look=1", "column alpha: \"2\""},
    {"boundaries type=LDOF sided=1 alpha=1 K=1 info_fractions=1 look=1", "column alpha: \"1\""},
    {"boundaries type=LDOF sided=3 alpha=.05 K=1 info_fractions=1 look=1", "column sided: \"3\""},
    {"boundaries type=LDOF sided=1 alpha=.05 K=3 info_fractions=0.3;0.2;1 look=1",
     "column info_fractions: value 2 is 0.2"},
    {"boundaries type=LDOF sided=1 alpha=.05 K=3 info_fractions=0.3;0.3;1 look=1",
     "column info_fractions: value 2 is 0.3"},
    {"boundaries type=LDOF sided=1 alpha=.05 K=3 info_fractions=0.3;NaN;1 look=1", "column info_fractions"},
    {"boundaries type=LDOF sided=1 alpha=.05 K=3 info_fractions=-0.3;0.3;1 look=1",
     "column info_fractions: value 1 is -0.3"},
    {"boundaries type=LDOF sided=1 alpha=.05 K=2 info_fractions=0.3;0.6;1 look=1",
     "column info_fractions: 3 values for K 2"},
    {"boundaries type=LDOF sided=1 alpha=.05 K=1e9 info_fractions=1 look=1",
     "column K: \"1e9\" is not a whole number from 1 to 5000"},
    {"boundaries type=LDOF sided=1 alpha=.05 K=1 info_fractions=1 look=2", "column look: \"2\""},
    {"boundaries type=User sided=1 alpha=.05 K=2 info_fractions=.5;1 user_cum_fraction=.7;.4 look=1",
     "column user_cum_fraction: value 2"},
    {"boundaries type=User sided=1 alpha=.05 K=2 info_fractions=.5;1 user_cum_fraction=.7;1.4 look=1",
     "column user_cum_fraction: value 2"},
    {"inflation type=P K=3 sided=1 alpha=.025 beta=1", "column beta"},
    {"inflation type=P K=3 sided=1 alpha=.025 beta=.98", "beta"},
    {"adjusted type=P sided=1 alpha=.05 K=2 events=20;40 z_observed=1;2;3", "column z_observed: 3 values"},
    {"adjusted type=P sided=1 alpha=.05 K=2 events=20;10 z_observed=1", "column events: value 2"},
    {"exact test=fisher x1=-1 n1=10 x2=2 n2=12 output=p_greater",
     "column x1: \"-1\" is not a whole number from 0 to 10"},
    {"exact test=fisher x1=11 n1=10 x2=2 n2=12 output=p_greater",
     "column x1: \"11\" is not a whole number from 0 to 10"},
    {"exact test=fisher x1=1.5 n1=10 x2=2 n2=12 output=p_greater", "column x1: \"1.5\""},
    {"exact test=fisher x1=1 n1=10 x2=2 n2=12 conf_level=1 output=or_ci_hi", "column conf_level"},
    {"exact test=poisson_rate_ratio x1=3 x2=2 t1=0 t2=6.5 output=ratio", "column t1"},
    {"exact_spending p0=.5 n_looks=5;4 n_max=20 alpha_one_sided=.05 spending=LDOF theta=.7",
     "column n_looks: value 2"},
    {"exact_spending p0=.5 n_looks=5;21 n_max=20 alpha_one_sided=.05 spending=LDOF theta=.7",
     "column n_looks: value 2"},
    {"exact_spending p0=1.5 n_looks=5 n_max=20 alpha_one_sided=.05 spending=LDOF theta=.7", "column p0"},
    {"maxsprt kind=binomial_continuous T_or_N=1e9 z=1 alpha=.05", "column T_or_N"},
    {"maxsprt kind=binomial_group T_or_N=9 z=1 alpha=.05 groups=5;5", "column groups: 10 events by group 2"},
    {"maxsprt kind=poisson_continuous T_or_N=10 alpha=0", "column alpha"},
    {"maxsprt kind=poisson_continuous T_or_N=10 alpha=.05 D=11", "column D: delay 11"},
    {"bayes xT=11 nT=10 xC=3 nC=10 aT=1 bT=1 aC=1 bC=1", "column xT: \"11\""},
    {"bayes xT=1 nT=10 xC=3 nC=10 aT=0 bT=1 aC=1 bC=1", "column aT"},
    {"eprocess arm_sequence_T1_C0=1201 p0=.5 prior_a=1 prior_b=1", "column arm_sequence_T1_C0"},
    {"eprocess arm_sequence_T1_C0=1101 p0=1 prior_a=1 prior_b=1", "column p0"},
    {"evalue2x2 na=1 nb=1 ya_control=2 yb_treat=1 restriction=none betaA1=1 betaA2=1 betaB1=1 betaB2=1",
     "column ya_control: value 1"},
    {"evalue2x2 na=1 nb=1 ya_control=1;1 yb_treat=1 restriction=none betaA1=1 betaA2=1 betaB1=1 betaB2=1",
     "columns ya_control and yb_treat: 2 and 1 blocks"},
    {"evalue2x2 na=1 nb=1 n_blocks=2 ya_control=1 yb_treat=1 restriction=none betaA1=1 betaA2=1 betaB1=1 "
     "betaB2=1",
     "column n_blocks"},
    {"evalue2x2 na=1 nb=1 ya_control=1;1;1;1;1;1 yb_treat=1;1;1;1;1;1 restriction=difference delta=.1 "
     "betaA1=1 "
     "betaA2=1 grid_size=1e7",
     "column grid_size: 10000000 points for 6 blocks"},
    {"futility_harm test_type=5 alpha=.025 beta=.1 sfu=LDOF sfl_HSD=-4 look=1 info_fraction=1",
     "column test_type: 5"},
    {"futility_harm test_type=4 alpha=.025 beta=.99 sfu=LDOF sfl_HSD=-4 look=1 info_fraction=1", "beta"},
    {"futility_harm test_type=4 alpha=.025 beta=.1 sfu=LDOF sfl_HSD=-4 look=1 info_fraction=.9",
     "column info_fraction: the last look's is 0.9"},
    {"crossing K=2 info_fractions=.5;1 lower_z=-2;-1 upper_z=2;2 drift_theta_sqrtImax=1 look=2 z_now=1.5",
     "column z_now: look 2 is the last"},
    {"eprocess arm_sequence_T1_C0=1101 p0=.5 prior_a=1 prior_b=1 alpha=1", "column alpha"},
    {"single_arm kind=binomial type=Pocock looks=5;4 alpha=.05 p0=.2", "column looks: value 2"},
    {"single_arm kind=binomial type=Pocock looks=5;40000 alpha=.05 p0=.2", "column looks: value 2"},
    {"single_arm kind=poisson type=Pocock looks=5;4 alpha=.05", "column looks: value 2"},
    {"single_arm kind=poisson type=Wald looks=5 alpha=.05", "column type"},
    {"single_arm kind=binomial type=OBF looks=5 alpha=.05 p0=1", "column p0"},
    {"exact test=fragility_fisher x1=3000 n1=9000 x2=2 n2=12 output=removed", "together at most 2000 events"},
    {"operating kind=bayes looks_T=5;10 looks_C=5 aT=1 bT=1 aC=1 bC=1 cut=.95 true_T=.3 true_C=.2",
     "column looks_C: 1 values for the 2 of column looks_T"},
    {"operating kind=bayes looks_T=10;5 looks_C=5;9 aT=1 bT=1 aC=1 bC=1 cut=.95 true_T=.3 true_C=.2",
     "look 2: subjects must rise"},
    {"operating kind=bayes looks_T=5 looks_C=5 aT=1 bT=1 aC=1 bC=1 cut=1 true_T=.3 true_C=.2", "column cut"},
    {"operating kind=bayes_rate looks_T=1e6 looks_C=5 aT=1 bT=1 aC=1 bC=1 cut=.9 true_T=3 true_C=.2",
     "events expected"},
    {"operating kind=eprocess y1=75;0 y0=73;1 m=1;2 prior_a=1 prior_b=1 pi_star=.5 e_signal=4 hazard_ratio=3",
     "column m: day 2"},
    {"operating kind=eprocess y1=75 y0=73 prior_a=1 prior_b=1 pi_star=.5 e_signal=1 hazard_ratio=3",
     "column e_signal"},
    {"operating kind=exact y1=75 y0=73 alpha_one_sided=2 spending=LDOF n_max=3 hazard_ratio=3",
     "column alpha_one_sided"},
};

static void each_kind_of_nonsense_is_refused_with_its_range(void **state)
{
    struct row r;

    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct err err = {0};
        enum status st;

        row_of(refused[i][0], &r);
        st = run(&r, SIZE_MAX, 1, NULL, &err);
        if (st != E_DATA || strstr(err.msg, refused[i][1]) == NULL) {
            fail_msg("%s: %s", refused[i][0], st == OK ? "taken" : err.msg);
        }
    }
}

/* What `run` adds to a row, without the row itself. */
static void results_of(const struct row *r, struct buf *out)
{
    struct buf got = {0};
    struct err err = {0};
    const char *s;
    bool quoted = false;
    size_t commas = 0;

    assert_ok(run(r, SIZE_MAX, 1, &got, &err), err);
    for (s = strchr(buf_cstr(&got), '\n') + 1; *s != '\0' && commas < r->n; s++) {
        quoted = quoted != (*s == '"');
        commas += *s == ',' && !quoted;
    }
    buf_str(out, s);
    buf_done(&got);
}

static void blanks_around_names_cells_and_values_mean_nothing(void **state)
{
    struct row r;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct buf want = {0}, got = {0}, text[2 * FIELDS] = {{0}};
        size_t n;

        row_of(good[i], &r);
        n = r.n;
        results_of(&r, &want);
        for (size_t k = 0; k < n; k++) {
            buf_fmt(&text[2 * k], k % 2 == 0 ? "  %s" : "%s\t ", r.column[k]);
            buf_str(&text[2 * k + 1], k % 3 == 0 ? " " : "");
            for (const char *c = r.value[k]; *c != '\0'; c++) {
                buf_str(&text[2 * k + 1], *c == ';' ? " ;\t " : (char[2]){*c, '\0'});
            }
            buf_str(&text[2 * k + 1], k % 3 < 2 ? " " : "");
            r.column[k] = buf_cstr(&text[2 * k]);
            r.value[k] = buf_cstr(&text[2 * k + 1]);
        }
        results_of(&r, &got);
        assert_string_equal(buf_cstr(&got), buf_cstr(&want));
        for (size_t k = 0; k < 2 * n; k++) {
            buf_done(&text[k]);
        }
        buf_done(&want);
        buf_done(&got);
    }
}

static void columns_that_differ_in_blanks_only_are_refused(void **state)
{
    struct row r;
    struct err err = {0};

    (void)state;
    row_of("bayes xT=1 nT=2 xC=1 nC=2 aT=1 bT=1 aC=1 bC=1 twin=2", &r);
    r.column[8] = "xT ";
    assert_int_equal(run(&r, SIZE_MAX, 1, NULL, &err), E_DATA);
    assert_string_equal(err.msg, "t.csv:1: two columns are named 'xT'; rename or drop one");
}

static void logrank_takes_a_byte_order_mark(void **state)
{
    static const char json[] = "\xef\xbb\xbf{\"time\":[1,2],\"event\":[1,1],\"arm\":[0,1]}";
    struct buf out = {0};
    struct err err = {0};

    (void)state;
    assert_ok(calc_logrank("t.json", json, sizeof json - 1, &out, &err), err);
    assert_non_null(strstr(buf_cstr(&out), "calc_obs1"));
    buf_done(&out);
}

/* The last cell of one good row, or the one `back` cells before it, as text. */
static void cell_of(const char *line, size_t back, char *out, size_t size)
{
    struct row r;
    struct buf got = {0};
    struct err err = {0};
    const char *s;
    size_t len, begin = 0, end = 0;

    row_of(line, &r);
    assert_ok(run(&r, SIZE_MAX, 1, &got, &err), err);
    s = buf_cstr(&got);
    len = strlen(s) - 1; /* the line's end */
    for (size_t i = 0; i <= back; i++) {
        end = i == 0 ? len : begin - 1;
        begin = end;
        while (begin > 0 && s[begin - 1] != ',') {
            begin--;
        }
    }
    assert_true(end - begin < size);
    memcpy(out, s + begin, end - begin);
    out[end - begin] = '\0';
    buf_done(&got);
}

static double number_of(const char *line, size_t back)
{
    char cell[64];
    double v = (double)NAN;

    cell_of(line, back, cell, sizeof cell);
    assert_true(text_double(cell, strlen(cell), &v));
    return v;
}

static double lower_tail(double z)
{
    return erfc(-z / sqrt(2)) / 2;
}

/* To one look more, closed forms: S of 1 given S of 1/2. */
static void power_to_the_last_look_is_the_closed_form(void **state)
{
    static const char line[] = "crossing K=2 info_fractions=.5;1 lower_z=-9;-9 upper_z=2.8;1.98 "
                               "drift_theta_sqrtImax=2 look=1 z_now=1.5";
    double score = 1.5 * sqrt(0.5);

    (void)state;
    assert_near(number_of(line, 1), lower_tail((score + 2 * 0.5 - 1.98) / sqrt(0.5)), 1e-13);
    /* The drift is normal about 1.5 / sqrt(.5) with variance 2: S of 1 has variance .5 + .25 * 2. */
    assert_near(number_of(line, 0), lower_tail(score + 1.5 / sqrt(0.5) * 0.5 - 1.98), 1e-13);
}

/* All six events in arm 1, prior uniform: E(p) = 1 / (7 p^6), and 1 / alpha at the limit. */
static void a_confidence_sequence_ends_where_e_reaches_its_bound(void **state)
{
    static const char line[] = "eprocess arm_sequence_T1_C0=111111 p0=.5 prior_a=1 prior_b=1 alpha=.05";
    double lower = number_of(line, 0);

    (void)state;
    assert_near(number_of(line, 2), pow(0.05 / 7, 1.0 / 6), 1e-13);
    assert_near(number_of(line, 1), 1, 0);
    /* The prior cut to (p, 1): int_p^1 t^6 dt / (1 - p) over p^6. */
    assert_near((1 - pow(lower, 7)) / 7 / (1 - lower) / pow(lower, 6), 20, 1e-10);
}

/* Five subjects one look: all of C(5, x) .2^x .8^(5-x). */
static void single_arm_limits_are_those_written_down(void **state)
{
    static const char line[] = "single_arm kind=binomial type=Pocock looks=5 alpha=.06 p0=.2 rate=.4";

    (void)state;
    assert_near(number_of(line, 2), 3, 0);
    assert_near(number_of(line, 1), 0.05792, 1e-15);
    assert_near(number_of(line, 0), 0.31744, 1e-15);
}

static void extremes_that_are_legal_have_an_answer(void **state)
{
    static const char *const fine[] = {
        "exact test=fisher x1=500000000 n1=1000000000 x2=500001000 n2=1000000000 output=or_ci_hi",
        "exact test=fisher x1=0 n1=1 x2=0 n2=1 output=p_two_sided",
        "exact test=miettinen_nurminen_rd x1=1 n1=1 x2=0 n2=1 output=ci_lo",
        "exact test=poisson_rate_ratio x1=0 x2=1000000000 t1=1e-90 t2=1e90 output=ratio_ci_hi",
        "bayes xT=1000000000 nT=1000000000 xC=0 nC=1000000000 aT=1 bT=1 aC=1 bC=1",
        "boundaries type=LDOF sided=1 alpha=1e-100 K=2 info_fractions=1e-40;1 look=2",
        "boundaries type=LDOF sided=2 alpha=.999 K=2 info_fractions=.5;1 look=2",
        "maxsprt kind=poisson_continuous T_or_N=1e-300 alpha=.05 M=1",
    };
    char cell[64];

    (void)state;
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++) {
        double v;

        cell_of(fine[i], 0, cell, sizeof cell);
        if (strcmp(cell, "NA") != 0 && (!text_double(cell, strlen(cell), &v) || isnan(v))) {
            fail_msg("%s: %s", fine[i], cell);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_that_is_to_be_spoilt_is_good),
        cmocka_unit_test(nonsense_in_any_column_is_refused_by_its_name),
        cmocka_unit_test(a_missing_column_is_named_with_and_without_rows),
        cmocka_unit_test(each_kind_of_nonsense_is_refused_with_its_range),
        cmocka_unit_test(blanks_around_names_cells_and_values_mean_nothing),
        cmocka_unit_test(columns_that_differ_in_blanks_only_are_refused),
        cmocka_unit_test(logrank_takes_a_byte_order_mark),
        cmocka_unit_test(power_to_the_last_look_is_the_closed_form),
        cmocka_unit_test(a_confidence_sequence_ends_where_e_reaches_its_bound),
        cmocka_unit_test(single_arm_limits_are_those_written_down),
        cmocka_unit_test(extremes_that_are_legal_have_an_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
