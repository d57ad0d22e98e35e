-- Which list of data queries holds.
-- @column queries_look int8
-- @column queries_hash text
SELECT queries_look, queries_hash FROM dsmb.look ORDER BY look DESC LIMIT 1
