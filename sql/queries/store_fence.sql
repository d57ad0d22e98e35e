-- Is this still the newest dsmbd?
-- @param  epoch int8
-- @column mine bool
SELECT coalesce(max(epoch), 0) = $1 AS mine FROM dsmb.epoch
