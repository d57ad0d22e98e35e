/* The volcano: what it says of terms, and that names do not stand on each other. */
#include <math.h>
#include <string.h>

#include "render/report_parts.h"
#include "support/t.h"

static void one_term(struct facts *f, const char *item, int64_t x1, int64_t x0, double difference, double p,
                     const char *flag)
{
    struct place at = {"terms", item, "M v P"};
    struct buf b = {0};

    facts_int(f, at, "experimental", x1, NULL);
    facts_int(f, at, "control", x0, NULL);
    buf_fmt(&b, "%+.1f", 100 * difference);
    facts_real_take(f, at, "risk_difference", difference, &b);
    buf_fmt(&b, "%.2g", p);
    facts_real_take(f, at, "fisher_two_sided", p, &b);
    facts_real(f, at, "fdr_adjusted", p, flag);
}

static size_t words(const struct draw *d, const char *text)
{
    size_t n = 0;

    for (size_t i = 0; i < draw_count(d); i++) {
        struct draw_item x = draw_at(d, i);

        n += x.kind == DRAW_WORDS && strcmp(x.text, text) == 0;
    }
    return n;
}

static void the_surest_terms_are_named_and_described_in_order(void **state)
{
    struct facts *f = NULL;
    struct page *p = NULL;
    struct page_view v;
    struct err err = {0};
    const char *said;

    (void)state;
    assert_ok(facts_new(&f, &err), err);
    assert_ok(page_new(&p, &err), err);
    one_term(f, "diarrhoea", 30, 6, 0.32, 1e-6, "0.00001, flagged");
    one_term(f, "nausea", 12, 3, 0.12, 0.02, "0.1");
    one_term(f, "vomiting", 12, 3, 0.12, 0.02, "0.1"); /* on the same spot */
    one_term(f, "rash", 1, 9, -0.11, 0.008, "-");
    one_term(f, "cough", 5, 5, 0, 1, "-");
    assert_ok(figures_terms(f, p, &err), err);
    assert_int_equal(page_count(p), 1);
    v = page_at(p, 0);
    assert_int_equal(v.kind, BLOCK_FIGURE);
    assert_string_equal(draw_get_title(v.figure), "Terms, M v P");
    said = draw_get_description(v.figure);
    assert_non_null(
        strstr(said, "diarrhoea: +32.0, p 1e-06. rash: -11.0, p 0.008. nausea: +12.0, p 0.02. vomiting"));
    assert_null(strstr(said, "cough"));
    assert_int_equal(words(v.figure, "diarrhoea"), 1);
    assert_int_equal(words(v.figure, "nausea"), 1);
    assert_int_equal(words(v.figure, "vomiting"), 1);
    assert_int_equal(words(v.figure, "cough"), 0);
    for (size_t i = 0; i < draw_count(v.figure); i++) {
        for (size_t k = i + 1; k < draw_count(v.figure); k++) {
            struct draw_item a = draw_at(v.figure, i), b = draw_at(v.figure, k);

            assert_false(a.kind == DRAW_WORDS && b.kind == DRAW_WORDS && a.style.fill == DRAW_INK &&
                         b.style.fill == DRAW_INK && a.anchor == b.anchor && fabs(a.x - b.x) < 1 &&
                         fabs(a.y - b.y) < 8);
        }
    }
    page_free(p);
    facts_free(f);
}

static void without_terms_there_is_no_figure(void **state)
{
    struct facts *f = NULL;
    struct page *p = NULL;
    struct err err = {0};

    (void)state;
    assert_ok(facts_new(&f, &err), err);
    assert_ok(page_new(&p, &err), err);
    facts_text(f, (struct place){"terms", "x", "M v P"}, "risk_difference", "not estimable");
    assert_ok(figures_terms(f, p, &err), err);
    assert_int_equal(page_count(p), 0);
    page_free(p);
    facts_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_surest_terms_are_named_and_described_in_order),
                                       cmocka_unit_test(without_terms_there_is_no_figure)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
