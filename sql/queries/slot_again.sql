-- A message goes to the mailer once more, byte by byte, under an id of its own.
-- @param  id uuid
-- @param  message_id uuid
INSERT INTO dsmb_out.message (id, address, not_before, body)
SELECT $1, address, clock_timestamp(), body FROM dsmb_out.message WHERE id = $2
