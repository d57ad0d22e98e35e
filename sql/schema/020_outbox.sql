-- The outbox: all that the mailer can reach, and it reaches it through five functions only.
--
-- A message is bytes, an address and a random id.  Nothing here names a look, an alert, a kind or an occasion, and the
-- mailer's role may not read a table.  message is changed by the functions alone (state, lease, phase, attempts: its
-- id, address and bytes never); outcome, ack, office and recovery are only added to.
--
-- States: queued - leased - sent | retry | failed | uncertain.  A lease that ends without phase "body" is simply
-- claimable again.  One that ends with phase "body" and no outcome is UNCERTAIN: that is recorded, then the same bytes
-- are sent again under the same Message-ID.  failed and sent are final.

CREATE SCHEMA dsmb_out AUTHORIZATION @owner@;
REVOKE ALL ON SCHEMA dsmb_out FROM PUBLIC;
GRANT USAGE ON SCHEMA dsmb_out TO @daemon@, @mailer@, @closed@, @audit@;

CREATE TABLE dsmb_out.message (
    id          uuid PRIMARY KEY,                       -- random, made by dsmbd, part of the Message-ID
    number      bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    address     text NOT NULL CHECK (address ~ '^[!-;=?-~]+@[!-;=?-~]+$' AND length(address) <= 254),
    not_before  timestamptz NOT NULL DEFAULT clock_timestamp(),
    body        bytea NOT NULL CHECK (length(body) > 0),
    queued_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    state       text NOT NULL DEFAULT 'queued'
                CHECK (state IN ('queued', 'leased', 'sent', 'retry', 'failed', 'uncertain')),
    phase       text NOT NULL DEFAULT 'none' CHECK (phase IN ('none', 'body')),
    lease_until timestamptz,
    epoch       bigint,                                 -- of the mailer that holds, or last held, the lease
    attempts    integer NOT NULL DEFAULT 0,
    CHECK ((state = 'leased') = (lease_until IS NOT NULL))
);
ALTER TABLE dsmb_out.message OWNER TO @owner@;
-- Sealed bytes do not compress; do not try.
ALTER TABLE dsmb_out.message ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX message_open ON dsmb_out.message (not_before, number) WHERE state NOT IN ('sent', 'failed');

CREATE TABLE dsmb_out.outcome (
    n          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message    uuid NOT NULL REFERENCES dsmb_out.message (id),
    attempt    integer NOT NULL,
    epoch      bigint NOT NULL,
    verdict    text NOT NULL CHECK (verdict IN ('sent', 'retry', 'failed', 'uncertain', 'bounced')),
    phase      text NOT NULL CHECK (phase IN ('none', 'body')),
    late       boolean NOT NULL,                        -- the lease had gone to another by then
    reply_code integer CHECK (reply_code BETWEEN 100 AND 599),
    reply      text CHECK (length(reply) <= 200),
    at         timestamptz NOT NULL DEFAULT clock_timestamp()
);
ALTER TABLE dsmb_out.outcome OWNER TO @owner@;
CREATE INDEX outcome_message ON dsmb_out.outcome (message);

-- Tokens that came back by mail, valid or not: dsmbd resolves them.
CREATE TABLE dsmb_out.ack (
    n     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token text NOT NULL UNIQUE CHECK (token ~ '^[0-9a-f]{32}$'),
    at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
ALTER TABLE dsmb_out.ack OWNER TO @owner@;

-- One row each time a mailer takes office; the largest epoch is the one that counts.
CREATE TABLE dsmb_out.office (
    epoch bigint PRIMARY KEY,
    at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
ALTER TABLE dsmb_out.office OWNER TO @owner@;

-- A person's word that a store which stands behind the mailer's anchor may send again.
CREATE TABLE dsmb_out.recovery (
    n      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    epoch  bigint NOT NULL,                             -- the newest at that time
    who    text NOT NULL CHECK (who <> ''),
    reason text NOT NULL CHECK (reason <> ''),
    role   text NOT NULL DEFAULT session_user,
    at     timestamptz NOT NULL DEFAULT clock_timestamp()
);
ALTER TABLE dsmb_out.recovery OWNER TO @owner@;
CREATE TRIGGER seal AFTER INSERT ON dsmb_out.recovery FOR EACH ROW
    EXECUTE FUNCTION dsmb.seal_row('RECOVERY', 'n', 'epoch,who,reason');

CREATE FUNCTION dsmb_out.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% is only ever added to', TG_TABLE_NAME USING ERRCODE = 'DS020';
END $$;
ALTER FUNCTION dsmb_out.refuse_change() OWNER TO @owner@;

CREATE TRIGGER added_to_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dsmb_out.outcome
    FOR EACH STATEMENT EXECUTE FUNCTION dsmb_out.refuse_change();
CREATE TRIGGER added_to_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dsmb_out.ack
    FOR EACH STATEMENT EXECUTE FUNCTION dsmb_out.refuse_change();
CREATE TRIGGER added_to_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dsmb_out.office
    FOR EACH STATEMENT EXECUTE FUNCTION dsmb_out.refuse_change();
CREATE TRIGGER added_to_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dsmb_out.recovery
    FOR EACH STATEMENT EXECUTE FUNCTION dsmb_out.refuse_change();
CREATE TRIGGER never_removed BEFORE DELETE OR TRUNCATE ON dsmb_out.message
    FOR EACH STATEMENT EXECUTE FUNCTION dsmb_out.refuse_change();
CREATE TRIGGER bytes_never_change BEFORE UPDATE OF id, number, address, body, queued_at ON dsmb_out.message
    FOR EACH STATEMENT EXECUTE FUNCTION dsmb_out.refuse_change();

-- Wakes the mailer; no payload.
CREATE FUNCTION dsmb_out.wake() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_notify('dsmb_out', '');
    RETURN NULL;
END $$;
ALTER FUNCTION dsmb_out.wake() OWNER TO @owner@;
CREATE TRIGGER wake AFTER INSERT ON dsmb_out.message FOR EACH STATEMENT EXECUTE FUNCTION dsmb_out.wake();
CREATE TRIGGER wake AFTER INSERT ON dsmb_out.recovery FOR EACH STATEMENT EXECUTE FUNCTION dsmb_out.wake();

-- When a message may be claimed.  After a clock that stepped back nothing waits for the times it had shown: a new message
-- that was queued "later than now" is due, and a pause between attempts is never longer than a day.
CREATE FUNCTION dsmb_out.due_at(m dsmb_out.message, now timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN m.state = 'leased' THEN m.lease_until
                WHEN m.state = 'queued' AND m.queued_at > now AND m.not_before < m.queued_at + interval '1 s' THEN now
                WHEN m.state <> 'queued' AND m.not_before > now + interval '1 day' THEN now
                ELSE m.not_before END
$$;
ALTER FUNCTION dsmb_out.due_at(dsmb_out.message, timestamptz) OWNER TO @owner@;

-- Two uses.
-- p_epoch NULL: take office.  One session at a time may (advisory lock, kept until the session ends); `granted` tells.
--   The new epoch fences off whoever held it before.  p_anchor_* are what the mailer remembers outside the database:
--   `anchor_known` is true when this store holds that very message and has an older epoch than the new one only.
--   p_anchor_epoch also names the epoch this mailer's own predecessor had, which is dead: its leases end now.
-- Either tells `silent`: dsmbd has given no sign for two slots.  Nothing finer: how long ago its last beat was would tell
-- how long its last look took.
-- p_epoch given: claim the next message that is due, for p_lease.  id NULL: nothing is due for as long as `wait` says
--   (NULL: nothing is waiting at all).  p_lease NULL: only look, which is what a mailer that holds all mail does.
CREATE FUNCTION dsmb_out.claim(p_epoch bigint, p_lease interval, p_anchor_number bigint, p_anchor_id uuid,
                               p_anchor_epoch bigint)
RETURNS TABLE (granted boolean, epoch bigint, anchor_known boolean, recovery_epoch bigint, last_number bigint,
               last_id uuid, id uuid, address text, attempt integer, resend boolean, wait interval, silent boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_now    timestamptz := clock_timestamp();
    v_newest bigint;
    v_row    dsmb_out.message%ROWTYPE;
BEGIN
    SELECT coalesce(max(o.epoch), 0) INTO v_newest FROM dsmb_out.office o;
    granted := true;
    SELECT coalesce(max(r.epoch), 0) INTO recovery_epoch FROM dsmb_out.recovery r;
    SELECT m.number, m.id INTO last_number, last_id FROM dsmb_out.message m ORDER BY m.number DESC LIMIT 1;
    last_number := coalesce(last_number, 0);
    SELECT coalesce(v_now - greatest(h.seen, pg_postmaster_start_time()) > h.patience, false) INTO silent FROM dsmb.heart h;

    IF p_epoch IS NULL THEN
        granted := pg_try_advisory_lock(1685286242, 20);
        IF granted THEN
            epoch := v_newest + 1;
            INSERT INTO dsmb_out.office (epoch) VALUES (epoch);
            anchor_known := v_newest >= coalesce(p_anchor_epoch, 0)
                AND (coalesce(p_anchor_number, 0) = 0
                     OR EXISTS (SELECT FROM dsmb_out.message m WHERE m.number = p_anchor_number AND m.id = p_anchor_id));
            UPDATE dsmb_out.message m SET lease_until = v_now
             WHERE m.state = 'leased' AND m.epoch = p_anchor_epoch AND m.lease_until > v_now AND anchor_known;
        END IF;
        RETURN NEXT;
        RETURN;
    END IF;

    IF p_epoch <> v_newest THEN
        RAISE EXCEPTION 'another mailer has taken over' USING ERRCODE = 'DS010';
    END IF;
    epoch := p_epoch;
    IF p_lease IS NULL THEN
        RETURN NEXT;
        RETURN;
    END IF;
    SELECT m.* INTO v_row FROM dsmb_out.message m
     WHERE m.state NOT IN ('sent', 'failed') AND dsmb_out.due_at(m, v_now) <= v_now
     ORDER BY m.not_before, m.number LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF FOUND THEN
        IF v_row.state = 'leased' AND v_row.phase = 'body' THEN
            INSERT INTO dsmb_out.outcome (message, attempt, epoch, verdict, phase, late)
            VALUES (v_row.id, v_row.attempts, v_row.epoch, 'uncertain', 'body', false);
        END IF;
        id := v_row.id;
        address := v_row.address;
        attempt := v_row.attempts + 1;
        UPDATE dsmb_out.message m
           SET state = 'leased', phase = 'none', lease_until = v_now + p_lease, epoch = p_epoch, attempts = attempt
         WHERE m.id = v_row.id;
        resend := EXISTS (SELECT FROM dsmb_out.outcome o WHERE o.message = v_row.id AND o.verdict = 'uncertain');
    END IF;
    SELECT min(dsmb_out.due_at(m, v_now)) - v_now INTO wait
      FROM dsmb_out.message m WHERE m.state NOT IN ('sent', 'failed');
    RETURN NEXT;
END $$;
ALTER FUNCTION dsmb_out.claim(bigint, interval, bigint, uuid, bigint) OWNER TO @owner@;

-- The bytes of a message whose lease the caller holds.
CREATE FUNCTION dsmb_out.body(p_epoch bigint, p_id uuid) RETURNS bytea
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_body bytea;
BEGIN
    SELECT m.body INTO v_body FROM dsmb_out.message m
     WHERE m.id = p_id AND m.epoch = p_epoch AND m.state = 'leased';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the lease of this message is not held' USING ERRCODE = 'DS011';
    END IF;
    RETURN v_body;
END $$;
ALTER FUNCTION dsmb_out.body(bigint, uuid) OWNER TO @owner@;

-- From here on the relay may have the whole message.  The lease starts anew.
CREATE FUNCTION dsmb_out.phase(p_epoch bigint, p_id uuid, p_phase text, p_lease interval) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE dsmb_out.message m SET phase = p_phase, lease_until = clock_timestamp() + p_lease
     WHERE m.id = p_id AND m.epoch = p_epoch AND m.state = 'leased' AND m.lease_until > clock_timestamp();
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the lease of this message is not held' USING ERRCODE = 'DS011';
    END IF;
END $$;
ALTER FUNCTION dsmb_out.phase(bigint, uuid, text, interval) OWNER TO @owner@;

-- Said by whoever held the lease last, also when it has run out meanwhile: a delivery is a fact.  Where another holds
-- the lease by now it is recorded as late, and "sent" or "failed" still ends the message.  Saying it twice is harmless.
-- "bounced": what the relay had taken came back.  The mailer in office says it, once; the message has failed.
CREATE FUNCTION dsmb_out.outcome(p_epoch bigint, p_id uuid, p_attempt integer, p_verdict text, p_code integer,
                                 p_reply text, p_again_in interval) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_row  dsmb_out.message%ROWTYPE;
    v_mine boolean;
BEGIN
    SELECT m.* INTO v_row FROM dsmb_out.message m WHERE m.id = p_id FOR UPDATE;
    IF NOT FOUND OR p_attempt < 1 OR p_attempt > v_row.attempts OR (p_epoch > v_row.epoch AND p_verdict <> 'bounced') THEN
        RAISE EXCEPTION 'the lease of this message was never held' USING ERRCODE = 'DS011';
    END IF;
    IF p_verdict = 'bounced' THEN
        IF p_epoch IS DISTINCT FROM (SELECT max(f.epoch) FROM dsmb_out.office f) THEN
            RAISE EXCEPTION 'another mailer has taken over' USING ERRCODE = 'DS010';
        END IF;
        IF v_row.state = 'sent' THEN
            INSERT INTO dsmb_out.outcome (message, attempt, epoch, verdict, phase, late)
            VALUES (p_id, v_row.attempts, p_epoch, 'bounced', 'body', false);
            UPDATE dsmb_out.message m SET state = 'failed' WHERE m.id = p_id;
        END IF;
        RETURN;
    END IF;
    v_mine := v_row.state = 'leased' AND v_row.epoch = p_epoch AND v_row.attempts = p_attempt;
    IF NOT v_mine AND EXISTS (SELECT FROM dsmb_out.outcome o
                               WHERE o.message = p_id AND o.attempt = p_attempt AND o.verdict = p_verdict) THEN
        RETURN;
    END IF;
    INSERT INTO dsmb_out.outcome (message, attempt, epoch, verdict, phase, late, reply_code, reply)
    VALUES (p_id, p_attempt, p_epoch, p_verdict, CASE WHEN v_mine THEN v_row.phase ELSE 'body' END, NOT v_mine,
            p_code, left(p_reply, 200));
    IF v_mine OR (p_verdict IN ('sent', 'failed') AND v_row.state NOT IN ('sent', 'failed')) THEN
        UPDATE dsmb_out.message m
           SET state = p_verdict, phase = 'none', lease_until = NULL,
               not_before = CASE WHEN p_verdict IN ('retry', 'uncertain') THEN clock_timestamp() + p_again_in
                                 ELSE m.not_before END
         WHERE m.id = p_id;
    END IF;
END $$;
ALTER FUNCTION dsmb_out.outcome(bigint, uuid, integer, text, integer, text, interval) OWNER TO @owner@;

-- A token that came back.  Answers nothing: whether it was ever issued is dsmbd's to know.
CREATE FUNCTION dsmb_out.ack(p_token text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO dsmb_out.ack (token) VALUES (p_token) ON CONFLICT (token) DO NOTHING;
END $$;
ALTER FUNCTION dsmb_out.ack(text) OWNER TO @owner@;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA dsmb_out FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA dsmb_out FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dsmb_out.claim(bigint, interval, bigint, uuid, bigint), dsmb_out.body(bigint, uuid),
    dsmb_out.phase(bigint, uuid, text, interval),
    dsmb_out.outcome(bigint, uuid, integer, text, integer, text, interval), dsmb_out.ack(text) TO @mailer@;

GRANT SELECT ON dsmb_out.message, dsmb_out.outcome, dsmb_out.ack, dsmb_out.office, dsmb_out.recovery TO @daemon@;
GRANT INSERT (id, address, not_before, body) ON dsmb_out.message TO @daemon@;
GRANT INSERT (epoch, who, reason) ON dsmb_out.recovery TO @daemon@, @closed@;
GRANT SELECT (id, number, address, not_before, queued_at, state, attempts) ON dsmb_out.message TO @audit@;
GRANT SELECT ON dsmb_out.outcome TO @audit@;
GRANT SELECT ON dsmb_out.office, dsmb_out.recovery TO @closed@, @audit@;
