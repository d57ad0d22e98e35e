#include "render/table.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum { COLS_MAX = 64, GAP = 2 };

struct table {
    size_t cols, cells;
    bool right[COLS_MAX];
    struct buf text; /* cells one after the other, each ended by NUL */
};

static size_t width_of(const char *s, size_t len)
{
    size_t width = 0;

    for (size_t i = 0; i < len;) {
        utf8proc_int32_t c = 0;
        utf8proc_ssize_t n =
            utf8proc_iterate((const utf8proc_uint8_t *)s + i, (utf8proc_ssize_t)(len - i), &c);

        if (n <= 0) { /* cells are well-formed; count a stray byte as one column */
            n = 1;
            width++;
        } else {
            int w = utf8proc_charwidth(c);

            width += w > 0 ? (size_t)w : 0;
        }
        i += (size_t)n;
    }
    return width;
}

size_t display_width(const char *s)
{
    return width_of(s, strlen(s));
}

enum status table_new(size_t cols, struct table **ret, struct err *err)
{
    struct table *t;

    if (cols == 0 || cols > COLS_MAX) {
        return err_set(err, E_INTERNAL, "a table of %zu columns", cols);
    }
    t = calloc(1, sizeof(*t));
    if (t == NULL) {
        return err_set(err, E_NOMEM, "a table");
    }
    t->cols = cols;
    *ret = t;
    return OK;
}

void table_free(struct table *t)
{
    if (t != NULL) {
        buf_wipe(&t->text);
        free(t);
    }
}

void table_right(struct table *t, size_t col)
{
    t->right[col] = true;
}

void table_cell(struct table *t, const char *s)
{
    buf_add(&t->text, s, strlen(s) + 1);
    t->cells++;
}

enum status table_write(const struct table *t, const char *indent, struct buf *out, struct err *err)
{
    size_t widest[COLS_MAX] = {0};
    bool headless = true;
    const char *s;

    if (t->text.failed) {
        return err_set(err, E_NOMEM, "a table");
    }
    if (t->cells % t->cols != 0) {
        return err_set(err, E_INTERNAL, "a table with an incomplete row");
    }
    s = buf_cstr(&t->text);
    for (size_t i = 0; i < t->cells; i++, s += strlen(s) + 1) {
        size_t w = display_width(s);

        headless = headless && (w == 0 || i >= t->cols);
        if (w > widest[i % t->cols]) {
            widest[i % t->cols] = w;
        }
    }
    s = buf_cstr(&t->text);
    for (size_t i = 0; i < t->cells; i++, s += strlen(s) + 1) {
        size_t col = i % t->cols, pad = widest[col] - display_width(s);

        if (headless && i < t->cols) {
            continue;
        }
        if (col == 0) {
            buf_str(out, indent);
        }
        if (t->right[col]) {
            buf_fill(out, ' ', pad);
        }
        buf_str(out, s);
        if (col + 1 < t->cols) {
            buf_fill(out, ' ', GAP + (t->right[col] ? 0 : pad));
            continue;
        }
        while (out->len > 0 && !out->failed && out->data[out->len - 1] == ' ') {
            out->data[--out->len] = '\0';
        }
        buf_char(out, '\n');
        if (i + 1 == t->cols) { /* a rule under the header */
            buf_str(out, indent);
            for (size_t c = 0; c < t->cols; c++) {
                buf_fill(out, '-', widest[c]);
                if (c + 1 < t->cols) {
                    buf_fill(out, ' ', GAP);
                }
            }
            buf_char(out, '\n');
        }
    }
    return OK;
}

void text_wrap(struct buf *out, const char *text, size_t width, const char *hang)
{
    size_t at = 0;
    bool first = true;

    while (*text != '\0') {
        size_t n = strcspn(text, " \n"), w = width_of(text, n);

        if (!first && at + 1 + w > width) {
            buf_char(out, '\n');
            buf_str(out, hang);
            at = display_width(hang);
        } else if (!first) {
            buf_char(out, ' ');
            at++;
        }
        buf_add(out, text, n);
        at += w;
        first = false;
        text += n;
        while (*text == ' ') {
            text++;
        }
        if (*text == '\n') {
            text++;
            buf_char(out, '\n');
            buf_str(out, *text == '\0' ? "" : hang);
            at = display_width(hang);
            first = true;
        }
    }
    buf_char(out, '\n');
}
