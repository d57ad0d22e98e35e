-- The bytes of a message whose lease is held.
-- @param  epoch int8
-- @param  id    uuid
-- @column body  bytea
SELECT dsmb_out.body($1, $2) AS body
