-- The ledger: who did, saw and decided what, in one SHA-256 chain.  `dsmbctl ledger verify` recomputes it in C.

CREATE TABLE dsmb.ledger (
    seq       bigint PRIMARY KEY,
    at        timestamptz NOT NULL,
    kind      text NOT NULL CHECK (kind ~ '^[A-Z_]+$'),
    who       name NOT NULL,
    payload   text NOT NULL,
    prev_hash bytea NOT NULL,
    hash      bytea NOT NULL
);

-- Each field is preceded by its length, so that no two entries have the same bytes (base/sha256.h: sha256_field).
CREATE FUNCTION dsmb.ledger_hash(seq bigint, at timestamptz, kind text, who name, payload text, prev_hash bytea)
RETURNS bytea LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT sha256(string_agg(int8send(octet_length(f)) || f, ''::bytea ORDER BY ord))
      FROM unnest(ARRAY[
               convert_to(seq::text, 'UTF8'),
               convert_to(to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'UTF8'),
               convert_to(kind, 'UTF8'),
               convert_to(who::text, 'UTF8'),
               convert_to(payload, 'UTF8'),
               prev_hash]) WITH ORDINALITY AS x(f, ord)
$$;

-- Whatever a role puts into an INSERT, number, time, author and hashes are set here, one entry at a time.
CREATE FUNCTION dsmb.ledger_chain() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    last_seq bigint;
    last_hash bytea;
BEGIN
    PERFORM pg_advisory_xact_lock(1685286242, 1);
    SELECT l.seq, l.hash INTO last_seq, last_hash FROM dsmb.ledger l ORDER BY l.seq DESC LIMIT 1;
    NEW.seq := coalesce(last_seq, 0) + 1;
    NEW.at := clock_timestamp();
    NEW.who := session_user;
    NEW.prev_hash := coalesce(last_hash, decode(repeat('00', 32), 'hex'));
    NEW.hash := dsmb.ledger_hash(NEW.seq, NEW.at, NEW.kind, NEW.who, NEW.payload, NEW.prev_hash);
    RETURN NEW;
END $$;
CREATE TRIGGER chain BEFORE INSERT ON dsmb.ledger FOR EACH ROW EXECUTE FUNCTION dsmb.ledger_chain();

-- A row's digest for the ledger; NULL columns left out, so that a column added later changes no digest of old rows.
CREATE FUNCTION dsmb.row_digest(r jsonb) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT encode(sha256(convert_to(jsonb_strip_nulls(r)::text, 'UTF8')), 'hex') $$;

-- Seals one row: "TABLE KEY DIGEST", then what an inspector should read.  Arguments: kind of the entry, key columns
-- (comma), columns to repeat (comma).
CREATE FUNCTION dsmb.seal_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' SET DateStyle = 'ISO' AS $$
DECLARE
    r jsonb := to_jsonb(NEW);
    key text;
    shown jsonb;
BEGIN
    SELECT string_agg(r ->> c, '/' ORDER BY o) INTO key FROM unnest(string_to_array(TG_ARGV[1], ',')) WITH ORDINALITY u(c, o);
    SELECT jsonb_object_agg(c, r -> c) INTO shown FROM unnest(string_to_array(TG_ARGV[2], ',')) u(c);
    INSERT INTO dsmb.ledger (kind, payload)
    VALUES (TG_ARGV[0], TG_TABLE_NAME || ' ' || key || ' ' || dsmb.row_digest(r) || E'\n' || shown);
    RETURN NULL;
END $$;
CREATE TRIGGER seal AFTER INSERT ON dsmb.migration FOR EACH ROW
    EXECUTE FUNCTION dsmb.seal_row('MIGRATION', 'version', 'file,sha256');
-- The migration before this one came before there was a ledger.
INSERT INTO dsmb.ledger (kind, payload)
SELECT 'MIGRATION', 'migration ' || m.version || ' ' || dsmb.row_digest(to_jsonb(m)) || E'\n'
                    || jsonb_build_object('file', m.file, 'sha256', m.sha256)
  FROM dsmb.migration m ORDER BY m.version;
CREATE TRIGGER seal AFTER INSERT ON dsmb.request FOR EACH ROW
    EXECUTE FUNCTION dsmb.seal_row('REQUEST', 'id', 'kind,by,reason');
CREATE TRIGGER seal AFTER INSERT ON dsmb.request_result FOR EACH ROW
    EXECUTE FUNCTION dsmb.seal_row('RESULT', 'request_id', 'done,message');
CREATE TRIGGER seal AFTER INSERT ON dsmb.plan FOR EACH ROW
    EXECUTE FUNCTION dsmb.seal_row('PLAN', 'id', 'request_id,sha256');
CREATE TRIGGER seal AFTER INSERT ON dsmb.plan_rules FOR EACH ROW
    EXECUTE FUNCTION dsmb.seal_row('RULES', 'plan_id,ord', 'name,sha256');
CREATE TRIGGER seal AFTER INSERT ON dsmb.board FOR EACH ROW
    EXECUTE FUNCTION dsmb.seal_row('BOARD', 'id', 'request_id,sha256');
CREATE TRIGGER seal AFTER INSERT ON dsmb.data_fault FOR EACH ROW
    EXECUTE FUNCTION dsmb.seal_row('FAULT', 'id', 'open,message');
-- A message by arm is a disclosure, recorded when it is decided.
CREATE TRIGGER seal AFTER INSERT ON dsmb.alert_message FOR EACH ROW
    EXECUTE FUNCTION dsmb.seal_row('DISCLOSURE', 'message_id', 'look,member,sha256');
-- An answer is one to a message, whatever it said: which alert it is about stands in the table alone.
CREATE TRIGGER seal AFTER INSERT ON dsmb.acknowledgement FOR EACH ROW
    EXECUTE FUNCTION dsmb.seal_row('ACKNOWLEDGED', 'id', 'member,decision');
-- The same holds of what is sent again.
CREATE TRIGGER seal AFTER INSERT ON dsmb.alert_resend FOR EACH ROW
    EXECUTE FUNCTION dsmb.seal_row('RESEND', 'id', 'request_id,member');
CREATE TRIGGER seal AFTER INSERT ON dsmb.review_decision FOR EACH ROW
    EXECUTE FUNCTION dsmb.seal_row('REVIEW', 'id', 'request_id,ae_id,name,verdict');
CREATE TRIGGER seal AFTER INSERT ON dsmb.slot FOR EACH ROW
    EXECUTE FUNCTION dsmb.seal_row('SLOT', 'n', 'slot');
CREATE TRIGGER seal AFTER INSERT ON dsmb.report FOR EACH ROW
    EXECUTE FUNCTION dsmb.seal_row('REPORT', 'look,audience,format', 'sha256');
CREATE TRIGGER seal AFTER INSERT ON dsmb.unblinding FOR EACH ROW
    EXECUTE FUNCTION dsmb.seal_row('UNBLIND', 'id', 'purpose,look');

CREATE FUNCTION dsmb.request_sign() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.who := session_user;
    NEW.at := clock_timestamp();
    -- Events are judged blind: by who may not read arms.
    IF NEW.kind = 'REVIEW_DECIDE' AND (NOT pg_has_role(session_user, '@review@'::regrole::oid, 'MEMBER')
                                       OR pg_has_role(session_user, '@closed@'::regrole::oid, 'MEMBER')
                                       OR pg_has_role(session_user, '@daemon@'::regrole::oid, 'MEMBER')) THEN
        RAISE EXCEPTION USING ERRCODE = 'DS050', MESSAGE = 'events are decided blind: by the role @review@, and by nobody who may read arms';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER sign BEFORE INSERT ON dsmb.request FOR EACH ROW EXECUTE FUNCTION dsmb.request_sign();

-- Who looks at arms says so first.  Returns the ledger's number for the document.
CREATE FUNCTION dsmb.disclose(kind text, purpose text, content_hash text, snapshot_hash text)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    n bigint;
BEGIN
    IF coalesce(btrim(disclose.kind), '') = '' OR coalesce(btrim(purpose), '') = '' THEN
        RAISE EXCEPTION USING ERRCODE = 'DS030', MESSAGE = 'a disclosure needs its kind and its purpose';
    END IF;
    IF content_hash !~ '^[0-9a-f]{64}$' OR snapshot_hash !~ '^[0-9a-f]{64}$' OR content_hash IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'DS031', MESSAGE = 'a disclosure needs SHA-256 values of 64 hexadecimal digits';
    END IF;
    INSERT INTO dsmb.ledger (kind, payload)
    VALUES ('DISCLOSURE', jsonb_build_object('kind', disclose.kind, 'purpose', purpose, 'content', content_hash,
                                             'snapshot', snapshot_hash)::text)
    RETURNING seq INTO n;
    RETURN n;
END $$;

-- The beat leaves no history: the one row that is overwritten.
CREATE FUNCTION dsmb.beat(now timestamptz, state text, patience interval) RETURNS void LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ UPDATE dsmb.heart h SET at = now, state = beat.state, seen = clock_timestamp(), patience = beat.patience $$;

-- A dsmbd that was overtaken writes nothing, whatever it still believes.
CREATE FUNCTION dsmb.look_fence() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.epoch IS DISTINCT FROM (SELECT max(epoch) FROM dsmb.epoch) THEN
        RAISE EXCEPTION USING ERRCODE = 'DS002', MESSAGE = 'another dsmbd has taken the lead: this one may not write';
    END IF;
    IF NEW.look IS DISTINCT FROM (SELECT coalesce(max(look), 0) + 1 FROM dsmb.look) THEN
        RAISE EXCEPTION USING ERRCODE = 'DS003', MESSAGE = 'looks are numbered without gaps';
    END IF;
    NEW.at := clock_timestamp();
    RETURN NEW;
END $$;
CREATE TRIGGER fence BEFORE INSERT ON dsmb.look FOR EACH ROW EXECUTE FUNCTION dsmb.look_fence();

-- --- kept ----------------------------------------------------------------------------------------------------------

CREATE FUNCTION dsmb.kept() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'DS001', MESSAGE = 'history is kept: ' || TG_OP || ' on ' || TG_TABLE_NAME || ' is refused';
END $$;
DO $$
DECLARE
    t name;
BEGIN
    FOR t IN SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = 'dsmb' AND tablename <> 'heart' LOOP
        EXECUTE format('CREATE TRIGGER kept BEFORE UPDATE OR DELETE OR TRUNCATE ON dsmb.%I FOR EACH STATEMENT '
                       'EXECUTE FUNCTION dsmb.kept()', t);
    END LOOP;
END $$;
