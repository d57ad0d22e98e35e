#include "support/t_plan.h"

#include <string.h>

#include "config/yaml.h"
#include "support/t.h"

static const char *const files[] = {
    "context: words\n"
    "groups:\n"
    "  - {name: negation, says: no event, before: [no]}\n",
    "category: gastrointestinal\n"
    "title: Gastrointestinal\n"
    "subtypes: [BLEED, OTHER]\n"
    "rules:\n"
    "  - {id: gi.other, subtype: OTHER, terms: {en: [diarrhoea]}}\n",
    "category: cardiovascular\n"
    "title: Cardiovascular\n"
    "rules:\n"
    "  - {id: cv.stroke, terms: {en: [stroke]}}\n",
    "category: death\n"
    "title: Death\n"
    "from: {death_flag: true, fu_reason: [death], outcome: [fatal]}\n",
    "category: serious\n"
    "title: Serious\n"
    "from: {serious_flag: true}\n",
};

enum { FILES = sizeof files / sizeof files[0] };

struct ruleset *t_rules(void)
{
    const struct doc *docs[FILES];
    struct doc *own[FILES];
    struct ruleset *rules = NULL;
    struct err err = {0};

    for (size_t i = 0; i < FILES; i++) {
        assert_ok(yaml_parse("rules.yaml", files[i], strlen(files[i]), &own[i], &err), err);
        docs[i] = own[i];
    }
    assert_ok(ruleset_new(docs, FILES, &rules, &err), err);
    for (size_t i = 0; i < FILES; i++) {
        doc_free(own[i]);
    }
    return rules;
}

enum status t_plan(const struct ruleset *rules, const char *text, struct plan **ret, struct err *err)
{
    struct doc *d = NULL;
    enum status st = yaml_parse("plan.yaml", text, strlen(text), &d, err);

    if (st == OK) {
        st = plan_read(d, rules, ret, err);
    }
    doc_free(d);
    return st;
}
