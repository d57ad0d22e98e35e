-- What was done about a request.  Said twice, the first counts.
-- @param  id int8
-- @param  done bool
-- @param  message text
INSERT INTO dsmb.request_result (request_id, done, message) VALUES ($1, $2, $3)
ON CONFLICT (request_id) DO NOTHING
