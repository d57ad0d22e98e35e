-- An entry of the ledger; number, time, author and hashes are the server's.
-- @param  kind text
-- @param  payload text
-- @column seq int8
INSERT INTO dsmb.ledger (kind, payload) VALUES ($1, $2) RETURNING seq
