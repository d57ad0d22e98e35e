/*
 * report_inference.c - what the looks of each monitor say once it is counted that there were several.  Closed report only.
 */
#include "render/report_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/infer.h"
#include "render/format.h"

static void percent(struct facts *f, struct place at, const char *statistic, double p)
{
    struct buf b = {0};

    if (!isnan(p)) {
        fmt_fixed(&b, 100 * p, 1);
        buf_str(&b, " %");
        facts_real_take(f, at, statistic, p, &b);
    }
}

static void tell(const struct monitor *m, const struct inference *x, struct facts *f)
{
    struct place at = {"inference", m->name, ""};
    struct buf b = {0};

    buf_fmt(&b, "%lld, %lld events", (long long)x->look, (long long)x->events);
    facts_int_take(f, at, "at_look", x->look, &b);
    fmt_fixed(&b, 100 * (1 - 2 * x->tail), 0);
    buf_str(&b, " %");
    facts_real_take(f, at, "confidence", 1 - 2 * x->tail, &b);
    report_p(f, at, "stagewise_p", x->p);
    report_ratio(f, at, "hazard_ratio", &x->ratio);
    if (!isnan(x->repeated.value)) {
        report_ratio(f, at, "repeated_ratio", &x->repeated);
    }
    if (!isnan(x->repeated_p)) {
        report_p(f, at, "repeated_p", x->repeated_p);
    }
    at.section = "power";
    percent(f, at, "no_effect", x->power_null);
    percent(f, at, "as_estimated", x->power_estimate);
    percent(f, at, "predictive", x->power_predictive);
}

/* The entries up to this look, borrowed. */
static enum status entries_of(const struct report_input *in, size_t i, struct entry **ret, size_t *n,
                              struct err *err)
{
    const struct history *h = &in->history[i];
    const struct entry *now = &in->result->entries[i];
    struct entry *e = calloc(h->n + 1, sizeof *e);
    size_t k = 0;

    if (e == NULL) {
        return err_set(err, E_NOMEM, "what the looks say");
    }
    for (; k < h->n && h->entries[k].look < now->look; k++) {
        e[k] = h->entries[k];
    }
    e[k++] = *now;
    *ret = e;
    *n = k;
    return OK;
}

enum status report_inference(const struct report_input *in, struct facts *f, struct err *err)
{
    enum status st = OK;

    for (size_t i = 0; st == OK && i < in->plan->n_monitors; i++) {
        const struct monitor *m = &in->plan->monitors[i];
        struct entry *e = NULL;
        struct inference x;
        size_t n = 0;

        st = entries_of(in, i, &e, &n, err);
        if (st == OK) {
            st = monitor_infer(m, e, n, &x, err);
        }
        if (st == OK && x.look > 0) {
            tell(m, &x, f);
        }
        free(e);
    }
    return st;
}
