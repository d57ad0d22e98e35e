-- One rule file of a plan.
-- @param  plan_id int8
-- @param  ord int4
-- @param  name text
-- @param  sha256 text
-- @param  text text
INSERT INTO dsmb.plan_rules (plan_id, ord, name, sha256, text) VALUES ($1, $2, $3, $4, $5)
