-- What was changed of the board, oldest first.
-- @column at timestamptz
-- @column by text
-- @column changes text
SELECT b.at, r.by, b.changes FROM dsmb.board b JOIN dsmb.request r ON r.id = b.request_id WHERE b.changes <> '' ORDER BY b.id
