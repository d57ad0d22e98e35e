-- The content hash of an event's row, as the list of this role has it; NULL: there is no such event.
-- @param  ae_id text
-- @column hash text
SELECT dsmb.review_event($1) AS hash
