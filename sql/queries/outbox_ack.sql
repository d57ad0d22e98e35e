-- Hands over a token that came back by mail.
-- @param  token text
-- @column ack   void
SELECT dsmb_out.ack($1) AS ack
