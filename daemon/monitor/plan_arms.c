/*
 * plan_arms.c - the arms of a plan.
 *
 * Arms unblind, so nothing inside `arms` is ever quoted: messages name the line and what belongs there.
 */
#include "monitor/plan_parts.h"

#include <string.h>

static enum status blind(const struct node *n, enum status st, struct err *err, const char *what)
{
    return st == E_CONFIG ? node_error(n, err, "%s", what) : st;
}

static enum status secret_at(const struct node *arm, const char *key, struct secret **ret, struct err *err)
{
    const struct node *n = node_get(arm, key);
    const char *s;
    enum status st;

    if (n == NULL) {
        return node_error(arm, err, "has no %s; each arm has code, label, role and allocation", key);
    }
    st = blind(n, node_str(n, &s, err), err, "must be a text of 1 to 80 bytes");
    if (st != OK) {
        return st;
    }
    if (s[0] == '\0' || strlen(s) > 80) {
        return node_error(n, err, "must be a text of 1 to 80 bytes");
    }
    if (strcmp(key, "code") == 0 && strcmp(s, "pooled") == 0) {
        return node_error(n, err, "is a word of the plan (comparison); no arm can have it as its code");
    }
    return secret_new(s, strlen(s), ret, err);
}

static enum status arm_read(const struct node *n, struct arms *a, bool *has_control, struct err *err)
{
    static const char *const roles[] = {"control", "experimental", NULL};
    struct secret *code = NULL, *label = NULL;
    const struct node *role, *allocation;
    double share = 0;
    int which = 0, at;
    enum status st;

    if (node_kind(n) != NODE_MAP) {
        return node_error(n, err, "must be a map with code, label, role and allocation");
    }
    st = secret_at(n, "code", &code, err);
    if (st == OK) {
        st = secret_at(n, "label", &label, err);
    }
    if (st != OK) {
        goto out;
    }
    role = node_get(n, "role");
    allocation = node_get(n, "allocation");
    if (role == NULL || allocation == NULL) {
        st = node_error(n, err, "lacks role or allocation; each arm has code, label, role and allocation");
        goto out;
    }
    st = blind(role, node_enum(role, roles, &which, err), err, "must be control or experimental");
    if (st == OK) {
        st = blind(
            allocation, node_double(allocation, 1e-3, 1e3, &share, err), err,
            "must be a number above 0: this arm's part of the randomisations, as 1 and 1, or 0.5 and 0.5");
    }
    if (st == OK) {
        st = blind(n, node_end(n, err), err,
                   "has a key that is not known; an arm has code, label, role and allocation");
    }
    if (st != OK) {
        goto out;
    }
    if (which == 0 && *has_control) {
        st = node_error(role, err, "is the second control arm; a plan has exactly one");
        goto out;
    }
    /* The control arm goes to the front: slot 0 is kept for it. */
    at = which == 0 ? ARM_CONTROL : a->n + (*has_control ? 0 : 1);
    if (at >= ARMS_MAX) {
        st = node_error(n, err, "is one arm too many; a plan has 2 to %d", ARMS_MAX);
        goto out;
    }
    a->arm[at].code = code;
    a->arm[at].label = label;
    a->arm[at].allocation = share;
    a->n++;
    *has_control = *has_control || which == 0;
    code = NULL;
    label = NULL;
out:
    secret_free(code);
    secret_free(label);
    return st;
}

enum status plan_arms_read(const struct node *list, struct arms *a, struct err *err)
{
    bool has_control = false;
    double sum = 0;
    enum status st = blind(list, node_expect(list, NODE_LIST, err), err, "must be a list of arms");

    if (st != OK) {
        return st;
    }
    if (node_count(list) < 2 || node_count(list) > ARMS_MAX) {
        return node_error(list, err, "has %zu arms; write 2 to %d", node_count(list), ARMS_MAX);
    }
    for (size_t i = 0; i < node_count(list); i++) {
        /* While the control arm has not come, experimental arms leave slot 0 free and n counts them. */
        st = arm_read(node_item(list, i), a, &has_control, err);
        if (st != OK) {
            return st;
        }
        if (plan_seen_before(list, i, "code")) {
            return node_error(node_get(node_item(list, i), "code"), err, "is the code of an earlier arm");
        }
        if (plan_seen_before(list, i, "label")) {
            return node_error(node_get(node_item(list, i), "label"), err, "is the label of an earlier arm");
        }
    }
    if (!has_control) {
        return node_error(list, err, "has no control arm; give exactly one arm role: control");
    }
    for (int i = 0; i < a->n; i++) {
        sum += a->arm[i].allocation;
    }
    for (int i = 0; i < a->n; i++) {
        a->arm[i].allocation /= sum;
    }
    return OK;
}
