/*
 * ctl_review.c - review list | decide: events that wait for a person's decision, and what the person decided.  Blind: by a
 * role that reads no arm, from a list that shows none.
 */
#include <stdio.h>
#include <string.h>

#include "cmd/ctl_opts.h"
#include "cmd/ctl_request.h"
#include "cmd/ctl_rows.h"
#include "sql_catalog.h"

static const char help[] =
    "usage: dsmbctl review list [--all] [--format text|csv|json] [--config FILE]\n"
    "       dsmbctl review decide AE_ID --category NAME --verdict confirmed|refuted --by NAME --reason TEXT "
    "...\n"
    "       dsmbctl review decide AE_ID --category NAME --take-back --by NAME --reason TEXT ...\n\n"
    "list    events that wait for a person's decision, as the newest look on the plan's calendar has them: "
    "whether\n"
    "        each counts in its category meanwhile, why it is listed, verbatim and coded term.  Without "
    "arms\n"
    "  --all           those that were decided, too\n"
    "  --format        default: text on a terminal, csv in a pipe\n\n"
    "decide  records what a person decided of an event; it counts from the next look on.  Where the trial\n"
    "        database's own adjudication of the event says CONFIRMED or REFUTED, that comes first.  When the "
    "event's\n"
    "        row is changed afterwards it is listed again: what was confirmed counts meanwhile, what was "
    "refuted\n"
    "        counts again as its words say\n"
    "  --category NAME the category, or a subtype of one\n"
    "  --verdict WORD  confirmed or refuted\n"
    "  --take-back     what was decided of this event and category holds no longer\n"
    "  --row TEXT      event_row of the list that the decision rests on: refused when the event has another "
    "by now\n"
    "  --by NAME       who decides, as it shall stand in the ledger\n"
    "  --reason TEXT   why\n"
    "  --wait SECONDS  how long to wait for dsmbd's answer (default 60)\n\n"
    "  --config FILE   deployment settings (default $DSMBD_CONFIG, /etc/dsmbd/dsmbd.yaml)\n\n"
    "Events are decided blind: by the role dsmb_TRIAL_review (DSMBD_STORE), and by nobody who may read "
    "arms.\n";

enum { BODY_SEPARATOR = 0x1f, ROW_MIN = 8 };

struct args {
    const char *config, *format, *category, *verdict, *row, *by, *reason;
    bool all, take_back;
    int64_t wait_s;
};

static int list(const struct args *a, enum ctl_form form)
{
    static const int queries[] = {SQL_CTL_REVIEW_LIST, SQL_CTL_REVIEW_ALL};
    int query = a->all ? SQL_CTL_REVIEW_ALL : SQL_CTL_REVIEW_LIST, rc = 0;
    struct settings *s = NULL;
    struct pgconn *c = NULL;
    struct pgrows *rows = NULL;
    struct buf out = {0};
    struct err err = {0};
    enum status st = ctl_settings(a->config, &s, &err);

    if (st == OK) {
        st = ctl_store(s, queries, sizeof queries / sizeof *queries, &c, &err);
    }
    if (st == OK) {
        st = pgconn_exec(c, query, NULL, &rows, &err);
    }
    if (st == OK) {
        st = ctl_rows(rows, query, 0, form, "no event waits for a decision", &out, &err);
    }
    pgrows_free(rows);
    pgconn_free(c);
    settings_free(s);
    if (st == OK) {
        ctl_put(&out);
    } else {
        rc = ctl_fail("review", st, &err);
    }
    buf_wipe(&out);
    return rc;
}

/* The event's row, which the decision is bound to. */
static enum status find_row(const struct settings *s, const char *ae_id, const char *want, struct buf *row,
                            struct err *err)
{
    static const int queries[] = {SQL_CTL_REVIEW_EVENT};
    struct pgargs args = {0};
    struct pgconn *c = NULL;
    struct pgrows *rows = NULL;
    const char *hash = NULL;
    enum status st = ctl_store(s, queries, 1, &c, err);

    if (st == OK) {
        pgargs_text(&args, ae_id);
        st = pgconn_exec_one(c, SQL_CTL_REVIEW_EVENT, &args, &rows, err);
    }
    if (st == OK) {
        st = pgrows_text_null(rows, 0, 0, &hash, err);
    }
    if (st == OK && hash == NULL) {
        st = err_set(err, E_NOTFOUND,
                     "no look has seen an event \"%.80s\"; dsmbctl review list tells which ones wait", ae_id);
    } else if (st == OK && want != NULL && strncmp(hash, want, strlen(want)) != 0) {
        st = err_set(err, E_DATA,
                     "the row of event \"%.80s\" was changed since it was listed as %.64s: read it again "
                     "(dsmbctl review list)",
                     ae_id, want);
    }
    if (st == OK) {
        buf_str(row, hash);
        st = buf_check(row, err);
    }
    pgrows_free(rows);
    pgconn_free(c);
    return st;
}

static int decide(const struct args *a, const char *ae_id)
{
    const char *verdict = a->take_back                           ? "TAKEN_BACK"
                          : strcmp(a->verdict, "confirmed") == 0 ? "CONFIRMED"
                                                                 : "REFUTED";
    struct settings *s = NULL;
    struct buf row = {0}, body = {0};
    struct err err = {0};
    int rc;
    enum status st = ctl_settings(a->config, &s, &err);

    if (st == OK && !a->take_back) {
        st = find_row(s, ae_id, a->row, &row, &err);
    }
    if (st == OK) {
        buf_fmt(&body, "%s%c%s%c%s%c%s", verdict, BODY_SEPARATOR, a->category, BODY_SEPARATOR, buf_cstr(&row),
                BODY_SEPARATOR, ae_id);
        st = buf_check(&body, &err);
    }
    if (st == OK) {
        struct ask ask = {.verb = "review decide",
                          .kind = "REVIEW_DECIDE",
                          .by = a->by,
                          .reason = a->reason,
                          .body = buf_cstr(&body),
                          .wait_s = a->wait_s,
                          .blind = true};

        rc = ctl_ask(s, &ask);
    } else {
        rc = ctl_fail("review decide", st, &err);
    }
    buf_done(&row);
    buf_done(&body);
    settings_free(s);
    return rc;
}

static bool empty(const char *s)
{
    return s == NULL || s[0] == '\0';
}

static const char *what_is_missing(const struct args *a)
{
    bool verdict =
        a->verdict != NULL && (strcmp(a->verdict, "confirmed") == 0 || strcmp(a->verdict, "refuted") == 0);

    if (empty(a->category)) {
        return "--category NAME says of which category it is decided";
    }
    if (a->take_back ? a->verdict != NULL || a->row != NULL : !verdict) {
        return "say --verdict confirmed, --verdict refuted or --take-back";
    }
    if (a->row != NULL && (strlen(a->row) < ROW_MIN || a->row[strspn(a->row, "0123456789abcdef")] != '\0')) {
        return "--row is what dsmbctl review list shows as event_row";
    }
    if (strchr(a->category, BODY_SEPARATOR) != NULL) {
        return "--category holds a control character";
    }
    return NULL;
}

int ctl_review(int argc, char **argv)
{
    struct args a = {.wait_s = ASK_WAIT_S};
    const struct ctl_opt opts[] = {{"config", CTL_TEXT, &a.config},
                                   {"format", CTL_TEXT, &a.format},
                                   {"all", CTL_FLAG, &a.all},
                                   {"category", CTL_TEXT, &a.category},
                                   {"verdict", CTL_TEXT, &a.verdict},
                                   {"row", CTL_TEXT, &a.row},
                                   {"take-back", CTL_FLAG, &a.take_back},
                                   {"by", CTL_TEXT, &a.by},
                                   {"reason", CTL_TEXT, &a.reason},
                                   {"wait", CTL_NUMBER, &a.wait_s}};
    const char *missing;
    bool asks;
    int at = 0, form, rc = ctl_options("review", help, opts, sizeof opts / sizeof opts[0], argc, argv, &at);

    if (rc != 0) {
        return rc == CTL_HELPED ? 0 : rc;
    }
    asks = !empty(a.category) || a.verdict != NULL || a.row != NULL || a.take_back || a.by != NULL ||
           a.reason != NULL;
    if (argc - at == 1 && strcmp(argv[at], "list") == 0 && !asks) {
        form = ctl_format("review", a.format);
        return form < 0 ? 2 : list(&a, (enum ctl_form)form);
    }
    if (argc - at != 2 || strcmp(argv[at], "decide") != 0 || a.all || a.format != NULL) {
        (void)fputs(help, stderr);
        return 2;
    }
    missing = empty(argv[at + 1]) ? "which event? Give its ae_id (dsmbctl review list)" : what_is_missing(&a);
    if (missing != NULL) {
        (void)fprintf(stderr, "dsmbctl review decide: %s\n", missing);
        return 2;
    }
    rc = ctl_ask_named("review decide", a.by, a.reason);
    return rc != 0 ? rc : decide(&a, argv[at + 1]);
}
