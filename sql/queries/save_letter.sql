-- A sealed message that waits for its slot.
-- @param  message_id uuid
-- @param  look int8
-- @param  kind text
-- @param  alerts text
-- @param  about text
-- @param  member text
-- @param  address text
-- @param  sha256 text
-- @param  body bytea
INSERT INTO dsmb.letter (message_id, look, kind, alerts, about, member, address, sha256, body)
VALUES ($1, $2, $3, string_to_array($4, ',')::bigint[], string_to_array($5, E'\x1f'), $6, $7, $8, $9)
