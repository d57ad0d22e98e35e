/*
 * ctl_alert.c - alert list | show N: which alerts there are, whom each was told to, and how far the messages have come.
 * That there is an alert tells of the arms, so it is in the ledger first.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cmd/ctl.h"
#include "cmd/ctl_opts.h"
#include "cmd/ctl_rows.h"
#include "sql_catalog.h"

static const char help[] =
    "usage: dsmbctl alert list   [--format text|csv|json] [--purpose TEXT] [--config FILE]\n"
    "       dsmbctl alert show N [--format text|csv|json] [--purpose TEXT] [--config FILE]\n"
    "       dsmbctl alert list --tests ...\n"
    "       dsmbctl alert test --by NAME --reason TEXT\n"
    "       dsmbctl alert resend N [--to MEMBER] --by NAME --reason TEXT\n"
    "       dsmbctl alert ack N --by MEMBER --decision noted|meeting|data --reason TEXT\n\n"
    "list  every alert: look, monitor, kind, urgency, how many messages tell of it and how many were "
    "accepted\n"
    "      --tests  the messages of dsmbctl alert test instead, and who acknowledged them\n"
    "show  one alert: each message, to whom, its state, attempts, when, and the mail server's reply; and who "
    "asked\n"
    "      that it go again\n\n"
    "resend  sends its message again to who has not acknowledged it (dsmbctl alert resend --help)\n"
    "test  sends each member a test message (dsmbctl alert test --help)\n"
    "ack   a member's answer by telephone or in a meeting (dsmbctl alert ack --help)\n\n"
    "  --format        default: text on a terminal, csv in a pipe\n"
    "  --purpose TEXT  why: the ledger keeps it (default: \"dsmbctl alert\")\n";

/* @column lines of ctl_alert_show.sql: the alert, then the message */
enum { SHOW_MEMBER = 7 };

static enum status head(const struct pgrows *rows, struct buf *out, struct err *err)
{
    enum status st = OK;

    for (int k = 0; st == OK && k < SHOW_MEMBER; k++) {
        const char *s = NULL;

        st = pgrows_text(rows, 0, k, &s, err);
        if (st == OK) {
            buf_fmt(out, "%-10s ", sql_queries[SQL_CTL_ALERT_SHOW].column[k].name);
            text_show(out, s, strlen(s), 200);
            buf_char(out, '\n');
        }
    }
    buf_char(out, '\n');
    return st;
}

static enum status show(struct pgconn *c, int64_t id, enum ctl_form form, struct buf *out, struct err *err)
{
    struct pgargs args = {0};
    struct pgrows *rows = NULL;
    enum status st;

    pgargs_int(&args, id);
    st = pgconn_exec(c, SQL_CTL_ALERT_SHOW, &args, &rows, err);
    if (st == OK && pgrows_n(rows) == 0) {
        st = err_set(err, E_NOTFOUND, "there is no alert %lld; dsmbctl alert list tells which there are",
                     (long long)id);
    }
    if (st == OK && form == CTL_FORM_TEXT) {
        st = head(rows, out, err);
    }
    if (st == OK) {
        st = ctl_rows(rows, SQL_CTL_ALERT_SHOW, form == CTL_FORM_TEXT ? SHOW_MEMBER : 0, form, "", out, err);
    }
    pgrows_free(rows);
    return st;
}

static enum status list(struct pgconn *c, bool tests, enum ctl_form form, struct buf *out, struct err *err)
{
    int query = tests ? SQL_CTL_ALERT_TESTS : SQL_CTL_ALERTS;
    struct pgrows *rows = NULL;
    enum status st = pgconn_exec(c, query, NULL, &rows, err);

    if (st == OK) {
        st = ctl_rows(rows, query, 0, form, tests ? "no test has been sent" : "no alert has been raised", out,
                      err);
    }
    pgrows_free(rows);
    return st;
}

int ctl_alert(int argc, char **argv)
{
    static const int queries[] = {SQL_CTL_ALERTS, SQL_CTL_ALERT_SHOW, SQL_CTL_ALERT_TESTS, SQL_CTL_UNBLIND};
    const char *config = NULL, *format = NULL, *purpose = "dsmbctl alert";
    bool tests = false;
    const struct ctl_opt opts[] = {{"config", CTL_TEXT, &config},
                                   {"format", CTL_TEXT, &format},
                                   {"purpose", CTL_TEXT, &purpose},
                                   {"tests", CTL_FLAG, &tests}};
    struct settings *s = NULL;
    struct pgconn *c = NULL;
    struct buf out = {0};
    struct err err = {0};
    int64_t id = 0;
    int at = 0, form, rc;
    bool is_list, is_show;
    enum status st;

    if (argc > 1 && strcmp(argv[1], "ack") == 0) {
        return ctl_alert_ack(argc - 1, argv + 1);
    }
    if (argc > 1 && strcmp(argv[1], "resend") == 0) {
        return ctl_alert_resend(argc - 1, argv + 1);
    }
    if (argc > 1 && strcmp(argv[1], "test") == 0) {
        return ctl_alert_test(argc - 1, argv + 1);
    }
    rc = ctl_options("alert", help, opts, sizeof opts / sizeof opts[0], argc, argv, &at);
    if (rc != 0) {
        return rc == CTL_HELPED ? 0 : rc;
    }
    form = ctl_format("alert", format);
    is_list = argc - at == 1 && strcmp(argv[at], "list") == 0;
    is_show = argc - at == 2 && strcmp(argv[at], "show") == 0;
    if (form < 0) {
        return 2;
    }
    if ((!is_list && !is_show) || (tests && !is_list)) {
        (void)fputs(help, stderr);
        return 2;
    }
    if (is_show && !text_int(argv[at + 1], strlen(argv[at + 1]), 1, INT64_MAX, &id)) {
        (void)fprintf(stderr, "dsmbctl alert: \"%s\" is no number of an alert\n", argv[at + 1]);
        return 2;
    }
    st = ctl_settings(config, &s, &err);
    if (st == OK) {
        st = ctl_store(s, queries, sizeof queries / sizeof *queries, &c, &err);
    }
    if (st == OK) {
        st = ctl_unblind(c, purpose, &err);
    }
    if (st == OK) {
        st = is_list ? list(c, tests, (enum ctl_form)form, &out, &err)
                     : show(c, id, (enum ctl_form)form, &out, &err);
    }
    pgconn_free(c);
    settings_free(s);
    if (st == OK) {
        ctl_put(&out);
    } else {
        rc = ctl_fail("alert", st, &err);
    }
    buf_wipe(&out);
    return rc;
}
