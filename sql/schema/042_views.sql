-- What people query.  sql/README.md has worked examples; `\d+ dsmb.NAME` shows what each column means.

-- --- documents and heads of looks: no counts by arm, no unblinding needed ---------------------------------------------

CREATE VIEW dsmb.looks AS
SELECT l.look, l.kind, l.cut, l.read_at, l.data_cutoff, l.n_subjects, l.n_events, l.n_changes, l.plan_id, l.board_id,
       l.request_id, l.token, l.snapshot, l.at
  FROM dsmb.look l;
CREATE VIEW dsmb.plans AS
SELECT p.id, p.at, p.request_id, r.by, r.reason, p.sha256, p.text
  FROM dsmb.plan p JOIN dsmb.request r ON r.id = p.request_id;
CREATE VIEW dsmb.plan_files AS SELECT f.plan_id, f.ord, f.name, f.sha256, f.text FROM dsmb.plan_rules f;
CREATE VIEW dsmb.boards AS
SELECT b.id, b.at, b.request_id, r.by, r.reason, b.sha256, b.text, b.changes
  FROM dsmb.board b JOIN dsmb.request r ON r.id = b.request_id;

-- --- closed: by arm, after SELECT dsmb.unblind('why') -----------------------------------------------------------------

CREATE VIEW dsmb.verdicts AS
SELECT v.look, v.monitor, v.ord, v.cut, v.kind, v.verdict, v.executed, v.on_correction, v.nominal, v.current_crosses,
       v.reason, v.events, v.x1, v.events - v.x1 AS x0, v.t, v.alpha_target, v.alpha_spent, v.info, v.statistic, v.bound,
       v.nominal_p, v.b2, v.seen, v.log_e, v.log_e_max, v.warn_80, v.max_events, v.overrun_p
  FROM dsmb.closed_verdict() v;

CREATE VIEW dsmb.tallies AS
SELECT t.look, l.cut, t.category, t.subtype, t.population, t.time_window, t.arm_basis, t.arm, t.arm_code, t.n, t.subjects,
       t.episodes, t.rows, t.unverified, t.suspected, t.review, t.risk_days, t.observed_days,
       CASE WHEN t.risk_days > 0 THEN 100 * t.subjects / (t.risk_days / 365.25) END AS rate_per_100py
  FROM dsmb.closed_tally() t JOIN dsmb.look l ON l.look = t.look;

CREATE VIEW dsmb.first_events AS
SELECT k.monitor, k.subject_id, k.look, l.cut FROM dsmb.closed_known() k JOIN dsmb.look l ON l.look = k.look;

CREATE VIEW dsmb.changes AS
SELECT c.view, c.key, c.look, c.deleted, c.content, encode(c.hash, 'hex') AS hash FROM dsmb.closed_snapshot_row() c;

CREATE VIEW dsmb.subjects AS
WITH v AS MATERIALIZED (
    SELECT c.view, c.key, c.look AS since, c.content,
           lead(c.look) OVER (PARTITION BY c.view, c.key ORDER BY c.look) AS until
      FROM dsmb.closed_snapshot_row() c WHERE c.view IN ('subject', 'arm'))
SELECT l.look, l.cut, s.content[1] AS subject_id, s.content[2] AS site_id, s.content[3] AS stratum,
       s.content[4]::date AS rand_date, s.content[5]::date AS first_dose, s.content[6]::date AS last_dose,
       s.content[7]::date AS fu_end, s.content[8] AS fu_reason, s.content[9] AS death_date,
       s.content[10]::boolean AS death_flag, a.content[2] AS arm_code, a.content[3] AS actual_arm_code,
       greatest(s.since, a.since) AS changed
  FROM dsmb.look l
  JOIN v s ON s.view = 'subject' AND s.since <= l.look AND (s.until > l.look OR s.until IS NULL) AND s.content IS NOT NULL
  LEFT JOIN v a ON a.view = 'arm' AND a.key = s.key AND a.since <= l.look AND (a.until > l.look OR a.until IS NULL);

CREATE VIEW dsmb.adverse_events AS
WITH v AS MATERIALIZED (
    SELECT c.view, c.key, c.look AS since, c.content,
           lead(c.look) OVER (PARTITION BY c.view, c.key ORDER BY c.look) AS until
      FROM dsmb.closed_snapshot_row() c WHERE c.view IN ('ae', 'arm'))
SELECT l.look, l.cut, e.content[1] AS ae_id, e.content[2] AS subject_id, a.content[2] AS arm_code,
       e.content[3] AS episode_id, e.content[4] AS term, e.content[5] AS coded_pt, e.content[6] AS coded_soc,
       e.content[7] AS onset, e.content[8] AS resolved, e.content[9]::boolean AS serious, e.content[10]::boolean AS s_death,
       e.content[11]::boolean AS s_life, e.content[12]::boolean AS s_hosp, e.content[13]::boolean AS s_disab,
       e.content[14]::boolean AS s_cong, e.content[15]::boolean AS s_other, e.content[16] AS outcome,
       e.content[17]::smallint AS grade, e.content[18]::boolean AS related, e.content[19]::boolean AS expected,
       e.content[20] AS form_status, e.content[21]::boolean AS deleted, e.content[22]::timestamptz AS entered_at,
       e.content[23]::timestamptz AS updated_at, e.since AS changed
  FROM dsmb.look l
  JOIN v e ON e.view = 'ae' AND e.since <= l.look AND (e.until > l.look OR e.until IS NULL) AND e.content IS NOT NULL
  LEFT JOIN v a ON a.view = 'arm' AND a.key = e.content[2] AND a.since <= l.look AND (a.until > l.look OR a.until IS NULL);

CREATE VIEW dsmb.data_queries AS
SELECT l.look, l.cut, q.look AS since, q.ord, q.code, q.view, q.key, q.column_name, q.value
  FROM dsmb.look l JOIN dsmb.closed_data_query() q ON q.look = l.queries_look;

CREATE VIEW dsmb.alerts AS
SELECT a.id, a.look, l.cut, l.kind AS look_kind, a.monitor, a.kind, a.urgency, l.at AS raised_at, coalesce(m.messages, 0) AS messages,
       coalesce(m.sent, 0) AS sent, m.states
  FROM dsmb.closed_alert() a JOIN dsmb.look l ON l.look = a.look
  LEFT JOIN (SELECT y.alert_id, count(*) AS messages, count(*) FILTER (WHERE d.state = 'sent') AS sent,
                    string_agg(DISTINCT d.state, ' ' ORDER BY d.state) AS states
               FROM dsmb.closed_alert_message() x CROSS JOIN LATERAL unnest(x.alerts) AS y(alert_id)
               LEFT JOIN dsmb.closed_message() d ON d.message_id = x.message_id
              WHERE x.kind NOT IN ('QUIET', 'TEST') GROUP BY y.alert_id) m ON m.alert_id = a.id;

CREATE VIEW dsmb.deliveries AS
SELECT y.alert_id, x.look, x.kind, x.member, x.address, x.message_id, d.queued_at, d.state, d.attempts, d.last_attempt, d.last_verdict,
       d.reply_code, d.reply, x.sha256
  FROM dsmb.closed_alert_message() x LEFT JOIN LATERAL unnest(x.alerts) AS y(alert_id) ON x.kind NOT IN ('QUIET', 'TEST') LEFT JOIN dsmb.closed_message() d ON d.message_id = x.message_id;

CREATE VIEW dsmb.acknowledgements AS
SELECT k.id, k.at, k.member, k.decision, k.alerts, k.received, k.request_id, k.message_id FROM dsmb.closed_acknowledgement() k;

CREATE VIEW dsmb.alert_resends AS
SELECT s.id, s.at, s.alert_id, s.member, s.request_id, r.by, r.reason
  FROM dsmb.closed_alert_resend() s JOIN dsmb.request r ON r.id = s.request_id;

CREATE VIEW dsmb.alert_tests AS
SELECT x.message_id, x.at AS written_at, x.member, x.address, d.state, d.last_attempt, k.at AS acknowledged_at, k.decision
  FROM dsmb.closed_alert_message() x LEFT JOIN dsmb.closed_message() d ON d.message_id = x.message_id
  LEFT JOIN (SELECT DISTINCT ON (a.message_id) a.message_id, a.at, a.decision FROM dsmb.closed_acknowledgement() a
              ORDER BY a.message_id, a.id) k ON k.message_id = x.message_id
 WHERE x.kind = 'TEST';

CREATE VIEW dsmb.reports AS
SELECT r.look, l.cut, r.audience, r.format, r.body, r.sha256, l.at
  FROM dsmb.closed_report() r JOIN dsmb.look l ON l.look = r.look;

-- --- open: pooled --------------------------------------------------------------------------------------------------------

-- Without ad hoc looks and numbers of looks: that the unblinded board ordered one is the board's.
CREATE VIEW dsmb.open_looks WITH (security_barrier) AS
SELECT l.cut, l.kind = 'FINAL' AS closing, l.read_at, l.data_cutoff, l.n_subjects, l.n_events
  FROM dsmb.look l WHERE l.kind <> 'ADHOC';

CREATE VIEW dsmb.open_reports WITH (security_barrier) AS
SELECT r.cut, r.read_at, r.data_cutoff, r.format, r.body, r.sha256, r.at FROM dsmb.open_report() r;

-- The numbers of the stored open reports themselves: what is withheld there is withheld here, and no other dates are shown.
CREATE VIEW dsmb.open_counts WITH (security_barrier) AS
SELECT r.cut, r.read_at, f.section, f.item, f."group", f.statistic, f.value, f.text
  FROM dsmb.open_report() r,
       jsonb_to_recordset(CASE jsonb_typeof(r.body::jsonb) WHEN 'array' THEN r.body::jsonb ELSE r.body::jsonb -> 'facts' END)
           AS f(section text, item text, "group" text, statistic text, value double precision, text text)
 WHERE r.format = 'json';

CREATE VIEW dsmb.open_data_queries WITH (security_barrier) AS SELECT q.code, q.n FROM dsmb.open_query() q;

-- --- audit: who did, asked for and saw what ---------------------------------------------------------------------------

CREATE VIEW dsmb.audit_ledger AS
SELECT e.seq, e.at, e.kind, e.who,
       CASE WHEN e.payload ~ '^[a-z_]+ \S+ [0-9a-f]{64}\n' OR e.kind = 'LOOK' THEN split_part(split_part(e.payload, E'\n', 1), ' ', 1) END AS about,
       CASE WHEN e.payload ~ '^[a-z_]+ \S+ [0-9a-f]{64}\n' OR e.kind = 'LOOK' THEN split_part(split_part(e.payload, E'\n', 1), ' ', 2) END AS key,
       CASE WHEN e.payload LIKE '{%' THEN e.payload::jsonb
            WHEN split_part(e.payload, E'\n', 2) LIKE '{%' THEN substr(e.payload, strpos(e.payload, E'\n') + 1)::jsonb END AS details,
       e.payload, e.prev_hash, e.hash
  FROM dsmb.ledger e;

CREATE VIEW dsmb.audit_requests AS
SELECT r.id, r.at, r.who, r.kind, r.by, r.reason, s.at AS answered_at, s.done, s.message
  FROM dsmb.request r LEFT JOIN dsmb.request_result s ON s.request_id = r.id;

CREATE VIEW dsmb.audit_disclosures AS
SELECT e.seq, e.at, e.who,
       CASE e.about WHEN 'alert_message' THEN 'message' WHEN 'unblinding' THEN 'query' ELSE e.details ->> 'kind' END AS what,
       coalesce(e.details ->> 'member', e.who::text) AS seen_by, e.details ->> 'purpose' AS purpose,
       (e.details ->> 'look')::bigint AS look, coalesce(e.details ->> 'sha256', e.details ->> 'content') AS content_sha256,
       e.details ->> 'snapshot' AS snapshot_sha256
  FROM dsmb.audit_ledger e WHERE e.kind IN ('DISCLOSURE', 'UNBLIND');

CREATE VIEW dsmb.audit_deliveries AS
SELECT m.id AS message_id, m.address, m.queued_at, m.state, m.attempts, o.attempt, o.at AS attempted_at, o.verdict, o.phase,
       o.late, o.reply_code, o.reply
  FROM dsmb_out.message m LEFT JOIN dsmb_out.outcome o ON o.message = m.id;

CREATE VIEW dsmb.audit_reports AS
SELECT r.look, l.cut, r.audience, r.format, r.sha256, l.at FROM dsmb.report r JOIN dsmb.look l ON l.look = r.look;

GRANT SELECT ON dsmb.looks TO @daemon@, @closed@, @audit@;
GRANT SELECT ON dsmb.plans, dsmb.plan_files, dsmb.boards TO @daemon@, @closed@;
GRANT SELECT ON dsmb.verdicts, dsmb.tallies, dsmb.first_events, dsmb.changes, dsmb.subjects, dsmb.adverse_events,
    dsmb.data_queries, dsmb.alerts, dsmb.alert_tests, dsmb.alert_resends, dsmb.deliveries, dsmb.acknowledgements,
    dsmb.reports TO @closed@;
GRANT SELECT ON dsmb.open_looks, dsmb.open_reports, dsmb.open_counts, dsmb.open_data_queries TO @open@, @closed@;
GRANT SELECT ON dsmb.audit_ledger, dsmb.audit_requests, dsmb.audit_disclosures, dsmb.audit_deliveries, dsmb.audit_reports
    TO @audit@, @closed@;
