/* A rules file, as parsed YAML, into the ruleset.  The format is described in rules/README.md. */
#include <stdlib.h>
#include <string.h>

#include "base/doc.h"
#include "base/vec.h"
#include "classify/ruleset.h"

static enum status copy(const char *s, char **ret, struct err *err)
{
    char *p = strdup(s);

    if (p == NULL) {
        return err_set(err, E_NOMEM, "reading the rules");
    }
    *ret = p;
    return OK;
}

static enum status need_str(const struct node *map, const char *key, const char **ret, struct err *err)
{
    struct node *n;
    enum status st = node_need(map, key, &n, err);

    return st == OK ? node_str(n, ret, err) : st;
}

/* A list's item count and items; a missing key is an empty list. */
static enum status get_list(const struct node *map, const char *key, const struct node **ret, size_t *n,
                            struct err *err)
{
    const struct node *list = node_get(map, key);
    enum status st = OK;

    *ret = list;
    *n = 0;
    if (list != NULL) {
        st = node_expect(list, NODE_LIST, err);
        *n = st == OK ? node_count(list) : 0;
    }
    return st;
}

static enum status add_phrase(struct ruleset *rs, struct entries *to, const struct node *item,
                              const char *lang, size_t owner, enum cue_place place, struct err *err)
{
    struct entry e = {.owner = (uint16_t)owner, .place = place};
    struct err why = {OK, ""};
    const char *text;
    enum status st = node_str(item, &text, err);

    if (st != OK) {
        return st;
    }
    if (to->n >= UINT16_MAX) {
        return node_error(item, err, "more phrases than the engine can number");
    }
    st = phrase_compile(text, &e.phrase, &why);
    if (st != OK) {
        return st == E_CONFIG ? node_error(item, err, "%s", why.msg) : err_set(err, st, "%s", why.msg);
    }
    strncpy(e.lang, lang, sizeof e.lang - 1);
    st = VEC_PUSH_ROOM(to->e, to->n, to->cap, err);
    if (st == OK && to != &rs->cues) { /* cues are short and common: a slip there must not negate */
        st = spell_learn(rs->spell, text, err);
    }
    if (st != OK) {
        phrase_done(&e.phrase);
        return st;
    }
    to->e[to->n++] = e;
    return OK;
}

static enum status add_phrases(struct ruleset *rs, struct entries *to, const struct node *map,
                               const char *key, const char *lang, size_t owner, enum cue_place place,
                               struct err *err)
{
    const struct node *list;
    size_t n;
    enum status st = get_list(map, key, &list, &n, err);

    for (size_t i = 0; st == OK && i < n; i++) {
        st = add_phrase(rs, to, node_item(list, i), lang, owner, place, err);
    }
    return st;
}

static enum status add_subtype(struct ruleset *rs, int cat, const struct node *at, const char *name,
                               uint64_t members, struct err *err)
{
    struct subtype *s;
    enum status st;

    if (ruleset_find_subtype(rs, cat, name) >= 0) {
        return node_error(at, err, "subtype %s is there twice", name);
    }
    if (rs->n_sub == SUBTYPES_MAX) {
        return node_error(at, err, "more than %d subtypes in all", (int)SUBTYPES_MAX);
    }
    s = &rs->sub[rs->n_sub];
    st = copy(name, &s->name, err);
    if (st != OK) {
        return st;
    }
    s->category = cat;
    s->members = members;
    rs->n_sub++;
    return OK;
}

static enum status find_subtype(const struct ruleset *rs, int cat, const struct node *at, int *ret,
                                struct err *err)
{
    const char *name;
    enum status st = node_str(at, &name, err);
    int i;

    if (st != OK) {
        return st;
    }
    i = ruleset_find_subtype(rs, cat, name);
    if (i < 0) {
        return node_error(at, err, "no subtype %s in category %s; list it under subtypes", name,
                          rs->cat[cat].name);
    }
    *ret = i;
    return OK;
}

static enum status read_subtypes(struct ruleset *rs, int cat, const struct node *map, struct err *err)
{
    const struct node *list, *comp;
    size_t n;
    enum status st = get_list(map, "subtypes", &list, &n, err);

    for (size_t i = 0; st == OK && i < n; i++) {
        const char *name;

        st = node_str(node_item(list, i), &name, err);
        if (st == OK) {
            st = add_subtype(rs, cat, node_item(list, i), name, 0, err);
        }
    }
    comp = st == OK ? node_get(map, "composites") : NULL;
    if (comp != NULL) {
        st = node_expect(comp, NODE_MAP, err);
    }
    for (size_t i = 0; st == OK && comp != NULL && i < node_count(comp); i++) {
        const struct node *members = node_item(comp, i);
        uint64_t mask = 0;
        const char *name;
        int s;

        st = node_expect(members, NODE_LIST, err);
        for (size_t k = 0; st == OK && k < node_count(members); k++) {
            st = find_subtype(rs, cat, node_item(members, k), &s, err);
            if (st == OK) {
                mask |= UINT64_C(1) << s;
            }
        }
        if (st == OK && mask == 0) {
            st = node_error(members, err, "a composite of nothing");
        }
        if (st == OK) {
            st = node_str(node_key(comp, i), &name, err);
        }
        if (st == OK) {
            st = add_subtype(rs, cat, node_key(comp, i), name, mask, err);
        }
    }
    return st;
}

static enum status get_subtype(const struct ruleset *rs, int cat, const struct node *map, const char *key,
                               int *ret, struct err *err)
{
    const struct node *n = node_get(map, key);

    return n == NULL ? OK : find_subtype(rs, cat, n, ret, err);
}

/* A list of words, each a bit of *ret. */
static enum status get_set(const struct node *map, const char *key, const char *const words[], uint32_t *ret,
                           struct err *err)
{
    const struct node *list;
    size_t n;
    enum status st = get_list(map, key, &list, &n, err);

    for (size_t i = 0; st == OK && i < n; i++) {
        int w;

        st = node_enum(node_item(list, i), words, &w, err);
        if (st == OK) {
            *ret |= UINT32_C(1) << w;
        }
    }
    return st;
}

static enum status read_from(struct category *c, const struct node *map, struct err *err)
{
    static const char *const criteria[] = {
        "death", "life-threatening", "hospitalisation", "disability", "congenital", "other", NULL};
    static const char *const outcomes[] = {"unknown",  "recovered", "recovering", "not recovered",
                                           "sequelae", "fatal",     NULL};
    static const char *const reasons[] = {"none", "completed", "withdrawn", "lost", "death", "other", NULL};
    struct source_terms *f = &c->from;
    const struct node *from = node_get(map, "from"), *list;
    int64_t grade = 0;
    size_t n;
    enum status st;

    if (from == NULL) {
        return OK;
    }
    st = node_expect(from, NODE_MAP, err);
    st = st != OK ? st : node_get_bool(from, "serious_flag", &f->serious_flag, err);
    st = st != OK ? st : node_get_bool(from, "death_flag", &f->death_flag, err);
    st = st != OK ? st : node_get_int(from, "grade_at_least", 1, 5, &grade, err);
    st = st != OK ? st : get_set(from, "criteria", criteria, &f->criteria, err);
    st = st != OK ? st : get_set(from, "outcome", outcomes, &f->outcomes, err);
    st = st != OK ? st : get_set(from, "fu_reason", reasons, &f->fu_reasons, err);
    st = st != OK ? st : get_list(from, "categories", &list, &n, err);
    for (size_t i = 0; st == OK && i < n; i++) {
        const char *name;

        if (f->n_later == CATEGORIES_MAX) {
            return node_error(list, err, "more than %d categories", (int)CATEGORIES_MAX);
        }
        st = node_str(node_item(list, i), &name, err);
        st = st != OK ? st : copy(name, &f->later[f->n_later], err);
        f->n_later += st == OK ? 1 : 0;
    }
    f->grade = (int)grade;
    return st != OK ? st : node_end(from, err);
}

static enum status read_rule(struct ruleset *rs, int cat, const struct node *map, struct err *err)
{
    static const char *const words[] = {"event", "sign", "review", "nothing", NULL};
    struct rule r = {.category = cat, .subtype = NO_SUBTYPE};
    const struct node *terms;
    const char *id;
    int says = SAYS_COUNT;
    enum status st = node_expect(map, NODE_MAP, err);

    st = st != OK ? st : need_str(map, "id", &id, err);
    st = st != OK ? st : get_subtype(rs, cat, map, "subtype", &r.subtype, err);
    st = st != OK ? st : node_get_enum(map, "says", words, &says, err);
    st = st != OK ? st : node_get_bool(map, "beside", &r.beside, err);
    if (st != OK) {
        return st;
    }
    for (size_t i = 0; i < rs->n_rules; i++) {
        if (strcmp(rs->rules[i].id, id) == 0) {
            return node_error(map, err, "rule %s is there twice", id);
        }
    }
    if (rs->n_rules == RULES_MAX) {
        return node_error(map, err, "more than %d rules", (int)RULES_MAX);
    }
    r.says = (enum says)says;
    st = VEC_PUSH_ROOM(rs->rules, rs->n_rules, rs->cap_rules, err);
    st = st != OK ? st : copy(id, &r.id, err);
    if (st != OK) {
        return st;
    }
    rs->rules[rs->n_rules++] = r;
    rs->worded |= UINT32_C(1) << cat;
    terms = node_get(map, "terms");
    if (terms == NULL) {
        return node_error(map, err, "rule %s has no terms", id);
    }
    st = node_expect(terms, NODE_MAP, err);
    for (size_t i = 0; st == OK && i < node_count(terms); i++) {
        const char *lang;

        st = node_str(node_key(terms, i), &lang, err);
        if (st == OK && strlen(lang) >= sizeof((struct entry *)0)->lang) {
            st = node_error(node_key(terms, i), err, "a language is named by a few letters: en, da, no, any");
        }
        st = st != OK ? st : node_expect(node_item(terms, i), NODE_LIST, err);
        st = st != OK ? st
                      : add_phrases(rs, &rs->phrases, terms, lang, lang, rs->n_rules - 1, PLACE_BEFORE, err);
    }
    return st != OK ? st : node_end(map, err);
}

static enum status read_rules(struct ruleset *rs, int cat, const struct node *map, struct err *err)
{
    const struct node *list;
    size_t n;
    enum status st = get_list(map, "rules", &list, &n, err);

    for (size_t i = 0; st == OK && i < n; i++) {
        st = read_rule(rs, cat, node_item(list, i), err);
    }
    return st;
}

static enum status read_category(struct ruleset *rs, const struct node *map, struct err *err)
{
    static const char *const coded[] = {"pt", "soc", "adds", NULL};
    struct category *c;
    const char *name, *title;
    int cat = rs->n_cat, by = CODED_PT;
    enum status st = need_str(map, "category", &name, err);

    st = st != OK ? st : need_str(map, "title", &title, err);
    if (st != OK) {
        return st;
    }
    if (ruleset_find_category(rs, name) >= 0) {
        return node_error(map, err, "category %s is there twice; to add rules to it write \"adds_to: %s\"",
                          name, name);
    }
    if (cat == CATEGORIES_MAX) {
        return node_error(map, err, "more than %d categories", (int)CATEGORIES_MAX);
    }
    c = &rs->cat[cat];
    rs->n_cat++;
    c->residual = c->unknown_death = c->takes_unknown_death = NO_SUBTYPE;
    st = copy(name, &c->name, err);
    st = st != OK ? st : copy(title, &c->title, err);
    st = st != OK ? st : read_subtypes(rs, cat, map, err);
    st = st != OK ? st : get_subtype(rs, cat, map, "residual", &c->residual, err);
    st = st != OK ? st : get_subtype(rs, cat, map, "unknown_death", &c->unknown_death, err);
    st = st != OK ? st : get_subtype(rs, cat, map, "takes_unknown_death", &c->takes_unknown_death, err);
    st = st != OK ? st : node_get_enum(map, "coded", coded, &by, err);
    c->coded = (enum coded)by;
    st = st != OK ? st : add_phrases(rs, &c->soc, map, "soc", "soc", (size_t)cat, PLACE_BEFORE, err);
    st = st != OK ? st
                  : add_phrases(rs, &c->suggest, map, "soc_suggests", "soc", (size_t)cat, PLACE_BEFORE, err);
    st = st != OK
             ? st
             : add_phrases(rs, &c->leaves, map, "soc_leaves_to_pt", "soc", (size_t)cat, PLACE_BEFORE, err);
    if (st == OK && c->coded == CODED_SOC && c->soc.n == 0) {
        st = node_error(map, err, "\"coded: soc\" wants the SOC's names under \"soc\"");
    }
    st = st != OK ? st : read_from(c, map, err);
    st = st != OK ? st : read_rules(rs, cat, map, err);
    return st != OK ? st : node_end(map, err);
}

static enum status new_group(struct ruleset *rs, const char *name, enum cue_says says, struct err *err)
{
    struct cue_group g = {.says = says};
    enum status st = VEC_PUSH_ROOM(rs->groups, rs->n_groups, rs->cap_groups, err);

    st = st != OK ? st : copy(name, &g.name, err);
    if (st == OK) {
        rs->groups[rs->n_groups++] = g;
    }
    return st;
}

static enum status read_group(struct ruleset *rs, const struct node *map, struct err *err)
{
    static const char *const words[] = {"no event", "suspected", "nothing", NULL};
    static const char *const keys[] = {"before", "after", "around", "unless", "ended_by", "heading"};
    struct node *node;
    const char *name;
    int says;
    enum status st = node_expect(map, NODE_MAP, err);

    st = st != OK ? st : need_str(map, "name", &name, err);
    st = st != OK ? st : node_need(map, "says", &node, err);
    st = st != OK ? st : node_enum(node, words, &says, err);
    st = st != OK ? st : new_group(rs, name, (enum cue_says)says, err);
    for (size_t i = 0; st == OK && i < sizeof keys / sizeof keys[0]; i++) {
        st = add_phrases(rs, &rs->cues, map, keys[i], "", rs->n_groups - 1, (enum cue_place)i, err);
    }
    return st != OK ? st : node_end(map, err);
}

static enum status read_context(struct ruleset *rs, const struct node *map, struct err *err)
{
    const struct node *list;
    const char *name;
    size_t n;
    enum status st = need_str(map, "context", &name, err);

    st = st != OK ? st : get_list(map, "groups", &list, &n, err);
    for (size_t i = 0; st == OK && i < n; i++) {
        st = read_group(rs, node_item(list, i), err);
    }
    st = st != OK ? st : new_group(rs, "breaks", CUE_BREAKS, err);
    st = st != OK ? st : add_phrases(rs, &rs->cues, map, "breaks", "", rs->n_groups - 1, PLACE_AROUND, err);
    st = st != OK ? st : new_group(rs, "joins", CUE_JOINS, err);
    st = st != OK ? st : add_phrases(rs, &rs->cues, map, "joins", "", rs->n_groups - 1, PLACE_AROUND, err);
    st = st != OK ? st : get_list(map, "words", &list, &n, err);
    for (size_t i = 0; st == OK && i < n; i++) {
        const char *word;

        st = node_str(node_item(list, i), &word, err);
        st = st != OK ? st : spell_learn(rs->spell, word, err);
    }
    st = st != OK ? st : get_list(map, "known_words", &list, &n, err);
    for (size_t i = 0; st == OK && i < n; i++) {
        const char *word;

        st = node_str(node_item(list, i), &word, err);
        st = st != OK ? st : spell_know(rs->spell, word, err);
    }
    return st != OK ? st : node_end(map, err);
}

enum status rulefile_read(struct ruleset *rs, const struct doc *doc, struct err *err)
{
    const struct node *root = doc_root(doc);
    enum status st;

    if (root == NULL) {
        return err_set(err, E_CONFIG, "%s:1:1: an empty rules file; it starts with \"category: NAME\"",
                       doc_file(doc));
    }
    st = node_expect(root, NODE_MAP, err);
    if (st != OK) {
        return st;
    }
    if (node_get(root, "context") != NULL) {
        return read_context(rs, root, err);
    }
    return read_category(rs, root, err);
}

/* A site's file with more rules for a category of another file. */
enum status rulefile_read_more(struct ruleset *rs, const struct doc *doc, struct err *err)
{
    const struct node *root = doc_root(doc);
    const char *name;
    enum status st = need_str(root, "adds_to", &name, err);
    int cat;

    if (st != OK) {
        return st;
    }
    cat = ruleset_find_category(rs, name);
    if (cat < 0) {
        return node_error(root, err, "adds_to: there is no category %s", name);
    }
    st = read_rules(rs, cat, root, err);
    return st != OK ? st : node_end(root, err);
}

bool rulefile_is_more(const struct doc *doc)
{
    const struct node *root = doc_root(doc);

    return root != NULL && node_kind(root) == NODE_MAP && node_get(root, "adds_to") != NULL;
}

/* Names of other categories, once all are known. */
enum status rulefile_resolve(struct ruleset *rs, struct err *err)
{
    if (rs->n_cat == 0) {
        return err_set(err, E_CONFIG, "the rules have no category");
    }
    if (rs->cues.n == 0) {
        return err_set(
            err, E_CONFIG,
            "the rules have no context words (context.yaml): \"no\", \"previous\" and \"suspected\" would "
            "mean nothing");
    }
    for (int i = 0; i < rs->n_cat; i++) {
        struct source_terms *f = &rs->cat[i].from;

        for (size_t k = 0; k < f->n_later; k++) {
            int c = ruleset_find_category(rs, f->later[k]);

            if (c < 0 || c == i) {
                return err_set(err, E_CONFIG, "category %s: from.categories: there is no other category %s",
                               rs->cat[i].name, f->later[k]);
            }
            f->categories |= UINT32_C(1) << c;
        }
    }
    return OK;
}
