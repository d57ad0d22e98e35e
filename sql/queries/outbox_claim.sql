-- Take office (epoch NULL) or claim the next message that is due.
-- @param  epoch          int8
-- @param  lease          interval
-- @param  anchor_number  int8
-- @param  anchor_id      uuid
-- @param  anchor_epoch   int8
-- @column granted        bool
-- @column epoch          int8
-- @column anchor_known   bool
-- @column recovery_epoch int8
-- @column last_number    int8
-- @column last_id        text
-- @column id             text
-- @column address        text
-- @column attempt        int4
-- @column resend         bool
-- @column wait_us        int8
-- @column silent         bool
SELECT granted, epoch, anchor_known, recovery_epoch, last_number, last_id::text, id::text, address, attempt, resend,
       (extract(epoch FROM wait) * 1000000)::bigint AS wait_us, silent
  FROM dsmb_out.claim($1, $2, $3, $4, $5)
