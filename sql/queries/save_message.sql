-- A message for the mailer, whole.
-- @param  id uuid
-- @param  address text
-- @param  body bytea
INSERT INTO dsmb_out.message (id, address, not_before, body) VALUES ($1, $2, clock_timestamp(), $3)
