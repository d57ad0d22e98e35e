-- Records what came in: who, when, what, of which alerts.  A token is good for once; one that was never issued for nothing.
INSERT INTO dsmb.acknowledgement (member, decision, alerts, token, message_id, received)
SELECT t.member, t.decision, coalesce(m.alerts, '{}'), t.hash, t.message_id, a.at
  FROM dsmb_out.ack a JOIN dsmb.token t ON t.hash = sha256(convert_to(a.token, 'UTF8'))
  LEFT JOIN dsmb.alert_message m ON m.message_id = t.message_id
 WHERE NOT EXISTS (SELECT FROM dsmb.acknowledgement k WHERE k.token = t.hash) ORDER BY a.n
