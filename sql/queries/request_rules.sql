-- The rule files that came with a request.
-- @param  id int8
-- @column name text
-- @column text text
SELECT u.name, u.text FROM dsmb.request r, unnest(r.rule_names, r.rule_texts) WITH ORDINALITY AS u(name, text, ord)
 WHERE r.id = $1 ORDER BY u.ord
