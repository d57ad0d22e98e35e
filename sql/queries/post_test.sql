-- When a test of the mail to the board was asked for last.
-- @column asked timestamptz
SELECT s.at AS asked FROM dsmb.request r JOIN dsmb.request_result s ON s.request_id = r.id
 WHERE r.kind = 'ALERT_TEST' AND s.done ORDER BY r.id DESC LIMIT 1
