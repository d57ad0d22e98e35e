/*
 * What the methods hold in memory at most, and how that grows with the number of looks, events or expected events: a look's
 * grid by the square root of the looks, a distribution by its states.  `make bench` prints the figures.
 */
#include <math.h>

#include "stats/exact_design.h"
#include "stats/gs_design.h"
#include "stats/maxsprt.h"
#include "support/t.h"
#include "support/nomem.h"

typedef enum status method_fn(int64_t size, struct err *err);

enum { LOOKS_MAX = 1600, SIZES = 3 };

static double info[LOOKS_MAX], z[LOOKS_MAX];
static int64_t n_at[LOOKS_MAX], bound[LOOKS_MAX];
static double spent[LOOKS_MAX];

static enum status spending(int64_t k, struct err *err)
{
    struct gs_plan p = {.kind = GS_SPENDING,
                        .spending = {.kind = SPEND_POCOCK},
                        .sided = 1,
                        .alpha = 0.025,
                        .k = (size_t)k,
                        .info = info};

    for (int64_t i = 0; i < k; i++) {
        info[i] = (double)(i + 1) / (double)k;
    }
    return gs_design(&p, z, NULL, err);
}

static enum status binomial(int64_t n, struct err *err)
{
    struct maxsprt m;

    return maxsprt_binomial(n, NULL, 0, 0.5, 0.05, 1, &m, err);
}

static enum status poisson(int64_t t, struct err *err)
{
    struct maxsprt m;

    return maxsprt_poisson((double)t, 0.05, 1, 0, &m, err);
}

static enum status sequential(int64_t n, struct err *err)
{
    struct exact_plan p = {
        .p0 = 0.5, .alpha = 0.05, .spending = {.kind = SPEND_POCOCK}, .n = n_at, .k = (size_t)n, .n_max = n};

    for (int64_t i = 0; i < n; i++) {
        n_at[i] = i + 1;
    }
    return exact_design(&p, bound, spent, err);
}

/* The most that is held at once while it runs, beside what the caller brings. */
static double peak_of(method_fn *f, int64_t size)
{
    struct err err = {0};

    armed = true;
    held = held_most = 0;
    calls = live = 0;
    assert_ok(f(size, &err), err);
    armed = false;
    assert_int_equal(live, 0);
    assert_int_equal(held, 0);
    return (double)held_most;
}

/* Doubling the size multiplies the memory by at most `factor`, with a quarter for rounding up. */
static void grows(const char *what, method_fn *f, int64_t size, double factor)
{
    double before = 0;

    if (!OWN_ALLOCATOR) {
        skip();
    }
    print_message("# memory of %s:", what);
    for (int i = 0; i < SIZES; i++, size *= 2) {
        double now = peak_of(f, size);

        print_message(" %lld: %.0f kB%s", (long long)size, now / 1024, i + 1 < SIZES ? "," : "");
        if (i > 0 && now > factor * 1.25 * before) {
            fail_msg("%s at %lld holds %.0f bytes, %.2f times what half of it does", what, (long long)size,
                     now, now / before);
        }
        before = now;
    }
    print_message(" (to grow by %.2f at most)\n", factor);
}

static void spending_holds_one_look(void **state)
{
    (void)state;
    grows("alpha spending, looks", spending, 100, M_SQRT2);
}

static void maxsprt_holds_its_states(void **state)
{
    (void)state;
    grows("MaxSPRT binomial, events", binomial, 300, 2);
    grows("MaxSPRT Poisson, expected events", poisson, 50, 2);
}

static void the_exact_test_holds_its_states(void **state)
{
    (void)state;
    grows("exact sequential test, events", sequential, 100, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spending_holds_one_look),
        cmocka_unit_test(maxsprt_holds_its_states),
        cmocka_unit_test(the_exact_test_holds_its_states),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
