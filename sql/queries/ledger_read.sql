-- The chain, some entries at a time.
-- @param  after int8
-- @param  count int8
-- @column seq int8
-- @column at text
-- @column kind text
-- @column who text
-- @column payload text
-- @column prev_hash text
-- @column hash text
SELECT seq, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, kind, who::text AS who, payload,
       encode(prev_hash, 'hex') AS prev_hash, encode(hash, 'hex') AS hash
  FROM dsmb.audit_ledger WHERE seq > $1 ORDER BY seq LIMIT $2
