-- Says how an attempt ended.
-- @param  epoch    int8
-- @param  id       uuid
-- @param  attempt  int4
-- @param  verdict  text
-- @param  code     int4
-- @param  reply    text
-- @param  again_in interval
-- @column outcome  void
SELECT dsmb_out.outcome($1, $2, $3, $4, $5, $6, $7) AS outcome
