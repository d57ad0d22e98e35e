-- A data fault begins, changes or ends: one row each time something is new.
-- @param  open bool
-- @param  message text
INSERT INTO dsmb.data_fault (open, message)
SELECT $1::bool, $2::text
 WHERE NOT EXISTS (SELECT FROM (SELECT open, message FROM dsmb.data_fault ORDER BY id DESC LIMIT 1) f
                    WHERE f.open = $1::bool AND (NOT f.open OR f.message = $2::text))
   AND ($1::bool OR EXISTS (SELECT FROM dsmb.data_fault))
