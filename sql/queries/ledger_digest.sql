-- Digests of all that one look wrote: what its ledger entry holds, and what verify recomputes (030_verify.sql).
-- @param  look int8
-- @column part text
-- @column n int8
-- @column digest text
SELECT part, n, digest FROM dsmb.look_digest($1)
