#include "support/t.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "support/t_feed.h"

static struct csv *parse_n(const char *s, size_t len)
{
    struct csv *c = NULL;
    struct err e = {0};

    assert_ok(csv_parse("x.csv", s, len, &c, &e), e);
    return c;
}

static struct csv *parse(const char *s)
{
    return parse_n(s, strlen(s));
}

static void refuse(const char *s, const char *want)
{
    struct csv *c = NULL;
    struct err e = {0};

    assert_int_equal(csv_parse("x.csv", s, strlen(s), &c, &e), E_DATA);
    assert_null(c);
    assert_string_equal(e.msg, want);
}

static void rows_and_columns_are_found_by_name(void **state)
{
    struct csv *c = parse("id,term\n1,kvalme\n2,opkast\n");

    (void)state;
    assert_int_equal(csv_rows(c), 2);
    assert_int_equal(csv_cols(c), 2);
    assert_string_equal(csv_header(c, 1), "term");
    assert_int_equal(csv_find(c, "term"), 1);
    assert_int_equal(csv_find(c, "TERM"), -1);
    assert_string_equal(csv_cell(c, 1, 1, NULL), "opkast");
    assert_int_equal(csv_line(c, 1), 3);
    csv_free(c);
}

static void quoted_cells_hold_commas_quotes_and_line_ends(void **state)
{
    struct csv *c = parse("a,b\r\n\"x,\"\"y\"\"\r\nz\",\"\"\r\n  \"q\" ,5\" wound\r\n");
    size_t len = 0;

    (void)state;
    assert_int_equal(csv_rows(c), 2);
    assert_string_equal(csv_cell(c, 0, 0, &len), "x,\"y\"\r\nz");
    assert_int_equal(len, 8);
    assert_string_equal(csv_cell(c, 0, 1, &len), "");
    assert_int_equal(len, 0);
    assert_string_equal(csv_cell(c, 1, 0, NULL), "  \"q\" ");
    assert_string_equal(csv_cell(c, 1, 1, NULL), "5\" wound");
    assert_int_equal(csv_line(c, 1), 4);
    csv_free(c);
}

static void a_byte_order_mark_is_no_part_of_the_header(void **state)
{
    struct csv *c = parse("\xef\xbb\xbfterm\nx");

    (void)state;
    assert_int_equal(csv_find(c, "term"), 0);
    assert_int_equal(csv_rows(c), 1);
    csv_free(c);
    c = parse("\xef\xbb\xbf\"term\"\r\nx\r\n");
    assert_int_equal(csv_find(c, "term"), 0);
    csv_free(c);
}

static void a_header_alone_has_no_rows(void **state)
{
    static const char *const one[] = {"a,b", "a,b\n", "a,b\r\n", "a,b\n\n\r\n\n"};

    (void)state;
    for (size_t i = 0; i < sizeof one / sizeof one[0]; i++) {
        struct csv *c = parse(one[i]);

        assert_int_equal(csv_rows(c), 0);
        assert_int_equal(csv_cols(c), 2);
        csv_free(c);
    }
}

static void empty_cells_stay_and_empty_lines_at_the_end_go(void **state)
{
    struct csv *c = parse("a,b\n,\n,x\n\n\n");

    (void)state;
    assert_int_equal(csv_rows(c), 2);
    assert_string_equal(csv_cell(c, 0, 0, NULL), "");
    assert_string_equal(csv_cell(c, 1, 1, NULL), "x");
    csv_free(c);
    c = parse("term\nx\n\ny\n"); /* where a row is one cell, an empty line is an empty cell */
    assert_int_equal(csv_rows(c), 3);
    assert_string_equal(csv_cell(c, 1, 0, NULL), "");
    assert_string_equal(csv_cell(c, 2, 0, NULL), "y");
    csv_free(c);
}

static void a_last_comma_is_an_empty_cell_at_the_end_of_the_file(void **state)
{
    struct csv *c = parse("a,b\n1,");

    (void)state;
    assert_int_equal(csv_rows(c), 1);
    assert_string_equal(csv_cell(c, 0, 1, NULL), "");
    csv_free(c);
}

static void cells_are_bytes_even_hostile_ones(void **state)
{
    static const char s[] = "a,b\n\"x\0y\",\xff\xfe\n";
    struct csv *c = parse_n(s, sizeof s - 1);
    size_t len = 0;
    const char *p = csv_cell(c, 0, 0, &len);

    (void)state;
    assert_int_equal(len, 3);
    assert_memory_equal(p, "x\0y", 4);
    assert_string_equal(csv_cell(c, 0, 1, &len), "\xff\xfe");
    csv_free(c);
}

static void what_is_broken_is_named_with_its_line(void **state)
{
    (void)state;
    refuse("a,b\n1,2\n1,2,3\n", "x.csv:3: 3 cells where the header has 2");
    refuse("a,b\n1\n", "x.csv:2: 1 cells where the header has 2");
    refuse("a,b\n1,2\n\n3,4\n", "x.csv:3: 1 cells where the header has 2");
    refuse("a,b\n\"1\n\n2\",2\n\"x\"y,2\n",
           "x.csv:5:4: text after the closing quote of a cell; double the quotes that belong to the text");
    refuse("a,b\n1,\"two\nlines", "x.csv:2:3: a quoted cell starts here and never ends; close it with \"");
    refuse("a,b,a\n", "x.csv:1: two columns are named 'a'; rename or drop one");
    refuse("", "x.csv: empty; the first line must hold the names of the columns");
    refuse("\n\r\n", "x.csv: empty; the first line must hold the names of the columns");
    refuse("\r\r\na\nb\n", "x.csv: empty; the first line must hold the names of the columns");
    refuse("\xef\xbb\xbf", "x.csv: empty; the first line must hold the names of the columns");
}

static void a_name_with_a_nul_byte_is_refused(void **state)
{
    static const char s[] = "a,b\0c\n1,2\n";
    struct csv *c = NULL;
    struct err e = {0};

    (void)state;
    assert_int_equal(csv_parse("x.csv", s, sizeof s - 1, &c, &e), E_DATA);
    assert_string_equal(e.msg, "x.csv:1: a NUL byte in the name of column 2; is the file UTF-16?");
}

static void written_cells_are_quoted_only_when_they_must_be(void **state)
{
    struct buf b = {0};

    (void)state;
    csv_put(&b, true, "plain", 5);
    csv_put(&b, false, "a,b", 3);
    csv_put(&b, false, "say \"x\"", 7);
    csv_put(&b, false, " blank ", 7);
    csv_put(&b, false, "", 0);
    csv_put(&b, false, "two\nlines", 9);
    csv_put(&b, false, "cr\r", 3);
    csv_end(&b);
    assert_string_equal(buf_cstr(&b), "plain,\"a,b\",\"say \"\"x\"\"\", blank ,,\"two\nlines\",\"cr\r\"\n");
    buf_done(&b);
}

static void what_was_written_reads_back(void **state)
{
    static const char alphabet[] = "ab,\"\n\r \xc3";
    uint32_t x = 12345;
    struct buf b = {0};
    char cells[200][3][12];
    struct csv *c;

    (void)state;
    buf_str(&b, "h1,h2,h3\n");
    for (size_t r = 0; r < 200; r++) {
        for (size_t k = 0; k < 3; k++) {
            size_t n;

            x = x * 1664525u + 1013904223u;
            n = (x >> 16) % 10;
            for (size_t i = 0; i < n; i++) {
                x = x * 1664525u + 1013904223u;
                cells[r][k][i] = alphabet[(x >> 16) % (sizeof alphabet - 1)];
            }
            cells[r][k][n] = '\0';
            csv_put(&b, k == 0, cells[r][k], n);
        }
        csv_end(&b);
    }
    c = parse_n(b.data, b.len);
    assert_int_equal(csv_rows(c), 200);
    for (size_t r = 0; r < 200; r++) {
        for (size_t k = 0; k < 3; k++) {
            assert_string_equal(csv_cell(c, r, k, NULL), cells[r][k]);
        }
    }
    csv_free(c);
    buf_done(&b);
}

static void cut_anywhere_nothing_is_read_past_the_end(void **state)
{
    static const char s[] = "a,b\r\n\"x,\"\"y\r\n\",2\r\n3,\"4\"\r\n";
    struct err e;

    (void)state;
    for (size_t n = 0; n < sizeof s; n++) {
        char *copy = malloc(n == 0 ? 1 : n);
        struct csv *c = NULL;

        assert_non_null(copy);
        memcpy(copy, s, n);
        (void)csv_parse("x.csv", copy, n, &c, &e);
        csv_free(c);
        free(copy);
    }
    csv_free(NULL);
}

/* Row by row in pieces of `step` bytes: the same cells and lines, or the same words, as read whole. */
static void streams_alike(const char *s, size_t len, size_t step)
{
    struct t_feed bytes = {.bytes = s, .len = len, .step = step};
    struct feed in = t_feed(&bytes, "x.csv");
    struct csv_stream *stream = NULL;
    struct csv *whole = NULL;
    struct err e = {0}, want = {0};
    enum status st_want = csv_parse("x.csv", s, len, &whole, &want), st = csv_open(&in, 1000, &stream, &e);
    size_t row = 0;
    bool more = true;

    if (st == OK && whole != NULL) {
        assert_int_equal(csv_cols(csv_stream_header(stream)), csv_cols(whole));
        for (size_t k = 0; k < csv_cols(whole); k++) {
            assert_string_equal(csv_header(csv_stream_header(stream), k), csv_header(whole, k));
        }
    }
    while (st == OK && more) {
        st = csv_next(stream, &more, &e);
        for (size_t k = 0; st == OK && more && whole != NULL && k < csv_cols(whole); k++) {
            size_t n = 0, m = 0;
            const char *got = csv_stream_cell(stream, k, &n), *wanted = csv_cell(whole, row, k, &m);

            assert_int_equal(n, m);
            assert_memory_equal(got, wanted, m + 1);
            assert_int_equal(csv_stream_line(stream), csv_line(whole, row));
        }
        row += st == OK && more;
    }
    assert_int_equal(st, st_want);
    if (st == OK) {
        assert_int_equal(row, csv_rows(whole));
    } else {
        assert_string_equal(e.msg, want.msg);
    }
    csv_close(stream);
    csv_free(whole);
}

static void row_by_row_is_as_whole_however_the_bytes_come(void **state)
{
    static const char *const tables[] = {
        "id,term\n1,kvalme\n2,opkast\n",
        "a,b\r\n\"x,\"\"y\"\"\r\nz\",\"\"\r\n  \"q\" ,5\" wound\r\n",
        "\xef\xbb\xbfterm\nx",
        "\xef\xbb\xbf\"te\nrm\"\r\nx\r\n",
        "\na,b\n1,2\n",
        "\r\r\r\n\na\n",
        "a,b",
        "a,b\n\n\r\n\n",
        "a,b\n,\n,x\n\n\n",
        "term\nx\n\ny\n",
        "a,b\n1,",
        "a,b\n1,2\n1,2,3\n",
        "a,b\n1\n",
        "a,b\n1,2\n\n3,4\n",
        "a,b\n\"1\n\n2\",2\n\"x\"y,2\n",
        "a,b\n1,\"two\nlines",
        "a,b,a\n",
        "",
        "\xef\xbb\xbf",
        "\"a\n\n\",b\n1,2\n",
        "a,b\n1,2\n\r\n\r",
        "a,b\n1,\"x\"\r\n\"\"\"\",\"\"",
    };

    (void)state;
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        for (size_t step = 1; step < 9; step++) {
            streams_alike(tables[i], strlen(tables[i]), step);
        }
        streams_alike(tables[i], strlen(tables[i]), 1 << 20);
    }
}

static void many_rows_need_the_memory_of_one(void **state)
{
    struct buf b = {0};
    size_t rows = 0;
    bool more = true;
    struct csv_stream *s = NULL;
    struct t_feed bytes;
    struct feed in = t_feed(&bytes, "x.csv");
    struct err e = {0};

    (void)state;
    buf_str(&b, "n,text\n");
    for (int i = 0; i < 50000; i++) {
        buf_fmt(&b, "%d,\"a \"\"quoted\"\" text\n of two lines %d\"\r\n", i, i);
    }
    bytes = (struct t_feed){.bytes = b.data, .len = b.len, .step = 7777};
    /* More than one window: rows lie across their ends. */
    assert_true(b.len > 1 << 21);
    assert_ok(csv_open(&in, 100, &s, &e), e);
    for (;; rows++) {
        char want[64];
        size_t len = 0;

        assert_ok(csv_next(s, &more, &e), e);
        if (!more) {
            break;
        }
        (void)snprintf(want, sizeof want, "a \"quoted\" text\n of two lines %zu", rows);
        assert_string_equal(csv_stream_cell(s, 1, &len), want);
        assert_int_equal(csv_stream_line(s), 2 * rows + 2);
    }
    assert_int_equal(rows, 50000);
    csv_close(s);
    buf_done(&b);
}

static void a_row_without_end_is_refused_before_memory_is(void **state)
{
    struct buf b = {0};
    struct csv_stream *s = NULL;
    struct t_feed bytes;
    struct feed in = t_feed(&bytes, "x.csv");
    struct err e = {0};
    bool more = false;

    (void)state;
    buf_str(&b, "a,b\n1,2\n3,\"");
    buf_fill(&b, 'x', 1 << 20);
    bytes = (struct t_feed){.bytes = b.data, .len = b.len, .step = 4096};
    assert_ok(csv_open(&in, 10000, &s, &e), e);
    assert_ok(csv_next(s, &more, &e), e);
    assert_int_equal(csv_next(s, &more, &e), E_DATA);
    assert_string_equal(e.msg, "x.csv:3: a row of more than 10000 bytes; is a quote never closed?");
    assert_true(bytes.at < 200000);
    csv_close(s);
    csv_close(NULL);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_and_columns_are_found_by_name),
        cmocka_unit_test(quoted_cells_hold_commas_quotes_and_line_ends),
        cmocka_unit_test(a_byte_order_mark_is_no_part_of_the_header),
        cmocka_unit_test(a_header_alone_has_no_rows),
        cmocka_unit_test(empty_cells_stay_and_empty_lines_at_the_end_go),
        cmocka_unit_test(a_last_comma_is_an_empty_cell_at_the_end_of_the_file),
        cmocka_unit_test(cells_are_bytes_even_hostile_ones),
        cmocka_unit_test(what_is_broken_is_named_with_its_line),
        cmocka_unit_test(a_name_with_a_nul_byte_is_refused),
        cmocka_unit_test(written_cells_are_quoted_only_when_they_must_be),
        cmocka_unit_test(what_was_written_reads_back),
        cmocka_unit_test(cut_anywhere_nothing_is_read_past_the_end),
        cmocka_unit_test(row_by_row_is_as_whole_however_the_bytes_come),
        cmocka_unit_test(many_rows_need_the_memory_of_one),
        cmocka_unit_test(a_row_without_end_is_refused_before_memory_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
