-- Says that the relay may soon have the whole message.
-- @param  epoch int8
-- @param  id    uuid
-- @param  phase text
-- @param  lease interval
-- @column phase void
SELECT dsmb_out.phase($1, $2, $3, $4) AS phase
