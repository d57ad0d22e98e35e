-- The newest slot, and how many messages have not left yet.
-- @column slot int8
-- @column waiting int8
SELECT slot, (SELECT count(*) FROM dsmb_out.message WHERE state NOT IN ('sent', 'failed')) AS waiting
  FROM dsmb.slot ORDER BY n DESC LIMIT 1
