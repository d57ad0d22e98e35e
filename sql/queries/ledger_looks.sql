-- Looks that have no entry in the ledger.
-- @column look int8
SELECT l.look FROM dsmb.looks l
 WHERE NOT EXISTS (SELECT FROM dsmb.audit_ledger e WHERE e.kind = 'LOOK' AND e.payload LIKE 'look ' || l.look || E'\n%')
 ORDER BY 1
