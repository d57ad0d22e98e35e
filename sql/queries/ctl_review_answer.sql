-- What dsmbd did about a decision; no row while it waits.
-- @param  handle uuid
-- @column done bool
-- @column message text
SELECT a.done, a.message FROM dsmb.review_answer($1) a
