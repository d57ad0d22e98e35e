/*
 * plan.c - the plan as a whole: trial, population, cut, families; plan_arms.c reads the arms, plan_monitor.c each monitor.
 */
#include "monitor/plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "monitor/plan_assumed.h"
#include "monitor/plan_parts.h"

enum status plan_text(const struct node *n, size_t max, char *out, struct err *err)
{
    const char *s;
    enum status st = node_str(n, &s, err);
    size_t len;

    if (st != OK) {
        return st;
    }
    len = strlen(s);
    if (len == 0 || len > max) {
        return node_error(n, err, "is %zu bytes long; write 1 to %zu", len, max);
    }
    memcpy(out, s, len + 1);
    return OK;
}

enum status plan_name(const struct node *n, bool dashes, char out[NAME_MAX_LEN + 1], struct err *err)
{
    enum status st = plan_text(n, NAME_MAX_LEN, out, err);

    if (st != OK) {
        return st;
    }
    for (size_t i = 0; out[i] != '\0'; i++) {
        char c = out[i];
        bool letter = c >= 'a' && c <= 'z';

        if (!(letter || (i > 0 && ((c >= '0' && c <= '9') || c == '_' || (dashes && c == '-'))))) {
            return node_error(n, err, "is no name; write lower-case letters, then letters, digits or %s",
                              dashes ? "_ or -" : "_");
        }
    }
    return OK;
}

bool plan_seen_before(const struct node *list, size_t i, const char *key)
{
    size_t len, other_len;
    const char *s = node_text(node_get(node_item(list, i), key), &len);

    for (size_t k = 0; k < i; k++) {
        const char *other = node_text(node_get(node_item(list, k), key), &other_len);

        if (other_len == len && memcmp(other, s, len) == 0) {
            return true;
        }
    }
    return false;
}

static enum status cut_read(const struct node *map, struct plan *p, struct err *err)
{
    static const char *const every[] = {"day", "change", NULL};
    struct node *n;
    const char *at = NULL;
    int which = 0;
    enum status st = node_expect(map, NODE_MAP, err);

    if (st == OK) {
        st = node_need(map, "every", &n, err);
    }
    if (st == OK) {
        st = node_enum(n, every, &which, err);
    }
    if (st == OK) {
        st = node_get_str(map, "at", &at, err);
    }
    if (st != OK) {
        return st;
    }
    n = node_get(map, "at");
    if (which == 0 && (at == NULL || strcmp(at, "00:00") != 0)) {
        return node_error(n != NULL ? n : map, err, "the daily cut is at 00:00 UTC; write at: \"00:00\"");
    }
    if (which == 1 && n != NULL) {
        return node_error(n, err, "a cut at every change has no time of day; remove the key");
    }
    p->cut = which == 0 ? CUT_DAILY : CUT_EVERY_CHANGE;
    return node_end(map, err);
}

static enum status emergent_read(const struct node *map, struct plan *p, struct err *err)
{
    struct node *n;
    int64_t us = 0;
    enum status st = node_expect(map, NODE_MAP, err);

    if (st == OK) {
        st = node_need(map, "days_after_last_dose", &n, err);
    }
    if (st != OK) {
        return st;
    }
    if (node_kind(n) == NODE_SCALAR && strcmp(node_text(n, NULL), "no_end") == 0) {
        p->te_days = TE_NO_END;
        return node_end(map, err);
    }
    st = node_duration(n, 0, 365 * US_PER_DAY, &us, err);
    if (st != OK) {
        return st;
    }
    if (us % US_PER_DAY != 0) {
        return node_error(n, err, "is not in whole days; write it as in 30 d");
    }
    p->te_days = (int)(us / US_PER_DAY);
    return node_end(map, err);
}

static enum status families_read(const struct node *list, struct plan *p, struct err *err)
{
    enum status st = node_expect(list, NODE_LIST, err);

    if (st == OK && node_count(list) > FAMILIES_MAX) {
        return node_error(list, err, "has %zu families; at most %d", node_count(list), FAMILIES_MAX);
    }
    for (size_t i = 0; st == OK && i < node_count(list); i++) {
        const struct node *map = node_item(list, i);
        struct family *f = &p->families[i];
        struct node *n;

        st = node_expect(map, NODE_MAP, err);
        if (st == OK) {
            st = node_need(map, "name", &n, err);
        }
        if (st == OK) {
            st = plan_name(n, false, f->name, err);
        }
        if (st == OK && plan_seen_before(list, i, "name")) {
            st = node_error(n, err, "is the name of an earlier family");
        }
        if (st == OK) {
            st = node_need(map, "alpha_one_sided", &n, err);
        }
        if (st == OK) {
            st = node_double(n, 1e-6, 0.5, &f->alpha, err);
        }
        n = st == OK ? node_get(map, "alpha_reserve") : NULL;
        if (n != NULL) {
            st = node_double(n, 0, f->alpha, &f->reserve, err);
        }
        if (st == OK) {
            st = node_get_double(map, "simulated_rate", 1e-6, 1, &f->simulated, err);
        }
        if (st == OK) {
            st = node_end(map, err);
        }
        p->n_families++;
    }
    return st;
}

/* An enum that must be there. */
static enum status need_enum(const struct node *map, const char *key, const char *const words[], int *ret,
                             struct err *err)
{
    struct node *n;
    enum status st = node_need(map, key, &n, err);

    return st == OK ? node_enum(n, words, ret, err) : st;
}

static enum status head_read(const struct node *root, struct plan *p, struct err *err)
{
    static const char *const clocks[] = {"wall", "source", NULL};
    static const char *const populations[] = {"randomised", "dosed", NULL};
    static const char *const bases[] = {"planned", "actual", NULL};
    struct node *n;
    const char *s;
    int which = 0;
    int64_t format;
    enum status st = node_need(root, "format", &n, err);

    if (st == OK) {
        st = node_int(n, 1, 1, &format, err);
    }
    if (st == OK) {
        st = node_need(root, "trial", &n, err);
    }
    if (st == OK) {
        st = plan_name(n, true, p->trial, err);
    }
    if (st == OK) {
        st = node_need(root, "title", &n, err);
    }
    if (st == OK) {
        st = plan_text(n, TITLE_MAX_LEN, p->title, err);
    }
    n = node_get(root, "note");
    if (st == OK && n != NULL) {
        st = plan_text(n, sizeof p->note - 1, p->note, err);
    }
    if (st == OK) {
        st = need_enum(root, "trial_clock", clocks, &which, err);
        p->trial_clock = which == 0 ? TRIAL_CLOCK_WALL : TRIAL_CLOCK_SOURCE;
    }
    if (st == OK) {
        st = need_enum(root, "population", populations, &which, err);
        p->population = which == 0 ? POP_RANDOMISED : POP_DOSED;
    }
    if (st == OK) {
        st = need_enum(root, "arm_basis", bases, &which, err);
        p->basis = which == 0 ? BASIS_PLANNED : BASIS_ACTUAL;
    }
    n = node_get(root, "first_look");
    if (st == OK && n != NULL) {
        st = node_str(n, &s, err);
        if (st == OK && !day_parse(s, strlen(s), &p->first_look)) {
            st = node_error(n, err, "is not a date; write YYYY-MM-DD");
        }
    }
    if (st == OK) {
        st = node_need(root, "unknown_death_is_cardiovascular", &n, err);
    }
    return st == OK ? node_bool(n, &p->classify.unknown_death_is_cv, err) : st;
}

static enum status reports_read(const struct node *map, struct plan *p, struct err *err)
{
    struct node *n;
    int64_t months = 0;
    enum status st = node_expect(map, NODE_MAP, err);

    if (st == OK) {
        st = node_need(map, "every_months", &n, err);
    }
    if (st == OK) {
        st = node_int(n, 1, 120, &months, err);
    }
    p->report_months = (int)months;
    return st == OK ? node_end(map, err) : st;
}

static enum status sections_read(const struct node *root, struct plan *p, struct plan_defaults *def,
                                 struct err *err)
{
    struct node *n;
    enum status st = node_need(root, "arms", &n, err);

    if (st == OK) {
        st = plan_arms_read(n, &p->arms, err);
    }
    if (st == OK) {
        st = node_need(root, "cut", &n, err);
    }
    if (st == OK) {
        st = cut_read(n, p, err);
    }
    if (st == OK) {
        st = node_need(root, "treatment_emergent", &n, err);
    }
    if (st == OK) {
        st = emergent_read(n, p, err);
    }
    n = node_get(root, "reports");
    if (st == OK && n != NULL) {
        st = reports_read(n, p, err);
    }
    n = node_get(root, "families");
    if (st == OK && n != NULL) {
        st = families_read(n, p, err);
    }
    n = node_get(root, "defaults");
    if (st == OK && n != NULL) {
        st = plan_defaults_read(n, def, err);
    }
    return st == OK ? plan_messages_read(node_get(root, "messages"), &p->messages, err) : st;
}

static enum status monitors_read(const struct node *list, const struct plan_defaults *def,
                                 const struct ruleset *rules, struct plan *p, struct err *err)
{
    enum status st = node_expect(list, NODE_LIST, err);

    if (st != OK) {
        return st;
    }
    if (node_count(list) < 1 || node_count(list) > MONITORS_MAX) {
        return node_error(list, err, "has %zu monitors; write 1 to %d", node_count(list), MONITORS_MAX);
    }
    for (size_t i = 0; i < node_count(list); i++) {
        st = plan_monitor_read(node_item(list, i), def, rules, p, &p->monitors[i], err);
        if (st != OK) {
            return st;
        }
        if (plan_seen_before(list, i, "name")) {
            return node_error(node_get(node_item(list, i), "name"), err, "is the name of an earlier monitor");
        }
        p->n_monitors++;
    }
    return OK;
}

const struct monitor *plan_monitor(const struct plan *p, const char *name)
{
    for (size_t i = 0; i < p->n_monitors; i++) {
        if (strcmp(p->monitors[i].name, name) == 0) {
            return &p->monitors[i];
        }
    }
    return NULL;
}

double plan_family_sum(const struct plan *p, int family)
{
    double sum = 0;

    for (size_t i = 0; i < p->n_monitors; i++) {
        if (p->monitors[i].family == family && p->monitors[i].role == ROLE_DECISIVE) {
            sum += p->monitors[i].alpha;
        }
    }
    return sum;
}

static enum status families_check(const struct node *list, const struct plan *p, struct err *err)
{
    for (size_t f = 0; f < p->n_families; f++) {
        double sum = plan_family_sum(p, (int)f) + p->families[f].reserve;

        if (sum > p->families[f].alpha * (1 + 1e-9)) {
            return node_error(
                node_item(list, f), err,
                "the shares of its monitors%s sum to %g, above its alpha_one_sided of %g; lower a share or "
                "raise the bound",
                p->families[f].reserve > 0 ? " and its alpha_reserve" : "", sum, p->families[f].alpha);
        }
    }
    return OK;
}

enum status plan_read(const struct doc *d, const struct ruleset *rules, struct plan **ret, struct err *err)
{
    const struct node *root = doc_root(d);
    struct plan_defaults def = {0};
    struct node *monitors;
    struct plan *p;
    enum status st;

    if (root == NULL) {
        return err_set(err, E_CONFIG, "%s: the plan is empty; start from packaging/examples/plan.yaml",
                       doc_file(d));
    }
    st = node_expect(root, NODE_MAP, err);
    if (st != OK) {
        return st;
    }
    p = calloc(1, sizeof *p);
    if (p == NULL) {
        return err_set(err, E_NOMEM, "reading the plan");
    }
    p->first_look = DAY_NONE;
    st = head_read(root, p, err);
    if (st == OK) {
        st = sections_read(root, p, &def, err);
    }
    if (st == OK) {
        st = node_need(root, "monitors", &monitors, err);
    }
    if (st == OK) {
        st = monitors_read(monitors, &def, rules, p, err);
    }
    if (st == OK && p->n_families > 0) {
        st = families_check(node_get(root, "families"), p, err);
    }
    if (st == OK) {
        st = plan_assumed_read(node_get(root, "simulation"), rules, &p->assumed, err);
    }
    if (st == OK) {
        st = node_end(root, err);
    }
    if (st != OK) {
        goto out;
    }
    *ret = p;
    p = NULL;
out:
    plan_free(p);
    return st;
}

void plan_free(struct plan *p)
{
    if (p == NULL) {
        return;
    }
    p->arms.n = ARMS_MAX; /* a half-read plan may have its control slot empty */
    arms_done(&p->arms);
    free(p->assumed);
    free(p);
}
