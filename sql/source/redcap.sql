-- The source contract (version 1) over REDCap's table of cells (redcap_data; redcap_data2 ... where a project stands in one of
-- those), in PostgreSQL: a copy, or a foreign table.  Run it again after a change of names: the views are made anew, and
-- granted anew.
--
--     psql -d TRIALDB -v ON_ERROR_STOP=1 -f sql/source/redcap.sql
--     psql -d TRIALDB -v role=dsmb_reader -v arms=yes -f sql/setup/source.sql
--
-- The names below can stand in a file of your own (\set project 17, and so on), which outlives an upgrade of this one:
--     psql -d TRIALDB -v ON_ERROR_STOP=1 -f names.sql -f sql/source/redcap.sql
--
-- Copy in one transaction (DELETE and COPY, or a new table that is renamed), so that no reading finds half of it, and write
-- down when: see data_cutoff_from.  A foreign table has no snapshot that dsmbd could compare: every poll reads everything.
-- The server must not log values of the one who copies, arms are among them.

-- --- names: edit here, nowhere else ---------------------------------------------------------------------------------
-- the schema of REDCap's tables, the table of cells, and the schema to make
\if :{?redcap}       \else \set redcap redcap \endif
\if :{?data}         \else \set data redcap_data \endif
\if :{?schema}       \else \set schema dsmb_source \endif
-- project_id of the trial; of the project that holds the arms, where that is another one with the same records
\if :{?project}      \else \set project 0 \endif
\if :{?arm_project}  \else \set arm_project :project \endif
\if :{?trial_id}     \else \set trial_id '' \endif
-- ISO date or instant the data are current to; empty: unknown.  data_cutoff_from: an SQL expression instead, such as
-- (SELECT max(copied_at) FROM redcap.copied)
\if :{?data_cutoff}  \else \set data_cutoff '' \endif
\if :{?data_cutoff_from} \else \set data_cutoff_from :'data_cutoff' \endif
-- field whose value is what reports call a subject, and which never changes; empty: the record's name, which REDCap can
-- change: all its events then vanish and come again under other names
\if :{?subject_name} \else \set subject_name '' \endif
-- field that every screened person has: without a day of randomisation and an arm that is a screen failure, whose events are
-- none of the trial's; empty: such events are data queries
\if :{?screened}     \else \set screened '' \endif

-- Fields; empty: not asked.  FIELD=CODE: one choice of a checkbox.  An event is one instance of ae_form.
\if :{?ae_form}      \else \set ae_form adverse_event \endif
\if :{?ae_term}      \else \set ae_term aeterm \endif
\if :{?ae_pt}        \else \set ae_pt '' \endif
\if :{?ae_soc}       \else \set ae_soc '' \endif
\if :{?ae_onset}     \else \set ae_onset aestdat \endif
\if :{?ae_resolved}  \else \set ae_resolved aeendat \endif
\if :{?ae_serious}   \else \set ae_serious aeser \endif
\if :{?ae_death}     \else \set ae_death aesdth \endif
\if :{?ae_life}      \else \set ae_life aeslife \endif
\if :{?ae_hosp}      \else \set ae_hosp aeshosp \endif
\if :{?ae_disab}     \else \set ae_disab aesdisab \endif
\if :{?ae_cong}      \else \set ae_cong aescong \endif
\if :{?ae_other}     \else \set ae_other aesmie \endif
\if :{?ae_outcome}   \else \set ae_outcome aeout \endif
\if :{?ae_grade}     \else \set ae_grade aesev \endif
\if :{?ae_related}   \else \set ae_related aerel \endif
\if :{?ae_expected}  \else \set ae_expected '' \endif
-- what re-reports of one episode share
\if :{?ae_episode}   \else \set ae_episode '' \endif
-- further fields of ae_form, with commas between: an instance that has one of them filled in is not empty
\if :{?ae_more}      \else \set ae_more '' \endif
-- Of subjects, in any form.  Who has an arm or a day of randomisation is randomised
\if :{?arm}          \else \set arm rand_arm \endif
\if :{?actual_arm}   \else \set actual_arm '' \endif
\if :{?site}         \else \set site __GROUPID__ \endif
\if :{?stratum}      \else \set stratum '' \endif
\if :{?rand_date}    \else \set rand_date rand_date \endif
\if :{?first_dose}   \else \set first_dose exstdat \endif
\if :{?last_dose}    \else \set last_dose exendat \endif
\if :{?fu_end}       \else \set fu_end dsstdat \endif
\if :{?fu_reason}    \else \set fu_reason dsdecod \endif
\if :{?death_date}   \else \set death_date dthdat \endif
\if :{?death_flag}   \else \set death_flag '' \endif

-- What codes mean, in capitals.  Yes and no; codes of missing data that stand for no answer
\if :{?yes}          \else \set yes '1,Y,YES,TRUE' \endif
\if :{?no}           \else \set no '0,N,NO,FALSE' \endif
\if :{?unanswered}   \else \set unanswered 'NI,NA,UNK,NASK,ASKU,NAV,MSK,NP' \endif
-- code=word of the contract; what is not listed stays as it is, and is a data query if dsmbd does not know it
\if :{?outcomes}     \else \set outcomes '1=RECOVERED/RESOLVED,2=RECOVERING/RESOLVING,3=NOT RECOVERED/NOT RESOLVED,4=RECOVERED/RESOLVED WITH SEQUELAE,5=FATAL,6=UNKNOWN' \endif
\if :{?grades}       \else \set grades 'MILD=1,MODERATE=2,SEVERE=3,LIFE-THREATENING=4,FATAL=5' \endif
\if :{?fu_reasons}   \else \set fu_reasons '1=COMPLETED,2=WITHDRAWN,3=LOST,4=DEATH,5=OTHER' \endif
\if :{?related_yes}  \else \set related_yes '1,Y,YES,RELATED,PROBABLE,PROBABLY RELATED,POSSIBLE,POSSIBLY RELATED,DEFINITE,CERTAIN' \endif
\if :{?related_no}   \else \set related_no '0,N,NO,NONE,NOT RELATED,UNRELATED,REMOTE,UNLIKELY,UNLIKELY RELATED' \endif
-- status of a form: 0 incomplete, 1 unverified, 2 complete
\if :{?form_complete} \else \set form_complete '2' \endif
-- --------------------------------------------------------------------------------------------------------------------

\set ON_ERROR_STOP on
\set source 'REDCap'
-- what a choice of a checkbox reads as; in C order the larger one counts where both are found
\set yes :yes ',TICKED'
\set no :no ',OTHER'
SET client_min_messages = warning;

-- Columns and tables that not every installation has.
SELECT CASE WHEN bool_or(column_name = 'instance') THEN 'coalesce(d.instance, 1)' ELSE '1' END AS instance
  FROM information_schema.columns WHERE table_schema = :'redcap' AND table_name = :'data' \gset
SELECT coalesce(bool_or(table_name = 'redcap_locking_data'), false) AS has_locking,
       CASE WHEN bool_or(table_name = 'redcap_locking_data') THEN 'l.record IS NOT NULL' ELSE 'false' END AS locked,
       coalesce(bool_or(table_name = 'redcap_metadata'), false) AS has_metadata
  FROM information_schema.tables WHERE table_schema = :'redcap' \gset

BEGIN;
\ir begin.sql

-- Which fields are asked for: part, their number in that part, the name above, field, and the choice of a checkbox.
CREATE VIEW :"schema".asked AS
SELECT n.part, n.col, n.name, btrim(split_part(o.one, '=', 1)) AS field, nullif(btrim(split_part(o.one, '=', 2)), '') AS choice
  FROM (VALUES ('ae', 1, 'ae_term', :'ae_term'), ('ae', 2, 'ae_pt', :'ae_pt'), ('ae', 3, 'ae_soc', :'ae_soc'),
               ('ae', 4, 'ae_onset', :'ae_onset'), ('ae', 5, 'ae_resolved', :'ae_resolved'),
               ('ae', 6, 'ae_serious', :'ae_serious'), ('ae', 7, 'ae_death', :'ae_death'), ('ae', 8, 'ae_life', :'ae_life'),
               ('ae', 9, 'ae_hosp', :'ae_hosp'), ('ae', 10, 'ae_disab', :'ae_disab'), ('ae', 11, 'ae_cong', :'ae_cong'),
               ('ae', 12, 'ae_other', :'ae_other'), ('ae', 13, 'ae_outcome', :'ae_outcome'),
               ('ae', 14, 'ae_grade', :'ae_grade'), ('ae', 15, 'ae_related', :'ae_related'),
               ('ae', 16, 'ae_expected', :'ae_expected'), ('ae', 17, 'ae_episode', :'ae_episode'),
               ('ae', 0, 'ae_more', :'ae_more'), ('ae', -1, 'ae_form', :'ae_form' || '_complete'),
               ('subject', 1, 'stratum', :'stratum'), ('subject', 2, 'rand_date', :'rand_date'),
               ('subject', 3, 'first_dose', :'first_dose'), ('subject', 4, 'last_dose', :'last_dose'),
               ('subject', 5, 'fu_end', :'fu_end'), ('subject', 6, 'fu_reason', :'fu_reason'),
               ('subject', 7, 'death_date', :'death_date'), ('subject', 8, 'death_flag', :'death_flag'),
               ('subject', 9, 'site', :'site'), ('subject', 10, 'subject_name', :'subject_name'),
               ('subject', 11, 'screened', :'screened'),
               ('arm', 1, 'arm', :'arm'), ('arm', 2, 'actual_arm', :'actual_arm')) AS n(part, col, name, fields),
       unnest(string_to_array(n.fields, ',')) AS o(one)
 WHERE btrim(o.one) <> '';

-- Wrong names stop here, all of them told.  A name that is not found would read as a form that nobody fills in.  Without
-- REDCap's own list of fields a name can only be looked for among the cells, where an empty form has none: a warning.
SELECT format('DO $say$ BEGIN RAISE EXCEPTION USING MESSAGE = %L, HINT = %L; END $say$',
              'names that cannot be: ' || string_agg(wrong, '; '),
              'Edit them at the top of redcap.sql, or in your file of names; a field that your forms do not have: empty.')
  FROM (SELECT 'ae_term: no field is named' AS wrong WHERE btrim(:'ae_term') = ''
        UNION ALL SELECT 'arm: no field is named' WHERE btrim(:'arm') = ''
        UNION ALL SELECT format('project: %s is no project_id: a number above 0', :'project')
         WHERE :'project' !~ '^[1-9][0-9]*$'
        UNION ALL SELECT format('arm_project: %s is no project_id: a number above 0', :'arm_project')
         WHERE :'arm_project' !~ '^[1-9][0-9]*$'
\if :has_metadata
        UNION ALL SELECT format('%s: project %s has no field %s', a.name, p.id, a.field)
          FROM :"schema".asked a, LATERAL (SELECT CASE WHEN a.part = 'arm' THEN :'arm_project' ELSE :'project' END) AS p(id)
         WHERE a.field <> '__GROUPID__'
           AND NOT EXISTS (SELECT FROM :"redcap".redcap_metadata m WHERE m.project_id::text = p.id AND m.field_name = a.field)
\endif
       ) w
HAVING count(*) > 0 \gexec
\if :has_metadata
\else
SELECT format('DO $say$ BEGIN RAISE WARNING USING MESSAGE = %L, HINT = %L; END $say$',
              format('%s: no record of project %s has a field %s', a.name, p.id, a.field),
              'Is it spelled as in the data dictionary?')
  FROM :"schema".asked a CROSS JOIN LATERAL (SELECT CASE WHEN a.part = 'arm' THEN :'arm_project' ELSE :'project' END) AS p(id)
  LEFT JOIN (SELECT DISTINCT d.project_id::text AS id, d.field_name AS field FROM :"redcap".:"data" d
              WHERE d.field_name IN (SELECT field FROM :"schema".asked)) f ON f.id = p.id AND f.field = a.field
 WHERE f.id IS NULL AND a.field <> '__GROUPID__'
 ORDER BY a.part, a.col \gexec
\endif

-- What is known of subjects: one pass over their cells.  The list of fields is asked for as well as joined: only so does the
-- server see how few of all cells it is about, and use an index.
CREATE VIEW :"schema".subject_rows AS
SELECT d.record COLLATE "C" AS record,
       max(d.value COLLATE "C") FILTER (WHERE a.col = 1) AS stratum,
       max(d.value COLLATE "C") FILTER (WHERE a.col = 2) AS rand_date,
       min(d.value COLLATE "C") FILTER (WHERE a.col = 3) AS first_dose,
       max(d.value COLLATE "C") FILTER (WHERE a.col = 4) AS last_dose,
       max(d.value COLLATE "C") FILTER (WHERE a.col = 5) AS fu_end,
       max(d.value COLLATE "C") FILTER (WHERE a.col = 6) AS fu_reason,
       max(d.value COLLATE "C") FILTER (WHERE a.col = 7) AS death_date,
       max(CASE WHEN a.choice IS NULL THEN d.value WHEN d.value = a.choice THEN 'TICKED' ELSE 'OTHER' END COLLATE "C")
           FILTER (WHERE a.col = 8) AS death_flag,
       max(d.value COLLATE "C") FILTER (WHERE a.col = 9) AS site,
       min(d.value COLLATE "C") FILTER (WHERE a.col = 10) AS subject_name,
       coalesce(bool_or(a.col = 11), false) AS screened
  FROM :"redcap".:"data" d
  JOIN :"schema".asked a ON a.part = 'subject' AND a.field = d.field_name
 WHERE d.project_id = :'project' AND d.field_name = ANY (ARRAY (SELECT field FROM :"schema".asked WHERE part = 'subject'))
   AND btrim(d.value) <> '' AND d.value <> ALL (string_to_array(:'unanswered', ','))
 GROUP BY d.record COLLATE "C";

CREATE VIEW :"schema".arm_rows AS
SELECT d.record COLLATE "C" AS record,
       max(d.value COLLATE "C") FILTER (WHERE a.col = 1) AS code,
       min(d.value COLLATE "C") FILTER (WHERE a.col = 1) AS other_code,
       max(d.value COLLATE "C") FILTER (WHERE a.col = 2) AS actual_code
  FROM :"redcap".:"data" d
  JOIN :"schema".asked a ON a.part = 'arm' AND a.field = d.field_name
 WHERE d.project_id = :'arm_project' AND d.field_name = ANY (ARRAY (SELECT field FROM :"schema".asked WHERE part = 'arm'))
   AND btrim(d.value) <> ''
 GROUP BY d.record COLLATE "C";

-- Every record of which something is known; one that is only known to have an arm is a subject without a day.
CREATE VIEW :"schema".people AS
SELECT coalesce(s.record, a.record) AS record, coalesce(s.subject_name, s.record, a.record) AS subject_id,
       s.rand_date IS NOT NULL OR a.code IS NOT NULL AS randomised, coalesce(s.screened, false) AS screened,
       s.site, s.stratum, s.rand_date, s.first_dose, s.last_dose, s.fu_end, s.fu_reason, s.death_date, s.death_flag
  FROM :"schema".subject_rows s
  FULL JOIN :"schema".arm_rows a USING (record);

CREATE VIEW :"schema".subject_cells AS
SELECT p.subject_id, p.site AS site_id, p.stratum, p.rand_date, p.first_dose, p.last_dose, p.fu_end, p.fu_reason, p.death_date,
       p.death_flag, NULL::timestamptz AS updated_at
  FROM :"schema".people p
 WHERE p.randomised;

-- Two arms of one record, in two events say, are two rows: a data query.
CREATE VIEW :"schema".arm AS
SELECT p.subject_id, c.code AS arm_code, a.actual_code AS actual_arm_code
  FROM :"schema".arm_rows a
  JOIN :"schema".people p USING (record)
 CROSS JOIN LATERAL (SELECT a.code UNION SELECT a.other_code) AS c(code)
 WHERE a.code IS NOT NULL;

-- The text of a coded cell, NULL where there is no answer.
SELECT format('CREATE OR REPLACE FUNCTION %1$I.answer(value text, choice text) RETURNS text
                   LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
                   SELECT CASE WHEN btrim(value) = '''' OR value = ANY (string_to_array(%2$L, '','')) THEN NULL
                               WHEN choice IS NULL THEN value
                               WHEN choice = btrim(value) THEN ''TICKED''
                               ELSE ''OTHER'' END
               $f$', :'schema', :'unanswered') \gexec

-- An event is all cells of one (record, event_id, instance): one pass over them.  The first instance is stored as NULL.  What
-- was emptied leaves its status behind: the event stays, with all of it gone.  Of two values of one field (the table has no
-- key) the larger counts: 1 before 0.
CREATE VIEW :"schema".ae_rows AS
SELECT d.record COLLATE "C" AS record, d.event_id, :instance AS instance,
       coalesce(bool_or(a.col >= 0 AND btrim(d.value) <> ''), false) AS filled,
       max(d.value COLLATE "C") FILTER (WHERE a.col = -1) AS status,
       max(d.value COLLATE "C") FILTER (WHERE a.col = 1 AND btrim(d.value) <> '') AS term,
       max(d.value COLLATE "C") FILTER (WHERE a.col = 2 AND btrim(d.value) <> '') AS coded_pt,
       max(d.value COLLATE "C") FILTER (WHERE a.col = 3 AND btrim(d.value) <> '') AS coded_soc,
       max(:"schema".answer(d.value, a.choice) COLLATE "C") FILTER (WHERE a.col = 4) AS onset,
       max(:"schema".answer(d.value, a.choice) COLLATE "C") FILTER (WHERE a.col = 5) AS resolved,
       max(:"schema".answer(d.value, a.choice) COLLATE "C") FILTER (WHERE a.col = 6) AS serious,
       max(:"schema".answer(d.value, a.choice) COLLATE "C") FILTER (WHERE a.col = 7) AS s_death,
       max(:"schema".answer(d.value, a.choice) COLLATE "C") FILTER (WHERE a.col = 8) AS s_life,
       max(:"schema".answer(d.value, a.choice) COLLATE "C") FILTER (WHERE a.col = 9) AS s_hosp,
       max(:"schema".answer(d.value, a.choice) COLLATE "C") FILTER (WHERE a.col = 10) AS s_disab,
       max(:"schema".answer(d.value, a.choice) COLLATE "C") FILTER (WHERE a.col = 11) AS s_cong,
       max(:"schema".answer(d.value, a.choice) COLLATE "C") FILTER (WHERE a.col = 12) AS s_other,
       max(:"schema".answer(d.value, a.choice) COLLATE "C") FILTER (WHERE a.col = 13) AS outcome,
       max(:"schema".answer(d.value, a.choice) COLLATE "C") FILTER (WHERE a.col = 14) AS grade,
       max(:"schema".answer(d.value, a.choice) COLLATE "C") FILTER (WHERE a.col = 15) AS related,
       max(:"schema".answer(d.value, a.choice) COLLATE "C") FILTER (WHERE a.col = 16) AS expected,
       max(:"schema".answer(d.value, a.choice) COLLATE "C") FILTER (WHERE a.col = 17) AS episode
  FROM :"redcap".:"data" d
  JOIN :"schema".asked a ON a.part = 'ae' AND a.field = d.field_name
 WHERE d.project_id = :'project' AND d.field_name = ANY (ARRAY (SELECT field FROM :"schema".asked WHERE part = 'ae'))
 GROUP BY d.record COLLATE "C", d.event_id, :instance;

CREATE VIEW :"schema".ae_cells AS
SELECT coalesce(p.subject_id, r.record) || '/' || r.event_id || '/' || r.instance AS ae_id,
       coalesce(p.subject_id, r.record) AS subject_id,
       r.term, r.coded_pt, r.coded_soc, r.onset, r.resolved, r.serious, r.s_death, r.s_life, r.s_hosp, r.s_disab, r.s_cong,
       r.s_other, r.outcome, r.grade, r.related, r.expected, r.episode,
       CASE WHEN :locked THEN 'LOCKED'
            WHEN btrim(r.status) = ANY (string_to_array(:'form_complete', ',')) THEN 'COMPLETE'
            ELSE 'INCOMPLETE' END AS form_status,
       NOT r.filled AS deleted,
       NULL::timestamptz AS entered_at,
       NULL::timestamptz AS updated_at
  FROM :"schema".ae_rows r
  LEFT JOIN :"schema".people p USING (record)
\if :has_locking
  LEFT JOIN (SELECT DISTINCT k.record COLLATE "C" AS record, k.event_id, coalesce(k.instance, 1) AS instance
               FROM :"redcap".redcap_locking_data k
              WHERE k.project_id = :'project' AND k.form_name = :'ae_form') l USING (record, event_id, instance)
\endif
 -- an event of nobody stays, as a data query; one of a screen failure does not
 WHERE p.randomised IS NOT FALSE OR NOT p.screened;

\ir cells.sql
COMMIT;
