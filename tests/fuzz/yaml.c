/* libFuzzer: what people write in YAML.  The first byte chooses: s settings, p plan, r rules, else the bare reader. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "classify/rules.h"
#include "config/settings.h"
#include "config/yaml.h"
#include "monitor/bounds.h"
#include "monitor/plan.h"
#include "support/t_plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void refused(enum status st, const struct err *err)
{
    if (st != OK && err->msg[0] == '\0') {
        __builtin_trap();
    }
}

static void settings(const char *text, size_t len)
{
    struct settings *s = NULL;
    struct err err = {0};

    refused(settings_parse("fuzz.yaml", text, len, &s, &err), &err);
    settings_free(s);
}

static void plan(const char *text, size_t len)
{
    static struct ruleset *rules;
    struct plan *p = NULL;
    struct buf notes = {0};
    struct err err = {0};
    enum status st;

    if (rules == NULL) {
        rules = t_rules();
    }
    st = t_plan(rules, text, &p, &err);
    (void)len;
    refused(st, &err);
    if (st == OK) {
        refused(plan_notes(p, &notes, &err), &err);
    }
    for (size_t i = 0; st == OK && i < p->n_monitors; i++) {
        struct bounds_ask ask = {.alternative = {2}, .n_alternatives = 1, .expected = 10};
        struct bounds b = {0};

        if (p->monitors[i].max_events <= 60) { /* the time of larger ones is known, and long */
            refused(bounds_of(p, &p->monitors[i], &ask, &b, &err), &err);
            bounds_done(&b);
        }
    }
    buf_done(&notes);
    plan_free(p);
}

static void rules_or_doc(const char *text, size_t len, int as_rules)
{
    struct doc *d = NULL;
    struct ruleset *r = NULL;
    struct err err = {0};
    enum status st = yaml_parse("fuzz.yaml", text, len, &d, &err);

    refused(st, &err);
    if (st == OK && as_rules) {
        const struct doc *one = d;

        refused(ruleset_new(&one, 1, &r, &err), &err);
    }
    ruleset_free(r);
    doc_free(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text;

    if (size == 0) {
        return -1;
    }
    text = malloc(size);
    if (text == NULL) {
        return -1;
    }
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    switch (data[0]) {
    case 's':
        settings(text, size - 1);
        break;
    case 'p':
        plan(text, size - 1);
        break;
    default:
        rules_or_doc(text, size - 1, data[0] == 'r');
        break;
    }
    free(text);
    return 0;
}
