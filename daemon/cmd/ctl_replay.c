/*
 * ctl_replay.c - walks the stored looks again: under the adopted plan, to see that the same comes out; under another
 * plan, to see what it would have concluded; and one monitor under changed alphas and maxima, to see how much its verdict
 * hangs on them.  Nothing is stored but the disclosure.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/ctl.h"
#include "cmd/ctl_opts.h"
#include "cmd/ctl_walk.h"
#include "trial/rows.h"

static const char help[] =
    "usage: dsmbctl replay [--from DAY] [--to DAY] [--config FILE]\n"
    "       dsmbctl replay --plan FILE [--rules DIR] [--monitor NAME] [--sensitivity] --purpose TEXT ...\n"
    "       dsmbctl replay --finished [--plan FILE] [--rules DIR] [--monitor NAME] [--sensitivity] --purpose "
    "TEXT ...\n\n"
    "Without --plan and --finished: takes every stored look again from the stored rows and the plan of that\n"
    "look, and compares snapshot hash and each monitor's entry with what is stored, bit by bit.  Exit status "
    "1\n"
    "when anything differs.\n\n"
    "  --plan FILE     another plan over the stored looks, from the first; prints what it would have "
    "concluded\n"
    "  --finished      a trial that nobody watched: a look a day, each with what had been entered by then, "
    "and\n"
    "                  when each boundary would have been crossed; on corrected data, by the newest look's "
    "rows\n"
    "                  and the adopted plan, or --plan\n"
    "  --rules DIR     with --plan: its rules\n"
    "  --monitor NAME  this monitor only\n"
    "  --sensitivity   the monitor again with halved and third alpha and with a larger maximum, live and at "
    "the close\n"
    "  --from DAY      looks from this cut on, YYYY-MM-DD\n"
    "  --to DAY        looks up to this cut\n"
    "  --format text|csv|json  with --plan or --finished (default: text on a terminal, csv in a pipe)\n"
    "  --purpose TEXT  why: the ledger keeps it, since the verdicts unblind\n";

struct args {
    const char *config, *plan, *rules, *monitor, *purpose;
    bool sensitivity, finished;
    day_t from, to; /* DAY_NONE: no limit */
    int format;
};

/* ---- the stored looks again ---- */

struct again {
    struct rows *rows;
};

static enum status see_row(void *ctx, enum src_view view, const struct field *f, struct err *err)
{
    struct again *a = ctx;
    bool duplicate = false;

    return rows_see(a->rows, view, f, &duplicate, err);
}

static enum status hash_again(struct reader *r, int64_t look, struct sha256 *ret, struct err *err)
{
    struct again a = {0};
    enum status st = rows_new(&a.rows, err);

    if (st == OK) {
        st = rows_begin(a.rows, err);
    }
    if (st == OK) {
        st = reader_rows(r, look, see_row, &a, err);
    }
    if (st == OK) {
        st = rows_snapshot_hash(a.rows, ret, err);
    }
    rows_free(a.rows);
    return st;
}

/* Entries stored for a look, one per monitor of the plan. */
static enum status stored_entries(struct reader *r, const struct plan *plan, int64_t look, struct walked *ret,
                                  struct err *err)
{
    struct walked o = {0};
    enum status st = walked_new(plan, &o, err);

    if (st == OK) {
        st = reader_history(r, look + 1, o.h, o.n, err);
    }
    if (st != OK) {
        walked_done(&o);
        return st;
    }
    *ret = o;
    return OK;
}

static enum status repeat_one(struct reader *r, const char *trial, const struct look_head *head, int *differ,
                              struct err *err)
{
    struct past_plan plan = {0};
    struct past_look look = {0};
    struct walked stored = {0};
    struct sha256 hash;
    enum status st = past_plan_load(r, trial, head->look, &plan, err);

    if (st == OK) {
        st = past_look_load(r, &plan, head->look, &look, err);
    }
    if (st == OK) {
        st = stored_entries(r, plan.plan, head->look, &stored, err);
    }
    if (st == OK) {
        st = hash_again(r, head->look, &hash, err);
    }
    if (st == OK && memcmp(hash.b, head->snapshot.b, sizeof hash.b) != 0) {
        (*differ)++;
        ctl_progress_end();
        (void)printf("look %lld: the snapshot's hash differs\n", (long long)head->look);
    }
    for (size_t i = 0; st == OK && i < stored.n; i++) {
        const struct history *h = &stored.h[i];
        const char *what = h->n == 0 || h->entries[h->n - 1].look != head->look
                               ? "no entry is stored"
                               : entry_difference(&h->entries[h->n - 1], &look.result.entries[i]);

        if (what != NULL) {
            (*differ)++;
            ctl_progress_end();
            (void)printf("look %lld: monitor %s: %s differs\n", (long long)head->look, h->monitor, what);
        }
    }
    walked_done(&stored);
    past_look_done(&look);
    past_plan_done(&plan);
    return st;
}

static enum status repeat_all(struct reader *r, const struct args *a, const char *trial, int *differ,
                              struct err *err)
{
    struct look_head *heads = NULL;
    size_t n = 0, taken = 0;
    enum status st = reader_looks(r, &heads, &n, err);

    for (size_t i = 0; st == OK && i < n; i++) {
        if ((a->from != DAY_NONE && heads[i].cut < a->from) || (a->to != DAY_NONE && heads[i].cut > a->to)) {
            continue;
        }
        taken++;
        ctl_progress("replay", i, n, "looks");
        st = repeat_one(r, trial, &heads[i], differ, err);
    }
    ctl_progress_end();
    if (st == OK) {
        (void)printf("%zu looks taken again, %d differences\n", taken, *differ);
    }
    free(heads);
    return st;
}

static enum status repeat(const struct args *a, int *differ, struct err *err)
{
    struct settings *s = NULL;
    struct reader *r = NULL;
    enum status st = ctl_settings(a->config, &s, err);

    if (st == OK) {
        st = reader_open(ctl_conninfo(s), &r, err);
    }
    if (st == OK) {
        st = reader_unblind(
            r, a->purpose != NULL ? a->purpose : "replay: the stored looks are taken again and compared",
            err);
    }
    if (st == OK) {
        st = repeat_all(r, a, s->trial, differ, err);
    }
    reader_free(r);
    settings_free(s);
    return st;
}

static enum status replay(const struct args *a, struct err *err)
{
    struct settings *s = NULL;
    struct reader *r = NULL;
    struct past_plan p = {0};
    struct walk w = {0};
    struct walked o = {0};
    enum status st = ctl_settings(a->config, &s, err);

    if (st == OK) {
        st = reader_open(ctl_conninfo(s), &r, err);
    }
    if (st == OK) {
        st = reader_unblind(r, a->purpose, err);
    }
    if (st == OK) {
        st = a->plan != NULL ? past_plan_from_file(s, a->plan, a->rules, &p, err)
                             : past_plan_load(r, s->trial, 0, &p, err);
    }
    if (st == OK) {
        st = a->finished ? walk_finished(r, a->from, a->to, &w, err)
                         : walk_stored(r, p.plan, a->from, a->to, &w, err);
    }
    if (st == OK) {
        st = reader_disclose(r, "replay", a->purpose, &p.hash, &w.heads[w.n - 1].snapshot, err);
    }
    if (st == OK && a->sensitivity) {
        st = walk_sensitivity(&w, p.plan, p.rules, a->monitor, (enum ctl_form)a->format, err);
    } else if (st == OK) {
        st = walk_run(&w, p.plan, p.rules, &o, err);
        if (st == OK) {
            st = walk_print(&o, a->monitor, (enum ctl_form)a->format, err);
        }
        if (st == OK) {
            walk_print_crossings(&w, p.plan, &o, a->monitor, (enum ctl_form)a->format);
        }
    }
    walked_done(&o);
    walk_done(&w);
    past_plan_done(&p);
    reader_free(r);
    settings_free(s);
    return st;
}

static bool take_day(void *ctx, const char *value)
{
    if (day_parse(value, strlen(value), ctx)) {
        return true;
    }
    (void)fprintf(stderr, "dsmbctl replay: '%s' is no day; write it as 2024-05-31\n", value);
    return false;
}

static int usage(const char *why)
{
    (void)fprintf(stderr, "dsmbctl replay: %s\n", why);
    return 2;
}

int ctl_replay(int argc, char **argv)
{
    struct args a = {.from = DAY_NONE, .to = DAY_NONE, .format = ctl_format("replay", NULL)};
    struct ctl_taker from = {take_day, &a.from}, to = {take_day, &a.to};
    const struct ctl_opt opts[] = {{"config", CTL_TEXT, &a.config},
                                   {"plan", CTL_TEXT, &a.plan},
                                   {"rules", CTL_TEXT, &a.rules},
                                   {"monitor", CTL_TEXT, &a.monitor},
                                   {"purpose", CTL_TEXT, &a.purpose},
                                   {"sensitivity", CTL_FLAG, &a.sensitivity},
                                   {"finished", CTL_FLAG, &a.finished},
                                   {"from", CTL_CALL, &from},
                                   {"to", CTL_CALL, &to},
                                   {"format", CTL_FORMAT, &a.format}};
    struct err err = {0};
    int at = 0, differ = 0,
        rc = ctl_options("replay", help, opts, sizeof opts / sizeof opts[0], argc, argv, &at);
    enum status st;

    if (rc == 0) {
        rc = ctl_no_operand("replay", argc, argv, at);
    }
    if (rc != 0) {
        return rc == CTL_HELPED ? 0 : rc;
    }
    if (a.plan == NULL && !a.finished) {
        if (a.sensitivity || a.monitor != NULL || a.rules != NULL) {
            return usage("--monitor, --rules and --sensitivity go with --plan FILE or --finished");
        }
        st = repeat(&a, &differ, &err);
        return st != OK ? ctl_fail("replay", st, &err) : differ > 0 ? 1 : 0;
    }
    if (a.plan == NULL && a.rules != NULL) {
        return usage("--rules goes with --plan FILE");
    }
    if (a.purpose == NULL) {
        return usage("verdicts unblind: --purpose TEXT says why, and the ledger keeps it");
    }
    st = replay(&a, &err);
    return st == OK ? 0 : ctl_fail("replay", st, &err);
}
