-- Who had qualified for what before a look.
-- @param  before int8
-- @column monitor text
-- @column subject_id text
-- @column look int8
SELECT monitor, subject_id, look FROM dsmb.known WHERE look < $1 ORDER BY monitor, subject_id
