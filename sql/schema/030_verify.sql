-- What `dsmbctl ledger verify` compares: digests and differences, for roles that may not read what they are made of.

-- Digests of all that one look wrote, table by table: what its entry in the ledger holds.  Salted, so that nobody who may
-- read the ledger can guess small numbers from them.  NULL columns are left out, so that a column added later changes no
-- digest of old rows.
CREATE FUNCTION dsmb.look_digest(look bigint) RETURNS TABLE (part text, n bigint, digest text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' SET DateStyle = 'ISO'
SET extra_float_digits = 1 AS $$
WITH line(part, s) AS (
    SELECT 'look', jsonb_strip_nulls(to_jsonb(x))::text FROM dsmb.look x WHERE x.look = look_digest.look
    UNION ALL
    SELECT 'snapshot_row', ROW(x.view, x.key, encode(x.hash, 'hex'), x.content, x.deleted)::text
      FROM dsmb.snapshot_row x WHERE x.look = look_digest.look
    UNION ALL
    SELECT 'tally', ROW(x.look, x.ord, x.category, x.subtype, x.population, x.time_window, x.arm_basis, x.arm, x.arm_code,
                        x.n, x.subjects, x.episodes, x.rows, x.unverified, x.suspected, x.review, x.risk_days,
                        x.observed_days)::text
      FROM dsmb.tally x WHERE x.look = look_digest.look
    UNION ALL
    SELECT 'verdict', jsonb_strip_nulls(to_jsonb(x))::text FROM dsmb.verdict x WHERE x.look = look_digest.look
    UNION ALL
    SELECT 'known', jsonb_strip_nulls(to_jsonb(x))::text FROM dsmb.known x WHERE x.look = look_digest.look
    UNION ALL
    SELECT 'alert', jsonb_strip_nulls(to_jsonb(x))::text FROM dsmb.alert x WHERE x.look = look_digest.look
    UNION ALL
    SELECT 'alert_message', jsonb_strip_nulls(to_jsonb(x))::text FROM dsmb.alert_message x WHERE x.look = look_digest.look
    UNION ALL
    SELECT 'letter', ROW(x.n, x.message_id, x.kind, x.alerts, x.about, x.member, x.address, x.sha256)::text
                     || encode(sha256(x.body), 'hex')
      FROM dsmb.letter x WHERE x.look = look_digest.look
    UNION ALL
    SELECT 'data_query', ROW(x.look, x.ord, x.code, x.view, x.key, x.column_name, x.value)::text
      FROM dsmb.data_query x WHERE x.look = look_digest.look
    UNION ALL
    SELECT 'review_item', jsonb_strip_nulls(to_jsonb(x))::text FROM dsmb.review_item x WHERE x.look = look_digest.look
), d(part, h) AS (
    SELECT part, sha256(convert_to(s, 'UTF8')) FROM line)
SELECT p.part, count(d.h) AS n,
       encode(sha256(coalesce((SELECT l.salt FROM dsmb.look l WHERE l.look = look_digest.look), ''::bytea)
                     || coalesce(string_agg(d.h, ''::bytea ORDER BY d.h), ''::bytea)), 'hex') AS digest
  FROM unnest(ARRAY['look', 'snapshot_row', 'tally', 'verdict', 'known', 'alert', 'alert_message', 'letter',
                    'data_query', 'review_item']) WITH ORDINALITY AS p(part, ord)
  LEFT JOIN d USING (part) GROUP BY p.part, p.ord ORDER BY p.ord
$$;

-- Rows that do not stand in the ledger as they are, and entries whose row is not there as it was.
CREATE FUNCTION dsmb.rows_changed() RETURNS TABLE (what text, missing text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' SET DateStyle = 'ISO'
SET extra_float_digits = 1 AS $$
WITH kept(name, key, r) AS (
    SELECT 'migration', x.version::text, to_jsonb(x) FROM dsmb.migration x
    UNION ALL
    SELECT 'request', x.id::text, to_jsonb(x) FROM dsmb.request x
    UNION ALL
    SELECT 'request_result', x.request_id::text, to_jsonb(x) FROM dsmb.request_result x
    UNION ALL
    SELECT 'plan', x.id::text, to_jsonb(x) FROM dsmb.plan x
    UNION ALL
    SELECT 'plan_rules', x.plan_id || '/' || x.ord, to_jsonb(x) FROM dsmb.plan_rules x
    UNION ALL
    SELECT 'board', x.id::text, to_jsonb(x) FROM dsmb.board x
    UNION ALL
    SELECT 'data_fault', x.id::text, to_jsonb(x) FROM dsmb.data_fault x
    UNION ALL
    SELECT 'alert_message', x.message_id::text, to_jsonb(x) FROM dsmb.alert_message x
    UNION ALL
    SELECT 'acknowledgement', x.id::text, to_jsonb(x) FROM dsmb.acknowledgement x
    UNION ALL
    SELECT 'alert_resend', x.id::text, to_jsonb(x) FROM dsmb.alert_resend x
    UNION ALL
    SELECT 'review_decision', x.id::text, to_jsonb(x) FROM dsmb.review_decision x
    UNION ALL
    SELECT 'slot', x.n::text, to_jsonb(x) FROM dsmb.slot x
    UNION ALL
    SELECT 'report', x.look || '/' || x.audience || '/' || x.format, to_jsonb(x) FROM dsmb.report x
    UNION ALL
    SELECT 'unblinding', x.id::text, to_jsonb(x) FROM dsmb.unblinding x
    UNION ALL
    SELECT 'recovery', x.n::text, to_jsonb(x) FROM dsmb_out.recovery x
), have(line) AS (
    SELECT name || ' ' || key || ' ' || dsmb.row_digest(r) FROM kept
), told(line) AS (
    SELECT split_part(payload, E'\n', 1) FROM dsmb.ledger
     WHERE payload ~ '^(migration|request|request_result|plan|plan_rules|board|data_fault|alert_message|acknowledgement|alert_resend|review_decision|slot|report|unblinding|recovery) [^ ]+ [0-9a-f]{64}\n')
SELECT split_part(coalesce(have.line, told.line), ' ', 1) || ' ' || split_part(coalesce(have.line, told.line), ' ', 2) AS what,
       CASE WHEN told.line IS NULL THEN 'ledger' ELSE 'row' END AS missing
  FROM have FULL JOIN told USING (line)
 WHERE have.line IS NULL OR told.line IS NULL ORDER BY 1, 2
$$;

-- Does the outbox hold what was decided?
CREATE FUNCTION dsmb.messages_changed() RETURNS TABLE (message_id uuid, what text) LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(a.message_id, m.id),
           CASE WHEN m.id IS NULL THEN 'is not in the outbox'
                WHEN a.message_id IS NULL THEN 'was slipped into the outbox: no look decided it'
                WHEN a.address <> m.address THEN 'goes to another address than was decided'
                ELSE 'does not hold the bytes that were decided' END
      FROM dsmb.alert_message a FULL JOIN dsmb_out.message m ON m.id = a.message_id
     WHERE m.id IS NULL OR a.message_id IS NULL OR a.address <> m.address OR a.sha256 <> encode(sha256(m.body), 'hex')
     ORDER BY 1
$$;

DO $$
DECLARE
    f text;
BEGIN
    FOREACH f IN ARRAY ARRAY['look_digest(bigint)', 'rows_changed()', 'messages_changed()'] LOOP
        EXECUTE 'REVOKE ALL ON FUNCTION dsmb.' || f || ' FROM PUBLIC';
        EXECUTE 'GRANT EXECUTE ON FUNCTION dsmb.' || f || ' TO @daemon@, @closed@, @audit@';
    END LOOP;
END $$;
