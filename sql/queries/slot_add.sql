-- A slot begins: its messages follow in the same transaction.
-- @param  slot int8
-- @param  look int8
-- @param  epoch int8
-- @column n int8
INSERT INTO dsmb.slot (slot, look, epoch) VALUES ($1, $2, $3) RETURNING n
