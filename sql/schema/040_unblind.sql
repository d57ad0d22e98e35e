-- Who reads arms in SQL says so first, in a transaction that is over before the first number is seen.
--
-- The views by arm (042_views.sql) stand on functions that read a table whole, after the check.  A check in a view's WHERE
-- would not do: the planner shows its estimates of the tables to whoever asks with EXPLAIN, and what a condition of the
-- reader sees before the check is the planner's choice.  Of a function nothing is known before it runs.

CREATE FUNCTION dsmb.session_start() RETURNS timestamptz LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    t timestamptz;
BEGIN
    SELECT a.backend_start INTO t FROM pg_stat_get_activity(pg_backend_pid()) a;
    IF t IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'DS042',
            MESSAGE = 'the owner''s role may not see when a session began: run sql/setup/roles.sql again, as superuser';
    END IF;
    RETURN t;
END $$;

-- Recorded in the ledger.  Holds for this session, from its next transaction on.
CREATE FUNCTION dsmb.unblind(purpose text) RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    n bigint;
BEGIN
    IF coalesce(btrim(purpose), '') = '' THEN
        RAISE EXCEPTION USING ERRCODE = 'DS030', MESSAGE = 'a disclosure needs its purpose: SELECT dsmb.unblind(''why'')';
    END IF;
    INSERT INTO dsmb.unblinding (at, who, purpose, look, pid, backend_start, xid)
    VALUES (clock_timestamp(), session_user, btrim(unblind.purpose), (SELECT max(l.look) FROM dsmb.look l), pg_backend_pid(),
            dsmb.session_start(), pg_current_xact_id())
    RETURNING id INTO n;
    RETURN 'unblinding ' || n || ' is in the ledger: once committed, this session may read the views by arm';
END $$;

CREATE FUNCTION dsmb.must_be_unblinded() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM dsmb.unblinding u
                    WHERE u.pid = pg_backend_pid() AND u.backend_start = dsmb.session_start()
                      AND u.who = session_user AND u.xid IS DISTINCT FROM pg_current_xact_id_if_assigned()) THEN
        RAISE EXCEPTION USING ERRCODE = 'DS040',
            MESSAGE = 'this view shows arms, and this session has not said why it reads them',
            HINT = 'First, as a transaction of its own: SELECT dsmb.unblind(''why''); -- then query again in this session.';
    END IF;
END $$;

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['snapshot_row', 'tally', 'verdict', 'known', 'alert', 'alert_message', 'data_query', 'report',
                             'acknowledgement', 'alert_resend'] LOOP
        EXECUTE format('CREATE FUNCTION dsmb.closed_%1$s() RETURNS SETOF dsmb.%1$I LANGUAGE plpgsql STABLE SECURITY DEFINER '
                       'SET search_path = pg_catalog, pg_temp AS '
                       '''BEGIN PERFORM dsmb.must_be_unblinded(); RETURN QUERY SELECT * FROM dsmb.%1$I; END''', t);
    END LOOP;
END $$;

-- What became of each message, without its bytes.
CREATE FUNCTION dsmb.closed_message() RETURNS TABLE (message_id uuid, queued_at timestamptz, state text, attempts int,
    last_attempt timestamptz, last_verdict text, reply_code int, reply text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM dsmb.must_be_unblinded();
    RETURN QUERY SELECT m.id, m.queued_at, m.state, m.attempts, o.at, o.verdict, o.reply_code, o.reply
                   FROM dsmb_out.message m
                   LEFT JOIN LATERAL (SELECT * FROM dsmb_out.outcome x WHERE x.message = m.id ORDER BY x.n DESC LIMIT 1) o ON true;
END $$;

-- For blinded roles: neither looks at what a condition of the reader could see.
CREATE FUNCTION dsmb.open_report() RETURNS TABLE (cut date, read_at timestamptz, data_cutoff timestamptz, format text, body text,
    sha256 text, at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT l.cut, l.read_at, l.data_cutoff, r.format, r.body, r.sha256, l.at
                   FROM dsmb.report r JOIN dsmb.look l ON l.look = r.look WHERE r.audience = 'open';
END $$;

CREATE FUNCTION dsmb.open_query() RETURNS TABLE (code text, n bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT q.code, count(*)
                   FROM (SELECT k.look, k.queries_look FROM dsmb.look k ORDER BY k.look DESC LIMIT 1) l
                   JOIN dsmb.data_query q ON q.look = l.queries_look GROUP BY q.code;
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA dsmb FROM PUBLIC;
DO $$
DECLARE
    f regprocedure;
BEGIN
    FOR f IN SELECT p.oid FROM pg_proc p WHERE p.pronamespace = 'dsmb'::regnamespace AND p.proname ~ '^closed_' LOOP
        EXECUTE 'GRANT EXECUTE ON FUNCTION ' || f || ' TO @closed@';
    END LOOP;
END $$;
GRANT EXECUTE ON FUNCTION dsmb.unblind(text) TO @closed@;
GRANT EXECUTE ON FUNCTION dsmb.open_report(), dsmb.open_query() TO @open@, @closed@, @audit@;
