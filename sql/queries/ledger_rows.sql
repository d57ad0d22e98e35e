-- Rows that do not stand in the ledger as they are, and entries whose row is not there as it was (030_verify.sql).
-- @column what text
-- @column missing text
SELECT what, missing FROM dsmb.rows_changed()
