-- The oldest request that nothing was done about.
-- @column id int8
-- @column kind text
-- @column who text
-- @column by text
-- @column reason text
-- @column body text
SELECT r.id, r.kind, r.who::text AS who, r.by, r.reason, r.body FROM dsmb.request r
 WHERE NOT EXISTS (SELECT FROM dsmb.request_result s WHERE s.request_id = r.id) ORDER BY r.id LIMIT 1
