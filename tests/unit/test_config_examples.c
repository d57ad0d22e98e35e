/* Every commented example of packaging/examples loads with the shipped rules, and they belong together. */
#include "support/t.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alert/board.h"
#include "classify/rules.h"
#include "config/settings.h"
#include "config/yaml.h"
#include "monitor/plan.h"

enum { FILES_MAX = 32 };

static struct ruleset *shipped_rules(void)
{
    const struct doc *docs[FILES_MAX];
    struct doc *owned[FILES_MAX];
    struct ruleset *rs = NULL;
    struct dirent **ent = NULL;
    struct err e = {0};
    int found = scandir("rules", &ent, NULL, alphasort);
    size_t n = 0;

    assert_true(found > 0);
    for (int i = 0; i < found; i++) {
        const char *dot = strrchr(ent[i]->d_name, '.');
        char path[300];

        if (dot != NULL && strcmp(dot, ".yaml") == 0) {
            assert_true(n < FILES_MAX);
            (void)snprintf(path, sizeof path, "rules/%s", ent[i]->d_name);
            assert_ok(yaml_load(path, &owned[n], &e), e);
            docs[n] = owned[n];
            n++;
        }
        free(ent[i]);
    }
    free(ent);
    assert_ok(ruleset_new(docs, n, &rs, &e), e);
    for (size_t i = 0; i < n; i++) {
        doc_free(owned[i]);
    }
    return rs;
}

static struct doc *example(const char *name)
{
    struct doc *d = NULL;
    struct err e = {0};
    char path[100];

    (void)snprintf(path, sizeof path, "packaging/examples/%s", name);
    assert_ok(yaml_load(path, &d, &e), e);
    return d;
}

static void every_example_is_one_that_is_loaded_here(void **state)
{
    static const char *const known[] = {"dsmbd.yaml", "plan.yaml", "board.yaml"};
    DIR *dir = opendir("packaging/examples");
    struct dirent *ent;
    size_t found = 0;

    (void)state;
    assert_non_null(dir);
    while ((ent = readdir(dir)) != NULL) {
        const char *dot = strrchr(ent->d_name, '.');
        bool is_known = false;

        if (dot == NULL || strcmp(dot, ".yaml") != 0) {
            continue;
        }
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
            is_known = is_known || strcmp(known[i], ent->d_name) == 0;
        }
        if (!is_known) {
            print_error("packaging/examples/%s is loaded by no test\n", ent->d_name);
        }
        assert_true(is_known);
        found++;
    }
    (void)closedir(dir);
    assert_int_equal(found, sizeof known / sizeof known[0]);
}

static void settings_plan_and_board_are_of_one_trial(void **state)
{
    struct ruleset *rules = shipped_rules();
    struct doc *plan_doc = example("plan.yaml"), *board_doc = example("board.yaml");
    struct settings *s = NULL;
    struct plan *p = NULL;
    struct board *b = NULL;
    struct err e = {0};

    (void)state;
    assert_ok(settings_load("packaging/examples/dsmbd.yaml", &s, &e), e);
    assert_ok(plan_read(plan_doc, rules, &p, &e), e);
    assert_ok(board_read(board_doc, &b, &e), e);
    assert_string_equal(s->trial, p->trial);
    assert_string_equal(s->trial, b->trial);
    assert_int_equal(b->n, 3);
    assert_string_equal(b->chair_phone, "+45 35 45 00 00");
    /* Who is told how the machine fares must not be told how the trial fares. */
    for (size_t i = 0; i < b->n; i++) {
        assert_string_not_equal(b->members[i].address, s->mail.operations);
        assert_int_equal(strlen(b->members[i].certificate_sha256), 64);
    }
    board_free(b);
    plan_free(p);
    settings_free(s);
    doc_free(plan_doc);
    doc_free(board_doc);
    ruleset_free(rules);
}

/* methods.md, the example plan: shares, maxima, clocks and urgency of its four monitors. */
static void the_example_plan_says_what_the_methods_say(void **state)
{
    static const struct {
        const char *name;
        enum method method;
        double alpha;
        int64_t max_events, min_events;
        enum clock_kind clock;
        enum alert_urgency urgency;
    } want[] = {
        {"deaths", METHOD_EXACT_BINOMIAL, 0.05, 20, 1, CLOCK_EVERY_EVENT, ALERT_URGENT},
        {"cv", METHOD_EXACT_BINOMIAL, 0.05, 20, 1, CLOCK_EVERY_EVENT, ALERT_URGENT},
        {"serious", METHOD_EXACT_BINOMIAL, 0.05, 80, 1, CLOCK_EVERY_EVENT, ALERT_URGENT},
        {"gi", METHOD_SPENDING_Z, 0.025, 60, 10, CLOCK_CALENDAR, ALERT_NEXT_REPORT},
    };
    struct ruleset *rules = shipped_rules();
    struct doc *d = example("plan.yaml");
    struct plan *p = NULL;
    struct err e = {0};

    (void)state;
    assert_ok(plan_read(d, rules, &p, &e), e);
    assert_int_equal(p->population, POP_RANDOMISED);
    assert_int_equal(p->basis, BASIS_PLANNED);
    assert_int_equal(p->cut, CUT_DAILY);
    assert_int_equal(p->n_monitors, sizeof want / sizeof want[0]);
    for (size_t i = 0; i < p->n_monitors; i++) {
        const struct monitor *m = &p->monitors[i];

        assert_string_equal(m->name, want[i].name);
        assert_int_equal(m->method, want[i].method);
        assert_near(m->alpha, want[i].alpha, 1e-15);
        assert_int_equal(m->max_events, want[i].max_events);
        assert_int_equal(m->min_events, want[i].min_events);
        assert_int_equal(m->clock, want[i].clock);
        assert_int_equal(m->urgency, want[i].urgency);
        assert_true(m->closing_look);
        assert_true(m->e.on);
        assert_near(m->e.prior_a, 1, 0);
        assert_near(m->e.prior_b, 1, 0);
        assert_near(m->e.reference, 20, 0);
    }
    assert_int_equal(p->monitors[3].months, 6);
    assert_near(p->families[0].alpha, 0.15, 1e-15);
    assert_near(p->families[1].alpha, 0.025, 1e-15);
    plan_free(p);
    doc_free(d);
    ruleset_free(rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_example_is_one_that_is_loaded_here),
        cmocka_unit_test(settings_plan_and_board_are_of_one_trial),
        cmocka_unit_test(the_example_plan_says_what_the_methods_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
