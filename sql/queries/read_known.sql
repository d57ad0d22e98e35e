-- Who had qualified for what before a look, for a session that has unblinded.
-- @param  before int8
-- @column monitor text
-- @column subject_id text
-- @column look int8
SELECT monitor, subject_id, look FROM dsmb.first_events WHERE look < $1 ORDER BY monitor, subject_id
