-- What dsmbd did about a request; no row while it waits.
-- @param id int8
-- @column done bool
-- @column message text
SELECT s.done, s.message FROM dsmb.audit_requests s WHERE s.id = $1 AND s.done IS NOT NULL
