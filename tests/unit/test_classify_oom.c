/* Every allocation of reading rules and of classifying fails once: E_NOMEM, nothing leaked, nothing half-built. */
#include "support/t.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "classify/review.h"
#include "classify/rules.h"
#include "config/yaml.h"

/* The sanitizers bring their own malloc, which must not be replaced. */
#if defined(__SANITIZE_ADDRESS__)
#define OWN_MALLOC 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define OWN_MALLOC 0
#endif
#endif
#ifndef OWN_MALLOC
#define OWN_MALLOC 1
#endif

#if OWN_MALLOC
static long countdown = -1; /* allocations until one fails; -1 never */

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t m);
extern void *__libc_realloc(void *p, size_t n);

static bool fails(void)
{
    if (countdown < 0) {
        return false;
    }
    return countdown-- == 0;
}

void *malloc(size_t n)
{
    return fails() ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t m)
{
    return fails() ? NULL : __libc_calloc(n, m);
}

void *realloc(void *p, size_t n)
{
    return fails() ? NULL : __libc_realloc(p, n);
}
#endif

static const char context_yaml[] =
    "context: shared\n"
    "groups:\n"
    "  - {name: negation, says: no event, before: [\"no\"], after: [ruled out]}\n"
    "breaks: [but]\n"
    "known_words: [infection]\n";
static const char gut_yaml[] =
    "category: gut\n"
    "title: Gut\n"
    "subtypes: [RUNS, OTHER]\n"
    "residual: OTHER\n"
    "coded: soc\n"
    "soc: [gut disorders]\n"
    "from: {outcome: [fatal], categories: [site]}\n"
    "rules:\n"
    "  - {id: g.runs, subtype: RUNS, terms: {en: [\"diarrhoea*\"], da: [\"diaré*\"]}}\n";
static const char site_yaml[] = "category: site\ntitle: Site\nrules:\n  - {id: s, terms: {en: [rash]}}\n";

/* Everything a look needs of the rules, from docs that are there. */
static enum status whole(const struct doc *const docs[3], const struct snapshot *s, struct err *err)
{
    struct ruleset *rs = NULL;
    struct classes c = {0};
    struct review_list l = {0};
    struct buf out = {0};
    enum status st = ruleset_new(docs, 3, &rs, err);

    st = st != OK ? st : classify_snapshot(rs, s, NULL, &c, err);
    st = st != OK ? st : review_list_of(rs, s, NULL, &c, NULL, NULL, &l, err);
    st = st != OK
             ? st
             : classify_explain(rs, "no rash, diarhoea \xff", 19, "Diarrhoea", "Gut disorders", &out, err);
    buf_done(&out);
    review_list_done(&l);
    classes_done(&c);
    ruleset_free(rs);
    return st;
}

static void every_allocation_may_fail(void **state)
{
#if OWN_MALLOC
    const char *const texts[3] = {context_yaml, gut_yaml, site_yaml};
    struct doc *docs[3];
    struct event events[2] = {{.crit = {0}}, {.crit = {0}}};
    struct adjudication adj[2] = {{.event = 0, .verdict = ADJ_CONFIRMED},
                                  {.event = 1, .verdict = ADJ_PENDING}};
    struct snapshot s = {.events = events, .n_events = 2, .adjudications = adj, .n_adjudications = 2};
    struct err err = {OK, ""};
    bool reached = true; /* the n-th allocation was asked for, and refused */
    enum status st = OK;
    long n = 0;

    for (size_t i = 0; i < 3; i++) {
        assert_ok(yaml_parse("test.yaml", texts[i], strlen(texts[i]), &docs[i], &err), err);
    }
    assert_ok(pool_new(&s.pool, &err), err);
    assert_ok(pool_intern(s.pool, "diarhoea and rash", 17, &events[0].term, &err), err);
    assert_ok(pool_intern(s.pool, "site", 4, &adj[0].category, &err), err);
    adj[1].category = adj[0].category; /* waits: it is listed */
    assert_ok(whole((const struct doc *const[3]){docs[0], docs[1], docs[2]}, &s, &err),
              err); /* docs learn their keys */
    for (; reached && n < 5000; n++) {
        const struct doc *const given[3] = {docs[0], docs[1], docs[2]};

        err_clear(&err);
        countdown = n;
        st = whole(given, &s, &err);
        reached = countdown < 0;
        countdown = -1;
        if (reached && st != E_NOMEM) {
            fail_msg("allocation %ld failed and nobody said so: %s", n, err.msg);
        }
        if (reached) {
            assert_int_equal(err.code, E_NOMEM);
            assert_true(err.msg[0] != '\0');
        }
    }
    assert_int_equal(st, OK);
    print_message("%ld allocations\n", n - 1);
    assert_true(n > 50);
    for (size_t i = 0; i < 3; i++) {
        doc_free(docs[i]);
    }
    pool_free(s.pool);
    (void)state;
#else
    (void)state;
    (void)whole;
    (void)context_yaml;
    (void)gut_yaml;
    (void)site_yaml;
    print_message("the sanitizers bring their own malloc\n");
    skip();
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_may_fail)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
