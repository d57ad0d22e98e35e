/*
 * ctl_tally.c - counts by category, arm, population, window and arm basis, now: the source read once, classified and
 * counted by the adopted plan (or one given), nothing decided.  It shows arms, so it is in the ledger first.
 */
#include <stdlib.h>
#include <string.h>

#include "cmd/ctl.h"
#include "cmd/ctl_opts.h"
#include "cmd/ctl_past.h"
#include "pg/source.h"
#include "render/tally.h"
#include "trial/fault.h"
#include "trial/rows.h"

static const char help[] =
    "usage: dsmbctl tally [--plan FILE [--rules DIR]] [--all] [--format text|csv|json] [--purpose TEXT] "
    "[--config FILE]\n\n"
    "  --plan FILE   count by this plan's arms and window instead of the adopted one's\n"
    "  --rules DIR   with --plan: its rules\n"
    "  --all         subtypes too\n"
    "  --format      default: text on a terminal, csv in a pipe\n"
    "  --purpose     why: the ledger keeps it (default: \"dsmbctl tally\")\n\n"
    "csv columns: category, subtype, arm, population, window, arm_basis, n, subjects, episodes, rows, "
    "person_years_at_risk\n";

struct args {
    const char *config, *plan, *rules, *purpose;
    int format;
    bool all;
};

enum { PROGRESS_EVERY = 1000 };

struct reading {
    struct rows *rows;
    struct builder *builder;
    size_t n;
};

static enum status take(void *ctx, enum src_view view, const struct field *f, struct err *err)
{
    struct reading *r = ctx;
    bool duplicate = false;
    enum status st = rows_see(r->rows, view, f, &duplicate, err);

    if (++r->n % PROGRESS_EVERY == 0) {
        ctl_progress("tally", r->n, 0, "rows read");
    }
    return st == OK ? builder_row(r->builder, view, f, err) : st;
}

/* The trial as it stands now, and the hash of all its rows. */
static enum status read_now(const struct settings *s, const struct plan *plan, struct snapshot **ret,
                            struct source_gate *gate, struct sha256 *hash, struct err *err)
{
    struct pg_source_opts o = {.conninfo = s->source.conninfo,
                               .schema = s->source.schema,
                               .statement_timeout_us = s->source.statement_timeout_us};
    struct pg_source *src = NULL;
    struct source port;
    struct reading r = {0};
    struct snapshot *snap = NULL;
    struct shrink none = {.max_percent = 100};
    enum status st = pg_source_new(&o, &port, &src, err);

    if (st == OK) {
        st = rows_new(&r.rows, err);
    }
    if (st == OK) {
        st = rows_begin(r.rows, err);
    }
    if (st == OK) {
        st = builder_new(&plan->arms, &r.builder, err);
    }
    if (st == OK) {
        st = port.read(port.ctx, take, &r, gate, err);
    }
    if (st == OK) {
        st = builder_finish(r.builder, &snap, err);
    }
    if (st == OK) {
        st = fault_check(snap, &none, err);
    }
    if (st == OK) {
        st = rows_snapshot_hash(r.rows, hash, err);
    }
    if (st == OK) {
        *ret = snap;
        snap = NULL;
    }
    snapshot_free(snap);
    builder_free(r.builder);
    rows_free(r.rows);
    pg_source_free(src);
    return st;
}

static enum status tally(const struct args *a, struct buf *out, struct err *err)
{
    struct settings *s = NULL;
    struct reader *r = NULL;
    struct past_plan p = {0};
    struct snapshot *snap = NULL;
    struct source_gate gate = {0};
    struct sha256 hash, content;
    struct look_result result = {0};
    day_t cut = DAY_NONE;
    enum status st = ctl_settings(a->config, &s, err);

    ctl_progress("tally", 0, 0, "reading the plan");
    if (st == OK) {
        st = reader_open(ctl_conninfo(s), &r, err);
    }
    if (st == OK) {
        st = a->plan != NULL ? past_plan_from_file(s, a->plan, a->rules, &p, err)
                             : past_plan_load(r, s->trial, 0, &p, err);
    }
    if (st == OK) {
        st = read_now(s, p.plan, &snap, &gate, &hash, err);
    }
    if (st == OK) {
        st = look_day(p.plan, snap, gate.read_at, &cut, err);
    }
    if (st == OK) {
        struct look_input in = {.plan = p.plan, .rules = p.rules, .snapshot = snap, .cut = cut};

        ctl_progress("tally", 0, 0, "counting");
        st = look_count(&in, &result, err);
    }
    if (st == OK) {
        st = tally_render(p.plan, p.rules, result.tallies, result.n_tallies, a->all,
                          (enum tally_format)a->format, out, err);
    }
    if (st == OK) {
        st = sha256_of(out->data, out->len, &content, err);
    }
    if (st == OK) {
        st = reader_disclose(r, "tally", a->purpose, &content, &hash, err);
    }
    look_result_done(&result);
    snapshot_free(snap);
    past_plan_done(&p);
    reader_free(r);
    settings_free(s);
    return st;
}

int ctl_tally(int argc, char **argv)
{
    struct args a = {.purpose = "dsmbctl tally", .format = ctl_format("tally", NULL)};
    const struct ctl_opt opts[] = {{"config", CTL_TEXT, &a.config},   {"plan", CTL_TEXT, &a.plan},
                                   {"rules", CTL_TEXT, &a.rules},     {"format", CTL_FORMAT, &a.format},
                                   {"purpose", CTL_TEXT, &a.purpose}, {"all", CTL_FLAG, &a.all}};
    struct buf out = {0};
    struct err err = {0};
    int at = 0, rc = ctl_options("tally", help, opts, sizeof opts / sizeof opts[0], argc, argv, &at);
    enum status st;

    if (rc == 0) {
        rc = ctl_no_operand("tally", argc, argv, at);
    }
    if (rc != 0) {
        return rc == CTL_HELPED ? 0 : rc;
    }
    st = tally(&a, &out, &err);
    if (st == OK) {
        ctl_put(&out);
    } else {
        rc = ctl_fail("tally", st, &err);
    }
    buf_wipe(&out);
    return rc;
}
