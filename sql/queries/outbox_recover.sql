-- A person's word that the mailer may go on with this store.
-- @param  who    text
-- @param  reason text
-- @column epoch  int8
INSERT INTO dsmb_out.recovery (epoch, who, reason)
SELECT coalesce(max(o.epoch), 0), $1, $2 FROM dsmb_out.office o
RETURNING epoch
