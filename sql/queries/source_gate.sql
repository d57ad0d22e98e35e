-- Where the trial database stands.  On a standby the replay position counts, on a primary the snapshot.  The server's start
-- is part of it: a crash can lose commits that were not synchronous, and their numbers are given out again.
-- @column in_recovery bool
-- @column token       text
-- @column now         timestamptz
SELECT pg_is_in_recovery() AS in_recovery,
       s.system_identifier || '/' || c.timeline_id || '/' ||
       extract(epoch FROM pg_postmaster_start_time())::bigint || '/' ||
       CASE WHEN pg_is_in_recovery() THEN coalesce(pg_last_wal_replay_lsn()::text, '')
            ELSE pg_current_snapshot()::text END AS token,
       clock_timestamp() AS now
  FROM pg_control_system() s, pg_control_checkpoint() c
