/* ledger: shown, verified, exported. */
#include "cmd/ctl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/csv.h"
#include "base/text.h"
#include "cmd/ctl_json.h"
#include "cmd/ctl_opts.h"
#include "pg/verify.h"
#include "sql_catalog.h"

static const char usage[] =
    "usage: dsmbctl ledger show   [--config FILE] [--format text|csv|json] [--after N]\n"
    "       dsmbctl ledger verify [--config FILE]\n"
    "       dsmbctl ledger export [--config FILE] [--after N]\n\n"
    "show    every entry: number, time, kind, who, what\n"
    "verify  recomputes the chain of SHA-256, and compares every kept table with what the ledger says was "
    "written;\n"
    "        exit status 1 when anything differs.  Compare the head it prints with the newest message's.\n"
    "export  every entry as a line of JSON, to be kept elsewhere and verified without this program: hash is "
    "the SHA-256\n"
    "        over seq, at, kind, who, payload (as UTF-8) and prev_hash (32 bytes), each preceded by its "
    "length in bytes\n"
    "        as 8 bytes, high byte first; prev_hash is the hash of the entry before, zeros for the first\n\n"
    "  --after N   only what came after entry N\n"
    "  --format    of show; default: text on a terminal, csv in a pipe\n";

enum { BATCH = 500 };
enum { FORMAT_TEXT, FORMAT_CSV, FORMAT_JSON, FORMAT_LINES };

/* @column lines of ledger_read.sql */
static const char *const columns[] = {"seq", "at", "kind", "who", "payload", "prev_hash", "hash"};
enum { N_COLUMNS = sizeof columns / sizeof *columns, C_PAYLOAD = 4, C_HASH = 6 };

static void text_row(const char *const v[N_COLUMNS])
{
    struct buf b = {0};

    buf_fmt(&b, "%6s  %s  %-12s %s  ", v[0], v[1], v[2], v[3]);
    text_show(&b, v[C_PAYLOAD], strlen(v[C_PAYLOAD]), 400);
    buf_fmt(&b, "  %.16s\n", v[C_HASH]);
    ctl_put(&b);
    buf_done(&b);
}

static void csv_row(const char *const v[N_COLUMNS])
{
    struct buf b = {0};

    for (int i = 0; i < N_COLUMNS; i++) {
        csv_put(&b, i == 0, v[i], strlen(v[i]));
    }
    csv_end(&b);
    ctl_put(&b);
    buf_done(&b);
}

static json_t *json_entry(const char *const v[N_COLUMNS], int64_t seq)
{
    json_t *o = json_object();

    ctl_json_set(&o, columns[0], json_integer(seq));
    for (int i = 1; i < N_COLUMNS; i++) {
        ctl_json_set(&o, columns[i], json_string(v[i]));
    }
    return o;
}

/* Takes value. */
static enum status put_json(json_t *value, size_t flags, struct err *err)
{
    struct buf b = {0};
    enum status st = ctl_json(value, flags, &b, err);

    if (st == OK) {
        ctl_put(&b);
    }
    buf_done(&b);
    return st;
}

static enum status show_batch(const struct pgrows *rows, int format, json_t **list, int64_t *after,
                              struct err *err)
{
    enum status st = OK;

    for (int i = 0; st == OK && i < pgrows_n(rows); i++) {
        const char *v[N_COLUMNS] = {NULL};

        for (int k = 0; st == OK && k < N_COLUMNS; k++) {
            st = pgrows_text(rows, i, k, &v[k], err);
        }
        if (st == OK) {
            st = pgrows_int(rows, i, 0, after, err);
        }
        if (st != OK) {
            return st;
        }
        if (format == FORMAT_LINES) {
            st = put_json(json_entry(v, *after), JSON_COMPACT, err);
        } else if (format == FORMAT_JSON) {
            ctl_json_add(list, json_entry(v, *after));
        } else if (format == FORMAT_CSV) {
            csv_row(v);
        } else {
            text_row(v);
        }
    }
    return st;
}

static enum status show(struct pgconn *c, int format, int64_t after, struct err *err)
{
    json_t *list = format == FORMAT_JSON ? json_array() : NULL;
    /* On a terminal the entries themselves show how far it is. */
    bool to_file = isatty(STDOUT_FILENO) == 0;
    size_t told = 0;
    enum status st = OK;
    int n;

    if (format == FORMAT_CSV) {
        csv_row(columns);
    }
    do {
        struct pgargs args = {0};
        struct pgrows *rows = NULL;

        pgargs_int(&args, after);
        pgargs_int(&args, BATCH);
        st = pgconn_exec(c, SQL_LEDGER_READ, &args, &rows, err);
        n = st == OK ? pgrows_n(rows) : 0;
        if (st == OK) {
            st = show_batch(rows, format, &list, &after, err);
        }
        pgrows_free(rows);
        told += (size_t)n;
        if (to_file) {
            ctl_progress("ledger", told, 0, "entries");
        }
    } while (st == OK && n == BATCH);
    ctl_progress_end();
    if (st == OK && format == FORMAT_JSON) {
        return put_json(list, JSON_INDENT(2), err);
    }
    json_decref(list);
    return st;
}

static void say_fault(void *ctx, const char *fault)
{
    (void)ctx;
    ctl_progress_end();
    (void)printf("FAULT: %s\n", fault);
}

static enum status verify(struct pgconn *c, bool *sound, struct err *err)
{
    struct verify_result r = {0};
    enum status st;

    ctl_progress("ledger verify", 0, 0, "computing the chain again, and comparing the tables with it");
    st = verify_ledger(c, say_fault, NULL, &r, err);
    ctl_progress_end();
    if (st != OK) {
        return st;
    }
    *sound = r.faults == 0;
    (void)printf("%" PRId64 " entries, %" PRId64 " looks checked, %" PRId64 " faults\n", r.entries, r.looks,
                 r.faults);
    if (!r.rows) {
        (void)printf("only the chain was checked: comparing the tables needs the closed role\n");
    }
    (void)printf("head %s\n", r.head[0] == '\0' ? "none yet" : r.head);
    return OK;
}

int ctl_ledger(int argc, char **argv)
{
    static const int show_queries[] = {SQL_LEDGER_READ};
    const char *config = NULL, *verb;
    int format = ctl_format("ledger", NULL);
    int64_t after = 0;
    const struct ctl_opt opts[] = {
        {"config", CTL_TEXT, &config}, {"format", CTL_FORMAT, &format}, {"after", CTL_COUNT, &after}};
    struct settings *s = NULL;
    struct pgconn *c = NULL;
    struct err err = {0};
    int at = 0, rc = ctl_options("ledger", usage, opts, sizeof opts / sizeof opts[0], argc, argv, &at);
    bool sound = true, is_show;
    enum status st;

    if (rc != 0) {
        return rc == CTL_HELPED ? 0 : rc;
    }
    verb = at + 1 == argc ? argv[at] : "";
    if (strcmp(verb, "export") == 0) {
        format = FORMAT_LINES;
    }
    is_show = strcmp(verb, "show") == 0 || format == FORMAT_LINES;
    if (!is_show && strcmp(verb, "verify") != 0) {
        (void)fputs(usage, stderr);
        return status_exit_code(E_USAGE);
    }
    st = ctl_settings(config, &s, &err);
    if (st == OK) {
        st = is_show ? ctl_store(s, show_queries, 1, &c, &err)
                     : ctl_store(s, verify_queries, (size_t)verify_n_queries, &c, &err);
    }
    if (st == OK) {
        st = is_show ? show(c, format, after, &err) : verify(c, &sound, &err);
    }
    pgconn_free(c);
    settings_free(s);
    if (st != OK) {
        return ctl_fail("ledger", st, &err);
    }
    rc = ctl_flush();
    return rc != 0 ? rc : (sound ? 0 : 1);
}
