-- For everybody who may ask: nothing here tells an arm, an alert or a verdict.
-- @column cut date
-- @column read_at timestamptz
-- @column data_cutoff timestamptz
-- @column n_subjects int8
-- @column n_events int8
-- @column data_fault bool
-- @column last_fault text
-- @column beat_at timestamptz
-- @column state text
-- @column requests_waiting int8
-- @column schema_version int4
SELECT cut, read_at, data_cutoff, n_subjects, n_events, data_fault, last_fault, beat_at, state,
       requests_waiting, schema_version FROM dsmb.status
