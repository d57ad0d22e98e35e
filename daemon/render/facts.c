#include "render/facts.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/pool.h"
#include "base/text.h"
#include "base/vec.h"

struct label {
    const char *item, *label;
};

struct facts {
    struct pool *pool; /* every string */
    struct fact *fact;
    size_t n, cap;
    struct label *label;
    size_t n_labels, cap_labels;
    bool detail, failed;
};

enum status facts_new(struct facts **ret, struct err *err)
{
    struct facts *f = calloc(1, sizeof(*f));
    enum status st;

    if (f == NULL) {
        return err_set(err, E_NOMEM, "a report");
    }
    st = pool_new(&f->pool, err);
    if (st != OK) {
        free(f);
        return st;
    }
    *ret = f;
    return OK;
}

void facts_free(struct facts *f)
{
    if (f == NULL) {
        return;
    }
    pool_free(f->pool);
    if (f->fact != NULL) {
        explicit_bzero(f->fact, f->cap * sizeof(*f->fact));
    }
    free(f->fact);
    free(f->label);
    free(f);
}

static const char *keep(struct facts *f, const char *s)
{
    str_id id = 0;

    if (pool_intern(f->pool, s, strlen(s), &id, NULL) != OK) {
        f->failed = true;
        return "";
    }
    return pool_str(f->pool, id);
}

static void add(struct facts *f, struct place at, const char *statistic, struct fact x)
{
    if (f->failed || VEC_PUSH_ROOM(f->fact, f->n, f->cap, NULL) != OK) {
        f->failed = true;
        return;
    }
    x.section = keep(f, at.section);
    x.item = keep(f, at.item == NULL ? "" : at.item);
    x.group = keep(f, at.group == NULL ? "" : at.group);
    x.statistic = keep(f, statistic);
    x.text = keep(f, x.text);
    x.detail = f->detail;
    f->fact[f->n++] = x;
}

void facts_text(struct facts *f, struct place at, const char *statistic, const char *text)
{
    add(f, at, statistic, (struct fact){.kind = FACT_TEXT, .text = text == NULL ? "" : text});
}

void facts_int(struct facts *f, struct place at, const char *statistic, int64_t v, const char *text)
{
    struct buf b = {0};

    if (text == NULL) {
        buf_fmt(&b, "%lld", (long long)v);
        f->failed = f->failed || b.failed;
    }
    add(f, at, statistic,
        (struct fact){.kind = FACT_INT, .i = v, .text = text == NULL ? buf_cstr(&b) : text});
    buf_done(&b);
}

void facts_real(struct facts *f, struct place at, const char *statistic, double v, const char *text)
{
    struct buf b = {0};

    if (text == NULL) {
        text_add_double(&b, v);
        f->failed = f->failed || b.failed;
    }
    add(f, at, statistic,
        (struct fact){.kind = FACT_REAL, .r = v, .text = text == NULL ? buf_cstr(&b) : text});
    buf_done(&b);
}

void facts_text_take(struct facts *f, struct place at, const char *statistic, struct buf *text)
{
    f->failed = f->failed || text->failed;
    facts_text(f, at, statistic, buf_cstr(text));
    buf_wipe(text);
}

void facts_int_take(struct facts *f, struct place at, const char *statistic, int64_t v, struct buf *text)
{
    f->failed = f->failed || text->failed;
    facts_int(f, at, statistic, v, buf_cstr(text));
    buf_wipe(text);
}

void facts_real_take(struct facts *f, struct place at, const char *statistic, double v, struct buf *text)
{
    f->failed = f->failed || text->failed;
    facts_real(f, at, statistic, v, buf_cstr(text));
    buf_wipe(text);
}

static void limit(struct facts *f, struct place at, const char *statistic, const char *which, double v)
{
    struct buf name = {0};

    buf_fmt(&name, "%s_%s", statistic, which);
    facts_lost(f, &name);
    facts_real(f, at, buf_cstr(&name), v, NULL);
    buf_done(&name);
}

void facts_estimate_take(struct facts *f, struct place at, const char *statistic, const struct estimate *e,
                         struct buf *text)
{
    facts_real_take(f, at, statistic, e->value, text);
    limit(f, at, statistic, "low", e->lo);
    limit(f, at, statistic, "high", e->hi);
}

void facts_lost(struct facts *f, const struct buf *b)
{
    f->failed = f->failed || b->failed;
}

void facts_detail(struct facts *f, bool detail)
{
    f->detail = detail;
}

void facts_label(struct facts *f, const char *item, const char *label)
{
    if (f->failed || VEC_PUSH_ROOM(f->label, f->n_labels, f->cap_labels, NULL) != OK) {
        f->failed = true;
        return;
    }
    f->label[f->n_labels].item = keep(f, item);
    f->label[f->n_labels].label = keep(f, label);
    f->n_labels++;
}

const char *facts_label_of(const struct facts *f, const char *item)
{
    for (size_t i = 0; i < f->n_labels; i++) {
        if (strcmp(f->label[i].item, item) == 0) {
            return f->label[i].label;
        }
    }
    return item;
}

size_t facts_count(const struct facts *f)
{
    return f->n;
}

const struct fact *facts_at(const struct facts *f, size_t i)
{
    return &f->fact[i];
}

enum status facts_check(const struct facts *f, struct err *err)
{
    return f->failed ? err_set(err, E_NOMEM, "a report") : OK;
}

/* A spreadsheet takes a cell that begins with = + - or @ for a formula, wherever the text came from. */
static void csv_text(struct buf *out, const char *s)
{
    struct buf b = {0};
    double number;

    if (s[0] != '\0' && strchr("=+-@", s[0]) != NULL && !text_double(s, strlen(s), &number)) {
        buf_char(&b, '\'');
    }
    buf_str(&b, s);
    csv_put(out, false, buf_cstr(&b), b.len);
    out->failed = out->failed || b.failed;
    buf_wipe(&b);
}

enum status facts_csv(const struct facts *f, struct buf *out, struct err *err)
{
    enum status st = facts_check(f, err);

    if (st != OK) {
        return st;
    }
    buf_str(out, "section,item,group,statistic,value,text\n");
    for (size_t i = 0; i < f->n; i++) {
        const struct fact *x = &f->fact[i];
        struct buf value = {0};

        if (x->kind == FACT_INT) {
            buf_fmt(&value, "%lld", (long long)x->i);
        } else if (x->kind == FACT_REAL) {
            text_add_double(&value, x->r);
        }
        csv_put(out, true, x->section, strlen(x->section));
        csv_text(out, x->item);
        csv_text(out, x->group);
        csv_put(out, false, x->statistic, strlen(x->statistic));
        csv_put(out, false, buf_cstr(&value), value.len);
        csv_text(out, x->text);
        csv_end(out);
        out->failed = out->failed || value.failed;
        buf_wipe(&value);
    }
    return buf_check(out, err);
}

static json_t *json_value(const struct fact *x)
{
    switch (x->kind) {
    case FACT_TEXT:
        return json_null();
    case FACT_INT:
        return json_integer((json_int_t)x->i);
    case FACT_REAL:
        return isfinite(x->r) ? json_real(x->r) : json_null();
    }
    return json_null();
}

static int json_sink(const char *bytes, size_t n, void *out)
{
    buf_add(out, bytes, n);
    return 0;
}

enum status facts_json(const struct facts *f, struct buf *out, struct err *err)
{
    enum status st = facts_check(f, err);

    if (st != OK) {
        return st;
    }
    /* One fact a line: a report is then readable, and two reports compare by lines. */
    buf_str(out, "{\"format\": \"dsmb-report-1\", \"facts\": [");
    for (size_t i = 0; st == OK && i < f->n; i++) {
        const struct fact *x = &f->fact[i];
        json_t *o =
            json_pack("{s:s, s:s, s:s, s:s, s:o, s:s}", "section", x->section, "item", x->item, "group",
                      x->group, "statistic", x->statistic, "value", json_value(x), "text", x->text);

        buf_str(out, i == 0 ? "\n" : ",\n");
        if (o == NULL || json_dump_callback(o, json_sink, out, JSON_REAL_PRECISION(17)) != 0) {
            st = err_set(err, E_NOMEM, "a report as JSON");
        }
        json_decref(o);
    }
    buf_str(out, "\n]}\n");
    return st != OK ? st : buf_check(out, err);
}
