/*
 * ctl_report.c - the safety report of a look.  A closed report is a disclosure: it is in the ledger before it is shown.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/ctl.h"
#include "cmd/ctl_opts.h"
#include "cmd/ctl_past.h"
#include "render/report.h"
#include "sql_catalog.h"

static const char help[] =
    "usage: dsmbctl report --audience closed|open [--look N | --as-of TIME] [--format "
    "text|csv|json|html|pdf]\n"
    "                      [--arms named|coded] [--purpose TEXT] [--config FILE]\n\n"
    "  --audience closed   by arm, for the board and its statistician; needs "
    "--purpose, which the ledger keeps\n"
    "  --audience open     pooled, for blinded staff: the newest that was stored on "
    "the plan's schedule or at "
    "the closing look;\n"
    "                      with --purpose the closed role writes one of any look\n"
    "  --look N            as it was at look N (default: the newest); not of stored open reports\n"
    "  --as-of TIME        as it was at the newest look whose data were read by then: "
    "2024-05-01 (its end, UTC) or\n"
    "                      2024-05-01T12:00:00Z\n"
    "  --format            text (default: it is a document), csv (one fact a row), json, html (one "
    "file), pdf: the same numbers in each\n"
    "  --arms coded        closed report: \"Arm A\", \"Arm B\" in the plan's order, "
    "control first (default: named)\n";

enum { FORMAT_PDF = REPORT_HTML + 1 }; /* report_pdf() makes it */

struct args {
    const char *config, *purpose;
    int64_t look;
    instant_t as_of; /* INSTANT_NONE: not said */
    int format;
    int audience; /* -1: not said */
    bool coded;
};

/* What blinded roles may have: a report as it was stored. */
static enum status stored(const struct args *a, struct buf *out, struct err *err)
{
    static const int queries[] = {SQL_CTL_OPEN_REPORT};
    static const char *const formats[] = {"text", "csv", "json", "html", "pdf"};
    struct settings *s = NULL;
    struct pgconn *c = NULL;
    struct pgargs args = {0};
    struct pgrows *rows = NULL;
    struct sha256 told, is;
    const char *body = NULL, *hex = NULL;
    enum status st = ctl_settings(a->config, &s, err);

    if (st == OK) {
        st = ctl_store(s, queries, 1, &c, err);
    }
    if (st == OK) {
        pgargs_instant(&args, a->as_of);
        pgargs_text(&args, formats[a->format]);
        st = pgconn_exec(c, SQL_CTL_OPEN_REPORT, &args, &rows, err);
    }
    if (st == OK && pgrows_n(rows) == 0) {
        st = err_set(
            err, E_NOTFOUND,
            "no open report is stored%s as %s: the plan's `reports` says when they are, and the closing look "
            "stores one; with --purpose TEXT the closed role writes one of any look",
            a->as_of != INSTANT_NONE ? " of a look by then" : " yet", formats[a->format]);
    }
    if (st == OK) {
        st = pgrows_text(rows, 0, 0, &body, err);
    }
    if (st == OK) {
        st = pgrows_text(rows, 0, 1, &hex, err);
    }
    if (st == OK) {
        st = sha256_of(body, strlen(body), &is, err);
    }
    if (st == OK && (!sha256_parse_hex(hex, strlen(hex), &told) || memcmp(told.b, is.b, sizeof is.b) != 0)) {
        st =
            err_set(err, E_DATA,
                    "the stored report is not what was written: its SHA-256 differs (dsmbctl ledger verify)");
    }
    if (st == OK) {
        buf_str(out, body);
        st = buf_check(out, err);
    }
    pgrows_free(rows);
    pgconn_free(c);
    settings_free(s);
    return st;
}

static enum status disclose(struct reader *r, const struct args *a, const struct buf *out,
                            const struct past_look *p, struct err *err)
{
    struct sha256 content;
    enum status st = sha256_of(out->data, out->len, &content, err);

    return st == OK ? reader_disclose(r, "closed report", a->purpose, &content, &p->head.snapshot, err) : st;
}

static enum status report(const struct args *a, struct buf *out, struct err *err)
{
    struct settings *s = NULL;
    struct reader *r = NULL;
    struct past_plan plan = {0};
    struct past_look look = {0};
    int64_t number = a->look;
    enum status st = ctl_settings(a->config, &s, err);

    ctl_progress("report", 0, 0, "reading the store");
    if (st == OK) {
        st = reader_open(ctl_conninfo(s), &r, err);
    }
    if (st == OK) {
        st = reader_unblind(r, a->purpose, err);
    }
    if (st == OK && a->as_of != INSTANT_NONE) {
        st = reader_look_at(r, a->as_of, &number, err);
    }
    if (st == OK) {
        st = reader_look(r, number, &look.head, err);
    }
    if (st == OK) {
        st = past_plan_load(r, s->trial, look.head.look, &plan, err);
    }
    if (st == OK) {
        st = past_look_load(r, &plan, look.head.look, &look, err);
    }
    if (st == OK) {
        struct report_input in = past_report_input(&plan, &look);

        in.coded_arms = a->coded;
        ctl_progress("report", 0, 0, "writing the report");
        st = a->format == FORMAT_PDF
                 ? report_pdf(&in, (enum audience)a->audience, out, err)
                 : report_render(&in, (enum audience)a->audience, (enum report_format)a->format, out, err);
    }
    if (st == OK) {
        st = buf_check(out, err);
    }
    if (st == OK && a->audience == AUDIENCE_CLOSED) {
        st = disclose(r, a, out, &look, err);
    }
    past_look_done(&look);
    past_plan_done(&plan);
    reader_free(r);
    settings_free(s);
    return st;
}

/* Into an int of enum report_format, or FORMAT_PDF. */
static bool take_format(void *ctx, const char *word)
{
    static const char *const words[] = {"text", "csv", "json", "html", "pdf"};
    int *format = ctx;

    for (int i = 0; i <= FORMAT_PDF; i++) {
        if (strcmp(word, words[i]) == 0) {
            *format = i;
            return true;
        }
    }
    (void)fprintf(stderr, "dsmbctl report: --format is text, csv, json, html or pdf, not \"%s\"\n", word);
    return false;
}

/* Into an instant_t.  A day means its last microsecond: what had been read by the end of it. */
static bool take_time(void *ctx, const char *word)
{
    instant_t *as_of = ctx;
    size_t n = strlen(word);
    day_t day;

    if (day_parse(word, n, &day)) {
        *as_of = day_start(day) + US_PER_DAY - 1;
        return true;
    }
    if (instant_parse(word, n, as_of)) {
        return true;
    }
    (void)fprintf(stderr,
                  "dsmbctl report: --as-of takes a day or a time in UTC, such as 2024-05-01 or "
                  "2024-05-01T12:00:00Z, not \"%s\"\n",
                  word);
    return false;
}

/* Into an int of enum audience. */
static bool take_audience(void *ctx, const char *word)
{
    int *audience = ctx;

    if (strcmp(word, "closed") != 0 && strcmp(word, "open") != 0) {
        (void)fprintf(stderr, "dsmbctl report: --audience is closed or open, not \"%s\"\n", word);
        return false;
    }
    *audience = strcmp(word, "closed") == 0 ? AUDIENCE_CLOSED : AUDIENCE_OPEN;
    return true;
}

static bool take_arms(void *ctx, const char *word)
{
    bool *coded = ctx;

    if (strcmp(word, "coded") != 0 && strcmp(word, "named") != 0) {
        (void)fprintf(stderr, "dsmbctl report: --arms is named or coded, not \"%s\"\n", word);
        return false;
    }
    *coded = strcmp(word, "coded") == 0;
    return true;
}

int ctl_report(int argc, char **argv)
{
    struct args a = {.audience = -1, .as_of = INSTANT_NONE};
    struct ctl_taker audience = {take_audience, &a.audience}, as_of = {take_time, &a.as_of},
                     arms = {take_arms, &a.coded}, format = {take_format, &a.format};
    const struct ctl_opt opts[] = {{"config", CTL_TEXT, &a.config},  {"audience", CTL_CALL, &audience},
                                   {"look", CTL_NUMBER, &a.look},    {"as-of", CTL_CALL, &as_of},
                                   {"arms", CTL_CALL, &arms},        {"format", CTL_CALL, &format},
                                   {"purpose", CTL_TEXT, &a.purpose}};
    struct buf out = {0};
    struct err err = {0};
    int at = 0, rc = ctl_options("report", help, opts, sizeof opts / sizeof opts[0], argc, argv, &at);
    enum status st;

    if (rc == 0) {
        rc = ctl_no_operand("report", argc, argv, at);
    }
    if (rc != 0) {
        return rc == CTL_HELPED ? 0 : rc;
    }
    if (a.audience < 0) {
        (void)fprintf(stderr, "dsmbctl report: say --audience closed or --audience open\n");
        return 2;
    }
    if (a.look != 0 && a.as_of != INSTANT_NONE) {
        (void)fprintf(stderr, "dsmbctl report: --look and --as-of name two looks; say one of them\n");
        return 2;
    }
    if (a.audience == AUDIENCE_OPEN && a.look != 0 && a.purpose == NULL) {
        (void)fprintf(
            stderr,
            "dsmbctl report: numbers of looks are not for blinded roles, because they count those that "
            "the board ordered; --as-of TIME finds a stored open report\n");
        return 2;
    }
    if (a.audience == AUDIENCE_OPEN && a.coded) {
        (void)fprintf(stderr,
                      "dsmbctl report: an open report knows no arms: --arms belongs to --audience closed\n");
        return 2;
    }
    if (a.format == FORMAT_PDF && isatty(STDOUT_FILENO)) {
        (void)fprintf(stderr,
                      "dsmbctl report: PDF is not for a terminal: write it to a file with > report.pdf\n");
        return 2;
    }
    if (a.audience == AUDIENCE_CLOSED && (a.purpose == NULL || a.purpose[0] == '\0')) {
        (void)fprintf(
            stderr,
            "dsmbctl report: a closed report unblinds: --purpose TEXT says why, and the ledger keeps it\n");
        return 2;
    }
    st = a.purpose == NULL ? stored(&a, &out, &err) : report(&a, &out, &err);
    if (st == OK) {
        ctl_put(&out);
    } else {
        rc = ctl_fail("report", st, &err);
    }
    buf_wipe(&out);
    return rc;
}
