-- All alerts, in the order they were raised, for a session that has unblinded.
-- @column id int8
-- @column look int8
-- @column monitor text
-- @column kind text
-- @column urgency text
SELECT id, look, monitor, kind, urgency FROM dsmb.alerts ORDER BY id
