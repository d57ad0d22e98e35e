#include "cmd/ctl_json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/text.h"

void ctl_json_add(json_t **list, json_t *item)
{
    if (json_array_append_new(*list, item) != 0) {
        json_decref(*list);
        *list = NULL;
    }
}

void ctl_json_set(json_t **object, const char *key, json_t *value)
{
    if (json_object_set_new(*object, key, value) != 0) {
        json_decref(*object);
        *object = NULL;
    }
}

json_t *ctl_json_real(double v)
{
    return isfinite(v) ? json_real(v) : json_null();
}

enum status ctl_json(json_t *value, size_t flags, struct buf *out, struct err *err)
{
    char *text = value == NULL ? NULL : json_dumps(value, flags);
    enum status st = text == NULL ? err_set(err, E_NOMEM, "writing JSON") : OK;

    if (st == OK) {
        buf_str(out, text);
        buf_char(out, '\n');
        st = buf_check(out, err);
    }
    free(text);
    json_decref(value);
    return st;
}

static void csv_cell_of(const json_t *v, bool first, struct buf *out)
{
    struct buf cell = {0};

    switch (json_typeof(v)) {
    case JSON_STRING:
        buf_add(&cell, json_string_value(v), json_string_length(v));
        break;
    case JSON_INTEGER:
        buf_fmt(&cell, "%lld", (long long)json_integer_value(v));
        break;
    case JSON_REAL:
        text_add_double(&cell, json_real_value(v));
        break;
    case JSON_TRUE:
        buf_char(&cell, '1');
        break;
    case JSON_FALSE:
        buf_char(&cell, '0');
        break;
    case JSON_NULL:
    case JSON_OBJECT:
    case JSON_ARRAY:
        break;
    }
    out->failed = out->failed || cell.failed;
    csv_put(out, first, buf_cstr(&cell), cell.len);
    buf_done(&cell);
}

static enum status csv_list(const json_t *list, const char *const *columns, struct buf *out, struct err *err)
{
    const json_t *item;
    size_t i;

    if (list == NULL) {
        return err_set(err, E_NOMEM, "writing CSV");
    }
    for (size_t k = 0; columns[k] != NULL; k++) {
        csv_put(out, k == 0, columns[k], strlen(columns[k]));
    }
    csv_end(out);
    json_array_foreach(list, i, item)
    {
        for (size_t k = 0; columns[k] != NULL; k++) {
            csv_cell_of(json_object_get(item, columns[k]), k == 0, out);
        }
        csv_end(out);
    }
    return buf_check(out, err);
}

enum status ctl_json_table(json_t *list, const char *const *columns, enum ctl_form form, struct buf *out,
                           struct err *err)
{
    enum status st;

    if (form == CTL_FORM_JSON) {
        return ctl_json(list, JSON_INDENT(2), out, err);
    }
    st = csv_list(list, columns, out, err);
    json_decref(list);
    return st;
}
