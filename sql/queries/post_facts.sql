-- What was recorded of each alert and member, in the order of recording.
-- @column alert int8
-- @column member text
-- @column event text
-- @column at timestamptz
SELECT f.alert, f.member, f.event, f.at
  FROM (SELECT unnest(a.alerts) AS alert, unnest(a.about) AS member,
               CASE a.kind WHEN 'ESCALATION' THEN 'escalate' WHEN 'REMINDER' THEN 'resend' WHEN 'RESEND' THEN 'resend' ELSE 'queue' END AS event, a.at,
               0 AS ord
          FROM dsmb.alert_message a WHERE a.kind NOT IN ('QUIET', 'TEST')
        UNION ALL
        SELECT unnest(a.alerts), a.member, CASE o.verdict WHEN 'sent' THEN 'send' WHEN 'failed' THEN 'refuse' WHEN 'bounced' THEN 'bounce' ELSE 'doubt' END,
               o.at, 1
          FROM dsmb.alert_message a JOIN dsmb_out.outcome o ON o.message = a.message_id
         WHERE a.kind IN ('ALERT', 'AMENDMENT', 'REMINDER', 'RESEND') AND o.verdict <> 'retry'
        UNION ALL
        SELECT unnest(k.alerts), k.member, 'acknowledge', k.at, 2 FROM dsmb.acknowledgement k
        UNION ALL
        SELECT s.alert_id, s.member, 'ask', s.at, 3 FROM dsmb.alert_resend s) f
 ORDER BY f.at, f.ord
