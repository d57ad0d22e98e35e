-- The newest hash of the chain; no row while there is none.
-- @column seq int8
-- @column hash text
SELECT seq, encode(hash, 'hex') AS hash FROM dsmb.ledger ORDER BY seq DESC LIMIT 1
