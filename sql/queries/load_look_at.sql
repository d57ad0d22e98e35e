-- The newest look whose data were read at or before a time.
-- @param  at timestamptz
-- @column look int8
SELECT look FROM dsmb.looks WHERE read_at <= $1 ORDER BY look DESC LIMIT 1
