-- An alert's message is to go to a member again.
-- @param  request_id int8
-- @param  alert int8
-- @param  member text
INSERT INTO dsmb.alert_resend (request_id, alert_id, member) VALUES ($1, $2, $3)
