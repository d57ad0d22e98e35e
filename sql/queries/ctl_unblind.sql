-- Says why this session reads arms: in the ledger before the first number is seen.
-- @param  purpose text
-- @column unblind text
SELECT dsmb.unblind($1) AS unblind
