-- A member's answer that was given by dsmbctl alert ack.
-- @param  member text
-- @param  decision text
-- @param  alert int8
-- @param  request_id int8
INSERT INTO dsmb.acknowledgement (member, decision, alerts, request_id) VALUES ($1, $2, ARRAY[$3::bigint], $4)
