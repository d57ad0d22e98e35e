/*
 * plan_design.c - the three choices of a design that have more than one word: spending, looks, the e-process.
 */
#include <string.h>

#include "monitor/plan_parts.h"

static enum status points_read(const struct node *list, struct spending *s, struct err *err)
{
    double t = 0, share = 0;
    enum status st = node_expect(list, NODE_LIST, err);

    if (st == OK && (node_count(list) < 1 || node_count(list) > SPEND_USER_MAX)) {
        return node_error(list, err, "has %zu points; write 1 to %d", node_count(list), SPEND_USER_MAX);
    }
    for (size_t i = 0; st == OK && i < node_count(list); i++) {
        const struct node *point = node_item(list, i);

        if (node_kind(point) != NODE_LIST || node_count(point) != 2) {
            return node_error(point, err, "must be a pair [time, share], both in 0 to 1");
        }
        st = node_double(node_item(point, 0), 0, 1, &s->user[i].t, err);
        if (st == OK) {
            st = node_double(node_item(point, 1), 0, 1, &s->user[i].share, err);
        }
        if (st == OK && (s->user[i].t <= t || s->user[i].share < share)) {
            return node_error(point, err,
                              "must lie after the point before it, with a share that does not fall");
        }
        t = s->user[i].t;
        share = s->user[i].share;
        s->n_user++;
    }
    if (st == OK && (t < 1 || share < 1)) {
        return node_error(list, err, "must end with [1, 1]");
    }
    return st;
}

enum status plan_spending_read(const struct node *n, struct spending *s, struct err *err)
{
    static const char *const words[] = {"pocock", "obf", NULL};
    static const struct {
        const char *key;
        enum spending_kind kind;
        double lo, hi;
    } with_param[] = {{"hsd", SPEND_HSD, -40, 40},
                      {"kim_demets", SPEND_KD, 0.01, 50},
                      {"exponential", SPEND_EXP, 0.01, 50}};
    enum status st;
    int which;

    if (node_kind(n) == NODE_SCALAR) {
        st = node_enum(n, words, &which, err);
        if (st == OK) {
            s->kind = which == 0 ? SPEND_POCOCK : SPEND_OBF;
        }
        return st;
    }
    if (node_kind(n) != NODE_MAP || node_count(n) != 1) {
        return node_error(
            n, err,
            "must be pocock, obf, or a map of one key: hsd, kim_demets or exponential with its number, "
            "or points with [[time, share], ...]");
    }
    for (size_t i = 0; i < sizeof with_param / sizeof with_param[0]; i++) {
        const struct node *v = node_get(n, with_param[i].key);

        if (v != NULL) {
            s->kind = with_param[i].kind;
            return node_double(v, with_param[i].lo, with_param[i].hi, &s->param, err);
        }
    }
    if (node_get(n, "points") != NULL) {
        s->kind = SPEND_USER;
        return points_read(node_get(n, "points"), s, err);
    }
    return node_end(n, err);
}

static enum status fractions_read(const struct node *list, struct monitor *m, struct err *err)
{
    enum status st = node_expect(list, NODE_LIST, err);

    if (st == OK && (node_count(list) < 1 || node_count(list) > FRACTIONS_MAX)) {
        return node_error(list, err, "has %zu fractions; write 1 to %d", node_count(list), FRACTIONS_MAX);
    }
    for (size_t i = 0; st == OK && i < node_count(list); i++) {
        st = node_double(node_item(list, i), 0.001, 1, &m->fractions[i], err);
        if (st == OK && i > 0 && m->fractions[i] <= m->fractions[i - 1]) {
            st = node_error(node_item(list, i), err, "must be above the fraction before it");
        }
        m->n_fractions++;
    }
    return st;
}

enum status plan_looks_read(const struct node *n, struct monitor *m, struct err *err)
{
    static const char *const words[] = {"every_event", NULL};
    int64_t months = 0;
    int which;
    enum status st;

    if (node_kind(n) == NODE_SCALAR) {
        m->clock = CLOCK_EVERY_EVENT;
        return node_enum(n, words, &which, err);
    }
    if (node_kind(n) != NODE_MAP || node_count(n) != 1) {
        return node_error(n, err, "must be every_event, {every_months: 6} or {fractions: [0.5, 1]}");
    }
    if (node_get(n, "fractions") != NULL) {
        m->clock = CLOCK_FRACTIONS;
        return fractions_read(node_get(n, "fractions"), m, err);
    }
    m->clock = CLOCK_CALENDAR;
    st = node_get_int(n, "every_months", 1, 60, &months, err);
    m->months = (int)months;
    return st == OK ? node_end(n, err) : st;
}

enum status plan_e_process_read(const struct node *n, struct eprocess_plan *e, struct err *err)
{
    static const char *const none[] = {"none", NULL};
    static const char *const roles[] = {"supportive", NULL};
    struct node *v;
    int which;
    enum status st;

    if (node_kind(n) != NODE_MAP) {
        return node_enum(n, none, &which, err);
    }
    st = node_need(n, "prior", &v, err);
    if (st == OK && (node_kind(v) != NODE_LIST || node_count(v) != 2)) {
        st = node_error(v, err, "must be the two parameters of the beta prior, as [1, 1]");
    }
    if (st == OK) {
        st = node_double(node_item(v, 0), 0.05, 1000, &e->prior_a, err);
    }
    if (st == OK) {
        st = node_double(node_item(v, 1), 0.05, 1000, &e->prior_b, err);
    }
    if (st == OK) {
        st = node_need(n, "reference", &v, err);
    }
    if (st == OK) {
        st = node_double(v, 1.000001, 1e6, &e->reference, err);
    }
    v = st == OK ? node_get(n, "role") : NULL;
    if (v != NULL) {
        st = node_enum(v, roles, &which, err);
        if (st != OK) {
            return node_error(
                v, err,
                "an e-process beside another method is supportive; for one that decides, write a monitor "
                "with method: e_process and its own alpha_one_sided");
        }
    }
    if (st == OK) {
        st = node_end(n, err);
    }
    e->on = st == OK;
    return st;
}
