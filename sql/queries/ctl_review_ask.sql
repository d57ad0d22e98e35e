-- Asks dsmbd to record a decision; who asks is set by the server.
-- @param  by text
-- @param  reason text
-- @param  body text
-- @column handle text
SELECT dsmb.review_ask($1, $2, $3)::text AS handle
