/* Figures: the drawing layer, its SVG, axes, and what the figures of a report are made of. */
#include "support/t.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "render/chart.h"
#include "render/report_parts.h"
#include "support/t_render.h"

static size_t count_of(const char *s, const char *what)
{
    size_t n = 0;

    for (const char *p = strstr(s, what); p != NULL; p = strstr(p + 1, what)) {
        n++;
    }
    return n;
}

static struct draw *every_kind(void)
{
    const struct draw_style line = {DRAW_SERIES_1, DRAW_NONE, 2, DASH_LONG};
    const struct draw_point p[] = {{20, 80}, {60, 40}, {100, 60}};
    struct draw *d = NULL;
    struct buf b = {0};
    struct err err = {0};

    assert_ok(draw_new(200, 100, "A <title> & more", &d, &err), err);
    buf_str(&b, "What a reader hears who cannot see it.");
    draw_describe(d, &b);
    draw_line(d, (struct draw_style){DRAW_GRID, DRAW_NONE, 1, DASH_SOLID}, 0, 90, 200, 90);
    draw_polyline(d, line, p, 3);
    draw_steps(d, (struct draw_style){DRAW_SERIES_0, DRAW_NONE, 1.5, DASH_SHORT}, p, 3);
    draw_rect(d, (struct draw_style){DRAW_NONE, DRAW_PAPER, 0, DASH_SOLID}, 5, 5, 20, 10);
    draw_mark(d, MARK_CIRCLE, DRAW_SERIES_0, false, 150, 20, 4);
    draw_mark(d, MARK_SQUARE, DRAW_SERIES_1, true, 150, 40, 4);
    draw_mark(d, MARK_DIAMOND, DRAW_ALARM, false, 150, 60, 4);
    draw_mark(d, MARK_TRIANGLE, DRAW_SERIES_2, false, 150, 80, 4);
    draw_words(d, DRAW_INK, ANCHOR_START, 5, 20, "a < b & \"c\"");
    draw_bold(d, DRAW_ALARM, ANCHOR_END, 195, 20, "crossed");
    draw_upright(d, DRAW_MUTED, ANCHOR_MIDDLE, 10, 50, "upright");
    return d;
}

static void a_figure_is_svg_with_title_description_and_no_colour_of_its_own(void **state)
{
    struct draw *d = every_kind();
    struct buf b = {0};
    struct err err = {0};

    (void)state;
    assert_ok(draw_svg(d, "x", &b, &err), err);
    assert_non_null(strstr(
        b.data, "role=\"img\" aria-labelledby=\"x-t\" aria-describedby=\"x-d\" viewBox=\"0 0 200 100\""));
    assert_non_null(strstr(b.data, "<title id=\"x-t\">A &lt;title&gt; &amp; more</title>"));
    assert_non_null(strstr(b.data, "<desc id=\"x-d\">What a reader hears"));
    assert_null(strchr(strstr(b.data, "</desc>"), '#'));
    assert_null(strstr(b.data, "http"));
    buf_clear(&b);
    assert_ok(draw_svg_file(d, &b, &err), err);
    golden("figure.svg", &b);
    draw_free(d);
    buf_done(&b);
}

static void steps_go_right_before_they_go_up(void **state)
{
    const struct draw_point p[] = {{0, 10}, {5, 8}, {9, 3}};
    struct draw *d = NULL;
    struct draw_item x;
    struct err err = {0};

    (void)state;
    assert_ok(draw_new(10, 10, "t", &d, &err), err);
    draw_steps(d, (struct draw_style){DRAW_INK, DRAW_NONE, 1, DASH_SOLID}, p, 3);
    x = draw_at(d, 0);
    assert_int_equal(x.n, 5);
    assert_true(x.point[1].x == 5 && x.point[1].y == 10);
    assert_true(x.point[2].x == 5 && x.point[2].y == 8);
    assert_true(x.point[3].x == 9 && x.point[3].y == 8);
    draw_free(d);
}

/* WCAG 2: relative luminance and contrast. */
static double luminance(unsigned c)
{
    double part[3], w[] = {0.2126, 0.7152, 0.0722}, sum = 0;

    for (int i = 0; i < 3; i++) {
        part[i] = (c >> (16 - 8 * i) & 0xffU) / 255.0;
        sum += w[i] * (part[i] <= 0.04045 ? part[i] / 12.92 : pow((part[i] + 0.055) / 1.055, 2.4));
    }
    return sum;
}

static double contrast(unsigned a, unsigned b)
{
    double x = luminance(a), y = luminance(b);

    return (fmax(x, y) + 0.05) / (fmin(x, y) + 0.05);
}

static void every_role_is_seen_in_light_and_dark(void **state)
{
    struct buf b = {0};
    const char *dark;

    (void)state;
    draw_css(&b);
    dark = strstr(b.data, "prefers-color-scheme:dark");
    assert_non_null(dark);
    for (int role = DRAW_INK; role < DRAW_ROLES; role++) {
        char name[24];
        const char *at;
        unsigned paper, c;

        if (role == DRAW_GRID || role == DRAW_PAPER) {
            continue;
        }
        assert_true(contrast(draw_colour((enum draw_role)role), draw_colour(DRAW_PAPER)) >= 4.5);
        (void)snprintf(name, sizeof(name), "--d%d:#", role);
        assert_non_null(at = strstr(dark, name));
        c = (unsigned)strtoul(at + strlen(name), NULL, 16);
        (void)snprintf(name, sizeof(name), "--d%d:#", DRAW_PAPER);
        assert_non_null(at = strstr(dark, name));
        paper = (unsigned)strtoul(at + strlen(name), NULL, 16);
        assert_true(contrast(c, paper) >= 4.5);
    }
    buf_done(&b);
}

static void axes_have_round_ticks_and_keep_values_inside(void **state)
{
    struct axis a = {0, 47, 0, 100, false}, l = {0.3, 700, 0, 100, true};
    double tick[CHART_TICKS];
    size_t n;

    (void)state;
    axis_round(&a, 6);
    assert_near(a.hi, 50, 1e-12);
    n = axis_ticks(&a, 6, tick);
    assert_int_equal(n, 6);
    assert_near(tick[1], 10, 1e-12);
    assert_near(axis_at(&a, 25), 50, 1e-12);
    assert_near(axis_at(&a, 1000), 100, 1e-12);
    assert_near(axis_at(&a, -5), 0, 1e-12);
    axis_round(&l, 6);
    assert_near(l.lo, 0.1, 1e-12);
    assert_near(l.hi, 1000, 1e-9);
    assert_near(axis_at(&l, 10), 50, 1e-9);
    assert_int_equal(axis_ticks(&l, 6, tick), 5);
    /* Nothing but one value is still an axis. */
    a = (struct axis){3, 3, 0, 100, false};
    axis_round(&a, 6);
    assert_true(a.hi > a.lo);
}

static void ticks_are_words_a_reader_knows(void **state)
{
    static const struct {
        double v;
        const char *text;
    } want[] = {{0, "0"},
                {0.5, "0.5"},
                {20, "20"},
                {1000, "1000"},
                {1e6, "10\xe2\x81\xb6"},
                {1e-4, "10\xe2\x81\xbb\xe2\x81\xb4"},
                {12000, "12000"}};
    struct buf b = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
        buf_clear(&b);
        tick_text(&b, want[i].v);
        assert_string_equal(buf_cstr(&b), want[i].text);
    }
    buf_done(&b);
}

static void long_names_are_cut_between_characters(void **state)
{
    struct buf b = {0};

    (void)state;
    chart_short(&b, "S\xc3\xb8ren", 5);
    assert_string_equal(b.data, "S\xc3\xb8ren");
    buf_clear(&b);
    chart_short(&b, "S\xc3\xb8ren", 3);
    assert_string_equal(b.data, "S\xc3\xb8\xe2\x80\xa6");
    buf_done(&b);
}

/* The figures of a report, as the words in them. */
static void figure_words(const struct synthetic_options *o, enum audience audience, struct buf *out,
                         size_t *n)
{
    struct synthetic s;
    struct report_input in;
    struct facts *f = NULL;
    struct page *p = NULL;
    struct paper paper;
    struct buf subject = {0};
    struct err err = {0};

    synthetic_make(&s, o);
    in = synthetic_report(&s);
    assert_ok(facts_new(&f, &err), err);
    assert_ok(report_facts(&in, audience, f, &err), err);
    assert_ok(report_page(f, audience, in.now, &p, &paper, &subject, &err), err);
    *n = 0;
    for (size_t i = 0; i < page_count(p); i++) {
        struct page_view v = page_at(p, i);

        if (v.kind == BLOCK_FIGURE) {
            ++*n;
            buf_fmt(out, "[%s|%s]\n", draw_get_title(v.figure), draw_get_description(v.figure));
            for (size_t k = 0; k < draw_count(v.figure); k++) {
                struct draw_item x = draw_at(v.figure, k);

                if (x.kind == DRAW_WORDS) {
                    buf_fmt(out, "%s\n", x.text);
                }
            }
        }
    }
    page_free(p);
    facts_free(f);
    buf_done(&subject);
    synthetic_done(&s);
}

static void figures_say_in_words_what_they_show(void **state)
{
    struct synthetic_options o = {0};
    struct buf b = {0};
    size_t n = 0;

    (void)state;
    figure_words(&o, AUDIENCE_CLOSED, &b, &n);
    /* two a monitor, two dot plots, incidence of five categories, volcano of terms */
    assert_int_equal(n, 2 * 3 + 2 + 5 + 1);
    assert_non_null(strstr(
        b.data, "[Cardiovascular events: statistic and boundary|Cardiovascular events: CROSSED at look 14."));
    assert_non_null(strstr(b.data, "6 first events: statistic 6 of 6, boundary 6, CROSSED."));
    assert_non_null(strstr(b.data, "crossed, look 14"));
    assert_non_null(strstr(b.data, "Of them in Magnesium"));
    assert_non_null(strstr(b.data, "reference 20"));
    assert_non_null(strstr(b.data, "Cardiovascular events, Magnesium v Placebo: infinite (at least 1.57)."));
    assert_non_null(
        strstr(b.data, "Magnesium (solid): 3 months 6.7 (2.8 to 15.3); 6 months 20.0 (12.6 to 31.0)"));
    assert_non_null(strstr(b.data, "Placebo (dashed): 3 months 0.0;"));
    assert_null(strstr(b.data, "nan"));
    buf_wipe(&b);
}

static void figures_of_the_open_report_know_no_arm(void **state)
{
    struct synthetic_options plain = {0}, swapped = {.swap_arms = true};
    struct buf a = {0}, b = {0};
    size_t n = 0, m = 0;

    (void)state;
    figure_words(&plain, AUDIENCE_OPEN, &a, &n);
    figure_words(&swapped, AUDIENCE_OPEN, &b, &m);
    assert_int_equal(n, 2); /* what is withheld at every month has no figure */
    assert_int_equal(m, 2);
    assert_string_equal(a.data, b.data);
    assert_null(strstr(a.data, "Magnesium"));
    assert_null(strstr(a.data, "oundary"));
    /* What the table withholds is no point of the curve: only the months that are shown have a mark. */
    assert_non_null(strstr(a.data, "withheld"));
    buf_done(&a);
    buf_done(&b);
}

static void three_arms_have_three_lines_and_a_row_for_each_comparison(void **state)
{
    struct synthetic_options o = {.third_arm = true};
    struct buf b = {0};
    size_t n = 0;

    (void)state;
    figure_words(&o, AUDIENCE_CLOSED, &b, &n);
    assert_non_null(strstr(b.data, "Low dose (dashed)"));
    assert_true(count_of(b.data, "\nLow dose\n") == 5);
    assert_non_null(strstr(b.data, "Deaths, Low dose v Placebo"));
    buf_wipe(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_figure_is_svg_with_title_description_and_no_colour_of_its_own),
        cmocka_unit_test(steps_go_right_before_they_go_up),
        cmocka_unit_test(every_role_is_seen_in_light_and_dark),
        cmocka_unit_test(axes_have_round_ticks_and_keep_values_inside),
        cmocka_unit_test(ticks_are_words_a_reader_knows),
        cmocka_unit_test(long_names_are_cut_between_characters),
        cmocka_unit_test(figures_say_in_words_what_they_show),
        cmocka_unit_test(figures_of_the_open_report_know_no_arm),
        cmocka_unit_test(three_arms_have_three_lines_and_a_row_for_each_comparison),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
