-- One alert, a row for each message that tells of it and for each time that a person asked for it again, for a session that has
-- unblinded.
-- @param  id int8
-- @column id int8
-- @column look int8
-- @column cut date
-- @column monitor text
-- @column kind text
-- @column urgency text
-- @column raised_at timestamptz
-- @column member text
-- @column address text
-- @column state text
-- @column attempts int4
-- @column queued_at timestamptz
-- @column last_attempt timestamptz
-- @column last_verdict text
-- @column reply_code int4
-- @column reply text
-- @column message text
SELECT a.id, a.look, a.cut, a.monitor, a.kind, a.urgency, a.raised_at, d.member, d.address, d.state, d.attempts, d.queued_at,
       d.last_attempt, d.last_verdict, d.reply_code, d.reply, d.message
  FROM dsmb.alerts a
  LEFT JOIN (SELECT v.alert_id, v.member, v.address, v.state, v.attempts, v.queued_at, v.last_attempt, v.last_verdict, v.reply_code,
                    v.reply, v.kind AS message
               FROM dsmb.deliveries v
             UNION ALL
             SELECT s.alert_id, s.member, NULL, NULL, NULL, s.at, NULL, NULL, NULL, NULL, 'asked by ' || s.by || ': ' || s.reason
               FROM dsmb.alert_resends s) d ON d.alert_id = a.id
 WHERE a.id = $1 ORDER BY d.member, d.queued_at
