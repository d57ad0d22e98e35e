-- A new dsmbd leads: from now on only it may write.
-- @column epoch int8
INSERT INTO dsmb.epoch DEFAULT VALUES RETURNING epoch
