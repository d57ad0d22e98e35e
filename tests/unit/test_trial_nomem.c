/*
 * Memory runs out at the n-th allocation, for every n: each failure is E_NOMEM with a message, outputs stay untouched,
 * nothing leaks into the next run.  The allocator is replaced in this program (OpenSSL keeps glibc's: what it does
 * without memory is not ours to test); under a sanitizer, which has its own, the test is skipped.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "support/t.h"
#include "support/t_trial.h"
#include "tally/tally.h"
#include "support/nomem.h"
#include "trial/rows.h"

#if OWN_ALLOCATOR
static void *openssl_malloc(size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return __libc_malloc(n);
}

static void *openssl_realloc(void *p, size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return __libc_realloc(p, n);
}

static void openssl_free(void *p, const char *file, int line)
{
    (void)file;
    (void)line;
    __libc_free(p);
}

static void spare_openssl(void)
{
    assert_int_equal(CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free), 1);
}
#else
static void spare_openssl(void)
{
}
#endif

static struct arms arms;

struct held {
    struct builder *b;
    struct rows *r;
    struct snapshot *s;
    struct classes c;
    struct tally_row *counts;
    struct first_event *first;
    struct risk_time *times;
    struct risk_day *days;
    struct population_counts *populations;
};

static void held_done(struct held *h)
{
    free(h->c.events);
    free(h->c.subjects);
    free(h->counts);
    free(h->first);
    free(h->times);
    free(h->days);
    free(h->populations);
    snapshot_free(h->s);
    builder_free(h->b);
    rows_free(h->r);
}

static enum status take(struct held *h, enum src_view view, const char *const v[], struct err *e)
{
    struct field f[SRC_COLUMNS_MAX];
    bool duplicate;
    enum status st;

    t_fields(view, v, f);
    st = rows_see(h->r, view, f, &duplicate, e);
    return st == OK ? builder_row(h->b, view, f, e) : st;
}

static enum status read_rows(struct held *h, struct err *e)
{
    enum status st = OK;

    for (int i = 0; i < 600 && st == OK; i++) { /* enough that every array grows at least once */
        char ae[16], subject[16];
        const char *const event[AE_COLUMNS] = {
            [AE_ID] = ae,           [AE_SUBJECT] = subject,
            [AE_TERM] = "nausea",   [AE_ONSET] = i % 3 == 0 ? "soon" : "2024-02",
            [AE_FORM] = "COMPLETE", [AE_DELETED] = "f"};
        const char *const sub[SUB_COLUMNS] = {
            [SUB_ID] = subject, [SUB_RAND] = "2024-01-01", [SUB_DEATH_FLAG] = "t"};
        const char *const arm[ARM_COLUMNS] = {subject, i % 2 == 0 ? "PLA" : "MAG", NULL};
        const char *const adjudicated[ADJ_COLUMNS] = {ae, "cardiovascular", "REFUTED", NULL};
        const char *const meta[META_COLUMNS] = {ae, "1"};

        (void)snprintf(ae, sizeof ae, "A%d", i);
        (void)snprintf(subject, sizeof subject, "S%d", i % 40);
        st = take(h, SRC_AE, event, e);
        if (st == OK && i < 40) {
            st = take(h, SRC_SUBJECT, sub, e);
            st = st == OK ? take(h, SRC_ARM, arm, e) : st;
            st = st == OK ? take(h, SRC_ADJUDICATION, adjudicated, e) : st;
            st = st == OK ? take(h, SRC_META, meta, e) : st;
        }
    }
    return st;
}

static enum status count(struct held *h, struct err *e)
{
    static const int subtype_category[1] = {0};
    const struct tally_shape shape = {
        .n_arms = 2, .n_categories = 1, .n_subtypes = 1, .subtype_category = subtype_category};
    const struct tally_target any = {.category = TALLY_ANY};
    struct tally_options o = tally_defaults(day_from_ymd(2024, 6, 1));
    size_t n = 0, n_first = 0;
    enum status st = tally_counts(h->s, &h->c, &shape, &o, &h->counts, &n, e);

    st = st == OK ? tally_first_events(h->s, &h->c, any, &o, &h->first, &n_first, e) : st;
    st = st == OK ? tally_risk_times(h->s, &h->c, any, &o, &h->times, e) : st;
    st = st == OK ? risk_by_day(h->times, h->s->n_subjects, ARM_NONE, &h->days, &n, e) : st;
    st = st == OK ? tally_populations(h->s, 2, &o, &h->populations, e) : st;
    return st;
}

static enum status whole_way(struct err *e)
{
    struct held h = {0};
    const struct row_change *changes;
    struct sha256 hash;
    size_t n;
    enum status st = builder_new(&arms, &h.b, e);

    st = st == OK ? rows_new(&h.r, e) : st;
    st = st == OK ? rows_begin(h.r, e) : st;
    st = st == OK ? read_rows(&h, e) : st;
    st = st == OK ? rows_changes(h.r, &changes, &n, e) : st;
    st = st == OK ? rows_snapshot_hash(h.r, &hash, e) : st;
    st = st == OK ? builder_finish(h.b, &h.s, e) : st;
    if (st == OK) {
        h.c = (struct classes){.n_events = h.s->n_events, .n_subjects = h.s->n_subjects};
        h.c.events = calloc(h.s->n_events + 1, sizeof *h.c.events);
        h.c.subjects = calloc(h.s->n_subjects + 1, sizeof *h.c.subjects);
        st =
            h.c.events == NULL || h.c.subjects == NULL ? err_set(e, E_NOMEM, "the test's own") : count(&h, e);
    }
    held_done(&h);
    return st;
}

static void memory_may_run_out_at_every_allocation(void **state)
{
    static const char *const codes[] = {"PLA", "MAG"};
    struct err e = {0};
    long total, failed = 0;

    (void)state;
    if (!OWN_ALLOCATOR) {
        print_message("the sanitizer has the allocator: skipped\n");
        skip();
    }
    spare_openssl();
    t_arms(&arms, 2, codes);
    assert_ok(whole_way(&e), e); /* once outside: OpenSSL sets itself up */
    armed = true;
    calls = 0;
    assert_ok(whole_way(&e), e);
    total = calls;
    assert_true(total > 50);
    for (fail_at = 0; fail_at < total; fail_at++) {
        enum status st;

        calls = live = 0;
        e = (struct err){0};
        st = whole_way(&e);
        if (st != OK) { /* OK: glibc's qsort, which sorts in place where it gets no memory */
            assert_int_equal(st, E_NOMEM);
            assert_int_equal(e.code, E_NOMEM);
            assert_true(e.msg[0] != '\0');
            failed++;
        }
        assert_int_equal(live, 0);
    }
    armed = false;
    assert_true(failed * 10 > total * 8);
    arms_done(&arms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_may_run_out_at_every_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
