/*
 * The ledger against independent bounds: reference/exact_spending.csv (R, gsDesign), each design walked look by look
 * with several events between looks, the recursion rebuilt from the ledger each time.
 */
#include "support/t.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "monitor/ledger.h"

enum {
    EVENTS = 200,
    LOOKS = 64,
    DENOMINATOR = 444000 /* 148 * 3 * 1000: every p0 of the file is a whole part of it */
};

static size_t numbers(const char *s, double *out)
{
    size_t n = 0;
    char *end;

    for (;; s = end + 1) {
        assert_true(n < LOOKS);
        out[n++] = strtod(s, &end);
        if (*end != ';') {
            return n;
        }
    }
}

static const char *cell(const struct csv *c, size_t row, const char *name)
{
    int col = csv_find(c, name);

    assert_true(col >= 0);
    return csv_cell(c, row, (size_t)col, NULL);
}

static struct spending spending_of(const struct csv *c, size_t row)
{
    const char *name = cell(c, row, "spending");
    struct spending s = {.kind = SPEND_OBF};

    if (strcmp(name, "LDPocock") == 0) {
        s.kind = SPEND_POCOCK;
    } else if (strcmp(name, "HSD") == 0) {
        s.kind = SPEND_HSD;
        s.param = atof(cell(c, row, "param"));
    } else if (strcmp(name, "KD") == 0) {
        s.kind = SPEND_KD;
        s.param = atof(cell(c, row, "param"));
    } else {
        assert_string_equal(name, "LDOF");
    }
    return s;
}

static void walk(const struct csv *c, size_t row)
{
    double at[LOOKS], bound[LOOKS], spent[LOOKS], p0 = atof(cell(c, row, "p0"));
    size_t n = numbers(cell(c, row, "n_looks"), at);
    struct monitor m = {.name = "x", .comparison = ARM_NONE, .method = METHOD_EXACT_BINOMIAL};
    struct known_event ev[EVENTS];
    struct entry past[LOOKS];
    int64_t y1 = llround(p0 * DENOMINATOR);

    assert_int_equal(numbers(cell(c, row, "boundary_min_treat_events"), bound), n);
    assert_int_equal(numbers(cell(c, row, "cum_alpha_actual"), spent), n);
    assert_near((double)y1 / DENOMINATOR, p0, 1e-14);
    m.spending = spending_of(c, row);
    m.alpha = atof(cell(c, row, "alpha_one_sided"));
    m.max_events = (int64_t)at[n - 1];
    m.min_events = 1;
    m.clock_from = DAY_NONE;
    for (int i = 0; i < EVENTS; i++) {
        ev[i] = (struct known_event){(uint32_t)i, 1000 + i, 0, true, y1, DENOMINATOR - y1};
    }
    for (size_t k = 0; k < n; k++) {
        struct monitor_data d = {
            .events = ev, .n_events = (size_t)at[k], .cut = 2000 + (day_t)k, .first_rand = 1};
        struct err err = {0};

        d.changed = true;
        d.look = (int64_t)k + 1;
        d.pi_star = .5;
        d.n1 = d.n0 = DENOMINATOR;
        assert_ok(monitor_judge(&m, past, k, &d, &past[k], &err), err);
        assert_int_equal(past[k].verdict, VERDICT_BELOW);
        assert_near(past[k].bound, bound[k], 0);
        assert_rel(past[k].alpha_spent, spent[k], 1e-10);
    }
    for (size_t k = 0; k < n; k++) {
        entry_done(&past[k]);
    }
}

static void executed_bounds_are_those_of_the_reference(void **state)
{
    char *path = t_shared("reference/exact_spending.csv"), *bytes;
    struct csv *c = NULL;
    struct err err = {0};
    const char *last = "";
    size_t len, cases = 0;

    (void)state;
    if (path == NULL) {
        print_message("reference/exact_spending.csv is not there: set DSMB_SHARED\n");
        skip();
    }
    bytes = t_slurp(path, &len);
    assert_ok(csv_parse("exact_spending.csv", bytes, len, &c, &err), err);
    for (size_t row = 0; row < csv_rows(c); row++) {
        const char *id = cell(c, row, "case_id");

        if (strcmp(id, last) != 0) { /* the rows of a case differ in the true probability only */
            walk(c, row);
            cases++;
        }
        last = id;
    }
    assert_int_equal(cases, 36);
    csv_free(c);
    free(bytes);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(executed_bounds_are_those_of_the_reference)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
