-- Messages of the outbox that are not what was decided.
-- @column what text
SELECT message_id || ' ' || what AS what FROM dsmb.messages_changed()
