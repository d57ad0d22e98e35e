-- The newest stored open report, of those whose data were read by a time where one is given.
-- @param  by timestamptz
-- @param  format text
-- @column body text
-- @column sha256 text
SELECT body, sha256 FROM dsmb.open_reports
 WHERE ($1::timestamptz IS NULL OR read_at <= $1) AND format = $2
 ORDER BY at DESC LIMIT 1
