/*
 * doc.h - a tree of values that know their file:line:column.
 *
 * What a person wrote (YAML) on its way to typed structs.  Scalars stay text with "was it quoted" until a reader asks
 * for a type, so that `no` (Norway) is never a boolean unless a boolean is wanted, and then only true|false.
 * Every key a reader asks for is marked as used; doc_end() of a map reports the first unknown key with the nearest
 * known one as a suggestion.  Duplicate keys are refused while building.
 * Readers fill err with "FILE:LINE:COL: KEY: what is wrong; what to write instead" and E_CONFIG.
 */
#ifndef DSMB_BASE_DOC_H
#define DSMB_BASE_DOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/date.h"
#include "base/err.h"

struct doc;  /* owns file name and all nodes */
struct node; /* borrowed from its doc */

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP };

/* Building (config/yaml.c and tests). line and col count from 1. */
enum status doc_new(const char *file, struct doc **ret, struct err *err);
void doc_free(struct doc *d);
enum status doc_scalar(struct doc *d, const char *s, size_t len, bool quoted, int line, int col,
                       struct node **ret, struct err *err);
enum status doc_list(struct doc *d, int line, int col, struct node **ret, struct err *err);
enum status doc_map(struct doc *d, int line, int col, struct node **ret, struct err *err);
enum status doc_append(struct doc *d, struct node *list, struct node *item, struct err *err);
/* E_CONFIG for a duplicate key, naming both places. */
enum status doc_put(struct doc *d, struct node *map, struct node *key, struct node *value, struct err *err);
void doc_set_root(struct doc *d, struct node *root);

const struct node *doc_root(const struct doc *d); /* NULL for an empty file */
const char *doc_file(const struct doc *d);

/* Reading. */
enum node_kind node_kind(const struct node *n);
const char *node_where(const struct node *n); /* "file:line:col", owned by the doc */
const char *node_path(const struct node *n);  /* "monitors[2].alpha_one_sided", owned by the doc */
size_t node_count(const struct node *n);      /* items of a list, pairs of a map */
struct node *node_item(const struct node *n, size_t i);
const struct node *node_key(const struct node *n, size_t i); /* map only */
const char *node_text(const struct node *n, size_t *len);    /* scalar's raw text; NULL if not a scalar */
bool node_quoted(const struct node *n);
enum status node_error(const struct node *n, struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* NULL when absent; marks it used. */
struct node *node_get(const struct node *map, const char *key);
/* As node_get, E_CONFIG when absent. */
enum status node_need(const struct node *map, const char *key, struct node **ret, struct err *err);
enum status node_expect(const struct node *n, enum node_kind kind, struct err *err);
/* Unknown keys are an error: call after the last node_get of a map. */
enum status node_end(const struct node *map, struct err *err);

/* Typed reads of a scalar node; range inclusive.  Strings are borrowed and have no NUL inside. */
enum status node_str(const struct node *n, const char **ret, struct err *err);
enum status node_int(const struct node *n, int64_t lo, int64_t hi, int64_t *ret, struct err *err);
enum status node_double(const struct node *n, double lo, double hi, double *ret, struct err *err);
enum status node_bool(const struct node *n, bool *ret, struct err *err); /* true|false only */
/* words: NULL-terminated; *ret is the index.  The message lists the words and suggests the nearest. */
enum status node_enum(const struct node *n, const char *const words[], int *ret, struct err *err);
/* "30 s", "5 min", "24 h", "2 d" in microseconds; a number without unit is an error that says so. */
enum status node_duration(const struct node *n, int64_t lo_us, int64_t hi_us, int64_t *ret, struct err *err);
/* Reads KEY of MAP with a default: absent leaves *ret alone. */
enum status node_get_str(const struct node *map, const char *key, const char **ret, struct err *err);
enum status node_get_int(const struct node *map, const char *key, int64_t lo, int64_t hi, int64_t *ret,
                         struct err *err);
enum status node_get_double(const struct node *map, const char *key, double lo, double hi, double *ret,
                            struct err *err);
enum status node_get_bool(const struct node *map, const char *key, bool *ret, struct err *err);
enum status node_get_enum(const struct node *map, const char *key, const char *const words[], int *ret,
                          struct err *err);
enum status node_get_duration(const struct node *map, const char *key, int64_t lo_us, int64_t hi_us,
                              int64_t *ret, struct err *err);

#endif
