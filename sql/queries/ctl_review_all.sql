-- Events that wait for a person's decision, and those that were decided, without arms.
-- @column ae_id text
-- @column subject_id text
-- @column category text
-- @column counted bool
-- @column why text
-- @column since date
-- @column term text
-- @column coded_pt text
-- @column event_row text
-- @column waits bool
-- @column verdict text
-- @column decided_by text
-- @column decided_at timestamptz
SELECT ae_id, subject_id, category, counted, why, since, term, coded_pt, event_row, waits, verdict, decided_by, decided_at
  FROM dsmb.review_queue ORDER BY ae_id NULLS LAST, subject_id, category, decided_at
