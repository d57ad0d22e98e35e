/*
 * plan_assumed.c - section `simulation` of a plan.
 */
#include "monitor/plan_assumed.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "monitor/plan_parts.h"
#include "tally/span.h"

enum { YEARS_MAX = 30 };

static enum status days_read(const struct node *map, const char *key, int64_t least, int *ret,
                             struct err *err)
{
    struct node *n;
    int64_t us = 0;
    enum status st = node_need(map, key, &n, err);

    if (st == OK) {
        st = node_duration(n, least * US_PER_DAY, YEARS_MAX * 366 * US_PER_DAY, &us, err);
    }
    if (st == OK && us % US_PER_DAY != 0) {
        st = node_error(n, err, "is not in whole days; write it as in 365 d");
    }
    *ret = (int)(us / US_PER_DAY);
    return st;
}

static enum status drop_out_read(const struct node *map, struct assumed *a, struct err *err)
{
    static const char *const side[] = {"control", "experimental"};
    enum status st = node_expect(map, NODE_MAP, err);

    for (int i = 0; st == OK && i < 2; i++) {
        struct node *n;

        st = node_need(map, side[i], &n, err);
        if (st == OK) {
            st = node_double(n, 0, .99, &a->drop_out[i], err);
        }
    }
    return st == OK ? node_end(map, err) : st;
}

/* "cardiovascular", or "cardiovascular/MI". */
static enum status counts_read(const struct node *n, const struct ruleset *rules, struct cause *c,
                               struct err *err)
{
    char name[NAME_MAX_LEN + 1];
    const char *s, *slash;
    size_t len;
    int category;
    enum status st = node_str(n, &s, err);

    if (st != OK) {
        return st;
    }
    slash = strchr(s, '/');
    len = slash != NULL ? (size_t)(slash - s) : strlen(s);
    if (len > NAME_MAX_LEN) {
        return node_error(n, err, "is no category of the rules");
    }
    memcpy(name, s, len);
    name[len] = '\0';
    category = ruleset_find_category(rules, name);
    if (category < 0) {
        return node_error(n, err, "the rules have no category '%s'", name);
    }
    c->categories |= UINT32_C(1) << category;
    c->fatal = c->fatal || strcmp(name, "death") == 0;
    if (slash != NULL) {
        int subtype = ruleset_find_subtype(rules, category, slash + 1);

        if (subtype < 0) {
            return node_error(n, err, "the category %s has no subtype '%s'", name, slash + 1);
        }
        c->subtypes |= UINT64_C(1) << subtype;
    }
    return OK;
}

static enum status cause_read(const struct node *map, const struct ruleset *rules, struct cause *c,
                              struct err *err)
{
    struct node *n;
    enum status st = node_expect(map, NODE_MAP, err);

    if (st == OK) {
        st = node_need(map, "name", &n, err);
    }
    if (st == OK) {
        st = plan_name(n, false, c->name, err);
    }
    if (st == OK) {
        st = node_need(map, "counts_as", &n, err);
    }
    if (st == OK) {
        st = node_expect(n, NODE_LIST, err);
    }
    if (st == OK && node_count(n) == 0) {
        st = node_error(n, err, "is empty; write the categories that such an event counts as");
    }
    for (size_t i = 0; st == OK && i < node_count(n); i++) {
        st = counts_read(node_item(n, i), rules, c, err);
    }
    if (st == OK) {
        st = node_need(map, "control", &n, err);
    }
    if (st == OK) {
        st = node_double(n, 1e-6, .999, &c->control, err);
    }
    return st == OK ? node_end(map, err) : st;
}

static enum status causes_read(const struct node *list, const struct ruleset *rules, struct assumed *a,
                               struct err *err)
{
    enum status st = node_expect(list, NODE_LIST, err);

    if (st == OK && (node_count(list) < 1 || node_count(list) > CAUSES_MAX)) {
        st = node_error(list, err, "has %zu causes; write 1 to %d", node_count(list), CAUSES_MAX);
    }
    for (size_t i = 0; st == OK && i < node_count(list); i++) {
        st = cause_read(node_item(list, i), rules, &a->cause[i], err);
        if (st == OK && plan_seen_before(list, i, "name")) {
            st = node_error(node_get(node_item(list, i), "name"), err, "is the name of an earlier cause");
        }
        a->n_causes++;
    }
    return st;
}

static enum status scenario_read(const struct node *map, const struct assumed *a, struct scenario *s,
                                 struct err *err)
{
    struct node *n, *ratios = NULL;
    enum status st = node_expect(map, NODE_MAP, err);

    if (st == OK) {
        st = node_need(map, "name", &n, err);
    }
    if (st == OK) {
        st = plan_text(n, TITLE_MAX_LEN, s->name, err);
    }
    if (st == OK) {
        st = node_need(map, "ratios", &ratios, err);
    }
    if (st == OK) {
        st = node_expect(ratios, NODE_MAP, err);
    }
    for (size_t i = 0; st == OK && i < a->n_causes; i++) {
        s->ratio[i] = 1;
        st = node_get_double(ratios, a->cause[i].name, .01, 100, &s->ratio[i], err);
    }
    if (st == OK) {
        st = node_end(ratios, err); /* another name is no cause */
    }
    return st == OK ? node_end(map, err) : st;
}

static enum status scenarios_read(const struct node *list, struct assumed *a, struct err *err)
{
    struct scenario *none = &a->scenario[0];
    enum status st = OK;

    memcpy(none->name, "no harm", sizeof "no harm");
    for (size_t i = 0; i < a->n_causes; i++) {
        none->ratio[i] = 1;
    }
    a->n_scenarios = 1;
    if (list == NULL) {
        return OK;
    }
    st = node_expect(list, NODE_LIST, err);
    if (st == OK && node_count(list) >= SCENARIOS_MAX) {
        st = node_error(list, err, "has %zu scenarios; at most %d", node_count(list), SCENARIOS_MAX - 1);
    }
    for (size_t i = 0; st == OK && i < node_count(list); i++) {
        st = scenario_read(node_item(list, i), a, &a->scenario[a->n_scenarios++], err);
    }
    return st;
}

static bool counted(const struct assumed *a, const struct monitor *m)
{
    for (size_t i = 0; i < a->n_causes; i++) {
        if (in_target(a->cause[i].categories, a->cause[i].subtypes, m->target)) {
            return true;
        }
    }
    return false;
}

enum status plan_assumed_check(const struct plan *p, struct err *err)
{
    for (size_t i = 0; i < p->n_monitors; i++) {
        const struct monitor *m = &p->monitors[i];

        if (!counted(p->assumed, m)) {
            return err_set(
                err, E_CONFIG,
                "simulation.causes: none counts as %s%s%s, which monitor %s watches: it would seem "
                "never to err; add a cause with that in counts_as",
                m->category, m->subtype[0] != '\0' ? "/" : "", m->subtype, m->name);
        }
    }
    return OK;
}

enum status plan_assumed_read(const struct node *map, const struct ruleset *rules, struct assumed **ret,
                              struct err *err)
{
    struct assumed *a = NULL;
    struct node *n;
    int lag = 0;
    enum status st;

    if (map == NULL) {
        *ret = NULL;
        return OK;
    }
    st = node_expect(map, NODE_MAP, err);
    if (st != OK) {
        return st;
    }
    a = calloc(1, sizeof *a);
    if (a == NULL) {
        return err_set(err, E_NOMEM, "reading the plan");
    }
    st = node_need(map, "subjects", &n, err);
    if (st == OK) {
        st = node_int(n, 2, 100000, &a->subjects, err);
    }
    if (st == OK) {
        st = days_read(map, "recruitment", 1, &a->recruitment, err);
    }
    if (st == OK) {
        st = days_read(map, "follow_up", 1, &a->follow_up, err);
    }
    if (st == OK) {
        st = days_read(map, "entry_lag", 0, &lag, err);
        a->lag = lag;
    }
    if (st == OK) {
        st = node_need(map, "drop_out", &n, err);
    }
    if (st == OK) {
        st = drop_out_read(n, a, err);
    }
    if (st == OK) {
        st = node_need(map, "causes", &n, err);
    }
    if (st == OK) {
        st = causes_read(n, rules, a, err);
    }
    if (st == OK) {
        st = scenarios_read(node_get(map, "scenarios"), a, err);
    }
    if (st == OK) {
        st = node_end(map, err);
    }
    if (st == OK) {
        *ret = a;
        a = NULL;
    }
    free(a);
    return st;
}
