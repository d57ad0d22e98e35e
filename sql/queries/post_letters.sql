-- Letters that wait, the newest of each member, unless a later look sent one at once.
-- @column member text
-- @column message_id text
-- @column address text
-- @column kind text
SELECT l.member, l.message_id, l.address, l.kind FROM (SELECT DISTINCT ON (l.member) l.member, l.message_id::text AS message_id, l.address, l.kind, l.look
                 FROM dsmb.letter l ORDER BY l.member, l.n DESC) l
 WHERE NOT EXISTS (SELECT FROM dsmb.alert_message a
                    WHERE a.message_id = l.message_id::uuid
                       OR (a.member = l.member AND a.look > l.look AND a.kind IN ('ALERT', 'AMENDMENT')))
 ORDER BY l.member
