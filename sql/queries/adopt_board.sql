-- A board comes into force.
-- @param  request_id int8
-- @param  sha256 text
-- @param  text text
-- @param  changes text
-- @column id int8
INSERT INTO dsmb.board (request_id, sha256, text, changes) VALUES ($1, $2, $3, $4) RETURNING id
