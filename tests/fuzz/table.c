/*
 * libFuzzer: tables that come in files.  The first byte chooses: c a CSV, read whole and row by row with the same result;
 * else SAS transport.  The second is how many bytes the reader gets at a time.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/charset.h"
#include "base/csv.h"
#include "base/xpt.h"
#include "support/t_feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROW_MAX = 1 << 16 };

static void expect(int holds)
{
    if (!holds) {
        __builtin_trap();
    }
}

static void same_row(const struct csv_stream *s, const struct csv *whole, size_t row)
{
    expect(row < csv_rows(whole) && csv_stream_line(s) == csv_line(whole, row));
    for (size_t k = 0; k < csv_cols(whole); k++) {
        size_t n = 0, m = 0;
        const char *a = csv_stream_cell(s, k, &n), *b = csv_cell(whole, row, k, &m);

        expect(n == m && memcmp(a, b, n + 1) == 0);
    }
}

static void read_csv(const struct feed *in, const char *bytes, size_t len)
{
    struct csv *whole = NULL;
    struct csv_stream *s = NULL;
    struct err want = {0}, err = {0};
    enum status st_want = csv_parse(in->name, bytes, len, &whole, &want);
    enum status st = csv_open(in, ROW_MAX, &s, &err);
    bool more = true;

    for (size_t row = 0; st == OK && more; row++) {
        st = csv_next(s, &more, &err);
        if (st == OK && more && whole != NULL) {
            same_row(s, whole, row);
        } else if (st == OK && !more && whole != NULL) {
            expect(row == csv_rows(whole));
        }
    }
    /* What the window cannot hold is refused for that; else one refuses what the other does. */
    expect(st == st_want || strstr(err.msg, "a row of more than") != NULL);
    expect(st == OK || err.msg[0] != '\0');
    csv_close(s);
    csv_free(whole);
}

static void read_xpt(const struct feed *in)
{
    struct xpt *x = NULL;
    struct buf text = {0};
    struct err err = {0};
    enum status st = xpt_open(in, &x, &err);
    bool more = true;

    while (st == OK && more) {
        st = xpt_next(x, &more, &err);
        for (size_t k = 0; st == OK && more && k < xpt_cols(x); k++) {
            size_t len = 0;
            const char *s = xpt_cell(x, k, &len);

            buf_clear(&text);
            if (s != NULL) {
                (void)charset_add(&text, CHARSET_WINDOWS_1252, s, len);
                expect(!xpt_is_number(x, k) || (len > 0 && text.len == len));
            }
        }
    }
    expect(st == OK || err.msg[0] != '\0');
    buf_done(&text);
    xpt_close(x);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy;
    struct t_feed bytes;
    struct feed in;

    if (size < 2) {
        return -1;
    }
    copy = malloc(size - 1); /* its own block: one byte past the end is seen */
    if (copy == NULL) {
        return -1;
    }
    memcpy(copy, data + 2, size - 2);
    bytes = (struct t_feed){.bytes = copy, .len = size - 2, .step = (size_t)data[1] + 1};
    in = t_feed(&bytes, "fuzz");
    if (data[0] == 'c') {
        read_csv(&in, copy, size - 2);
    } else {
        read_xpt(&in);
    }
    free(copy);
    return 0;
}
