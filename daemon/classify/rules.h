/*
 * rules.h - categories as data: rules/x.yaml compiled, and the engine that runs them over a snapshot.
 *
 * A ruleset is built from docs (one per file, order = the order given) and is immutable.  The memo keeps the answer of
 * each distinct (verbatim, pt, soc) for as long as the ruleset lives.  PCRE2 interpreter, UTF and UCP, with match,
 * depth and heap limits; a limit that is hit is not a "no": the event goes to review.
 */
#ifndef DSMB_CLASSIFY_RULES_H
#define DSMB_CLASSIFY_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"
#include "classify/classes.h"
#include "trial/snapshot.h"

struct ruleset;

/* E_CONFIG with file:line:col for anything wrong: unknown key, bad pattern (with the offset), duplicate category. */
/* Each doc is a `category`, an `adds_to` (a site's further rules of one) or the `context`: rules/README.md. */
enum status ruleset_new(const struct doc *const docs[], size_t n, struct ruleset **ret, struct err *err);
void ruleset_free(struct ruleset *rs);

int ruleset_categories(const struct ruleset *rs);
const char *ruleset_category(const struct ruleset *rs, int i);       /* "gastrointestinal" */
const char *ruleset_category_title(const struct ruleset *rs, int i); /* "Gastrointestinal adverse effects" */
int ruleset_find_category(const struct ruleset *rs, const char *name); /* -1 */
int ruleset_subtypes(const struct ruleset *rs);
const char *ruleset_subtype(const struct ruleset *rs, int i); /* "MI", "MACE3" */
int ruleset_subtype_category(const struct ruleset *rs, int i);
bool ruleset_subtype_composite(const struct ruleset *rs, int i); /* MACE3: set along with its members */
int ruleset_find_subtype(const struct ruleset *rs, int category, const char *name); /* -1 */
/* What an adjudication or a review may name: a category, or a subtype of one but no composite; case does not matter.  *subtype
 * -1: the category as a whole. */
bool ruleset_judged(const struct ruleset *rs, const char *name, int *category, int *subtype);
const char *ruleset_rule(const struct ruleset *rs,
                         int rule); /* id of a rule, for explain and the review queue */

/* Options that are the plan's. */
struct classify_options {
    bool unknown_death_is_cv; /* a death of unknown cause counts as cardiovascular (CVDEATH) */
};

/* The memo grows; otherwise the ruleset is only read.  On success *ret is the caller's: classes_done. */
enum status classify_snapshot(struct ruleset *rs, const struct snapshot *s, const struct classify_options *o,
                              struct classes *ret, struct err *err);

/* One verbatim (pt, soc may be NULL), as `dsmbctl classify` shows it: without seriousness, outcome, adjudication. */
enum status classify_term(struct ruleset *rs, const char *term, size_t len, const char *pt, const char *soc,
                          struct event_class *ret, struct err *err);
/* Appends "rule cv.mi.en pattern /.../ matched \"heart attack\" at 3" for each rule that matched or was blocked. */
enum status classify_explain(struct ruleset *rs, const char *term, size_t len, const char *pt,
                             const char *soc, struct buf *out, struct err *err);

#endif
