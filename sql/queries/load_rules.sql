-- The rule files adopted with a plan.
-- @param  plan_id int8
-- @column name text
-- @column sha256 text
-- @column text text
SELECT name, sha256, text FROM dsmb.plan_files WHERE plan_id = $1 ORDER BY ord
