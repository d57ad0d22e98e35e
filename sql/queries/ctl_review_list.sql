-- Events that wait for a person's decision, without arms.
-- @column ae_id text
-- @column subject_id text
-- @column category text
-- @column counted bool
-- @column why text
-- @column since date
-- @column term text
-- @column coded_pt text
-- @column event_row text
SELECT ae_id, subject_id, category, counted, why, since, term, coded_pt, event_row FROM dsmb.review_queue WHERE waits
 ORDER BY ae_id NULLS LAST, subject_id, category
