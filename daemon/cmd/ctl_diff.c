/*
 * ctl_diff.c - plan diff FILE: what adopting a file would change, key by key, and which rules differ.
 *
 * Both are compared as they are read, so that order of keys, comments and layout are no difference.  Items of a list are
 * told from each other by their name (or code, or category), else by their place.
 */
#include <stdlib.h>
#include <string.h>

#include "app/adopt.h"
#include "base/csv.h"
#include "base/text.h"
#include "base/vec.h"
#include "cmd/ctl.h"
#include "cmd/ctl_json.h"
#include "cmd/ctl_opts.h"
#include "config/file.h"
#include "config/yaml.h"
#include "pg/reader.h"

static const char help[] =
    "usage: dsmbctl plan diff FILE.yaml [--rules DIR] [--format text|csv|json] [--config FILE]\n\n"
    "What adopting FILE would change in the adopted plan, key by key, and which rule files differ.  Exit "
    "status 0: "
    "nothing; 1: something.\n\n"
    "  --rules DIR     its rules (default: rules_dir)\n"
    "  --format        default: text on a terminal, csv in a pipe\n"
    "csv columns: where, adopted, file; an empty cell: not there\n";

struct change {
    char *where, *adopted, *file; /* owned; NULL: not there */
};

struct changes {
    struct change *c;
    size_t n, cap;
    bool lost;
};

static void changes_done(struct changes *all)
{
    for (size_t i = 0; i < all->n; i++) {
        free(all->c[i].where);
        free(all->c[i].adopted);
        free(all->c[i].file);
    }
    free(all->c);
}

static char *copy(struct changes *all, const char *s)
{
    char *r = s == NULL ? NULL : strdup(s);

    all->lost = all->lost || (s != NULL && r == NULL);
    return r;
}

static void add(struct changes *all, const char *where, const char *adopted, const char *file)
{
    if (VEC_PUSH_ROOM(all->c, all->n, all->cap, NULL) != OK) {
        all->lost = true;
        return;
    }
    all->c[all->n++] = (struct change){copy(all, where), copy(all, adopted), copy(all, file)};
}

/* What an item of a list is called; NULL: nothing. */
static const char *name_of(const struct node *n)
{
    static const char *const keys[] = {"name", "code", "category"};

    for (size_t i = 0; node_kind(n) == NODE_MAP && i < sizeof keys / sizeof keys[0]; i++) {
        struct node *v = node_get(n, keys[i]);

        if (v != NULL && node_kind(v) == NODE_SCALAR) {
            return node_text(v, NULL);
        }
    }
    return NULL;
}

static const struct node *item_named(const struct node *list, const char *name, size_t at)
{
    for (size_t i = 0; list != NULL && i < node_count(list); i++) {
        const char *own = name_of(node_item(list, i));

        if (name == NULL ? i == at && own == NULL : own != NULL && strcmp(own, name) == 0) {
            return node_item(list, i);
        }
    }
    return NULL;
}

static void compare(struct changes *all, const struct buf *where, const struct node *a, const struct node *b);

static void step(struct changes *all, const struct buf *where, const char *key, bool in_list, size_t at,
                 const struct node *a, const struct node *b)
{
    struct buf path = {0};

    buf_str(&path, buf_cstr(where));
    if (!in_list) {
        buf_fmt(&path, "%s%s", where->len == 0 ? "" : ".", key);
    } else if (key != NULL) {
        buf_fmt(&path, "[%s]", key);
    } else {
        buf_fmt(&path, "[%zu]", at + 1);
    }
    all->lost = all->lost || path.failed;
    compare(all, &path, a, b);
    buf_done(&path);
}

static void compare_maps(struct changes *all, const struct buf *where, const struct node *a,
                         const struct node *b)
{
    for (size_t i = 0; a != NULL && i < node_count(a); i++) {
        const char *key = node_text(node_key(a, i), NULL);

        step(all, where, key, false, 0, node_item(a, i), b == NULL ? NULL : node_get(b, key));
    }
    for (size_t i = 0; b != NULL && i < node_count(b); i++) {
        const char *key = node_text(node_key(b, i), NULL);

        if (a == NULL || node_get(a, key) == NULL) {
            step(all, where, key, false, 0, NULL, node_item(b, i));
        }
    }
}

static void compare_lists(struct changes *all, const struct buf *where, const struct node *a,
                          const struct node *b)
{
    for (size_t i = 0; a != NULL && i < node_count(a); i++) {
        const char *name = name_of(node_item(a, i));

        step(all, where, name, true, i, node_item(a, i), item_named(b, name, i));
    }
    for (size_t i = 0; b != NULL && i < node_count(b); i++) {
        const char *name = name_of(node_item(b, i));

        if (item_named(a, name, i) == NULL) {
            step(all, where, name, true, i, NULL, node_item(b, i));
        }
    }
}

/* NULL: not there. */
static void compare(struct changes *all, const struct buf *where, const struct node *a, const struct node *b)
{
    if (a != NULL && b != NULL && node_kind(a) != node_kind(b)) {
        compare(all, where, a, NULL);
        compare(all, where, NULL, b);
        return;
    }
    switch (node_kind(a != NULL ? a : b)) {
    case NODE_MAP:
        compare_maps(all, where, a, b);
        break;
    case NODE_LIST:
        compare_lists(all, where, a, b);
        break;
    case NODE_SCALAR: {
        const char *x = a == NULL ? NULL : node_text(a, NULL), *y = b == NULL ? NULL : node_text(b, NULL);

        if (x == NULL || y == NULL || strcmp(x, y) != 0) {
            add(all, buf_cstr(where), x, y);
        }
        break;
    }
    }
}

static size_t rule_of(const struct adopted_rules *r, const char *name)
{
    size_t i = 0;

    while (i < r->n && strcmp(r->file[i].name, name) != 0) {
        i++;
    }
    return i;
}

static enum status compare_rules(struct changes *all, const struct adopted_rules *a,
                                 const struct adopted_rules *b, struct err *err)
{
    enum status st = OK;

    for (size_t i = 0; st == OK && i < a->n + b->n; i++) {
        const char *name = i < a->n ? a->file[i].name : b->file[i - a->n].name;
        size_t x = rule_of(a, name), y = rule_of(b, name);
        char hex[2][SHA256_HEX] = {"", ""};
        struct sha256 h;
        struct buf where = {0};

        if (i >= a->n && x < a->n) {
            continue; /* told already */
        }
        if (x < a->n && (st = sha256_of(a->file[x].text, a->file[x].len, &h, err)) == OK) {
            sha256_hex(&h, hex[0]);
        }
        if (st == OK && y < b->n && (st = sha256_of(b->file[y].text, b->file[y].len, &h, err)) == OK) {
            sha256_hex(&h, hex[1]);
        }
        if (st == OK && strcmp(hex[0], hex[1]) != 0) {
            buf_fmt(&where, "rules/%s", name);
            all->lost = all->lost || where.failed;
            add(all, buf_cstr(&where), x < a->n ? hex[0] : NULL, y < b->n ? hex[1] : NULL);
        }
        buf_done(&where);
    }
    return st;
}

static void shown(struct buf *out, const char *s)
{
    if (s == NULL) {
        buf_str(out, "(not there)");
    } else {
        text_show(out, s, strlen(s), 60);
    }
}

static void write_text(const struct changes *all, struct buf *out)
{
    for (size_t i = 0; i < all->n; i++) {
        buf_fmt(out, "%s: ", all->c[i].where);
        shown(out, all->c[i].adopted);
        buf_str(out, " -> ");
        shown(out, all->c[i].file);
        buf_char(out, '\n');
    }
    buf_str(out, all->n == 0 ? "nothing differs\n" : "");
}

static void write_csv(const struct changes *all, struct buf *out)
{
    buf_str(out, "where,adopted,file\n");
    for (size_t i = 0; i < all->n; i++) {
        const char *a = all->c[i].adopted == NULL ? "" : all->c[i].adopted;
        const char *b = all->c[i].file == NULL ? "" : all->c[i].file;

        csv_put(out, true, all->c[i].where, strlen(all->c[i].where));
        csv_put(out, false, a, strlen(a));
        csv_put(out, false, b, strlen(b));
        csv_end(out);
    }
}

static enum status write_json(const struct changes *all, struct buf *out, struct err *err)
{
    json_t *list = json_array();

    for (size_t i = 0; i < all->n; i++) {
        ctl_json_add(&list, json_pack("{s:s, s:s?, s:s?}", "where", all->c[i].where, "adopted",
                                      all->c[i].adopted, "file", all->c[i].file));
    }
    return ctl_json(list, JSON_INDENT(1), out, err);
}

/* The file is checked as adopting it would: a diff of what would be refused helps nobody. */
static enum status read_file(const struct settings *s, const char *file, const char *dir, struct buf *text,
                             struct adopted_rules *rules, struct doc **ret, struct err *err)
{
    struct plan *plan = NULL;
    struct ruleset *rs = NULL;
    enum status st = file_read(file, YAML_SIZE_MAX, text, err);

    if (st == OK) {
        st = ctl_rules(dir != NULL ? dir : s->rules_dir, rules, err);
    }
    if (st == OK) {
        st = adopt_read_plan(yaml_parse, s->trial, text->data, text->len, rules, &plan, &rs, err);
    }
    if (st == OK) {
        st = yaml_parse(file, text->data, text->len, ret, err);
    }
    plan_free(plan);
    ruleset_free(rs);
    return st;
}

static enum status diff(const char *config, const char *file, const char *dir, struct changes *all,
                        struct err *err)
{
    struct settings *s = NULL;
    struct reader *r = NULL;
    struct adopted now = {0};
    struct adopted_rules rules_now = {0}, rules = {0};
    struct doc *a = NULL, *b = NULL;
    struct buf text = {0}, where = {0};
    enum status st = ctl_settings(config, &s, err);

    if (st == OK) {
        st = read_file(s, file, dir, &text, &rules, &b, err);
    }
    if (st == OK) {
        st = reader_open(ctl_conninfo(s), &r, err);
    }
    if (st == OK) {
        st = reader_plan(r, 0, &now, &rules_now, err);
    }
    if (st == OK && now.id == 0) {
        st = err_set(err, E_NOTFOUND, "no plan is adopted yet: dsmbctl plan adopt");
    }
    if (st == OK) {
        st = yaml_parse("adopted", now.text, now.len, &a, err);
    }
    if (st == OK) {
        compare(all, &where, doc_root(a), doc_root(b));
        st = compare_rules(all, &rules_now, &rules, err);
    }
    if (st == OK && all->lost) {
        st = err_set(err, E_NOMEM, "comparing plans");
    }
    doc_free(a);
    doc_free(b);
    adopted_done(&now);
    adopted_rules_done(&rules_now);
    adopted_rules_done(&rules);
    buf_done(&text);
    buf_done(&where);
    reader_free(r);
    settings_free(s);
    return st;
}

int ctl_plan_diff(int argc, char **argv)
{
    const char *config = NULL, *rules = NULL;
    int format = ctl_format("plan diff", NULL);
    const struct ctl_opt opts[] = {
        {"config", CTL_TEXT, &config}, {"rules", CTL_TEXT, &rules}, {"format", CTL_FORMAT, &format}};
    struct changes all = {0};
    struct buf out = {0};
    struct err err = {0};
    int at = 0, rc = ctl_options("plan diff", help, opts, sizeof opts / sizeof opts[0], argc, argv, &at);
    enum status st;

    if (rc == 0 && at >= argc) {
        (void)fputs(help, stderr);
        rc = 2;
    }
    if (rc == 0) {
        rc = ctl_no_operand("plan diff", argc, argv, at + 1);
    }
    if (rc != 0) {
        return rc == CTL_HELPED ? 0 : rc;
    }
    st = diff(config, argv[at], rules, &all, &err);
    if (st == OK && format == CTL_FORM_JSON) {
        st = write_json(&all, &out, &err);
    } else if (st == OK && format == CTL_FORM_CSV) {
        write_csv(&all, &out);
    } else if (st == OK) {
        write_text(&all, &out);
    }
    if (st == OK) {
        st = buf_check(&out, &err);
    }
    if (st == OK) {
        ctl_put(&out);
        rc = all.n > 0 ? 1 : 0;
    } else {
        rc = ctl_fail("plan diff", st, &err);
    }
    buf_done(&out);
    changes_done(&all);
    return rc;
}
