-- Puts a disclosure into the unblinding ledger, before it is shown.
-- @param kind text
-- @param purpose text
-- @param content text
-- @param snapshot text
-- @column seq int8
SELECT dsmb.disclose($1, $2, $3, $4) AS seq
