/*
 * plan_monitor.c - one monitor of the plan: what it counts, how it is tested, when, and what an alert of it is.
 *
 * Each method has its own keys; a key of another method is refused with the reason, so that nobody believes in a
 * maximum or a minimum that is not applied.
 */
#include <string.h>

#include "base/text.h"
#include "monitor/plan_parts.h"

static const char *const methods[] = {"alpha_spending", "exact_binomial", "e_process", NULL};

const char *method_name(enum method m)
{
    return methods[m];
}

enum status plan_defaults_read(const struct node *map, struct plan_defaults *ret, struct err *err)
{
    enum status st = node_expect(map, NODE_MAP, err);

    if (st != OK) {
        return st;
    }
    *ret = (struct plan_defaults){
        .count = node_get(map, "count"),
        .sided = node_get(map, "sided"),
        .window = node_get(map, "window"),
        .comparison = node_get(map, "comparison"),
        .closing_look = node_get(map, "closing_look"),
        .alert = node_get(map, "alert"),
        .e_process = node_get(map, "e_process"),
    };
    return node_end(map, err);
}

static const struct node *given(const struct node *map, const char *key, const struct node *def)
{
    const struct node *own = node_get(map, key);

    return own != NULL ? own : def;
}

/* The monitor's own key, or the default; E_CONFIG when neither is there. */
static enum status own_or(const struct node *map, const char *key, const struct node *def,
                          const struct node **ret, struct err *err)
{
    const struct node *n = given(map, key, def);

    if (n == NULL) {
        return node_error(map, err, "the key '%s' is missing; add it here or under defaults", key);
    }
    *ret = n;
    return OK;
}

static enum status refuse(const struct node *map, const char *key, struct err *err, const char *why)
{
    const struct node *n = node_get(map, key);

    return n == NULL ? OK : node_error(n, err, "%s", why);
}

/* ---- what is counted ---- */

static enum status category_read(const struct node *map, const struct ruleset *rules, struct monitor *m,
                                 struct err *err)
{
    struct node *n;
    int category, subtype = -1;
    enum status st = node_need(map, "category", &n, err);

    if (st == OK) {
        st = plan_text(n, NAME_MAX_LEN, m->category, err);
    }
    if (st != OK) {
        return st;
    }
    category = ruleset_find_category(rules, m->category);
    if (category < 0) {
        return node_error(n, err, "the rules have no category '%s'", m->category);
    }
    n = node_get(map, "subtype");
    if (n != NULL) {
        st = plan_text(n, NAME_MAX_LEN, m->subtype, err);
        if (st != OK) {
            return st;
        }
        subtype = ruleset_find_subtype(rules, category, m->subtype);
        if (subtype < 0) {
            return node_error(n, err, "the category %s has no subtype '%s'", m->category, m->subtype);
        }
    }
    m->target.category = category;
    m->target.subtypes = subtype >= 0 ? UINT64_C(1) << subtype : 0;
    return OK;
}

static enum status count_read(const struct node *n, enum method method, struct err *err)
{
    static const char *const counts[] = {"first_event", "episodes", NULL};
    int which;
    enum status st = node_enum(n, counts, &which, err);

    if (st != OK || which == 0) {
        return st;
    }
    switch (method) {
    case METHOD_SPENDING_Z:
        return node_error(
            n, err,
            "alpha spending on episodes needs the robust rate statistic, which is not available; write "
            "first_event");
    case METHOD_EXACT_BINOMIAL:
    case METHOD_E_PROCESS:
        break;
    }
    return node_error(
        n, err,
        "repeated episodes of a subject are not independent: a nominal 0.05 becomes 0.065 to 0.124 with "
        "this method; write first_event");
}

static enum status comparison_read(const struct node *map, const struct plan_defaults *def,
                                   const struct plan *p, struct monitor *m, struct err *err)
{
    const struct node *n = given(map, "comparison", def->comparison);
    const char *s;
    size_t len;

    m->comparison = ARM_NONE;
    if (n == NULL) {
        return p->arms.n == 2
                   ? OK
                   : node_error(map, err,
                                "the key 'comparison' is missing; with more than two arms write pooled, or "
                                "the code of an experimental arm");
    }
    s = node_kind(n) == NODE_SCALAR ? node_text(n, &len) : NULL;
    if (s != NULL && len == 6 && memcmp(s, "pooled", 6) == 0) {
        return OK;
    }
    m->comparison = s != NULL ? arms_find(&p->arms, s, len) : (arm_t)ARM_NONE;
    if (m->comparison == ARM_NONE || m->comparison == ARM_CONTROL) {
        return node_error(n, err, "must be pooled, or the code of an experimental arm of this plan");
    }
    return OK;
}

static enum status counting_read(const struct node *map, const struct plan_defaults *def,
                                 const struct ruleset *rules, const struct plan *p, struct monitor *m,
                                 struct err *err)
{
    static const char *const windows[] = {"all", "treatment_emergent", NULL};
    static const char *const sides[] = {"upper", NULL};
    const struct node *n = NULL;
    int which = 0;
    enum status st = category_read(map, rules, m, err);

    /* Left out: all events, first events, harm.  Of the last two there is no other choice. */
    n = given(map, "window", def->window);
    if (st == OK && n != NULL) {
        st = node_enum(n, windows, &which, err);
    }
    m->window = which == 0 ? WINDOW_ALL : WINDOW_TE;
    n = given(map, "count", def->count);
    if (st == OK && n != NULL) {
        st = count_read(n, m->method, err);
    }
    n = given(map, "sided", def->sided);
    if (st == OK && n != NULL) {
        st = node_enum(n, sides, &which, err);
    }
    return st == OK ? comparison_read(map, def, p, m, err) : st;
}

/* ---- how it is tested ---- */

static enum status alpha_read(const struct node *map, struct monitor *m, struct err *err)
{
    struct node *n = node_get(map, "alpha_one_sided");

    if (m->method == METHOD_E_PROCESS && m->role == ROLE_SUPPORTIVE) {
        return n == NULL ? OK
                         : node_error(
                               n, err,
                               "a supportive e-process has no share of alpha; remove the key, or write role: "
                               "decisive");
    }
    if (n == NULL) {
        return node_error(
            map, err,
            m->method == METHOD_E_PROCESS
                ? "a decisive e-process needs alpha_one_sided; add it, or write role: supportive"
                : "the key 'alpha_one_sided' is missing; add its share of one-sided alpha, as 0.05");
    }
    return node_double(n, 1e-6, 0.5, &m->alpha, err);
}

/* B4 needs no maximum, no minimum and no schedule; what it is given of these would not be applied. */
static enum status safe_read(const struct node *map, const struct plan_defaults *def, struct monitor *m,
                             struct err *err)
{
    static const char *const needless[] = {"max_events", "max_events_amended", "min_events", "spending",
                                           "statistic",  "closing_look",       "looks"};
    const struct node *n = NULL;
    enum status st = OK;

    for (size_t i = 0; st == OK && i < sizeof needless / sizeof needless[0]; i++) {
        st = refuse(map, needless[i], err,
                    "method e_process holds at every moment and takes no maximum, minimum, spending, "
                    "statistic, closing "
                    "look or schedule; remove the key");
    }
    if (st == OK) {
        st = own_or(map, "e_process", def->e_process, &n, err);
    }
    if (st == OK) {
        st = plan_e_process_read(n, &m->e, err);
    }
    if (st == OK && !m->e.on) {
        st = node_error(n, err, "method e_process needs the prior and the reference here or under defaults");
    }
    m->clock = CLOCK_EVERY_EVENT;
    m->min_events = 1;
    return st;
}

/* A maximum that changes between looks: valid only if nobody who chose it knew the arms, which is for the adopter to say. */
static enum status amended_read(const struct node *map, struct monitor *m, struct err *err)
{
    struct node *from, *blind;
    bool decided_blind = false;
    enum status st = node_expect(map, NODE_MAP, err);

    if (st == OK) {
        st = node_need(map, "from", &from, err);
    }
    if (st == OK) {
        st = node_int(from, 1, 100000, &m->amended_from, err);
    }
    if (st == OK) {
        st = node_need(map, "decided_blind", &blind, err);
    }
    if (st == OK) {
        st = node_bool(blind, &decided_blind, err);
    }
    if (st == OK && !decided_blind) {
        st = node_error(
            blind, err,
            "a maximum chosen with knowledge of the arms does not keep alpha: leave it as it was, or add "
            "a new monitor that draws on its family's alpha_reserve");
    }
    if (st == OK && m->amended_from == m->max_events) {
        st =
            node_error(from, err, "is the maximum itself; say what max_events was before, or remove the key");
    }
    return st == OK ? node_end(map, err) : st;
}

static enum status events_read(const struct node *map, struct monitor *m, struct err *err)
{
    struct node *n;
    enum status st = node_need(map, "max_events", &n, err);

    m->min_events = 1;
    if (st == OK) {
        st = node_int(n, 1, 100000, &m->max_events, err);
    }
    n = node_get(map, "min_events");
    if (st == OK && n == NULL && m->method == METHOD_SPENDING_Z) {
        st =
            node_error(map, err,
                       "the key 'min_events' is missing; a z statistic of very few events is not normal: add "
                       "min_events: 10, or what the plan justifies");
    }
    if (st == OK && n != NULL) {
        st = node_int(n, 1, m->max_events, &m->min_events, err);
    }
    n = node_get(map, "max_events_amended");
    return st == OK && n != NULL ? amended_read(n, m, err) : st;
}

static enum status statistic_read(const struct node *map, const struct monitor *m, struct err *err)
{
    static const char *const words[] = {"logrank", NULL};
    struct node *n;
    int which;
    enum status st;

    if (m->method == METHOD_EXACT_BINOMIAL) {
        return refuse(map, "statistic", err, "method exact_binomial tests the count itself; remove the key");
    }
    st = node_need(map, "statistic", &n, err);
    return st == OK ? node_enum(n, words, &which, err) : st;
}

/* B1 and B2. */
static enum status bounded_read(const struct node *map, const struct plan_defaults *def, struct monitor *m,
                                struct err *err)
{
    struct node *need;
    const struct node *n = NULL;
    enum status st = statistic_read(map, m, err);

    if (st == OK) {
        st = node_need(map, "spending", &need, err);
    }
    if (st == OK) {
        st = plan_spending_read(need, &m->spending, err);
    }
    if (st == OK) {
        st = events_read(map, m, err);
    }
    if (st == OK) {
        st = node_need(map, "looks", &need, err);
    }
    if (st == OK) {
        st = plan_looks_read(need, m, err);
    }
    if (st == OK) {
        st = own_or(map, "closing_look", def->closing_look, &n, err);
    }
    if (st == OK) {
        st = node_bool(n, &m->closing_look, err);
    }
    if (st == OK) {
        st = own_or(map, "e_process", def->e_process, &n, err);
    }
    return st == OK ? plan_e_process_read(n, &m->e, err) : st;
}

/* ---- what an alert of it is ---- */

static enum status family_read(const struct node *map, const struct plan *p, struct monitor *m,
                               struct err *err)
{
    struct node *n = node_get(map, "family");
    const char *s;
    enum status st;

    m->family = -1;
    if (n == NULL) {
        return OK;
    }
    st = node_str(n, &s, err);
    if (st != OK) {
        return st;
    }
    for (size_t i = 0; i < p->n_families; i++) {
        if (strcmp(p->families[i].name, s) == 0) {
            m->family = (int)i;
            return OK;
        }
    }
    return node_error(n, err, "is no family of this plan; declare it under families with its bound");
}

enum status plan_monitor_read(const struct node *map, const struct plan_defaults *def,
                              const struct ruleset *rules, const struct plan *p, struct monitor *m,
                              struct err *err)
{
    static const char *const roles[] = {"decisive", "supportive", NULL};
    static const char *const alerts[] = {"urgent", "next_report", NULL};
    struct node *need;
    const struct node *n = NULL;
    int which = 0;
    enum status st = node_expect(map, NODE_MAP, err);

    m->clock_from = p->first_look;
    m->daily_cut = p->cut == CUT_DAILY;
    if (st == OK) {
        st = node_need(map, "name", &need, err);
    }
    if (st == OK) {
        st = plan_name(need, false, m->name, err);
    }
    if (st == OK) {
        st = node_need(map, "title", &need, err);
    }
    if (st == OK) {
        st = plan_text(need, TITLE_MAX_LEN, m->title, err);
    }
    if (st == OK) {
        st = node_need(map, "method", &need, err);
    }
    if (st == OK) {
        st = node_enum(need, methods, &which, err);
        m->method = (enum method)which;
    }
    which = 0; /* a monitor decides unless it says otherwise */
    if (st == OK) {
        st = node_get_enum(map, "role", roles, &which, err);
        m->role = which == 0 ? ROLE_DECISIVE : ROLE_SUPPORTIVE;
    }
    if (st == OK) {
        st = counting_read(map, def, rules, p, m, err);
    }
    if (st == OK) {
        st = alpha_read(map, m, err);
    }
    if (st == OK) {
        st = m->method == METHOD_E_PROCESS ? safe_read(map, def, m, err) : bounded_read(map, def, m, err);
    }
    if (st == OK) {
        st = own_or(map, "alert", def->alert, &n, err);
    }
    if (st == OK) {
        st = node_enum(n, alerts, &which, err);
        m->urgency = which == 0 ? ALERT_URGENT : ALERT_NEXT_REPORT;
    }
    if (st == OK) {
        st = family_read(map, p, m, err);
    }
    return st == OK ? node_end(map, err) : st;
}
