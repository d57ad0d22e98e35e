-- Asks dsmbd for something; who asks is set by the server.
-- @param kind text
-- @param by text
-- @param reason text
-- @param body text
-- @param rules json
-- @column id int8
INSERT INTO dsmb.request (kind, by, reason, body, rule_names, rule_texts)
VALUES ($1, $2, $3, $4,
        CASE WHEN $5::json IS NOT NULL THEN ARRAY(SELECT r ->> 'name' FROM json_array_elements($5::json) WITH ORDINALITY x(r, o) ORDER BY o) END,
        CASE WHEN $5::json IS NOT NULL THEN ARRAY(SELECT r ->> 'text' FROM json_array_elements($5::json) WITH ORDINALITY x(r, o) ORDER BY o) END)
RETURNING id
