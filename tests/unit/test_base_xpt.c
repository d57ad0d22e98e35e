#include "support/t.h"

#include <iconv.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/charset.h"
#include "base/text.h"
#include "base/xpt.h"
#include "support/nomem.h"
#include "support/t_feed.h"

/* --- a small writer of its own ---------------------------------------------------------------------------------- */

struct column {
    const char *name;
    int type, len; /* 1 number, 2 text */
    int at;        /* -1: after the one before */
};

static void record(struct buf *b, const char *text)
{
    buf_str(b, text);
    buf_fill(b, ' ', 80 - strlen(text));
}

static void pad(struct buf *b)
{
    buf_fill(b, ' ', (80 - b->len % 80) % 80);
}

static void be(struct buf *b, unsigned v, int bytes)
{
    for (int i = bytes - 1; i >= 0; i--) {
        buf_char(b, (char)(v >> (8 * i) & 255));
    }
}

static void field(struct buf *b, const char *s, size_t width)
{
    buf_str(b, s);
    buf_fill(b, ' ', width - strlen(s));
}

static void member(struct buf *b, const char *name, const struct column *c, size_t n)
{
    char head[81];
    int at = 0;

    record(b, "HEADER RECORD*******MEMBER  HEADER RECORD!!!!!!!000000000000000001600000000140");
    record(b, "HEADER RECORD*******DSCRPTR HEADER RECORD!!!!!!!000000000000000000000000000000");
    (void)snprintf(head, sizeof head, "SAS     %-8sSASDATA 9.4     Linux", name);
    record(b, head);
    record(b, "01JAN26:00:00:00");
    (void)snprintf(head, sizeof head,
                   "HEADER RECORD*******NAMESTR HEADER RECORD!!!!!!!000000%04zu00000000000000000000", n);
    record(b, head);
    for (size_t i = 0; i < n; i++) {
        be(b, (unsigned)c[i].type, 2);
        be(b, 0, 2);
        be(b, (unsigned)c[i].len, 2);
        be(b, (unsigned)i + 1, 2);
        field(b, c[i].name, 8);
        field(b, "a label", 40);
        buf_fill(b, ' ', 8);
        buf_fill(b, '\0', 8);
        buf_fill(b, ' ', 8);
        buf_fill(b, '\0', 4);
        be(b, (unsigned)(c[i].at < 0 ? at : c[i].at), 4);
        buf_fill(b, '\0', 52);
        at += c[i].len;
    }
    pad(b);
    record(b, "HEADER RECORD*******OBS     HEADER RECORD!!!!!!!000000000000000000000000000000");
}

static void library(struct buf *b)
{
    record(b, "HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!000000000000000000000000000000");
    record(b, "SAS     SAS     SASLIB  9.4     Linux");
    record(b, "01JAN26:00:00:00");
}

static const struct column TWO[] = {{"USUBJID", 2, 5, -1}, {"AESEQ", 1, 8, -1}};

static void two(struct buf *b, const char *id, const char *number)
{
    field(b, id, 5);
    buf_add(b, number, 8);
}

/* --- numbers -----------------------------------------------------------------------------------------------------*/

static const char *number(const char *bytes, size_t n)
{
    static char out[XPT_NUMBER_MAX];

    return xpt_number((const unsigned char *)bytes, n, out) ? out : "missing";
}

static void numbers_of_the_standard_are_read(void **state)
{
    (void)state;
    assert_string_equal(number("\x41\x10\0\0\0\0\0\0", 8), "1");
    assert_string_equal(number("\xc1\x10\0\0\0\0\0\0", 8), "-1");
    assert_string_equal(number("\x41\x20\0\0\0\0\0\0", 8), "2");
    assert_string_equal(number("\xc2\x76\xa0\0\0\0\0\0", 8), "-118.625"); /* IBM's own example */
    assert_string_equal(number("\x40\x19\x99\x99\x99\x99\x99\x9a", 8), "0.1");
    assert_string_equal(number("\x45\x18\x6a\x00\0\0\0\0", 8), "100000");
    assert_string_equal(number("\0\0\0\0\0\0\0\0", 8), "0");
    assert_string_equal(number("\x80\0\0\0\0\0\0\0", 8), "0");
    /* the largest and the smallest there are */
    assert_string_equal(number("\x7f\xff\xff\xff\xff\xff\xff\xff", 8), "7.2370055773322621e+75");
    assert_string_equal(number("\x00\x10\0\0\0\0\0\0", 8), "5.397605346934028e-79");
}

static void short_numbers_end_in_zeros(void **state)
{
    (void)state;
    assert_string_equal(number("\x41\x10", 2), "1");
    assert_string_equal(number("\x43\x10\x0a", 3), "256.625");
    assert_string_equal(number("\x42\x64\0\0", 4), "100");
}

static void missing_values_are_no_numbers(void **state)
{
    static const char codes[] = "._ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    char bytes[8] = {0};

    (void)state;
    for (size_t i = 0; i < sizeof codes - 1; i++) {
        bytes[0] = codes[i];
        assert_string_equal(number(bytes, 8), "missing");
        assert_string_equal(number(bytes, 3), "missing");
    }
    /* The same first byte with a fraction is a number. */
    assert_string_equal(number("A\x10\0\0\0\0\0\0", 8), "1");
    bytes[0] = 'a';
    assert_string_equal(number(bytes, 8), "0");
}

static uint64_t next(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x;
}

/* What a program on a machine with doubles writes comes back as that double. */
static void every_double_comes_back(void **state)
{
    uint64_t x = 88172645463325252;

    (void)state;
    for (int i = 0; i < 200000; i++) {
        int e, sixteenth;
        uint64_t fraction = next(&x) >> 11 | UINT64_C(1) << 52; /* 53 bits */
        double d = ldexp((double)fraction, (int)(next(&x) % 400) - 200 - 53), back;
        unsigned char bytes[8];
        char out[XPT_NUMBER_MAX];

        /* d = m * 2^e, 0.5 <= m < 1, as a fraction of 56 bits and a power of 16 */
        (void)frexp(d, &e);
        sixteenth = e > 0 ? (e + 3) / 4 : e / 4;
        fraction = (uint64_t)ldexp(d, 56 - 4 * sixteenth);
        bytes[0] = (unsigned char)(64 + sixteenth);
        for (int k = 1; k < 8; k++) {
            bytes[k] = (unsigned char)(fraction >> (8 * (7 - k)));
        }
        assert_true(xpt_number(bytes, 8, out));
        back = strtod(out, NULL);
        if (memcmp(&back, &d, sizeof d) != 0) {
            fail_msg("%a came back as %s", d, out);
        }
    }
}

/* Numbers with more bits than a double has: no other such number is nearer to the text, and 18 digits are enough. */
static void numbers_longer_than_a_double_lose_nothing(void **state)
{
    uint64_t x = 362436069;

    (void)state;
    for (int i = 0; i < 200000; i++) {
        uint64_t fraction = next(&x) >> 8 | UINT64_C(1) << 55 | 1; /* all 56 bits */
        int e = (int)(next(&x) % 128);
        unsigned char bytes[8] = {(unsigned char)e};
        char out[XPT_NUMBER_MAX];
        long double back;

        for (int k = 1; k < 8; k++) {
            bytes[k] = (unsigned char)(fraction >> (8 * (7 - k)));
        }
        assert_true(xpt_number(bytes, 8, out));
        back = ldexpl(strtold(out, NULL), 56 - 4 * (e - 64));
        if ((uint64_t)llroundl(back) != fraction || strlen(out) > 24) {
            fail_msg("%d %llx became %s", e, (unsigned long long)fraction, out);
        }
    }
}

/* --- files -------------------------------------------------------------------------------------------------------*/

static struct xpt *open_it(const struct buf *b, struct t_feed *bytes, size_t step)
{
    static struct feed in;
    struct xpt *x = NULL;
    struct err e = {0};

    *bytes = (struct t_feed){.bytes = b->data, .len = b->len, .step = step};
    in = t_feed(bytes, "x.xpt");
    assert_ok(xpt_open(&in, &x, &e), e);
    return x;
}

/* All cells of all rows, "|" between cells and a line a row; "." for missing, or the error. */
static void read_all(const struct buf *b, size_t step, struct buf *out)
{
    struct t_feed bytes = {.bytes = b->data, .len = b->len, .step = step};
    struct feed in = t_feed(&bytes, "x.xpt");
    struct xpt *x = NULL;
    struct err e = {0};
    bool more = false;
    enum status st = xpt_open(&in, &x, &e);

    buf_clear(out);
    if (st == OK) {
        st = xpt_next(x, &more, &e);
    }
    for (size_t row = 1; st == OK && more; row++) {
        assert_int_equal(xpt_row(x), row);
        for (size_t i = 0; i < xpt_cols(x); i++) {
            size_t len = 0;
            const char *s = xpt_cell(x, i, &len);

            buf_str(out, i == 0 ? "" : "|");
            if (s == NULL) {
                buf_char(out, '.');
            } else {
                buf_add(out, s, len);
            }
        }
        buf_char(out, '\n');
        st = xpt_next(x, &more, &e);
    }
    if (st != OK) {
        assert_int_equal(st, E_DATA);
        buf_str(out, e.msg);
    }
    xpt_close(x);
}

static void reads(const struct buf *b, const char *want)
{
    struct buf out = {0};

    read_all(b, 1 << 20, &out);
    assert_string_equal(buf_cstr(&out), want);
    for (size_t step = 1; step < 100; step += 13) {
        read_all(b, step, &out);
        assert_string_equal(buf_cstr(&out), want);
    }
    buf_done(&out);
}

static void a_data_set_is_read(void **state)
{
    struct buf b = {0};
    struct t_feed bytes;
    struct xpt *x;

    (void)state;
    library(&b);
    member(&b, "AE", TWO, 2);
    two(&b, "S1", "\x41\x10\0\0\0\0\0\0");
    two(&b, " S2", "\x41\x20\0\0\0\0\0\0");
    two(&b, "S3 x", ".\0\0\0\0\0\0\0");
    two(&b, "", "Z\0\0\0\0\0\0\0");
    pad(&b);
    reads(&b, "S1|1\n S2|2\nS3 x|.\n|.\n");
    x = open_it(&b, &bytes, 80);
    assert_string_equal(xpt_member(x), "AE");
    assert_int_equal(xpt_cols(x), 2);
    assert_string_equal(xpt_name(x, 0), "USUBJID");
    assert_string_equal(xpt_name(x, 1), "AESEQ");
    assert_false(xpt_is_number(x, 0));
    assert_true(xpt_is_number(x, 1));
    xpt_close(x);
    buf_done(&b);
}

static void columns_lie_where_their_description_says(void **state)
{
    static const struct column turned[] = {{"A", 2, 3, 8}, {"N", 1, 8, 0}, {"B", 2, 1, 11}};
    struct buf b = {0};

    (void)state;
    library(&b);
    member(&b, "X", turned, 3);
    buf_add(&b,
            "\x41\x10\0\0\0\0\0\0"
            "abcd",
            12);
    pad(&b);
    reads(&b, "abc|1|d\n");
    buf_done(&b);
}

static void no_rows_are_no_error(void **state)
{
    struct buf b = {0};

    (void)state;
    library(&b);
    member(&b, "AE", TWO, 2);
    reads(&b, "");
    buf_done(&b);
}

static void blanks_at_the_end_are_padding_and_between_rows_they_are_rows(void **state)
{
    static const struct column one[] = {{"T", 2, 10, -1}};
    struct buf b = {0};

    (void)state;
    library(&b);
    member(&b, "X", one, 1);
    field(&b, "a", 10);
    buf_fill(&b, ' ', 20);
    field(&b, "b", 10);
    pad(&b);
    reads(&b, "a\n.\n.\nb\n");
    buf_fill(&b, ' ', 80);
    reads(
        &b,
        "a\n.\n.\nb\nx.xpt: nothing but blanks after row 4, and more of them than fill its last record: were "
        "rows overwritten? write the file again");
    buf_done(&b);
}

static void a_file_that_was_cut_off_is_known(void **state)
{
    struct buf b = {0}, out = {0};
    size_t whole;

    (void)state;
    library(&b);
    member(&b, "AE", TWO, 2);
    for (int i = 0; i < 40; i++) {
        two(&b, "S1234", "\x41\x10\0\0\0\0\0\0");
    }
    whole = b.len; /* 13 bytes a row: only every 80th cut at a record falls between two rows */
    pad(&b);
    for (size_t cut = 1; cut < whole; cut++) {
        struct buf part = {.data = b.data, .len = b.len - cut};
        size_t head = whole - (size_t)40 * 13; /* the first row's first byte */

        read_all(&part, 1 << 20, &out);
        if (part.len >= whole || (part.len >= head && part.len % 80 == 0 && (part.len - head) % 13 == 0)) {
            continue; /* blanks of the last record, or a place that nobody can tell from the end */
        }
        if (strstr(buf_cstr(&out), "x.xpt: ") == NULL) {
            fail_msg("cut to %zu bytes: %s", part.len, buf_cstr(&out));
        }
    }
    buf_done(&out);
    buf_done(&b);
}

static void what_is_no_v5_transport_is_refused_by_name(void **state)
{
    static const struct column same[] = {{"A", 2, 4, 0}, {"B", 2, 4, 2}};
    static const struct column wide[] = {{"N", 1, 9, -1}};
    static const struct column empty[] = {{"A", 2, 0, -1}};
    static const struct column odd[] = {{"A", 3, 4, -1}};
    static const struct column bad_name[] = {{"A;B", 2, 4, -1}};
    static const struct column far[] = {{"A", 2, 4, 400}};
    const struct {
        const struct column *c;
        size_t n;
        const char *want;
    } columns[] = {
        {same, 2, "x.xpt: variable B lies at byte 2, where it does not fit"},
        {wide, 1, "x.xpt: variable N cannot have a length of 9"},
        {empty, 1, "x.xpt: variable A cannot have a length of 0"},
        {odd, 1, "x.xpt: variable A is neither a number (1) nor text (2): 3"},
        {bad_name, 1, "x.xpt: variable 1 has no name of letters, digits and _"},
        {far, 1, "x.xpt: variable A lies at byte 400, where it does not fit"},
    };
    struct buf b = {0};

    (void)state;
    reads(&b, "x.xpt: empty; it must be a SAS V5 transport file");
    record(&b, "HEADER RECORD*******LIBV8   HEADER RECORD!!!!!!!000000000000000000000000000000");
    reads(&b, "x.xpt: a SAS V8 transport file; write it as V5, the form regulators take (libname ... xport), "
              "or as CSV");
    buf_clear(&b);
    record(&b, "**COMPRESSED** **COMPRESSED** **COMPRESSED** **COMPRESSED** **COMPRESSED********");
    reads(&b, "x.xpt: written by PROC CPORT, which only SAS reads; write it as V5 transport (libname ... "
              "xport), or as "
              "CSV");
    buf_clear(&b);
    record(&b, "STUDYID,USUBJID");
    reads(&b, "x.xpt: record 1 should begin with \"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!\"; is it "
              "a SAS V5 "
              "transport file?");
    buf_clear(&b);
    buf_str(&b, "a few bytes");
    reads(&b, "x.xpt: record 1 has 11 bytes of 80: the file was cut off, or changed on its way (a transfer "
              "as text); "
              "fetch it again");
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        buf_clear(&b);
        library(&b);
        member(&b, "X", columns[i].c, columns[i].n);
        reads(&b, columns[i].want);
    }
    buf_done(&b);
}

static void a_second_data_set_is_no_more_rows(void **state)
{
    struct buf b = {0};

    (void)state;
    library(&b);
    member(&b, "AE", TWO, 2);
    two(&b, "S1", "\x41\x10\0\0\0\0\0\0");
    pad(&b);
    member(&b, "DM", TWO, 2);
    reads(&b, "S1|1\nx.xpt: record 15 begins a second data set; write one file for each domain");
    buf_done(&b);
}

static void cut_and_bent_anywhere_nothing_is_read_past_the_end(void **state)
{
    struct buf b = {0}, out = {0};
    uint64_t x = 7;

    (void)state;
    library(&b);
    member(&b, "AE", TWO, 2);
    two(&b, "S1", "\x41\x10\0\0\0\0\0\0");
    two(&b, "S2", "\x41\x10\0\0\0\0\0\0");
    pad(&b);
    for (int i = 0; i < 20000; i++) {
        size_t n = next(&x) % (b.len + 1), at = next(&x) % b.len;
        char *copy = malloc(n == 0 ? 1 : n);
        struct buf bent = {.data = copy, .len = n};
        struct t_feed bytes = {.bytes = copy, .len = n, .step = 1 << 20};
        struct feed in = t_feed(&bytes, "x.xpt");
        struct xpt *p = NULL;
        struct err e = {0};
        bool more = true;
        enum status st;

        assert_non_null(copy);
        memcpy(copy, b.data, n);
        if (at < n) {
            copy[at] = (char)next(&x);
        }
        st = xpt_open(&in, &p, &e);
        while (st == OK && more) {
            st = xpt_next(p, &more, &e);
            for (size_t k = 0; st == OK && more && k < xpt_cols(p); k++) {
                size_t len = 0;

                (void)xpt_cell(p, k, &len);
            }
        }
        assert_true(st == OK || e.msg[0] != '\0');
        xpt_close(p);
        free(bent.data);
    }
    buf_done(&out);
    buf_done(&b);
}

static void every_allocation_may_fail(void **state)
{
    struct buf b = {0};
    struct t_feed bytes;
    struct feed in = t_feed(&bytes, "x.xpt");
    enum status st = E_NOMEM;

    (void)state;
    if (!OWN_ALLOCATOR) {
        skip();
    }
    library(&b);
    member(&b, "AE", TWO, 2);
    for (long n = 0; st != OK; n++) {
        struct xpt *x = NULL;
        struct err e = {0};

        assert_true(n < 100);
        bytes = (struct t_feed){.bytes = b.data, .len = b.len, .step = 1000};
        calls = live = 0;
        fail_at = n;
        armed = true;
        st = xpt_open(&in, &x, &e);
        xpt_close(x);
        armed = false;
        assert_int_equal(live, 0);
        assert_true(st == OK || (st == E_NOMEM && x == NULL));
    }
    buf_done(&b);
}

/* --- encodings ---------------------------------------------------------------------------------------------------*/

/* Every byte, against what the C library makes of it. */
static void bytes_become_the_letters_that_iconv_knows(void **state)
{
    static const struct {
        enum charset cs;
        const char *name;
    } sets[] = {{CHARSET_WINDOWS_1252, "WINDOWS-1252"}, {CHARSET_ISO_8859_1, "ISO-8859-1"}};

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        iconv_t cd = iconv_open("UTF-8", sets[k].name);

        assert_true(cd != (iconv_t)-1);
        for (int c = 1; c < 256; c++) {
            char in[1] = {(char)c}, want[8], *from = in, *to = want;
            size_t left = 1, room = sizeof want;
            bool known = iconv(cd, &from, &left, &to, &room) == 0;
            struct buf b = {0};

            known = known && !(sets[k].cs == CHARSET_ISO_8859_1 && c >= 0x80 && c < 0xa0);
            assert_int_equal(charset_add(&b, sets[k].cs, in, 1), known);
            if (known) {
                assert_int_equal(b.len, (size_t)(to - want));
                assert_memory_equal(b.data, want, b.len);
            } else {
                assert_int_equal(b.len, 0);
            }
            buf_done(&b);
        }
        (void)iconv_close(cd);
    }
}

static void text_that_is_none_adds_nothing(void **state)
{
    struct buf b = {0};
    enum charset cs = CHARSET_ISO_8859_1;

    (void)state;
    buf_str(&b, "before");
    assert_false(charset_add(&b, CHARSET_UTF8, "sm\xf8rre", 6));
    assert_false(charset_add(&b, CHARSET_UTF8, "a\0b", 3));
    assert_false(charset_add(&b, CHARSET_WINDOWS_1252, "abc\x81", 4));
    assert_false(charset_add(&b, CHARSET_WINDOWS_1252, "a\0b", 3));
    assert_string_equal(buf_cstr(&b), "before");
    assert_true(charset_add(&b, CHARSET_UTF8, "sm\xc3\xb8rre", 7));
    assert_true(charset_add(&b, CHARSET_WINDOWS_1252, "\x80", 1));
    assert_string_equal(buf_cstr(&b), "beforesm\xc3\xb8rre\xe2\x82\xac");
    assert_true(charset_find("WLATIN1", &cs));
    assert_string_equal(charset_name(cs), "windows-1252");
    assert_true(charset_find("latin1", &cs) && cs == CHARSET_ISO_8859_1);
    assert_false(charset_find("utf-16", &cs));
    assert_false(charset_find("", &cs));
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_the_standard_are_read),
        cmocka_unit_test(short_numbers_end_in_zeros),
        cmocka_unit_test(missing_values_are_no_numbers),
        cmocka_unit_test(every_double_comes_back),
        cmocka_unit_test(numbers_longer_than_a_double_lose_nothing),
        cmocka_unit_test(a_data_set_is_read),
        cmocka_unit_test(columns_lie_where_their_description_says),
        cmocka_unit_test(no_rows_are_no_error),
        cmocka_unit_test(blanks_at_the_end_are_padding_and_between_rows_they_are_rows),
        cmocka_unit_test(a_file_that_was_cut_off_is_known),
        cmocka_unit_test(what_is_no_v5_transport_is_refused_by_name),
        cmocka_unit_test(a_second_data_set_is_no_more_rows),
        cmocka_unit_test(cut_and_bent_anywhere_nothing_is_read_past_the_end),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(bytes_become_the_letters_that_iconv_knows),
        cmocka_unit_test(text_that_is_none_adds_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
