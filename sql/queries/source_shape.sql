-- What a schema offers of the contract's views; one row of NULLs for an empty schema, none where there is no schema.
-- Domains are followed to the type beneath.
-- @param  schema     text
-- @param  views      json
-- @column may_enter  bool
-- @column view       text
-- @column may_read   bool
-- @column column     text
-- @column type       text
-- @column category   text
SELECT has_schema_privilege(n.oid, 'USAGE') AS may_enter, c.relname::text AS view,
       has_table_privilege(c.oid, 'SELECT') OR has_any_column_privilege(c.oid, 'SELECT') AS may_read,
       a.attname::text AS "column",
       format_type(t.base, NULL) AS type, t.category::text AS category
  FROM pg_namespace n
  LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'v', 'm', 'f', 'p')
        AND c.relname::text IN (SELECT json_array_elements_text($2::json))
  LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN LATERAL (
        WITH RECURSIVE d(oid, base, typtype, category) AS (
            SELECT p.oid, p.typbasetype, p.typtype, p.typcategory FROM pg_type p WHERE p.oid = a.atttypid
            UNION ALL
            SELECT p.oid, p.typbasetype, p.typtype, p.typcategory FROM d JOIN pg_type p ON p.oid = d.base WHERE d.typtype = 'd')
        SELECT d.oid AS base, d.category FROM d WHERE d.typtype <> 'd' LIMIT 1) t ON true
 WHERE n.nspname::text = $1
 ORDER BY c.relname, a.attnum
