-- What mappings over tables of cells begin with; they include it, nobody runs it.  Needs the variable `schema`, and an open transaction.
-- Functions: none can raise, whatever a cell holds, and none is volatile or asks for the time, so that the gate stays on.

CREATE SCHEMA IF NOT EXISTS :"schema";

-- Views are dropped and made again: the set of columns may have changed.
DROP VIEW IF EXISTS :"schema".subject, :"schema".arm, :"schema".ae, :"schema".meta, :"schema".randomised, :"schema".people,
    :"schema".subject_cells, :"schema".ae_cells, :"schema".subject_rows, :"schema".ae_rows, :"schema".arm_rows,
    :"schema".ae_items, :"schema".subject_items, :"schema".asked;

-- The day that an ISO 8601 text begins with; NULL when it is partial or no day.
CREATE OR REPLACE FUNCTION :"schema".to_day(x text) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN x ~ '^\s*(19|20|21)\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(T|\s|$)'
                THEN CASE WHEN substr(ltrim(x), 9, 2)::int <= (ARRAY[31,
                                   CASE WHEN substr(ltrim(x), 1, 4)::int % 4 = 0
                                         AND (substr(ltrim(x), 1, 4)::int % 100 <> 0 OR substr(ltrim(x), 1, 4)::int % 400 = 0)
                                        THEN 29 ELSE 28 END,
                                   31, 30, 31, 30, 31, 31, 30, 31, 30, 31])[substr(ltrim(x), 6, 2)::int]
                          THEN make_date(substr(ltrim(x), 1, 4)::int, substr(ltrim(x), 6, 2)::int, substr(ltrim(x), 9, 2)::int)
                     END
           END
$$;

-- The same where a contract column has no room for text: what is written and is no day becomes infinity, which no reader
-- takes for a day and which is a data query.  NULL would read as "never dosed".
SELECT format('CREATE OR REPLACE FUNCTION %1$I.day_cell(x text) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
                   SELECT CASE WHEN btrim(x) <> '''' THEN coalesce(%1$I.to_day(x), ''infinity''::date) END
               $f$', :'schema') \gexec

-- The first moment of a day, UTC, or of the day a time lies in (cast to date by the caller): not every date fits an instant.
CREATE OR REPLACE FUNCTION :"schema".midnight(x date) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN x BETWEEN '1900-01-01'::date AND '2199-12-31'::date THEN x::timestamp AT TIME ZONE 'UTC'
                WHEN x IS NOT NULL THEN 'infinity'::timestamptz END
$$;

-- Yes, no, or not answered (NULL): the words of both lists stand in capitals, with commas between; case and blanks around x
-- do not count.
CREATE OR REPLACE FUNCTION :"schema".yes_no(x text, yes text, no text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN x = ANY (string_to_array(yes, ',')) THEN true
                WHEN x = ANY (string_to_array(no, ',')) THEN false
                WHEN upper(btrim(x)) = ANY (string_to_array(yes, ',')) THEN true
                WHEN upper(btrim(x)) = ANY (string_to_array(no, ',')) THEN false END
$$;

-- 'code=word,code=word' as an object; with a constant list it is made once a query.
CREATE OR REPLACE FUNCTION :"schema".codes(list text) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(jsonb_object_agg(upper(btrim(split_part(o, '=', 1))), btrim(split_part(o, '=', 2))), '{}')
      FROM unnest(string_to_array(list, ',')) AS o WHERE o LIKE '%=%'
$$;
