-- A plan comes into force.
-- @param  request_id int8
-- @param  sha256 text
-- @param  text text
-- @column id int8
INSERT INTO dsmb.plan (request_id, sha256, text) VALUES ($1, $2, $3) RETURNING id
