#include "cmd/ctl_request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include <jansson.h>

#include "sql_catalog.h"

static const int queries[] = {SQL_CTL_REQUEST, SQL_CTL_ANSWER};

static enum status rules_json(const struct adopted_rules *r, char **ret, struct err *err)
{
    json_t *a = json_array();
    char *s = NULL;
    bool ok = a != NULL;

    for (size_t i = 0; ok && i < r->n; i++) {
        ok = json_array_append_new(a, json_pack("{s:s, s:s%}", "name", r->file[i].name, "text",
                                                r->file[i].text, r->file[i].len)) == 0;
    }
    if (ok) {
        s = json_dumps(a, JSON_COMPACT);
    }
    json_decref(a);
    if (s == NULL) {
        return err_set(err, E_CONFIG, "the rule files are not UTF-8 text");
    }
    *ret = s;
    return OK;
}

static enum status insert(struct pgconn *c, const struct ask *a, int64_t *id, struct err *err)
{
    struct pgargs args = {0};
    struct pgrows *rows = NULL;
    char *rules = NULL;
    enum status st = a->rules == NULL ? OK : rules_json(a->rules, &rules, err);

    if (st == OK) {
        pgargs_text(&args, a->kind);
        pgargs_text(&args, a->by);
        pgargs_text(&args, a->reason);
        pgargs_text(&args, a->body);
        pgargs_text(&args, rules);
        st = pgconn_exec_one(c, SQL_CTL_REQUEST, &args, &rows, err);
    }
    if (st == OK) {
        st = pgrows_int(rows, 0, 0, id, err);
    }
    pgrows_free(rows);
    free(rules);
    return st;
}

static enum status answer(struct pgconn *c, int64_t id, bool *there, bool *done, struct buf *message,
                          struct err *err)
{
    struct pgargs args = {0};
    struct pgrows *rows = NULL;
    const char *text = NULL;
    enum status st;

    pgargs_int(&args, id);
    st = pgconn_exec(c, SQL_CTL_ANSWER, &args, &rows, err);
    *there = st == OK && pgrows_n(rows) == 1;
    if (*there) {
        st = pgrows_bool(rows, 0, 0, done, err);
        if (st == OK) {
            st = pgrows_text(rows, 0, 1, &text, err);
        }
        if (st == OK) {
            buf_str(message, text);
        }
    }
    pgrows_free(rows);
    return st;
}

int ctl_ask(const struct settings *s, const struct ask *a)
{
    struct pgconn *c = NULL;
    struct buf message = {0};
    struct err err = {0};
    bool there = false, done = false;
    int64_t id = 0;
    int rc;
    enum status st = ctl_store(s, queries, sizeof queries / sizeof queries[0], &c, &err);

    if (st == OK) {
        st = insert(c, a, &id, &err);
    }
    for (int64_t i = 0; st == OK && !there && i / 10 < a->wait_s; i++) {
        struct timespec pause = {.tv_nsec = 100000000};

        ctl_progress(a->verb, (size_t)i / 10, (size_t)a->wait_s, "s: waiting for dsmbd's answer");
        while (nanosleep(&pause, &pause) != 0 && errno == EINTR) {
        }
        st = answer(c, id, &there, &done, &message, &err);
    }
    ctl_progress_end();
    pgconn_free(c);
    if (st != OK) {
        rc = ctl_fail(a->verb, st, &err);
    } else if (!there) {
        (void)fprintf(stderr,
                      "dsmbctl %s: request %lld is in the store, and dsmbd has not answered within %lld s; "
                      "is it running? (dsmbctl status)\n",
                      a->verb, (long long)id, (long long)a->wait_s);
        rc = EX_TEMPFAIL;
    } else if (!done) {
        (void)fprintf(stderr, "dsmbctl %s: refused: %s\n", a->verb, buf_cstr(&message));
        rc = EX_DATAERR;
    } else {
        (void)printf("request %lld: %s\n", (long long)id, buf_cstr(&message));
        rc = 0;
    }
    buf_done(&message);
    return rc;
}
