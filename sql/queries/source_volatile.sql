-- What makes the snapshot say nothing about the contract's views: a foreign table, a volatile function, the date.
-- Follows views through their rules, and partitions.  Built-in functions leave no dependency, so the rules are searched.
-- @param  schema  text
-- @param  views   json
-- @column view    text
-- @column because text
WITH RECURSIVE r(oid, top) AS (
    SELECT c.oid, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname::text = $1 AND c.relname::text IN (SELECT json_array_elements_text($2::json))
    UNION
    SELECT x.oid, r.top
      FROM r CROSS JOIN LATERAL (
           SELECT d.refobjid AS oid FROM pg_rewrite w
             JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass
            WHERE w.ev_class = r.oid
           UNION ALL
           SELECT i.inhrelid FROM pg_inherits i WHERE i.inhparent = r.oid) x
), rules AS (
    SELECT r.top, c.relname::text AS name, w.ev_action::text AS tree
      FROM r JOIN pg_class c ON c.oid = r.oid AND c.relkind = 'v' JOIN pg_rewrite w ON w.ev_class = r.oid
)
SELECT r.top AS view, 'foreign table ' || c.oid::regclass::text AS because
  FROM r JOIN pg_class c ON c.oid = r.oid WHERE c.relkind = 'f'
UNION
SELECT u.top, 'function ' || p.oid::regprocedure::text || ' in ' || u.name
  FROM rules u, regexp_matches(u.tree, ':(?:funcid|opfuncid|aggfnoid|winfnoid) (\d+)', 'g') m
  JOIN pg_proc p ON p.oid = m[1]::oid
 WHERE p.provolatile = 'v'
    OR p.pronamespace = 'pg_catalog'::regnamespace AND p.proname IN ('now', 'transaction_timestamp', 'statement_timestamp', 'age')
       AND (p.proname <> 'age' OR p.pronargs = 1)
UNION
SELECT u.top, 'the current date or time in ' || u.name
  FROM rules u, regexp_matches(u.tree, ':op (\d+) :type (?:1082|1083|1114|1184|1266) ', 'g') m
 WHERE u.tree ~ 'SQLVALUEFUNCTION'
ORDER BY 1, 2
