-- Records a decision, of a row that the event had.  No row comes back where it never had it.
-- @param  request_id int8
-- @param  ae_id text
-- @param  name text
-- @param  category text
-- @param  verdict text
-- @param  row_hash text
-- @column id int8
INSERT INTO dsmb.review_decision (request_id, ae_id, name, category, verdict, row_hash)
SELECT $1, $2, $3, $4, $5, c.hash FROM dsmb.snapshot_row c
 WHERE c.view = 'ae' AND c.key = $2 COLLATE "C" AND NOT c.deleted AND encode(c.hash, 'hex') = $6 ORDER BY c.look DESC LIMIT 1
RETURNING id
