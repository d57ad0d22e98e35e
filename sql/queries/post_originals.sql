-- Of messages asked for again: the newest that told the member of the alert, where its bytes are good for him still: it was
-- written for the present board, and did not come back.
-- @column alert int8
-- @column member text
-- @column message_id text
SELECT s.alert_id AS alert, s.member, x.message_id::text AS message_id
  FROM (SELECT DISTINCT alert_id, member FROM dsmb.alert_resend) s
  JOIN LATERAL (SELECT a.message_id FROM dsmb.alert_message a JOIN dsmb_out.message o ON o.id = a.message_id
                 WHERE a.member = s.member AND s.alert_id = ANY (a.alerts) AND a.kind IN ('ALERT', 'AMENDMENT')
                   AND a.at >= (SELECT max(b.at) FROM dsmb.board b) AND o.state <> 'failed'
                 ORDER BY a.at DESC LIMIT 1) x ON true
 ORDER BY s.alert_id, s.member
