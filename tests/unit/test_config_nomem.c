/*
 * Memory runs out at the n-th allocation, for every n, while a settings file, a broken one and a CSV are read: each
 * failure is E_NOMEM (a broken file may also get its E_CONFIG), outputs stay untouched and nothing leaks.
 * The allocator is replaced in this program; under a sanitizer, which has its own, the test is skipped.
 */
#include "support/t.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "config/settings.h"
#include "support/nomem.h"

typedef enum status attempt(const char *bytes, size_t len, struct err *err);

static enum status read_settings(const char *bytes, size_t len, struct err *err)
{
    struct settings *s = NULL;
    enum status st = settings_parse("t.yaml", bytes, len, &s, err);

    if ((st == OK) != (s != NULL) || (st == OK && strcmp(s->state_dir, "/var/lib/dsmbd/t1") != 0)) {
        st = E_INTERNAL;
    }
    settings_free(s);
    return st;
}

static enum status read_csv(const char *bytes, size_t len, struct err *err)
{
    struct csv *c = NULL;
    enum status st = csv_parse("x.csv", bytes, len, &c, err);

    if ((st == OK) != (c != NULL) || (st == OK && csv_rows(c) != 3)) {
        st = E_INTERNAL;
    }
    csv_free(c);
    return st;
}

static void every_allocation_may_fail(attempt *run, const char *text, enum status want)
{
    struct err e = {0};
    long n = 0;
    enum status st;

    if (!OWN_ALLOCATOR) {
        print_message("skipped: a sanitizer has its own allocator\n");
        skip();
    }
    assert_int_equal(run(text, strlen(text), &e), want); /* the first run also fills what libraries keep */
    for (;; n++) {
        calls = live = 0;
        fail_at = n;
        e = (struct err){0};
        armed = true;
        st = run(text, strlen(text), &e);
        armed = false;
        if (live != 0 || (st != want && st != E_NOMEM) || (st != OK && e.msg[0] == '\0')) {
            print_error("allocation %ld: %s, '%s', %ld blocks left\n", n, status_name(st), e.msg, live);
            fail();
        }
        if (calls <= n) {
            break; /* all succeeded */
        }
    }
    assert_int_equal(st, want);
    assert_true(n >= 4);
}

static const char good[] =
    "trial: t1\n"
    "source: {conninfo: dbname=a, poll: 5 s}\n"
    "store:\n"
    "  conninfo: dbname=b\n"
    "  mailer_conninfo: dbname=b user=m\n"
    "mail: {relay: 'smtp://localhost:25', from: a@b.example, operations: o@b.example}\n";

static void settings_are_read_or_refused_for_memory(void **state)
{
    (void)state;
    every_allocation_may_fail(read_settings, good, OK);
}

static void an_error_still_says_something_without_memory(void **state)
{
    (void)state;
    every_allocation_may_fail(read_settings, "trial: t1\nsauce: {poll: 5}\n", E_CONFIG);
    every_allocation_may_fail(read_settings, "trial: t1\nsource: {conninfo: dbname=a, poll: 5}\n", E_CONFIG);
    every_allocation_may_fail(read_settings, "trial: t1\ntrial: t2\n", E_CONFIG);
    every_allocation_may_fail(read_settings, "trial: 't1\n", E_CONFIG);
}

static void a_table_is_read_or_refused_for_memory(void **state)
{
    (void)state;
    every_allocation_may_fail(read_csv, "a,b\n1,2\n\"x\"\"y\",\n3,4\n", OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_are_read_or_refused_for_memory),
        cmocka_unit_test(an_error_still_says_something_without_memory),
        cmocka_unit_test(a_table_is_read_or_refused_for_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
