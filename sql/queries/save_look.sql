-- The head of a look.
-- @param  look int8
-- @param  kind text
-- @param  cut date
-- @param  read_at timestamptz
-- @param  data_cutoff timestamptz
-- @param  token text
-- @param  snapshot text
-- @param  plan_id int8
-- @param  board_id int8
-- @param  request_id int8
-- @param  n_subjects int8
-- @param  n_events int8
-- @param  n_changes int8
-- @param  queries_look int8
-- @param  queries_hash text
-- @param  epoch int8
INSERT INTO dsmb.look (look, kind, cut, read_at, data_cutoff, token, snapshot, plan_id, board_id, request_id, n_subjects,
                       n_events, n_changes, queries_look, queries_hash, epoch)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, nullif($9::int8, 0), nullif($10::int8, 0), $11, $12, $13, $14, $15, $16)
