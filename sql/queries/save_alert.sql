-- An alert; the leader numbers them without gaps.
-- @param  look int8
-- @param  monitor text
-- @param  kind text
-- @param  urgency text
-- @column id int8
INSERT INTO dsmb.alert (id, look, monitor, kind, urgency)
SELECT coalesce(max(id), 0) + 1, $1, $2, $3, $4 FROM dsmb.alert RETURNING id
