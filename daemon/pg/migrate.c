#include "pg/migrate.h"

#include <stdlib.h>
#include <string.h>

#include "base/sha256.h"
#include "sql_catalog.h"

static const char *const role_names[] = {"owner", "daemon", "mailer", "closed", "open", "audit", "review"};
enum { N_ROLES = sizeof role_names / sizeof *role_names };

static void add_role(struct buf *b, const char *trial, const char *role)
{
    buf_fmt(b, "dsmb_%s_%s", trial, role);
}

enum status migrate_fill(const char *text, const char *trial, struct buf *out, struct err *err)
{
    struct buf name = {0};
    enum status st = OK;

    for (const char *p = text; st == OK && *p != '\0';) {
        size_t plain = strcspn(p, "@"), word;
        bool found = false;

        buf_add(out, p, plain);
        p += plain;
        if (*p == '\0') {
            break;
        }
        word = strspn(p + 1, "abcdefghijklmnopqrstuvwxyz");
        if (word == 0 || p[1 + word] != '@') {
            buf_char(out, *p++); /* an address pattern, an operator */
            continue;
        }
        for (int i = 0; i < N_ROLES; i++) {
            if (strlen(role_names[i]) == word && memcmp(p + 1, role_names[i], word) == 0) {
                buf_clear(&name);
                add_role(&name, trial, role_names[i]);
                pgconn_add_ident(out, buf_cstr(&name));
                found = true;
            }
        }
        if (!found) {
            st = err_set(err, E_INTERNAL, "a migration names the role @%.*s@, which there is not", (int)word,
                         p + 1);
        }
        p += word + 2;
    }
    if (st == OK) {
        st = buf_check(&name, err);
    }
    buf_done(&name);
    return st == OK ? buf_check(out, err) : st;
}

static enum status need_owner(struct pgconn *c, const char *trial, struct err *err)
{
    struct buf owner = {0};
    struct pgargs args = {0};
    bool is = false;
    enum status st;

    add_role(&owner, trial, "owner");
    st = buf_check(&owner, err);
    if (st == OK) {
        pgargs_text(&args, owner.data);
        st = pgconn_ask(c, "owner", "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1::text)", &args,
                        &is, err);
    }
    if (st == OK && !is) {
        st = err_set(err, E_CONFIG, "there is no role %s: run sql/setup/roles.sql with -v trial=%s first",
                     owner.data, trial);
    }
    if (st == OK) {
        st = pgconn_ask(c, "owner", "SELECT pg_has_role($1::text, 'MEMBER')", &args, &is, err);
    }
    if (st == OK && !is) {
        st = err_set(
            err, E_DENIED,
            "migrating is done as %s, which this role may not become: connect as a superuser or a member of "
            "it (--store CONNINFO)",
            owner.data);
    }
    if (st == OK) {
        struct buf sql = {0};

        buf_str(&sql, "SET ROLE ");
        pgconn_add_ident(&sql, owner.data);
        st = buf_check(&sql, err);
        if (st == OK) {
            st = pgconn_script(c, "SET ROLE", sql.data, err);
        }
        buf_done(&sql);
    }
    buf_done(&owner);
    return st;
}

static enum status hash_of(const struct sql_migration *m, char hex[SHA256_HEX], struct err *err)
{
    struct sha256 h;
    enum status st = sha256_of(m->text, strlen(m->text), &h, err);

    if (st == OK) {
        sha256_hex(&h, hex);
    }
    return st;
}

/* What was applied, against what is embedded.  *last: the highest applied version. */
static enum status compare(struct pgconn *c, int64_t *last, struct err *err)
{
    struct pgrows *r = NULL;
    enum status st = pgconn_query(
        c, "migrations", "SELECT version, file, sha256 FROM dsmb.migration ORDER BY version", NULL, &r, err);

    for (int i = 0; st == OK && i < pgrows_n(r); i++) {
        const struct sql_migration *m = NULL;
        const char *file = NULL, *sha = NULL;
        char hex[SHA256_HEX] = "";
        int64_t version = 0;

        st = pgrows_int(r, i, 0, &version, err);
        if (st == OK) {
            st = pgrows_text(r, i, 1, &file, err);
        }
        if (st == OK) {
            st = pgrows_text(r, i, 2, &sha, err);
        }
        for (int k = 0; st == OK && k < SQL_MIGRATIONS; k++) {
            m = sql_migrations[k].version == version ? &sql_migrations[k] : m;
        }
        if (st == OK && m == NULL) {
            st = err_set(err, E_STATE,
                         "the store has migration %s, which this version does not: a newer version made it. "
                         "Install that "
                         "version or newer",
                         file);
        }
        if (st == OK) {
            st = hash_of(m, hex, err);
        }
        if (st == OK && strcmp(hex, sha) != 0) {
            st = err_set(
                err, E_STATE,
                "migration %s is not the one that was applied to this store: it was changed afterwards",
                file);
        }
        if (st == OK) {
            *last = version;
        }
    }
    pgrows_free(r);
    return st;
}

static enum status apply(struct pgconn *c, const struct sql_migration *m, const char *trial, struct err *err)
{
    struct buf sql = {0};
    struct pgargs args = {0};
    char hex[SHA256_HEX];
    enum status st = migrate_fill(m->text, trial, &sql, err);

    if (st == OK) {
        st = hash_of(m, hex, err);
    }
    if (st == OK) {
        st = pgconn_begin(c, PG_TX_WRITE, err);
    }
    if (st == OK) {
        st = pgconn_script(c, m->file, sql.data, err);
    }
    if (st == OK) {
        pgargs_int(&args, m->version);
        pgargs_text(&args, m->file);
        pgargs_text(&args, hex);
        st = pgconn_query(
            c, m->file,
            "INSERT INTO dsmb.migration (version, file, sha256) VALUES ($1::int4, $2::text, $3::text)", &args,
            NULL, err);
    }
    if (st == OK) {
        st = pgconn_commit(c, err);
    }
    if (st != OK) {
        pgconn_rollback(c);
    }
    buf_done(&sql);
    return st;
}

static enum status apply_all(struct pgconn *c, const char *trial, migrate_say_fn *say, void *ctx,
                             int *n_applied, struct err *err)
{
    bool there = false;
    int64_t last = 0;
    int n = 0;
    enum status st =
        pgconn_ask(c, "store", "SELECT to_regclass('dsmb.migration') IS NOT NULL", NULL, &there, err);

    if (st == OK && there) {
        st = compare(c, &last, err);
    }
    for (int i = 0; st == OK && i < SQL_MIGRATIONS; i++) {
        if (sql_migrations[i].version <= last) {
            continue;
        }
        st = apply(c, &sql_migrations[i], trial, err);
        if (st == OK) {
            n++;
            say(ctx, sql_migrations[i].file);
        }
    }
    *n_applied = n;
    return st;
}

enum status migrate_run(const char *conninfo, const char *trial, migrate_say_fn *say, void *ctx,
                        int *n_applied, struct err *err)
{
    struct pgconn_opts o = {
        .conninfo = conninfo,
        .application_name = "dsmbctl migrate",
        .statement_timeout_us = -1,
        .own_functions = true,
    };
    struct pgconn *c = NULL;
    bool is = false;
    int n = 0;
    enum status st = pgconn_open(&o, &c, err);

    if (st == OK) {
        st = need_owner(c, trial, err);
    }
    if (st == OK) {
        st = pgconn_ask(c, "store", "SELECT getdatabaseencoding() = 'UTF8'", NULL, &is, err);
    }
    if (st == OK && !is) {
        st = err_set(err, E_CONFIG,
                     "the store's database is not encoded in UTF8: sql/setup/roles.sql makes one that is");
    }
    if (st == OK) {
        st = pgconn_ask(c, "store", "SELECT pg_try_advisory_lock(1685286242, 30)", NULL, &is, err);
    }
    if (st == OK && !is) {
        st = err_set(err, E_STATE, "another dsmbctl migrate is at work on this store");
    }
    if (st == OK) {
        st = apply_all(c, trial, say, ctx, &n, err);
    }
    if (st == OK) {
        st = migrate_check_roles(c, trial, err);
    }
    pgconn_free(c);
    *n_applied = n;
    return st;
}

/* --- roles --- */

/* What keeps values of arms out of the server's log; sql/setup/roles.sql sets them. */
static const char check_settings[] =
    "SELECT r.rolname || ': ' || s.setting FROM unnest(ARRAY['daemon', 'mailer', 'closed']) AS k(role)"
    " JOIN pg_roles r ON r.rolname = 'dsmb_' || $1::text || '_' || k.role,"
    " unnest(ARRAY['log_error_verbosity=terse', 'log_min_error_statement=panic', "
    "'log_parameter_max_length=0',"
    "  'log_parameter_max_length_on_error=0', 'log_statement=none', 'log_min_duration_statement=-1']) AS "
    "s(setting)"
    " WHERE NOT EXISTS (SELECT FROM pg_db_role_setting d WHERE d.setrole = r.oid AND d.setdatabase = 0"
    "                    AND s.setting = ANY (d.setconfig))"
    "    OR EXISTS (SELECT FROM pg_db_role_setting d, unnest(d.setconfig) x"
    "                WHERE d.setrole IN (0, r.oid) AND d.setdatabase = (SELECT oid FROM pg_database WHERE "
    "datname = current_database())"
    "                  AND split_part(x, '=', 1) = split_part(s.setting, '=', 1) AND x <> s.setting)"
    " ORDER BY 1 LIMIT 1";

static const char check_there[] =
    "SELECT 'dsmb_' || $1::text || '_' || k FROM unnest(ARRAY['owner', 'daemon', 'mailer', 'closed', 'open', "
    "'audit', 'review']) AS k"
    " WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dsmb_' || $1::text || '_' || k) LIMIT 1";

/* A role of ours that is too mighty. */
static const char check_power[] =
    "SELECT rolname::text FROM pg_roles WHERE rolname LIKE replace('dsmb_' || $1::text || '_', '_', '\\_') "
    "|| '%'"
    " AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls) LIMIT 1";

/* PostgreSQL's own counters are the same in every database: who is blinded enters the store alone. */
static const char check_elsewhere[] =
    "SELECT r.rolname::text FROM unnest(ARRAY['mailer', 'open', 'review']) AS k(role) JOIN pg_roles r ON "
    "r.rolname = "
    "'dsmb_' || $1::text || '_' || k.role"
    " WHERE NOT EXISTS (SELECT FROM pg_db_role_setting d, unnest(d.setconfig) x WHERE d.setrole = r.oid AND "
    "d.setdatabase = 0 AND x ~ '^session_preload_libraries=') ORDER BY 1 LIMIT 1";

static const char check_public[] =
    "SELECT 'everybody may connect to this database' WHERE EXISTS (SELECT FROM pg_database d,"
    "       aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a"
    "        WHERE d.datname = current_database() AND a.grantee = 0 AND a.privilege_type = 'CONNECT')"
    " UNION ALL SELECT 'everybody may ask for the size of tables' WHERE has_function_privilege('public', "
    "       'pg_catalog.pg_relation_size(regclass)', 'EXECUTE') OR has_function_privilege('public', "
    "       'pg_catalog.pg_stat_get_live_tuples(oid)', 'EXECUTE')"
    " UNION ALL SELECT 'everybody may see how many rows a table has' WHERE has_column_privilege('public', "
    "       'pg_catalog.pg_class', 'reltuples', 'SELECT')"
    " UNION ALL SELECT 'everybody may see ids of transactions (' || c || '.xmin)' FROM "
    "unnest(ARRAY['pg_class', 'pg_db_role_setting', 'pg_default_acl', 'pg_auth_members', 'pg_shdepend']) c"
    "  WHERE has_column_privilege('public', 'pg_catalog.' || c, 'xmin', 'SELECT')"
    " UNION ALL (SELECT 'everybody may call ' || p.oid::regprocedure FROM pg_proc p"
    "  WHERE p.pronamespace = 'pg_catalog'::regnamespace AND has_function_privilege('public', p.oid, "
    "'EXECUTE')"
    "    AND (p.proname ~ "
    "'^(pg_stat_|pg_statio_|txid_current|pg_current_xact_id|pg_current_wal_|pg_last_wal_)'"
    "      OR p.proname ~ '^pg_(database|tablespace|relation|table|indexes|total_relation)_size$'"
    "      OR p.proname ~ '^pg_(try_)?advisory_' OR p.oid = 'pg_catalog.age(xid)'::regprocedure"
    "      OR p.proname IN ('pg_current_snapshot', 'pg_control_checkpoint', 'pg_control_system', "
    "'pg_lock_status', 'pg_sequence_last_value', 'pg_prepared_xact', 'mxid_age'))"
    "  ORDER BY p.proname)"
    " LIMIT 1";

enum status migrate_check_roles(struct pgconn *c, const char *trial, struct err *err)
{
    static const struct {
        const char *sql, *before, *after;
        bool with_trial;
    } checks[] = {
        {check_there, "there is no role ", "", true},
        {check_settings, "what a role does would reach the server's log (", ")", true},
        {check_power, "role ", " is a superuser or may create roles or databases: ALTER ROLE it", true},
        {check_public, "", "", false},
        {check_elsewhere, "role ",
         " may enter other databases, whose statistics tell how much the store writes", true},
    };
    enum status st = OK;

    for (size_t i = 0; st == OK && i < sizeof checks / sizeof *checks; i++) {
        struct pgargs args = {0};
        struct pgrows *r = NULL;
        const char *what = NULL;

        pgargs_text(&args, trial);
        st = pgconn_query(c, "roles", checks[i].sql, checks[i].with_trial ? &args : NULL, &r, err);
        if (st == OK && pgrows_n(r) > 0) {
            st = pgrows_text(r, 0, 0, &what, err);
        }
        if (st == OK && what != NULL) {
            st = err_set(err, E_CONFIG, "%s%s%s; sql/setup/roles.sql with -v trial=%s puts that right",
                         checks[i].before, what, checks[i].after, trial);
        }
        pgrows_free(r);
    }
    return st;
}
