-- What a message's link would answer.
-- @param  hash text
-- @param  message_id uuid
-- @param  member text
-- @param  decision text
INSERT INTO dsmb.token (hash, message_id, member, decision) VALUES (decode($1, 'hex'), $2, $3, $4)
