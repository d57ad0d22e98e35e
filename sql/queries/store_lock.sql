-- Takes the lead, or does not.  The lock is the session's: it ends with the connection.
-- @column got bool
SELECT pg_try_advisory_lock(1685286242, 10) AS got
