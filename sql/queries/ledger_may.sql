-- May this role compare tables with the ledger?
-- @column all bool
SELECT has_function_privilege('dsmb.look_digest(bigint)', 'EXECUTE') AS "all"
