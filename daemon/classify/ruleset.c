#include "classify/ruleset.h"

#include <stdlib.h>
#include <string.h>

static void entries_done(struct entries *e)
{
    for (size_t i = 0; i < e->n; i++) {
        phrase_done(&e->e[i].phrase);
    }
    free(e->e);
    phrase_index_free(e->index);
}

void ruleset_free(struct ruleset *rs)
{
    if (rs == NULL) {
        return;
    }
    for (int i = 0; i < rs->n_cat; i++) {
        struct category *c = &rs->cat[i];

        free(c->name);
        free(c->title);
        entries_done(&c->soc);
        entries_done(&c->leaves);
        entries_done(&c->suggest);
        for (size_t k = 0; k < c->from.n_later; k++) {
            free(c->from.later[k]);
        }
    }
    for (int i = 0; i < rs->n_sub; i++) {
        free(rs->sub[i].name);
    }
    for (size_t i = 0; i < rs->n_rules; i++) {
        free(rs->rules[i].id);
    }
    free(rs->rules);
    for (size_t i = 0; i < rs->n_groups; i++) {
        free(rs->groups[i].name);
    }
    free(rs->groups);
    entries_done(&rs->phrases);
    entries_done(&rs->cues);
    spell_free(rs->spell);
    phrase_runner_free(rs->runner);
    memo_free(rs->memo);
    folded_done(&rs->folded);
    free(rs);
}

static enum status read_all(struct ruleset *rs, const struct doc *const docs[], size_t n, struct err *err)
{
    enum status st = OK;

    for (size_t i = 0; st == OK && i < n; i++) {
        st = rulefile_is_more(docs[i]) ? OK : rulefile_read(rs, docs[i], err);
    }
    for (size_t i = 0; st == OK && i < n; i++) {
        st = rulefile_is_more(docs[i]) ? rulefile_read_more(rs, docs[i], err) : OK;
    }
    return st != OK ? st : rulefile_resolve(rs, err);
}

enum status ruleset_new(const struct doc *const docs[], size_t n, struct ruleset **ret, struct err *err)
{
    struct ruleset *rs = calloc(1, sizeof *rs);
    enum status st;

    if (rs == NULL) {
        return err_set(err, E_NOMEM, "reading the rules");
    }
    st = spell_new(&rs->spell, err);
    st = st != OK ? st : phrase_runner_new(&rs->runner, err);
    st = st != OK ? st : memo_new(&rs->memo, err);
    st = st != OK ? st : read_all(rs, docs, n, err);
    st = st != OK ? st : phrase_index_new(&rs->phrases, &rs->phrases.index, err);
    st = st != OK ? st : phrase_index_new(&rs->cues, &rs->cues.index, err);
    if (st == OK) {
        spell_ready(rs->spell);
        *ret = rs;
        rs = NULL; /* ownership moved */
    }
    ruleset_free(rs);
    return st;
}

int ruleset_categories(const struct ruleset *rs)
{
    return rs->n_cat;
}

const char *ruleset_category(const struct ruleset *rs, int i)
{
    return rs->cat[i].name;
}

const char *ruleset_category_title(const struct ruleset *rs, int i)
{
    return rs->cat[i].title;
}

int ruleset_find_category(const struct ruleset *rs, const char *name)
{
    for (int i = 0; i < rs->n_cat; i++) {
        if (rs->cat[i].name != NULL && strcmp(rs->cat[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

int ruleset_subtypes(const struct ruleset *rs)
{
    return rs->n_sub;
}

const char *ruleset_subtype(const struct ruleset *rs, int i)
{
    return rs->sub[i].name;
}

int ruleset_subtype_category(const struct ruleset *rs, int i)
{
    return rs->sub[i].category;
}

bool ruleset_subtype_composite(const struct ruleset *rs, int i)
{
    return rs->sub[i].members != 0;
}

int ruleset_find_subtype(const struct ruleset *rs, int category, const char *name)
{
    for (int i = 0; i < rs->n_sub; i++) {
        if (rs->sub[i].category == category && strcmp(rs->sub[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

const char *ruleset_rule(const struct ruleset *rs, int rule)
{
    return rule >= 1 && (size_t)rule <= rs->n_rules ? rs->rules[rule - 1].id : "";
}
