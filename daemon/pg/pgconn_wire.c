/* Waiting for the server, and what its errors mean. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "pg/pgconn_priv.h"

static const int64_t SECOND_US = 1000000;
static const int64_t GRACE_US = 5000000; /* the server's own statement_timeout should come first */

struct meaning {
    const char *code; /* a whole SQLSTATE, or its class */
    enum status st;
    const char *words;
};

/* Whole codes stand before their class: the first match wins. */
static const struct meaning MEANINGS[] = {
    {"08P01", E_INTERNAL, "the server saw a protocol violation"},
    {"08", E_RETRY, "the connection failed"},
    {"0A", E_DATA, "the server does not support this"},
    {"21", E_DATA, "a query that must give one row gave more"},
    {"22", E_DATA, "a value cannot be read or does not fit its type"},
    {"23502", E_DATA, "a value that must be present is missing"},
    {"23503", E_DATA, "a row refers to one that is not there"},
    {"23505", E_STATE, "such a row is already there"},
    {"23514", E_DATA, "a value breaks a rule of the table"},
    {"23", E_DATA, "a constraint of the table is broken"},
    {"25006", E_DENIED, "the database or the transaction is read-only"},
    {"25P03", E_RETRY, "the transaction was idle for too long"},
    {"25", E_STATE, "the transaction is in the wrong state"},
    {"28", E_DENIED, "the server refused the login"},
    {"3D000", E_DATA, "there is no such database"},
    {"3F000", E_DATA, "there is no such schema"},
    {"40001", E_RETRY, "another transaction was in the way"},
    {"40P01", E_RETRY, "a deadlock was resolved by ending this transaction"},
    {"40", E_RETRY, "the transaction was rolled back"},
    {"42501", E_DENIED, "a right is missing"},
    {"42601", E_DATA, "the statement has a syntax error"},
    {"42P01", E_DATA, "a table or view is missing"},
    {"42703", E_DATA, "a column is missing"},
    {"42883", E_DATA, "a function is missing"},
    {"42804", E_DATA, "a column has another type than expected"},
    {"42", E_DATA, "the statement does not fit the database's schema"},
    {"53300", E_RETRY, "the server has no connection left"},
    {"53", E_RETRY, "the server lacks a resource (disk, memory, connections)"},
    {"54", E_DATA, "a limit of the server was exceeded"},
    {"55P03", E_RETRY, "a lock could not be had in time"},
    {"55", E_STATE, "an object is not in the state this needs"},
    {"57014", E_RETRY, "the statement took too long or was cancelled"},
    {"57P01", E_RETRY, "the server is shutting down"},
    {"57P02", E_RETRY, "the server is recovering from a crash"},
    {"57P03", E_RETRY, "the server is not ready for connections"},
    {"57P04", E_DATA, "the database was dropped"},
    {"57", E_RETRY, "an operator intervened"},
    {"58", E_RETRY, "the server met an error of its system"},
    {"P0", E_DATA, "a function of the database raised an error"},
    {"XX", E_RETRY, "the server met an internal error"},
};

int64_t pgconn_now(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * SECOND_US + ts.tv_nsec / 1000;
}

int64_t pgconn_deadline(const struct pgconn *c)
{
    return c->statement_timeout_us < 0 ? INT64_MAX : pgconn_now() + c->statement_timeout_us + GRACE_US;
}

enum status pgconn_lost(struct pgconn *c, const char *what, struct err *err)
{
    PQfinish(c->pg);
    c->pg = NULL;
    return err_set(err, E_RETRY, "%s: the connection to the database was lost", what);
}

static const struct meaning *find_meaning(const char *state)
{
    for (size_t i = 0; i < sizeof MEANINGS / sizeof MEANINGS[0]; i++) {
        if (strncmp(state, MEANINGS[i].code, strlen(MEANINGS[i].code)) == 0) {
            return &MEANINGS[i];
        }
    }
    return NULL;
}

void pgconn_clean(const char *s, char *out, size_t size)
{
    size_t n = 0;

    for (; s != NULL && *s != '\0' && n + 1 < size; s++) {
        unsigned char ch = (unsigned char)*s;

        out[n++] = ch < 0x20 || ch == 0x7f ? ' ' : *s;
    }
    while (n > 0 && out[n - 1] == ' ') {
        n--;
    }
    out[n] = '\0';
}

enum status pgconn_fail(struct pgconn *c, const PGresult *res, const char *what, struct err *err)
{
    const char *state = res == NULL ? NULL : PQresultErrorField(res, PG_DIAG_SQLSTATE);
    const char *table, *column, *constraint;
    const struct meaning *m;
    char own[300] = "";
    enum status st;

    if (state == NULL) {
        return c->pg == NULL || PQstatus(c->pg) == CONNECTION_BAD
                   ? pgconn_lost(c, what, err)
                   : err_set(err, E_INTERNAL, "%s: unexpected answer of the database library", what);
    }
    if (c->own_functions && strncmp(state, "DS", 2) == 0) {
        pgconn_clean(PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY), own, sizeof own);
        st = err_set(err, strcmp(state, "DS050") == 0 ? E_DENIED : E_STATE, "%s: %s (SQLSTATE %s)", what, own,
                     state);
        goto out;
    }
    m = find_meaning(state);
    table = PQresultErrorField(res, PG_DIAG_TABLE_NAME);
    column = PQresultErrorField(res, PG_DIAG_COLUMN_NAME);
    constraint = PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME);
    if (table != NULL || constraint != NULL) {
        char names[300];

        (void)snprintf(names, sizeof names, " [%.90s%s%.90s%s%.90s]", table == NULL ? "" : table,
                       column == NULL ? "" : ".", column == NULL ? "" : column, constraint == NULL ? "" : " ",
                       constraint == NULL ? "" : constraint);
        pgconn_clean(names, own, sizeof own);
    }
    st = err_set(err, m == NULL ? E_DATA : m->st, "%s: %s (SQLSTATE %s)%s", what,
                 m == NULL ? "the server reported an error" : m->words, state, own);
out:
    if (c->pg != NULL && PQstatus(c->pg) == CONNECTION_BAD) {
        PQfinish(c->pg);
        c->pg = NULL;
    }
    return st;
}

enum status pgconn_wait(struct pgconn *c, short events, int64_t deadline_us, const char *what,
                        struct err *err)
{
    for (;;) {
        struct pollfd p = {.fd = PQsocket(c->pg), .events = events};
        int64_t left_us = deadline_us - pgconn_now();
        int n;

        if (p.fd < 0) {
            return pgconn_lost(c, what, err);
        }
        if (left_us <= 0) {
            const char *limit = PQstatus(c->pg) == CONNECTION_OK ? " (statement_timeout)" : "";

            PQfinish(c->pg);
            c->pg = NULL;
            return err_set(err, E_RETRY, "%s: the database did not answer in time%s", what, limit);
        }
        n = poll(&p, 1, left_us > SECOND_US ? 1000 : (int)(left_us / 1000) + 1);
        if (n > 0) {
            return OK;
        }
        if (n < 0 && errno != EINTR) {
            return pgconn_lost(c, what, err);
        }
        if (c->tick != NULL) {
            c->tick(c->tick_ctx);
        }
    }
}

enum status pgconn_flush(struct pgconn *c, int64_t deadline_us, const char *what, struct err *err)
{
    for (;;) {
        int left = PQflush(c->pg);
        enum status st;

        if (left == 0) {
            return OK;
        }
        if (left < 0) {
            return pgconn_lost(c, what, err);
        }
        st = pgconn_wait(c, POLLIN | POLLOUT, deadline_us, what, err);
        if (st != OK) {
            return st;
        }
        /* A server that writes while we write must be read, or both wait for ever. */
        if (!PQconsumeInput(c->pg)) {
            return pgconn_lost(c, what, err);
        }
    }
}

enum status pgconn_result(struct pgconn *c, int64_t deadline_us, const char *what, PGresult **ret,
                          struct err *err)
{
    while (PQisBusy(c->pg)) {
        enum status st = pgconn_wait(c, POLLIN, deadline_us, what, err);

        if (st != OK) {
            return st;
        }
        if (!PQconsumeInput(c->pg)) {
            return pgconn_lost(c, what, err);
        }
    }
    *ret = PQgetResult(c->pg);
    return OK;
}

bool pgconn_good(const PGresult *res)
{
    ExecStatusType s = PQresultStatus(res);

    return s == PGRES_COMMAND_OK || s == PGRES_TUPLES_OK || s == PGRES_EMPTY_QUERY;
}

enum status pgconn_drain(struct pgconn *c, int64_t deadline_us, const char *what, PGresult **ret,
                         struct err *err)
{
    PGresult *keep = NULL;
    enum status st;

    for (;;) {
        PGresult *res = NULL;

        st = pgconn_result(c, deadline_us, what, &res, err);
        if (st != OK) {
            goto out;
        }
        if (res == NULL) {
            break;
        }
        if (keep != NULL && !pgconn_good(keep)) {
            PQclear(res); /* what follows an error says less */
            continue;
        }
        PQclear(keep);
        keep = res;
    }
    if (keep == NULL || !pgconn_good(keep)) {
        st = pgconn_fail(c, keep, what, err);
        goto out;
    }
    *ret = keep;
    keep = NULL;
out:
    PQclear(keep);
    return st;
}

/* After PQsend...: sent is its return value. */
enum status pgconn_send_done(struct pgconn *c, int sent, const char *what, PGresult **ret, struct err *err)
{
    int64_t deadline_us = pgconn_deadline(c);
    enum status st;

    if (!sent) {
        return PQstatus(c->pg) == CONNECTION_BAD
                   ? pgconn_lost(c, what, err)
                   : err_set(err, E_INTERNAL, "%s: a statement was sent while another is running", what);
    }
    st = pgconn_flush(c, deadline_us, what, err);
    return st != OK ? st : pgconn_drain(c, deadline_us, what, ret, err);
}

enum status pgconn_simple(struct pgconn *c, const char *what, const char *sql, struct err *err)
{
    PGresult *res = NULL;
    enum status st;

    if (c->pg == NULL) {
        return err_set(err, E_RETRY, "%s: not connected to the database", what);
    }
    st = pgconn_send_done(c, PQsendQuery(c->pg, sql), what, &res, err);
    PQclear(res);
    return st;
}
