-- A letter that waited goes to the mailer, byte by byte as it was decided.
-- @param  message_id uuid
INSERT INTO dsmb_out.message (id, address, not_before, body)
SELECT message_id, address, clock_timestamp(), body FROM dsmb.letter WHERE message_id = $1
