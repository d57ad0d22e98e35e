-- What the mappings of systems that keep each cell in a row of its own end with; they include it, nobody runs it.  They have
-- made subject_cells and ae_cells, a row a subject and a row an event, whose cells are text as it was entered, NULL where it
-- is blank.  Here that text becomes the contract's columns.  What cannot be read stays text where the contract has text;
-- else it becomes what no reader takes for a value (a day that is infinity, a grade of -1): a data query, never an error,
-- and never a "no".

CREATE VIEW :"schema".subject AS
SELECT s.subject_id,
       s.site_id,
       s.stratum,
       :"schema".day_cell(s.rand_date) AS rand_date,
       :"schema".day_cell(s.first_dose) AS first_dose,
       :"schema".day_cell(s.last_dose) AS last_dose,
       :"schema".day_cell(s.fu_end) AS fu_end,
       coalesce(:"schema".codes(:'fu_reasons') ->> upper(btrim(s.fu_reason)), s.fu_reason) AS fu_reason,
       s.death_date,
       -- A date says that somebody died.  A flag that is neither yes nor no is NULL: a data query.
       CASE WHEN s.death_date IS NOT NULL THEN true
            WHEN s.death_flag IS NULL THEN false
            ELSE :"schema".yes_no(s.death_flag, :'yes', :'no') END AS death_flag,
       s.updated_at
  FROM :"schema".subject_cells s;

CREATE VIEW :"schema".ae AS
SELECT a.ae_id,
       a.subject_id,
       a.subject_id || '/' || btrim(a.episode) AS episode_id,
       a.term,
       a.coded_pt,
       a.coded_soc,
       a.onset,
       a.resolved,
       -- "Not serious" is not believed where a criterion is answered with something that is neither yes nor no: then it is
       -- open, which the daemon lists.
       CASE WHEN :"schema".yes_no(a.serious, :'yes', :'no') IS FALSE
             AND ((a.s_death IS NOT NULL AND :"schema".yes_no(a.s_death, :'yes', :'no') IS NULL)
               OR (a.s_life IS NOT NULL AND :"schema".yes_no(a.s_life, :'yes', :'no') IS NULL)
               OR (a.s_hosp IS NOT NULL AND :"schema".yes_no(a.s_hosp, :'yes', :'no') IS NULL)
               OR (a.s_disab IS NOT NULL AND :"schema".yes_no(a.s_disab, :'yes', :'no') IS NULL)
               OR (a.s_cong IS NOT NULL AND :"schema".yes_no(a.s_cong, :'yes', :'no') IS NULL)
               OR (a.s_other IS NOT NULL AND :"schema".yes_no(a.s_other, :'yes', :'no') IS NULL))
            THEN NULL
            ELSE :"schema".yes_no(a.serious, :'yes', :'no') END AS serious,
       :"schema".yes_no(a.s_death, :'yes', :'no') AS s_death,
       :"schema".yes_no(a.s_life, :'yes', :'no') AS s_life,
       :"schema".yes_no(a.s_hosp, :'yes', :'no') AS s_hosp,
       :"schema".yes_no(a.s_disab, :'yes', :'no') AS s_disab,
       :"schema".yes_no(a.s_cong, :'yes', :'no') AS s_cong,
       :"schema".yes_no(a.s_other, :'yes', :'no') AS s_other,
       coalesce(:"schema".codes(:'outcomes') ->> upper(btrim(a.outcome)), a.outcome) AS outcome,
       CASE WHEN coalesce(:"schema".codes(:'grades') ->> upper(btrim(a.grade)), btrim(a.grade)) ~ '^[0-9]{1,4}$'
            THEN coalesce(:"schema".codes(:'grades') ->> upper(btrim(a.grade)), btrim(a.grade))::smallint
            WHEN a.grade IS NOT NULL THEN (-1)::smallint END AS grade,
       :"schema".yes_no(a.related, :'related_yes', :'related_no') AS related,
       :"schema".yes_no(a.expected, :'yes', :'no') AS expected,
       a.form_status,
       a.deleted,
       a.entered_at,
       a.updated_at
  FROM :"schema".ae_cells a;

CREATE VIEW :"schema".meta AS
SELECT name, value
  FROM (VALUES ('contract_version', '1'::text),
               ('trial_id', nullif(:'trial_id', '')),
               ('source', :'source'),
               ('data_cutoff', nullif(:data_cutoff_from::text, ''))) AS m(name, value)
 WHERE value IS NOT NULL;
