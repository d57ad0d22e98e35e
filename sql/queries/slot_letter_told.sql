-- ... and is recorded as told.
-- @param  message_id uuid
-- @param  slot int8
INSERT INTO dsmb.alert_message (message_id, slot, kind, alerts, about, member, address, sha256)
SELECT message_id, $2, kind, alerts, about, member, address, sha256 FROM dsmb.letter WHERE message_id = $1
