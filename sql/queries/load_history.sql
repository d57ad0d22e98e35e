-- The past of one monitor, before a look.
-- @param  monitor text
-- @param  before int8
-- @column look int8
-- @column cut date
-- @column kind text
-- @column verdict text
-- @column executed bool
-- @column on_correction bool
-- @column nominal bool
-- @column current_crosses bool
-- @column reason text
-- @column events int8
-- @column x1 int8
-- @column t float8
-- @column alpha_target float8
-- @column alpha_spent float8
-- @column info float8
-- @column statistic float8
-- @column bound float8
-- @column nominal_p float8
-- @column b2 text
-- @column seen text
-- @column log_e float8
-- @column log_e_max float8
-- @column warn_80 bool
-- @column max_events int8
-- @column overrun_p float8
SELECT look, cut, kind, verdict, executed, on_correction, nominal, current_crosses, reason, events, x1, t, alpha_target,
       alpha_spent, info, statistic, bound, nominal_p, b2::text AS b2, seen::text AS seen, log_e, log_e_max, warn_80,
       max_events, overrun_p
  FROM dsmb.verdict WHERE monitor = $1 AND look < $2 ORDER BY look
