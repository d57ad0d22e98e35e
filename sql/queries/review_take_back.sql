-- Takes back what was decided of an event.  No row comes back where nothing was.
-- @param  request_id int8
-- @param  ae_id text
-- @param  name text
-- @column id int8
INSERT INTO dsmb.review_decision (request_id, ae_id, name, category, verdict)
SELECT $1, d.ae_id, d.name, d.category, 'TAKEN_BACK'
  FROM (SELECT x.* FROM dsmb.review_decision x WHERE x.ae_id = $2 COLLATE "C" AND x.name = $3 COLLATE "C" ORDER BY x.id DESC LIMIT 1) d
 WHERE d.verdict <> 'TAKEN_BACK'
RETURNING id
