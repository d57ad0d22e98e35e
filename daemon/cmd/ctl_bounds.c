/* dsmbctl bounds: what a plan means in numbers, before anything is seen. */
#include "cmd/ctl_bounds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/ctl.h"
#include "cmd/ctl_opts.h"
#include "cmd/ctl_past.h"

static const char help[] =
    "usage: dsmbctl bounds [--plan FILE|adopted [--rules DIR]] [--monitor NAME] [--format "
    "text|csv|json|svg]\n"
    "                      [--alternative R,R,...] [--looks NAME=N,N,...] [--expect NAME=EVENTS] [--config "
    "FILE]\n\n"
    "  --plan FILE       the plan to show (default: adopted)\n"
    "  --rules DIR       with --plan FILE: its rules; then no settings are needed\n"
    "  --monitor NAME    this monitor only\n"
    "  --alternative     relative risks or hazard ratios for the power (default 1.5,2,3)\n"
    "  --looks           first events at the looks (default: the plan's clock; a calendar's at quarters of "
    "the "
    "maximum)\n"
    "  --format          default: text on a terminal, csv in a pipe; svg: a drawing\n"
    "  --expect          events that the planned trial is expected to give: power within it, too\n\n"
    "csv columns: monitor, method, look, events, spending_time, bound, events_needed, nominal_p, alpha_cum, "
    "then\n"
    "power_R for each alternative: the probability of having crossed by that look.\n"
    "An empty bound: no crossing is possible at that look.\n";

enum { NAMED_MAX = MONITORS_MAX };

struct named {
    const char *name; /* not terminated: len */
    size_t len;
    const char *value;
};

struct args {
    const char *config, *plan, *rules, *monitor;
    int format;
    double alternative[ALTERNATIVES_MAX];
    size_t n_alternatives;
    struct named looks[NAMED_MAX], expect[NAMED_MAX];
    size_t n_looks, n_expect;
};

static bool named(const char *word, struct named *list, size_t *n)
{
    const char *eq = strchr(word, '=');

    if (eq == NULL || eq == word || eq[1] == '\0' || *n == NAMED_MAX) {
        return false;
    }
    list[(*n)++] = (struct named){word, (size_t)(eq - word), eq + 1};
    return true;
}

static const char *value_for(const struct named *list, size_t n, const char *name)
{
    for (size_t i = n; i-- > 0;) {
        if (list[i].len == strlen(name) && strncmp(list[i].name, name, list[i].len) == 0) {
            return list[i].value;
        }
    }
    return NULL;
}

static bool read_alternatives(const char *s, struct args *a)
{
    a->n_alternatives = 0;
    for (;;) {
        size_t len = strcspn(s, ",");
        double v;

        if (a->n_alternatives == ALTERNATIVES_MAX || !text_double(s, len, &v) || !(v > 0 && v <= 1e6)) {
            return false;
        }
        a->alternative[a->n_alternatives++] = v;
        if (s[len] == '\0') {
            return true;
        }
        s += len + 1;
    }
}

static enum status read_looks(const char *s, int64_t **ret, size_t *n_ret, struct err *err)
{
    size_t n = 1;
    int64_t *list;

    for (const char *c = s; *c != '\0'; c++) {
        n += *c == ',';
    }
    list = calloc(n, sizeof *list);
    if (list == NULL) {
        return err_set(err, E_NOMEM, "--looks");
    }
    for (size_t i = 0; i < n; i++) {
        size_t len = strcspn(s, ",");

        if (!text_int(s, len, 1, 1000000, &list[i])) {
            free(list);
            return err_set(err, E_USAGE, "--looks: \"%.*s\" is not a number of events", (int)len, s);
        }
        s += len + 1;
    }
    *ret = list;
    *n_ret = n;
    return OK;
}

static enum status one(const struct plan *p, const struct args *a, struct bounds_item *item, struct err *err)
{
    const char *looks = value_for(a->looks, a->n_looks, item->m->name),
               *expect = value_for(a->expect, a->n_expect, item->m->name);
    int64_t *list = NULL;
    enum status st = OK;

    item->ask.expected = (double)NAN;
    item->ask.n_alternatives = a->n_alternatives;
    memcpy(item->ask.alternative, a->alternative, sizeof a->alternative);
    if (looks != NULL) {
        st = read_looks(looks, &list, &item->ask.n_looks, err);
        item->ask.looks = list;
    }
    if (st == OK && expect != NULL && !text_double(expect, strlen(expect), &item->ask.expected)) {
        st = err_set(err, E_USAGE, "--expect %s: \"%s\" is not a number", item->m->name, expect);
    }
    if (st == OK) {
        st = bounds_of(p, item->m, &item->ask, &item->b, err);
    }
    free(list);
    item->ask.looks = NULL; /* from here on the answer has them */
    return st;
}

static bool known(const struct plan *p, const char *name, size_t len)
{
    for (size_t i = 0; i < p->n_monitors; i++) {
        if (strlen(p->monitors[i].name) == len && strncmp(p->monitors[i].name, name, len) == 0) {
            return true;
        }
    }
    return false;
}

static enum status check_names(const struct plan *p, const struct args *a, struct err *err)
{
    if (a->monitor != NULL && !known(p, a->monitor, strlen(a->monitor))) {
        return err_set(err, E_USAGE, "--monitor: the plan has no monitor \"%s\"", a->monitor);
    }
    for (size_t i = 0; i < a->n_looks + a->n_expect; i++) {
        const struct named *n = i < a->n_looks ? &a->looks[i] : &a->expect[i - a->n_looks];

        if (!known(p, n->name, n->len)) {
            return err_set(err, E_USAGE, "%s: the plan has no monitor \"%.*s\"",
                           i < a->n_looks ? "--looks" : "--expect", (int)n->len, n->name);
        }
    }
    return OK;
}

static enum status bounds(const struct args *a, struct buf *out, struct err *err)
{
    static struct bounds_item item[MONITORS_MAX]; /* large, and dsmbctl runs one verb */
    struct past_plan p = {0};
    size_t n = 0;
    enum status st = past_plan_asked(a->config, a->plan, a->rules, &p, err);

    if (st == OK) {
        st = check_names(p.plan, a, err);
    }
    for (size_t i = 0; st == OK && i < p.plan->n_monitors; i++) {
        if (a->monitor == NULL || strcmp(a->monitor, p.plan->monitors[i].name) == 0) {
            item[n] = (struct bounds_item){.m = &p.plan->monitors[i]};
            ctl_progress("bounds", n + 1, 0, "monitors: bounds and power");
            st = one(p.plan, a, &item[n++], err);
        }
    }
    if (st == OK) {
        st = bounds_write(p.plan, item, n, (enum bounds_format)a->format, out, err);
    }
    while (n > 0) {
        bounds_done(&item[--n].b);
    }
    past_plan_done(&p);
    return st;
}

static bool take_format(void *ctx, const char *word)
{
    int *format = ctx;

    *format = strcmp(word, "svg") == 0 ? (int)BOUNDS_SVG : ctl_format("bounds", word);
    return *format >= 0;
}

static bool take_alternatives(void *ctx, const char *word)
{
    if (!read_alternatives(word, ctx)) {
        (void)fprintf(stderr, "dsmbctl bounds: --alternative takes up to %d ratios above 0: 1.5,2,3\n",
                      ALTERNATIVES_MAX);
        return false;
    }
    return true;
}

static bool take_looks(void *ctx, const char *word)
{
    struct args *a = ctx;

    if (!named(word, a->looks, &a->n_looks)) {
        (void)fprintf(stderr, "dsmbctl bounds: --looks takes NAME=N,N,...\n");
        return false;
    }
    return true;
}

static bool take_expected(void *ctx, const char *word)
{
    struct args *a = ctx;

    if (!named(word, a->expect, &a->n_expect)) {
        (void)fprintf(stderr, "dsmbctl bounds: --expect takes NAME=EVENTS\n");
        return false;
    }
    return true;
}

int ctl_bounds(int argc, char **argv)
{
    struct args a = {.alternative = {1.5, 2, 3}, .n_alternatives = 3, .format = ctl_format("bounds", NULL)};
    struct ctl_taker format = {take_format, &a.format}, alternative = {take_alternatives, &a},
                     looks = {take_looks, &a}, expect = {take_expected, &a};
    const struct ctl_opt opts[] = {{"config", CTL_TEXT, &a.config}, {"plan", CTL_TEXT, &a.plan},
                                   {"rules", CTL_TEXT, &a.rules},   {"monitor", CTL_TEXT, &a.monitor},
                                   {"format", CTL_CALL, &format},   {"alternative", CTL_CALL, &alternative},
                                   {"looks", CTL_CALL, &looks},     {"expect", CTL_CALL, &expect}};
    struct buf out = {0};
    struct err err = {0};
    int at = 0, rc = ctl_options("bounds", help, opts, sizeof opts / sizeof opts[0], argc, argv, &at);
    enum status st;

    if (rc == 0) {
        rc = ctl_no_operand("bounds", argc, argv, at);
    }
    if (rc != 0) {
        return rc == CTL_HELPED ? 0 : rc;
    }
    st = bounds(&a, &out, &err);
    if (st == OK) {
        ctl_put(&out);
    } else {
        rc = ctl_fail("bounds", st, &err);
    }
    buf_done(&out);
    return rc;
}
