-- Events that wait for a person's decision, for those who decide: role @review@.  They are blinded, so nothing here is by arm,
-- and nothing tells of a look that the board ordered: the list is that of the newest look on the plan's calendar, and looks
-- are named by their cut.

CREATE FUNCTION dsmb.review_list() RETURNS TABLE (ae_id text, subject_id text, category text, counted boolean, why text, rule text,
    term text, coded_pt text, since date, event_row text, waits boolean, verdict text, decided_by text, decided_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $$
WITH l AS MATERIALIZED (
    SELECT k.look, k.at, k.queries_look, (SELECT min(m.look) FROM dsmb.look m WHERE m.plan_id = k.plan_id) AS plan_look
      FROM dsmb.look k WHERE k.kind <> 'ADHOC' ORDER BY k.look DESC LIMIT 1
), calendar AS MATERIALIZED ( -- what a look saw is listed since the cut of the first look on the calendar from then on
    SELECT k.look, min(k.cut) FILTER (WHERE k.kind <> 'ADHOC') OVER (ORDER BY k.look ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS cut
      FROM dsmb.look k
), decision AS MATERIALIZED (
    SELECT d.*, r.by
      FROM (SELECT DISTINCT ON (x.ae_id, x.name) x.* FROM dsmb.review_decision x ORDER BY x.ae_id, x.name, x.id DESC) d
      JOIN dsmb.request r ON r.id = d.request_id WHERE d.verdict <> 'TAKEN_BACK'
), judged AS MATERIALIZED ( -- the source's adjudications and the reviews, as that look knew them
    SELECT DISTINCT ON (c.view, c.key) c.view, split_part(c.key, E'\x1f', 1) AS ae_id, split_part(c.key, E'\x1f', 2) AS name, c.look,
           c.content
      FROM l JOIN dsmb.snapshot_row c ON c.look <= l.look WHERE c.view IN ('adjudication', 'review')
     ORDER BY c.view, c.key, c.look DESC
), said AS MATERIALIZED ( -- by the source, for good
    SELECT j.ae_id, lower(j.name) AS name, max(upper(btrim(j.content[3]))) AS verdict FROM judged j
     WHERE j.view = 'adjudication' AND upper(btrim(j.content[3])) IN ('CONFIRMED', 'REFUTED') GROUP BY j.ae_id, lower(j.name)
), event AS MATERIALIZED (
    SELECT i.ae_id, e.look, e.hash, e.content, greatest(e.look, j.look) AS touched
      FROM (SELECT x.ae_id COLLATE "C" AS ae_id FROM dsmb.review_item x UNION SELECT d.ae_id FROM decision d) i CROSS JOIN l
      LEFT JOIN (SELECT x.ae_id, max(x.look) AS look FROM judged x GROUP BY x.ae_id) j ON j.ae_id = i.ae_id
      JOIN LATERAL (SELECT c.* FROM dsmb.snapshot_row c WHERE c.view = 'ae' AND c.key = i.ae_id AND c.look <= l.look
                     ORDER BY c.look DESC LIMIT 1) e ON e.content[21] IS DISTINCT FROM 't' -- neither gone nor struck out
), item AS MATERIALIZED ( -- holds until its event's row or what was judged of it changes, or the rules do: then it is looked at again
    SELECT i.* FROM l JOIN dsmb.review_item i ON i.look <= l.look AND i.look >= l.plan_look JOIN event e ON e.ae_id = i.ae_id AND i.look >= e.touched
), listed AS (
    SELECT i.ae_id, i.category, i.counted, f.fresh IS NOT TRUE AS waits,
           i.why || CASE WHEN f.fresh THEN '; decided, counts from the next look on' ELSE '' END AS why, i.rule, i.look, d.verdict, d.by, d.at
      FROM item i CROSS JOIN l JOIN event e ON e.ae_id = i.ae_id
      LEFT JOIN (SELECT DISTINCT ON (x.ae_id, x.category) x.* FROM decision x ORDER BY x.ae_id, x.category, x.id DESC) d
             ON d.ae_id = i.ae_id AND d.category = i.category
      CROSS JOIN LATERAL (SELECT d.at > l.at AND d.row_hash = e.hash AS fresh) f
    UNION ALL -- decided, and in no doubt
    SELECT d.ae_id, d.category,
           CASE WHEN d.name = d.category AND r.content IS NOT NULL THEN coalesce(s.verdict, d.verdict) = 'CONFIRMED' END, false,
           CASE WHEN d.at > l.at THEN 'decided, counts from the next look on'
                WHEN s.verdict IS NOT NULL OR c.verdict IS NOT NULL THEN 'decided; the trial''s own adjudication comes first'
                ELSE 'decided' END,
           NULL, CASE WHEN d.at <= l.at THEN r.look END, d.verdict, d.by, d.at
      FROM decision d CROSS JOIN l JOIN event e ON e.ae_id = d.ae_id
      LEFT JOIN judged r ON r.view = 'review' AND r.ae_id = d.ae_id AND r.name = d.name
      LEFT JOIN said s ON s.ae_id = d.ae_id AND s.name = lower(d.name)
      LEFT JOIN said c ON c.ae_id = d.ae_id AND c.name = lower(d.category)
     WHERE NOT EXISTS (SELECT FROM item i WHERE i.ae_id = d.ae_id AND i.category = d.category)
)
SELECT x.ae_id, e.content[2], x.category, x.counted, x.why, x.rule, e.content[4], e.content[5], k.cut, left(encode(e.hash, 'hex'), 12), x.waits,
       x.verdict, x.by, x.at
  FROM listed x JOIN event e ON e.ae_id = x.ae_id LEFT JOIN calendar k ON k.look = x.look
UNION ALL -- nothing to decide here: the trial database is to be mended
SELECT NULL, q.key, 'death', NULL, 'records of the death disagree: ' || string_agg(coalesce(q.column_name, 'no fatal event'), ', ' ORDER BY q.ord), NULL,
       NULL, NULL, k.cut, NULL, true, NULL, NULL, NULL
  FROM l JOIN dsmb.data_query q ON q.look = l.queries_look JOIN calendar k ON k.look = q.look
 WHERE q.code = 'DEATH_DISAGREES' GROUP BY k.cut, q.key
ORDER BY 1 NULLS LAST, 2, 3
$$;

CREATE VIEW dsmb.review_queue WITH (security_barrier) AS
SELECT r.ae_id, r.subject_id, r.category, r.counted, r.why, r.rule, r.term, r.coded_pt, r.since, r.event_row, r.waits, r.verdict,
       r.decided_by, r.decided_at
  FROM dsmb.review_list() r;

-- The content hash of an event's row as the list has it; NULL: there is no such event.
CREATE FUNCTION dsmb.review_event(ae_id text) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN c.content[21] IS DISTINCT FROM 't' AND c.content IS NOT NULL THEN encode(c.hash, 'hex') END
      FROM dsmb.snapshot_row c
     WHERE c.view = 'ae' AND c.key = review_event.ae_id COLLATE "C"
       AND c.look <= (SELECT max(k.look) FROM dsmb.look k WHERE k.kind <> 'ADHOC')
     ORDER BY c.look DESC LIMIT 1
$$;

-- The only request of this role, known to it by a handle alone: requests that others make are not to be counted.
CREATE FUNCTION dsmb.review_ask(by text, reason text, body text) RETURNS uuid LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO dsmb.request (kind, by, reason, body) VALUES ('REVIEW_DECIDE', review_ask.by, review_ask.reason, review_ask.body)
    RETURNING handle
$$;

CREATE FUNCTION dsmb.review_answer(handle uuid) RETURNS TABLE (done boolean, message text) LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
    SELECT s.done, s.message FROM dsmb.request r JOIN dsmb.request_result s ON s.request_id = r.id
     WHERE r.handle = review_answer.handle AND r.kind = 'REVIEW_DECIDE' AND r.who = session_user
$$;

REVOKE ALL ON FUNCTION dsmb.review_list(), dsmb.review_event(text), dsmb.review_ask(text, text, text), dsmb.review_answer(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dsmb.review_list() TO @review@, @closed@;
GRANT EXECUTE ON FUNCTION dsmb.review_event(text), dsmb.review_ask(text, text, text), dsmb.review_answer(uuid) TO @review@;
GRANT SELECT ON dsmb.review_queue TO @review@, @closed@;
