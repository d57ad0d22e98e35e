-- How mail to each member went: how many messages; whether the newest that had its time did not arrive, or an older one came
-- back since the last but one was written; which may have come twice since the newest was written; when a test was written
-- to him last; when the newest was written.  A message that went again, as it was, is none of its own: it has no number.
-- @param  patience interval
-- @column member text
-- @column n int8
-- @column unreached bool
-- @column doubled int8
-- @column tested timestamptz
-- @column written timestamptz
WITH m AS (
    SELECT a.member, a.kind, a.at, coalesce(k.at, a.at) AS written, o.id, o.state, row_number() OVER w AS rn,
           count(*) FILTER (WHERE a.kind <> 'RESEND') OVER w AS n,
           max(a.at) OVER (PARTITION BY a.member) AS newest,
           o.state IN ('sent', 'failed') OR a.at < clock_timestamp() - $1::interval AS ripe
      FROM dsmb.alert_message a JOIN dsmb_out.message o ON o.id = a.message_id
      LEFT JOIN dsmb.letter l ON l.message_id = a.message_id LEFT JOIN dsmb.look k ON k.look = l.look -- one that waited for its slot
    WINDOW w AS (PARTITION BY a.member ORDER BY o.number))
SELECT m.member, max(m.n) AS n,
       coalesce((array_agg(m.state ORDER BY m.rn DESC) FILTER (WHERE m.ripe))[1], 'sent') <> 'sent'
       OR EXISTS (SELECT FROM m b JOIN dsmb_out.outcome x ON x.message = b.id AND x.verdict = 'bounced'
                   WHERE b.member = m.member AND x.at > coalesce((SELECT c.at FROM m c WHERE c.member = m.member
                                                                   ORDER BY c.rn DESC OFFSET 1 LIMIT 1), '-infinity')) AS unreached,
       coalesce(max(m.n) FILTER (WHERE EXISTS (SELECT FROM dsmb_out.outcome x
                                                 WHERE x.message = m.id AND x.verdict = 'uncertain' AND x.at > m.newest)), 0)
           AS doubled,
       max(m.at) FILTER (WHERE m.kind = 'TEST') AS tested,
       max(m.written) FILTER (WHERE m.kind <> 'RESEND') AS written
  FROM m GROUP BY m.member ORDER BY m.member
