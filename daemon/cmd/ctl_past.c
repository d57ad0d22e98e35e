#include "cmd/ctl_past.h"

#include <stdlib.h>
#include <string.h>

#include "app/adopt.h"
#include "cmd/ctl.h"
#include "config/file.h"
#include "config/yaml.h"

void past_plan_done(struct past_plan *p)
{
    plan_free(p->plan);
    ruleset_free(p->rules);
    *p = (struct past_plan){0};
}

enum status past_plan_load(struct reader *r, const char *trial, int64_t look, struct past_plan *ret,
                           struct err *err)
{
    struct adopted a = {0};
    struct adopted_rules rules = {0};
    struct past_plan p = {0};
    enum status st = reader_plan(r, look, &a, &rules, err);

    if (st == OK && a.id == 0) {
        st = err_set(err, E_NOTFOUND, "no plan is adopted yet: dsmbctl plan adopt");
    }
    if (st == OK) {
        st = adopt_read_plan(yaml_parse, trial, a.text, a.len, &rules, &p.plan, &p.rules, err);
    }
    if (st == OK) {
        p.hash = a.hash;
        p.id = a.id;
        *ret = p;
    }
    adopted_done(&a);
    adopted_rules_done(&rules);
    return st;
}

enum status past_plan_from_file(const struct settings *s, const char *plan_file, const char *rules_dir,
                                struct past_plan *ret, struct err *err)
{
    struct adopted_rules rules = {0};
    struct past_plan p = {0};
    struct buf text = {0};
    enum status st = ctl_rules(rules_dir != NULL ? rules_dir : s->rules_dir, &rules, err);

    if (st == OK) {
        st = file_read(plan_file, YAML_SIZE_MAX, &text, err);
    }
    if (st == OK) {
        st = sha256_of(text.data, text.len, &p.hash, err);
    }
    if (st == OK) {
        st = adopt_read_plan(yaml_parse, s->trial, text.data, text.len, &rules, &p.plan, &p.rules, err);
    }
    if (st == OK) {
        *ret = p;
    }
    adopted_rules_done(&rules);
    buf_done(&text);
    return st;
}

/* Nothing is deployed yet. */
static enum status plan_alone(const char *plan, const char *rules_dir, struct past_plan *ret, struct err *err)
{
    struct adopted_rules rules = {0};
    struct doc *d = NULL;
    struct past_plan p = {0};
    enum status st = ctl_rules(rules_dir, &rules, err);

    if (st == OK) {
        st = adopt_read_rules(yaml_parse, &rules, &p.rules, err);
    }
    if (st == OK) {
        st = yaml_load(plan, &d, err);
    }
    if (st == OK) {
        st = plan_read(d, p.rules, &p.plan, err);
    }
    doc_free(d);
    adopted_rules_done(&rules);
    if (st != OK) {
        past_plan_done(&p);
        return st;
    }
    *ret = p;
    return OK;
}

enum status past_plan_asked(const char *config, const char *plan, const char *rules_dir,
                            struct past_plan *ret, struct err *err)
{
    struct settings *s = NULL;
    struct reader *r = NULL;
    bool adopted = plan == NULL || strcmp(plan, "adopted") == 0;
    enum status st;

    if (!adopted && rules_dir != NULL) {
        return plan_alone(plan, rules_dir, ret, err);
    }
    st = ctl_settings(config, &s, err);
    if (st == OK && adopted) {
        st = reader_open(ctl_conninfo(s), &r, err);
    }
    if (st == OK) {
        st = adopted ? past_plan_load(r, s->trial, 0, ret, err)
                     : past_plan_from_file(s, plan, rules_dir, ret, err);
    }
    reader_free(r);
    settings_free(s);
    return st;
}

void past_look_done(struct past_look *p)
{
    snapshot_free(p->snapshot);
    for (size_t i = 0; i < p->n_history; i++) {
        history_done(&p->history[i]);
    }
    free(p->history);
    known_set_done(&p->known);
    look_result_done(&p->result);
    *p = (struct past_look){0};
}

static enum status add_row(void *ctx, enum src_view view, const struct field *f, struct err *err)
{
    return builder_row(ctx, view, f, err);
}

enum status past_snapshot(struct reader *r, const struct plan *plan, int64_t look, struct snapshot **ret,
                          struct err *err)
{
    struct builder *b = NULL;
    enum status st = builder_new(&plan->arms, &b, err);

    if (st == OK) {
        st = reader_rows(r, look, add_row, b, err);
    }
    if (st == OK) {
        st = builder_finish(b, ret, err);
    }
    builder_free(b);
    return st;
}

enum status past_look_load(struct reader *r, const struct past_plan *plan, int64_t look,
                           struct past_look *ret, struct err *err)
{
    struct past_look p = {.n_history = plan->plan->n_monitors};
    struct look_input in = {.plan = plan->plan, .rules = plan->rules};
    enum status st = reader_look(r, look, &p.head, err);

    if (st == OK) {
        p.history = calloc(p.n_history, sizeof *p.history);
        st = p.history == NULL ? err_set(err, E_NOMEM, "the monitors' histories") : OK;
    }
    for (size_t i = 0; st == OK && i < p.n_history; i++) {
        memcpy(p.history[i].monitor, plan->plan->monitors[i].name, sizeof p.history[i].monitor);
    }
    if (st == OK) {
        st = past_snapshot(r, plan->plan, p.head.look, &p.snapshot, err);
    }
    if (st == OK) {
        st = reader_history(r, p.head.look, p.history, p.n_history, err);
    }
    if (st == OK) {
        st = reader_known(r, p.head.look, &p.known, err);
    }
    if (st == OK) {
        in.snapshot = p.snapshot;
        in.history = p.history;
        in.known = &p.known;
        in.kind = p.head.kind;
        in.look = p.head.look;
        in.cut = p.head.cut;
        in.changed = p.head.n_changes > 0;
        st = look_run(&in, &p.result, err);
    }
    if (st != OK) {
        past_look_done(&p);
        return st;
    }
    *ret = p;
    return OK;
}

struct report_input past_report_input(const struct past_plan *plan, const struct past_look *look)
{
    struct report_input in = {.plan = plan->plan,
                              .rules = plan->rules,
                              .snapshot = look->snapshot,
                              .result = &look->result,
                              .history = look->history,
                              .look = look->head.look,
                              .cut = look->head.cut,
                              .read_at = look->head.read_at,
                              .data_cutoff = look->head.data_cutoff,
                              .now = look->head.read_at};

    sha256_hex(&look->head.snapshot, in.snapshot_hash);
    sha256_hex(&plan->hash, in.plan_hash);
    return in;
}
