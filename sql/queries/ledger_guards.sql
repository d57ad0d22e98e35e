-- Triggers that keep history, and are not there or are switched off.
-- @column what text
WITH want(nsp, tab, trig) AS (
    SELECT 'dsmb', c.relname::text, 'kept' FROM pg_class c
     WHERE c.relnamespace = 'dsmb'::regnamespace AND c.relkind = 'r' AND c.relname <> 'heart'
    UNION ALL SELECT 'dsmb', 'ledger', 'chain' UNION ALL SELECT 'dsmb', 'look', 'fence' UNION ALL SELECT 'dsmb', 'request', 'sign'
    UNION ALL SELECT 'dsmb', unnest(ARRAY['migration', 'request', 'request_result', 'plan', 'plan_rules', 'board', 'data_fault',
                                          'alert_message', 'acknowledgement', 'slot', 'report', 'unblinding']), 'seal'
    UNION ALL SELECT 'dsmb_out', 'recovery', 'seal'
    UNION ALL SELECT 'dsmb_out', unnest(ARRAY['outcome', 'ack', 'office', 'recovery']), 'added_to_only'
    UNION ALL SELECT 'dsmb_out', 'message', unnest(ARRAY['never_removed', 'bytes_never_change']))
SELECT w.nsp || '.' || w.tab || '.' || w.trig AS what FROM want w
 WHERE NOT EXISTS (SELECT FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
                    WHERE c.relnamespace = to_regnamespace(w.nsp) AND c.relname = w.tab AND t.tgname = w.trig
                      AND t.tgenabled IN ('O', 'A')) ORDER BY 1
