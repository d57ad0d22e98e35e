-- Which message tells whom of which alerts.
-- @param  message_id uuid
-- @param  look int8
-- @param  slot int8
-- @param  kind text
-- @param  alerts text
-- @param  about text
-- @param  member text
-- @param  address text
-- @param  sha256 text
INSERT INTO dsmb.alert_message (message_id, look, slot, kind, alerts, about, member, address, sha256)
VALUES ($1, $2, $3, $4, string_to_array($5, ',')::bigint[], string_to_array($6, E'\x1f'), $7, $8, $9)
