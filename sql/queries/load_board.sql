-- An adopted board; 0: the newest.
-- @param  id int8
-- @column id int8
-- @column sha256 text
-- @column text text
SELECT id, sha256, text FROM dsmb.boards WHERE $1::int8 = 0 OR id = $1 ORDER BY id DESC LIMIT 1
