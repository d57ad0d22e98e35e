-- A notice without content of the trial; one that is there already is not sent again.
-- @param  id uuid
-- @param  address text
-- @param  body bytea
INSERT INTO dsmb_out.message (id, address, not_before, body) VALUES ($1, $2, clock_timestamp(), $3)
ON CONFLICT (id) DO NOTHING
