-- A report as it was written with the look.
-- @param  look int8
-- @param  audience text
-- @param  format text
-- @param  body text
-- @param  sha256 text
INSERT INTO dsmb.report (look, audience, format, body, sha256) VALUES ($1, $2, $3, $4, $5)
