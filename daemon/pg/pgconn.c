#include "pg/pgconn.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "pg/pgconn_priv.h"
#include "sql_catalog.h"

static const int64_t SECOND_US = 1000000;

static void swallow(void *ctx, const PGresult *res)
{
    (void)ctx;
    (void)res;
}

static bool loopback(const char *host)
{
    return host != NULL && (strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
                            (strncmp(host, "127.", 4) == 0 && strchr(host, ',') == NULL));
}

/* verify-full unless the site chose otherwise; sockets ignore it, loopback has nobody in between. */
static enum status choose_sslmode(const struct pgconn *c, const char **ret, struct err *err)
{
    PQconninfoOption *opts = PQconninfoParse(c->conninfo, NULL);
    const char *host = getenv("PGHOST");
    bool set = getenv("PGSSLMODE") != NULL;

    if (opts == NULL) {
        return err_set(
            err, E_CONFIG,
            "the connection string of %s cannot be read; write it as \"host=... dbname=... user=...\"",
            c->application_name);
    }
    for (const PQconninfoOption *o = opts; o->keyword != NULL; o++) {
        if (o->val == NULL) {
            continue;
        }
        if (strcmp(o->keyword, "host") == 0 || strcmp(o->keyword, "hostaddr") == 0) {
            host = o->val;
        }
        set = set || strcmp(o->keyword, "sslmode") == 0;
    }
    *ret = set ? NULL : loopback(host) ? "prefer" : "verify-full";
    PQconninfoFree(opts);
    return OK;
}

static enum status dial(struct pgconn *c, struct err *err)
{
    int64_t deadline_us = pgconn_now() + c->connect_timeout_s * SECOND_US;
    const char *sslmode = NULL;
    const char *keys[12], *values[12];
    char text[400];
    int n = 0;
    enum status st = choose_sslmode(c, &sslmode, err);

    if (st != OK) {
        return st;
    }
    /* Defaults first: what the connection string says comes later and wins. */
    keys[n] = "keepalives_idle", values[n++] = "30";
    keys[n] = "keepalives_interval", values[n++] = "10";
    keys[n] = "keepalives_count", values[n++] = "3";
    keys[n] = "tcp_user_timeout", values[n++] = "60000";
    if (sslmode != NULL) {
        keys[n] = "sslmode", values[n++] = sslmode;
    }
    keys[n] = "dbname", values[n++] = c->conninfo;
    keys[n] = "application_name", values[n++] = c->application_name;
    keys[n] = NULL, values[n] = NULL;
    c->pg = PQconnectStartParams(keys, values, 1);
    if (c->pg == NULL) {
        return err_set(err, E_NOMEM, "connecting to the database");
    }
    for (PostgresPollingStatusType p = PGRES_POLLING_WRITING; p != PGRES_POLLING_OK;) {
        if (PQstatus(c->pg) == CONNECTION_BAD || p == PGRES_POLLING_FAILED) {
            bool denied =
                PQconnectionNeedsPassword(c->pg) || strstr(PQerrorMessage(c->pg), "authentication") != NULL;

            pgconn_clean(PQerrorMessage(c->pg), text, sizeof text);
            PQfinish(c->pg);
            c->pg = NULL;
            return err_set(err, denied ? E_DENIED : E_RETRY, "%s cannot connect to the database: %s",
                           c->application_name, text);
        }
        st = pgconn_wait(c, p == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline_us, "connecting", err);
        if (st != OK) {
            return st;
        }
        p = PQconnectPoll(c->pg);
    }
    (void)PQsetErrorVerbosity(c->pg, PQERRORS_SQLSTATE);
    (void)PQsetErrorContextVisibility(c->pg, PQSHOW_CONTEXT_NEVER);
    (void)PQsetNoticeReceiver(c->pg, swallow, NULL);
    if (PQsetnonblocking(c->pg, 1) != 0) {
        return pgconn_lost(c, "connecting", err);
    }
    return OK;
}

static enum status pin_session(struct pgconn *c, struct err *err)
{
    const char *encoding = c->server_encoding ? PQparameterStatus(c->pg, "server_encoding") : "UTF8";
    struct buf b = {0};
    enum status st;

    buf_str(&b, "SELECT pg_catalog.set_config('search_path', ");
    pgconn_add_literal(&b, c->search_path);
    buf_str(&b, ", false), pg_catalog.set_config('client_encoding', ");
    pgconn_add_literal(&b, encoding == NULL ? "UTF8" : encoding);
    buf_fmt(&b, ", false), pg_catalog.set_config('statement_timeout', '%lldms', false)",
            c->statement_timeout_us < 0 ? 0LL : (long long)(c->statement_timeout_us / 1000));
    buf_fmt(&b, ", pg_catalog.set_config('lock_timeout', '%lldms', false)",
            c->lock_timeout_us < 0 ? 0LL : (long long)(c->lock_timeout_us / 1000));
    buf_str(&b, ", pg_catalog.set_config('TimeZone', 'UTC', false), pg_catalog.set_config('DateStyle', 'ISO, "
                "YMD', false)"
                ", pg_catalog.set_config('IntervalStyle', 'iso_8601', false)"
                ", pg_catalog.set_config('bytea_output', 'hex', false)"
                ", pg_catalog.set_config('extra_float_digits', '3', false)"
                ", pg_catalog.set_config('standard_conforming_strings', 'on', false)"
                ", pg_catalog.set_config('client_min_messages', 'warning', false)"
                ", pg_catalog.set_config('jit', 'off', false)");
    st = buf_check(&b, err);
    if (st == OK) {
        st = pgconn_simple(c, "setting up the database session", buf_cstr(&b), err);
    }
    buf_done(&b);
    return st;
}

static enum status listen_on(struct pgconn *c, const char *channel, struct err *err)
{
    struct buf b = {0};
    enum status st;

    buf_str(&b, "LISTEN ");
    pgconn_add_ident(&b, channel);
    st = buf_check(&b, err);
    if (st == OK) {
        st = pgconn_simple(c, "LISTEN", buf_cstr(&b), err);
    }
    buf_done(&b);
    return st;
}

enum status pgconn_reconnect(struct pgconn *c, struct err *err)
{
    enum status st;

    PQfinish(c->pg);
    c->pg = NULL;
    st = dial(c, err);
    if (st == OK) {
        st = pin_session(c, err);
    }
    for (size_t i = 0; st == OK && i < c->n_queries; i++) {
        st = pgconn_prepare(c, c->queries[i], err);
    }
    for (int i = 0; st == OK && i < c->n_channels; i++) {
        st = listen_on(c, c->channel[i], err);
    }
    if (st != OK) {
        PQfinish(c->pg); /* half set up is not connected */
        c->pg = NULL;
    }
    return st;
}

enum status pgconn_open(const struct pgconn_opts *opts, struct pgconn **ret, struct err *err)
{
    struct pgconn *c = calloc(1, sizeof *c);
    enum status st;

    if (c == NULL) {
        return err_set(err, E_NOMEM, "opening a database connection");
    }
    c->conninfo = strdup(opts->conninfo == NULL ? "" : opts->conninfo);
    c->application_name = strdup(opts->application_name == NULL ? "dsmbd" : opts->application_name);
    c->search_path = strdup(opts->search_path == NULL ? "pg_catalog, pg_temp" : opts->search_path);
    c->queries = calloc(opts->n_queries + 1, sizeof *c->queries);
    if (c->conninfo == NULL || c->application_name == NULL || c->search_path == NULL || c->queries == NULL) {
        st = err_set(err, E_NOMEM, "opening a database connection");
        goto out;
    }
    for (size_t i = 0; i < opts->n_queries; i++) {
        if (opts->queries[i] < 0 || opts->queries[i] >= (int)SQL_COUNT) {
            st = err_set(err, E_INTERNAL, "query %d is not in the catalog", opts->queries[i]);
            goto out;
        }
        c->queries[i] = opts->queries[i];
    }
    c->n_queries = opts->n_queries;
    c->statement_timeout_us = opts->statement_timeout_us == 0 ? 60 * SECOND_US : opts->statement_timeout_us;
    c->lock_timeout_us = opts->lock_timeout_us == 0 ? c->statement_timeout_us : opts->lock_timeout_us;
    c->connect_timeout_s = opts->connect_timeout_s <= 0 ? 10 : opts->connect_timeout_s;
    c->server_encoding = opts->server_encoding;
    c->own_functions = opts->own_functions;
    c->tick = opts->tick;
    c->tick_ctx = opts->tick_ctx;
    st = pgconn_reconnect(c, err);
    if (st != OK) {
        goto out;
    }
    *ret = c;
    c = NULL;
out:
    pgconn_free(c);
    return st;
}

void pgconn_free(struct pgconn *c)
{
    if (c == NULL) {
        return;
    }
    PQfinish(c->pg);
    if (c->conninfo != NULL) {
        explicit_bzero(c->conninfo, strlen(c->conninfo)); /* may hold a password */
    }
    free(c->conninfo);
    free(c->application_name);
    free(c->search_path);
    free(c->queries);
    for (int i = 0; i < c->n_channels; i++) {
        free(c->channel[i]);
    }
    free(c);
}

bool pgconn_alive(const struct pgconn *c)
{
    return c != NULL && c->pg != NULL && PQstatus(c->pg) == CONNECTION_OK;
}

bool pgconn_in_tx(const struct pgconn *c)
{
    return c->pg != NULL && PQtransactionStatus(c->pg) != PQTRANS_IDLE;
}

int pgconn_fd(const struct pgconn *c)
{
    return c->pg == NULL ? -1 : PQsocket(c->pg);
}

const char *pgconn_encoding(const struct pgconn *c)
{
    const char *s = c->pg == NULL ? NULL : PQparameterStatus(c->pg, "server_encoding");

    return s == NULL ? "" : s;
}

enum status pgconn_listen(struct pgconn *c, const char *channel, struct err *err)
{
    enum status st;

    if (c->n_channels == PGCONN_CHANNELS) {
        return err_set(err, E_INTERNAL, "too many channels to listen on");
    }
    st = listen_on(c, channel, err);
    if (st != OK) {
        return st;
    }
    c->channel[c->n_channels] = strdup(channel);
    if (c->channel[c->n_channels] == NULL) {
        return err_set(err, E_NOMEM, "LISTEN");
    }
    c->n_channels++;
    return OK;
}

enum status pgconn_notified(struct pgconn *c, bool *ret, struct err *err)
{
    bool any = false;

    if (c->pg == NULL) {
        return err_set(err, E_RETRY, "not connected to the database");
    }
    if (!PQconsumeInput(c->pg)) {
        return pgconn_lost(c, "waiting for notifications", err);
    }
    for (PGnotify *n = PQnotifies(c->pg); n != NULL; n = PQnotifies(c->pg)) {
        any = true;
        PQfreemem(n);
    }
    *ret = any;
    return OK;
}
