#include "render/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/csv.h"
#include "base/text.h"
#include "render/table.h"

enum { COLS = 11 };

static const char *const heads[COLS] = {
    "category", "subtype",  "arm",  "population",          "window", "arm_basis", "n",
    "subjects", "episodes", "rows", "person_years_at_risk"};

struct line {
    const char *word[6];
    int64_t number[4];
    double years;
};

static const char *arm_of(const struct plan *plan, int arm)
{
    if (arm == ROW_TOTAL) {
        return "(all)";
    }
    return arm == ROW_ARM_UNKNOWN ? "(unknown)" : secret_reveal(plan->arms.arm[arm].code);
}

static struct line line_of(const struct plan *plan, const struct ruleset *rules, const struct tally_row *r)
{
    return (struct line){.word = {r->category == TALLY_ANY ? "any" : ruleset_category(rules, r->category),
                                  r->subtype == NO_SUBTYPE ? "" : ruleset_subtype(rules, r->subtype),
                                  arm_of(plan, r->arm), population_name(r->population),
                                  window_name(r->window), basis_name(r->basis)},
                         .number = {r->n, r->subjects, r->episodes, r->rows},
                         .years = tally_years(r->risk_days)};
}

static void put_csv(struct buf *out, const struct line *l)
{
    struct buf cell = {0};

    for (int i = 0; i < 6; i++) {
        csv_put(out, i == 0, l->word[i], strlen(l->word[i]));
    }
    for (int i = 0; i < 4; i++) {
        buf_clear(&cell);
        buf_fmt(&cell, "%lld", (long long)l->number[i]);
        csv_put(out, false, buf_cstr(&cell), cell.len);
    }
    buf_clear(&cell);
    text_add_double(&cell, l->years);
    csv_put(out, false, buf_cstr(&cell), cell.len);
    csv_end(out);
    buf_done(&cell);
}

static enum status put_json(json_t *list, const struct line *l, struct err *err)
{
    json_t *o = json_object();
    bool ok = o != NULL;

    for (int i = 0; ok && i < 6; i++) {
        ok = json_object_set_new(o, heads[i], json_string(l->word[i])) == 0;
    }
    for (int i = 0; ok && i < 4; i++) {
        ok = json_object_set_new(o, heads[6 + i], json_integer(l->number[i])) == 0;
    }
    ok = ok && json_object_set_new(o, heads[10], json_real(l->years)) == 0;
    if (!ok || json_array_append(list, o) != 0) {
        json_decref(o);
        return err_set(err, E_NOMEM, "a table of counts");
    }
    json_decref(o);
    return OK;
}

static void put_cells(struct table *t, const struct line *l)
{
    char cell[32];

    for (int i = 0; i < 6; i++) {
        table_cell(t, l->word[i]);
    }
    for (int i = 0; i < 4; i++) {
        struct buf b = {0};

        buf_fmt(&b, "%lld", (long long)l->number[i]);
        table_cell(t, buf_cstr(&b));
        buf_done(&b);
    }
    (void)snprintf(cell, sizeof cell, "%.1f", l->years);
    table_cell(t, cell);
}

enum status tally_render(const struct plan *plan, const struct ruleset *rules, const struct tally_row *rows,
                         size_t n, bool subtypes, enum tally_format format, struct buf *out, struct err *err)
{
    struct table *t = NULL;
    json_t *list = NULL;
    char *text = NULL;
    enum status st = table_new(COLS, &t, err);

    if (st != OK) {
        return st;
    }
    list = json_array();
    if (list == NULL) {
        st = err_set(err, E_NOMEM, "a table of counts");
    }
    for (int i = 0; i < COLS; i++) {
        if (format == TALLY_CSV) {
            csv_put(out, i == 0, heads[i], strlen(heads[i]));
        }
        table_cell(t, heads[i]);
        if (i >= 6) {
            table_right(t, (size_t)i);
        }
    }
    if (format == TALLY_CSV) {
        csv_end(out);
    }
    for (size_t i = 0; st == OK && i < n; i++) {
        struct line l;

        if (rows[i].subtype != NO_SUBTYPE && !subtypes) {
            continue;
        }
        l = line_of(plan, rules, &rows[i]);
        switch (format) {
        case TALLY_TEXT:
            put_cells(t, &l);
            break;
        case TALLY_CSV:
            put_csv(out, &l);
            break;
        case TALLY_JSON:
            st = put_json(list, &l, err);
            break;
        }
    }
    if (st == OK && format == TALLY_TEXT) {
        st = table_write(t, "", out, err);
    }
    if (st == OK && format == TALLY_JSON) {
        text = json_dumps(list, JSON_INDENT(1));
        if (text == NULL) {
            st = err_set(err, E_NOMEM, "a table of counts");
        } else {
            buf_str(out, text);
            buf_char(out, '\n');
            free(text);
        }
    }
    json_decref(list);
    table_free(t);
    return st == OK ? buf_check(out, err) : st;
}
