-- Who may do what in schema dsmb.  The mailer may nothing here: see 020_outbox.sql.

-- Neither here nor in the open views: looks that the board ordered, and numbers of looks, which would count them.
CREATE VIEW dsmb.status WITH (security_barrier) AS
SELECT l.cut, l.read_at, l.data_cutoff, l.n_subjects, l.n_events,
       coalesce((SELECT f.open FROM dsmb.data_fault f ORDER BY f.id DESC LIMIT 1), false) AS data_fault,
       (SELECT f.message FROM dsmb.data_fault f WHERE f.open ORDER BY f.id DESC LIMIT 1) AS last_fault,
       h.at AS beat_at, h.state,
       (SELECT count(*) FROM dsmb.request r WHERE NOT EXISTS
           (SELECT FROM dsmb.request_result s WHERE s.request_id = r.id)) AS requests_waiting,
       (SELECT max(version) FROM dsmb.migration) AS schema_version
  FROM dsmb.heart h LEFT JOIN (SELECT * FROM dsmb.look WHERE kind <> 'ADHOC' ORDER BY look DESC LIMIT 1) l ON true;

REVOKE ALL ON SCHEMA dsmb FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA dsmb FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA dsmb FROM PUBLIC;
GRANT USAGE ON SCHEMA dsmb TO @daemon@, @closed@, @open@, @audit@, @review@;

GRANT SELECT ON ALL TABLES IN SCHEMA dsmb TO @daemon@;
GRANT INSERT ON dsmb.request_result, dsmb.plan, dsmb.plan_rules, dsmb.board, dsmb.epoch, dsmb.look, dsmb.snapshot_row,
    dsmb.tally, dsmb.verdict, dsmb.known, dsmb.alert, dsmb.slot, dsmb.alert_message, dsmb.letter, dsmb.token,
    dsmb.acknowledgement, dsmb.alert_resend, dsmb.data_query, dsmb.review_item, dsmb.review_decision,
    dsmb.data_fault, dsmb.report TO @daemon@;
GRANT INSERT (kind, payload) ON dsmb.ledger TO @daemon@;
GRANT EXECUTE ON FUNCTION dsmb.beat(timestamptz, text, interval) TO @daemon@;

-- What this role reads it reads through the views of 042_views.sql, those by arm only after dsmb.unblind().
GRANT SELECT (id) ON dsmb.request TO @closed@;
GRANT INSERT (kind, by, reason, body, rule_names, rule_texts) ON dsmb.request TO @closed@;
GRANT EXECUTE ON FUNCTION dsmb.disclose(text, text, text, text) TO @closed@;

GRANT SELECT ON dsmb.status TO @closed@, @open@, @audit@, @review@;

GRANT SELECT ON dsmb.ledger, dsmb.request, dsmb.request_result, dsmb.migration TO @audit@;
GRANT SELECT (look, kind, cut, read_at, data_cutoff, token, snapshot, plan_id, board_id, request_id, n_subjects,
    n_events, n_changes, epoch, at) ON dsmb.look TO @audit@;
