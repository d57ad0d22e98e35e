-- A sign of life: overwrites the last.
-- @param  now timestamptz
-- @param  state text
-- @param  patience interval
-- @column beat void
SELECT dsmb.beat($1, $2, $3) AS beat
