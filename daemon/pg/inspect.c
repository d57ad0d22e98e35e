#include "pg/inspect.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pg/migrate.h"

enum { SKEW_MAX_US = 2000000 };

/* Each row of a question is a fault; $1 is the trial. */
struct question {
    const char *what, *well;
    enum inspect_level level;
    const char *sql;
};

/* Roles that are neither ours nor a superuser's, and what they may: has_*_privilege follows memberships. */
#define OTHERS                                                                                         \
    " FROM pg_roles r CROSS JOIN (SELECT 'dsmb_' || $1::text || '_' AS p) o WHERE NOT r.rolsuper AND " \
    "r.rolname !~ '^pg_' AND r.rolname <> o.p || 'owner' "
#define ARMS                                                                                                 \
    "(SELECT c.oid, c.relname FROM pg_class c WHERE c.relnamespace = to_regnamespace('dsmb') AND c.relname " \
    "IN ('snapshot_row', "                                                                                   \
    "'tally', 'verdict', 'known', 'alert', 'alert_message', 'data_query', 'review_item', "                   \
    "'review_decision', 'report')) t"

static const struct question questions[] = {
    {"denied: tables by arm", "nobody but the daemon reads them", INSPECT_WRONG,
     "SELECT format('%I may read dsmb.%I: REVOKE SELECT ON dsmb.%I FROM it, or end its membership in the "
     "role that may', rolname, relname, relname)"
     " FROM (SELECT r.rolname, t.relname FROM " ARMS ", LATERAL (SELECT r.oid, r.rolname" OTHERS
     "AND r.rolname <> o.p || 'daemon') r"
     " WHERE has_table_privilege(r.oid, t.oid, 'SELECT') OR has_any_column_privilege(r.oid, t.oid, "
     "'SELECT')) x ORDER BY 1"},
    {"denied: changing history", "nobody may", INSPECT_WRONG,
     "SELECT format('%I may change or delete rows of dsmb.%I: REVOKE UPDATE, DELETE, TRUNCATE ON dsmb.%I "
     "FROM it', rolname, relname, relname)"
     " FROM (SELECT r.rolname, t.relname FROM pg_class t, LATERAL (SELECT r.oid, r.rolname" OTHERS ") r"
     " WHERE t.relnamespace = to_regnamespace('dsmb') AND t.relkind = 'r' AND t.relname <> 'heart'"
     " AND (has_table_privilege(r.oid, t.oid, 'UPDATE') OR has_table_privilege(r.oid, t.oid, 'DELETE')"
     "      OR has_table_privilege(r.oid, t.oid, 'TRUNCATE') OR has_any_column_privilege(r.oid, t.oid, "
     "'UPDATE'))) x ORDER BY 1"},
    {"denied: unblinding", "only the closed role may", INSPECT_WRONG,
     "SELECT format('%I may execute %s: REVOKE EXECUTE ON FUNCTION %s FROM it', r.rolname, "
     "f.oid::regprocedure, f.oid::regprocedure)"
     " FROM pg_roles r CROSS JOIN (SELECT 'dsmb_' || $1::text || '_' AS p) o JOIN pg_proc f ON "
     "f.pronamespace = to_regnamespace('dsmb')"
     "  AND (f.proname ~ '^closed_' OR f.proname IN ('unblind', 'disclose'))"
     " WHERE NOT r.rolsuper AND r.rolname !~ '^pg_' AND r.rolname NOT IN (o.p || 'owner', o.p || 'closed') "
     "AND "
     "has_function_privilege(r.oid, f.oid, 'EXECUTE')"},
    {"who decides events", "reads no arms", INSPECT_WRONG,
     "SELECT format('%I may act as %I and as %I, and events are decided blind: REVOKE one of them FROM it', "
     "r.rolname, o.p || 'review', k.role)"
     " FROM pg_roles r CROSS JOIN (SELECT 'dsmb_' || $1::text || '_' AS p) o"
     " JOIN LATERAL (VALUES (o.p || 'closed'), (o.p || 'daemon')) k(role) ON to_regrole(quote_ident(k.role)) "
     "IS NOT "
     "NULL AND to_regrole(quote_ident(o.p || 'review')) IS NOT NULL"
     " WHERE NOT r.rolsuper AND r.rolname !~ '^pg_' AND pg_has_role(r.oid, to_regrole(quote_ident(o.p || "
     "'review')), 'MEMBER') AND pg_has_role(r.oid, to_regrole(quote_ident(k.role)), 'MEMBER')"},
    {"denied: the outbox", "only the mailer may take from it", INSPECT_WRONG,
     "SELECT format('%I may execute %s: REVOKE EXECUTE ON FUNCTION %s FROM it', r.rolname, "
     "f.oid::regprocedure, f.oid::regprocedure)"
     " FROM pg_roles r CROSS JOIN (SELECT 'dsmb_' || $1::text || '_' AS p) o JOIN pg_proc f ON "
     "f.pronamespace = to_regnamespace('dsmb_out')"
     "  AND f.proname IN ('claim', 'body', 'phase', 'outcome', 'ack')"
     " WHERE NOT r.rolsuper AND r.rolname !~ '^pg_' AND r.rolname NOT IN (o.p || 'owner', o.p || 'mailer') "
     "AND "
     "has_function_privilege(r.oid, f.oid, 'EXECUTE')"},
    {"denied: reading the bytes of messages", "nobody may but the daemon that wrote them", INSPECT_WRONG,
     "SELECT format('%I may read dsmb_out.message.body: REVOKE SELECT ON dsmb_out.message FROM it', "
     "r.rolname)" OTHERS "AND r.rolname <> o.p || 'daemon' AND to_regclass('dsmb_out.message') IS NOT NULL"
     " AND has_column_privilege(r.oid, to_regclass('dsmb_out.message')::oid, 'body', 'SELECT')"},
    {"denied: entering the store", "only the trial's roles may", INSPECT_WRONG,
     "SELECT format('%I may connect to this database: REVOKE CONNECT ON DATABASE %I FROM it', r.rolname, "
     "current_database())" OTHERS "AND r.rolname NOT IN (o.p || 'daemon', o.p || 'mailer', o.p || 'closed', "
     "o.p || 'open', o.p || 'audit', o.p || 'review') AND r.rolcanlogin"
     " AND has_database_privilege(r.oid, current_database(), 'CONNECT')"},
    {"members of the trial's roles", "none beside the roles themselves", INSPECT_NOTE,
     "SELECT format('%I may act as %I: meant so? REVOKE %I FROM it otherwise', m.rolname, g.rolname, "
     "g.rolname)"
     " FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member JOIN pg_roles g ON g.oid = a.roleid"
     " WHERE g.rolname IN (SELECT 'dsmb_' || $1::text || '_' || k FROM unnest(ARRAY['owner', 'daemon', "
     "'mailer', 'closed']) k)"},
    {"the session's log settings", "what this role does stays out of the server's log", INSPECT_WRONG,
     "SELECT format('%s is %s in this session, and must be %s: ALTER ROLE or sql/setup/roles.sql sets it; "
     "look for PGOPTIONS and options= too',"
     "              s.name, s.setting, w.want)"
     " FROM pg_settings s JOIN (VALUES ('log_error_verbosity', 'terse'), ('log_min_error_statement', "
     "'panic'), ('log_parameter_max_length', '0'),"
     "  ('log_parameter_max_length_on_error', '0'), ('log_statement', 'none'), "
     "('log_min_duration_statement', '-1'), ('log_min_messages', 'fatal'),"
     "  ('log_duration', 'off'), ('debug_print_plan', 'off')) w(name, want) USING (name)"
     " WHERE s.setting <> w.want AND session_user = 'dsmb_' || $1::text || '_closed'"},
    {"modules that log statements", "none is at work", INSPECT_WRONG,
     "SELECT format('%s is %s: the server would log statements or plans; switch it off for this database "
     "(ALTER DATABASE %I SET %s = %s)',"
     "              k.name, current_setting(k.name, true), current_database(), k.name, k.off)"
     " FROM (VALUES ('auto_explain.log_min_duration', '-1'), ('pgaudit.log', 'none')) k(name, off)"
     " WHERE coalesce(nullif(current_setting(k.name, true), ''), k.off) <> k.off AND $1::text IS NOT NULL"},
    {"connections", "enough for dsmbd, dsmb-mailer and people", INSPECT_WRONG,
     "SELECT format('max_connections is %s, of which %s are for superusers: %s are left, and this trial "
     "needs 8; raise it in postgresql.conf', m, s, m - s)"
     " FROM (SELECT current_setting('max_connections')::int AS m, "
     "current_setting('superuser_reserved_connections')::int AS s) x"
     " WHERE m - s < 8"
     " UNION ALL SELECT format('role %I may have %s connections: ALTER ROLE %I CONNECTION LIMIT -1', "
     "rolname, rolconnlimit, rolname)"
     " FROM pg_roles WHERE rolconnlimit BETWEEN 0 AND 1 AND rolname IN (SELECT 'dsmb_' || $1::text || '_' || "
     "k FROM unnest(ARRAY['daemon', 'mailer', 'closed']) k)"
     " UNION ALL SELECT format('this database may have %s connections: ALTER DATABASE %I CONNECTION LIMIT "
     "-1', datconnlimit, datname)"
     " FROM pg_database WHERE datname = current_database() AND datconnlimit BETWEEN 0 AND 7"},
    {"durability", "what is committed survives a crash", INSPECT_NOTE,
     "SELECT format('%s is off: a crash of the server may lose looks that were mailed; set it on', name) "
     "FROM pg_settings"
     " WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off' AND $1::text IS "
     "NOT NULL"},
    {"the daemon's sign of life", "not older than five minutes", INSPECT_NOTE,
     "SELECT format('the last is of %s: is dsmbd running? (systemctl status dsmbd@%s)', to_char(beat_at AT "
     "TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI \"UTC\"'), $1::text)"
     " FROM dsmb.status WHERE beat_at < clock_timestamp() - interval '5 min'"},
};

static enum status ask(struct pgconn *c, const struct question *q, const char *trial, inspect_say_fn *say,
                       void *ctx, struct err *err)
{
    struct pgargs args = {0};
    struct pgrows *rows = NULL;
    enum status st;

    pgargs_text(&args, trial);
    st = pgconn_query(c, q->what, q->sql, &args, &rows, err);
    if (st == OK && pgrows_n(rows) == 0) {
        say(ctx, INSPECT_WELL, q->what, q->well);
    }
    for (int i = 0; st == OK && i < pgrows_n(rows); i++) {
        const char *text = NULL;

        st = pgrows_text(rows, i, 0, &text, err);
        if (st == OK) {
            say(ctx, q->level, q->what, text);
        }
    }
    pgrows_free(rows);
    return st;
}

/* Catalogues tell what should be denied; this shows that it is. */
static void attempts(struct pgconn *c, inspect_say_fn *say, void *ctx)
{
    static const struct {
        const char *what, *sql;
        enum status want;
    } tries[] = {
        {"tried: a table by arm", "SELECT count(*) FROM dsmb.verdict", E_DENIED},
        {"tried: a view by arm, without a purpose", "SELECT count(*) FROM dsmb.verdicts", E_STATE},
        {"tried: changing the ledger", "UPDATE dsmb.ledger SET payload = payload WHERE false", E_DENIED},
        {"tried: taking a message", "SELECT dsmb_out.body(0, '00000000-0000-4000-8000-000000000000')",
         E_DENIED},
        {"tried: how many rows a table has", "SELECT pg_stat_get_live_tuples('dsmb.verdict'::regclass)",
         E_DENIED},
        {"tried: how many transactions there were", "SELECT txid_current()", E_DENIED},
        {"tried: making a table", "CREATE TABLE dsmb.tried (a int)", E_DENIED},
    };

    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        struct pgrows *rows = NULL;
        struct err why = {0};
        enum status st = pgconn_begin(c, PG_TX_WRITE, &why);

        if (st == OK) {
            st = pgconn_query(c, tries[i].what, tries[i].sql, NULL, &rows, &why);
        }
        pgrows_free(rows);
        pgconn_rollback(c);
        if (st == tries[i].want) {
            say(ctx, INSPECT_WELL, tries[i].what, "refused");
        } else {
            say(ctx, INSPECT_WRONG, tries[i].what,
                st == OK ? "was not refused: connect with the closed role (store.ctl_conninfo), and run "
                           "dsmbctl migrate"
                         : "could not be tried: dsmbctl migrate brings the store up");
        }
    }
}

static enum status clock_skew(struct pgconn *c, int64_t (*now_us)(void), inspect_say_fn *say, void *ctx,
                              struct err *err)
{
    struct pgrows *rows = NULL;
    char text[200];
    int64_t server = 0, before = now_us(), after, off;
    enum status st = pgconn_query(
        c, "clock", "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint", NULL, &rows, err);

    after = now_us();
    if (st == OK) {
        st = pgrows_int(rows, 0, 0, &server, err);
    }
    pgrows_free(rows);
    if (st == OK) {
        off = server < before ? before - server : server > after ? server - after : 0;
        if (off > SKEW_MAX_US) {
            (void)snprintf(text, sizeof text,
                           "the server's clock is %" PRId64 " s %s this machine's: let both follow NTP",
                           off / 1000000, server < before ? "behind" : "ahead of");
            say(ctx, INSPECT_WRONG, "clock", text);
        } else {
            say(ctx, INSPECT_WELL, "clock", "the server's and this machine's agree within 2 s");
        }
    }
    return st;
}

enum status inspect_store(struct pgconn *c, const char *trial, int64_t (*now_us)(void), inspect_say_fn *say,
                          void *ctx, struct err *err)
{
    struct err why = {0};
    enum status st = migrate_check_roles(c, trial, &why);

    if (st == E_CONFIG) {
        say(ctx, INSPECT_WRONG, "roles", why.msg);
        st = OK;
    } else if (st == OK) {
        say(ctx, INSPECT_WELL, "roles", "as sql/setup/roles.sql makes them");
    } else {
        return err_set(err, st, "%s", why.msg);
    }
    for (size_t i = 0; st == OK && i < sizeof questions / sizeof *questions; i++) {
        st = ask(c, &questions[i], trial, say, ctx, err);
    }
    if (st == OK) {
        st = clock_skew(c, now_us, say, ctx, err);
    }
    if (st == OK) {
        attempts(c, say, ctx);
    }
    return st;
}

/* One text, or an error; "" for NULL. */
static enum status one_text(struct pgconn *c, const char *sql, const char *arg, char *out, size_t size,
                            struct err *err)
{
    struct pgargs args = {0};
    struct pgrows *rows = NULL;
    const char *s = NULL;
    enum status st;

    pgargs_text(&args, arg);
    st = pgconn_query(c, "role", sql, &args, &rows, err);
    if (st == OK && pgrows_n(rows) > 0) {
        st = pgrows_text_null(rows, 0, 0, &s, err);
    }
    (void)snprintf(out, size, "%s", st == OK && s != NULL ? s : "");
    pgrows_free(rows);
    return st;
}

/* Other databases show the server's own counters: a role that is blinded may not enter them. */
static void elsewhere(const char *conninfo, inspect_say_fn *say, void *ctx)
{
    static const char what[] = "tried: the mailer in another database";
    char other[2000];
    struct pgconn_opts o = {.conninfo = other, .application_name = "dsmbctl check"};
    struct pgconn *c = NULL;
    struct err err = {0};
    int n = snprintf(other, sizeof other, "%s dbname=postgres", conninfo); /* the last one counts */

    if (n < 0 || (size_t)n >= sizeof other || strstr(conninfo, "://") != NULL) {
        return;
    }
    if (pgconn_open(&o, &c, &err) == OK) {
        say(ctx, INSPECT_WRONG, what,
            "was not refused: transaction ids and statistics there tell how much the store writes; "
            "sql/setup/roles.sql forbids it, or a line in pg_hba.conf");
    } else {
        say(ctx, INSPECT_WELL, what, "refused");
    }
    pgconn_free(c);
}

void inspect_role(const char *conninfo, const char *trial, const char *purpose, inspect_say_fn *say,
                  void *ctx)
{
    struct pgconn_opts o = {.conninfo = conninfo, .application_name = "dsmbctl check"};
    struct pgconn *c = NULL;
    struct err err = {0};
    char what[64], is[128] = "", want[128], text[512];
    enum status st = pgconn_open(&o, &c, &err);

    (void)snprintf(what, sizeof what, "connection of the %s", purpose);
    (void)snprintf(want, sizeof want, "dsmb_%s_%s", trial, purpose);
    if (st != OK) {
        (void)snprintf(text, sizeof text, "not from this user: %.300s; try as the user of the service",
                       err.msg);
        say(ctx, INSPECT_NOTE, what, text);
        return;
    }
    st = one_text(c, "SELECT session_user::text WHERE $1::text IS NOT NULL", trial, is, sizeof is, &err);
    pgconn_free(c);
    if (st == OK && strcmp(is, want) == 0) {
        say(ctx, INSPECT_WELL, what, want);
        if (strcmp(purpose, "mailer") == 0) {
            elsewhere(conninfo, say, ctx);
        }
    } else {
        (void)snprintf(text, sizeof text, "leads to the role %s: write user=%s into the settings", is, want);
        say(ctx, INSPECT_WRONG, what, text);
    }
}

void inspect_source(const char *conninfo, inspect_say_fn *say, void *ctx)
{
    static const char more[] =
        "SELECT CASE WHEN r.rolsuper THEN 'is a superuser: make one that is not (sql/setup/source.sql)'"
        " WHEN t.name IS NOT NULL THEN 'may write ' || t.name || ': REVOKE INSERT, UPDATE, DELETE, TRUNCATE "
        "on it' END"
        " FROM pg_roles r LEFT JOIN (SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace "
        "n ON n.oid = c.relnamespace"
        "   WHERE c.relkind IN ('r', 'v', 'p', 'f') AND n.nspname !~ '^(pg_|information_schema)' AND "
        "has_schema_privilege(n.oid, 'USAGE')"
        "     AND (has_table_privilege(c.oid, 'INSERT') OR has_table_privilege(c.oid, 'UPDATE') OR "
        "has_table_privilege(c.oid, 'DELETE'))"
        "   ORDER BY 1 LIMIT 1) t ON true WHERE r.rolname = session_user AND $1::text IS NOT NULL";
    struct pgconn_opts o = {.conninfo = conninfo, .application_name = "dsmbctl check"};
    struct pgconn *c = NULL;
    struct err err = {0};
    char text[512] = "";
    enum status st = pgconn_open(&o, &c, &err);

    if (st == OK) {
        st = one_text(c, more, "", text, sizeof text, &err);
    }
    pgconn_free(c);
    if (st != OK) {
        return; /* source check says what is wrong with the connection */
    }
    if (text[0] == '\0') {
        say(ctx, INSPECT_WELL, "denied: writing to the trial's database", "the reader only reads");
    } else {
        char all[600];

        (void)snprintf(all, sizeof all, "the reader %s", text);
        say(ctx, INSPECT_WRONG, "denied: writing to the trial's database", all);
    }
}
