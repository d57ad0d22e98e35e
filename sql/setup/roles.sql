-- The seven roles of one trial and its store database.  As superuser, once per trial; doing it again changes nothing.
--
--     psql -v trial=magical-ckd -v ON_ERROR_STOP=1 -f sql/setup/roles.sql
--
-- Then: passwords (\password dsmb_TRIAL_daemon) or peer mapping in pg_hba.conf / pg_ident.conf, and `dsmbctl migrate`.
-- What it protects: nobody but the roles below can connect, nobody but daemon and closed can read arms, and what would
-- tell of alerts by its size or its count (sizes, statistics, locks, transaction ids, the WAL's position) is for nobody
-- blinded.  All of it holds within the store's database: a superuser can read everything, and the server's own counters
-- are shared by its databases, so that any role that may enter another one sees there how much the store writes.  The
-- mailer's, the open and the review role are therefore let into the store only; keep the store in a cluster of its own where other
-- people have roles.

\set ON_ERROR_STOP on
\if :{?trial}
\else
    \warn 'say which trial: psql -v trial=NAME -f sql/setup/roles.sql'
    \quit
\endif

SELECT :'trial' ~ '^[a-z][a-z0-9_-]{0,30}$' AS trial_ok \gset
\if :trial_ok
\else
    DO $$ BEGIN RAISE 'the trial''s name is made of a-z, 0-9, _ and -, begins with a letter, and has at most 31 characters'; END $$;
\endif

\set store 'dsmb_' :trial
\set owner 'dsmb_' :trial '_owner'
\set daemon 'dsmb_' :trial '_daemon'
\set mailer 'dsmb_' :trial '_mailer'
\set closed 'dsmb_' :trial '_closed'
\set open 'dsmb_' :trial '_open'
\set audit 'dsmb_' :trial '_audit'
\set review 'dsmb_' :trial '_review'

SELECT format('CREATE ROLE %I %s NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', name, login)
  FROM (VALUES (:'owner', 'NOLOGIN'), (:'daemon', 'LOGIN'), (:'mailer', 'LOGIN'), (:'closed', 'LOGIN'),
               (:'open', 'LOGIN'), (:'audit', 'LOGIN'), (:'review', 'LOGIN')) AS r(name, login)
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r.name) \gexec

SELECT format('CREATE DATABASE %I OWNER %I ENCODING ''UTF8'' LC_COLLATE ''C'' LC_CTYPE ''C'' TEMPLATE template0',
              :'store', :'owner')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'store') \gexec

REVOKE ALL ON DATABASE :"store" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"store" TO :"daemon", :"mailer", :"closed", :"open", :"audit", :"review";

-- What roles that touch arms do must not reach the server's log, nor pg_stat_activity.  dsmbctl migrate checks these.
SELECT format('ALTER ROLE %I SET %s', r, s)
  FROM unnest(ARRAY[:'daemon', :'mailer', :'closed']) AS r,
       unnest(ARRAY['log_error_verbosity = terse', 'log_min_error_statement = panic', 'log_min_messages = fatal',
                    'log_parameter_max_length = 0', 'log_parameter_max_length_on_error = 0', 'log_statement = none',
                    'log_min_duration_statement = -1', 'log_min_duration_sample = -1', 'log_duration = off',
                    'log_temp_files = -1', 'log_lock_waits = off', 'track_activities = off',
                    'debug_print_plan = off', 'debug_print_parse = off', 'debug_print_rewritten = off']) AS s
\gexec
SELECT format('ALTER ROLE %I SET search_path = pg_catalog, pg_temp', r)
  FROM unnest(ARRAY[:'owner', :'daemon', :'mailer']) AS r \gexec
SELECT format('ALTER ROLE %I SET search_path = dsmb, pg_catalog, pg_temp', r)
  FROM unnest(ARRAY[:'closed', :'open', :'audit', :'review']) AS r \gexec
-- What is committed is decided and may be mailed: it must survive a crash, whatever the server's default.
SELECT format('ALTER ROLE %I SET synchronous_commit = on', r)
  FROM unnest(ARRAY[:'owner', :'daemon', :'mailer', :'closed']) AS r \gexec
-- Other databases of the cluster show what this one hides.  PostgreSQL knows no role of one database; a module that is not
-- there, to be loaded at the start of every session but those of the store, is as good: no session starts.  (In the store
-- plpgsql, which is loaded anyway: an empty list would be a module without a name.)
SELECT format('ALTER ROLE %I SET session_preload_libraries = ''this role may enter its store only; after a restore run sql/setup/roles.sql''', r)
  FROM unnest(ARRAY[:'mailer', :'open', :'review']) AS r \gexec
SELECT format('ALTER ROLE %I IN DATABASE %I SET session_preload_libraries = plpgsql', r, :'store')
  FROM unnest(ARRAY[:'mailer', :'open', :'review']) AS r \gexec
-- A forgotten BEGIN of a person must not hold up the ledger.
SELECT format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''60s''', r)
  FROM unnest(ARRAY[:'closed', :'open', :'audit', :'review']) AS r \gexec

\connect :store

REVOKE ALL ON SCHEMA public FROM PUBLIC;

-- Sizes and statistics tell of alerts; so do locks, transaction ids, and how far the WAL has come (a look that crosses
-- writes more).  dsmbctl check asks the same again.
SELECT format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', p.oid::regprocedure)
  FROM pg_proc p
 WHERE p.pronamespace = 'pg_catalog'::regnamespace
   AND (p.proname ~ '^pg_stat_get_' OR p.proname ~ '^pg_stat(io)?_' OR p.proname ~ '^pg_.*_size$' OR p.proname ~ '^pg_(try_)?advisory_'
        OR p.proname IN ('pg_relation_filenode', 'pg_relation_filepath', 'pg_get_publication_tables', 'pg_freespace',
                         'pg_visible_in_snapshot', 'pg_sequence_last_value', 'pg_lock_status', 'pg_blocking_pids',
                         'pg_safe_snapshot_blocking_pids', 'pg_notification_queue_usage', 'pg_control_checkpoint',
                         'pg_logical_emit_message', 'pg_last_committed_xact', 'pg_xact_status', 'txid_status',
                         'pg_xact_commit_timestamp', 'pg_xact_commit_timestamp_origin', 'pg_get_replication_slots',
                         'pg_current_snapshot', 'pg_export_snapshot', 'pg_prepared_xact', 'mxid_age', 'pg_get_multixact_members',
                         'pg_isolation_test_session_is_blocked', 'pg_control_recovery', 'pg_control_system', 'pg_get_object_address')
        OR p.proname ~ '^txid_current' OR p.proname ~ '^pg_current_xact_id' OR p.proname ~ '^pg_(describe|identify)_object'
        OR p.oid = 'pg_catalog.age(xid)'::regprocedure
        OR p.proname ~ '^pg_current_wal_' OR p.proname ~ '^pg_last_wal_' OR p.proname ~ '^lo_(creat|create|from_bytea|put|import)$')
   AND p.proname NOT IN ('pg_size_pretty', 'pg_size_bytes', 'pg_column_size', 'pg_visible_in_snapshot')
   AND has_function_privilege('public', p.oid, 'EXECUTE') \gexec
-- Locks are the daemon's and the ledger's: nobody else can hold them up.
SELECT format('GRANT EXECUTE ON FUNCTION %s TO %I', p.oid::regprocedure, r)
  FROM pg_proc p, unnest(ARRAY[:'owner', :'daemon']) AS r
 WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname ~ '^pg_(try_)?advisory_' \gexec
-- dsmb.unblind() knows a session by its process and its start; the server shows a start to whoever may see statistics.
SELECT format('GRANT EXECUTE ON FUNCTION pg_catalog.pg_stat_get_activity(integer) TO %I', :'owner') \gexec
SELECT format('GRANT pg_read_all_stats TO %I', :'owner') \gexec
-- ... and that its purpose was committed before by the transaction's id.
SELECT format('GRANT EXECUTE ON FUNCTION pg_catalog.%s() TO %I', f, :'owner')
  FROM unnest(ARRAY['pg_current_xact_id', 'pg_current_xact_id_if_assigned']) AS f \gexec
-- Columns that tell how many rows and pages a table has, and how far transaction ids have come, are for superusers; so are
-- the hidden columns (xmin) and the ids of what any role can write itself: its settings, its default privileges, its
-- members.  Ids come from a counter that each large value advances.
SELECT format('REVOKE SELECT ON pg_catalog.%I FROM PUBLIC', c)
  FROM unnest(ARRAY['pg_class', 'pg_database', 'pg_db_role_setting', 'pg_default_acl', 'pg_auth_members', 'pg_shdepend']) AS c \gexec
SELECT format('GRANT SELECT (%s) ON pg_catalog.%s TO PUBLIC', string_agg(quote_ident(attname), ', ' ORDER BY attnum), attrelid::regclass)
  FROM pg_attribute
 WHERE attrelid IN ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_database'::regclass, 'pg_catalog.pg_db_role_setting'::regclass,
                    'pg_catalog.pg_default_acl'::regclass, 'pg_catalog.pg_auth_members'::regclass)
   AND attnum > 0 AND NOT attisdropped
   AND attname NOT IN ('reltuples', 'relpages', 'relallvisible', 'relallfrozen', 'relfilenode', 'relfrozenxid', 'relminmxid',
                       'datfrozenxid', 'datminmxid')
   AND NOT (attrelid = 'pg_catalog.pg_default_acl'::regclass AND attname = 'oid')
 GROUP BY attrelid \gexec
