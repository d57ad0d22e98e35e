-- The head of a look; 0: the newest.
-- @param  look int8
-- @column look int8
-- @column kind text
-- @column cut date
-- @column read_at timestamptz
-- @column data_cutoff timestamptz
-- @column token text
-- @column snapshot text
-- @column plan_id int8
-- @column board_id int8
-- @column request_id int8
-- @column n_subjects int8
-- @column n_events int8
-- @column n_changes int8
SELECT look, kind, cut, read_at, data_cutoff, token, snapshot, plan_id, coalesce(board_id, 0) AS board_id,
       coalesce(request_id, 0) AS request_id, n_subjects, n_events, n_changes
  FROM dsmb.looks WHERE $1::int8 = 0 OR look = $1 ORDER BY look DESC LIMIT 1
