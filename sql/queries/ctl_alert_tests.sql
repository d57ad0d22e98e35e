-- Test messages and who answered them, the newest last, for a session that has unblinded.
-- @column written_at timestamptz
-- @column member text
-- @column address text
-- @column state text
-- @column last_attempt timestamptz
-- @column acknowledged_at timestamptz
-- @column decision text
SELECT written_at, member, address, state, last_attempt, acknowledged_at, decision FROM dsmb.alert_tests ORDER BY written_at, member
