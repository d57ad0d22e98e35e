-- What people decided of events and did not take back, by event and name.
-- @column ae_id text
-- @column name text
-- @column verdict text
-- @column at timestamptz
-- @column row_hash bytea
SELECT d.ae_id, d.name, d.verdict, d.at, d.row_hash
  FROM (SELECT DISTINCT ON (x.ae_id, x.name) x.* FROM dsmb.review_decision x ORDER BY x.ae_id, x.name, x.id DESC) d
 WHERE d.verdict <> 'TAKEN_BACK' ORDER BY d.ae_id, d.name
