-- ... and is recorded as told.
-- @param  id uuid
-- @param  message_id uuid
INSERT INTO dsmb.alert_message (message_id, kind, alerts, about, member, address, sha256)
SELECT $1, 'RESEND', alerts, about, member, address, sha256 FROM dsmb.alert_message WHERE message_id = $2
