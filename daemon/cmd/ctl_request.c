#include "cmd/ctl_request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include <jansson.h>

#include "sql_catalog.h"

static const int queries[] = {SQL_CTL_REQUEST, SQL_CTL_ANSWER};
static const int blind_queries[] = {SQL_CTL_REVIEW_ASK, SQL_CTL_REVIEW_ANSWER};

/* What a request is known by: its number, or a handle. */
struct asked {
    int64_t id;
    char handle[40];
};

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

static enum status insert_blind(struct pgconn *c, const struct ask *a, struct asked *ret, struct err *err)
{
    struct pgargs args = {0};
    struct pgrows *rows = NULL;
    const char *handle = NULL;
    enum status st;

    pgargs_text(&args, a->by);
    pgargs_text(&args, a->reason);
    pgargs_text(&args, a->body);
    st = pgconn_exec_one(c, SQL_CTL_REVIEW_ASK, &args, &rows, err);
    if (st == OK) {
        st = pgrows_text(rows, 0, 0, &handle, err);
    }
    if (st == OK && strlen(handle) >= sizeof ret->handle) {
        st = err_set(err, E_INTERNAL, "the store's handle of the request is too long");
    }
    if (st == OK) {
        memcpy(ret->handle, handle, strlen(handle) + 1);
    }
    pgrows_free(rows);
    return st;
}

static enum status insert(struct pgconn *c, const struct ask *a, struct asked *ret, struct err *err)
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
        st = pgrows_int(rows, 0, 0, &ret->id, err);
    }
    pgrows_free(rows);
    free(rules);
    return st;
}

static enum status answer(struct pgconn *c, const struct asked *a, bool *there, bool *done,
                          struct buf *message, struct err *err)
{
    struct pgargs args = {0};
    struct pgrows *rows = NULL;
    const char *text = NULL;
    enum status st;

    if (a->handle[0] != '\0') {
        pgargs_text(&args, a->handle);
    } else {
        pgargs_int(&args, a->id);
    }
    st = pgconn_exec(c, a->handle[0] != '\0' ? SQL_CTL_REVIEW_ANSWER : SQL_CTL_ANSWER, &args, &rows, err);
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
    char name[24] = ""; /* a blinded role is told no number */
    struct asked asked = {0};
    int rc;
    enum status st = ctl_store(s, a->blind ? blind_queries : queries, 2, &c, &err);

    if (st == OK) {
        st = a->blind ? insert_blind(c, a, &asked, &err) : insert(c, a, &asked, &err);
    }
    for (int64_t i = 0; st == OK && !there && i / 10 < a->wait_s; i++) {
        struct timespec pause = {.tv_nsec = 100000000};

        ctl_progress(a->verb, (size_t)i / 10, (size_t)a->wait_s, "s: waiting for dsmbd's answer");
        while (nanosleep(&pause, &pause) != 0 && errno == EINTR) {
        }
        st = answer(c, &asked, &there, &done, &message, &err);
    }
    ctl_progress_end();
    pgconn_free(c);
    if (asked.id != 0) {
        (void)snprintf(name, sizeof name, " %lld", (long long)asked.id);
    }
    if (st != OK) {
        rc = ctl_fail(a->verb, st, &err);
    } else if (!there) {
        (void)fprintf(stderr,
                      "dsmbctl %s: the request%s is in the store, and dsmbd has not answered within %lld s; "
                      "is it running? (dsmbctl status)\n",
                      a->verb, name, (long long)a->wait_s);
        rc = EX_TEMPFAIL;
    } else if (!done) {
        (void)fprintf(stderr, "dsmbctl %s: refused: %s\n", a->verb, buf_cstr(&message));
        rc = EX_DATAERR;
    } else {
        (void)printf("request%s: %s\n", name, buf_cstr(&message));
        rc = 0;
    }
    buf_done(&message);
    return rc;
}

int ctl_ask_named(const char *verb, const char *by, const char *reason)
{
    if (by != NULL && by[0] != '\0' && reason != NULL && reason[0] != '\0') {
        return 0;
    }
    (void)fprintf(stderr, "dsmbctl %s: --by NAME and --reason TEXT are needed: they stand in the ledger\n",
                  verb);
    return 2;
}
