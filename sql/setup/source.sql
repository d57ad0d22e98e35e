-- A role that may read the contract's views, and nothing else, in the trial database.  As superuser or owner of the views:
--
--     psql -d TRIALDB -v role=dsmb_reader -v schema=dsmb_source -v ON_ERROR_STOP=1 -f sql/setup/source.sql
--
-- Who sees arms is a decision of its own, so the last grant is left to whoever may take it:
--     psql ... -v arms=yes -f sql/setup/source.sql
--
-- The views run with their owner's rights: the role needs no right on the tables under them.

\set ON_ERROR_STOP on
\if :{?role}
\else
    \set role dsmb_reader
\endif
\if :{?schema}
\else
    \set schema dsmb_source
\endif
\if :{?arms}
\else
    \set arms no
\endif

SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', :'role')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), :'role') \gexec

GRANT USAGE ON SCHEMA :"schema" TO :"role";
-- Functions inside a view are called with the caller's rights.
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA :"schema" TO :"role";
SELECT format('GRANT SELECT ON %I.%I TO %I', :'schema', c.relname, :'role')
  FROM pg_class c
 WHERE c.relnamespace = :'schema'::regnamespace AND c.relkind IN ('v', 'm', 'r', 'f', 'p')
   AND c.relname IN ('subject', 'ae', 'meta', 'adjudication') \gexec
\if :arms
    SELECT format('GRANT SELECT ON %I.arm TO %I', :'schema', :'role') \gexec
\endif

-- Verbatims and arms stay out of the trial server's log as well.
SELECT format('ALTER ROLE %I SET %s', :'role', s)
  FROM unnest(ARRAY['default_transaction_read_only = on', 'search_path = pg_catalog, pg_temp']) AS s \gexec
-- Mappings over tables of cells (sql/source/libreclinica.sql, redcap.sql) put together a hundred thousand events in one pass:
-- in memory, and without compiling hundreds of small expressions first, which takes longer than the pass.
SELECT format('ALTER ROLE %I SET %s', :'role', s)
  FROM (VALUES ('work_mem', 'work_mem = ''64MB'''), ('jit', 'jit = off')) AS v(name, s)
 WHERE name IN (SELECT name FROM pg_settings) \gexec
SELECT rolsuper AS is_superuser FROM pg_roles WHERE rolname = current_user \gset
\if :is_superuser
    SELECT format('ALTER ROLE %I SET %s', :'role', s)
      FROM unnest(ARRAY['log_error_verbosity = terse', 'log_min_error_statement = panic', 'log_parameter_max_length = 0',
                        'log_parameter_max_length_on_error = 0', 'log_statement = none',
                        'log_min_duration_statement = -1']) AS s \gexec
\endif
