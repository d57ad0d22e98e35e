#include "base/doc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/vec.h"

enum { KEYS_MAX = 20000 /* in one map: looking for duplicates compares every pair */ };

struct pair {
    struct node *key, *value;
    uint32_t hash;
    bool used;
};

struct node {
    enum node_kind kind;
    bool quoted;
    int line, col;
    char *text; /* scalar */
    size_t len;
    struct node **items; /* list */
    struct pair *pairs;  /* map */
    size_t n, cap;
    char **asked; /* map: the keys readers asked for, which are the keys there can be */
    size_t n_asked, cap_asked;
    struct node *parent;
    size_t index; /* in the parent */
    bool is_key;
    char *where, *path; /* made when first asked for */
    struct node *self;  /* this node, writable: reading fills where, path and asked */
    struct doc *doc;
    struct node *next; /* all nodes of the doc */
};

struct doc {
    char *file;
    struct node *nodes;
    struct node *root;
};

enum status doc_new(const char *file, struct doc **ret, struct err *err)
{
    struct doc *d = calloc(1, sizeof *d);

    if (d != NULL) {
        d->file = strdup(file);
    }
    if (d == NULL || d->file == NULL) {
        doc_free(d);
        return err_set(err, E_NOMEM, "%s", file);
    }
    *ret = d;
    return OK;
}

static void free_node(struct node *n)
{
    for (size_t i = 0; i < n->n_asked; i++) {
        free(n->asked[i]);
    }
    if (n->text != NULL) {
        explicit_bzero(n->text, n->len); /* passwords and arm labels pass through here */
    }
    free(n->asked);
    free(n->text);
    free(n->items);
    free(n->pairs);
    free(n->where);
    free(n->path);
    free(n);
}

void doc_free(struct doc *d)
{
    if (d == NULL) {
        return;
    }
    while (d->nodes != NULL) {
        struct node *n = d->nodes;

        d->nodes = n->next;
        free_node(n);
    }
    free(d->file);
    free(d);
}

static struct node *new_node(struct doc *d, enum node_kind kind, int line, int col)
{
    struct node *n = calloc(1, sizeof *n);

    if (n != NULL) {
        n->kind = kind;
        n->line = line;
        n->col = col;
        n->self = n;
        n->doc = d;
        n->next = d->nodes;
        d->nodes = n;
    }
    return n;
}

static enum status no_memory(const struct doc *d, int line, int col, struct err *err)
{
    return err_set(err, E_NOMEM, "%s:%d:%d: out of memory", d->file, line, col);
}

enum status doc_scalar(struct doc *d, const char *s, size_t len, bool quoted, int line, int col,
                       struct node **ret, struct err *err)
{
    char *text = malloc(len + 1);
    struct node *n = text == NULL ? NULL : new_node(d, NODE_SCALAR, line, col);

    if (n == NULL) {
        free(text);
        return no_memory(d, line, col, err);
    }
    if (len > 0) {
        memcpy(text, s, len);
    }
    text[len] = '\0';
    n->text = text;
    n->len = len;
    n->quoted = quoted;
    *ret = n;
    return OK;
}

enum status doc_list(struct doc *d, int line, int col, struct node **ret, struct err *err)
{
    struct node *n = new_node(d, NODE_LIST, line, col);

    if (n == NULL) {
        return no_memory(d, line, col, err);
    }
    *ret = n;
    return OK;
}

enum status doc_map(struct doc *d, int line, int col, struct node **ret, struct err *err)
{
    struct node *n = new_node(d, NODE_MAP, line, col);

    if (n == NULL) {
        return no_memory(d, line, col, err);
    }
    *ret = n;
    return OK;
}

enum status doc_append(struct doc *d, struct node *list, struct node *item, struct err *err)
{
    enum status st;

    if (list->kind != NODE_LIST || item->parent != NULL || item == list) {
        return err_set(err, E_INTERNAL, "%s:%d:%d: not an item of this list", d->file, item->line, item->col);
    }
    st = VEC_PUSH_ROOM(list->items, list->n, list->cap, err);
    if (st != OK) {
        return st;
    }
    item->parent = list;
    item->index = list->n;
    list->items[list->n++] = item;
    return OK;
}

static uint32_t hash_of(const char *s, size_t len)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < len; i++) {
        h = (h ^ (unsigned char)s[i]) * 16777619u;
    }
    return h;
}

static void show_text(struct buf *out, const char *s, size_t len)
{
    text_show(out, s, len, 40);
}

enum status doc_put(struct doc *d, struct node *map, struct node *key, struct node *value, struct err *err)
{
    struct buf shown = {0};
    uint32_t h;
    enum status st;

    if (map->kind != NODE_MAP || key->parent != NULL || value->parent != NULL || key == value ||
        value == map) {
        return err_set(err, E_INTERNAL, "%s:%d:%d: not a pair of this map", d->file, key->line, key->col);
    }
    if (key->kind != NODE_SCALAR) {
        return err_set(err, E_CONFIG, "%s:%d:%d: a key must be a word; write 'key: value'", d->file,
                       key->line, key->col);
    }
    if (map->n >= KEYS_MAX) {
        return err_set(err, E_CONFIG, "%s:%d:%d: more than %d keys in one map; use a list", d->file,
                       key->line, key->col, KEYS_MAX);
    }
    h = hash_of(key->text, key->len);
    for (size_t i = 0; i < map->n; i++) {
        const struct node *old = map->pairs[i].key;

        if (map->pairs[i].hash == h && old->len == key->len && memcmp(old->text, key->text, key->len) == 0) {
            show_text(&shown, key->text, key->len);
            st = err_set(err, E_CONFIG, "%s:%d:%d: the key '%s' is here twice, first at %s:%d:%d; remove one",
                         d->file, key->line, key->col, buf_cstr(&shown), d->file, old->line, old->col);
            buf_done(&shown);
            return st;
        }
    }
    st = VEC_PUSH_ROOM(map->pairs, map->n, map->cap, err);
    if (st != OK) {
        return st;
    }
    key->parent = value->parent = map;
    key->index = value->index = map->n;
    key->is_key = true;
    map->pairs[map->n++] = (struct pair){.key = key, .value = value, .hash = h};
    return OK;
}

void doc_set_root(struct doc *d, struct node *root)
{
    d->root = root;
}

const struct node *doc_root(const struct doc *d)
{
    return d->root;
}

const char *doc_file(const struct doc *d)
{
    return d->file;
}

enum node_kind node_kind(const struct node *n)
{
    return n->kind;
}

const char *node_where(const struct node *n)
{
    struct node *w = n->self;
    struct buf b = {0};

    if (w->where == NULL) {
        buf_fmt(&b, "%s:%d:%d", n->doc->file, n->line, n->col);
        w->where = buf_take(&b);
    }
    return w->where == NULL ? n->doc->file : w->where;
}

static void add_step(struct buf *b, const struct node *n)
{
    const struct node *up = n->parent;

    if (up == NULL) {
        return;
    }
    if (up->kind == NODE_LIST) {
        buf_fmt(b, "[%zu]", n->index + 1);
    } else {
        const struct node *key = up->pairs[n->index].key;

        if (b->len > 0) {
            buf_char(b, '.');
        }
        show_text(b, key->text, key->len);
    }
}

const char *node_path(const struct node *n)
{
    enum { DEPTH = 64 };
    const struct node *steps[DEPTH];
    struct node *w = n->self;
    struct buf b = {0};
    size_t depth = 0;

    if (w->path == NULL) {
        for (const struct node *at = n; at != NULL && depth < DEPTH; at = at->parent) {
            steps[depth++] = at;
        }
        while (depth > 0) {
            add_step(&b, steps[--depth]);
        }
        w->path = buf_take(&b);
    }
    return w->path == NULL ? "" : w->path;
}

size_t node_count(const struct node *n)
{
    return n->n;
}

struct node *node_item(const struct node *n, size_t i)
{
    if (n->kind == NODE_SCALAR || i >= n->n) {
        return NULL;
    }
    if (n->kind == NODE_LIST) {
        return n->items[i];
    }
    n->pairs[i].used = true;
    return n->pairs[i].value;
}

const struct node *node_key(const struct node *n, size_t i)
{
    return n->kind == NODE_MAP && i < n->n ? n->pairs[i].key : NULL;
}

const char *node_text(const struct node *n, size_t *len)
{
    if (n->kind != NODE_SCALAR) {
        return NULL;
    }
    if (len != NULL) {
        *len = n->len;
    }
    return n->text;
}

bool node_quoted(const struct node *n)
{
    return n->quoted;
}

enum status node_error(const struct node *n, struct err *err, const char *fmt, ...)
{
    const char *path = node_path(n);
    struct err what;
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(what.msg, sizeof what.msg, fmt, ap);
    va_end(ap);
    return err_set(err, E_CONFIG, "%s: %s%s%s", node_where(n), path, path[0] == '\0' ? "" : ": ", what.msg);
}

/* Remembers that KEY can occur in this map.  Lost for want of memory, it only makes a message poorer. */
static void note_asked(struct node *map, const char *key)
{
    char *copy;

    for (size_t i = 0; i < map->n_asked; i++) {
        if (strcmp(map->asked[i], key) == 0) {
            return;
        }
    }
    if (VEC_PUSH_ROOM(map->asked, map->n_asked, map->cap_asked, NULL) == OK) {
        copy = strdup(key);
        if (copy != NULL) {
            map->asked[map->n_asked++] = copy;
        }
    }
}

struct node *node_get(const struct node *map, const char *key)
{
    size_t len = strlen(key);

    if (map->kind != NODE_MAP) {
        return NULL;
    }
    note_asked(map->self, key);
    for (size_t i = 0; i < map->n; i++) {
        const struct node *k = map->pairs[i].key;

        if (k->len == len && memcmp(k->text, key, len) == 0) {
            map->pairs[i].used = true;
            return map->pairs[i].value;
        }
    }
    return NULL;
}

static enum status missing(const struct node *map, const char *key, struct err *err)
{
    for (size_t i = 0; i < map->n; i++) {
        const struct node *k = map->pairs[i].key;
        const char *near = map->pairs[i].used ? NULL : text_nearest(k->text, k->len, &key, 1);

        if (near != NULL) {
            return node_error(map, err,
                              "the key '%s' is missing; is it meant by the one in line %d, column %d?", key,
                              k->line, k->col);
        }
    }
    return node_error(map, err, "the key '%s' is missing; add '%s: ...'", key, key);
}

enum status node_need(const struct node *map, const char *key, struct node **ret, struct err *err)
{
    enum status st = node_expect(map, NODE_MAP, err);
    struct node *n;

    if (st != OK) {
        return st;
    }
    n = node_get(map, key);
    if (n == NULL) {
        return missing(map, key, err);
    }
    *ret = n;
    return OK;
}

static const char *kind_name(enum node_kind k)
{
    switch (k) {
    case NODE_SCALAR:
        return "a single value";
    case NODE_LIST:
        return "a list";
    case NODE_MAP:
        return "a map";
    }
    return "?";
}

static const char *kind_remedy(enum node_kind k)
{
    switch (k) {
    case NODE_SCALAR:
        return "write one value after the colon";
    case NODE_LIST:
        return "write one '- item' a line, or [a, b]";
    case NODE_MAP:
        return "write 'key: value' lines, indented below it";
    }
    return "?";
}

enum status node_expect(const struct node *n, enum node_kind kind, struct err *err)
{
    if (n->kind == kind) {
        return OK;
    }
    if (n->kind == NODE_SCALAR && n->len == 0 && !n->quoted) {
        return node_error(n, err, "is empty where %s is needed; %s, or remove the key", kind_name(kind),
                          kind_remedy(kind));
    }
    return node_error(n, err, "is %s where %s is needed; %s", kind_name(n->kind), kind_name(kind),
                      kind_remedy(kind));
}

static enum status unknown_key(const struct node *map, const struct node *key, struct err *err)
{
    const char *const *asked = (const char *const *)map->asked;
    const char *near = text_nearest(key->text, key->len, asked, map->n_asked);
    const char *path = map->parent == NULL ? "" : node_path(map);
    const char *colon = path[0] == '\0' ? "" : ": ";
    struct buf shown = {0}, known = {0};

    show_text(&shown, key->text, key->len);
    for (size_t i = 0; i < map->n_asked; i++) {
        buf_fmt(&known, "%s%s", i == 0 ? "" : ", ", asked[i]);
    }
    if (near != NULL) {
        (void)err_set(err, E_CONFIG, "%s: %s%sunknown key '%s'; did you mean '%s'?", node_where(key), path,
                      colon, buf_cstr(&shown), near);
    } else if (map->n_asked > 0) {
        (void)err_set(err, E_CONFIG, "%s: %s%sunknown key '%s'; remove it: the keys here are %s",
                      node_where(key), path, colon, buf_cstr(&shown), buf_cstr(&known));
    } else {
        (void)err_set(err, E_CONFIG, "%s: %s%sunknown key '%s'; remove it: nothing is read here",
                      node_where(key), path, colon, buf_cstr(&shown));
    }
    buf_done(&shown);
    buf_done(&known);
    return E_CONFIG;
}

enum status node_end(const struct node *map, struct err *err)
{
    enum status st = node_expect(map, NODE_MAP, err);

    for (size_t i = 0; st == OK && i < map->n; i++) {
        if (!map->pairs[i].used) {
            st = unknown_key(map, map->pairs[i].key, err);
        }
    }
    return st;
}
